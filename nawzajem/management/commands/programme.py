"""nawzajem programme: the programmes of this house, from their blueprints."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug
from django.forms import ValidationError

from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import Refusal
from nawzajem.management import opening
from nawzajem.programmes import acts, reads
from nawzajem.programmes.blueprint import BadBlueprint, available, load
from nawzajem.programmes.models import Duty, Member, Programme

HOUSE = Actor(via="command")


class Command(BaseCommand):
    help = "Makes a programme from a blueprint, lists programmes, invites the first people with duties."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        create = what.add_parser("create", help="a new programme")
        create.add_argument("--blueprint", required=True, help="the name of a shipped one, or a path to your own")
        create.add_argument(
            "--address", help="its place in the address line: letters, digits, hyphens (default: the blueprint's name)"
        )
        what.add_parser("list", help="the programmes there are")
        what.add_parser("blueprints", help="the blueprints that come with the house")
        check = what.add_parser("check", help="reads a blueprint and says what is wrong with it")
        check.add_argument("blueprint")
        invite = what.add_parser("invite", help="a link for one person, with a duty")
        invite.add_argument("address")
        invite.add_argument("--duty", choices=Duty.Kind.values, default=Duty.Kind.COORDINATOR)
        for one in what.choices.values():
            one.add_argument("--json", action="store_true", help="the answer as one JSON object on the last line")

    def handle(self, *args: Any, **given: Any) -> None:
        try:
            answer = getattr(self, "_" + given["what"])(**given)
        except BadBlueprint as bad:
            raise CommandError(f"This blueprint cannot be used yet:\n{bad}") from None
        except Refusal as refusal:
            fields = getattr(refusal, "fields", {})
            raise CommandError(
                " ".join([str(refusal.sentence), *(one for said in fields.values() for one in said)])
            ) from None
        if given["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))

    def _create(self, *, blueprint: str, address: str | None, **_rest: Any) -> dict[str, Any]:
        read = load(blueprint)
        slug = address or read.code
        try:
            validate_slug(slug)
        except ValidationError:
            raise CommandError(f"'{slug}' cannot stand in an address: use letters, digits and hyphens.") from None
        opening.prepare_new_house(self.stderr.write)
        made = acts.create(HOUSE, blueprint=read, slug=slug)
        topics = made.topics.count()
        self.stdout.write(f"Made: {made.name_words['en']} ({made.name_words['pl']}), {topics} topics, at /p/{slug}/.")
        self.stdout.write(f"Next, a link for its first coordinator: nawzajem programme invite {slug}")
        return {"address": slug, "topics": topics, "id": made.pk}

    def _list(self, **_rest: Any) -> dict[str, Any]:
        rows = [
            {
                "address": one.slug,
                "blueprint": one.blueprint,
                "state": one.state,
                "people": Member.objects.filter(programme=one).exclude(state=Member.State.LEFT).count(),
            }
            for one in Programme.objects.order_by("made_at")
        ]
        for row in rows:
            self.stdout.write(f"{row['address']:<24} {row['blueprint']:<20} {row['state']:<8} {row['people']} people")
        if not rows:
            self.stdout.write("No programme yet. `nawzajem programme create --blueprint open-community` makes one.")
        return {"programmes": rows}

    def _blueprints(self, **_rest: Any) -> dict[str, Any]:
        names = [str(name) for name in available()]
        for name in names:
            self.stdout.write(f"{name:<20} {load(name).purpose.en}")
        return {"blueprints": names}

    def _check(self, *, blueprint: str, **_rest: Any) -> dict[str, Any]:
        read = load(blueprint)
        self.stdout.write(f"Good: {read.name.en}, {len(read.topics)} topics, {len(read.kinds)} kinds of support.")
        return {"blueprint": read.code, "topics": len(read.topics)}

    def _invite(self, *, address: str, duty: str, **_rest: Any) -> dict[str, Any]:
        programme = reads.programme(address)
        _made, secret = acts.invite(HOUSE.within(programme.pk), programme, duty=duty)
        link = f"{settings.ENV.address}/come-in/{secret}/"
        self.stdout.write(f"For one {Duty.Kind(duty).label}, good for 14 days, once:\n  {link}")
        if programme.options.duties_need_second_factor:
            self.stdout.write("The duty begins to work when they have added a passkey or an authenticator app.")
        return {"link": link}
