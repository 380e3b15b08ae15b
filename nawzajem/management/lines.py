"""Messages in a file, one JSON object a line, for the commands that read what people might write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError


def messages(file: Path) -> Iterator[dict[str, Any]]:
    """Each with `id`, `text` and `lang`; CommandError names the line that is none."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _message(line, f"{file}:{number}")


def _message(line: bytes, place: str) -> dict[str, Any]:
    try:
        one = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise CommandError(f"{place}: this line is not UTF-8, so letters in it would be lost.") from None
    except (ValueError, RecursionError):  # the latter: brackets within brackets without end
        raise CommandError(f"{place}: this line is not JSON; one object stands on each line.") from None
    if not isinstance(one, dict) or not isinstance(one.get("text"), str) or "id" not in one:
        raise CommandError(f'{place}: should be an object with "id", "text" and "lang".')
    if one.get("lang") not in ("pl", "en"):
        raise CommandError(f'{place}: "lang" should be "pl" or "en".')
    return _whole(one) if b"\\ud" in line.lower() else one


def _whole(one: dict[str, Any]) -> dict[str, Any]:
    """Half a letter, which some programs leave where they cut a text, becomes a question mark."""
    found: dict[str, Any] = json.loads(json.dumps(one, ensure_ascii=False).encode(errors="replace"))
    return found
