"""The Gradio app: its theme, the page that is mounted, and how."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import gradio as gr
from gradio import blocks

from chatui.web.chat_page import lay_out
from chatui.web.front_page import STATIC


def build_chat_page() -> gr.Blocks:
    """Build the page: no state, no listeners, nothing that opens a connection of its own."""
    with _without_servers(), gr.Blocks(title="Samovar", analytics_enabled=False) as demo:
        lay_out()
    return demo


@contextmanager
def _without_servers() -> Iterator[None]:
    """Have Gradio build none of its servers: it makes two of them on the way to a page, of 90 routes each.

    What serves the page is the third one, which is made when the page is mounted.
    """
    kept, blocks.App = blocks.App, _NoServer
    try:
        yield
    finally:
        blocks.App = kept


class _NoServer:
    """Stands where Gradio has its server."""

    @staticmethod
    def create_app(*_: object, **__: object) -> None:
        """Make nothing."""


def quiet_theme() -> gr.themes.Base:
    """Make the theme of stone greys and copper, in the system's fonts: nothing is loaded for it."""
    families = (
        "system-ui",
        "-apple-system",
        "Segoe UI",
        "PingFang SC",
        "Microsoft YaHei",
        "Noto Sans CJK SC",
        "sans-serif",
    )
    sans = [gr.themes.Font(name) for name in families]
    mono = [gr.themes.Font(name) for name in ("ui-monospace", "Menlo", "Consolas", "monospace")]
    theme = gr.themes.Base(primary_hue="orange", neutral_hue="stone", font=sans, font_mono=mono)
    return theme.set(
        body_background_fill="#fcfbf9",
        body_background_fill_dark="#1c1b19",
        body_text_color="#1f1d1a",
        body_text_color_dark="#ece8e1",
        color_accent="#b4572a",
    )


MOUNT: Final[dict[str, Any]] = {
    "theme": quiet_theme(),
    "favicon_path": str(STATIC / "mark.svg"),
    "footer_links": [],
    "run_history": False,
    "enable_monitoring": False,
    "ssr_mode": False,
    "show_error": False,
}
"""What `gr.mount_gradio_app` takes besides the app, the page and the path."""
