"""Which event becomes which letter for whom, after which wait, and whether it is still needed when its time comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from nawzajem.asks.models import Ask
from nawzajem.conversations.models import Conversation, Participant
from nawzajem.conversations.reads import UNREAD
from nawzajem.ground.models import Event
from nawzajem.notify import reads
from nawzajem.notify.models import Kind, Letter
from nawzajem.offers import reads as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs.models import CheckIn, Pair, Proposal
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import SUSPENDED, Duty, Member
from nawzajem.rulings import reads as rulings
from nawzajem.rulings.models import Appeal, Ruling
from nawzajem.safety.concerns.models import Call, Concern
from nawzajem.safety.models import Report
from nawzajem.safety.openings.models import Concerned, Opening
from nawzajem.waiting.models import Knock, Surge, Wait

AT_ONCE, MOMENT, MINUTES, HOURS = timedelta(0), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Occasion:
    """`whom` names people's ids; `needed` is asked when the letter is about to go. `about` says which id it carries."""

    kind: Kind
    code: str
    whom: Callable[[Event], Iterable[str | None]]
    needed: Callable[[Letter], bool]
    after: timedelta = MOMENT
    about: str = "thing"  # a field of the event: the thing, or the whole programme
    daily: bool = False  # however much happens, one a day
    urgent: bool = False  # part of a duty: at night too, and whether or not such letters are wished for


def occasions(event: Event) -> Iterator[tuple[Occasion, str]]:
    """What an event gives rise to, each with the person it is for. Nobody gets a letter about what they did themselves."""
    for occasion in OCCASIONS[event.kind]:
        for person in occasion.whom(event):
            if person and person != event.by:
                yield occasion, person


def is_urgent(letter: Letter) -> bool:
    return BY_CODE[letter.code].urgent


def is_needed(letter: Letter) -> bool:
    """Whether there is still something to see, for somebody who is still there."""
    return reads.still_there(letter) and _is_open_to(letter) and BY_CODE[letter.code].needed(letter)


def _is_open_to(letter: Letter) -> bool:
    """To somebody who is paused by a decision come letters about that, and no others."""
    here = Member.objects.filter(programme=letter.programme_id, person=letter.person_id)
    suspended = here.filter(state=Member.State.PAUSED, paused_for__in=SUSPENDED)
    return letter.kind == Kind.SAFETY or not suspended.exists()


def told_upto(letter: Letter) -> int:
    """How far a letter about messages tells, so that one that was not followed is not followed by another."""
    if letter.kind != Kind.MESSAGE:
        return 0
    return Conversation.objects.filter(pk=letter.thing).values_list("last_seq", flat=True).first() or 0


# -- whom it is for ---------------------------------------------------------------------------------------------------


def _asked(event: Event) -> list[str]:
    """The sides of a proposal that have not said anything yet."""
    one = Proposal.objects.filter(pk=event.thing).select_related("ask", "offer").first()
    if one is None:
        return []
    sides = [(one.asker_says, one.ask.person_id), (one.giver_says, one.offer.person_id)]
    return [person for says, person in sides if says is None]


def _left_to_choose(event: Event) -> Iterable[str]:
    """Somebody who chooses for themselves, and whose choice did not come about."""
    return Ask.objects.filter(proposals=event.thing, whoever=False).values_list("person", flat=True)


def _owner_of_ask(event: Event) -> Iterable[str]:
    return Ask.objects.filter(pk=event.thing).values_list("person", flat=True)


def _owner_of_offer(event: Event) -> Iterable[str]:
    return Offer.objects.filter(pk=event.thing).values_list("person", flat=True)


def _pair(event: Event) -> list[str | None]:
    return [person for row in Pair.objects.filter(pk=event.thing).values_list("asker", "giver") for person in row]


def _pair_unless_foreseen(event: Event) -> list[str | None]:
    """When the days for last words are over, both knew."""
    return [] if event.via == "chore" else _pair(event)


def _in_conversation(event: Event) -> Iterable[str | None]:
    here = Participant.objects.filter(conversation=event.thing, left_at=None)
    return here.values_list("person", flat=True)


def _coordinators(event: Event) -> Iterable[str]:
    return programmes.keepers(event.programme, Duty.Kind.COORDINATOR).values_list("person", flat=True)


def _knocked_at(event: Event) -> Iterable[str]:
    """Those of the wave that this event tells of."""
    wave = Knock.objects.filter(wait=event.thing, wave=event.facts["wave"])
    return wave.values_list("offer__person", flat=True)


def _who_waited(event: Event) -> Iterable[str]:
    return Wait.objects.filter(pk=event.thing).values_list("ask__person", flat=True)


