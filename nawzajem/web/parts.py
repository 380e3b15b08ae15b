"""The parts that pages are made of: one function and one template each, all shown on the page `/parts/` in development."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Page
from django.template import Library
from django.utils import formats, timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.html import escape, format_html, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from nawzajem.core.matching.hours import DAY, HOURS, Stretch, offset, stretches
from nawzajem.core.matching.waits import Wait
from nawzajem.ground import clock
from nawzajem.ground.words import said, tongue
from nawzajem.pairs.words import Reader, sentences
from nawzajem.programmes.models import Programme, Topic, Way
from nawzajem.programmes.reads import Branch
from nawzajem.safety import helplines

register = Library()
ADDRESS = re.compile(r"[.@]\w|://")  # without one of these no word is an address

# -- signs ------------------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str) -> SafeString:
    """Drawn without a template of its own: a page has dozens of them."""
    drawn = '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>'
    return format_html(drawn, icons_address(), name)


@register.inclusion_tag("parts/circles.html")
def circles(size: str = "") -> dict[str, Any]:
    """Two circles that share a part: the sign of the house."""
    return {"size": size}


@register.inclusion_tag("parts/person.html")
def person(name: str, side: str = "other", presence: str = "") -> dict[str, Any]:
    """Somebody by the first letter of a name; by none where there is no name yet."""
    return {"letter": name[:1].upper() if name else "", "side": side, "presence": presence}


# -- asking -----------------------------------------------------------------------------------------------------------

SHAPES: Mapping[type[forms.Widget], str] = {
    forms.CheckboxSelectMultiple: "choices",
    forms.RadioSelect: "choices",
    forms.CheckboxInput: "tick",
    forms.HiddenInput: "hidden",
}


@register.inclusion_tag("parts/field.html")
def field(bound: forms.BoundField, shape: str = "", about: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A question with its answer, hint and errors. Choices are pills; `shape="list"` sets them below each other."""
    kind = next((name for widget, name in SHAPES.items() if isinstance(bound.field.widget, widget)), "control")
    described = " ".join(
        filter(
            None,
            [
                f"{bound.id_for_label}_hint" if bound.help_text else "",
                f"{bound.id_for_label}_error" if bound.errors else "",
            ],
        )
    )
    if bound.field.widget.attrs.get("placeholder") == bound.label:  # libraries like to say it twice
        del bound.field.widget.attrs["placeholder"]
    if kind == "control":
        bound.field.widget.attrs |= {"aria-describedby": described} if described else {}
        bound.field.widget.attrs |= {"aria-invalid": "true"} if bound.errors else {}
    return {
        "field": bound,
        "kind": kind,
        "shape": shape,
        "described": described,
        "options": _options(bound, kind, about or {}),
    }


def _options(bound: forms.BoundField, kind: str, about: Mapping[str, str]) -> list[dict[str, Any]]:
    if kind != "choices":
        return []
    chosen = {str(value) for value in _list(bound.value())}
    several = isinstance(bound.field.widget, forms.CheckboxSelectMultiple)
    return [
        {
            "value": str(value),
            "label": label,
            "chosen": str(value) in chosen,
            "type": "checkbox" if several else "radio",
            "id": f"{bound.auto_id}_{place}",
            "about": about.get(str(value), ""),
        }
        for place, (value, label) in enumerate(bound.field.choices)  # type: ignore[attr-defined]
    ]


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]


@register.inclusion_tag("parts/fields.html")
def fields(form: forms.BaseForm) -> dict[str, Any]:
    """A whole form, question after question."""
    return {"form": form}


@register.inclusion_tag("parts/week.html")
def week(bound: forms.BoundField) -> dict[str, Any]:
    """The hours of a week as a grid: seven days across, the hours down, the night put away."""
    chosen = set(bound.value() or [])
    days = [str(name) for name in WEEKDAYS.values()]  # words and numbers as text: 168 cells are written out
    rows: list[dict[str, Any]] = [
        {
            "hour": str(hour),
            "cells": [
                {"value": value, "day": name, "on": value in chosen}
                for day, name in enumerate(days)
                for value in [str(day * DAY + hour)]
            ],
        }
        for hour in range(DAY)
    ]
    night = any(cell["on"] for row in rows[:6] for cell in row["cells"])
    return {
        "field": bound,
        "name": bound.html_name,
        "days": list(zip(days, WEEKDAYS_ABBR.values(), strict=True)),
        "rows": rows[6:],
        "night": rows[:6],
        "night_open": night and len(chosen) < HOURS,
    }


