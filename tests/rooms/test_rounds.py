"""A round from its making to its proposals, and what may happen to it on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nawzajem.asks.models import Ask
from nawzajem.core.matching import STRATEGIES
from nawzajem.ground import events
from nawzajem.ground.actor import CHORE
from nawzajem.ground.refusals import Closed, Invalid, NotAllowed, NotFound, Stale
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import Proposal
from nawzajem.pairs.rounds import acts, chores, reads
from nawzajem.pairs.rounds.material import Problem
from nawzajem.pairs.rounds.models import Decision, Line, Material, Round
from nawzajem.programmes import acts as programmes
from nawzajem.safety import acts as safety
from tests.cast import HOUSE

pytestmark = pytest.mark.django_db

State, Dropped = Round.State, Line.Dropped


def made(world, strategy="best", **chosen):
    celina = world.actor("celina")
    return acts.make(celina, world.here, asks=reads.chosen(celina, **chosen), strategy=strategy)


def worked_out(world, strategy="best", **chosen):
    """A round that was made and solved, as the database has it."""
    one = made(world, strategy, **chosen)
    chores.work()
    return again(world, one)


def again(world, one):
    return reads.a_round(world.actor("celina"), one.pk)


def sent(world, one):
    acts.send(world.actor("celina"), one, digest=one.digest)
    chores.work()
    return again(world, one)


def couples(one):
    """Pseudonyms: who asks and who gives."""
    rows = Line.objects.filter(round=one, offer__isnull=False)
    return set(rows.values_list("ask__person__pseudonym", "offer__person__pseudonym"))


def line_of(one, name):
    return Line.objects.get(round=one, ask__person__pseudonym=name.title())


def offer_of(name):
    return Offer.objects.get(person__pseudonym=name.title())


@pytest.fixture
def four(world):
    """Two who ask and two who give; Bartek knows just what Ania asks about, and what Gosia asks about as well."""
    world.add("gosia")
    world.add("hugo")
    world.offer("bartek", "grief.partner", "lonely", capacity=1)
    world.offer("hugo", "grief.parent", "lonely", capacity=1)
    world.ask("ania", "grief.partner")
    world.ask("gosia", "lonely")
    return world


# -- from making to sending -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_round_is_worked_out_looked_at_and_sent(four, strategy):
    one = worked_out(four, strategy)
    assert (one.state, one.progress, one.claim) == (State.PROPOSED, 100, "")
    assert {asker for asker, _giver in couples(one)} == {"Ania", "Gosia"}
    assert {giver for _asker, giver in couples(one)} == {"Bartek", "Hugo"}
    assert not Proposal.objects.exists()
    assert Offer.objects.filter(taken=0).count() == 2, "a round holds no seats"
    one = sent(four, one)
    assert one.state == State.SENT
    assert one.sent_at
    put = Proposal.objects.filter(origin="round", state="out")
    assert set(put.values_list("ask__person__pseudonym", "offer__person__pseudonym")) == couples(one)
    assert [row.asker_says for row in put] == [None, None]
    assert reads.followed(one).sent == {"out": 2}
    assert [row.kind for row in events.of(one)] == ["round.made", "round.proposed", "round.sending", "round.sent"]


@pytest.mark.parametrize("name", ["ania", "franek", "dawid"])
def test_rounds_are_for_those_who_coordinate(four, name):
    one, actor = worked_out(four), four.actor(name)
    line = line_of(one, "ania")
    with pytest.raises(NotFound):
        reads.a_round(actor, one.pk)
    with pytest.raises(NotFound):
        reads.pairs(actor, one)
    assert not reads.may_be_asked(actor).exists()
    for deed in (
        lambda: acts.make(actor, four.here, asks=[], strategy="best"),
        lambda: acts.solve_again(actor, one),
        lambda: acts.lock(actor, one, line, offer=line.offer),
        lambda: acts.forbid(actor, one, line, offer=line.offer),
        lambda: acts.undo(actor, one, line, offer=line.offer),
        lambda: acts.swap(actor, one, line, other=line_of(one, "gosia")),
        lambda: acts.leave_out(actor, one, line),
        lambda: acts.send(actor, one, digest=one.digest),
        lambda: acts.cancel(actor, one),
        lambda: acts.take_on(actor, one),
        lambda: acts.beat(actor, one, done=1),
        lambda: acts.fail(actor, one),
        lambda: acts.put(actor, one, line),
        lambda: acts.drop(actor, one, line, why="seat"),
        lambda: acts.finish(actor, one),
        lambda: acts.propose(actor, one, solved=None),
    ):
        with pytest.raises(NotAllowed):
            deed()


def test_a_coordinator_of_elsewhere_has_nothing_to_do_with_it(four):
    one = worked_out(four)
    programmes.give_duty(
        HOUSE.within(four.elsewhere.pk), four.dawid.memberships.get(programme=four.elsewhere), kind="coordinator"
    )
    dawid = four.actor("dawid", four.elsewhere)
    with pytest.raises(NotFound):
        reads.a_round(dawid, one.pk)
    with pytest.raises(NotAllowed):
        acts.send(dawid, one, digest=one.digest)


def test_a_round_of_nobody_is_not_made(world):
    with pytest.raises(Invalid):
        made(world)


def test_who_waits_may_be_chosen_by_topic_and_by_how_long(four, clock):
    celina = four.actor("celina")
    clock(days=3)
    four.ask("celina", "work.lost")
    assert reads.chosen(celina).count() == 3
    assert {one.person.pseudonym for one in reads.chosen(celina, topics=["grief"])} == {"Ania"}
    assert reads.chosen(celina, topics=["grief", "lonely"]).count() == 2
    assert reads.chosen(celina, days=2).count() == 2


def test_only_asks_of_people_who_are_here_are_taken_up(four):
    programmes.pause(four.actor("celina"), four.member("ania"))
    assert {one.person.pseudonym for one in reads.chosen(four.actor("celina"))} == {"Gosia"}


def test_those_with_nobody_have_a_reason(world):
    world.add("gosia")
    world.offer("bartek", "grief.partner", capacity=1)
    world.ask("ania", "grief.partner")
    world.ask("gosia", "grief.partner")
    world.ask("celina", "work.lost")
    one = worked_out(world)
    assert reads.reasons_alone(one) == {"others_first": 1, "topic": 1}
    celina = world.actor("celina")
    assert [row.facts["fitting"] for row in reads.alone(celina, one, why="others_first")] == [1]
    assert {topic.code: n for topic, n in reads.topics_alone(one)} == {"grief.partner": 1, "work.lost": 1}


def test_strategies_stand_side_by_side(four):
    told = worked_out(four).figures["strategies"]
    assert set(told) == set(STRATEGIES)
    assert told["best"]["changes"] == 0
    assert told["best"]["paired"] == sum(told["best"]["bins"]) == 2
    assert told["best"]["total"] == pytest.approx(told["best"]["bound"])


def test_rules_hold_in_a_round_as_everywhere(four):
    safety.block(four.actor("bartek"), four.ania)
    one = worked_out(four)
    assert ("Ania", "Bartek") not in couples(one)
    assert ("Ania", "Hugo") in couples(one)


# -- deciding ---------------------------------------------------------------------------------------------------------


def solved_again(world, one, **how):
    acts.solve_again(world.actor("celina"), one, **how)
    chores.work()
    return again(world, one)


def test_what_is_locked_stays_together_and_the_rest_follows(four):
    one, celina = worked_out(four), four.actor("celina")
    acts.lock(celina, one, line_of(one, "ania"), offer=offer_of("hugo"))
    assert again(four, one).changes == 1
    one = solved_again(four, again(four, one))
    assert couples(one) == {("Ania", "Hugo"), ("Gosia", "Bartek")}
    assert (one.changes, one.figures["locked"]) == (0, 1)


def test_what_is_forbidden_is_not_together(four):
    one, celina = worked_out(four), four.actor("celina")
    acts.forbid(celina, one, line_of(one, "ania"), offer=offer_of("bartek"))
    assert ("Ania", "Bartek") not in couples(solved_again(four, again(four, one)))
    acts.forbid(celina, one := again(four, one), line_of(one, "ania"), offer=offer_of("hugo"))
    one = solved_again(four, again(four, one))
    assert reads.reasons_alone(one) == {"forbidden": 1}


def test_two_asks_change_places(four):
    one = worked_out(four)
    acts.swap(four.actor("celina"), one, line_of(one, "ania"), other=line_of(one, "gosia"))
    assert couples(solved_again(four, again(four, one))) == {("Ania", "Hugo"), ("Gosia", "Bartek")}


def test_what_was_decided_can_be_undone(four):
    one, celina = worked_out(four), four.actor("celina")
    acts.forbid(celina, one, line_of(one, "ania"), offer=offer_of("bartek"))
    acts.undo(celina, one, line_of(one, "ania"), offer=offer_of("bartek"))
    assert ("Ania", "Bartek") in couples(solved_again(four, again(four, one)))
    assert not Decision.objects.exists()


def test_to_keep_what_is_there_already_changes_nothing(four):
    one = worked_out(four)
    line = line_of(one, "ania")
    acts.lock(four.actor("celina"), one, line, offer=line.offer)
    assert again(four, one).changes == 0


def test_an_ask_that_is_left_out_waits_on(four):
    one = worked_out(four)
    acts.leave_out(four.actor("celina"), one, line_of(one, "ania"))
    one = solved_again(four, again(four, one))
    assert {asker for asker, _giver in couples(one)} == {"Gosia"}
    assert Ask.objects.get(person=four.ania).state == Ask.State.OPEN


def test_of_two_locked_on_one_place_the_better_fit_stays_and_the_other_is_said(four):
    one, celina = worked_out(four), four.actor("celina")
    for name in ("ania", "gosia"):
        acts.lock(celina, one, line_of(one, name), offer=offer_of("bartek"))
    one = solved_again(four, again(four, one))
    assert (one.figures["locked"], one.figures["lost"]) == (1, 1)
    assert Decision.objects.filter(round=one).count() == 1


def test_another_strategy_is_solved_with_the_same_scores(four):
    one = worked_out(four)
    before = bytes(Material.objects.get(round=one).packed)
    one = solved_again(four, one, strategy="quick")
    told = Problem.unpacked(bytes(Material.objects.get(round=one).packed))
    assert (one.strategy, told.strategy) == ("quick", "quick")
    assert told.edges.score.tolist() == Problem.unpacked(before).edges.score.tolist()


def test_solved_again_it_takes_only_what_is_still_there(four):
    one = worked_out(four)
    offers.hold_seat(HOUSE.within(four.here.pk), offer_of("bartek"))
    pairs.take_back(four.actor("gosia"), Ask.objects.get(person=four.gosia))
    assert reads.outdated(one) == 2
    one = solved_again(four, one)
    assert couples(one) == {("Ania", "Hugo")}
    assert reads.reasons_alone(one) == {"gone": 1}


def test_read_anew_it_sees_who_has_come_since(four):
    one = worked_out(four)
    four.add("irena")
    four.offer("irena", "grief.partner")
    assert solved_again(four, one).figures["offers"] == 2
    assert solved_again(four, again(four, one), anew=True).figures["offers"] == 3


def test_who_else_would_fit_is_told_with_who_has_them_so_far(four):
    one = worked_out(four)
    first, second = reads.others(one, line_of(one, "ania"))
    assert (first.offer.person_id, second.offer.person_id) == (four.bartek.pk, four.hugo.pk)
    assert first.points > second.points
    assert [line.ask.person_id for line in second.held_by] == [four.gosia.pk]
    assert (first.free, second.free) == (0, 0)
    assert second.fit.reasons


# -- sending ----------------------------------------------------------------------------------------------------------


def taken(world):
    offers.hold_seat(HOUSE.within(world.here.pk), offer_of("bartek"))


MEANWHILE = {
    "seat": taken,
    "rests": lambda world: offers.pause(world.actor("bartek"), offer_of("bartek")),
    "asked": lambda world: pairs.put(world.actor("ania"), ask_of(world), offer_of("hugo"), origin="chosen"),
    "withdrawn": lambda world: pairs.take_back(world.actor("ania"), ask_of(world)),
    "apart": lambda world: safety.block(world.actor("bartek"), world.ania),
}


def ask_of(world):
    return Ask.objects.select_related("programme", "person").get(person=world.ania)


@pytest.mark.parametrize("why", MEANWHILE)
def test_what_changed_meanwhile_is_dropped_and_said(four, why):
    one = worked_out(four)
    MEANWHILE[why](four)
    one = sent(four, one)
    assert line_of(one, "ania").dropped == why
    assert line_of(one, "ania").proposal is None
    assert reads.followed(one).dropped[why] == 1
    assert one.state == State.SENT


def test_what_has_changed_since_one_looked_is_not_sent(four):
    one, celina = worked_out(four), four.actor("celina")
    seen = one.digest
    acts.forbid(celina, one, line_of(one, "ania"), offer=offer_of("bartek"))
    with pytest.raises(Invalid):
        acts.send(celina, again(four, one), digest=seen)
    one = solved_again(four, again(four, one))
    assert one.digest != seen
    with pytest.raises(Stale):
        acts.send(celina, one, digest=seen)
    acts.send(celina, one, digest=one.digest)


def test_of_two_who_send_at_once_one_does(four):
    one = worked_out(four)
    programmes.give_duty(HOUSE.within(four.here.pk), four.member("franek"), kind="coordinator")
    other = reads.a_round(four.actor("franek"), one.pk)
    acts.send(four.actor("celina"), one, digest=one.digest)
    with pytest.raises(Stale):
        acts.send(four.actor("franek"), other, digest=other.digest)
    chores.work()
    assert Proposal.objects.count() == 2


def test_nothing_is_decided_in_a_round_that_is_on_its_way(four):
    one, celina = worked_out(four), four.actor("celina")
    line = line_of(one, "ania")
    seen = again(four, one)
    acts.send(celina, one, digest=one.digest)
    for deed in (lambda: acts.lock(celina, seen, line, offer=line.offer), lambda: acts.leave_out(celina, seen, line)):
        with pytest.raises(Stale):
            deed()
    chores.work()
    with pytest.raises(Closed):
        acts.cancel(celina, again(four, one))


def test_a_round_with_nobody_to_pair_is_not_sent(world):
    world.ask("ania")
    one = worked_out(world)
    assert (one.state, reads.reasons_alone(one)) == (State.PROPOSED, {"nobody": 1})
    with pytest.raises(Invalid):
        acts.send(world.actor("celina"), one, digest=one.digest)


class Killed(BaseException):
    """Nothing can stop it, and nothing is cleared up."""


def test_sending_goes_on_after_a_process_died_and_sends_nothing_twice(four, clock, monkeypatch):
    one = worked_out(four)
    acts.send(four.actor("celina"), one, digest=one.digest)
    put, count = acts.put, []

    def dies(actor, of, line):
        if count:
            raise Killed
        count.append(1)
        put(actor, of, line)

    monkeypatch.setattr(chores.acts, "put", dies)
    with pytest.raises(Killed):
        chores.work()
    monkeypatch.setattr(chores.acts, "put", put)
    assert (again(four, one).state, Proposal.objects.count()) == (State.SENDING, 1)
    assert not chores.some_wait(), "its process may be alive"
    clock(minutes=2)
    chores.work()
    assert (again(four, one).state, Proposal.objects.count()) == (State.SENT, 2)
    assert reads.followed(again(four, one)).dropped == {}


def test_a_process_that_was_given_up_for_dead_sends_nothing_more(four, clock):
    one, house = worked_out(four), CHORE.within(four.here.pk)
    acts.send(four.actor("celina"), one, digest=one.digest)
    mine = again(four, one)
    acts.take_on(house, mine)
    clock(minutes=2)
    acts.take_on(house, again(four, one))
    for deed in (
        lambda: acts.put(house, mine, line_of(one, "ania")),
        lambda: acts.drop(house, mine, line_of(one, "ania"), why="seat"),
        lambda: acts.beat(house, mine, done=0.5),
    ):
        with pytest.raises(Stale):
            deed()


# -- working it out ---------------------------------------------------------------------------------------------------


def test_of_two_processes_one_takes_it_on(four):
    one, house = made(four), CHORE.within(four.here.pk)
    first, second = again(four, one), again(four, one)
    acts.take_on(house, first)
    with pytest.raises(Stale):
        acts.take_on(house, second)


def test_a_round_whose_process_died_is_taken_over(four, clock):
    one = made(four)
    acts.take_on(CHORE.within(four.here.pk), again(four, one))
    assert not chores.some_wait()
    clock(minutes=2)
    chores.work()
    assert again(four, one).state == State.PROPOSED


def test_a_round_that_kills_whoever_works_on_it_is_given_up(four, clock):
    one = made(four)
    for _process in range(chores.MOST_TRIES):
        acts.take_on(CHORE.within(four.here.pk), again(four, one))
        clock(minutes=2)
    chores.work()
    one = again(four, one)
    assert one.state == State.FAILED
    assert solved_again(four, one).state == State.PROPOSED


def test_a_mistake_of_ours_is_told_and_can_be_tried_again(four, monkeypatch, caplog):
    written = "what somebody wrote".title()

    def broken(of, *, heard):
        raise ValueError(written)

    one = made(four)
    monkeypatch.setattr(chores, "work_out", broken)
    chores.work()
    assert again(four, one).state == State.FAILED
    assert "ValueError" in caplog.text
    assert written not in caplog.text
    monkeypatch.undo()
    assert solved_again(four, again(four, one)).state == State.PROPOSED


def test_stopped_while_it_is_worked_out_it_stays_stopped(four, monkeypatch):
    one, work_out = made(four), chores.work_out

    def stopped_meanwhile(of, *, heard):
        acts.cancel(four.actor("celina"), again(four, one))
        return work_out(of, heard=heard)

    monkeypatch.setattr(chores, "work_out", stopped_meanwhile)
    chores.work()
    assert again(four, one).state == State.CANCELLED
    assert not Material.objects.exists()


def test_stopped_while_it_is_worked_out_once_more_what_was_there_before_stands(four):
    one, celina = worked_out(four), four.actor("celina")
    before = couples(one)
    acts.solve_again(celina, one, strategy="quick")
    acts.cancel(celina, one)
    one = again(four, one)
    assert (one.state, couples(one)) == (State.PROPOSED, before)
    acts.cancel(celina, one)
    assert again(four, one).state == State.CANCELLED


def test_progress_is_told(four, monkeypatch):
    told = []
    one = made(four)
    monkeypatch.setattr(chores, "BEAT", 0)
    monkeypatch.setattr(
        acts, "beat", lambda actor, of, done, beat=acts.beat: (told.append(done), beat(actor, of, done=done))
    )
    chores.work()
    assert again(four, one).state == State.PROPOSED
    assert told == sorted(told)
    assert len(told) > 4
    assert told[-1] == 1


# -- to the bit -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_from_what_was_kept_the_same_round_comes_out_to_the_bit(four, strategy):
    for n in range(6):
        four.add(f"asker{n}")
        four.add(f"giver{n}")
        four.offer(f"giver{n}", "grief", capacity=1)
        four.ask(f"asker{n}", "grief")
    one = worked_out(four, strategy)
    acts.forbid(four.actor("celina"), one, line_of(one, "asker1"), offer=line_of(one, "asker1").offer)
    one = solved_again(four, again(four, one))
    told = Problem.unpacked(bytes(Material.objects.get(round=one).packed))
    assert told.digest() == one.digest
    found, edges = told.solved(), told.edges
    same = {
        (told.asks[edges.asks()[edge]], told.offers[edges.offer[edge]], int(edges.score[edge])) for edge in found.edge
    }
    kept = Line.objects.filter(round=one, offer__isnull=False).values_list("ask", "offer", "points")
    assert same == set(kept)


def test_whatever_goes_in_is_in_the_digest(four):
    from dataclasses import replace

    one = worked_out(four)
    told = Problem.unpacked(bytes(Material.objects.get(round=one).packed))
    edges = told.edges
    others = [
        replace(told, seed=told.seed + 1),
        replace(told, strategy="quick"),
        replace(told, scoring=told.scoring + 1),
        replace(told, asks=told.asks[::-1]),
        replace(told, offers=told.offers[::-1]),
        replace(told, why=("x", *told.why[1:])),
        replace(told, waited=told.waited + 1),
        replace(told, weights=told.weights + 1),
        replace(told, locked=told.locked.__class__(1)),
        replace(told, forbidden=edges.start[:1]),
        *(
            replace(told, edges=replace(edges, **{name: getattr(edges, name) + 1}))
            for name in ("demand", "capacity", "offer", "score", "start")
        ),
    ]
    assert len({told.digest(), *(other.digest() for other in others)}) == len(others) + 1


# -- afterwards -------------------------------------------------------------------------------------------------------


def test_those_to_whom_a_round_brought_nobody_go_into_the_next_and_not_to_the_same(four):
    one = sent(four, worked_out(four))
    for proposal in Proposal.objects.all():
        who = "bartek" if proposal.offer.person_id == four.bartek.pk else "hugo"
        pairs.answer(four.actor(who), proposal, yes=who == "hugo")
    celina = four.actor("celina")
    assert reads.followed(one).sent == {"out": 1, "declined": 1}
    assert reads.left_over(celina, one) == 1
    following = acts.make(celina, four.here, asks=reads.chosen(celina, after=one), strategy="best", after=one)
    chores.work()
    assert couples(following) == set()
    assert reads.reasons_alone(following) == {"tried": 1}


def test_where_rounds_are_the_way_nobody_is_asked_by_itself(four):
    from nawzajem.pairs import chores as going_on

    four.add("irena")
    four.ask("irena", "grief.partner", whoever=True)
    programmes.choose(HOUSE.within(four.here.pk), four.here, next_by_itself=False)
    going_on.go_on()
    going_on.look_again()
    assert not Proposal.objects.exists()
    programmes.choose(HOUSE.within(four.here.pk), four.here, next_by_itself=True)
    going_on.look_again()
    assert Proposal.objects.count() == 1


def test_old_rounds_are_kept_no_longer_with_all_that_is_in_them(four, clock):
    from nawzajem.rights import acts as rights

    one = worked_out(four)
    clock(days=four.here.options.keep_rounds + 1)
    rights.keep_to_time(CHORE.within(four.here.pk), four.here)
    assert not Round.objects.filter(pk=one.pk).exists()
    assert not Line.objects.exists()
    assert not Material.objects.exists()


def test_of_who_is_erased_no_line_stays(four):
    from nawzajem.rights import acts as rights

    one = worked_out(four)
    rights.erase(four.actor("ania"), four.ania, keep_messages=False)
    rights.erase(four.actor("hugo"), four.hugo, keep_messages=False)
    one = again(four, one)
    assert [(row.offer, row.ask.person_id) for row in reads.pairs(four.actor("celina"), one)] == [(None, four.gosia.pk)]
    assert reads.fits(one, reads.pairs(four.actor("celina"), one)) == {}
    assert sent_nothing(four, one)


def sent_nothing(world, one):
    with pytest.raises(Invalid):
        acts.send(world.actor("celina"), one, digest=one.digest)
    return True


def test_a_lease_is_longer_than_between_two_signs_of_life():
    assert timedelta(seconds=chores.BEAT) * 20 < reads.LEASE


def test_many_are_read_in_as_many_questions_as_few(four, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from nawzajem.pairs.rounds.solving import work_out

    one = made(four)
    with CaptureQueriesContext(connection) as few:
        work_out(again(four, one), heard=lambda done: None)
    for n in range(5):
        four.add(f"asker{n}")
        four.add(f"giver{n}")
        four.offer(f"giver{n}", "grief")
        four.ask(f"asker{n}", "grief", "lonely")
    more = made(four)
    with django_assert_num_queries(len(few)):
        work_out(again(four, more), heard=lambda done: None)
