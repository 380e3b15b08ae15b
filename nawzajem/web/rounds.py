"""Pages of rounds: which there are, a new one, one to be looked at before it is sent, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nawzajem.ground.refusals import Invalid, Stale
from nawzajem.pairs.models import Proposal
from nawzajem.pairs.rounds import acts, advice, reads
from nawzajem.pairs.rounds.forms import AgainForm, DecideForm, RoundForm
from nawzajem.pairs.rounds.models import Line, Round
from nawzajem.programmes import reads as programmes
from nawzajem.web.doorway import Request, on_duty
from nawzajem.web.once import id_in, key_of
from nawzajem.web.paging import page
from nawzajem.web.parts import spoken

State = Round.State
FIRST = 5  # of the worst served, on the round's own page


@on_duty("coordinator")
def rounds(request: Request) -> HttpResponse:
    context = {
        "rounds": page(request, reads.rounds(request.actor)),
        "names": advice.NAMES,
        "waiting": reads.may_be_asked(request.actor).count(),
        "place": "desk",
    }
    return render(request, "rounds/list.html", context)


@on_duty("coordinator")
def new(request: Request) -> HttpResponse:
    """Whose asks, and how to weigh; those left over from another round where one comes from there."""
    form, after = RoundForm(request.POST or None, programme=request.programme), _after(request)
    if request.method == "POST" and form.is_valid():
        return redirect("round", request.programme.slug, _made(request, form.cleaned_data, after).pk)
    context = {
        "form": form,
        "about": advice.ABOUT,
        "after": after,
        "waiting": reads.chosen(request.actor, after=after).count(),
        "place": "desk",
    }
    return render(request, "rounds/new.html", context, status=422 if form.errors else 200)


def _after(request: Request) -> Round | None:
    """Whose asks are taken up again."""
    wanted = request.GET.get("after") or id_in(request, "after")
    return reads.a_round(request.actor, wanted) if wanted else None


def _made(request: Request, wanted: dict[str, Any], after: Round | None) -> Round:
    """Sent twice, it is one round."""
    key, actor = key_of(request), request.actor
    strategy = wanted.pop("strategy")
    before = reads.rounds(actor).filter(pk=key).first()
    asks = reads.chosen(actor, after=after, **wanted)
    return before or acts.make(actor, request.programme, asks=asks, strategy=strategy, after=after, key=key)


@on_duty("coordinator")
def one(request: Request, round: str) -> HttpResponse:  # noqa: A002  as addresses name it
    """Before it is sent: what it comes to, and whom it serves worst. Afterwards: what became of it."""
    of = reads.a_round(request.actor, round)
    working = of.state in {State.WAITING, State.SOLVING, State.SENDING}
    context = {"round": of, "working": working, "names": advice.NAMES, "place": "desk"}
    return render(
        request, "rounds/round.html", context if working or not of.solved_at else context | _told(request, of)
    )


def _told(request: Request, of: Round) -> dict[str, Any]:
    worst = list(reads.pairs(request.actor, of)[:FIRST])
    figures, topics = of.figures, {topic.code: topic.name for topic in request.programme.all_topics}
    chosen = figures["strategies"][of.strategy]
    return (
        {
            "figures": figures,
            "chosen": chosen,
            "strategies": [
                (code, name, advice.ABOUT.get(code, ""), figures["strategies"][code])
                for code, name in advice.strategies()  # a database may keep them in an order of its own
                if code in figures["strategies"]
            ],
            "bars": _bars(chosen["bins"]),
            "alone": [(why, advice.summary(why), n) for why, n in reads.reasons_alone(of).items()],
            "topics_alone": reads.topics_alone(of)[:FIRST],
            "recruits": advice.to_recruit(figures.get("advice", {}), topics=topics),
            "outdated": reads.outdated(of) if of.state == State.PROPOSED else 0,
            "followed": _followed(of),
            "left_over": reads.left_over(request.actor, of) if of.state == State.SENT else 0,
        }
        | _about(request, of, worst)
    )


def _bars(bins: list[int]) -> list[tuple[str, int, int]]:
    """Scores in tenths from the best down, as far as there are any; how many pairs, and how long the bar is."""
    most, filled = max(bins, default=0), [place for place, count in enumerate(bins) if count]
    shown = range(filled[-1], filled[0] - 1, -1) if filled else range(0)
    return [(f"{10 * place}–{10 * place + 10}", bins[place], round(100 * bins[place] / most)) for place in shown]


def _followed(of: Round) -> dict[str, Any]:
    found = reads.followed(of)
    return {
        "sent": [(Proposal.State(state).label, n) for state, n in found.sent.items()],
        "dropped": [(Line.Dropped(why).label, n) for why, n in found.dropped.items()],
    }


def _about(request: Request, of: Round, lines: Iterable[Line]) -> dict[str, Any]:
    """What rows of lines need beside themselves: names, decisions, reasons."""
    rows = list(lines)
    people = [one for row in rows for one in (row.ask.person_id, row.offer.person_id if row.offer else None)]
    return {
        "lines": rows,
        "called": programmes.called(request.programme, people),
        "decided": {ask: next(iter(of_ask.values()), "") for ask, of_ask in _of_these(of, rows).items()},
        "fits": reads.fits(of, rows),
        "may_decide": of.state == State.PROPOSED,
    }


def _of_these(of: Round, rows: list[Line]) -> dict[str, dict[str, str]]:
    """Decisions about the very two of each line."""
    found, with_whom = reads.decisions(of, rows), {row.ask_id: row.offer_id for row in rows}
    return {ask: {one: kind for one, kind in told.items() if one == with_whom[ask]} for ask, told in found.items()}


@on_duty("coordinator")
def pairs(request: Request, round: str) -> HttpResponse:  # noqa: A002
    """All of them, the worst served first."""
    of = reads.a_round(request.actor, round)
    rows = page(request, reads.pairs(request.actor, of))
    return render(
        request, "rounds/pairs.html", {"round": of, "rows": rows, "place": "desk"} | _about(request, of, rows)
    )


@on_duty("coordinator")
def alone(request: Request, round: str) -> HttpResponse:  # noqa: A002
    """Those with nobody, the longest waiting first, each with a reason and, where it is little, what would help."""
    of, why = reads.a_round(request.actor, round), request.GET.get("why", "")
    rows = page(request, reads.alone(request.actor, of, why=why))
    minutes = spoken(request.programme, request.actor.time_zone)["minutes"]
    told = [
        (row, advice.why(row.why, row.facts), advice.what_would_help(row.hint, minutes=minutes))
        for row in rows
        if row.why
    ]
    context = {"round": of, "rows": rows, "told": told, "place": "desk"}
    return render(request, "rounds/alone.html", context | _about(request, of, rows))


@on_duty("coordinator")
def line(request: Request, round: str, ask: str) -> HttpResponse:  # noqa: A002
    """One ask of a round: whom it gets, and who else would fit."""
    of = reads.a_round(request.actor, round)
    own = reads.line(request.actor, of, ask)
    others = reads.others(of, own)
    people = [own.ask.person_id, *(other.offer.person_id for other in others)]
    holders = [held.ask.person_id for other in others for held in other.held_by]
    context = {
        "round": of,
        "line": own,
        "others": others,
        "called": programmes.called(request.programme, [*people, *holders]),
        "why": advice.why(own.why, own.facts) if own.why else "",
        "may_decide": of.state == State.PROPOSED,
        "place": "desk",
    }
    return render(request, "rounds/line.html", context)


# -- deeds ------------------------------------------------------------------------------------------------------------


@on_duty("coordinator")
@require_POST
def solve(request: Request, round: str) -> HttpResponse:  # noqa: A002
    of, form = reads.a_round(request.actor, round), AgainForm(request.POST)
    if not form.is_valid():
        raise Invalid(fields=form.errors)
    if of.state not in {State.WAITING, State.SOLVING}:  # pressed twice, it is on its way already
        acts.solve_again(request.actor, of, **form.cleaned_data)
    return redirect("round", request.programme.slug, of.pk)


@on_duty("coordinator")
@require_POST
def decide(request: Request, round: str, ask: str) -> HttpResponse:  # noqa: A002
    """Back to where it was decided: to the ask, or to the list it was left out of."""
    of, form = reads.a_round(request.actor, round), DecideForm(request.POST)
    if not form.is_valid():
        raise Invalid(fields=form.errors)
    what, left_out = form.cleaned_data["what"], form.cleaned_data["what"] == "leave_out"
    if left_out and not reads.has_line(of, ask):
        return redirect("round", request.programme.slug, of.pk)
    acts.decide(
        request.actor, of, reads.line(request.actor, of, ask), what=what, **_with(request, of, form.cleaned_data)
    )
    if left_out:
        messages.success(request, _("Left out. The ask waits for the next round."))
        return redirect("round", request.programme.slug, of.pk)
    return redirect("round_line", request.programme.slug, of.pk, ask)


def _with(request: Request, of: Round, wanted: dict[str, str]) -> dict[str, Any]:
    offer, other = wanted["offer"], wanted["other"]
    return {
        "offer": reads.an_offer(of, offer) if offer else None,
        "other": reads.line(request.actor, of, other) if other else None,
    }


@on_duty("coordinator")
@require_POST
def send(request: Request, round: str) -> HttpResponse:  # noqa: A002
    of, seen = reads.a_round(request.actor, round), request.POST.get("digest", "")
    if of.state in {State.SENDING, State.SENT} and of.digest == seen:
        messages.success(request, _("This round has been sent already."))
    else:
        acts.send(request.actor, of, digest=seen)
    return redirect("round", request.programme.slug, of.pk)


@on_duty("coordinator")
@require_POST
def cancel(request: Request, round: str) -> HttpResponse:  # noqa: A002
    """The button says what is to be stopped, so that pressed twice it does not stop more."""
    of = reads.a_round(request.actor, round)
    if of.state != State.CANCELLED:
        if of.state != request.POST.get("state") and of.state not in {State.WAITING, State.SOLVING}:
            raise Stale
        acts.cancel(request.actor, of)
    return redirect("round", request.programme.slug, of.pk)
