"""The door for programs: every operation once as it should go, once by a stranger, once without its scope."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from nawzajem.conversations import acts as conversations
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.models import Event
from nawzajem.offers import acts as offers
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import CheckIn, Pair
from nawzajem.pairs.rounds import acts as rounds
from nawzajem.pairs.rounds import chores as round_chores
from nawzajem.pairs.rounds import reads as round_reads
from nawzajem.people import acts as people
from nawzajem.programmes import acts as programmes
from nawzajem.rulings import acts as rulings
from nawzajem.safety import acts as safety
from nawzajem.safety.concerns import acts as concerns
from nawzajem.safety.concerns import chores as concern_chores
from nawzajem.safety.models import Report
from nawzajem.waiting import acts as waiting
from tests.conftest import undone
from tests.doors.deeds import knocked, talked_at_once
from tests.doors.openapi import problems

pytestmark = pytest.mark.django_db

SCOPES = ["read", "write", "talk", "coordinate"]
HERE = "/api/v1/p/here"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


@pytest.fixture
def call(world, client) -> Callable[..., Any]:
    """`call("ania", "GET", "/me")`: as a program of hers would. The answer has `.data`."""

    def send(name: str, method: str, path: str, body: Any = None, *, scopes: list[str] | None = None) -> Any:
        _token, secret = people.make_token(
            Actor(person=world.people[name].pk),
            world.people[name],
            name="test",
            scopes=SCOPES if scopes is None else scopes,
            expires_on=None,
        )
        answer = client.generic(
            method,
            path if path.startswith("/api/") else f"/api/v1{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )
        answer.data = (
            json.loads(answer.content)
            if answer["Content-Type"].startswith("application/json") and answer.content
            else None
        )
        return answer

    return send


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return json.loads(Client().get("/api/v1/openapi.json").content)


# -- every operation --------------------------------------------------------------------------------------------------

CASES: dict[str, Callable[[Any], tuple[Any, ...]]] = {}


def case(operation: str) -> Callable[[Any], Any]:
    """Prepares the world for an operation; returns who calls, with which parts of the address and which body."""

    def kept(prepare: Any) -> Any:
        CASES[operation] = prepare
        return prepare

    return kept


def simply(who: str = "ania", body: Any = None, query: str = "", **parts: str) -> Callable[[Any], tuple[Any, ...]]:
    return lambda world: (who, parts, body, query)


for _operation in (
    "people_me", "people_my_programmes", "people_my_tokens", "people_my_blocks", "notify_letters", "rights_my_data",
    "rights_download", "rights_leave", "programmes_programme", "programmes_texts", "programmes_place", "programmes_new_code",
    "experiences_experiences", "asks_asks", "offers_balance", "pairs_proposals", "pairs_pairs", "pairs_check_ins",
    "conversations_conversations", "coach_growth",
):  # fmt: skip
    CASES[_operation] = simply()
CASES |= {
    "notify_choose_letters": simply(body={"kinds": ["message"], "quiet_from": 22}),
    "programmes_topics": simply(query="?q=zaloba"),
    "programmes_been_there": simply(query="?topics=grief"),
    "programmes_agree": simply(body={"version": 1}),
    "programmes_change_place": simply(body={"called": "Anka"}),
    "experiences_tell": simply(body={"topic": "grief.partner", "stage": "been_through", "words": "Było ciężko."}),
    "asks_draft": simply(body={"topics": ["grief.partner"], "words": "Pomocy", "hours": "evenings"}),
    "waiting_begin": simply(body={"words": "Nie śpię."}),
    "waiting_room": simply("celina"),
    "waiting_calm": simply("celina"),
    "desk_desk": simply("celina"),
    "desk_members": simply("celina", query="?called=ani"),
    "desk_invitations": simply("celina"),
    "desk_invite": simply("celina", body={"days": 3}),
    "safety_waiting_reports": simply("franek"),
    "concerns_concerns": simply("franek"),
    "minors_desk": simply("celina"),
    "minors_fill_in": simply("celina", item="contact", body={"words": "Pokój 12.", "done_on": "2026-01-05"}),
    "safety_my_reports": simply("ania"),
    "reports_figures": simply("celina"),
    "reports_table": simply("celina", what="asks", form="xlsx"),
}


@case("experiences_experience")
@case("experiences_remove")
def _one_experience(world):
    return "ania", {"experience": world.experience("ania").pk}


@case("experiences_change")
def _changed_experience(world):
    return "ania", {"experience": world.experience("ania", words="Stare").pk}, {"see_words": "members"}


@case("asks_ask")
@case("asks_suggestions")
@case("asks_confirm")
@case("asks_withdraw")
def _open_ask(world):
    world.offer("bartek", words="Jestem")
    return "ania", {"ask": world.ask("ania").pk}


@case("asks_change")
def _changed_ask(world):
    return "ania", {"ask": world.ask("ania", words="Stare").pk}, {"stage": "been_through"}


@case("asks_send")
def _sent_ask(world):
    return "ania", {"ask": world.draft("ania").pk}, {"whoever": False}


@case("asks_way")
def _other_way(world):
    return "ania", {"ask": world.ask("ania").pk}, {"whoever": True}


@case("asks_choose")
def _chosen(world):
    return "ania", {"ask": world.ask("ania").pk}, {"offer": world.offer("bartek").pk}


@case("offers_offer")
@case("offers_retire")
def _offer(world):
    world.offer("bartek")
    return "bartek", {}


@case("offers_offer_oneself")
def _new_offer(world):
    return "bartek", {}, {"experiences": [world.experience("bartek").pk], "capacity": 2}


@case("offers_change")
def _changed_offer(world):
    world.offer("bartek", words="Stare")
    return "bartek", {}, {"capacity": 3}


@case("offers_rest")
def _rest(world):
    world.offer("bartek")
    return "bartek", {}, {}


@case("offers_resume")
def _back(world):
    offers.pause(world.actor("bartek"), world.offer("bartek"))
    return "bartek", {}


@case("waiting_begin_with")
def _needed_now(world):
    return "ania", {"ask": world.draft("ania").pk}


@case("waiting_my_wait")
def _in_the_waiting_room(world):
    knocked(world)
    return "ania", {}


@case("waiting_wait")
@case("waiting_leave")
def _one_wait(world):
    return "ania", {"wait": knocked(world).wait_id}


@case("waiting_knocks")
def _knocks(world):
    knocked(world)
    return "bartek", {}


@case("waiting_answer")
def _knock_answered(world):
    return "bartek", {"knock": knocked(world).pk}, {"yes": True}


@case("waiting_come_in")
def _came_in(world):
    return "bartek", {"knock": waiting.say_yes(world.actor("bartek"), knocked(world)).pk}


@case("waiting_be_here")
def _here(world):
    world.offer("bartek")
    return "bartek", {}, {"hours": 2}


@case("waiting_stay")
def _stayed(world):
    pair = talked_at_once(world)
    pairs.end(world.actor("ania"), pair, ending="done")
    return "ania", {"pair": pair.pk}, {"yes": True}


@case("pairs_proposal")
def _proposal(world):
    return "bartek", {"proposal": world.proposal().pk}


@case("pairs_answer")
def _answered(world):
    return "bartek", {"proposal": world.proposal().pk}, {"yes": True}


def paired(world) -> Pair:
    pair = world.pair()
    conversations.send(world.actor("bartek"), pair.conversation, text="Dzień dobry", client_key="00000001")
    pair.conversation.refresh_from_db()
    return pair


@case("pairs_pair")
@case("pairs_rest")
@case("pairs_close_door")
def _pair(world):
    return "ania", {"pair": paired(world).pk}


@case("pairs_suggest_agreement")
def _suggested(world):
    return "ania", {"pair": paired(world).pk}, {"aim": "Przetrwać święta", "rhythm": "weekly"}


@case("pairs_agree")
def _agreed(world):
    pair = pairs.suggest_agreement(world.actor("bartek"), paired(world), aim="Przetrwać święta")
    return "ania", {"pair": pair.pk}, {"version": pair.agreement_version}


@case("pairs_go_on")
def _going_on(world):
    return "ania", {"pair": pairs.rest(world.actor("ania"), paired(world)).pk}


@case("pairs_end")
def _ended(world):
    return "ania", {"pair": paired(world).pk}, {"ending": "done"}


@case("pairs_rate")
def _rated(world):
    pair = pairs.end(world.actor("ania"), paired(world))
    return "ania", {"pair": pair.pk}, {"understood": 5, "again": True}


@case("pairs_check_in")
def _checked_in(world):
    pair = paired(world)
    return "ania", {"checkin": CheckIn.objects.filter(pair=pair).first().pk}, {"how": "well"}


@case("conversations_messages")
def _messages(world):
    return "ania", {"conversation": paired(world).conversation_id}


@case("conversations_send")
def _sent(world):
    return "ania", {"conversation": paired(world).conversation_id}, {"text": "Cześć", "client_key": "abcdefgh"}


def said(world, text="Cześć") -> dict[str, str]:
    talk = paired(world).conversation
    return {
        "conversation": talk.pk,
        "seq": conversations.send(world.actor("ania"), talk, text=text, client_key="k" * 8).seq,
    }


@case("conversations_edit")
def _edited(world):
    return "ania", said(world), {"text": "Dzień dobry"}


@case("conversations_withdraw")
def _withdrawn(world):
    return "ania", said(world)


@case("conversations_read_to")
def _read(world):
    return "ania", {"conversation": paired(world).conversation_id}, {"seq": 1}


@case("safety_report")
def _report(world):
    return "ania", {"conversation": paired(world).conversation_id, "seq": "1"}, {"reason": "pressure", "words": "Nie"}


@case("desk_suggestions")
def _desk_suggestions(world):
    world.offer("bartek")
    return "celina", {"ask": world.ask("ania").pk}


@case("desk_propose")
def _desk_propose(world):
    return "celina", {"ask": world.ask("ania").pk}, {"offer": world.offer("bartek").pk}


def a_round(world):
    """Ania's ask with Bartek, worked out and not sent."""
    world.offer("bartek")
    world.ask("ania")
    celina = world.actor("celina")
    made = rounds.make(celina, world.here, asks=round_reads.chosen(celina), strategy="quick")
    round_chores.work()
    return round_reads.a_round(celina, made.pk)


