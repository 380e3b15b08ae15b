"""Whoever has just come goes slowly for some hours; never on a way to help; and afterwards it goes as for everybody."""

from __future__ import annotations

import pytest

from nawzajem.conversations import acts as conversations
from nawzajem.ground.refusals import TooMany
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.programmes import acts as programmes
from nawzajem.safety import acts as safety
from nawzajem.safety.concerns import acts as concerns
from nawzajem.waiting import acts as waiting
from tests.cast import HOUSE

pytestmark = pytest.mark.django_db


@pytest.fixture
def slow(world, clock):
    """A programme in which the first day goes slowly, with Ania in her first hour and Bartek long here."""
    limits = {
        "newcomer_hours": 24,
        "newcomer_asks": 2,
        "newcomer_choices": 2,
        "newcomer_messages": 3,
        "newcomer_reports": 2,
    }
    world.here = programmes.choose(HOUSE.within(world.here.pk), world.here, open_asks=9, **limits)
    for name in ("ania", "bartek"):
        member = world.member(name)
        member.joined_at = clock() if name == "ania" else clock(days=-3)
        member.save()
        clock(days=0 if name == "ania" else 3)
    assert world.actor("ania").slowly
    assert world.actor("bartek").slowly is None
    return world


def test_asks_are_sent_slowly_and_after_a_day_as_always(slow, clock):
    for _each in range(2):
        slow.ask("ania")
    with pytest.raises(TooMany) as refused:
        slow.ask("ania")
    assert refused.value.code == "new_here"
    clock(hours=24)
    slow.ask("ania")
    for _each in range(4):
        slow.ask("bartek")


def test_people_are_chosen_slowly(slow):
    offers = [slow.offer(name) for name in ("bartek", "celina", "franek")]
    asks = [slow.ask("ania") for _each in range(2)]
    third = slow.draft("ania")
    for ask, offer in zip(asks, offers, strict=False):
        pairs.lapse(HOUSE.within(slow.here.pk), pairs.put(slow.actor("ania"), ask, offer, origin="chosen"))
    third.state = "open"
    third.save()
    with pytest.raises(TooMany):
        pairs.put(slow.actor("ania"), third, Offer.objects.get(pk=offers[2].pk), origin="chosen")
    pairs.put(HOUSE.within(slow.here.pk), third, Offer.objects.get(pk=offers[2].pk), origin="next")


def wrote(world, pair, name, times):
    for n in range(times):
        conversations.send(world.actor(name), pair.conversation, text="Jestem.", client_key=f"{name}-{n:04}")


def test_messages_wait_for_the_first_answer(slow):
    pair = slow.pair()
    wrote(slow, pair, "ania", 3)
    with pytest.raises(TooMany):
        conversations.send(slow.actor("ania"), pair.conversation, text="I jeszcze.", client_key="ania-0009")
    again = conversations.send(slow.actor("ania"), pair.conversation, text="Jestem.", client_key="ania-0001")
    assert again.seq == 2  # asked again for what is there already, it is there
    wrote(slow, pair, "bartek", 1)
    for n in range(10, 20):
        conversations.send(slow.actor("ania"), pair.conversation, text="Dobrze.", client_key=f"ania-{n:04}")


def test_whoever_is_long_here_writes_on(slow):
    pair = slow.pair()
    wrote(slow, pair, "bartek", 12)


def test_reports_are_slowed_but_never_those_about_danger(slow):
    for n in range(2):
        safety.report(slow.actor("ania"), slow.bartek, reason="hurtful", place=f"x:{n}")
    with pytest.raises(TooMany):
        safety.report(slow.actor("ania"), slow.bartek, reason="hurtful", place="x:9")
    for n in range(5):
        for reason in ("danger", "threat", "sexual"):
            assert safety.report(slow.actor("ania"), slow.bartek, reason=reason, place=f"{reason}:{n}")
    safety.report(slow.actor("ania"), slow.bartek, reason="pressure", place="x:1")  # in newer words, it is the same


def test_no_way_to_help_is_slowed(slow):
    for _each in range(2):
        slow.ask("ania")
    for _each in range(3):
        assert concerns.raise_concern(slow.actor("ania"), slow.ania, origin="self", tier=2)
    assert waiting.begin(slow.actor("ania"), slow.draft("ania"))
    assert safety.block(slow.actor("ania"), slow.bartek)


def test_the_sentence_says_when_it_goes_on(slow, enter, clock):
    for _each in range(2):
        slow.ask("ania")
    draft = slow.draft("ania")
    answer = enter("ania").post(f"/p/here/asks/{draft.pk}/send/", {"whoever": "yes"})
    assert answer.status_code == 429
    assert f"{clock(days=1):%H:%M}" in answer.content.decode()
