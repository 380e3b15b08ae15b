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
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from nawzajem.asks.models import Ask
from nawzajem.coach.models import Hint
from nawzajem.core.matching.hours import DAY, HOURS
from nawzajem.experiences.models import Experience
from nawzajem.ground import clock
from nawzajem.ground.words import tongue
from nawzajem.minors.models import Check, Consent
from nawzajem.notify.models import Kind, Letter
from nawzajem.offers.models import Offer
from nawzajem.pairs.models import CheckIn, Pair, Proposal
from nawzajem.people.models import Device, Person, Token
from nawzajem.programmes.models import Duty, Member, Way
from nawzajem.safety.models import Report
from nawzajem.waiting.models import Knock, Wait

TITLES: Mapping[str, Any] = {
    "account": _("My account"),
    "programmes": _("Where I belong"),
    "minors": _("Consents and checks"),
    "experiences": _("What I have lived through"),
    "asks": _("What I asked for"),
    "offers": _("What I offered"),
    "pairs": _("My pairs"),
    "conversations": _("My conversations"),
    "coach": _("Hints while writing"),
    "safety": _("Closed doors and reports"),
    "letters": _("Letters"),
    "events": _("What is on record"),
}

NAMES: Mapping[str, Any] = {
    "address": _("Form of address"), "age": _("Age"), "again": _("Again?"),
    "agreed_at": _("Agreed to the text on"), "agreed_version": _("Version of the text agreed to"),
    "signs_about_me": _("Signs of danger about me"), "signs_i_raised": _("Signs of danger I raised"),
    "signs_i_took": _("Signs of danger I took"), "steps_i_noted": _("Steps I noted"), "calls_to_me": _("Calls on duty"),
    "hours_on_duty": _("Hours on duty"), "shifts": _("When it differs"), "how_pressing": _("Tier"),
    "what_it_may_be": _("What it may be"), "how_it_stands": _("State"), "how_it_ended": _("How did it end?"),
    "what_was_done": _("What was done?"), "begins_at": _("Begins"), "ends_at": _("Ends"), "is_away": _("Away"),
    "aim": _("What we want from it"), "answer_by": _("To be answered by"), "answered_at": _("Last answer"),
    "asked_at": _("Asked"), "at": _("When"), "away_until": _("Away until"), "backgrounds": _("What I share"),
    "began_at_once": _("Began at once"),
    "begun_at": _("Begun"), "called": _("My name here"), "capacity": _("People at once"),
    "answered_on": _("Answered on"), "checks": _("Checks"), "checks_recorded": _("Checks that I recorded"),
    "consents": _("Consents of guardians"), "consents_recorded": _("Consents that I recorded"), "done_on": _("Done on"),
    "guardian": _("Guardian"), "how": _("By which way"), "relation": _("Relation"), "result": _("Result"),
    "standards_written": _("Points of the standards that I wrote"), "paused_for": _("What has to be in order first"),
    "began_at": _("Signed in since"), "browser": _("Browser"), "devices": _("Where I am signed in"),
    "changed_at": _("Changed"), "check_ins": _("Check-ins"), "closed_at": _("Closed"),
    "code": _("My code"), "conditions": _("Conditions confirmed"), "confirmed_at": _("Confirmed"),
    "created_at": _("Made"), "doors_closed": _("Doors I closed"), "due_on": _("Day"),
    "duties": _("Duties"), "duty": _("Duty"), "email": _("E-mail address"), "ending": _("Ending"),
    "ends_on": _("Until when, at first"), "experiences": _("From these experiences"),
    "expires_at": _("Good until"), "expires_on": _("Good until"), "forms": _("How"),
    "gender": _("Gender"), "helped": _("Did it do good? (1 to 5)"), "hours": _("Hours"),
    "i_agreed_at": _("I agreed on"), "i_asked": _("I was the one who asked"),
    "hints": _("Hints"), "hints_switched_off_since": _("Hints switched off since"),
    "here_since": _("Here since"), "here_until": _("Here until"),
    "i_ended_it": _("I ended it"), "i_would_stay_in_touch": _("I would like to stay in touch"), "invitations_made": _("Invitations I made"), "joined_at": _("Joined"),
    "knocks": _("Asked whether I could be there now"), "kind": _("What"), "kinds": _("What kind of support"), "language": _("Language of the pages"),
    "languages": _("Languages"), "last_used_at": _("Last used"), "leads": _("Leads people there"),
    "looked": _("Who looked"), "looks_at_mine": _("Who looked at what is mine"), "looks_of_mine": _("Where I looked by duty"),
    "bells": _("Devices that ring"), "rung_at": _("Rang"),
    "letters": _("Letters"), "made_at": _("Made"), "messages": _("Messages"),
    "my_answer": _("My answer"), "my_rating": _("My rating"), "my_reason": _("My reason"),
    "name": _("Name"), "not_same_unit": _("Nobody from where I belong"),
    "number_kept_scrambled": _("A staff or student number is kept, scrambled"), "opened_at": _("Opened"),
    "origin": _("How it came about"), "outcome": _("What was done"), "paired_at": _("Paired"),
    "passphrase": _("A passphrase is set"), "paused_until": _("Paused until"),
    "people_not_wanted": _("How many people I do not want to meet"), "programme": _("Programme"),
    "proposals": _("Proposals"), "pseudonym": _("Pseudonym"), "put_at": _("Put on"),
    "quiet_from": _("No letters from (hour)"), "quiet_until": _("No letters until (hour)"),
    "rating_of_me": _("The other's rating"), "reason": _("Reason"),
    "recovery_code": _("A recovery code is set"), "reports_looked_into": _("Reports I looked into"),
    "reports_made": _("Reports I made"), "rhythm": _("How often"), "safety_words": _("What we do when it gets hard"),
    "scopes": _("What it may do"), "second_factors": _("Passkeys and second factors"),
    "see_stage": _("Who sees where I am with it"), "see_topic": _("Who sees the topic"),
    "see_when": _("Who sees the dates"), "see_words": _("Who reads my words"), "seen_on": _("Last here on"),
    "shown_at": _("Shown"), "shows_presence": _("Others see when I am here"), "since": _("Since when"), "speaks": _("Languages I talk in"),
    "may_be_rung": _("I may be rung there"),
    "stage": _("Where I am with it"), "state": _("State"), "state_since": _("Since"),
    "still": _("Nothing moves"), "strong_contrast": _("Stronger contrast"), "text_size": _("Size of text"),
    "theme": _("Colours"), "time_zone": _("Time zone"), "to": _("To whom"), "tokens": _("Tokens for programs"),
    "topic": _("Topic"), "topics": _("Topics"), "turns": _("Whose time it is"), "type": _("Kind"),
    "understood": _("Felt understood (1 to 5)"), "unit": _("Unit"), "until": _("Until when"),
    "used_on": _("Last used"), "waits": _("In the waiting room"), "verified": _("Confirmed"), "whoever": _("Whoever is right"),
    "wish_age": _("Wished age"), "wish_backgrounds": _("Wished: somebody who shares"),
    "wish_gender": _("Wished gender"), "wish_gender_must": _("Only such a person"),
    "wished": _("What I wish to get"), "with": _("With"), "words": _("In my words"),
    "words_kept": _("Words are kept"),
    "words_of_others_held_back": _("Words of others are held back, because of a decision"),
    "decided_about_me": _("What was decided about me"), "decided_by_me": _("What I decided about others"),
    "decided_anew_by_me": _("Appeals that I decided"), "my_reply": _("My answer"), "my_appeal": _("My appeal"),
    "answer": _("The answer"), "holds_since": _("Holds since"), "address_kept_out_until": _("My address does not come in until"),
    "what": _("What"), "why": _("Why"), "opened_of_mine": _("What two people on duty opened"),
    "openings_decided": _("Where I was one of the two who opened"),
}  # fmt: skip

