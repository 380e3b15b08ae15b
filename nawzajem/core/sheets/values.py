"""What may stand in the cells of the plain format, in English and in Polish, and what each field makes of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nawzajem.core.letters import fold
from nawzajem.core.sheets.problems import Unreadable, quoted
from nawzajem.core.sheets.week import read_week

WORDS = 4000  # characters of somebody's own words
NAME = 40  # of what somebody is called

Meanings = Mapping[str, str]  # from a folded word to its code


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one programme: folded name or code to code. `hints` are words that only lead to a topic: they are
    offered as what may have been meant, never taken for it."""

    topics: Meanings
    kinds: Meanings = field(default_factory=dict)
    backgrounds: Meanings = field(default_factory=dict)
    hints: Meanings = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        topics: Iterable[tuple[str, Iterable[str], Iterable[str]]],
        kinds: Iterable[tuple[str, Iterable[str]]] = (),
        backgrounds: Iterable[tuple[str, Iterable[str]]] = (),
    ) -> Vocabulary:
        """From codes with their names, and for topics the other words people use."""
        topics = list(topics)
        hints = {fold(word): code for code, _, words in topics for word in words}
        return cls(_known((code, names) for code, names, _ in topics), _known(kinds), _known(backgrounds), hints)


def _known(coded: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str]:
    return {fold(word): code for code, names in coded for word in (*names, code)}


def _meanings(table: Mapping[str, str]) -> Meanings:
    """From a code with its words in a line, to each of the words."""
    return MappingProxyType(
        {word.strip(): code for code, line in table.items() for word in f"{code},{line}".split(",")}
    )


