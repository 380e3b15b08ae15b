"""What people write, made unreadable without a key. AES-256-GCM; each conversation and each person has a key of its own.

A vault is such a key, wrapped by the master key that was the newest then; a vault always stands in a field named `vault`. Destroying the vault destroys, at once and for good, all that was
sealed with it. Backups made before still hold it; that is why they are deleted after some weeks.

    vault:  version (1 byte) | id of the master key (4) | nonce (12) | wrapped key and tag (48)
    passing vault: version 2 (1 byte) | id of a row in a table of its own, which holds the vault and is in no backup
    sealed: version (1 byte) | nonce (12) | text and tag
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from base64 import b64decode, b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from nawzajem.ground.keys import derive
from nawzajem.ground.models import Lasting, Passing

Stored = bytes | memoryview  # what a database gives back

log = logging.getLogger("nawzajem.seal")

VERSION, PASSING = b"\x01", b"\x02"
NONCE = 12
FINGERPRINTS, HIDDEN = "fingerprints", "hidden:"


class CannotUnseal(Exception):
    """The key does not open this. Not a refusal: the installation is wrong, or somebody changed the stored bytes."""


@lru_cache(maxsize=16)
def _wrapping(master: bytes) -> tuple[bytes, AESGCM]:
    key = derive(master, "wrap")
    return hashlib.sha256(key).digest()[:4], AESGCM(key)


def new_vault() -> bytes:
    return _wrapped(AESGCM.generate_key(256))


def _wrapped(key: bytes) -> bytes:
    key_id, wrapper = _wrapping(settings.KEYS.newest)
    nonce = secrets.token_bytes(NONCE)
    return VERSION + key_id + nonce + wrapper.encrypt(nonce, key, b"vault")


class Gone(CannotUnseal):
    """It was destroyed, as was promised."""


def pointer(row: str) -> bytes:
    """A vault that only points to the one in this row of the table of passing ones."""
    return PASSING + row.encode()


def pointed_at(vault: Stored) -> str:
    """The row that a vault points to; empty for one that stands for itself."""
    vault = bytes(vault)
    if vault[:1] != PASSING:
        return ""
    if not vault[1:].isalnum():
        raise CannotUnseal("the vault was changed")
    return vault[1:].decode()


def _passing(row: str) -> bytes:
    found = Passing.objects.filter(pk=row).first()
    if found is None:
        raise Gone
    return bytes(found.vault)


def _open(vault: Stored) -> bytes:
    vault = bytes(vault)
    if row := pointed_at(vault):
        vault = _passing(row)
    wrapper = _wrapper(vault[1:5])
    if vault[:1] != VERSION or wrapper is None:
        raise CannotUnseal("wrapped with another master key")
    try:
        return wrapper.decrypt(vault[5 : 5 + NONCE], vault[5 + NONCE :], b"vault")
    except (InvalidTag, ValueError) as error:  # ValueError: it was cut short
        raise CannotUnseal("the vault was changed") from error


def _wrapper(key_id: bytes) -> AESGCM | None:
    """One that is not known may have come a moment ago."""
    return _among(settings.KEYS.known, key_id) or _among(settings.KEYS.fresh(), key_id)


def _among(masters: tuple[bytes, ...], key_id: bytes) -> AESGCM | None:
    return next((wrapper for one, wrapper in map(_wrapping, masters) if one == key_id), None)


def name_of(master: bytes) -> str:
    """Tells one master key from another, and tells nothing of it."""
    return _wrapping(master)[0].hex()


def wrapped_by(vault: Stored) -> str:
    """The name of the master key that a vault needs. One that only points to another needs none itself."""
    if pointed_at(vault):
        return name_of(settings.KEYS.newest)
    return bytes(vault[1:5]).hex()


def rewrapped(vault: Stored) -> bytes:
    """The same key, wrapped by the newest master key: what was sealed with it opens as before."""
    if pointed_at(vault):
        return bytes(vault)
    return _wrapped(_open(vault))


def opens(vault: Stored) -> bool:
    """Whether the master key is here that this was wrapped with."""
    try:
        _open(vault)
    except CannotUnseal:
        return False
    return True


def seal(vault: Stored, text: str, *, about: str) -> bytes:
    """`about` names the place the text belongs to; bytes moved to another place do not open there. Half a character, which
    JSON can carry and no alphabet knows, becomes a question mark."""
    nonce = secrets.token_bytes(NONCE)
    return VERSION + nonce + AESGCM(_open(vault)).encrypt(nonce, text.encode(errors="replace"), about.encode())


def unseal(vault: Stored | None, sealed: Stored | None, *, about: str) -> str:
    """The text; empty when there is none, or when its vault was destroyed."""
    if not vault or not sealed:
        return ""
    sealed = bytes(sealed)
    if sealed[:1] != VERSION:
        raise CannotUnseal(about)
    try:
        return AESGCM(_open(vault)).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], about.encode()).decode()
    except Gone:
        return ""
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal(about) from error


def readable(vault: Stored | None, sealed: Stored | None, *, about: str) -> str | None:
    """The text, or None where the key does not open it: one damaged text must not hide those around it."""
    try:
        return unseal(vault, sealed, about=about)
    except CannotUnseal:
        log.warning("%s cannot be opened", about)
        return None


def fingerprint(text: str, *, purpose: str) -> str:
    """A keyed hash: equal for equal words, and worth nothing without the master key."""
    return hmac.new(
        derive(_for_fingerprints(settings.KEYS.fresh()), purpose), text.encode(), hashlib.sha256
    ).hexdigest()


def hide(text: str, *, purpose: str) -> str:
    """Sealed for a table of a library, as text. With the key of the fingerprints, which stays when the master key changes."""
    nonce = secrets.token_bytes(NONCE)
    return HIDDEN + b64encode(nonce + _hiding(purpose).encrypt(nonce, text.encode(), purpose.encode())).decode()


def show(hidden: str, *, purpose: str) -> str:
    """What was hidden; what was kept before anything was hidden comes back as it is."""
    if not hidden.startswith(HIDDEN):
        return hidden
    try:
        held = b64decode(hidden.removeprefix(HIDDEN))
        return _hiding(purpose).decrypt(held[:NONCE], held[NONCE:], purpose.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal(purpose) from error


def _hiding(purpose: str) -> AESGCM:
    return AESGCM(derive(_for_fingerprints(settings.KEYS.fresh()), f"hidden/{purpose}"))


@lru_cache(maxsize=4)
def _for_fingerprints(masters: tuple[bytes, ...]) -> bytes:
    """What is kept as a hash only cannot be hashed anew. So its key stays when the master key changes: from then on it lies in a
    vault of its own."""
    kept = Lasting.objects.filter(name=FINGERPRINTS).first()
    return _open(kept.vault) if kept else derive(masters[-1], FINGERPRINTS)


def vault_of_fingerprints() -> bytes:
    """For the first change of the master key."""
    return _wrapped(_for_fingerprints(settings.KEYS.fresh()))
