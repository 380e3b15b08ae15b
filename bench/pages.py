"""What a page costs: python -m bench.pages

Two houses, each as `nawzajem serve` opens it: the demo town, and a programme of ten thousand. Every page is asked for through
the front door over loopback, in turns with a trivial one of the same house (A B A B), as the person who would see it. In a
browser, where there is one, the first page as on a slow phone. Prints what it sees, and one JSON object last.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[1]
TRIVIAL = "/language/"  # both processes, every middleware, and then nothing: an address that only takes a POST
MESSAGES = 300
WARM = 4  # more than there are threads
ASKED_FOR = {"Accept-Encoding": "gzip, deflate, br", "Accept-Language": "pl"}

# each page, and as whom: somebody unknown, a newcomer, a member with much, somebody who asks, a coordinator
PAGES = (
    ("front page", "nobody", "/p/{slug}/"),
    ("front page, words picked", "nobody", "/p/{slug}/?topics={topic}"),
    ("how this works", "nobody", "/about/"),
    ("help lines", "nobody", "/help/"),
    ("join: a name", "nobody", "/accounts/signup/"),
    ("sign in", "nobody", "/accounts/login/"),
    ("join: what is agreed", "newcomer", "/p/{slug}/join/"),
    ("home", "member", "/p/{slug}/home/"),
    ("experiences", "member", "/p/{slug}/experiences/"),
    ("a new experience", "member", "/p/{slug}/experiences/new/"),
    ("ask: the words", "member", "/p/{slug}/asks/new/"),
    ("ask: before sending", "asker", "/p/{slug}/asks/{draft}/"),
    ("ask: where it stands, suggestions", "asker", "/p/{slug}/asks/{ask}/"),
    ("asks", "member", "/p/{slug}/asks/"),
    ("offer", "member", "/p/{slug}/offer/"),
    ("offer: change", "member", "/p/{slug}/offer/change/"),
    ("proposal", "asked", "/p/{slug}/proposals/{proposal}/"),
    ("pairs", "member", "/p/{slug}/pairs/"),
    (f"talk of {MESSAGES} messages", "member", "/p/{slug}/pairs/{pair}/"),
    ("desk", "keeper", "/p/{slug}/desk/"),
    ("desk: an ask, suggestions", "keeper", "/p/{slug}/desk/asks/{ask}/"),
    ("desk: people", "keeper", "/p/{slug}/desk/people/"),
    ("desk: people by name", "keeper", "/p/{slug}/desk/people/?called=ar"),
    ("desk: a person", "keeper", "/p/{slug}/desk/people/{place}/"),
    ("desk: invitations", "keeper", "/p/{slug}/desk/invitations/"),
    ("me here", "member", "/p/{slug}/me/"),
    ("me", "member", "/me/"),
    ("letters", "member", "/me/letters/"),
    ("my data", "member", "/me/data/"),
    ("download of everything", "member", "/me/data/download/"),
    ("the API, described", "nobody", "/api/"),
)


# -- two towns --------------------------------------------------------------------------------------------------------


def make(people: int) -> dict[str, Any]:
    """In NAWZAJEM_DATA, the demo town or a programme of so many; what the addresses need, and who is signed in."""
    _set_up()
    from django.core.management import call_command

    from bench import crowd
    from nawzajem.programmes.models import Duty

    if people:
        call_command("migrate", verbosity=0)
        return _things("thousands", **crowd.make("thousands", people))
    call_command("demo", stdout=sys.stderr)
    keeper = Duty.objects.filter(member__programme__slug="krag", kind="coordinator").first()
    assert keeper is not None
    return _things("krag", coordinator=keeper.member.person_id)


def _set_up() -> None:
    import nawzajem  # noqa: F401  which exchanges the SQLite for its own

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()


def _things(slug: str, *, coordinator: str, collector: str = "") -> dict[str, Any]:
    from nawzajem.asks.models import Ask
    from nawzajem.pairs.models import Pair, Proposal
    from nawzajem.people.models import Person
    from nawzajem.programmes.models import Member, Programme

    here = Programme.objects.get(slug=slug)
    going = Pair.objects.filter(programme=here, state="active").order_by("-conversation__last_seq")
    pair = (going.filter(asker=collector).first() if collector else None) or going.exclude(asker=coordinator).first()
    ask = Ask.objects.filter(programme=here, state="open").exclude(person__in=[coordinator, collector]).first()
    put = Proposal.objects.filter(programme=here, state="out").first()
    assert pair is not None
    assert ask is not None
    assert put is not None
    _say_much(pair)
    draft = Ask.objects.create(programme=here, person=ask.person, forms=ask.forms, languages=ask.languages)
    draft.topics.set(ask.topics.all())
    newcomer = Person.objects.create(pseudonym="Nowa", speaks=["pl"], password="!")
    people = {"member": pair.asker_id, "asker": ask.person_id, "asked": put.ask.person_id, "keeper": coordinator}
    return {
        "slug": slug,
        "topic": ask.topics.all()[0].code,
        "ask": ask.pk,
        "draft": draft.pk,
        "proposal": put.pk,
        "pair": pair.pk,
        "place": Member.objects.get(programme=here, person=pair.asker_id).pk,
        "sessions": {who: _session(Person.objects.get(pk=pk)) for who, pk in people.items()}
        | {"newcomer": _session(newcomer), "nobody": ""},
    }


def _say_much(pair: Any) -> None:
    """So that there are three hundred messages in the talk, as many as one would have in half a year."""
    from django.utils import timezone

    from nawzajem.conversations.models import Message
    from nawzajem.ground.seal import seal

    talk = pair.conversation
    seats = list(talk.participants.all())
    Message.objects.filter(conversation=talk).delete()
    said = [
        Message(conversation=talk, seq=seq, author=seats[seq % 2], client_key=f"bench-{seq}", at=timezone.now())
        for seq in range(1, MESSAGES + 1)
    ]
    for one in said:
        one.body = seal(talk.vault, "Dobrze, że jesteś. Opowiedz, jak dziś było. " * (1 + one.seq % 5), about=one.about)
    Message.objects.bulk_create(said)
    type(talk).objects.filter(pk=talk.pk).update(last_seq=MESSAGES, unscreened=True, last_at=timezone.now())


def _session(person: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = person.pk, person.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session.create()
    return str(session.session_key)


def count(things: dict[str, Any]) -> dict[str, int]:
    """Questions to the database, page by page, as the pages' process asks them."""
    _set_up()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    counted = {}
    for name, who, address in PAGES:
        browser = Client(headers={"accept-language": "pl"})
        browser.cookies["nawzajem"] = things["sessions"][who]
        browser.get(address.format(**things))
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address.format(**things)).status_code == 200, name
        counted[name] = len(asked)
    return counted


