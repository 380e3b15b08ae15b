"""What may be typed when something was not right."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from nawzajem.safety.models import Report


class ReportForm(forms.Form):
    reason = forms.ChoiceField(label=_("What was it?"), choices=Report.Reason, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In your own words, if you like"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Read by those who look into it. They do not see your conversation."),
    )
    block = forms.BooleanField(label=_("I do not want to meet this person here any more"), required=False)


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(label=_("What was done?"), choices=Report.Outcome, widget=forms.RadioSelect)
