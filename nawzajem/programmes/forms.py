"""What may be typed when joining, and by those who look after a programme."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from nawzajem.ground import clock
from nawzajem.ground.words import said
from nawzajem.people.models import Person
from nawzajem.programmes.models import Duty, Invitation, Member, Programme, Unit


class JoinForm(forms.Form):
    """Age and conditions, asked plainly; and the limits of confidentiality, read before anything is written."""

    age = forms.ChoiceField(label=_("How old are you?"), widget=forms.RadioSelect)
    unit = forms.ModelChoiceField(
        label=_("Where do you belong?"),
        queryset=Unit.objects.none(),
        required=False,
        empty_label=_("I would rather not say"),
    )
    leads = forms.BooleanField(
        label=_("I lead people there"),
        required=False,
        help_text=_("Nobody is ever paired with somebody above or below them in the same line."),
    )
    known_as = forms.CharField(
        label=_("Your staff or student number"),
        required=False,
        max_length=30,
        help_text=_(
            "Kept scrambled, so that nobody can read it. It only keeps apart people who do not want to meet here."
        ),
    )
    conditions = forms.MultipleChoiceField(
        label=_("Please confirm"), widget=forms.CheckboxSelectMultiple, required=False
    )
    agreed_version = forms.IntegerField(widget=forms.HiddenInput)
    agreed = forms.BooleanField(
        label=_("I have read this and agree"),
        error_messages={"required": _("Please read the text and confirm it; without that we cannot begin.")},
    )

    def __init__(
        self, *args: Any, programme: Programme, person: Person, invitation: Invitation | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        options = programme.options
        self._ages = {str(age) for age in options.ages}
        self.fields["age"].choices = Person.Age.choices  # type: ignore[attr-defined]
        self.fields["age"].initial = person.age
        codes = [(one["code"], said(one["words"])) for one in programme.conditions]
        self.fields["conditions"].choices = codes  # type: ignore[attr-defined]
        self._needed = {code for code, _words in codes}
        self.fields["unit"].queryset = programme.units.all()  # type: ignore[attr-defined]
        if not codes:
            del self.fields["conditions"]
        if not options.asks_unit or not programme.units.exists():
            del self.fields["unit"], self.fields["leads"]
        elif invitation and invitation.unit:
            del self.fields["unit"]
        if not options.asks_known_as:
            del self.fields["known_as"]

    def clean_age(self) -> str:
        age: str = self.cleaned_data["age"]
        if age not in self._ages:
            raise forms.ValidationError(
                _("This programme is not for this age. The help lines are there for everybody.")
            )
        return age

    def clean_conditions(self) -> list[str]:
        missing = len(self._needed - set(self.cleaned_data["conditions"]))
        if missing:
            raise forms.ValidationError(
                ngettext_lazy("One condition is not confirmed.", "%(n)d conditions are not confirmed.", missing),
                params={"n": missing},
            )
        return sorted(self._needed)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned.pop("agreed", None)
        return {"conditions": []} | cleaned


class PlaceForm(forms.ModelForm):
    backgrounds = forms.MultipleChoiceField(
        label=_("What else I bring"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Only if you like. It is used when somebody wishes to talk with a person who shares it."),
    )

    class Meta:
        model = Member
        fields = ("called", "away_until")
        labels = {"called": _("My name here"), "away_until": _("Away until")}
        help_texts = {
            "called": _("What people you are paired with see. It need not be the pseudonym you sign in with."),
            "away_until": _("People you talk with see that you will write later. New proposals wait."),
        }
        widgets = {"away_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one["code"], said(one["words"])) for one in self.instance.programme.backgrounds]
        self.fields["backgrounds"].choices = choices  # type: ignore[attr-defined]
        self.fields["backgrounds"].initial = self.instance.backgrounds
        if not choices:
            del self.fields["backgrounds"]

    def clean_away_until(self) -> Any:
        until = self.cleaned_data["away_until"]
        if until and until < clock.today():
            raise forms.ValidationError(_("This day has passed."))
        return until


class InviteForm(forms.Form):
    """A way in: for one person, or a code for many."""

    many = forms.TypedChoiceField(
        label=_("For whom"),
        choices=[
            ("", _("one person: a link that works once")),
            ("1", _("a class or a department: a code to read out")),
        ],
        coerce=bool,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        initial="",
    )
    unit = forms.ModelChoiceField(label=_("Unit"), queryset=Unit.objects.none(), required=False, empty_label=_("none"))
    duty = forms.ChoiceField(label=_("With a duty"), choices=[("", _("none")), *Duty.Kind.choices], required=False)
    days = forms.IntegerField(label=_("Good for how many days"), min_value=1, max_value=365, initial=14)

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = programme.units.all()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("many") and cleaned.get("duty"):
            self.add_error("duty", _("A duty is given to one person, never by a code for many."))
        return cleaned


class PauseForm(forms.Form):
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until and until < clock.today():
            raise forms.ValidationError(_("This day has passed."))
        return until


class UnitForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    parent = forms.ModelChoiceField(
        label=_("Within"), queryset=Unit.objects.none(), required=False, empty_label=_("none")
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = programme.units.all()  # type: ignore[attr-defined]


class DutyForm(forms.Form):
    kind = forms.ChoiceField(label=_("Duty"), choices=Duty.Kind.choices)
