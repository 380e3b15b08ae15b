"""The house says no in one of six ways. Rooms raise them; one middleware per door turns them into an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    code = "refused"
    status = 400
    sentence: Any = _("This cannot be done.")

    def __init__(self, sentence: object | None = None, *, code: str | None = None) -> None:
        self.sentence = sentence if sentence is not None else type(self).sentence
        self.code = code or type(self).code
        super().__init__(self.code)


class NotFound(Refusal):
    """Not there, or not yours: the same to whoever asks."""

    code, status = "not_found", 404
    sentence = _("There is nothing here, or it is not open to you.")


class NotAllowed(Refusal):
    code, status = "not_allowed", 403
    sentence = _("This is not yours to do.")


class Invalid(Refusal):
    """Something typed cannot be used. `fields` says what, per field, in sentences."""

    code, status = "invalid", 422
    sentence = _("Something here needs another look.")

    def __init__(
        self,
        sentence: object | None = None,
        *,
        fields: Mapping[str, Sequence[object]] | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(sentence, code=code)
        self.fields = {name: [str(one) for one in said] for name, said in (fields or {}).items()}


class Stale(Refusal):
    """Somebody, perhaps the same person in another window, was faster."""

    code, status = "stale", 409
    sentence = _("This has changed in the meantime. Here is how it stands now.")


class TooMany(Refusal):
    code, status = "too_many", 429
    sentence = _("That was a lot at once. Please wait a moment and try again.")


class Closed(Refusal):
    code, status = "closed", 410
    sentence = _("This is over and cannot be changed any more.")
