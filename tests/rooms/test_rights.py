"""Taking everything along, leaving, erasing, and what goes by itself when its time is over."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Q

from nawzajem.asks.models import Ask
from nawzajem.conversations import acts as conversations
from nawzajem.conversations import reads as talks
from nawzajem.conversations.models import Conversation, Message
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Invalid, NotAllowed
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs import reads as pair_reads
from nawzajem.pairs.models import CheckIn, Pair, Proposal, Rating
from nawzajem.people import acts as people
from nawzajem.people.models import Person, Token
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Invitation, Member
from nawzajem.rights import acts, chores, reads
from nawzajem.rulings import acts as rulings
from nawzajem.safety import acts as safety
from nawzajem.safety.models import Report
from tests.lived import THEIRS, WORDS, everywhere, lived_through_it_all, sign_in

# -- taking along -----------------------------------------------------------------------------------------------------


def files(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as folder:
        return {name: folder.read(name).decode() for name in folder.namelist()}


def test_the_download_holds_ones_own_words_readable(world, clock):
    lived_through_it_all(world, clock)
    told = json.loads(files(reads.download(world.actor("ania")))["everything.json"])
    assert told["account"]["pseudonym"] == "Ania"
    assert told["asks"][0]["words"] == WORDS or told["asks"][1]["words"] == WORDS
    assert told["offers"][0]["words"] == WORDS
    assert told["pairs"][0]["aim"] == WORDS
    assert told["safety"]["reports_made"][0]["words"] == WORDS


def test_a_conversation_is_told_as_one_can_read_it_in_the_house(world, clock):
    lived_through_it_all(world, clock)
    [talk] = json.loads(files(reads.download(world.actor("ania")))["everything.json"])["conversations"]
    assert [(line["by"], line["text"]) for line in talk["messages"]] == [("me", WORDS), ("Bartek", THEIRS)]
    assert talk["with"] == ["Bartek"]


def test_all_that_one_did_and_what_was_done_to_one_is_told(world, clock):
    """However it is looked for: each message has an event, and those are found by their conversation."""
    lived_through_it_all(world, clock)
    ania = world.actor("ania")
    told = json.loads(files(reads.download(ania))["everything.json"])["events"]
    mine = Event.objects.filter(Q(by=ania.me) | Q(thing=ania.me)).order_by("id").values_list("kind", flat=True)
    assert [one["kind"] for one in told] == list(mine)
    assert "message.sent" in mine


def test_no_id_of_anybody_is_in_it_and_nothing_that_is_hidden(world, clock):
    lived_through_it_all(world, clock)
    for text in files(reads.download(world.actor("ania"))).values():
        for name, person in world.people.items():
            assert person.pk not in text, name
        on_duty = "Celina, Franek"  # who opened her talk by two, which she is told
        assert "Franek" not in text.replace(on_duty, "")  # he closed his door to her, silently


def test_the_pages_are_in_the_readers_language_and_lead_to_each_other(world, clock):
    from django.utils.translation import override

    lived_through_it_all(world, clock)
    with override("en"):
        pages = files(reads.download(world.actor("ania")))
    assert 'lang="en"' in pages["index.html"]
    assert all(
        f'href="{name}"' in pages["index.html"] for name in pages if name not in {"index.html", "everything.json"}
    )
    assert WORDS in pages["conversations.html"]
    assert "Felt understood" in pages["pairs.html"]


def test_what_somebody_wrote_is_no_markup_in_the_pages(world):
    world.draft("ania", words="<script>alert(1)</script>")
    assert "<script>" not in files(reads.download(world.actor("ania")))["asks.html"]


def test_long_conversations_come_whole(world, monkeypatch):
    monkeypatch.setattr(talks, "AT_ONCE", 3)
    pair = world.pair()
    for number in range(8):
        conversations.send(world.actor("ania"), pair.conversation, text=str(number), client_key=f"0000000{number}")
    [talk] = reads.everything(world.actor("ania"))["conversations"]
    assert [line["text"] for line in talk["messages"]] == [str(number) for number in range(8)]


# -- leaving ----------------------------------------------------------------------------------------------------------


def test_leaving_ends_pairs_takes_back_asks_and_puts_the_offer_away(world):
    pair = world.pair()
    world.ask("ania", "lonely")
    world.offer("ania", "work.lost")
    acts.leave(world.actor("ania"), world.member("ania"))
    pair.refresh_from_db()
    assert (pair.state, pair.ending) == (Pair.State.CLOSED, "left")
    assert set(Ask.objects.filter(person=world.ania).values_list("state", flat=True)) == {"met", "withdrawn"}
    assert Offer.objects.get(person=world.ania).state == Offer.State.RETIRED
    assert Offer.objects.get(person=world.bartek).taken == 0
    assert world.member("ania").state == Member.State.LEFT


def test_who_was_just_being_proposed_to_the_leaver_goes_on(world):
    proposal = world.proposal()
    acts.leave(world.actor("bartek"), world.member("bartek"))
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.LAPSED
    assert Ask.objects.get().state == Ask.State.OPEN


def test_somebody_paused_may_leave(world):
    programmes.pause(world.actor("celina"), world.member("ania"))
    acts.leave(world.actor("ania"), world.member("ania"))
    assert world.member("ania").state == Member.State.LEFT


def test_nobody_leaves_for_another(world):
    with pytest.raises(NotAllowed):
        acts.leave(world.actor("celina"), world.member("ania"))


def test_the_last_coordinator_hands_over_first(world):
    with pytest.raises(Invalid, match="last_coordinator"):
        acts.leave(world.actor("celina"), world.member("celina"))
    programmes.give_duty(world.actor("celina"), world.member("franek"), kind="coordinator")
    acts.leave(world.actor("celina"), world.member("celina"))
    assert world.member("celina").state == Member.State.LEFT


# -- erasing ----------------------------------------------------------------------------------------------------------


def erase(world, *, keep_messages=False):
    acts.erase(Actor(person=world.ania.pk), Person.objects.get(pk=world.ania.pk), keep_messages=keep_messages)


def test_after_erasing_nobody_is_found_anywhere(world, clock):
    lived_through_it_all(world, clock)
    erase(world)
    for needle in (world.ania.pk, "Ania", "ania@example.org"):
        assert everywhere(needle) == set(), needle


def test_the_others_keep_their_copy_without_a_name(world, clock):
    pair = lived_through_it_all(world, clock)
    erase(world, keep_messages=True)
    bartek = world.actor("bartek")
    own = pair_reads.pair(bartek, pair.pk)
    lines = talks.lines(bartek, own.conversation)
    assert [(line.mine, line.author, line.text) for line in lines] == [(False, "", WORDS), (True, "", THEIRS)]
    assert own.asker is None
    assert pair_reads.agreement(bartek, own).aim == WORDS
    assert pair_reads.ratings(bartek, own)[1].understood == 5


def test_ones_words_go_along_unless_one_leaves_them(world, clock):
    pair = lived_through_it_all(world, clock)
    erase(world, keep_messages=False)
    bartek = world.actor("bartek")
    own = pair_reads.pair(bartek, pair.pk)
    assert [line.text for line in talks.lines(bartek, own.conversation)] == ["", THEIRS]
    assert pair_reads.agreement(bartek, own).aim == ""


def test_answers_to_check_ins_and_events_keep_nobody(world, clock):
    lived_through_it_all(world, clock)
    erase(world)
    assert not CheckIn.objects.exclude(asker_says="").exists()
    assert Event.objects.filter(kind="person.erased", by="", thing="").count() == 1


def test_a_report_that_is_still_open_protects_somebody_and_stays_without_a_name(world, clock):
    lived_through_it_all(world, clock)
    erase(world)
    mine = Report.objects.get(about=world.bartek)
    assert mine.by is None
    assert mine.words is not None


def test_the_words_of_a_closed_report_go_too(world, clock):
    lived_through_it_all(world, clock)
    mine = Report.objects.get(about=world.bartek)
    rulings.take(world.actor("celina"), mine)
    rulings.close(world.actor("celina"), mine, outcome="talked")
    erase(world)
    mine.refresh_from_db()
    assert mine.words is None


def test_a_conversation_with_nobody_left_in_it_can_be_read_by_nobody(world, clock):
    pair = lived_through_it_all(world, clock)
    erase(world, keep_messages=True)
    acts.erase(Actor(person=world.bartek.pk), world.bartek, keep_messages=True)
    assert Conversation.objects.get(pk=pair.conversation_id).vault is None
    assert not Message.objects.exclude(body=b"").exists()
    assert Rating.objects.count() == 2  # still counted, without anybody


def test_all_sessions_end_and_those_of_others_go_on(world, clock):
    lived_through_it_all(world, clock)
    sign_in(world.ania)
    others = sign_in(world.bartek)
    erase(world)
    assert list(Session.objects.values_list("session_key", flat=True)) == [others]


def test_erasing_needs_the_person_and_no_token(world):
    for actor in (world.actor("celina"), Actor(person=world.ania.pk, scopes=frozenset({"write"}))):
        with pytest.raises(NotAllowed):
            acts.erase(actor, world.ania, keep_messages=False)
    assert Person.objects.filter(pk=world.ania.pk).exists()


def test_the_last_coordinator_is_not_erased_before_handing_over(world):
    with pytest.raises(Invalid, match="last_coordinator"):
        acts.erase(Actor(person=world.celina.pk), world.celina, keep_messages=False)
    assert world.member("celina").state == Member.State.ACTIVE


def test_somebody_without_any_place_can_be_erased(world):
    acts.leave(world.actor("ania"), world.member("ania"))
    erase(world)
    assert not Person.objects.filter(pk=world.ania.pk).exists()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="how SQLite keeps its file")
def test_what_is_erased_is_overwritten_in_the_file(db):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone() == (1,)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="how SQLite keeps its file")
def test_what_is_erased_leaves_the_file_and_its_journal(for_real):
    name, file = "Niepowtarzalna", Path(connection.settings_dict["NAME"])
    Person.objects.create(pseudonym=name).delete()
    assert name.encode() in file.with_name(file.name + "-wal").read_bytes()
    chores.empty_journal()
    for part in (file, file.with_name(file.name + "-wal")):
        assert name.encode() not in part.read_bytes()


def test_nothing_that_was_written_stands_readable_in_any_table(world, clock):
    lived_through_it_all(world, clock)
    assert everywhere("Bartek")  # names do stand there, so the search would find words
    assert everywhere(WORDS) == everywhere(THEIRS) == set()


# -- when time is over ------------------------------------------------------------------------------------------------


def test_words_of_ended_pairs_go_when_their_time_is_over(world, clock):
    pair = world.pair()
    conversations.send(world.actor("ania"), pair.conversation, text=WORDS, client_key="00000001")
    pairs.end(world.actor("ania"), pair, at_once=True)
    clock(days=364)
    chores.keep_to_time()
    pair.conversation.refresh_from_db()
    assert pair.conversation.vault is not None
    clock(days=2)
    chores.keep_to_time()
    pair.conversation.refresh_from_db()
    assert pair.conversation.vault is None
    assert Message.objects.get().body in (b"", memoryview(b""))


def test_asks_that_are_done_and_old_drafts_go(world, clock):
    done, draft, waiting = world.ask("ania"), world.draft("ania"), world.ask("bartek")
    pairs.take_back(world.actor("ania"), done)
    clock(days=31)
    chores.keep_to_time()
    assert set(Ask.objects.all()) == {done, waiting}
    assert draft not in Ask.objects.all()
    clock(days=340)
    chores.keep_to_time()
    assert set(Ask.objects.all()) == {waiting}


def test_a_pair_outlives_its_ask(world, clock):
    pair = world.pair()
    pairs.end(world.actor("ania"), pair, at_once=True)
    clock(days=366)
    chores.keep_to_time()
    pair.refresh_from_db()
    assert (pair.ask, pair.state) == (None, Pair.State.CLOSED)


def test_closed_reports_and_old_events_go(world, clock):
    report = safety.report(world.actor("ania"), world.bartek, reason="other", words=WORDS)
    rulings.take(world.actor("celina"), report)
    rulings.close(world.actor("celina"), report, outcome="nothing")
    raised = safety.report(world.actor("ania"), world.bartek, reason="other", words=WORDS)
    clock(days=366)
    chores.keep_to_time()
    assert list(Report.objects.all()) == [raised]
    clock(days=1095)
    chores.keep_to_time()
    assert set(Event.objects.values_list("kind", flat=True)) == {"rights.kept_to_time"}


def test_sessions_and_ways_in_that_open_nothing_any_more_go(world, clock):
    sign_in(world.ania)
    programmes.invite(CHORE.within(world.here.pk), world.here, days=3)
    people.make_token(
        Actor(person=world.ania.pk),
        world.ania,
        name="x",
        scopes=["read"],
        expires_on=(clock() + timedelta(days=3)).date(),
    )
    chores.keep_to_time()
    assert (Session.objects.count(), Invitation.objects.count(), Token.objects.count()) == (1, 1, 1)
    clock(days=40)
    chores.keep_to_time()
    assert (Session.objects.count(), Invitation.objects.count(), Token.objects.count()) == (0, 0, 0)
