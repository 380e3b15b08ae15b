"""What is acknowledged is kept, whatever happens to the house. python -m bench.durability --database sqlite|postgresql

People write to each other, change what they wrote and listen, while the live process is killed (SIGKILL) again and again,
with it now and then the pages and the database; the power is cut; the disk is full; the clock is stepped; Redis is killed;
and, all the time, connections break half-way. In the end everything that was acknowledged must be there once, in its order, in its last words; every
list must be the same; and nothing that was refused may appear. Loopback only. Prints one JSON object last.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

from bench.live.places import redis
from bench.loader import Somebody, broken, problems
from bench.wrecked import Disk, House, Store, small_disk

HOUSE = Path(__file__).resolve().parents[1]
TALKS = 12
DISKS: list[Disk] = []  # the last is the one in use


# -- a day ------------------------------------------------------------------------------------------------------------


async def day(house: House, town: list[dict[str, Any]], calamities: Callable[[Day], Coroutine[Any, Any, None]]) -> Day:
    """Everybody writes and listens while it happens; then all boxes are emptied and all lists are brought up to date."""
    one = Day(house, _people(house.port, town))
    watch = asyncio.create_task(one.look_after())
    ears = [asyncio.create_task(person.listen()) for person in one.people]
    await one.until(
        lambda: all(person.heard.place for person in one.people)
    )  # the first word, as on a page that was opened
    over = asyncio.Event()
    hands = one.hands = asyncio.gather(*(person.write(over) for person in one.people))
    try:
        await calamities(one)
        over.set()
        await asyncio.wait_for(hands, 240)
        last = await asyncio.to_thread(house.last_places)
        await one.until(lambda: one.all_heard(last))
    finally:
        over.set()
        for task in [*ears, hands, watch]:
            task.cancel()
    return one


def _people(port: int, town: list[dict[str, Any]]) -> list[Somebody]:
    made = []
    for n, pair in enumerate(town):
        for session, token in zip(pair["sessions"], pair["tokens"], strict=True):
            elsewhere = town[(n + 1) % len(town)]["talk"]
            name = f"p{len(made):03}"
            made.append(Somebody(port, pair["talk"], session, token, name, elsewhere, pair["ended"], seed=len(made)))
    return made


class Day:
    def __init__(self, house: House, people: list[Somebody]) -> None:
        self.house, self.people = house, people
        self.any = random.Random(5)
        self.hands: asyncio.Future[list[None]] | None = None
        self.damaged = 0  # how often the database was not whole when the light came back

    @property
    def acknowledged(self) -> int:
        return sum(len(one.outbox.acknowledged) for one in self.people)

    def all_heard(self, last: dict[str, int]) -> bool:
        return all(one.heard.place >= last[one.talk] for one in self.people)

    async def look_after(self) -> None:
        """As whoever supervises would."""
        while True:
            self.house.look_after()
            await asyncio.sleep(0.2)

    async def until(self, true: Callable[[], bool], within: float = 120) -> None:
        async with asyncio.timeout(within):
            while not true():
                if self.hands and self.hands.done():
                    self.hands.result()  # whoever met with what may not be says so at once
                await asyncio.sleep(0.05)

    async def until_more(self, n: int = 20) -> None:
        """The house is at work again."""
        wanted = self.acknowledged + n
        await self.until(lambda: self.acknowledged >= wanted)


# -- what happens -----------------------------------------------------------------------------------------------------


def killed(times: int) -> Callable[[Day], Coroutine[Any, Any, None]]:
    async def calamities(one: Day) -> None:
        for n in range(1, times + 1):
            await one.until_more()
            await asyncio.sleep(one.any.uniform(0, 0.4))
            one.house.kill_live()
            if n % 10 == 0:
                one.house.kill_pages()
            if n % 20 == 0:
                await asyncio.to_thread(one.house.store.kill)
            if n % 10 == 0:
                print(f"  killed {n} times; {one.acknowledged} acknowledged", flush=True)
        await one.until_more()

    return calamities


async def disk_full(one: Day) -> None:
    """Three times: nothing more fits, and after a while it does."""
    for _time in range(3):
        await one.until_more()
        with one.house.store.no_room():
            before = one.acknowledged
            await asyncio.sleep(4)
            print(f"  no room: {one.acknowledged - before} acknowledged all the same", flush=True)
        await one.until_more()


async def clock_stepped(one: Day) -> None:
    """An hour on, two back, a day on, and so forth; each time the house is at work again."""
    for step in ("+3600", "-3600", "+86400", "-7200", "+0"):
        await one.until_more()
        one.house.step_clock(step)
        await asyncio.sleep(1)
        await one.until_more()


def redis_killed(times: int) -> Callable[[Day], Coroutine[Any, Any, None]]:
    async def calamities(one: Day) -> None:
        redis = one.house.store.redis
        assert redis
        for n in range(1, times + 1):
            await one.until_more()
            redis.kill()
            await asyncio.sleep(one.any.uniform(0.2, 3))
            await asyncio.to_thread(redis.start)
            await one.until_more()
            print(f"  Redis killed {n} times; {one.acknowledged} acknowledged", flush=True)

    return calamities


def power_lost(times: int, disk: Callable[[], Disk]) -> Callable[[Day], Coroutine[Any, Any, None]]:
    """In the middle of everything; with the next light the same people send what was not acknowledged."""

    async def calamities(one: Day) -> None:
        for n in range(1, times + 1):
            await one.until_more()
            await asyncio.sleep(one.any.uniform(0, 1))
            one.house.lose_power(disk())
            one.damaged += not await asyncio.to_thread(one.house.get_power, disk())
            print(f"  lost power {n} times; {one.acknowledged} acknowledged", flush=True)
        await one.until_more()

    return calamities


# -- everything, one after the other ----------------------------------------------------------------------------------


async def run(wanted: argparse.Namespace) -> dict[str, Any]:
    told: dict[str, Any] = {"database": wanted.database, "rounds": wanted.rounds}
    happens = {
        "kills": killed(wanted.rounds),
        "power": power_lost(wanted.cuts, lambda: DISKS[-1]),
        "disk": disk_full,
        "clock": clock_stepped,
        "redis": redis_killed(wanted.cuts),
    }
    for part in wanted.parts:
        why = _missing(part)
        if why:
            print(f"  SKIPPED {part}: {why}", flush=True)
        told[part] = f"skipped: {why}" if why else await _one(wanted, part, happens[part])
    told["problems"] = sum(broken(one) for one in told.values() if isinstance(one, dict))
    return told


async def _one(
    wanted: argparse.Namespace, part: str, happens: Callable[[Day], Coroutine[Any, Any, None]]
) -> dict[str, int]:
    began = time.monotonic()
    print(f"{wanted.database}, {part}:", flush=True)
    async with _house(wanted, part) as (house, town):
        one = await day(house, town, happens)
        kept = house.everything()
    found = problems(
        one.people, {talk: [tuple(row) for row in rows] for talk, rows in kept["talks"].items()}, kept["places"]
    )
    found |= {"events_that_differ": kept["events_that_differ"]}
    found |= {"damaged": one.damaged} if part == "power" else {}
    late = sum(person.too_late for person in one.people)
    if part == "clock":  # where it jumps, a quarter of an hour is over before its time
        found |= {"changes_too_late": late}
    else:
        found["changes_refused"] += late
    found |= {
        "asked_again": sum(person.again for person in one.people),
        "changes": sum(person.changes for person in one.people),
    }
    print(f"  {json.dumps(found)} in {time.monotonic() - began:.0f} s", flush=True)
    return found


@contextlib.asynccontextmanager
async def _house(wanted: argparse.Namespace, part: str) -> AsyncIterator[tuple[House, list[dict[str, Any]]]]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nawzajem-durability-")))
        if part == "disk":
            stack.enter_context(small_disk(folder))
        if part == "power":
            DISKS.append(stack.enter_context(Disk.mounted(folder)))
        store = stack.enter_context(Store.of(wanted.database, folder))
        if part == "redis":
            store.redis = stack.enter_context(redis())
        town = store.ask_inside("make", str(TALKS))
        house = stack.enter_context(House.open(store, clock=_faketime() if part == "clock" else None))
        yield house, town


def _missing(part: str) -> str:
    """What this machine lacks for it."""
    if part in {"disk", "power"} and os.geteuid() != 0:
        return "a disk of its own can only be mounted by root"
    return "libfaketime is not installed" if part == "clock" and _faketime() is None else ""


def _faketime() -> Path | None:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    return found[0] if found else None


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    asked.add_argument("--rounds", type=int, default=100, help="how often the house is killed")
    asked.add_argument("--cuts", type=int, default=12, help="how often the power is cut, and Redis killed")
    asked.add_argument("--parts", nargs="*", default=["kills", "power", "disk", "clock", "redis"])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left running
    print(json.dumps(asyncio.run(run(asked.parse_args()))))


if __name__ == "__main__":
    main()
