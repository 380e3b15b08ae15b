"""What is written when something is to be opened, and what the second person says."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nawzajem.safety.openings.models import REASONS


class OpeningForm(forms.Form):
    reason = forms.ChoiceField(label=_("For what reason?"), choices=REASONS, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("What has happened, and why is there no other way?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Read by the second person, and kept with the record. Those concerned read the reason, not these words."
        ),
    )
    later = forms.BooleanField(label=_("Telling those concerned at once would put somebody in danger"), required=False)
    tell_on = forms.DateField(
        label=_("They are told on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    later_words = forms.CharField(
        label=_("Who would be in danger, and how?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not typed.get("later"):
            typed |= {"tell_on": None, "later_words": ""}
        elif not typed.get("tell_on") and "tell_on" not in self.errors:
            self.add_error("tell_on", _("By which day are they told?"))
        return typed
