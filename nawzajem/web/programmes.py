"""Pages of a programme: its front, coming in, the texts, one's place in it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nawzajem.asks import reads as asks
from nawzajem.core.privacy import told_count
from nawzajem.experiences import reads as experiences
from nawzajem.ground.patience import Patience, too_many
from nawzajem.ground.refusals import NotFound
from nawzajem.minors.reads import standards_for_all
from nawzajem.programmes import acts, reads
from nawzajem.programmes.forms import JoinForm, PlaceForm
from nawzajem.programmes.kept_out import reads as kept_out
from nawzajem.programmes.models import Invitation, Programme, Text
from nawzajem.programmes.rules import may_join
from nawzajem.web.doorway import INVITED, Request, before_agreement, open_page, outside, while_suspended
from nawzajem.web.whence import Shared


@open_page
def front(request: Request) -> HttpResponse:
    """What brings somebody here, and that others have been there: before any account."""
    programme = request.programme
    if request.member:
        return redirect("home", programme.slug)
    _may_look(request)
    chosen = request.GET.getlist("topics")
    context = {"tree": reads.tree(programme), "chosen": chosen, "welcome": reads.text(programme, Text.Code.WELCOME)}
    return render(request, "programmes/front.html", context | _been_there(programme, chosen))


def _may_look(request: Request) -> None:
    """Everybody, or who was invited: that a programme is there at all is not told to others."""
    if request.programme.options.joining != "open" and not request.member and INVITED not in request.session:
        raise NotFound


@open_page
def topic_words(request: Request) -> HttpResponse:
    """All words under which each topic is found, in every language, for the search in the page. Apart from the page, for
    they weigh more than all the rest of it; and kept by the browser."""
    _may_look(request)
    words = {
        topic.code: " ".join([*topic.words.values(), *(word for some in topic.also.values() for word in some)])
        for topic in request.programme.all_topics
    }
    kept = {"Cache-Control": f"private, max-age={24 * 60 * 60}"}
    return JsonResponse(words, headers=kept, json_dumps_params={"ensure_ascii": False})


@open_page
def begin(request: Request) -> HttpResponse:
    """From the words picked at the front to the ask; whoever is new here chooses a name on the way."""
    picked = urlencode({"topics": request.GET.getlist("topics")}, doseq=True)
    going = f"{reverse('ask_write', args=[request.programme.slug])}?{picked}"
    return redirect(
        going if request.user.is_authenticated else f"{reverse('account_signup')}?{urlencode({'next': going})}"
    )


@open_page
def been_there(request: Request) -> HttpResponse:
    """The count and the wait for the words picked so far, as a fragment."""
    _may_look(request)
    return render(request, "programmes/_been_there.html", _been_there(request.programme, request.GET.getlist("topics")))


def _been_there(programme: Programme, chosen: list[str]) -> dict[str, object]:
    topics = list(programme.topics.filter(code__in=chosen))
    codes = [topic.code for topic in topics]
    people = experiences.been_there(programme.pk, codes)
    return {
        "picked": topics,
        "people": told_count(people, floor=programme.options.small_group),
        "floor": programme.options.small_group,
        "wait_here": asks.wait(programme, codes) if codes else None,
    }


@outside
@before_agreement
def join(request: Request) -> HttpResponse:
    """Age, conditions, and the limits of confidentiality, before anything is written."""
    programme, person = request.programme, request.user
    if request.member and request.member.agreed_version:
        return redirect("home", programme.slug)
    invitation = _invitation(request)
    if not may_join(request.actor, programme, person, invitation):
        if INVITED in request.session:
            return opens_nothing(request)
        raise NotFound
    if no := kept_out.hindrance(programme, person, invited=invitation is not None):
        raise no
    form = JoinForm(request.POST or None, programme=programme, person=person, invitation=invitation)
    text = reads.confidentiality(programme)
    if request.method == "POST" and form.is_valid():
        acts.join(request.actor, programme, person, invitation, **form.cleaned_data)
        request.session.pop(INVITED, None)
        following = _following(request)
        return redirect(following) if following else redirect("home", programme.slug)
    form.fields["agreed_version"].initial = text.version
    context = {
        "form": form,
        "text": text,
        "rules": reads.text(programme, Text.Code.RULES),
        "following": _following(request),
        "bare": True,
    }
    return render(request, "programmes/join.html", context, status=422 if form.errors else 200)


def _following(request: Request) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}) else ""


def _invitation(request: Request) -> Invitation | None:
    secret = request.session.get(INVITED)
    if not secret:
        return None
    try:
        found = reads.invitation(secret)
    except NotFound:
        return None
    return found if found.programme_id == request.programme.pk and not found.claims_id else None


@open_page
def come_in(request: Request, secret: str = "") -> HttpResponse:
    """With a link, or with a code that was read out."""
    secret = secret or request.POST.get("code", "").strip()
    if not secret:
        return render(request, "programmes/come_in.html")
    guessable = len(secret) < LONG  # whoever has a link has not guessed it
    if guessable and (wait := WRONG_CODES.wait(request)):
        raise too_many(wait)
    try:
        invitation = reads.invitation(secret)
    except NotFound:
        if guessable:
            WRONG_CODES.refused(request)  # only what opens nothing is counted: a whole class comes from one address
        inside = reads.led_inside(request.user, secret) if request.user.is_authenticated else None
        return redirect("home", inside.slug) if inside else opens_nothing(request)
    request.session[INVITED] = secret
    if invitation.claims_id and not request.user.is_authenticated:
        return redirect("claim")
    return redirect("join" if request.user.is_authenticated else "programme", invitation.programme.slug)


# Thirty wrong ones from one browser, then half a minute, a minute, two. Behind one address may be a whole school: from there come
# some hundreds before anybody else waits, and then for half a minute.
WRONG_CODES = Shared(
    Patience("codes", free=29, first=30, longest=600, calm=30),
    Patience("codes-address", free=300, first=5, longest=30, calm=1),
)
LONG = 20  # letters and digits


def opens_nothing(request: Request) -> HttpResponse:
    """Mistyped, expired, used or withdrawn: which of them is not told to whoever tries."""
    told = {"wrong": True, "typed": request.POST.get("code", "")}
    return render(request, "programmes/come_in.html", told, status=404)


@before_agreement
def agree(request: Request) -> HttpResponse:
    """The text has changed: read it once more."""
    assert request.member is not None
    text = reads.confidentiality(request.programme)
    if request.method == "POST":
        version = request.POST.get("version", "")
        acts.agree(request.actor, request.member, version=int(version) if version.isdigit() else 0)
        following = _following(request)
        return redirect(following) if following else redirect("home", request.programme.slug)
    context = {"text": text, "changed": request.member.agreed_version > 0, "following": _following(request)}
    return render(request, "programmes/agree.html", context)


@while_suspended
@before_agreement
def texts(request: Request) -> HttpResponse:
    """All texts of the programme, to be read again at any time."""
    context = {
        "texts": [reads.text(request.programme, code) for code in Text.Code.values],
        "standards": standards_for_all(request.programme),
    }
    return render(request, "programmes/texts.html", context)


@before_agreement
def place(request: Request) -> HttpResponse:
    """Me in this programme."""
    assert request.member is not None
    member = reads.own_place(request.actor)
    form = PlaceForm(request.POST or None, instance=member)
    if request.method == "POST" and form.is_valid():
        acts.change_place(request.actor, request.member, **form.cleaned_data)
        messages.success(request, _("Kept."))
        return redirect("place", request.programme.slug)
    context = {"form": form, "own": member, "place": "me", "others": reads.mine(request.user)}
    return render(request, "programmes/place.html", context, status=422 if form.errors else 200)


@require_POST
def new_code(request: Request) -> HttpResponse:
    assert request.member is not None
    acts.new_code_for(request.actor, request.member)
    messages.success(request, _("You have a new code. The old one leads nowhere now."))
    return redirect("place", request.programme.slug)
