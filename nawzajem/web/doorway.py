"""The one middleware of the pages: who comes in, in which language, into which programme.

Pages need a login unless they are marked open. A page within a programme gets `request.actor`, and only that.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from nawzajem.conversations import reads as conversations
from nawzajem.ground import clock, words
from nawzajem.ground.actor import NOBODY, Actor
from nawzajem.ground.models import Mark
from nawzajem.ground.patience import too_many
from nawzajem.ground.refusals import NotAllowed, NotFound, Refusal
from nawzajem.pairs import reads as pairs
from nawzajem.people import acts as people_acts
from nawzajem.people.models import Person
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Member, Programme
from nawzajem.web.files import ONE, SHEETS
from nawzajem.web.refusals import broken, cannot_keep, refused, signed_out, words_in
from nawzajem.web.sessions import BEGAN, ends_at
from nawzajem.web.whence import FLOODS, has_opened, remember

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

METHODS = ("GET", "HEAD", "POST")  # what browsers send
INVITED = "invitation"  # in the session: the secret of the link or code somebody came with

View = Callable[..., HttpResponseBase]


class Request(HttpRequest):
    """A request after the doorway."""

    user: Person
    actor: Actor
    programme: Programme
    member: Member | None
    htmx: Any


def open_page(view: View) -> View:
    """For everybody, signed in or not."""
    vars(view)["is_open"] = True
    return view


def entrance(view: View) -> View:
    """To which people send what they sign up or in with: a flood of it waits."""
    vars(view)["is_entrance"] = True
    return view


def outside(view: View) -> View:
    """For people who are signed in and not yet inside the programme."""
    vars(view)["is_outside"] = True
    return view


def before_agreement(view: View) -> View:
    """For members who have not (yet, or not again) agreed to the text on confidentiality: reading, leaving, agreeing."""
    vars(view)["is_before_agreement"] = True
    return view


def while_suspended(view: View) -> View:
    """For whoever was paused or removed by a decision, too: what was decided, answering it, help, the door for blocking,
    and the way out."""
    vars(view)["is_while_suspended"] = True
    return view


def for_taking_part(view: View) -> View:
    """A form that is of no use to whoever may not take part just now: the home page tells them why. What is sent all the same
    gets the act's own answer."""
    vars(view)["is_for_taking_part"] = True
    return view


def on_duty(*duties: str) -> Callable[[View], View]:
    """For people with one of these duties in the programme."""

    def marked(view: View) -> View:
        vars(view)["duties"] = duties
        return view

    return marked


class Doorway:
    sync_capable: ClassVar[bool] = True
    async_capable: ClassVar[bool] = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.actor, request.member = NOBODY, None
        person = request.user if request.user.is_authenticated else None
        with translation.override(_language(request, person)), timezone.override(_zone(person)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language()[:2])
        response.headers.setdefault("Content-Security-Policy", POLICY)
        if person and request.method == "GET" and not has_opened(request, person.pk):
            remember(request, response, person.pk)
        if person or request.method != "GET":
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(self, request: Request, view: View, _args: Any, kwargs: dict[str, Any]) -> HttpResponseBase | None:
        if vars(view).get("is_api"):  # another door: a token opens it, and no session
            return None
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if "%00" in request.META["QUERY_STRING"]:  # no database takes it in, and no keyboard types it
            raise BadRequest
        if vars(view).get("is_open") is None and not request.user.is_authenticated and not _library(view):
            return signed_out(request) if words_in(request) else redirect_to_login(request.get_full_path())
        if request.user.is_authenticated:
            _welcome_back(request)
        elif request.method == "POST" and (vars(view).get("is_entrance") or _library(view)):
            if wait := FLOODS.wait(request):
                FLOODS.refused(request)
                return refused(request, too_many(wait))
            FLOODS.refused(request)
        if "programme" in kwargs:
            try:
                return _step_inside(request, view, kwargs.pop("programme"))
            except Refusal as refusal:
                return refused(request, refusal)
        return None

    def process_exception(self, request: Request, error: Exception) -> HttpResponse | None:
        if isinstance(error, Http404):
            error = NotFound()
        if isinstance(error, PermissionDenied):
            error = NotAllowed()
        if isinstance(error, Refusal):
            return refused(request, error)
        if isinstance(error, OperationalError):
            return cannot_keep(request, error)
        return broken(request, error)


def _library(view: View) -> bool:
    """The library's own pages mark for themselves which of them need a login."""
    return getattr(view, "__module__", "").startswith("allauth.") or vars(view).get(
        "view_class", type
    ).__module__.startswith("allauth.")


def _language(request: Request, person: Person | None) -> str:
    if person:
        return person.language_code(formal=False)
    asked = translation.get_language_from_request(request)
    return asked if asked in {"pl", "en"} else "pl" if asked.startswith("pl") else settings.LANGUAGE_CODE


def _zone(person: Person | None) -> ZoneInfo:
    return ZoneInfo(person.time_zone if person else settings.TIME_ZONE)


def _welcome_back(request: Request) -> None:
    person = request.user
    request.actor = Actor(person=person.pk, language=person.language_code(formal=False), time_zone=person.time_zone)
    _note_device(request, person)
    if person.seen_on != clock.today():
        with contextlib.suppress(OperationalError):  # where nothing can be kept, everything can still be read
            people_acts.seen(request.actor, person)


