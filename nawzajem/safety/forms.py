"""What may be typed when something was not right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nawzajem.safety.models import REASONS, Report


class ReportForm(forms.Form):
    """With a `side`, the reasons that fit who reports whom."""

    reason = forms.ChoiceField(label=_("What was it?"), choices=Report.Reason, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In your own words, if you like"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Read by those who look into it. They do not see your conversation."),
    )
    block = forms.BooleanField(label=_("I do not want to meet this person here any more"), required=False)

    def __init__(self, *args: Any, side: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if side:
            self.fields["reason"].choices = [(one.value, one.label) for one in REASONS[side]]  # type: ignore[attr-defined]


BY_HAND = (Report.Outcome.TALKED, Report.Outcome.NOTHING)  # the others follow from what is decided


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What was done?"), choices=[(one.value, one.label) for one in BY_HAND], widget=forms.RadioSelect
    )


class KeeperReportForm(forms.Form):
    """About somebody on duty, by somebody who takes part."""

    about = forms.ChoiceField(label=_("Who is it about?"), widget=forms.RadioSelect)
    reason = ReportForm.base_fields["reason"]
    words = forms.CharField(
        label=_("What happened?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Read by others on duty, never by the person it is about."),
    )

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = list(people)  # type: ignore[attr-defined]
        self.fields["reason"].choices = [(one.value, one.label) for one in REASONS[Report.Side.MEMBER]]  # type: ignore[attr-defined]


class HeardForm(forms.Form):
    """What reached somebody on duty outside, about somebody who takes part. Somebody else decides on it."""

    reason = forms.ChoiceField(
        label=_("What was it?"),
        choices=[(one.value, one.label) for one in REASONS[Report.Side.KEEPER]],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("What happened, and how do you know?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
