"""The download as pages that anybody can read: one a part, and one that leads to them. No pictures, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.dates import WEEKDAYS
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from nawzajem.asks.models import Ask
from nawzajem.core.matching.hours import DAY, HOURS
from nawzajem.experiences.models import Experience
from nawzajem.ground import clock
from nawzajem.ground.words import tongue
from nawzajem.notify.models import Kind, Letter
from nawzajem.offers.models import Offer
from nawzajem.pairs.models import CheckIn, Pair, Proposal
from nawzajem.people.models import Person, Token
from nawzajem.programmes.models import Duty, Member, Way
from nawzajem.safety.models import Report

TITLES: Mapping[str, Any] = {
    "account": later("My account"),
    "programmes": later("Where I belong"),
    "experiences": later("What I have lived through"),
    "asks": later("What I asked for"),
    "offers": later("What I offered"),
    "pairs": later("My pairs"),
    "conversations": later("My conversations"),
    "safety": later("Closed doors and reports"),
    "letters": later("Letters"),
    "events": later("What is on record"),
}

NAMES: Mapping[str, Any] = {
    "address": later("Form of address"), "age": later("Age"), "again": later("Again?"),
    "agreed_at": later("Agreed to the text on"), "agreed_version": later("Version of the text agreed to"),
    "aim": later("What we want from it"), "answer_by": later("To be answered by"), "answered_at": later("Last answer"),
    "at": later("When"), "away_until": later("Away until"), "backgrounds": later("What I share"),
    "begun_at": later("Begun"), "called": later("My name here"), "capacity": later("People at once"),
    "changed_at": later("Changed"), "check_ins": later("Check-ins"), "closed_at": later("Closed"),
    "code": later("My code"), "conditions": later("Conditions confirmed"), "confirmed_at": later("Confirmed"),
    "created_at": later("Made"), "doors_closed": later("Doors I closed"), "due_on": later("Day"),
    "duties": later("Duties"), "duty": later("Duty"), "email": later("E-mail address"), "ending": later("Ending"),
    "ends_on": later("Until when, at first"), "experiences": later("From these experiences"),
    "expires_at": later("Good until"), "expires_on": later("Good until"), "forms": later("How"),
    "gender": later("Gender"), "helped": later("Did it do good? (1 to 5)"), "hours": later("Hours"),
    "i_agreed_at": later("I agreed on"), "i_asked": later("I was the one who asked"),
    "i_ended_it": later("I ended it"), "invitations_made": later("Invitations I made"), "joined_at": later("Joined"),
    "kind": later("What"), "kinds": later("What kind of support"), "language": later("Language of the pages"),
    "languages": later("Languages"), "last_used_at": later("Last used"), "leads": later("Leads people there"),
    "letters": later("Letters"), "made_at": later("Made"), "messages": later("Messages"),
    "my_answer": later("My answer"), "my_rating": later("My rating"), "my_reason": later("My reason"),
    "name": later("Name"), "not_same_unit": later("Nobody from where I belong"),
    "number_kept_scrambled": later("A staff or student number is kept, scrambled"), "opened_at": later("Opened"),
    "origin": later("How it came about"), "outcome": later("What was done"), "paired_at": later("Paired"),
    "passphrase": later("A passphrase is set"), "paused_until": later("Paused until"),
    "people_not_wanted": later("How many people I do not want to meet"), "programme": later("Programme"),
    "proposals": later("Proposals"), "pseudonym": later("Pseudonym"), "put_at": later("Put on"),
    "quiet_from": later("No letters from (hour)"), "quiet_until": later("No letters until (hour)"),
    "rating_of_me": later("The other's rating"), "reason": later("Reason"),
    "recovery_code": later("A recovery code is set"), "reports_looked_into": later("Reports I looked into"),
    "reports_made": later("Reports I made"), "rhythm": later("How often"), "safety_words": later("What we do when it gets hard"),
    "scopes": later("What it may do"), "second_factors": later("Passkeys and second factors"),
    "see_stage": later("Who sees where I am with it"), "see_topic": later("Who sees the topic"),
    "see_when": later("Who sees the dates"), "see_words": later("Who reads my words"), "seen_on": later("Last here on"),
    "shows_presence": later("Others see when I am here"), "since": later("Since when"), "speaks": later("Languages I talk in"),
    "stage": later("Where I am with it"), "state": later("State"), "state_since": later("Since"),
    "still": later("Nothing moves"), "strong_contrast": later("Stronger contrast"), "text_size": later("Size of text"),
    "theme": later("Colours"), "time_zone": later("Time zone"), "to": later("To whom"), "tokens": later("Tokens for programs"),
    "topic": later("Topic"), "topics": later("Topics"), "turns": later("Whose time it is"), "type": later("Kind"),
    "understood": later("Felt understood (1 to 5)"), "unit": later("Unit"), "until": later("Until when"),
    "used_on": later("Last used"), "verified": later("Confirmed"), "whoever": later("Whoever is right"),
    "wish_age": later("Wished age"), "wish_backgrounds": later("Wished: somebody who shares"),
    "wish_gender": later("Wished gender"), "wish_gender_must": later("Only such a person"),
    "wished": later("What I wish to get"), "with": later("With"), "words": later("In my words"),
}  # fmt: skip

CODES: Mapping[str, Any] = {
    "account.address": Person.Address, "account.age": Person.Age, "account.gender": Person.Gender,
    "account.language": Person.Language, "account.scopes": Token.Scope, "account.text_size": Person.Text,
    "account.theme": Person.Theme, "asks.forms": Way, "asks.origin": Proposal.Origin, "asks.stage": Experience.Stage,
    "asks.state": Ask.State, "asks.wish_age": Ask.Age, "asks.wish_gender": Person.Gender,
    "experiences.stage": Experience.Stage, "letters.kind": Kind, "letters.kinds": Kind, "letters.state": Letter.State,
    "offers.forms": Way, "offers.origin": Proposal.Origin, "offers.state": Offer.State, "pairs.my_answer": CheckIn.How,
    "pairs.my_reason": Pair.Ending, "pairs.rhythm": Pair.Rhythm, "pairs.state": Pair.State, "pairs.turns": Pair.Turns,
    "programmes.duties": Duty.Kind, "programmes.duty": Duty.Kind, "programmes.state": Member.State,
    "proposals.state": Proposal.State, "safety.outcome": Report.Outcome, "safety.reason": Report.Reason,
    "safety.state": Report.State,
} | {f"experiences.{field}": Experience.Sight for field in ("see_topic", "see_stage", "see_when", "see_words")}  # fmt: skip

STYLE = (
    "body{font:17px/1.6 Georgia,serif;color:#2b2f33;background:#faf7f2;max-width:44em;margin:2em auto;padding:0 1em}"
    "section{border-top:1px solid #d8d2c8;padding:1em 0}dl{margin:0}dt{color:#5b6167;font-size:.85em;margin-top:.5em}"
    "dd{margin:0 0 0 1em;white-space:pre-line}.said{margin:.7em 0}.said b{font-weight:600}.said time{color:#5b6167;"
    "font-size:.8em}.said p{margin:0;white-space:pre-line}a{color:#1f6f73}"
)


def pages(told: Mapping[str, Any], *, zone: str) -> Iterator[tuple[str, str]]:
    """File names with their pages, the one that leads to the others first."""
    with timezone.override(ZoneInfo(zone)):
        links = format_html_join("", '<li><a href="{}.html">{}</a></li>', ((part, TITLES[part]) for part in told))
        yield "index.html", _page(_("My data"), format_html("<p>{}</p><ul>{}</ul>", _introduction(), links))
        for part, value in told.items():
            back = format_html('<p><a href="index.html">{}</a></p>', _("My data"))
            yield f"{part}.html", _page(TITLES[part], back + _part(part, value))


def _introduction() -> str:
    return _("Everything this house held of you on %(day)s. The file everything.json says the same for programs.") % {
        "day": formats.date_format(timezone.localtime(clock.now()), "DATETIME_FORMAT")
    }


def _page(title: object, body: object) -> str:
    head = format_html('<meta charset="utf-8"><title>{}</title><style>{}</style>', title, mark_safe(STYLE))
    return format_html('<!doctype html><html lang="{}"><head>{}</head><body><h1>{}</h1>{}</body></html>', tongue(), head, title, body)  # fmt: skip


def _part(part: str, value: Any) -> SafeString:
    if not value:
        return format_html("<p>{}</p>", _("Nothing."))
    if isinstance(value, list):
        return format_html_join("", "<section>{}</section>", ((_facts(part, one),) for one in value))
    return _facts(part, value)


def _facts(part: str, one: Mapping[str, Any]) -> SafeString:
    """What is empty is left out."""
    rows = ((NAMES[key], _value(part, key, value)) for key, value in one.items() if value not in ("", None, [], {}))
    return format_html("<dl>{}</dl>", format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows))


def _value(part: str, key: str, value: Any) -> Any:
    """One value in words: of codes their words, of times the reader's clock, of lists each."""
    if isinstance(value, Mapping):
        return _facts(part, value)
    if isinstance(value, list):
        return _list(part, key, value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "DATE_FORMAT")
    return _word(part, key, value)