def _who_could_come_back(event: Event) -> Iterable[str]:
    """Those whose offer rests because they fell silent; nobody who wished to rest is asked to come back."""
    return offers.resting_by_themselves(event.programme).values_list("person", flat=True)


def _member(event: Event) -> Iterable[str]:
    return Member.objects.filter(pk=event.thing).values_list("person", flat=True)


def _on_duty(event: Event) -> Iterable[str]:
    keepers = programmes.keepers(event.programme, Duty.Kind.COORDINATOR, Duty.Kind.OFFICER)
    return keepers.values_list("person", flat=True)


def _who_may_look_into(event: Event) -> list[str]:
    report = Report.objects.select_related("programme").filter(pk=event.thing).first()
    return rulings.who_may_look_into(report) if report else []


def _reporter(event: Event) -> Iterable[str | None]:
    return Report.objects.filter(pk=event.thing).values_list("by", flat=True)


def _reporter_of_ruling(event: Event) -> Iterable[str | None]:
    return Ruling.objects.filter(pk=event.thing, report__isnull=False).values_list("report__by", flat=True)


def _whom_it_concerns(event: Event) -> Iterable[str | None]:
    return Ruling.objects.filter(pk=event.thing).exclude(kind=Ruling.Kind.NOTE).values_list("about", flat=True)


def _who_may_decide(event: Event) -> list[str]:
    """Of an answer everybody who stands apart; of an appeal, but for whoever decided first."""
    ruling = Ruling.objects.select_related("programme", "report").filter(pk=event.thing).first()
    return (
        rulings.who_may_handle(ruling, anew=event.kind in {"ruling.appealed", "ruling.appeal_late"}) if ruling else []
    )


def _left_beside(event: Event) -> Iterable[str | None]:
    """The other of a pair, of whom one may not take part for now."""
    here = Pair.objects.filter(pk=event.thing).first()
    people = [] if here is None else [here.asker_id, here.giver_id]
    gone = Member.objects.filter(programme=event.programme, person__in=people, paused_for__in=SUSPENDED)
    return set(people) - set(gone.values_list("person", flat=True))


def _called(event: Event) -> Iterable[str]:
    """Whoever this event calls to a concern."""
    return Call.objects.filter(pk=event.facts.get("call")).values_list("person", flat=True)


def _whose_was_opened(event: Event) -> Iterable[str]:
    """Nobody as long as telling is put off."""
    told = Concerned.objects.filter(opening=event.thing, opening__told_at__isnull=False)
    return told.values_list("person", flat=True)


def _who_may_be_second(event: Event) -> list[str]:
    concerned = set(Concerned.objects.filter(opening=event.thing).values_list("person", flat=True))
    return [one for one in _on_duty(event) if one not in concerned]


# -- whether it is still needed ---------------------------------------------------------------------------------------


def _always(letter: Letter) -> bool:
    return True


def _proposal_waits(letter: Letter) -> bool:
    out = Proposal.objects.out().filter(pk=letter.thing)
    mine = out.filter(ask__person=letter.person_id, asker_says=None)
    return mine.exists() or out.filter(offer__person=letter.person_id, giver_says=None).exists()


def _pair_goes_on(letter: Letter) -> bool:
    return Pair.objects.going().filter(pk=letter.thing).exists()


def _other_waits_for_yes(letter: Letter) -> bool:
    pair = Pair.objects.going().filter(pk=letter.thing).first()
    if pair is None:
        return False
    return (pair.asker_agreed_at if letter.person_id == pair.asker_id else pair.giver_agreed_at) is None


def _opening_unread(letter: Letter) -> bool:
    mine = Concerned.objects.filter(opening=letter.thing, person=letter.person_id, read_at=None)
    return mine.filter(opening__told_at__isnull=False).exists()


def _opening_waits(letter: Letter) -> bool:
    asked = Opening.objects.filter(pk=letter.thing, state=Opening.State.ASKED)
    return asked.exists() and _on_duty_still(letter)


def _unread(letter: Letter) -> bool:
    """Something has come that the reader has not seen, and of which no letter has told already."""
    here = Participant.objects.filter(conversation=letter.thing, person=letter.person_id, left_at=None)
    mine = here.alias(unread=UNREAD).filter(unread__gt=0, conversation__vault__isnull=False).first()
    before = reads.last_sent(letter)
    return mine is not None and (before is None or before.upto <= mine.read_seq)


def _still_asked(letter: Letter) -> bool:
    return Ask.objects.filter(pk=letter.thing, state=Ask.State.OPEN, confirmed_at__lt=letter.made_at).exists()


