"""Reasons as plain sentences, in the reader's language. The one place where codes of the matching core become words.

No name ever stands in them, so nothing is inflected and nobody is revealed; a reason whose words a programme no longer
has is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from nawzajem.core.matching import Change, Recruit
from nawzajem.core.matching.hours import DAY, HOURS, MINUTES, WEEK_PARTS, hours_in
from nawzajem.ground.words import tongue
from nawzajem.programmes.models import Way

Reader = Literal["asker", "giver", "coordinator"]
Names = Mapping[str, str]  # from code to words
Facts = Mapping[str, Any]

YEAR = 12  # months


def sentences(
    reasons: Iterable[Sequence[Any]],
    *,
    reader: Reader = "coordinator",
    topics: Names,
    kinds: Names | None = None,
    backgrounds: Names | None = None,
    minutes: int = 0,
) -> list[str]:
    """Each reason, a code with its facts, as a sentence, in the order given. To the giver they speak of 'you', to the asker
    and a coordinator of the one who gives. `minutes` is how far the reader's clock is ahead of the one that the facts use.
    """
    names = {"topic": topics, "kinds": kinds or {}, "backgrounds": backgrounds or {}}
    said = (_sentence(code, _named(facts, names), reader == "giver", minutes) for code, facts in reasons)
    return [sentence for sentence in said if sentence]


def why_alone(reason: Sequence[Any]) -> str:
    """Why an ask has no pair, for a coordinator."""
    code, facts = reason
    if code == "others_first":
        return " ".join(filter(None, [_fitting(int(facts["fitting"])), how_near(facts)]))
    return {
        "forbidden": _("Each pair that fits was ruled out by hand."),
        "age": _("Nobody of a fitting age is here: minors are paired with each other only."),
        "topic": _("Nobody here knows anything close to it from their own life."),
        "language": _("Nobody who knows it speaks a shared language."),
        "gender": _("Nobody who fits is of the wished gender."),
        "form": _("Nobody who fits talks in any of these ways."),
        "hours": _("Nobody who fits has time at these hours."),
        "certificate": _("Nobody who fits holds the certificate that is needed."),
        "seat": _("Those who fit have no free place."),
        "tried": _("Everybody who fits has been asked already."),
    }.get(code, _("There is nobody whom this person may be paired with."))


def _fitting(n: int) -> str:
    return ngettext(
        "%(n)d person would fit, and their places went to others.",
        "%(n)d people would fit, and their places went to others.",
        n,
    ) % {"n": n}


def how_near(facts: Facts) -> str:
    """How much an ask for which others came first fell short of a place; nothing where that is not known."""
    if "price" not in facts:
        return ""
    n = max(round(100 * (facts["price"] - facts["worth"])), 0)
    if not n:
        return _("Less than one point of 100 was missing for a place.")
    return ngettext(
        "%(n)d point of 100 was missing for a place.", "%(n)d points of 100 were missing for a place.", n
    ) % {"n": n}


def hint(change: Change, *, minutes: int = 0) -> str:
    """The smallest change of an ask with which somebody would be there. For the asker too: it tells of nobody."""
    steps = "; ".join(_step(step.code, step.facts, minutes) for step in change.steps)
    if len(change.steps) > 1:
        return _("What would help, both together: %(steps)s.") % {"steps": steps}
    return _("What would help: %(step)s.") % {"step": steps}


def _step(code: str, facts: Facts, minutes: int) -> str:
    if code == "hours":
        return _more_hours(int(facts["hours"]), int(facts["start"]) * MINUTES + minutes, int(facts["length"]))
    if code == "form":
        return _("one more way to talk, %(form)s") % {"form": dict(Way.choices).get(facts["form"], facts["form"])}
    return {
        "gender": _("the other’s gender as a wish, not a must"),
        "topic": _("somebody who knows something else from their own life"),
    }[code]


def _more_hours(n: int, minute: int, length: int) -> str:
    more = ngettext(
        "%(n)d more hour a week %(part)s, for example %(when)s",
        "%(n)d more hours a week %(part)s, for example %(when)s",
        n,
    )
    hour = minute // MINUTES % HOURS
    part = next(part for part, week in WEEK_PARTS.items() if hour in hours_in(week))
    return more % {"n": n, "part": part_of_week(part), "when": _when(minute, length)}


def part_of_week(code: str) -> str:
    return {
        "mornings": _("on weekday mornings"),
        "afternoons": _("on weekday afternoons"),
        "evenings": _("on weekday evenings"),
        "weekends": _("at the weekend"),
        "nights": _("at night"),
    }[code]


def whom(one: Recruit, *, topics: Names) -> str:
    """Whom to look for, in one line."""
    kind, seats = one.kind, one.seats
    lived = _("has been through: %(topic)s") % {"topic": topics.get(kind.topic, kind.topic)} if kind.topic else ""
    gender = {"woman": _("a woman"), "man": _("a man")}.get(kind.gender, "")
    told = [
        lived,
        _("language: %(language)s") % {"language": language_name(kind.language)},
        _("time %(part)s") % {"part": part_of_week(kind.part)},
        _("under 18") if kind.minor else "",
        gender,
        ngettext("%(n)d place", "%(n)d places", seats) % {"n": seats},
    ]
    return "; ".join(filter(None, told))


def brings(one: Recruit) -> list[str]:
    """How many more asks find somebody, by how many such people come; without those who would change nothing more."""
    told, before = [], 0
    for people, more in one.more.items():
        if more > before:
            who = ngettext("%(n)d such person", "%(n)d such people", people) % {"n": people}
            told.append(f"{who}: {found_somebody(more)}")
        before = max(before, more)
    return told


def found_somebody(more: int) -> str:
    return ngettext("%(n)d more ask finds somebody", "%(n)d more asks find somebody", more) % {"n": more}


def strategy_name(code: str) -> str:
    return {
        "best": _("highest total"),
        "fair": _("fair"),
        "stable": _("stable"),
        "quick": _("quick"),
    }.get(code, code)


def strategy_words(code: str) -> str:
    """What a strategy looks for, in a sentence."""
    return {
        "best": _("No other way to pair fits better in all, and that is proved."),
        "fair": _("Who fares worst comes first, then the next."),
        "stable": _("No two are apart who would both rather have each other."),
        "quick": _("The best pair comes first, then the next, until no place or no ask is left."),
    }.get(code, "")


def _named(facts: Facts, names: Mapping[str, Names]) -> dict[str, Any] | None:
    """Facts with words in place of codes; None where a word is missing."""
    named = dict(facts)
    for field, words in names.items():
        codes = [facts[field]] if field == "topic" and field in facts else facts.get(field, [])
        if not all(code in words for code in codes):
            return None
        if codes:
            named[field] = _("”, “").join(words[code] for code in codes)
    return named


def _sentence(code: str, facts: dict[str, Any] | None, to_giver: bool, minutes: int) -> str | None:
    if facts is None:
        return None
    if code in {"shared_hours", "most_hours"}:
        return _hours(facts, minutes)
    if code == "been_through" and "months" in facts:
        return _since(int(facts["months"]), to_giver)
    say = (TO_GIVER if to_giver else OF_GIVER).get(code) or OF_BOTH.get(code)
    return say(facts) if say else None


Say = Callable[[Facts], str]

OF_GIVER: Mapping[str, Say] = {
    "same_topic": lambda facts: _("Knows it from their own life: %(topic)s.") % facts,
    "near_topic": lambda facts: _("Knows something close to it: %(topic)s.") % facts,
    "close_to_it": lambda _facts: _("Knows something close to it from their own life."),
    "been_through": lambda _facts: _("Has been through it."),
    "coming_through": lambda _facts: _("Is coming through it now."),
    "in_it": lambda _facts: _("Is in it now."),
    "kinds": lambda facts: _("Can give what is asked for: “%(kinds)s”.") % facts,
    "has_room": lambda _facts: _("Has room for somebody new."),
}
TO_GIVER: Mapping[str, Say] = {
    "same_topic": lambda facts: _("You know it from your own life: %(topic)s.") % facts,
    "near_topic": lambda facts: _("You know something close to it: %(topic)s.") % facts,
    "close_to_it": lambda _facts: _("You know something close to it from your own life."),
    "been_through": lambda _facts: _("You have been through it."),
    "coming_through": lambda _facts: _("You are coming through it now."),
    "in_it": lambda _facts: _("You are in it now."),
    "kinds": lambda facts: _("You can give what is asked for: “%(kinds)s”.") % facts,
    "has_room": lambda _facts: _("You have room for somebody new."),
}
OF_BOTH: Mapping[str, Say] = {
    "in_it_too": lambda _facts: _("Both are in it now."),
    "backgrounds": lambda facts: _("Also in common: “%(backgrounds)s”.") % facts,
    "same_language": lambda facts: (
        _("A shared language: %(language)s.") % {"language": language_name(facts["language"])}
    ),
    "wish_age": lambda facts: _age(facts["wish"]),
    "wish_gender": lambda facts: _gender(facts["gender"]),
}


def _since(months: int, to_giver: bool) -> str:
    """How long ago, roughly: nobody's calendar is opened here."""
    if months < 1:
        return _("You have come through it only just now.") if to_giver else _("Has come through it only just now.")
    if months < YEAR:
        return _months(months, to_giver) % {"n": months}
    years = round(months / YEAR)
    return _years(years, to_giver) % {"n": years}


