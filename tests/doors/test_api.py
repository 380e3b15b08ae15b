"""The door for programs: tokens, how a no looks, and that it is the same as on the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nawzajem.api.tokens import Rate
from nawzajem.asks.models import Ask
from nawzajem.experiences.models import Experience
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.models import Event
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import Pair, Proposal, Rating
from nawzajem.pairs.rounds import chores as round_chores
from nawzajem.people import acts as people
from nawzajem.people.models import Token
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Invitation, Member, Text
from tests.doors.test_api_operations import HERE, SCOPES, _fresh, call, described, operations, paired

pytestmark = pytest.mark.django_db


__all__ = ["_fresh", "call", "described"]  # fixtures

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


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "1", "[" * 100_000, '{"a":' * 50_000, "9" * 5_000])
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


@pytest.mark.parametrize("path", ["/been-there?topics=a%00b", "/topics?q=%00", "/asks/a%00b"])
def test_what_no_database_takes_in_is_422(world, call, path):
    answer = call("ania", "GET", f"{HERE}{path}")
    assert (answer.status_code, answer.data["code"]) == (422, "invalid")


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


def test_a_program_can_make_a_round_look_at_it_and_send_it(world, call):
    world.offer("bartek")
    world.ask("ania")
    made = call("celina", "POST", f"{HERE}/desk/rounds", {"strategy": "best"}).data
    assert (made["state"], made["asks"]) == ("waiting", 1)
    round_chores.work()
    path = f"{HERE}/desk/rounds/{made['id']}"
    found = call("celina", "GET", path).data
    assert (found["state"], found["pairs"], found["strategies"]["best"]["paired"]) == ("proposed", 1, 1)
    [line] = call("celina", "GET", f"{path}/lines").data
    assert (line["asker"], line["giver"], line["proposal"]) == ("Ania", "Bartek", "")
    assert line["reasons"]
    assert call("celina", "POST", f"{path}/send", {"digest": "another"}).data["code"] == "stale"
    assert call("celina", "POST", f"{path}/send", {"digest": found["digest"]}).data["state"] == "sending"
    round_chores.work()
    assert call("celina", "GET", path).data["sent"] == {"out": 1}
    assert call("bartek", "GET", f"{HERE}/proposals").data


def test_a_message_sent_twice_is_one_message(world, call):
    talk = paired(world).conversation_id
    body = {"text": "Cześć", "client_key": "abcdefgh"}
    first, second = (call("ania", "POST", f"{HERE}/conversations/{talk}/messages", body).data for _ in range(2))
    assert first == second
    assert [one["text"] for one in call("ania", "GET", f"{HERE}/conversations/{talk}/messages?after=1").data] == [
        "Cześć"
    ]


def test_other_words_for_a_message_that_has_become_another_are_409(world, call):
    path = f"{HERE}/conversations/{paired(world).conversation_id}/messages"
    said = call("ania", "POST", path, {"text": "Cześć", "client_key": "abcdefgh"}).data
    one = f"{path}/{said['seq']}"
    changed = call("ania", "PATCH", one, {"text": "Dzień dobry", "after": said["latest"]}).data
    assert call("ania", "PATCH", one, {"text": "Witaj", "after": said["latest"]}).status_code == 409
    assert call("ania", "PATCH", one, {"text": "Witaj", "after": changed["latest"]}).data["text"] == "Witaj"
    assert call("ania", "PATCH", one, {"text": "Hej"}).data["text"] == "Hej"


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
