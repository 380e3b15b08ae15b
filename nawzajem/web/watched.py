"""Counts and times pages by the name of their address, where the keeper of the house wants figures."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from nawzajem.ground.watching import watched


class Watched:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with watched("page") as seen:
            response = self._answer(request)
            found = request.resolver_match
            seen.name, seen.outcome = (found.view_name or "other") if found else "none", str(response.status_code)
        return response