@register.inclusion_tag("parts/topics.html", takes_context=True)
def topics(
    context: dict[str, Any],
    tree: Sequence[Branch],
    chosen: Iterable[str] = (),
    name: str = "topics",
    several: bool = True,
) -> dict[str, Any]:
    """Words to pick from: those picked already, then the tree, with a search that knows other words for them too."""
    picked = set(chosen)
    every = [topic for branch in tree for topic in _all(branch)]
    return {
        "programme": context["programme"],
        "tree": tree,
        "first": [topic for topic in every if topic.code in picked],
        "chosen": picked,
        "name": name,
        "type": "checkbox" if several else "radio",
    }


def _all(branch: Branch) -> list[Topic]:
    return [branch.topic, *(topic for leaf in branch.leaves for topic in _all(leaf))]


# -- telling ----------------------------------------------------------------------------------------------------------


@register.inclusion_tag("parts/reasons.html", takes_context=True)
def reasons(context: dict[str, Any], given: Sequence[Any], to: Reader, most: int = 5) -> dict[str, Any]:
    """Why these two, in words, for the one who asks, the one who gives, or a coordinator."""
    programme: Programme = context["programme"]
    return {"sentences": sentences(given, reader=to, **spoken(programme, context["actor"].time_zone))[:most]}


def spoken(programme: Programme, zone: str) -> dict[str, Any]:
    """What reasons need to become sentences: the programme's words, and the reader's clock."""
    return {
        "topics": {topic.code: topic.name for topic in programme.all_topics},
        "kinds": {one["code"]: said(one["words"]) for one in programme.kinds},
        "backgrounds": {one["code"]: said(one["words"]) for one in programme.backgrounds},
        "minutes": offset(zone, clock.today()),
    }


@register.inclusion_tag("parts/helpline.html")
def helpline(line: Any) -> dict[str, Any]:
    return {"line": line}


@register.inclusion_tag("parts/care.html")
def care(topics: Iterable[Topic]) -> dict[str, Any]:
    """Where somebody picked words behind which there may be danger: two numbers that answer now, quietly."""
    lines = helplines.lines_for(settings.ENV.country, settings.DATA / "helplines.toml").lines
    return {
        "lines": [line for line in lines if line.number and line.kind == "crisis"][:2],
        "shown": any(topic.care for topic in topics),
    }


@register.filter
def text(words: Mapping[str, str] | str) -> SafeString:
    """A text of the programme: paragraphs, lists, small headings. Everything else stays as it was typed."""
    written = words if isinstance(words, str) else said(words)
    return mark_safe("".join(_block(block) for block in written.strip().split("\n\n") if block.strip()))


@register.filter
def first_paragraph(words: Mapping[str, str]) -> SafeString:
    return text(said(words).strip().split("\n\n")[0])


@register.filter
def further_paragraphs(words: Mapping[str, str]) -> SafeString:
    return text("\n\n".join(said(words).strip().split("\n\n")[1:]))


def _block(block: str) -> str:
    lines = [line.strip() for line in block.strip().splitlines()]
    if lines[0].startswith("## "):
        rest = "\n".join(lines[1:])
        return f"<h3>{escape(lines[0][3:])}</h3>" + (_block(rest) if rest else "")
    if lines[0].startswith("- "):
        items = " ".join(lines).split("- ")[1:] if all(line.startswith("- ") for line in lines) else _items(lines)
        return "<ul>" + "".join(f"<li>{escape(item.strip())}</li>" for item in items) + "</ul>"
    return f"<p>{escape(' '.join(lines))}</p>"


def _items(lines: list[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        if line.startswith("- "):
            items.append(line[2:])
        else:
            items[-1] += " " + line
    return items


@register.filter
def linked(words: str) -> SafeString:
    """Addresses as links. Most messages have none, and looking at each of their words would take longest of all."""
    return mark_safe(urlize(words, nofollow=True, autoescape=True)) if ADDRESS.search(words) else escape(words)


@register.filter
def named(codes: Iterable[str], words: Sequence[Mapping[str, Any]]) -> list[str]:
    """Codes as the words a programme has for them."""
    known = {one["code"]: said(one["words"]) for one in words}
    return [known[code] for code in codes if code in known]


@register.filter
def commas(words: str) -> list[str]:
    """What stands between commas."""
    return [word for word in words.split(",") if word]


@register.filter
def languages(codes: Iterable[str]) -> list[str]:
    return [get_language_info(code)["name_local"] for code in codes]


@register.filter
def forms_named(codes: Iterable[str]) -> list[str]:
    return [str(Way(code).label) for code in codes]


# -- time -------------------------------------------------------------------------------------------------------------


def weekday(day: int) -> str:
    """A day of the week as it stands within a sentence: Polish writes it small."""
    name = str(WEEKDAYS[day])
    return name if tongue() == "en" else name.lower()


@register.simple_tag
def when(at: datetime | None, *, short: bool = False) -> SafeString:
    """A moment as one would say it: the hour today, the day this week, else the date. The exact moment stays in the markup."""
    if at is None:
        return mark_safe("")
    local = timezone.localtime(at)
    days = (timezone.localtime(clock.now()).date() - local.date()).days
    hour = formats.date_format(local, "H:i")
    day = {0: "", 1: _("yesterday"), -1: _("tomorrow")}.get(days, weekday(local.weekday()))
    if abs(days) >= 7:
        said_so = formats.date_format(local, "SHORT_DATE_FORMAT" if short else "DATE_FORMAT")
    elif not day or short:
        said_so = day or hour
    else:
        said_so = f"{day}, {hour}"
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), said_so)


