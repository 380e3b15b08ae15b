"""What people write cannot be read without the key: not in the file, not when moved, not when the vault is gone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.asks import reads as asks
from nawzajem.asks.models import Ask
from nawzajem.conversations import acts as conversations
from nawzajem.conversations import reads as talks
from nawzajem.conversations.models import Conversation, Message
from nawzajem.experiences import reads as lived
from nawzajem.experiences.models import Experience
from nawzajem.ground import seal
from nawzajem.ground.keys import Ring, new_key
from nawzajem.ground.seal import CannotUnseal, fingerprint, new_vault, unseal
from nawzajem.management import archive
from nawzajem.management.copies import database, pg_tool
from nawzajem.offers import reads as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs import reads as pair_reads
from nawzajem.pairs.models import Pair
from nawzajem.people.models import Person
from nawzajem.rulings import reads as rulings
from nawzajem.safety import acts as safety
from nawzajem.safety.models import Report
from tests.cast import HOUSE
from tests.rooms.hostile import WORDS

# -- the seal itself --------------------------------------------------------------------------------------------------


@given(st.text())
def test_what_was_sealed_opens_again(text):
    vault = new_vault()
    assert unseal(vault, seal.seal(vault, text, about="x"), about="x") == text


def test_half_a_character_harms_nobody():
    vault = new_vault()
    assert unseal(vault, seal.seal(vault, "a\ud800b", about="x"), about="x") == "a?b"


def test_the_same_words_never_look_the_same():
    vault = new_vault()
    assert seal.seal(vault, WORDS, about="x") != seal.seal(vault, WORDS, about="x")
    assert new_vault() != new_vault()


def test_what_is_not_there_is_empty():
    vault = new_vault()
    assert unseal(None, b"something", about="x") == ""
    assert unseal(vault, None, about="x") == ""
    assert unseal(vault, b"", about="x") == ""


def test_bytes_do_not_open_in_another_place_or_with_another_vault():
    vault = new_vault()
    sealed = seal.seal(vault, WORDS, about="ask:1")
    with pytest.raises(CannotUnseal):
        unseal(vault, sealed, about="ask:2")
    with pytest.raises(CannotUnseal):
        unseal(new_vault(), sealed, about="ask:1")


@given(st.integers(0, 200), st.integers(1, 255))
def test_one_changed_bit_anywhere_is_noticed(place, flip):
    vault = new_vault()
    sealed = bytearray(seal.seal(vault, WORDS, about="x"))
    sealed[place % len(sealed)] ^= flip
    with pytest.raises(CannotUnseal):
        unseal(vault, bytes(sealed), about="x")
    broken = bytearray(vault)
    broken[place % len(vault)] ^= flip
    with pytest.raises(CannotUnseal):
        unseal(bytes(broken), seal.seal(vault, WORDS, about="x"), about="x")


@pytest.mark.parametrize("left", [1, 2, 5, 12, 13, 20, 28])
def test_bytes_that_were_cut_short_do_not_open(left):
    vault = new_vault()
    sealed = seal.seal(vault, WORDS, about="x")
    with pytest.raises(CannotUnseal):
        unseal(vault, sealed[:left], about="x")
    with pytest.raises(CannotUnseal):
        unseal(vault[:left], sealed, about="x")


@pytest.mark.parametrize("vault", [b"\x02", b"\x02\xff\xfe", b"\x02a\x00b", b"", b"\x03" * 64])
def test_a_vault_of_which_a_disk_kept_nonsense_is_told_as_changed(vault):
    assert not seal.opens(vault)


@pytest.mark.django_db
def test_without_the_master_key_nothing_opens(settings):
    vault = new_vault()
    sealed, mark = seal.seal(vault, WORDS, about="x"), fingerprint("abcd-efgh", purpose="p")
    settings.KEYS = Ring.of(bytes(range(32)))
    with pytest.raises(CannotUnseal):
        unseal(vault, sealed, about="x")
    assert fingerprint("abcd-efgh", purpose="p") != mark


@pytest.mark.django_db
def test_a_fingerprint_is_good_for_one_purpose():
    assert fingerprint("a", purpose="one") == fingerprint("a", purpose="one") != fingerprint("a", purpose="two")


# -- in the database --------------------------------------------------------------------------------------------------


def everything_written(world) -> Pair:
    """Each place of the house where somebody can write, with the same word in it."""
    experience = world.experience("bartek", "work.lost", words=WORDS)
    world.offer("bartek", "grief.partner", words=WORDS)
    assert experience.words
    ask = world.ask("ania", words=WORDS)
    proposal = pairs.put(world.actor("ania"), ask, Offer.objects.get(), origin="chosen")
    pairs.answer(world.actor("bartek"), proposal, yes=True)
    pair = pair_reads.pair(world.actor("ania"), Pair.objects.get().pk)
    conversations.send(world.actor("ania"), pair.conversation, text=WORDS, client_key="key-key-key")
    pairs.suggest_agreement(world.actor("ania"), pair, aim=WORDS, safety_words=WORDS)
    safety.report(world.actor("ania"), world.bartek, reason="other", words=WORDS, evidence=WORDS)
    return pair


def test_every_place_opens_for_those_whose_it_is(world):
    pair = everything_written(world)
    ania, bartek, celina = (world.actor(name) for name in ("ania", "bartek", "celina"))
    assert asks.words_of(ania, Ask.objects.get()) == WORDS
    assert offers.words_of(bartek, Offer.objects.get()) == WORDS
    assert lived.words_of(bartek, Experience.objects.get(topic__code="work.lost")) == WORDS
    assert talks.lines(bartek, pair.conversation)[0].text == WORDS
    assert pair_reads.agreement(bartek, pair).aim == pair_reads.agreement(bartek, pair).safety_words == WORDS
    assert rulings.words_of(celina, Report.objects.get()) == WORDS


def stored(value: object) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return str(value).encode()


def traces_of(words: str) -> list[str]:
    """Tables in which the words stand, plain or as digits, whatever the column."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            cells = b"\x1f".join(stored(cell) for row in cursor.fetchall() for cell in row)
        if words.encode() in cells or words.encode().hex().encode() in cells:
            found.append(model._meta.db_table)
    return found


