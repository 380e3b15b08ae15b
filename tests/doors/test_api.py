"""The door for programs: every operation once as it should go, once by a stranger, once without its scope."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from nawzajem.api.tokens import Rate
from nawzajem.asks.models import Ask
from nawzajem.conversations import acts as conversations
from nawzajem.experiences.models import Experience
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.models import Event
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import CheckIn, Pair, Proposal, Rating
from nawzajem.people import acts as people
from nawzajem.people.models import Token
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Invitation, Member, Text
from nawzajem.safety import acts as safety
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
    "conversations_conversations",
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


@case("safety_take_report")
def _desk_take(world):
    return "celina", {"report": reported(world).pk}


@case("safety_close_report")
def _desk_close(world):
    return "franek", {"report": safety.take(world.actor("franek"), reported(world)).pk}, {"outcome": "talked"}


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
DESK = [one for one in CASES if one.startswith(("desk_", "reports_")) or one in LOOKING_INTO_IT]


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


# -- tokens -----------------------------------------------------------------------------------------------------------


def test_a_session_opens_nothing(world, enter):
    assert enter("ania").get("/api/v1/me").status_code == 401


def test_a_wrong_or_dropped_token_opens_nothing(world, client, call):
    assert client.get("/api/v1/me", headers={"Authorization": "Bearer nz_wrong"}).status_code == 401
    call("ania", "GET", "/me")
    token, secret = people.make_token(
        Actor(person=world.ania.pk), world.ania, name="x", scopes=["read"], expires_on=None
    )
    people.drop_token(Actor(person=world.ania.pk), token)
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_a_token_ends_on_its_day(world, client, clock):
    day = clock().date() + timedelta(days=2)
    _token, secret = people.make_token(
        Actor(person=world.ania.pk), world.ania, name="x", scopes=["read"], expires_on=day
    )
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    clock(days=4)
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_its_owner_sees_on_which_day_it_was_used(world, call, clock):
    call("ania", "GET", "/me")
    token = Token.objects.get()
    world.ania.refresh_from_db()
    assert token.used_on is not None
    assert token.used_on == world.ania.seen_on


def test_too_many_requests_are_asked_to_wait(world, client, described, monkeypatch):
    monkeypatch.setattr(Rate, "most", 3)
    _token, secret = people.make_token(
        Actor(person=world.ania.pk), world.ania, name="x", scopes=["read"], expires_on=None
    )
    bearer = {"Authorization": f"Bearer {secret}"}
    statuses = [client.get("/api/v1/me", headers=bearer).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    answer = client.get("/api/v1/me", headers=bearer)
    assert answer.json()["code"] == "too_many"
    assert 0 < int(answer["Retry-After"]) <= 300


def test_one_token_does_not_use_up_anothers_turns(world, call, monkeypatch):
    monkeypatch.setattr(Rate, "most", 1)
    assert [call(name, "GET", "/me").status_code for name in ("ania", "bartek", "ania")] == [200, 200, 200]


def test_duties_rest_without_a_second_factor_where_the_programme_asks_for_one(world, call):
    programmes.choose(CHORE.within(world.here.pk), world.here, duties_need_second_factor=True)
    answer = call("celina", "GET", f"{HERE}/desk")
    assert (answer.status_code, answer.data["code"]) == (403, "second_factor")


def test_events_say_that_it_came_by_the_api(world, call):
    call("ania", "POST", f"{HERE}/asks", {"topics": ["lonely"]})
    event = Event.objects.get(kind="ask.drafted")
    assert (event.via, event.by) == ("api", world.ania.pk)


# -- how a no looks ---------------------------------------------------------------------------------------------------


def test_what_a_form_refuses_comes_back_by_field(world, call, described):
    answer = call("ania", "POST", f"{HERE}/asks", {"topics": ["nothing.such"], "stage": "nowhere"})
    assert answer.status_code == 422
    assert answer.data["code"] == "invalid"
    assert set(answer.data["fields"]) == {"topics", "stage"}


def test_a_field_that_is_not_there_is_told(world, call):
    answer = call("ania", "POST", f"{HERE}/asks", {"topics": ["lonely"], "topic": "lonely"})
    assert set(answer.data["fields"]) == {"topic"}


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "1"])
def test_a_body_that_is_no_object_is_refused(world, client, body):
    _token, secret = people.make_token(
        Actor(person=world.ania.pk), world.ania, name="x", scopes=SCOPES, expires_on=None
    )
    answer = client.generic("POST", f"{HERE}/asks", body, headers={"Authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("value", [["a", "b"], {"a": 1}, None, 5, True])
def test_strange_values_never_break_it(world, call, value):
    body = {
        "topics": ["lonely"],
        "words": value,
        "hours": value,
        "stage": value,
        "forms": value,
        "wish_gender_must": value,
    }
    answer = call("ania", "POST", f"{HERE}/asks", body)
    assert answer.status_code in {201, 422}


def test_something_stale_is_409_and_something_over_410(world, call):
    offer = world.offer("bartek", capacity=1)
    ask = world.ask("ania")
    pairs.put(world.actor("celina"), world.ask("celina"), offer, origin="chosen")
    assert call("ania", "POST", f"{HERE}/asks/{ask.pk}/choose", {"offer": offer.pk}).status_code == 409
    pairs.take_back(world.actor("ania"), ask)
    assert call("ania", "POST", f"{HERE}/asks/{ask.pk}/confirm").status_code == 410


def test_a_wrong_question_in_the_address_is_422(world, call):
    pair = paired(world)
    answer = call("ania", "GET", f"{HERE}/conversations/{pair.conversation_id}/messages?after=x")
    assert (answer.status_code, list(answer.data["fields"])) == (422, ["after"])


def test_the_sentence_is_in_the_persons_language(world, call):
    world.ania.language = "en"
    world.ania.save()
    answer = call("ania", "GET", f"{HERE}/asks/nothing")
    assert answer.data["sentence"] == "There is nothing here, or it is not open to you."


def test_a_mistake_of_ours_is_told_with_a_number_and_without_words(world, call, monkeypatch, caplog):
    from nawzajem.api import asks

    def breaks(*_args, **_words):
        raise RuntimeError(WRITTEN)

    monkeypatch.setattr(asks.acts, "draft", breaks)
    answer = call("ania", "POST", f"{HERE}/asks", {"topics": ["lonely"]})
    assert (answer.status_code, answer.data["code"]) == (500, "broken")
    assert WRITTEN not in caplog.text + answer.content.decode()
    assert answer.data["sentence"].split("(")[1].rstrip(")") in caplog.text


WRITTEN = "co ktoś napisał"


def test_before_agreeing_to_a_new_text_one_can_read_it_agree_and_leave(world, call):
    programmes.rewrite(world.actor("celina"), world.here, code=Text.Code.CONFIDENTIALITY, words={"pl": "Nowe"})
    answer = call("ania", "GET", f"{HERE}/asks")
    assert (answer.status_code, answer.data["code"]) == (403, "must_agree")
    assert call("ania", "GET", "/me/programmes").data[0]["must_agree"] is True
    texts = {one["code"]: one["version"] for one in call("ania", "GET", f"{HERE}/texts").data}
    assert call("ania", "POST", f"{HERE}/agree", {"version": 1}).status_code == 409
    assert call("ania", "POST", f"{HERE}/agree", {"version": texts["confidentiality"]}).status_code == 200
    assert call("ania", "GET", f"{HERE}/asks").status_code == 200


# -- as on the pages --------------------------------------------------------------------------------------------------


def test_a_program_can_go_all_the_way_from_asking_to_talking(world, call):
    world.offer("bartek")
    ask = call("ania", "POST", f"{HERE}/asks", {"topics": ["grief.partner"], "words": "Tęsknię."}).data
    assert (
        call("ania", "POST", f"{HERE}/asks/{ask['id']}/send", {"whoever": False}).data["standing"]["code"] == "choosing"
    )
    [who] = call("ania", "GET", f"{HERE}/asks/{ask['id']}/suggestions").data["suggestions"]
    assert who["reasons"]
    call("ania", "POST", f"{HERE}/asks/{ask['id']}/choose", {"offer": who["offer"]})
    [put] = call("bartek", "GET", f"{HERE}/proposals").data
    assert (put["words"], put["who"]) == ("Tęsknię.", None)
    pair = call("bartek", "POST", f"{HERE}/proposals/{put['id']}/answer", {"yes": True}).data["pair"]
    talk = call("ania", "GET", f"{HERE}/pairs/{pair}").data["conversation"]
    call("bartek", "POST", f"{HERE}/conversations/{talk}/messages", {"text": "Jestem.", "client_key": "abcdefgh"})
    [line] = call("ania", "GET", f"{HERE}/conversations/{talk}/messages?after=0").data
    assert (line["author"], line["text"], line["mine"]) == ("Bartek", "Jestem.", False)


def test_where_nobody_fits_a_program_reads_what_would_help_as_the_page_does(world, call):
    world.offer("bartek", forms=["call"])
    ask = world.ask("ania")
    told = call("ania", "GET", f"{HERE}/asks/{ask.pk}/suggestions").data
    assert (told["suggestions"], told["why_none"]) == ([], "form")
    assert told["would_help"] == "Co by pomogło: jeszcze jeden sposób rozmowy, rozmowa telefoniczna."
    world.add("gosia")
    world.offer("gosia")
    told = call("ania", "GET", f"{HERE}/asks/{ask.pk}/suggestions").data
    assert (len(told["suggestions"]), told["would_help"]) == (1, None)


def test_a_message_sent_twice_is_one_message(world, call):
    talk = paired(world).conversation_id
    body = {"text": "Cześć", "client_key": "abcdefgh"}
    first, second = (call("ania", "POST", f"{HERE}/conversations/{talk}/messages", body).data for _ in range(2))
    assert first == second
    assert [one["text"] for one in call("ania", "GET", f"{HERE}/conversations/{talk}/messages?after=1").data] == [
        "Cześć"
    ]


def test_what_is_not_named_in_a_change_stays(world, call):
    ask = world.ask("ania", words="Stare", languages=["pl", "en"])
    changed = call("ania", "PATCH", f"{HERE}/asks/{ask.pk}", {"stage": "been_through"}).data
    assert (changed["stage"], changed["words"], changed["languages"]) == ("been_through", "Stare", ["pl", "en"])
    assert changed["topics"] == ["grief.partner"]


def test_people_not_wanted_are_kept_when_an_ask_is_changed(world, call):
    code = world.member("bartek").code
    ask = call("ania", "POST", f"{HERE}/asks", {"topics": ["lonely"], "not_codes": code}).data
    changed = call("ania", "PATCH", f"{HERE}/asks/{ask['id']}", {"stage": "been_through"}).data
    assert (ask["people_not_wanted"], changed["people_not_wanted"]) == (1, 1)


def test_hours_come_as_a_preset_as_a_list_or_as_digits(world, call):
    for hours, last in (("evenings", "c"), ([0], "0"), ("f" * 42, "f")):
        ask = call("ania", "POST", f"{HERE}/asks", {"topics": ["lonely"], "hours": hours}).data
        assert len(ask["hours"]) == 42
        assert ask["hours"][-1] == last


def test_false_is_false_and_no_is_no(world, call):
    experience = world.experience("bartek")
    made = call("bartek", "POST", f"{HERE}/offer", {"experiences": [experience.pk], "not_same_unit": True}).data
    assert made["not_same_unit"] is True
    assert call("bartek", "PATCH", f"{HERE}/offer", {"not_same_unit": False}).data["not_same_unit"] is False
    pairs.end(world.actor("ania"), world.pair(), at_once=True)
    pair = Pair.objects.get()
    rated = call("ania", "PUT", f"{HERE}/pairs/{pair.pk}/rating", {"understood": 4, "again": False}).data
    assert rated["my_rating"] == {"understood": 4, "helped": None, "again": False}
    assert Rating.objects.get().again is False


def test_a_no_stays_unseen_by_the_other(world, call):
    proposal = world.proposal(origin="coordinator")
    call("ania", "POST", f"{HERE}/proposals/{proposal.pk}/answer", {"yes": True})
    assert "i_said" in call("bartek", "GET", f"{HERE}/proposals/{proposal.pk}").data
    assert call("bartek", "GET", f"{HERE}/proposals/{proposal.pk}").data["i_said"] is None


def test_a_coordinator_reads_no_words(world, call):
    world.offer("bartek", words="Tajemnica")
    ask = world.ask("ania", words="Tajemnica")
    for path in (
        f"{HERE}/desk",
        f"{HERE}/desk/asks/{ask.pk}/suggestions",
        f"{HERE}/desk/members",
        f"{HERE}/desk/figures",
    ):
        assert "Tajemnica" not in call("celina", "GET", path).content.decode()


def test_my_data_comes_whole_and_as_a_zip(world, call):
    world.draft("ania", words="Własne słowa")
    assert call("ania", "GET", "/me/data").data["asks"][0]["words"] == "Własne słowa"
    answer = call("ania", "GET", "/me/data/download")
    assert (answer["Content-Type"], answer.content[:2]) == ("application/zip", b"PK")


def test_leaving_works_and_then_there_is_nothing(world, call):
    assert call("ania", "POST", f"{HERE}/leave").status_code == 204
    assert world.member("ania").state == Member.State.LEFT
    assert call("ania", "GET", f"{HERE}/place").status_code == 404


def test_an_account_is_changed_in_person_only(world, described):
    assert not any(
        path.startswith("/api/v1/me") and "delete" in methods for path, methods in described["paths"].items()
    )
    assert not any("erase" in path or "password" in path for path in described["paths"])


def test_nothing_was_left_undone(world, call):
    """What the cases above do through the API really happened."""
    world.offer("bartek")
    ask = world.ask("ania")
    call("celina", "POST", f"{HERE}/desk/asks/{ask.pk}/propose", {"offer": Offer.objects.get().pk})
    assert Proposal.objects.get().origin == "coordinator"
    call("celina", "POST", f"{HERE}/desk/members/{world.member('franek').pk}/pause", {})
    assert world.member("franek").state == Member.State.PAUSED
    made = call("celina", "POST", f"{HERE}/desk/invitations", {"many": True, "days": 7}).data
    assert Invitation.objects.get().code == made["code"]
    assert call("celina", "DELETE", f"{HERE}/desk/invitations/{made['id']}").status_code == 204
    assert Invitation.objects.get().uses_left == 0
    told = call("ania", "POST", f"{HERE}/experiences", {"topic": "lonely", "stage": "in_it"}).data
    assert call("ania", "DELETE", f"{HERE}/experiences/{told['id']}").status_code == 204
    assert not Experience.objects.filter(pk=told["id"]).exists()
    call("ania", "POST", f"{HERE}/asks/{ask.pk}/withdraw")
    ask.refresh_from_db()
    assert ask.state == Ask.State.WITHDRAWN


# -- the description --------------------------------------------------------------------------------------------------


def test_every_operation_says_what_it_does_needs_and_may_refuse(described):
    for name, (_method, _path, one) in operations(described).items():
        assert one["security"][0]["Bearer"], name
        assert {"401", "403", "404", "409", "410", "422", "429"} < set(one["responses"]), name


def test_what_operations_take_is_described_for_programmers(described):
    _method, _path, draft = operations(described)["asks_draft"]
    schema = draft["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["topics"]
    assert schema["properties"]["stage"]["enum"] == ["in_it", "coming_through", "been_through"]
    assert (
        operations(described)["asks_change"][2]["requestBody"]["content"]["application/json"]["schema"]["required"]
        == []
    )
    answer = operations(described)["pairs_answer"][2]["requestBody"]["content"]["application/json"]["schema"]
    assert answer["properties"]["yes"]["enum"] == [True, False]
