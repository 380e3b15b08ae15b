"""The master keys: made once, refused when weak, wrapped by a program, changed while people write."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import pytest
from django.apps import apps

from nawzajem.conversations import acts as conversations
from nawzajem.conversations import reads as talks
from nawzajem.conversations.models import Conversation
from nawzajem.ground import seal
from nawzajem.ground.keys import Digits, Ring, WrongKey, derive, new_key, ring
from nawzajem.ground.seal import CannotUnseal, fingerprint, name_of, new_vault, unseal
from nawzajem.management import vaults
from nawzajem.management.vaults import FIELD
from nawzajem.pairs import acts as pairs
from tests.cast import HOUSE

WORDS = "Boję się nocy."
ONE, TWO = new_key(), new_key()


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "data" / "key"
    made = ring("", path).newest
    assert ring("", path).known == (made,)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_key_from_the_environment_comes_first_and_leaves_no_file(tmp_path):
    assert ring(f"{ONE.hex()},{TWO.hex()}", tmp_path / "key").known == (ONE, TWO)
    assert not (tmp_path / "key").exists()


WEAK = {
    "none": "",
    "zeros": "00" * 32,
    "short": "ab" * 31,
    "no digits": "zz" * 32,
    "long": "ab" * 33,
    "words": "hello",
    "repeating": "0123456789abcdef" * 4,
    "half twice": secrets.token_bytes(16).hex() * 2,
    "counting": bytes(range(32)).hex(),
    "counting down": bytes(range(255, 223, -1)).hex(),
    "a sentence": b"Zielone krzeslo stoi pod oknem 7".hex(),
}


@pytest.mark.parametrize("what", WEAK)
def test_a_weak_or_spoilt_key_is_told_in_a_sentence(tmp_path, what):
    path = tmp_path / "key"
    path.write_text(WEAK[what])
    with pytest.raises(WrongKey, match="openssl rand -hex 32"):
        ring("", path)
    path.write_text(f"{ONE.hex()}\n{WEAK[what] or 'x'}\n")
    with pytest.raises(WrongKey):
        ring("", path)


def test_keys_for_two_purposes_have_nothing_in_common():
    assert derive(ONE, "wrap") != derive(ONE, "django") != ONE


# -- wrapped by a program ---------------------------------------------------------------------------------------------

KMS = """
import sys
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
outer, line = AESGCM(bytes.fromhex(open(sys.argv[1]).read())), sys.stdin.read().strip()
if sys.argv[2] == "wrap":
    print("v1:" + outer.encrypt(b"n" * 12, line.encode(), None).hex())
else:
    print(outer.decrypt(b"n" * 12, bytes.fromhex(line.removeprefix("v1:")), None).decode())
"""


@pytest.fixture
def kms(tmp_path: Path) -> str:
    """A program that wraps and unwraps, with a key that the house never sees."""
    (tmp_path / "kms.py").write_text(KMS)
    (tmp_path / "outer").write_text(secrets.token_hex(32))
    return f"{sys.executable} {tmp_path}/kms.py {tmp_path}/outer"


def test_with_a_program_the_file_holds_no_key(tmp_path, kms):
    path = tmp_path / "data" / "key"
    made = ring("", path, command=kms)
    assert made.newest.hex() not in path.read_text()
    assert path.read_text().startswith("v1:")
    assert ring("", path, command=kms).known == made.known
    assert ring(path.read_text(), tmp_path / "none", command=kms).known == made.known
    made.write([ONE, *made.known])
    assert ring("", path, command=kms).known == (ONE, made.known[-1])
    assert ONE.hex() not in path.read_text()


@pytest.mark.parametrize("command", ["/nowhere/kms", "false", "true", "echo two words", 'a "b', "cat"])
def test_a_program_that_cannot_do_it_is_told_in_a_sentence_that_quotes_nothing(tmp_path, command):
    path = tmp_path / "key"
    path.write_text("secret-of-the-keeper\n")
    with pytest.raises(WrongKey) as told:
        ring("", path, command=command)
    assert "NAWZAJEM_KEY_COMMAND" in str(told.value)
    assert "secret" not in str(told.value)


# -- changed ----------------------------------------------------------------------------------------------------------


def test_whoever_has_the_file_open_learns_of_a_new_key_when_it_is_needed(tmp_path):
    path = tmp_path / "key"
    mine, theirs = ring("", path), ring("", path)
    old = mine.newest
    mine.write([ONE, old])
    assert theirs.known == (old,)
    assert theirs.newest == ONE
    path.write_text("half of a k")
    assert theirs.newest == ONE  # nobody is stopped by a file that is being spoilt
    path.unlink()
    assert theirs.fresh() == (ONE, old)


def test_a_file_that_cannot_be_written_leaves_the_keys_as_they_were(tmp_path, monkeypatch):
    mine = ring("", tmp_path / "key")
    old = mine.known

    class Broken(Digits):
        def written(self, key):
            raise OSError("no room")

    mine.form = Broken()
    with pytest.raises(OSError, match="no room"):
        mine.write([ONE, *old])
    assert ring("", tmp_path / "key").known == old
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_every_vault_stands_in_a_field_of_that_name():
    """The command that changes the key finds them by it; a sealed key elsewhere would be lost with the old master key."""
    makers = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.default is new_vault and field.name != FIELD
    }
    assert makers == set()
    found = {model._meta.object_name for model in vaults.tables()}
    assert found >= {"Person", "Conversation", "Report", "Lasting"}


@pytest.fixture
def old_and_new(settings):
    """The house's key, and the same with another before it."""
    old = settings.KEYS.newest
    return old, Ring.of(ONE, old)