@register.filter
def month(said_so: str) -> str:
    """What somebody told of a date, a year or a year and a month, as one would say it."""
    if len(said_so) != len("2024-05"):
        return said_so
    name = formats.date_format(date.fromisoformat(f"{said_so}-01"), "F Y")
    return name if tongue() == "en" else name.lower()


@register.filter
def lasting(hours: float | None) -> str:
    """A stretch of hours in words: for waits, which are known roughly and said roughly."""
    if hours is None:
        return ""
    if hours < 1:
        return _("less than an hour")
    if hours < 36:
        return ngettext("about %(n)d hour", "about %(n)d hours", round(hours)) % {"n": round(hours)}
    days = round(hours / 24)
    return ngettext("about %(n)d day", "about %(n)d days", days) % {"n": days}


@register.filter
def minutes(hours: float | None) -> str:
    """A short wait in words, as roughly as it is known."""
    if hours is None or hours >= 1.5:
        return lasting(hours)
    n = round(hours * 60)
    return ngettext("about %(n)d minute", "about %(n)d minutes", n) % {"n": n} if n else _("less than a minute")


@register.filter
def since(at: datetime | date | None) -> str:
    """How long ago, roughly."""
    if at is None:
        return ""
    if not isinstance(at, datetime):
        return lasting((clock.today() - at) / timedelta(hours=1))
    return lasting((clock.now() - at) / timedelta(hours=1))


@register.inclusion_tag("parts/wait.html")
def wait(of: Wait) -> dict[str, Any]:
    """The honest wait, from those who waited; and plainly that there is none to tell where nobody has."""
    return {"wait": of}


@register.filter
def stretch(of: Stretch) -> str:
    """Hours on end within a week: 'Monday 18:00-21:00'."""
    if of.length >= HOURS:
        return _("any time")
    day, hour = divmod(of.start, DAY)
    end = (hour + of.length) % DAY
    if of.length >= DAY:
        last = (of.start + of.length) % HOURS // DAY
        return f"{weekday(day)} {hour}:00 – {weekday(last)} {end}:00"
    return f"{weekday(day)} {hour}:00–{end or DAY}:00"


@register.filter
def week_words(week: str) -> str:
    """A week's hours in a few words."""
    found = stretches(week)
    named = [stretch(one) for one in found[:5]]
    return ", ".join(named) + (" …" if len(found) > 5 else "")


@register.simple_tag
def name_of(known: Mapping[str, Any], key: str) -> Any:
    """What a dictionary holds for a key."""
    return known.get(key, "")


@register.inclusion_tag("parts/pages.html", takes_context=True)
def pages(context: dict[str, Any], page: Page[Any]) -> dict[str, Any]:
    """From one page of a long list to the next; nothing for a list of one page."""
    return {"page": page, "request": context["request"]}


@register.inclusion_tag("parts/expected_now.html")
def expected_now(of: Wait) -> dict[str, Any]:
    """The honest wait of those who asked for somebody now, in minutes."""
    return {"wait": of}


# -- boxes ------------------------------------------------------------------------------------------------------------


@register.simple_block_tag(end_name="endnotice")
def notice(content: str, tone: str = "", sign: str = "info") -> SafeString:
    """Something to know."""
    return format_html('<div class="notice" data-tone="{}">{}<div>{}</div></div>', tone, icon(sign), content)


@register.simple_block_tag(end_name="endnothing")
def nothing(content: str, title: str) -> SafeString:
    """Nothing here yet: says what would be here, and what to do."""
    from django.template.loader import render_to_string

    drawn = render_to_string("parts/circles.html", {"size": ""})
    return format_html('<div class="empty">{}<h2>{}</h2>{}</div>', drawn, title, content)


@register.simple_tag
@cache
def icons_address() -> str:
    """The same for as long as the process runs; looking it up takes longer than drawing an icon."""
    from django.templatetags.static import static

    return static("icons/icons.svg")
