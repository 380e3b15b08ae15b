"""What may be said to the coach."""

from __future__ import annotations

from django import forms

from nawzajem.coach.models import Hint

LONGEST = 10_000  # letters of a draft that are read


class DraftForm(forms.Form):
    """What stands in the field just now, and the hint that was shown last. It is read and forgotten."""

    text = forms.CharField(max_length=LONGEST, required=False, strip=False)
    hint = forms.CharField(max_length=12, required=False)


class DismissForm(forms.Form):
    reason = forms.ChoiceField(choices=Hint.Reason.choices, required=False)
