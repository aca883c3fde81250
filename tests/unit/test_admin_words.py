"""The admin's pages say the same in every language, and no two of them fight over a word."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import chatui.web
from chatui.web.admin.tabs import TABS
from chatui.web.front_page import STATIC
from chatui.web.pages import Say
from chatui.web.wording.admin import PARTS, admin_words

PLACEHOLDER = re.compile(r"\{(\w+)\}")
SAID = re.compile(r"\bsay\(\s*[\"'](\w+)[\"']")
SCRIPTS = sorted((STATIC / "admin").glob("*.js"))
TEMPLATES = sorted((Path(chatui.web.__file__).parent / "templates").glob("*.html"))


def test_every_language_has_every_word_with_the_same_places_to_fill() -> None:
    english, chinese = admin_words("en"), admin_words("zh")
    assert english.keys() == chinese.keys()
    for key, word in english.items():
        assert sorted(PLACEHOLDER.findall(word)) == sorted(PLACEHOLDER.findall(chinese[key])), key


@pytest.mark.parametrize("language", PARTS)
def test_a_word_belongs_to_one_page(language: str) -> None:
    keys = Counter(key for part in PARTS[language] for key in part)
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("language", PARTS)
def test_tabs_have_a_name(language: str) -> None:
    say = Say(language)
    assert len({say(tab.word) for tab in TABS}) == len(TABS)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_template_says_only_words_that_there_are(template: Path) -> None:
    say = Say("en")
    for key in SAID.findall(template.read_text(encoding="utf-8")):
        assert key in say or key.endswith("_"), key


def test_scripts_say_only_words_that_there_are() -> None:
    words = admin_words("en")
    for script in SCRIPTS:
        assert set(SAID.findall(script.read_text(encoding="utf-8"))) <= words.keys(), script.name
