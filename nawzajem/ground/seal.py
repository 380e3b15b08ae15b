"""What people write, made unreadable without a key. AES-256-GCM; each conversation and each person has a key of its own.

A vault is such a key, wrapped by the master key. Destroying the vault destroys, at once and for good, all that was
sealed with it. Backups made before still hold it; that is why they are deleted after some weeks.

    vault:  version (1 byte) | id of the master key (4) | nonce (12) | wrapped key and tag (48)
    sealed: version (1 byte) | nonce (12) | text and tag
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from nawzajem.ground.keys import derive

Stored = bytes | memoryview  # what a database gives back

VERSION = b"\x01"
NONCE = 12


class CannotUnseal(Exception):
    """The key does not open this. Not a refusal: the installation is wrong, or somebody changed the stored bytes."""


@lru_cache(maxsize=4)
def _wrapping(master: bytes) -> tuple[bytes, AESGCM]:
    key = derive(master, "wrap")
    return hashlib.sha256(key).digest()[:4], AESGCM(key)


def new_vault() -> bytes:
    key_id, wrapper = _wrapping(settings.MASTER_KEY)
    nonce = secrets.token_bytes(NONCE)
    return VERSION + key_id + nonce + wrapper.encrypt(nonce, AESGCM.generate_key(256), b"vault")


def _open(vault: Stored) -> AESGCM:
    key_id, wrapper = _wrapping(settings.MASTER_KEY)
    vault = bytes(vault)
    if vault[:1] != VERSION or vault[1:5] != key_id:
        raise CannotUnseal("wrapped with another master key")
    try:
        return AESGCM(wrapper.decrypt(vault[5 : 5 + NONCE], vault[5 + NONCE :], b"vault"))
    except (InvalidTag, ValueError) as error:  # ValueError: it was cut short
        raise CannotUnseal("the vault was changed") from error


def opens(vault: Stored) -> bool:
    """Whether the present master key is the one this was wrapped with."""
    try:
        _open(vault)
    except CannotUnseal:
        return False
    return True


def seal(vault: Stored, text: str, *, about: str) -> bytes:
    """`about` names the place the text belongs to; bytes moved to another place do not open there. Half a character, which
    JSON can carry and no alphabet knows, becomes a question mark."""
    nonce = secrets.token_bytes(NONCE)
    return VERSION + nonce + _open(vault).encrypt(nonce, text.encode(errors="replace"), about.encode())


def unseal(vault: Stored | None, sealed: Stored | None, *, about: str) -> str:
    """The text; empty when there is none, or when its vault was destroyed."""
    if not vault or not sealed:
        return ""
    sealed = bytes(sealed)
    if sealed[:1] != VERSION:
        raise CannotUnseal(about)
    try:
        return _open(vault).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], about.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal(about) from error


def fingerprint(text: str, *, purpose: str) -> str:
    """A keyed hash: equal for equal words, and worth nothing without the master key."""
    return hmac.new(derive(settings.MASTER_KEY, purpose), text.encode(), hashlib.sha256).hexdigest()
