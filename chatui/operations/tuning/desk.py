"""What admins do with measurements: ask for one, stop it, look at the last ones, apply what one recommends."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Change
from chatui.domain.access import Action
from chatui.domain.errors import NotFound
from chatui.domain.messages import ModelName
from chatui.domain.people import Principal
from chatui.operations.settings.kinds import Flaw, Unfit, Whole
from chatui.operations.settings.service import SettingsService
from chatui.operations.tuning.states import OPEN, State
from storage import tunings
from storage.tables import TuningRun

MOST: Final = 32
AUTO: Final = "auto"
_MAXIMUM: Final = Whole(1, MOST, AUTO)
_LONGEST_NAME: Final = 200


class TuningRefused(ValueError):
    """A measurement that cannot be asked for. `no_model` tells that there is no such model, `maximum` what is wrong."""

    def __init__(self, maximum: Flaw | None, *, no_model: bool) -> None:
        super().__init__("the measurement cannot be begun")
        self.maximum = maximum
        self.no_model = no_model


@dataclass(frozen=True, slots=True)
class TuningDesk:
    """Keeps what is wished; the app that runs sees to it. `models` tells which there are; None where nobody knows.

    Raises Forbidden for those who do not run the app.
    """

    settings: SettingsService
    models: Callable[[], Collection[ModelName]] | None = None

    async def ask(self, by: Principal, model: str, maximum: str) -> UUID:
        """Have a model measured, with as many workers as were typed at most; an empty name is the usual model's.

        While one goes on it is that one. Raises TuningRefused.
        """
        wanted = ModelName(model.strip())
        most = self._read(wanted, maximum)

        def ask(change: Change) -> UUID:
            if (under_way := tunings.runs_in(change.session, OPEN)) != []:
                return under_way[0].id
            run = TuningRun(model=wanted, maximum=most, state=State.WANTED, asked_at=change.at)
            change.audit(AuditAction.TUNING_STARTED, model=wanted)
            return tunings.add_run(change.session, run).id

        return await self.settings.desk.change(by, Action.CHANGE_SETTINGS, ask)

    async def stop(self, by: Principal) -> None:
        """Have what is under way stopped."""

        def stop(change: Change) -> None:
            for run in tunings.runs_in(change.session, OPEN):
                tunings.change_run(change.session, run.id, stop_wanted=True)
                change.audit(AuditAction.TUNING_STOPPED, model=run.model)

        await self.settings.desk.change(by, Action.CHANGE_SETTINGS, stop)

    async def run(self, by: Principal, run_id: UUID) -> TuningRun:
        """Give a measurement; raises NotFound when there is none."""

        def find(session: Session) -> TuningRun | None:
            return tunings.run_by_id(session, run_id)

        found = await self.settings.desk.read(by, Action.CHANGE_SETTINGS, find)
        if found is None:
            raise NotFound("no such measurement")
        return found

    async def runs(self, by: Principal) -> Sequence[TuningRun]:
        """List the measurements that are kept, the newest first."""
        return await self.settings.desk.read(by, Action.CHANGE_SETTINGS, tunings.runs)

    async def apply(self, by: Principal, run_id: UUID) -> int:
        """Set the number of workers that a measurement recommends, and give it; raises NotFound where it has none."""
        knee = (await self.run(by, run_id)).knee
        if knee is None:
            raise NotFound("nothing is recommended")
        await self.settings.change(by, {"workers": str(knee)})
        return knee

    def _read(self, model: ModelName, maximum: str) -> int | None:
        known = self.models is None or (model in self.models() if model else bool(self.models()))
        no_model = not known or len(model) > _LONGEST_NAME
        try:
            most = _MAXIMUM.read(maximum)
        except Unfit as unfit:
            raise TuningRefused(unfit.flaw, no_model=no_model) from None
        if no_model:
            raise TuningRefused(None, no_model=True)
        return None if most == AUTO else int(most)
