"""The front door: what is live is answered here, everything else is handed on to the pages.

A small raw ASGI application. It shares models, rules and settings with the pages, but not Django's request cycle, which
would cost ten times the work for each message sent.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http.request import split_domain_port, validate_host
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import gate
from nawzajem.ground.refusals import NotAllowed, NotFound, Refusal
from nawzajem.ground.watching import watched
from nawzajem.live import notices
from nawzajem.live.bus import Ear
from nawzajem.live.call import Call, Gone, TooLong
from nawzajem.live.calls import Calls
from nawzajem.live.fragments import make_ready
from nawzajem.live.hub import Hub
from nawzajem.live.mistakes import note
from nawzajem.live.pages import Pages, PagesAway
from nawzajem.live.readers import Readers
from nawzajem.live.session import Doorkeeper
from nawzajem.live.stream import Receive, Send
from nawzajem.live.talks import Talks
from nawzajem.live.writer import NotKept, Writer

log = logging.getLogger("nawzajem.live")

STREAM = re.compile(r"/live/p/(?P<slug>[-\w]+)/stream")
TALK = re.compile(r"/live/p/(?P<slug>[-\w]+)/talks/(?P<talk>[a-z0-9]{12})/(?P<what>messages|changes|read|typing|call)")

Handler = Callable[..., Awaitable[None]]


class TooLongHere(Refusal):
    code, status = "too_long", 413
    sentence = _("This is longer than can be sent at once.")


class CannotKeep(Refusal):
    code, status = "cannot_keep", 503
    sentence = _("This could not be kept just now. Your words are still here and are sent again.")


class Broken(Refusal):
    code, status = "broken", 500
    sentence = _("Something went wrong, and it is our mistake. Please try once more.")


class Door:
    """`application` below is the one door of the process; a test may open another."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(Call(scope, receive, send))
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    # -- opening and closing ------------------------------------------------------------------------------------------

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def open(self) -> None:
        readers = Readers()
        self.keeper = Doorkeeper(readers)
        self.hub = Hub(readers, self.keeper)
        self.writer = Writer()
        self.writer.open()
        self.pages = Pages()
        self.pages.open()
        self._ear = Ear(self.hub.heard, self.hub.takes)
        talks, calls = Talks(self.hub, self.writer), Calls(readers, self.writer)
        self._does: dict[tuple[str, str], Handler] = {
            ("POST", "messages"): talks.send,
            ("GET", "messages"): talks.messages,
            ("POST", "changes"): talks.change,
            ("POST", "read"): talks.read_on,
            ("POST", "typing"): talks.typing,
            ("POST", "call"): calls.signal,
            ("GET", "call"): calls.signals,
            ("GET", "stream"): talks.listen,
        }
        self._health, self._leaves = (0.0, False), False
        self._clock = asyncio.create_task(self.hub.keep_time())
        try:
            make_ready()
        except Exception as error:  # a template is no reason to stay closed: what is handed on needs none
            note("messages could not be made ready", error)
        gc.collect()
        gc.freeze()  # what is loaded stays; looking through it again would stop every stream for a tenth of a second

    def leave(self) -> None:
        """Nobody new shall be sent here; whoever is here is answered as ever."""
        self._leaves = True

    def drain(self) -> None:
        """Streams end; what is being sent is still written and answered."""
        self.hub.close()

    async def close(self) -> None:
        self.hub.close()
        self._clock.cancel()
        await self.hub.presence.close()
        await self._ear.close()
        await self.writer.close()
        await asyncio.to_thread(self.hub.readers.close)
        await self.pages.close()

    # -- answering ----------------------------------------------------------------------------------------------------

    async def _answer(self, call: Call) -> None:
        """The one place where a no, or a mistake of ours, becomes an answer."""
        is_live = call.path.startswith("/live/")
        try:
            if is_live:
                await self._step_in(call)
            elif call.path in {"/healthz", "/readyz"}:
                await self._say_health(call, open_to_all=call.path == "/healthz" or not self._leaves)
            else:
                await self.pages.answer(call)
        except PagesAway as away:
            await self._cannot(call, notices.away, away)
        except TooLong as long:
            await (self._refuse(call, TooLongHere()) if is_live else self._cannot(call, notices.too_long, long))
        except Refusal as refusal:
            gate.refused(refusal, door="live", at=f"{call.method}:{call.path.rpartition('/')[2]}", person=None)
            await self._refuse(call, refusal)
        except (NotKept, DatabaseError, TimeoutError):
            await self._refuse(call, CannotKeep())
        except Gone:
            call.abort()
        except Exception as error:
            number = secrets.token_hex(4)
            note(f"mistake {number} on the live path", error)
            await self._refuse(call, Broken(code=f"broken_{number}"))

    async def _step_in(self, call: Call) -> None:
        if not _is_ours(call.host, tuple(settings.ALLOWED_HOSTS)):
            raise NotFound
        call.language = call.cookie(settings.LANGUAGE_COOKIE_NAME)
        _check_origin(call)
        found = TALK.fullmatch(call.path) or STREAM.fullmatch(call.path)
        if found is None:
            raise NotFound
        visitor = await self.keeper.visitor(call.cookie(settings.SESSION_COOKIE_NAME), found["slug"])
        call.language = visitor.actor.language
        named = found.groupdict()
        does = self._does.get((call.method, named.get("what", "stream")))
        if does is None:
            raise NotFound
        with watched("live", f"{call.method} {named.get('what', 'stream')}"):
            await does(call, visitor, named.get("talk", ""))

    async def _say_health(self, call: Call, *, open_to_all: bool) -> None:
        """Asked afresh once a second at most, so that asking often costs nothing. One that leaves is well and not ready."""
        now = asyncio.get_running_loop().time()
        if now - self._health[0] > 1:
            writer, pages = await asyncio.gather(self.writer.is_well(), self.pages.are_well())
            self._health = (now, writer and pages)
        well = self._health[1] and open_to_all
        await call.say(200 if well else 503, b"ok" if well else b"not ready")

    async def _refuse(self, call: Call, refusal: Refusal) -> None:
        if call.is_started:
            call.abort()
            return
        wanted = call.language if call.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(wanted):
            said = {"code": refusal.code, "sentence": str(refusal.sentence), "fields": getattr(refusal, "fields", {})}
        later = [(b"retry-after", b"5")] if refusal.status in {429, 503} else []
        await call.say_json(refusal.status, said, headers=later)

    async def _cannot(self, call: Call, notice: Callable[[], notices.Notice], error: Exception) -> None:
        if call.is_started:
            call.abort()
            return
        if isinstance(error, PagesAway):
            log.warning("the pages do not answer: %s", type(error.__cause__).__name__)
        said = notice()
        await call.start(said.status, said.headers)
        await call.finish(b"" if call.method == "HEAD" else said.body)


@lru_cache(64)
def _is_ours(host: str, allowed: Sequence[str]) -> bool:
    domain, _port = split_domain_port(host)
    return validate_host(domain, allowed)


def _check_origin(call: Call) -> None:
    """Whoever sends with a cookie must come from a page of this house, and by a script of it.

    The header of our own cannot be set by a foreign page without asking first, and asking is never answered.
    """
    site = call.header(b"sec-fetch-site")
    if site not in {"", "same-origin", "none"}:
        raise NotAllowed(code="foreign")
    if call.method in {"GET", "HEAD"}:
        return
    origin = call.header(b"origin")
    own = not origin or origin in {f"https://{call.host}", f"http://{call.host}", settings.ENV.origin}
    if not own or not (origin or site) or not call.header(b"x-nawzajem"):
        raise NotAllowed(code="foreign")


application = Door()
