"""Telling, changing, taking back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from nawzajem.experiences import rules
from nawzajem.experiences.models import Experience
from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit, emit_each
from nawzajem.ground.refusals import Invalid, Stale
from nawzajem.ground.seal import seal
from nawzajem.people.models import Person
from nawzajem.programmes.models import Topic


@act(may=rules.may_add)
def add(actor: Actor, *, topic: Topic, words: str = "", **fields: Any) -> Experience:
    if Experience.objects.filter(person=actor.person, topic=topic).exists():
        raise Invalid(fields={"topic": [_("You have told of this already. It is easy to change.")]})
    made = Experience(person_id=actor.me, programme_id=actor.here, topic=topic, **fields)
    made.words = _sealed(made, words)
    made.save()
    emit(actor, "experience.added", made)
    return made


@act(may=rules.may_announce)
def announce(actor: Actor, told: Sequence[tuple[Person, Mapping[str, Any]]]) -> list[Experience]:
    """Told by their organisation of people who have not come yet, in the words of `add`. It is shown as if they had told it."""
    made = [_announced(actor, person, **fields) for person, fields in told]
    Experience.objects.bulk_create(made)
    emit_each(actor, "experience.added", ((one, {}) for one in made))
    return made


def _announced(actor: Actor, person: Person, *, words: str = "", **fields: Any) -> Experience:
    made = Experience(person=person, programme_id=actor.here, **fields)
    made.words = _sealed(made, words)
    return made


@act(may=rules.may_change)
def change(actor: Actor, experience: Experience, *, words: str = "", **fields: Any) -> Experience:
    changes = fields | {"words": _sealed(experience, words), "changed_at": clock.now()}
    if not Experience.objects.filter(pk=experience.pk).update(**changes):
        raise Stale
    for name, value in changes.items():
        setattr(experience, name, value)
    emit(actor, "experience.changed", experience)
    return experience


def _sealed(experience: Experience, words: str) -> bytes | None:
    if not words:
        return None
    return seal(experience.person.vault, words, about=f"experience:{experience.pk}")


@act(may=rules.may_remove)
def remove(actor: Actor, experience: Experience) -> None:
    emit(actor, "experience.removed", experience)
    experience.delete()
