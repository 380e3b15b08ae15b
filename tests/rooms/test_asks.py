"""An ask from its first word to its end: whose it is, where it may go, who reads what of it."""

from __future__ import annotations

import pytest

from nawzajem.asks import acts, reads
from nawzajem.asks.models import Ask
from nawzajem.ground import events
from nawzajem.ground.actor import CHORE, NOBODY
from nawzajem.ground.refusals import Closed, Invalid, NotAllowed, NotFound, Stale
from nawzajem.people import acts as people
from nawzajem.programmes import acts as programmes
from tests.cast import HOUSE
from tests.rooms.hostile import WORDS

pytestmark = pytest.mark.django_db

State = Ask.State
others = pytest.mark.parametrize("name", ["bartek", "celina", "franek", "dawid"])


def must_agree_again(world):
    programmes.rewrite(world.actor("celina"), world.here, code="confidentiality", words={"en": "x"})


def paused(world):
    programmes.pause(world.actor("celina"), world.member("ania"))


without_part = pytest.mark.parametrize("how", [paused, must_agree_again])


def kinds(ask):
    return [one.kind for one in events.of(ask)]


def in_state(world, state, name="ania") -> Ask:
    """An ask that has come there by its acts."""
    ask = world.draft(name, words=WORDS)
    actor, house = world.actor(name), CHORE.within(world.here.pk)
    if state == State.DRAFT:
        return ask
    if state == State.NOW:
        acts.need_now(actor, ask)
        return ask
    if state != State.WITHDRAWN:
        acts.send(actor, ask)
    way = {
        State.PROPOSED: [acts.propose],
        State.PAIRED: [acts.propose, acts.pair],
        State.MET: [acts.propose, acts.pair, acts.meet],
        State.WITHDRAWN: [acts.withdraw],
    }
    for step in way.get(state, []):
        step(actor, ask)
    if state == State.LAPSED:
        acts.lapse(house, ask, ending="unconfirmed")
    return ask


# -- writing ----------------------------------------------------------------------------------------------------------


def test_a_draft_is_written_and_seen_by_its_owner_only(world):
    ask = world.draft("ania", "grief.partner", "lonely", words=WORDS)
    assert kinds(ask) == ["ask.drafted"]
    assert events.last(ask, "ask.drafted").facts == {}
    assert reads.ask(world.actor("ania"), ask.pk) == ask
    assert reads.words_of(world.actor("ania"), ask) == WORDS
    for name in ("bartek", "celina", "franek", "dawid"):
        with pytest.raises(NotFound):
            reads.ask(world.actor(name), ask.pk)


def test_a_coordinator_asks_too(world):
    """One kind of account: who coordinates reads her own draft and sends it."""
    draft = world.draft("celina")
    assert reads.own_ask(world.actor("celina"), draft.pk) == draft
    acts.send(world.actor("celina"), draft)
    assert list(reads.mine(world.actor("celina"))) == [draft]


@without_part
def test_who_does_not_take_part_asks_nothing_and_takes_back_anything(world, how):
    draft, sent = world.draft("ania"), world.ask("ania")
    how(world)
    for deed in (
        lambda: world.draft("ania"),
        lambda: acts.send(world.actor("ania"), draft),
        lambda: acts.change(world.actor("ania"), draft, topics=[world.topic("lonely")]),
        lambda: acts.confirm(world.actor("ania"), sent),
        lambda: acts.let_whoever(world.actor("ania"), sent, whoever=True),
    ):
        with pytest.raises(NotAllowed):
            deed()
    for ask in (draft, sent):
        acts.withdraw(world.actor("ania"), ask)


def test_strangers_and_people_who_left_ask_nothing(world):
    for name in ("dawid", "ewa"):
        with pytest.raises(NotAllowed):
            world.draft(name)


def test_who_is_paused_here_does_not_ask_by_way_of_another_programme(world):
    draft = world.draft("ania")
    world.join("ania", world.elsewhere)
    paused(world)
    with pytest.raises(NotAllowed):
        acts.send(world.actor("ania", world.elsewhere), draft)