def said(world) -> tuple[object, bytes]:
    pair = world.pair()
    conversations.send(world.actor("ania"), pair.conversation, text=WORDS, client_key="key-key-key")
    return pair, bytes(Conversation.objects.get(pk=pair.conversation_id).vault)


def erased(world, pair) -> None:
    pairs.end(world.actor("ania"), pair, at_once=True)
    conversations.erase(HOUSE.within(world.here.pk), Conversation.objects.get(pk=pair.conversation_id))


@pytest.mark.django_db
def test_after_a_change_everything_opens_without_the_old_key(world, settings, old_and_new):
    old, both = old_and_new
    pair, _vault = said(world)
    mark = fingerprint("0417", purpose="staff")
    vaults.keep_fingerprints()
    settings.KEYS = both
    assert vaults.counted().keys() == {name_of(old)}
    done = vaults.rewrap()
    assert vaults.counted() == {name_of(ONE): done}
    settings.KEYS = Ring.of(ONE)
    (line,) = talks.lines(
        world.actor("bartek"), pair.conversation
    )  # an object of before, which still has the old vault
    assert (line.state, line.text) == ("damaged", "")
    pair.conversation.refresh_from_db()
    assert [line.text for line in talks.lines(world.actor("bartek"), pair.conversation)] == [WORDS]
    assert fingerprint("0417", purpose="staff") == mark
    assert vaults.rewrap() == 0


@pytest.mark.django_db
def test_whoever_writes_meanwhile_with_either_key_is_understood(world, settings, old_and_new):
    old, both = old_and_new
    said(world)
    settings.KEYS = both
    fresh = new_vault()
    vaults.rewrap()
    settings.KEYS = Ring.of(old, ONE)  # a process that has the new key for opening only
    late = new_vault()
    settings.KEYS = both
    for vault in (fresh, late):
        assert unseal(vault, seal.seal(vault, WORDS, about="x"), about="x") == WORDS
    assert (seal.wrapped_by(fresh), seal.wrapped_by(late)) == (name_of(ONE), name_of(old))


@pytest.mark.django_db
def test_what_is_erased_while_keys_change_stays_erased(world, settings, old_and_new):
    pair, vault = said(world)
    settings.KEYS = old_and_new[1]
    erased(world, pair)
    assert vaults._some(Conversation, [(pair.conversation_id, vault)]) == 0
    assert Conversation.objects.get(pk=pair.conversation_id).vault is None


@pytest.mark.django_db
def test_broken_off_half_way_it_goes_on_where_it_was(world, settings, old_and_new, monkeypatch):
    said(world)
    settings.KEYS = old_and_new[1]
    monkeypatch.setattr(vaults, "TOGETHER", 2)
    some, times = vaults._some, []

    def killed_at_the_third(model, old):
        times.append(model)
        if len(times) == 3:
            raise KeyboardInterrupt
        return some(model, old)

    monkeypatch.setattr(vaults, "_some", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        vaults.rewrap()
    assert set(vaults.counted()) == {name_of(key) for key in old_and_new[1].known}
    vaults.rewrap()
    assert set(vaults.counted()) == {name_of(ONE)}


@pytest.mark.django_db
def test_with_the_old_key_gone_and_a_vault_destroyed_nothing_opens_what_was_sealed(world, settings, old_and_new):
    """Erasure holds across a change of keys: neither key brings back what had no vault any more."""
    pair, vault = said(world)
    body = bytes(pair.conversation.messages.get().body)
    erased(world, pair)
    settings.KEYS = old_and_new[1]
    vaults.rewrap()
    assert (
        unseal(Conversation.objects.get(pk=pair.conversation_id).vault, body, about=f"message:{pair.conversation_id}:1")
        == ""
    )
    settings.KEYS = Ring.of(ONE)
    with pytest.raises(CannotUnseal):  # from a backup of before, with the new key only
        unseal(vault, body, about=f"message:{pair.conversation_id}:1")
