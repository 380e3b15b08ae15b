"""A passphrase is not made of what stands on the sign at the door: the house's and its programmes' names, or one's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from nawzajem.core.letters import fold
from nawzajem.people.models import Person
from nawzajem.programmes import reads as programmes

LEFT = 8  # letters and digits of one's own
HERE = ("nawzajem", "wsparcie", "support", "passphrase", "password", "haslo")
SWAPS = str.maketrans("013457@$", "oieastas")  # signs that stand for letters


class WordsOfOnesOwn:
    """Known words may stand in it; without them it still has to be long, and none of the common ones. Only names that everybody
    can see, and one's own: what is refused must not tell which other programmes there are."""

    def validate(self, password: str, user: Any = None) -> None:
        own = _without(_letters(password), sorted(set(_known(user)), key=len, reverse=True))
        if len(own) < LEFT or _is_common(own):
            raise ValidationError(self.get_help_text(), code="passphrase_of_known_words")

    def get_help_text(self) -> str:
        return _("This is mostly a name: of this place, or of yours. Add some words that nobody would expect.")


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", fold(text).translate(SWAPS))


def _without(text: str, words: Iterable[str]) -> str:
    for word in words:
        text = text.replace(word, " ")
    return text.replace(" ", "")


def _is_common(own: str) -> bool:
    try:
        CommonPasswordValidator().validate(own)
    except ValidationError:
        return True
    return False


def _known(user: Any) -> Iterator[str]:
    """Whole names, and words of four letters and more in them."""
    for name in _names(user):
        for word in (name, *re.split(r"[\W_]+", name)):
            if len(letters := _letters(word)) >= (4 if word != name else 3):
                yield letters


def _names(user: Any) -> Iterator[str]:
    yield from HERE
    yield settings.ENV.origin.partition("://")[2]
    for programme in programmes.open_programmes():
        yield from (programme.slug, *programme.name_words.values())
    yield getattr(user, "pseudonym", "")
    yield from getattr(user, "email", "").split("@")
    if isinstance(user, Person):
        for place in programmes.mine(user):
            yield from (place.called, place.programme.slug, *place.programme.name_words.values())
