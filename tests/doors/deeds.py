"""Every form of the pages, filled in by somebody who has a reason to: for tests of what comes of it when it is sent twice,
with nonsense in it, or to a house that cannot keep it."""

from __future__ import annotations

from datetime import date, timedelta

from nawzajem import chores
from nawzajem.conversations import acts as conversations
from nawzajem.ground import clock, work
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Turn
from nawzajem.minors import acts as minors
from nawzajem.notify import ringing
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import CheckIn, Pair
from nawzajem.pairs.rounds import acts as rounds
from nawzajem.pairs.rounds import chores as round_chores
from nawzajem.pairs.rounds import reads as round_reads
from nawzajem.people import acts as people
from nawzajem.people.models import Device
from nawzajem.programmes import acts as programmes
from nawzajem.rulings import acts as rulings
from nawzajem.safety import acts as safety
from nawzajem.waiting import acts as waiting
from nawzajem.waiting import chores as waiting_chores
from nawzajem.waiting.models import Knock
from tests.cast import HOUSE, PASSPHRASE
from tests.doors import deeds_of_care
from tests.doors.deed import DEEDS, PLACE, Deed, at_the_desk, deed

__all__ = ["DEEDS", "PLACE", "deeds_of_care"]

# -- coming in --------------------------------------------------------------------------------------------------------


@deed("account_signup")
def sign_up(world, comes):
    one = comes("")
    form = one.open("/accounts/signup/").form()
    return one, form, {"username": "Cichy Brzeg", "password1": "niebieski rower i cisza"}


@deed("account_login")
def sign_in(world, comes):
    one = comes("")
    return one, one.open("/accounts/login/").form(), {"login": "Ania", "password": PASSPHRASE}


@deed("account_logout")
def sign_out(world, comes):
    one = comes("ania")
    return one, one.open("/me/").form("/accounts/logout/"), {}


@deed("join")
def join(world, comes):
    one = comes("dawid")
    answers = {"agreed": "on", "age": "35_49", "conditions": ["lives_here"]}
    return one, one.open(f"{PLACE}/join/").form(), answers


@deed("join")
def join_by_a_link(world, comes):
    _made, secret = programmes.invite(world.actor("celina"), world.here, duty="educator")
    one = comes("dawid")
    answers = {"agreed": "on", "age": "35_49", "conditions": ["lives_here"]}
    return one, one.open(f"/come-in/{secret}/").form(f"{PLACE}/join/"), answers


@deed("come_in")
def come_in_by_a_code(world, comes):
    made = programmes.make_code(world.actor("celina"), world.here)
    one = comes("dawid")
    return one, one.open("/come-in/").form(), {"code": made.code}


@deed("claim")
def claim(world, comes):
    one = comes("")
    answers = {"pseudonym": "Cichy Brzeg", "passphrase": "niebieski rower i cisza"}
    return one, one.open(f"/come-in/{prepared(world)}/").form("/claim/"), answers


def prepared(world) -> str:
    keeper = HOUSE.within(world.here.pk)
    [person] = people.prepare(HOUSE, accounts=[{"pseudonym": "Ktoś", "language": "pl"}])
    programmes.expect(keeper, world.here, announced=[(person, {})])
    [secret] = programmes.invite_to_claim(keeper, world.here, people=[person], days=3)
    return secret


@deed("recover")
def recover(world, comes):
    code = people.new_recovery_code(Actor(person=world.ania.pk), world.ania)
    one = comes("")
    answers = {"pseudonym": "Ania", "code": code, "passphrase": "niebieski rower i cisza"}
    return one, one.open("/recover/").form(), answers


@deed("agree")
def agree_to_a_new_text(world, comes):
    programmes.rewrite(world.actor("celina"), world.here, code="confidentiality", words={"pl": "Nowe.", "en": "New."})
    one = comes("ania")
    return one, one.open(f"{PLACE}/home/").form(f"{PLACE}/agree/"), {}


# -- experiences, asks, offers ----------------------------------------------------------------------------------------


