"""What `nawzajem doctor` looks at: the machine, the settings, the data, the programmes. Looking changes nothing, and
nothing that is found quotes a secret or anybody's words.
"""

from __future__ import annotations

from collections.abc import Iterator

from nawzajem.management.checkup import choices, data, machine, programmes
from nawzajem.management.checkup.finding import Finding, Weight

__all__ = ["Finding", "Weight", "look"]


def look(*, connect: bool) -> Iterator[Finding]:
    """`connect` also knocks at the mail server; without it nothing leaves this machine."""
    yield from machine.look()
    house = machine.open_house()
    yield house
    yield from choices.look(connect=connect)
    database = list(data.look_at_database())
    yield from database
    if not any(finding.code in data.NOTHING_TO_READ for finding in database):
        yield from data.look_at_what_is_kept(is_open=house.weight is Weight.FINE)
        yield from programmes.look()
