"""Callers who send letter by letter to keep the door busy are cut off; everybody else is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn

from nawzajem.live.__main__ import BODY_WITHIN, HEADERS_WITHIN, Connection
from nawzajem.live.call import Call

PATIENCE = 20.0  # of the test: far longer than the door's, which is set to a moment


async def answering(scope, receive, send):
    """Takes the whole body, then says how long it was."""
    length, more = 0, True
    while more:
        message = await receive()
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"%02d" % length})


async def cut_off(
    sent: bytes, *, headers: float = PATIENCE * 2, body: float = PATIENCE * 2, of: Any = answering
) -> bytes:
    """What is answered until the door closes the connection, to a caller who falls silent after these bytes."""

    class Impatient(Connection):
        headers_within, body_within = headers, body

    config = uvicorn.Config(of, http=Impatient, lifespan="off", log_config=None, timeout_keep_alive=1)
    config.load()
    state = uvicorn.server.ServerState()
    made = await asyncio.get_running_loop().create_server(lambda: Impatient(config, state, {}), "127.0.0.1", 0)
    try:
        reader, writer = await asyncio.open_connection(*made.sockets[0].getsockname())
        writer.write(sent)
        async with asyncio.timeout(PATIENCE):
            try:
                return await reader.read()
            except ConnectionResetError:
                return b""
            finally:
                writer.close()
    finally:
        made.close()


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: here\r\nX-Slow: "])
def test_whoever_does_not_finish_the_head_of_a_request_is_cut_off(sent):
    assert asyncio.run(cut_off(sent, headers=0.1)) == b""


def test_whoever_does_not_finish_the_body_is_cut_off():
    sent = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\nabc"
    assert asyncio.run(cut_off(sent, body=0.1)) == b""


def test_whoever_sends_all_of_it_is_answered_and_may_go_on():
    sent = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\nabc" + b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
    answered = asyncio.run(cut_off(sent))
    assert answered.count(b"200 OK") == 2
    assert b"\r\n\r\n03" in answered


@pytest.mark.parametrize("again", ["keep-alive", "close"])
def test_answers_said_in_one_piece_come_in_the_order_of_the_questions(again):
    """Whole answers go past the server's own way of writing them; to whoever wants no more, and to HEAD, it looks the same."""

    async def named(scope, receive, send):
        await Call(scope, receive, send).say(200, scope["path"].encode())

    asked = b"".join(
        b"%b %b HTTP/1.1\r\nHost: here\r\nConnection: %b\r\n\r\n" % (method, path, kept)
        for method, path, kept in [
            (b"GET", b"/one", b"keep-alive"),
            (b"HEAD", b"/two", b"keep-alive"),
            (b"GET", b"/three", again.encode()),
        ]
    )
    answered = asyncio.run(cut_off(asked, of=named))
    heads = [part.split(b"\r\n\r\n") for part in answered.split(b"HTTP/1.1 200 OK\r\n")[1:]]
    assert [body for _head, body in heads] == [b"/one", b"", b"/three"]
    assert [b"content-length: %d" % n in head for n, (head, _body) in zip([4, 4, 6], heads, strict=True)] == [True] * 3
    assert all(b"content-security-policy: default-src 'none'" in head for head, _body in heads)


SECOND = b"GET /second HTTP/1.1\r\nHost: here\r\n\r\n"
AMBIGUOUS = [
    b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (5 + len(SECOND)),
    b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(SECOND),
    b"Content-Length: %d\r\nContent-Length: 0\r\n\r\n" % len(SECOND),
    b"Content-Length : %d\r\n\r\n" % len(SECOND),
    b"Content-Length: +%d\r\n\r\n" % len(SECOND),
    b"Content-Length: 0, %d\r\n\r\n" % len(SECOND),
    b"Transfer-Encoding: identity, chunked, identity\r\n\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("head", AMBIGUOUS)
def test_where_a_request_ends_is_never_guessed(head):
    """Two lengths, or a length of two kinds: refused, and what follows is not taken for another request."""
    answered = asyncio.run(cut_off(b"POST / HTTP/1.1\r\nHost: here\r\n" + head + SECOND, headers=2, body=2))
    assert b"200 OK" not in answered
    assert not answered or answered.startswith(b"HTTP/1.1 400")


def test_the_doors_own_limits_are_some_seconds():
    assert 5 <= HEADERS_WITHIN <= 30
    assert HEADERS_WITHIN < BODY_WITHIN <= 120
