"""What runs by itself: each thing in its time, once, and one that fails stops nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nawzajem import chores
from nawzajem.asks import acts as asks
from nawzajem.asks.models import Ask
from nawzajem.conversations import acts as conversations
from nawzajem.ground import chores as turns
from nawzajem.ground.actor import CHORE
from nawzajem.ground.chores import Chore, each
from nawzajem.ground.models import Event, Turn
from nawzajem.ground.refusals import Stale
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs import problem
from nawzajem.pairs.models import CheckIn, Pair, Proposal
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Member
from tests.cast import HOUSE

pytestmark = pytest.mark.django_db

WRITTEN = "what somebody wrote"


def events(kind: str) -> int:
    return Event.objects.filter(kind=kind).count()


# -- the machine ------------------------------------------------------------------------------------------------------


def chore(do, *, every=60, waits=lambda: True):
    return Chore("a chore", timedelta(seconds=every), do, waits)


def test_a_chore_runs_when_it_is_due_and_not_before(db, clock):
    done = []
    one = chore(lambda: done.append(1))
    assert turns.run([one]) == 60
    assert 0 < turns.run([one]) <= 60
    assert done == [1]
    clock(seconds=61)
    turns.run([one])
    assert done == [1, 1]


def test_a_house_with_nothing_to_do_writes_nothing(db, clock, django_assert_num_queries):
    one = chore(pytest.fail, waits=lambda: False)
    turns.run([one])
    clock(seconds=61)
    with django_assert_num_queries(1) as seen:
        turns.run([one])
    assert seen[0]["sql"].startswith("SELECT")


def test_of_two_processes_one_takes_a_chore_on(db, clock):
    first, second = (Turn(name="a chore", due_at=clock()) for _ in range(2))
    first.save()
    assert turns._claim(first, clock())
    assert not turns._claim(second, clock())


def test_a_chore_in_the_hands_of_a_process_that_died_is_taken_over(db, clock):
    done = []
    one = chore(lambda: done.append(1))
    Turn.objects.create(name="a chore", due_at=clock(), claimed_until=clock() + turns.LEASE)
    turns.run([one])
    assert not done
    clock(minutes=11)
    turns.run([one])
    assert done == [1]


def test_a_chore_that_fails_stops_no_other_and_rests_longer_each_time(db, clock, caplog):
    done = []

    def fails():
        raise ValueError(WRITTEN)

    broken, well = chore(fails), Chore("well", timedelta(seconds=60), lambda: done.append(1))
    turns.run([broken, well])
    assert done == [1]
    assert WRITTEN not in caplog.text
    assert "ValueError" in caplog.text
    rests = []
    for _ in range(3):
        turn = Turn.objects.get(name="a chore")
        rests.append((turn.due_at - clock()).total_seconds())
        clock(seconds=rests[-1] + 1)
        turns.run([broken, well])
    assert rests[0] < rests[1] < rests[2]


def test_one_thing_that_fails_does_not_keep_the_others_waiting(caplog):
    done = []

    def act(actor, thing):
        if thing == "stale":
            raise Stale
        if thing == "broken":
            raise KeyError(WRITTEN)
        done.append(thing)

    assert each(CHORE, act, ["one", "stale", "broken", "two"]) == 2
    assert done == ["one", "two"]
    assert WRITTEN not in caplog.text
    assert "KeyError" in caplog.text


def test_everything_in_the_list_runs_on_a_house_with_people_in_it(world, clock, caplog):
    world.pair()
    world.ask("celina", whoever=True)
    for _ in range(3):
        assert 0 < chores.run_due() <= 5
        clock(days=1)
    assert not caplog.records
    assert Turn.objects.filter(failures__gt=0).count() == 0
    assert Turn.objects.filter(claimed_until__isnull=False).count() == 0


def test_the_names_of_chores_are_their_own():
    names = [one.name for one in chores.CHORES]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= (Turn._meta.get_field("name").max_length or 0)


# -- proposals --------------------------------------------------------------------------------------------------------


def test_whoever_is_right_is_asked_within_seconds(world, clock):
    world.offer("bartek")
    ask = world.ask("ania", whoever=True)
    chores.run_due()
    proposal = Proposal.objects.get(ask=ask)
    assert (proposal.origin, proposal.offer.person) == ("next", world.bartek)
    assert Event.objects.filter(kind="proposal.put", via="chore", by="").exists()


def test_who_wishes_to_choose_is_left_to_choose(world):
    world.offer("bartek")
    world.ask("ania", whoever=False)
    chores.run_due()
    assert not Proposal.objects.exists()


def test_an_ask_for_which_nobody_fits_is_not_looked_at_again_without_a_reason(world, clock, monkeypatch):
    looked = []
    real = problem.among
    monkeypatch.setattr(
        problem, "among", lambda ask, *rest, **words: looked.append(ask.pk) or real(ask, *rest, **words)
    )
    world.ask("ania", whoever=True)
    chores.run_due()
    looks = len(looked)
    for _ in range(5):
        clock(seconds=6)
        chores.run_due()
    assert len(looked) == looks
    clock(seconds=6)
    world.offer("bartek")
    chores.run_due()
    assert Proposal.objects.filter(offer__person=world.bartek).exists()


def test_an_ask_is_looked_at_again_every_hour_because_time_passes(world, clock):
    world.offer("bartek")
    programmes.change_place(
        world.actor("bartek"), world.member("bartek"), away_until=(clock() + timedelta(days=2)).date()
    )
    ask = world.ask("ania", whoever=True)
    chores.run_due()
    assert not Proposal.objects.exists()
    clock(days=4)
    chores.run_due()
    assert Proposal.objects.filter(ask=ask).exists()


def test_after_a_no_the_next_who_fits_is_asked_and_nobody_twice(world, clock):
    for name in ("bartek", "franek"):
        world.offer(name)
    ask = world.ask("ania", whoever=True)
    chores.run_due()
    first = Proposal.objects.get(ask=ask)
    giver = {person.pk: name for name, person in world.people.items()}[first.offer.person_id]
    pairs.answer(world.actor(giver), first, yes=False)
    clock(seconds=6)
    chores.run_due()
    second = Proposal.objects.get(ask=ask, state="out")
    assert second.offer_id != first.offer_id
    pairs.answer(world.actor("ania"), second, yes=False)
    clock(seconds=6)
    chores.run_due()
    assert not Proposal.objects.filter(ask=ask, state="out").exists()


def test_two_asks_do_not_get_the_same_last_seat(world):
    world.offer("bartek", capacity=1)
    world.ask("ania", whoever=True)
    world.ask("celina", whoever=True)
    chores.run_due()
    assert Proposal.objects.count() == 1
    assert Offer.objects.get().taken == 1


@pytest.mark.parametrize(("first", "asked"), [("fit", "celina"), ("waiting", "ania")])
def test_the_last_seat_goes_to_whom_it_fits_best_or_to_who_waits_longest(world, clock, first, asked):
    """Ania, who asked first, asks about something near; Celina about what Bartek has been through."""
    programmes.choose(HOUSE.within(world.here.pk), world.here, next_in_line=first)
    world.ask("ania", "grief.parent", whoever=True)
    clock(hours=1)
    world.ask("celina", "grief.partner", whoever=True)
    world.offer("bartek", "grief.partner", capacity=1)
    clock(seconds=6)
    chores.run_due()
    assert Proposal.objects.get().ask.person == world.people[asked]


def test_one_ask_that_cannot_be_looked_at_does_not_stop_the_others(world, monkeypatch):
    world.offer("bartek")
    broken, other = (world.ask(name, whoever=True) for name in ("ania", "celina"))
    real = problem.among
    monkeypatch.setattr(problem, "among", lambda ask, *rest, **top: 1 / 0 if ask == broken else real(ask, *rest, **top))
    chores.run_due()
    assert Proposal.objects.get().ask == other


def test_for_somebody_who_is_paused_nobody_is_asked(world):
    world.offer("bartek")
    world.ask("ania", whoever=True)
    programmes.pause(world.actor("celina"), world.member("ania"))
    chores.run_due()
    assert not Proposal.objects.exists()


def test_a_proposal_past_its_deadline_lapses_and_frees_its_seat(world, clock):
    proposal = world.proposal()
    clock(hours=47)
    chores.run_due()
    proposal.refresh_from_db()
    assert proposal.state == "out"
    clock(hours=2)
    chores.run_due()
    proposal.refresh_from_db()
    assert proposal.state == "lapsed"
    assert Offer.objects.get().taken == 0
    assert Ask.objects.get().state == Ask.State.OPEN


# -- pairs ------------------------------------------------------------------------------------------------------------


def write(world, pair, name, text="Dzień dobry", key="00000001"):
    conversations.send(world.actor(name), pair.conversation, text=text, client_key=key)


def test_a_pair_comes_alive_when_both_have_written(world, clock):
    pair = world.pair()
    write(world, pair, "ania")
    chores.run_due()
    pair.refresh_from_db()
    assert pair.state == Pair.State.BEGUN
    write(world, pair, "bartek", key="00000002")
    clock(minutes=11)
    chores.run_due()
    pair.refresh_from_db()
    assert pair.state == Pair.State.ACTIVE


def test_check_ins_are_asked_on_their_day_once_and_the_next_is_set(world, clock):
    pair = world.pair()
    for days in (8, 14, 30):
        clock(days=days)
        chores.run_due()
        clock(minutes=11)
        chores.run_due()
    assert events("pair.checkin_due") == 3
    assert CheckIn.objects.filter(pair=pair, told_at=None).count() == 1


def test_silence_is_noticed_once_per_silence(world, clock):
    pair = world.pair()
    write(world, pair, "ania")
    clock(days=15)
    chores.run_due()
    clock(days=1)
    chores.run_due()
    assert events("pair.silent") == 1
    write(world, pair, "bartek", key="00000002")
    clock(days=15)
    chores.run_due()
    assert events("pair.silent") == 2


def test_a_pair_closes_when_the_days_for_last_words_are_over(world, clock):
    pair = world.pair()
    pairs.end(world.actor("ania"), pair, ending="done")
    clock(days=6)
    chores.run_due()
    pair.refresh_from_db()
    assert pair.state == Pair.State.CLOSING
    clock(days=2)
    chores.run_due()
    pair.refresh_from_db()
    assert (pair.state, pair.ending) == (Pair.State.CLOSED, "done")


# -- asks, offers, members --------------------------------------------------------------------------------------------


def test_an_ask_is_asked_once_whether_it_still_holds_and_lapses_politely(world, clock):
    ask = world.ask("ania")
    clock(days=15)
    chores.run_due()
    clock(days=1)
    chores.run_due()
    assert events("ask.confirmation_due") == 1
    clock(days=13)
    chores.run_due()
    ask.refresh_from_db()
    assert (ask.state, ask.ending) == (Ask.State.LAPSED, "unconfirmed")


def test_an_ask_that_was_confirmed_waits_on(world, clock):
    ask = world.ask("ania")
    clock(days=15)
    chores.run_due()
    asks.confirm(world.actor("ania"), ask)
    clock(days=13)
    chores.run_due()
    ask.refresh_from_db()
    assert ask.state == Ask.State.OPEN


def test_an_ask_does_not_lapse_before_its_owner_had_time_to_say(world, clock):
    ask = world.ask("ania")
    clock(days=40)  # the house was not running
    chores.run_due()
    ask.refresh_from_db()
    assert ask.state == Ask.State.OPEN
    assert events("ask.confirmation_due") == 1


def test_a_rested_offer_comes_back_on_its_day(world, clock):
    from nawzajem.offers import acts as offers

    offer = world.offer("bartek")
    offers.pause(world.actor("bartek"), offer, until=(clock() + timedelta(days=3)).date())
    clock(days=2)
    chores.run_due()
    offer.refresh_from_db()
    assert offer.state == Offer.State.PAUSED
    clock(days=1, hours=2)
    chores.run_due()
    offer.refresh_from_db()
    assert offer.state == Offer.State.READY


def test_the_offer_of_somebody_long_silent_rests(world, clock):
    offer = world.offer("bartek")
    clock(days=59)
    chores.run_due()
    offer.refresh_from_db()
    assert offer.state == Offer.State.READY
    clock(days=3)
    chores.run_due()
    offer.refresh_from_db()
    assert offer.state == Offer.State.PAUSED
    assert Event.objects.get(kind="offer.paused").facts["why"] == "idle"


def test_the_offer_of_somebody_who_is_here_does_not_rest(world, clock):
    from nawzajem.people import acts as people

    offer = world.offer("bartek")
    clock(days=62)
    people.seen(world.actor("bartek"), world.bartek)
    chores.run_due()
    offer.refresh_from_db()
    assert offer.state == Offer.State.READY


def test_a_pause_ends_on_its_day(world, clock):
    programmes.pause(world.actor("celina"), world.member("ania"), until=(clock() + timedelta(days=3)).date())
    clock(days=3, hours=2)
    chores.run_due()
    assert world.member("ania").state == Member.State.ACTIVE
