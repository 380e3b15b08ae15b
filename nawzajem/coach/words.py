"""The coach's words: why a pitfall may hurt in one kind sentence, and a question back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nawzajem.core.coaching import Help, Pitfall

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Sentence


@dataclass(frozen=True, slots=True)
class Told:
    why: Sentence
    back: Sentence  # a question: it writes nothing for anybody


PITFALLS: Mapping[Pitfall, Told] = {
    Pitfall.DIRECTIVE: Told(
        _("Advice that comes before it is wished for can sound as if the other had not thought of it."),
        _("What would you like to know first about what has been tried already?"),
    ),
    Pitfall.MINIMISING: Told(
        _("Whoever hurts and hears that it is not so bad often falls silent."),
        _("What might it be like for the other just now?"),
    ),
    Pitfall.REASSURANCE: Told(
        _("We do not know that it will turn out well, and the other knows that too."),
        _("What can you say that is surely true?"),
    ),
    Pitfall.HIJACKING: Told(
        _("Your experience is worth a lot here; when it takes over, the other has to listen."),
        _("How does this lead back to the other?"),
    ),
    Pitfall.JUDGING: Told(
        _("Whoever feels judged defends themselves or goes."),
        _("What may have been the reasons, seen from there?"),
    ),
    Pitfall.DIAGNOSING: Told(
        _("A name for it can stick, and only somebody trained who has met the person can give one."),
        _("What did you notice that made you think of it?"),
    ),
    Pitfall.SECRECY: Told(
        _(
            "If life were in danger, you would have to tell somebody; a broken promise weighs more than an honest limit."
        ),
        _("What can you promise and keep?"),
    ),
    Pitfall.RESCUING: Told(
        _("Much that is promised in a warm moment cannot be kept, and the other may need to do it themselves."),
        _("What is really possible for you this week?"),
    ),
    Pitfall.INTERROGATING: Told(
        _("A why can sound like a reproach, even when it is meant kindly."),
        _("What do you wish to understand, and could it be asked with what or how?"),
    ),
    Pitfall.PRIVATE: Told(
        _("Outside this place nobody can stand by either of you, and money changes what is between two people."),
        _("What would the two of you need, to go on well here?"),
    ),
}

HELPS: Mapping[Help, Sentence] = {
    Help.REACTION: _("You said what it stirs in you."),
    Help.INTERPRETATION: _("You said back what you understood."),
    Help.EXPLORATION: _("You asked openly."),
    Help.AFFIRMATION: _("You saw what the other does well."),
    Help.DISCLOSURE: _("You told of yourself in a way that serves the other."),
}
