"""A pair while it goes on: what the two settle, a break, how it goes; and who may do what to it."""

from __future__ import annotations

import pytest

from nawzajem.conversations import acts as conversations
from nawzajem.ground import clock as house_clock
from nawzajem.ground import events
from nawzajem.ground.actor import CHORE
from nawzajem.ground.refusals import NotAllowed, NotFound, Stale
from nawzajem.pairs import acts, reads
from nawzajem.pairs.models import CheckIn, Pair
from nawzajem.programmes import acts as programmes
from tests.cast import HOUSE
from tests.rooms.hostile import WORDS

pytestmark = pytest.mark.django_db

State = Pair.State
ANIA, BARTEK = "ania", "bartek"
outsiders = pytest.mark.parametrize("name", ["celina", "franek", "dawid", "ewa"])


@pytest.fixture(scope="module")
def begun(stage) -> Pair:
    return stage.pair()


@pytest.fixture
def pair(begun, world) -> Pair:
    return kept(begun)


def kept(pair) -> Pair:
    return Pair.objects.select_related("conversation", "ask", "offer", "asker", "giver").get(pk=pair.pk)


def kinds(thing):
    return [one.kind for one in events.of(thing)]


def house(world):
    return CHORE.within(world.here.pk)


def must_agree_again(world):
    programmes.rewrite(world.actor("celina"), world.here, code="confidentiality", words={"en": "x"})


def paused(world):
    for name in (ANIA, BARTEK):
        programmes.pause(HOUSE.within(world.here.pk), world.member(name))


without_part = pytest.mark.parametrize("how", [paused, must_agree_again])

# -- what the two settle ----------------------------------------------------------------------------------------------


def settled(world, pair, clock) -> Pair:
    acts.suggest_agreement(world.actor(ANIA), pair, aim=WORDS, safety_words=WORDS, rhythm="weekly", turns="halves")
    clock(minutes=5)
    return acts.agree(world.actor(BARTEK), kept(pair), version=kept(pair).agreement_version)


def test_one_suggests_and_the_other_agrees(world, pair, clock):
    acts.suggest_agreement(world.actor(ANIA), pair, aim=WORDS, rhythm="weekly")
    seen = reads.agreement(world.actor(BARTEK), kept(pair))
    assert (seen.aim, seen.i_agreed, seen.other_agreed) == (WORDS, False, True)
    assert kept(pair).state == State.BEGUN
    clock(minutes=5)
    acts.agree(world.actor(BARTEK), kept(pair), version=seen.version)
    assert (kept(pair).is_agreed, kept(pair).state) == (True, State.ACTIVE)
    assert kinds(pair)[-2:] == ["agreement.suggested", "agreement.agreed"]
    assert [one.facts for one in events.of(pair)][-2:] == [{}, {}]


def test_a_change_takes_back_the_yes_of_the_other(world, pair, clock):
    settled(world, pair, clock)
    clock(minutes=5)
    acts.suggest_agreement(world.actor(BARTEK), kept(pair), aim="otherwise")
    assert not kept(pair).is_agreed
    assert reads.agreement(world.actor(ANIA), kept(pair)).other_agreed


@pytest.mark.parametrize("version", ["", "2026-01-01T00:00:00+00:00", WORDS])
def test_nobody_agrees_to_words_they_have_not_read(world, pair, version):
    acts.suggest_agreement(world.actor(ANIA), pair, aim=WORDS)
    with pytest.raises(Stale):
        acts.agree(world.actor(BARTEK), pair, version=version)
    assert not kept(pair).is_agreed


def test_nobody_agrees_to_nothing(world, pair):
    with pytest.raises(Stale):
        acts.agree(world.actor(BARTEK), pair, version=pair.agreement_version)
    assert kept(pair).giver_agreed_at is None


def test_words_changed_after_they_were_read_are_not_agreed_to(world, pair, clock):
    acts.suggest_agreement(world.actor(ANIA), pair, aim="one")
    read = kept(pair).agreement_version
    clock(seconds=1)
    acts.suggest_agreement(world.actor(ANIA), kept(pair), aim="two")
    with pytest.raises(Stale):
        acts.agree(world.actor(BARTEK), kept(pair), version=read)


# -- who may --------------------------------------------------------------------------------------------------------

SETTLING = {
    "suggest": lambda actor, pair: acts.suggest_agreement(actor, pair, aim="x"),
    "agree": lambda actor, pair: acts.agree(actor, pair, version=pair.agreement_version),
    "rest": acts.rest,
    "go on": acts.go_on,
    "check in": lambda actor, pair: acts.check_in(actor, CheckIn.objects.filter(pair=pair).first(), how="well"),
}
ENDING = {
    "end": acts.end,
    "end at once": lambda actor, pair: acts.end(actor, pair, at_once=True),
    "close the door": acts.close_door,
}
BY_THE_CLOCK = {
    "close": acts.close,
    "come alive": acts.come_alive,
    "ask how": lambda actor, pair: acts.ask_how(actor, pair, checkin=CheckIn.objects.filter(pair=pair).first()),
    "notice silence": lambda actor, pair: acts.notice_silence(actor, pair, days=14),
}