@deed("experience_add")
def tell_of_an_experience(world, comes):
    one = comes("bartek")
    answers = {"topic": "lonely", "stage": "been_through", "since": "2023", "words": "Zimą było najgorzej."}
    return one, one.open(f"{PLACE}/experiences/new/").form(), answers


@deed("experience")
def change_an_experience(world, comes):
    told = world.experience("bartek")
    one = comes("bartek")
    return one, one.open(f"{PLACE}/experiences/{told.pk}/").form(), {"since": "2022", "words": "Inaczej."}


@deed("experience_remove")
def take_an_experience_back(world, comes):
    told = world.experience("bartek")
    one = comes("bartek")
    page = one.open(f"{PLACE}/experiences/{told.pk}/")
    return one, page.form(f"{PLACE}/experiences/{told.pk}/remove/"), {}


@deed("ask_write")
def write_an_ask(world, comes):
    one = comes("ania")
    return one, one.open(f"{PLACE}/asks/new/").form(), {"topics": ["grief.partner"], "words": "Nie śpię."}


@deed("ask_change")
def change_an_ask(world, comes):
    ask = world.ask("ania")
    one = comes("ania")
    return one, one.open(f"{PLACE}/asks/{ask.pk}/change/").form(), {"words": "Inaczej."}


def on_the_ask(world, comes, ask, button, **answers) -> Deed:
    one = comes("ania")
    return one, one.open(f"{PLACE}/asks/{ask.pk}/").form(f"{PLACE}/asks/{ask.pk}/{button}/"), answers


@deed("ask_send")
def send_an_ask(world, comes):
    return on_the_ask(world, comes, world.draft("ania"), "send", whoever="0")


@deed("ask_choose")
def choose_somebody(world, comes):
    world.offer("bartek")
    return on_the_ask(world, comes, world.ask("ania"), "choose")


@deed("ask_way")
def let_whoever_be_asked(world, comes):
    return on_the_ask(world, comes, world.ask("ania"), "way")


@deed("ask_confirm")
def still_wait(world, comes):
    return on_the_ask(world, comes, world.ask("ania"), "confirm")


@deed("ask_withdraw")
def take_an_ask_back(world, comes):
    return on_the_ask(world, comes, world.proposal().ask, "withdraw")


@deed("offer_change")
def offer(world, comes):
    world.experience("bartek")
    one = comes("bartek")
    return one, one.open(f"{PLACE}/offer/change/").form(), {"words": "Umiem słuchać."}


@deed("offer_change")
def change_an_offer(world, comes):
    world.offer("bartek")
    one = comes("bartek")
    return one, one.open(f"{PLACE}/offer/change/").form(), {"capacity": "3"}


def on_the_offer(world, comes, button, **answers) -> Deed:
    one = comes("bartek")
    return one, one.open(f"{PLACE}/offer/").form(f"{PLACE}/offer/{button}/"), answers


@deed("offer_rest")
def rest(world, comes):
    world.offer("bartek")
    return on_the_offer(world, comes, "rest")


@deed("offer_resume")
def be_ready_again(world, comes):
    offers.pause(world.actor("bartek"), world.offer("bartek"))
    return on_the_offer(world, comes, "resume")


@deed("offer_retire")
def put_an_offer_away(world, comes):
    world.offer("bartek")
    return on_the_offer(world, comes, "retire")


@deed("here")
def say_that_one_is_here(world, comes):
    world.offer("bartek")
    return on_the_offer(world, comes, "here", hours="2")


# -- somebody now -----------------------------------------------------------------------------------------------------


@deed("now")
def need_somebody_now(world, comes):
    one = comes("ania")
    return one, one.open(f"{PLACE}/now/").form(), {"words": "Nie śpię."}


@deed("ask_now")
def need_somebody_now_after_all(world, comes):
    return on_the_ask(world, comes, world.draft("ania"), "now")


