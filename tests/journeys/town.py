"""The house of the journeys: an open community as its blueprint says, with a coordinator and some who give.

python -m tests.journeys.town: moves them into NAWZAJEM_DATA; with the word "later", half an hour passes.
"""

from __future__ import annotations

import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import transaction  # noqa: E402

from tests.journeys import schools  # noqa: E402
from tests.journeys.codes import SECRET  # noqa: E402

PASSPHRASE = "cztery zielone krzesla"


def move_in() -> None:
    from nawzajem.asks.models import ANY_TIME
    from nawzajem.experiences import acts as experiences
    from nawzajem.ground.actor import Actor
    from nawzajem.management import opening
    from nawzajem.offers import acts as offers
    from nawzajem.people.models import Person
    from nawzajem.programmes import acts, reads
    from nawzajem.programmes.blueprint import load
    from nawzajem.programmes.models import Member

    opening.collect_static(lambda _said: None)
    house = Actor(via="command")
    with transaction.atomic():
        programme = acts.create(house, blueprint=load("open-community"), slug="krag")
        programme = acts.choose(
            house.within(programme.pk),
            programme,
            duties_need_second_factor=False,
            calls_direct=True,
            newcomer_hours=0,  # they have been here for long
        )
        version = reads.confidentiality(programme).version
        conditions = [one["code"] for one in programme.conditions]
        people = {}
        for name, language in (("Celina", "pl"), ("Clare", "en"), ("Bartek", "pl"), ("Harry", "en"), ("Gosia", "pl")):
            person = Person(pseudonym=name, language=language, speaks=[language])
            person.set_password(PASSPHRASE)
            person.save()
            actor = Actor(person=person.pk)
            acts.join(actor, programme, person, None, age="35_49", conditions=conditions, agreed_version=version)
            people[name] = person
        keeper = house.within(programme.pk)
        for name in ("Celina", "Clare"):
            acts.give_duty(keeper, Member.objects.get(person=people[name]), kind="coordinator")
        for name in ("Bartek", "Harry"):
            person = people[name]
            actor = reads.actor(person, programme, reads.membership(person, programme), via="web")
            topic = programme.topics.get(code="grief.partner")
            lived = experiences.add(actor, topic=topic, stage="been_through", since="2023", until="2024-03")
            words = {"Bartek": "Umiem siedzieć w ciszy.", "Harry": "I can sit in silence."}[name]
            offers.make(
                actor,
                experiences=[lived],
                words=words,
                forms=["text"],
                languages=person.speaks,
                hours=ANY_TIME,
                capacity=5,
            )

        for talking, on_duty, language in (
            (("Natalia", "Marek"), ("Franek", "Iga"), "pl"),
            (("Grace", "Helen"), ("Faye", "Iris"), "en"),
        ):
            _talk_with_two_on_duty(programme, talking, on_duty, language, conditions)
        schools.move_in(PASSPHRASE)


def _talk_with_two_on_duty(
    programme: Any, talking: tuple[str, str], on_duty: tuple[str, str], language: str, conditions: list[str]
) -> None:
    """Two who talk, in a programme that screens, and two on duty who have a second factor."""
    from allauth.mfa.totp.internal.auth import TOTP

    from nawzajem.asks import acts as asks
    from nawzajem.asks.models import ANY_TIME
    from nawzajem.conversations import acts as conversations
    from nawzajem.experiences import acts as experiences
    from nawzajem.ground.actor import CHORE, Actor
    from nawzajem.offers import acts as offers
    from nawzajem.pairs import acts as pairs
    from nawzajem.people.models import Person
    from nawzajem.programmes import acts, reads
    from nawzajem.programmes.models import Member

    house, version = Actor(via="command").within(programme.pk), reads.confidentiality(programme).version
    made, (asker, giver) = {}, talking
    for name in (*talking, *on_duty):
        person = Person(pseudonym=name, language=language, speaks=[language])
        person.set_password(PASSPHRASE)
        person.save()
        words: dict[str, Any] = {"age": "35_49", "conditions": conditions, "agreed_version": version}
        acts.join(Actor(person=person.pk), programme, person, None, **words)
        made[name] = reads.actor(person, programme, reads.membership(person, programme), via="web")
    for name in on_duty:
        member = Member.objects.get(person=made[name].person)
        acts.give_duty(house, member, kind="duty_officer")
        TOTP.activate(member.person, SECRET)
    topic = programme.topics.get(code="grief.partner")
    lived = experiences.add(made[giver], topic=topic, stage="been_through", since="2023", until="2024-03")
    plain: dict[str, Any] = {"forms": ["text"], "languages": [language]}
    offer = offers.make(made[giver], experiences=[lived], hours=ANY_TIME, capacity=1, **plain)
    ask = asks.send(made[asker], asks.draft(made[asker], topics=[topic], **plain), whoever=False)
    proposal = pairs.put(made[asker], ask, offer, origin="chosen")
    pairs.answer(made[giver], proposal, yes=True)
    if not programme.options.screening:
        steps = {"pl": "Napisz do tej osoby.\nZapytaj wprost.", "en": "Write to them.\nAsk directly."}
        programme = acts.choose(house, programme, screening=True, duty_promised=True, steps_imminent=steps)
        conversations.begin_screening(CHORE.within(programme.pk), programme)


def half_an_hour_passes() -> None:
    """For the devices that lie open: what was shown when signing in was shown a while ago."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    for kept in Session.objects.all():
        session = SessionStore(kept.session_key)
        for shown in session.get("account_authentication_methods", []):
            shown["at"] -= 1800
        session.save()


if __name__ == "__main__":
    half_an_hour_passes() if "later" in sys.argv else move_in()