@outsiders
@pytest.mark.parametrize("deed", [*SETTLING, *ENDING, *BY_THE_CLOCK, "rate"])
def test_nobody_else_does_anything_to_a_pair(world, pair, name, deed):
    deeds = SETTLING | ENDING | BY_THE_CLOCK | {"rate": lambda actor, one: acts.rate(actor, one, understood=5)}
    with pytest.raises(NotAllowed):
        deeds[deed](world.actor(name), pair)
    assert kinds(pair) == ["pair.begun"]


@pytest.mark.parametrize("deed", BY_THE_CLOCK)
def test_what_the_clock_does_people_do_not(world, pair, deed):
    with pytest.raises(NotAllowed):
        BY_THE_CLOCK[deed](world.actor(ANIA), pair)


@without_part
@pytest.mark.parametrize("deed", SETTLING)
def test_who_does_not_take_part_settles_nothing(world, pair, how, deed):
    how(world)
    with pytest.raises(NotAllowed):
        SETTLING[deed](world.actor(ANIA), pair)


@without_part
@pytest.mark.parametrize("deed", ENDING)
def test_who_does_not_take_part_may_still_end_it(world, pair, how, deed):
    how(world)
    ENDING[deed](world.actor(BARTEK), pair)
    assert kept(pair).state in {State.CLOSING, State.CLOSED}


def test_who_is_paused_here_settles_nothing_here_by_way_of_another_programme(world, pair):
    world.join(ANIA, world.elsewhere)
    paused(world)
    for deed in SETTLING.values():
        with pytest.raises(NotAllowed):
            deed(world.actor(ANIA, world.elsewhere), pair)


# -- a break ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [ANIA, BARTEK])
def test_either_takes_a_break_and_either_goes_on(world, pair, name):
    acts.rest(world.actor(ANIA), pair)
    assert kept(pair).state == State.PAUSING
    acts.go_on(world.actor(name), kept(pair))
    assert kept(pair).state == State.ACTIVE
    assert kinds(pair)[-2:] == ["pair.resting", "pair.going_on"]


def test_in_a_break_nobody_is_asked_and_silence_is_not_noticed(world, pair, clock):
    acts.rest(world.actor(ANIA), pair)
    clock(days=60)
    assert not reads.checkins_to_tell()
    assert not reads.silent(world.here, days=14)


def test_after_a_long_break_one_is_asked_once(world, pair, clock):
    acts.rest(world.actor(ANIA), pair)
    clock(days=200)
    acts.go_on(world.actor(BARTEK), kept(pair))
    for one in reads.checkins_to_tell():
        acts.ask_how(house(world), one.pair, checkin=one)
    assert not reads.checkins_to_tell()
    assert reads.next_checkin(kept(pair)) == house_clock.today() + acts.MONTH


# -- how it goes ------------------------------------------------------------------------------------------------------


def test_on_its_day_both_are_asked_and_the_next_day_is_set(world, pair, clock):
    assert not reads.checkins_to_tell()
    clock(days=7)
    first = reads.checkins_to_tell().get()
    acts.ask_how(house(world), pair, checkin=first)
    with pytest.raises(Stale):
        acts.ask_how(house(world), pair, checkin=first)
    clock(days=14)
    second = reads.checkins_to_tell().get()
    acts.ask_how(house(world), pair, checkin=second)
    days = list(CheckIn.objects.filter(pair=pair).values_list("due_on", flat=True))
    assert days == [first.due_on, second.due_on, second.due_on + acts.MONTH]
    assert kinds(pair).count("pair.checkin_due") == 2


def test_each_answers_for_themselves(world, pair, clock):
    clock(days=7)
    one = reads.checkins_due(world.actor(BARTEK))[0]
    acts.check_in(world.actor(BARTEK), one, how="so_so")
    assert events.last(pair, "pair.checked_in").facts == {"side": "giver", "how": "so_so"}
    assert reads.checkins_due(world.actor(BARTEK)) == []
    assert [two.pk for two in reads.checkins_due(world.actor(ANIA))] == [one.pk]
    for name in ("celina", "dawid"):
        assert reads.checkins_due(world.actor(name)) == []
        with pytest.raises(NotFound):
            reads.checkin(world.actor(name), one.pk)


def test_silence_is_noticed_where_nobody_wrote(world, pair, clock):
    clock(days=13)
    assert not reads.silent(world.here, days=14)
    clock(days=2)
    assert list(reads.silent(world.here, days=14)) == [pair]
    acts.notice_silence(house(world), pair, days=14)
    assert events.last(pair, "pair.silent").facts == {"days": 14}
    conversations.send(world.actor(ANIA), pair.conversation, text="x", client_key="key-key-1")
    assert not reads.silent(world.here, days=14)


def test_it_comes_alive_when_both_have_written(world, pair):
    for number, name in enumerate((ANIA, ANIA, BARTEK)):
        assert not reads.grown(world.here)
        conversations.send(world.actor(name), pair.conversation, text="x", client_key=f"key-key-{number}")
    acts.come_alive(house(world), reads.grown(world.here)[0])
    assert kept(pair).state == State.ACTIVE
    with pytest.raises(Stale):
        acts.come_alive(house(world), pair)