def test_again_takes_up_ones_own_ask_only(world):
    before = in_state(world, State.MET)
    again = acts.draft(world.actor("ania"), topics=before.topics.all(), again_of=before)
    assert again.again_of == before
    with pytest.raises(NotFound):
        acts.draft(world.actor("bartek"), topics=before.topics.all(), again_of=before)
    before.delete()
    assert Ask.objects.get(pk=again.pk).again_of is None


# -- changing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.DRAFT, State.OPEN])
def test_it_is_changed_while_nobody_is_asked(world, state):
    ask = in_state(world, state)
    acts.change(world.actor("ania"), ask, topics=[world.topic("lonely")], words="", stage="coming_through")
    kept = Ask.objects.get(pk=ask.pk)
    assert (kept.stage, kept.words, kept.state) == ("coming_through", None, state)
    assert [topic.code for topic in kept.topics.all()] == ["lonely"]
    assert events.last(ask, "ask.changed").facts == {}


CHANGES = {
    "change": lambda actor, ask: acts.change(actor, ask, topics=ask.topics.all()),
    "confirm": acts.confirm,
    "let whoever": lambda actor, ask: acts.let_whoever(actor, ask, whoever=True),
    "send": acts.send,
    "withdraw": acts.withdraw,
}
REFUSED = {
    "change": {State.NOW: Stale, State.PROPOSED: Stale, State.PAIRED: Stale},
    "confirm": {State.DRAFT: Stale, State.NOW: Stale, State.PAIRED: Stale},
    "let whoever": {State.NOW: Stale, State.PAIRED: Stale},
    "send": {State.NOW: Stale, State.OPEN: Stale, State.PROPOSED: Stale, State.PAIRED: Stale},
    "withdraw": {State.NOW: Stale, State.PAIRED: Stale},
}


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("change", CHANGES)
def test_each_step_is_taken_from_where_it_may_be_and_from_nowhere_else(world, change, state):
    ask = in_state(world, state)
    refusal = REFUSED[change].get(state) or (Closed if state in Ask.ends() else None)
    before = kinds(ask)
    if refusal is None:
        CHANGES[change](world.actor("ania"), ask)
        assert len(kinds(ask)) == len(before) + 1
        return
    with pytest.raises(refusal):
        CHANGES[change](world.actor("ania"), ask)
    assert kinds(ask) == before
    assert Ask.objects.get(pk=ask.pk).state == state


@pytest.mark.parametrize("change", CHANGES)
@others
def test_nobody_else_takes_a_step(world, change, name):
    ask = world.draft("ania") if change == "send" else world.ask("ania")
    with pytest.raises(NotAllowed):
        CHANGES[change](world.actor(name), ask)


@pytest.mark.parametrize("change", ["change", "send"])
def test_what_somebody_was_asked_meanwhile_is_not_written_over(world, change):
    """The page was opened while the ask was open; in the meantime the next who fits is being asked."""
    seen = world.ask("ania") if change == "change" else world.draft("ania")
    moved = Ask.objects.get(pk=seen.pk)
    if change == "send":
        acts.send(world.actor("ania"), moved)
    acts.propose(world.actor("ania"), moved)
    with pytest.raises(Stale):
        CHANGES[change](world.actor("ania"), seen)
    assert Ask.objects.get(pk=seen.pk).state == State.PROPOSED


# -- sending and waiting ----------------------------------------------------------------------------------------------


def test_sent_it_waits(world, clock):
    ask = world.draft("ania", "grief.partner", "lonely")
    now = clock(hours=1)
    acts.send(world.actor("ania"), ask, whoever=False)
    assert (ask.state, ask.opened_at, ask.confirmed_at, ask.whoever) == (State.OPEN, now, now, False)
    assert events.last(ask, "ask.opened").facts == {"topics": 2}


def test_no_more_wait_at_once_than_the_programme_says(world):
    world.ask("ania")
    acts.propose(world.actor("ania"), world.ask("ania"))
    with pytest.raises(Invalid):
        world.ask("ania")
    world.ask("bartek")
    acts.withdraw(world.actor("ania"), Ask.objects.filter(person=world.ania, state=State.OPEN)[0])
    world.ask("ania")


