"""Pages and the api: Django's ordinary request cycle, served by granian."""

import io
import os
from collections.abc import Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.wsgi import get_wsgi_application
from django.db import connections

_pages = get_wsgi_application()


def _make_ready() -> None:
    """The first page takes a second, for addresses, templates and words are read for it: now, and not with somebody waiting."""
    for language in ("pl", "en"):
        asked: dict[str, Any] = {"REQUEST_METHOD": "GET", "PATH_INFO": "/about/", "QUERY_STRING": ""}
        asked |= {"HTTP_HOST": "localhost", "SERVER_NAME": "localhost", "SERVER_PORT": "80", "wsgi.url_scheme": "http"}
        asked |= {"HTTP_ACCEPT_LANGUAGE": language, "wsgi.input": io.BytesIO()}
        _pages(asked, _to_nobody).close()
    connections.close_all()


def _to_nobody(*_head: Any) -> Any:
    return lambda _body: None


_make_ready()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The front door asks on /healthz whether the pages are loaded and have a thread to spare."""
    if environ["PATH_INFO"] == "/healthz":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]
    return _pages(environ, start_response)
