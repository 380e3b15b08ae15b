"""Every setting there is. Each is one environment variable, named, typed and explained here and nowhere else.

`docs/settings.md` is held equal to this list by a test. A wrong value stops the start with a sentence, not a guess.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HOUSE = Path(__file__).resolve().parent.parent


class WrongSetting(SystemExit):
    """A setting that cannot be used. The message is for the person who runs the house."""


def setting(name: str, default: object, about: str) -> Any:
    return field(default=default, metadata={"name": name, "about": about})


@dataclass(frozen=True, slots=True)
class Environment:
    data: Path = setting("NAWZAJEM_DATA", HOUSE / "data", "folder for the database, the key and all that is kept")
    host: str = setting("HOST", "127.0.0.1", "address to listen on; 0.0.0.0 for every address of the machine")
    port: int = setting("PORT", 8000, "port to listen on")
    origin: str = setting(
        "NAWZAJEM_ORIGIN", "", "public address such as https://help.example.org; makes cookies secure and hosts strict"
    )
    proxies: int = setting(
        "NAWZAJEM_PROXIES", 0, "how many proxies of your own stand in front; their X-Forwarded-For is believed"
    )
    key: str = setting(
        "NAWZAJEM_KEY",
        "",
        "master key, 64 hexadecimal digits; when empty, the file `key` in the data folder, made on first start",
    )
    key_command: str = setting(
        "NAWZAJEM_KEY_COMMAND",
        "",
        "program that wraps and unwraps the master key; then the file, or NAWZAJEM_KEY, holds it wrapped",
    )
    database: str = setting(
        "DATABASE_URL", "", "postgresql://user:password@host/name; when empty, SQLite in the data folder"
    )
    replica: str = setting(
        "DATABASE_REPLICA_URL",
        "",
        "a replica of it on PostgreSQL, for reports and figures that may be some seconds late",
    )
    redis: str = setting(
        "REDIS_URL",
        "",
        "redis://host/0, through which many processes wake each other; when empty, PostgreSQL does that",
    )
    email: str = setting(
        "NAWZAJEM_EMAIL", "console:", "smtp://user:password@host:587 (smtps: for TLS from the start) or console:"
    )
    email_from: str = setting("NAWZAJEM_EMAIL_FROM", "Nawzajem <nawzajem@localhost>", "sender of letters")
    push: str = setting(
        "NAWZAJEM_PUSH",
        "fcm.googleapis.com updates.push.services.mozilla.com web.push.apple.com *.notify.windows.com",
        "push services that may be rung, by name; one of your own as an address, https://push.example.org; off for none",
    )
    language: str = setting("NAWZAJEM_LANGUAGE", "pl", "language for visitors whose browser asks for neither: pl or en")
    time_zone: str = setting("NAWZAJEM_TIME_ZONE", "Europe/Warsaw", "time zone of people who have not chosen one")
    session_days: int = setting(
        "NAWZAJEM_SESSION_DAYS",
        90,
        "days after which somebody shows anew who they are, however often they came meanwhile; 1 to 400",
    )
    country: str = setting("NAWZAJEM_COUNTRY", "PL", "country whose help lines are shown first, two letters")
    exit_address: str = setting("NAWZAJEM_EXIT", "https://www.wikipedia.org/", "where the quick-exit button leads")
    pages: int = setting("NAWZAJEM_PAGE_PROCESSES", 1, "processes that answer pages")
    live: int = setting("NAWZAJEM_LIVE_PROCESSES", 1, "processes for what is live; more than one need PostgreSQL")
    stun: str = setting(
        "NAWZAJEM_STUN", "", "stun:host:port, several with spaces: how devices in a call find their way"
    )
    turn: str = setting(
        "NAWZAJEM_TURN",
        "",
        "turn:host:port, several with spaces: relays for calls, so that nobody learns the other's address",
    )
    turn_secret: str = setting(
        "NAWZAJEM_TURN_SECRET",
        "",
        "secret shared with the relay (coturn: static-auth-secret); passwords made of it last hours",
    )
    threads: int = setting(
        "NAWZAJEM_THREADS", 3, "threads that answer pages; more than four only lengthen the longest waits"
    )
    leave: int = setting(
        "NAWZAJEM_LEAVE",
        0,
        "seconds for which a live process that is to end goes on and says on /readyz that it leaves",
    )
    chores: bool = setting(
        "NAWZAJEM_CHORES", True, "whether this process also does what runs by itself; no on all hosts but one"
    )
    log: str = setting("NAWZAJEM_LOG", "plain", "plain lines, or json: one object a line")
    metrics: str = setting(
        "NAWZAJEM_METRICS", "", "HOST:PORT where Prometheus finds figures, for its eyes only; when empty, none are kept"
    )
    traces: str = setting(
        "NAWZAJEM_TRACES", "", "address of an OpenTelemetry collector, http://host:4318/v1/traces; when empty, none"
    )
    development: bool = setting(
        "NAWZAJEM_DEVELOPMENT", False, "yes shows tracebacks and the page of parts; never for real people"
    )

    @property
    def address(self) -> str:
        """Where people reach the house, as far as this machine can know."""
        host = "localhost" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return self.origin or f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def read(environ: Mapping[str, str] = os.environ) -> Environment:
    """The environment, read and checked once."""
    given: dict[str, Any] = {}
    for one in fields(Environment):
        name = one.metadata["name"]
        if environ.get(name, "").strip():
            given[one.name] = _typed(name, environ[name].strip(), like=one.default)
    env = Environment(**given)
    for check in (_check, _check_processes, _check_watching):
        check(env)
    return env


def _typed(name: str, value: str, *, like: object) -> object:
    if isinstance(like, bool):
        if value.lower() not in {"yes", "no", "true", "false", "1", "0"}:
            raise WrongSetting(f"{name} is '{value}'; it should be yes or no.")
        return value.lower() in {"yes", "true", "1"}
    if isinstance(like, int):
        if not (value.isdecimal() and len(value) < 19):
            raise WrongSetting(f"{name} is '{value}'; it should be a whole number.")
        return int(value)
    return _path(name, value) if isinstance(like, Path) else value


def _path(name: str, value: str) -> Path:
    try:
        return Path(value).expanduser().resolve()
    except RuntimeError:
        raise WrongSetting(f"{name} is '{value}'; nobody of that name has a home here.") from None


def _check(env: Environment) -> None:
    if env.language not in {"pl", "en"}:
        raise WrongSetting(f"NAWZAJEM_LANGUAGE is '{env.language}'; it should be pl or en.")
    try:
        ZoneInfo(env.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongSetting(
            f"NAWZAJEM_TIME_ZONE is '{env.time_zone}'; it should be a time zone such as Europe/Warsaw."
        ) from None
    if env.port > 65535:
        raise WrongSetting(f"PORT is {env.port}; the highest port is 65535.")
    if env.origin and not env.origin.startswith(("http://", "https://")):
        raise WrongSetting(
            f"NAWZAJEM_ORIGIN is '{env.origin}'; it should start with https:// (or http:// for a trial)."
        )
    if env.database and not env.database.startswith(("postgres://", "postgresql://")):
        raise WrongSetting("DATABASE_URL should start with postgresql://, or be empty for SQLite.")
    if env.redis and not env.redis.startswith(("redis://", "rediss://", "unix://")):
        raise WrongSetting("REDIS_URL should start with redis://, rediss:// or unix://, or be empty.")
    if env.redis and find_spec("redis") is None:
        raise WrongSetting("REDIS_URL is set, and the package it needs is missing: requirements/redis.txt lists it.")
    if env.turn and len(env.turn_secret) < 16:
        raise WrongSetting("NAWZAJEM_TURN needs NAWZAJEM_TURN_SECRET beside it, of at least 16 characters.")
    if not env.email.startswith(("smtp://", "smtps://", "console:", "memory:")):
        raise WrongSetting("NAWZAJEM_EMAIL should start with smtp://, smtps:// or console:.")


def _check_processes(env: Environment) -> None:
    if not (env.pages and env.live and env.threads):
        raise WrongSetting(
            "NAWZAJEM_PAGE_PROCESSES, NAWZAJEM_LIVE_PROCESSES and NAWZAJEM_THREADS should be at least 1."
        )
    if env.replica and not (env.database and env.replica.startswith(("postgres://", "postgresql://"))):
        raise WrongSetting("DATABASE_REPLICA_URL should start with postgresql://, beside DATABASE_URL, or be empty.")
    if env.live > 1 and not env.database:
        raise WrongSetting("NAWZAJEM_LIVE_PROCESSES should be 1 on SQLite; with DATABASE_URL there may be more.")


def _check_watching(env: Environment) -> None:
    if not 1 <= env.session_days <= 400:
        raise WrongSetting(f"NAWZAJEM_SESSION_DAYS is {env.session_days}; it should be from 1 to 400.")
    if env.log not in {"plain", "json"}:
        raise WrongSetting(f"NAWZAJEM_LOG is '{env.log}'; it should be plain or json.")
    if env.metrics and not env.metrics.rpartition(":")[2].isdecimal():
        raise WrongSetting("NAWZAJEM_METRICS should be an address with a port, such as 127.0.0.1:9100.")
    if env.traces and not env.traces.startswith(("http://", "https://")):
        raise WrongSetting("NAWZAJEM_TRACES should start with http:// or https://.")
    for name, value, package in (
        ("NAWZAJEM_METRICS", env.metrics, "prometheus_client"),
        ("NAWZAJEM_TRACES", env.traces, "opentelemetry"),
    ):
        if value and find_spec(package) is None:
            raise WrongSetting(f"{name} is set, and a package it needs is missing: requirements/watching.txt lists it.")


def compiled(folder: Path) -> Path:
    """Where compiled code is kept: a folder for each state of the room that compiles. What was compiled from one file may hold
    what stood in another, and nobody would notice that the other has changed."""
    files = sorted((HOUSE / "nawzajem" / "core" / "matching").rglob("*.py"))
    state = hashlib.sha256(b"".join(one.read_bytes() for one in files)).hexdigest()[:12]
    return folder if folder.name == state else folder / state