ROLES = _meanings(
    {
        "asks": "ask, asking, needs, wants help, prosi, szuka, szuka wsparcia, potrzebuje, prosba",
        "gives": "give, giving, offers, offer, helps, supports, daje, wspiera, oferuje, pomaga, gotowosc",
        "both": "asks and gives, gives and asks, oba, obie, i to i to, prosi i daje, daje i prosi, jedno i drugie",
    }
)
STAGES = _meanings(
    {
        "in_it": "in it, in it now, now, current, ongoing, trwa, teraz, w trakcie, jestem w tym, obecnie",
        "coming_through": "coming through, getting better, wychodze, wychodze z tego, wychodzi z tego, jest lepiej, powoli mija",
        "been_through": "been through, been through it, past, over, za mna, za soba, mam to za soba, przeszlo, przebyte, bylo",
    }
)
FORMS = _meanings(
    {
        "text": "writing, chat, messages, pisanie, tekst, tekstowo, czat, wiadomosci",
        "call": "calls, phone, video, telefon, rozmowa telefoniczna, rozmowa, wideo",
        "meeting": "meet, in person, face to face, spotkanie, spotkania, osobiscie, na zywo",
    }
)
AGES = _meanings(
    {
        "13_15": "13-15, 13 to 15, under 16",
        "16_17": "16-17, 16 to 17, 16 or 17, under 18",
        "18_24": "18-24, 18 to 24, under 25",
        "25_34": "25-34, 25 to 34",
        "35_49": "35-49, 35 to 49",
        "50_64": "50-64, 50 to 64",
        "65_up": "65+, 65 up, 65 or older, 65 i wiecej, powyzej 65",
    }
)
GENDERS = _meanings(
    {
        "woman": "w, f, female, kobieta, k, kob",
        "man": "m, male, mezczyzna, mezcz",
        "other": "another, non-binary, nonbinary, inna, inne, niebinarna",
        "": "unsaid, rather not say, nie chce mowic, nie podaje, -",
    }
)
WISHED_AGES = _meanings(
    {
        "near": "about my age, my age, same, podobny, w podobnym wieku, zblizony",
        "older": "older than i am, starsza osoba, starsza, starszy",
        "younger": "younger than i am, mlodsza osoba, mlodsza, mlodszy",
        "": "any, any age, dowolny, obojetnie, -",
    }
)
YES_NO = _meanings({"yes": "y, true, 1, x, tak, t, prawda", "no": "n, false, 0, nie, falsz, -"})
LANGUAGES = _meanings(
    {
        "pl": "polish, polski, po polsku",
        "en": "english, angielski, po angielsku",
        "uk": "ukrainian, ukrainski, ua",
        "be": "belarusian, bialoruski, by",
        "ru": "russian, rosyjski",
        "de": "german, niemiecki, deutsch",
        "fr": "french, francuski",
        "es": "spanish, hiszpanski",
        "it": "italian, wloski",
        "pt": "portuguese, portugalski",
        "cs": "czech, czeski",
        "sk": "slovak, slowacki",
        "lt": "lithuanian, litewski",
        "ro": "romanian, rumunski",
        "hu": "hungarian, wegierski",
        "nl": "dutch, niderlandzki, holenderski",
        "tr": "turkish, turecki",
        "ar": "arabic, arabski",
        "vi": "vietnamese, wietnamski",
        "zh": "chinese, chinski",
        "ka": "georgian, gruzinski",
        "hi": "hindi",
    }
)
# ISO 639-1, so that a slip of the finger is not taken for a language
ISO_639_1 = """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
    es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg
    ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn
    no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta
    te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
LANGUAGE_CODES = frozenset(ISO_639_1.split())
YOUNGEST = ((16, "13_15"), (18, "16_17"), (25, "18_24"), (35, "25_34"), (50, "35_49"), (65, "50_64"), (130, "65_up"))

Reader = Callable[[str, Vocabulary], Any]


def _one(meanings: Meanings, text: str) -> str:
    word = fold(text).strip()
    if word not in meanings:
        known = ", ".join(dict.fromkeys(filter(None, meanings.values())))
        raise Unreadable("unknown", found=quoted(text), known=known)
    return meanings[word]


def pieces(text: str, meanings: Meanings = MappingProxyType({})) -> list[str]:
    """The entries of a cell: parted by semicolons, bars or lines, and by commas where the whole is no known word."""
    entries: list[str] = []
    for part in re.split(r"[;|\n]", text):
        entries += [part] if fold(part).strip() in meanings else part.split(",")
    return [entry.strip() for entry in entries if entry.strip()]


def _several(meanings: Meanings, text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_one(meanings, entry) for entry in pieces(text, meanings)))


def _topics(text: str, words: Vocabulary) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_topic(entry, words) for entry in pieces(text, words.topics)))


def _topic(entry: str, words: Vocabulary) -> str:
    word = fold(entry)
    if word in words.topics:
        return words.topics[word]
    close = difflib.get_close_matches(word, words.topics, n=1, cutoff=0.75)
    near = words.hints.get(word) or (words.topics[close[0]] if close else None)
    if near:
        raise Unreadable("near_topic", found=quoted(entry), near=near)
    raise Unreadable("unknown_topic", found=quoted(entry))


def _languages(text: str, _: Vocabulary) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_language(entry) for entry in pieces(text)))


def _language(entry: str) -> str:
    word = fold(entry)
    return word if word in LANGUAGE_CODES and word not in LANGUAGES else _one(LANGUAGES, entry)


def _age(text: str, _: Vocabulary) -> str:
    """A group, or a number of years."""
    if not re.fullmatch(r"\d{1,3}", text.strip()):
        return _one(AGES, text)
    years = int(text)
    if not 13 <= years < 130:
        raise Unreadable("number", found=quoted(text), least=13, most=129)
    return next(group for below, group in YOUNGEST if years < below)


def _number(text: str, least: int, most: int) -> int:
    plain = text.strip()
    if not re.fullmatch(r"\d{1,4}", plain) or not least <= int(plain) <= most:
        raise Unreadable("number", found=quoted(text), least=least, most=most)
    return int(plain)


def _month(text: str, _: Vocabulary) -> str:
    """A year, or a year and a month; the day of a date is not kept, for nobody owes it."""
    plain = text.strip()
    found = re.fullmatch(r"(?P<year>\d{4})(?:[-./](?P<month>\d{1,2})(?:[-./]\d{1,2})?)?", plain)
    found = found or re.fullmatch(r"(?:\d{1,2}[-./])?(?P<month>\d{1,2})[-./](?P<year>\d{4})", plain)
    if not found or not 1900 <= int(found["year"]) <= 2100 or not 1 <= int(found["month"] or 1) <= 12:
        raise Unreadable("month", found=quoted(text))
    return f"{found['year']}-{int(found['month']):02}" if found["month"] else found["year"]


def _day(text: str, _: Vocabulary) -> str:
    plain = re.sub(r"^(\d{1,2})[./](\d{1,2})[./](\d{4})$", r"\3-\2-\1", text.strip())
    try:
        return date(*map(int, plain[:10].split("-"))).isoformat()
    except (ValueError, TypeError):
        raise Unreadable("day", found=quoted(text)) from None


def _zone(text: str, _: Vocabulary) -> str:
    try:
        return ZoneInfo(text.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unreadable("zone", found=quoted(text)) from None


def _text(most: int) -> Reader:
    def read(text: str, _: Vocabulary) -> str:
        if len(text.strip()) > most:
            raise Unreadable("too_long", found=len(text.strip()), most=most)
        return text.strip()

    return read


def _yes(text: str, _: Vocabulary) -> bool:
    return _one(YES_NO, text) == "yes"


def _unit(text: str, _: Vocabulary) -> tuple[str, ...]:
    """'Force / Station 5 / Team A', the outermost first."""
    return tuple(part.strip() for part in re.split(r"[/>]", text) if part.strip())


FIELDS: Mapping[str, Reader] = MappingProxyType(
    {
        "person": _text(NAME),
        "role": lambda text, _: _one(ROLES, text),
        "topics": _topics,
        "stage": lambda text, _: _one(STAGES, text),
        "since": _month,
        "until": _month,
        "words": _text(WORDS),
        "kinds": lambda text, words: _several(words.kinds, text),
        "languages": _languages,
        "forms": lambda text, _: _several(FORMS, text),
        "hours": lambda text, _: read_week(text),
        "zone": _zone,
        "age": _age,
        "gender": lambda text, _: _one(GENDERS, text),
        "unit": _unit,
        "leads": _yes,
        "backgrounds": lambda text, words: _several(words.backgrounds, text),
        "known_as": _text(NAME),
        "capacity": lambda text, _: _number(text, 1, 20),
        "taken": lambda text, _: _number(text, 0, 20),
        "wish_age": lambda text, _: _one(WISHED_AGES, text),
        "wish_gender": lambda text, _: _one(GENDERS, text),
        "wish_gender_must": _yes,
        "wish_backgrounds": lambda text, words: _several(words.backgrounds, text),
        "not": lambda text, _: tuple(pieces(text)),
        "not_same_unit": _yes,
        "asked_on": _day,
    }
)

# How each field may be called in a header, besides its own name; folded, with single spaces.
HEADERS: Meanings = _meanings(
    {
        "person": "pseudonym, pseudonim, name, who, id, osoba, imie, nazwa, nick, kto",
        "role": "asks or gives, asks/gives, gives/asks, rola, prosi czy daje, prosi/daje, daje/prosi",
        "topics": "topic, temat, tematy, doswiadczenie, doswiadczenia",
        "stage": "etap",
        "since": "from, od, od kiedy",
        "until": "to, till, do, do kiedy",
        "words": "own words, in own words, slowa, wlasne slowa, wlasnymi slowami, opis",
        "kinds": "kind, kind of support, kinds of support, rodzaj, rodzaje, rodzaj wsparcia, rodzaje wsparcia",
        "languages": "language, speaks, jezyk, jezyki",
        "forms": "form, forma, formy",
        "hours": "when, godziny, kiedy",
        "zone": "time zone, strefa, strefa czasowa",
        "age": "wiek",
        "gender": "plec",
        "unit": "class, department, jednostka, klasa, oddzial, zespol",
        "leads": "leader, kieruje, kierownik, przelozony",
        "backgrounds": "background, shares, wspolne, co laczy, tlo",
        "known_as": "known as, number, staff number, student number, numer, numer sluzbowy, numer legitymacji",
        "capacity": "seats, room for, miejsca, ile osob",
        "taken": "seats taken, zajete, zajete miejsca",
        "wish_age": "wish age, wished age, zyczony wiek, zyczenie wiek",
        "wish_gender": "wish gender, wished gender, zyczona plec, zyczenie plec",
        "wish_gender_must": "wish gender must, gender must, plec konieczna, plec koniecznie",
        "wish_backgrounds": "wish backgrounds, wished backgrounds, zyczone wspolne",
        "not": "not with, avoid, avoids, nie, nie z, kogo nie",
        "not_same_unit": "not same unit, not from my unit, nie z jednostki, nie z tej samej jednostki",
        "asked_on": "asked on, asked, waiting since, data prosby, czeka od",
    }
)


def field_of(header: str) -> str | None:
    """The field that a column of this name holds."""
    return HEADERS.get(_plain(header))


def near_header(header: str) -> str | None:
    """The name that a column may have been meant to have."""
    return next(iter(difflib.get_close_matches(_plain(header), HEADERS, n=1, cutoff=0.8)), None)


def _plain(header: str) -> str:
    return " ".join(fold(header).replace("_", " ").split())