CODES: Mapping[str, Any] = {
    "account.address": Person.Address, "account.kind": Device.Kind, "account.age": Person.Age, "account.gender": Person.Gender,
    "account.language": Person.Language, "account.scopes": Token.Scope, "account.text_size": Person.Text,
    "account.theme": Person.Theme, "asks.forms": Way, "asks.origin": Proposal.Origin, "asks.stage": Experience.Stage,
    "asks.state": Ask.State, "asks.wish_age": Ask.Age, "asks.wish_gender": Person.Gender,
    "coach.code": Hint.Code, "coach.outcome": Hint.Outcome, "coach.reason": Hint.Reason,
    "minors.state": Consent.State, "minors.how": Consent.How, "minors.relation": Consent.Relation,
    "minors.kind": Check.Kind, "minors.result": Check.Result, "programmes.paused_for": Member.For,
    "experiences.stage": Experience.Stage, "letters.kind": Kind, "letters.kinds": Kind, "letters.state": Letter.State,
    "offers.forms": Way, "offers.origin": Proposal.Origin, "offers.state": Offer.State, "pairs.my_answer": CheckIn.How,
    "pairs.my_reason": Pair.Ending, "pairs.rhythm": Pair.Rhythm, "pairs.state": Pair.State, "pairs.turns": Pair.Turns,
    "programmes.duties": Duty.Kind, "programmes.duty": Duty.Kind, "programmes.state": Member.State,
    "proposals.state": Proposal.State, "safety.outcome": Report.Outcome, "safety.reason": Report.Reason,
    "safety.state": Report.State, "waits.state": Wait.State, "knocks.state": Knock.State,
} | {f"experiences.{field}": Experience.Sight for field in ("see_topic", "see_stage", "see_when", "see_words")}  # fmt: skip

MISSING = {"withdrawn": _("(taken back)"), "erased": _("(erased)"), "damaged": _("(cannot be opened)")}

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
    inner = key if key in {"proposals", "waits", "knocks"} else part
    if isinstance(values[0], Mapping):
        return format_html_join("", "<section>{}</section>", ((_facts(inner, one),) for one in values))
    return format_html_join(", ", "{}", ((_word(part, key, one) or _gone(),) for one in values))


def _said(line: Mapping[str, Any]) -> tuple[str, Any, str]:
    author = str(_("me")) if line["by"] == "me" else line["by"] or _gone()
    return author, _value("", "at", line["at"]), line["text"] or str(MISSING[line["state"]])


def _gone() -> str:
    return str(_("somebody who has left"))


def _stretch(one: Mapping[str, int]) -> str:
    if one["hours"] == HOURS:
        return str(_("any time"))
    count = ngettext("%(n)d hour", "%(n)d hours", one["hours"]) % {"n": one["hours"]}
    return f"{WEEKDAYS[one['day']]} {one['from'] % DAY}:00 ({count})"