def test_a_yes_is_kept_with_its_day(world, clock):
    ask = world.ask("ania")
    now = clock(days=10)
    acts.confirm(world.actor("ania"), ask)
    assert Ask.objects.get(pk=ask.pk).confirmed_at == now
    assert events.last(ask, "ask.confirmed").facts == {}


def test_whether_the_next_is_asked_by_itself_can_be_changed(world):
    ask = world.ask("ania", whoever=True)
    acts.let_whoever(world.actor("ania"), ask, whoever=False)
    assert not Ask.objects.get(pk=ask.pk).whoever
    assert events.last(ask, "ask.way_chosen").facts == {"whoever": False}


# -- ends -------------------------------------------------------------------------------------------------------------


def test_its_owner_takes_it_back_and_the_house_when_somebody_leaves(world):
    for actor, ending in ((world.actor("ania"), "withdrawn"), (HOUSE, "left")):
        ask = world.ask("ania")
        acts.withdraw(actor, ask, ending=ending)
        assert (ask.state, ask.ending) == (State.WITHDRAWN, ending)
        assert events.last(ask, "ask.withdrawn").facts == {"ending": ending}


def test_asks_are_asked_about_and_lapse_by_the_clock_only(world, clock):
    ask, house = world.ask("ania"), CHORE.within(world.here.pk)
    clock(days=world.here.options.confirm_ask_after + 1)
    assert list(reads.unconfirmed(world.here)) == [ask]
    assert not reads.overdue(world.here)
    for deed in (acts.ask_whether_still, lambda actor, one: acts.lapse(actor, one, ending="x")):
        for name in ("ania", "celina", "dawid"):
            with pytest.raises(NotAllowed):
                deed(world.actor(name), ask)
    acts.ask_whether_still(house, ask)
    clock(days=world.here.options.lapse_ask_after)
    acts.lapse(house, reads.overdue(world.here).get(), ending="unconfirmed")
    assert kinds(ask)[-2:] == ["ask.confirmation_due", "ask.lapsed"]
    assert events.last(ask, "ask.lapsed").facts == {"ending": "unconfirmed"}


def test_a_yes_in_the_last_moment_keeps_the_ask(world, clock):
    ask = world.ask("ania")
    clock(days=100)
    overdue = reads.overdue(world.here).get()
    acts.confirm(world.actor("ania"), ask)
    with pytest.raises(Stale):
        acts.lapse(CHORE.within(world.here.pk), overdue, ending="unconfirmed")
    assert Ask.objects.get(pk=ask.pk).state == State.OPEN


def test_who_is_being_asked_just_now_does_not_lapse(world, clock):
    ask = in_state(world, State.PROPOSED)
    clock(days=100)
    assert not reads.overdue(world.here)
    with pytest.raises(Stale):
        acts.lapse(CHORE.within(world.here.pk), ask, ending="x")


def test_what_has_ended_long_ago_is_told_for_tidying(world, clock):
    met, draft = in_state(world, State.MET), world.draft("ania")
    assert not reads.done(world.here)
    clock(days=31)
    assert list(reads.done(world.here)) == [draft]
    clock(days=world.here.options.keep_closed_asks)
    assert set(reads.done(world.here)) == {met, draft}


# -- steps that follow from proposals and pairs -----------------------------------------------------------------------

STEPS = [
    (acts.propose, State.OPEN, State.PROPOSED, "ask.proposed"),
    (acts.reopen, State.PROPOSED, State.OPEN, "ask.reopened"),
    (acts.pair, State.PROPOSED, State.PAIRED, "ask.paired"),
    (acts.meet, State.PAIRED, State.MET, "ask.met"),
]


@pytest.mark.parametrize(("step", "before", "after", "kind"), STEPS)
def test_a_step_is_carried_with_its_event(world, step, before, after, kind):
    ask = in_state(world, before)
    step(world.actor("bartek"), ask)
    assert Ask.objects.get(pk=ask.pk).state == after
    assert events.last(ask, kind).facts == {}


