"""Deeds about danger and about how one writes: concerns, hours on duty, openings by two, hints, one's own message."""

from __future__ import annotations

from datetime import timedelta

from nawzajem.coach import acts as coach
from nawzajem.conversations import acts as conversations
from nawzajem.core.coaching import Pitfall
from nawzajem.ground import clock
from nawzajem.ground.actor import CHORE
from nawzajem.programmes import acts as programmes
from nawzajem.rulings import acts as rulings
from nawzajem.safety import acts as safety
from nawzajem.safety.concerns import acts as concerns
from nawzajem.safety.concerns import chores as concern_chores
from nawzajem.safety.concerns.models import Concern
from nawzajem.safety.openings import acts as openings
from nawzajem.safety.openings.models import Opening
from tests.cast import HOUSE
from tests.doors.deed import PLACE, Deed, at_the_desk, deed
from tests.doors.factors import has_shown, with_second_factors
from tests.doors.plain import Form, Page

DIRECTIVE = "Na twoim miejscu zostawiłabym go jutro."

# -- concerns ---------------------------------------------------------------------------------------------------------


@deed("worried")
def call_somebody_on_duty(world, comes):
    one = comes("ania")
    return one, one.open(f"{PLACE}/worried/").form(), {"tier": "2", "words": "Boję się tej nocy."}


@deed("worried")
def worry_about_the_other(world, comes):
    pair = world.pair()
    one = comes("bartek")
    answers = {"whom": "other", "tier": "3", "words": "Boję się o nią."}
    return one, one.open(f"{PLACE}/worried/?pair={pair.pk}").form(), answers


def concern_about_ania(world) -> Concern:
    return concerns.raise_concern(CHORE.within(world.here.pk), world.ania, origin="screening", tier=3, talk="talk")


def taken(world) -> Concern:
    return concerns.take(world.actor("franek"), concern_about_ania(world))


def on_the_concern(world, comes, one, button, **answers) -> Deed:
    path = f"concerns/{one.pk}/"
    return at_the_desk(world, comes, path, f"{path}{button}/", who="franek", **answers)


@deed("concern_take")
def take_a_concern(world, comes):
    return on_the_concern(world, comes, concern_about_ania(world), "take")


@deed("concern_pass")
def have_the_next_called(world, comes):
    one = concern_about_ania(world)
    concern_chores.call()
    return on_the_concern(world, comes, one, "pass")


@deed("concern_note")
def note_what_was_done(world, comes):
    return on_the_concern(world, comes, taken(world), "steps", what="wrote", words="Rozmowa przez telefon.")


@deed("concern_screen")
def go_through_the_questions(world, comes):
    answers = {"q1": "yes", "q2": "yes", "q3": "no", "q4": "no", "q5": "no", "q6": "no"}
    return on_the_concern(world, comes, taken(world), "questions", **answers)


@deed("concern_hand_over")
def hand_a_concern_over(world, comes):
    world.add("hania")
    programmes.give_duty(HOUSE.within(world.here.pk), world.member("hania"), kind="duty_officer")
    return on_the_concern(world, comes, taken(world), "hand-over", to=world.people["hania"].pk)


@deed("concern_close")
def close_a_concern(world, comes):
    one = taken(world)
    concerns.note(world.actor("franek"), one, what="wrote")
    return on_the_concern(world, comes, one, "close", outcome="safe")


# -- hours on duty ----------------------------------------------------------------------------------------------------


@deed("roster")
def keep_my_hours(world, comes):
    return at_the_desk(world, comes, "roster/", who="franek")


@deed("shift_add")
def be_on_duty_besides(world, comes):
    when = {"begins_at": "2051-05-01T08:00", "ends_at": "2051-05-01T16:00"}
    return at_the_desk(world, comes, "roster/", "roster/shifts/", who="franek", is_away="on", **when)


@deed("shift_drop")
def drop_a_shift(world, comes):
    begins_at = clock.now() + timedelta(days=2)
    when = {"begins_at": begins_at, "ends_at": begins_at + timedelta(hours=8)}
    made = concerns.add_shift(world.actor("franek"), world.franek, is_away=True, **when)
    return at_the_desk(world, comes, "roster/", f"roster/shifts/{made.pk}/drop/", who="franek")


# -- openings by two --------------------------------------------------------------------------------------------------


@deed("opening_new")
def ask_for_an_opening(world, comes):
    with_second_factors(world)
    raised = safety.report(world.actor("ania"), world.bartek, reason="other")
    page = f"openings/new/?report={raised.pk}&who"
    return at_the_desk(world, shown(world, comes), page, reason="danger", words="Trzeba wiedzieć, kto to jest.")


def shown(world, comes):
    """Whoever comes has just shown a second factor."""
    return lambda who: has_shown(comes(who), world.people[who])


def asked(world, *, later: bool = False) -> Opening:
    with_second_factors(world)
    put_off = {"tell_on": clock.today() + timedelta(days=7), "later_words": "Groźba."} if later else {}
    why = {"kind": "identity", "thing": world.member("bartek").pk, "reason": "danger", "words": "Trzeba."}
    return openings.ask(world.actor("celina"), world.here, {world.bartek.pk}, **why, **put_off)


def opened(world, *, later: bool = False) -> Opening:
    return openings.agree(world.actor("franek"), asked(world, later=later), later=later)


def on_the_opening(world, comes, one, button, **answers) -> Deed:
    path = f"openings/{one.pk}/"
    return at_the_desk(world, shown(world, comes), path, f"{path}{button}/", **answers)


@deed("opening_answer")
def agree_to_open(world, comes):
    return on_the_opening(world, comes, asked(world), "answer", who="franek", yes="1")


