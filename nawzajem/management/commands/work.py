"""`nawzajem work`: what runs by itself, for whoever runs the house: what ran, when, how long, what failed, what waits; and the
way to the page that shows it."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nawzajem import chores
from nawzajem.ground import work
from nawzajem.ground.work import Job


class Command(BaseCommand):
    help = "Tells what ran by itself, when, how long, what failed under which number, and what waits."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

        parser.add_argument(
            "--page", action="store_true", help="print the address of the page that shows it, for half a day"
        )

    def handle(self, **options: Any) -> None:
        if options["page"]:
            self.stdout.write(settings.ENV.address + reverse("running", args=[work.key()]))
            return
        jobs, queues = chores.jobs(), chores.queues()
        for job in jobs:
            self.stdout.write(_line(job))
        for queue in queues:
            self.stdout.write(f"{queue.name}: {queue.waiting}")
        if options["json"]:
            told = {"jobs": [_told(job) for job in jobs], "waiting": {one.code: one.waiting for one in queues}}
            self.stdout.write(json.dumps(told))


def _line(job: Job) -> str:
    last = f"{timezone.localtime(job.began_at):%d.%m. %H:%M:%S}" if job.began_at else "-"
    took = f"{job.seconds:.2f} s" if job.seconds is not None else "-"
    return f"{job.name:<42} {_state(job):<24} {last:>16} {took:>9} {job.times:>6}"


def _state(job: Job) -> str:
    if job.worker:
        return _("at work: %(worker)s") % {"worker": job.worker}
    return _("failed, %(number)s") % {"number": job.mistake} if job.failures else _("well")


def _told(job: Job) -> dict[str, Any]:
    whole = {"name": job.name, "every": job.every.total_seconds(), "times": job.times, "failures": job.failures}
    when = {
        "began_at": job.began_at.isoformat() if job.began_at else None,
        "due_at": job.due_at.isoformat() if job.due_at else None,
    }
    return whole | when | {"seconds": job.seconds, "mistake": job.mistake, "worker": job.worker}
