"""The live path through its whole door: session, rule, encryption, event, commit. python -m bench.live [--short | --full]

Loopback only, bounded. Each figure stands beside its limit or its peers, measured in the same run and in turns; what is not
installed is said aloud and left out. Prints what it sees, and one JSON object last; docs/live.md says what its keys mean.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.live import limits, places
from bench.live.loader import Crowd, Heard, Post, kept, ms
from bench.live.places import Server
from bench.live.town import CIRCLE, EACH, Talk, Town

SENDERS = 16
DEAD = 4.0  # seconds without a bus

Told = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    seconds: float
    rounds: int
    some: int  # streams open while messages are timed
    many: int  # idle streams of one process, and the listeners of one message
    peers: int  # streams of each peer


SHORT = Shape(seconds=2, rounds=1, some=300, many=1000, peers=300)
PLAIN = Shape(seconds=3, rounds=3, some=1000, many=2000, peers=1000)
FULL = Shape(seconds=4, rounds=3, some=1000, many=10_000, peers=1000)


def say(what: str, told: Told) -> Told:
    print(f"{what}: {json.dumps(told)}", flush=True)
    return told


def times(heard: list[float]) -> Told:
    return {"p50": ms(heard, 0.5), "p99": ms(heard, 0.99)}


# -- sending ----------------------------------------------------------------------------------------------------------


def sending(server: Server, town: Town, shape: Shape, limit: Callable[[float], float], name: str) -> Told:
    """Acknowledged a second by 16 clients, and the limit, in turns."""
    posts = [town.pairs[n].post(n) for n in range(SENDERS)]
    kept(server.port, posts, 1.5)  # warm
    ours, theirs, spent = [], [], []
    for _ in range(shape.rounds):
        theirs.append(limit(shape.seconds))
        before = server.worked
        ours.append(kept(server.port, posts, shape.seconds))
        spent.append(1000 * (server.worked - before) / (ours[-1] * shape.seconds))
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    return {
        "kept_per_second": round(statistics.median(ours)),
        name: round(statistics.median(theirs)),
        "ratio": round(ratio, 2),
        "cpu_ms_per_message": round(statistics.median(spent), 3),
    }


# -- streams ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def crowd(server: Server, requests: list[bytes], **words: Any) -> Iterator[tuple[Crowd, Told]]:
    """Open streams, what each takes, and how fast they were let in."""
    before, worked = server.resident, server.worked
    here = Crowd(server.port, **words)
    accepted = here.open(requests)
    here.listen(1)
    told = {
        "streams": len(requests),
        "kb_per_stream": round((server.resident - before) / len(requests) / 1024, 1),
        "accepted_per_second": round(accepted),
        "cpu_ms_per_accept": round(1000 * (server.worked - worked) / len(requests), 2),
        "mb_in_all": round(server.resident / 2**20),
    }
    try:
        yield here, told
    finally:
        here.close()
        time.sleep(0.5)


def idle(town: Town, n: int) -> list[bytes]:
    """Streams of people in pairs, ten of each."""
    return [pair.listen(one) for pair in town.pairs for one in range(2) for _ in range(EACH)][:n]


def pair_heard(here: Crowd, pair: Talk, rate: float, seconds: float) -> Heard:
    """Both of a pair listen and write."""
    here.open([pair.listen(0), pair.listen(1)])
    return here.told([pair.post(0), pair.post(1)], rate=rate, seconds=seconds, each=2)


def with_some_open(server: Server, town: Town, shape: Shape) -> Told:
    with crowd(server, idle(town, shape.some)) as (here, _told):
        heard = pair_heard(here, town.pairs[-1], 500, shape.seconds)
    return {
        "rate": 500,
        "streams": shape.some,
        "acknowledged_to_received_ms": times(heard.after_answer),
        "posted_to_received_ms": times(heard.received),
        "missing": heard.missing,
    }


def with_many_open(server: Server, town: Town, shape: Shape) -> tuple[Told, Told]:
    with crowd(server, idle(town, shape.many // 10)):  # warm
        pass
    with crowd(server, idle(town, shape.many)) as (here, told):
        heard = pair_heard(here, town.pairs[-1], 200, shape.seconds)
    timed = {
        "rate": 200,
        "streams": shape.many,
        "posted_to_received_ms": times(heard.received),
        "missing": heard.missing,
    }
    return told, timed


def of_circle(server: Server, town: Town, shape: Shape) -> Told:
    with crowd(server, [town.circle.listen(n) for n in range(CIRCLE)]) as (here, _told):
        return circle(server, here, [town.circle.post(n) for n in range(CIRCLE)], shape)


def circle(server: Server, here: Crowd, posts: list[Post], shape: Shape, rate: float = 200) -> Told:
    """Fifty listeners at so many messages a second, and the processor's work for each event that was heard."""
    before = server.worked
    heard = here.told(posts, rate=rate, seconds=shape.seconds, each=CIRCLE)
    events = max(1, len(heard.received))
    return {
        "posted_to_received_ms": times(heard.received),
        "cpu_us_per_event": round(1e6 * (server.worked - before) / events, 1),
        "missing": heard.missing,
    }


