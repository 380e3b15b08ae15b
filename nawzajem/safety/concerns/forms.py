"""What may be typed about a concern, and about hours on duty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nawzajem.ground.week import WeekField
from nawzajem.safety.concerns.models import Concern, Step


class RaiseForm(forms.Form):
    """The safety button. Whoever presses it in need chooses one of three; nothing else has to be said."""

    whom = forms.ChoiceField(
        label=_("Who is it about?"),
        choices=[("me", _("about me")), ("other", _("about the person I talk with"))],
        widget=forms.RadioSelect,
    )
    tier = forms.TypedChoiceField(
        label=_("How soon does somebody have to be there?"),
        coerce=int,
        choices=[
            (Concern.Tier.IMMINENT, _("now, it may be dangerous")),
            (Concern.Tier.HIGH, _("today")),
            (Concern.Tier.CONCERN, _("soon, I would like to talk about it")),
        ],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("In a few words, if you like"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Read by those on duty. They do not see your talk."),
    )


class StepForm(forms.Form):
    what = forms.ChoiceField(label=_("What was done?"), choices=Step.What, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In a few words, if needed"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("No names, no addresses. Read only by those on duty."),
    )


class OutcomeForm(forms.Form):
    outcome = forms.ChoiceField(label=_("How did it end?"), choices=Concern.Outcome, widget=forms.RadioSelect)


class HandOverForm(forms.Form):
    to = forms.ChoiceField(label=_("Hand over to"))

    def __init__(self, *args: Any, to: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = list(to)  # type: ignore[attr-defined]


class WeekForm(forms.Form):
    week = WeekField(label=_("On duty every week"), required=False)


class ShiftForm(forms.Form):
    """A stretch that differs from the week, on the clock of whoever types it."""

    begins_at = forms.DateTimeField(label=_("Begins"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    ends_at = forms.DateTimeField(label=_("Ends"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    is_away = forms.TypedChoiceField(
        label=_("What differs?"),
        coerce=lambda value: value == "away",
        choices=[("on", _("on duty besides")), ("away", _("away"))],
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if "begins_at" in typed and "ends_at" in typed and typed["ends_at"] <= typed["begins_at"]:
            self.add_error("ends_at", _("This should be later than the beginning."))
        return typed
