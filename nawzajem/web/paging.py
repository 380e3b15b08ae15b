"""Long lists, a page at a time."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

EACH = 50


def page(request: HttpRequest, rows: Any, *, each: int = EACH) -> Page[Any]:
    """The page that the address asks for; the nearest there is, where it asks for another."""
    return Paginator(rows, each).get_page(request.GET.get("page"))
