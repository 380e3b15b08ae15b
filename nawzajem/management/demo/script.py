"""The town as it is written down: people, talks, and what else happens. A slip is told with its file and line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from nawzajem.experiences.models import Experience
from nawzajem.ground import toml
from nawzajem.ground.toml import BadFile, Part, Words
from nawzajem.management.demo.scenes import Scene, scenes
from nawzajem.management.demo.times import WEEKS, Span, Week

HERE = Path(__file__).parent
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Answers = Annotated[tuple[int, int, bool], BeforeValidator(tuple)]
Side = Literal["asker", "giver"]
Place = Literal["krag", "kampus", "sluzba"]
Kept = Literal["topic", "stage", "when", "words"]

# -- people -----------------------------------------------------------------------------------------------------------


class Lived(Part):
    topic: str
    stage: str = "been_through"
    since: str = ""
    until: str = ""
    words: str = ""
    open: bool = False
    hides: list[Kept] = []

    def sights(self) -> dict[str, str]:
        """Who sees which field: those one is matched with, or every member for the topic of an open one."""
        told = dict.fromkeys(("topic", "stage", "when", "words"), Experience.Sight.MATCHED)
        told |= dict.fromkeys(self.hides, Experience.Sight.NOBODY)
        if self.open:
            told |= {"topic": Experience.Sight.MEMBERS, "stage": Experience.Sight.MEMBERS}
        return {f"see_{name}": sight.value for name, sight in told.items()}


class Ready(Part):
    """Being there for others."""

    when: Week
    seats: int = 1
    kinds: list[str] = []
    forms: list[str] = ["text"]
    words: str = ""
    rests: Span | None = None
    put_away: bool = False


class Resident(Part):
    about: str = Field(alias="is")
    called: str = ""
    joined: Span | None = None
    leaves: Span | None = None
    paused: Span | None = None
    away: Span | None = None
    idle: bool = False
    zone: str = "Europe/Warsaw"
    unit: str = ""
    leads: bool = False
    known_as: str = ""
    backgrounds: list[str] = []
    lived: list[Lived] = []
    offer: Ready | None = None

    @property
    def gender(self) -> str:
        said = self.about.split()[0]
        return "" if said == "unsaid" else said

    @property
    def age(self) -> str:
        return self.about.split()[1]

    @property
    def speaks(self) -> list[str]:
        return self.about.split()[2:]

    @property
    def turns(self) -> list[timedelta]:
        """How long ago something changed about their place here: by then they had come."""
        rests = self.offer and (self.offer.rests or self.offer.put_away)
        return [*filter(None, (self.leaves, self.paused)), *([timedelta(days=10)] if self.away or rests else [])]


# -- talks ------------------------------------------------------------------------------------------------------------


class Settled(Part):
    after: int
    by: Side
    aim: str = ""
    rhythm: str = ""
    turns: str = ""
    safety_words: str = ""
    ends_in: int | None = None


class Ends(Part):
    after: int
    by: Side
    why: str


class Rests(Part):
    after: int
    by: Side


class Rated(Part):
    """Felt understood, did them good, would talk again."""

    asker: Answers | None = None
    giver: Answers | None = None


class Wrong(Part):
    """A message is reported by the one who asked."""

    reason: str
    place: int
    words: str
    state: str


class Tried(Part):
    """Who was asked before, and did not want to, or did not answer in time."""

    who: str
    says: Literal["no", "nothing"]


class Asking(Part):
    """What somebody asks for, alone or as the beginning of a talk."""

    small: bool = False
    place: Place
    topics: list[str]
    stage: str = "in_it"
    kinds: list[str] = []
    words: str = ""
    forms: list[str] = ["text"]
    hours: Week = WEEKS["any"]
    languages: list[str] = []
    wish_gender: str = ""
    wish_gender_must: bool = False
    not_same_unit: bool = False
    tried: list[Tried] = []


class Talk(Asking):
    language: Literal["pl", "en"]
    about: Words
    asker: str
    giver: str
    origin: Literal["next", "chosen", "coordinator"] = "next"
    wait: Span
    last: Span
    on: Literal["", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = ""
    fresh: bool = False
    check_in: Literal["well", "so_so", "waits"] = "well"
    agreement: Settled | None = None
    rests: Rests | None = None
    ends: Ends | None = None
    rated: Rated = Rated()
    closes_door: Side | None = None
    report: Wrong | None = None
    talk: str

    def scenes(self) -> tuple[Scene, ...]:
        return tuple(scenes(self.talk, {self.asker, self.giver}))

    @property
    def spoken(self) -> list[str]:
        return self.languages or [self.language]


# -- the town ---------------------------------------------------------------------------------------------------------


class Inside(Part):
    name: str
    within: str = ""
    code: bool = False


class OnDuty(Part):
    who: str
    kind: str


class Setting(Part):
    blueprint: str
    opened: Span
    second_factor: bool
    screens: bool = False  # looks through what is sent for signs of danger
    coordinator: str
    duties: list[OnDuty] = []
    units: list[Inside] = []


class Visit(Part):
    who: str
    place: str
    what: str
    look: str


class Out(Part):
    to: str
    put: Span
    giver_says_yes: bool = False


class Open(Asking):
    who: str
    opened: Span
    chooses: bool = False
    draft: bool = False
    confirmed: Span | None = None
    withdrawn: Span | None = None
    out: Out | None = None


class Pressed(Part):
    """Somebody who needed somebody now, and who came: `by`, if anybody did."""

    small: bool = False
    place: Place
    who: str
    topics: list[str] = []
    words: str = ""
    pressed: Span
    by: str = ""
    talk: list[str] = []
    stays: bool = False


class Here(Part):
    place: Place
    who: str
    since: Span


class Decided(Part):
    """What whoever took a report decided, and what was said to it."""

    kind: str
    reason: str
    words: str
    days: int = 0  # of a pause, which is urgent here
    reply: str = ""
    appeal: str = ""


class Raised(Part):
    small: bool = False
    place: Place
    by: str
    about: str = ""
    reason: str
    words: str
    raised: Span
    taken_by: str = ""
    outcome: str = ""
    decided: Decided | None = None
    blocks: bool = False


class Endangered(Part):
    """Somebody for whom somebody on duty was called: by themselves, or by `worried`, who talks with them."""

    small: bool = False
    place: Place
    who: str
    worried: str = ""
    tier: int
    words: str
    raised: Span
    taken_by: str = ""
    step: str = ""
    answers: str = ""  # to the official questions: the numbers of those with a yes
    outcome: str = ""
    talk: str = ""  # the code of the talk beside which it was said
    opened: str = ""  # why two on duty opened a part of that talk


class Plan(Part):
    passphrase: str
    places: dict[Place, Setting]
    cast: list[Visit]
    asks: list[Open]
    pressed: list[Pressed]
    here: list[Here]
    reports: list[Raised]
    dangers: list[Endangered]


class Residents(Part):
    people: dict[str, Resident]


class Talks(Part):
    talks: dict[str, Talk]


@dataclass(frozen=True, slots=True)
class Script:
    town: Plan
    people: dict[Place, dict[str, Resident]]
    talks: dict[str, Talk]

    def small(self) -> Script:
        """The cast that the small town needs, and one of each thing."""
        talks = {code: talk for code, talk in self.talks.items() if talk.small}
        town = self.town.model_copy(
            update={
                "asks": [one for one in self.town.asks if one.small],
                "pressed": [one for one in self.town.pressed if one.small],
                "reports": [one for one in self.town.reports if one.small],
                "dangers": [one for one in self.town.dangers if one.small],
                "cast": self.town.cast,
            }
        )
        needed = {name: _needed(name, town, talks) for name in self.people}
        people = {
            place: {name: one for name, one in here.items() if name in needed[place]}
            for place, here in self.people.items()
        }
        here = {name for ones in people.values() for name in ones}
        return Script(town.model_copy(update={"cast": [one for one in town.cast if one.who in here]}), people, talks)


def _needed(place: Place, town: Plan, talks: dict[str, Talk]) -> set[str]:
    talking = {name for one in talks.values() if one.place == place for name in (one.asker, one.giver)}
    waiting = {one.who for one in town.asks if one.place == place}
    waiting |= {one.out.to for one in town.asks if one.place == place and one.out}
    waiting |= {tried.who for one in (*town.asks, *talks.values()) if one.place == place for tried in one.tried}
    reporting = {
        name for one in town.reports if one.place == place for name in (one.by, one.about, one.taken_by) if name
    }
    waiting |= {name for one in town.pressed if one.place == place for name in (one.who, one.by) if name}
    waiting |= {one.who for one in town.here if one.place == place}
    waiting |= {
        name for one in town.dangers if one.place == place for name in (one.who, one.worried, one.taken_by) if name
    }
    return talking | waiting | reporting | {town.places[place].coordinator}


# -- reading ----------------------------------------------------------------------------------------------------------

T = TypeVar("T", bound=BaseModel)


def read() -> Script:
    people: dict[Place, dict[str, Resident]] = {
        place: _file(HERE / f"people-{place}.toml", Residents, "people").people for place in get_args(Place)
    }
    talks: dict[str, Talk] = {}
    for path in sorted(HERE.glob("talks-*.toml")):
        talks |= _file(path, Talks, "talks").talks
    return Script(_file(HERE / "town.toml", Plan), people, talks)


def _file(path: Path, shape: type[T], key: str = "") -> T:
    """The whole file is one table of people, or of talks, named by `key`; or the town itself."""
    document = toml.read(path)
    try:
        return shape.model_validate({key: document.data} if key else document.data, strict=True)
    except ValidationError as error:
        back = (lambda where: where[1:]) if key else tuple
        slips = [document.problem(where, what) for where, what in toml.complaints(error, shape, back)]
        raise BadFile(path, slips) from None
