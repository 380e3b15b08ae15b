"""Blocks and reports: for everybody at any time, seen by nobody whom they concern."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from nawzajem.ground import events
from nawzajem.ground.actor import NOBODY
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Closed, NotAllowed, NotFound, Stale
from nawzajem.programmes import acts as programmes
from nawzajem.safety import acts, reads
from nawzajem.safety.forms import CloseForm, ReportForm
from nawzajem.safety.models import Block, Report
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
        found = reads.report(world.actor(name), report.pk)
        assert reads.words_of(world.actor(name), found) == WORDS
    assert reads.words_of(world.actor("ania"), report) == WORDS  # her own


def test_evidence_is_sealed_and_no_read_opens_it(world, report):
    assert WORDS.encode() not in bytes(report.evidence)
    readers = [getattr(reads, name) for name in dir(reads) if not name.startswith("_")]
    assert not [read for read in readers if "evidence" in getattr(getattr(read, "__code__", None), "co_names", ())]


@pytest.mark.parametrize("name", NOT_KEEPERS)
def test_nobody_else_finds_it(world, report, name):
    assert not reads.reports(world.actor(name))
    with pytest.raises(NotFound):
        reads.report(world.actor(name), report.pk)
    if name != "ania":
        with pytest.raises(NotFound):
            reads.words_of(world.actor(name), report)


def test_a_keeper_does_not_look_into_what_concerns_themselves(world):
    about, by = (
        acts.report(world.actor("ania"), world.celina, reason="hurtful", words=WORDS),
        acts.report(world.actor("celina"), world.bartek, reason="hurtful", words=WORDS),
    )
    assert not reads.reports(world.actor("celina"))
    for one in (about, by):
        with pytest.raises(NotFound):
            reads.report(world.actor("celina"), one.pk)
        with pytest.raises(NotAllowed):
            acts.take(world.actor("celina"), one)
    assert reads.reports(world.actor("franek")).count() == 2


def test_reports_stay_in_their_programme(world, report):
    world.join("dawid", world.here)
    programmes.give_duty(HOUSE, world.member("dawid"), kind="coordinator")
    assert reads.reports(world.actor("dawid")).count() == 1
    assert not reads.reports(world.actor("dawid", world.elsewhere))
    with pytest.raises(NotAllowed):
        acts.take(world.actor("dawid", world.elsewhere), report)


def test_a_paused_keeper_reads_no_report(world, report):
    programmes.pause(HOUSE.within(world.here.pk), world.member("celina"))
    assert not reads.reports(world.actor("celina"))
    with pytest.raises(NotFound):
        reads.words_of(world.actor("celina"), report)


def test_the_words_of_somebody_erased_are_not_read_by_nobody(world, report):
    Report.objects.filter(pk=report.pk).update(by=None)
    report.refresh_from_db()
    for actor in (NOBODY, HOUSE.within(world.here.pk)):
        with pytest.raises(NotFound):
            reads.words_of(actor, report)
    assert reads.words_of(world.actor("celina"), report) == WORDS


def test_nobody_reports_themselves_or_from_outside(world):
    for actor in (world.actor("dawid"), world.actor("bartek"), NOBODY):
        with pytest.raises(NotAllowed):
            acts.report(actor, world.bartek, reason="other")


def test_a_report_may_be_about_nobody_or_about_somebody_who_left(world):
    assert acts.report(world.actor("ania"), None, reason="danger").about is None
    assert acts.report(world.actor("ania"), world.ewa, reason="danger").about == world.ewa


# -- looking into it --------------------------------------------------------------------------------------------------


def test_one_takes_it_and_closes_it_with_what_was_done(world, report):
    acts.take(world.actor("celina"), report)
    assert (report.state, report.taken_by_id) == (Report.State.TAKEN, world.celina.pk)
    acts.close(world.actor("celina"), report, outcome="talked")
    assert events.last(report, "report.taken").facts == {}
    assert events.last(report, "report.closed").facts == {"outcome": "talked"}
    assert not reads.waiting_reports(world.actor("celina"))
    assert reads.reports(world.actor("celina")).count() == 1


def test_a_report_that_another_took_is_stale_and_a_closed_one_closed(world, report):
    seen = Report.objects.get(pk=report.pk)
    acts.take(world.actor("celina"), report)
    with pytest.raises(Stale):
        acts.take(world.actor("franek"), seen)
    acts.close(world.actor("franek"), report, outcome="nothing")
    for deed in (
        lambda: acts.take(world.actor("celina"), report),
        lambda: acts.close(world.actor("celina"), report, outcome="warned"),
    ):
        with pytest.raises(Closed):
            deed()


def test_nothing_is_closed_that_nobody_looked_into(world, report):
    with pytest.raises(Stale):
        acts.close(world.actor("celina"), report, outcome="nothing")


@pytest.mark.parametrize("name", NOT_KEEPERS)
def test_nobody_else_looks_into_it(world, report, name):
    with pytest.raises(NotAllowed):
        acts.take(world.actor(name), report)
    with pytest.raises(NotAllowed):
        acts.close(world.actor(name), report, outcome="nothing")
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
def test_every_outcome_can_be_said(outcome):
    assert CloseForm({"outcome": outcome}).is_valid()
