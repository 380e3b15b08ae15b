"""The data: which database and how it keeps, whether the key opens it, whether what runs by itself does run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta

import psycopg
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nawzajem.chores import CHORES
from nawzajem.conversations.models import Conversation
from nawzajem.ground import clock
from nawzajem.ground.chores import Chore
from nawzajem.ground.models import Event, Turn
from nawzajem.ground.seal import opens
from nawzajem.management.checkup.finding import Finding, fine, note, wrong
from nawzajem.management.copies import database
from nawzajem.notify.models import Letter
from nawzajem.people.models import Person
from nawzajem.safety.logbook import reads as logbook

NOTHING_TO_READ = {"no_data", "tables_old", "database_away"}
OLDEST_POSTGRESQL = 14
SOME_VAULTS = 20
SLACK = timedelta(minutes=15)  # beyond twice its interval, until a chore is late
MANY_FAILURES = 3
A_LITTLE_OFF, FAR_OFF = timedelta(seconds=5), timedelta(minutes=1)


def look_at_database() -> Iterator[Finding]:
    """What keeps the data, and whether the rest can be read."""
    try:
        if database().is_empty():
            yield note("no_data", _("There is no data yet."), _("nawzajem serve makes a beginning."))
            return
        yield from _sqlite() if connection.vendor == "sqlite" else _postgresql()
        tables = MigrationExecutor(connection)
        if tables.migration_plan(tables.loader.graph.leaf_nodes()):
            said = _("The tables are not as this version needs them.")
            yield wrong(
                "tables_old", said, _("Make a backup, then start the house: nawzajem serve brings them up to date.")
            )
        else:
            yield fine("tables", _("The tables are as this version needs them."))
    except (DatabaseError, sqlite3.Error, psycopg.Error) as error:
        said = _("The database does not answer: %(why)s") % {"why": str(error).strip().splitlines()[0]}
        yield wrong("database_away", said, _("Look whether it runs, and at DATABASE_URL."))


def _sqlite() -> Iterator[Finding]:
    version = sqlite3.sqlite_version_info
    said = _("SQLite %(version)s.") % {"version": sqlite3.sqlite_version}
    if not mends_wal(version):
        problem = _("It can damage a database that two connections share, in rare moments (before 3.51.3).")
        remedy = _("Install the packages again (on Linux they bring a newer SQLite), or use PostgreSQL.")
        yield wrong("sqlite_version", f"{said} {problem}", remedy)
    else:
        yield fine("sqlite_version", said)
    with connection.cursor() as cursor:
        journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
    if journal != "wal" or synchronous != 2:  # 2 is FULL: what was answered for survives a power cut
        said = _("SQLite keeps with journal %(journal)s, synchronous %(level)s.") % {
            "journal": journal,
            "level": synchronous,
        }
        yield wrong("sqlite_keeping", said, _("It should be wal and 2. The folder may lie on a network disk: move it."))
    else:
        yield fine("sqlite_keeping", _("What is answered for survives a power cut (WAL, synchronous FULL)."))


def mends_wal(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the mending of the WAL-reset bug: 3.51.3, or carried back to 3.50.7 and 3.44.6."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def _postgresql() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('server_encoding'), current_setting('fsync'),"
            " current_setting('synchronous_commit'), now()"
        )
        version, encoding, fsync, commit, now = cursor.fetchone()
    said = _("PostgreSQL %(version)s.") % {"version": version}
    if int(version.split(".")[0]) < OLDEST_POSTGRESQL:
        remedy = _("Move to PostgreSQL %(n)d or newer.") % {"n": OLDEST_POSTGRESQL}
        yield wrong("postgresql_version", said, remedy)
    else:
        yield fine("postgresql_version", said)
    if encoding != "UTF8":
        said = _("The database keeps letters as %(encoding)s.") % {"encoding": encoding}
        yield wrong("postgresql_encoding", said, _("Make it anew with ENCODING 'UTF8'."))
    if fsync != "on" or commit == "off":
        said = _("PostgreSQL is set to forget on a power cut what it has answered for.")
        yield wrong("postgresql_keeping", said, _("Set fsync = on and synchronous_commit = on."))
    yield _apart(abs(clock.now() - now))


def _apart(time: timedelta) -> Finding:
    said = _("The clocks of this machine and of the database differ by %(n).0f s.") % {"n": time.total_seconds()}
    remedy = _("Let both take the time from the network: timedatectl set-ntp true")
    if time > FAR_OFF:
        return wrong("clock", said, remedy)
    return note("clock", said, remedy) if time > A_LITTLE_OFF else fine("clock", _("The clocks agree."))


def look_at_what_is_kept(*, is_open: bool) -> Iterator[Finding]:
    """What runs by itself is looked at while the house is open: a closed one is late with everything."""
    yield _key()
    yield from _time()
    if is_open:
        yield from _chores()
        yield from _waiting_letters()
    yield from _failed_letters()
    yield _logbook()


def _logbook() -> Finding:
    """Every line of the book of looks, as they hang together. The end is told, to be kept elsewhere: whoever brings back an
    older database brings back a shorter book."""
    found = logbook.check()
    if found.broken_at:
        said = _("The book of who looked at what was changed by hand: it does not fit at line %(n)d.")
        return wrong(
            "logbook",
            said % {"n": found.broken_at},
            _("Keep this database as it is, and compare with a backup: docs/operate.md."),
        )
    if not found.refuses:
        said = _("The database would let lines of the book of looks be changed: its triggers are gone.")
        return wrong("logbook_open", said, _("docs/operate.md says how they are put back."))
    told = {"n": found.lines, "link": found.link[:12] or "-"}
    return fine("logbook", _("The book of who looked at what is whole: %(n)d lines, ending in %(link)s.") % told)


def _key() -> Finding:
    people = Person.objects.exclude(vault=b"").order_by("-joined_at").values_list("vault", flat=True)
    talks = Conversation.objects.exclude(vault=None).order_by("-opened_at").values_list("vault", flat=True)
    vaults = [vault for vault in (*people[:SOME_VAULTS], *people.reverse()[:1], *talks[:SOME_VAULTS]) if vault]
    closed = sum(not opens(vault) for vault in vaults)
    if closed:
        said = _("The key does not open what is kept here (%(closed)d of %(looked)d samples).") % {
            "closed": closed,
            "looked": len(vaults),
        }
        return wrong("key", said, _("Give the key the data was written with, as NAWZAJEM_KEY or in the key file."))
    if not vaults:
        return fine("key", _("Nothing is kept here yet that the key would have to open."))
    return fine("key", _("The key opens what is kept here (%(n)d samples).") % {"n": len(vaults)})


def _time() -> Iterator[Finding]:
    last = Event.objects.order_by("-id").values_list("at", flat=True).first()
    if last and last > clock.now() + FAR_OFF:
        said = _("Something was written at %(last)s, which is still to come. The clock is wrong now, or was then.")
        remedy = _("Let the clock take the time from the network: timedatectl set-ntp true")
        yield wrong("clock_back", said % {"last": f"{last:%Y-%m-%d %H:%M} UTC"}, remedy)


def _chores() -> Iterator[Finding]:
    chores = {chore.name: chore for chore in CHORES}
    turns = [turn for turn in Turn.objects.all() if turn.name in chores]
    stuck = [turn.name for turn in turns if turn.failures >= MANY_FAILURES]
    late = [turn.name for turn in turns if turn.name not in stuck and _is_late(turn, chores[turn.name])]
    if stuck:
        said = _("What runs by itself fails again and again: %(names)s.") % {"names": "; ".join(stuck)}
        yield wrong("chores_failing", said, _("The log says where (nawzajem.chores). Please report it."))
    if late:
        said = _("What runs by itself is late: %(names)s.") % {"names": "; ".join(late)}
        yield wrong(
            "chores_late", said, _("Start the house again; on several hosts, one must have NAWZAJEM_CHORES=yes.")
        )
    if turns and not (stuck or late):
        yield fine("chores", _("What runs by itself does run."))


def _is_late(turn: Turn, chore: Chore) -> bool:
    """Long overdue, with something to do: one that has nothing to do is not taken up at all."""
    return turn.due_at + 2 * chore.every + SLACK < clock.now() and chore.waits()


def _waiting_letters() -> Iterator[Finding]:
    waiting = Letter.objects.filter(state=Letter.State.WAITING, due_at__lt=clock.now() - timedelta(hours=1)).count()
    if waiting:
        said = ngettext(
            "%(n)d letter waits to be sent for more than an hour.",
            "%(n)d letters wait to be sent for more than an hour.",
            waiting,
        )
        yield wrong(
            "letters_waiting",
            said % {"n": waiting},
            _("nawzajem doctor --connect tells whether the mail server answers."),
        )


def _failed_letters() -> Iterator[Finding]:
    since = clock.now() - timedelta(days=7)
    lately = Letter.objects.filter(state_since__gt=since)
    failed = lately.filter(state=Letter.State.FAILED).count()
    sent = lately.filter(state=Letter.State.SENT).count()
    if not failed:
        return
    said = _("Letters of the last week: delivered %(sent)d, not delivered %(failed)d.") % {
        "failed": failed,
        "sent": sent,
    }
    remedy = _("Look at the log of the mail server; single ones are mostly addresses that no longer exist.")
    yield wrong("letters_failing", said, remedy) if failed > sent else note("letters_failing", said, remedy)
