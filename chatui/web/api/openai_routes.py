"""OpenAI's API: chats, completions, embeddings, and the list of models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chatui.accounts.keys import KeyHolder, Keys
from chatui.domain.errors import ModelNotFound
from chatui.gateway.models import Models
from chatui.web.api.answering import Answering, Desk, Single, Streamed
from chatui.web.api.fields import Fields
from chatui.web.api.keyed import body_of, keyed
from chatui.web.api.openai_asks import chat_ask, completion_ask, embed_ask, require_one, wants_base64, wants_usage
from chatui.web.api.openai_says import (
    CompletionVoice,
    EmbedVoice,
    OpenAIVoice,
    PackedEmbedVoice,
    Wanted,
    listed_model,
)


@dataclass(frozen=True, slots=True)
class OpenAIApi:
    """Takes the requests. `now` gives the moment in UTC."""

    desk: Desk
    models: Models
    now: Callable[[], datetime]

    async def chat(self, request: Request, by: KeyHolder) -> Response:
        """Go on with a chat."""
        body = await body_of(request)
        require_one(body)
        model = self.desk.gateway.model(body.needed("model"))
        ask = chat_ask(body, model.name, self.desk.gateway.room)
        return _way(body)(self.desk, by, ask, OpenAIVoice(self._wanted(body), uuid4().hex))

    async def complete(self, request: Request, by: KeyHolder) -> Response:
        """Go on with a prompt."""
        body = await body_of(request)
        require_one(body)
        model = self.desk.gateway.model(body.needed("model"))
        ask = completion_ask(body, model.name, self.desk.gateway.room)
        return _way(body)(self.desk, by, ask, CompletionVoice(self._wanted(body), uuid4().hex))

    async def embed(self, request: Request, by: KeyHolder) -> Response:
        """Turn texts into vectors."""
        body = await body_of(request)
        model = self.desk.gateway.model(body.needed("model"))
        ask, voice = embed_ask(body, model.name), PackedEmbedVoice if wants_base64(body) else EmbedVoice
        return Single(self.desk, by, ask, voice(self._wanted(body), ""))

    async def list_models(self, _request: Request, by: KeyHolder) -> Response:
        """List the models."""
        data = [listed_model(info) for info in await self.models.listed(by)]
        return JSONResponse({"object": "list", "data": data})

    async def show(self, request: Request, by: KeyHolder) -> Response:
        """Tell one model of the list."""
        wanted = self.desk.gateway.model(request.path_params["name"]).name
        for info in await self.models.listed(by):
            if info.name == wanted:
                return JSONResponse(listed_model(info))
        raise ModelNotFound(f"model '{wanted}' not found")

    def _wanted(self, body: Fields) -> Wanted:
        return Wanted(body.needed("model"), int(self.now().timestamp()), wants_usage(body))


def openai_routes(api: OpenAIApi, keys: Keys) -> APIRouter:
    """The routes; each asks for a key by itself."""
    routes = APIRouter(prefix="/v1", include_in_schema=False)
    for path, handler in (
        ("/chat/completions", api.chat),
        ("/completions", api.complete),
        ("/embeddings", api.embed),
    ):
        routes.add_api_route(path, keyed(keys, handler), methods=["POST"])
    routes.add_api_route("/models", keyed(keys, api.list_models), methods=["GET"])
    routes.add_api_route("/models/{name:path}", keyed(keys, api.show), methods=["GET"])
    return routes


def _way(body: Fields) -> type[Answering]:
    return Streamed if body.flag("stream") else Single
