"""The page that shows programmers what a program can do here, drawn from the OpenAPI description, without any script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve, reverse

from nawzajem.web.doorway import open_page

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    needed: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    group: str
    method: str
    path: str
    about: str
    scopes: list[str]
    asks: list[Field]  # in the address, or after its question mark
    takes: list[Field]  # in the body
    gives: list[Field]
    several: bool  # a list of them
    statuses: list[str]
    example: str


@open_page
def description(request: HttpRequest) -> HttpResponse:
    described = _described(reverse("api:openapi-json"))
    groups: dict[str, list[Operation]] = {}
    for one in _operations(described):
        groups.setdefault(one.group, []).append(one)
    context = {
        "groups": groups.items(),
        "about": described["info"]["description"],
        "origin": request.build_absolute_uri("/").rstrip("/"),
        "address": reverse("api:openapi-json"),
        "refusal": _fields(described["components"]["schemas"]["RefusalOut"], described),
    }
    return render(request, "api/description.html", context)


@cache
def _described(address: str) -> dict[str, Any]:
    """What its own address answers, read once: this door and that one do not know each other."""
    view = resolve(address).func
    described: dict[str, Any] = json.loads(view(HttpRequest()).content)
    return described


def _operations(described: Schema) -> Iterator[Operation]:
    for path, methods in described["paths"].items():
        for method in METHODS:
            if method in methods:
                yield _operation(path, method, methods[method], described)


def _operation(path: str, method: str, one: Schema, described: Schema) -> Operation:
    good = next(answer for status, answer in one["responses"].items() if status.startswith("2"))
    answer, several = _answer(good)
    takes = _body(one)
    return Operation(
        group=one["tags"][0],
        method=method.upper(),
        path=path,
        about=one.get("description", ""),
        scopes=one["security"][0]["Bearer"],
        asks=[_asked(each) for each in one["parameters"]],
        takes=takes,
        gives=_fields(_resolved(answer, described), described),
        several=several,
        statuses=sorted(one["responses"]),
        example=_example(path, method, takes),
    )


def _answer(good: Schema) -> tuple[Schema, bool]:
    schema = good.get("content", {}).get("application/json", {}).get("schema", {})
    return (schema["items"], True) if schema.get("type") == "array" else (schema, False)


def _body(one: Schema) -> list[Field]:
    schema = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return _fields(schema, {})


def _asked(one: Schema) -> Field:
    return Field(one["name"], _kind(one["schema"]), one["required"], "")


def _fields(schema: Schema, described: Schema) -> list[Field]:
    needed = set(schema.get("required", ()))
    properties = schema.get("properties", {}).items()
    return [Field(name, _kind(each), name in needed, each.get("description", "")) for name, each in properties]


def _resolved(schema: Schema, described: Schema) -> Schema:
    reference = schema.get("$ref", "").rsplit("/", 1)[-1]
    found: Schema = described["components"]["schemas"][reference] if reference else schema
    return found


def _kind(schema: Schema) -> str:
    """A type in one line: text, number, list of text, AskOut ..."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1].removesuffix("Out")
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"][:8]) + (
            " ..." if len(schema["enum"]) > 8 else ""
        )
    if "anyOf" in schema:
        return ", or ".join(_kind(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    kind = schema.get("type", "any")
    return schema.get("format") or (" or ".join(kind) if isinstance(kind, list) else kind)


def _example(path: str, method: str, takes: list[Field]) -> str:
    """One line to try it with."""
    words = ["curl"] if method == "get" else ["curl", "-X", method.upper()]
    words += ["-H", '"Authorization: Bearer $TOKEN"']
    if takes:
        sample = {field.name: _sample(field) for field in [one for one in takes if one.needed] or takes[:1]}
        words += ["-d", f"'{json.dumps(sample)}'"]
    return " ".join([*words, f'"$ORIGIN{path}"'])


def _sample(field: Field) -> Any:
    if field.kind.startswith("list of"):
        return ["..."]
    if " | " in field.kind:
        return json.loads(field.kind.split(" | ")[0])
    return {"boolean": True, "integer": 1}.get(field.kind, "...")
