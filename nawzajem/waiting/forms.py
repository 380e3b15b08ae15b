"""What may be typed by somebody who needs somebody now: as little as possible, and nothing of it is needed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from nawzajem.people.forms import spoken_choices
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme, Topic

MOST_TOPICS = 3
HOURS = (1, 2, 4, 8)  # for which somebody may say that they are here


class NowForm(forms.Form):
    topics = forms.ModelMultipleChoiceField(
        label=_("What is it about?"),
        help_text=_("It helps to find somebody who knows it. Without it, whoever is here is asked."),
        queryset=Topic.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    words = forms.CharField(
        label=_("A few words, if you like"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Read only by the one person who says yes. They do not see your name before they come in."),
    )
    languages = forms.MultipleChoiceField(
        label=_("In which languages?"), choices=spoken_choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, programme: Programme, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].queryset = programme.topics.all()  # type: ignore[attr-defined]
        self.fields["languages"].initial = person.speaks or [person.language]

    def clean_topics(self) -> list[Topic]:
        topics = list(self.cleaned_data["topics"])
        if len(topics) > MOST_TOPICS:
            raise forms.ValidationError(_("Choose the three that weigh most now."))
        return topics

    def clean(self) -> dict[str, Any]:
        return (super().clean() or {}) | {"forms": ["text"]}


class HereForm(forms.Form):
    """For how long somebody is here now; none ends it."""

    hours = forms.TypedChoiceField(label=_("For how long"), coerce=int, initial=1, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spans = [(n, ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}) for n in HOURS]
        self.fields["hours"].choices = [*spans, (0, _("no longer"))]  # type: ignore[attr-defined]


class StayForm(forms.Form):
    yes = forms.TypedChoiceField(choices=[("1", _("Yes")), ("0", _("No"))], coerce=lambda value: value == "1")
