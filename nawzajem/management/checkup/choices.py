"""The settings: whether what was chosen is safe for people, and whether it can work."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from nawzajem.ground import clock
from nawzajem.management.archive import HELPLINES
from nawzajem.management.checkup.finding import Finding, fine, note, wrong
from nawzajem.safety import helplines
from nawzajem.safety.helplines import BadHelplines

LONG_AGO = timedelta(days=400)  # since somebody compared a help line with its source


def look(*, connect: bool) -> Iterator[Finding]:
    yield _development()
    yield from _origin()
    yield from _on_the_way()
    yield from _letters()
    if connect:
        yield from _mail_server()
    yield from _helplines()


def _development() -> Finding:
    if settings.DEBUG:
        said = _("This house runs for development: whoever breaks something sees its inside.")
        return wrong("development", said, _("Take NAWZAJEM_DEVELOPMENT away and start again."))
    return fine("development", _("It runs for people, not for development."))


def _origin() -> Iterator[Finding]:
    env = settings.ENV
    origin = urlsplit(env.origin)
    if not env.origin and not _is_here(env.host):
        said = _("The house listens to the network (HOST is %(host)s) and does not know its own address.") % {
            "host": env.host
        }
        remedy = _("Set NAWZAJEM_ORIGIN=https://... and let a proxy speak TLS; docs/operate.md shows how.")
        yield wrong("origin", said, remedy)
    elif not env.origin:
        said = _("Only this machine can reach the house.")
        yield note("origin", said, _("Before people come, set NAWZAJEM_ORIGIN=https://..., behind a proxy with TLS."))
    elif origin.scheme != "https" and not _is_here(origin.hostname or ""):
        said = _("%(origin)s is not encrypted: whoever is on the way can read along.") % {"origin": env.origin}
        yield wrong("origin", said, _("Put a proxy with TLS before it and set NAWZAJEM_ORIGIN=https://..."))
    else:
        yield fine("origin", _("People reach it at %(origin)s.") % {"origin": env.origin})
    if origin.scheme == "https" and not env.proxies:
        said = _("All visitors seem to come from one address, so one of them can shut the door for all.")
        yield note("proxies", said, _("With a proxy of your own in front, set NAWZAJEM_PROXIES=1."))


def _on_the_way() -> Iterator[Finding]:
    """Databases on other machines: whether what goes there can be read on its way."""
    database, redis = urlsplit(settings.ENV.database), urlsplit(settings.ENV.redis)
    if database.hostname and not _is_here(database.hostname) and "sslmode=verify-full" not in database.query:
        said = _("DATABASE_URL leads to another machine, and who that is and who reads along is not looked at.")
        yield note("database_tls", said, _("Add ?sslmode=verify-full, unless nobody else is on that network."))
    if redis.hostname and not _is_here(redis.hostname) and redis.scheme != "rediss":
        said = _("REDIS_URL leads to another machine without encryption.")
        yield note("redis_tls", said, _("Write rediss://, unless nobody else is on that network."))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _letters() -> Iterator[Finding]:
    env = settings.ENV
    kind = urlsplit(env.email).scheme
    if kind == "console":
        said = _("Letters are printed where the house runs, and reach nobody.")
        yield note(
            "email", said, _("Set NAWZAJEM_EMAIL=smtp://user:password@host:587, or tell people that no letters come.")
        )
    elif kind == "memory":
        yield wrong(
            "email", _("Letters are forgotten at once."), _("Set NAWZAJEM_EMAIL=smtp://user:password@host:587.")
        )
    elif "localhost" in env.email_from:
        said = _("Letters come from %(sender)s, which nobody can answer and many refuse.") % {"sender": env.email_from}
        yield wrong("email_from", said, _("Set NAWZAJEM_EMAIL_FROM to an address of yours."))
    else:
        yield fine("email", _("Letters go out by %(host)s.") % {"host": settings.EMAIL_HOST})


def _mail_server() -> Iterator[Finding]:
    """Knocks and goes away; no letter is sent, and no password is said."""
    if urlsplit(settings.ENV.email).scheme not in {"smtp", "smtps"}:
        return
    there = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        socket.create_connection((settings.EMAIL_HOST, settings.EMAIL_PORT), timeout=4).close()
    except OSError as no:
        said = _("The mail server %(there)s does not answer: %(why)s.") % {"there": there, "why": no.strerror or no}
        yield wrong("mail_server", said, _("Look at NAWZAJEM_EMAIL, and whether this machine may reach it."))
    else:
        yield fine("mail_server", _("The mail server %(there)s answers.") % {"there": there})


def _helplines() -> Iterator[Finding]:
    own = settings.DATA / HELPLINES
    try:
        held = helplines.read(own) if own.exists() else helplines.read()
    except BadHelplines as bad:
        said = _("Your own list of help lines cannot be used, so the one that comes with the house is shown.")
        yield wrong("helplines", said, str(bad))
        return
    here = held.of(settings.ENV.country)
    compared = min(line.checked for line in here.lines)
    if compared < clock.today() - LONG_AGO:
        said = _("Help lines were last compared with their sources on %(day)s.") % {"day": compared}
        yield note("helplines_old", said, _("Compare them again: docs/helplines.md says how."))
    elif not here.code:
        said = _("There is no list of help lines for %(country)s.") % {"country": settings.ENV.country}
        yield note("helplines_country", said, _("Write one: docs/helplines.md says how."))
    else:
        yield fine("helplines", _("Help lines for %(country)s can be read.") % {"country": here.name})
