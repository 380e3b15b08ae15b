"""What is decided about people: by whom, with which effect, answered and decided anew; and told to those whom it concerns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from nawzajem.conversations import acts as messages
from nawzajem.conversations import reads as conversations
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Closed, Invalid, NotAllowed, NotFound, Stale
from nawzajem.minors import acts as minors
from nawzajem.notify.letters import is_needed, occasions
from nawzajem.notify.models import Letter
from nawzajem.offers.models import Offer
from nawzajem.pairs.models import Pair, Proposal
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Member, Unit
from nawzajem.rights import acts as rights
from nawzajem.rights import reads as data
from nawzajem.rulings import acts, chores, reads
from nawzajem.rulings.models import Ruling
from nawzajem.safety import acts as safety
from nawzajem.safety.models import Report
from tests.cast import HOUSE
from tests.rooms.hostile import WORDS

pytestmark = pytest.mark.django_db

SAID = {"reason": "pressure", "words": WORDS}
State = Ruling.State


def reported(world, about="bartek", by="ania", **fields) -> Report:
    return safety.report(world.actor(by), world.people[about], **{"reason": "pressure", "words": WORDS} | fields)


def decided(world, kind="warning", *, by="franek", about="bartek", **fields) -> Ruling:
    report = acts.take(world.actor(by), reported(world, about))
    return acts.rule(world.actor(by), report, kind=kind, **SAID | fields)


def paused(world, clock, *, days=20, **fields) -> Ruling:
    return decided(world, "pause", until=clock().date() + timedelta(days=days), urgent=True, **fields)


def told(kind: str) -> set[str]:
    """Ids of those to whom a letter goes out of the last event of this kind."""
    event = Event.objects.filter(kind=kind).latest("pk")
    return {person for _occasion, person in occasions(event)}


def letter(world, name: str, code: str, thing: str, kind: str = "safety") -> Letter:
    return Letter(person=world.people[name], programme=world.here, kind=kind, code=code, thing=thing)


# -- who may decide ---------------------------------------------------------------------------------------------------


def test_whoever_is_or_was_in_a_pair_with_somebody_in_it_does_not_see_the_report(world):
    world.pair("celina", "bartek")
    report = reported(world)
    assert not reads.reports(world.actor("celina"))
    assert reads.who_may_look_into(report) == [world.franek.pk]
    with pytest.raises(NotAllowed):
        acts.take(world.actor("celina"), report)
    assert reads.report(world.actor("franek"), report.pk) == report


@pytest.mark.parametrize(("leads", "led"), [("celina", "bartek"), ("bartek", "celina"), ("celina", "ania")])
def test_whoever_is_above_or_below_somebody_in_it_does_not_decide(world, leads, led):
    house = Unit.objects.create(programme=world.here, name="Oddział")
    ward = Unit.objects.create(programme=world.here, name="Sala", parent=house)
    Member.objects.filter(pk=world.member(leads).pk).update(unit=house, leads=True)
    Member.objects.filter(pk=world.member(led).pk).update(unit=ward)
    report = reported(world)
    assert not reads.reports(world.actor("celina"))
    with pytest.raises(NotAllowed):
        acts.take(world.actor("celina"), report)


def test_of_two_in_one_unit_of_whom_nobody_leads_each_may_look_into_it(world):
    ward = Unit.objects.create(programme=world.here, name="Sala")
    Member.objects.filter(programme=world.here).update(unit=ward)
    assert reads.reports(world.actor("celina")).count() == 0
    reported(world)
    assert reads.reports(world.actor("celina")).count() == 1


def test_a_report_of_somebody_on_duty_is_looked_into_by_another(world):
    report = safety.report(world.actor("ania"), world.franek, reason="unfair", side="member")
    assert reads.who_may_look_into(report) == [world.celina.pk]
    passed_on = safety.report(world.actor("celina"), world.bartek, reason="pressure", side="keeper")
    assert reads.who_may_look_into(passed_on) == [world.franek.pk]


def test_no_token_and_nobody_without_a_duty_decides(world):
    report = acts.take(world.actor("franek"), reported(world))
    for actor in (world.actor("ania"), world.actor("dawid"), world.actor("franek", scopes=frozenset({"coordinate"}))):
        with pytest.raises(NotAllowed):
            acts.rule(actor, report, kind="warning", **SAID)
    assert not Ruling.objects.exists()


def test_the_database_knows_too_that_nobody_decides_about_themselves(world):
    one = decided(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ruling.objects.filter(pk=one.pk).update(by=world.bartek)


def test_what_was_taken_by_somebody_who_is_not_on_duty_any_more_goes_back(world):
    report = acts.take(world.actor("franek"), reported(world))
    duty = world.member("franek").duties.get()
    programmes.lay_down(HOUSE.within(world.here.pk), duty)
    chores.keep_time()
    report.refresh_from_db()
    assert (report.state, report.taken_by) == ("raised", None)


# -- steps ------------------------------------------------------------------------------------------------------------


def test_a_note_is_seen_by_those_on_duty_alone(world):
    note = decided(world, "note")
    assert list(reads.about(world.actor("celina"), world.bartek.pk)) == [note]
    assert not reads.mine(world.actor("bartek"))
    for read in (reads.my_ruling, reads.ruling):
        with pytest.raises(NotFound):
            read(world.actor("bartek"), note.pk)
    assert not data.everything(world.actor("bartek"))["safety"]["decided_about_me"]
    assert not any(told(kind) for kind in Event.objects.values_list("kind", flat=True) if kind == "ruling.holds")
    assert Report.objects.get().state == "taken"


def test_a_warning_holds_at_once_is_told_and_closes_the_report(world):
    one = decided(world)
    assert (one.state, Report.objects.get().outcome) == (State.HOLDS, "warned")
    assert told("ruling.holds") == {world.bartek.pk}
    assert told("report.closed") == {world.ania.pk}
    assert reads.said(world.actor("bartek"), reads.my_ruling(world.actor("bartek"), one.pk)).words == WORDS
    assert world.member("bartek").state == "active"
    assert WORDS.encode() not in bytes(one.words)


def test_before_a_pause_that_is_not_urgent_somebody_is_heard(world, clock):
    until = clock().date() + timedelta(days=20)
    one = decided(world, "pause", until=until)
    assert (one.state, world.member("bartek").state) == (State.HEARD, "active")
    assert told("ruling.announced") == {world.bartek.pk}
    with pytest.raises(Stale):
        acts.settle(world.actor("celina"), one, holds=True)
    acts.reply(world.actor("bartek"), one, words="Było inaczej.")
    assert told("ruling.replied") == {world.celina.pk, world.franek.pk}
    acts.settle(world.actor("celina"), reads.ruling(world.actor("celina"), one.pk), holds=True)
    place = world.member("bartek")
    assert (place.state, place.paused_for, place.paused_until) == ("paused", "ruling", until)


def test_without_an_answer_it_is_decided_when_the_days_are_over(world, clock):
    one = decided(world, "pause", until=clock().date() + timedelta(days=20))
    clock(days=5)
    assert reads.to_decide(world.actor("celina")) == [one]
    acts.settle(world.actor("celina"), one, holds=False)
    assert (one.state, world.member("bartek").state) == (State.DROPPED, "active")
    assert told("ruling.dropped") == {world.bartek.pk}


def test_an_urgent_pause_holds_at_once_and_is_answered_afterwards(world, clock):
    one = paused(world, clock)
    assert (one.state, world.member("bartek").state) == (State.HOLDS, "paused")
    assert not world.actor("bartek").takes_part
    acts.reply(world.actor("bartek"), one, words="Było inaczej.")
    with pytest.raises(Closed):
        acts.reply(world.actor("bartek"), one, words="I jeszcze coś.")
    acts.lift(world.actor("celina"), reads.ruling(world.actor("celina"), one.pk))
    assert world.member("bartek").state == "active"


def test_a_pause_stops_proposals_and_tells_the_other_without_the_reason(world, clock):
    pair = world.pair()
    world.add("hugo")
    out = world.proposal("hugo", "bartek")
    paused(world, clock)
    assert Proposal.objects.get(pk=out.pk).state == "lapsed"
    assert Pair.objects.get(pk=pair.pk).state == pair.state
    assert told("pair.stilled") == {world.ania.pk}
    (other,) = conversations.others(world.actor("ania"), pair.conversation)
    assert other.rests
    facts = Event.objects.filter(kind="pair.stilled").values_list("facts", flat=True)
    assert list(facts) == [{}]
    with pytest.raises(Stale):
        world.proposal("gosia" if "gosia" in world.people else "ania", "bartek")


def test_a_pause_ends_by_itself_on_its_day(world, clock):
    one = paused(world, clock, days=20)
    clock(days=19)
    chores.keep_time()
    assert world.member("bartek").state == "paused"
    clock(days=1)
    chores.keep_time()
    one.refresh_from_db()
    assert (one.state, world.member("bartek").state) == (State.OVER, "active")
    assert told("ruling.over") == {world.bartek.pk}


def test_the_longer_of_two_pauses_holds(world, clock):
    paused(world, clock, days=5)
    paused(world, clock, days=20)
    clock(days=5)
    chores.keep_time()
    assert world.member("bartek").state == "paused"
    clock(days=15)
    chores.keep_time()
    assert world.member("bartek").state == "active"


def test_no_coordinator_ends_by_hand_what_was_decided(world, clock):
    paused(world, clock)
    with pytest.raises(NotAllowed):
        programmes.resume(world.actor("celina"), world.member("bartek"))


def test_a_pause_made_by_hand_before_is_there_again_afterwards(world, clock):
    programmes.pause(world.actor("celina"), world.member("bartek"))
    paused(world, clock, days=5)
    clock(days=5)
    chores.keep_time()
    place = world.member("bartek")
    assert (place.state, place.paused_for) == ("paused", "")


def test_leaving_and_coming_back_ends_no_pause(world, clock):
    paused(world, clock)
    rights.leave(world.actor("bartek"), world.member("bartek"))
    world.join("bartek", world.here)
    assert world.member("bartek").is_suspended


def test_a_guardians_yes_ends_no_pause(world, clock):
    world.here = programmes.choose(world.actor("celina"), world.here, guardian_consent=True, guardian_proof="paper")
    world.add("kasia", age="16_17")
    decided(world, "pause", about="kasia", until=clock().date() + timedelta(days=5), urgent=True)
    paper = {"name": "Maria Kowalska", "relation": "parent", "given_on": clock().date()}
    minors.record_paper(world.actor("celina"), world.member("kasia"), **paper)
    assert world.member("kasia").is_suspended
    clock(days=5)
    chores.keep_time()
    assert world.actor("kasia").takes_part


def test_after_a_pause_a_minor_waits_for_a_guardian_as_before(world, clock):
    world.here = programmes.choose(world.actor("celina"), world.here, guardian_consent=True)
    world.add("kasia", age="16_17")
    decided(world, "pause", about="kasia", until=clock().date() + timedelta(days=5), urgent=True)
    clock(days=5)
    chores.keep_time()
    place = world.member("kasia")
    assert (place.state, place.paused_for) == ("paused", "guardian")


def test_an_entry_that_is_found_during_a_pause_counts_when_it_ends(world, clock):
    paused(world, clock, days=5)
    minors.record_check(
        world.actor("celina"), world.member("bartek"), kind="register", result="found", done_on=clock().date()
    )
    assert world.member("bartek").is_suspended
    clock(days=5)
    chores.keep_time()
    assert world.member("bartek").paused_for == "checks"


def test_a_removal_ends_pairs_asks_offer_and_duties(world):
    pair = world.pair()
    programmes.give_duty(HOUSE.within(world.here.pk), world.member("bartek"), kind="educator")
    decided(world, "removal", urgent=True)
    place = world.member("bartek")
    assert (place.is_suspended, place.paused_for, place.duties.count()) == (True, "removed", 0)
    assert Pair.objects.get(pk=pair.pk).state == "closed"
    assert Offer.objects.get(person=world.bartek).state == "retired"
    assert told("pair.stilled") == {world.ania.pk}


def test_to_somebody_who_is_paused_come_only_letters_about_that(world, clock):
    one = paused(world, clock)
    assert is_needed(letter(world, "bartek", "ruling", one.pk))
    assert not is_needed(letter(world, "bartek", "lapsed", "x", kind="ask"))
    assert is_needed(letter(world, "ania", "lapsed", "x", kind="ask"))


def test_a_report_is_decided_once_and_a_pause_needs_a_day_to_come(world, clock):
    report = acts.take(world.actor("franek"), reported(world))
    for until in (None, clock().date(), clock().date() + timedelta(days=400)):
        with pytest.raises(Invalid):
            acts.rule(world.actor("franek"), report, kind="pause", until=until, **SAID)
    acts.rule(world.actor("franek"), report, kind="note", **SAID)
    acts.rule(world.actor("franek"), report, kind="warning", **SAID)
    with pytest.raises(Closed):
        acts.rule(world.actor("franek"), report, kind="warning", **SAID)


def test_sent_twice_with_one_key_it_is_decided_once(world):
    report = acts.take(world.actor("franek"), reported(world))
    same = {acts.rule(world.actor("franek"), report, kind="warning", key="a" * 12, **SAID).pk for _twice in range(2)}
    assert len(same) == Ruling.objects.count() == 1


# -- appeal -----------------------------------------------------------------------------------------------------------


def appealed(world, one):
    return acts.appeal(world.actor("bartek"), one, words="Proszę zajrzeć jeszcze raz.")


def test_an_appeal_is_decided_by_somebody_else(world, clock):
    appeal = appealed(world, paused(world, clock))
    assert told("ruling.appealed") == {world.celina.pk}
    assert reads.to_decide(world.actor("franek")) == []
    assert reads.to_decide(world.actor("celina")) == [appeal.ruling]
    with pytest.raises(NotAllowed):
        acts.decide(world.actor("franek"), appeal, outcome="lifted", words="x")
    acts.decide(world.actor("celina"), appeal, outcome="lifted", words="Racja.")
    assert world.member("bartek").state == "active"
    assert told("ruling.decided_anew") == {world.bartek.pk, world.ania.pk}
    (seen,) = reads.my_reports(world.actor("ania"))
    assert seen.anew == "lifted"


def test_upheld_it_holds_on_and_there_is_no_second_appeal(world, clock):
    one = paused(world, clock)
    acts.decide(world.actor("celina"), appealed(world, one), outcome="upheld", words="Zostaje.")
    assert world.member("bartek").state == "paused"
    with pytest.raises(Closed):
        acts.appeal(world.actor("bartek"), reads.my_ruling(world.actor("bartek"), one.pk), words="Jeszcze raz.")
    assert reads.said(world.actor("bartek"), reads.my_ruling(world.actor("bartek"), one.pk)).answer == "Zostaje."


def test_changed_it_becomes_milder_and_never_harder(world, clock):
    one, today = paused(world, clock, days=20), clock().date()
    appeal = appealed(world, one)
    for kind, until in (("removal", None), ("pause", today + timedelta(days=30)), ("", None), ("note", None)):
        if kind == "note":
            continue
        with pytest.raises(Invalid):
            acts.decide(world.actor("celina"), appeal, outcome="changed", words="x", kind=kind, until=until)
        appeal.refresh_from_db()
    acts.decide(
        world.actor("celina"), appeal, outcome="changed", words="x", kind="pause", until=today + timedelta(days=3)
    )
    assert world.member("bartek").paused_until == today + timedelta(days=3)
    clock(days=3)
    chores.keep_time()
    assert world.member("bartek").state == "active"


def test_a_pause_becomes_a_warning(world, clock):
    one = paused(world, clock)
    acts.decide(world.actor("celina"), appealed(world, one), outcome="changed", words="x", kind="warning")
    one.refresh_from_db()
    assert (one.kind, one.appeal.kind_before, world.member("bartek").state) == ("warning", "pause", "active")


def test_an_appeal_has_its_time(world, clock):
    one = decided(world)
    clock(days=181)
    with pytest.raises(Closed):
        appealed(world, one)


def test_nobody_else_answers_or_appeals(world, clock):
    one = paused(world, clock)
    for name in ("ania", "celina", "franek"):
        for deed in (acts.reply, acts.appeal):
            with pytest.raises(NotAllowed):
                deed(world.actor(name), one, words="x")


# -- what is kept -----------------------------------------------------------------------------------------------------


def test_evidence_outlives_the_message_and_its_author_and_goes_on_its_day(world, clock):
    clock(hours=(12 - clock().hour) % 24)  # from noon, a summer hour more or less does not end another day
    report = reported(world, evidence=WORDS)
    rights.erase(world.actor("bartek"), world.bartek, keep_messages=False)
    report.refresh_from_db()
    assert report.evidence
    assert report.about is None
    acts.close(world.actor("franek"), acts.take(world.actor("franek"), report), outcome="talked")
    clock(days=180)
    chores.let_evidence_go()
    report.refresh_from_db()
    assert report.evidence
    clock(days=1)
    chores.let_evidence_go()
    report.refresh_from_db()
    assert report.evidence is None


def test_evidence_stays_while_a_report_or_an_appeal_waits(world, clock):
    waits, decided_on = reported(world, evidence=WORDS, place="x:1"), reported(world, evidence=WORDS, place="x:2")
    one = acts.rule(world.actor("franek"), acts.take(world.actor("franek"), decided_on), kind="warning", **SAID)
    clock(days=150)
    appeal = appealed(world, one)
    clock(days=50)
    chores.let_evidence_go()
    assert Report.objects.filter(evidence__isnull=False).count() == 2
    acts.decide(world.actor("celina"), appeal, outcome="upheld", words="x")
    chores.let_evidence_go()
    assert list(Report.objects.filter(evidence__isnull=False)) == [waits]


def test_what_is_long_over_goes_and_what_holds_stays(world, clock):
    warned, removed = decided(world), decided(world, "removal", urgent=True, about="ania" if False else "bartek")
    clock(days=366)
    rights.keep_to_time(HOUSE.within(world.here.pk), world.here)
    assert list(Ruling.objects.all()) == [removed]
    assert not Ruling.objects.filter(pk=warned.pk).exists()


def test_the_download_of_whoever_is_paused_holds_their_own_words_and_when_others_wrote(world, clock):
    talk = world.pair("ania", "bartek").conversation
    messages.send(world.actor("ania"), talk, text="Słowa Ani.", client_key="00000001")
    messages.send(world.actor("bartek"), talk, text="Słowa Bartka.", client_key="00000002")
    one = paused(world, clock)

    def told(name: str) -> dict:
        (mine,) = data.everything(world.actor(name))["conversations"]
        return mine

    assert [line["text"] for line in told("bartek")["messages"] if line["by"] == "me"] == ["Słowa Bartka."]
    assert [line["text"] for line in told("bartek")["messages"] if line["by"] != "me"] == [""]
    assert told("bartek")["words_of_others_held_back"]
    assert "Słowa Ani." in str(told("ania"))
    assert "Słowa Bartka." in str(told("ania"))
    acts.lift(world.actor("celina"), one)
    assert "Słowa Ani." in str(told("bartek"))


def test_the_download_tells_what_was_decided_and_said(world, clock):
    one = paused(world, clock)
    acts.reply(world.actor("bartek"), one, words="Było inaczej.")
    (mine,) = data.everything(world.actor("bartek"))["safety"]["decided_about_me"]
    assert (mine["words"], mine["my_reply"]) == (WORDS, "Było inaczej.")
    assert "decided_about_me" in data.everything(world.actor("franek"))["safety"]
    (made,) = data.everything(world.actor("franek"))["safety"]["decided_by_me"]
    assert WORDS not in str(made)