def _may_choose_another(letter: Letter) -> bool:
    ask = Ask.objects.filter(proposals=letter.thing, state=Ask.State.OPEN, whoever=False)
    return ask.exists()


def _check_in_open(letter: Letter) -> bool:
    told = CheckIn.objects.filter(pair__in=Pair.objects.going().filter(pk=letter.thing), told_at__isnull=False)
    last = told.select_related("pair").last()
    if last is None:
        return False
    return not (last.asker_says if last.pair.asker_id == letter.person_id else last.giver_says)


def _still_quiet(letter: Letter) -> bool:
    pair = Pair.objects.going().exclude(state=Pair.State.PAUSING).filter(pk=letter.thing)
    return pair.exists() and not pair.filter(conversation__last_at__gt=letter.made_at).exists()


def _closing(letter: Letter) -> bool:
    return Pair.objects.filter(pk=letter.thing, state=Pair.State.CLOSING).exists()


def _offer_rests(letter: Letter) -> bool:
    return Offer.objects.filter(pk=letter.thing, state=Offer.State.PAUSED).exists()


def _report_waits(letter: Letter) -> bool:
    return Report.objects.filter(pk=letter.thing, state=Report.State.RAISED).exists()


def _answer_waits(letter: Letter) -> bool:
    waiting = Ruling.objects.filter(pk=letter.thing, state=Ruling.State.HEARD)
    return waiting.exists() and _on_duty_still(letter)


def _appeal_waits(letter: Letter) -> bool:
    waiting = Appeal.objects.filter(ruling=letter.thing, state=Appeal.State.WAITING)
    return waiting.exists() and _on_duty_still(letter)


def _ruling_unread(letter: Letter) -> bool:
    return Ruling.objects.filter(pk=letter.thing, about=letter.person_id, read_at=None).exists()


def _call_waits(letter: Letter) -> bool:
    waiting = Call.objects.filter(concern=letter.thing, person=letter.person_id, answer=Call.Answer.WAITING)
    return waiting.exists()


def _nobody_took_it(letter: Letter) -> bool:
    return Concern.objects.filter(pk=letter.thing, state=Concern.State.RAISED).exists()


def _knock_waits(letter: Letter) -> bool:
    asked = Knock.objects.filter(wait=letter.thing, state=Knock.State.ASKED, offer__person=letter.person_id)
    return asked.filter(wait__state=Wait.State.WAITING).exists()


def _nobody_came(letter: Letter) -> bool:
    return Wait.objects.filter(pk=letter.thing, state=Wait.State.NOBODY, ask__state=Ask.State.DRAFT).exists()


def _surge_goes_on(letter: Letter) -> bool:
    return Surge.objects.filter(pk=letter.thing, ended_at=None).exists()


def _surge_and_rest(letter: Letter) -> bool:
    return (
        _surge_goes_on(letter)
        and Offer.objects.filter(
            person=letter.person_id, programme=letter.programme_id, state=Offer.State.PAUSED
        ).exists()
    )


def _on_duty_still(letter: Letter) -> bool:
    keepers = programmes.keepers(letter.programme, Duty.Kind.COORDINATOR, Duty.Kind.OFFICER)
    return keepers.filter(person=letter.person_id).exists()


def _coordinates(letter: Letter) -> bool:
    return programmes.keepers(letter.programme, Duty.Kind.COORDINATOR).filter(person=letter.person_id).exists()


# -- the table --------------------------------------------------------------------------------------------------------

WORKLIST = Occasion(Kind.DUTY, "worklist", _coordinators, _coordinates, after=HOURS, about="programme", daily=True)
NOT_THIS_TIME = Occasion(Kind.ASK, "choose", _left_to_choose, _may_choose_another)

