"""What is written when somebody decides, answers, and asks for a second look."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nawzajem.rulings.models import Appeal, Ruling

DATE = forms.DateInput(attrs={"type": "date"})


class RulingForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is done?"), choices=Ruling.Kind, widget=forms.RadioSelect)
    until = forms.DateField(label=_("A pause ends on"), required=False, widget=DATE)
    reason = forms.ChoiceField(label=_("For what reason?"), choices=Ruling.Reason, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("What happened, and why does this follow from it?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "Read by the person it concerns; a note only by those on duty. Do not say who reported it, nor anything by which it can be guessed."
        ),
    )
    urgent = forms.BooleanField(
        label=_("It cannot wait for an answer"),
        required=False,
        help_text=_("It then holds at once, and they can answer afterwards. Otherwise they are heard first."),
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("kind") == Ruling.Kind.PAUSE and not typed.get("until") and "until" not in self.errors:
            self.add_error("until", _("On which day does the pause end?"))
        return typed


class ReplyForm(forms.Form):
    words = forms.CharField(
        label=_("How was it, in your words?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6})
    )


class AppealForm(forms.Form):
    words = forms.CharField(
        label=_("What should be looked at anew?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6})
    )


class AnewForm(forms.Form):
    """The answer to an appeal."""

    outcome = forms.ChoiceField(
        label=_("How is it decided?"),
        choices=[(value, label) for value, label in Appeal.State.choices if value != Appeal.State.WAITING],
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(
        label=_("If milder: to what"),
        required=False,
        choices=[("", _("nothing else")), *Ruling.Kind.choices[1:3]],
    )
    until = forms.DateField(label=_("A pause ends on"), required=False, widget=DATE)
    words = forms.CharField(
        label=_("Why?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Read by the person it concerns."),
    )
