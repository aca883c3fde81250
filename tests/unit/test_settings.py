from __future__ import annotations

import pytest

from chatui.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SAMOVAR_PORT", "SAMOVAR_BACKEND", "SAMOVAR_WORKERS", "OLLAMA_HOST", "OLLAMA_MAX_WORKERS"):
        monkeypatch.delenv(name, raising=False)


def test_flags_win_over_the_environment_and_it_over_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMOVAR_PORT", "8001")
    assert load_settings([]).port == 8001
    assert load_settings(["--port", "8002"]).port == 8002
    monkeypatch.delenv("SAMOVAR_PORT")
    assert load_settings([]).port == 7860


def test_backends_can_be_repeated_and_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(["--backend", "http://a", "--backend", "http://b"]).backend == ("http://a", "http://b")
    monkeypatch.setenv("SAMOVAR_BACKEND", "http://a, http://b http://c")
    assert load_settings([]).backend == ("http://a", "http://b", "http://c")


def test_workers_has_the_alias_that_articles_use(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings([]).workers == "auto"
    monkeypatch.setenv("OLLAMA_MAX_WORKERS", "3")
    assert load_settings([]).workers == 3
    monkeypatch.setenv("SAMOVAR_WORKERS", "2")
    assert load_settings([]).workers == 2


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--port", "70000"], "--port '70000'"),
        (["--workers", "0"], "--workers '0'"),
        (["--sign-up", "sometimes"], "--sign-up 'sometimes'"),
        (["--log-level", "loud"], "debug, info, warning or error"),
        (["--unknown"], "unrecognized arguments"),
        (["--port"], "expected one argument"),
    ],
)
def test_what_is_wrong_is_one_sentence(flags: list[str], said: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings(flags)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]
