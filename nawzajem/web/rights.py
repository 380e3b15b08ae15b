"""Pages about my data: all of it to take along, out of one programme, everything erased."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.people.reads import me
from nawzajem.programmes import reads as programmes
from nawzajem.rights import acts, reads
from nawzajem.rights.forms import EraseForm
from nawzajem.web.doorway import Request, before_agreement, open_page, while_suspended

GOODBYE = "goodbye"
DAY = 24 * 60 * 60


def my_data(request: Request) -> HttpResponse:
    return render(request, "rights/my_data.html", {"mine": programmes.mine(me(request.actor))})


@never_cache
def download(request: Request) -> HttpResponse:
    name = f"nawzajem-{slugify(me(request.actor).pseudonym) or 'me'}-{clock.today()}.zip"
    answer = HttpResponse(reads.download(request.actor), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@while_suspended
@before_agreement
def leave(request: Request) -> HttpResponse:
    """Out of this programme, and only this one."""
    assert request.member is not None
    if request.method == "POST":
        acts.leave(request.actor, request.member)
        messages.success(request, _("You have left. The door stays open, should you wish to come back."))
        return redirect("start")
    return render(request, "rights/leave.html", {"place": "me"})


@open_page
def erase(request: Request) -> HttpResponse:
    """Everything, for good; after signing in once more, so that nobody else does it at an open screen."""
    if not request.user.is_authenticated and _is_erased(request.POST.get("whose", "")):
        return redirect("goodbye")
    return _erase(request)


def _is_erased(whose: str) -> bool:
    """Whether the form was made for somebody who is not here any more: it was sent twice."""
    try:
        me(Actor(person=signing.loads(whose, salt=GOODBYE, max_age=DAY)))
    except NotFound:
        return True
    except signing.BadSignature:
        return False
    return False


@reauthentication_required  # type: ignore[untyped-decorator]
def _erase(request: Request) -> HttpResponse:
    person = me(request.actor)
    form = EraseForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        acts.erase(request.actor, person, keep_messages=form.keeps_messages)
        request.session.flush()
        return redirect("goodbye")
    context = {"form": form, "whose": signing.dumps(person.pk, salt=GOODBYE)}
    return render(request, "rights/erase.html", context, status=422 if form.errors else 200)


@open_page
def goodbye(request: HttpRequest) -> HttpResponse:
    return render(request, "rights/goodbye.html", {"bare": True})
