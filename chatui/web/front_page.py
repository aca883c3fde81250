"""The first HTML of the page: drawn before Gradio starts, so that people see the page's frame at once and no other.

Gradio's own first page paints its logo until its scripts are there, and half of it is inline script, which the page's
policy forbids. This one names the same assets, and before them the styles, the words and the script of the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from chatui.web.wording import en, zh

STATIC: Final = Path(__file__).parent / "static"
"""Served under `/ui/` by the app."""

PERSON: Final = "{person}"

_STYLES: Final = (
    *("tokens", "page", "topbar", "hearth", "sidebar", "list", "found", "transcript", "waiting", "branches"),
    *(
        "prose",
        "composer",
        "empty",
        "overlay",
        "dialogs",
        "passing",
        "input",
        "library",
        "sharing",
        "columns",
        "diagrams",
        "files",
    ),
)
_EARLY: Final = "early.js"
"""Runs before anything is drawn; the others are modules, which wait."""
_ASSET: Final = re.compile(r'(?:src|href)="\.?(/assets/[^"]+\.(?:js|css))"')


def front_page() -> str:
    """Write the page: plain HTML without inline script, made once, when the app is built.

    The same for everybody but for `PERSON`, which stands for the person's id.
    """
    scripts = sorted(file.name for file in STATIC.glob("*.js") if file.name != _EARLY)
    return _PAGE.format(
        person=PERSON,
        viewport="viewport-fit=cover, interactive-widget=resizes-content",
        words=escape(json.dumps({"en": en.PAGE, "zh": zh.PAGE}, ensure_ascii=False)),
        styles="\n".join(f'<link rel="stylesheet" href="/ui/{name}.css">' for name in _STYLES),
        modules="\n".join(f'<link rel="modulepreload" href="/ui/{name}">' for name in scripts),
        gradio="\n".join(_tag(asset) for asset in gradio_assets(_gradio_page())),
    )


def _gradio_page() -> str:
    spec = find_spec("gradio")  # its place is all that is wanted, not its import
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "templates" / "frontend" / "index.html").read_text(encoding="utf-8")


def gradio_assets(page: str) -> Sequence[str]:
    """Find the script and the style sheet that start Gradio in its own first page; RuntimeError when it names none."""
    assets = _ASSET.findall(page)
    if not any(asset.endswith(".js") for asset in assets):
        raise RuntimeError("this version of Gradio starts in another way: its first page names no script in /assets/")
    return assets


def _tag(asset: str) -> str:
    if asset.endswith(".css"):
        return f'<link rel="stylesheet" href="{asset}">'
    return f'<script type="module" src="{asset}"></script>'


_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, {viewport}">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#fcfbf9" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#1c1b19" media="(prefers-color-scheme: dark)">
<meta name="robots" content="noindex">
<meta name="samovar-person" content="{person}">
<meta name="samovar-words" content="{words}">
<title>Samovar</title>
<script src="/ui/early.js"></script>
<link rel="icon" href="/ui/mark.svg" type="image/svg+xml">
{styles}
{modules}
<script type="module" src="/ui/app.js"></script>
{gradio}
</head>
<body>
<div id="hearth" aria-hidden="true">
<div class="hearth-list"></div>
<div class="hearth-stage"><div class="hearth-box"></div></div>
</div>
<gradio-app control_page_title="false" embed="false" eager="true"></gradio-app>
</body>
</html>
"""
