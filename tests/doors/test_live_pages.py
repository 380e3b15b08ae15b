"""What the door hands on to the pages, and what it keeps for itself. Real processes on loopback."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator

import pytest

from tests.doors.processes import Town, ask, door_before_echo


@pytest.fixture(scope="module")
def port(town: Town) -> Iterator[int]:
    with door_before_echo(town.data) as port:
        yield port


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods_paths_and_queries_go_through_as_they_came(port: int, method: str):
    reply = ask(port, method, "/a%2Fb/za%C5%BC%C3%B3%C5%82%C4%87/?q=%C5%82&q=2&empty=")
    assert reply.status == 200
    assert reply.json["REQUEST_METHOD"] == method
    assert reply.json["PATH_INFO"].encode("latin-1").decode() == "/a/b/zażółć/"
    assert reply.json["QUERY_STRING"] == "q=%C5%82&q=2&empty="


def test_bodies_go_through_whole(port: int):
    body = bytes(range(256)) * 8000
    reply = ask(port, "POST", "/", body, Content_Type="application/x-test")
    assert (reply.json["length"], reply.json["digest"]) == (str(len(body)), hashlib.sha256(body).hexdigest())
    assert reply.json["CONTENT_TYPE"] == "application/x-test"


def test_a_body_without_a_known_length_goes_through(port: int):
    parts = [b"one", b"two" * 10_000, b"three"]
    reply = ask(port, "POST", "/", iter(parts))  # sent in chunks
    assert reply.json["digest"] == hashlib.sha256(b"".join(parts)).hexdigest()


def test_a_body_that_is_too_long_is_refused_before_and_while_it_is_read(port: int):
    told = ask(port, "POST", "/", b"", Content_Length=str(13_000_000))
    assert told.status == 413
    assert "This is longer than can be sent at once." in told.body.decode()
    assert _answer_to_endless_body(port).startswith(b"HTTP/1.1 413")


def _answer_to_endless_body(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"%x\r\n" % 1_000_000 + b"x" * 1_000_000 + b"\r\n"
        try:
            for _ in range(13):
                line.sendall(chunk)
        except OSError:  # refused while we were speaking
            pass
        return line.recv(4096)


def test_redirects_and_cookies_come_back_untouched(port: int):
    reply = ask(port, "GET", "/redirect")
    assert reply.status == 302
    assert reply.header("location") == ["/elsewhere?a=1"]
    assert reply.header("set-cookie") == ["a=1; Path=/", "b=2; HttpOnly"]


def test_a_head_has_no_body_and_says_how_long_it_would_be(port: int):
    whole = ask(port, "GET", "/same")
    head = ask(port, "HEAD", "/same")
    assert (head.status, head.body) == (200, b"")
    assert abs(int(head.header("content-length")[0]) - len(whole.body)) < 5  # one letter more in the method's name


def test_what_has_not_changed_needs_no_body(port: int):
    reply = ask(port, "GET", "/unchanged", If_None_Match='"x"')
    assert (reply.status, reply.body, reply.header("etag")) == (304, b"", ['"x"'])


def test_an_answer_in_parts_comes_in_full_and_still_encoded(port: int):
    reply = ask(port, "GET", "/parts", Accept_Encoding="br")
    assert reply.body == b"".join(b"%d;" % n * 1000 for n in range(200))
    assert reply.header("content-encoding") == ["br"]
    assert reply.header("transfer-encoding") == ["chunked"]


def test_headers_of_the_hop_stay_at_the_hop(port: int):
    reply = ask(
        port, "GET", "/", Connection="keep-alive, X-Private", X_Private="1", TE="trailers", Upgrade="x", X_Kept="2"
    )
    assert {"HTTP_X_PRIVATE", "HTTP_TE", "HTTP_UPGRADE"}.isdisjoint(reply.json)
    assert reply.json["HTTP_X_KEPT"] == "2"
    assert not reply.header("server")


def test_who_asks_is_said_by_the_door_and_not_by_a_header(port: int):
    reply = ask(
        port,
        "GET",
        "/",
        X_Forwarded_For="6.6.6.6",
        X_Real_IP="6.6.6.6",
        X_Forwarded_Proto="https",
        X_Forwarded_Host="evil",
        Forwarded="for=6",
    )
    assert reply.json["HTTP_X_REAL_IP"] == reply.json["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
    assert reply.json["HTTP_X_FORWARDED_PROTO"] == "http"
    assert reply.json["HTTP_X_FORWARDED_HOST"] == reply.json["HTTP_HOST"] == f"127.0.0.1:{port}"
    assert "HTTP_FORWARDED" not in reply.json


def test_an_underscore_does_not_smuggle_a_header_past(port: int):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(
            b"GET / HTTP/1.1\r\nHost: x\r\nX_Real_IP: 6.6.6.6\r\nX_FORWARDED_PROTO: https\r\nConnection: close\r\n\r\n"
        )
        answer = b""
        while part := line.recv(65536):
            answer += part
    assert b"6.6.6.6" not in answer
    assert b'"HTTP_X_FORWARDED_PROTO": "http"' in answer


def test_proxies_of_the_houses_own_are_believed_and_counted(town: Town):
    with door_before_echo(town.data, NAWZAJEM_PROXIES="2") as port:
        reply = ask(port, "GET", "/", X_Forwarded_For="6.6.6.6, 10.1.1.1, 10.2.2.2", X_Forwarded_Proto="https")
        assert reply.json["HTTP_X_REAL_IP"] == "10.1.1.1"
        assert reply.json["HTTP_X_FORWARDED_PROTO"] == "https"
        short = ask(port, "GET", "/", X_Forwarded_For="6.6.6.6")
        assert short.json["HTTP_X_REAL_IP"] == "127.0.0.1"