def _months(n: int, to_giver: bool) -> str:
    if to_giver:
        return ngettext("You came through it about %(n)d month ago.", "You came through it about %(n)d months ago.", n)
    return ngettext("Came through it about %(n)d month ago.", "Came through it about %(n)d months ago.", n)


def _years(n: int, to_giver: bool) -> str:
    if to_giver:
        return ngettext("You came through it about %(n)d year ago.", "You came through it about %(n)d years ago.", n)
    return ngettext("Came through it about %(n)d year ago.", "Came through it about %(n)d years ago.", n)


def _hours(facts: Facts, minutes: int) -> str:
    if "hours" not in facts:
        return _("Almost any hour suits both.")
    when = _when(int(facts["start"]) * MINUTES + minutes, int(facts["length"]))
    return ngettext(
        "%(n)d shared hour a week: %(when)s.",
        "%(n)d shared hours a week, for example %(when)s.",
        int(facts["hours"]),
    ) % {"n": facts["hours"], "when": when}


def _when(minute: int, length: int) -> str:
    """'Tuesday 18:00–21:00'; a stretch of more than a day with the day on which it ends."""
    day, start = _moment(minute)
    until, end = _moment(minute + length * MINUTES)
    return f"{day} {start} – {until} {end}" if length > DAY else f"{day} {start}–{end}"


def _moment(minute: int) -> tuple[str, str]:
    hour, rest = divmod(minute % (HOURS * MINUTES), MINUTES)
    day = str(WEEKDAYS[hour // DAY])
    return day.lower() if tongue() == "pl" else day, f"{hour % DAY}:{rest:02}"  # Polish writes days small


def language_name(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def _age(wish: str) -> str:
    return {
        "near": _("About the same age, as wished."),
        "older": _("Somebody older, as wished."),
        "younger": _("Somebody younger, as wished."),
    }[wish]


def _gender(gender: str) -> str:
    return {"woman": _("A woman, as wished."), "man": _("A man, as wished.")}.get(gender, _("The gender is as wished."))
