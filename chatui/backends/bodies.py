"""What the bodies of both protocols share."""

from __future__ import annotations

import json
from typing import Any

from chatui.backends.wire import JsonObject
from chatui.domain.tools import Tool


def given(**fields: Any) -> JsonObject:
    """Leave out what is None: an absent field means the server's own way."""
    return {name: value for name, value in fields.items() if value is not None}


def tool_field(tool: Tool) -> JsonObject:
    """Build the field that offers a tool."""
    function = {"name": tool.name, "description": tool.description, "parameters": json.loads(tool.parameters)}
    return {"type": "function", "function": function}
