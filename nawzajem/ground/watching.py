"""How often and how long: figures for Prometheus and traces for OpenTelemetry, where the keeper of the house wants them.

Names of views, kinds of calls, names of chores, outcomes. Never an address with an id in it, never who. All processes of a
house on one machine count into one folder; whichever of them holds the port tells for all.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from django.conf import settings

from nawzajem.ground.refusals import Refusal

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

Kind = Literal["page", "live", "chore"]
BOUNDS = (0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 60.0)  # seconds
AGAIN = 5.0  # seconds until the port is tried again, which another process of the house may hold


@dataclass(slots=True)
class Seen:
    """What is being done; whoever does it may still say its name, and what came of it."""

    kind: Kind
    name: str
    outcome: str = "ok"
    _began: float = 0.0
    _at: int = 0

    def __enter__(self) -> Seen:
        self._began, self._at = time.perf_counter(), time.time_ns()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            self.outcome = str(error.status) if isinstance(error, Refusal) else "broken"
        env = settings.ENV
        if env.metrics or env.traces:
            self._tell(metrics=bool(env.metrics), traces=bool(env.traces))

    def _tell(self, *, metrics: bool, traces: bool) -> None:
        if metrics:
            figures = _figures()
            figures.seconds.labels(self.kind, self.name).observe(time.perf_counter() - self._began)
            figures.outcomes.labels(self.kind, self.name, self.outcome).inc()
        if traces:
            said = {"outcome": self.outcome}
            _tracer().start_span(f"{self.kind} {self.name}", start_time=self._at, attributes=said).end()


def watched(kind: Kind, name: str = "") -> Seen:
    """Counts and times what is done inside. A plain object: a generator would cost as much as all that it watches over."""
    return Seen(kind, name)


def opened(name: str, by: int = 1) -> None:
    """More of what is open for long, such as a stream, or fewer."""
    if settings.ENV.metrics:
        _figures().open.labels(name).inc(by)


def waiting(name: str, n: int) -> None:
    """How much waits for its turn, as somebody has just counted it."""
    if settings.ENV.metrics:
        _figures().waiting.labels(name).set(n)


@dataclass(frozen=True, slots=True)
class Figures:
    seconds: Any
    outcomes: Any
    open: Any
    waiting: Any


@cache
def _figures() -> Figures:
    """Loaded where it is wanted only. From the first figure on, this process also tells them, if no other does."""
    folder().mkdir(exist_ok=True, mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder())  # the library looks for it while it is loaded
    from prometheus_client import Counter, Gauge, Histogram

    threading.Thread(target=_tell, name="figures", daemon=True).start()
    of = ["kind", "name"]
    return Figures(
        Histogram("nawzajem_seconds", "How long it took", of, buckets=BOUNDS),
        Counter("nawzajem_done", "How often, and what came of it", [*of, "outcome"]),
        Gauge("nawzajem_open", "What is open just now", ["name"], multiprocess_mode="livesum"),
        Gauge("nawzajem_waiting", "Rows that wait for their turn", ["name"], multiprocess_mode="mostrecent"),
    )


def folder() -> Path:
    return Path(settings.DATA) / "figures"


def _tell() -> None:
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    class Living(MultiProcessCollector):
        def collect(self) -> Any:
            _forget_the_dead()
            return super().collect()  # type: ignore[no-untyped-call]

    registry, where = CollectorRegistry(), urlsplit(f"//{settings.ENV.metrics}")
    Living(registry)  # type: ignore[no-untyped-call]
    while True:
        with contextlib.suppress(OSError):
            _server, thread = start_http_server(where.port or 9100, where.hostname or "127.0.0.1", registry)
            thread.join()
        time.sleep(AGAIN)


def _forget_the_dead() -> None:
    """A process that was killed has nothing open any more."""
    for path in folder().glob("gauge_live*_*.db"):
        if not Path(f"/proc/{path.stem.rpartition('_')[2]}").exists():
            path.unlink(missing_ok=True)


@cache
def _tracer() -> Tracer:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource({"service.name": "nawzajem"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.ENV.traces)))
    return provider.get_tracer("nawzajem")
