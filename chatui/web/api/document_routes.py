"""The document of the APIs, for who has a key and for who is signed in."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chatui.accounts.keys import KeyHolder, Keys
from chatui.web.acting import visitor
from chatui.web.api.document import document
from chatui.web.api.keyed import keyed


def document_routes(keys: Keys, from_us: Callable[[Headers], bool]) -> APIRouter:
    """The route. `from_us` tells whether a page of ours asks, or the person themself."""
    routes = APIRouter(prefix="/api", include_in_schema=False)
    told = document()

    async def with_key(_request: Request, _by: KeyHolder) -> Response:
        return JSONResponse(told)

    async def show(request: Request) -> Response:
        if visitor(request) is not None and from_us(request.headers):
            return JSONResponse(told)
        return await keyed(keys, with_key)(request)

    routes.add_api_route("/openapi.json", show, methods=["GET"])
    return routes
