"""Words that come from data, in the reader's language; and words made comparable."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language

from nawzajem.core.letters import fold

__all__ = ["fold", "said", "tongue"]


def tongue(code: str | None = None) -> str:
    """'pl' or 'en', whatever the form of address."""
    return (code or get_language() or "en")[:2]


def said(words: Mapping[str, str], language: str | None = None) -> str:
    """Of words given as {'pl': ..., 'en': ...}, those for the reader; for formal Polish 'pl-formal' first, if there."""
    code = language or get_language() or "en"
    return words.get(code) or words.get(tongue(code)) or words.get("en") or next(iter(words.values()), "")
