"""What a tab's line makes of its own end."""

from __future__ import annotations

import pytest
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from chatui.web.live import _heard


async def test_a_line_that_the_app_has_ended_is_over_and_no_fault() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    socket = WebSocket({"type": "websocket", "path": "/live", "headers": []}, receive, send)
    await socket.accept()
    await socket.close()

    with pytest.raises(WebSocketDisconnect):
        await _heard(socket)

    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.close"]
