"""nawzajem signout: ends the sessions of one person, or of everybody. For a lost device, or a night on which something went wrong."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from nawzajem.ground.actor import Actor
from nawzajem.people import acts, reads
from nawzajem.people.models import Person

HOUSE = Actor(via="command")


class Command(BaseCommand):
    help = "Ends the sessions of one person, by pseudonym, or of everybody. Nothing else changes: they sign in again."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("pseudonym", nargs="?", default="")
        whom.add_argument("--everybody", action="store_true")

    def handle(self, *args: Any, pseudonym: str = "", everybody: bool = False, **options: Any) -> None:
        whose = reads.open_sessions()
        people = list(Person.objects.in_bulk(whose).values()) if everybody else _one(pseudonym)
        ended = sum(acts.sign_out(HOUSE, person, sessions=whose.get(person.pk, [])) for person in people)
        self.stdout.write(f"Sessions ended: {ended}. Streams end within a second.")


def _one(pseudonym: str) -> list[Person]:
    found = Person.objects.filter(pseudonym__iexact=pseudonym.strip()).first()
    if found is None:
        raise CommandError(f"Nobody here is called '{pseudonym}'.")
    return [found]
