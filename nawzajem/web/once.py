"""Forms that make something carry its id, made with the page: however often such a form is sent, there is one thing.

The address of a thing that is gone, or the state it has reached, does the same for all other forms.
"""

from __future__ import annotations

import re

from django.utils.html import format_html
from django.utils.safestring import SafeString

from nawzajem.ground.models import ALPHABET, new_id
from nawzajem.web.doorway import Request
from nawzajem.web.parts import register

SHAPE = re.compile(f"[{ALPHABET}]{{12}}")


@register.simple_tag
def once() -> SafeString:
    """A fresh one each time the page is made, also when a browser remembers what stood in the form."""
    return format_html('<input type="hidden" name="once" value="{}" autocomplete="off">', new_id())


def key_of(request: Request) -> str:
    """The id for what this form makes; a new one where a form brings none."""
    return id_in(request, "once") or new_id()


def id_in(request: Request, name: str) -> str:
    """An id that a form brings; empty where it is none."""
    given = request.POST.get(name, "")
    return given if SHAPE.fullmatch(given) else ""
