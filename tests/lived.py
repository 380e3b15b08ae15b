"""Ania does everything there is to do, so that she stands everywhere where somebody can stand. And a search for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from nawzajem.conversations import acts as conversations
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.notify import acts as letters
from nawzajem.notify import chores as letter_chores
from nawzajem.offers import acts as offers
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import CheckIn, Pair
from nawzajem.people import acts as people
from nawzajem.programmes import acts as programmes
from nawzajem.rulings import acts as rulings
from nawzajem.safety import acts as safety
from nawzajem.safety.concerns import acts as concerns
from nawzajem.safety.concerns.models import Call
from nawzajem.safety.logbook import acts as logbook
from nawzajem.safety.models import Report
from nawzajem.safety.openings import acts as openings
from nawzajem.waiting import acts as waiting
from nawzajem.waiting.models import Knock

WORDS = "Własne słowa"  # by Ania
THEIRS = "Cudze słowa"  # by Bartek, to her


def lived_through_it_all(world: Any, clock: Any) -> Pair:
    """Returns the pair of Ania and Bartek, which is closing and in which both have written."""
    me, here = world.actor("ania"), world.here
    EmailAddress.objects.create(user=world.ania, email="ania@example.org", verified=True, primary=True)
    Authenticator.objects.create(user=world.ania, type="totp", data={"secret": "x"})
    sign_in(world.ania)
    in_person = Actor(person=world.ania.pk)
    people.make_token(in_person, world.ania, name="mój program", scopes=["read"], expires_on=None)
    people.new_recovery_code(in_person, world.ania)
    letters.choose(me, world.ania, kinds=["message", "pair"], quiet_from=1, quiet_until=2)
    programmes.give_duty(CHORE.within(here.pk), world.member("ania"), kind="coordinator")
    programmes.invite(world.actor("ania"), here, days=3)
    programmes.invite(CHORE.within(here.pk), here, claims=world.ania)
    world.draft("ania", "lonely", words=WORDS)
    offer = world.offer("ania", "work.lost", words=WORDS)
    _knocked(world, offer)
    pairs.put(world.actor("celina"), world.ask("celina", "work.lost"), offer, origin="coordinator")
    pair = _pair(world)
    safety.report(me, world.bartek, reason="other", words=WORDS, place=f"message:{pair.conversation_id}:2")
    safety.report(world.actor("bartek"), world.ania, reason="other", words=THEIRS)
    taken = safety.report(world.actor("celina"), world.franek, reason="other")
    _decided(world, taken)
    logbook.note(world.actor("celina"), [world.ania.pk], what="person", thing=world.member("ania").pk)
    logbook.note(world.actor("ania"), [world.bartek.pk], what="report", thing=taken.pk)
    _in_danger_and_on_duty(world)
    _opened(world)
    safety.block(me, world.dawid)
    safety.block(world.actor("franek"), world.ania)
    clock(minutes=20)
    letter_chores.make()
    return pair


def _decided(world: Any, taken: Report) -> None:
    """What she decided about Franek, and what Franek decided about her: answered, appealed against, and decided anew."""
    said = {"kind": "warning", "reason": "rules"}
    rulings.rule(world.actor("ania"), rulings.take(world.actor("ania"), taken), words=WORDS, **said)
    about = rulings.take(world.actor("franek"), Report.objects.get(about=world.ania, by=world.bartek))
    one = rulings.rule(world.actor("franek"), about, words=THEIRS, **said)
    rulings.reply(world.actor("ania"), one, words=WORDS)
    rulings.decide(
        world.actor("celina"), rulings.appeal(world.actor("ania"), one, words=WORDS), outcome="upheld", words=THEIRS
    )
    theirs = rulings.rule(world.actor("celina"), _about_franek(world), words=THEIRS, **said)
    appeal = rulings.appeal(world.actor("franek"), theirs, words=THEIRS)
    rulings.decide(world.actor("ania"), appeal, outcome="upheld", words=WORDS)


def _about_franek(world: Any) -> Report:
    world.add("hania") if "hania" not in world.people else None
    return rulings.take(world.actor("celina"), safety.report(world.actor("hania"), world.franek, reason="other"))


def _in_danger_and_on_duty(world: Any) -> None:
    """A sign in her own words, one she raised, and one she took, with a step, hours and a shift."""
    programmes.give_duty(CHORE.within(world.here.pk), world.member("ania"), kind="duty_officer")
    me = world.actor("ania")
    concerns.raise_concern(CHORE.within(world.here.pk), world.ania, origin="screening", tier=2, talk="talk")
    concerns.raise_concern(me, world.bartek, origin="other", tier=2, words=WORDS)
    taken = concerns.raise_concern(world.actor("bartek"), world.bartek, origin="self", tier=2)
    concerns.take(me, taken)
    concerns.note(me, taken, what="wrote", words=WORDS)
    concerns.keep_week(me, world.ania, week="f" * 42)
    start = taken.raised_at
    concerns.add_shift(me, world.ania, begins_at=start, ends_at=start + timedelta(hours=1), is_away=False)
    called = concerns.raise_concern(world.actor("bartek"), world.bartek, origin="self", tier=1)
    Call.objects.create(concern=called, person=world.ania)


def _opened(world: Any) -> None:
    """Her identity is opened by two; and she asks for, and agrees to, an opening herself."""
    programmes.give_duty(CHORE.within(world.here.pk), world.member("ania"), kind="duty_officer")
    for name in ("celina", "franek"):
        Authenticator.objects.create(user=world.people[name], type="totp", data={"secret": "x"})
    for asks, agrees, whose in (
        ("celina", "franek", "ania"),
        ("ania", "franek", "bartek"),
        ("celina", "ania", "bartek"),
    ):
        person, thing = world.people[whose].pk, world.member(whose).pk
        why = {"kind": "identity", "reason": "danger", "words": WORDS if asks == "ania" else THEIRS}
        one = openings.ask(world.actor(asks), world.here, {person}, thing=thing, **why)
        openings.agree(world.actor(agrees), one, later=False)


def _knocked(world: Any, offer: Any) -> None:
    """She is in the waiting room herself, and it knocks at her door for Franek."""
    offers.be_here(world.actor("ania"), offer, hours=1)
    waiting.begin(world.actor("ania"), world.draft("ania", "lonely", words=WORDS))
    other = waiting.begin(world.actor("franek"), world.draft("franek", "work.lost"))
    Knock.objects.create(wait=other, offer=offer, wave=1)


def _pair(world: Any) -> Pair:
    pair: Pair = world.pair()
    me, bartek = world.actor("ania"), world.actor("bartek")
    conversations.send(me, pair.conversation, text=WORDS, client_key="00000001")
    conversations.send(bartek, pair.conversation, text=THEIRS, client_key="00000002")
    pairs.suggest_agreement(me, pair, aim=WORDS, safety_words=WORDS)
    checkin = CheckIn.objects.filter(pair=pair).select_related("pair").first()
    assert checkin is not None
    pairs.check_in(me, checkin, how="well")
    pair.refresh_from_db()
    pairs.end(me, pair, ending="done")
    pairs.rate(me, pair, understood=5)
    pairs.rate(bartek, pair, understood=4)
    return pair


def sign_in(person: Any) -> str:
    session = SessionStore()
    session["_auth_user_id"] = person.pk
    session.set_expiry(timedelta(days=1))
    session.save()
    return str(session.session_key)


def everywhere(needle: str) -> set[str]:
    """Model.field of every column of every table in which this stands, also within other text."""
    found = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        for value in model._base_manager.values_list(field.attname, flat=True)
        if needle in _text(value)
    }
    if any(needle in str(session.get_decoded()) for session in Session.objects.all()):
        found.add("Session.session_data")
    return found


def _text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode(errors="replace")
    return str(value)
