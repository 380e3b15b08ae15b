"""What a coordinator may choose for the programme, in words: the options in groups, and a form for each group.

The options themselves, with their types and defaults, are in options.py; what they do is told in docs/blueprints.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from django import forms
from django.core.validators import RegexValidator
from django.utils.formats import localize
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from pydantic.fields import FieldInfo

from nawzajem.ground.words import said
from nawzajem.people.models import Person
from nawzajem.programmes.models import Text
from nawzajem.programmes.options import Options, Words

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Sentence


@dataclass(frozen=True, slots=True)
class Group:
    code: str
    title: Sentence
    options: Mapping[str, tuple[Sentence, Sentence]]  # name: the question, and what follows from the answer
    about: Sentence = ""


GROUPS = (
    Group(
        "coming-in",
        _("Who comes in"),
        {
            "joining": (_("Who may join"), ""),
            "address": (_("How people are spoken to in Polish"), _("Everybody may choose otherwise for themselves.")),
            "ages": (_("Ages that may take part"), _("Who is here already stays.")),
            "minors_with_adults": (
                _("People under 18 may be paired with adults"),
                _(
                    "Only with adults whose checks are in date, and only where your rules on protecting children allow it."
                ),
            ),
            "guardian_consent": (
                _("Whoever is under 18 takes part once a guardian has consented"),
                _("By a link of the guardian's own, or on paper that a coordinator has seen."),
            ),
            "guardian_proof": (_("How a guardian consents"), ""),
            "checks": (_("Checks that an adult needs before meeting somebody under 18"), ""),
            "checks_months": (_("Months that a check holds"), _("You and the adult are reminded a month before.")),
            "asks_unit": (
                _("Ask for the class, department or station"),
                _("Nobody is then paired with somebody who leads them."),
            ),
            "asks_known_as": (
                _("Ask for a staff or student number"),
                _("Kept scrambled, so that nobody can read it. It only keeps apart people who do not want to meet."),
            ),
            "duties_need_second_factor": (
                _("Whoever has a duty needs a passkey or a code from an app"),
                _("Without it a stolen passphrase opens the desk."),
            ),
        },
    ),
    Group(
        "asking",
        _("Asking and being there"),
        {
            "forms": (_("Forms that may be wished for"), ""),
            "calls_direct": (
                _("In a call, two devices may speak directly"),
                _("Each could then learn the other’s network address. Without it, calls need a relay of your own."),
            ),
            "open_asks": (_("How many open asks one person may have"), ""),
            "capacity": (_("How many people one person may accompany at most"), ""),
            "confirm_ask_after": (_("Days until somebody who waits is asked whether it is still needed"), ""),
            "lapse_ask_after": (_("Days until an ask that was not confirmed ends"), _("With a kind letter.")),
            "idle_offer_after": (
                _("Days after which an offer rests when its person has not been here"),
                _("So that nobody waits for an answer that does not come."),
            ),
        },
    ),
    Group(
        "now",
        _("Somebody at once"),
        {
            "ask_now": (
                _("There is a waiting room"),
                _("Whoever cannot wait asks everybody suitable who is ready just then."),
            ),
            "now_people": (_("How many are asked first"), _("Each following wave is twice as wide.")),
            "now_seconds": (_("Seconds from one wave to the next"), ""),
            "now_minutes": (_("Minutes after which it is said plainly that nobody could come"), ""),
            "now_rest_minutes": (_("Minutes in which nobody is asked a second time"), ""),
            "now_knocks_a_week": (_("How often one person is asked in a week at most"), ""),
            "now_talks_a_day": (_("After how many such talks in a day one rests"), ""),
            "now_contact": (
                _("Who else is there when nobody can come"),
                _("A name that means something, a number, hours that are kept."),
            ),
        },
    ),
    Group(
        "danger",
        _("Signs of danger, and who is on duty"),
        {
            "screening": (
                _("Messages are looked through for signs of danger"),
                _("By rules, after they were sent. It overlooks much. Say so in the text on confidentiality first."),
            ),
            "screening_from": (_("From which tier on somebody on duty is called"), ""),
            "screening_words": (_("Words of your own"), ""),
            "duty_promised": (
                _("Whoever writes such words is told that a person on duty has been told"),
                _("Promise it only for hours in which somebody answers."),
            ),
            "call_concern_minutes": (_("Minutes in which a concern is taken, until the next is called"), ""),
            "call_high_minutes": (_("Minutes for the tier “high”"), ""),
            "call_imminent_minutes": (_("Minutes for the tier “imminent”"), ""),
            "fallback_email": (
                _("E-mail address that is told when nobody on duty answers"),
                _("Somebody who can act at any hour: it is the last in the line."),
            ),
            "fallback": (_("Who that is, for those on duty to call"), _("A name, a number, hours that are kept.")),
            "steps_concern": (_("What to do at the tier “concern”, one step a line"), ""),
            "steps_high": (_("What to do at the tier “high”"), ""),
            "steps_imminent": (_("What to do at the tier “imminent”"), ""),
        },
        about=_("Read docs/operate.md before you switch this on: what a programme must have decided first."),
    ),
    Group(
        "pairs",
        _("Proposals and pairs"),
        {
            "answer_within": (_("Hours in which a proposal is answered"), ""),
            "next_by_itself": (
                _("The house asks the next who fits by itself"),
                _("Without it, asks wait until you make a round."),
            ),
            "next_in_line": (_("When several wait for one place"), ""),
            "silent_pair_after": (_("Days of silence after which you see a pair on the worklist"), ""),
            "closing_days": (_("Days for last words when a pair ends"), ""),
            "coach": (
                _("Hints for those who help, while they write"),
                _("They are worked out here, kept by nobody, and each may switch them off."),
            ),
        },
    ),
    Group(
        "opening",
        _("Opening by two"),
        {
            "opening_answered_within": (_("Hours in which a second person on duty answers"), ""),
            "opening_lasts": (_("Hours for which something stays open"), ""),
            "superiors_may_open": (
                _("Whoever leads a unit may open what concerns its people"),
                _("Better not: people write here because those above them do not read it."),
            ),
        },
        about=_("A talk, or who somebody is, opened by two people on duty for a reason that is written down."),
    ),
    Group(
        "harm",
        _("Harm from people"),
        {
            "report_grave_hours": (_("Hours in which somebody takes a grave report"), ""),
            "report_hours": (
                _("Hours in which somebody takes any other report"),
                _("Whoever reports is told this time; promise what you can keep."),
            ),
            "reply_days": (
                _("Days to answer before a pause or a removal"),
                _("What cannot wait is decided as urgent, and answered afterwards."),
            ),
            "appeal_days": (_("Days in which somebody may ask that another decides anew"), ""),
            "appeal_answer_days": (
                _("Days in which another decides anew"),
                _(
                    "What nobody has decided by then is lifted, unless it was about danger, a threat or something sexual."
                ),
            ),
            "kept_out_months": (
                _("Months in which the address of somebody removed does not come in again"),
                _("Kept scrambled, so that nobody can read it, and gone afterwards."),
            ),
            "after_removal": (
                _("While somebody who was removed is kept out, others who come without an invitation"),
                _("Only where anybody may join. Without it, whoever was removed comes back under another name."),
            ),
            "keep_evidence": (
                _("Days for which messages sealed with a report are kept"),
                _("Longer only while the report or an appeal still waits."),
            ),
            "newcomer_hours": (
                _("Hours in which somebody who has just come goes slowly"),
                _("Help, signs of danger and reports about danger are never slowed. 0: nobody is."),
            ),
            "newcomer_asks": (_("Asks in these hours"), ""),
            "newcomer_choices": (_("People chosen for an ask in these hours"), ""),
            "newcomer_messages": (_("Messages in these hours to somebody who has not answered yet"), ""),
            "newcomer_reports": (_("Reports in these hours"), ""),
        },
        about=_(
            "Reports are looked into by people on duty. At least two are needed, so that an appeal is decided by another."
        ),
    ),
    Group(
        "weights",
        _("What suggestions look at"),
        {
            "weight_topic": (_("That the experience is near"), ""),
            "weight_stage": (_("That one is a little further on than the other"), ""),
            "weight_hours": (_("That they share hours"), ""),
            "weight_wishes": (_("That wishes come true"), ""),
            "weight_load": (_("That somebody carries little at present"), ""),
            "weight_waiting": (_("That somebody has waited long"), ""),
        },
        about=_("Numbers from 0 to 10. Only how they compare with each other counts."),
    ),
    Group(
        "keeping",
        _("How long things are kept"),
        {
            "content": (
                _("What people write to each other"),
                _("What is not kept is in no backup either. What stands there already goes as well."),
            ),
            "content_minutes": (_("Where it lasts only while two talk: minutes of silence after which it is gone"), ""),
            "content_hours": (_("Where it is not kept: hours that any word of it lasts at most"), ""),
            "keep_closed_conversations": (_("Days until a talk that has ended is erased"), ""),
            "keep_closed_asks": (_("Days until a closed ask is erased"), ""),
            "keep_rounds": (_("Days until a round is erased"), ""),
            "keep_events": (_("Days until the record of what happened is erased"), _("It holds no words.")),
            "small_group": (_("Numbers below this are not told"), _("So that no figure points at anybody.")),
        },
        about=_("If your text on confidentiality names one of these numbers, change it there as well."),
    ),
)

ANSWERS: Mapping[str, Mapping[str, Sentence]] = {
    "joining": {"open": _("anybody"), "invited": _("only who was invited")},
    "address": {"informal": _("informally"), "formal": _("formally")},
    "after_removal": {
        "nothing": _("come in as always"),
        "address": _("confirm an e-mail address first"),
        "invited": _("need an invitation"),
    },
    "ages": dict(Person.Age.choices),
    "screening_from": {"concern": _("concern"), "high": _("high"), "imminent": _("imminent")},
    "forms": {"text": _("writing"), "call": _("a call"), "meeting": _("a meeting")},
    "guardian_proof": {
        "link": _("by a link of their own, or on paper"),
        "paper": _("only on paper that a coordinator has seen"),
    },
    "checks": {
        "register": _("Sexual offenders register, restricted part"),
        "commission": _("Register of the State Commission"),
        "record": _("Criminal record certificate"),
        "foreign": _("Records of other countries, or the declaration in their place"),
    },
    "content": {
        "kept": _("is kept until the talk is erased"),
        "expires": _("lasts some hours"),
        "while_talking": _("lasts only while two talk"),
    },
    "next_in_line": {"fit": _("whom it fits best comes first"), "waiting": _("who has waited longest comes first")},
}


KINDS = [
    ("suicide", _("somebody may take their life")),
    ("self_harm", _("somebody hurts themselves")),
    ("abuse", _("somebody is being hurt")),
    ("danger_to_others", _("somebody may hurt somebody else")),
]
OWN_PAGE = "screening_words"  # many of them: added and taken away one by one


def the_group(code: str) -> Group | None:
    return next((one for one in GROUPS if one.code == code), None)


def told(options: Options, name: str) -> Sentence:
    """The present answer as people say it."""
    answer, words = getattr(options, name), ANSWERS.get(name, {})
    if isinstance(answer, bool):
        return _("yes") if answer else _("no")
    if isinstance(answer, dict):
        return said(answer) if answer else _("nobody yet")
    if answer == "":
        return _("nobody yet")
    if name == OWN_PAGE:
        return ngettext("%d word or phrase", "%d words or phrases", len(answer)) % len(answer)
    chosen = answer if isinstance(answer, list) else [answer]
    return ", ".join(str(words.get(one) or localize(one)) for one in chosen)


class OptionsForm(forms.Form):
    """The options of one group. Cleaned, they are what `acts.choose` takes."""

    def __init__(self, *args: Any, group: Group, options: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, hint) in group.options.items():
            for field, asked in _asked(name, Options.model_fields[name], getattr(options, name)).items():
                asked.label = format_lazy("{} ({})", label, asked.label) if asked.label else label
                asked.help_text = hint
                self.fields[field] = asked

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        chosen = {name: answer for name, answer in typed.items() if name in Options.model_fields}
        for name in _in_words(typed):
            chosen[name] = {tongue: typed[f"{name}:{tongue}"] for tongue in TONGUES if typed.get(f"{name}:{tongue}")}
            if len(chosen[name]) == 1:
                (missing,) = set(TONGUES) - set(chosen[name])
                self.add_error(f"{name}:{missing}", _("Please say it in both languages, or in neither."))
        return chosen


TONGUES = {"pl": _("in Polish"), "en": _("in English")}


def _in_words(typed: Mapping[str, Any]) -> set[str]:
    return {name.partition(":")[0] for name in typed if ":" in name}


def _asked(name: str, of: FieldInfo, now: Any) -> dict[str, forms.Field]:
    """How it is asked for follows from its type: a tick, a number in its bounds, one or several of a few, or words."""
    if name == OWN_PAGE:
        return {}
    if of.annotation is bool:
        return {name: forms.BooleanField(required=False, initial=now)}
    if of.annotation is str:
        return {name: forms.EmailField(required=False, initial=now)}
    if of.annotation is int or of.annotation is float:
        return {name: _number(of, now)}
    if get_origin(of.annotation) is Literal:
        return {name: forms.ChoiceField(choices=_choices(name, of), initial=now, widget=forms.RadioSelect)}
    if get_origin(of.annotation) is list:
        several = forms.MultipleChoiceField(
            choices=_choices(name, of), initial=now, widget=forms.CheckboxSelectMultiple
        )
        return {name: several}
    if of.annotation == Words:
        return {
            f"{name}:{tongue}": forms.CharField(
                label=in_words,
                required=False,
                initial=now.get(tongue, ""),
                max_length=500,
                widget=forms.Textarea({"rows": 3}),
            )
            for tongue, in_words in TONGUES.items()
        }
    raise NotImplementedError(name)


def _number(of: FieldInfo, now: float) -> forms.Field:
    bounds = {key: getattr(mark, key) for mark in of.metadata for key in ("ge", "le") if hasattr(mark, key)}
    kind: type[forms.IntegerField] = forms.IntegerField if of.annotation is int else forms.FloatField
    return kind(min_value=bounds["ge"], max_value=bounds["le"], initial=now)


def _choices(name: str, of: FieldInfo) -> list[tuple[str, Sentence]]:
    literal = get_args(of.annotation)[0] if get_origin(of.annotation) is list else of.annotation
    return [(value, ANSWERS[name][value]) for value in get_args(literal)]


class PhraseForm(forms.Form):
    """A word or a phrase that means danger in this place."""

    words = forms.CharField(
        label=_("Word or phrase"),
        max_length=80,
        validators=[RegexValidator(r"\w{3}", _("At least three letters."))],
        help_text=_("Endings need not be written out. A star stands for any ending: note*."),
    )
    language = forms.ChoiceField(label=_("In which language"), choices=[("pl", "polski"), ("en", "English")])
    tier = forms.ChoiceField(
        label=_("How pressing"), choices=ANSWERS["screening_from"].items(), widget=forms.RadioSelect, initial="high"
    )
    kind = forms.ChoiceField(label=_("What it may mean"), choices=KINDS, widget=forms.RadioSelect)


class TextForm(forms.Form):
    """A text of the programme in both languages, and the version that whoever writes has before them."""

    pl = forms.CharField(label=_("in Polish"), max_length=20_000, widget=forms.Textarea({"rows": 16}))
    formal = forms.CharField(
        label=_("in formal Polish (Państwo)"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea({"rows": 8}),
        help_text=_("Only where the Polish words above say Ty."),
    )
    en = forms.CharField(label=_("in English"), max_length=20_000, widget=forms.Textarea({"rows": 16}))
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def words(self) -> dict[str, str]:
        """As a text keeps them."""
        return {tongue: self.cleaned_data[name] for name, tongue in WORDS_OF_TEXT.items() if self.cleaned_data[name]}


WORDS_OF_TEXT = {"pl": "pl", "formal": "pl-formal", "en": "en"}  # by the names of the fields


def text_form(text: Text, typed: Any = None) -> TextForm:
    now = {name: text.words.get(tongue, "") for name, tongue in WORDS_OF_TEXT.items()}
    return TextForm(typed, initial=now | {"seen": text.version})
