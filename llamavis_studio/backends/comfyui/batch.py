"""A batch shared out among servers, each of which may fail without failing the others.

Each server has a few tasks that take the next request that it has not refused. A request that it
cannot draw goes to the others; a server in trouble gives its requests back, waits a little longer
each time, and leaves the batch in the end. Imported inside functions only: it needs aiohttp.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

from llamavis_studio.backends.base import ImageRequest, OnStep, Pixels
from llamavis_studio.backends.comfyui.client import Client, session_for
from llamavis_studio.backends.comfyui.job import Job
from llamavis_studio.backends.comfyui.options import ComfyOptions
from llamavis_studio.backends.comfyui.progress import Progress
from llamavis_studio.backends.comfyui.running import run
from llamavis_studio.backends.comfyui.trouble import RequestTrouble, ServerTrouble
from llamavis_studio.backends.comfyui.workflow import Workflows
from llamavis_studio.core.errors import BackendError, BackendUnavailable

FIRST_WAIT_S = 0.5
"""How long a server in trouble is left alone at first; twice as long each time."""
_LONGEST_WAIT_S = 8.0
_GLANCE_S = 0.1
_STOP_S = 4.0  # for taking works out of queues


@dataclass
class _Server:
    client: Client
    failures: int = 0
    rests_until: float = 0.0
    trouble: ServerTrouble | None = None
    is_out: bool = False
    has_socket: bool = True


@dataclass(frozen=True)
class Drawn:
    """What became of a batch: a picture for each request or None, and why there are not more."""

    pixels: list[Pixels | None]
    error: BackendError | None


def draw(
    name: str,
    requests: Sequence[ImageRequest],
    workflows: Workflows,
    options: ComfyOptions,
    on_step: OnStep,
) -> Drawn:
    """Draw a batch; returns when all is drawn or no server can go on.

    Raises whatever ``on_step`` raises, after all works were taken back from the servers.
    """
    return run(_Batch(name, requests, workflows, options).run(on_step))


class _Batch:
    def __init__(
        self,
        name: str,
        requests: Sequence[ImageRequest],
        workflows: Workflows,
        options: ComfyOptions,
    ) -> None:
        self._name = name
        self._options = options
        self._requests = requests
        self._workflows = workflows
        self._waiting = deque(range(len(requests)))
        self._running: set[int] = set()
        self._pixels: list[Pixels | None] = [None] * len(requests)
        self._refused: list[dict[str, RequestTrouble]] = [{} for _ in requests]
        self._tries: Counter[tuple[int, str]] = Counter()
        self._servers: list[_Server] = []

    async def run(self, on_step: OnStep) -> Drawn:
        """See :func:`draw`."""
        self._changed = asyncio.Condition()
        progress = Progress(self._requests)
        self._jobs = [
            Job(request, self._workflows, self._options, progress.watcher(place))
            for place, request in enumerate(self._requests)
        ]
        async with session_for(self._options) as session:
            self._servers = [
                _Server(Client(session, address, self._options))
                for address in self._options.servers
            ]
            tasks = [
                asyncio.create_task(self._serve(server))
                for _ in range(self._options.ahead)  # each server once before one has two
                for server in self._servers
            ]
            try:
                await progress.tell_until(tasks, on_step)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks, timeout=_STOP_S)
        return Drawn(self._pixels, self._error())

    async def _serve(self, server: _Server) -> None:
        """Draw with one server until nothing is left that it could draw."""
        while not server.is_out and self._has_work_for(server):
            if (rest_s := server.rests_until - time.monotonic()) > 0:
                await asyncio.sleep(min(rest_s, _GLANCE_S))  # the others may get done meanwhile
                continue
            place = self._next(server)
            if place is None:
                async with self._changed:
                    await self._changed.wait()
                continue
            await self._draw(server, place)
            async with self._changed:
                self._changed.notify_all()

    async def _draw(self, server: _Server, place: int) -> None:
        address = server.client.address
        self._running.add(place)
        self._tries[place, address] += 1
        try:
            pixels, has_socket = await self._jobs[place].draw(server.client, server.has_socket)
        except RequestTrouble as trouble:
            server.failures = 0
            if trouble.again and self._tries[place, address] < 2:
                self._waiting.append(place)
            else:
                self._refuse(place, address, trouble)
        except ServerTrouble as trouble:
            self._rest(server, trouble)
            if self._tries[place, address] > self._options.retries and not server.is_out:
                self._refuse(place, address, RequestTrouble(trouble.reason, trouble.hint))
            else:
                self._waiting.append(place)  # at the end: it may be what brings the server down
        else:
            server.failures, server.has_socket = 0, has_socket
            self._pixels[place] = pixels
        finally:
            self._running.discard(place)

    def _refuse(self, place: int, address: str, trouble: RequestTrouble) -> None:
        self._refused[place][address] = trouble
        if len(self._refused[place]) < len(self._servers):
            self._waiting.append(place)

    def _rest(self, server: _Server, trouble: ServerTrouble) -> None:
        """One more failure, counted once for all that the server had at that time."""
        server.trouble = trouble
        now = time.monotonic()
        if trouble.lasting:
            server.is_out = True
        elif now >= server.rests_until:
            server.failures += 1
            server.is_out = server.failures > self._options.retries
            wait_s = min(_LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (server.failures - 1))
            server.rests_until = now + wait_s

    def _next(self, server: _Server) -> int | None:
        for place in self._waiting:
            if self._can_draw(server, place):
                self._waiting.remove(place)
                return place
        return None

    def _has_work_for(self, server: _Server) -> bool:
        """Whether something waits that it could draw, or may come back from another task."""
        return any(self._can_draw(server, place) for place in (*self._waiting, *self._running))

    def _can_draw(self, server: _Server, place: int) -> bool:
        return server.client.address not in self._refused[place]

    def _error(self) -> BackendError | None:
        missing = [place for place, pixels in enumerate(self._pixels) if pixels is None]
        if not missing:
            return None
        refused = [self._refused[place] for place in missing]
        out = [server.trouble for server in self._servers if server.is_out and server.trouble]
        if out and (len(out) == len(self._servers) or any(not one for one in refused)):
            reasons = "; ".join(dict.fromkeys(trouble.reason for trouble in out))
            message = f"no server of the backend '{self._name}' can draw: {reasons}"
            hint = "; ".join(dict.fromkeys(trouble.hint for trouble in out if trouble.hint))
            # What was drawn is not lost: the parts of a batch that failed are asked for again.
            sort = BackendUnavailable if len(missing) == len(self._pixels) else BackendError
            return sort(message, hint)
        told: list[ServerTrouble | RequestTrouble] = []
        for one in refused:
            told += one.values()
        told += out
        reasons_of = dict.fromkeys(trouble.reason for trouble in told)
        return BackendError(
            f"the backend '{self._name}' could not draw: {'; '.join(list(reasons_of)[:3])}",
            told[0].hint,
        )
