"""Letters carried to the post. One at a time is taken in hand, so that neither two workers nor a crash send one twice."""

from __future__ import annotations

from smtplib import SMTPException, SMTPRecipientsRefused

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from nawzajem.ground import clock
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.chores import each
from nawzajem.notify import acts, letters, reads, rules, words
from nawzajem.notify.models import Letter

AT_ONCE = 200  # letters in one go, so that a flood does not outlast the chore's lease


def some_due() -> bool:
    return reads.due().exists() or reads.lost().exists()


def carry() -> None:
    """Those due, over one connection. When the post office is closed none is touched, and the chore comes back later."""
    each(CHORE, acts.not_delivered, reads.lost().select_related("person"))
    with get_connection() as post:
        each(CHORE, _carry, list(reads.due()[:AT_ONCE]), post=post)


def _carry(actor: Actor, letter: Letter, *, post: BaseEmailBackend) -> None:
    to, wish = reads.address(letter.person), rules.wish_of(letter.person)
    urgent = letters.is_urgent(letter)
    if not to or not (urgent or rules.wants(wish, letter.kind)) or not letters.is_needed(letter):
        acts.drop(actor, letter)
    elif not urgent and rules.after_quiet(clock.now(), wish, letter.person.time_zone) > clock.now():
        acts.put_off(actor, letter)
    else:
        _send(actor, letter, to, post)


def _send(actor: Actor, letter: Letter, to: str, post: BaseEmailBackend) -> None:
    acts.take(actor, letter)
    try:
        post.send_messages([words.compose(letter, to)])
    except SMTPRecipientsRefused as refused:
        permanent = all(code >= 500 for code, _why in refused.recipients.values())
        acts.not_delivered(actor, letter, for_good=permanent)
    except (SMTPException, OSError):
        post.close()  # a broken line; the next letter opens a new one
        acts.not_delivered(actor, letter)
    else:
        acts.sent(actor, letter)
