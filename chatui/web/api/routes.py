"""Every route for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from fastapi import APIRouter

from chatui.accounts.keys import Keys
from chatui.gateway.models import Models
from chatui.gateway.service import Gateway
from chatui.web.api.answering import Desk
from chatui.web.api.document_routes import document_routes
from chatui.web.api.ollama_routes import OllamaApi, ollama_routes
from chatui.web.api.ollama_verbs import OllamaVerbs, ollama_verb_routes
from chatui.web.api.openai_routes import OpenAIApi, openai_routes
from chatui.web.api.queue_routes import OwnQueue, own_queue_routes
from chatui.web.guard import is_from_us


def api_routes(
    gateway: Gateway, models: Models, keys: Keys, clock: Callable[[], float], now: Callable[[], datetime]
) -> Sequence[APIRouter]:
    """Put them together. `clock` gives monotonic seconds, `now` the moment in UTC."""
    desk = Desk(gateway, clock)
    return (
        ollama_routes(OllamaApi(desk, models, now), keys),
        ollama_verb_routes(OllamaVerbs(models), keys),
        openai_routes(OpenAIApi(desk, models, now), keys),
        own_queue_routes(OwnQueue(gateway, keys, clock, is_from_us)),
        document_routes(keys, is_from_us),
    )
