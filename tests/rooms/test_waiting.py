"""The waiting room: waves, the first yes, coming in, what is said when nobody can come, and what comes afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from nawzajem.asks import acts as asks
from nawzajem.asks import reads as ask_reads
from nawzajem.asks.models import Ask
from nawzajem.conversations import acts as conversations
from nawzajem.ground.actor import CHORE
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Closed, NotAllowed, NotFound, Stale
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import CheckIn, Pair, Proposal
from nawzajem.programmes import acts as programmes
from nawzajem.safety import acts as safety
from nawzajem.waiting import acts, chores, problem, reads
from nawzajem.waiting.models import Knock, Surge, Talk, Wait
from tests.cast import HOUSE

pytestmark = pytest.mark.django_db


def nobody_sleeps(people: Any) -> set[str]:
    return set()


def everybody_sleeps(people: Any) -> set[str]:
    return set(people)


def go_round(asleep: Any = nobody_sleeps) -> None:
    chores.go_round(asleep=asleep)


def waits(world: Any, name: str = "ania", **fields: Any) -> Wait:
    """Somebody has pressed "I need somebody now"."""
    wait = acts.begin(world.actor(name), world.draft(name, **fields))
    return Wait.objects.select_related("ask__programme", "ask__person").get(pk=wait.pk)


def knock_of(world: Any, name: str) -> Knock:
    return Knock.objects.select_related("wait__ask", "offer").get(offer__person=world.people[name])


def says(world: Any, name: str, *, yes: bool) -> Knock:
    return (acts.say_yes if yes else acts.say_not_now)(world.actor(name), knock_of(world, name))


def choose(world: Any, **options: Any) -> None:
    programmes.choose(HOUSE.within(world.here.pk), world.here, **options)


def givers(world: Any, n: int, **fields: Any) -> list[str]:
    names = [f"giver{number}" for number in range(n)]
    for name in names:
        world.add(name)
        world.offer(name, **fields)
    return names


def met(world: Any) -> Pair:
    """Ania waited, and Bartek came."""
    world.offer("bartek")
    waits(world)
    go_round()
    says(world, "bartek", yes=True)
    return acts.come_in(world.actor("bartek"), knock_of(world, "bartek"))


# -- waiting ----------------------------------------------------------------------------------------------------------


def test_one_tap_is_enough(world, clock):
    actor = world.actor("ania")
    wait = acts.begin(actor, asks.draft(actor, topics=[], forms=["text"], languages=["pl"]))
    assert wait.state == Wait.State.WAITING
    assert wait.ask.state == Ask.State.NOW
    assert wait.until == clock() + timedelta(minutes=15)


def test_nobody_else_puts_somebody_in_the_waiting_room(world):
    with pytest.raises(NotAllowed):
        acts.begin(world.actor("bartek"), world.draft("ania"))


def test_where_nobody_can_be_asked_at_once_it_is_said(world):
    choose(world, ask_now=False)
    with pytest.raises(Closed):
        waits(world)


def test_one_waits_once(world):
    waits(world)
    with pytest.raises(Stale):
        waits(world)


def test_whoever_waits_is_not_proposed_to_anybody_besides(world):
    from nawzajem.pairs import chores as pair_chores

    world.offer("bartek")
    wait = waits(world)
    pair_chores.look_again()
    assert not Proposal.objects.exists()
    assert not ask_reads.waiting(world.actor("celina")).filter(pk=wait.ask_id).exists()


def test_whoever_leaves_keeps_what_they_wrote(world):
    wait = waits(world, words="Nie śpię.")
    acts.leave(world.actor("ania"), wait)
    ask = Ask.objects.get(pk=wait.ask_id)
    assert ask.state == Ask.State.DRAFT
    assert ask_reads.words_of(world.actor("ania"), ask) == "Nie śpię."
    assert reads.my_wait(world.actor("ania")) is None


def test_nobody_but_oneself_sees_or_ends_the_waiting(world):
    wait = waits(world)
    for name in ("bartek", "celina", "dawid"):
        with pytest.raises(NotFound):
            reads.wait(world.actor(name), wait.pk)
    with pytest.raises(NotAllowed):
        acts.leave(world.actor("bartek"), wait)


# -- waves ------------------------------------------------------------------------------------------------------------


def test_a_few_are_asked_first_and_then_twice_as_many(world, clock):
    givers(world, 10)
    wait = waits(world)
    go_round()
    assert wait.knocks.count() == 3
    go_round()
    assert wait.knocks.count() == 3, "not before its time"
    clock(seconds=41)
    go_round()
    assert wait.knocks.count() == 9
    assert Event.objects.filter(kind="wait.wave").count() == 2


def test_when_all_have_said_not_now_the_next_are_asked_without_waiting(world, clock):
    choose(world, now_people=1)
    givers(world, 3)
    wait = waits(world)
    go_round()
    first = wait.knocks.get()
    acts.say_not_now(world.actor(_name(world, first)), first)
    clock(seconds=1)
    go_round()
    assert wait.knocks.count() == 3


def _name(world: Any, knock: Knock) -> str:
    return next(name for name, person in world.people.items() if person.pk == knock.offer.person_id)


def test_people_with_whom_it_went_well_come_first(world):
    pair = world.pair()
    pairs.end(world.actor("ania"), pair, at_once=True)
    pair.refresh_from_db()
    pairs.rate(world.actor("ania"), pair, understood=5, again=True)
    choose(world, now_people=1)
    world.add("hugo")
    world.offer("hugo")
    wait = waits(world)
    assert _asked_next(wait) == [world.hugo.pk], "Bartek has not said that he would"
    pairs.rate(world.actor("bartek"), pair, understood=5, again=True)
    assert _asked_next(wait) == [world.bartek.pk]


def _asked_next(wait: Wait, most: int = 1) -> list[str]:
    return [one.offer.person for one in problem.next_asked(wait, most=most, asleep=nobody_sleeps)]


def test_a_closed_door_stays_closed(world):
    world.offer("bartek")
    safety.block(world.actor("bartek"), world.ania)
    assert _asked_next(waits(world)) == []


def test_only_those_are_asked_whose_hours_say_so_or_who_said_that_they_are_here(world):
    never_now = world.offer("bartek", hours="0" * 42)
    wait = waits(world)
    assert _asked_next(wait) == []
    offers.be_here(world.actor("bartek"), never_now, hours=1)
    assert _asked_next(wait) == [world.bartek.pk]


def test_being_here_ends_by_itself(world, clock):
    offers.be_here(world.actor("bartek"), world.offer("bartek", hours="0" * 42), hours=1)
    clock(minutes=61)
    assert _asked_next(waits(world)) == []


def test_nobody_is_woken_but_who_said_that_they_are_here(world):
    offer = world.offer("bartek")
    wait = waits(world)
    assert problem.next_asked(wait, most=3, asleep=everybody_sleeps) == []
    offers.be_here(world.actor("bartek"), offer, hours=1)
    assert len(problem.next_asked(wait, most=3, asleep=everybody_sleeps)) == 1


def test_nobody_is_asked_while_resting_away_or_full(world):
    offer = world.offer("bartek", capacity=1)
    wait = waits(world)
    offers.pause(world.actor("bartek"), offer)
    assert _asked_next(wait) == []
    offers.resume(world.actor("bartek"), offer)
    offers.hold_seat(CHORE.within(world.here.pk), offer)
    assert _asked_next(wait) == []
    offers.free_seat(CHORE.within(world.here.pk), offer)
    programmes.change_place(world.actor("bartek"), world.member("bartek"), away_until="2999-01-01")
    assert _asked_next(wait) == []


def test_nobody_is_asked_twice_in_a_short_while(world, clock):
    world.offer("bartek")
    waits(world)
    go_round()
    says(world, "bartek", yes=False)
    other = waits(world, "franek")
    assert _asked_next(other) == []
    clock(minutes=31)
    assert _asked_next(other) == [world.bartek.pk]


def test_nobody_is_asked_more_often_than_a_week_allows(world, clock):
    choose(world, now_knocks_a_week=1)
    world.offer("bartek")
    waits(world)
    go_round()
    says(world, "bartek", yes=False)
    other = waits(world, "franek")
    clock(days=2)
    assert _asked_next(other) == []
    clock(days=6)
    assert _asked_next(other) == [world.bartek.pk]


def test_whoever_has_given_enough_for_a_day_rests_until_the_next(world, clock):
    choose(world, now_talks_a_day=1)
    pair = met(world)
    pairs.end(world.actor("bartek"), pair, at_once=True)
    assert reads.needs_rest(world.actor("bartek"), world.here) == 1
    other = waits(world, "franek")
    clock(hours=2)
    assert _asked_next(other) == []
    clock(hours=23)
    assert _asked_next(other) == [world.bartek.pk]


def test_of_two_who_fit_alike_whoever_rested_is_asked(world, clock):
    choose(world, now_people=1, now_rest_minutes=5)
    givers(world, 2)
    first = waits(world)
    go_round()
    asked = first.knocks.get()
    acts.say_not_now(world.actor(_name(world, asked)), asked)
    clock(minutes=10)
    other = waits(world, "franek")
    assert _asked_next(other) != [asked.offer.person_id]


# -- the first yes ----------------------------------------------------------------------------------------------------


def test_the_first_yes_holds_and_the_other_is_thanked(world):
    names = givers(world, 2)
    wait = waits(world)
    go_round()
    says(world, names[0], yes=True)
    with pytest.raises(Stale):
        says(world, names[1], yes=True)
    wait.refresh_from_db()
    assert wait.state == Wait.State.COMING
    assert Offer.objects.get(person=world.people[names[0]]).taken == 1
    assert Offer.objects.get(person=world.people[names[1]]).taken == 0


def test_the_database_itself_allows_one_yes(world):
    names = givers(world, 2)
    wait = waits(world)
    go_round()
    with pytest.raises(IntegrityError), transaction.atomic():
        wait.knocks.update(state=Knock.State.YES)
    assert len(names) == 2


def test_what_somebody_wrote_is_read_only_by_who_said_yes(world):
    names = givers(world, 2)
    waits(world, words="Nie śpię.")
    go_round()
    assert reads.my_knocks(world.actor(names[0]))[0].words == ""
    says(world, names[0], yes=True)
    assert reads.my_knocks(world.actor(names[0]))[0].words == "Nie śpię."
    assert reads.my_knocks(world.actor(names[1]))[0].words == ""
    assert reads.my_knocks(world.actor(names[1]))[0].on_the_way


def test_coming_in_begins_a_talk_for_both_without_check_ins(world):
    pair = met(world)
    assert {pair.asker_id, pair.giver_id} == {world.ania.pk, world.bartek.pk}
    assert pair.ask.state == Ask.State.PAIRED
    assert not CheckIn.objects.exists()
    conversations.send(world.actor("ania"), pair.conversation, text="Jestem.", client_key="a" * 8)
    assert reads.wait(world.actor("ania"), Wait.objects.get().pk).state == Wait.State.MET
    assert acts.come_in(world.actor("bartek"), knock_of(world, "bartek")).pk == pair.pk, "twice is once"


def test_nobody_answers_or_comes_in_for_somebody_else(world):
    world.offer("bartek")
    waits(world)
    go_round()
    for act in (acts.say_yes, acts.say_not_now, acts.come_in):
        with pytest.raises(NotAllowed):
            act(world.actor("celina"), knock_of(world, "bartek"))
    with pytest.raises(NotFound):
        reads.knock(world.actor("celina"), knock_of(world, "bartek").pk)


def test_whoever_does_not_come_in_is_not_waited_for(world, clock):
    names = givers(world, 2)
    wait = waits(world)
    go_round()
    says(world, names[0], yes=True)
    clock(minutes=2, seconds=1)
    go_round()
    assert knock_of(world, names[0]).state == Knock.State.MISSED
    assert Offer.objects.get(person=world.people[names[0]]).taken == 0
    with pytest.raises(Stale):
        acts.come_in(world.actor(names[0]), knock_of(world, names[0]))
    assert says(world, names[1], yes=True).state == Knock.State.YES, "the others may still say yes"
    assert wait.pk == Wait.objects.get().pk


def test_whoever_cannot_after_all_says_so(world):
    world.offer("bartek")
    wait = waits(world)
    go_round()
    says(world, "bartek", yes=True)
    says(world, "bartek", yes=False)
    wait.refresh_from_db()
    assert (wait.state, knock_of(world, "bartek").state) == (Wait.State.WAITING, Knock.State.MISSED)


def test_whoever_leaves_while_somebody_is_on_the_way_keeps_nobody(world):
    world.offer("bartek")
    wait = waits(world)
    go_round()
    says(world, "bartek", yes=True)
    acts.leave(world.actor("ania"), wait)
    assert Offer.objects.get().taken == 0
    with pytest.raises(Stale):
        acts.come_in(world.actor("bartek"), knock_of(world, "bartek"))


# -- when nobody can come ---------------------------------------------------------------------------------------------


def test_in_the_end_it_is_said_plainly_and_nothing_is_lost(world, clock):
    world.offer("bartek")
    wait = waits(world)
    go_round()
    clock(minutes=16)
    go_round()
    wait.refresh_from_db()
    assert wait.state == Wait.State.NOBODY
    assert knock_of(world, "bartek").state == Knock.State.OVER
    ask = Ask.objects.get(pk=wait.ask_id)
    assert ask.state == Ask.State.DRAFT
    assert acts.begin(world.actor("ania"), ask).state == Wait.State.WAITING, "and one may ask once more"


def test_the_wait_is_told_from_those_who_waited_and_from_nobody_else(world, clock):
    assert reads.expected(world.here.pk).people == 0
    world.offer("bartek")
    waits(world)
    go_round()
    clock(minutes=6)
    says(world, "bartek", yes=True)
    acts.come_in(world.actor("bartek"), knock_of(world, "bartek"))
    told = reads.expected(world.here.pk)
    assert (told.people, told.paired, round((told.half or 0) * 60)) == (1, 1, 6)


def test_where_one_stands_is_told_in_numbers(world, clock):
    waits(world, "franek")
    clock(seconds=5)
    world.offer("bartek")
    wait = waits(world)
    go_round()
    stand = reads.standing(wait)
    assert (stand.before, stand.asked) == (1, Knock.objects.filter(wait=wait).count())


# -- afterwards -------------------------------------------------------------------------------------------------------


def test_two_who_would_like_to_stay_in_touch_go_on_as_a_pair(world):
    pair = met(world)
    pairs.end(world.actor("bartek"), pair, ending="done")
    talk = Talk.objects.select_related("pair").get()
    acts.stay(world.actor("ania"), talk, yes=True)
    assert Pair.objects.get().state == Pair.State.CLOSING, "the other has not said"
    acts.stay(world.actor("bartek"), talk, yes=True)
    assert Pair.objects.get().state == Pair.State.ACTIVE
    assert CheckIn.objects.count() == 2
    assert reads.talk(pair) is None


def test_a_no_is_told_to_nobody_and_it_ends_when_both_have_said(world):
    pair = met(world)
    pairs.end(world.actor("ania"), pair, ending="done")
    talk = Talk.objects.select_related("pair").get()
    acts.stay(world.actor("bartek"), talk, yes=False)
    assert Pair.objects.get().state == Pair.State.CLOSING
    acts.stay(world.actor("ania"), talk, yes=True)
    closed = Pair.objects.get()
    assert (closed.state, closed.ended_by_id) == (Pair.State.CLOSED, world.ania.pk)
    assert Offer.objects.get().taken == 0
    with pytest.raises(NotAllowed):
        acts.stay(world.actor("celina"), talk, yes=True)


def test_a_talk_that_nobody_ends_comes_to_its_end_by_itself(world, clock):
    met(world)
    clock(hours=7)
    chores.end_talks()
    assert Pair.objects.get().state == Pair.State.CLOSING
    clock(hours=25)
    chores.end_talks()
    assert Pair.objects.get().state == Pair.State.CLOSED
    assert Ask.objects.get().state == Ask.State.MET


def test_whoever_said_that_they_are_here_and_does_not_answer_is_not_here(world, clock):
    offers.be_here(world.actor("bartek"), world.offer("bartek"), hours=8)
    for _ in range(2):
        wait = waits(world)
        go_round()
        clock(minutes=5)
        acts.leave(world.actor("ania"), wait)
        chores.switch_off()
        assert Offer.objects.get().is_here == (Knock.objects.count() < 2)
        clock(minutes=40)


# -- surges -----------------------------------------------------------------------------------------------------------


def asked_often(world: Any, times: int) -> None:
    moment = Event(kind="wait.begun", programme=world.here.pk, thing_kind="wait", thing="x", via="web").at
    Event.objects.bulk_create(
        Event(kind="wait.begun", programme=world.here.pk, thing_kind="wait", thing="x", via="web", at=moment)
        for _ in range(times)
    )


@pytest.fixture
def quiet_weeks(world, clock):
    clock(days=30)


def test_far_more_asks_than_usual_are_a_surge_and_more_are_asked_at_once(world, clock, quiet_weeks):
    givers(world, 8)
    chores.watch()
    assert reads.surge(world.here.pk) is None
    asked_often(world, 8)
    chores.watch()
    assert Event.objects.get(kind="surge.begun").facts["asks"] == 8
    wait = waits(world)
    go_round()
    assert wait.knocks.count() == 6
    clock(hours=3)
    chores.watch()
    assert reads.surge(world.here.pk) is None, "it ends by itself"


def test_a_coordinator_ends_a_surge_and_it_does_not_begin_again_at_once(world, quiet_weeks):
    asked_often(world, 8)
    chores.watch()
    surge = Surge.objects.get()
    with pytest.raises(NotAllowed):
        acts.end_surge(world.actor("bartek"), surge)
    acts.end_surge(world.actor("celina"), surge)
    chores.watch()
    assert Surge.objects.filter(ended_at=None).count() == 0


def test_the_waiting_room_is_told_to_those_on_duty_in_numbers(world):
    waits(world)
    assert reads.room(world.actor("celina")).waiting == 1
    with pytest.raises(NotFound):
        reads.room(world.actor("ania"))
