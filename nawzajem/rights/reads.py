"""Everything the house holds of a person, part by part, as that person may read it: for the download and for the API.

Other people appear by the name they have in the house, never by an id; somebody who has left has no name.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import Prefetch, Q

from nawzajem.asks import reads as asks
from nawzajem.asks.models import Ask
from nawzajem.coach.models import Hint, Silence
from nawzajem.conversations import reads as conversations
from nawzajem.conversations.calls import reads as calls
from nawzajem.conversations.models import Conversation, Participant
from nawzajem.core.matching.hours import DAY, stretches
from nawzajem.experiences import reads as experiences
from nawzajem.experiences.models import Experience
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import OFTEN, Event
from nawzajem.ground.seal import unseal
from nawzajem.minors.models import Check, Consent
from nawzajem.notify.models import Bell, Letter, Wish
from nawzajem.offers import reads as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import reads as pairs
from nawzajem.pairs.models import Pair, Proposal
from nawzajem.people.models import Person
from nawzajem.people.reads import me
from nawzajem.programmes.models import SUSPENDED, Invitation, Member
from nawzajem.rights.pages import pages
from nawzajem.rights.rows import Plain, fields
from nawzajem.rights.safe import safety

PROPOSALS = Prefetch("proposals", Proposal.objects.order_by("put_at"))


def everything(actor: Actor) -> dict[str, Plain | list[Plain]]:
    person = me(actor)
    return {part: read(actor, person) for part, read in PARTS.items()}


def download(actor: Actor) -> bytes:
    """A zip: a readable page for each part in the person's language, and all of it once more for machines."""
    told = everything(actor)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("everything.json", json.dumps(told, ensure_ascii=False, indent=1, default=_as_text))
        for name, html in pages(told, zone=actor.time_zone):
            folder.writestr(name, html)
    return packed.getvalue()


def _as_text(value: object) -> str:
    assert isinstance(value, date | datetime)
    return value.isoformat()


# -- the account ------------------------------------------------------------------------------------------------------

ABOUT = (
    "pseudonym", "joined_at", "seen_on", "language", "address", "speaks", "time_zone", "age", "gender", "theme",
    "text_size", "strong_contrast", "still", "shows_presence",
)  # fmt: skip


def _account(actor: Actor, person: Person) -> Plain:
    factors = Authenticator.objects.filter(user=person).order_by("created_at")
    return fields(person, *ABOUT) | {
        "email": [fields(one, "email", "verified") for one in EmailAddress.objects.filter(user=person)],
        "passphrase": person.has_usable_password(),
        "devices": [fields(one, "kind", "browser", "began_at", "seen_on") for one in person.devices.all()],
        "recovery_code": bool(person.recovery),
        "second_factors": [fields(one, "type", "created_at", "last_used_at") for one in factors],
        "tokens": [fields(one, "name", "scopes", "made_at", "used_on", "expires_on") for one in person.tokens.all()],
    }


def _programmes(actor: Actor, person: Person) -> list[Plain]:
    mine = Member.objects.filter(person=person).select_related("programme", "unit").order_by("joined_at")
    return [_place(place) for place in mine]


def _place(place: Member) -> Plain:
    made = Invitation.objects.filter(made_by=place.person_id, programme=place.programme_id)
    return {"programme": place.programme.name} | {
        "unit": place.unit.name if place.unit else "",
        "duties": [duty.kind for duty in place.duties.all()],
        "number_kept_scrambled": bool(place.known_print),
        "invitations_made": [fields(one, "made_at", "expires_at", "duty") for one in made],
    } | fields(
        place, "state", "joined_at", "called", "leads", "backgrounds", "conditions", "code", "agreed_version", "agreed_at",
        "away_until", "paused_until", "paused_for",
    )  # fmt: skip


# -- told, asked, offered ---------------------------------------------------------------------------------------------


def _experiences(actor: Actor, person: Person) -> list[Plain]:
    mine = Experience.objects.filter(person=person).select_related("programme", "topic", "person")
    shown = ("stage", "since", "until", "see_topic", "see_stage", "see_when", "see_words", "made_at", "changed_at")
    return [
        {"programme": one.programme.name, "topic": one.topic.name, "words": experiences.words_of(actor, one)}
        | fields(one, *shown)
        for one in mine
    ]


