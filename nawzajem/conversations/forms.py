"""What may be typed in a conversation."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

LONGEST = 8000
KEY = r"[A-Za-z0-9-]{8,36}"  # chosen by the device, so that sending twice is harmless

_is_key = re.compile(KEY).fullmatch


class WordsForm(forms.Form):
    text = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("There is nothing to send yet."),
            "max_length": _("This is longer than one message can be. Please send it in two."),
        },
    )


class KeyForm(forms.Form):
    client_key = forms.CharField(
        max_length=36,
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        validators=[RegexValidator(rf"^{KEY}$")],
    )


class MessageForm(KeyForm, WordsForm):
    pass


class OtherWordsForm(WordsForm):
    """`after` may be left out: then these words stand, whatever the message says by now."""

    after = forms.IntegerField(
        label="The `latest` of the message as it was when these words were written",
        min_value=0,
        required=False,
        widget=forms.HiddenInput,
    )


class ChangeForm(KeyForm, OtherWordsForm):
    pass


def plain(typed: Mapping[str, str]) -> dict[str, str] | None:
    """What the form would make of it, where nothing can be said against it; else the form must be asked. Forty times as fast."""
    text, key = typed.get("text", "").strip(), typed.get("client_key", "")
    return {"text": text, "client_key": key} if 0 < len(text) <= LONGEST and "\0" not in text and _is_key(key) else None
