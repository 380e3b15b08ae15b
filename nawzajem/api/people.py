"""Me: the account, and where it belongs."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Router

from nawzajem.api.answers import Out, gives
from nawzajem.api.tokens import READ, Request, outside
from nawzajem.people import reads
from nawzajem.programmes import reads as programmes
from nawzajem.safety import reads as safety

router = Router(tags=["Me"])


class MeOut(Out):
    pseudonym: str
    language: str
    speaks: list[str]
    time_zone: str
    age: str
    gender: str
    joined_at: datetime
    scopes: list[str]


class PlaceOut(Out):
    programme: str  # as it stands in addresses
    name: str
    called: str
    state: str
    duties: list[str]
    must_agree: bool


class TokenOut(Out):
    name: str
    scopes: list[str]
    used_on: date | None
    expires_on: date | None


class DoorOut(Out):
    closed_at: datetime


@router.get("/me", response=gives(MeOut), auth=READ)
def me(request: Request) -> MeOut:
    """Who this token speaks for, and what it may do. Accounts are changed on the pages, in person."""
    person = reads.me(outside(request))
    return MeOut(
        pseudonym=person.pseudonym,
        language=person.language,
        speaks=person.speaks,
        time_zone=person.time_zone,
        age=person.age,
        gender=person.gender,
        joined_at=person.joined_at,
        scopes=sorted(request.auth.scopes),
    )


@router.get("/me/programmes", response=gives(list[PlaceOut]), auth=READ)
def my_programmes(request: Request) -> list[PlaceOut]:
    """Where I belong. `must_agree` says that the text on confidentiality has to be read and agreed to first."""
    mine = list(programmes.mine(request.auth.person).prefetch_related("duties"))
    changed = programmes.to_agree(mine)
    return [
        PlaceOut(
            programme=one.programme.slug,
            name=one.programme.name,
            called=one.called,
            state=one.state,
            duties=[duty.kind for duty in one.duties.all()],
            must_agree=one.pk in changed,
        )
        for one in mine
    ]


@router.get("/me/tokens", response=gives(list[TokenOut]), auth=READ)
def my_tokens(request: Request) -> list[TokenOut]:
    """My tokens, without their secrets. They are made and dropped on the pages."""
    names = ("name", "scopes", "used_on", "expires_on")
    return [TokenOut(**{name: getattr(one, name) for name in names}) for one in reads.tokens(outside(request))]


@router.get("/me/blocks", response=gives(list[DoorOut]), auth=READ)
def my_blocks(request: Request) -> list[DoorOut]:
    """When I closed a door. To whom is not told: a program need not know. A pair's `close-door` closes one."""
    return [DoorOut(closed_at=one.at) for one in safety.my_blocks(outside(request))]
