"""How the lines hang together: each link is a keyed hash of a line and of the link before it."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC

from nawzajem.safety.logbook.models import Look

TOLD = ("seq", "programme", "who", "whose", "what", "thing", "why", "opening")


def link(look: Look, *, before: str, secret: str) -> str:
    """HMAC-SHA256 over everything the line says. `before` is empty for the first."""
    said = [before, look.at.astimezone(UTC).isoformat(timespec="microseconds"), *(getattr(look, one) for one in TOLD)]
    plain = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return hmac.new(bytes.fromhex(secret), plain, hashlib.sha256).hexdigest()
