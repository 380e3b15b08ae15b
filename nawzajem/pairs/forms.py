"""What may be typed about a proposal and a pair."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.pairs.models import CheckIn, Pair


class AnswerForm(forms.Form):
    yes = forms.TypedChoiceField(choices=[("1", _("Yes")), ("0", _("No"))], coerce=lambda value: value == "1")


class AgreementForm(forms.Form):
    """Everything may stay open; two people can also just talk."""

    aim = forms.CharField(
        label=_("What we want from it"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: to get through the first holidays; not to be alone with it."),
    )
    rhythm = forms.ChoiceField(label=_("How often"), choices=Pair.Rhythm.choices, required=False)
    turns = forms.ChoiceField(label=_("Whose time it is"), choices=Pair.Turns.choices, required=False)
    ends_on = forms.DateField(
        label=_("Until when, at first"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Then you decide anew."),
    )
    safety_words = forms.CharField(
        label=_("What we do when it gets hard"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("A word that means stop. What each of us does not want to be asked. Whom to call."),
    )

    def __init__(self, *args: Any, words: bool = True, **kwargs: Any) -> None:
        """Without `words` of their own where the programme keeps none."""
        super().__init__(*args, **kwargs)
        if not words:
            del self.fields["aim"], self.fields["safety_words"]

    def clean_ends_on(self) -> Any:
        until = self.cleaned_data["ends_on"]
        if until and until <= clock.today():
            raise forms.ValidationError(_("Choose a day that is still to come."))
        return until


class CheckInForm(forms.Form):
    how = forms.ChoiceField(label=_("How is it going?"), choices=CheckIn.How, widget=forms.RadioSelect)


def _endings() -> list[tuple[str, Any]]:
    """Those that a person chooses; the house has some of its own."""
    return [one for one in Pair.Ending.choices if one[0] not in {Pair.Ending.LEFT, Pair.Ending.BLOCKED}]


class EndForm(forms.Form):
    ending = forms.ChoiceField(
        label=_("Why, if you like to say"),
        choices=_endings,
        initial=Pair.Ending.UNSAID,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("Counted for the programme without names. The other does not see it."),
    )
    at_once = forms.BooleanField(label=_("End at once, without last words"), required=False)

    def clean_ending(self) -> str:
        return self.cleaned_data["ending"] or Pair.Ending.UNSAID


class RatingForm(forms.Form):
    STEPS = [(5, _("fully")), (4, _("mostly")), (3, _("partly")), (2, _("hardly")), (1, _("not at all"))]
    HELP = [(5, _("very much")), (4, _("a good deal")), (3, _("somewhat")), (2, _("little")), (1, _("not at all"))]

    understood = forms.TypedChoiceField(
        label=_("Did you feel understood?"), choices=STEPS, coerce=int, widget=forms.RadioSelect
    )
    helped = forms.TypedChoiceField(
        label=_("Did it do you good?"),
        choices=HELP,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    again = forms.TypedChoiceField(
        label=_("Would you talk with this person again?"),
        choices=[("yes", _("yes")), ("no", _("no"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
