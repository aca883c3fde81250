"""Every control of the admin's pages, and the browser test that uses it.

A control is one of: a page or form, as method and path; a field or the question in a link, as that and its name; a
word that a page's script says on the live line. `test_controls` compares the table with what the running app has, and
each test is held to what the table says of it: it sends or changes all that, and where a change is to last, it starts
the app again on the same data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from chatui.operations.settings.definitions import DEFINITIONS, MODEL_DEFINITIONS

_NUMBERED: Final = re.compile(r"_[0-9]$")
LASTS, PASSES = True, False


@dataclass(frozen=True)
class Driven:
    """The test that uses a control, as module and function; whether what it does must outlive a restart."""

    test: str
    lasts: bool


def by(test: str, lasts: bool, *controls: str) -> dict[str, Driven]:  # noqa: FBT001 - see LASTS, PASSES
    return dict.fromkeys(controls, Driven(test, lasts))


def form(action: str, *fields: str, method: str = "POST") -> Iterable[str]:
    return f"{method} {action}", *(f"{method} {action} {field}" for field in fields)


def same(control: str) -> str:
    """One name for fields that differ by a number alone."""
    return _NUMBERED.sub("", control)


PEOPLE: Final = "test_people_page.test_every_control_about_people_and_groups"
SETTINGS: Final = "test_settings.test_every_control_of_the_settings"
SERVERS: Final = "test_backends.test_every_control_of_the_servers"
DATABASE: Final = "test_database_page.test_a_backup_is_made_taken_away_and_restored_at_the_next_start"
PLANS: Final = "test_warm_up_page.test_a_plan_is_made_changed_run_and_removed"
TUNING: Final = "test_tuning_page.test_a_measurement_is_watched_stopped_made_anew_applied_and_undone"
MODELS: Final = "test_models_page.test_models_are_loaded_unloaded_shown_and_deleted"
PULLS: Final = "test_models_page.test_a_download_is_followed_cancelled_and_resumed"
USAGE: Final = "test_usage_page.test_usage_is_summed_in_a_range_and_taken_as_a_file"
FAILURES: Final = "test_failures_page.test_failures_are_asked_again_seen_to_one_by_one_and_by_cause"
AUDIT: Final = "test_failures_page.test_the_audit_log_is_read_page_by_page"
QUEUE: Final = "test_admin.test_who_waits_is_put_first_moved_let_pass_and_stopped"
HELD: Final = "test_admin.test_the_queue_is_paused_drained_and_goes_on"
CHARTS: Final = "test_admin.test_charts_cover_three_lengths_of_time_and_say_why_they_are_empty"
SYSTEM: Final = "test_admin.test_the_log_and_diagnostics_are_there"

_LIMITS: Final = ("name", "weight", "priority", "running", "queued", "tokens_per_day", "models")
_HOURS: Final = ("model", "day", "begins", "ends", "zone")

CONTROLS: Final[Mapping[str, Driven]] = {
    **by(CHARTS, PASSES, "GET /admin", "word admin.watch", "word admin.chart", "word admin.failures"),
    **by(QUEUE, LASTS, "word admin.first", "word admin.move", "word admin.pass", "word admin.stop"),
    **by(HELD, LASTS, "word admin.pause", "word admin.resume"),
    **by(HELD, PASSES, "GET /admin/queue", "word admin.drain"),
    **by(FAILURES, PASSES, "GET /admin/failures", "GET /admin/failures/export"),
    **by(FAILURES, LASTS, *form("/admin/failures/replay", "model"), "POST /admin/failures/resolve"),
    **by(MODELS, PASSES, "GET /admin/models", *form("/admin/models/details", "server", "model", method="GET")),
    # Ollama keeps its models; what is in its memory lasts as long as it runs.
    **by(MODELS, PASSES, "POST /admin/models/load", "POST /admin/models/unload", "POST /admin/models/delete"),
    **by(PULLS, PASSES, *form("/admin/models/pull", "model", "server"), "POST /admin/models/stop"),
    **by(PLANS, PASSES, "GET /admin/warm-up", "POST /admin/warm-up/run"),
    **by(PLANS, LASTS, *form("/admin/warm-up/add", *_HOURS), *form("/admin/warm-up/change", *_HOURS)),
    **by(PLANS, LASTS, "POST /admin/warm-up/remove"),
    **by(TUNING, PASSES, "GET /admin/tuning", *form("/admin/tuning/start", "model", "maximum")),
    **by(TUNING, PASSES, "word admin.tuning", "word admin.tuning_stop"),
    **by(TUNING, LASTS, "word admin.tuning_apply"),
    **by(PEOPLE, PASSES, "GET /admin/people", "GET /admin/groups"),
    **by(PEOPLE, LASTS, *form("/admin/people/change", "role", "group"), *form("/admin/people/invite", "role", "group")),
    **by(PEOPLE, LASTS, *form("/admin/people/sign-up", "mode"), "POST /admin/people/take-back"),
    **by(PEOPLE, LASTS, "POST /admin/people/approve", "POST /admin/people/delete", "POST /admin/people/reset"),
    **by(PEOPLE, LASTS, "POST /admin/people/disable", "POST /admin/people/enable"),
    **by(PEOPLE, LASTS, *form("/admin/groups/create", *_LIMITS), *form("/admin/groups/change", *_LIMITS)),
    **by(PEOPLE, LASTS, "POST /admin/groups/delete"),
    **by(AUDIT, PASSES, *form("/admin/people/audit", "before", method="GET")),
    **by(SETTINGS, PASSES, "GET /admin/settings"),
    **by(SETTINGS, LASTS, *form("/admin/settings", *(one.name for one in DEFINITIONS))),
    **by(SETTINGS, LASTS, *form("/admin/settings/model", *(one.name for one in MODEL_DEFINITIONS))),
    **by(SETTINGS, LASTS, "POST /admin/settings/unset", "POST /admin/settings/undo"),
    **by(SERVERS, PASSES, "GET /admin/backends", "POST /admin/backends/test", "POST /admin/backends/look"),
    **by(SERVERS, LASTS, *form("/admin/backends/add", "url"), "POST /admin/backends/remove"),
    **by(SERVERS, LASTS, "POST /admin/backends/pause", "POST /admin/backends/resume"),
    **by(USAGE, PASSES, *form("/admin/usage", "first", "last", "by", method="GET"), "GET /admin/usage/export"),
    **by(DATABASE, PASSES, "GET /admin/database", "POST /admin/database/check"),
    **by(DATABASE, PASSES, *form("/admin/database/backup", "name", method="GET")),
    **by(DATABASE, LASTS, "POST /admin/database/backup", "POST /admin/database/restore"),
    **by(DATABASE, LASTS, "POST /admin/database/give-up"),
    **by(SYSTEM, PASSES, *form("/admin/system", "level", method="GET"), "GET /admin/system/diagnostics"),
}

FOR_PROGRAMS: Final = frozenset(
    {
        "GET /admin/queue/failures",
        "POST /admin/queue/{verb}",
        "POST /admin/queue/jobs/{job_id}/{verb}",
        "POST /admin/queue/jobs/{job_id}/replay",
    }
)
"""What no page sends: see tests/acceptance/test_queue_admin.py."""


def controls_of(test: str) -> dict[str, Driven]:
    """What a test is held to."""
    return {control: driven for control, driven in CONTROLS.items() if driven.test == test}
