"""Blocks and reports: for everybody at any time, seen by nobody whom they concern."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from nawzajem.ground import events
from nawzajem.ground.actor import NOBODY
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Closed, NotAllowed, NotFound, Stale
from nawzajem.programmes import acts as programmes
from nawzajem.rulings import acts as rulings
from nawzajem.rulings import chores
from nawzajem.rulings import reads as desk
from nawzajem.safety import acts, reads
from nawzajem.safety.forms import CloseForm, ReportForm
from nawzajem.safety.models import REASONS, Block, Report
from tests.cast import HOUSE
from tests.rooms.hostile import CODES, EMOJI, LONG, MARKS, NUL, WORDS

pytestmark = pytest.mark.django_db

KEEPERS = ["celina", "franek"]
NOT_KEEPERS = ["ania", "bartek", "dawid"]


@pytest.fixture
def report(world):
    return acts.report(
        world.actor("ania"), world.bartek, reason="pressure", words=WORDS, place="message:abc:3", evidence=WORDS
    )


def must_agree_again(world):
    programmes.rewrite(world.actor("celina"), world.here, code="confidentiality", words={"en": "x"})


def paused(world):
    programmes.pause(world.actor("celina"), world.member("ania"))


# -- blocks -----------------------------------------------------------------------------------------------------------


def test_a_block_holds_for_both_and_only_its_maker_lists_it(world):
    made = acts.block(world.actor("ania"), world.bartek)
    assert reads.blocked(world.ania.pk, world.bartek.pk)
    assert reads.blocked(world.bartek.pk, world.ania.pk)
    assert reads.strangers_for_ever(world.ania.pk) == {world.bartek.pk}
    assert reads.strangers_for_ever(world.bartek.pk) == {world.ania.pk}
    assert list(reads.my_blocks(world.actor("ania"))) == [made]
    assert not reads.my_blocks(world.actor("bartek"))
    assert not reads.blocked(world.ania.pk, world.celina.pk)


def test_a_second_block_is_the_same_and_no_news(world):
    first = acts.block(world.actor("ania"), world.bartek)
    assert acts.block(world.actor("ania"), world.bartek) == first
    told = list(events.of(first))
    assert [(one.kind, one.facts, one.by) for one in told] == [("person.blocked", {}, world.ania.pk)]


@pytest.mark.parametrize("how", [paused, must_agree_again])
def test_one_may_always_block_and_report(world, how):
    how(world)
    assert acts.block(world.actor("ania"), world.bartek)
    assert acts.report(world.actor("ania"), world.bartek, reason="other")


def test_who_has_left_may_still_block(world):
    assert acts.block(world.actor("ewa"), world.bartek)


def test_nobody_blocks_themselves_and_nobody_blocks_nobody(world):
    for actor in (world.actor("ania"), NOBODY, HOUSE):
        with pytest.raises(NotAllowed):
            acts.block(actor, world.ania)
    with pytest.raises(IntegrityError), transaction.atomic():
        Block.objects.create(by=world.ania, of=world.ania)


# -- reports ----------------------------------------------------------------------------------------------------------


def test_a_report_tells_why_and_keeps_the_words_for_those_who_look_into_it(world, report):
    assert events.last(report, "report.raised").facts == {"reason": "pressure"}
    for name in KEEPERS:
        found = desk.report(world.actor(name), report.pk)
        assert desk.words_of(world.actor(name), found) == WORDS
    assert reads.my_words(world.actor("ania"), report) == WORDS


def test_evidence_is_sealed_and_no_read_opens_it(world, report):
    assert WORDS.encode() not in bytes(report.evidence)
    readers = [getattr(room, name) for room in (reads, desk) for name in dir(room) if not name.startswith("_")]
    assert not [read for read in readers if "evidence" in getattr(getattr(read, "__code__", None), "co_names", ())]


@pytest.mark.parametrize("name", NOT_KEEPERS)
def test_nobody_else_finds_it(world, report, name):
    assert not desk.reports(world.actor(name))
    with pytest.raises(NotFound):
        desk.report(world.actor(name), report.pk)
    with pytest.raises(NotFound):
        desk.words_of(world.actor(name), report)
    if name != "ania":
        with pytest.raises(NotFound):
            reads.my_words(world.actor(name), report)


def test_a_keeper_does_not_look_into_what_concerns_themselves(world):
    about, by = (
        acts.report(world.actor("ania"), world.celina, reason="hurtful", words=WORDS),
        acts.report(world.actor("celina"), world.bartek, reason="hurtful", words=WORDS),
    )
    assert not desk.reports(world.actor("celina"))
    for one in (about, by):
        with pytest.raises(NotFound):
            desk.report(world.actor("celina"), one.pk)
        with pytest.raises(NotAllowed):
            rulings.take(world.actor("celina"), one)
    assert desk.reports(world.actor("franek")).count() == 2


def test_reports_stay_in_their_programme(world, report):
    world.join("dawid", world.here)
    programmes.give_duty(HOUSE, world.member("dawid"), kind="coordinator")
    assert desk.reports(world.actor("dawid")).count() == 1
    assert not desk.reports(world.actor("dawid", world.elsewhere))
    with pytest.raises(NotAllowed):
        rulings.take(world.actor("dawid", world.elsewhere), report)


def test_a_paused_keeper_reads_no_report(world, report):
    programmes.pause(HOUSE.within(world.here.pk), world.member("celina"))
    assert not desk.reports(world.actor("celina"))
    with pytest.raises(NotFound):
        desk.words_of(world.actor("celina"), report)


def test_the_words_of_somebody_erased_are_not_read_by_nobody(world, report):
    Report.objects.filter(pk=report.pk).update(by=None)
    report.refresh_from_db()
    for actor in (NOBODY, HOUSE.within(world.here.pk)):
        with pytest.raises(NotFound):
            desk.words_of(actor, report)
    assert desk.words_of(world.actor("celina"), report) == WORDS


def test_nobody_reports_themselves_or_from_outside(world):
    for actor in (world.actor("dawid"), world.actor("bartek"), NOBODY):
        with pytest.raises(NotAllowed):
            acts.report(actor, world.bartek, reason="other")


def test_a_report_may_be_about_nobody_or_about_somebody_who_left(world):
    assert acts.report(world.actor("ania"), None, reason="danger").about is None
    assert acts.report(world.actor("ania"), world.ewa, reason="danger").about == world.ewa


# -- looking into it --------------------------------------------------------------------------------------------------


def test_one_takes_it_and_closes_it_with_what_was_done(world, report):
    rulings.take(world.actor("celina"), report)
    assert (report.state, report.taken_by_id) == (Report.State.TAKEN, world.celina.pk)
    rulings.close(world.actor("celina"), report, outcome="talked")
    assert events.last(report, "report.taken").facts == {}
    assert events.last(report, "report.closed").facts == {"outcome": "talked"}
    assert not desk.waiting_reports(world.actor("celina"))
    assert desk.reports(world.actor("celina")).count() == 1


def test_a_report_that_another_took_is_stale_and_a_closed_one_closed(world, report):
    seen = Report.objects.get(pk=report.pk)
    rulings.take(world.actor("celina"), report)
    with pytest.raises(Stale):
        rulings.take(world.actor("franek"), seen)
    rulings.close(world.actor("franek"), report, outcome="nothing")
    for deed in (
        lambda: rulings.take(world.actor("celina"), report),
        lambda: rulings.close(world.actor("celina"), report, outcome="warned"),
    ):
        with pytest.raises(Closed):
            deed()


def test_nothing_is_closed_that_nobody_looked_into(world, report):
    with pytest.raises(Stale):
        rulings.close(world.actor("celina"), report, outcome="nothing")


@pytest.mark.parametrize("name", NOT_KEEPERS)
def test_nobody_else_looks_into_it(world, report, name):
    with pytest.raises(NotAllowed):
        rulings.take(world.actor(name), report)
    with pytest.raises(NotAllowed):
        rulings.close(world.actor(name), report, outcome="nothing")
    assert not Event.objects.filter(kind__in=["report.taken", "report.closed"]).exists()


# -- what may be typed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", Report.Reason.values)
def test_a_reason_is_enough(reason):
    form = ReportForm({"reason": reason})
    assert form.is_valid()
    assert form.cleaned_data == {"reason": reason, "words": "", "block": False}
    assert ReportForm({"reason": reason, "words": MARKS + EMOJI, "block": "on"}).is_valid()


@pytest.mark.parametrize("typed", CODES)
def test_no_other_reason_or_outcome_is_taken(typed):
    assert "reason" in ReportForm({"reason": typed}).errors
    assert "outcome" in CloseForm({"outcome": typed}).errors


@pytest.mark.parametrize("typed", [NUL, LONG])
def test_words_have_an_end(typed):
    assert "words" in ReportForm({"reason": "other", "words": typed}).errors


@pytest.mark.parametrize("outcome", Report.Outcome.values)
def test_by_hand_only_those_outcomes_are_said_that_nothing_has_to_follow(outcome):
    assert CloseForm({"outcome": outcome}).is_valid() == (outcome in {"talked", "nothing"})


@pytest.mark.parametrize("side", Report.Side.values)
def test_the_reasons_fit_who_reports_whom(side):
    offered = [value for value, _label in ReportForm(side=side).fields["reason"].choices]
    assert offered == list(REASONS[side])
    assert "other" in offered
    left_out = set(Report.Reason.values) - set(offered)
    assert left_out
    assert "reason" in ReportForm({"reason": left_out.pop()}, side=side).errors


def test_a_report_says_by_when_somebody_takes_it_and_how_long_its_evidence_lasts(world, clock):
    made = acts.report(world.actor("ania"), world.bartek, reason="hurtful", side="asker", evidence=WORDS)
    grave = acts.report(world.actor("ania"), world.bartek, reason="threat", side="asker")
    assert (made.due_at - made.at, grave.due_at - grave.at) == (timedelta(hours=72), timedelta(hours=12))
    assert made.evidence_until == clock().date() + timedelta(days=180)
    assert [one.pk for one in desk.queue(world.actor("celina"), "open")] == [grave.pk, made.pk]


def test_a_report_that_nobody_took_in_time_is_told_of_again_once(world, clock):
    made = acts.report(world.actor("ania"), world.bartek, reason="hurtful")
    clock(hours=73)
    chores.keep_time()
    chores.keep_time()
    assert [one.facts for one in Event.objects.filter(kind="report.late")] == [{"reason": "hurtful"}]
    made.refresh_from_db()
    assert made.is_late
