"""nawzajem demo: a town to look at, with people in the middle of things; and how to come in as any of them."""

from __future__ import annotations

import json
import textwrap
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from nawzajem.conversations.models import Conversation, Message
from nawzajem.ground.models import Mark
from nawzajem.management import opening
from nawzajem.management.demo import lives, moments, script
from nawzajem.management.demo.script import Plan, Script
from nawzajem.management.demo.town import Town
from nawzajem.pairs.models import Pair
from nawzajem.people.models import Person
from nawzajem.programmes.models import Invitation, Programme

MARK = "demo"  # a row of this name says that nothing in this house is real
PERIOD = 30  # seconds for which a code of the second factor holds
WIDTH = 112


class Command(BaseCommand):
    help = "Moves in a believable town of about 200 people, and tells how to come in as some of them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--small", action="store_true", help="only the cast, with one of each thing")
        what.add_argument("--who", action="store_true", help="who lives in the town that is here, and where to look")
        what.add_argument("--code", action="store_true", help="the second factor of the coordinator who needs one")
        parser.add_argument("--json", action="store_true", help="the answer as one JSON object on the last line")

    def handle(self, *, small: bool, who: bool, code: bool, **given: Any) -> None:
        if who or code:
            self._must_be_here()
            answer = self._code() if code else self._who(script.read().town)
        else:
            opening.prepare_tables(self.stderr.write)
            _refuse_beside_real_people()
            read = script.read()
            answer = self._build(read.small() if small else read) | self._who(read.town)
        if given["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))

    def _must_be_here(self) -> None:
        if "nawzajem_mark" not in connection.introspection.table_names() or not is_demo():
            raise CommandError("There is no demo town in this house. `nawzajem demo` moves one in where nobody is yet.")

    def _build(self, read: Script) -> dict[str, Any]:
        """All or nothing: whoever interrupts it finds an empty house."""
        began = time.perf_counter()
        with transaction.atomic():
            town = Town(read, now=timezone.now())
            moments.play(lives.everybody(town), until=town.now, told=self._progress(town.now))
            Mark.objects.create(name=MARK)
        counts = _counts()
        took = time.perf_counter() - began
        self.stderr.write(f"{counts['people']} people moved in, {counts['messages']} messages, in {took:.1f} s.")
        return counts | {"seconds": round(took, 2)}

    def _progress(self, now: datetime) -> Callable[[datetime], None]:
        told = {"weeks": 1_000}

        def tell(moment: datetime) -> None:
            weeks = (now - moment).days // 7
            if weeks <= told["weeks"] - 5 or weeks < min(1, told["weeks"]):
                told["weeks"] = weeks
                self.stderr.write(f"  {weeks} weeks ago ..." if weeks else "  this week ...")

        return tell

    # -- who lives here

    def _who(self, plan: Plan) -> dict[str, Any]:
        here = set(Person.objects.values_list("pseudonym", flat=True))
        cast = [one for one in plan.cast if one.who in here]
        self.stdout.write(f"\nA demo town: nothing here is real. Everybody's passphrase is:  {plan.passphrase}\n\n")
        for one in cast:
            self.stdout.write(_entry(one.who, f"/p/{one.place}/" if one.place else "", one.what, f"See: {one.look}."))
        self.stdout.write(
            _entry("anybody", "", "every name that you meet in the town signs in with the same passphrase")
        )
        self._tell_doors(plan)
        names = [{"name": one.who, "place": one.place} for one in cast]
        return {"cast": names, "passphrase": plan.passphrase, "codes": _codes()}

    def _tell_doors(self, plan: Plan) -> None:
        """Ways in by invitation, and where a second factor is asked for."""
        codes = ", ".join(f"{code} ({where})" for where, code in _codes().items())
        off = ", ".join(f"/p/{place}/" for place, one in plan.places.items() if not one.second_factor)
        on = ", ".join(f"/p/{place}/" for place, one in plan.places.items() if one.second_factor)
        self.stdout.write(f"\nCodes to join with: {codes}\n")
        self.stdout.write(
            f"Duties work without a second factor in {off}: switched off for this demo only. In {on} it is on:\n"
            f"the secret of {_coordinator(plan)} is {_secret(plan)}, and `nawzajem demo --code` tells the present code.\n"
        )

    def _code(self) -> dict[str, Any]:
        plan = script.read().town
        counter, gone = divmod(int(time.time()), PERIOD)
        code = format_hotp_value(hotp_value(_secret(plan), counter))
        self.stdout.write(f"{code}  for {_coordinator(plan)}, for {PERIOD - gone} seconds more")
        return {"code": code, "seconds": PERIOD - gone}


def is_demo() -> bool:
    """Whether the people of this house are made up."""
    return Mark.objects.filter(name=MARK).exists()


def _refuse_beside_real_people() -> None:
    if is_demo():
        raise CommandError("The demo town is here already. `nawzajem demo --who` tells who lives there.")
    if Programme.objects.exists() or Person.objects.exists():
        raise CommandError(
            "There are people or programmes here that are not of the demo, and everybody in the demo has the same "
            "well-known passphrase. Give it a folder of its own: NAWZAJEM_DATA=/tmp/town nawzajem demo"
        )


def _counts() -> dict[str, int]:
    kinds = {"people": Person, "programmes": Programme, "pairs": Pair, "talks": Conversation, "messages": Message}
    return {name: kind._default_manager.count() for name, kind in kinds.items()}


def _codes() -> dict[str, str]:
    """By programme, or by the unit that a code leads into."""
    rows = Invitation.objects.exclude(code="").filter(programme__differing__joining="invited")
    named = rows.select_related("programme", "unit").order_by("programme__slug", "unit__name")
    return {f"/p/{one.programme.slug}/" + (f" {one.unit}" if one.unit else ""): one.code for one in named}


def _coordinator(plan: Plan) -> str:
    return next(one.coordinator for one in plan.places.values() if one.second_factor)


def _secret(plan: Plan) -> str:
    owner = Person.objects.get(pseudonym=_coordinator(plan))
    kept = Authenticator.objects.get(user=owner, type=Authenticator.Type.TOTP)
    return str(decrypt(kept.data["secret"]))


def _entry(name: str, where: str, *sentences: str) -> str:
    """Name and address to the left, what there is to know to the right."""
    left = f"{name:<9} {where:<12} "
    lines = [line for one in sentences for line in textwrap.wrap(one, WIDTH - len(left))]
    return left + f"\n{'':<{len(left)}}".join(lines) + "\n"
