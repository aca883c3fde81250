"""Requests made up from the document of the APIs, right ones and wrong ones: answered as the document says, no 5xx."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from typing import Any

import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chatui.domain.people import KeyScope
from chatui.web.api.document import OPERATIONS, document
from tests.gateway.conftest import MODEL, SCRIPT, THINKER, Place, key_for
from tests.security.keyed import KEYED_PATHS
from tests.security.test_fuzz import INSIDES, Faults
from tests.support.house import house
from tests.support.ollama_server import OllamaServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROMISES = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
TOTAL = 10_000


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with OllamaServer(SCRIPT) as server, house(tmp_path_factory.mktemp("data"), server.url, workers=4) as home:
        yield await key_for(home, await home.guest("Ada"), KeyScope.ASK, KeyScope.QUEUE)


@pytest.fixture
def faults() -> Iterator[Faults]:
    """Nothing that is asked may leave a stack trace in the log."""
    seen = Faults()
    logging.getLogger().addHandler(seen)
    yield seen
    logging.getLogger().removeHandler(seen)


def fields_in(shape: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Walk the fields of every object that a document tells."""
    if isinstance(shape, dict):
        for name in shape.get("properties", {}):
            yield shape["properties"], name
        for part in shape.values():
            yield from fields_in(part)
    elif isinstance(shape, list):
        for part in shape:
            yield from fields_in(part)


def with_models() -> dict[str, Any]:
    """The document, with names of models that there are: made-up ones would all end in the same way."""
    told = deepcopy(document())
    for fields, name in list(fields_in(told)):
        if name == "model" and "minLength" in fields[name]:
            fields[name] = {"type": "string", "enum": [MODEL, THINKER, "nobody:1b"]}
    return told


SCHEMA = schemathesis.openapi.from_dict(with_models())


@pytest.mark.parametrize("examples", [15, pytest.param(TOTAL // len(OPERATIONS) + 1, marks=pytest.mark.long)])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_what_is_made_up_is_answered_as_the_document_says(
    place: Place, faults: Faults, method: str, path: str, examples: int
) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(SCHEMA[path][method].as_strategy())
    def ask(case: Case[Any]) -> None:
        answer = case.call(base_url=place.url, headers=place.headers, timeout=60)
        case.validate_response(answer, checks=PROMISES)
        assert not any(inside in answer.content for inside in INSIDES)

    await asyncio.to_thread(ask)
    assert faults.seen == []


async def test_the_document_tells_of_every_path_that_takes_a_key() -> None:
    told = {(path, method.upper()) for method, path in OPERATIONS}
    assert told == {(path.replace("{name:path}", "{name}"), how.method) for path, how in KEYED_PATHS.items()}
