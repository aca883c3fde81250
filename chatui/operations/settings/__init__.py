"""What an admin may set while the app runs: what there is, what holds now, and how it is changed."""
