"""An ask, whoever is asked, and the talk of two who said yes, from the first word to where they stand now."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

from django.utils import timezone

from nawzajem.asks import acts as asks
from nawzajem.asks import chores as ask_chores
from nawzajem.asks.models import Ask
from nawzajem.coach import acts as coach
from nawzajem.coach.models import Hint
from nawzajem.conversations import acts as conversations
from nawzajem.conversations.models import Conversation, Message
from nawzajem.core.coaching import Pitfall
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.management.demo.moments import Step, Strand, steps
from nawzajem.management.demo.scenes import Beat
from nawzajem.management.demo.script import Answers, Asking, Ends, Open, Place, Settled, Side, Talk, Wrong
from nawzajem.management.demo.town import HOUSE, SEED, Town
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs import chores as pair_chores
from nawzajem.pairs.models import CheckIn, Pair, Proposal
from nawzajem.people.models import Person
from nawzajem.safety import acts as safety

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHECK_INS = (7, 21, 51, 81, 111, 141)  # days after a pair began
HINTS = (
    (Pitfall.DIRECTIVE, ""),
    (Pitfall.DIRECTIVE, Hint.Reason.ASKED),
    (Pitfall.INTERROGATING, ""),
    (Pitfall.HIJACKING, Hint.Reason.FITS),
    (Pitfall.REASSURANCE, ""),
)  # what a helper was hinted, and why it was put aside if it was

# -- asking -----------------------------------------------------------------------------------------------------------


def asking(town: Town, one: Open) -> Strand:
    """An ask that has not come to a pair: a draft, waiting, put to somebody, taken back."""
    yield town.ago(one.opened)
    ask = _draft(town, one, one.who, one.languages or town.script.people[one.place][one.who].speaks[:1])
    if not one.draft:
        asks.send(town.actor(one.who, one.place), ask, whoever=not one.chooses)
        yield from steps(_waiting(town, one, ask))


def _draft(town: Town, one: Asking, who: str, languages: list[str]) -> Ask:
    return asks.draft(
        town.actor(who, one.place),
        topics=town.topics(one.place, one.topics),
        words=one.words,
        stage=one.stage,
        kinds=one.kinds,
        forms=one.forms,
        hours=one.hours,
        languages=languages,
        wish_gender=one.wish_gender,
        wish_gender_must=one.wish_gender_must,
        not_same_unit=one.not_same_unit,
    )


def _waiting(town: Town, one: Open, ask: Ask) -> Iterator[Step]:
    me, origin = town.actor(one.who, one.place), "chosen" if one.chooses else "next"
    yield from _tries(town, one, ask, one.who, origin)
    yield from _doubt(town, one)
    if one.confirmed:
        yield town.ago(one.confirmed), lambda: asks.confirm(me, _now(ask))
    if one.withdrawn:
        yield town.ago(one.withdrawn), lambda: pairs.take_back(me, _now(ask))
    if one.out:
        by, put = _by(town, one.place, origin, one.who), town.ago(one.out.put)
        yield put, partial(_put, town, by, ask, one.out.to, origin)
        if one.out.giver_says_yes:
            yield put + one.out.put / 4, partial(_answer, town, ask, one.out.to, one.place, yes=True)


def _doubt(town: Town, one: Open) -> Iterator[Step]:
    """After some days its owner is asked whether it still holds; and after some more it ends by itself."""
    options, opened = town.places[one.place].options, town.ago(one.opened)
    yield opened + options.confirm_ask_after * DAY + HOUR, ask_chores.ask_again
    yield opened + options.lapse_ask_after * DAY + HOUR, ask_chores.lapse


def _now(ask: Ask) -> Ask:
    """As it stands this moment."""
    return Ask.objects.select_related("programme", "person").get(pk=ask.pk)


def _tries(town: Town, one: Asking, ask: Ask, asker: str, origin: str) -> Iterator[Step]:
    """Who was asked before, one after the other."""
    by, put = _by(town, one.place, origin, asker), clock.now()
    for tried in one.tried:
        put += 9 * HOUR
        yield put, partial(_put, town, by, ask, tried.who, origin)
        if tried.says == "no":
            yield put + 5 * HOUR, partial(_answer, town, ask, tried.who, one.place, yes=False)
        else:
            put += town.places[one.place].options.answer_within * HOUR + MINUTE
            yield put, pair_chores.lapse


def _put(town: Town, by: Actor, ask: Ask, giver: str, origin: str) -> None:
    offer = Offer.objects.select_related("person").get(person=town.people[giver], programme=ask.programme_id)
    pairs.put(by, _now(ask), offer, origin=origin)


def _by(town: Town, place: Place, origin: str, asker: str) -> Actor:
    """Whoever puts a proposal: the one who asks, a coordinator, or the house by itself."""
    own = {"chosen": asker, "coordinator": town.script.town.places[place].coordinator}.get(origin)
    return town.actor(own, place) if own else HOUSE.within(town.places[place].pk)


def _answer(town: Town, ask: Ask, who: str, place: Place, *, yes: bool) -> None:
    out = Proposal.objects.select_related("ask", "offer").get(ask=ask, state=Proposal.State.OUT)
    pairs.answer(town.actor(who, place), out, yes=yes)


# -- the talk ---------------------------------------------------------------------------------------------------------


def talk(town: Town, code: str, one: Talk) -> Strand:
    begun, times = town.begins(code, one)
    yield begun - one.wait
    ask = _draft(town, one, one.asker, one.spoken)
    asks.send(town.actor(one.asker, one.place), ask, whoever=one.origin != "chosen")
    yield from steps(_tries(town, one, ask, one.asker, one.origin))
    longest = timedelta(hours=town.places[one.place].options.answer_within) * 0.8
    put = begun - min(one.wait * 0.7, longest)
    yield put
    _put(town, _by(town, one.place, one.origin, one.asker), ask, one.giver, one.origin)
    if one.origin != "chosen":
        yield put + (begun - put) * 0.3
        _answer(town, ask, one.asker, one.place, yes=True)
    yield begun
    _answer(town, ask, one.giver, one.place, yes=True)
    yield from steps(Two.of(town, one, ask).all(begun, times))


@dataclass(frozen=True)
class Two:
    """Two people and what they have together."""

    town: Town
    one: Talk
    pk: str  # of the pair
    conversation: Conversation
    sides: dict[Side, Actor]
    people: dict[Side, Person]

    @classmethod
    def of(cls, town: Town, one: Talk, ask: Ask) -> Two:
        pair = Pair.objects.select_related("conversation").get(ask=ask)
        names: dict[Side, str] = {"asker": one.asker, "giver": one.giver}
        sides = {side: town.actor(name, one.place) for side, name in names.items()}
        return cls(
            town, one, pair.pk, pair.conversation, sides, {side: town.people[name] for side, name in names.items()}
        )

    @property
    def pair(self) -> Pair:
        """As it stands this moment."""
        return self.town.pair(self.pk)

    def all(self, begun: datetime, times: list[datetime]) -> Iterator[Step]:
        beats = [beat for scene in self.one.scenes() for beat in scene.beats]
        yield from ((when, partial(self.say, beat)) for beat, when in zip(beats, times, strict=True))
        yield from self.settling(times)
        yield from self.ending(times)
        yield from self.hinted(beats, times)
        yield from self.looking_in(begun, until=times[-1] + DAY if self.one.ends else self.town.now)
        yield from self.by_itself(beats, times)
        if not self.one.fresh:
            reader: Side = "asker" if beats[-1].who == self.one.giver else "giver"
            yield times[-1] + 11 * MINUTE, partial(self.read, reader, len(beats))

    def by_itself(self, beats: list[Beat], times: list[datetime]) -> Iterator[Step]:
        """What the house does about a pair: it has come alive, nobody writes, its days for last words are over."""
        options = self.town.places[self.one.place].options
        second = next((when for beat, when in zip(beats, times, strict=True) if beat.who != beats[0].who), None)
        if second:
            yield second + 9 * MINUTE, pair_chores.come_alive
        if self.one.ends:
            yield times[self.one.ends.after - 1] + options.closing_days * DAY + HOUR, pair_chores.close
        for said, following in pairwise([*times, self.town.now]):
            if following - said > (options.silent_pair_after + 1) * DAY and not self.one.ends:
                yield said + options.silent_pair_after * DAY + HOUR, pair_chores.notice_silence

    # -- words

    def say(self, beat: Beat) -> None:
        side: Side = "asker" if beat.who == self.one.asker else "giver"
        conversations.send(self.sides[side], self.conversation, text=beat.text, client_key=self.town.new_key())

    def read(self, side: Side, seq: int) -> None:
        self.conversation.refresh_from_db()
        conversations.read_to(self.sides[side], self.conversation, seq=seq)

    def report(self, wrong: Wrong) -> None:
        message = Message.objects.get(conversation=self.conversation, seq=wrong.place)
        said = [beat.text for scene in self.one.scenes() for beat in scene.beats][wrong.place - 1]
        where = f"message:{self.conversation.pk}:{message.seq}"
        safety.report(
            self.sides["asker"],
            self.people["giver"],
            reason=wrong.reason,
            words=wrong.words,
            place=where,
            evidence=said,
        )

    def hinted(self, beats: list[Beat], times: list[datetime]) -> Iterator[Step]:
        """Now and then a hint before what was said in the end; most are taken up."""
        chance = random.Random(f"{SEED}/{self.one.asker}/{self.one.giver}")  # noqa: S311  no secret hangs on it
        own = [when for beat, when in zip(beats, times, strict=True) if beat.who == self.one.giver]
        yield from ((when - MINUTE / 2, partial(self.hint, *chance.choice(HINTS))) for when in own[1::3])

    def hint(self, code: Pitfall, reason: str) -> None:
        pair = self.pair
        if pair.programme.options.coach and pair.state != Pair.State.CLOSED:
            hint = coach.show(self.sides["giver"], pair, code=code)
            if reason:
                coach.dismiss(self.sides["giver"], hint, reason=reason)
            else:
                coach.follow(self.sides["giver"], hint)

    # -- agreement and check-ins

    def settling(self, times: list[datetime]) -> Iterator[Step]:
        settled = self.one.agreement
        if settled:
            suggested = times[settled.after - 1] + MINUTE / 2
            following = times[settled.after] if settled.after < len(times) else suggested + 2 * HOUR
            yield suggested, partial(self.suggest, settled)
            yield following + MINUTE / 3, partial(self.agree, "giver" if settled.by == "asker" else "asker")

    def suggest(self, settled: Settled) -> None:
        pairs.suggest_agreement(
            self.sides[settled.by],
            self.pair,
            aim=settled.aim,
            safety_words=settled.safety_words,
            rhythm=settled.rhythm,
            turns=settled.turns,
            ends_on=self.town.day(settled.ends_in) if settled.ends_in else None,
        )

    def agree(self, side: Side) -> None:
        pair = self.pair
        pairs.agree(self.sides[side], pair, version=pair.agreement_version)

    def looking_in(self, begun: datetime, *, until: datetime) -> Iterator[Step]:
        """Both say how it goes, on the days on which they are asked; the last time nobody has yet, where it waits."""
        first, last = timezone.localtime(begun), timezone.localtime(until)
        days = [when for day in CHECK_INS if (when := (first + day * DAY).replace(hour=3)).date() <= last.date()]
        yield from ((min(when, last), pair_chores.ask_how) for when in days)
        answered = days[:-1] if self.one.check_in == "waits" else days
        yield from ((min(when + 2 * HOUR, last), self.check_in) for when in answered)

    def check_in(self) -> None:
        """Unless it is over by now: somebody left, or closed the door."""
        how = "so_so" if self.one.check_in == "so_so" else "well"
        going = CheckIn.objects.filter(pair=self.pk, pair__in=Pair.objects.going(), asker_says="")
        for one in going.filter(due_on__lte=clock.today()).select_related("pair"):
            pairs.check_in(self.sides["asker"], one, how=how)
            pairs.check_in(self.sides["giver"], one, how="well")

    # -- endings

    def ending(self, times: list[datetime]) -> Iterator[Step]:
        """A rest, an end with its last words, what each said of it; or a door that is closed at once."""
        one = self.one
        if one.rests:
            yield times[one.rests.after - 1] + 2 * MINUTE, partial(self.rest, one.rests.by)
        if one.ends:
            yield times[one.ends.after - 1] + MINUTE / 2, partial(self.end, one.ends)
        if one.rated.asker:
            yield times[-1] + 2 * HOUR, partial(self.rate, "asker", one.rated.asker)
        if one.rated.giver:
            yield times[-1] + 7 * HOUR, partial(self.rate, "giver", one.rated.giver)
        if one.report:
            yield times[-1] + 5 * MINUTE, partial(self.report, one.report)
        if one.closes_door:
            yield times[-1] + 12 * MINUTE, partial(self.close_door, one.closes_door)

    def rest(self, side: Side) -> None:
        pairs.rest(self.sides[side], self.pair)

    def end(self, ends: Ends) -> None:
        pairs.end(self.sides[ends.by], self.pair, ending=ends.why)

    def rate(self, side: Side, said: Answers) -> None:
        understood, helped, again = said
        pairs.rate(self.sides[side], self.pair, understood=understood, helped=helped, again=again)

    def close_door(self, side: Side) -> None:
        pairs.close_door(self.sides[side], self.pair)