def test_no_table_holds_a_word_that_somebody_wrote(world):
    everything_written(world)
    assert traces_of(WORDS) == []
    assert traces_of(world.ania.pseudonym) != []  # the search finds what is there


def test_no_file_holds_a_word_that_somebody_wrote(town):
    everything_written(town)
    if connection.vendor != "sqlite":
        return  # one cannot look into the server's files; its tables are looked at above
    name = Path(str(connection.settings_dict["NAME"]))
    kept = b"".join(path.read_bytes() for path in name.parent.glob(name.name + "*"))
    assert town.ania.pseudonym.encode() in kept
    assert WORDS.encode() not in kept


def test_no_backup_holds_a_word_that_somebody_wrote(town, tmp_path):
    """Neither sealed, as it is taken elsewhere, nor inside, for whoever has its key but not those of the vaults."""
    everything_written(town)
    database().take(tmp_path / "copy", lambda _done, _of: None)
    inside = plain(tmp_path / "copy")
    assert town.ania.pseudonym.encode() in inside
    assert WORDS.encode() not in inside
    assert WORDS.encode().hex().encode() not in inside
    with (tmp_path / "backup").open("wb") as out:
        archive.write(out, archive.key_of(new_key()), {"kind": "x", "made": "x"}, {archive.DATABASE: tmp_path / "copy"})
    sealed = (tmp_path / "backup").read_bytes()
    assert WORDS.encode() not in sealed
    assert town.ania.pseudonym.encode() not in sealed


def plain(copy: Path) -> bytes:
    """What stands in a copy; that of PostgreSQL is unpacked into the words it would be restored with."""
    if connection.vendor == "sqlite":
        return copy.read_bytes()
    tool = pg_tool("pg_restore", connection.cursor().connection.info.server_version // 10_000)
    return subprocess.run([tool, "--file=-", str(copy)], capture_output=True, check=True).stdout


def test_a_message_moved_to_another_place_does_not_open(world):
    pair = everything_written(world)
    conversations.send(world.actor("ania"), pair.conversation, text="another", client_key="key-key-two")
    first, second = pair.conversation.messages.order_by("seq")
    Message.objects.filter(pk=second.pk).update(body=bytes(first.body))
    lines = talks.lines(world.actor("ania"), pair.conversation)
    assert [(line.state, line.text) for line in lines] == [("said", WORDS), ("damaged", "")]


def test_words_moved_to_another_person_do_not_open(world):
    everything_written(world)
    ask, other = Ask.objects.get(), world.draft("franek", words="other")
    Ask.objects.filter(pk=other.pk).update(words=bytes(ask.words))
    other.refresh_from_db()
    with pytest.raises(CannotUnseal):
        asks.words_of(world.actor("franek"), other)
    Person.objects.filter(pk=world.franek.pk).update(vault=world.ania.vault)  # even with her vault: another ask
    with pytest.raises(CannotUnseal):
        asks.words_of(world.actor("franek"), other)


def test_an_erased_conversation_is_gone_for_everybody(world):
    pair = everything_written(world)
    pairs.end(world.actor("ania"), pair, at_once=True)
    house = HOUSE.within(world.here.pk)
    talk = Conversation.objects.get()
    conversations.erase(house, talk)
    talk.refresh_from_db()
    assert talk.vault is None
    assert [line.text for line in talks.lines(world.actor("bartek"), talk)] == [""]
    pair.refresh_from_db()
    assert pair_reads.agreement(world.actor("ania"), pair_reads.pair(world.actor("ania"), pair.pk)).aim == ""


def test_with_the_vault_goes_all_that_was_sealed_with_it_even_from_a_backup(world):
    """The sealed bytes may lie in a backup; without the vault they say nothing."""
    pair = everything_written(world)
    kept = bytes(Message.objects.get(conversation=pair.conversation).body)
    pairs.end(world.actor("ania"), pair, at_once=True)
    conversations.erase(HOUSE.within(world.here.pk), Conversation.objects.get())
    about = f"message:{pair.conversation_id}:1"
    assert unseal(Conversation.objects.get().vault, kept, about=about) == ""
    with pytest.raises(CannotUnseal):
        unseal(new_vault(), kept, about=about)


def test_a_house_with_another_master_key_shows_nothing(world, settings):
    pair = everything_written(world)
    settings.KEYS = Ring.of(bytes(range(32)))
    lines = talks.lines(world.actor("ania"), pair.conversation)
    assert [(line.state, line.text) for line in lines] == [("damaged", "")]
    with pytest.raises(CannotUnseal):
        asks.words_of(world.actor("ania"), Ask.objects.get())
    with pytest.raises(CannotUnseal):
        conversations.send(world.actor("ania"), pair.conversation, text=WORDS, client_key="key-key-new")
    assert Message.objects.count() == 1
