"""What it costs a program to ask through the app instead of asking the model server itself."""
