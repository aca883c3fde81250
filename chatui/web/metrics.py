"""`/metrics` in Prometheus' own format: for this machine, and for whoever brings the token."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from chatui.domain.errors import NotFound
from chatui.domain.jobs import Priority
from chatui.domain.people import AccountRole
from chatui.operations.fleet import Fleet
from chatui.operations.recorder.spans import Spans, longest_of
from chatui.operations.recorder.totals import Totals
from chatui.scheduler.scheduler import Scheduler
from chatui.web.acting import address_of, visitor

_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_RELAYED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_CLASSES: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800)
"""Bounds of the histograms, in seconds."""

GAUGES: Final = {
    "samovar_processor_percent": ("cpu", "How busy this machine's processor is."),
    "samovar_app_processor_percent": ("cpu_app", "How much of one core the app takes."),
    "samovar_load_average": ("load", "Load average of the last minute."),
    "samovar_memory_used_bytes": ("memory_used", "Memory of this machine that is in use."),
    "samovar_memory_total_bytes": ("memory_total", "Memory of this machine."),
    "samovar_app_memory_bytes": ("memory_app", "Memory that the app itself takes."),
    "samovar_disk_free_bytes": ("disk_free", "Room on the disk of the data directory."),
    "samovar_disk_total_bytes": ("disk_total", "Size of the disk of the data directory."),
    "samovar_gpu_percent": ("gpu", "How busy the graphics cards are, on the average."),
    "samovar_gpu_memory_used_bytes": ("gpu_memory_used", "Memory in use on the graphics cards, all together."),
    "samovar_gpu_memory_total_bytes": ("gpu_memory_total", "Memory of the graphics cards, all together."),
}
COUNTERS: Final = {
    "samovar_tokens": ("tokens", "Tokens that were written, about."),
    "samovar_prompt_tokens": ("prompt_tokens", "Tokens that were read, as far as the servers told."),
    "samovar_model_loads": ("swaps", "Models that were loaded."),
    "samovar_expected_waits": ("eta_told", "Waits of which an interval was told."),
    "samovar_expected_waits_met": ("eta_met", "Waits that ended within the interval that was told."),
}


class Figures(Collector):
    """Reads everything anew at each scrape."""

    def __init__(self, totals: Totals, scheduler: Scheduler, fleet: Fleet) -> None:
        self._totals = totals
        self._scheduler = scheduler
        self._fleet = fleet

    @override
    def collect(self) -> Iterator[Metric]:
        yield from self._queue()
        yield from self._servers()
        yield from self._counts()
        for name, (gauge, text) in GAUGES.items():
            family = GaugeMetricFamily(name, text)
            if (value := self._totals.gauges.get(gauge)) is not None:
                family.add_metric([], value)
            yield family

    def _queue(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("samovar_jobs_waiting", "Questions in line, by class.", labels=["priority"])
        for priority in Priority:
            name = priority.name.lower()
            waiting.add_metric([name], self._totals.gauges.get(f"waiting_{name}", 0))
        yield waiting
        yield GaugeMetricFamily("samovar_jobs_running", "Answers under way.", self._totals.gauges.get("running", 0))
        held = self._scheduler.paused or self._scheduler.draining
        yield GaugeMetricFamily("samovar_queue_paused", "1 while the queue is paused or drained.", held)

    def _servers(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("samovar_server_up", "1 for a model server that answers.", labels=["server"])
        running = GaugeMetricFamily("samovar_server_running", "Answers under way there.", labels=["server"])
        limit = GaugeMetricFamily("samovar_server_limit", "Answers at the same time, at most.", labels=["server"])
        for name, backend in self._scheduler.backends().items():
            up.add_metric([name], backend.view.healthy)
            running.add_metric([name], len(backend.running))
            limit.add_metric([name], backend.limit)
        yield from (up, running, limit)
        loaded = GaugeMetricFamily(
            "samovar_model_loaded_bytes", "Memory of a loaded model, 0 where not told.", labels=["server", "model"]
        )
        for status in self._fleet.statuses():
            for model in status.loaded:
                loaded.add_metric([status.name, model.name], model.size_bytes or 0)
        yield loaded

    def _counts(self) -> Iterator[Metric]:
        for name, (count, text) in COUNTERS.items():
            yield CounterMetricFamily(name, text, self._totals.counts.get(count, 0))
        ended = CounterMetricFamily("samovar_jobs_ended", "Questions that are over, by how.", labels=["state"])
        for state, jobs in self._totals.family("ended.").items():
            ended.add_metric([state], jobs)
        failed = CounterMetricFamily("samovar_failures", "Attempts that failed, by cause.", labels=["code"])
        for code, attempts in self._totals.family("failure.").items():
            failed.add_metric([code], attempts)
        waits = HistogramMetricFamily("samovar_wait_seconds", "From the question to its turn.", labels=["priority"])
        for priority in Priority:
            name = priority.name.lower()
            waits.add_metric([name], *_histogram(self._totals.of(f"wait_{name}")))
        first = HistogramMetricFamily("samovar_first_token_seconds", "From the question to the first token.", labels=[])
        first.add_metric([], *_histogram(self._totals.of("first")))
        yield from (ended, failed, waits, first)


def _histogram(spans: Spans) -> tuple[list[tuple[str, float]], float]:
    """Give the cumulated counts by bound, and about how long all took together."""
    buckets = [
        (str(float(bound)), float(sum(count for each, count in spans.items() if longest_of(each) <= bound)))
        for bound in _CLASSES
    ]
    total = sum(longest_of(each) * count for each, count in spans.items())
    return [*buckets, ("+Inf", float(sum(spans.values())))], total


@dataclass(frozen=True, slots=True)
class Readers:
    """Who may read the figures: admins, this machine itself, and whoever brings the token, where there is one."""

    token: str | None = None

    def may(self, request: Request) -> bool:
        """Tell whether a request may. What a proxy or a tunnel on this machine passes on does not come from here."""
        person = visitor(request)
        if person is not None and person.user.role is AccountRole.ADMIN:
            return True
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if self.token and scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), self.token.encode()):
            return True
        relayed = any(header in request.headers for header in _RELAYED)
        return not relayed and address_of(request.scope) in _HERE and request.url.hostname in _HERE


def metrics_routes(figures: Figures, readers: Readers) -> APIRouter:
    """The figures."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(figures)
    routes = APIRouter(include_in_schema=False)

    @routes.get("/metrics")
    async def metrics(request: Request) -> Response:
        if not readers.may(request):
            raise NotFound
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes
