"""What it takes to have many people watch answers grow, against a plain `gr.ChatInterface`."""