def of_hall(here: Crowd, posts: list[Post], n: int) -> float:
    """Milliseconds from posting one message until the last of all has it, the median of three."""
    return statistics.median(ms(here.told(posts, rate=1, seconds=1, each=n).received, 1) for _ in range(3))


def hall(server: Server, town: Town, shape: Shape) -> Told:
    """One message to all, beside a C server that keeps nothing and asks nobody who they are."""
    requests = [town.hall.listen(n % len(town.hall.sessions)) for n in range(shape.many)]
    with crowd(server, requests) as (here, _told):
        told: Told = {"listeners": shape.many, "last_ms": of_hall(here, [town.hall.post()], shape.many)}
    with places.nchan() as other:
        if other is None:
            print("nginx with nchan is not installed: no C server to compare with (apt-get install libnginx-mod-nchan)")
            return told
        with crowd(other, [STREAM] * shape.many, ready=b"200 OK") as (here, _told):
            told["c_server_last_ms"] = of_hall(here, [post_plainly], shape.many)
    return {**told, "ratio": round(told["last_ms"] / told["c_server_last_ms"], 2)}


# -- peers ------------------------------------------------------------------------------------------------------------

RATES = (200, 100, 50)  # messages a second
STREAM = b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"


def post_plainly(key: str) -> bytes:
    return f"POST /post HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(key)}\r\n\r\n{key}".encode()


def beside_peers(server: Server, town: Town, shape: Shape) -> Told:
    """Each peer at the highest of the rates at which it loses nothing, and we at the same: what is never told costs nothing."""
    many, fifty = idle(town, shape.peers), [town.circle.listen(n) for n in range(CIRCLE)]
    posts = [town.circle.post(n) for n in range(CIRCLE)]
    ours = _streams(server, many, b"event: unread")
    at = {rate: _told_to_fifty(server, fifty, posts, b"event: unread", shape, rate) for rate in RATES}
    told: Told = {"ours": ours | at[RATES[0]]}
    with places.redis() as redis:
        for name in ("channels", "eventstream"):
            told[name] = peer = _peer(name, redis.path, shape)
            peer["our_share_of_memory"] = round(ours["kb_per_stream"] / peer["kb_per_stream"], 2)
            peer["our_share_of_cpu"] = round(at[peer["rate"]]["cpu_us_per_event"] / peer["cpu_us_per_event"], 2)
    return told


def _peer(name: str, redis: str, shape: Shape) -> Told:
    told: Told = {}
    for rate in RATES:  # each time another process: one that was asked too much may never come to itself again
        with places.process(["-m", "bench.live.peers", name], {"BENCH_REDIS": redis}, path="/post") as peer:
            told = told or _streams(peer, [STREAM] * shape.peers, b"event-stream")
            told |= _told_to_fifty(peer, [STREAM] * CIRCLE, [post_plainly], b"event-stream", shape, rate)
        if not told["missing"]:
            break
        print(f"{name} loses {told['missing']} events at {rate} messages a second")
    return told


