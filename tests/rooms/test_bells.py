"""Devices that ring: rung once for what is due, without a word, at known services only; and gone with the device."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from allauth.account.models import EmailAddress
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.contrib.sessions.models import Session

from nawzajem.conversations import acts as conversations
from nawzajem.ground.actor import CHORE
from nawzajem.ground.refusals import Invalid, NotAllowed, NotFound, Stale
from nawzajem.notify import acts, chores, post, push, reads, ringing
from nawzajem.notify.models import Bell, Letter, Ringer
from nawzajem.people import acts as people
from nawzajem.people.models import Device
from nawzajem.rights import acts as rights
from nawzajem.rights import reads as own_data
from nawzajem.safety.concerns import acts as concerns
from nawzajem.safety.concerns import chores as concern_chores
from tests.doors.sessions import session_of

pytestmark = pytest.mark.django_db

PHONE = "Mozilla/5.0 (Android 14; Mobile) Firefox/140.0"
KNOWN = "https://updates.push.services.mozilla.com/wpush/v2/gAAAA"


class Service(ThreadingHTTPServer):
    """A push service on this machine: it answers with `status`, and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Rung)
        self.status, self.rung = 201, list[tuple[str, dict[str, str], bytes]]()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Rung(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.rung.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", f"{self.server.origin}/elsewhere")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def service(settings):
    one = Service()
    threading.Thread(target=one.serve_forever, daemon=True).start()
    settings.ENV = replace(settings.ENV, push=one.origin)
    ringing.begin()
    yield one
    one.shutdown()
    one.server_close()


def device_of(world, name) -> Device:
    return people.seen_on(world.actor(name), world.people[name], session=session_of(world.people[name]), agent=PHONE)


def hang(world, name, address) -> Bell:
    return acts.hang_bell(world.actor(name), world.people[name], address=address, device=device_of(world, name).pk)


def called(world, clock):
    """Franek is called to a concern, and the letters are made."""
    concerns.raise_concern(CHORE.within(world.here.pk), world.ania, origin="screening", tier=3, talk="talk")
    concern_chores.call()
    clock(minutes=2)
    chores.make()


def test_whoever_is_called_is_rung_once_without_a_word_though_they_have_no_address(world, clock, service):
    hang(world, "franek", f"{service.origin}/p/1")
    called(world, clock)
    assert ringing.some_due()
    ringing.ring()
    ringing.ring()
    [(path, headers, body)] = service.rung
    assert (path, body, headers["Urgency"]) == ("/p/1", b"", "high")
    assert not ringing.some_due()


def test_it_rings_while_the_post_is_down_and_before_or_after_the_post_went(world, clock, service, monkeypatch):
    EmailAddress.objects.create(user=world.franek, email="f@example.org", verified=True, primary=True)
    hang(world, "franek", f"{service.origin}/p/1")
    called(world, clock)

    def down(*_args, **_more):
        raise OSError

    with monkeypatch.context() as outside:
        outside.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", down)
        post.carry()
    assert Letter.objects.get().state == Letter.State.WAITING
    ringing.ring()
    assert len(service.rung) == 1
    clock(minutes=6)
    post.carry()
    assert Letter.objects.get().state == Letter.State.SENT


def test_the_service_learns_who_rings_by_a_token_that_the_key_in_it_proves(world, clock, service):
    hang(world, "franek", f"{service.origin}/p/1")
    called(world, clock)
    ringing.ring()
    said, _space, rest = service.rung[0][1]["Authorization"].partition(" ")
    token, key = (part.strip()[2:] for part in rest.split(","))
    head, claims, signature = token.split(".")
    raw = _raw(signature)
    signed = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _raw(key))
    point.verify(signed, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    told = json.loads(_raw(claims))
    assert (said, told["aud"]) == ("vapid", service.origin)
    assert timedelta(0) < timedelta(seconds=told["exp"] - clock().timestamp()) <= timedelta(hours=24)


def _raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("status", [404, 410])
def test_an_address_that_was_given_back_is_forgotten(world, clock, service, status):
    service.status = status
    hang(world, "franek", f"{service.origin}/p/1")
    called(world, clock)
    ringing.ring()
    assert not Bell.objects.exists()


@pytest.mark.parametrize("status", [500, 429, 302])
def test_a_service_that_cannot_just_now_is_asked_again_for_an_hour(world, clock, service, status):
    service.status = status
    hang(world, "franek", f"{service.origin}/p/1")
    called(world, clock)
    ringing.ring()
    assert [path for path, *_more in service.rung] == ["/p/1"]  # and nothing is followed elsewhere
    service.status = 201
    ringing.ring()
    assert len(service.rung) == 2
    Letter.objects.update(rung_at=None)
    clock(hours=2)
    assert not ringing.some_due()


def test_nobody_rings_where_somebody_has_signed_out(world, clock, service):
    bell = hang(world, "franek", f"{service.origin}/p/1")
    Session.objects.filter(session_key=bell.device.session).delete()
    called(world, clock)
    ringing.ring()
    assert service.rung == []
    people.end_other_devices(world.actor("franek"), world.franek, but="")
    assert not Bell.objects.exists()


def test_a_message_rings_once_until_it_was_looked_at(world, clock, service):
    clock(hours=(34 - clock().hour) % 24)  # by day
    pair = world.pair()
    hang(world, "bartek", f"{service.origin}/p/1")

    def writes(n):
        conversations.send(world.actor("ania"), pair.conversation, text="Halo", client_key=f"key-{n:05}")
        for _made_and_due in range(2):
            clock(minutes=12)
            chores.make()
            ringing.ring()
            post.carry()

    for n in range(3):
        writes(n)
    assert len([path for path, *_more in service.rung]) == 1


def test_who_does_not_want_a_kind_is_not_rung_for_it(world, clock, service):
    clock(hours=(34 - clock().hour) % 24)
    hang(world, "bartek", f"{service.origin}/p/1")
    acts.choose(world.actor("bartek"), world.bartek, kinds=[], quiet_from=0, quiet_until=0)
    world.proposal()
    clock(minutes=5)
    chores.make()
    ringing.ring()
    assert service.rung == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://updates.push.services.mozilla.com/wpush/x",
        "https://updates.push.services.mozilla.com:8443/wpush/x",
        "https://updates.push.services.mozilla.com@127.0.0.1/x",
        "https://me:you@fcm.googleapis.com/x",
        "https://fcm.googleapis.com.example.org/x",
        "https://notify.windows.com.example.org/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/" + "x" * 1000,
        "https://fcm.googleapis.com/ż",
    ],
)
def test_only_known_services_are_rung(world, address):
    assert push.may_be_rung("https://db5p.notify.windows.com/w/?token=a")
    assert not push.may_be_rung(address)
    with pytest.raises(Invalid):
        hang(world, "ania", address)
    with pytest.raises(push.NotThere):
        push.ring(address, push.new_secret(), urgent=False)


