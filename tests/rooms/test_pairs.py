"""From a suggestion to the ending."""

from __future__ import annotations

import pytest

from nawzajem.asks.models import Ask
from nawzajem.conversations import acts as conversations
from nawzajem.ground.refusals import NotAllowed, NotFound, Stale
from nawzajem.pairs import acts, reads
from nawzajem.pairs.models import Pair, Proposal

pytestmark = pytest.mark.django_db


def test_both_say_yes_and_a_conversation_opens(world):
    pair = world.pair()
    assert pair.state == Pair.State.BEGUN
    assert pair.ask.state == Ask.State.PAIRED
    assert pair.offer.taken == 1
    assert {one.person_id for one in pair.conversation.participants.all()} == {world.ania.pk, world.bartek.pk}


def test_the_others_answer_is_not_seen_before_both_have_answered(world):
    proposal = world.proposal(origin="coordinator")
    acts.answer(world.actor("ania"), proposal, yes=True)
    seen = reads.put(world.actor("bartek"), reads.proposal(world.actor("bartek"), proposal.pk))
    assert seen.i_said is None
    assert seen.card is None
