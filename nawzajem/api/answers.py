"""What is answered: one shape for every refusal, and the statuses that each operation documents."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from ninja import Schema
from ninja.responses import Status
from pydantic import ConfigDict

REFUSALS = frozenset({401, 403, 404, 409, 410, 422, 429})
PAGE, LAST = 200, 1_000_000  # rows; pages

T = TypeVar("T", bound=Model)


class Out(Schema):
    """An answer. What is not described is not told."""

    model_config = ConfigDict(extra="forbid")


class RefusalOut(Out):
    code: str  # stable: not_found, not_allowed, must_agree, scope, second_factor, invalid, stale, closed, too_many, token ...
    sentence: str  # in the person's language
    status: int
    fields: dict[str, list[str]] = {}


def gives(answer: Any, status: int = 200) -> dict[Any, Any]:
    """What an operation answers when it goes well; and every refusal there may be."""
    return {status: answer, REFUSALS: RefusalOut}


NOTHING = gives(None, 204)


def a_page(rows: QuerySet[T], page: int) -> QuerySet[T]:
    """Of a list that may be long. Beyond its end there is nothing."""
    first = PAGE * (min(max(page, 1), LAST) - 1)
    return rows[first : first + PAGE]


def made(answer: Any) -> Status:
    return Status(201, answer)


def done() -> Status:
    return Status(204, None)


def file(data: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(data, content_type=kind, headers=headers)