@deed("wait_leave")
def leave_the_waiting_room(world, comes):
    wait = waiting.begin(world.actor("ania"), world.draft("ania"))
    one = comes("ania")
    return one, one.open(f"{PLACE}/now/{wait.pk}/").form(f"{PLACE}/now/{wait.pk}/leave/"), {}


def knocked(world) -> Knock:
    """At Bartek's door, for Ania."""
    world.offer("bartek")
    waiting.begin(world.actor("ania"), world.draft("ania"))
    waiting_chores.go_round(asleep=lambda _people: set())
    return Knock.objects.select_related("wait__ask", "offer").get()


def at_the_door(world, comes, knock, button, **answers) -> Deed:
    one = comes("bartek")
    path = f"{PLACE}/knocks/{knock.pk}/"
    return one, one.open(path).form(f"{path}{button}/"), answers


@deed("knock_answer")
def say_yes_to_a_knock(world, comes):
    return at_the_door(world, comes, knocked(world), "answer", yes="1")


@deed("knock_answer")
def say_not_now(world, comes):
    return at_the_door(world, comes, knocked(world), "answer", yes="0")


@deed("knock_come_in")
def come_in_to_whoever_waits(world, comes):
    knock = waiting.say_yes(world.actor("bartek"), knocked(world))
    return at_the_door(world, comes, knock, "come-in")


def talked_at_once(world) -> Pair:
    knock = waiting.say_yes(world.actor("bartek"), knocked(world))
    return waiting.come_in(world.actor("bartek"), knock)


@deed("talk_end")
def end_a_talk_for_now(world, comes):
    talked_at_once(world)
    return on_the_pair(world, comes, "enough")


@deed("talk_stay")
def stay_in_touch(world, comes):
    pairs.end(world.actor("bartek"), talked_at_once(world), ending="done")
    return on_the_pair(world, comes, "stay", yes="1")


# -- proposals and pairs ----------------------------------------------------------------------------------------------


def on_the_proposal(world, comes, who, yes, **put) -> Deed:
    proposal = world.proposal(**put)
    one = comes(who)
    form = one.open(f"{PLACE}/proposals/{proposal.pk}/").form(f"{PLACE}/proposals/{proposal.pk}/answer/")
    return one, form, {"yes": yes}


@deed("proposal_answer")
def say_the_first_yes(world, comes):
    return on_the_proposal(world, comes, "bartek", "1", origin="coordinator")


@deed("proposal_answer")
def say_the_second_yes(world, comes):
    return on_the_proposal(world, comes, "bartek", "1")


@deed("proposal_answer")
def say_no(world, comes):
    return on_the_proposal(world, comes, "bartek", "0")


def on_the_pair(world, comes, where, **answers) -> Deed:
    pair = Pair.objects.first() or world.pair()
    one = comes("ania")
    path = f"{PLACE}/pairs/{pair.pk}/"
    page = one.open(f"{path}{where}/" if where in {"agreement", "end", "rating", "close-door"} else path)
    return one, page.form(f"{path}{where}/"), answers


@deed("check_in")
def check_in(world, comes):
    pair = world.pair()
    one = comes("ania")
    first = CheckIn.objects.filter(pair=pair)[0]
    return one, one.open(f"{PLACE}/check-ins/{first.pk}/").form(), {"how": "well"}


@deed("agreement")
def suggest_an_agreement(world, comes):
    return on_the_pair(world, comes, "agreement", aim="Przetrwać święta.", rhythm="weekly")


@deed("agreement_agree")
def agree(world, comes):
    pairs.suggest_agreement(world.actor("bartek"), world.pair(), aim="Przetrwać święta.")
    return on_the_pair(world, comes, "agree")


@deed("pair_rest")
def take_a_break(world, comes):
    return on_the_pair(world, comes, "rest")


@deed("pair_go_on")
def go_on_after_a_break(world, comes):
    pairs.rest(world.actor("bartek"), world.pair())
    return on_the_pair(world, comes, "go-on")


