"""Every table there is."""

from nawzajem.asks.models import Ask
from nawzajem.coach.models import Hint, Silence
from nawzajem.conversations.calls.models import Ear, Signal
from nawzajem.conversations.models import Conversation, Message, Participant
from nawzajem.experiences.models import Experience
from nawzajem.ground.models import Event, Lasting, Mark, Passing, Run, Turn
from nawzajem.minors.models import Check, Consent, Standard
from nawzajem.notify.models import Bell, Letter, Ringer, Wish
from nawzajem.offers.models import Offer
from nawzajem.pairs.models import CheckIn, Pair, Proposal, Rating
from nawzajem.pairs.rounds.models import Decision, Line, Material, Round
from nawzajem.people.models import Device, Person, Token
from nawzajem.programmes.kept_out.models import KeptOut
from nawzajem.programmes.models import Duty, Invitation, Member, Programme, Text, Topic, Unit
from nawzajem.rulings.models import Appeal, Ruling
from nawzajem.safety.concerns.models import Call, Concern, Roster, Shift, Step, Watch
from nawzajem.safety.logbook.models import Logbook, Look, LookName
from nawzajem.safety.models import Block, Report
from nawzajem.safety.openings.models import Concerned, Opening
from nawzajem.waiting.models import Knock, Surge, Talk, Wait

__all__ = [
    "Appeal", "Ask", "Bell", "Block", "Call", "Check", "CheckIn", "Concern", "Concerned", "Consent", "Conversation",
    "Decision", "Device", "Duty", "Ear", "Event", "Experience", "Hint", "Invitation", "KeptOut", "Knock", "Lasting", "Letter",
    "Line", "Logbook", "Look", "LookName", "Mark", "Material", "Member", "Message", "Offer", "Opening", "Pair",
    "Participant", "Passing", "Person", "Programme", "Proposal", "Rating", "Report", "Ringer", "Roster", "Round",
    "Ruling", "Run", "Shift", "Signal", "Silence", "Standard", "Step", "Surge", "Talk", "Text", "Token", "Topic",
    "Turn", "Unit", "Wait", "Watch", "Wish",
]  # fmt: skip
