"""What may be typed about a round."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nawzajem.core.matching import STRATEGIES
from nawzajem.pairs.rounds.advice import strategies
from nawzajem.programmes.models import Programme


class StrategyForm(forms.Form):
    strategy = forms.ChoiceField(
        label=_("How to weigh"), choices=strategies, initial=next(iter(STRATEGIES)), widget=forms.RadioSelect
    )


class RoundForm(StrategyForm):
    """Whose asks, and how. Nothing chosen means everybody who waits."""

    topics = forms.MultipleChoiceField(
        label=_("Only about"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing picked: about anything."),
    )
    days = forms.IntegerField(
        label=_("Only those who have waited at least so many days"),
        required=False,
        min_value=0,
        max_value=365,
        widget=forms.NumberInput(attrs={"size": 4}),
    )

    def __init__(self, *args: Any, programme: Programme | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = [one for one in programme.all_topics if one.parent_id is None] if programme else []
        self.fields["topics"].choices = [(one.code, one.name) for one in topics]  # type: ignore[attr-defined]


class AgainForm(forms.Form):
    """Another strategy, or the same; the same scores, or everybody read as they stand by now."""

    strategy = forms.ChoiceField(label=_("How to weigh"), choices=lambda: [("", ""), *strategies()], required=False)
    anew = forms.BooleanField(label=_("Read everybody anew"), required=False)


class DecideForm(forms.Form):
    """About one ask of the round: a pair by its offer, a change of places by the other's ask."""

    WHAT = [
        ("lock", _("Keep together")),
        ("forbid", _("Not these two")),
        ("undo", _("Undo")),
        ("swap", _("Change places")),
        ("leave_out", _("Leave out of this round")),
    ]

    what = forms.ChoiceField(label=_("What"), choices=WHAT)
    offer = forms.CharField(label=_("The offer, for a pair"), max_length=12, required=False)
    other = forms.CharField(label=_("The other ask, for a change of places"), max_length=12, required=False)