@deed("pair_end")
def wish_to_end(world, comes):
    return on_the_pair(world, comes, "end", ending="done")


@deed("pair_end")
def end_at_once(world, comes):
    return on_the_pair(world, comes, "end", at_once="on")


@deed("rating")
def rate(world, comes):
    pairs.end(world.actor("bartek"), world.pair(), at_once=True)
    return on_the_pair(world, comes, "rating", understood="4")


@deed("close_door")
def close_the_door(world, comes):
    return on_the_pair(world, comes, "close-door")


@deed("talk_messages")
def write(world, comes):
    pair = world.pair()
    one = comes("ania")
    path = f"{PLACE}/talks/{pair.conversation_id}/messages/"
    return one, one.open(f"{PLACE}/pairs/{pair.pk}/").form(path), {"text": "Dobry wieczór."}


@deed("talk_voice")
def may_be_rung(world, comes):
    pair = world.pair()
    one = comes("ania")
    return (
        one,
        one.open(f"{PLACE}/pairs/{pair.pk}/").form(f"{PLACE}/talks/{pair.conversation_id}/voice/"),
        {"rung": "yes"},
    )


@deed("report")
def report(world, comes):
    return on_a_message(world, comes, words="To mnie zabolało.")


@deed("report")
def report_and_close_the_door(world, comes):
    return on_a_message(world, comes, words="To mnie zabolało.", block="on")


def on_a_message(world, comes, **answers) -> Deed:
    pair = world.pair()
    said = conversations.send(world.actor("bartek"), pair.conversation, text="Głupstwo.", client_key="a" * 8)
    one = comes("ania")
    path = f"{PLACE}/talks/{pair.conversation_id}/messages/{said.seq}/report/"
    return one, one.open(path).form(), {"reason": "other"} | answers


# -- me ---------------------------------------------------------------------------------------------------------------


@deed("place")
def change_my_place(world, comes):
    one = comes("ania")
    return one, one.open(f"{PLACE}/me/").form(), {"called": "Jesienna Mgła"}


@deed("new_code")
def another_code(world, comes):
    one = comes("ania")
    return one, one.open(f"{PLACE}/me/").form(f"{PLACE}/me/code/"), {}


@deed("leave")
def leave(world, comes):
    one = comes("ania")
    return one, one.open(f"{PLACE}/leave/").form(), {}


@deed("settings")
def settings_of_language(world, comes):
    one = comes("ania")
    return one, one.open("/me/settings/language/").form(), {"language": "en", "speaks": ["en", "pl"]}


@deed("settings")
def settings_of_comfort(world, comes):
    one = comes("ania")
    return one, one.open("/me/settings/comfort/").form(), {"theme": "dark"}


ADDRESS = "https://updates.push.services.mozilla.com/wpush/v2/gAAAA"


@deed("bell_hang")
def let_this_device_ring(world, comes):
    ringing.begin()
    one = comes("ania")
    return one, one.open("/me/letters/").form("/me/letters/bells/"), {"address": ADDRESS}


@deed("bell_down")
def let_it_ring_no_more(world, comes):
    ringing.begin()
    one = comes("ania")
    page = one.send(one.open("/me/letters/").form("/me/letters/bells/"), address=ADDRESS)
    return one, page.form(f"/me/letters/bells/{world.ania.bells.get().pk}/down/"), {}


@deed("letters")
def choose_letters(world, comes):
    one = comes("ania")
    return one, one.open("/me/letters/").form(), {"kinds": ["message"]}


@deed("tokens")
def make_a_token(world, comes):
    one = comes("ania")
    return one, one.open("/me/tokens/").form(), {"name": "mój program", "scopes": ["read"]}


@deed("token_drop")
def drop_a_token(world, comes):
    token, _secret = people.make_token(world.actor("ania"), world.ania, name="x", scopes=["read"], expires_on=None)
    one = comes("ania")
    return one, one.open("/me/tokens/").form(f"/me/tokens/{token.pk}/drop/"), {}


