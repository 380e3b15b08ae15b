"""What every answer carries, whoever asks: where scripts come from, who may frame it, what other sites learn."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory
from django.urls import reverse

from nawzajem.web.doorway import POLICY
from tests.house.test_access import names, parameters

pytestmark = pytest.mark.django_db

MUST = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize("who", ["", "celina"])
def test_every_page_says_the_same_to_browsers(who, world, client):
    if who:
        client.force_login(world.people[who])
    cache.clear()
    for name in sorted(set(names())):
        given = {thing: "1" if thing == "seq" else "none-such" for thing in parameters(name)}
        if "programme" in given:
            given["programme"] = "here"
        answer = client.get(reverse(name, kwargs=given))
        if not answer.headers["Content-Type"].startswith(("application/json", "text/csv", "application/zip")):
            assert {header: answer.headers.get(header) for header in MUST} == MUST, (name, answer.status_code)


def test_the_policy_lets_in_nothing_inline_and_nothing_from_elsewhere():
    assert "default-src 'none'" in POLICY
    assert not any(word in POLICY for word in ("unsafe", "http", "*", "blob:"))
    assert "frame-ancestors 'none'" in POLICY
    assert "form-action 'self'" in POLICY


def test_over_https_browsers_are_told_to_come_that_way_only(client, settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000

    answer = SecurityMiddleware(lambda _request: HttpResponse())(RequestFactory().get("/", secure=True))
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
