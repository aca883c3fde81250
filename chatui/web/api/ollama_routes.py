"""Ollama's API: asking models, and looking at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chatui.accounts.keys import KeyHolder, Keys
from chatui.domain.asks import EmbedRequest, LoadRequest
from chatui.gateway.models import Models
from chatui.web.api.answering import Answering, Desk, Single, Streamed
from chatui.web.api.fields import Fields
from chatui.web.api.keyed import body_of, keyed
from chatui.web.api.ollama_asks import chat_ask, completion_ask, embed_ask, given_name, model_name, unloads
from chatui.web.api.ollama_says import (
    CompletionVoice,
    EmbedVoice,
    LoadVoice,
    OldEmbedVoice,
    OllamaVoice,
    listed_model,
    loaded_model,
    shown_model,
)


@dataclass(frozen=True, slots=True)
class OllamaApi:
    """Takes the requests. `now` gives the moment in UTC."""

    desk: Desk
    models: Models
    now: Callable[[], datetime]

    async def chat(self, request: Request, by: KeyHolder) -> Response:
        """Go on with a chat; an empty one loads the model, or unloads it."""
        body = await body_of(request)
        model = self.desk.gateway.model(model_name(body))
        ask, voice = chat_ask(body, model.name, self.desk.gateway.room), OllamaVoice(model_name(body), self.now)
        if not ask.messages:
            return await self._load(by, body, voice)
        return self._way(body)(self.desk, by, ask, voice)

    async def generate(self, request: Request, by: KeyHolder) -> Response:
        """Go on with a prompt; an empty one loads the model, or unloads it."""
        body = await body_of(request)
        model = self.desk.gateway.model(given_name(body))
        voice = CompletionVoice(given_name(body), self.now)
        ask = completion_ask(body, model.name, self.desk.gateway.room)
        if not ask.prompt:
            return await self._load(by, body, voice)
        return self._way(body)(self.desk, by, ask, voice)

    async def embed(self, request: Request, by: KeyHolder) -> Response:
        """Turn texts into vectors; none at all loads the model."""
        body = await body_of(request)
        model = self.desk.gateway.model(given_name(body))
        ask = embed_ask(body, model.name)
        return Single(
            self.desk, by, ask if ask.inputs else LoadRequest(model.name), EmbedVoice(given_name(body), self.now)
        )

    async def embed_one(self, request: Request, by: KeyHolder) -> Response:
        """Turn one text into a vector, as of old."""
        body = await body_of(request)
        model = self.desk.gateway.model(given_name(body))
        ask = EmbedRequest(model.name, (body.text("prompt"),))
        return Single(self.desk, by, ask, OldEmbedVoice(given_name(body), self.now))

    async def tags(self, _request: Request, by: KeyHolder) -> Response:
        """List the models."""
        return JSONResponse({"models": [listed_model(info) for info in await self.models.listed(by)]})

    async def ps(self, _request: Request, by: KeyHolder) -> Response:
        """List the models in memory."""
        return JSONResponse({"models": [loaded_model(*found) for found in await self.models.loaded(by)]})

    async def show(self, request: Request, by: KeyHolder) -> Response:
        """Tell a model in full."""
        return JSONResponse(shown_model(await self.models.card(by, model_name(await body_of(request)))))

    async def version(self, _request: Request, _by: KeyHolder) -> Response:
        """Tell which Ollama's API this is."""
        return JSONResponse({"version": self.models.version()})

    async def _load(self, by: KeyHolder, body: Fields, voice: OllamaVoice) -> Response:
        if unloads(body):
            await self.models.unload(by, model_name(body))
            return Response(LoadVoice(voice, "unload").reply(), media_type="application/json")
        model = self.desk.gateway.model(model_name(body))
        return Single(self.desk, by, LoadRequest(model.name), LoadVoice(voice, "load"))

    def _way(self, body: Fields) -> type[Answering]:
        return Single if body.flag("stream") is False else Streamed


def ollama_routes(api: OllamaApi, keys: Keys) -> APIRouter:
    """The routes; each asks for a key by itself."""
    routes = APIRouter(prefix="/api", include_in_schema=False)
    for path, handler in (
        ("/chat", api.chat),
        ("/generate", api.generate),
        ("/embed", api.embed),
        ("/embeddings", api.embed_one),
        ("/show", api.show),
    ):
        routes.add_api_route(path, keyed(keys, handler), methods=["POST"])
    for path, look in (("/tags", api.tags), ("/ps", api.ps), ("/version", api.version)):
        routes.add_api_route(path, keyed(keys, look), methods=["GET"])
    return routes