@deed("recovery_code_new")
def a_new_recovery_code(world, comes):
    one = comes("ania")
    return one, one.open("/me/recovery/").form("/me/recovery/new/"), {}


@deed("erase")
def erase(world, comes):
    one = comes("ania")
    asked = one.open("/me/erase/").form("/accounts/reauthenticate/")
    page = one.send(asked, password=PASSPHRASE)
    return one, page.form("/me/erase/"), {"pseudonym": "Ania", "messages": "erase"}


# -- the desk ---------------------------------------------------------------------------------------------------------


@deed("desk_propose")
def propose_by_hand(world, comes):
    world.offer("bartek")
    ask = world.ask("ania")
    return at_the_desk(world, comes, f"asks/{ask.pk}/", f"asks/{ask.pk}/propose/")


@deed("round_new")
def make_a_round(world, comes):
    world.ask("ania")
    return at_the_desk(world, comes, "rounds/new/", strategy="quick")


def on_a_round(world, comes, button, n=0, page="", **answers) -> Deed:
    """Ania's ask with Bartek, worked out and not sent."""
    if not Offer.objects.exists():
        world.offer("bartek")
    ask, celina = world.ask("ania"), world.actor("celina")
    made = rounds.make(celina, world.here, asks=round_reads.chosen(celina), strategy="quick")
    round_chores.work()
    path = f"rounds/{made.pk}/"
    one = comes("celina")
    form = one.open(f"{PLACE}/desk/{path}{page.format(ask=ask.pk)}").form(
        f"{PLACE}/desk/{path}{button.format(ask=ask.pk)}", n
    )
    return one, form, answers


@deed("round_send")
def send_a_round(world, comes):
    return on_a_round(world, comes, "send/")


@deed("round_solve")
def work_a_round_out_once_more(world, comes):
    return on_a_round(world, comes, "solve/")


@deed("round_cancel")
def put_a_round_away(world, comes):
    return on_a_round(world, comes, "cancel/")


@deed("round_decide")
def keep_two_together(world, comes):
    return on_a_round(world, comes, "asks/{ask}/decide/", what="lock")


@deed("round_decide")
def rule_a_pair_out(world, comes):
    return on_a_round(world, comes, "asks/{ask}/decide/", what="forbid")


@deed("round_decide")
def leave_an_ask_out(world, comes):
    return on_a_round(world, comes, "asks/{ask}/decide/", n=1, page="asks/{ask}/", what="leave_out")


def on_bartek(world, comes, button, **answers) -> Deed:
    pk = world.member("bartek").pk
    return at_the_desk(world, comes, f"people/{pk}/", f"people/{pk}/{button}/", **answers)


@deed("desk_give_duty")
def give_a_duty(world, comes):
    return on_bartek(world, comes, "duty", kind="educator")


@deed("desk_lay_down")
def take_a_duty_back(world, comes):
    given = programmes.give_duty(world.actor("celina"), world.member("bartek"), kind="educator")
    return at_the_desk(world, comes, f"people/{world.member('bartek').pk}/", f"duties/{given.pk}/lay-down/")


@deed("desk_pause")
def pause_somebody(world, comes):
    return on_bartek(world, comes, "pause")


@deed("desk_pause")
def end_a_pause(world, comes):
    programmes.pause(world.actor("celina"), world.member("bartek"))
    return on_bartek(world, comes, "pause", end="1")


@deed("desk_pause_offer")
def let_an_offer_rest(world, comes):
    world.offer("bartek")
    return on_bartek(world, comes, "pause-offer")


@deed("invitations")
def invite_one(world, comes):
    return at_the_desk(world, comes, "invitations/", days="3")


@deed("invitations")
def invite_many(world, comes):
    return at_the_desk(world, comes, "invitations/", many="1")


@deed("invitation_withdraw")
def withdraw_an_invitation(world, comes):
    made, _secret = programmes.invite(world.actor("celina"), world.here)
    return at_the_desk(world, comes, "invitations/", f"invitations/{made.pk}/withdraw/")


