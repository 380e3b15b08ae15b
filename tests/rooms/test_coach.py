"""Hints while writing: to whom, what becomes of them, who sees that, and how to be rid of them."""

from __future__ import annotations

import pytest

from nawzajem.coach import acts, reads, rules
from nawzajem.coach.models import Hint, Silence
from nawzajem.coach.words import HELPS, PITFALLS
from nawzajem.conversations import acts as conversations
from nawzajem.core.coaching import Help, Pitfall
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import NotAllowed, NotFound
from nawzajem.programmes import acts as programmes
from tests.cast import HOUSE

pytestmark = pytest.mark.django_db

DIRECTIVE = "Na twoim miejscu zostawiłabym go jutro."


@pytest.fixture
def pair(world):
    return world.pair()


def say(world, pair, name, text):
    key = f"key-{pair.conversation.messages.count():04}"
    return conversations.send(world.actor(name), pair.conversation, text=text, client_key=key)


def test_whoever_helps_is_hinted_and_whoever_asked_is_not(world, pair):
    draft = reads.draft(world.actor("bartek"), pair, DIRECTIVE)
    assert draft.noticed.code is Pitfall.DIRECTIVE
    assert DIRECTIVE[draft.noticed.start : draft.noticed.end] == "Na twoim miejscu"
    for name in ("ania", "celina", "dawid"):
        with pytest.raises((NotAllowed, NotFound)):
            reads.draft(world.actor(name), pair, DIRECTIVE)


def test_asked_for_advice_is_no_pitfall_here_either(world, pair):
    say(world, pair, "ania", "Co byś zrobił, co radzisz?")
    pair.conversation.refresh_from_db()
    assert reads.draft(world.actor("bartek"), pair, DIRECTIVE).noticed is None


def test_nothing_of_what_is_typed_is_kept_and_nobody_is_told(world, pair):
    before = Event.objects.count()
    bartek = world.actor("bartek")
    reads.draft(bartek, pair, DIRECTIVE)
    hint = acts.show(bartek, pair, code=Pitfall.DIRECTIVE)
    acts.dismiss(bartek, hint, reason="asked")
    assert Event.objects.count() == before
    assert not {field.name for field in Hint._meta.fields} & {"text", "words", "conversation", "pair"}


def test_a_hint_is_followed_or_put_aside_and_only_by_whom_it_was_shown(world, pair):
    bartek = world.actor("bartek")
    first = acts.show(bartek, pair, code=Pitfall.JUDGING)
    acts.follow(bartek, first)
    second = acts.show(bartek, pair, code=Pitfall.JUDGING)
    acts.dismiss(bartek, second, reason="fits")
    acts.follow(bartek, second)
    (grown,) = reads.growth(bartek)
    assert (grown.shown, grown.followed, grown.dismissed) == (2, 1, 1)
    for name in ("ania", "celina"):
        assert reads.growth(world.actor(name)) == []
        with pytest.raises(NotFound):
            reads.hint(world.actor(name), first.pk)
        with pytest.raises(NotAllowed):
            acts.dismiss(world.actor(name), first, reason="")
        with pytest.raises(NotAllowed):
            acts.follow(world.actor(name), first)


def test_a_hint_asked_for_again_because_its_answer_was_lost_is_shown_once(world, pair, clock):
    bartek = world.actor("bartek")
    first = acts.show(bartek, pair, code=Pitfall.JUDGING)
    assert acts.show(bartek, pair, code=Pitfall.JUDGING) == first
    assert acts.show(bartek, pair, code=Pitfall.DIRECTIVE) != first
    clock(minutes=2)
    assert acts.show(bartek, pair, code=Pitfall.JUDGING) != first


def test_what_was_put_aside_is_not_said_again_for_a_while(world, pair, clock):
    bartek = world.actor("bartek")
    acts.dismiss(bartek, acts.show(bartek, pair, code=Pitfall.DIRECTIVE), reason="asked")
    assert reads.draft(bartek, pair, DIRECTIVE).noticed is None
    clock(minutes=31)
    assert reads.draft(bartek, pair, DIRECTIVE).noticed is not None


def test_it_can_be_switched_off_by_oneself_and_by_the_programme(world, pair):
    bartek = world.actor("bartek")
    acts.switch(bartek, on=False)
    acts.switch(bartek, on=False)
    assert Silence.objects.count() == 1
    assert not rules.may_be_hinted(bartek, pair)
    with pytest.raises(NotAllowed):
        acts.show(bartek, pair, code=Pitfall.JUDGING)
    acts.switch(bartek, on=True)
    assert rules.may_be_hinted(bartek, pair)
    programmes.choose(HOUSE.within(world.here.pk), world.here, coach=False)
    pair.programme.refresh_from_db()
    assert not rules.may_be_hinted(bartek, pair)


def test_the_growth_page_can_begin_anew(world, pair):
    bartek = world.actor("bartek")
    acts.show(bartek, pair, code=Pitfall.JUDGING)
    acts.forget(world.actor("ania"))
    assert Hint.objects.count() == 1
    acts.forget(bartek)
    assert Hint.objects.count() == 0


def test_nobody_signed_in_chooses_nothing(world):
    with pytest.raises(NotAllowed):
        acts.switch(HOUSE, on=True)
    with pytest.raises(NotAllowed):
        acts.forget(HOUSE)


def test_a_talk_is_looked_back_at_by_whoever_helped_and_by_nobody_else(world, pair):
    say(world, pair, "ania", "Hej.")
    say(world, pair, "bartek", "Jak było dzisiaj?")
    say(
        world,
        pair,
        "ania",
        "Cały dzień siedziałam przy oknie i liczyłam samochody, bo inaczej bym chyba zwariowała z tej ciszy.",
    )
    pair.conversation.refresh_from_db()
    back = reads.back(world.actor("bartek"), pair)
    assert (back.counts.mine, back.counts.theirs, back.counts.open_questions) == (1, 2, 1)
    assert [one.text for one in back.worked] == ["Jak było dzisiaj?"]
    assert back.worked[0].opened_up
    for name in ("ania", "celina"):
        with pytest.raises(NotFound):
            reads.back(world.actor(name), pair)


def test_every_pitfall_and_every_help_has_its_words():
    assert set(PITFALLS) == set(Pitfall) == {Pitfall(code) for code in Hint.Code.values}
    assert set(HELPS) == set(Help)
    assert all(str(told.back).endswith("?") for told in PITFALLS.values())
