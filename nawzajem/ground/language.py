"""What reads for us: screening and coach, asked in the one process that holds the carriers.

The carriers take a quarter of a gigabyte, so there is one process for all. Where it is not there, or does not answer in
time, the rules speak alone, here. What is asked is kept nowhere and logged nowhere.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from nawzajem.core.coaching import Coached, Help, Noticed, Pitfall, coach
from nawzajem.core.screening import Finding, Kind, OwnWords, Reason, Tier, screen

ADDRESS = "NAWZAJEM_LANGUAGE"  # environment: path of its socket, set by whoever starts the processes
PATIENCE = 2.0  # seconds
LONGEST = 1 << 20  # bytes of one answer


def coached(text: str, language: str, *, context: str = "") -> Coached:
    """As `core.coaching.coach`."""
    said = _ask({"do": "coach", "text": text, "language": language, "context": context})
    if said is None:
        return coach(text, language, context=context)
    pitfalls = tuple(Noticed(Pitfall(code), *rest) for code, *rest in said["pitfalls"])
    helps = tuple(Noticed(Help(code), *rest) for code, *rest in said["helps"])
    return Coached(pitfalls, helps, said["version"])


def screened(text: str, language: str, *, words: Sequence[OwnWords] = (), before: str = "") -> Finding:
    """As `core.screening.screen`."""
    own = [(one.phrase, int(one.tier), one.kind.value, one.language) for one in words]
    said = _ask({"do": "screen", "text": text, "language": language, "words": own, "before": before})
    if said is None:
        return screen(text, language, words=words, before=before)
    reasons = tuple(Reason(*one) for one in said["reasons"])
    return Finding(Tier(said["tier"]), Kind(said["kind"]), said["certainty"], reasons, said["version"])


def is_alone() -> bool:
    """Whether only the rules speak, because nobody has installed the carriers."""
    return not os.environ.get(ADDRESS)


def _ask(asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """None where nobody answers. One question for one connection: nothing to keep, nothing to mix up."""
    address = os.environ.get(ADDRESS)
    if not address:
        return None
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(PATIENCE)
            line.connect(address)
            line.sendall(json.dumps(asked).encode())
            line.shutdown(socket.SHUT_WR)
            found: dict[str, Any] = json.loads(_all(line))
            return found
    except (OSError, ValueError):
        return None


def _all(line: socket.socket) -> bytes:
    parts = bytearray()
    while len(parts) < LONGEST and (part := line.recv(65536)):
        parts += part
    return bytes(parts)
