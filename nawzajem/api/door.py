"""The door for programs: JSON under /api/v1/, opened by a token, every refusal in one shape."""

from __future__ import annotations

import logging
import secrets
from functools import cache
from typing import Any

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from nawzajem.api import (
    asks,
    coach,
    concerns,
    conversations,
    desk,
    experiences,
    minors,
    offers,
    pairs,
    people,
    programmes,
    reports,
    rounds,
    safety,
    waiting,
)
from nawzajem.api import notify as letters
from nawzajem.api import rights as data
from nawzajem.api.answers import RefusalOut
from nawzajem.api.tokens import Rate
from nawzajem.ground import gate
from nawzajem.ground.refusals import Invalid, NotFound, Refusal, TooMany

log = logging.getLogger("nawzajem")

ABOUT = """What a person can do on the pages, a program can do here in their name, as far as its token allows.

A token is made under "Me", "Tokens for programs", and sent with each request: `Authorization: Bearer nz_...`. Its scopes:
`read`, `write`, `talk` (messages), `coordinate` (duties). Every refusal has the same shape, with a stable `code` and a
sentence in the person's language. Times are in UTC; hours of a week are in the person's own time zone.
"""


class Described(OpenAPISchema):
    """With the scopes that each operation needs."""

    def operation_security(self, operation: Operation) -> list[dict[str, Any]] | None:
        found = super().operation_security(operation)
        return [{"Bearer": list(bearer.scopes)} for bearer in operation.auth_callbacks] if found else None  # type: ignore[attr-defined]


class Door(NinjaAPI):
    """Its pages are marked, so that the doorway of the browsers' pages leaves them alone."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        return _described(self, self.get_root_path({}) if path_prefix is None else path_prefix)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        view = operation.view_func
        return f"{view.__module__.rsplit('.', 1)[1]}_{view.__name__}"

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        urls = super()._get_urls()
        for one in urls:
            vars(one.callback)["is_api"] = vars(one.callback)["is_open"] = True
        return urls

    def create_response(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().create_response(*args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


@cache
def _described(door: Door, prefix: str) -> Described:
    """Once: it takes a second."""
    return Described(door, prefix)


api = Door(
    title="Nawzajem",
    version="1",
    urls_namespace="api",
    description=ABOUT,
    docs_url=None,
    throttle=[Rate()],
)
for room in (
    people, letters, data, programmes, experiences, asks, offers, pairs, waiting, conversations, coach, safety, concerns, desk,
    minors, rounds, reports,
):  # fmt: skip
    api.add_router("", room.router)


# -- how a no looks ---------------------------------------------------------------------------------------------------


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    route, token = (request.resolver_match.route if request.resolver_match else ""), getattr(request, "auth", None)
    gate.refused(refusal, door="api", at=f"{request.method}:{route}", person=getattr(token, "person_id", None))
    told = RefusalOut(
        code=refusal.code,
        sentence=str(refusal.sentence),
        status=refusal.status,
        fields=refusal.fields if isinstance(refusal, Invalid) else {},
    )
    return api.create_response(request, told.model_dump(), status=refusal.status)


@api.exception_handler(AuthenticationError)
def without_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    sentence = _("A valid token is needed: Authorization: Bearer nz_...")
    told = RefusalOut(code="token", sentence=sentence, status=401)
    gate.opened_nothing("token")
    response = api.create_response(request, told.model_dump(), status=401)
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Throttled)
def too_many(request: HttpRequest, error: Throttled) -> HttpResponse:
    return refused(request, TooMany())


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return refused(request, NotFound())


@api.exception_handler(ValidationError)
def misaddressed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Something in the address or after its question mark; bodies are read by the forms."""
    return refused(request, Invalid(fields={str(one["loc"][-1]): [one["msg"]] for one in error.errors}))


@api.exception_handler(OperationalError)
def cannot_keep(request: HttpRequest, error: OperationalError) -> HttpResponse:
    sentence = _("The database cannot answer just now. Nothing was half done.")
    return _mistake(request, error, sentence, code="cannot_keep", status=503)


@api.exception_handler(Exception)
def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    return _mistake(request, error, _("A mistake of ours. It is noted."), code="broken", status=500)


def _mistake(request: HttpRequest, error: Exception, sentence: str, *, code: str, status: int) -> HttpResponse:
    """Logged under a number that can be quoted, without anything that anybody wrote."""
    number = secrets.token_hex(4)
    place = (Exception, Exception(type(error).__name__), error.__traceback__)
    log.error("mistake %s at %s of the api", number, request.method, exc_info=place)
    told = RefusalOut(code=code, sentence=f"{sentence} ({number})", status=status)
    return api.create_response(request, told.model_dump(), status=status)
