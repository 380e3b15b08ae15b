"""What may be typed about consents, checks and standards."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.minors.models import Check, Consent


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _not_to_come(day: date) -> date:
    if day > clock.today():
        raise forms.ValidationError(_("This day is still to come."))
    return day


class GuardianForm(forms.Form):
    """Who consents, in their own name."""

    name = forms.CharField(
        label=_("First name and surname"),
        max_length=120,
        help_text=_("Kept encrypted. Only the coordinators see it, and it goes with the account."),
    )
    relation = forms.ChoiceField(label=_("Who you are to them"), choices=Consent.Relation, widget=forms.RadioSelect)
    sure = forms.BooleanField(
        label=_("I have parental responsibility or legal custody, and I agree that they take part"),
        error_messages={"required": _("Without this we cannot take it as a consent.")},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned.pop("sure", None)
        return cleaned


class PaperForm(forms.Form):
    """A consent on paper, as somebody has it before them."""

    name = forms.CharField(label=_("Who signed"), max_length=120)
    relation = forms.ChoiceField(label=_("Who they are to the minor"), choices=Consent.Relation)
    given_on = _day(_("Signed on"))

    def clean_given_on(self) -> date:
        return _not_to_come(self.cleaned_data["given_on"])


class CheckForm(forms.Form):
    kind = forms.ChoiceField(label=_("What was looked at"), choices=Check.Kind)
    result = forms.ChoiceField(label=_("With which result"), choices=Check.Result, widget=forms.RadioSelect)
    done_on = _day(_("When"))

    def clean_done_on(self) -> date:
        return _not_to_come(self.cleaned_data["done_on"])


class StandardForm(forms.Form):
    words = forms.CharField(
        label=_("How it is with you, or where it is written"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    done_on = _day(_("Looked at on"))

    def clean_done_on(self) -> date:
        return _not_to_come(self.cleaned_data["done_on"])
