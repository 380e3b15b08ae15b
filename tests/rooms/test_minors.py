"""Minors: no part without a guardian where one is asked for, no adult beside them whose checks are not in order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nawzajem.ground import clock as house_clock
from nawzajem.ground.actor import NOBODY
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Closed, NotAllowed, NotFound
from nawzajem.minors import acts, chores, reads
from nawzajem.minors.models import Check, Consent, Standard
from nawzajem.minors.standards import ITEMS
from nawzajem.notify.letters import occasions
from nawzajem.pairs import acts as pairs
from nawzajem.pairs import chores as pair_chores
from nawzajem.pairs import problem
from nawzajem.pairs.models import Pair, Proposal
from nawzajem.people import acts as people
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Member
from nawzajem.rights import reads as rights
from nawzajem.waiting import problem as waiting

pytestmark = pytest.mark.django_db

NEEDED = ("register", "commission", "record")


def choose(world, **options):
    world.here = programmes.choose(world.actor("celina"), world.here, **options)


@pytest.fixture
def school(world):
    """Guardians are asked. Kasia is sixteen and has just come in."""
    choose(world, guardian_consent=True)
    world.add("kasia", age="16_17")
    return world


@pytest.fixture
def mixed(world):
    """Minors may meet adults whose checks are in order. Kasia, sixteen, asks; Bartek, an adult, offers."""
    choose(world, minors_with_adults=True)
    world.add("kasia", age="16_17")
    world.offer("bartek")
    return world


def place(world, name="kasia") -> Member:
    return Member.objects.select_related("person", "programme").get(person=world.people[name], programme=world.here)


def asked(world):
    return acts.ask_guardian(world.actor("kasia"), place(world))


def consented(world) -> Consent:
    consent, _secret = asked(world)
    return acts.consent(NOBODY, consent, name="Maria Kowalska", relation="parent")


def check(world, name="bartek", *, days_ago=0, kinds=NEEDED, result="clear"):
    day = house_clock.today() - timedelta(days=days_ago)
    for kind in kinds:
        acts.record_check(world.actor("celina"), place(world, name), kind=kind, result=result, done_on=day)


def fitting(world, asker="kasia"):
    return [one.offer.person for one in problem.suggestions(world.draft(asker)).best]


# -- guardians --------------------------------------------------------------------------------------------------------


def test_a_minor_waits_at_the_door_until_a_guardian_has_consented(school):
    assert (place(school).state, place(school).paused_for) == ("paused", "guardian")
    assert not school.actor("kasia").takes_part
    with pytest.raises(NotAllowed):
        school.draft("kasia")
    consented(school)
    assert school.actor("kasia").takes_part
    assert place(school).paused_for == ""


def test_an_adult_and_a_programme_that_asks_nobody_are_not_held_up(school, world):
    school.add("lena", age="18_24")
    assert school.actor("lena").takes_part
    choose(world, guardian_consent=False)
    world.add("tomek", age="16_17")
    assert world.actor("tomek").takes_part


def test_a_coordinator_does_not_open_by_hand_what_waits_for_a_guardian(school):
    with pytest.raises(NotAllowed):
        programmes.resume(school.actor("celina"), place(school))


def test_the_link_is_kept_by_nobody_and_a_new_one_makes_it_void(school):
    _first, secret = asked(school)
    assert secret not in str(list(Consent.objects.values()))
    _second, other = asked(school)
    with pytest.raises(NotFound):
        reads.consent_by(secret)
    assert reads.consent_by(other).state == "asked"


def test_a_link_that_nobody_used_is_void_after_a_month(school, clock):
    _made, secret = asked(school)
    clock(days=31)
    with pytest.raises(NotFound):
        reads.consent_by(secret)


def test_nobody_consents_for_themselves(school):
    consent, _secret = asked(school)
    with pytest.raises(NotAllowed):
        acts.consent(school.actor("kasia"), consent, name="Mama", relation="parent")


def test_where_paper_is_asked_for_there_is_no_link(school):
    choose(school, guardian_proof="paper")
    with pytest.raises(NotAllowed):
        asked(school)
    acts.record_paper(
        school.actor("celina"), place(school), name="Jan Nowak", relation="parent", given_on=house_clock.today()
    )
    assert school.actor("kasia").takes_part
    [(kept, name)] = reads.consents(school.actor("celina"), place(school))
    assert (kept.how, kept.by.pk, name) == ("paper", school.celina.pk, "Jan Nowak")


@pytest.mark.parametrize("name", ["ania", "franek", "dawid"])
def test_only_coordinators_record_papers_and_checks(school, name):
    today = house_clock.today()
    with pytest.raises(NotAllowed):
        acts.record_paper(school.actor(name), place(school), name="x", relation="parent", given_on=today)
    with pytest.raises(NotAllowed):
        acts.record_check(school.actor(name), place(school, "bartek"), kind="register", result="clear", done_on=today)


def test_a_guardians_name_is_sealed_and_told_only_to_the_minor_and_the_desk(school):
    consent = consented(school)
    assert b"Kowalska" not in bytes(consent.guardian)
    for who in ("kasia", "celina"):
        assert reads.consents(school.actor(who), place(school))[0][1] == "Maria Kowalska"
    for who in ("ania", "franek"):
        with pytest.raises(NotFound):
            reads.consents(school.actor(who), place(school))


def test_no_is_noted_and_nothing_begins(school):
    consent, _secret = asked(school)
    acts.refuse(NOBODY, consent)
    assert not school.actor("kasia").takes_part
    with pytest.raises(Closed):
        acts.consent(NOBODY, Consent.objects.get(), name="x", relation="parent")


def test_a_consent_taken_back_stops_taking_part_and_ends_what_goes_on(school):
    consent = consented(school)
    school.add("ola", age="16_17")
    acts.record_paper(
        school.actor("celina"), place(school, "ola"), name="x", relation="parent", given_on=house_clock.today()
    )
    pair = school.pair("ola", "kasia")
    consent.refresh_from_db()
    acts.withdraw(NOBODY, consent)
    assert not school.actor("kasia").takes_part
    pair_chores.keep_minors_safe()
    pair.refresh_from_db()
    assert pair.state == Pair.State.CLOSED


def test_whoever_is_here_when_guardians_begin_to_be_asked_waits_too_and_goes_on_when_it_ends(world):
    world.add("kasia", age="16_17")
    choose(world, guardian_consent=True)
    chores.look_at_consents()
    assert place(world).paused_for == "guardian"
    assert place(world, "ania").state == "active"
    choose(world, guardian_consent=False)
    chores.look_at_consents()
    assert world.actor("kasia").takes_part


def test_whoever_turns_eighteen_needs_no_guardian(school):
    people.say_age(school.actor("kasia"), school.kasia, age="18_24")
    chores.look_at_consents()
    assert school.actor("kasia").takes_part


# -- checks -----------------------------------------------------------------------------------------------------------


def test_an_adult_without_checks_is_suggested_to_no_minor_and_to_adults_as_before(mixed):
    assert fitting(mixed) == []
    assert fitting(mixed, "ania") == [mixed.bartek.pk]


def test_with_every_check_in_order_an_adult_is_suggested(mixed):
    check(mixed, kinds=NEEDED[:2])
    assert fitting(mixed) == []
    check(mixed, kinds=NEEDED[2:])
    assert fitting(mixed) == [mixed.bartek.pk]


@pytest.mark.parametrize("spoilt", [{"days_ago": 400}, {"result": "found"}])
def test_a_check_that_is_over_or_found_something_counts_for_nothing(mixed, spoilt):
    check(mixed, kinds=NEEDED[:2])
    check(mixed, kinds=NEEDED[2:], **spoilt)
    assert fitting(mixed) == []


def test_an_adult_who_asks_is_kept_from_minors_who_offer_just_the_same(mixed):
    mixed.offer("kasia")
    assert mixed.kasia.pk not in fitting(mixed, "ania")
    check(mixed, "ania")
    assert mixed.kasia.pk in fitting(mixed, "ania")


def test_in_the_waiting_room_the_same_holds(mixed, monkeypatch):
    columns = problem.offer_rows(mixed.here, problem.free(mixed.here), expected=False, to="matched")
    assert [problem.A_MINOR in row.not_prints for row in columns] == [True]
    assert waiting.pairs.offer_rows is problem.offer_rows


def test_a_yes_to_a_proposal_counts_for_nothing_once_a_check_is_over(mixed, clock):
    check(mixed)
    proposal = mixed.proposal("kasia")
    Check.objects.update(expires_on=house_clock.today() - timedelta(days=1), done_on=house_clock.today() - timedelta(9))
    pairs.answer(mixed.actor("bartek"), proposal, yes=True)
    assert Proposal.objects.get(pk=proposal.pk).state == Proposal.State.DECLINED
    assert not Pair.objects.exists()


def test_when_a_check_runs_out_an_adult_with_a_minor_takes_part_no_longer_until_it_is_renewed(mixed, clock):
    check(mixed)
    mixed.pair("kasia")
    pair_chores.keep_minors_safe()
    assert place(mixed, "bartek").state == "active"
    clock(days=400)
    pair_chores.keep_minors_safe()
    assert place(mixed, "bartek").paused_for == "checks"
    check(mixed)
    assert mixed.actor("bartek").takes_part


def test_an_entry_in_a_register_stops_at_once(mixed):
    check(mixed, kinds=["register"], result="found")
    assert place(mixed, "bartek").paused_for == "checks"


def test_whoever_is_let_in_by_hand_in_spite_of_an_entry_stops_again(mixed):
    check(mixed, kinds=["register"], result="found")
    programmes.resume(mixed.actor("celina"), place(mixed, "bartek"))
    chores.look_at_consents()
    assert place(mixed, "bartek").paused_for == "checks"
    check(mixed)
    chores.look_at_consents()
    assert mixed.actor("bartek").takes_part


def test_nobody_records_their_own_check(mixed):
    with pytest.raises(NotAllowed):
        check(mixed, "celina")


def test_who_coordinates_and_who_is_checked_are_told_a_month_before(mixed, clock):
    check(mixed)
    clock(days=340)
    chores.remind()
    told = list(Event.objects.filter(kind="check.runs_out"))
    assert {event.facts["check"] for event in told} == set(NEEDED)
    assert {person for _occasion, person in occasions(told[0])} == {mixed.celina.pk, mixed.bartek.pk}
    chores.remind()
    assert Event.objects.filter(kind="check.runs_out").count() == len(NEEDED)


def test_no_event_tells_what_was_found(mixed):
    check(mixed, result="found")
    assert not [event for event in Event.objects.all() if "found" in str(event.facts)]


# -- standards --------------------------------------------------------------------------------------------------------


def test_a_point_is_filled_in_kept_and_remembered_in_two_years(world, clock):
    acts.fill_in(
        world.actor("celina"), world.here, item="internet", words="Nasz regulamin", done_on=house_clock.today()
    )
    assert Standard.objects.get().review_on - house_clock.today() == timedelta(days=730)
    chores.remind()
    assert not Event.objects.filter(kind="standard.due").exists()
    clock(days=705)
    chores.remind()
    assert Event.objects.get(kind="standard.due").facts == {"item": "internet"}


def test_the_list_has_every_point_and_nothing_else_is_taken(world):
    assert list(reads.standards(world.actor("celina"), world.here)) == list(ITEMS)
    with pytest.raises(NotFound):
        acts.fill_in(world.actor("celina"), world.here, item="none", words="x", done_on=house_clock.today())
    with pytest.raises(NotAllowed):
        acts.fill_in(world.actor("ania"), world.here, item="internet", words="x", done_on=house_clock.today())


# -- rights -----------------------------------------------------------------------------------------------------------


def test_consents_and_checks_are_in_the_download_of_whom_they_concern(school):
    consented(school)
    check(school)
    assert rights.everything(school.actor("kasia"))["minors"]["consents"][0]["guardian"] == "Maria Kowalska"
    assert len(rights.everything(school.actor("bartek"))["minors"]["checks"]) == len(NEEDED)
    assert rights.everything(school.actor("celina"))["minors"] == {"checks_recorded": len(NEEDED)}


def test_everybody_reads_whom_to_tell_and_not_what_the_staff_settles_among_itself(world):
    for item in ("contact", "intervention"):
        words = f"How it is: {item}."
        acts.fill_in(world.actor("celina"), world.here, item=item, words=words, done_on=house_clock.today())
    assert [kept.words for _item, kept in reads.standards_for_all(world.here)] == ["How it is: contact."]
