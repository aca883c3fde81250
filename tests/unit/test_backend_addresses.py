"""URLs of backends as people write them."""

from __future__ import annotations

import pytest

from chatui.backends.addresses import BackendAddress, clean_url, parse_backend, parse_ollama_host
from chatui.backends.base import BackendKind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://gpu-box:11434", BackendAddress("http://gpu-box:11434")),
        (" http://GPU-Box:11434/ ", BackendAddress("http://gpu-box:11434")),
        ("ollama=http://10.0.0.5:11434", BackendAddress("http://10.0.0.5:11434", BackendKind.OLLAMA)),
        ("openai=https://llm.example/v1/", BackendAddress("https://llm.example", BackendKind.OPENAI)),
        ("http://host:8080/team/v1", BackendAddress("http://host:8080/team")),
        ("http://host:80", BackendAddress("http://host")),
        ("http://[::1]:11434", BackendAddress("http://[::1]:11434")),
        ("http://host/a=b", BackendAddress("http://host/a=b")),
    ],
)
def test_good_backends(text: str, expected: BackendAddress) -> None:
    assert parse_backend(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "begin with http"),
        ("gpu-box:11434", "begin with http"),
        ("ftp://host", "begin with http"),
        ("file:///etc/passwd", "begin with http"),
        ("vllm=http://host", "none of them"),
        ("embedded=http://host", "none of them"),
        ("http://", "no host"),
        ("http://:11434", "no host"),
        ("http://me:secret@host", "user name"),
        ("http://host:99999", "cannot be read"),
        ("http://host:0", "port 0"),
        ("http://host:port", "cannot be read"),
        ("http://[::1", "cannot be read"),
        ("http://host?key=1", "no ?"),
        ("http://host#top", "no ?"),
        ("http://ho st", "space"),
        ("http://host\n.evil", "space"),
        (f"http://{'a' * 64}.example", "no host that can be read"),
        ("http://a..b", "no host that can be read"),
        ("http://0177.0.0.1", "no host that can be read"),
        ("http://\u2460.0.0.1", "no host that can be read"),
    ],
)
def test_bad_backends_are_told_in_one_sentence(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("?", r"\?")) as told:
        parse_backend(text)

    sentence = str(told.value)
    assert sentence.endswith(".")
    assert "secret" not in sentence


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("gpu-box", "http://gpu-box:11434"),
        ("gpu-box:8000", "http://gpu-box:8000"),
        (":8000", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("http://0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("::", "http://127.0.0.1:11434"),
        ("::1", "http://[::1]:11434"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("http://gpu-box", "http://gpu-box"),
        ("https://gpu-box", "https://gpu-box"),
        ("https://gpu-box/ollama/", "https://gpu-box/ollama"),
        (" gpu-box ", "http://gpu-box:11434"),
    ],
)
def test_the_forms_of_ollama_host(value: str, expected: str) -> None:
    assert parse_ollama_host(value) == BackendAddress(expected, BackendKind.OLLAMA)


@pytest.mark.parametrize("value", ["host:port", "me@host", "ftp://host", "host:99999", "ho st"])
def test_bad_forms_of_ollama_host(value: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse_ollama_host(value)


def test_an_address_is_named_by_host_port_and_path() -> None:
    assert parse_backend("http://gpu-box:11434").name == "gpu-box:11434"
    assert parse_backend("https://gpu-box/ollama").name == "gpu-box/ollama"


def test_cleaning_twice_changes_nothing() -> None:
    for text in ("http://Host:80/v1/", "https://h:8443/x/v1", "http://[::1]:9/"):
        assert clean_url(clean_url(text)) == clean_url(text)
