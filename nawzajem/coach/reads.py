"""A hint for what is being written; what became of one's hints; a talk looked back at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q

from nawzajem.coach import rules
from nawzajem.coach.models import Hint
from nawzajem.coach.words import PITFALLS, Told
from nawzajem.conversations import reads as conversations
from nawzajem.conversations.reads import Line
from nawzajem.core.coaching import Coached, Help, LookBack, Noticed, Pitfall, Turn, look_back
from nawzajem.ground import clock, language
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotAllowed, NotFound
from nawzajem.pairs.models import Pair

REST = timedelta(minutes=30)  # in which what was put aside is not said again
LOOKED_AT = 200  # messages at most, when a talk is looked back at
WEEKS = 12


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the field, looked at beside what it answers."""

    noticed: Noticed | None  # the surest pitfall that has not just been put aside
    codes: frozenset[Pitfall]

    @property
    def told(self) -> Told:
        assert self.noticed is not None
        return PITFALLS[Pitfall(self.noticed.code)]


def draft(actor: Actor, pair: Pair, text: str) -> Draft:
    """Nothing of it is kept."""
    if not rules.may_be_hinted(actor, pair):
        raise NotAllowed
    found = language.coached(text, actor.language, context=_answered(actor, pair)).pitfalls
    rests = set(_put_aside(actor))
    fresh = next((one for one in found if one.code not in rests), None)
    return Draft(fresh, frozenset(Pitfall(one.code) for one in found))


def _answered(actor: Actor, pair: Pair) -> str:
    """The last that the other said."""
    last = conversations.lines(actor, pair.conversation, before=pair.conversation.last_seq + 1, most=10)
    return next((line.text for line in reversed(last) if not line.mine and line.text), "")


def _put_aside(actor: Actor) -> Sequence[str]:
    mine = Hint.objects.visible_to(actor).filter(shown_at__gt=clock.now() - REST)
    return list(mine.filter(outcome=Hint.Outcome.DISMISSED).values_list("code", flat=True))


def hint(actor: Actor, hint_id: str) -> Hint:
    found = Hint.objects.visible_to(actor).filter(pk=hint_id).first()
    if found is None:
        raise NotFound
    return found


# -- for oneself ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grown:
    """What became of one's hints of one kind in the last weeks."""

    code: str
    name: str
    told: Told
    shown: int
    followed: int
    dismissed: int


def growth(actor: Actor) -> list[Grown]:
    """The most frequent first."""
    mine = Hint.objects.visible_to(actor).filter(shown_at__gt=clock.now() - timedelta(weeks=WEEKS))
    followed, dismissed = (Count("pk", filter=Q(outcome=one)) for one in ("followed", "dismissed"))
    rows = mine.values("code").annotate(shown=Count("pk"), followed=followed, dismissed=dismissed)
    return [
        Grown(
            row["code"],
            str(Hint.Code(row["code"]).label),
            PITFALLS[Pitfall(row["code"])],
            row["shown"],
            row["followed"],
            row["dismissed"],
        )
        for row in rows.order_by("-shown", "code")
    ]


@dataclass(frozen=True, slots=True)
class Helped:
    """One's own message after which the other opened up, or in which something helpful stood."""

    text: str
    helps: list[Help]
    opened_up: bool


@dataclass(frozen=True, slots=True)
class Back:
    counts: LookBack
    worked: list[Helped]

    @property
    def my_percent(self) -> int:
        return round(100 * self.counts.my_share)


def back(actor: Actor, pair: Pair) -> Back:
    """A talk looked back at, for whoever helped in it. Computed while one looks, and kept nowhere."""
    if not rules.may_look_back(actor, pair):
        raise NotFound
    last = pair.conversation.last_seq
    lines = conversations.lines(actor, pair.conversation, before=last + 1, most=LOOKED_AT)
    said = _turns(actor, [line for line in lines if line.text])
    counts = look_back(said)
    worked = [_helped(turn, at in counts.opened_up_after) for at, turn in enumerate(said) if turn.mine]
    return Back(counts, [one for one in worked if one.opened_up or one.helps][-5:])


def _turns(actor: Actor, lines: Sequence[Line]) -> list[Turn]:
    turns, before = [], ""
    for line in lines:
        coached: Coached | None = None
        if line.mine:
            coached = language.coached(line.text, actor.language, context=before)
        else:
            before = line.text
        turns.append(Turn(line.mine, line.text, coached))
    return turns


def _helped(turn: Turn, opened_up: bool) -> Helped:
    helps = [Help(one.code) for one in turn.coached.helps] if turn.coached else []
    return Helped(turn.text, helps, opened_up)
