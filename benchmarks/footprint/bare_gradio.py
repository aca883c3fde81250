"""A plain `gr.ChatInterface` that echoes, as Gradio's first example has it; prints its address once it is served."""

from __future__ import annotations

import threading

import gradio as gr


def answer(message: str, _history: list[object]) -> str:
    """Say it again."""
    return message


if __name__ == "__main__":
    _, url, _ = gr.ChatInterface(answer).launch(prevent_thread_lock=True, quiet=True)
    print(f"on {url}", flush=True)
    threading.Event().wait()