# -- a house ----------------------------------------------------------------------------------------------------------


@dataclass
class House:
    port: int
    things: dict[str, Any]
    clocks: list[int] = field(default_factory=list)

    def worked(self) -> float:
        """Seconds of processor time of all its processes so far."""
        return sum(time.clock_gettime(one) for one in self.clocks)


@contextlib.contextmanager
def house(data: Path, things: dict[str, Any]) -> Iterator[House]:
    port = _free_port()
    variables = {**os.environ, "NAWZAJEM_DATA": str(data), "PORT": str(port), "NAWZAJEM_CHORES": "no"}
    process = subprocess.Popen(
        [sys.executable, "-m", "nawzajem", "serve"], env=variables, cwd=HOUSE, stdout=subprocess.DEVNULL
    )
    try:
        one = House(port, things)
        _until_open(port)
        one.clocks = [_clock_of(pid) for pid in _family(process.pid)]
        yield one
    finally:
        process.terminate()
        process.wait(15)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _until_open(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if Line(port).ask("/healthz").status == 200:
                return
        time.sleep(0.1)
    raise SystemExit("the house did not open")


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _clock_of(pid: int) -> int:
    """The clock of another process: its processor time to the nanosecond."""
    clock = ctypes.c_int()
    assert ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock)) == 0
    return clock.value


@dataclass(frozen=True)
class Answer:
    status: int
    seconds: float
    bytes: int  # as they came over the wire, head and body


class Line:
    """One kept connection, on which everybody asks."""

    def __init__(self, port: int) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, address: str, session: str = "") -> Answer:
        said = ASKED_FOR | ({"Cookie": f"nawzajem={session}"} if session else {})
        began = time.perf_counter()
        self.line.request("GET", address, headers=said)
        answer = self.line.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        return Answer(answer.status, took, len(body) + len(str(answer.headers)) + len("HTTP/1.1 200 OK\r\n"))


# -- what is measured -------------------------------------------------------------------------------------------------


@dataclass
class Cost:
    """Of one page and of the trivial one beside it, sample by sample."""

    name: str
    address: str
    session: str
    bytes: int = 0
    page: list[tuple[float, float]] = field(default_factory=list)  # seconds, and of them by the processor
    trivial: list[tuple[float, float]] = field(default_factory=list)

    def told(self, queries: int) -> dict[str, float]:
        page, trivial = (
            [statistics.median(each) for each in zip(*kept, strict=True)] for kept in (self.page, self.trivial)
        )
        return {
            "ms": round(1000 * page[0], 2),
            "cpu_ms": round(1000 * page[1], 2),
            "to_trivial": round(page[0] / trivial[0], 2),
            "cpu_to_trivial": round(page[1] / trivial[1], 2),
            "queries": queries,
            "bytes": self.bytes,
        }


def costs(one: House, rounds: int, each: int) -> list[Cost]:
    line, sessions = Line(one.port), one.things["sessions"]
    kept = [Cost(name, address.format(**one.things), sessions[who]) for name, who, address in PAGES]
    for cost in kept:  # warm, and nothing but the page itself
        for _ in range(WARM):
            answer = line.ask(cost.address, cost.session)
            assert answer.status == 200, f"{cost.name}: {answer.status}"
        cost.bytes = answer.bytes
    for _ in range(rounds):
        for cost in kept:
            cost.trivial.append(_sample(one, line, TRIVIAL, cost.session, each))
            cost.page.append(_sample(one, line, cost.address, cost.session, each))
    return kept


