"""What a programme may choose. Typed, each with its default; only what differs is stored."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Days = Annotated[int, Field(ge=0, le=3650)]
Hours = Annotated[int, Field(ge=1, le=24 * 60)]
Words = dict[Literal["pl", "en"], Annotated[str, Field(min_length=1, max_length=500)]]
Weight = Annotated[float, Field(ge=0, le=10)]
Address = Annotated[str, Field(pattern=r"^$|^[^@\s]+@[^@\s]+$", max_length=200)]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"\w{3}", max_length=80)]


class OwnPhrase(BaseModel):
    """Words that mean danger in this place, and what they mean there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Literal["pl", "en"]
    words: Phrase
    tier: Literal["concern", "high", "imminent"]
    kind: Literal["suicide", "self_harm", "abuse", "danger_to_others"]


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    # who comes in
    joining: Literal["open", "invited"] = "open"
    address: Literal["informal", "formal"] = "informal"
    ages: list[Literal["13_15", "16_17", "18_24", "25_34", "35_49", "50_64", "65_up"]] = [
        "18_24",
        "25_34",
        "35_49",
        "50_64",
        "65_up",
    ]
    minors_with_adults: bool = False
    guardian_consent: bool = False  # minors take part once a guardian has consented
    guardian_proof: Literal["link", "paper"] = "link"
    checks: list[Literal["register", "commission", "record", "foreign"]] = ["register", "commission", "record"]
    checks_months: Annotated[int, Field(ge=1, le=60)] = 12  # that a check of an adult holds
    asks_unit: bool = False
    asks_known_as: bool = False  # a staff or student number, kept as a keyed hash, only so that others can avoid it
    duties_need_second_factor: bool = True

    # asking and offering
    forms: list[Literal["text", "call", "meeting"]] = ["text", "call", "meeting"]
    calls_direct: bool = False  # without a relay of the house two devices learn each other's network address
    open_asks: Annotated[int, Field(ge=1, le=10)] = 2
    capacity: Annotated[int, Field(ge=1, le=20)] = 5  # the most pairs one offer may hold
    confirm_ask_after: Days = 14
    lapse_ask_after: Days = 28
    idle_offer_after: Days = 60

    # asking for somebody now
    ask_now: bool = False
    now_people: Annotated[int, Field(ge=1, le=20)] = 3  # asked first; each following wave is twice as wide
    now_seconds: Annotated[int, Field(ge=10, le=600)] = 40  # from one wave to the next
    now_minutes: Annotated[int, Field(ge=2, le=120)] = 15  # after which it is said plainly that nobody could come
    now_rest_minutes: Annotated[int, Field(ge=5, le=1440)] = 30  # in which nobody is asked a second time
    now_knocks_a_week: Annotated[int, Field(ge=1, le=100)] = 12  # the most that one person is asked
    now_talks_a_day: Annotated[int, Field(ge=1, le=20)] = 3  # after which one rests until the next day
    now_contact: Words = {}  # who else answers when nobody can come: a name, a number, hours

    # signs of danger, and who answers them
    screening: bool = False
    screening_from: Literal["concern", "high", "imminent"] = "high"  # what is put before those on duty
    screening_words: Annotated[list[OwnPhrase], Field(max_length=100)] = []  # besides the rules of each language
    duty_promised: bool = False  # whoever writes such words is told that a person on duty has been told
    call_concern_minutes: Annotated[int, Field(ge=5, le=2880)] = 240  # for each who is called; then the next is
    call_high_minutes: Annotated[int, Field(ge=2, le=240)] = 15
    call_imminent_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    fallback_email: Address = ""  # who is told when nobody on duty took it
    fallback: Words = {}  # the same for those who read: a name, a number, hours
    steps_concern: Words = {}  # what to do, one step a line
    steps_high: Words = {}
    steps_imminent: Words = {}

    # proposals and pairs
    answer_within: Hours = 48  # a proposal
    next_by_itself: bool = True  # the next who fits is asked by the house; without it, asks wait for a round
    next_in_line: Literal["fit", "waiting"] = "fit"  # who is asked first when several wait for one seat
    silent_pair_after: Days = 14
    closing_days: Days = 7  # time for last words

    # opening by two what is closed to everybody
    opening_answered_within: Annotated[int, Field(ge=1, le=168)] = 12  # hours for the second person
    opening_lasts: Annotated[int, Field(ge=1, le=72)] = 4  # hours
    superiors_may_open: bool = False  # what concerns people of the unit they lead

    # harm from people
    report_grave_hours: Annotated[int, Field(ge=1, le=168)] = 12  # until somebody takes a grave report
    report_hours: Annotated[int, Field(ge=1, le=720)] = 72  # and any other
    reply_days: Annotated[int, Field(ge=1, le=30)] = 5  # to answer before a pause or a removal that is not urgent
    appeal_days: Annotated[int, Field(ge=14, le=365)] = 180  # to ask that somebody else decides anew
    appeal_answer_days: Annotated[int, Field(ge=3, le=60)] = 14  # after which what nobody decided anew is lifted
    kept_out_months: Annotated[int, Field(ge=1, le=60)] = 24  # that the address of somebody removed does not come in
    after_removal: Literal["nothing", "address", "invited"] = "nothing"  # of others who come meanwhile, where all may
    keep_evidence: Annotated[int, Field(ge=30, le=730)] = 180  # days, for messages sealed with a report
    newcomer_hours: Annotated[int, Field(ge=0, le=168)] = 24  # in which somebody who came goes slowly
    newcomer_asks: Annotated[int, Field(ge=1, le=50)] = 4
    newcomer_choices: Annotated[int, Field(ge=1, le=50)] = 4  # people chosen by hand for an ask
    newcomer_messages: Annotated[int, Field(ge=3, le=200)] = 20  # to somebody who has not answered yet
    newcomer_reports: Annotated[int, Field(ge=1, le=50)] = 4  # but for those about danger

    # beside whoever writes
    coach: bool = True  # hints to whoever helps, about what they are writing; never to whoever asked

    # how suggestions are weighed
    weight_topic: Weight = 4
    weight_stage: Weight = 2
    weight_hours: Weight = 1
    weight_wishes: Weight = 1.5
    weight_load: Weight = 1
    weight_waiting: Weight = 1

    # what is kept, and how long
    content: Literal["kept", "expires", "while_talking"] = "kept"  # of what people write to each other
    content_minutes: Annotated[int, Field(ge=15, le=1440)] = 30  # of silence after which a talk that was read is gone
    content_hours: Annotated[int, Field(ge=1, le=24 * 365)] = 24  # the longest that any word of it lasts
    keep_closed_conversations: Days = 365
    keep_closed_asks: Days = 365
    keep_rounds: Days = 180
    keep_events: Days = 1095
    small_group: Annotated[int, Field(ge=2, le=50)] = 5  # smaller numbers are not told
