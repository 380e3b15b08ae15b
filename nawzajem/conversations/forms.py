"""What may be typed in a conversation."""

from __future__ import annotations

import uuid

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

LONGEST = 8000


class MessageForm(forms.Form):
    text = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("There is nothing to send yet."),
            "max_length": _("This is longer than one message can be. Please send it in two."),
        },
    )
    client_key = forms.CharField(
        max_length=36,
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        validators=[RegexValidator(r"^[A-Za-z0-9-]{8,36}$")],
    )