def _sample(one: House, line: Line, address: str, session: str, each: int) -> tuple[float, float]:
    before = one.worked()
    seconds = [line.ask(address, session).seconds for _ in range(each)]
    return statistics.median(seconds), (one.worked() - before) / each


# -- on a slow phone --------------------------------------------------------------------------------------------------

PHONE = {"width": 360, "height": 740}
ROUND_TRIP, DOWN, UP = 400, 400, 200  # milliseconds, kbit/s
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
TAPPED = """
addEventListener("toggle", () => { window.opened ??= performance.now() }, true);
const tap = () => document.querySelector("main summary").click();
new PerformanceObserver((seen, watch) => { watch.disconnect(); tap(); }).observe({ type: "paint", buffered: true });
"""


def first_page(one: House, visits: int, slower: int) -> dict[str, Any] | None:
    """First visits with empty hands: until something is read, and until a tap in that moment has opened what was tapped."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        print("No browser here (Playwright, chromium): what a slow phone sees is not measured.")
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        seen = [_visit(browser, one, slower) for _ in range(visits)]
        browser.close()
    return seen[0] | {
        name: round(statistics.median(each[name] for each in seen)) for name in ("painted_ms", "answered_ms")
    }


def _visit(browser: Any, one: House, slower: int) -> dict[str, Any]:
    context = browser.new_context(viewport=PHONE, locale="pl-PL", has_touch=True)
    page, asked, came = context.new_page(), [], []
    page.add_init_script(TAPPED)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.requestWillBeSent", lambda said: asked.append(said["request"]["url"]))
    wire.on("Network.loadingFinished", lambda said: came.append(said["encodedDataLength"]))
    line = {"offline": False, "latency": ROUND_TRIP, "downloadThroughput": DOWN * 125, "uploadThroughput": UP * 125}
    wire.send("Network.emulateNetworkConditions", line)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(f"http://127.0.0.1:{one.port}/p/{one.things['slug']}/", wait_until="commit")
    page.wait_for_load_state("networkidle")
    while not page.evaluate("window.opened"):
        page.wait_for_timeout(50)
    seen = {"painted_ms": page.evaluate(PAINTED), "answered_ms": page.evaluate("window.opened")}
    context.close()
    hosts = sorted({url.split("/")[2] for url in asked if not url.startswith("data:")})
    return seen | {"requests": len(asked), "bytes": sum(came), "own_host_only": hosts == [f"127.0.0.1:{one.port}"]}


# -- all of it --------------------------------------------------------------------------------------------------------


def measure(data: Path, people: int, wanted: argparse.Namespace) -> dict[str, Any]:
    things = _beside(data, "--make", str(people))
    with house(data, things) as one:
        kept = costs(one, wanted.rounds, wanted.each)
        seen = first_page(one, wanted.visits, wanted.slower) if wanted.visits and not people else None
    queries = _beside(data, "--count", json.dumps(things))
    told = {cost.name: cost.told(queries[cost.name]) for cost in kept}
    _print(told, f"{people} people" if people else "the demo town")
    trivial = statistics.median(seconds for cost in kept for seconds, _cpu in cost.trivial)
    return {"trivial_ms": round(1000 * trivial, 2), "pages": told} | ({"first_page": seen} if seen else {})


def _beside(data: Path, *words: str) -> Any:
    """In a process of its own, which has this data folder for its house."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.pages", *words],
        env={**os.environ, "NAWZAJEM_DATA": str(data)},
        cwd=HOUSE,
        check=True,
        stdout=subprocess.PIPE,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _print(told: dict[str, dict[str, float]], where: str) -> None:
    print(f"\n{where:<36}{'ms':>8}{'cpu ms':>9}{'to trivial':>12}{'queries':>9}{'bytes':>9}")
    for name, one in told.items():
        line = f"{name:<36}{one['ms']:>8}{one['cpu_ms']:>9}{one['to_trivial']:>12}{one['queries']:>9}{one['bytes']:>9}"
        print(line, flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=10_000, help="in the second house; 0 for none")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--each", type=int, default=5, help="requests to a page, and to the trivial one, in a round")
    asked.add_argument("--visits", type=int, default=3, help="of a slow phone; 0 for none")
    asked.add_argument("--slower", type=int, default=4, help="how many times slower the phone is than this machine")
    asked.add_argument("--make", type=int, help=argparse.SUPPRESS)
    asked.add_argument("--count", type=json.loads, help=argparse.SUPPRESS)
    wanted = asked.parse_args()
    if wanted.make is not None or wanted.count:
        print(json.dumps(count(wanted.count) if wanted.count else make(wanted.make)))
        return
    with tempfile.TemporaryDirectory(prefix="nawzajem-bench-") as folder:
        houses = {"town": 0} | ({"thousands": wanted.people} if wanted.people else {})
        told = {}
        for name, people in houses.items():
            (Path(folder) / name).mkdir()
            told[name] = measure(Path(folder) / name, people, wanted)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
