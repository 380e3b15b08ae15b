"""What may be chosen about letters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nawzajem.notify.models import Kind

HOURS = [(hour, f"{hour}:00") for hour in range(24)]


class WishForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label=_("A letter comes when"), choices=Kind, required=False, widget=forms.CheckboxSelectMultiple
    )
    quiet_from = forms.TypedChoiceField(label=_("No letters from"), choices=HOURS, coerce=int, initial=21)
    quiet_until = forms.TypedChoiceField(label=_("until"), choices=HOURS, coerce=int, initial=7)

    def __init__(self, *args: Any, on_duty: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._on_duty = on_duty
        if not on_duty:
            self.fields["kinds"].choices = [one for one in Kind.choices if one[0] != Kind.DUTY]  # type: ignore[attr-defined]

    def clean_kinds(self) -> list[str]:
        """Whoever takes up a duty later hears of it, unless they say otherwise then."""
        chosen: list[str] = self.cleaned_data["kinds"]
        return chosen if self._on_duty else [*chosen, Kind.DUTY]
