"""The models on the scripted Ollama's disk, and the verbs that change them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.support.http_server import HttpResponder
from tests.support.ollama_answers import OllamaScript, ScriptedModel
from tests.support.ollama_checks import Refusal

NDJSON = "application/x-ndjson"
DIGEST = "sha256:dde5aa3fc5ff"
NO_SPACE = "write /root/.ollama/models/blobs/sha256-dde5aa3fc5ff-partial: no space left on device"
WRITTEN = ({"status": "verifying sha256 digest"}, {"status": "writing manifest"}, {"status": "success"})


class Disk:
    """Finds models by name, and changes what there is.

    With `gate` cleared a download stands still at the half; with `full` it fails there. What arrived is kept.
    """

    def __init__(self, script: OllamaScript) -> None:
        self.models = {model.name: model for model in script.models}
        self.gate = asyncio.Event()
        self.gate.set()
        self.full = False
        self.arrived: dict[str, int] = {}

    def find(self, body: dict[str, Any], field: str = "model") -> ScriptedModel:
        name = str(body.get(field) or body.get("name") or "")
        model = self.models.get(name) or self.models.get(f"{name}:latest")
        if model is None:
            raise Refusal(404, f"model '{name}' not found")
        return model

    async def pull(self, body: dict[str, Any], responder: HttpResponder) -> None:
        name = str(body.get("model") or body.get("name") or "")
        if name.startswith("missing"):
            wrong = {"error": "pull model manifest: file does not exist"}
            await send_lines(responder, [{"status": "pulling manifest"}, wrong])
            return
        pulling = {"status": f"pulling {DIGEST[7:]}", "digest": DIGEST, "total": 100}
        if body.get("stream") is not False:
            await self._download(name, pulling, responder)
            if self.full:
                await send_lines(responder, [{"error": NO_SPACE}])
                return
        self.models[name] = ScriptedModel(name)
        await send_steps(body, responder, [{**pulling, "completed": 100}, *WRITTEN])

    async def _download(self, name: str, pulling: dict[str, Any], responder: HttpResponder) -> None:
        await send_line(responder, {"status": "pulling manifest"})
        for done in (0, 50):
            if done >= self.arrived.get(name, 0):
                self.arrived[name] = done
                await send_line(responder, {**pulling, "completed": done})
        await self.gate.wait()

    async def push(self, body: dict[str, Any], responder: HttpResponder) -> None:
        self.find(body)
        await send_steps(body, responder, [{"status": "retrieving manifest"}, {"status": "success"}])

    async def create(self, body: dict[str, Any], responder: HttpResponder) -> None:
        source = self.find(body, "from")
        name = str(body["model"])
        self.models[name] = replace(source, name=name)
        await send_steps(body, responder, [{"status": "using existing layer"}, *WRITTEN])

    async def copy(self, body: dict[str, Any], responder: HttpResponder) -> None:
        name = str(body["destination"])
        self.models[name] = replace(self.find(body, "source"), name=name)
        await responder.send(200, b"", "text/plain")

    async def delete(self, body: dict[str, Any], responder: HttpResponder) -> None:
        del self.models[self.find(body).name]
        await responder.send(200, b"", "text/plain")


async def send_steps(body: dict[str, Any], responder: HttpResponder, steps: Sequence[dict[str, Any]]) -> None:
    if body.get("stream") is False:
        await responder.send_json(200, steps[-1])
    else:
        await send_lines(responder, steps)


async def send_lines(responder: HttpResponder, lines: Sequence[dict[str, Any]]) -> None:
    for line in lines:
        await send_line(responder, line)
    await responder.end_stream()


async def send_line(responder: HttpResponder, line: dict[str, Any]) -> None:
    await responder.send_chunk(json.dumps(line).encode() + b"\n", NDJSON)
