"""What can be kept as a prompt."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatui.conversations.prompt import LONGEST_NAME, LONGEST_TEXT, PromptFlaw, draft_from
from chatui.domain.errors import PromptRefused


@given(st.text(), st.text())
def test_whatever_is_typed_is_kept_within_its_bounds_or_refused(name: str, text: str) -> None:
    try:
        draft = draft_from(name, text, shared=False)
    except PromptRefused as refusal:
        assert not name.split() or not text.strip() or len(" ".join(name.split())) > LONGEST_NAME
        assert refusal.flaw in set(PromptFlaw)  # noqa: PT017
    else:
        assert 1 <= len(draft.name) <= LONGEST_NAME
        assert 1 <= len(draft.text) <= LONGEST_TEXT
        assert draft_from(draft.name, draft.text, shared=False) == draft
