"""Long lists, a page at a time."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

EACH = 50


def page(request: HttpRequest, rows: Any, *, each: int = EACH) -> Page[Any]:
    """The page that the address asks for; where there is no such page, the last, and for no number the first."""
    return Paginator(rows, each).get_page(request.GET.get("page"))
