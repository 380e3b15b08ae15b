"""A page asks the database as often for one row as for many: every page and every list of the API, in a world with one of
everything and in the same world with three and more.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from nawzajem.asks.models import ANY_TIME
from nawzajem.conversations import acts as conversations
from nawzajem.conversations.models import Conversation
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.notify.models import Letter
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import CheckIn, Pair, Proposal
from nawzajem.pairs.rounds import acts as rounds
from nawzajem.pairs.rounds import chores as round_chores
from nawzajem.pairs.rounds import reads as round_reads
from nawzajem.people import acts as people
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.blueprint import load
from nawzajem.safety import acts as safety
from nawzajem.safety.concerns import acts as concerns
from nawzajem.safety.logbook import acts as logbook
from nawzajem.waiting import acts as waiting
from tests.cast import HOUSE, SMALL, World
from tests.house.test_access import address, names

pytestmark = pytest.mark.django_db

WHO = ("ania", "celina", "franek")  # who asks and gives, who coordinates, who is on duty
LIVED = ("grief.partner", "grief.parent", "work.lost", "lonely")
MADE_TALK_BY_TALK = {"download", "rights_my_data", "rights_download"}  # everything of a person, in a file


def begin(world: World) -> dict[str, str]:
    """One of everything; and what addresses name."""
    house = HOUSE.within(world.here.pk)
    programmes.choose(house, world.here, open_asks=10, capacity=20)
    world.here.refresh_from_db()
    world.offer("ania", LIVED[0], capacity=20, words="Jestem.")
    pair = one_more(world, 0)
    ask = world.ask("ania", "grief", words="Ta, na którą patrzymy.")
    invitation = programmes.invite(world.actor("celina"), world.here)[0]
    wait = waiting.begin(world.actor("ania"), world.draft("ania", words="Teraz."))
    for who in WHO:
        logbook.note(world.actor("franek"), [world.people[who].pk], what="person", thing="any")
    return {
        "wait": wait.pk,
        "programme": world.here.slug,
        "experience": world.ania.experiences.all()[0].pk,
        "ask": ask.pk,
        "proposal": Proposal.objects.filter(offer__person=world.ania, state="out")[0].pk,
        "pair": pair.pk,
        "conversation": pair.conversation_id,
        "seq": "1",
        "checkin": CheckIn.objects.filter(pair=pair)[0].pk,
        "member": world.member("asker0").pk,
        "report": safety.report(world.actor("ania"), world.bartek, reason="other").pk,
        "invitation": invitation.pk,
        "opening": "none-such",
        "concern": concerns.raise_concern(world.actor("ania"), world.ania, origin="self", tier=2).pk,
        "letter": Letter.objects.all()[0].pk,
        "part": "language",
        "what": "asks",
        "form": "csv",
    }


def one_more(world: World, n: int) -> Pair:
    """One more of each thing that some page lists, with its words and all that hangs on it."""
    ania, celina = world.actor("ania"), world.actor("celina")
    asker, giver, former, free, sought = (f"{one}{n}" for one in ("asker", "giver", "former", "free", "sought"))
    for name in (asker, giver, former, free, sought):
        world.add(name)
    _of_ania(world, n)
    _offer(world, free)
    pairs.put(celina, world.ask("ania", words="Kto teraz?"), _offer(world, sought), origin="coordinator")
    pair = _pair(world, giver, n)
    over = _pair(world, former, n)
    pairs.end(ania, over, at_once=True)
    pairs.rate(world.actor(former), over, understood=4)
    world.ask(asker, "lonely", words="Czekam.")
    pairs.put(celina, world.ask(asker, words="Czy ktoś?"), Offer.objects.get(person=world.ania), origin="coordinator")
    safety.report(world.actor(asker), world.bartek, reason="other", words="Nie tak.")
    programmes.give_duty(celina, world.member(asker), kind="teacher")
    programmes.add_unit(celina, world.here, name=f"unit {n}")
    programmes.invite(celina, world.here, unit=world.here.units.all()[0], duty="educator")
    Proposal.objects.filter(state="out").update(answer_by=clock.now() + timedelta(hours=2))
    Conversation.objects.update(last_at=clock.now() - timedelta(days=40))
    return pair


def a_round(world: World) -> dict[str, str]:
    """Of everybody who waits, worked out and with a decision in it."""
    celina = world.actor("celina")
    made = rounds.make(celina, world.here, asks=round_reads.chosen(celina), strategy="quick")
    round_chores.work()
    of = round_reads.a_round(celina, made.pk)
    line = round_reads.pairs(celina, of)[0]
    assert line.offer
    rounds.lock(celina, of, line, offer=line.offer)
    return {"round": of.pk, "round_ask": line.ask_id}


def _of_ania(world: World, n: int) -> None:
    in_person = Actor(person=world.ania.pk)
    if n:
        world.experience("ania", LIVED[n], words="Było ciężko.", see_words="members")
    world.draft("ania", words="Jeszcze nie.")
    world.ask("ania", words="Już tak.")
    people.make_token(in_person, world.ania, name=f"program {n}", scopes=["read"], expires_on=None)
    safety.block(in_person, world.add(f"stranger{n}"))
    Letter.objects.create(
        person=world.ania, programme=world.here, kind="message", thing="x", code="message", state=Letter.State.SENT
    )
    world.join("ania", programmes.create(HOUSE, blueprint=load(SMALL), slug=f"more-{n}"))


def _offer(world: World, name: str) -> Offer:
    lived = [world.experience(name, code, words="Bywało różnie.", see_words="matched") for code in LIVED[:2]]
    give = {"forms": ["text"], "languages": ["pl"], "hours": ANY_TIME, "capacity": 2}
    return offers.make(world.actor(name), experiences=lived, words="Mam miejsce.", **give)


def _pair(world: World, giver: str, n: int) -> Pair:
    """In which both have written and something is settled; and a check-in is due."""
    pair = world.pair("ania", giver)
    for place, who in enumerate(("ania", giver, giver)):
        key = f"{giver}-{place}-{n}-key"
        conversations.send(world.actor(who), pair.conversation, text="Dobry wieczór.", client_key=key)
    pairs.suggest_agreement(world.actor(giver), pair, aim="Przetrwać zimę", safety_words="Stop")
    CheckIn.objects.filter(pk=CheckIn.objects.filter(pair=pair)[0].pk).update(due_on=clock.today())
    pair.refresh_from_db()
    return pair


def questions(client: Any, path: str, **headers: str) -> Counter[str] | None:
    """What is asked of the database for a page that one has seen before; None where there is no page for this person."""
    cache.clear()
    if client.get(path, headers=headers).status_code != 200:
        return None
    asked: Counter[str] = Counter()

    def listen(execute: Any, sql: str, *given: Any) -> Any:
        asked[sql.split(" WHERE ", maxsplit=1)[0][:160]] += 1
        return execute(sql, *given)

    with connection.execute_wrapper(listen):
        assert client.get(path, headers=headers).status_code == 200
    return asked


def everywhere(client: Any, world: World, things: dict[str, str]) -> dict[str, Counter[str]]:
    found = {}
    lists = {f"desk_list {which}": {"which": which} for which in ("reports", "waiting", "lapsing", "silent")}
    pages = {name: things for name in names() if name not in MADE_TALK_BY_TALK} | {
        name: things | which for name, which in lists.items()
    }
    for who in WHO:
        client.force_login(world.people[who])
        for name, these in pages.items():
            asked = questions(client, address(name.split()[0], these))
            found |= {f"{who}: {name}": asked} if asked is not None else {}
    return found


def by_program(client: Any, world: World, things: dict[str, str]) -> dict[str, Counter[str]]:
    client.logout()
    found = {}
    scopes = ["read", "write", "talk", "coordinate"]
    tokens = {
        who: people.make_token(
            Actor(person=world.people[who].pk), world.people[who], name="x", scopes=scopes, expires_on=None
        )[1]
        for who in WHO
    }
    for path, methods in client.get("/api/v1/openapi.json").json()["paths"].items():
        if "get" not in methods or methods["get"]["operationId"] in MADE_TALK_BY_TALK:
            continue
        for who, token in tokens.items():
            asked = questions(client, path.format(**things), Authorization=f"Bearer {token}")
            found |= {f"{who}: {path}": asked} if asked is not None else {}
    return found


@pytest.mark.parametrize(("look", "at_least"), [(everywhere, 60), (by_program, 40)])
def test_a_page_asks_as_often_for_one_row_as_for_many(
    look: Any, at_least: int, client: Any, world: World, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # many move in, nobody signs in
    things = begin(world)
    things |= a_round(world)
    few = look(client, world, things)
    for n in (1, 2):
        one_more(world, n)
    things |= a_round(world)
    many = look(client, world, things)
    assert few.keys() == many.keys()
    assert len(few) >= at_least, "hardly anything was looked at"
    more = {name: many[name] - few[name] for name in few if many[name].total() > few[name].total()}
    assert not more
