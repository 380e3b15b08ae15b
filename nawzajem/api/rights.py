"""My data: all of it to take along, and out of a programme. Erasing is done in person, on the pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import NOTHING, done, file, gives
from nawzajem.api.tokens import EVERYTHING_READ, WRITE, Request, inside, outside
from nawzajem.rights import acts, reads

router = Router(tags=["My data"])


@router.get("/me/data", response=gives(dict[str, Any]), auth=EVERYTHING_READ)
def my_data(request: Request) -> dict[str, Any]:
    """Everything the house holds of me, part by part. Needs `read` and `talk`, because messages are among it."""
    return reads.everything(outside(request))


ZIP = {"responses": {200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}}


@router.get("/me/data/download", response=gives(None), auth=EVERYTHING_READ, openapi_extra=ZIP)
def download(request: Request) -> HttpResponse:
    """The same as a zip of readable pages and one JSON file."""
    return file(reads.download(outside(request)), "application/zip", "nawzajem.zip")


@router.post("/p/{programme}/leave", response=NOTHING, auth=WRITE)
def leave(request: Request, programme: str) -> Status:
    """Out of this programme: pairs end, asks are taken back, the offer is put away."""
    here = inside(request, programme, before_agreement=True)
    acts.leave(here.actor, here.member)
    return done()