@deed("choices_some")
def choose_options(world, comes):
    return at_the_desk(world, comes, "choices/asking/", open_asks="4", forms=["text", "call"])


PHRASE = {"language": "pl", "words": "znowu piwnica", "tier": "high", "kind": "abuse"}


@deed("phrases")
def add_words_of_ones_own(world, comes):
    return at_the_desk(world, comes, "words/", **PHRASE)


@deed("phrase_drop")
def take_a_word_away(world, comes):
    programmes.add_phrase(world.actor("celina"), world.here, **PHRASE)
    return at_the_desk(world, comes, "words/", "words/drop/")


@deed("choices_text")
def rewrite_a_text(world, comes):
    return at_the_desk(world, comes, "texts/rules/", pl="Bądźmy dla siebie dobrzy.", en="Let us be good to each other.")


@deed("desk_units")
def add_a_unit(world, comes):
    return at_the_desk(world, comes, "invitations/", "units/", name="Oddział 3")


@deed("desk_calm")
def end_a_surge(world, comes):
    waiting.begin_surge(HOUSE.within(world.here.pk), world.here, asks=9, usual=1.5)
    return at_the_desk(world, comes, "now/", "now/calm/")


@deed("desk_take_report")
def look_into_a_report(world, comes):
    raised = safety.report(world.actor("ania"), world.bartek, reason="other")
    path = f"reports/{raised.pk}/"
    return at_the_desk(world, comes, path, f"{path}take/", who="franek")


@deed("desk_report")
def close_a_report(world, comes):
    raised = safety.report(world.actor("ania"), world.bartek, reason="other")
    rulings.take(world.actor("franek"), raised)
    return at_the_desk(world, comes, f"reports/{raised.pk}/", who="franek", outcome="talked")


# -- minors -----------------------------------------------------------------------------------------------------------


@deed("desk_protection")
def record_a_check(world, comes):
    path = f"people/{world.member('bartek').pk}/protection/"
    return at_the_desk(world, comes, path, kind="register", result="clear", done_on="2026-01-15")


@deed("desk_consent")
def record_a_paper(world, comes):
    world.add("kasia", age="16_17")
    path = f"people/{world.member('kasia').pk}/"
    signed = {"name": "Maria Kowalska", "relation": "parent", "given_on": "2026-01-15"}
    return at_the_desk(world, comes, f"{path}protection/", f"{path}consent/", **signed)


@deed("desk_consent_end")
def end_a_consent(world, comes):
    world.add("kasia", age="16_17")
    signed = {"name": "Maria Kowalska", "relation": "parent", "given_on": date(2026, 1, 15)}
    minors.record_paper(world.actor("celina"), world.member("kasia"), **signed)
    path = f"people/{world.member('kasia').pk}/"
    return at_the_desk(world, comes, f"{path}protection/", f"{path}consent/end/")


@deed("desk_standard")
def fill_in_a_standard(world, comes):
    return at_the_desk(world, comes, "minors/standards/internet/", words="Nasz regulamin.", done_on="2026-01-15")


# -- what runs by itself ----------------------------------------------------------------------------------------------


@deed("running")
def try_what_failed_again(world, comes):
    chore = chores.CHORES[0].name
    Turn.objects.create(name=chore, due_at=clock.now() + timedelta(hours=1), failures=2)
    one = comes("")
    return one, one.open(f"/running/{work.key()}/").form(), {"name": chore}


# -- devices ----------------------------------------------------------------------------------------------------------


@deed("devices")
def sign_out_elsewhere(world, comes):
    comes("ania").open("/me/")  # on another device
    one = comes("ania")
    one.open("/me/")
    return one, one.open("/me/devices/").form(), {}


@deed("device_end")
def sign_out_on_one_device(world, comes):
    comes("ania").open("/me/")
    other = Device.objects.get().pk
    one = comes("ania")
    one.open("/me/")
    return one, one.open("/me/devices/").form(f"/me/devices/{other}/end/"), {}
