"""The admin's pages in the order in which they are offered. A new page is one line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class AdminTab:
    """A page: its address, and the key of its name among the words."""

    path: str
    word: str


TABS: Final = (
    AdminTab("/admin", "tab_overview"),
    AdminTab("/admin/queue", "tab_queue"),
    AdminTab("/admin/failures", "tab_failures"),
    AdminTab("/admin/models", "tab_models"),
    AdminTab("/admin/warm-up", "tab_warmup"),
    AdminTab("/admin/tuning", "tab_tuning"),
    AdminTab("/admin/people", "people_title"),
    AdminTab("/admin/groups", "groups"),
    AdminTab("/admin/settings", "tab_settings"),
    AdminTab("/admin/backends", "tab_backends"),
    AdminTab("/admin/usage", "tab_usage"),
    AdminTab("/admin/database", "tab_database"),
    AdminTab("/admin/system", "tab_system"),
    AdminTab("/admin/people/audit", "audit"),
)
"""In the order of the day: what happens, what can be done, who may, how it is set, what was done."""
