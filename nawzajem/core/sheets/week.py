"""Hours as people write them, 'Mon-Fri 18-21; Sat', 'pn-pt wieczorami', read as a week."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nawzajem.core.letters import fold
from nawzajem.core.matching import hours
from nawzajem.core.sheets.problems import Unreadable, quoted

DAYTIME = (8 * 60, 22 * 60)  # what a day means where no hour is named
PARTS_OF_DAY = {
    "mornings": ("morning", "mornings", "rano", "rana", "ranki", "poranki", "przedpoludnia", "przed poludniem"),
    "afternoons": ("afternoon", "afternoons", "popoludnie", "popoludnia", "popoludniami", "po poludniu"),
    "evenings": ("evening", "evenings", "wieczor", "wieczory", "wieczorem", "wieczorami"),
    "nights": ("night", "nights", "noc", "noce", "noca", "nocami", "w nocy"),
    "whole": ("all day", "caly dzien", "cale dni"),
}
CLOCK = {
    "mornings": (7 * 60, 11 * 60),
    "afternoons": (13 * 60, 18 * 60),
    "evenings": (18 * 60, 22 * 60),
    "nights": (22 * 60, 2 * 60),
    "whole": (0, 24 * 60),
}
ANY = {
    "any",
    "any time",
    "anytime",
    "always",
    "zawsze",
    "dowolnie",
    "dowolne",
    "obojetnie",
    "kiedykolwiek",
    "o kazdej porze",
}
DAYS = (
    ("mon", "monday", "mondays", "pn", "pon", "poniedzialek", "poniedzialki"),
    ("tue", "tues", "tuesday", "tuesdays", "wt", "wto", "wtorek", "wtorki"),
    ("wed", "wednesday", "wednesdays", "sr", "sro", "sroda", "srody"),
    ("thu", "thur", "thurs", "thursday", "thursdays", "cz", "czw", "czwartek", "czwartki"),
    ("fri", "friday", "fridays", "pt", "pia", "piatek", "piatki"),
    ("sat", "saturday", "saturdays", "so", "sb", "sob", "sobota", "soboty"),
    ("sun", "sunday", "sundays", "nd", "ndz", "niedz", "niedziela", "niedziele"),
)
SOME_DAYS = {
    range(5): ("weekdays", "workdays", "working days", "w tygodniu", "dni robocze", "w dni robocze"),
    range(5, 7): ("weekend", "weekends", "weekendy", "w weekend", "w weekendy"),
    range(7): ("daily", "every day", "codziennie", "co dzien"),
}
_DAY = {word: day for day, words in enumerate(DAYS) for word in words}
_DAYS = {word: days for days, words in SOME_DAYS.items() for word in words}
_PART = {word: CLOCK[part] for part, words in PARTS_OF_DAY.items() for word in words}


def _one_of(words: dict[str, object]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<break>;|\n)
    | (?P<clock>(?P<h1>\d{{1,2}})(?:[:.](?P<m1>\d\d))?\s*(?:-|to\b|do\b)\s*(?P<h2>\d{{1,2}})(?:[:.](?P<m2>\d\d))?)(?!\w)
    | (?P<part>{_one_of({**_PART})})\b
    | (?P<days>{_one_of({**_DAYS})})\b
    | (?P<from>{_one_of({**_DAY})})\b\.?(?:\s*(?:-|to\b|do\b)\s*(?P<to>{_one_of({**_DAY})})\b\.?)?
    | (?P<and>[,/+&]|(?:and|i|oraz|from|od|at|on|w|we)\b)
    )""",
    re.VERBOSE,
)


def read_week(text: str) -> str:
    """42 hexadecimal digits, from such digits or from words in English or Polish. Hours are those free from beginning to
    end: 18:30-21 is 19 to 21. A day without hours is 8 to 22, hours without a day are every day. Unreadable otherwise."""
    plain = fold(text).replace("–", "-").replace("—", "-").strip()
    if len(plain) == hours.DIGITS and not plain.strip("0123456789abcdef"):
        return plain
    if plain in ANY:
        return hours.ANY
    free = {hour for days, times in _groups(plain, text) for hour in _hours(days, times)}
    if not free:
        raise Unreadable("hours", found=quoted(text))
    return hours.week(free)


Times = list[tuple[int, int]]  # from a minute of the day to a minute of the day


def _groups(plain: str, text: str) -> Iterator[tuple[set[int], Times]]:
    """Days with the times named after them: a day named after a time begins the next group."""
    days: set[int] = set()
    times: Times = []
    for token in _tokens(plain, text):
        is_day = token["days"] or token["from"]
        if token["break"] or (is_day and times and days):
            yield days, times
            days, times = set(), []
        if token["clock"]:
            times.append(_clock(token, text))
        elif token["part"]:
            times.append(_PART[token["part"]])
        elif is_day:
            days |= _named_days(token)
    yield days, times


def _tokens(plain: str, text: str) -> Iterator[re.Match[str]]:
    place = 0
    while place < len(plain):
        token = _TOKEN.match(plain, place)
        if token is None:
            raise Unreadable("hours", found=quoted(text))
        yield token
        place = token.end()


def _clock(token: re.Match[str], text: str) -> tuple[int, int]:
    first, first_minutes, last, last_minutes = (int(number or 0) for number in token.group("h1", "m1", "h2", "m2"))
    if max(first, last) > hours.DAY or max(first_minutes, last_minutes) >= hours.MINUTES:
        raise Unreadable("hours", found=quoted(text))
    return first * hours.MINUTES + first_minutes, last * hours.MINUTES + last_minutes


def _named_days(token: re.Match[str]) -> set[int]:
    if token["days"]:
        return set(_DAYS[token["days"]])
    first = _DAY[token["from"]]
    last = _DAY[token["to"]] if token["to"] else first
    return {day % 7 for day in range(first, last + (7 if last < first else 0) + 1)}


def _hours(days: set[int], times: Times) -> Iterator[int]:
    if not days and not times:
        return
    for day in days or range(7):
        for first, last in times or [DAYTIME]:
            end = last if last > first else last + hours.DAY * hours.MINUTES  # past midnight
            for hour in range(-(-first // hours.MINUTES), end // hours.MINUTES):
                yield (day * hours.DAY + hour) % hours.HOURS