@pytest.mark.parametrize("place", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1"])
def test_a_known_name_that_leads_into_this_network_is_not_rung(monkeypatch, place):
    monkeypatch.setattr(
        "socket.getaddrinfo",
        lambda *_what, **_more: [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", (place, 443))],
    )
    with pytest.raises(push.NotThere):
        push.ring(KNOWN, push.new_secret(), urgent=False)


def test_an_address_is_sealed_told_to_its_owner_and_goes_with_them(world, settings):
    bell = hang(world, "ania", KNOWN)
    assert KNOWN.encode() not in bytes(bell.address)
    assert own_data.everything(world.actor("ania"))["letters"]["bells"][0]["address"] == KNOWN
    rights.erase(world.actor("ania"), world.ania, keep_messages=False)
    assert not Bell.objects.exists()


def test_one_device_has_one_bell_and_an_address_has_one_owner(world):
    device = device_of(world, "ania")
    ania = world.actor("ania"), world.ania
    first = acts.hang_bell(*ania, address=KNOWN, device=device.pk)
    assert acts.hang_bell(*ania, address=KNOWN, device=device.pk) == first
    acts.hang_bell(*ania, address=f"{KNOWN}2", device=device.pk)
    hang(world, "bartek", f"{KNOWN}2")
    assert [one.person for one in Bell.objects.all()] == [world.bartek]


def test_nobody_hangs_or_takes_down_a_bell_of_somebody_else(world):
    bell = hang(world, "ania", KNOWN)
    with pytest.raises(NotAllowed):
        acts.hang_bell(world.actor("bartek"), world.ania, address=KNOWN, device=bell.device.pk)
    with pytest.raises(NotFound):
        acts.hang_bell(world.actor("bartek"), world.bartek, address=KNOWN, device=bell.device.pk)
    acts.take_bell_down(world.actor("bartek"), world.bartek, bell=bell.pk)
    assert Bell.objects.exists()
    acts.take_bell_down(world.actor("ania"), world.ania, bell=bell.pk)
    assert not Bell.objects.exists()


def test_the_house_has_one_key_and_keeps_it_sealed(world):
    ringing.begin()
    secret = reads.secret_of_ringer()
    ringing.begin()
    acts.make_ringer(CHORE)
    assert reads.secret_of_ringer() == secret
    assert secret.encode() not in bytes(Ringer.objects.get().key)


def test_of_two_who_ring_for_one_letter_one_does(world, clock, service):
    hang(world, "franek", f"{service.origin}/p/1")
    called(world, clock)
    letter = Letter.objects.get()
    acts.rung(CHORE, letter)
    with pytest.raises(Stale):
        acts.rung(CHORE, letter)


def test_switched_off_there_is_nothing_to_hang(world, settings):
    settings.ENV = replace(settings.ENV, push="off")
    ringing.begin()
    assert not Ringer.objects.exists()
    with pytest.raises(Invalid):
        hang(world, "ania", KNOWN)
