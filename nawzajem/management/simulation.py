"""What the simulator shows, in words and as a picture; and arrivals read from a sheet."""

from __future__ import annotations

import csv
import io
import math
import textwrap
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.management.base import CommandError
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from nawzajem.core.matching.over_time import FIGURES, Compared, best_policies
from nawzajem.management.files import given_bytes

Hours = npt.NDArray[np.float64]
LONG = 48  # hours, told in days from here on


def policy_words() -> Mapping[str, str]:
    return {
        "at_once": _("at once; a seat that comes free to who waits longest"),
        "at_once_fit": _("at once; a seat that comes free to whom it fits best"),
        "rounds_6": _("in a round every 6 hours"),
        "rounds_24": _("in a round every day"),
        "rounds_168": _("in a round every week"),
        "patient": _("only when somebody might soon leave"),
        "reserve": _("at once, but a seat is kept for whom it is worth more to"),
    }


def arrivals(path: Path) -> tuple[Hours, Hours]:
    """When each ask came, in hours from the first, in order; and after how long it left without a pair, nan where unknown."""
    text = given_bytes(path).decode("utf-8-sig", errors="replace")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=text.partition("\n")[0].count)))
    came = np.array([_hour(row.get("arrives"), place) for place, row in enumerate(rows, 2)])
    left = np.array([_hour(row["leaves"], n) if row.get("leaves") else math.nan for n, row in enumerate(rows, 2)])
    if not len(came):
        raise CommandError(_("%(path)s has no line about anybody who came.") % {"path": path})
    if (left < came).any():
        raise CommandError(_("Somebody in %(path)s leaves before they come.") % {"path": path})
    order = np.argsort(came, kind="stable")
    return came[order] - came.min(), (left - came)[order]


def _hour(cell: str | None, line: int) -> float:
    """A number of hours, or a date with or without an hour; without a zone it is UTC."""
    try:
        hour = float(cell or "")
    except ValueError:
        try:
            at = datetime.fromisoformat((cell or "").strip())
        except ValueError:
            said = _("line %(n)d: “arrives” and “leaves” are numbers of hours, or dates such as 2026-05-31 17:30.")
            raise CommandError(said % {"n": line}) from None
        return (at if at.tzinfo else at.replace(tzinfo=timezone.utc)).timestamp() / 3600  # noqa: UP017
    if not math.isfinite(hour):
        raise CommandError(_("line %(n)d: this is no hour.") % {"n": line})
    return hour


def told(compared: Compared, half: float) -> Iterator[str]:
    """A table of what was seen under each policy, which is best, and what the figures mean."""
    words = policy_words()
    heads = [
        _("when people are asked"),
        _("half waited"),
        _("9 of 10"),
        _("quality"),
        _("left alone"),
        _("of best"),
        _("worth"),
    ]
    rows = [[words[name], *_cells(compared, name)] for name in compared.runs]
    widths = [max(len(row[place]) for row in [heads, *rows]) for place in range(len(heads))]
    for row in [heads, *rows]:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()
    yield ""
    first, *equals = best_policies(compared)
    yield _("Best: %(policy)s.") % {"policy": words[first]}
    for name in equals:
        yield _("Perhaps as good: %(policy)s.") % {"policy": words[name]}
    yield _("Waits are those of people who found somebody. Left alone: the share who left with nobody.")
    yield _("Of best: the total of all scores, beside a bound that not even hindsight could pass.")
    yield ngettext(
        "Worth: the same, with each pair halved for every %(n)d hour of waiting; ± is the 95%% interval.",
        "Worth: the same, with each pair halved for every %(n)d hours of waiting; ± is the 95%% interval.",
        round(half),
    ) % {"n": round(half)}


def _cells(compared: Compared, name: str) -> list[str]:
    mean = {figure: compared.mean(name, figure) for figure in FIGURES}
    within = compared.within(name, "worth")
    more = "" if math.isnan(within) else f" ± {number_format(100 * within, 1)}"
    return [
        _span(mean["wait"]),
        _span(mean["wait_p90"]),
        "–" if math.isnan(mean["quality"]) else number_format(mean["quality"], 2),
        f"{100 * mean['never']:.0f}%",
        f"{number_format(100 * mean['share'], 1)}%",
        f"{number_format(100 * mean['worth'], 1)}%{more}",
    ]


def _span(hours: float) -> str:
    if math.isnan(hours):
        return "–"
    if hours < LONG:
        return pgettext("hours, short", "%(n)s h") % {"n": f"{hours:.0f}"}
    return pgettext("days, short", "%(n)s d") % {"n": number_format(hours / 24, 1)}


def figures(compared: Compared) -> dict[str, Any]:
    """For programs: of each policy and figure the mean and half of its 95 % interval; null where there is none."""

    def number(value: float) -> float | None:
        return None if math.isnan(value) else round(value, 6)

    return {
        "best": best_policies(compared),
        "policies": {
            name: {
                figure: {"mean": number(compared.mean(name, figure)), "within": number(compared.within(name, figure))}
                for figure in FIGURES
            }
            for name in compared.runs
        },
    }


def plot(compared: Compared) -> bytes:
    """Waits and worth of each policy side by side, as SVG whose words can be read, searched and read aloud."""
    from matplotlib import rc_context  # heavy, and needed here alone
    from matplotlib.figure import Figure

    names, words = list(compared.runs)[::-1], policy_words()
    places = np.arange(len(names))
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "nawzajem", "font.family": "sans-serif", "font.size": 10}):
        picture = Figure(figsize=(11, 0.6 * len(names) + 1.6), layout="constrained")
        waits, worth = picture.subplots(1, 2, sharey=True)
        days = [[compared.mean(name, figure) / 24 for name in names] for figure in ("wait_p90", "wait")]
        waits.barh(places, days[0], 0.7, color="#c9d6df", label=_("9 of 10 waited no longer"))
        waits.barh(places, days[1], 0.7, color="#2f6f7e", label=_("half waited no longer"))
        waits.set_yticks(places, [textwrap.fill(words[name], 36) for name in names])
        waits.set_xlabel(_("days until a pair began"))
        picture.legend(frameon=False, loc="outside upper center", ncols=2)
        margins = np.nan_to_num([100 * compared.within(name, "worth") for name in names])
        worth.barh(places, [100 * compared.mean(name, "worth") for name in names], 0.7, xerr=margins, color="#b8743a")
        worth.set_xlabel(_("worth, in percent of the best in hindsight"))
        for one in (waits, worth):
            one.spines[["top", "right"]].set_visible(False)
        out = io.BytesIO()
        picture.savefig(out, format="svg", metadata={"Date": None, "Title": _("When to ask whom")})
    return out.getvalue()