DEVICE = "device"  # in the session: which one it is, under which key it was noted, when last


def _note_device(request: Request, person: Person) -> None:
    """So that people can see where they are signed in. Written when a session begins, gets another key, or has another day."""
    key = request.session.session_key or ""
    noted = request.session.get(DEVICE, ["", "", ""])
    if key and noted[1:] != [key, str(clock.today())]:
        with contextlib.suppress(OperationalError):
            agent = request.headers.get("User-Agent", "")
            here = people_acts.seen_on(request.actor, person, session=key, agent=agent, device=noted[0])
            request.session[DEVICE] = [here.pk, key, str(clock.today())]
            if ends_at(request.session) is None:
                request.session[BEGAN] = clock.now().timestamp()


def _step_inside(request: Request, view: View, slug: str) -> HttpResponseBase | None:
    """Into a programme: as a member who has agreed, or to the page that leads there."""
    request.programme = programmes.programme(slug)
    person = request.user if request.user.is_authenticated else None
    request.member = programmes.membership(person, request.programme) if person else None
    marks = vars(view)
    if request.member is None or person is None:
        return None if marks.get("is_open") or marks.get("is_outside") else _not_inside_yet(request, slug)
    second_factor = lambda: is_mfa_enabled(person)  # noqa: E731  asked only where there is a duty
    request.actor = programmes.actor(person, request.programme, request.member, via="web", second_factor=second_factor)
    translation.activate(request.actor.language)
    if request.member.is_suspended and not (marks.get("is_open") or marks.get("is_while_suspended")):
        return _suspended(request)
    if "duties" in marks and not request.actor.has(*marks["duties"]):
        return _resting_duty(request, marks["duties"])
    if marks.get("is_open") or marks.get("is_before_agreement") or request.actor.takes_part:
        return None
    return _must_agree(request) or (_home_tells_why(request) if marks.get("is_for_taking_part") else None)


def _home_tells_why(request: Request) -> HttpResponseBase | None:
    return redirect("home", request.programme.slug) if request.method != "POST" else None


def _suspended(request: Request) -> HttpResponseBase:
    """To what was decided, and why. Fragments and forms are told in a sentence."""
    if request.method == "GET" and not words_in(request) and not request.htmx:
        return redirect("rulings", request.programme.slug)
    raise NotAllowed(
        _("Taking part is paused here by a decision. It stands on your page, with the way to answer."), code="paused"
    )


def _not_inside_yet(request: Request, slug: str) -> HttpResponseBase:
    """To the door, and from there to where they were going; for who has no way in there is nothing here."""
    if request.programme.options.joining != "open" and INVITED not in request.session:
        raise NotFound
    if words_in(request):
        raise NotAllowed(_("You are not inside here any more. You can come in again; what you wrote is here."))
    going = request.get_full_path() if request.method != "POST" else ""
    return redirect(reverse("join", args=[slug]) + (f"?{urlencode({'next': going})}" if going else ""))


def _resting_duty(request: Request, duties: tuple[str, ...]) -> HttpResponseBase:
    """A duty that waits for a second factor is led to it; without the duty there is nothing here."""
    assert request.member is not None
    if request.member.state == Member.State.PAUSED:
        raise NotAllowed
    if {duty.kind for duty in request.member.duties.all()} & set(duties):
        return redirect(f"{reverse('second_factor')}?{urlencode({'next': request.get_full_path()})}")
    raise NotFound


def _must_agree(request: Request) -> HttpResponseBase | None:
    assert request.member is not None
    if not programmes.must_agree(request.member, request.programme):
        return None
    if request.method != "POST":
        page = (
            "agree" if request.member.agreed_version else "join"
        )  # announced by an import: everything is still to be asked
        return redirect(
            f"{reverse(page, args=[request.programme.slug])}?{urlencode({'next': request.get_full_path()})}"
        )
    raise NotAllowed(
        _(
            "The text on confidentiality has changed. Please read it first, then go back: what you wrote is still there."
        ),
        code="must_agree",
    )


# -- what surrounds every page ----------------------------------------------------------------------------------------


def around(request: Request) -> dict[str, Any]:
    """For the frame of the page: comfort, where one is, what waits. What is asked of the database is asked when it is shown:
    a fragment has no frame."""
    actor = getattr(request, "actor", NOBODY)
    programme = getattr(request, "programme", None)
    unread = cache(lambda: conversations.unread(actor) if actor.member else {})
    return {
        "actor": actor,
        "programme": programme,
        "member": getattr(request, "member", None),
        "is_demo": Mark.objects.filter(name="demo").exists,
        "has_desk": actor.has("coordinator", "duty_officer"),
        "language": words.tongue(),
        "exit_address": settings.ENV.exit_address,
        "unread_in": unread,
        "unread": lambda: sum(unread().values()),
        "waiting_proposals": cache(lambda: pairs.count_to_answer(actor) if actor.member else 0),
        "development": settings.DEBUG,
        "sheets": SHEETS if settings.DEBUG else [ONE],
    }
