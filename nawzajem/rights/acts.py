"""Leaving a programme, erasing everything, and letting go of what has had its time."""

from __future__ import annotations

from datetime import timedelta

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from nawzajem.asks import reads as asks
from nawzajem.asks.models import Ask
from nawzajem.conversations import acts as conversation_acts
from nawzajem.conversations import reads as conversations
from nawzajem.conversations.calls.models import Ear
from nawzajem.conversations.models import Conversation, Participant
from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.events import emit
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Invalid
from nawzajem.offers import acts as offer_acts
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pair_acts
from nawzajem.pairs import reads as pairs
from nawzajem.pairs.models import CheckIn, Pair, Proposal
from nawzajem.pairs.rounds import reads as rounds
from nawzajem.people.models import Device, Person, Token
from nawzajem.programmes import acts as programme_acts
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.kept_out import reads as kept_out
from nawzajem.programmes.models import Invitation, Member, Programme
from nawzajem.programmes.options import Options
from nawzajem.rights import rules
from nawzajem.rights.traces import TRACES
from nawzajem.rulings import effects
from nawzajem.rulings import reads as rulings
from nawzajem.rulings.models import Ruling
from nawzajem.safety.concerns.models import Concern
from nawzajem.safety.models import Report
from nawzajem.waiting import acts as waiting_acts
from nawzajem.waiting.models import Knock, Talk, Wait

# -- leaving ----------------------------------------------------------------------------------------------------------


@act(may=rules.may_leave)
def leave(actor: Actor, member: Member) -> None:
    """Out of one programme: pairs end, asks are taken back, the offer is put away. What was said stays with both."""
    if rules.is_last_coordinator(member):
        raise Invalid(_last_coordinator([member]), code="last_coordinator")
    _leave_waiting_room(actor)
    _end_pairs(actor)
    _take_back_asks(actor)
    _put_away_offer(actor)
    programme_acts.leave(actor, member)


def _last_coordinator(members: list[Member]) -> str:
    names = ", ".join(member.programme.name for member in members)
    return _("Nobody else coordinates: %(names)s. Please give the duty to somebody first.") % {"names": names}


def _end_pairs(actor: Actor) -> None:
    mine = Pair.objects.going().filter(Q(asker=actor.me) | Q(giver=actor.me), programme=actor.here)
    for pair in mine.select_related("conversation", "offer", "ask"):
        pair_acts.end(actor, pair, ending=Pair.Ending.LEFT, at_once=True)


def _leave_waiting_room(actor: Actor) -> None:
    """Whoever waits, waits no longer; and somebody else is asked in the place of whoever was being asked."""
    for wait in Wait.objects.going().filter(ask__person=actor.me, programme=actor.here).select_related("ask"):
        waiting_acts.leave(actor, wait)
    knocked = Knock.objects.open().filter(offer__person=actor.me, offer__programme=actor.here)
    for knock in knocked.select_related("wait__ask", "offer"):
        waiting_acts.step_back(CHORE.within(actor.here), knock)


def _take_back_asks(actor: Actor) -> None:
    waiting = [Ask.State.DRAFT, Ask.State.OPEN, Ask.State.PROPOSED]
    for ask in Ask.objects.filter(person=actor.me, programme=actor.here, state__in=waiting):
        pair_acts.take_back(actor, ask, ending="left")


def _put_away_offer(actor: Actor) -> None:
    """Whoever was just being proposed to this person goes on to the next, as if the time had run out."""
    mine = Offer.objects.filter(person=actor.me, programme=actor.here)
    for proposal in Proposal.objects.out().filter(offer__in=mine).select_related("ask", "offer"):
        pair_acts.lapse(CHORE.within(actor.here), proposal)
    for offer in mine.exclude(state=Offer.State.RETIRED):
        offer_acts.retire(actor, offer)


# -- erasing ----------------------------------------------------------------------------------------------------------


@act(may=rules.may_erase)
def erase(actor: Actor, person: Person, *, keep_messages: bool) -> None:
    """Everything of a person, at once and for good. What belongs to others too stays with them, without a name."""
    places = list(Member.objects.filter(person=person).exclude(state=Member.State.LEFT).select_related("programme"))
    if last := [place for place in places if rules.is_last_coordinator(place)]:
        raise Invalid(_last_coordinator(last), code="last_coordinator")
    for place in places:
        leave(programmes.actor(person, place.programme, place, via=actor.via), place)
    talks = list(Conversation.objects.filter(participants__person=person).values_list("pk", flat=True))
    if not keep_messages:
        _take_words_along(actor, person)
    _forget_in_shared(person)
    for ruling in rulings.removals(person):
        effects.keep_out(ruling)
    emit(actor, "person.erased", person)
    _end_sessions(person)
    _empty_ids(person.pk)
    person.delete()
    _destroy_lonely(talks)


def _take_words_along(actor: Actor, person: Person) -> None:
    """One's messages, and what the pair settled: nobody knows any more which of the two wrote which word of it."""
    conversation_acts.erase_words_of(actor, person)
    Pair.objects.filter(Q(asker=person) | Q(giver=person)).update(aim=None, safety_words=None)


