"""What everybody does, one thing after the other: each function here is a strand of the town's life, told through acts.

A strand yields the moment of its next step; when it goes on, the clock of the house stands at that moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from nawzajem.asks import chores as asks
from nawzajem.conversations import screening
from nawzajem.experiences import acts as experiences
from nawzajem.experiences.models import Experience
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.management.demo import at_once, breaking, meetings, young
from nawzajem.management.demo.moments import Step, Strand, steps
from nawzajem.management.demo.script import Decided, Endangered, Lived, Place, Raised, Ready, Resident
from nawzajem.management.demo.town import HOUSE, Town
from nawzajem.minors import chores as minors
from nawzajem.offers import acts as offers
from nawzajem.offers import chores as offer_chores
from nawzajem.pairs import chores as pairs
from nawzajem.pairs.rounds import acts as rounds
from nawzajem.pairs.rounds import reads as round_reads
from nawzajem.people import acts as people
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.blueprint import load
from nawzajem.programmes.models import Invitation, Member
from nawzajem.programmes.reads import confidentiality
from nawzajem.rights import acts as rights
from nawzajem.rulings import acts as rulings
from nawzajem.rulings import chores as ruling_chores
from nawzajem.safety import acts as safety
from nawzajem.safety.concerns import acts as concerns
from nawzajem.safety.concerns import chores as concern_chores
from nawzajem.safety.concerns import questions
from nawzajem.safety.concerns.models import Concern
from nawzajem.safety.models import Report

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONG = 365  # days that the town's codes hold
IDLE = timedelta(days=61)
OWN_WORDS = [
    {"language": "pl", "words": "znowu śpię w aucie", "tier": "high", "kind": "abuse"},
    {"language": "en", "words": "the drawer again", "tier": "concern", "kind": "self_harm"},
]


def everybody(town: Town) -> Iterator[Strand]:
    """All strands there are."""
    arrivals = town.arrivals()
    yield from (opening(town, place) for place in town.script.people)
    for place, here in town.script.people.items():
        for name, one in here.items():
            yield coming(town, place, name, one, arrivals[name, place])
            yield steps(later(town, place, name, one, arrivals[name, place]))
            if not one.idle:
                yield coming_by(town, place, name, arrivals[name, place])
    yield from (meetings.talk(town, code, one) for code, one in town.script.talks.items())
    yield from (meetings.asking(town, one) for one in town.script.town.asks)
    yield from (at_once.pressing(town, one) for one in town.script.town.pressed)
    yield from (at_once.here_now(town, one) for one in town.script.town.here)
    yield from (reporting(town, one) for one in town.script.town.reports)
    yield from (in_danger(town, one) for one in town.script.town.dangers)
    yield from young.strands(town)
    yield this_morning(town)


# -- programmes -------------------------------------------------------------------------------------------------------


def opening(town: Town, place: Place) -> Strand:
    """A programme opens, with its units, its first coordinator, and codes that let people in."""
    setting = town.script.town.places[place]
    yield town.ago(setting.opened)
    blueprint = young.without_adults_only(place, load(setting.blueprint))
    here = town.places[place] = programmes.create(HOUSE, blueprint=blueprint, slug=place)
    house = HOUSE.within(here.pk)
    programmes.choose(house, here, content="kept")  # or a visitor would find the talks of some programmes empty
    if not setting.second_factor:
        programmes.choose(house, here, duties_need_second_factor=False, calls_direct=True)
    if setting.screens:
        programmes.choose(house, here, screening=True, duty_promised=True, screening_words=OWN_WORDS)
    young.open_for_minors(town, place)
    for unit in setting.units:
        programmes.add_unit(house, here, name=unit.name, parent=town.unit(place, unit.within))
    yield town.ago(setting.opened) + HOUR
    invitation, _secret = programmes.invite(house, here, duty="coordinator")
    _join(town, place, setting.coordinator, invitation)
    if setting.second_factor:
        TOTP.activate(town.people[setting.coordinator], generate_totp_secret())
    _make_codes(town, place)


def _make_codes(town: Town, place: Place) -> None:
    keeper, here = town.coordinator(place), town.places[place]
    town.codes[place] = programmes.make_code(keeper, here, days=LONG)
    for unit in town.script.town.places[place].units:
        if unit.code:
            programmes.make_code(keeper, here, unit=town.unit(place, unit.name), days=LONG)
    programmes.invite(keeper, here, duty="educator", days=LONG)


def this_morning(town: Town) -> Strand:
    """What the house did by itself while nobody looked; not its letters, and not the next who fits: the script says who."""
    yield town.now
    for chore in (pairs.lapse, pairs.come_alive, pairs.ask_how, pairs.notice_silence, pairs.close, asks.lapse):
        chore()
    for chore in (
        screening.watch,
        concern_chores.call,
        minors.look_at_consents,
        minors.remind,
        ruling_chores.keep_time,
    ):
        chore()
    for place in town.places:
        _begin_a_round(town, place)


def _begin_a_round(town: Town, place: Place) -> None:
    """Where somebody waits: to be looked at on the desk. It is worked out when the house opens, and nothing is sent."""
    keeper = town.coordinator(place)
    if waiting := list(round_reads.may_be_asked(keeper)):
        rounds.make(keeper, town.places[place], asks=waiting, strategy="best")


# -- people -----------------------------------------------------------------------------------------------------------


def coming(town: Town, place: Place, name: str, one: Resident, at: datetime) -> Strand:
    """Somebody joins, says what they like of themselves, tells what they lived through, and is there for others."""
    yield at
    if name != town.script.town.places[place].coordinator:
        _join(town, place, name, town.codes[place])
    if one.backgrounds or one.called:
        fields = {"backgrounds": one.backgrounds} | ({"called": one.called} if one.called else {})
        programmes.change_place(town.actor(name, place), town.member(name, place), **fields)
    told = []
    for lived in one.lived:
        yield clock.now() + town.within(MINUTE, 4 * MINUTE)
        told.append(_tell(town, place, name, lived))
    if one.offer:
        yield clock.now() + town.within(2 * MINUTE, 9 * MINUTE)
        _offer(town.actor(name, place), one.offer, told, one.speaks)


def _join(town: Town, place: Place, name: str, invitation: Invitation) -> None:
    one, here = town.script.people[place][name], town.places[place]
    person = town.account(name, one)
    programmes.join(
        Actor(person=person.pk),
        here,
        person,
        invitation,
        age=one.age,
        conditions=[condition["code"] for condition in here.conditions],
        agreed_version=confidentiality(here).version,
        unit=town.unit(place, one.unit),
        leads=one.leads,
        known_as=one.known_as,
    )
    for duty in town.script.town.places[place].duties:
        if duty.who == name:
            programmes.give_duty(town.coordinator(place), town.member(name, place), kind=duty.kind)


def _tell(town: Town, place: Place, name: str, lived: Lived) -> Experience:
    return experiences.add(
        town.actor(name, place),
        topic=town.topics(place, [lived.topic])[0],
        stage=lived.stage,
        since=_when(lived.since, town.now),
        until=_when(lived.until, town.now),
        words=lived.words,
        **lived.sights(),
    )


def _when(back: str, now: datetime) -> str:
    """'3y' is told as a year, '14m' as a year and a month."""
    if not back.endswith("m"):
        return str(now.year - int(back[:-1])) if back else ""
    year, month = divmod(now.year * 12 + now.month - 1 - int(back[:-1]), 12)
    return f"{year}-{month + 1:02}"


def _offer(actor: Actor, ready: Ready, told: list[Experience], speaks: list[str]) -> None:
    offers.make(
        actor,
        experiences=told,
        words=ready.words,
        hours=ready.when,
        kinds=ready.kinds,
        forms=ready.forms,
        languages=speaks,
        capacity=ready.seats,
    )


def coming_by(town: Town, place: Place, name: str, since: datetime) -> Strand:
    """Often enough not to be taken for gone, and in these last days."""
    at = since
    while (at := at + town.within(38 * DAY, 52 * DAY)) < town.ago(5 * DAY):
        yield at
        people.seen(town.actor(name, place), town.people[name])
    yield max(since + HOUR, town.ago(town.within(HOUR, 4 * DAY)))
    people.seen(town.actor(name, place), town.people[name])


def later(town: Town, place: Place, name: str, one: Resident, since: datetime) -> Iterator[Step]:
    """What becomes of somebody's place and offer: idle, resting, put away, away, paused by those who look after it, left."""

    def me() -> Actor:
        return town.actor(name, place)

    def mine() -> Member:
        return town.member(name, place)

    def day(span: timedelta) -> date:
        return (town.now + span).date()

    if one.idle:
        yield since + IDLE, offer_chores.rest_idle
    if one.leaves:
        yield town.ago(one.leaves), lambda: rights.leave(me(), mine())
    if one.paused:
        yield town.ago(one.paused), lambda: programmes.pause(town.coordinator(place), mine())
    if one.away:
        until = day(one.away)
        yield town.ago(DAY), lambda: programmes.change_place(me(), mine(), away_until=until)
    if one.offer and one.offer.rests:
        back = day(one.offer.rests)
        yield town.ago(2 * DAY), lambda: offers.pause(me(), town.offer(name, place), until=back)
    if one.offer and one.offer.put_away:
        yield town.ago(9 * DAY), lambda: offers.retire(me(), town.offer(name, place))


