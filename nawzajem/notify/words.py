"""What stands in a letter: that there is something to see, and a link. No name, no topic, no programme, no word of anybody.

A letter may be read on a lock screen, over a shoulder, in a shared mailbox.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.html import format_html
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from nawzajem.ground.words import tongue
from nawzajem.notify.models import Letter
from nawzajem.notify.reads import stop_token

# Addresses of the pages that a letter leads to; held equal to the table of addresses by a test.
LOOK = "/letters/{letter}/"
STOP = "/letters/stop/{token}/"

WORDS: dict[str, tuple[Any, Any]] = {
    "proposal": (
        _("Somebody may fit"),
        _("A proposal waits for your answer. Look at it in peace; yes and no are both fine."),
    ),
    "choose": (
        _("News of your ask"),
        _("The person you chose cannot be there just now. You can choose somebody else."),
    ),
    "pair": (_("You can begin"), _("You both said yes. Whoever likes may write first.")),
    "agreement": (
        _("Something to settle"),
        _("There is a suggestion of how the two of you could do it. You can agree or change it."),
    ),
    "message": (_("A message for you"), _("A message waits for you. There is no hurry.")),
    "still": (
        _("Does your ask still hold?"),
        _("Nobody has been found yet, and we go on looking. Please say whether you still wait."),
    ),
    "lapsed": (
        _("Your ask has come to rest"),
        _("We have not heard whether you still wait, so your ask rests now. You can ask again at any time."),
    ),
    "checkin": (_("How is it going?"), _("One short question about how it is going for the two of you.")),
    "quiet": (
        _("It has been quiet"),
        _("It has been quiet between the two of you for some time. A word is enough, or a break, or an end."),
    ),
    "closing": (
        _("Time for last words"),
        _("A talk is coming to its end. There are some days left to say goodbye."),
    ),
    "closed": (_("A talk has ended"), _("A talk has ended. What was said stays there for you to read.")),
    "rests": (
        _("Your offer rests"),
        _("Your offer rests, so that nobody waits in vain. You can take it up again whenever you like."),
    ),
    "knock": (
        _("Somebody needs company now"),
        _("Somebody needs company just now, about twenty minutes. Look if you can be there; “not now” is always fine."),
    ),
    "nobody": (
        _("Nobody could come just now"),
        _("We asked, and nobody could come just now. What you wrote is kept, and there is help that answers at once."),
    ),
    "needed": (
        _("You could be needed"),
        _("More people ask than usual these hours. Your offer rests; if it suits you, you can take it up again."),
    ),
    "unmet": (
        _("Nobody could come"),
        _("Somebody needed company at once, and nobody could come. The desk shows how it stands."),
    ),
    "surge": (
        _("More people ask than usual"),
        _("Far more people ask than usual just now. The house asks more people at once; the desk shows how it stands."),
    ),
    "called": (
        _("You are called"),
        _(
            "Somebody may be in danger, and you are on duty. Please look now; if you cannot, say so, and the next is called."
        ),
    ),
    "unanswered": (
        _("Nobody on duty has answered"),
        _("Somebody may be in danger, and nobody on duty has taken it. Please see to it that somebody does."),
    ),
    "opened": (
        _("Something of yours was opened"),
        _("Two people on duty opened something of yours, for a reason that stands on your page. Please look."),
    ),
    "second": (
        _("A second person is needed"),
        _("Somebody on duty asks to open what is closed to everybody. It waits for a yes or a no."),
    ),
    "report": (_("A report waits"), _("Somebody says that something was not right. Please look into it.")),
    "late": (
        _("A report waits too long"),
        _("Nobody has taken a report in the time that was promised. Please look into it."),
    ),
    "reported": (
        _("What you reported"),
        _("Something has come of what you reported. It stands on your page."),
    ),
    "heard": (
        _("Please answer"),
        _("Something was reported that concerns you. Before anything is decided you can say how it was."),
    ),
    "ruling": (
        _("Something was decided"),
        _("Something was decided that concerns you. Your page says what, why, until when, and how to answer."),
    ),
    "dropped": (
        _("Nothing follows"),
        _("We wrote to you that something might be decided. Nothing follows from it."),
    ),
    "over": (_("A decision has ended"), _("What was decided about you has ended. Your page says how it stands.")),
    "anew": (
        _("It was looked at anew"),
        _("Somebody else has looked anew at what was decided about you. The answer stands on your page."),
    ),
    "replied": (
        _("An answer has come"),
        _("Somebody has answered what is to be decided about them. Please read it, then decide."),
    ),
    "appeal": (
        _("An appeal waits"),
        _("Somebody asks that a decision is looked at anew, by somebody else than whoever decided it."),
    ),
    "stilled": (
        _("A talk rests"),
        _("The person you talk with cannot take part for now. It has nothing to do with you, and you need do nothing."),
    ),
    "consented": (_("You can begin here"), _("What we waited for has come. You can take part now.")),
    "consent": (
        _("A guardian has answered"),
        _("A guardian does not consent, or has taken a consent back. Please see who may need a word from you."),
    ),
    "checks": (_("A check runs out"), _("Within a month a check of somebody runs out. Please renew it in time.")),
    "my_checks": (
        _("Your check runs out"),
        _("A check that you need here runs out within a month. Please talk with whoever coordinates."),
    ),
    "standards": (
        _("Standards to look at"),
        _("A point of your standards for protecting minors is to be looked at again within a month."),
    ),
    "worklist": (_("Your worklist"), _("There is something on your worklist: a long wait, or a long silence.")),
}


def compose(letter: Letter, to: str) -> EmailMultiAlternatives:
    """In the reader's language and form of address."""
    formal = letter.programme.options.address == "formal"
    with override(letter.person.language_code(formal=formal)):
        subject, sentence = (str(words) for words in WORDS[letter.code])
        look, stop = _address(LOOK, letter=letter.pk), _address(STOP, token=stop_token(letter))
        message = EmailMultiAlternatives(
            subject=subject,
            body=_plain(sentence, look, stop),
            to=[to],
            headers={
                "List-Unsubscribe": f"<{stop}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
                "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers
                "Content-Language": (get_language() or "en")[:2],
            },
        )
        message.attach_alternative(_html(subject, sentence, look, stop), "text/html")
        return message


