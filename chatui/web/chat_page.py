"""The chat page as Gradio sees it: a layout of empty places. What people watch there is drawn by the page's own script.

No component has a listener: a generation never belongs to a Gradio event, and the page lives under a policy without
inline script.
"""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr


@dataclass(frozen=True, slots=True)
class ChatPage:
    """The places of the page; the script finds each by its element id, which is the field's name."""

    samovar: gr.Row
    sidebar: gr.Column
    stage: gr.Column
    topbar: gr.Column
    banners: gr.Column
    reading: gr.Column
    foot: gr.Column


def lay_out() -> ChatPage:
    """Lay the places out, inside an open `gr.Blocks`."""
    with gr.Row(elem_id="samovar") as samovar:
        sidebar = gr.Column(elem_id="sidebar")
        with gr.Column(elem_id="stage") as stage:
            topbar = gr.Column(elem_id="topbar")
            banners = gr.Column(elem_id="banners")
            reading = gr.Column(elem_id="reading")
            foot = gr.Column(elem_id="foot")
    return ChatPage(samovar, sidebar, stage, topbar, banners, reading, foot)