@case("rounds_one")
@case("rounds_lines")
@case("rounds_solve")
@case("rounds_cancel")
def _round(world):
    return "celina", {"round": a_round(world).pk}


@case("rounds_rounds")
def _rounds(world):
    a_round(world)
    return "celina", {}


@case("rounds_make")
def _made_round(world):
    world.ask("ania")
    return "celina", {}, {"strategy": "quick", "topics": ["grief"], "days": 0}


@case("rounds_send")
def _sent_round(world):
    of = a_round(world)
    return "celina", {"round": of.pk}, {"digest": of.digest}


@case("rounds_others")
def _others(world):
    of = a_round(world)
    return "celina", {"round": of.pk, "ask": of.lines.get().ask_id}


@case("rounds_decide")
def _decided(world):
    of = a_round(world)
    line = of.lines.get()
    return "celina", {"round": of.pk, "ask": line.ask_id}, {"what": "forbid", "offer": line.offer_id}


@case("desk_pause")
def _desk_pause(world):
    return "celina", {"member": world.member("ania").pk}, {}


@case("desk_resume")
def _desk_resume(world):
    programmes.pause(world.actor("celina"), world.member("ania"))
    return "celina", {"member": world.member("ania").pk}


@case("desk_pause_offer")
def _desk_pause_offer(world):
    world.offer("bartek")
    return "celina", {"member": world.member("bartek").pk}


