"""Pages that say back what reached them, to see what the door hands on: a WSGI application for granian."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/healthz":
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]
    if path == "/redirect":
        start_response(
            "302 Found",
            [("Location", "/elsewhere?a=1"), ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; HttpOnly")],
        )
        return [b""]
    if path == "/unchanged":
        start_response("304 Not Modified", [("ETag", '"x"'), ("Content-Length", "17")])
        return [b""]
    if path == "/parts":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Encoding", "br")])
        return (b"%d;" % n * 1000 for n in range(200))
    said = environ["wsgi.input"].read()
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    told |= {"length": str(len(said)), "digest": hashlib.sha256(said).hexdigest()}
    body = json.dumps(told).encode()
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Connection", "close")]
    )
    return [body]
