"""What may be typed about an experience. Only the topic is needed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nawzajem.experiences.models import Experience
from nawzajem.ground import clock
from nawzajem.programmes.models import Programme, Topic


class ExperienceForm(forms.ModelForm):
    topic = forms.ModelChoiceField(
        label=_("What is it about?"),
        queryset=Topic.objects.none(),
        to_field_name="code",
        widget=forms.RadioSelect,
        empty_label=None,
    )
    words = forms.CharField(
        label=_("In my own words"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What helped you, what you would have liked to know. Only those you choose below will read it."),
    )

    class Meta:
        model = Experience
        fields = ("topic", "stage", "since", "until", "see_topic", "see_stage", "see_when", "see_words")
        labels = {
            "stage": _("Where are you with it?"),
            "since": _("Since when"),
            "until": _("Until when"),
            "see_topic": _("Who sees the topic"),
            "see_stage": _("Who sees where I am with it"),
            "see_when": _("Who sees the dates"),
            "see_words": _("Who reads my words"),
        }
        help_texts = {
            "since": _("A year, or a year and a month: 2024 or 2024-05."),
            "until": _("Leave empty while it lasts."),
        }
        widgets = {"stage": forms.RadioSelect}

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topic"].queryset = programme.topics.all()  # type: ignore[attr-defined]
        self.fields["stage"].choices = Experience.Stage.choices  # type: ignore[attr-defined]
        if self.instance.topic_id:
            del self.fields["topic"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since", ""), cleaned.get("until", "")
        this_month = clock.today().strftime("%Y-%m")
        for field, month in (("since", since), ("until", until)):
            if month > this_month:
                self.add_error(field, _("This lies in the future."))
        if until and since and until[: len(since)] < since[: len(until)]:
            self.add_error("until", _("This is before it began."))
        return cleaned
