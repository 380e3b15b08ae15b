"""`nawzajem partition`: for a house with very many messages on PostgreSQL, keeps them in parts by conversation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils.translation import gettext as _

from nawzajem.management import opening, partitions

MOST = 1024


class Command(BaseCommand):
    help = "Keeps messages in parts by conversation, on PostgreSQL; once, while the house is closed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--parts", type=int, default=32, help=f"how many, 2 to {MOST} (32)")

    def handle(self, *, parts: int, **_rest: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError(_("Only PostgreSQL keeps a table in parts. DATABASE_URL chooses it."))
        if not 2 <= parts <= MOST:
            raise CommandError(_("There should be 2 to %(most)d parts.") % {"most": MOST})
        with opening.data_folder(settings.DATA), opening.one_at_a_time():
            opening.check_ready()
            if there := partitions.parts():
                raise CommandError(_("Messages are in %(n)d parts already.") % {"n": there})
            moved = partitions.part(parts)
        self.stdout.write(_("Messages: %(moved)d, in %(n)d parts.") % {"moved": moved, "n": parts})