@deed("opening_answer")
def refuse_to_open(world, comes):
    return on_the_opening(world, comes, asked(world), "answer", who="franek", no="1")


@deed("opening_withdraw")
def no_longer_ask_for_an_opening(world, comes):
    return on_the_opening(world, comes, asked(world), "withdraw")


@deed("opening_look")
def look_at_what_is_open(world, comes):
    return on_the_opening(world, comes, opened(world), "look")


@deed("opening_close")
def close_what_is_open(world, comes):
    return on_the_opening(world, comes, opened(world), "close")


@deed("opening_tell")
def tell_those_concerned(world, comes):
    return on_the_opening(world, comes, opened(world, later=True), "tell")


# -- how one writes ---------------------------------------------------------------------------------------------------


@deed("hint")
def be_given_a_hint(world, comes):
    """What the element beside the field sends, when no hint stands there yet."""
    path = f"{PLACE}/pairs/{world.pair().pk}/hint/"
    return comes("bartek"), Form(path, {"text": [""], "hint": [""]}, ["text", "hint"]), {"text": DIRECTIVE}


@deed("hint_dismiss")
def put_a_hint_aside(world, comes):
    one, form, answers = be_given_a_hint(world, comes)
    shown: Page = one.send(form, **answers)
    return one, shown.forms[0], {"reason": "asked"}


@deed("growth")
def switch_hints_off(world, comes):
    one = comes("bartek")
    return one, one.open(f"{PLACE}/growth/").form(), {"hints": "off"}


@deed("growth")
def forget_the_hints(world, comes):
    coach.show(world.actor("bartek"), world.pair(), code=Pitfall.JUDGING)
    one = comes("bartek")
    return one, one.open(f"{PLACE}/growth/").form(), {"forget": "yes"}


def on_my_message(world, comes, button="", **answers) -> Deed:
    pair = world.pair()
    said = conversations.send(world.actor("ania"), pair.conversation, text="Pierwsze słowa.", client_key="a" * 8)
    one = comes("ania")
    path = f"{PLACE}/talks/{pair.conversation_id}/messages/{said.seq}/"
    return one, one.open(path).form(f"{path}{button}"), answers


@deed("talk_message")
def put_it_in_other_words(world, comes):
    return on_my_message(world, comes, text="Drugie słowa.")


@deed("talk_withdraw")
def take_a_message_back(world, comes):
    return on_my_message(world, comes, "withdraw/")


# -- reports and what is decided --------------------------------------------------------------------------------------


def looked_into(world, by="franek"):
    raised = safety.report(world.actor("ania"), world.bartek, reason="pressure", words="Nie dawał mi spokoju.")
    return rulings.take(world.actor(by), raised)


def decided(world, kind="warning", **fields):
    said = {"reason": "pressure", "words": "Naciski mimo sprzeciwu."}
    return rulings.rule(world.actor("franek"), looked_into(world), kind=kind, **said | fields)


def announced(world):
    return decided(world, "pause", until=clock.house_day() + timedelta(days=20))


def on_the_decision(comes, one, button, **answers) -> Deed:
    bartek = comes("bartek")
    path = f"{PLACE}/decisions/{one.pk}/"
    return bartek, bartek.open(path).form(f"{path}{button}/"), answers


@deed("desk_give_back")
def give_a_report_back(world, comes):
    path = f"reports/{looked_into(world).pk}/"
    return at_the_desk(world, comes, path, f"{path}give-back/", who="franek")


@deed("ruling_make")
def decide_a_warning(world, comes):
    said = {"kind": "warning", "reason": "pressure", "words": "Naciski mimo sprzeciwu."}
    return at_the_desk(world, comes, f"reports/{looked_into(world).pk}/decide/", who="franek", **said)


@deed("ruling_make")
def decide_an_urgent_pause(world, comes):
    until = str(clock.house_day() + timedelta(days=20))
    said = {"kind": "pause", "reason": "threat", "words": "Groźba.", "until": until, "urgent": "on"}
    return at_the_desk(world, comes, f"reports/{looked_into(world).pk}/decide/", who="franek", **said)


@deed("ruling_settle")
def settle_after_the_answer(world, comes):
    one = announced(world)
    rulings.reply(world.actor("bartek"), one, words="Było inaczej.")
    path = f"decisions/{one.pk}/"
    return at_the_desk(world, comes, path, f"{path}settle/", holds="1")


@deed("ruling_lift")
def lift_a_warning(world, comes):
    path = f"decisions/{decided(world).pk}/"
    return at_the_desk(world, comes, path, f"{path}lift/")


@deed("desk_ruling")
def decide_an_appeal(world, comes):
    one = decided(world)
    rulings.appeal(world.actor("bartek"), one, words="Proszę zajrzeć jeszcze raz.")
    return at_the_desk(world, comes, f"decisions/{one.pk}/", outcome="upheld", words="Zostaje.")


@deed("ruling_reply")
def answer_what_is_to_be_decided(world, comes):
    return on_the_decision(comes, announced(world), "reply", words="Było inaczej.")


@deed("ruling_appeal")
def appeal_against_a_warning(world, comes):
    return on_the_decision(comes, decided(world), "appeal", words="Proszę zajrzeć jeszcze raz.")


@deed("report_keeper")
def report_somebody_on_duty(world, comes):
    one = comes("ania")
    said = {"about": world.member("franek").pk, "reason": "unfair", "words": "Nie dał mi dojść do słowa."}
    return one, one.open(f"{PLACE}/reported/duty/").form(), said


@deed("desk_pass_on")
def note_what_reached_somebody(world, comes):
    path = f"people/{world.member('bartek').pk}/report/"
    return at_the_desk(world, comes, path, reason="pressure", words="Opowiedziano mi o tym na korytarzu.")
