"""The page's own files: words in every language, colours people can read, nothing that its policy forbids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatui.web.front_page import STATIC, front_page, gradio_assets
from chatui.web.wording import en, zh

SCRIPTS = sorted(STATIC.glob("*.js"))
STYLES = sorted(STATIC.glob("*.css"))
ADMIN_SCRIPTS = sorted((STATIC / "admin").glob("*.js"))
PLACEHOLDER = re.compile(r"\{(\w+)\}")
SAID = re.compile(r'\bsay\(\s*"(\w+)"')
SAID_BY_STATE = re.compile(r"\bsay\(`(\w+)_\$\{")
GROUNDS = ("ground", "surface", "soft", "raised")
TEXTS = ("text", "text-second", "text-fact", "accent-text", "green", "amber", "red")
CODE_TEXTS = ("code-keyword", "code-string", "code-number", "code-name", "code-comment")


def test_every_language_has_every_word_with_the_same_places_to_fill() -> None:
    assert en.PAGE.keys() == zh.PAGE.keys()
    for key, word in en.PAGE.items():
        assert sorted(PLACEHOLDER.findall(word)) == sorted(PLACEHOLDER.findall(zh.PAGE[key])), key


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_says_only_words_that_there_are(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert not set(SAID.findall(text)) - en.PAGE.keys()
    for family in SAID_BY_STATE.findall(text):
        assert any(key.startswith(f"{family}_") for key in en.PAGE), family


def test_no_word_is_left_over() -> None:
    text = "".join(script.read_text(encoding="utf-8") for script in SCRIPTS)
    families = tuple(f"{family}_" for family in SAID_BY_STATE.findall(text))
    quoted = set(re.findall(r'"(\w+)"', text))
    kinds = {"send", "send_hint", "stop", "stop_hint", "starter"}
    unsaid = {key for key in en.PAGE if key not in quoted | kinds and not key.startswith((*families, "starter_"))}
    assert unsaid == set()


@pytest.mark.parametrize("path", [*SCRIPTS, *ADMIN_SCRIPTS, *STYLES], ids=lambda path: path.name)
def test_files_stay_short_and_keep_to_the_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert not re.search(r"\beval\(|new Function|https?://(?!www\.w3\.org/2000/svg)|outerHTML =|document\.write", text)
    assert "innerHTML =" not in text or path.name == "body.js"


def test_the_front_page_holds_no_inline_script_and_names_gradio() -> None:
    page = front_page()
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.search(r'src="/assets/[^"]+\.js"', page)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)


def test_a_gradio_that_starts_otherwise_is_found_out() -> None:
    with pytest.raises(RuntimeError):
        gradio_assets("<html><script src='/elsewhere.js'></script></html>")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_every_ground(scheme: str) -> None:
    colours = _tokens()[scheme]
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [(text, "surface") for text in CODE_TEXTS] + [("on-accent", "accent"), ("text-fact", "hover")]
    poor = {pair: round(ratio, 2) for pair in pairs if (ratio := _contrast(*(colours[name] for name in pair))) < 4.5}
    assert poor == {}


def _tokens() -> dict[str, dict[str, str]]:
    text = (STATIC / "tokens.css").read_text(encoding="utf-8")
    pairs = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", text)
    return {"light": {name: light for name, light, _ in pairs}, "dark": {name: dark for name, _, dark in pairs}}


def _contrast(one: str, other: str) -> float:
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
