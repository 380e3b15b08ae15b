"""What the house holds of a person's safety and duty: doors, reports, signs of danger, what was opened, looked at and decided."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from nawzajem.ground.actor import Actor
from nawzajem.ground.seal import unseal
from nawzajem.people.models import Person
from nawzajem.programmes.kept_out import reads as kept_out
from nawzajem.programmes.models import Member
from nawzajem.rights.rows import Plain, fields
from nawzajem.rulings import reads as rulings
from nawzajem.rulings.models import Appeal, Ruling
from nawzajem.safety.concerns.models import Call, Concern, Roster, Shift, Step
from nawzajem.safety.logbook import reads as logbook
from nawzajem.safety.models import Block, Report
from nawzajem.safety.openings import reads as openings
from nawzajem.safety.openings.models import Opening


def safety(actor: Actor, person: Person) -> Plain:
    mine = Report.objects.filter(by=person).select_related("programme").order_by("at")
    taken = Report.objects.filter(taken_by=person).order_by("at")
    return (
        {
            "doors_closed": [
                {"at": one.at, "to": _called(one)} for one in Block.objects.filter(by=person).order_by("at")
            ],
            "reports_made": [
                {"programme": one.programme.name, "words": unseal(one.vault, one.words, about=f"report:{one.pk}")}
                | fields(one, "at", "reason", "state", "outcome")
                for one in mine
            ],
            "reports_looked_into": [fields(one, "at", "state", "outcome") for one in taken],
            "opened_of_mine": [_opened(one) for one in openings.of_mine(actor)],
            "openings_decided": [_decided(person, one) for one in _two_opened(person)],
            "looks_at_mine": [_look(one) | {"looked": one.who} for one in logbook.told(logbook.of_mine(actor))],
            "looks_of_mine": [_look(one) for one in logbook.told(logbook.by_me(actor))],
        }
        | _danger(person)
        | _ruled(person)
    )


def _ruled(person: Person) -> Plain:
    """What was decided about me, but for notes, which belong to whoever is on duty and would show who reported; and what I
    decided about others, without its words."""
    about = Ruling.objects.filter(about=person).exclude(kind=Ruling.Kind.NOTE).select_related("programme", "appeal")
    made = Ruling.objects.filter(by=person).order_by("made_at")
    return {
        "decided_about_me": [_ruling(one) for one in about.order_by("made_at")],
        "decided_by_me": [_facts_of(one) for one in made],
        "decided_anew_by_me": Appeal.objects.filter(decided_by=person).count(),
    }


def _ruling(one: Ruling) -> Plain:
    said = rulings.words_in(one)
    told = {"programme": one.programme.name, "words": said.words, "my_reply": said.reply, "my_appeal": said.appeal}
    return _facts_of(one) | told | {"answer": said.answer}


def _facts_of(one: Ruling) -> Plain:
    told = {"what": one.get_kind_display(), "why": one.get_reason_display(), "how_it_stands": one.get_state_display()}
    return told | fields(one, "made_at", "holds_since", "until") | {"address_kept_out_until": kept_out.until(one.pk)}


def _danger(person: Person) -> Plain:
    """Signs of danger: those about me, but for what somebody else raised; those I raised; what I did on duty."""
    about = Concern.objects.filter(about=person).exclude(origin=Concern.Origin.OTHER).order_by("raised_at")
    raised = Concern.objects.filter(by=person).order_by("raised_at")
    steps = Step.objects.filter(by=person).select_related("concern")
    weeks, shifts = Roster.objects.filter(person=person), Shift.objects.filter(person=person)
    return {
        "signs_about_me": [_sign(one) for one in about],
        "signs_i_raised": [
            _sign(one) | {"words": unseal(one.vault, one.words, about=f"concern:{one.pk}")} for one in raised
        ],
        "signs_i_took": [_sign(one) for one in Concern.objects.filter(owner=person).order_by("raised_at")],
        "steps_i_noted": [
            {
                "at": one.at,
                "what_was_done": one.get_what_display(),
                "words": unseal(one.concern.vault, one.words, about=f"step:{one.pk}"),
            }
            for one in steps
        ],
        "calls_to_me": [
            {"at": one.at, "how_it_ended": one.get_answer_display()} for one in Call.objects.filter(person=person)
        ],
        "hours_on_duty": [{"programme": one.programme.name, "hours": one.week} for one in weeks],
        "shifts": [fields(one, "begins_at", "ends_at", "is_away") for one in shifts],
    }


def _sign(one: Concern) -> Plain:
    return {
        "at": one.raised_at,
        "how_pressing": one.get_tier_display(),
        "what_it_may_be": one.get_kind_display(),
        "how_it_stands": one.get_state_display(),
        "how_it_ended": one.get_outcome_display(),
    }


def _opened(one: openings.Opened) -> Plain:
    return fields(one, "at", "programme", "kind", "reason", "until") | {"looked": ", ".join(filter(None, one.by))}


def _two_opened(person: Person) -> QuerySet[Opening]:
    mine = Opening.objects.filter(Q(asked_by=person) | Q(answered_by=person))
    return mine.select_related("programme").order_by("asked_at")


def _decided(person: Person, one: Opening) -> Plain:
    """One's own words with it, for whoever asked; whose talk it was belongs to them."""
    mine = unseal(one.vault, one.words, about=f"opening:{one.pk}") if one.asked_by_id == person.pk else ""
    told = {"at": one.asked_at, "kind": one.get_kind_display(), "reason": one.get_reason_display()}
    return told | {"programme": one.programme.name, "state": one.get_state_display(), "words": mine}


def _look(one: logbook.Seen) -> Plain:
    return fields(one, "at", "programme", "what", "why")


def _called(block: Block) -> str:
    """The name somebody has where both are; empty when they are nowhere together any more."""
    mine = Member.objects.filter(person=block.by_id).values("programme")
    shared = Member.objects.filter(person=block.of_id, programme__in=mine).exclude(state=Member.State.LEFT)
    return shared.values_list("called", flat=True).first() or ""
