"""Rows of the database as the matching core sees them: hours across time zones, units, and who is never suggested."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils.translation import override

from nawzajem.core.matching import hours
from nawzajem.ground import clock as house_clock
from nawzajem.ground.refusals import NotFound
from nawzajem.minors import acts as minors
from nawzajem.offers import acts as offers
from nawzajem.pairs import acts, problem, reads
from nawzajem.pairs.models import Proposal
from nawzajem.pairs.words import sentences
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Member
from nawzajem.safety import acts as safety

pytestmark = pytest.mark.django_db

NEEDED = ("register", "commission", "record")  # checks of an adult who may meet minors
MONDAY_18 = 18
WINTER, SUMMER = date(2026, 11, 22), date(2026, 7, 1)


def fits(world, ask, offer) -> bool:
    return problem.fit(ask, offer) is not None


def unit(world, name, parent=None):
    return programmes.add_unit(world.actor("celina"), world.here, name=name, parent=parent)


def belongs(world, name, where, *, leads=False):
    Member.objects.filter(pk=world.member(name).pk).update(unit=where, leads=leads)


@pytest.fixture
def ask(world):
    return world.ask("ania")


@pytest.fixture
def offer(world):
    return world.offer("bartek")


def test_these_two_fit(world, ask, offer):
    assert fits(world, ask, offer)


# -- who is never suggested -------------------------------------------------------------------------------------------


def test_nobody_is_suggested_to_themselves(world, ask):
    assert not fits(world, ask, world.offer("ania"))


@pytest.mark.parametrize(("by", "of"), [("ania", "bartek"), ("bartek", "ania")])
def test_a_blocked_person_is_never_suggested(world, ask, offer, by, of):
    safety.block(world.actor(by), world.people[of])
    assert not fits(world, ask, offer)


@pytest.mark.parametrize("which", ["code", "number"])
def test_who_was_named_by_code_or_number_is_never_suggested(world, which):
    Member.objects.filter(pk=world.member("bartek").pk).update(known_print="p" * 64)
    bartek = world.member("bartek")
    named = bartek.code_print if which == "code" else bartek.known_print
    assert not fits(world, world.ask("ania", not_prints=[named]), world.offer("bartek"))


def test_who_named_the_asker_is_never_suggested(world, ask):
    assert not fits(world, ask, world.offer("bartek", not_prints=[world.member("ania").code_print]))


def test_a_minor_is_suggested_to_minors_only(world):
    for name in ("gabrysia", "hubert"):
        world.add(name, age="16_17")
    young, grown = world.offer("hubert"), world.offer("bartek")
    assert fits(world, world.ask("gabrysia"), young)
    assert not fits(world, world.ask("gabrysia", "grief.parent"), grown)
    assert not fits(world, world.ask("ania"), young)
    programmes.choose(world.actor("celina"), world.here, minors_with_adults=True)
    world.here.refresh_from_db()
    again = world.ask("ania", "grief.parent")
    assert not fits(world, again, young)
    for kind in NEEDED:
        minors.record_check(
            world.actor("celina"), world.member("ania"), kind=kind, result="clear", done_on=house_clock.today()
        )
    assert fits(world, again, young)


def test_who_is_not_here_is_not_suggested(world, ask, offer, clock):
    Member.objects.filter(pk=world.member("bartek").pk).update(away_until=clock().date())
    assert not fits(world, ask, offer)
    clock(days=1)
    assert fits(world, ask, offer)
    programmes.pause(world.actor("celina"), world.member("bartek"))
    assert not fits(world, ask, offer)


def test_who_was_paired_before_is_never_suggested_again(world):
    pair = world.pair()
    acts.end(world.actor("ania"), pair, at_once=True)
    assert not fits(world, world.ask("ania"), pair.offer)
    assert not fits(world, world.ask("bartek"), world.offer("ania"))


def test_with_fewer_places_than_are_taken_nobody_is_suggested(world, ask, offer):
    for _two in range(2):
        offers.hold_seat(world.actor("ania"), offer)
    offers.change(world.actor("bartek"), offer, experiences=offer.experiences.all(), capacity=1)
    assert not fits(world, ask, offer)
    assert reads.cards(world.actor("ania"), ask) == ([], "nobody")


# -- looking only where it counts -------------------------------------------------------------------------------------


@pytest.fixture
def many_offers(world):
    lived = [("grief.partner",), ("grief",), ("grief.parent", "lonely"), ("lonely",), ("work.lost",), ("work",)]
    for place, codes in enumerate(lived):
        world.add(f"giver{place}")
        world.offer(f"giver{place}", *codes)


@pytest.mark.parametrize("codes", [("grief.partner",), ("grief",), ("work.lost", "lonely"), ("lonely",)])
@pytest.mark.parametrize("desk", [False, True])
def test_who_knows_nothing_of_it_may_be_left_out_before_looking(world, many_offers, clock, codes, desk):
    ask = world.ask("ania", *codes)
    of_all = problem.among(ask, problem.pool(world.here, desk=desk), top=5)
    found = problem.suggestions(ask, desk=desk)
    assert [problem.as_fit(one) for one in found.best] == [problem.as_fit(one) for one in of_all.best]
    assert 0 < found.left["topic"] == of_all.left["topic"] < of_all.left["yourself"]


def test_the_asker_is_told_the_hour_that_would_find_somebody(world, monkeypatch):
    monkeypatch.setattr(house_clock, "today", lambda: WINTER)
    ask = world.ask("ania", hours=hours.week([1]))
    world.offer("bartek", hours=hours.week([MONDAY_18]))
    [step] = reads.would_help(world.actor("ania"), ask).steps
    assert (step.code, step.facts["hours"], step.facts["start"]) == ("hours", 1, MONDAY_18 - 1)  # in UTC
    with pytest.raises(NotFound):
        reads.would_help(world.actor("dawid"), ask)


def test_who_blocked_the_asker_is_in_no_hint(world):
    ask = world.ask("ania", hours=hours.week([1]))
    world.offer("bartek", hours=hours.week([MONDAY_18]))
    safety.block(world.actor("bartek"), world.people["ania"])
    assert reads.would_help(world.actor("ania"), ask) is None


def test_where_nobody_fits_all_are_asked_why(world, many_offers):
    ask = world.ask("ania", "lonely", languages=["uk"])
    assert reads.cards(world.actor("ania"), ask) == ([], "language")
    ask = world.ask("ania", "work.lost", not_prints=[world.member(f"giver{place}").code_print for place in (4, 5)])
    assert reads.cards(world.actor("ania"), ask) == ([], "topic")


# -- units ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who_leads", ["ania", "bartek"])
def test_a_superior_is_never_suggested_whoever_asks(world, ask, offer, who_leads):
    station = unit(world, "station")
    shift = unit(world, "shift", station)
    led = "bartek" if who_leads == "ania" else "ania"
    belongs(world, who_leads, station, leads=True)
    belongs(world, led, shift)
    assert not fits(world, ask, offer)
    belongs(world, led, unit(world, "another station"))
    assert fits(world, ask, offer)


def test_when_a_unit_moves_its_people_have_other_superiors(world, ask, offer):
    station, shift = unit(world, "station"), unit(world, "shift")
    belongs(world, "bartek", station, leads=True)
    belongs(world, "ania", shift)
    assert fits(world, ask, offer)
    shift.parent = station
    shift.save()
    assert not fits(world, ask, offer)


def test_a_superior_who_became_one_meanwhile_does_not_begin_with_their_people(world, ask, offer):
    proposal = acts.put(world.actor("celina"), ask, offer, origin="coordinator")
    acts.answer(world.actor("ania"), proposal, yes=True)
    station = unit(world, "station")
    belongs(world, "ania", station)
    belongs(world, "bartek", station, leads=True)
    assert acts.answer(world.actor("bartek"), proposal, yes=True).state == Proposal.State.DECLINED


@pytest.mark.parametrize("side", ["ask", "offer"])
def test_nobody_from_ones_own_unit_where_one_does_not_want_it(world, side):
    station = unit(world, "station")
    for name in ("ania", "bartek"):
        belongs(world, name, station)
    wish = {"not_same_unit": True}
    ask = world.ask("ania", **(wish if side == "ask" else {}))
    assert not fits(world, ask, world.offer("bartek", **(wish if side == "offer" else {})))


# -- hours and the clock ----------------------------------------------------------------------------------------------


def on(monkeypatch, day: date):
    monkeypatch.setattr(house_clock, "now", lambda: datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def told(world, name, proposal) -> list[str]:
    """The reason that speaks of hours, as somebody reads it that day."""
    actor = world.actor(name)
    given = reads.put(actor, reads.proposal(actor, proposal.pk)).reasons
    minutes = hours.offset(actor.time_zone, house_clock.today())
    with override("en"):
        return [one for one in sentences(given, topics={}, minutes=minutes) if "hour" in one]


def talk_at(world, hour, zone="Europe/Warsaw"):
    """Ania in Warsaw free one hour on Monday evening, Bartek where he is, at the same hour of UTC in winter."""
    world.bartek.time_zone = zone
    world.bartek.save()
    world.bartek.refresh_from_db()
    return world.ask("ania", hours=hours.week([MONDAY_18])), world.offer("bartek", hours=hours.week([hour]))


@pytest.mark.parametrize("day", [WINTER, SUMMER, date(2026, 3, 29), date(2026, 10, 25)])
def test_the_same_hour_on_the_same_clock_is_shared_on_every_day_of_the_year(world, monkeypatch, day):
    on(monkeypatch, day)
    ask, offer = talk_at(world, MONDAY_18)
    assert fits(world, ask, offer)


@pytest.mark.parametrize(
    ("zone", "hour", "day", "shared"),
    [
        ("Europe/London", 17, WINTER, True),
        ("Europe/London", 17, SUMMER, True),
        ("Europe/London", 18, WINTER, False),
        ("Europe/Kyiv", 19, SUMMER, True),
        ("America/New_York", 12, WINTER, True),
        ("America/New_York", 12, SUMMER, True),
        ("America/New_York", 12, date(2026, 3, 15), False),  # three weeks in March New York is an hour nearer
        ("America/New_York", 13, date(2026, 3, 15), True),
        ("America/New_York", 12, date(2026, 10, 28), False),  # and a week in autumn
        ("America/New_York", 13, date(2026, 10, 28), True),
        ("Asia/Kolkata", 21, WINTER, False),  # half an hour apart: no whole hour is promised
        ("Pacific/Kiritimati", 31, WINTER, True),  # there it is Tuesday morning
        ("UTC", 17, WINTER, True),
        ("UTC", 16, SUMMER, True),
    ],
)
def test_hours_are_compared_as_clocks_stand_that_day(world, monkeypatch, zone, hour, day, shared):
    on(monkeypatch, day)
    ask, offer = talk_at(world, hour, zone)
    assert fits(world, ask, offer) is shared


def test_each_reads_shared_hours_on_their_own_clock(world, monkeypatch):
    on(monkeypatch, WINTER)
    ask, offer = talk_at(world, 12, "America/New_York")
    proposal = acts.put(world.actor("ania"), ask, offer, origin="chosen")
    seen = {
        name: reads.put(world.actor(name), reads.proposal(world.actor(name), proposal.pk))
        for name in ("ania", "bartek")
    }
    assert seen["ania"].shared == [hours.Stretch(MONDAY_18, 1)]
    assert seen["bartek"].shared == [hours.Stretch(12, 1)]


def test_over_the_turn_of_the_clocks_an_evening_stays_an_evening(world, monkeypatch):
    on(monkeypatch, date(2026, 10, 24))
    ask, offer = talk_at(world, MONDAY_18)
    proposal = acts.put(world.actor("ania"), ask, offer, origin="chosen")
    on(monkeypatch, date(2026, 10, 26))
    seen = reads.put(world.actor("bartek"), reads.proposal(world.actor("bartek"), proposal.pk))
    assert seen.shared == [hours.Stretch(MONDAY_18, 1)]


@pytest.mark.parametrize(
    ("put_on", "read_on"),
    [
        (date(2026, 10, 24), date(2026, 10, 26)),  # clocks go back
        (date(2026, 3, 28), date(2026, 3, 30)),  # and forward
    ],
)
def test_a_reason_told_before_the_turn_of_the_clocks_names_the_same_evening_after_it(
    world, monkeypatch, put_on, read_on
):
    on(monkeypatch, put_on)
    ask, offer = talk_at(world, MONDAY_18)
    proposal = acts.put(world.actor("ania"), ask, offer, origin="chosen")
    before = told(world, "bartek", proposal)
    assert before == ["1 shared hour a week: Monday 18:00–19:00."]
    on(monkeypatch, read_on)
    assert told(world, "bartek", proposal) == before
    assert told(world, "ania", proposal) == before


def test_where_the_clocks_of_one_turn_first_hours_are_shared_as_they_stand_that_day(world, monkeypatch):
    on(monkeypatch, date(2026, 10, 23))
    ask, offer = talk_at(world, 12, "America/New_York")
    assert fits(world, ask, offer)
    proposal = acts.put(world.actor("ania"), ask, offer, origin="chosen")
    on(monkeypatch, date(2026, 10, 28))  # Warsaw has turned its clocks, New York has not: 12 there is 17 here
    for name in ("ania", "bartek"):
        actor = world.actor(name)
        assert reads.put(actor, reads.proposal(actor, proposal.pk)).shared == []


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 24), date(2026, 10, 25)])
def test_at_midnight_of_the_turn_a_whole_week_stays_whole(world, monkeypatch, day):
    monkeypatch.setattr(house_clock, "now", lambda: datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC))
    ask = world.ask("ania", hours=hours.ANY)
    assert problem.ask_row(ask).hours == hours.ANY
    night = world.ask("ania", "lonely", hours=hours.week([2, 3]))  # the hour that is there twice, or not at all
    assert len(hours.hours_in(problem.ask_row(night).hours)) == 2
