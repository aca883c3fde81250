"""What is searched and what is searched for become the same words, and nothing typed becomes syntax."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.excerpts import excerpt_of
from storage.terms import Term, match_of, terms_of
from storage.words import runs_in, words_in

SCOPE = "0123456789ab"
texts = st.text(st.sampled_from("aZ9é_ \"'*%(-\n\0ßｱ茶喝时の한ﷺ½\u0301\ud800🫖"), max_size=60) | st.text(max_size=60)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("How many Cups? HOW?", ["how", "many", "cups"]),
        ("snake_case, don't 3.11", ["snake", "case", "don", "t", "3", "11"]),
        ("Café Straße ｶﾌｪ", ["cafe", "strasse", "カフェ"]),
        ("喝茶时间", ["喝茶", "茶时", "时间", "间"]),
        ("用API喝茶", ["用", "api", "喝茶", "茶"]),
        ("お茶のみ", ["お茶", "茶の", "のみ", "み"]),
        ("a" * 50, ["a" * 40]),
        (" \n\0%*\"'🫖", []),
    ],
)
def test_the_words_of_a_text(text: str, words: list[str]) -> None:
    assert words_in(text) == words


@given(st.text(st.characters(max_codepoint=127), max_size=200))
def test_plain_text_has_the_words_that_other_text_has(text: str) -> None:
    assert words_in(text) == list(dict.fromkeys(run.folded for run in runs_in(text)))


def found(term: Term, words: list[str]) -> bool:
    """Do by hand what the index does with a term."""
    wanted = [match[len(SCOPE) + 1 :] for match in term.match(SCOPE).split(" AND ")]
    return all(
        any(word.startswith(each[:-2]) if each.endswith("*") else word == each[:-1] for word in words)
        for each in wanted
    )


@given(texts, st.data())
def test_any_word_and_any_part_of_a_run_is_found(text: str, data: st.DataObject) -> None:
    for run in runs_in(text):
        start, end = 0, run.end - run.start
        if run.is_unspaced:
            start = data.draw(st.integers(0, end - 1))
            end = data.draw(st.integers(start + 1, end))
        for term in terms_of(text[run.start + start : run.start + end]):
            assert found(term, words_in(text))
            assert list(term.places_in(run))


@given(texts)
def test_nothing_typed_is_syntax(typed: str) -> None:
    match = match_of(terms_of(typed), SCOPE)
    assert re.fullmatch(rf'("{SCOPE}[0-9A-Za-z\x80-\U0010ffff]+"\*?( AND |$))*', match)


@pytest.mark.parametrize(
    ("typed", "match"),
    [
        ("Sam", f'"{SCOPE}sam"*'),
        ("sam ", f'"{SCOPE}sam"'),
        ("a", f'"{SCOPE}a"'),
        ("tea tea", f'"{SCOPE}tea" AND "{SCOPE}tea"*'),
        ("tea OR sam", f'"{SCOPE}tea" AND "{SCOPE}or" AND "{SCOPE}sam"*'),
        ("茶", f'"{SCOPE}茶"*'),
        ("喝茶时", f'"{SCOPE}喝茶" AND "{SCOPE}茶时"'),
    ],
)
def test_what_is_asked_of_the_index(typed: str, match: str) -> None:
    assert match_of(terms_of(typed), SCOPE) == match


def test_the_longest_question_is_bounded() -> None:
    assert len(terms_of("tea " * 10_000 + "sam " * 10_000)) == 1
    assert len(terms_of(" ".join(f"w{n}" for n in range(10_000)))) == 16
    assert len(match_of(terms_of("茶" * 10_000), SCOPE)) < 1_000


def test_an_excerpt_marks_the_hits() -> None:
    text = "How many CUPS?\n\n  我们喝茶时间 a cup"
    assert excerpt_of(text, terms_of("cup")) == ("How many ", "CUPS", "? 我们喝茶时间 a ", "cup", "")
    assert excerpt_of(text, terms_of("茶时 many")) == ("How ", "many", " CUPS? 我们喝", "茶时", "间 a cup")
    assert excerpt_of("nothing here", terms_of("tea")) == ("nothing here",)


def test_an_excerpt_of_a_long_text_begins_at_a_word_before_the_hit() -> None:
    first, hit, last = excerpt_of("leaf " * 100 + "samovar" + " leaf" * 100, terms_of("samovar"))
    assert first == "…" + "leaf " * 11
    assert hit == "samovar"
    assert last.endswith("…")
    assert len(first + hit + last) < 210


@given(texts, texts)
def test_an_excerpt_is_the_text(text: str, typed: str) -> None:
    pieces = excerpt_of(text, terms_of(typed))
    assert "".join(pieces) == re.sub(r"\s+", " ", text) or any(mark.isspace() for mark in text)
    assert len(pieces) % 2 == 1
    assert all(hit and hit in text for hit in pieces[1::2])
