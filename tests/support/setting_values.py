"""For each setting, values that it may have and values that it may not, from the table of definitions."""

from __future__ import annotations

from chatui.operations.settings.kinds import Choice, Kind, Number, Stay, Switch, Whole


def wrong_values(kind: Kind) -> list[str]:
    """What may be typed and is no value of the kind."""
    match kind:
        case Whole(least, most):
            return ["", "   ", "many", "1.5", "1e3", "٣", f"{least - 1}", f"{most + 1}", "9" * 400, "<b>2</b>"]
        case Number(least, most):
            return ["", "soon", "1,5", "nan", "inf", "1e3", f"{least - 1:.2f}", f"{most + 1:.1f}", "9" * 400]
        case Choice():
            return ["", "perhaps", "closed; open"]
        case Switch():
            return ["", "perhaps", "1"]
        case Stay():
            return ["soon", "5 minutes", "-2", "1d", "9999999h"]
    raise AssertionError(kind)


def right_values(kind: Kind) -> list[str]:
    """Values of the kind, its bounds among them, as they are shown again."""
    match kind:
        case Whole(least, most, auto):
            return [f"{least}", f"{most}", f"{least + 1}", *([auto] if auto else [])]
        case Number(least, most):
            return [f"{least:g}", f"{most:.0f}", f"{least + 1.5:g}"]
        case Choice(options):
            return list(options)
        case Switch():
            return ["on", "off", "on"]
        case Stay():
            return ["-1", "0", "30m"]
    raise AssertionError(kind)
