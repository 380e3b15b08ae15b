"""The six questions of the Columbia screener, by their numbers: which are asked after which, and how pressing the answers are.

Their words stand in the official sheet alone, in each language, and are read out from there. Which answers are low, moderate and
high follows the triage of the screener with its recent version (Posner et al. 2011; <https://cssrs.columbia.edu/>).
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from nawzajem.safety.concerns.models import Concern

ALWAYS = (1, 2, 6)
AFTER_THOUGHTS = (3, 4, 5)  # asked only after a yes to the second
LATELY = "lately"  # of the sixth: within the last three months


def asked(*, thoughts: bool) -> list[int]:
    """Whose numbers are asked in all; `thoughts`: a yes to the second."""
    return sorted([*ALWAYS, *(AFTER_THOUGHTS if thoughts else ())])


def tier(yes: Mapping[str, bool]) -> int | None:
    """`yes` by number, and LATELY. None where every answer was no; that never means that there is no danger."""
    if yes.get("4") or yes.get("5") or (yes.get("6") and yes.get(LATELY)):
        return Concern.Tier.IMMINENT
    if yes.get("3") or yes.get("6"):
        return Concern.Tier.HIGH
    return Concern.Tier.CONCERN if yes.get("1") or yes.get("2") else None


def words(yes: Mapping[str, bool]) -> str:
    """As a line that somebody else on duty understands: "1: yes, 2: no, 6: yes, within three months"."""
    said = [f"{number}: {_('yes') if yes[str(number)] else _('no')}" for number in range(1, 7) if str(number) in yes]
    if yes.get("6"):
        said.append(_("within three months") if yes.get(LATELY) else _("longer ago"))
    return ", ".join(said)
