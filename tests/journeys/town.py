"""The house of the journeys: an open community as its blueprint says, with a coordinator and some who give.

python -m tests.journeys.town: moves them into NAWZAJEM_DATA.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

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

    call_command("migrate", verbosity=0)
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

        for asker, giver, officer, language in (("Natalia", "Marek", "Franek", "pl"), ("Grace", "Helen", "Faye", "en")):
            _talk_with_somebody_on_duty(programme, asker, giver, officer, language, conditions)


def _talk_with_somebody_on_duty(
    programme: Any, asker: str, giver: str, officer: str, language: str, conditions: list[str]
) -> None:
    """Two who talk, in a programme that screens, and somebody on duty."""
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
    made = {}
    for name in (asker, giver, officer):
        person = Person(pseudonym=name, language=language, speaks=[language])
        person.set_password(PASSPHRASE)
        person.save()
        words: dict[str, Any] = {"age": "35_49", "conditions": conditions, "agreed_version": version}
        acts.join(Actor(person=person.pk), programme, person, None, **words)
        made[name] = reads.actor(person, programme, reads.membership(person, programme), via="web")
    acts.give_duty(house, Member.objects.get(person=made[officer].person), kind="duty_officer")
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


if __name__ == "__main__":
    move_in()