OCCASIONS: dict[str, list[Occasion]] = {
    "proposal.put": [Occasion(Kind.PROPOSAL, "proposal", _asked, _proposal_waits)],
    "proposal.declined": [NOT_THIS_TIME],
    "proposal.lapsed": [NOT_THIS_TIME],
    "pair.begun": [Occasion(Kind.PAIR, "pair", _pair, _pair_goes_on)],
    "agreement.suggested": [Occasion(Kind.PAIR, "agreement", _pair, _other_waits_for_yes, after=MINUTES)],
    "message.sent": [Occasion(Kind.MESSAGE, "message", _in_conversation, _unread, after=MINUTES)],
    "ask.confirmation_due": [Occasion(Kind.ASK, "still", _owner_of_ask, _still_asked), WORKLIST],
    "ask.lapsed": [Occasion(Kind.ASK, "lapsed", _owner_of_ask, _always)],
    "pair.checkin_due": [Occasion(Kind.CHECKIN, "checkin", _pair, _check_in_open)],
    "pair.silent": [Occasion(Kind.CHECKIN, "quiet", _pair, _still_quiet), WORKLIST],
    "pair.closing": [Occasion(Kind.ENDING, "closing", _pair, _closing)],
    "pair.closed": [Occasion(Kind.ENDING, "closed", _pair_unless_foreseen, _always)],
    "offer.paused": [Occasion(Kind.OFFER, "rests", _owner_of_offer, _offer_rests)],
    "wait.wave": [Occasion(Kind.NOW, "knock", _knocked_at, _knock_waits, after=AT_ONCE)],
    "wait.nobody": [
        Occasion(Kind.ASK, "nobody", _who_waited, _nobody_came),
        Occasion(Kind.DUTY, "unmet", _on_duty, _on_duty_still, about="programme", daily=True),
    ],
    "surge.begun": [
        Occasion(Kind.DUTY, "surge", _coordinators, _surge_goes_on),
        Occasion(Kind.OFFER, "needed", _who_could_come_back, _surge_and_rest),
    ],
    "concern.called": [Occasion(Kind.DUTY, "called", _called, _call_waits, after=AT_ONCE, urgent=True)],
    "concern.unanswered": [
        Occasion(Kind.DUTY, "unanswered", _coordinators, _nobody_took_it, after=AT_ONCE, urgent=True)
    ],
    "opening.asked": [Occasion(Kind.DUTY, "second", _who_may_be_second, _opening_waits, after=AT_ONCE)],
    "opening.begun": [Occasion(Kind.SAFETY, "opened", _whose_was_opened, _opening_unread, after=AT_ONCE)],
    "opening.told": [Occasion(Kind.SAFETY, "opened", _whose_was_opened, _opening_unread, after=AT_ONCE)],
    "guardian.consented": [Occasion(Kind.PAIR, "consented", _member, _always, about="programme")],
    "guardian.withdrew": [Occasion(Kind.DUTY, "consent", _coordinators, _coordinates, about="programme")],
    "guardian.refused": [Occasion(Kind.DUTY, "consent", _coordinators, _coordinates, about="programme")],
    "check.runs_out": [
        Occasion(Kind.DUTY, "checks", _coordinators, _coordinates, about="programme", daily=True),
        Occasion(Kind.OFFER, "my_checks", _member, _always, about="programme"),
    ],
    "standard.due": [Occasion(Kind.DUTY, "standards", _coordinators, _coordinates, about="programme", daily=True)],
    "report.raised": [Occasion(Kind.DUTY, "report", _who_may_look_into, _report_waits)],
    "report.late": [Occasion(Kind.DUTY, "late", _who_may_look_into, _report_waits, after=AT_ONCE)],
    "report.closed": [Occasion(Kind.SAFETY, "reported", _reporter, _always, about="programme")],
    "ruling.announced": [Occasion(Kind.SAFETY, "heard", _whom_it_concerns, _ruling_unread, after=AT_ONCE)],
    "ruling.holds": [Occasion(Kind.SAFETY, "ruling", _whom_it_concerns, _ruling_unread, after=AT_ONCE)],
    "ruling.dropped": [Occasion(Kind.SAFETY, "dropped", _whom_it_concerns, _always)],
    "ruling.lifted": [Occasion(Kind.SAFETY, "over", _whom_it_concerns, _always)],
    "ruling.over": [Occasion(Kind.SAFETY, "over", _whom_it_concerns, _always)],
    "ruling.replied": [Occasion(Kind.DUTY, "replied", _who_may_decide, _answer_waits)],
    "ruling.appealed": [Occasion(Kind.DUTY, "appeal", _who_may_decide, _appeal_waits)],
    "ruling.appeal_late": [Occasion(Kind.DUTY, "appeal", _who_may_decide, _appeal_waits)],
    "ruling.appeal_lapsed": [
        Occasion(Kind.SAFETY, "over", _whom_it_concerns, _always),
        Occasion(Kind.SAFETY, "reported", _reporter_of_ruling, _always, about="programme"),
    ],
    "ruling.decided_anew": [
        Occasion(Kind.SAFETY, "anew", _whom_it_concerns, _ruling_unread, after=AT_ONCE),
        Occasion(Kind.SAFETY, "reported", _reporter_of_ruling, _always, about="programme"),
    ],
    "pair.stilled": [Occasion(Kind.ENDING, "stilled", _left_beside, _always)],
}
BY_CODE = {occasion.code: occasion for rows in OCCASIONS.values() for occasion in rows}
