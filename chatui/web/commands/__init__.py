"""What a tab can ask for over the live line: one file a theme, each with a table from the word to its handler."""
