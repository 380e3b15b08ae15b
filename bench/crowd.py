"""A programme with as many people as one likes, each with experiences, an offer and an ask, made in one go.

Straight into the tables, by a fixed seed, for there are many. Pairs, proposals and reports are as numerous as ten thousand people
would leave behind; one of them, `collector`, has hundreds of everything.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

MANY = 300  # of everything, for the one who has most

NAMES = (
    "Ala",
    "Bruno",
    "Cis",
    "Dama",
    "Echo",
    "Fala",
    "Gil",
    "Hala",
    "Iskra",
    "Jar",
    "Kos",
    "Len",
    "Mak",
    "Nike",
    "Orzeł",
)


def make(slug: str, people: int) -> dict[str, Any]:
    """The ids of a coordinator and of the one with most; Django is set up by whoever calls."""
    from django.db import transaction
    from django.utils import timezone

    from nawzajem.ground import sizes
    from nawzajem.ground.actor import Actor
    from nawzajem.programmes import acts
    from nawzajem.programmes.blueprint import load

    with transaction.atomic():
        house = Actor(via="command")
        programme = acts.create(house, blueprint=load("open-community"), slug=slug)
        acts.choose(house.within(programme.pk), programme, duties_need_second_factor=False)
        programme.refresh_from_db()
        moved_in = Crowd(programme, people, timezone.now()).move_in()
    sizes.learn()  # as the house does every hour
    return moved_in


class Crowd:
    def __init__(self, programme: Any, people: int, now: Any) -> None:
        self.programme, self.n, self.now, self.any = programme, people, now, random.Random(7)
        self.topics = list(programme.topics.all())
        self.kinds = [one["code"] for one in programme.kinds]

    def move_in(self) -> dict[str, Any]:
        from nawzajem.programmes.models import Duty

        members = self._members()
        self.people = [one.person for one in members]
        Duty.objects.create(member=members[0], kind="coordinator")
        experiences = self._experiences()
        offers, asks = self._offers(experiences), self._asks()
        self._pairs(asks, offers)
        self._proposals(asks, offers)
        self._reports()
        return {"coordinator": self.people[0].pk, "collector": self.people[1].pk}

    def _when(self, days: int) -> Any:
        return self.now - timedelta(hours=self.any.randrange(1, days * 24))

    def _some(self, among: list[Any], most: int) -> list[Any]:
        return self.any.sample(among, self.any.randint(1, min(most, len(among))))

    def _members(self) -> list[Any]:
        from nawzajem.people.models import Person
        from nawzajem.programmes.models import Member

        ages = list(self.programme.options.ages)
        people = [
            Person(
                pseudonym=f"{self.any.choice(NAMES)} {n}",
                language=self.any.choice(["pl", "pl", "pl", "en"]),
                speaks=["pl"],
                age=self.any.choice(ages),
                gender=self.any.choice(["woman", "man", "other", ""]),
                password="!",
                seen_on=self.now.date(),
            )
            for n in range(self.n)
        ]
        Person.objects.bulk_create(people)
        return Member.objects.bulk_create(
            Member(
                programme=self.programme,
                person=one,
                called=one.pseudonym,
                agreed_version=1,
                agreed_at=self.now,
                code_print=f"code {one.pk}",
            )
            for one in people
        )

    def _experiences(self) -> list[list[Any]]:
        from nawzajem.experiences.models import Experience

        lists = [
            [
                Experience(
                    person=one, programme=self.programme, topic=topic, stage="been_through", until=f"20{10 + n % 16}-05"
                )
                for topic in self._some(self.topics, 3)
            ]
            for n, one in enumerate(self.people)
        ]
        Experience.objects.bulk_create(each for some in lists for each in some)
        return lists

    def _offers(self, lived: list[list[Any]]) -> list[Any]:
        from nawzajem.core.matching.hours import PRESETS
        from nawzajem.ground.seal import seal
        from nawzajem.offers.models import Offer

        offers = [
            Offer(
                programme=self.programme,
                person=one,
                kinds=self._some(self.kinds, 2),
                forms=self._some(["text", "call"], 2),
                languages=self._some(["pl", "en", "uk"], 2),
                hours=self.any.choice(list(PRESETS.values())),
                capacity=2,
                answered_at=self._when(30),
            )
            for one in self.people
        ]
        for one in offers:
            one.words = seal(one.person.vault, "Umiem słuchać i nie śpieszę się.", about=f"offer:{one.pk}")
        Offer.objects.bulk_create(offers)
        link = Offer.experiences.through
        link.objects.bulk_create(
            link(offer=offer, experience=each) for offer, some in zip(offers, lived, strict=True) for each in some
        )
        return offers

    def _asks(self) -> list[Any]:
        """Four in ten wait; the collector has asked hundreds of times."""
        from nawzajem.asks.models import Ask

        states = ["open"] * 4 + ["met"] * 4 + ["withdrawn", "lapsed"]
        owners = [(one, self.any.choice(states)) for one in self.people] + [(self.people[1], "met")] * MANY
        asks = [
            Ask(
                programme=self.programme,
                person=one,
                state=state,
                kinds=self._some(self.kinds, 2),
                forms=["text"],
                languages=["pl"],
                opened_at=(opened := self._when(170)),
                confirmed_at=opened,
                paired_at=opened + timedelta(hours=30) if state == "met" else None,
                state_since=opened + timedelta(hours=40),
            )
            for one, state in owners
        ]
        Ask.objects.bulk_create(asks)
        link = Ask.topics.through
        link.objects.bulk_create(link(ask=one, topic=topic) for one in asks for topic in self._some(self.topics, 2))
        return asks

    def _pairs(self, asks: list[Any], offers: list[Any]) -> None:
        """One for each ask that was met. A third of them go on, most of those silent; of the collector's hundreds, three."""
        from nawzajem.asks.models import Ask
        from nawzajem.conversations.models import Conversation, Participant
        from nawzajem.pairs.models import Pair

        met = [one for one in asks if one.state == "met"]
        going = {one.pk for one in met[::3] if one.person is not self.people[1]} | {one.pk for one in met[-3:]}
        Ask.objects.filter(pk__in=going).update(state="paired")
        talks = [
            Conversation(
                programme=self.programme, opened_at=one.paired_at, last_at=one.paired_at, last_seq=1, screened_seq=1
            )
            for one in met
        ]
        Conversation.objects.bulk_create(talks)
        givers = [self._other(offers, one.person) for one in met]
        Pair.objects.bulk_create(
            Pair(
                programme=self.programme,
                ask=ask,
                offer=offer,
                asker=ask.person,
                giver=offer.person,
                conversation=talk,
                begun_at=ask.paired_at,
                state="active" if ask.pk in going else "closed",
                ending="" if ask.pk in going else "done",
                state_since=ask.paired_at,
            )
            for ask, offer, talk in zip(met, givers, talks, strict=True)
        )
        Participant.objects.bulk_create(
            Participant(conversation=talk, person=person)
            for ask, offer, talk in zip(met, givers, talks, strict=True)
            for person in (ask.person, offer.person)
        )

    def _other(self, offers: list[Any], than: Any) -> Any:
        while (one := self.any.choice(offers)).person is than:
            pass
        return one

    def _proposals(self, asks: list[Any], offers: list[Any]) -> None:
        """A tenth of those who wait are just being asked, and their time runs out today."""
        from nawzajem.asks.models import Ask
        from nawzajem.pairs.models import Proposal

        asked = [one for one in asks if one.state == "open"][: self.n // 25]
        Proposal.objects.bulk_create(
            Proposal(
                programme=self.programme,
                ask=one,
                offer=self._other(offers, one.person),
                origin="next",
                answer_by=self.now + timedelta(hours=self.any.randrange(1, 20)),
                score=0.7,
                reasons=[["same_topic", {"topic": self.topics[0].code}]],
            )
            for one in asked
        )
        Ask.objects.filter(pk__in=[one.pk for one in asked]).update(state="proposed")

    def _reports(self) -> None:
        from nawzajem.ground.seal import new_vault
        from nawzajem.safety.models import Report

        Report.objects.bulk_create(
            Report(programme=self.programme, by=one, about=self.people[1], reason="other", vault=new_vault())
            for one in self.people[2:MANY]
        )
