"""The chapters of what is measured, as the README has them: from the figures of a benchmark to words and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.plot import Bars, draw

Figures = Mapping[str, float]
OURS = "Samovar"
TRACES = {"mixed": "everybody uses both models", "heavy on one": "the heavy person uses one model only"}
CHANCES = (0, 20, 50)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A title, what is said, and perhaps a plot."""

    title: str
    tell: Callable[[Figures], Sequence[str]]
    plot: Callable[[Figures], str] | None = None


def markdown(columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    """Write a table whose figures stand right."""
    head = f"| {' | '.join(columns)} |\n|---|{'--:|' * (len(columns) - 1)}"
    return "\n".join([head, *(f"| {' | '.join((_marked(name), *cells))} |" for name, cells in rows.items())])


def _marked(name: str) -> str:
    return f"**{name}**" if name == OURS else name


def _ways(figures: Figures, group: str) -> Sequence[str]:
    """List who is compared, in the order of the benchmark."""
    names = (name.split("/")[1] for name in figures if name.startswith(f"{group}/"))
    return list(dict.fromkeys(names))


def _peers(figures: Figures) -> Sequence[str]:
    said = [_PEERS]
    for trace, title in TRACES.items():
        rows = {way: _peer(figures, f"{trace}/{way}") for way in _ways(figures, trace)}
        said.append(f"**{title[0].upper()}{title[1:]}**")
        columns = ("", "answered", "tokens/s", "loads", *_waits(figures), "Jain", "wasted")
        said.append(markdown(columns, rows))
    light, high, speed = (
        figures[name] for name in ("light_p95_vs_best_peer", "high_p95_vs_best_peer", "throughput_vs_best")
    )
    if ways := _ways(figures, "real"):
        said.append(_REAL)
        rows = {way: _real(figures, f"real/{way}") for way in ways}
        said.append(markdown(("", "answered", "tokens/s", *_waits(figures), "Jain"), rows))
    said.append(
        f"Against the best of the others on each trace (geometric mean of both): {light:.2f} of its wait for light"
        f" people, {high:.2f} for high priority, {speed:.2f} of its tokens a second."
    )
    if asked := figures.get(f"mixed/{OURS}/high_asked"):
        said.append(f"The waits for high priority are those of {asked:.0f} questions of light people on each trace.")
    return said


_PEERS = """\
One heavy and nine light people ask two models that do not fit into memory together; some hang up. The same questions
go through every front end at the same moment, each with a scripted Ollama of its own behind it that has four slots and
loads a model in 10 s; time runs 50 times as fast. Seconds to the first word; who has none after 40 minutes gives up."""


_WAITS = {
    "light p50": "light_p50_s",
    "light p95": "light_p95_s",
    "high p95": "high_p95_s",
    "normal p95": "normal_p95_s",
    "low p95": "low_p95_s",
}

_REAL = """\
**One real model (SmolLM2 135 M)**: the same trace, as much faster as this model is; each way by itself, one after the
other. Nothing is swapped here. What the queue gives to high and normal priority it takes from low, which three of ten
questions have: the light people's p95 is that of their low ones, and the columns behind it tell the classes apart."""


def _waits(figures: Figures) -> Mapping[str, str]:
    """The waits that were measured: older results tell less."""
    return {title: key for title, key in _WAITS.items() if any(name.endswith(f"/{key}") for name in figures)}


def _peer(figures: Figures, name: str) -> Sequence[str]:
    loads, wasted = figures[f"{name}/swaps"], figures[f"{name}/wasted_share"]
    answered, speed, *rest = _real(figures, name)
    return (answered, speed, f"{loads:.0f}", *rest, f"{wasted:.1%}")


def _real(figures: Figures, name: str) -> Sequence[str]:
    def of(column: str) -> float:
        return figures[f"{name}/{column}"]

    waits = (f"{of(column):.0f}" for column in _waits(figures).values())
    return (f"{of('completed'):.0f} of {of('stayed'):.0f}", f"{of('tokens_per_s'):.1f}", *waits, f"{of('jain'):.2f}")


def _peers_plot(figures: Figures) -> str:
    columns = [f"{trace}/{{}}/light_p95_s" for trace in TRACES]
    values = {way: [figures[column.format(way)] for column in columns] for way in _ways(figures, "mixed")}
    title = "Longest waits of light people for a first word (95th percentile)"
    return draw(Bars(title, "s", tuple(TRACES.values()), values, OURS))


def _burst(figures: Figures) -> Sequence[str]:
    rows = {way: [f"{figures[f'burst/{way}/{chance}']:.0%}" for chance in CHANCES] for way in _ways(figures, "burst")}
    said = "Bursts of 5, 50 and 200 questions at once on a server that is cold and fails some loads; share answered."
    return (said, markdown(("", *(f"{chance} % of loads fail" for chance in CHANCES)), rows))


def _streaming(figures: Figures) -> Sequence[str]:
    crowds = _crowds(figures)
    rows = {
        name: [
            f"{_lag(figures[f'{key}lag_p95_ms_{crowd}'])} ({figures[f'{key}delivered_share_{crowd}']:.0%})"
            for crowd in crowds
        ]
        for name, key in ((OURS, ""), ("gr.ChatInterface", "chatinterface_"))
    }
    said = (
        "So many people each watch an answer of 30 tokens a second at the end of 200 messages: 95 of 100 tokens are on"
        " the page within that time after the model wrote them (share of the tokens that came at all)."
    )
    return (said, markdown(("", *(f"{crowd} people" for crowd in crowds)), rows))


def _lag(milliseconds: float) -> str:
    """A lag of nothing is that of tokens of which none came while they were watched for."""
    return f"{milliseconds:,.0f} ms" if milliseconds else "none in time"


def _crowds(figures: Figures) -> Sequence[int]:
    return sorted(int(name.rpartition("_")[2]) for name in figures if name.startswith("lag_p95_ms_"))


def _footprint(figures: Figures) -> Sequence[str]:
    pairs = {
        "from the command to the page": ("{:.1f} s", "warm_start_s", "gradio_start_s"),
        "memory at rest": ("{:.0f} MiB", "idle_rss_mb", "gradio_idle_rss_mb"),
        "of a core at rest": ("{:.1%}", "idle_cpu_share", "gradio_idle_cpu_share"),
        "to install": ("{:.0f} s", "install_s", "gradio_install_s"),
        "on the disk": ("{:,.0f} MiB", "install_mb", "gradio_install_mb"),
    }
    rows = {
        name: (form.format(figures[own]), form.format(figures[other]))
        for name, (form, own, other) in pairs.items()
        if own in figures
    }
    people = f"{figures['person_kib']:.0f} KiB more for each person with a tab open, {figures['tab_kib']:.0f} KiB"
    answer = f"The built-in model has answered {figures['first_answer_s']:.1f} s after the command."
    return (markdown(("", OURS, "gr.ChatInterface"), rows), f"{people} for one more tab. {answer}")


def _gateway(figures: Figures) -> Sequence[str]:
    other = figures.get("litellm_added_first_token_p50_ms")
    beside = f" (LiteLLM's proxy: {other:.1f} ms)" if other is not None else ""
    middle, most = (f"{figures[f'added_first_token_p{percent}_ms']:.1f} ms" for percent in (50, 95))
    first = f"Asking through the app instead of the server itself adds {middle} to the first token{beside}"
    rate = f"50 clients get {figures['throughput_vs_direct']:.0%} of the direct tokens a second"
    return (f"{first}, at most {most} in 95 of 100 cases; {rate}.",)


def _page(figures: Figures) -> Sequence[str]:
    suffixes = {"alone": "", f"beside {figures['others']:.0f} who watch answers": "_others"}
    rows = {
        name: [f"{figures[f'{key}_p95_ms{suffix}']:.0f} ms" for suffix in suffixes.values()]
        for name, key in (
            ("from Enter to the message", "enter_to_shown"),
            ("from a click to the chat", "click_to_open"),
        )
    }
    frames, opened = figures["streaming_fps"], figures["long_open_max_ms"]
    said = (
        f"In Chromium, where a chat has 200 messages (95 of 100 are quicker): an answer of 30 tokens a second grows at"
        f" {frames:.0f} frames a second; a chat of 1,000 messages stands there after {opened:.0f} ms at most."
    )
    return (said, markdown(("", *suffixes), rows))


CHAPTERS: Mapping[str, Chapter] = {
    "peers": Chapter("The queue beside what others use", _peers, _peers_plot),
    "burst": Chapter("A burst on a server that fails", _burst),
    "streaming": Chapter("Many who watch", _streaming),
    "page": Chapter("The page in a browser", _page),
    "gateway": Chapter("Programs", _gateway),
    "footprint": Chapter("What it takes", _footprint),
}
