"""The same questions through this app and through what else is put in front of a model server, side by side."""
