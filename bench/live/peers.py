"""Two well-known ways of live pages in Django, doing the same work as simply as their documents show it, and nothing besides:
no session, no rule, no encryption, no database. python -m bench.live.peers channels|eventstream SOCKET
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

import django
import uvicorn
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]


def channels() -> Any:
    """Channels with its Redis layer, the one that loses nothing: pub/sub."""
    from channels.generic.http import AsyncHttpConsumer
    from channels.layers import get_channel_layer
    from channels.routing import URLRouter

    class Stream(AsyncHttpConsumer):
        async def handle(self, body: bytes) -> None:
            await self.channel_layer.group_add("hall", self.channel_name)
            await self.send_headers(headers=HEADERS)
            await self.send_body(b"event: open\n\n", more_body=True)

        async def http_request(self, message: Any) -> None:
            """As the library's own, which would end the answer after `handle`."""
            await self.handle(b"")

        async def hall_said(self, event: Any) -> None:
            await self.send_body(f"event: message\ndata: {event['text']}\n\n".encode(), more_body=True)

    class Post(AsyncHttpConsumer):
        async def handle(self, body: bytes) -> None:
            await get_channel_layer().group_send("hall", {"type": "hall.said", "text": body.decode()})
            await self.send_response(200, b"ok", headers=[(b"content-length", b"2")])

    return URLRouter([path("stream", Stream.as_asgi()), path("post", Post.as_asgi())])


def said(request: HttpRequest) -> HttpResponse:
    from django_eventstream import send_event

    send_event("hall", "message", request.body.decode(), json_encode=False)
    return HttpResponse("ok", headers={"Content-Length": "2"})


def eventstream() -> Any:
    from django.core.asgi import get_asgi_application

    application = get_asgi_application()
    urlpatterns.extend([path("stream", include("django_eventstream.urls"), {"channels": ["hall"]}), path("post", said)])
    return application


urlpatterns: list[Any] = []


def main(which: str, handle: int) -> None:
    settings.configure(
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="__main__",
        USE_TZ=True,
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "channels", "django_eventstream"],
        CHANNEL_LAYERS={
            "default": {
                "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
                "CONFIG": {"hosts": [f"unix://{os.environ['BENCH_REDIS']}"]},
            }
        },
    )
    django.setup()
    application = {"channels": channels, "eventstream": eventstream}[which]()
    config = uvicorn.Config(application, log_config=None, access_log=False, ws="none", lifespan="off")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=handle)])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
