"""The frame in which diagrams are drawn: GET /diagrams, a page with a policy of its own and nothing in it but Mermaid.

Mermaid comes with Gradio, among the files that it serves anyway; the browser loads it when the first diagram is there.
What it makes of a text that a model wrote never stands in the page of a chat: it is measured in this frame, which may
ask nobody for anything, and shown as a picture, in which nothing runs.
"""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from chatui.web.paths import DIAGRAMS

# Found without importing Gradio, which takes seconds and is done beside everything else.
_ASSETS: Final = Path(str(distribution("gradio").locate_file("gradio/templates/frontend/assets")))


def diagram_routes() -> APIRouter:
    """The one route. RuntimeError when this version of Gradio brings no Mermaid, or more than one."""
    page = _PAGE.format(mermaid=f"/assets/{mermaid_of(_ASSETS)}")
    routes = APIRouter(include_in_schema=False)

    @routes.get(DIAGRAMS)
    async def frame() -> HTMLResponse:
        return HTMLResponse(page)

    return routes


def mermaid_of(assets: Path) -> str:
    """Find the name of Mermaid's file among those that Gradio serves."""
    found = [file.name for file in assets.glob("mermaid.core-*.js")]
    if len(found) != 1:
        raise RuntimeError(f"this version of Gradio brings Mermaid in another way: {found}")
    return found[0]


_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="samovar-mermaid" content="{mermaid}">
<title>Samovar</title>
<link rel="icon" href="data:,">
<script type="module" src="/ui/diagrams/frame.js"></script>
</head>
<body></body>
</html>
"""
