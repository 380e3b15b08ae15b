"""The API, tried by its own description: whatever fits it, and whatever does not, gets one of the answers that stand there.

Schemathesis makes the requests out of the OpenAPI description. Two of three name what is really there, so that they come as
far as the rooms. It always makes the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from nawzajem.people import acts as people
from tests.conftest import undone
from tests.doors.test_api_operations import CASES, SCOPES, described, operations

pytestmark = pytest.mark.django_db

__all__ = ["described"]  # a fixture

OURS = {"Content-Type", "Content-Length", "Accept-Encoding"}  # the client says these itself, and reads nothing packed
EXAMPLES, FEW = 8, 3  # for each operation that takes a body, or takes none: as many that fit, as many that do not
ANSWERS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
ALWAYS_THE_SAME = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def by_description(described: dict[str, Any]) -> Any:
    return schemathesis.openapi.from_dict(described)


@pytest.fixture(scope="module")
def prepared(stage: Any, request: pytest.FixtureRequest) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Which operation; the secret of a token that may everything; and what the world was made ready with."""
    with undone():
        who, parts, *_body = CASES[request.param](stage)
        _token, secret = people.make_token(
            stage.actor(who), stage.people[who], name="x", scopes=SCOPES, expires_on=None
        )
        yield request.param, secret, {"programme": "here"} | parts


@pytest.mark.parametrize("prepared", sorted(CASES), indirect=True)
@pytest.mark.parametrize("mode", GenerationMode)
def test_every_answer_is_one_that_is_described(mode, prepared, by_description, described):
    operation, secret, parts = prepared
    method, path, one = operations(described)[operation]
    there = iter(range(1_000))

    @settings(ALWAYS_THE_SAME, max_examples=EXAMPLES if "requestBody" in one else FEW)
    @given(by_description[path][method].as_strategy(generation_mode=mode))
    def tried(case):
        if next(there) % 3:
            case.path_parameters = {**(case.path_parameters or {}), **parts}
        case.validate_response(sent(case, secret), checks=ANSWERS)

    tried()


def test_what_an_address_does_not_know_to_do_is_told_by_what_it_does(described):
    for path, known in described["paths"].items():
        address = path.format(**dict.fromkeys(re.findall(r"{(\w+)}", path), "1"))
        for method in {"get", "post", "put", "patch", "delete", "options", "trace", "brew"} - known.keys():
            answer = Client().generic(method.upper(), address)
            assert answer.status_code == 405, (method, path)
            assert {one.lower() for one in answer["Allow"].split(", ")} == known.keys()


def sent(case: Any, secret: str) -> Response:
    """Through Django's own client, on this test's own connection to the database."""
    wire = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    wire.headers["Authorization"] = f"Bearer {secret}"
    cache.clear()  # attempts are counted by token
    with undone():
        answer = Client().generic(
            wire.method or "",
            str(wire.url).removeprefix("http://testserver"),
            wire.body or b"",
            content_type=wire.headers.get("Content-Type", "application/octet-stream"),
            headers={name: value for name, value in wire.headers.items() if name not in OURS},
        )
    heard = {name: [value] for name, value in answer.headers.items()}
    return Response(answer.status_code, heard, answer.content, wire, 1.0, True)
