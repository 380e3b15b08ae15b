"""Concerns led through every order of failures that chance thinks of: people on duty away, asleep, erased from the roster, the
post down, the worker killed in the middle. What must hold is looked at whenever the worker has had its turn: no concern is
without somebody who has it, or a clock that runs; and where everybody was called in vain, the fallback knows, or is tried on."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from nawzajem.ground import clock as house_clock
from nawzajem.ground.actor import CHORE
from nawzajem.ground.refusals import Refusal
from nawzajem.notify import fallback
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Duty, Member
from nawzajem.safety.concerns import acts, chores, reads
from nawzajem.safety.concerns.models import Call, Concern
from tests.cast import HOUSE

pytestmark = pytest.mark.django_db

OFFICERS = ("franek", "hania", "iga")
State = Concern.State
officer, about = st.sampled_from(OFFICERS), st.sampled_from(("ania", "bartek", "franek"))


class Killed(BaseException):
    """The process is gone: nothing after this is done, and nothing in the same transaction was."""


class Danger(RuleBasedStateMachine):
    world: Any = None
    time: dict[str, datetime]
    began: datetime

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.time["now"] = self.began
        self.post_is_up = True
        self.had_its_turn = True
        mail.outbox.clear()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    # -- what happens -------------------------------------------------------------------------------------------------

    @rule(who=about, tier=st.integers(1, 3), talk=st.sampled_from(("one", "two")))
    def a_sign_is_found(self, who: str, tier: int, talk: str) -> None:
        with transaction.atomic():
            acts.raise_concern(
                CHORE.within(self.world.here.pk), self.world.people[who], origin="screening", tier=tier, talk=talk
            )
        self.had_its_turn = False

    @rule(minutes=st.sampled_from((1, 4, 6, 16, 31, 250, 500)))
    def time_passes(self, minutes: int) -> None:
        self.time["now"] += timedelta(minutes=minutes)
        self.had_its_turn = False

    @rule()
    def the_worker_has_its_turn(self) -> None:
        self._work()
        self.had_its_turn = True

    @rule(after=st.integers(0, 4))
    def the_worker_is_killed_in_the_middle(self, after: int) -> None:
        left = [after]

        def dies(*things: Any, **facts: Any) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        with contextlib.suppress(Killed), transaction.atomic(), patch.object(acts, "emit", dies):
            self._work()
        self.had_its_turn = False

    @rule(up=st.booleans())
    def the_post_goes_down_or_comes_back(self, up: bool) -> None:
        self.post_is_up = up

    @rule(who=officer)
    def somebody_takes_one(self, who: str) -> None:
        self._tried(acts.take, who)

    @rule(who=officer)
    def somebody_cannot(self, who: str) -> None:
        self._tried(acts.pass_on, who)
        self.had_its_turn = False

    @rule(who=officer)
    def somebody_does_something(self, who: str) -> None:
        self._tried(lambda actor, one: acts.note(actor, one, what="wrote"), who)

    @rule(who=officer, to=officer)
    def somebody_hands_over(self, who: str, to: str) -> None:
        self._tried(lambda actor, one: acts.hand_over(actor, one, self.world.people[to]), who)

    @rule(who=officer)
    def somebody_closes(self, who: str) -> None:
        self._tried(lambda actor, one: acts.close(actor, one, outcome="safe"), who)

    @rule(who=officer)
    def somebody_lays_the_duty_down(self, who: str) -> None:
        for duty in Duty.objects.filter(member__person=self.world.people[who]):
            programmes.lay_down(HOUSE.within(self.world.here.pk), duty)
        self.had_its_turn = False

    @rule(who=officer)
    def somebody_gets_the_duty(self, who: str) -> None:
        member = Member.objects.get(person=self.world.people[who], programme=self.world.here)
        programmes.give_duty(HOUSE.within(self.world.here.pk), member, kind="duty_officer")

    @rule(who=officer, gone=st.booleans())
    def somebody_is_away_or_on_shift(self, who: str, gone: bool) -> None:
        now, actor = self.time["now"], self.world.actor("celina")
        ends = now + timedelta(hours=3)
        acts.add_shift(actor, self.world.people[who], begins_at=now, ends_at=ends, is_away=gone)

    # -- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def nobody_is_called_twice_at_once_or_about_themselves(self) -> None:
        for call in Call.objects.select_related("concern"):
            assert call.person_id != call.concern.about_id

    @invariant()
    def no_concern_is_unowned_past_its_clock(self) -> None:
        if not self.had_its_turn:
            return
        on_duty = {one.pk for one in reads.officers(self.world.here)}
        for one in Concern.objects.going().select_related("programme"):
            if one.state == State.IN_CARE:
                assert one.owner_id in on_duty
                continue
            assert one.next_at > self.time["now"]
            if one.state == State.ACKNOWLEDGED:
                assert one.owner_id in on_duty
            else:
                called = one.calls.filter(answer="waiting", person__in=on_duty).exists()
                assert called or one.fallback_due_at is not None

    @invariant()
    def where_all_were_called_in_vain_the_fallback_knows_or_is_tried_on(self) -> None:
        if not self.had_its_turn:
            return
        for one in Concern.objects.filter(state=State.RAISED, round__gt=0):
            assert one.fallback_due_at is not None
            assert one.fallback_told_at or one.fallback_due_at > self.time["now"] - timedelta(minutes=3)
            if one.fallback_told_at:
                assert mail.outbox

    # -- by the way ---------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        def send(message: Any, **_words: Any) -> int:
            if not self.post_is_up:
                raise OSError
            mail.outbox.append(message)
            return 1

        chores.give_back()
        chores.call()
        with patch("django.core.mail.EmailMessage.send", send):
            fallback.tell()

    def _tried(self, deed: Any, who: str) -> None:
        """On the first that they see, if they may."""
        actor = self.world.actor(who)
        one = reads.queue(actor).first()
        if one is not None:
            with contextlib.suppress(Refusal), transaction.atomic():
                deed(actor, one)


@pytest.fixture
def danger(world: Any, monkeypatch: pytest.MonkeyPatch) -> type[Danger]:
    for name in OFFICERS[1:]:
        world.add(name)
        programmes.give_duty(HOUSE.within(world.here.pk), world.member(name), kind="duty_officer")
    programmes.choose(HOUSE.within(world.here.pk), world.here, fallback_email="last@example.org")
    Danger.world, Danger.began = world.afresh(), house_clock.now()
    Danger.time = {"now": Danger.began}
    monkeypatch.setattr(house_clock, "now", lambda: Danger.time["now"])
    return Danger


def test_no_concern_is_unowned_past_its_clock_in_any_order_of_failures(danger: type[Danger]) -> None:
    """The same orders each time; with NAWZAJEM_LIVES=300 that many, and others each time."""
    more = int(os.environ.get("NAWZAJEM_LIVES", "0"))
    bounded = settings(
        max_examples=more or 12,
        stateful_step_count=25,
        derandomize=not more,
        database=None,
        deadline=None,
        phases=list(Phase) if more else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(danger, settings=bounded)
