"""Routes that ask for a key: who asks is found out first, and whatever is wrong is told in the API's own shape."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from chatui.accounts.keys import KeyHolder, Keys
from chatui.domain.errors import SamovarError
from chatui.web.api.bearer import holder_of
from chatui.web.api.fields import BadAsk, Fields, fields_of
from chatui.web.api.problems import NO_KEY, problem_of

Handler = Callable[[Request, KeyHolder], Awaitable[Response]]


def keyed(keys: Keys, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Make a route of a handler."""

    async def handle(request: Request) -> Response:
        by = await holder_of(request.headers, keys)
        if by is None:
            return NO_KEY.response(request.url.path)
        try:
            return await handler(request, by)
        except (SamovarError, BadAsk, HTTPException) as error:
            return problem_of(error).response(request.url.path)

    return handle


async def body_of(request: Request) -> Fields:
    """Read the body of a request; raises BadAsk, also for who left before the whole of it had come."""
    try:
        return fields_of(await request.body())
    except ClientDisconnect as left:
        raise BadAsk("the body did not come") from left
