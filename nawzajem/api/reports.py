"""Figures and tables of a programme, for those who coordinate it. Never one person."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router

from nawzajem.api.answers import Out, file, gives
from nawzajem.api.desk import at_desk
from nawzajem.api.tokens import COORDINATE, Request
from nawzajem.core.scales import Interval
from nawzajem.reports import reads

router = Router(tags=["Desk"])


class IntervalOut(Out):
    value: float
    low: float
    high: float


class NeedOut(Out):
    topic: str
    waiting: int | None
    free: int | None


class FiguresOut(Out):
    """Groups smaller than `floor` are not told: there stands nothing."""

    floor: int
    members: int | None
    asks: dict[str, int | None]
    offers: dict[str, int | None]
    proposals: dict[str, int | None]
    pairs: dict[str, int | None]
    endings: dict[str, int | None]
    half_waited_hours: float | None
    needs: list[NeedOut]
    understood: IntervalOut | None
    helped: IntervalOut | None
    again: IntervalOut | None


@router.get("/p/{programme}/desk/figures", response=gives(FiguresOut), auth=COORDINATE)
def figures(request: Request, programme: str) -> FiguresOut:
    """Counts, waits, wants and ratings; never one person."""
    told = reads.figures(at_desk(request, programme).actor)
    plain: dict[str, Any] = {
        name: getattr(told, name) for name in ("floor", "members", "asks", "offers", "proposals", "pairs", "endings")
    }
    return FiguresOut(
        half_waited_hours=told.wait.half if told.wait else None,
        needs=[NeedOut(topic=one.topic, waiting=one.waiting, free=one.free) for one in told.needs],
        understood=_interval(told.said.understood),
        helped=_interval(told.said.helped),
        again=_interval(told.said.again),
        **plain,
    )


def _interval(one: Interval | None) -> IntervalOut | None:
    return IntervalOut(value=one.value, low=one.low, high=one.high) if one else None


TABLE = {
    "responses": {
        200: {
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
                    "schema": {"type": "string", "format": "binary"}
                },
            }
        }
    }
}
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@router.get("/p/{programme}/desk/tables/{what}.{form}", response=gives(None), auth=COORDINATE, openapi_extra=TABLE)
def table(request: Request, programme: str, what: str, form: str) -> HttpResponse:
    """`asks`, `offers` or `pairs`, as `csv` or `xlsx`: ids, states, dates, topics."""
    data = reads.export(at_desk(request, programme).actor, what, form=form)
    return file(data, KINDS[form], f"{what}.{form}")
