"""`nawzajem simulate`: weeks of asks and seats under several policies, to see when it is best to ask whom."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from nawzajem.core.matching import STRATEGIES
from nawzajem.core.matching.over_time import POLICIES, Policy, Rounds, Supply, Trace, compare, fates, synthetic
from nawzajem.management import past, simulation
from nawzajem.management.files import appearing
from nawzajem.programmes import reads

ROUNDS = {"rounds_6": 6.0, "rounds_24": 24.0, "rounds_168": 168.0}


class Command(BaseCommand):
    help = (
        "Plays weeks of asks and free seats under several policies and says how long people wait and how well they fit."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        usual = Supply()
        parser.add_argument("file", type=Path, nargs="?", help="CSV of arrivals: arrives, and leaves where it is known")
        parser.add_argument("--programme", metavar="ADDRESS", help="learn from what this programme has seen")
        parser.add_argument("--asks", type=int, default=1000, help="how many come, where no arrivals are given")
        parser.add_argument("--days", type=float, default=90, help="in how many days")
        parser.add_argument(
            "--load", type=float, default=usual.load, help="hours of seats needed, over those there are"
        )
        parser.add_argument("--patience", type=float, default=usual.patience / 24, help="days that half would wait")
        parser.add_argument(
            "--policy", action="append", choices=sorted(POLICIES), help="only this one; may be repeated"
        )
        parser.add_argument("--strategy", choices=sorted(STRATEGIES), default="best", help="of the rounds")
        parser.add_argument(
            "--half", type=float, default=168, metavar="HOURS", help="of waiting that halve a pair's worth"
        )
        parser.add_argument("--runs", type=int, default=5, help="how often, each time with other fates")
        parser.add_argument("--seed", type=int, default=0, help="of the first run")
        parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw it")
        parser.add_argument("--language", choices=["pl", "en"], default=settings.LANGUAGE_CODE[:2])
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *, language: str, **options: Any) -> None:
        with override(language):
            self._check(options)
            chosen = {name: _policy(name, options["strategy"]) for name in options["policy"] or POLICIES}
            traces = list(_traces(options))
            count = len(traces[0].arrives)
            compared = compare(traces, chosen, half=options["half"])
            head = ngettext("Asks: %(asks)d, played %(n)d time", "Asks: %(asks)d, played %(n)d times", len(traces))
            self.stdout.write(head % {"asks": count, "n": len(traces)})
            for line in simulation.told(compared, options["half"]):
                self.stdout.write(line)
            if options["plot"]:
                self._draw(options["plot"], simulation.plot(compared))
            if options["json"]:
                self.stdout.write(json.dumps({"asks": count, "runs": len(traces)} | simulation.figures(compared)))

    def _check(self, options: dict[str, Any]) -> None:
        if options["file"] and options["programme"]:
            raise CommandError(_("Either a file or a programme, not both."))
        if (
            min(options["asks"], options["runs"]) < 1
            or min(options[one] for one in ("days", "load", "patience", "half")) <= 0
        ):
            raise CommandError(_("Asks, runs, days, load, patience and half are above 0."))

    def _draw(self, path: Path, picture: bytes) -> None:
        try:
            with appearing(path) as out:
                out.write(picture)
        except OSError as error:
            raise CommandError(_("Cannot write there: %(why)s") % {"why": error}) from error


def _policy(name: str, strategy: str) -> Callable[[], Policy]:
    return partial(Rounds, ROUNDS[name], STRATEGIES[strategy]) if name in ROUNDS else POLICIES[name]


def _traces(options: dict[str, Any]) -> Iterator[Trace]:
    """As many fates as runs."""
    supply = Supply(load=options["load"], patience=options["patience"] * 24)
    seeds = range(options["seed"], options["seed"] + options["runs"])
    if options["programme"]:
        known = past.seen(reads.programme(options["programme"]))
        yield from (fates(known, seed, supply) for seed in seeds)
    elif options["file"]:
        came, left = simulation.arrivals(options["file"])
        for seed in seeds:
            trace = synthetic(seed, arrives=came, supply=supply)
            yield replace(trace, patience=np.where(np.isnan(left), trace.patience, left))
    else:
        yield from (synthetic(seed, asks=options["asks"], days=options["days"], supply=supply) for seed in seeds)
