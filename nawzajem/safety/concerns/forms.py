"""What may be typed about a concern, and about hours on duty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nawzajem.ground.week import WeekField
from nawzajem.safety.concerns import questions
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
    what = forms.ChoiceField(
        label=_("What was done?"),
        choices=[(one.value, one.label) for one in Step.What if one != Step.What.SCREENED],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("In a few words, if needed"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("No names, no addresses. Read only by those on duty."),
    )


def _yes_or_no(label: Any, *, always: bool = False) -> forms.ChoiceField:
    answers = [("yes", _("yes")), ("no", _("no"))]
    return forms.ChoiceField(label=label, choices=answers, widget=forms.RadioSelect, required=always)


class QuestionsForm(forms.Form):
    """Yes or no by the number of each question. Three to five are asked only after a yes to the second."""

    q1 = _yes_or_no(_("Question 1"), always=True)
    q2 = _yes_or_no(_("Question 2"), always=True)
    q3 = _yes_or_no(_("Question 3"))
    q4 = _yes_or_no(_("Question 4"))
    q5 = _yes_or_no(_("Question 5"))
    q6 = _yes_or_no(_("Question 6"), always=True)
    lately = _yes_or_no(_("Of question 6: within the last three months?"))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        names = [f"q{number}" for number in questions.asked(thoughts=typed.get("q2") == "yes")] + (
            ["lately"] if typed.get("q6") == "yes" else []
        )
        for name in names:
            if not typed.get(name) and name not in self.errors:
                self.add_error(name, _("This one is asked too."))
        return {"yes": {name.removeprefix("q"): typed.get(name) == "yes" for name in names}}


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
