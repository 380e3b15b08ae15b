"""Those in the town who are under age: their guardians, the adults who were looked up, and what the school wrote down.

The university keeps a school of its own. What happens there stands in `young.toml`, told backwards like everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from nawzajem.ground.actor import NOBODY
from nawzajem.ground.toml import Part, read
from nawzajem.management.demo.moments import Strand
from nawzajem.management.demo.script import HERE, Place
from nawzajem.management.demo.times import Span
from nawzajem.management.demo.town import HOUSE, Town
from nawzajem.minors import acts as minors
from nawzajem.minors.models import Check, Consent
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.blueprint import Blueprint


class Guarded(Part):
    """A minor, and when their guardian was asked and consented; without the second they wait."""

    who: str
    asked: Span
    given: Span | None = None
    paper: bool = False
    guardian: str = ""


class LookedUp(Part):
    """An adult with all checks of the programme: when they were done, and when somebody recorded them."""

    who: str
    done: Span
    recorded: Span


class Written(Part):
    item: str
    words: str
    done: Span


class Young(Part):
    place: Place
    guarded: list[Guarded]
    checked: list[LookedUp]
    standards: list[Written]


@cache
def young() -> Young:
    return Young.model_validate(read(HERE / "young.toml").data, strict=True)


def without_adults_only(place: Place, blueprint: Blueprint) -> Blueprint:
    """Nobody who is sixteen can tick that they are of age."""
    if place != young().place:
        return blueprint
    return blueprint.model_copy(update={"conditions": [one for one in blueprint.conditions if one.code != "adult"]})


def open_for_minors(town: Town, place: Place) -> None:
    here = town.places[place]
    if place == young().place:
        ages = ["16_17", *here.options.ages]
        programmes.choose(
            HOUSE.within(here.pk), here, ages=ages, guardian_consent=True, minors_with_adults=True, checks_months=12
        )


def strands(town: Town) -> Iterator[Strand]:
    """Of those who live in this town, which may be the small one."""
    here = town.script.people[young().place]
    yield from (_guarding(town, one) for one in young().guarded if one.who in here)
    yield from (_looking_up(town, one) for one in young().checked if one.who in here)
    yield from (_writing(town, one) for one in young().standards)


def _guarding(town: Town, one: Guarded) -> Strand:
    place, keeper = young().place, town.coordinator
    yield town.ago(one.asked)
    if not one.paper:
        asked, _secret = minors.ask_guardian(town.actor(one.who, place), town.member(one.who, place))
    if one.given is None:
        return
    yield town.ago(one.given)
    who = {"name": one.guardian, "relation": Consent.Relation.PARENT}
    if one.paper:
        minors.record_paper(keeper(place), town.member(one.who, place), given_on=town.day(0), **who)
    else:
        minors.consent(NOBODY, asked, **who)
    town.actors.pop((one.who, place), None)  # they take part from now on


def _looking_up(town: Town, one: LookedUp) -> Strand:
    place = young().place
    yield town.ago(one.recorded)
    for kind in town.places[place].options.checks:
        done_on = town.ago(one.done).date()
        member = town.member(one.who, place)
        minors.record_check(town.coordinator(place), member, kind=kind, result=Check.Result.CLEAR, done_on=done_on)


def _writing(town: Town, one: Written) -> Strand:
    place = young().place
    yield town.ago(min(one.done, town.script.town.places[place].opened / 2))
    keeper, here = town.coordinator(place), town.places[place]
    minors.fill_in(keeper, here, item=one.item, words=one.words, done_on=town.ago(one.done).date())
