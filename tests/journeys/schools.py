"""Two schools of the journeys, as their blueprint says: a coordinator and a teacher who gives, in each language.

python -m tests.journeys.schools: a year passes over the checks in NAWZAJEM_DATA, and the house looks after its minors.
"""

from __future__ import annotations

from datetime import timedelta

YEAR = timedelta(days=366)


def move_in(passphrase: str) -> None:
    """In the Polish one guardians sign on paper, as the blueprint has it; in the English one by a link."""
    _one("szkola", "pl", ("Sabina", "Wanda"), passphrase, proof="paper")
    _one("school", "en", ("Susan", "Wendy"), passphrase, proof="link")


def _one(slug: str, language: str, people: tuple[str, str], passphrase: str, *, proof: str) -> None:
    from nawzajem.asks.models import ANY_TIME
    from nawzajem.experiences import acts as experiences
    from nawzajem.ground.actor import Actor
    from nawzajem.offers import acts as offers
    from nawzajem.people.models import Person
    from nawzajem.programmes import acts, reads
    from nawzajem.programmes.blueprint import load
    from nawzajem.programmes.models import Member

    house = Actor(via="command")
    school = acts.create(house, blueprint=load("school"), slug=slug)
    keeper = house.within(school.pk)
    school = acts.choose(keeper, school, duties_need_second_factor=False, joining="open", guardian_proof=proof)
    said = {"conditions": [one["code"] for one in school.conditions]}
    for name in people:
        person = Person(pseudonym=name, language=language, speaks=[language])
        person.set_password(passphrase)
        person.save()
        version = reads.confidentiality(school).version
        acts.join(Actor(person=person.pk), school, person, None, age="35_49", agreed_version=version, **said)
    acts.choose(keeper, school, joining="invited")
    coordinator, gives = (Member.objects.select_related("person").get(person__pseudonym=name) for name in people)
    acts.give_duty(keeper, coordinator, kind="coordinator")
    actor = reads.actor(gives.person, school, reads.membership(gives.person, school), via="web")
    topic = school.topics.get(code="class.alone")
    lived = experiences.add(actor, topic=topic, stage="been_through", since="2001", until="2004")
    offers.make(actor, experiences=[lived], hours=ANY_TIME, capacity=2, forms=["text"], languages=[language])


def a_year_passes() -> None:
    from nawzajem.minors.models import Check
    from nawzajem.pairs import chores

    for check in Check.objects.all():
        check.done_on, check.expires_on = check.done_on - YEAR, check.expires_on - YEAR
        check.save()
    chores.keep_minors_safe()


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    a_year_passes()