def _forget_in_shared(person: Person) -> None:
    """Answers to check-ins, who may be rung, and the words of reports that are closed. A report still open protects somebody; it stays."""
    CheckIn.objects.filter(pair__asker=person).update(asker_says="")
    CheckIn.objects.filter(pair__giver=person).update(giver_says="")
    Ear.objects.filter(participant__person=person).delete()
    Talk.objects.filter(pair__asker=person).update(asker_stays=None)
    Talk.objects.filter(pair__giver=person).update(giver_stays=None)
    Report.objects.filter(by=person, state=Report.State.CLOSED).update(words=None)
    Ruling.objects.filter(about=person).exclude(state=Ruling.State.HOLDS).update(reply=None)
    Concern.objects.filter(by=person, state=Concern.State.RESOLVED).update(words=None)


def _end_sessions(person: Person) -> None:
    """Sessions do not say whose they are, except inside."""
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == person.pk:
            session.delete()


def _empty_ids(person_id: str) -> None:
    for trace in TRACES:
        if trace.fate == "emptied":
            model, field = trace.place.split(".")
            rows = apps.get_model("nawzajem", model)._base_manager.filter(**{field: person_id})
            rows.update(**{field: ""})


def _destroy_lonely(talks: list[str]) -> None:
    """Conversations with nobody left in them: their keys are destroyed."""
    somebody = Participant.objects.filter(conversation=OuterRef("pk"), person__isnull=False)
    for talk in Conversation.objects.filter(~Exists(somebody), pk__in=talks, vault__isnull=False):
        house = CHORE.within(talk.programme_id)
        if talk.closed_at is None:
            conversation_acts.close(house, talk)
            talk.refresh_from_db()
        conversation_acts.erase(house, talk)


# -- when time is over ------------------------------------------------------------------------------------------------

REPORTS_KEPT = timedelta(days=365)  # after they were closed
WAYS_IN_KEPT = timedelta(days=30)  # invitations and tokens, after they expired
AT_ONCE = 5_000  # rows deleted in one transaction, so that nobody waits for the database


@act(may=rules.may_keep_to_time)
def keep_to_time(actor: Actor, programme: Programme) -> int:
    """What a programme keeps no longer: talks that ended, asks that are done, reports that are closed, old events."""
    talks = [
        pair.conversation for pair in pairs.ended(programme).filter(conversation__closed_at__isnull=False)[:AT_ONCE]
    ]
    for talk in talks:
        conversation_acts.erase(actor, talk)
    done, old_rounds = _delete(asks.done(programme)), _delete(rounds.over(programme))
    closed = Report.objects.filter(programme=programme, state=Report.State.CLOSED)
    reports = _delete(closed.filter(state_since__lt=clock.now() - REPORTS_KEPT))
    _delete(rulings.had_their_time(programme, kept=REPORTS_KEPT.days))
    _delete(Concern.objects.filter(programme=programme, state="resolved", state_since__lt=clock.now() - REPORTS_KEPT))
    events = _delete(_old_events(programme.pk, programme.options.keep_events))
    went = {"talks": len(talks), "asks": done, "rounds": old_rounds, "reports": reports, "events": events}
    if any(went.values()):
        emit(
            actor,
            "rights.kept_to_time",
            programme,
            talks=went["talks"],
            asks=done,
            rounds=old_rounds,
            reports=reports,
            events=events,
        )
    return sum(went.values())


@act(may=rules.may_keep_to_time)
def let_words_pass(actor: Actor, programme: Programme) -> int:
    """Where a programme keeps no words: those that have had their time, with what the two settled in words of their own."""
    due = conversations.to_pass(programme)
    for talk, before in due:
        conversation_acts.let_pass(actor, talk, before=before)
    settled = Q(aim__isnull=False) | Q(safety_words__isnull=False)
    Pair.objects.filter(settled, conversation__in=[talk for talk, _before in due]).update(aim=None, safety_words=None)
    return len(due)


@act(may=rules.may_tidy)
def tidy(actor: Actor) -> int:
    """What belongs to no programme: sessions and ways in that no longer open anything, old events about accounts."""
    expired = clock.now() - WAYS_IN_KEPT
    return sum(
        map(
            _delete,
            [
                Session.objects.filter(expire_date__lt=clock.now()),
                kept_out.over(),
                Device.objects.filter(~Exists(Session.objects.filter(session_key=OuterRef("session")))),
                Invitation.objects.filter(expires_at__lt=expired),
                Token.objects.filter(expires_on__lt=clock.house_day(expired)),
                _old_events("", Options().keep_events),
            ],
        )
    )


def _old_events(programme_id: str, days: int) -> QuerySet[Event]:
    return Event.objects.filter(programme=programme_id, at__lt=clock.now() - timedelta(days=days))


def _delete(rows: QuerySet) -> int:
    """Some of them; the others next time."""
    some = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    rows.model._base_manager.filter(pk__in=some).delete()
    return len(some)