def _asks(actor: Actor, person: Person) -> list[Plain]:
    mine = Ask.objects.filter(person=person).select_related("programme", "person").order_by("made_at")
    shown = (
        "state", "stage", "kinds", "forms", "languages", "wish_age", "wish_gender", "wish_gender_must", "wish_backgrounds",
        "not_same_unit", "whoever", "made_at", "opened_at", "confirmed_at", "paired_at", "ending",
    )  # fmt: skip
    return [
        {
            "programme": one.programme.name,
            "topics": [topic.name for topic in one.topics.all()],
            "words": asks.words_of(actor, one),
            "hours": _hours(one.hours),
            "people_not_wanted": len(one.not_prints),
        }
        | fields(one, *shown)
        | {"proposals": [_proposal(each, "asker") for each in one.proposals.all()]}
        | {"waits": [fields(each, "begun_at", "state", "state_since") for each in one.waits.all()]}
        for one in mine.prefetch_related("topics", PROPOSALS, "waits")
    ]


def _offers(actor: Actor, person: Person) -> list[Plain]:
    mine = Offer.objects.filter(person=person).select_related("programme", "person")
    shown = (
        "state",
        "kinds",
        "forms",
        "languages",
        "capacity",
        "not_same_unit",
        "paused_until",
        "here_since",
        "here_until",
        "made_at",
        "answered_at",
    )
    return [
        {
            "programme": one.programme.name,
            "experiences": [each.topic.name for each in one.experiences.all()],
            "words": offers.words_of(actor, one),
            "hours": _hours(one.hours),
            "people_not_wanted": len(one.not_prints),
        }
        | fields(one, *shown)
        | {"proposals": [_proposal(each, "giver") for each in one.proposals.all()]}
        | {"knocks": [fields(each, "asked_at", "state", "state_since") for each in one.knocks.all()]}
        for one in mine.prefetch_related("experiences__topic", PROPOSALS, "knocks")
    ]


def _proposal(one: Proposal, side: str) -> Plain:
    """One's own answer; what the other said is not told here either."""
    mine = one.asker_says if side == "asker" else one.giver_says
    return fields(one, "state", "origin", "put_at", "answer_by") | {"my_answer": mine}


