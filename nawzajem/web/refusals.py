"""How a no looks: a sentence, the way on, and what somebody wrote.

A step back does not bring words back in every browser. So whatever was written and not kept is shown once more, to be
copied, or to be sent again where sending again can help.
"""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, OperationalError
from django.forms import BaseForm
from django.http import HttpResponse, QueryDict, UnreadablePostError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.translation import gettext as _

from nawzajem.ground import gate
from nawzajem.ground.mistakes import without_words
from nawzajem.ground.refusals import Closed, Invalid, NotAllowed, NotFound, Refusal, Stale
from nawzajem.safety import helplines

if TYPE_CHECKING:
    from nawzajem.web.doorway import Request

log = logging.getLogger("nawzajem")

WORDS = ("text", "words", "aim", "safety_words")  # the fields in which people write; a test keeps the list complete
SECRET = {"passphrase", "password", "password1", "password2", "oldpassword", "code"}  # never sent back
DOORS = {"start", "programme"}  # above these one is outside


def refused(request: Request, refusal: Refusal) -> HttpResponse:
    """A page or a fragment, in words. Where a button was pressed that leads nowhere any more, the page on which things now
    stand, with the sentence above it: mostly somebody pressed twice, or had it open in two windows."""
    route = request.resolver_match.route if request.resolver_match else ""
    gate.refused(refusal, door="page", at=f"{request.method}:{route}", person=_person(request))
    context = {
        "sentence": refusal.sentence,
        "code": refusal.code,
        "status": refusal.status,
        "fields": getattr(refusal, "fields", {}),
    }
    if getattr(request, "htmx", None):
        return render(request, "refusals/_refusal.html", context, status=refusal.status)
    there, written = _way_on(request, refusal), words_in(request)
    is_late = isinstance(refusal, Stale | Closed) and request.method == "POST"
    if is_late and there and not written:
        messages.info(request, refusal.sentence)
        return redirect(there)
    context |= {"there": there, "is_late": is_late, "written": written}
    return render(request, "refusals/refusal.html", context, status=refusal.status)


def _person(request: Request) -> str | None:
    actor = getattr(request, "actor", None)
    return actor.person if actor else None


def signed_out(request: Request) -> HttpResponse:
    """Somebody wrote for very long, or signed out in another window."""
    sentence = _("You are signed out. Please sign in and send it again; what you wrote is here.")
    return refused(request, NotAllowed(sentence, code="signed_out"))


def broken(request: Request, error: Exception) -> HttpResponse:
    """A mistake of ours: logged under a number that the person can quote, without anything they wrote."""
    number = secrets.token_hex(4)
    route = request.resolver_match and request.resolver_match.route
    log.error("mistake %s at %s %s", number, request.method, route, exc_info=without_words(error))
    if settings.DEBUG:
        raise error
    return _once_more(request, "refusals/broken.html", number, HTTPStatus.INTERNAL_SERVER_ERROR)


def cannot_keep(request: Request, error: OperationalError) -> HttpResponse:
    """The database is full, locked or away: nothing was half done."""
    number = secrets.token_hex(4)
    log.error("database %s: %s", number, type(error).__name__)
    if settings.DEBUG:
        raise error
    return _once_more(request, "refusals/cannot_keep.html", number, HTTPStatus.SERVICE_UNAVAILABLE)


def _once_more(request: Request, template: str, number: str, status: HTTPStatus) -> HttpResponse:
    """With everything that was sent, ready to be sent again."""
    sent = _sent(request)
    held = [(name, one) for name, values in sent.lists() for one in values if name != "csrfmiddlewaretoken"]
    again = request.method == "POST" and not SECRET & sent.keys()
    context = {"number": number, "again": again, "held": held, "fields_of_words": WORDS}
    try:
        answer = render(request, template, context, status=status)
    except DatabaseError:  # not even what stands around every page can be read
        return _away()
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer["Retry-After"] = "30"
    return answer


def _away() -> HttpResponse:
    """In both languages and with help lines, for nothing else can be looked up."""
    told = {"what": "away", "country": helplines.lines_for(settings.ENV.country)}
    page = render_to_string("refusals/door.html", told)
    own_style = (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"  # it stands alone
    )
    headers = {"Retry-After": "30", "Content-Security-Policy": own_style}
    return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)


def csrf_failed(request: Request, reason: str = "") -> HttpResponse:
    """Mostly a page that was open for very long, or cookies that are switched off. Nothing is offered to be sent again: it
    may have come from elsewhere."""
    sentence = _("This page was open for a long time. Please go back, load it again and send it once more.")
    return refused(request, NotAllowed(sentence, code="csrf"))


def nothing_here(request: Request, exception: Exception) -> HttpResponse:
    return refused(request, NotFound())


def forbidden(request: Request, exception: Exception) -> HttpResponse:
    return refused(request, NotAllowed())


def bad_request(request: Request, exception: Exception) -> HttpResponse:
    if isinstance(exception, SessionInterrupted):
        return _without_session(request, exception)
    return refused(request, Refusal(_("The browser sent something that cannot be read here.")))


def _without_session(request: Request, exception: SessionInterrupted) -> HttpResponse:
    """What is remembered of a visit could not be kept: the disk is full, or somebody has just signed out elsewhere."""
    cause: BaseException | None = exception
    while cause is not None:
        if isinstance(cause, OperationalError):
            return cannot_keep(request, cause)
        cause = cause.__context__
    return signed_out(request)


def broken_down(request: Request) -> HttpResponse:
    """When it failed around the page: at the door, or where the session is kept."""
    error = sys.exception()
    if isinstance(error, OperationalError):
        return cannot_keep(request, error)
    return broken(request, error if isinstance(error, Exception) else Exception())


@contextmanager
def told_in(form: BaseForm) -> Iterator[None]:
    """What an act says of something typed stands in the form, beside all else that was typed."""
    try:
        yield
    except Invalid as no:
        for name, sentences in (no.fields or {"": [str(no.sentence)]}).items():
            form.add_error(name if name in form.fields else None, sentences)


# -- what was sent ----------------------------------------------------------------------------------------------------


def words_in(request: Request) -> list[str]:
    """What somebody wrote in what they sent."""
    sent = _sent(request)
    return [text for name in WORDS for text in sent.getlist(name) if text.strip()]


def _sent(request: Request) -> QueryDict:
    try:
        return request.POST
    except (SuspiciousOperation, UnreadablePostError):  # too long, or cut off on its way
        return QueryDict()


def _way_on(request: Request, refusal: Refusal) -> str:
    """The nearest page above this address: of the thing that a button belongs to, or of the list in which it stands."""
    stays = request.path if isinstance(refusal, Stale | Closed) else ""
    if getattr(request, "programme", None) and not request.actor.member:
        return stays
    parts = request.path.strip("/").split("/")
    for n in range(len(parts) - 1, 0, -1):
        above = f"/{'/'.join(parts[:n])}/"
        found = _page(above)
        if found and found.url_name in DOORS:
            break
        of_a_thing = found and found.kwargs.keys() - {"programme"}
        if found and not (of_a_thing and isinstance(refusal, NotFound)):
            return above
    return stays


def _page(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None