def _streams(server: Server, many: list[bytes], ready: bytes) -> Told:
    with crowd(server, many[: len(many) // 5], ready=ready):  # warm
        pass
    with crowd(server, many, ready=ready) as (_here, told):
        return told


def _told_to_fifty(
    server: Server, fifty: list[bytes], posts: list[Post], ready: bytes, shape: Shape, rate: float
) -> Told:
    with crowd(server, fifty, ready=ready) as (here, _told):
        return {"rate": rate, **circle(server, here, posts, shape, rate)}


# -- under strain -----------------------------------------------------------------------------------------------------


def hammered(variables: dict[str, str], town: Town, shape: Shape) -> Told:
    """Live p50 in the whole house, with its pages left alone and with its pages hammered."""
    pair, stop = town.pairs[0], threading.Event()
    pages = [0] * 4

    def hammer(n: int, port: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while not stop.is_set():
            line.request("GET", town.page, headers={"Cookie": f"nawzajem={town.pairs[n + 1].sessions[0]}"})
            answer = line.getresponse()
            answer.read()
            pages[n] += answer.status == 200

    with places.whole_house(variables) as server:
        quiet = _timed(server, pair, shape)
        threads = [threading.Thread(target=hammer, args=(n, server.port)) for n in range(len(pages))]
        for one in threads:
            one.start()
        time.sleep(1)
        before = sum(pages)
        loud = _timed(server, pair, shape)
        hit = (sum(pages) - before) / shape.seconds
        stop.set()
        for one in threads:
            one.join()
    return {
        "quiet_ms": times(quiet.received),
        "hammered_ms": times(loud.received),
        "ratio": round(ms(loud.received, 0.5) / ms(quiet.received, 0.5), 2),
        "pages_per_second": round(hit),
    }


def _timed(server: Server, pair: Talk, shape: Shape) -> Heard:
    here = Crowd(server.port)
    heard = pair_heard(here, pair, 50, shape.seconds)
    here.close()
    return heard


def two_processes(variables: dict[str, str], town: Town, shape: Shape) -> Told:
    """Said to one process, heard at the other."""
    with places.house(variables) as one, places.house(variables) as other:
        heard = _across(one, other, town.pairs[0], 50, shape.seconds)
    return {"posted_to_received_ms": times(heard.received), "acknowledged_to_received_ms": times(heard.after_answer)}


def _across(one: Server, other: Server, pair: Talk, rate: float, seconds: float) -> Heard:
    here = Crowd(other.port, posts_to=one.port)
    here.open([pair.listen(0)])
    here.told([pair.post(1)], rate=rate, seconds=0.5, each=1)  # warm
    heard = here.told([pair.post(1)], rate=rate, seconds=seconds, each=1)
    here.close()
    return heard


def bus_dead(variables: dict[str, str], town: Town) -> Told:
    """Redis is killed for four seconds while one process is told and the other listens: the longest that anything took."""
    with places.redis() as redis:
        own = {**variables, "REDIS_URL": f"unix://{redis.path}"}
        with places.house(own) as one, places.house(own) as other:

            def die() -> None:
                time.sleep(2)
                redis.kill()
                time.sleep(DEAD)
                redis.start()

            dying = threading.Thread(target=die)
            dying.start()
            heard = _across(one, other, town.pairs[0], 20, DEAD + 5)
            dying.join()
    return {**times(heard.received), "longest_ms": ms(heard.received, 1), "missing": heard.missing}


# -- all --------------------------------------------------------------------------------------------------------------


def run(shape: Shape, folder: Path) -> Told:
    pairs = max(SENDERS, shape.many // (2 * EACH)) + 1
    told: Told = {}
    data = {"NAWZAJEM_DATA": str(folder / "sqlite")}
    (folder / "sqlite").mkdir()
    town = Town.make(data, pairs=pairs, hall=shape.many // EACH)
    with places.house(data) as server:
        limit = lambda seconds: limits.one_row_loop(folder, seconds)  # noqa: E731
        told["sqlite"] = say("sends, SQLite", sending(server, town, shape, limit, "one_row_full_loop_per_second"))
        told["some_open"] = say("500 a second", with_some_open(server, town, shape))
        told["circle"] = say("a circle of fifty", of_circle(server, town, shape))
    with places.house(data) as server:
        told["idle"], told["many_open"] = with_many_open(server, town, shape)
        say("idle streams", told["idle"])
        say("200 a second", told["many_open"])
    with places.house(data) as server:
        told["hall"] = say("one message to all", hall(server, town, shape))
    with places.house(data) as server:
        told["peers"] = say("beside peers", beside_peers(server, town, shape))
    told["hammered"] = say("pages hammered", hammered(data, town, shape))
    told |= on_postgresql(shape, folder)
    return told


def on_postgresql(shape: Shape, folder: Path) -> Told:
    told: Told = {}
    (folder / "postgresql").mkdir()
    with places.postgresql() as address:
        data = {"NAWZAJEM_DATA": str(folder / "postgresql"), "DATABASE_URL": address}
        town = Town.make(data, pairs=SENDERS + 1, hall=1)
        with places.house(data) as server:
            limit = lambda seconds: limits.eight_threads(address, seconds)  # noqa: E731
            name = "eight_psycopg_threads_per_second"
            told["postgresql"] = say("sends, PostgreSQL", sending(server, town, shape, limit, name))
        told["second_process"] = say("a second process", two_processes(data, town, shape))
        told["bus_dead"] = say("the bus dead for four seconds", bus_dead(data, town))
    return told


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    shapes = asked.add_mutually_exclusive_group()
    shapes.add_argument("--short", action="store_true", help="a minute: a few hundred streams")
    shapes.add_argument("--full", action="store_true", help="ten thousand streams")
    wanted = asked.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    shape = SHORT if wanted.short else FULL if wanted.full else PLAIN
    with tempfile.TemporaryDirectory(prefix="nawzajem-bench-") as folder:
        print(json.dumps(run(shape, Path(folder))))


if __name__ == "__main__":
    main()
