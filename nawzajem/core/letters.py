"""Letters made comparable: for searching, for headers of sheets, for finding words in what people write."""

from __future__ import annotations

import unicodedata

PLAIN = str.maketrans({"ł": "l", "Ł": "l", "ß": "ss", "ø": "o", "đ": "d"})


def fold(text: str) -> str:
    """Lower case and no diacritics, so that 'Żałoba' is found by 'zaloba'."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.lower().translate(PLAIN))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
