"""What may be typed about oneself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.people.models import PSEUDONYM, Person, Token

SPOKEN = ["pl", "en", "uk", "ru", "de", "fr", "es", "it", "cs", "sk", "lt", "be", "ro", "tr", "ar", "vi"]


def spoken_choices() -> list[tuple[str, str]]:
    """Languages to talk in, each under its own name."""
    return [(code, get_language_info(code)["name_local"]) for code in SPOKEN]


def zone_choices() -> list[tuple[str, str]]:
    near = [
        "Europe/Warsaw",
        "Europe/London",
        "Europe/Dublin",
        "Europe/Berlin",
        "Europe/Kyiv",
        "America/New_York",
        "UTC",
    ]
    rest = sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/"))
    )
    return [(zone, zone.replace("_", " ")) for zone in dict.fromkeys([*near, *rest])]


class LanguageForm(forms.ModelForm):
    speaks = forms.MultipleChoiceField(
        label=_("Languages I can talk in"),
        choices=spoken_choices,
        widget=forms.CheckboxSelectMultiple,
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)

    class Meta:
        model = Person
        fields = ("language", "address", "speaks", "time_zone")
        labels = {"language": _("Language of these pages"), "address": _("In Polish, speak to me")}


class ComfortForm(forms.ModelForm):
    class Meta:
        model = Person
        fields = ("theme", "text_size", "strong_contrast", "still", "shows_presence")
        labels = {
            "theme": _("Colours"),
            "text_size": _("Size of text"),
            "strong_contrast": _("Stronger contrast"),
            "still": _("Nothing moves"),
            "shows_presence": _("People I talk with see when I am here"),
        }


class AboutForm(forms.ModelForm):
    class Meta:
        model = Person
        fields = ("gender",)
        labels = {"gender": _("Gender")}
        help_texts = {
            "gender": _(
                "Used only when somebody wishes to talk with a woman or with a man. They then see that the wish is met, and nothing else."
            )
        }
        widgets = {"gender": forms.RadioSelect}


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What it is for"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=Token.Scope, widget=forms.CheckboxSelectMultiple
    )
    expires_on = forms.DateField(
        label=_("Good until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave empty for a year from today."),
    )

    def clean_expires_on(self) -> date:
        wanted: date | None = self.cleaned_data["expires_on"]
        if wanted and wanted < clock.today():
            raise forms.ValidationError(_("This day has passed."))
        return wanted or clock.today() + timedelta(days=365)


class ClaimForm(forms.Form):
    """An account prepared by somebody else becomes one's own."""

    pseudonym = forms.CharField(label=_("Pseudonym"), min_length=2, max_length=40, validators=[PSEUDONYM])
    passphrase = forms.CharField(
        label=_("Passphrase"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters. A few words that only you put together are best."),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person = person

    def clean_pseudonym(self) -> str:
        pseudonym = " ".join(self.cleaned_data["pseudonym"].split())
        if Person.objects.filter(pseudonym__iexact=pseudonym).exclude(pk=self._person.pk).exists():
            raise forms.ValidationError(_("Somebody here has this name already. Please choose another."))
        return pseudonym

    def clean_passphrase(self) -> str:
        passphrase: str = self.cleaned_data["passphrase"]
        validate_password(passphrase, self._person)
        return passphrase


class RecoverForm(forms.Form):
    pseudonym = forms.CharField(label=_("Pseudonym"), max_length=40)
    code = forms.CharField(label=_("Recovery code"), max_length=40)
    passphrase = forms.CharField(
        label=_("New passphrase"),
        min_length=10,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