@case("desk_give_duty")
def _desk_give_duty(world):
    return "celina", {"member": world.member("ania").pk}, {"kind": "educator"}


@case("desk_lay_down")
def _desk_lay_down(world):
    return "celina", {"member": world.member("franek").pk, "kind": "duty_officer"}


@case("desk_withdraw_invitation")
def _desk_withdraw(world):
    made, _secret = programmes.invite(world.actor("celina"), world.here)
    return "celina", {"invitation": made.pk}


def reported(world) -> Report:
    return safety.report(world.actor("ania"), world.bartek, reason="pressure", words="Nie")


def concern_about_ania(world):
    return concerns.raise_concern(CHORE.within(world.here.pk), world.ania, origin="screening", tier=3, talk="talk")


@case("concerns_concern")
@case("concerns_take")
def _a_concern(world):
    return "franek", {"concern": concern_about_ania(world).pk}


@case("concerns_pass_on")
def _called_to_a_concern(world):
    one = concern_about_ania(world)
    concern_chores.call()
    return "franek", {"concern": one.pk}


@case("concerns_note")
def _a_step(world):
    taken = concerns.take(world.actor("franek"), concern_about_ania(world))
    return "franek", {"concern": taken.pk}, {"what": "wrote", "words": "Odpisała."}


@case("concerns_screen")
def _answers_by_number(world):
    taken = concerns.take(world.actor("franek"), concern_about_ania(world))
    answers = {f"q{number}": "yes" for number in range(1, 7)}
    return "franek", {"concern": taken.pk}, answers | {"lately": "no"}


