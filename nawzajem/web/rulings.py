"""Looking into reports, deciding, deciding anew; and what was decided, for whoever it concerns."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nawzajem.ground.refusals import Closed, NotFound
from nawzajem.ground.words import said
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.kept_out import reads as kept_out
from nawzajem.rulings import acts, reads, rules
from nawzajem.rulings.forms import AnewForm, AppealForm, ReplyForm, RulingForm
from nawzajem.rulings.models import Ruling
from nawzajem.safety.forms import CloseForm
from nawzajem.safety.logbook import acts as logbook
from nawzajem.safety.models import Report
from nawzajem.web.doorway import Request, before_agreement, on_duty, while_suspended
from nawzajem.web.once import key_of
from nawzajem.web.paging import page
from nawzajem.web.refusals import told_in

# -- the queue --------------------------------------------------------------------------------------------------------


@on_duty(*rules.KEEPERS)
def queue(request: Request) -> HttpResponse:
    """The gravest first, of equals the oldest; who has each, and by when somebody should."""
    which = request.GET.get("which", "open")
    if which not in reads.FILTERS:
        raise NotFound
    rows = page(request, reads.queue(request.actor, which))
    people = [one for row in rows for one in (row.by_id, row.about_id, row.taken_by_id)]
    context = {
        "which": which,
        "rows": rows,
        "called": programmes.called(request.programme, people),
        "to_decide": reads.to_decide(request.actor),
        "place": "desk",
    }
    return render(request, "rulings/queue.html", context)


@on_duty(*rules.KEEPERS)
def report(request: Request, report: str) -> HttpResponse:
    one = reads.report(request.actor, report)
    logbook.note(request.actor, [one.by_id], what="report", thing=one.pk)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        acts.close(request.actor, one, outcome=form.cleaned_data["outcome"])
        messages.success(request, _("Closed. Whoever reported it is told what came of it."))
        return redirect("desk_reports", request.programme.slug)
    return _report(request, one, form=form)


def _report(request: Request, one: Report, **forms: Any) -> HttpResponse:
    decided = list(reads.rulings(request.actor).filter(report=one))
    context = {
        "report": one,
        "words": reads.words_of(request.actor, one),
        "rulings": decided,
        "before": reads.about(request.actor, one.about_id).exclude(report=one)[:5] if one.about_id else [],
        "may_rule": reads.can_be_ruled_on(one),
        "called": programmes.called(request.programme, [one.by_id, one.about_id, one.taken_by_id]),
        "place": "desk",
    } | forms
    wrong = any(form.errors for form in forms.values())
    return render(request, "rulings/report.html", context, status=422 if wrong else 200)


@on_duty(*rules.KEEPERS)
@require_POST
def take_report(request: Request, report: str) -> HttpResponse:
    acts.take(request.actor, reads.report(request.actor, report))
    return redirect("desk_report", request.programme.slug, report)


@on_duty(*rules.KEEPERS)
@require_POST
def give_back(request: Request, report: str) -> HttpResponse:
    one = reads.report(request.actor, report)
    if one.state != Report.State.RAISED:
        acts.give_back(request.actor, one)
    return redirect("desk_reports", request.programme.slug)


# -- deciding ---------------------------------------------------------------------------------------------------------


@on_duty(*rules.KEEPERS)
def rule(request: Request, report: str) -> HttpResponse:
    """What is done, for which reason, in words that the person reads."""
    one = reads.report(request.actor, report)
    if request.method != "POST" and not reads.can_be_ruled_on(one):
        return redirect("desk_report", request.programme.slug, one.pk)
    form = RulingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with told_in(form):
            made = acts.rule(request.actor, one, key=key_of(request), **form.cleaned_data)
            return redirect("desk_ruling", request.programme.slug, made.pk)
    called = programmes.called(request.programme, [one.about_id])
    context = {"report": one, "form": form, "called": called, "place": "desk"}
    return render(request, "rulings/rule.html", context, status=422 if form.errors else 200)


@on_duty(*rules.KEEPERS)
def at_desk(request: Request, ruling: str) -> HttpResponse:
    """One ruling with all that was said; and, where an appeal waits for this keeper, deciding anew."""
    one = reads.ruling(request.actor, ruling)
    logbook.note(request.actor, [one.about_id], what="ruling", thing=one.pk)
    appeal = getattr(one, "appeal", None)
    form = AnewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if appeal is None:
            raise Closed
        with told_in(form):
            acts.decide(request.actor, appeal, **form.cleaned_data)
            messages.success(request, _("Decided. Both are told."))
            return redirect("desk_ruling", request.programme.slug, one.pk)
    people = [one.about_id, one.by_id, appeal.decided_by_id if appeal else None]
    context = {
        "one": one,
        "appeal": appeal,
        "said": reads.said(request.actor, one),
        "form": form if appeal and appeal.state == "waiting" and rules.may_decide(request.actor, appeal) else None,
        "can_settle": rules.can_settle(one),
        "can_be_decided": reads.can_be_decided(one) if appeal and appeal.state == "waiting" else True,
        "has_fallback": bool(request.programme.options.fallback_email),
        "can_come_again": reads.can_come_again(one),
        "called": programmes.called(request.programme, people),
        "place": "desk",
    }
    return render(request, "rulings/desk.html", context, status=422 if form.errors else 200)


@on_duty(*rules.KEEPERS)
@require_POST
def settle(request: Request, ruling: str) -> HttpResponse:
    """After the answer: it is done, or it is not."""
    acts.settle(request.actor, reads.ruling(request.actor, ruling), holds="holds" in request.POST)
    return redirect("desk_ruling", request.programme.slug, ruling)


@on_duty(*rules.KEEPERS)
@require_POST
def lift(request: Request, ruling: str) -> HttpResponse:
    acts.lift(request.actor, reads.ruling(request.actor, ruling))
    messages.success(request, _("Lifted. They are told."))
    return redirect("desk_ruling", request.programme.slug, ruling)


# -- for whoever it concerns ------------------------------------------------------------------------------------------


@before_agreement
@while_suspended
def mine(request: Request) -> HttpResponse:
    context = {"rulings": reads.mine(request.actor), "place": "me"}
    return render(request, "rulings/mine.html", context)


@before_agreement
@while_suspended
def ruling(request: Request, ruling: str) -> HttpResponse:
    """What was decided, why, since when and until when, and what can be said to it."""
    one = reads.my_ruling(request.actor, ruling)
    acts.read(request.actor, one)
    return _statement(request, one, reply=ReplyForm(), appeal=AppealForm())


def _statement(request: Request, one: Ruling, *, reply: ReplyForm, appeal: AppealForm) -> HttpResponse:
    appealed = getattr(one, "appeal", None)
    asks = rules.can_appeal(one) or (appealed is not None and appealed.state == "waiting")
    options = request.programme.options
    context = {
        "one": one,
        "appealed": appealed,
        "can_be_decided": reads.can_be_decided(one) if asks else True,
        "answer_days": options.appeal_answer_days,
        "fallback": said(dict[str, str](**options.fallback)) if options.fallback and options.fallback_email else "",
        "kept_out_until": kept_out.until(one.pk) if one.kind == "removal" else None,
        "said": reads.said(request.actor, one),
        "reply": reply if rules.can_reply(one) else None,
        "appeal": appeal if rules.can_appeal(one) else None,
        "place": "me",
    }
    wrong = reply.errors or appeal.errors
    return render(request, "rulings/ruling.html", context, status=422 if wrong else 200)


@before_agreement
@while_suspended
@require_POST
def reply(request: Request, ruling: str) -> HttpResponse:
    one, form = reads.my_ruling(request.actor, ruling), ReplyForm(request.POST)
    if not form.is_valid():
        return _statement(request, one, reply=form, appeal=AppealForm())
    acts.reply(request.actor, one, words=form.cleaned_data["words"])
    messages.success(request, _("Thank you. Whoever decides reads it first."))
    return redirect("ruling", request.programme.slug, one.pk)


@before_agreement
@while_suspended
@require_POST
def appeal(request: Request, ruling: str) -> HttpResponse:
    one, form = reads.my_ruling(request.actor, ruling), AppealForm(request.POST)
    if not form.is_valid():
        return _statement(request, one, reply=ReplyForm(), appeal=form)
    acts.appeal(request.actor, one, words=form.cleaned_data["words"])
    messages.success(request, _("Somebody else looks at it anew. You are told here, and by letter."))
    return redirect("ruling", request.programme.slug, one.pk)
