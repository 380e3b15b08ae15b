"""The programmes: whether somebody looks after each, can do their duty, and everybody finds the texts to agree to."""

from __future__ import annotations

from collections.abc import Iterator

from allauth.mfa.utils import is_mfa_enabled
from django.utils.translation import gettext as _

from nawzajem.core.language.carriers import are_installed
from nawzajem.ground import clock
from nawzajem.management.checkup.finding import Finding, fine, note, wrong
from nawzajem.programmes import reads
from nawzajem.programmes.models import Duty, Invitation, Programme, Text
from nawzajem.rulings import reads as rulings


def look() -> Iterator[Finding]:
    programmes = list(reads.kept())
    if not programmes:
        yield note(
            "no_programme", _("There is no programme yet."), "nawzajem programme create --blueprint open-community"
        )
    for programme in programmes:
        found = [
            *_coordinators(programme),
            *_texts(programme),
            *_reading(programme),
            *_reports(programme),
            *_appeals(programme),
        ]
        yield from found or [fine("programme", _("%(address)s is looked after.") % {"address": programme.slug})]


def _coordinators(programme: Programme) -> Iterator[Finding]:
    here = list(reads.keepers(programme, Duty.Kind.COORDINATOR))
    facts = {"address": programme.slug, "n": len(here)}
    if not here:
        yield _without(programme)
        return
    needed = programme.options.duties_need_second_factor
    bare = [member for member in here if needed and not is_mfa_enabled(member.person)]
    facts |= {"bare": len(bare)}
    remedy = _("They add a passkey or an authenticator app under “My account”; until then their duty rests.")
    if len(bare) == len(here):
        said = _("No coordinator of %(address)s has a second factor, so nobody can do the duty.") % facts
        yield wrong("second_factor", said, remedy)
    elif bare:
        said = _("%(bare)d of %(n)d coordinators of %(address)s have no second factor.") % facts
        yield note("second_factor", said, remedy)


def _reading(programme: Programme) -> Iterator[Finding]:
    """Rules alone see what is said plainly; what is only meant is seen by heads on carriers, an extra."""
    if programme.options.screening and not are_installed():
        said = _("%(address)s looks through messages by plain rules alone, and overlooks most of what is only meant.")
        remedy = _("Install what reads between the lines: requirements/language.txt, see docs/operate.md.")
        yield note("only_rules", said % {"address": programme.slug}, remedy)


def _reports(programme: Programme) -> Iterator[Finding]:
    if any(not rulings.who_may_look_into(report) for report in rulings.reports_waiting().filter(programme=programme)):
        said = _("A report waits in %(address)s, and nobody on duty there can look into it.") % {
            "address": programme.slug
        }
        yield wrong("report_alone", said, f"nawzajem programme invite {programme.slug} --duty duty_officer")


def _appeals(programme: Programme) -> Iterator[Finding]:
    waiting = [one.ruling for one in rulings.appeals_waiting().filter(ruling__programme=programme)]
    if any(not rulings.can_be_decided(ruling) for ruling in waiting):
        said = _("An appeal waits in %(address)s, and nobody on duty there can decide it.") % {
            "address": programme.slug
        }
        yield wrong("appeal_alone", said, f"nawzajem programme invite {programme.slug} --duty duty_officer")


def _without(programme: Programme) -> Finding:
    invited = Invitation.objects.filter(
        programme=programme, duty=Duty.Kind.COORDINATOR, uses_left__gt=0, expires_at__gt=clock.now()
    )
    facts = {"address": programme.slug}
    if invited.exists():
        said = _("%(address)s has no coordinator yet; one is invited.") % facts
        return note("no_coordinator", said, _("Remind them, before people come."))
    said = _("%(address)s has no coordinator: reports and long waits reach nobody.") % facts
    return wrong("no_coordinator", said, f"nawzajem programme invite {programme.slug}")


def _texts(programme: Programme) -> Iterator[Finding]:
    newest = {text.code: text.words for text in Text.objects.filter(programme=programme).order_by("version")}
    for code in Text.Code:
        missing = [language for language in ("pl", "en") if not newest.get(code, {}).get(language)]
        if missing:
            facts = {"address": programme.slug, "text": code.value, "languages": ", ".join(missing)}
            said = _("%(address)s lacks the text “%(text)s” (%(languages)s).") % facts
            yield wrong("texts", said, _("A coordinator writes it; docs/blueprints.md shows examples."))