# -- what was not right -----------------------------------------------------------------------------------------------


def reporting(town: Town, one: Raised) -> Strand:
    yield town.ago(one.raised)
    about = town.people[one.about] if one.about else None
    by = town.actor(one.by, one.place)
    report = safety.report(by, about, reason=one.reason, words=one.words)
    if one.blocks and about:
        safety.block(by, about)
    if one.taken_by:
        yield clock.now() + 2 * HOUR
        rulings.take(town.actor(one.taken_by, one.place), report)
    if one.outcome:
        yield clock.now() + DAY
        rulings.close(town.actor(one.taken_by, one.place), report, outcome=one.outcome)
    if one.decided:
        yield from _deciding(town, one, one.decided, report)


def _deciding(town: Town, one: Raised, decided: Decided, report: Report) -> Strand:
    yield clock.now() + 5 * HOUR
    until = clock.house_day() + timedelta(days=decided.days) if decided.days else None
    ruling = rulings.rule(
        town.actor(one.taken_by, one.place),
        report,
        kind=decided.kind,
        reason=decided.reason,
        words=decided.words,
        until=until,
        urgent=bool(decided.days),
    )
    if decided.reply:
        yield clock.now() + 7 * HOUR
        rulings.reply(town.actor(one.about, one.place), ruling, words=decided.reply)
    if decided.appeal:
        yield clock.now() + DAY
        rulings.appeal(town.actor(one.about, one.place), ruling, words=decided.appeal)


def in_danger(town: Town, one: Endangered) -> Strand:
    """Somebody on duty is called; where nobody took it, they still are."""
    yield town.ago(one.raised)
    by, about = town.actor(one.worried or one.who, one.place), town.people[one.who]
    origin = Concern.Origin.OTHER if one.worried else Concern.Origin.SELF
    where: dict[str, Any] = breaking.beside(town, one) if one.talk else {}
    raised = concerns.raise_concern(by, about, origin=origin, tier=one.tier, words=one.words, **where)
    if one.taken_by:
        officer = town.actor(one.taken_by, one.place)
        yield clock.now() + 4 * MINUTE
        concerns.take(officer, raised)
        yield clock.now() + 5 * MINUTE
        concerns.note(officer, raised, what="wrote", words=one.step)
        if one.answers:
            asked = questions.asked(thoughts="2" in one.answers)
            concerns.screen(officer, raised, yes={str(number): str(number) in one.answers for number in asked})
        if one.opened:
            yield from breaking.glass(town, one, raised)
        if one.outcome:
            yield clock.now() + HOUR
            concerns.close(officer, raised, outcome=one.outcome)
