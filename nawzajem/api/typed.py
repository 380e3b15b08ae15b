"""The rooms' own forms, as JSON: described for programs, and filled from a body. What pages refuse, this refuses."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import override

from nawzajem.core.matching.hours import DIGITS, HOURS, PRESETS
from nawzajem.ground.refusals import Invalid
from nawzajem.ground.week import WeekField

SEVERAL = forms.MultipleChoiceField | forms.ModelMultipleChoiceField

# -- described --------------------------------------------------------------------------------------------------------


def takes(form: type[forms.BaseForm], *, needs: Collection[str] | None = None) -> dict[str, Any]:
    """What an operation with this form takes, for the OpenAPI description. `needs` where less is needed than the form says,
    because something stands there already or is proposed."""
    fields: Mapping[str, forms.Field] = form.base_fields  # type: ignore[attr-defined]
    with override("en"):
        schema = {
            "type": "object",
            "properties": {name: _described(field) for name, field in fields.items()},
            "required": _required(fields) if needs is None else list(needs),
            "additionalProperties": False,
        }
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _required(fields: Mapping[str, forms.Field]) -> list[str]:
    return [name for name, field in fields.items() if field.required and field.initial is None]


def _described(field: forms.Field) -> dict[str, Any]:
    sentences = [str(text).rstrip(".") for text in (field.label, field.help_text) if text]
    about = {"description": " ".join(one if one.endswith("?") else f"{one}." for one in sentences)} if sentences else {}
    default = {"default": field.initial} if isinstance(field.initial, str | int) else {}
    return _shape(field) | about | default


def _shape(field: forms.Field) -> dict[str, Any]:
    if isinstance(field, WeekField):
        return _week()
    if isinstance(field, SEVERAL):
        return {"type": "array", "items": {"type": "string"} | _choices(field)}
    if isinstance(field, forms.TypedChoiceField):
        values = [_coerced(field, key) for key, _words in field.choices]  # type: ignore[union-attr, misc]
        return {"enum": values} if values else {}
    if isinstance(field, forms.BooleanField):
        return {"type": "boolean"}
    if isinstance(field, forms.IntegerField):
        bounds = {"minimum": field.min_value, "maximum": field.max_value}
        return {"type": "integer"} | {name: bound for name, bound in bounds.items() if bound is not None}
    if isinstance(field, forms.DateField):
        return (
            {"type": ["string", "null"], "format": "date"}
            if not field.required
            else {"type": "string", "format": "date"}
        )
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return {"type": "string"} | _choices(field)
    longest = getattr(field, "max_length", None)
    return {"type": "string"} | ({"maxLength": longest} if longest else {})


def _week() -> dict[str, Any]:
    hour = {"type": "integer", "minimum": 0, "maximum": HOURS - 1}
    digits = {"type": "string", "pattern": f"^[0-9a-f]{{{DIGITS}}}$"}
    return {"anyOf": [{"enum": sorted(PRESETS)}, {"type": "array", "items": hour}, digits]}


def _choices(field: Any) -> dict[str, Any]:
    """Those that are the same for everybody; a programme's own stand in its description."""
    if isinstance(field, forms.ModelChoiceField):
        return {}
    values = [str(key) for key, _words in field.choices]
    return {"enum": values} if values else {}


def _coerced(field: forms.TypedChoiceField, key: Any) -> Any:
    return field.empty_value if key in field.empty_values else field.coerce(key)


# -- filled -----------------------------------------------------------------------------------------------------------


def typed(request: HttpRequest, form: type[forms.BaseForm], **things: Any) -> dict[str, Any]:
    """The body as the form understands it. What is left out stays as it is, or as the form proposes."""
    given, blank = body(request), form(None, **things)
    if unknown := given.keys() - blank.fields.keys():
        raise Invalid(fields={name: [_("There is no such field.")] for name in sorted(unknown)})
    data: MultiValueDict[str, str] = MultiValueDict()
    for name, field in blank.fields.items():
        value = given[name] if name in given else blank.get_initial_for_field(field, name)
        data.setlist(name, [_whole(one) for one in _as_typed(name, field, value)])
    filled = form(data, **things)
    if not filled.is_valid():
        raise Invalid(fields=filled.errors)
    return filled.cleaned_data


def body(request: HttpRequest) -> dict[str, Any]:
    if not request.body.strip():
        return {}
    try:
        given = json.loads(request.body)
    except (ValueError, RecursionError):  # the latter: brackets within brackets without end
        raise Invalid(_("The body should be JSON.")) from None
    if not isinstance(given, dict):
        raise Invalid(_("The body should be a JSON object: names and values in braces."))
    return given


def _as_typed(name: str, field: forms.Field, value: Any) -> list[str]:
    """As a browser would send it."""
    if value is None or (value is False and isinstance(field, forms.BooleanField)):
        return []
    if isinstance(field, forms.TypedChoiceField):
        return [_key(field, value)]
    if isinstance(value, list | tuple):
        if not isinstance(field, WeekField | SEVERAL):
            raise Invalid(fields={name: [_("One value is wanted here, not several.")]})
        return [str(one) for one in value]
    return [value.isoformat() if isinstance(value, date) else str(value)]


def _whole(text: str) -> str:
    """Half a character, which JSON can carry and no database takes, becomes a question mark."""
    return text.encode(errors="replace").decode()


def _key(field: forms.TypedChoiceField, value: Any) -> str:
    """The key of the choice that means this value: true for yes, 5 for fully."""
    for key, _words in field.choices:  # type: ignore[union-attr, misc]
        meant = _coerced(field, key)
        if meant == value and type(meant) is type(value):
            return str(key)
    return str(value)
