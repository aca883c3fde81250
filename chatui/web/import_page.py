"""The page on which people import conversations: a file, how far it is, what became of it."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Final

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from chatui.accounts.preferences import Preferences
from chatui.conversations.importing.archive import LONGEST_FILE
from chatui.conversations.importing.flaws import ImportFlaw
from chatui.conversations.importing.imports import Imports
from chatui.conversations.importing.report import Report, Stage
from chatui.domain.errors import ImportRefused, Refused
from chatui.web.acting import acting
from chatui.web.pages import Pages, Say, as_bytes, language_of, turn_to
from chatui.web.paths import IMPORT
from chatui.web.wording import Wording, wording_for

_FILE: Final = "file"


@dataclass(frozen=True, slots=True)
class ImportPage:
    """Draws the page and takes its form."""

    imports: Imports
    preferences: Preferences
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw the page."""
        return self.pages.show(request, "import", self._facts(request))

    async def take(self, request: Request) -> Response:
        """Begin to import the file that was chosen."""
        by = acting(request)
        language = (await self.preferences.of(by.user)).get("language") or language_of(request)
        async with request.form(max_files=1, max_fields=1) as form:
            chosen = form.get(_FILE)
            try:
                if not isinstance(chosen, UploadFile) or not chosen.filename:
                    raise ImportRefused(ImportFlaw.NO_FILE)
                kept = await asyncio.to_thread(_copied, chosen.file)
                self.imports.begin(by, kept, wording_for(language).marks)
            except Refused as refusal:
                return self.pages.refuse(request, "import", self._facts(request), refusal)
        return turn_to(IMPORT)

    def _facts(self, request: Request) -> dict[str, object]:
        report = self.imports.of(acting(request).user)
        return {"report": report, "sentences": sentences_of, "size": as_bytes(LONGEST_FILE)}


def import_routes(imports: Imports, preferences: Preferences, pages: Pages) -> APIRouter:
    """The page and its form."""
    page = ImportPage(imports, preferences, pages)
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route(IMPORT, page.show, methods=["GET"])
    routes.add_api_route(IMPORT, page.take, methods=["POST"])
    return routes


def sentences_of(say: Say, words: Wording, report: Report) -> str:
    """Tell how far an import is, or what became of it."""
    if report.stage is not Stage.DONE:
        done = report.added + report.there
        return say(f"import_stage_{report.stage}", done=done, total=report.total)
    told = [say("import_added", count=report.added)]
    if report.there:
        told.append(say("import_there", count=report.there))
    if report.left_out:
        reasons = [say(f"import_reason_{reason}", count=count) for reason, count in report.left_out.most_common()]
        told.append(say("import_left_out", count=report.left_out.total(), reasons=say("import_and").join(reasons)))
    if report.files:
        told.append(say("import_files", count=report.files))
    if report.files_left_out:
        told.append(say("import_files_left_out", count=report.files_left_out))
        told += map(words.refused, report.files_refused)
    return " ".join(told)


def _copied(file: IO[bytes]) -> IO[bytes]:
    """The file as one that outlives the request; it has no name, and is gone once it is closed."""
    kept = TemporaryFile()  # noqa: SIM115 - whoever imports it closes it
    file.seek(0)
    shutil.copyfileobj(file, kept)
    return kept
