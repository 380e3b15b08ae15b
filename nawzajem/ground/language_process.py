"""The process that holds the carriers: `python -m nawzajem.ground.language_process SOCKET`.

One question for one connection, answered in turn. It knows no database, no person and no clock, keeps nothing, and writes
nothing down.
"""

from __future__ import annotations

import json
import logging
import os
import socketserver
import sys
from pathlib import Path
from typing import Any

from nawzajem.core.coaching import Coached, Noticed, coach
from nawzajem.core.language import Carrier, installed
from nawzajem.core.screening import Finding, Kind, OwnWords, Tier, screen
from nawzajem.core.screening.learned import learned

log = logging.getLogger("nawzajem")

LONGEST = 1 << 20  # bytes of one question


class Question(socketserver.StreamRequestHandler):
    timeout = 2.0  # seconds for somebody to say it

    def handle(self) -> None:
        try:
            asked = json.loads(self.rfile.read(LONGEST))
            said = answer(asked, self.server.carrier)  # type: ignore[attr-defined]
            self.wfile.write(json.dumps(said).encode())
        except (OSError, ValueError, KeyError, TypeError):
            return  # whoever asks goes on without us


class Listener(socketserver.UnixStreamServer):
    request_queue_size = 64
    carrier: Carrier | None = None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The kind of mistake, and nothing of what was asked."""
        log.error("a question could not be read: %s", type(sys.exc_info()[1]).__name__)


def answer(asked: dict[str, Any], carrier: Carrier | None) -> dict[str, Any]:
    if asked["do"] == "coach":
        return _told(coach(asked["text"], asked["language"], context=asked["context"], carrier=carrier))
    own = [OwnWords(phrase, Tier(tier), Kind(kind), tongue) for phrase, tier, kind, tongue in asked["words"]]
    heads = learned(carrier)
    return _found(screen(asked["text"], asked["language"], words=own, before=asked["before"], heads=heads))


def _told(coached: Coached) -> dict[str, Any]:
    return {
        "pitfalls": [_noticed(one) for one in coached.pitfalls],
        "helps": [_noticed(one) for one in coached.helps],
        "version": coached.version,
    }


def _noticed(one: Noticed) -> tuple[str, float, int, int]:
    return one.code.value, one.certainty, one.start, one.end


def _found(finding: Finding) -> dict[str, Any]:
    reasons = [(one.code, one.start, one.end) for one in finding.reasons]
    plain = {"certainty": finding.certainty, "version": finding.version}
    return plain | {"tier": int(finding.tier), "kind": finding.kind.value, "reasons": reasons}


def main(path: str) -> None:
    """All is loaded before anybody can ask, so that nobody waits for it: until then the rules speak where they are."""
    carrier = installed()
    for do in ("coach", "screen"):
        answer({"do": do, "text": "?", "language": "pl", "context": "?", "words": [], "before": ""}, carrier)
    Path(path).unlink(missing_ok=True)
    os.umask(0o177)  # for this house alone
    with Listener(path, Question) as listener:
        listener.carrier = carrier
        listener.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
