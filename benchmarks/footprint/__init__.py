"""What the app takes of a machine: time to start, memory, processor while idle, disk, beside a plain Gradio page."""
