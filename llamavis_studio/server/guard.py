"""Who may speak to the service: only what holds the token, and never a web page.

Host (DNS rebinding) -> Origin and Sec-Fetch-Site (drive-by pages) -> rate -> token -> the request

A page can send forms and simple requests to any port of this machine, and, once its name is bound
anew to 127.0.0.1, read the answers. It cannot know the token, set `Authorization` without asking,
or send a `Host` that is ours.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from llamavis_studio.server.replies import Refusal, refuse, refused

log = logging.getLogger("llamavis.server")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
REQUESTS_PER_S, WRONG_TOKENS_PER_S = 4000.0, 20.0
HEAD_S = 10.0
"""A request's head must be there within this time, and so must its body."""
MOST_CONNECTIONS = 256
_SECURE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Server": "llamavis",
}


class Bucket:
    """So many a second, and a second's worth at once (token bucket)."""

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = self._left = per_s
        self._clock = clock
        self._at = clock()

    def take(self) -> bool:
        """Whether one more is allowed now."""
        now = self._clock()
        self._left = min(self._per_s, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Guard:
    """The middleware that every request passes first; `port` is set once it is known."""

    def __init__(self, token: str) -> None:
        self._token = token.encode("ascii")
        self.port = 0
        self.connections = Connections()
        self._requests, self._wrong = Bucket(REQUESTS_PER_S), Bucket(WRONG_TOKENS_PER_S)

    def middleware(self) -> Any:
        """For aiohttp."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.connections.begin(request)
            try:
                self._examine(request)
                answer = await handler(request)
            except Refusal as refusal:
                answer = refusal.answer()
            except web.HTTPException as error:
                answer = refused(error).answer()
            except Exception:
                log.exception("a request could not be answered")
                answer = refuse(500, "bug", "the studio met a bug; its log says more").answer()
            finally:
                self.connections.finish(request)
            if not answer.prepared:
                answer.headers.update(_SECURE)
            return answer

        return guard

    def _examine(self, request: web.Request) -> None:
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or hosts[0].lower() not in (
            f"127.0.0.1:{self.port}",
            f"localhost:{self.port}",
        ):
            raise refuse(421, "wrong_host", "this service answers to 127.0.0.1 only")
        if request.headers.getall("Origin", []) or request.headers.get(
            "Sec-Fetch-Site", "none"
        ) not in ("none",):
            raise refuse(403, "from_a_page", "web pages may not use this service")
        if not self._requests.take():
            raise refuse(429, "too_many", "too many requests; wait a second")
        given = request.headers.getall("Authorization", [])
        word, _, token = (given[0] if len(given) == 1 else "").partition(" ")
        if word.lower() != "bearer" or not hmac.compare_digest(
            token.encode("utf-8", "surrogateescape"), self._token
        ):
            if not self._wrong.take():
                raise refuse(429, "too_many", "too many wrong tokens; wait a second")
            raise refuse(401, "wrong_token", "send the token of .llamavis/service.json")


class Connections:
    """Wraps aiohttp's protocol: at most so many connections, none of them waiting for ever.

    aiohttp has a limit for bodies, but none for the time that a request's head may take. Where
    there are too many, the one that has been silent for longest goes.
    """

    def __init__(self) -> None:
        self._open: dict[object, _Watched] = {}

    def around(self, make: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """A factory of watched protocols."""
        return lambda: _Watched(make(), self)

    def add(self, transport: object, watched: _Watched) -> None:
        """One more is open."""
        if len(self._open) >= MOST_CONNECTIONS:
            idle = next((one for one in self._open.values() if not one.is_busy), watched)
            idle.end()
        self._open[transport] = watched

    def drop(self, transport: object) -> None:
        """It is closed."""
        self._open.pop(transport, None)

    def begin(self, request: web.Request) -> None:
        """The head of a request is there."""
        watched = self._open.get(request.transport)
        if watched is not None:
            watched.begin()

    def finish(self, request: web.Request) -> None:
        """It was answered; the next may take its time to come."""
        watched = self._open.get(request.transport)
        if watched is not None:
            watched.is_busy = False


class _Watched(asyncio.Protocol):
    """Passes everything on; ends a connection whose request does not come."""

    def __init__(self, inner: asyncio.Protocol, connections: Connections) -> None:
        self._inner = inner
        self._connections = connections
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self.is_busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._inner.connection_made(transport)
        self._connections.add(transport, self)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._calm()
        self._connections.drop(self._transport)
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self.is_busy:
            self._expect()
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def begin(self) -> None:
        """A request is being answered; its body has a time of its own."""
        self.is_busy = True
        self._calm()

    def end(self) -> None:
        """Too late, or one too many."""
        if self._transport is not None:
            self._transport.abort()

    def _expect(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(HEAD_S, self.end)

    def _calm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
