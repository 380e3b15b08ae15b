"""Looking through what was sent for signs of danger: after the commit, never on the way of sending.

The one reader that takes part in no conversation. It is the house itself, it tells nobody what it read, and it keeps of a
message only its place. Each conversation knows up to where it was looked through; the place and what was found move in one
transaction, so a worker that dies leaves everything for the next, and nothing is raised twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet

from nawzajem.conversations import acts
from nawzajem.conversations.models import Conversation, Message
from nawzajem.core.screening import Finding, Kind, OwnWords, Tier
from nawzajem.ground import language
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.chores import each
from nawzajem.ground.seal import readable
from nawzajem.people.models import Person
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.options import Options
from nawzajem.safety.concerns import acts as concerns
from nawzajem.safety.concerns.models import Watch

AT_ONCE = 500  # conversations in one go
MOST = 200  # messages of one conversation in one transaction


@dataclass(frozen=True, slots=True)
class Found:
    """A message that shows a sign."""

    seq: int
    author: Person
    finding: Finding


def some_new() -> bool:
    return unscreened().exists()


def unscreened() -> QuerySet[Conversation]:
    """Conversations of programmes that screen, in which something was sent that nobody looked through."""
    new = Conversation.objects.filter(unscreened=True, last_seq__gt=F("screened_seq"), vault__isnull=False)
    return new.filter(programme__in=Watch.objects.values("programme")).select_related("programme")


def look_through() -> None:
    for conversation in unscreened()[:AT_ONCE]:
        each(CHORE.within(conversation.programme_id), _look_through, [conversation])


def watch() -> None:
    """Programmes that were switched on begin with what is sent from now on; those switched off end."""
    watched = set(Watch.objects.values_list("programme", flat=True))
    for programme in programmes.kept():
        if programme.options.screening and programme.pk not in watched:
            each(CHORE.within(programme.pk), acts.begin_screening, [programme])
        elif not programme.options.screening and programme.pk in watched:
            each(CHORE.within(programme.pk), concerns.end_watch, [programme])


def _look_through(actor: Actor, conversation: Conversation) -> None:
    seen = conversation.screened_seq
    upto = min(conversation.last_seq, seen + MOST)
    acts.screened(actor, conversation, seen=seen, upto=upto, found=_found(conversation, seen, upto))


def _found(conversation: Conversation, seen: int, upto: int) -> list[Found]:
    """Of what was said or changed after one place up to another, what is put before somebody on duty."""
    options = conversation.programme.options
    least, words = Tier[options.screening_from.upper()], own_words(options)
    rows = Message.objects.filter(conversation=conversation, latest_seq__gt=seen, latest_seq__lte=upto)
    found = []
    for row in rows.select_related("author__person"):
        text, person = _text(conversation, row), row.author.person
        if text and person is not None:
            finding = language.screened(text, person.language, words=words, before=_before(conversation, row))
            if finding.tier >= least:
                found.append(Found(row.seq, person, finding))
    return found


def _text(conversation: Conversation, message: Message) -> str:
    """Empty where it was taken back, or where the key does not open it: one damaged message must not hide those after it."""
    return readable(conversation.vault, message.body, about=message.about) or ""


def _before(conversation: Conversation, message: Message) -> str:
    """The last words of the other side before it, to which a bare "yes" may be the answer."""
    others = Message.objects.filter(conversation=conversation, seq__lt=message.seq).exclude(author=message.author_id)
    said = others.order_by("-seq").first()
    return _text(conversation, said) if said else ""


def own_words(options: Options) -> Sequence[OwnWords]:
    """What the programme itself wants to be known, in the screening's terms."""
    return tuple(
        OwnWords(one.words, Tier[one.tier.upper()], Kind(one.kind), one.language) for one in options.screening_words
    )
