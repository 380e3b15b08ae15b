"""Ringing at people's devices through the push services of their browsers: https, a signature, and not one word.

Nothing is sent but that something waits (RFC 8030), so there is nothing to encrypt; what it is, the device asks the house
itself. The house shows who it is by a signed token (RFC 8292). An address was given by a browser, so it is not believed: it
must belong to a push service that the settings name, and lead out of this network.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
from base64 import urlsafe_b64encode
from email.utils import parseaddr
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from nawzajem.ground import clock

PATIENCE = 10  # seconds for a push service to answer
HOLDS = 12 * 60 * 60  # seconds for which a token holds; services take no longer than a day
KEPT = 60 * 60  # seconds for which a service keeps ringing for a device that is off
LONGEST = 1000  # letters of an address
GONE = {404, 410}  # the browser has given the address back


class NotThere(Exception):
    """Nobody can be rung at this address any more, or it must not be rung."""


class NotNow(Exception):
    """The service did not answer, or not yet. Tried again."""


def is_on() -> bool:
    return settings.ENV.push != "off"


def may_be_rung(address: str) -> bool:
    """Whether an address belongs to a push service that the settings name."""
    try:
        return len(address) <= LONGEST and address.isascii() and _service(urlsplit(address)) is not None
    except ValueError:
        return False


def ring(address: str, secret: str, *, urgent: bool) -> None:
    """One empty message. NotThere where it is gone for good, NotNow where it may come about later."""
    if not may_be_rung(address):
        raise NotThere
    try:
        status = _posted(urlsplit(address), secret, urgent=urgent)
    except (OSError, http.client.HTTPException) as error:
        raise NotNow from error
    if status in GONE:
        raise NotThere
    if status >= 300:  # nothing is followed elsewhere
        raise NotNow


def _posted(where: SplitResult, secret: str, *, urgent: bool) -> int:
    line = _line(where)
    try:
        headers = {
            "TTL": str(KEPT),
            "Urgency": "high" if urgent else "normal",
            "Content-Length": "0",
            "Authorization": f"vapid t={token(f'{where.scheme}://{where.netloc}', secret)}, k={public(secret)}",
        }
        line.request("POST", where.path + (f"?{where.query}" if where.query else ""), headers=headers)
        return line.getresponse().status
    finally:
        line.close()


# -- where it may lead ------------------------------------------------------------------------------------------------


def _service(where: SplitResult) -> str | None:
    """Which of the named services it is. One that stands there as an address is the keeper's own and may be anywhere."""
    if where.username or where.password or where.fragment or not where.hostname:
        return None
    for one in settings.ENV.push.split():
        if one == f"{where.scheme}://{where.netloc}":
            return one
        if where.scheme == "https" and where.port in {None, 443} and _is_named(where.hostname, one):
            return one
    return None


def _is_named(host: str, name: str) -> bool:
    return host.endswith(name[1:]) if name.startswith("*.") else host == name


def _line(where: SplitResult) -> http.client.HTTPConnection:
    own, host = "://" in (_service(where) or ""), where.hostname or ""
    port = where.port or (443 if where.scheme == "https" else 80)
    if own and where.scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=PATIENCE)
    line = http.client.HTTPSConnection(host, port, timeout=PATIENCE)
    if not own:  # looked up once, and that place is called: a name may lead elsewhere a moment later
        place = socket.create_connection((_outside(host, port), port), timeout=PATIENCE)
        line.sock = ssl.create_default_context().wrap_socket(place, server_hostname=host)
    return line


def _outside(host: str, port: int) -> str:
    found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if not found or not all(ipaddress.ip_address(one).is_global for one in found):
        raise NotThere
    return sorted(found)[0]


# -- who rings --------------------------------------------------------------------------------------------------------


def new_secret() -> str:
    """In hexadecimal digits."""
    return f"{ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value:064x}"


@lru_cache(maxsize=4)
def _key(secret: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(secret, 16), ec.SECP256R1())


def public(secret: str) -> str:
    """As browsers and services want it: the point, uncompressed, in base64url."""
    return _text(_key(secret).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def token(audience: str, secret: str) -> str:
    """A signed statement (ES256) that this house rings, for one service and half a day."""
    writer = parseaddr(settings.ENV.email_from)[1]
    claims = {"aud": audience, "exp": int(clock.now().timestamp()) + HOLDS, "sub": f"mailto:{writer}"}
    said = ".".join(_text(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(_key(secret).sign(said.encode(), ec.ECDSA(SHA256())))
    return f"{said}.{_text(r.to_bytes(32) + s.to_bytes(32))}"


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
