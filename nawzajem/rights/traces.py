"""Every place where a person is named, by a foreign key or by an id: what the download tells of it, what erasing does.

A test walks all tables and fails on a place that is missing here; another erases somebody and looks for them everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fate = Literal["goes", "unnamed", "emptied"]
# goes: the row goes with the person. unnamed: it stays for the others, and no longer says who. emptied: the id is taken out.


@dataclass(frozen=True, slots=True)
class Trace:
    place: str  # Model.field
    fate: Fate
    told: str  # the part of the download; or, after "-", why it is not told


TRACES = (
    # the account and the ways in
    Trace("Token.person", "goes", "account"),
    Trace("Device.person", "goes", "account"),
    Trace("EmailAddress.user", "goes", "account"),
    Trace("Authenticator.user", "goes", "account"),
    Trace("Session.session_data", "goes", "- says only that somebody is signed in on some device"),
    # places in programmes
    Trace("Member.person", "goes", "programmes"),
    Trace("Invitation.claims", "goes", "- the way to this very account, before it had an owner"),
    Trace("Invitation.made_by", "unnamed", "programmes"),
    # what has to be in order for minors
    Trace("Consent.by", "unnamed", "minors"),
    Trace("Check.by", "unnamed", "minors"),
    Trace("Standard.by", "unnamed", "minors"),
    # what a person told, asked and offered
    Trace("Experience.person", "goes", "experiences"),
    Trace("Ask.person", "goes", "asks"),
    Trace("Offer.person", "goes", "offers"),
    # what belongs to two
    Trace("Pair.asker", "unnamed", "pairs"),
    Trace("Pair.giver", "unnamed", "pairs"),
    Trace("Pair.ended_by", "unnamed", "pairs"),
    Trace("Rating.by", "unnamed", "pairs"),
    Trace("Participant.person", "unnamed", "conversations"),
    # the coach
    Trace("Hint.person", "goes", "coach"),
    Trace("Silence.person", "goes", "coach"),
    # safety
    Trace("Block.by", "goes", "safety"),
    Trace("Block.of", "goes", "- that somebody closed the door is not told to whom it was closed"),
    Trace("Report.by", "unnamed", "safety"),
    Trace("Report.about", "unnamed", "- whoever reported something is protected"),
    Trace("Report.taken_by", "unnamed", "safety"),
    Trace("Ruling.about", "unnamed", "safety"),
    Trace("Ruling.by", "unnamed", "safety"),
    Trace("Appeal.decided_by", "unnamed", "safety"),
    Trace("LookName.person", "goes", "safety"),
    Trace("Concern.about", "unnamed", "safety"),
    Trace("Concern.by", "unnamed", "safety"),
    Trace("Concern.owner", "unnamed", "safety"),
    Trace("Step.by", "unnamed", "safety"),
    Trace("Call.person", "goes", "safety"),
    Trace("Roster.person", "goes", "safety"),
    Trace("Shift.person", "goes", "safety"),
    Trace("Opening.asked_by", "unnamed", "safety"),
    Trace("Opening.answered_by", "unnamed", "safety"),
    Trace("Concerned.person", "goes", "safety"),
    # letters and what happened
    Trace("Wish.person", "goes", "letters"),
    Trace("Letter.person", "goes", "letters"),
    Trace("Bell.person", "goes", "letters"),
    Trace("Event.by", "emptied", "events"),
    Trace("Event.thing", "emptied", "events"),
)