def ring_words(letter: Letter) -> dict[str, str]:
    """The same sentence, for the screen of a device."""
    formal = letter.programme.options.address == "formal"
    with override(letter.person.language_code(formal=formal)):
        title, body = (str(words) for words in WORDS[letter.code])
        return {"title": title, "body": body, "address": LOOK.format(letter=letter.pk), "language": tongue()}


def _address(path: str, **parts: str) -> str:
    env = settings.ENV
    return (env.origin or f"http://{env.host}:{env.port}").rstrip("/") + path.format(**parts)


def _plain(sentence: str, look: str, stop: str) -> str:
    why = _("This letter came because you wished to hear of such things. No more letters of this kind:")
    return f"{sentence}\n\n{look}\n\n--\n{why}\n{stop}\n"


def _html(subject: str, sentence: str, look: str, stop: str) -> str:
    return format_html(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>'
        '<body style="margin:0;padding:24px;background:#faf7f2;color:#2b2f33;font:16px/1.6 Georgia,serif">'
        '<div style="max-width:30em;margin:auto"><p>{}</p>'
        '<p><a href="{}" style="display:inline-block;padding:10px 22px;border-radius:22px;background:#1f6f73;'
        'color:#ffffff;text-decoration:none">{}</a></p>'
        '<p style="margin-top:40px;font-size:13px;color:#5b6167">{} <a href="{}" style="color:#5b6167">{}</a></p>'
        "</div></body></html>",
        tongue(),
        subject,
        sentence,
        look,
        _("Look"),
        _("This letter came because you wished to hear of such things."),
        stop,
        _("No more letters of this kind"),
    )