@case("concerns_close")
def _the_end_of_a_concern(world):
    taken = concerns.take(world.actor("franek"), concern_about_ania(world))
    concerns.note(world.actor("franek"), taken, what="wrote")
    return "franek", {"concern": taken.pk}, {"outcome": "safe"}


@case("minors_record_check")
def _a_check(world):
    check = {"kind": "record", "result": "clear", "done_on": "2026-01-05"}
    return "celina", {"member": world.member("bartek").pk}, check


@case("safety_take_report")
def _desk_take(world):
    return "celina", {"report": reported(world).pk}


@case("safety_close_report")
def _desk_close(world):
    return "franek", {"report": rulings.take(world.actor("franek"), reported(world)).pk}, {"outcome": "talked"}


def operations(described: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    return {
        one["operationId"]: (method.upper(), path, one)
        for path, methods in described["paths"].items()
        for method, one in methods.items()
    }


@pytest.fixture(scope="module")
def asked(stage, described, request) -> Iterator[tuple[str, str, str, Any, dict[str, Any]]]:
    """Who asks what. The world is made ready for an operation once; each test of it is a trial that is taken back."""
    with undone():
        who, parts, body, query = (*CASES[request.param](stage), None, "")[:4]
        method, path, one = operations(described)[request.param]
        yield who, method, path.format(programme="here", **parts) + (query or ""), body, one


def of(operations: Iterable[str]) -> Any:
    return pytest.mark.parametrize("asked", sorted(operations), indirect=True)


def test_every_operation_has_its_case(described):
    assert set(operations(described)) == set(CASES)


@of(CASES)
def test_it_answers_as_its_description_says(described, call, asked):
    who, method, path, body, one = asked
    answer = call(who, method, path, body, scopes=one["security"][0]["Bearer"])
    [good] = [status for status in one["responses"] if status.startswith("2")]
    assert answer.status_code == int(good), answer.content
    schema = one["responses"][good].get("content", {}).get("application/json", {}).get("schema")
    if schema:
        assert problems(schema, answer.data, described) == []
    assert answer["Cache-Control"] == "no-store"


@of(CASES)
def test_without_a_token_it_stays_closed(described, client, asked):
    _who, method, path, _body, one = asked
    answer = client.generic(method, path)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert problems(one["responses"]["401"]["content"]["application/json"]["schema"], answer.json(), described) == []


@of(CASES)
def test_without_its_scope_it_is_refused(call, asked):
    who, method, path, body, one = asked
    needed = one["security"][0]["Bearer"]
    before = Event.objects.count()
    for missing in needed:
        answer = call(who, method, path, body, scopes=[scope for scope in SCOPES if scope != missing])
        assert (answer.status_code, answer.data["code"]) == (403, "scope")
    assert set(Event.objects.order_by("id")[before:].values_list("kind", flat=True)) <= {"token.made"}


@of(CASES)
def test_for_a_stranger_there_is_nothing(call, asked):
    _who, method, path, body, _one = asked
    answer = call("dawid", method, path, body)
    if "/p/here" in path:
        assert (answer.status_code, answer.data["code"]) == (404, "not_found")


LOOKING_INTO_IT = {
    "safety_waiting_reports", "safety_take_report", "safety_close_report", "waiting_room", "waiting_calm",
}  # fmt: skip
DESK = [
    one
    for one in CASES
    if one.startswith(("desk_", "rounds_", "reports_", "concerns_", "minors_")) or one in LOOKING_INTO_IT
]


@of(DESK)
def test_the_desk_is_not_there_for_others(call, asked):
    _who, method, path, body, _one = asked
    assert call("bartek", method, path, body).status_code == 404


@of(
    one
    for one in CASES
    if one.startswith(("asks_", "pairs_", "conversations_", "experiences_", "safety_", "waiting_")) and one not in DESK
)
def test_what_belongs_to_one_is_not_there_for_another(call, asked):
    _who, method, path, body, _one = asked
    if path.count("/") > 5:  # something of somebody's
        assert call("franek", method, path, body).status_code == 404


@of(CASES)
def test_half_a_character_breaks_nothing(call, asked):
    """JSON can carry what no alphabet and no database knows."""
    who, method, path, _body, one = asked
    body = one.get("requestBody", {"content": {"application/json": {"schema": {"properties": {}}}}})
    taken = body["content"]["application/json"]["schema"]["properties"]
    for strange in ("\ud800", ["\udfff"], {"a": "\ud800"}, 10**400)[: len(taken) * 4 or 1]:
        with undone():
            answer = call(who, method, path, dict.fromkeys(taken, strange))
        assert answer.status_code < 500, (strange, answer.content)
