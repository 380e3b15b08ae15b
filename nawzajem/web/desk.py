"""Pages of those who look after a programme. Nobody here reads what people write to each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nawzajem.asks import reads as asks
from nawzajem.asks.models import Ask
from nawzajem.ground.events import has_done
from nawzajem.ground.refusals import NotFound
from nawzajem.offers import acts as offer_acts
from nawzajem.offers import reads as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pair_acts
from nawzajem.pairs import reads as pairs
from nawzajem.pairs.models import Pair, Proposal
from nawzajem.programmes import acts, reads
from nawzajem.programmes.forms import DutyForm, InviteForm, PauseForm, UnitForm
from nawzajem.programmes.models import Duty, Member
from nawzajem.reports import reads as reports
from nawzajem.rulings import reads as rulings
from nawzajem.safety.logbook import acts as logbook
from nawzajem.safety.models import Report
from nawzajem.waiting import acts as waiting_acts
from nawzajem.waiting import reads as waiting
from nawzajem.web.doorway import Request, on_duty
from nawzajem.web.once import id_in, key_of
from nawzajem.web.paging import page
from nawzajem.web.refusals import told_in


@on_duty("coordinator", "duty_officer")
def desk(request: Request) -> HttpResponse:
    """The morning's worklist: what waits longest, what is about to lapse, who has gone silent, what was reported.

    For somebody on duty who does not coordinate: the reports.
    """
    actor = request.actor
    if not actor.has("coordinator"):
        raised = page(request, rulings.waiting_reports(actor))
        return render(
            request, "desk/officer.html", {"reports": raised, "to_decide": rulings.to_decide(actor), "place": "desk"}
        )
    lists = {which: page(request, rows(request), each=FIRST) for which, rows in LISTS.items()}
    context: dict[str, Any] = {
        "to_decide": rulings.to_decide(actor),
        "free_seats": offers.free_seats(actor),
        "surge": waiting.surge(actor.here),
        "figures": reports.figures(actor),
        "place": "desk",
    }
    return render(request, "desk/desk.html", lists | _about(request, *lists.values()) | context)


@on_duty("coordinator")
def worklist(request: Request, which: str) -> HttpResponse:
    """One of the lists, to its end."""
    if which not in LISTS:
        raise NotFound
    rows = page(request, LISTS[which](request))
    context = {"which": which, "rows": rows, "template": f"desk/_{which}.html", "place": "desk"}
    return render(request, "desk/list.html", _about(request, rows) | context)


FIRST = 20  # of each list on the worklist
LISTS: dict[str, Callable[[Request], QuerySet[Any]]] = {
    "reports": lambda request: rulings.waiting_reports(request.actor),
    "waiting": lambda request: asks.waiting(request.actor),
    "lapsing": lambda request: pairs.soon_lapsing(request.actor),
    "silent": lambda request: pairs.silent(request.programme, days=request.programme.options.silent_pair_after),
}


def _about(request: Request, *lists: Page[Any]) -> dict[str, Any]:
    """What the rows of these lists need beside themselves: names, and how often somebody was proposed already."""
    rows = [row for one in lists for row in one]
    return {
        "called": reads.called(request.programme, (person for row in rows for person in _people(row))),
        "tried": pairs.tried_count(row for row in rows if isinstance(row, Ask)),
    }


def _people(row: Any) -> tuple[str | None, ...]:
    if isinstance(row, Ask):
        return (row.person_id,)
    if isinstance(row, Report):
        return (row.taken_by_id,)
    if isinstance(row, Proposal):
        return row.ask.person_id, row.offer.person_id
    return (row.asker_id, row.giver_id) if isinstance(row, Pair) else ()


@on_duty("coordinator", "duty_officer")
def now(request: Request) -> HttpResponse:
    """The waiting room in numbers, and whether there is a surge."""
    return render(request, "desk/now.html", {"room": waiting.room(request.actor), "place": "desk"})


@on_duty("coordinator")
@require_POST
def calm(request: Request) -> HttpResponse:
    """The surge is over, as far as a coordinator can see."""
    going = waiting.surge(request.programme.pk)
    if going is not None and going.pk == id_in(request, "surge"):
        waiting_acts.end_surge(request.actor, going)
        messages.success(request, _("Ended. For twelve hours no new one begins by itself."))
    return redirect("desk_now", request.programme.slug)


@on_duty("coordinator")
def ask(request: Request, ask: str) -> HttpResponse:
    """One ask, without its words, and who could be there for it, with reasons."""
    one = asks.ask(request.actor, ask)
    logbook.note(request.actor, [one.person_id], what="ask", thing=one.pk)
    open_now = one.state == Ask.State.OPEN
    cards, why_none = pairs.cards(request.actor, one, top=8) if open_now else ([], None)
    owners = dict(Offer.objects.filter(pk__in=[card.offer for card in cards]).values_list("pk", "person"))
    context: dict[str, Any] = {
        "ask": one,
        "cards": [(card, owners[card.offer]) for card in cards],
        "why_none": why_none,
        "stand": pairs.standing(one),
        "called": reads.called(request.programme, [one.person_id, *owners.values()]),
        "place": "desk",
    }
    return render(request, "desk/ask.html", context)


@on_duty("coordinator")
@require_POST
def propose(request: Request, ask: str) -> HttpResponse:
    """By hand: both are asked as always, and each says yes or no."""
    one = asks.ask(request.actor, ask)
    pair_acts.put(request.actor, one, pairs.candidate(one, id_in(request, "offer")), origin=Proposal.Origin.COORDINATOR)
    messages.success(request, _("Both are being asked."))
    return redirect("desk", request.programme.slug)


@on_duty("coordinator")
def people(request: Request) -> HttpResponse:
    called = request.GET.get("called", "").strip()
    context = {
        "members": page(request, reads.members(request.actor, called=called)),
        "on_duty": reads.on_duty(request.actor),
        "searched": called,
        "duties": dict(Duty.Kind.choices),
        "place": "desk",
    }
    return render(request, "desk/people.html", context)


@on_duty("coordinator")
def person(request: Request, member: str) -> HttpResponse:
    """A member: duties, pause, offer; how many pairs, and nothing of them."""
    one = reads.member(request.actor, member)
    logbook.note(request.actor, [one.person_id], what="person", thing=one.pk)
    offer = Offer.objects.filter(programme=request.programme, person=one.person).first()
    context = {
        "one": one,
        "offer": offer,
        "pairs": pairs.going_of(request.actor, one.person_id),
        "rulings": rulings.about(request.actor, one.person_id),
        "duty": DutyForm(),
        "pause": PauseForm(),
        "place": "desk",
    }
    return render(request, "desk/person.html", context)


@on_duty("coordinator")
@require_POST
def give_duty(request: Request, member: str) -> HttpResponse:
    form = DutyForm(request.POST)
    if form.is_valid():
        acts.give_duty(request.actor, reads.member(request.actor, member), kind=form.cleaned_data["kind"])
    return redirect("desk_person", request.programme.slug, member)


@on_duty("coordinator")
@require_POST
def lay_down(request: Request, duty: str) -> HttpResponse:
    try:
        one = reads.duty(request.actor, duty)
    except NotFound:  # taken back already, a moment ago or in another window
        return redirect("desk_people", request.programme.slug)
    acts.lay_down(request.actor, one)
    return redirect("desk_person", request.programme.slug, one.member_id)


@on_duty("coordinator")
@require_POST
def pause(request: Request, member: str) -> HttpResponse:
    """A pause for a person, or its end: the button says which, so that pressed twice it does not undo itself."""
    one, form = reads.member(request.actor, member), PauseForm(request.POST)
    is_paused, ends = one.state == Member.State.PAUSED, "end" in request.POST
    if is_paused != ends:
        return redirect("desk_person", request.programme.slug, member)
    if ends:
        acts.resume(request.actor, one)
    elif form.is_valid():
        acts.pause(request.actor, one, until=form.cleaned_data["until"])
    else:
        messages.error(request, " ".join(map(str, form.errors["until"])))
    return redirect("desk_person", request.programme.slug, member)


@on_duty("coordinator")
@require_POST
def pause_offer(request: Request, member: str) -> HttpResponse:
    """The offer of somebody who has fallen silent, so that nobody waits for an answer."""
    one = reads.member(request.actor, member)
    offer_acts.pause(request.actor, offers.offer(request.actor, id_in(request, "offer")), why="coordinator")
    messages.success(request, _("The offer rests until its owner takes it up again."))
    return redirect("desk_person", request.programme.slug, one.pk)


@on_duty("coordinator")
def invitations(request: Request) -> HttpResponse:
    form = InviteForm(request.POST or None, programme=request.programme)
    made: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        made = _invite(request, form.cleaned_data)
        form = InviteForm(programme=request.programme)
    context = {
        "form": form,
        "unit_form": UnitForm(programme=request.programme),
        "invitations": page(request, reads.invitations(request.actor)),
        "units": reads.units(request.programme),
        "place": "desk",
    } | made
    return render(request, "desk/invitations.html", context, status=422 if form.errors else 200)


def _invite(request: Request, wanted: dict[str, Any]) -> dict[str, str]:
    """The link is shown once and never again; a code can always be read here."""
    key = key_of(request)
    if wanted["many"]:
        made = acts.make_code(request.actor, request.programme, unit=wanted["unit"], days=wanted["days"], key=key)
        return {"made_code": made.code}
    _made, secret = acts.invite(
        request.actor, request.programme, unit=wanted["unit"], duty=wanted["duty"], days=wanted["days"], key=key
    )
    return {"made_link": request.build_absolute_uri(reverse("come_in_by_link", args=[secret]))}


@on_duty("coordinator")
@require_POST
def add_unit(request: Request) -> HttpResponse:
    form = UnitForm(request.POST, programme=request.programme)
    if form.is_valid():
        with told_in(form):
            acts.add_unit(request.actor, request.programme, **form.cleaned_data)
    for errors in form.errors.values():
        messages.error(request, " ".join(map(str, errors)))
    return redirect("invitations", request.programme.slug)


@on_duty("coordinator")
@require_POST
def withdraw_invitation(request: Request, invitation: str) -> HttpResponse:
    if not has_done(request.actor, "invitation.withdrawn", invitation):
        acts.withdraw_invitation(request.actor, reads.an_invitation(request.actor, invitation))
    return redirect("invitations", request.programme.slug)


@on_duty("coordinator")
def export(request: Request, what: str) -> HttpResponse:
    """A spreadsheet of states and dates; no words, no hidden fields."""
    answer = HttpResponse(reports.export(request.actor, what), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{request.programme.slug}-{what}.csv"'
    return answer
