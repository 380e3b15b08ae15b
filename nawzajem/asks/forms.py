"""What may be typed when asking. Only a topic is needed; everything else has an answer that suits most."""

from __future__ import annotations

from typing import Any

from django.forms import (
    BooleanField,
    CharField,
    CheckboxSelectMultiple,
    ChoiceField,
    Form,
    ModelMultipleChoiceField,
    MultipleChoiceField,
    RadioSelect,
    Textarea,
    ValidationError,
)
from django.utils.translation import gettext_lazy as _

from nawzajem.asks.models import ANY_TIME, Ask
from nawzajem.experiences.models import Experience
from nawzajem.ground.week import WeekField
from nawzajem.ground.words import said
from nawzajem.people.forms import spoken_choices
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme, Topic, Way
from nawzajem.programmes.reads import print_of

MOST_TOPICS = 5


class AskForm(Form):
    topics = ModelMultipleChoiceField(
        label=_("What is it about?"),
        queryset=Topic.objects.none(),
        to_field_name="code",
        widget=CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one word that fits.")},
    )
    stage = ChoiceField(
        label=_("Where are you with it?"), choices=Experience.Stage, initial="in_it", widget=RadioSelect
    )
    kinds = MultipleChoiceField(label=_("What would do you good?"), required=False, widget=CheckboxSelectMultiple)
    words = CharField(
        label=_("A few words, if you like"),
        required=False,
        max_length=4000,
        widget=Textarea(attrs={"rows": 4}),
        help_text=_("Read only by people to whom we propose you. They do not see your name."),
    )
    forms = MultipleChoiceField(label=_("How would you like to talk?"), widget=CheckboxSelectMultiple)
    languages = MultipleChoiceField(
        label=_("In which languages?"), choices=spoken_choices, widget=CheckboxSelectMultiple
    )
    hours = WeekField(label=_("When would it suit you?"), initial=ANY_TIME)
    wish_age = ChoiceField(label=_("Age"), choices=Ask.Age.choices, required=False)
    wish_gender = ChoiceField(label=_("Gender"), required=False)
    wish_gender_must = BooleanField(label=_("I only want to talk with such a person"), required=False)
    wish_backgrounds = MultipleChoiceField(
        label=_("Somebody who shares"), required=False, widget=CheckboxSelectMultiple
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
        field["topics"].queryset = programme.topics.all()  # type: ignore[attr-defined]
        field["kinds"].choices = [(one["code"], said(one["words"])) for one in programme.kinds]  # type: ignore[attr-defined]
        field["forms"].choices = [one for one in Way.choices if one[0] in offered]  # type: ignore[attr-defined]
        field["forms"].initial = ["text"] if "text" in offered else sorted(offered)
        field["languages"].initial = person.speaks or [person.language]
        genders = [one for one in Person.Gender.choices if one[0] in {"woman", "man"}]
        field["wish_gender"].choices = [("", _("no matter")), *genders]  # type: ignore[attr-defined]
        backgrounds = [(one["code"], said(one["words"])) for one in programme.backgrounds]
        field["wish_backgrounds"].choices = backgrounds  # type: ignore[attr-defined]
        if not backgrounds:
            del field["wish_backgrounds"]
        if not programme.options.asks_unit:
            del field["not_same_unit"]

    def clean_topics(self) -> list[Topic]:
        topics = list(self.cleaned_data["topics"])
        if len(topics) > MOST_TOPICS:
            raise ValidationError(_("Choose the five that matter most. The others can come later."))
        return topics

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        codes = cleaned.pop("not_codes", "").replace(";", ",").split(",")
        cleaned["not_prints"] = list(filter(None, (print_of(self._programme, code) for code in codes)))
        return cleaned
