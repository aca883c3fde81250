"""What becomes of other programs' conversations: their trees as trees of ours, whatever is in the file."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.conversations.importing import archive, items
from chatui.conversations.importing.archive import texts_in
from chatui.conversations.importing.fields import LONGEST_ANSWER, LONGEST_QUESTION, moment_of
from chatui.conversations.importing.flaws import ImportFlaw, LeftOut, Unusable
from chatui.conversations.importing.formats import origin_from
from chatui.conversations.importing.items import items_in
from chatui.conversations.importing.origin import PLAIN_MARKS, Node, Origin, Speaker
from chatui.conversations.importing.tree import MOST_NODES, Planted, planted
from chatui.domain.errors import ImportRefused
from chatui.domain.messages import UserId
from storage.tables import Message, MessageState
from tests.support.exports import MARCH, as_archive, as_bytes, chatgpt_chat, chatgpt_node, tea, tools, webui_chat

ADA = UserId(UUID(int=1))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def plant(told: object) -> Planted:
    return planted(origin_from(told, PLAIN_MARKS), ADA, PLAIN_MARKS, NOW)


def branch(found: Planted) -> list[tuple[str, str]]:
    """The branch that is shown: who speaks, and what."""
    by_id = {message.id: message for message in found.messages}
    here: Message | None = by_id[found.conversation.leaf_id or UUID(int=0)]
    told = []
    while here is not None:
        told.append((here.role, here.content))
        here = by_id[here.parent_id] if here.parent_id else None
    return told[::-1]


def require_sound(found: Planted) -> None:
    """Every message follows one that comes before it, and the branch that is shown ends in one."""
    seen: set[UUID] = set()
    for message in found.messages:
        assert message.parent_id is None or message.parent_id in seen
        assert message.id not in seen
        assert message.state not in {MessageState.WAITING, MessageState.STREAMING}
        assert message.created_at <= NOW
        assert len(message.content) <= LONGEST_QUESTION + 100
        message.content.encode()
        seen.add(message.id)
    assert found.conversation.leaf_id in seen
    assert found.conversation.updated_at <= NOW
    found.conversation.title.encode()


def refusal_of(data: bytes) -> str:
    def read() -> list[object]:
        return [told for text in texts_in(io.BytesIO(data)) for told in items_in(text)]

    with pytest.raises(ImportRefused) as refused:
        read()
    return refused.value.flaw


def test_branches_titles_and_dates_of_chatgpt_are_kept() -> None:
    found = plant(tea())
    require_sound(found)
    assert branch(found) == [("user", "How hot is tea?"), ("assistant", "Ninety degrees.")]
    assert sorted(message.content for message in found.messages) == [
        *("Hot.", "How hot is tea?", "How hot?", "Ninety degrees.", "Very."),
    ]
    assert found.conversation.title == "About tea"
    assert found.conversation.created_at == datetime.fromtimestamp(MARCH, UTC)
    assert found.conversation.updated_at == datetime.fromtimestamp(MARCH + 60, UTC)
    assert {message.model for message in found.messages if message.role == "assistant"} == {"gpt-4o"}


def test_thoughts_tools_and_pictures_become_one_answer_with_notes() -> None:
    found = plant(tools())
    question, answer = found.messages
    assert question.content == "[image]\n\nWhat is this?\n\n[file]"
    assert answer.content == "[tool]\n\nA samovar."
    assert answer.thinking == "I should look it up."
    assert "secret" not in answer.content


def test_an_answer_that_forks_within_is_two_answers_beside_each_other() -> None:
    found = plant(
        chatgpt_chat(
            "fork",
            chatgpt_node("q", None, "user", ["Tea?"]),
            chatgpt_node("a", "q", "assistant", ["Well,"]),
            chatgpt_node("b", "a", "assistant", ["yes."]),
            chatgpt_node("c", "a", "assistant", ["no."]),
            chatgpt_node("d", "a", "user", ["And?"]),
        )
    )
    require_sound(found)
    question = found.messages[0]
    beside = {message.content for message in found.messages if message.parent_id == question.id}
    assert beside == {"Well,\n\nyes.", "Well,\n\nno.", "Well,"}
    assert branch(found) == [("user", "Tea?"), ("assistant", "Well,"), ("user", "And?")]


def test_open_webui_s_tree_thoughts_and_files_are_kept() -> None:
    found = plant(webui_chat("heat"))
    require_sound(found)
    assert branch(found) == [("user", "How hot?\n\n[image]\n\n[file]"), ("assistant", "Very.")]
    answers = {message.content: message for message in found.messages if message.role == "assistant"}
    assert answers["Very."].thinking == "Hot, I think."
    assert (answers["Very."].model, answers["Not at all."].model) == ("llama3.2:1b", "qwen3:8b")
    assert found.conversation.pinned
    assert found.conversation.created_at == datetime.fromtimestamp(int(MARCH), UTC)


def test_an_old_chat_of_open_webui_is_a_plain_list() -> None:
    messages = [{"role": "user", "content": "Tea?"}, {"role": "assistant", "content": "Yes."}]
    found = plant({"id": "old", "chat": {"messages": messages, "title": "Old"}})
    assert branch(found) == [("user", "Tea?"), ("assistant", "Yes.")]


def test_the_same_file_becomes_the_same_rows_and_another_account_s_become_others() -> None:
    one, again = plant(tea()), plant(tea())
    assert [message.id for message in one.messages] == [message.id for message in again.messages]
    other = planted(origin_from(tea(), PLAIN_MARKS), UserId(UUID(int=2)), PLAIN_MARKS, NOW)
    assert not {message.id for message in one.messages} & {message.id for message in other.messages}


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (chatgpt_chat("none", chatgpt_node("root", None, None)), LeftOut.EMPTY),
        ({"mapping": {}}, LeftOut.EMPTY),
        (chatgpt_chat("loop", chatgpt_node("a", "b", "user", ["x"]), chatgpt_node("b", "a", "user", ["y"])), "damaged"),
        (chatgpt_chat("self", chatgpt_node("a", "a", "user", ["x"])), LeftOut.DAMAGED),
        ({"mapping": {"x" * 300: {}, "y" * 300: {}}}, LeftOut.DAMAGED),
        (7, LeftOut.UNKNOWN),
        ({"title": "no messages"}, LeftOut.UNKNOWN),
        ({"mapping": {str(number): {} for number in range(MOST_NODES + 1)}}, LeftOut.TOO_LONG),
    ],
)
def test_what_cannot_be_used_says_why(told: object, reason: str) -> None:
    with pytest.raises(Unusable) as why:
        plant(told)
    assert why.value.reason == reason


def test_a_tree_that_would_become_far_more_than_it_is_is_left_out_in_time() -> None:
    nodes = [Node("0", None, Speaker.PERSON, "x")]
    for number in range(1, 4_000):
        nodes.append(Node(str(number), str(number - 1), Speaker.MODEL, "y"))
        nodes.append(Node(f"leaf {number}", str(number - 1), Speaker.MODEL, "z"))
    with pytest.raises(Unusable) as why:
        planted(Origin("comb", nodes), ADA, PLAIN_MARKS, NOW)
    assert why.value.reason == LeftOut.TOO_LONG


def test_a_branch_may_be_as_deep_as_it_is_long() -> None:
    speakers = (Speaker.PERSON, Speaker.MODEL)
    nodes = [Node(str(at), str(at - 1), speakers[at % 2], f"{at}") for at in range(MOST_NODES)]
    assert len(planted(Origin("deep", nodes), ADA, PLAIN_MARKS, NOW).messages) == MOST_NODES


def test_what_is_too_long_is_cut_with_a_note() -> None:
    nodes = [chatgpt_node("q", None, "user", ["x" * 200_000]), chatgpt_node("a", "q", "assistant", ["y" * 200_000])]
    question, answer = plant(chatgpt_chat("long", *nodes)).messages
    assert question.content == "x" * LONGEST_QUESTION + "\n\n[cut]"
    assert answer.content == "y" * LONGEST_ANSWER + "\n\n[cut]"


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        (MARCH, datetime.fromtimestamp(MARCH, UTC)),
        (int(MARCH) * 1000, datetime.fromtimestamp(int(MARCH), UTC)),
        (int(MARCH) * 10**9, datetime.fromtimestamp(int(MARCH), UTC)),
        ("2025-03-03T11:06:40Z", datetime(2025, 3, 3, 11, 6, 40, tzinfo=UTC)),
    ],
)
def test_moments_are_read_in_every_unit(told: object, moment: datetime) -> None:
    assert moment_of(told) == moment


@pytest.mark.parametrize(
    "told", [0, -1, 1e300, float("nan"), float("inf"), True, None, [], 10**400, "", "soon", "9" * 500, "2025-13-40"]
)
def test_what_is_no_moment_is_none(told: object) -> None:
    assert moment_of(told) is None


def test_what_comes_from_the_future_is_of_now() -> None:
    late = (NOW + timedelta(days=400)).timestamp()
    found = plant(chatgpt_chat("late", chatgpt_node("q", None, "user", ["x"], at=late), update_time=late))
    require_sound(found)


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (b"", ImportFlaw.UNREADABLE),
        (b"\xff\xfe", ImportFlaw.UNREADABLE),
        (b"tea", ImportFlaw.UNREADABLE),
        (b"[1, 2", ImportFlaw.UNREADABLE),
        (b"[1] 2", ImportFlaw.UNREADABLE),
        (b'{"a" 1}', ImportFlaw.UNREADABLE),
        (b"[" * 500_000, ImportFlaw.UNREADABLE),
        (b'{"a":' * 500_000, ImportFlaw.UNREADABLE),
        (b"[" + b"9" * 10_000 + b"]", ImportFlaw.UNREADABLE),
        (b"PK\x03\x04 not really", ImportFlaw.UNREADABLE),
        (as_archive(chat__html=b"<p>"), ImportFlaw.NOTHING),
        (as_archive(conversations__json=b"[1")[:-30], ImportFlaw.UNREADABLE),
    ],
)
def test_what_is_no_export_is_refused_with_one_reason(data: bytes, flaw: str) -> None:
    assert refusal_of(data) == flaw


def test_a_conversation_may_be_longer_than_the_first_windows_and_not_than_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(items, "WINDOWS", (4, 16, 64))
    told = [1234567, {"a": "x" * 40}, [], 12.5e3, True, "y" * 50]
    assert list(items_in(json.dumps(told))) == told
    assert list(items_in(json.dumps({"b": told[1], "conversations": told}))) == told
    assert refusal_of(as_bytes(["x" * 70])) == ImportFlaw.TOO_LARGE
    assert refusal_of(as_bytes(["x" * 20])[:-3]) == ImportFlaw.UNREADABLE


def test_an_archive_may_hold_its_conversations_in_several_files() -> None:
    packed = as_archive(
        user__json=b"{}", conversations_dash_001__json=as_bytes([webui_chat("b")]), conversations_dash_000__json=b"[]"
    )
    texts = list(texts_in(io.BytesIO(packed)))
    assert [len(list(items_in(text))) for text in texts] == [0, 1]


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LONGEST_JSON", 1_000_000)
    assert refusal_of(as_archive(conversations__json=b" " * 1_000_001)) == ImportFlaw.TOO_LARGE
    monkeypatch.setattr(archive, "LONGEST_UNPACKED", 1_500_000)
    pair = {f"conversations_dash_00{number}__json": b"[]" + b" " * 999_000 for number in range(2)}
    assert refusal_of(as_archive(**pair)) == ImportFlaw.TOO_LARGE


@given(json_values)
def test_items_are_those_that_json_itself_finds(told: Any) -> None:
    text = json.dumps(told, allow_nan=True)
    if not isinstance(told, list | dict):
        with pytest.raises(ImportRefused):
            list(items_in(text))
        return
    found = list(items_in(f"\ufeff \n{text}\t"))
    expected = json.loads(text)
    if isinstance(expected, dict):
        listed = expected.get("conversations")
        expected = listed if isinstance(listed, list) else [expected]
    assert json.dumps(found) == json.dumps(expected)


@given(st.text() | json_values.map(json.dumps))
def test_no_text_at_all_breaks_the_reading(text: str) -> None:
    try:
        for told in items_in(text):
            origin_from(told, PLAIN_MARKS)
    except (ImportRefused, Unusable):
        pass


@given(st.binary(max_size=200) | st.tuples(st.integers(0, 10_000), st.integers(0, 255)))
def test_no_file_at_all_breaks_the_reading(file: bytes | tuple[int, int]) -> None:
    if isinstance(file, tuple):  # an archive with a byte of another value
        packed = bytearray(as_archive(conversations__json=as_bytes([tea(), webui_chat("heat")])))
        packed[file[0] % len(packed)] = file[1]
        file = bytes(packed)
    try:
        for text in texts_in(io.BytesIO(file)):
            for told in items_in(text):
                origin_from(told, PLAIN_MARKS)
    except (ImportRefused, Unusable):
        pass


ids = st.sampled_from("abcdef") | st.none() | json_values
nodes = st.fixed_dictionaries(
    {"parent": ids, "children": json_values},
    optional={
        "message": json_values
        | st.fixed_dictionaries(
            {"author": st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "tool", "system"])})},
            optional={
                "content": json_values
                | st.fixed_dictionaries(
                    {
                        "content_type": st.sampled_from(["text", "thoughts", "code", "multimodal_text", "odd"]),
                        "parts": st.lists(st.text(max_size=9) | json_values, max_size=3),
                    },
                    optional={"text": json_values, "thoughts": json_values},
                ),
                "metadata": json_values,
                "create_time": json_values | st.floats(),
                "recipient": json_values,
            },
        )
    },
)
webui_messages = st.fixed_dictionaries(
    {"parentId": ids},
    optional={
        "role": st.sampled_from(["user", "assistant", "tool"]) | json_values,
        "content": st.text(max_size=30) | json_values | st.just('a <details type="reasoning">b</details> c'),
        "files": json_values,
        "timestamp": json_values,
        "model": json_values,
    },
)
chats = st.one_of(
    st.fixed_dictionaries(
        {"mapping": st.dictionaries(st.sampled_from("abcdef") | st.text(max_size=3), nodes, max_size=6)},
        optional={"current_node": ids, "title": json_values, "id": json_values, "create_time": json_values},
    ),
    st.fixed_dictionaries(
        {
            "chat": st.fixed_dictionaries(
                {
                    "history": st.fixed_dictionaries(
                        {"messages": st.dictionaries(st.sampled_from("abcdef"), webui_messages, max_size=6)},
                        optional={"currentId": ids},
                    )
                },
                optional={"models": json_values, "messages": json_values},
            )
        },
        optional={"title": json_values, "id": json_values, "updated_at": json_values},
    ),
    st.fixed_dictionaries(
        {"leaf_id": ids, "messages": st.lists(json_values | webui_messages, max_size=5)}, optional={"id": json_values}
    ),
)


@given(chats)
def test_whatever_a_tree_looks_like_what_comes_of_it_is_sound(told: dict[str, Any]) -> None:
    try:
        found = plant(told)
    except Unusable:
        return
    require_sound(found)
    assert [message.id for message in plant(told).messages] == [message.id for message in found.messages]
