"""Typing hours of a week: a grid of 168 boxes that works with a keyboard, with a finger, and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nawzajem.core.matching import hours


class WeekField(forms.Field):
    """Cleans to 42 hexadecimal digits, the hours in the person's own time zone. Takes ticked boxes, a preset's name or the digits."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "required": _("Choose at least one hour."),
        "invalid": _("These are not hours of a week."),
    }

    def __init__(self, *, initial: str = "", **kwargs: Any) -> None:
        super().__init__(initial=initial, **kwargs)
        self.widget.choices = [(str(hour), str(hour)) for hour in range(hours.HOURS)]

    def prepare_value(self, value: Any) -> list[str]:
        """Ticked boxes, whatever form the hours have."""
        if isinstance(value, str):
            value = hours.hours_in(hours.PRESETS.get(value, value)) if value else []
        return [str(hour) for hour in value or []]

    def to_python(self, value: Any) -> str:
        if isinstance(value, Iterable) and not isinstance(value, str):
            items = list(value)
            value = items[0] if len(items) == 1 and not str(items[0]).isdigit() else items
        try:
            if isinstance(value, str):
                return hours.week(hours.hours_in(hours.PRESETS.get(value, value) or hours.NONE))
            return hours.week(int(hour) for hour in value or [])
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None

    def validate(self, value: str) -> None:
        if self.required and value == hours.NONE:
            raise forms.ValidationError(self.error_messages["required"], code="required")
