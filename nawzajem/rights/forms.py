"""What is asked before somebody leaves for good."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nawzajem.people.models import Person


class EraseForm(forms.Form):
    messages = forms.ChoiceField(
        label=_("What I wrote to others"),
        choices=[
            ("erase", _("goes with me: the others see empty places where my words were")),
            ("keep", _("stays with the people I wrote it to, without my name")),
        ],
        widget=forms.RadioSelect,
    )
    pseudonym = forms.CharField(
        label=_("My pseudonym"),
        max_length=40,
        help_text=_("To be sure, type the name you sign in with."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person = person

    def clean_pseudonym(self) -> str:
        typed: str = self.cleaned_data["pseudonym"]
        if " ".join(typed.split()).casefold() != self._person.pseudonym.casefold():
            raise forms.ValidationError(_("This is not the name you sign in with."))
        return typed

    @property
    def keeps_messages(self) -> bool:
        return self.cleaned_data["messages"] == "keep"
