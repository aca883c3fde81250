"""Exports of other programs, in the shapes in which they are found."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

Told = dict[str, Any]
MARCH = 1_741_000_000.5
"""A moment in March 2025, in seconds."""


def chatgpt_node(
    key: str, parent: str | None, role: str | None, parts: list[Any] | None = None, **more: Any
) -> tuple[str, Told]:
    """A node of the tree; without a role it has no message."""
    content = more.pop("content", {"content_type": "text", "parts": parts or []})
    message = {
        "id": key,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": more.pop("at", MARCH),
        "content": content,
        "status": "finished_successfully",
        "metadata": more.pop("metadata", {"model_slug": "gpt-4o"} if role == "assistant" else {}),
        "recipient": more.pop("recipient", "all"),
    }
    return key, {"id": key, "message": message if role else None, "parent": parent, "children": []}


def chatgpt_chat(name: str, *nodes: tuple[str, Told], current: str | None = None, **more: Any) -> Told:
    """A conversation of ChatGPT's."""
    mapping = dict(nodes)
    for key, node in nodes:
        if node["parent"] in mapping:
            mapping[node["parent"]]["children"].append(key)
    told = {"title": f"About {name}", "create_time": MARCH, "update_time": MARCH + 60, "mapping": mapping}
    return {**told, "conversation_id": name, "id": name, "current_node": current or nodes[-1][0], **more}


def tea() -> Told:
    """A question with two answers, of which the second is shown, and another question behind the first."""
    return chatgpt_chat(
        "tea",
        chatgpt_node("root", None, None),
        chatgpt_node("system", "root", "system", [""], metadata={"is_visually_hidden_from_conversation": True}),
        chatgpt_node("q", "system", "user", ["How hot is tea?"]),
        chatgpt_node("a1", "q", "assistant", ["Hot."], at=MARCH + 1),
        chatgpt_node("q2", "a1", "user", ["How hot?"], at=MARCH + 2),
        chatgpt_node("a3", "q2", "assistant", ["Very."], at=MARCH + 3),
        chatgpt_node("a2", "q", "assistant", ["Ninety degrees."], at=MARCH + 4),
        current="a2",
    )


def tools() -> Told:
    """An answer with thoughts, a call of a tool, what that gave back, a picture, and a citation."""
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "Looking", "content": "I should look it up."}]}
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-1", "width": 10}
    return chatgpt_chat(
        "tools",
        chatgpt_node("q", None, "user", [picture, "What is this?"], metadata={"attachments": [{"mime_type": "a/pdf"}]}),
        chatgpt_node("t", "q", "assistant", content=thoughts),
        chatgpt_node("c", "t", "assistant", content={"content_type": "code", "text": "search()"}, recipient="web"),
        chatgpt_node("r", "c", "tool", content={"content_type": "tether_quote", "text": "secret page"}),
        chatgpt_node("o", "r", "assistant", content={"content_type": "reasoning_recap", "content": "4 s"}),
        chatgpt_node("a", "o", "assistant", ["A samovar\ue200cite\ue202turn0search1\ue201."]),
    )


def webui_chat(name: str, **more: Any) -> Told:
    """A chat of Open WebUI's: a question with two answers, the first of them shown."""
    thinking = (
        '<details type="reasoning" done="true" duration="2">\n<summary>Thought</summary>\n> Hot, I think.\n</details>'
    )
    messages: dict[str, Told] = {
        "u1": {"id": "u1", "parentId": None, "childrenIds": ["m1", "m2"], "role": "user", "content": "How hot?"},
        "m1": {
            "id": "m1",
            "parentId": "u1",
            "childrenIds": [],
            "role": "assistant",
            "model": "llama3.2:1b",
            "content": f"{thinking}\nVery.",
            "timestamp": int(MARCH) + 5,
            "done": True,
        },
        "m2": {"id": "m2", "parentId": "u1", "childrenIds": [], "role": "assistant", "content": "Not at all."},
    }
    files = [{"type": "image", "url": "data:image/png;base64,AA"}, {"type": "file", "name": "a"}]
    messages["u1"]["files"] = files
    chat = {"title": f"About {name}", "models": ["qwen3:8b"], "history": {"messages": messages, "currentId": "m1"}}
    told = {"id": name, "user_id": "x", "title": f"About {name}", "chat": chat, "pinned": True, "archived": False}
    return {**told, "created_at": int(MARCH), "updated_at": int(MARCH) + 60, **more}


def as_bytes(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


def as_archive(**files: bytes) -> bytes:
    """An archive; `__` in a name stands for a dot, `_dash_` for a dash."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_dash_", "-").replace("__", "."), content)
    return packed.getvalue()
