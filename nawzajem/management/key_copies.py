"""A copy of the master keys, sealed with a passphrase, to be kept apart from the data and from its backups.

JSON: what it is | the names of the keys | salt | AES-256-GCM of the keys, hexadecimal, under scrypt of the passphrase
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from nawzajem.ground.keys import checked
from nawzajem.ground.seal import name_of

WHAT = "keys of Nawzajem"
SHORTEST, FEWEST = 16, 8  # letters of a passphrase, and different ones among them
NONCE = 12


def sealed(keys: Sequence[bytes], passphrase: str) -> bytes:
    if len(passphrase) < SHORTEST or len(set(passphrase)) < FEWEST:
        raise CommandError(
            _("This passphrase is too easy to guess. Take five or more words that nobody says together.")
        )
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(NONCE)
    text = "\n".join(key.hex() for key in keys)
    told = {"what": WHAT, "names": [name_of(key) for key in keys], "salt": salt.hex()}
    told["sealed"] = (nonce + _cipher(passphrase, salt).encrypt(nonce, text.encode(), WHAT.encode())).hex()
    return json.dumps(told, indent=1).encode() + b"\n"


def opened(copy: bytes, passphrase: str) -> tuple[bytes, ...]:
    try:
        told = json.loads(copy)
        salt, body = bytes.fromhex(told["salt"]), bytes.fromhex(told["sealed"])
    except (ValueError, KeyError, TypeError):
        raise CommandError(_("This is no copy of the keys of a house.")) from None
    try:
        text = _cipher(passphrase, salt).decrypt(body[:NONCE], body[NONCE:], WHAT.encode())
    except (InvalidTag, ValueError):
        raise CommandError(_("The passphrase does not open this copy, or the copy was changed.")) from None
    return tuple(checked(bytes.fromhex(line), "The copy") for line in text.decode().split())


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    """64 MB and a fifth of a second for each guess."""
    return AESGCM(Scrypt(salt=salt, length=32, n=2**16, r=8, p=1).derive(passphrase.encode()))