def _word(part: str, key: str, value: Any) -> Any:
    codes = CODES.get(f"{part}.{key}")
    return codes(value).label if codes and value in codes.values else value


def _list(part: str, key: str, values: list[Any]) -> SafeString:
    if key == "messages":
        return format_html_join("", '<div class="said"><b>{}</b> <time>{}</time><p>{}</p></div>', map(_said, values))
    if key == "hours":
        return format_html_join(", ", "{}", ((_stretch(one),) for one in values))
    inner = key if key == "proposals" else part
    if isinstance(values[0], Mapping):
        return format_html_join("", "<section>{}</section>", ((_facts(inner, one),) for one in values))
    return format_html_join(", ", "{}", ((_word(part, key, one) or _gone(),) for one in values))


def _said(line: Mapping[str, Any]) -> tuple[str, Any, str]:
    author = _("me") if line["by"] == "me" else line["by"] or _gone()
    return author, _value("", "at", line["at"]), line["text"] or _("(erased)")


def _gone() -> str:
    return _("somebody who has left")


def _stretch(one: Mapping[str, int]) -> str:
    if one["hours"] == HOURS:
        return _("any time")
    count = ngettext("%(n)d hour", "%(n)d hours", one["hours"]) % {"n": one["hours"]}
    return f"{WEEKDAYS[one['day']]} {one['from'] % DAY}:00 ({count})"