def _hours(week: str) -> list[Plain]:
    """Hours on end, Monday being day 0."""
    return [{"day": run.start // DAY, "from": run.start % DAY, "hours": run.length} for run in stretches(week)]


# -- of two -----------------------------------------------------------------------------------------------------------


def _pairs(actor: Actor, person: Person) -> list[Plain]:
    here = Pair.objects.filter(Q(asker=person) | Q(giver=person)).select_related("conversation", "programme", "talk")
    mine = list(here.prefetch_related("ratings", "checkins").order_by("begun_at"))
    others = conversations.others_in(actor, [one.conversation for one in mine])
    return [_pair(actor, one, others[one.conversation_id]) for one in mine]


def _pair(actor: Actor, one: Pair, others: list[conversations.Other]) -> Plain:
    side = "asker" if one.asker_id == actor.person else "giver"
    settled, (mine, theirs) = pairs.agreement(actor, one), pairs.ratings(actor, one)
    return {
        "programme": one.programme.name,
        "with": [other.name for other in others],
        "i_asked": side == "asker",
        "aim": settled.aim,
        "safety_words": settled.safety_words,
        "i_agreed_at": getattr(one, f"{side}_agreed_at"),
        "check_ins": [
            {"due_on": each.due_on, "my_answer": getattr(each, f"{side}_says")} for each in one.checkins.all()
        ],
        "i_ended_it": one.ended_by_id == actor.person,
        "my_reason": one.ending if one.ended_by_id == actor.person else "",
        "my_rating": _rating(mine),
        "rating_of_me": _rating(theirs),
        "began_at_once": hasattr(one, "talk"),
        "i_would_stay_in_touch": getattr(one.talk, f"{side}_stays") if hasattr(one, "talk") else None,
    } | fields(one, "state", "begun_at", "rhythm", "turns", "ends_on")


def _rating(one: Any) -> Plain | None:
    return fields(one, "at", "understood", "helped", "again") if one else None


def _conversations(actor: Actor, person: Person) -> list[Plain]:
    mine = Participant.objects.filter(person=person, left_at=None).select_related("conversation__programme")
    talks = [one.conversation for one in mine.order_by("conversation__opened_at")]
    others = conversations.others_in(actor, talks)
    suspended = set(Member.objects.filter(person=person, paused_for__in=SUSPENDED).values_list("programme", flat=True))
    return [_talk(actor, one, others[one.pk], own_only=one.programme_id in suspended) for one in talks]


def _talk(actor: Actor, one: Conversation, others: list[conversations.Other], *, own_only: bool) -> Plain:
    """Where words last only while two talk, a file of them would be a recording. To whoever was paused or removed by a decision
    the page is closed; then their own words are told here, and of the others' that and when they were there."""
    content = one.programme.options.content
    said = (
        []
        if content == "while_talking"
        else [
            {"at": line.at, "by": "me" if line.mine else line.author, "state": line.state}
            | {"text": line.text if line.mine or not own_only else ""}
            for line in conversations.every_line(actor, one)
        ]
    )
    return {
        "programme": one.programme.name,
        "with": [other.name for other in others],
        "may_be_rung": calls.standing(actor, one).mine,
        "opened_at": one.opened_at,
        "closed_at": one.closed_at,
        "words_kept": content == "kept",
        "words_of_others_held_back": own_only,
        "messages": said,
    }


def _minors(actor: Actor, person: Person) -> Plain:
    """Consents and checks that concern me, and those that I recorded for others."""
    consents = Consent.objects.filter(member__person=person).select_related("member__programme").order_by("asked_at")
    checks = Check.objects.filter(member__person=person).select_related("member__programme")
    shown = ("state", "how", "relation", "asked_at", "answered_on")
    told = {
        "consents": [
            {
                "programme": one.member.programme.name,
                "guardian": unseal(person.vault, one.guardian, about=f"consent:{one.pk}"),
            }
            | fields(one, *shown)
            for one in consents
        ],
        "checks": [
            {"programme": one.member.programme.name, "kind": one.kind} | fields(one, "result", "done_on", "expires_on")
            for one in checks
        ],
        "consents_recorded": person.consents_recorded.count(),
        "checks_recorded": person.checks_recorded.count(),
        "standards_written": person.standards_written.count(),
    }
    return {key: value for key, value in told.items() if value}


# -- letters, what happened -----------------------------------------------------------------------------------


def _letters(actor: Actor, person: Person) -> Plain:
    wish = Wish.objects.filter(person=person).first()
    mine = Letter.objects.filter(person=person).order_by("made_at")
    return {
        "wished": fields(wish, "kinds", "quiet_from", "quiet_until") if wish else None,
        "letters": [fields(one, "made_at", "kind", "state", "state_since", "rung_at") for one in mine],
        "bells": [
            {"address": unseal(one.vault, one.address, about=f"bell:{one.pk}")} | fields(one, "made_at")
            for one in Bell.objects.filter(person=person).order_by("made_at")
        ],
    }


def _events(actor: Actor, person: Person) -> list[Plain]:
    """What is on record that I did, and when."""
    names = {one.programme_id: one.programme.name for one in person.memberships.select_related("programme")}
    talks = Participant.objects.filter(person=person).values("conversation")
    done = Q(by=person.pk) & (~Q(kind=OFTEN) | Q(thing_kind="conversation", thing__in=talks))
    mine = Event.objects.filter(done | Q(thing_kind="person", thing=person.pk)).order_by("id")
    return [{"at": one.at, "kind": one.kind, "programme": names.get(one.programme, "")} for one in mine]


def _coach(actor: Actor, person: Person) -> Plain:
    """Hints as codes and what became of them: more is not kept."""
    mine = Hint.objects.filter(person=person).order_by("shown_at")
    silent = Silence.objects.filter(person=person).values_list("since", flat=True).first()
    told = [fields(one, "shown_at", "code", "outcome", "reason") for one in mine]
    return {"hints_switched_off_since": silent, "hints": told}


PARTS: dict[str, Callable[[Actor, Person], Any]] = {
    "account": _account,
    "programmes": _programmes,
    "minors": _minors,
    "experiences": _experiences,
    "asks": _asks,
    "offers": _offers,
    "pairs": _pairs,
    "conversations": _conversations,
    "coach": _coach,
    "safety": safety,
    "letters": _letters,
    "events": _events,
}
