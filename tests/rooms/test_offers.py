"""An offer: made, changed, resting, put away; its seats; who reads it; what may be typed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from nawzajem.asks.models import ANY_TIME
from nawzajem.core.matching import hours
from nawzajem.experiences import acts as experiences
from nawzajem.experiences.models import Experience
from nawzajem.ground import clock as house_clock
from nawzajem.ground import events
from nawzajem.ground.actor import CHORE, NOBODY
from nawzajem.ground.refusals import Invalid, NotAllowed, NotFound, Stale
from nawzajem.offers import acts, reads
from nawzajem.offers.forms import OfferForm, RestForm
from nawzajem.offers.models import Offer
from nawzajem.people import acts as people
from nawzajem.programmes import acts as programmes
from nawzajem.rights import acts as rights
from tests.cast import HOUSE
from tests.rooms.hostile import CODES, EMOJI, LONG, MARKS, NUL, WORDS

pytestmark = pytest.mark.django_db

State = Offer.State
others = pytest.mark.parametrize("name", ["ania", "franek", "dawid", "ewa"])


def must_agree_again(world):
    programmes.rewrite(world.actor("celina"), world.here, code="confidentiality", words={"en": "x"})


def paused(world):
    programmes.pause(world.actor("celina"), world.member("bartek"))


def kept(offer) -> Offer:
    return Offer.objects.get(pk=offer.pk)


# -- making and changing ----------------------------------------------------------------------------------------------


def test_somebody_is_ready(world):
    offer = world.offer("bartek", words=WORDS, capacity=3)
    assert (offer.state, offer.capacity, offer.taken) == (State.READY, 3, 0)
    assert [one.topic.code for one in offer.experiences.all()] == ["grief.partner"]
    assert reads.words_of(world.actor("bartek"), offer) == WORDS
    assert events.last(offer, "offer.made").facts == {"capacity": 3}


def test_one_offer_in_a_programme(world):
    offer = world.offer("bartek")
    with pytest.raises(Invalid):
        acts.make(world.actor("bartek"), experiences=offer.experiences.all(), hours=ANY_TIME)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.create(programme=world.here, person=world.bartek, hours=ANY_TIME)


def test_an_offer_stands_on_ones_own_experience_of_this_programme(world):
    theirs = world.experience("ania")
    world.join("bartek", world.elsewhere)
    elsewhere = experiences.add(
        world.actor("bartek", world.elsewhere), topic=world.elsewhere.topics.get(code="lonely"), stage="in_it"
    )
    for lived in ([], [theirs], [elsewhere]):
        with pytest.raises(Invalid) as refusal:
            acts.make(world.actor("bartek"), experiences=lived, hours=ANY_TIME)
        assert "experiences" in refusal.value.fields


def test_what_stands_on_several_keeps_only_ones_own(world):
    offer, theirs = world.offer("bartek"), world.experience("ania")
    acts.change(world.actor("bartek"), offer, experiences=[*offer.experiences.all(), theirs])
    assert [one.person for one in offer.experiences.all()] == [world.bartek]


def test_its_owner_changes_it(world):
    offer = world.offer("bartek", words=WORDS)
    acts.change(world.actor("bartek"), offer, experiences=offer.experiences.all(), words="", capacity=1, forms=["call"])
    assert (kept(offer).capacity, kept(offer).forms, kept(offer).words) == (1, ["call"], None)
    assert events.last(offer, "offer.changed").facts == {"capacity": 1}


def test_changing_touches_nothing_that_happened_meanwhile(world):
    """A seat held, a rest begun in another window: neither is written over by a page that was opened before."""
    offer, day = world.offer("bartek"), house_clock.today() + timedelta(days=9)
    acts.hold_seat(world.actor("ania"), offer)
    acts.answered(world.actor("bartek"), offer)
    acts.pause(world.actor("bartek"), kept(offer), until=day)
    acts.change(world.actor("bartek"), offer, experiences=offer.experiences.all(), kinds=["heard"])
    now = kept(offer)
    assert (now.taken, now.state, now.paused_until, now.kinds) == (1, State.PAUSED, day, ["heard"])
    assert now.answered_at is not None


@others
def test_nobody_else_changes_rests_or_puts_it_away(world, name):
    offer = world.offer("bartek")
    actor = world.actor(name)
    for deed in (
        lambda: acts.change(actor, offer, experiences=offer.experiences.all()),
        lambda: acts.pause(actor, offer),
        lambda: acts.resume(actor, offer),
        lambda: acts.retire(actor, offer),
    ):
        with pytest.raises(NotAllowed):
            deed()


@pytest.mark.parametrize("how", [paused, must_agree_again])
def test_who_does_not_take_part_offers_nothing_and_may_always_rest(world, how):
    offer = world.offer("bartek")
    how(world)
    with pytest.raises(NotAllowed):
        acts.make(world.actor("bartek"), experiences=[])
    with pytest.raises(NotAllowed):
        acts.change(world.actor("bartek"), offer, experiences=offer.experiences.all())
    acts.pause(world.actor("bartek"), offer)
    acts.retire(world.actor("bartek"), offer)


def test_who_is_paused_here_changes_nothing_here_by_way_of_another_programme(world):
    offer = world.offer("bartek")
    world.join("bartek", world.elsewhere)
    paused(world)
    with pytest.raises(NotAllowed):
        acts.change(world.actor("bartek", world.elsewhere), offer, experiences=offer.experiences.all())


# -- rests ------------------------------------------------------------------------------------------------------------


def test_a_rest_until_a_day_ends_on_that_day(world, clock):
    offer, day = world.offer("bartek"), house_clock.today() + timedelta(days=3)
    acts.pause(world.actor("bartek"), offer, until=day)
    assert events.last(offer, "offer.paused").facts == {"until": str(day), "why": "own"}
    clock(days=2)
    assert not reads.rested(world.here)
    clock(days=1)
    assert list(reads.rested(world.here)) == [offer]
    acts.resume(CHORE.within(world.here.pk), offer)
    assert (kept(offer).state, kept(offer).paused_until) == (State.READY, None)
    assert events.last(offer, "offer.resumed")


def test_a_rest_without_a_day_lasts(world, clock):
    acts.pause(world.actor("bartek"), world.offer("bartek"))
    clock(days=1000)
    assert not reads.rested(world.here)


def test_a_coordinator_lets_an_offer_rest_and_only_its_owner_takes_it_up_again(world):
    offer = world.offer("bartek")
    acts.pause(world.actor("celina"), offer, why="coordinator")
    for deed in (acts.resume, acts.retire):
        with pytest.raises(NotAllowed):
            deed(world.actor("celina"), offer)
    acts.resume(world.actor("bartek"), offer)
    acts.retire(world.actor("bartek"), offer)
    with pytest.raises(NotAllowed):
        acts.resume(world.actor("celina"), offer)
    assert events.last(offer, "offer.retired").facts == {}


def test_put_away_it_can_be_taken_up_again(world):
    offer = world.offer("bartek")
    acts.retire(world.actor("bartek"), offer)
    assert not reads.all_here(world.actor("celina"))
    acts.resume(world.actor("bartek"), offer)
    assert kept(offer).state == State.READY


def test_who_has_left_takes_nothing_up_again(world):
    offer = world.offer("bartek")
    rights.leave(world.actor("bartek"), world.member("bartek"))
    for somebody in (world.actor("bartek"), world.actor("bartek", world.elsewhere)):
        with pytest.raises(NotAllowed):
            acts.resume(somebody, kept(offer))


@pytest.mark.parametrize(
    ("before", "deed"),
    [
        ([acts.pause], acts.pause),
        ([acts.retire], acts.pause),
        ([], acts.resume),
        ([acts.retire], acts.retire),
    ],
)
def test_what_is_there_already_is_stale(world, before, deed):
    offer, actor = world.offer("bartek"), world.actor("bartek")
    for step in before:
        step(actor, offer)
    with pytest.raises(Stale):
        deed(actor, offer)


def test_idle_offers_are_found_when_their_people_are_silent_too(world, clock):
    offer = world.offer("bartek")
    clock(days=world.here.options.idle_offer_after + 1)
    assert list(reads.idle(world.here)) == [offer]
    world.bartek.seen_on = house_clock.today()
    world.bartek.save()
    assert not reads.idle(world.here)
    world.bartek.seen_on = None
    world.bartek.save()
    acts.answered(world.actor("bartek"), offer)
    assert not reads.idle(world.here)


# -- seats ------------------------------------------------------------------------------------------------------------


def test_a_seat_is_held_and_freed(world):
    offer = world.offer("bartek", capacity=2)
    acts.hold_seat(world.actor("ania"), offer)
    assert kept(offer).taken == 1
    acts.free_seat(world.actor("ania"), offer)
    assert kept(offer).taken == 0
    assert [one.kind for one in events.of(offer)][-2:] == ["offer.seat_held", "offer.seat_freed"]


def test_no_seat_is_held_that_is_not_there(world):
    offer = world.offer("bartek", capacity=1)
    acts.hold_seat(world.actor("ania"), offer)
    with pytest.raises(Stale):
        acts.hold_seat(world.actor("celina"), offer)
    assert kept(offer).taken == 1


@pytest.mark.parametrize("step", [acts.pause, acts.retire])
def test_who_rests_gives_no_seat_and_frees_those_that_are_taken(world, step):
    offer = world.offer("bartek", capacity=2)
    acts.hold_seat(world.actor("ania"), offer)
    step(world.actor("bartek"), offer)
    with pytest.raises(Stale):
        acts.hold_seat(world.actor("ania"), offer)
    acts.free_seat(world.actor("ania"), offer)
    assert kept(offer).taken == 0


def test_a_seat_that_nobody_has_is_not_freed(world):
    offer = world.offer("bartek")
    acts.free_seat(world.actor("ania"), offer)
    assert kept(offer).taken == 0
    assert not events.last(offer, "offer.seat_freed")
    key = kept(offer)
    offer.delete()
    acts.free_seat(world.actor("ania"), key)  # its person was erased: there is nothing to free


def test_with_fewer_places_than_are_taken_none_is_free(world):
    offer = world.offer("bartek", capacity=3)
    for _seat in range(3):
        acts.hold_seat(world.actor("ania"), offer)
    acts.change(world.actor("bartek"), kept(offer), experiences=offer.experiences.all(), capacity=1)
    assert reads.free_seats(world.actor("celina")) == 0
    acts.free_seat(world.actor("ania"), offer)
    with pytest.raises(Stale):
        acts.hold_seat(world.actor("ania"), offer)
    for _seat in range(2):
        acts.free_seat(world.actor("ania"), offer)
    acts.hold_seat(world.actor("ania"), offer)
    assert (kept(offer).taken, kept(offer).capacity) == (1, 1)


def test_no_stranger_holds_or_frees_a_seat(world):
    offer = world.offer("bartek")
    for actor in (world.actor("dawid"), world.actor("dawid", world.elsewhere), world.actor("ewa"), NOBODY):
        for deed in (acts.hold_seat, acts.free_seat, acts.answered):
            with pytest.raises(NotAllowed):
                deed(actor, offer)


def test_an_experience_taken_back_leaves_the_offer(world):
    offer = world.offer("bartek", "lonely", "grief.partner")
    experiences.remove(world.actor("bartek"), Experience.objects.get(topic__code="lonely"))
    assert [one.topic.code for one in kept(offer).experiences.all()] == ["grief.partner"]


# -- told by an organisation ------------------------------------------------------------------------------------------


def test_what_people_told_their_organisation_they_could_give(world):
    house = HOUSE.within(world.here.pk)
    person = people.prepare(house, accounts=[{"pseudonym": "Osoba 17"}])[0]
    lived = experiences.announce(house, [(person, {"topic": world.topic("lonely"), "stage": "in_it"})])
    told = {"experiences": lived, "hours": ANY_TIME, "words": WORDS, "capacity": 2}
    offer = acts.announce(house, [(person, told)])[0]
    assert events.last(offer, "offer.made").facts == {"capacity": 2}
    assert reads.unsealed(offer) == WORDS
    assert list(offer.experiences.all()) == lived
    for actor, whose in ((house, world.ania), (world.actor("celina"), person)):
        with pytest.raises(NotAllowed):
            acts.announce(actor, [(whose, told)])


# -- who reads what ---------------------------------------------------------------------------------------------------


@others
def test_an_offer_is_nowhere_for_others(world, name):
    offer, actor = world.offer("bartek", words=WORDS), world.actor(name)
    with pytest.raises(NotFound):
        reads.offer(actor, offer.pk)
    with pytest.raises(NotFound):
        reads.own_offer(actor)
    with pytest.raises(NotFound):
        reads.words_of(actor, offer)
    assert reads.mine(actor) is None
    assert not reads.all_here(actor)
    assert reads.free_seats(actor) == 0


def test_a_coordinator_sees_offers_and_not_a_word(world):
    offer, celina = world.offer("bartek", words=WORDS, capacity=3), world.actor("celina")
    assert reads.offer(celina, offer.pk) == offer
    assert list(reads.all_here(celina)) == [offer]
    assert reads.free_seats(celina) == 3
    with pytest.raises(NotFound):
        reads.words_of(celina, offer)


def test_nobody_reads_nothing(world):
    offer = world.offer("bartek", words=WORDS)
    for actor in (NOBODY, CHORE.within(world.here.pk)):
        assert reads.mine(actor) is None
        assert not Offer.objects.visible_to(actor)
        with pytest.raises(NotFound):
            reads.words_of(actor, offer)


# -- what may be typed ------------------------------------------------------------------------------------------------


@pytest.fixture
def good(world):
    return {
        "experiences": [world.experience("bartek").pk],
        "forms": ["text"],
        "languages": ["pl"],
        "hours": "evenings",
        "capacity": 1,
    }


def form_of(world, good, **typed):
    return OfferForm(good | typed, programme=world.here, person=world.bartek)


def test_an_offer_is_typed(world, good):
    form = form_of(
        world, good, kinds=["heard"], words=MARKS + EMOJI, not_same_unit="on", not_codes="-; ab-cd", capacity=5
    )
    assert form.is_valid(), form.errors
    assert form.cleaned_data["hours"] == hours.PRESETS["evenings"]
    assert len(form.cleaned_data["not_prints"]) == 1
    assert acts.make(world.actor("bartek"), **form.cleaned_data)


@pytest.mark.parametrize("missing", ["experiences", "forms", "languages", "hours", "capacity"])
def test_what_is_needed_is_asked_for(world, good, missing):
    del good[missing]
    assert set(form_of(world, good).errors) == {missing}


@pytest.mark.parametrize("typed", [one for one in CODES if one and one != "٣"])
@pytest.mark.parametrize("field", ["experiences", "kinds", "forms", "languages", "hours"])
def test_no_other_choice_is_taken(world, good, field, typed):
    assert field in form_of(world, good, **{field: [typed]}).errors


@pytest.mark.parametrize("typed", ["", "0", "-1", "6", "1.5", "1e3", "9" * 400, NUL])
def test_no_other_number_of_people_is_taken(world, good, typed):
    assert "capacity" in form_of(world, good, capacity=typed).errors


@pytest.mark.parametrize("field", ["words", "not_codes"])
@pytest.mark.parametrize("typed", [NUL, LONG])
def test_words_have_an_end(world, good, field, typed):
    assert field in form_of(world, good, **{field: typed}).errors


def test_the_experience_of_another_person_or_programme_is_none(world, good):
    theirs = world.experience("ania")
    world.join("bartek", world.elsewhere)
    elsewhere = experiences.add(
        world.actor("bartek", world.elsewhere), topic=world.elsewhere.topics.get(code="lonely"), stage="in_it"
    )
    for one in (theirs, elsewhere):
        assert "experiences" in form_of(world, good, experiences=[one.pk]).errors


def test_a_rest_ends_on_a_day_to_come():
    today = house_clock.today()
    assert RestForm({}).is_valid()
    assert RestForm({"until": str(today + timedelta(days=1))}).is_valid()
    for wrong in (str(today), "2020-01-01", NUL, LONG, "soon"):
        assert not RestForm({"until": wrong}).is_valid()
