"""`nawzajem prepare`: brings the tables up to date and checks the key; a step of its own, before processes that run apart."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from nawzajem.management import opening


class Command(BaseCommand):
    help = "Brings the tables up to date, for houses whose processes run apart; `serve` does it already."
    requires_system_checks: list[str] = []

    def handle(self, **_rest: Any) -> None:
        with opening.data_folder(settings.DATA), opening.one_at_a_time():
            opening.check_key()
            opening.prepare_tables(self.stdout.write)
            opening.check_key()
        self.stdout.write("The tables are as this version needs them.")