@pytest.mark.parametrize(("step", "before", "after", "kind"), STEPS)
def test_no_stranger_carries_a_step(world, step, before, after, kind):
    ask = in_state(world, before)
    for actor in (world.actor("dawid"), world.actor("dawid", world.elsewhere), NOBODY, world.actor("ewa")):
        with pytest.raises(NotAllowed):
            step(actor, ask)


# -- told by an organisation ------------------------------------------------------------------------------------------


def test_what_people_asked_their_organisation_waits_for_them(world):
    house = HOUSE.within(world.here.pk)
    person = people.prepare(house, accounts=[{"pseudonym": "Osoba 17"}])[0]
    told = {"topics": [world.topic("lonely")], "words": WORDS, "forms": ["text"], "languages": ["pl"]}
    ask = acts.announce(house, [(person, told)])[0]
    assert (ask.state, ask.whoever, ask.programme_id) == (State.OPEN, False, world.here.pk)
    assert events.last(ask, "ask.opened").facts == {"topics": 1}
    for actor, whose in ((house, world.ania), (world.actor("celina"), person)):
        with pytest.raises(NotAllowed):
            acts.announce(actor, [(whose, told)])


# -- who reads what ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bartek", "franek", "dawid", "ewa"])
def test_an_ask_is_nowhere_for_others(world, name):
    ask = in_state(world, State.OPEN)
    actor = world.actor(name)
    for read in (reads.ask, reads.own_ask):
        with pytest.raises(NotFound):
            read(actor, ask.pk)
    with pytest.raises(NotFound):
        reads.words_of(actor, ask)
    assert not reads.mine(actor)
    assert not reads.waiting(actor)


def test_a_coordinator_sees_who_waits_for_what_and_not_a_word(world):
    ask, celina = in_state(world, State.OPEN), world.actor("celina")
    assert list(reads.waiting(celina)) == [ask]
    assert [topic.code for topic in reads.ask(celina, ask.pk).topics.all()] == ["grief.partner"]
    with pytest.raises(NotFound):
        reads.own_ask(celina, ask.pk)
    with pytest.raises(NotFound):
        reads.words_of(celina, ask)


def test_a_coordinator_of_another_programme_sees_nothing(world):
    ask = in_state(world, State.OPEN)
    programmes.give_duty(HOUSE, world.dawid.memberships.get(), kind="coordinator")
    dawid = world.actor("dawid", world.elsewhere)
    assert not reads.waiting(dawid)
    with pytest.raises(NotFound):
        reads.ask(dawid, ask.pk)


def test_nobody_reads_nothing(world):
    ask = in_state(world, State.OPEN)
    for actor in (NOBODY, CHORE.within(world.here.pk)):
        assert not reads.mine(actor)
        assert not Ask.objects.visible_to(actor)
        with pytest.raises(NotFound):
            reads.words_of(actor, ask)


# -- the honest wait --------------------------------------------------------------------------------------------------


def test_where_nobody_has_waited_yet_no_wait_is_told(world):
    assert reads.wait(world.here, ["lonely"]).people == 0


def test_an_ask_about_two_of_the_topics_is_one_wait(world, monkeypatch):
    monkeypatch.setattr(reads, "ENOUGH", 1)
    world.ask("ania", "grief.partner", "lonely")
    world.ask("bartek", "work.lost")
    assert reads.wait(world.here, ["grief.partner", "lonely"]).people == 1


def test_of_very_many_waits_some_are_taken(world, monkeypatch):
    monkeypatch.setattr(reads, "MOST", 2)
    for name in ("ania", "bartek", "celina"):
        world.ask(name)
    assert reads.wait(world.here, []).people == 2


def test_those_who_still_wait_are_counted_too(world, clock):
    paired, waiting = world.ask("ania"), world.ask("bartek")
    clock(hours=6)
    acts.propose(world.actor("ania"), paired)
    acts.pair(world.actor("ania"), paired)
    clock(days=2)
    assert reads.wait(world.here, ["grief.partner"]).people == 2
    acts.withdraw(world.actor("bartek"), waiting)
    clock(days=200)
    assert reads.wait(world.here, []).people == 0  # too long ago to promise anything
