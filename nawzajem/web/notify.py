"""Pages about letters: which come, where to, and the way to stop them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.notify import acts, push, reads
from nawzajem.notify.forms import WishForm
from nawzajem.notify.models import Kind, Letter
from nawzajem.notify.words import ring_words
from nawzajem.people.reads import me
from nawzajem.web.doorway import DEVICE, Request, open_page

WHERE = {
    "proposal": "proposal",
    "pair": "pair",
    "agreement": "pair",
    "quiet": "pair",
    "checkin": "pair",
    "closing": "pair",
    "closed": "pair",
    "still": "ask",
    "lapsed": "ask",
    "report": "desk_report",
    "late": "desk_report",
    "replied": "desk_ruling",
    "appeal": "desk_ruling",
    "heard": "ruling",
    "ruling": "ruling",
    "dropped": "ruling",
    "over": "ruling",
    "anew": "ruling",
    "stilled": "pair",
    "called": "concern",
    "second": "opening",
}
WHERE_ELSE = {  # pages without a thing
    "choose": "asks", "message": "pairs", "rests": "offer", "worklist": "desk", "knock": "home", "nobody": "asks",
    "needed": "offer", "unmet": "desk_now", "surge": "desk_now", "unanswered": "roster",
    "consented": "home", "consent": "desk_minors", "checks": "desk_minors", "my_checks": "place",
    "standards": "desk_minors", "reported": "reported",
}  # fmt: skip
WHERE_MINE = {"opened": "looks"}  # pages that belong to no programme


def letters(request: Request) -> HttpResponse:
    """Which kinds, quiet hours, where to, and what came lately."""
    person, wish = me(request.actor), reads.wish(request.actor)
    form = WishForm(request.POST or None, on_duty=reads.is_on_duty(request.actor), initial=vars(wish))
    if request.method == "POST" and form.is_valid():
        acts.choose(request.actor, person, **form.cleaned_data)
        messages.success(request, _("Kept."))
        return redirect("letters")
    context = {
        "form": form,
        "address": reads.address(person),
        "unconfirmed": reads.unconfirmed_address(person),
        "sent": reads.sent(request.actor),
        "bells": reads.bells(request.actor),
        "rings_here": reads.has_bell(request.actor, _device(request)),
        "ringer": push.public(secret) if push.is_on() and (secret := reads.secret_of_ringer()) else "",
    }
    return render(request, "notify/letters.html", context, status=422 if form.errors else 200)


def _device(request: Request) -> str:
    """The one that asks, as the doorway noted it."""
    noted: list[str] = request.session.get(DEVICE, [""])
    return noted[0]


@require_POST
def hang_bell(request: Request) -> HttpResponse:
    """What the browser got from its push service, after somebody allowed it."""
    acts.hang_bell(request.actor, me(request.actor), address=request.POST.get("address", ""), device=_device(request))
    messages.success(request, _("This device rings from now on."))
    return redirect("letters")


@require_POST
def take_bell_down(request: Request, bell: str) -> HttpResponse:
    acts.take_bell_down(request.actor, me(request.actor), bell=bell)
    messages.success(request, _("It rings no more."))
    return redirect("letters")


def rang(request: Request) -> JsonResponse:
    """For a device that has just rung: the sentence of the letter, and where it leads. Nothing else is ever told there."""
    one = reads.rang_lately(request.actor)
    return JsonResponse(ring_words(one) if one else {})


@open_page
def worker(request: Request) -> HttpResponse:
    """The script that a browser wakes when it rings. It stands at the root, so that it may open any page of the house."""
    context = {"plain": _("Something waits for you.")}
    return render(request, "notify/bell.js", context, content_type="text/javascript")


def letter(request: Request, letter: str) -> HttpResponse:
    """From a letter to what it tells of. The address in the letter says nothing; old letters lead home."""
    try:
        return redirect(_where(reads.letter(request.actor, letter)))
    except NotFound:
        return redirect("start")


def _where(one: Letter) -> str:
    slug = one.programme.slug
    if one.code in WHERE_MINE:
        return reverse(WHERE_MINE[one.code])
    if one.code in WHERE_ELSE:
        return reverse(WHERE_ELSE[one.code], args=[slug])
    return reverse(WHERE[one.code], args=[slug, one.thing])


@csrf_exempt  # the mailbox of the reader posts here by itself; the signed link is the proof
@open_page
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The link in a letter, without signing in: one press, or none where the mailbox does it (RFC 8058)."""
    person, kind = reads.stopped_by(token)
    with override(person.language_code(formal=False)):
        if request.method == "POST":
            every = request.POST.get("all") == "1"
            acts.stop(Actor(person=person.pk), person, kinds=Kind.values if every else [kind])
        context = {"kind": kind, "done": request.method == "POST", "bare": True}
        return render(request, "notify/unsubscribe.html", context)
