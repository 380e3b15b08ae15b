"""What may be typed when offering to be there."""

from __future__ import annotations

from typing import Any

from django.forms import (
    BooleanField,
    CharField,
    CheckboxSelectMultiple,
    DateField,
    DateInput,
    Form,
    IntegerField,
    ModelMultipleChoiceField,
    MultipleChoiceField,
    Textarea,
    ValidationError,
)
from django.utils.translation import gettext_lazy as _

from nawzajem.core.matching.hours import PRESETS
from nawzajem.experiences.models import Experience
from nawzajem.ground import clock
from nawzajem.ground.week import WeekField
from nawzajem.ground.words import said
from nawzajem.people.forms import spoken_choices
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme, Way
from nawzajem.programmes.reads import print_of


class OfferForm(Form):
    experiences = ModelMultipleChoiceField(
        label=_("From which experiences?"),
        help_text=_(
            "Coordinators see the topics you offer from, and nothing else of them. A topic that only you see stays hidden."
        ),
        queryset=Experience.objects.none(),
        widget=CheckboxSelectMultiple,
        error_messages={"required": _("An offer stands on something you lived through. Choose at least one.")},
    )
    kinds = MultipleChoiceField(label=_("What can you give?"), required=False, widget=CheckboxSelectMultiple)
    words = CharField(
        label=_("A few words for those you are proposed to"),
        required=False,
        max_length=2000,
        widget=Textarea(attrs={"rows": 3}),
        help_text=_("What you are good at being for somebody. Without your name."),
    )
    forms = MultipleChoiceField(label=_("How?"), widget=CheckboxSelectMultiple)
    languages = MultipleChoiceField(
        label=_("In which languages?"), choices=spoken_choices, widget=CheckboxSelectMultiple
    )
    hours = WeekField(label=_("When?"), initial=PRESETS["evenings"])
    capacity = IntegerField(
        label=_("With how many people at once?"), min_value=1, initial=1, help_text=_("One is plenty to begin with.")
    )
    not_same_unit = BooleanField(label=_("Nobody from where I belong"), required=False)
    not_codes = CharField(
        label=_("People I do not want to meet"),
        required=False,
        max_length=400,
        help_text=_("Their code, staff or student number; several with commas. It is kept scrambled and never shown."),
    )

    def __init__(self, *args: Any, programme: Programme, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._programme = programme
        offered = set(programme.options.forms)
        field = self.fields
        mine = Experience.objects.filter(person=person, programme=programme).select_related("topic")
        field["experiences"].queryset = mine  # type: ignore[attr-defined]
        field["kinds"].choices = [(one["code"], said(one["words"])) for one in programme.kinds]  # type: ignore[attr-defined]
        field["forms"].choices = [one for one in Way.choices if one[0] in offered]  # type: ignore[attr-defined]
        field["forms"].initial = ["text"] if "text" in offered else sorted(offered)
        field["languages"].initial = person.speaks or [person.language]
        field["capacity"].max_value = programme.options.capacity  # type: ignore[attr-defined]
        field["capacity"].widget.attrs["max"] = programme.options.capacity
        if not programme.options.asks_unit:
            del field["not_same_unit"]

    def clean_capacity(self) -> int:
        capacity: int = self.cleaned_data["capacity"]
        most = self._programme.options.capacity
        if capacity > most:
            raise ValidationError(_("Here nobody takes more than %(most)d people at once."), params={"most": most})
        return capacity

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        codes = cleaned.pop("not_codes", "").replace(";", ",").split(",")
        cleaned["not_prints"] = list(filter(None, (print_of(self._programme, code) for code in codes)))
        return cleaned


class RestForm(Form):
    until = DateField(
        label=_("Until"),
        required=False,
        widget=DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until you say otherwise."),
    )

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until and until <= clock.today():
            raise ValidationError(_("Choose a day that is still to come."))
        return until
