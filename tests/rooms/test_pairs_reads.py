"""What each side sees of suggestions, proposals and pairs, and what those outside may know; what may be typed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nawzajem.asks.models import Ask
from nawzajem.experiences import acts as experiences
from nawzajem.experiences.models import Experience
from nawzajem.ground import clock as house_clock
from nawzajem.ground.actor import CHORE, NOBODY
from nawzajem.ground.refusals import NotFound, Stale
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts, reads
from nawzajem.pairs.forms import AgreementForm, AnswerForm, CheckInForm, EndForm, RatingForm
from nawzajem.pairs.models import CheckIn, Pair, Proposal
from nawzajem.programmes import acts as programmes
from tests.cast import HOUSE
from tests.rooms.hostile import CODES, EMOJI, LONG, MARKS, NUL, WORDS

pytestmark = pytest.mark.django_db

outsiders = pytest.mark.parametrize("name", ["celina", "franek", "dawid", "ewa"])


def offered(world, name="bartek", **sights):
    """An offer with everything said, and seen as told."""
    lived = world.experience(name, words=WORDS, **{"see_topic": "matched", "see_words": "matched"} | sights)
    fields = {"forms": ["text"], "languages": ["pl"], "hours": "f" * 42, "capacity": 2}
    return offers.make(world.actor(name), experiences=[lived], words=WORDS, **fields)


# -- cards ------------------------------------------------------------------------------------------------------------


def test_who_asks_reads_what_those_who_fit_let_them_read(world):
    offered(world)
    cards, why = reads.cards(world.actor("ania"), world.ask("ania"))
    assert why is None
    assert (cards[0].words, [one.words for one in cards[0].experiences]) == (WORDS, [WORDS])


def test_what_is_hidden_is_on_no_card(world):
    offered(world, see_topic="nobody", see_words="members")
    cards, _why = reads.cards(world.actor("ania"), world.ask("ania"))
    assert cards[0].experiences == []
    assert [code for code, _facts in cards[0].reasons if code == "same_topic"] == []
    assert "grief" not in str(cards[0].reasons)


def test_no_card_says_who_it_is(world):
    offered(world)
    cards, _why = reads.cards(world.actor("ania"), world.ask("ania"))
    assert "Bartek" not in str(cards)
    assert world.bartek.pk not in str(cards)


def test_a_coordinator_reads_the_fit_and_no_words(world):
    offered(world)
    cards, _why = reads.cards(world.actor("celina"), world.ask("ania", words=WORDS))
    assert cards[0].reasons
    assert (cards[0].words, cards[0].experiences) == ("", [])
    assert WORDS not in str(cards)


def test_a_coordinator_reads_no_stage_or_time_that_members_do_not_see(world):
    offered(world, see_stage="matched", see_when="matched")
    ask = world.ask("ania")
    told = lambda name: {code for code, _facts in reads.cards(world.actor(name), ask)[0][0].reasons}  # noqa: E731
    assert "been_through" in told("ania")
    assert "been_through" not in told("celina")


def test_a_coordinator_reads_no_topic_that_is_shown_to_nobody(world):
    offered(world, see_topic="nobody")
    cards, _why = reads.cards(world.actor("celina"), world.ask("ania"))
    assert "grief" not in str(cards)


@pytest.mark.parametrize("name", ["bartek", "franek", "dawid", "ewa"])
def test_nobody_else_reads_cards(world, name):
    offered(world)
    ask = world.ask("ania")
    for actor in (world.actor(name), NOBODY, CHORE.within(world.here.pk)):
        with pytest.raises(NotFound):
            reads.cards(actor, ask)


def test_a_coordinator_of_another_programme_reads_none(world):
    programmes.give_duty(HOUSE, world.dawid.memberships.get(), kind="coordinator")
    with pytest.raises(NotFound):
        reads.cards(world.actor("dawid", world.elsewhere), world.ask("ania"))


def test_where_nobody_fits_the_first_reason_is_told_unless_it_tells_of_somebody(world):
    assert reads.cards(world.actor("ania"), world.ask("ania")) == ([], "nobody")  # nobody offers at all
    offered(world)
    assert reads.cards(world.actor("ania"), world.ask("ania", "lonely"))[1] == "topic"


@pytest.mark.parametrize("offer_id", ["", "nothing", *[one for one in CODES if "\x00" not in one]])
def test_only_an_offer_of_this_programme_with_a_free_seat_can_be_chosen(world, offer_id):
    ask, offer = world.ask("ania"), offered(world)
    assert reads.candidate(ask, offer.pk) == offer
    Offer.objects.filter(pk=offer.pk).update(taken=2)
    for one in (offer_id, offer.pk):
        with pytest.raises(Stale):
            reads.candidate(ask, one)


# -- proposals --------------------------------------------------------------------------------------------------------


@pytest.fixture
def proposal(world) -> Proposal:
    return acts.put(world.actor("celina"), world.ask("ania", words=WORDS), offered(world), origin="coordinator")


def seen_by(world, name, proposal):
    return reads.put(world.actor(name), reads.proposal(world.actor(name), proposal.pk))


def test_each_side_sees_its_own_half(world, proposal):
    asker, giver = seen_by(world, "ania", proposal), seen_by(world, "bartek", proposal)
    assert (asker.side, giver.side) == ("asker", "giver")
    assert asker.card.words == giver.words == WORDS
    assert (asker.words, giver.card) == ("", None)
    assert (giver.forms, giver.languages) == (["text"], ["pl"])
    assert "Ania" not in str(giver)
    assert "Bartek" not in str(asker)


def test_what_did_not_come_about_shows_no_words_any_more(world, proposal):
    acts.answer(world.actor("bartek"), proposal, yes=False)
    asker, giver = seen_by(world, "ania", proposal), seen_by(world, "bartek", proposal)
    assert giver.words == ""
    assert (asker.card.words, asker.card.experiences) == ("", [])


def test_a_coordinator_knows_of_a_proposal_and_is_no_side_of_it(world, proposal):
    found = reads.proposal(world.actor("celina"), proposal.pk)
    with pytest.raises(NotFound):
        reads.put(world.actor("celina"), found)
    assert not reads.to_answer(world.actor("celina"))


@pytest.mark.parametrize("name", ["franek", "dawid", "ewa"])
def test_nobody_else_knows_of_it(world, proposal, name):
    actor = world.actor(name)
    with pytest.raises(NotFound):
        reads.proposal(actor, proposal.pk)
    with pytest.raises(NotFound):
        reads.put(actor, proposal)
    assert reads.count_to_answer(actor) == 0
    assert not reads.soon_lapsing(actor, hours=1000)


def test_what_waits_for_my_answer(world, proposal):
    for name in ("ania", "bartek"):
        assert list(reads.to_answer(world.actor(name))) == [proposal]
    acts.answer(world.actor("ania"), proposal, yes=True)
    assert reads.count_to_answer(world.actor("ania")) == 0
    assert reads.count_to_answer(world.actor("bartek")) == 1


def test_a_coordinator_sees_what_is_about_to_lapse(world, proposal, clock):
    celina = world.actor("celina")
    assert not reads.soon_lapsing(celina)
    clock(hours=25)
    assert list(reads.soon_lapsing(celina)) == [proposal]


# -- where an ask stands ----------------------------------------------------------------------------------------------


def test_an_ask_stands_where_it_truly_stands(world, clock):
    ask, offer = world.ask("ania", whoever=True), offered(world)
    stands = lambda: reads.standing(Ask.objects.get(pk=ask.pk))  # noqa: E731
    assert (stands().code, stands().tried) == ("looking", 0)
    first = acts.put(world.actor("celina"), ask, offer, origin="coordinator")
    assert (stands().code, stands().until) == ("yours", first.answer_by)
    acts.answer(world.actor("ania"), first, yes=True)
    assert stands().code == "theirs"
    acts.answer(world.actor("bartek"), first, yes=False)
    assert (stands().code, stands().tried) == ("looking", 1)
    second = acts.put(world.actor("ania"), Ask.objects.get(pk=ask.pk), world.offer("franek"), origin="chosen")
    acts.answer(world.actor("franek"), second, yes=True)
    assert (stands().code, stands().pair) == ("paired", Pair.objects.get())
    acts.end(world.actor("ania"), Pair.objects.get(), at_once=True)
    assert stands().code == "met"
    assert reads.tried_count([ask]) == {ask.pk: 2}


# -- pairs ------------------------------------------------------------------------------------------------------------


def test_both_sides_see_the_same_pair(world):
    pair = world.pair()
    for name in ("ania", "bartek"):
        assert reads.pair(world.actor(name), pair.pk) == pair
        assert reads.pair_of(world.actor(name), pair.conversation_id) == pair
        assert list(reads.mine(world.actor(name))) == [pair]
    assert (reads.balance(world.actor("ania")), reads.balance(world.actor("bartek"))) == ((1, 0), (0, 1))


@outsiders
def test_nobody_else_opens_it(world, name):
    pair, actor = world.pair(), world.actor(name)
    for read in (
        lambda: reads.pair(actor, pair.pk),
        lambda: reads.pair_of(actor, pair.conversation_id),
        lambda: reads.checkin(actor, CheckIn.objects.filter(pair=pair)[0].pk),
    ):
        with pytest.raises(NotFound):
            read()
    assert not reads.mine(actor)
    assert reads.balance(actor) == (0, 0)
    assert reads.ratings(actor, pair) == (None, None)


def test_an_agreement_is_read_by_the_two_only(world):
    pair = world.pair()
    acts.suggest_agreement(world.actor("ania"), pair, aim=WORDS)
    assert reads.agreement(world.actor("bartek"), pair).aim == WORDS
    for name in ("celina", "dawid"):
        with pytest.raises(NotFound):
            reads.agreement(world.actor(name), pair)


def test_nobody_is_not_somebody_who_was_erased(world):
    pair = world.pair()
    Pair.objects.filter(pk=pair.pk).update(giver=None)
    for actor in (NOBODY, CHORE.within(world.here.pk)):
        assert not reads.mine(actor)
        assert not Pair.objects.visible_to(actor)
        assert reads.balance(actor) == (0, 0)
        assert reads.checkins_due(actor) == []
        with pytest.raises(NotFound):
            reads.pair(actor, pair.pk)


def test_how_it_was_is_not_told_to_nobody(world):
    pair = world.pair()
    acts.end(world.actor("ania"), pair, at_once=True)
    for name in ("ania", "bartek"):
        acts.rate(world.actor(name), pair, understood=5)
    pair.ratings.filter(by=world.ania).update(by=None)
    assert reads.ratings(NOBODY, pair) == (None, None)
    assert reads.ratings(world.actor("bartek"), pair)[1].by is None


def test_a_coordinator_counts_pairs_and_others_do_not(world):
    world.pair()
    assert reads.going_of(world.actor("celina"), world.ania.pk) == 1
    for name in ("ania", "franek", "dawid"):
        with pytest.raises(NotFound):
            reads.going_of(world.actor(name), world.ania.pk)


def test_an_experience_hidden_after_the_pair_began_is_hidden(world, proposal):
    acts.answer(world.actor("ania"), proposal, yes=True)
    acts.answer(world.actor("bartek"), proposal, yes=True)
    lived = Experience.objects.get()
    experiences.change(world.actor("bartek"), lived, see_topic="nobody")
    assert seen_by(world, "ania", proposal).card.experiences == []


# -- what may be typed ------------------------------------------------------------------------------------------------


def test_an_answer_is_yes_or_no():
    assert [AnswerForm({"yes": one}).is_valid() for one in ("1", "0")] == [True, True]
    assert AnswerForm({"yes": "0"}).is_valid()
    for typed in CODES:
        assert not AnswerForm({"yes": typed}).is_valid()


def test_everything_about_an_agreement_may_stay_open():
    assert AgreementForm({}).is_valid()
    day = house_clock.today() + timedelta(days=1)
    form = AgreementForm(
        {"aim": EMOJI, "safety_words": MARKS, "rhythm": "weekly", "turns": "talks", "ends_on": str(day)}
    )
    assert form.is_valid()
    assert form.cleaned_data["ends_on"] == day


@pytest.mark.parametrize(
    ("field", "typed"),
    [(field, one) for field in ("rhythm", "turns", "ends_on") for one in CODES if one]
    + [(field, one) for field in ("aim", "safety_words") for one in (NUL, LONG)]
    + [("ends_on", "2020-01-01"), ("ends_on", str(house_clock.today()))],
)
def test_no_other_agreement_is_taken(field, typed):
    assert field in AgreementForm({field: typed}).errors


@pytest.mark.parametrize("typed", CODES)
def test_no_other_choice_is_taken(typed):
    assert not CheckInForm({"how": typed}).is_valid()
    assert not RatingForm({"understood": typed}).is_valid()
    if typed:
        assert not EndForm({"ending": typed}).is_valid()


@pytest.mark.parametrize("typed", ["left", "blocked"])
def test_a_person_does_not_choose_the_endings_of_the_house(typed):
    assert "ending" in EndForm({"ending": typed}).errors


def test_no_reason_is_owed():
    form = EndForm({})
    assert form.is_valid()
    assert form.cleaned_data == {"ending": "unsaid", "at_once": False}


def test_how_it_was_is_said_in_five_steps():
    form = RatingForm({"understood": "4", "helped": "", "again": "yes"})
    assert form.is_valid()
    assert form.cleaned_data == {"understood": 4, "helped": None, "again": True}
    assert RatingForm({"understood": "1"}).is_valid()
    for wrong in ("0", "6", "4.5"):
        assert "understood" in RatingForm({"understood": wrong}).errors
        assert "helped" in RatingForm({"understood": "1", "helped": wrong}).errors
