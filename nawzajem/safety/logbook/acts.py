"""Writing down that somebody looked. There is no act that changes a line, and none that takes one out."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta

from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.seal import new_vault, seal, unseal
from nawzajem.safety.logbook import rules
from nawzajem.safety.logbook.chain import link
from nawzajem.safety.logbook.models import Logbook, Look, LookName

ONE_LOOK = timedelta(minutes=15)  # within which a page opened again is the same look


@act(may=rules.may_note)
def note(
    actor: Actor, people: Iterable[str | None], *, what: str, thing: str, why: str = "duty", opening: str = ""
) -> int:
    """A line for each of these people, whose it is; returns how many. Nobody's looks at what is their own are told."""
    return _note(actor, {(one, thing) for one in people if one}, what=what, why=why, opening=opening)


@act(may=rules.may_note)
def note_list(actor: Actor, rows: Iterable[tuple[str | None, str]], *, what: str) -> int:
    """The same of a list that shows what is many people's: whose, and which thing."""
    return _note(actor, {(one, thing) for one, thing in rows if one}, what=what)


def _note(actor: Actor, rows: set[tuple[str, str]], *, what: str, why: str = "duty", opening: str = "") -> int:
    others = sorted((one, thing) for one, thing in rows if one != actor.person)
    if not others:
        return 0
    book = _book()  # locked from here on, so that two at once stand one behind the other
    names = _names({actor.me, *(one for one, _thing in others)})
    about = {"at": clock.now(), "programme": actor.here, "who": names[actor.me], "what": what, "why": why}
    lines = [Look(**about, whose=names[one], thing=thing, opening=opening) for one, thing in others]
    return _add(book, lines if opening else _not_just_told(lines))


def _not_just_told(lines: list[Look]) -> list[Look]:
    """On the desk a page opened again a moment later is one look; what two people opened is told each time."""
    first = lines[0]
    lately = Look.objects.filter(who=first.who, what=first.what, opening="", at__gt=first.at - ONE_LOOK)
    told = set(lately.filter(thing__in=[one.thing for one in lines]).values_list("whose", "thing"))
    return [one for one in lines if (one.whose, one.thing) not in told]


def _add(book: Logbook, lines: list[Look]) -> int:
    secret = unseal(book.vault, book.secret, about="logbook")
    for look in lines:
        look.seq = book.lines + 1
        look.link = link(look, before=book.link, secret=secret)
        book.lines, book.link = look.seq, look.link
    Look.objects.bulk_create(lines)
    if lines:
        book.save(update_fields=["lines", "link"])
    return len(lines)


def _book() -> Logbook:
    """The one row, locked; made with the first line."""
    vault = new_vault()
    secret = seal(vault, secrets.token_hex(32), about="logbook")
    Logbook.objects.get_or_create(pk=1, defaults={"vault": vault, "secret": secret})
    return Logbook.objects.select_for_update().get(pk=1)


def _names(people: set[str]) -> dict[str, str]:
    there = set(LookName.objects.filter(person__in=people).values_list("person", flat=True))
    LookName.objects.bulk_create(LookName(person_id=one) for one in people if one not in there)
    return dict(LookName.objects.filter(person__in=people).values_list("person", "name"))
