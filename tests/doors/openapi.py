"""Whether an answer is what the OpenAPI description says: the part of JSON Schema that the description uses."""

from __future__ import annotations

from typing import Any

KINDS: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float), "null": type(None),
}  # fmt: skip


def problems(schema: Any, value: Any, described: dict[str, Any], at: str = "answer") -> list[str]:
    """What does not fit, with its place; empty when all does. A keyword not known here is a problem too."""
    if "$ref" in schema:
        return problems(described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], value, described, at)
    if unknown := set(schema) - KNOWN:
        return [f"{at}: {unknown} is not looked at"]
    if "anyOf" in schema:
        tries = [problems(one, value, described, at) for one in schema["anyOf"]]
        return [] if [] in tries else tries[0]
    kinds = schema.get("type", list(KINDS))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(_is(value, kind) for kind in kinds):
        return [f"{at}: {value!r} is not {kinds}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    if isinstance(value, list):
        return [
            one
            for n, each in enumerate(value)
            for one in problems(schema.get("items", {}), each, described, f"{at}[{n}]")
        ]
    return _object(schema, value, described, at) if isinstance(value, dict) else []


KNOWN = {
    "type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "title", "description", "default",
    "format", "maxLength", "minimum", "maximum", "pattern",
}  # fmt: skip


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, KINDS[kind]) and not (isinstance(value, bool) and kind in {"integer", "number"})


def _object(schema: Any, value: dict[str, Any], described: dict[str, Any], at: str) -> list[str]:
    named, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    found = [f"{at}.{name} is missing" for name in schema.get("required", []) if name not in value]
    for name, each in value.items():
        if name in named or isinstance(others, dict):
            found += problems(named.get(name, others), each, described, f"{at}.{name}")
        elif others is False:
            found.append(f"{at}.{name} is not described")
    return found
