"""Running the service of a project until somebody ends it.

claim the project -> listen on a free port of 127.0.0.1 -> open the studio -> say where we listen
-> answer -> stop drawing, let those who wait go, close, take the file away
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
from collections.abc import Callable

from aiohttp import web

from llamavis_studio import __version__
from llamavis_studio.core.errors import ServerError
from llamavis_studio.core.project import Project
from llamavis_studio.server.desk import Desk
from llamavis_studio.server.guard import Guard
from llamavis_studio.server.messages import API
from llamavis_studio.server.openapi import document
from llamavis_studio.server.replies import MOST_BODY
from llamavis_studio.server.routes import Api, guarded
from llamavis_studio.server.service_file import Claim, ServiceFile
from llamavis_studio.studio_driver import StudioDriver

_PARENT_EVERY_S = 1.0
OnReady = Callable[[ServiceFile], None]


async def serve(
    project: Project,
    claim: Claim,
    driver: StudioDriver,
    on_ready: OnReady,
    stop: asyncio.Event,
    port: int = 0,
) -> None:
    """Serve a project that was claimed, until `stop` is set or its studio ends; `port` 0 takes a
    free one. The driver is started and closed by the caller.

    Raises ServerError when the port is taken or the project cannot be opened.
    """
    desk = Desk(project.root, driver)
    guard = Guard(token := secrets.token_urlsafe(32))
    app = make_app(desk, guard, stop.set)
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=75,
        shutdown_timeout=2,
        handle_signals=False,
        lingering_time=0,  # a body that was refused is not read to its end
    )
    await runner.setup()
    assert runner.server is not None
    server: asyncio.Server | None = None
    try:
        try:
            server = await asyncio.get_running_loop().create_server(
                guard.connections.around(runner.server), "127.0.0.1", port, backlog=128
            )
        except OSError as cause:
            raise ServerError(f"port {port} cannot be used: {cause.strerror}",
                              "leave the port out, and a free one is taken") from cause  # fmt: skip
        guard.port = server.sockets[0].getsockname()[1]
        desk.open()
        told = ServiceFile(API, __version__, os.getpid(), guard.port, token)
        claim.tell(told)
        on_ready(told)
        await _until(stop, desk)
        status = desk.status()
        if status.state == "broken" and not stop.is_set():
            raise ServerError(status.message, "mend the project and start the service again")
    finally:
        if server is not None:
            server.close()
        desk.close()
        await runner.cleanup()


def make_app(desk: Desk, guard: Guard, shut_down: Callable[[], None]) -> web.Application:
    """The service's application; the guard sees every request first."""
    app = web.Application(middlewares=[guard.middleware()], client_max_size=MOST_BODY)
    routes = Api(desk, shut_down).routes()
    for route in routes:
        app.router.add_route(route.method, f"/api/v{API}{route.path}", guarded(route.handler))
    told = json.dumps(document(routes)).encode()

    async def openapi(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=told, content_type="application/json")

    app.router.add_route("GET", f"/api/v{API}/openapi.json", openapi)
    return app


async def watch_parent(pid: int, stop: asyncio.Event) -> None:
    """End with the program that started us, also when it was killed."""
    while not stop.is_set() and _is_alive(pid):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _PARENT_EVERY_S)
    stop.set()


async def _until(stop: asyncio.Event, desk: Desk) -> None:
    waits = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(desk.ended.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()


def _is_alive(pid: int) -> bool:
    if os.name == "nt":
        return _is_alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_alive_on_windows(pid: int) -> bool:
    import ctypes

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined, unused-ignore]
    handle = kernel.OpenProcess(0x00100000, False, pid)  # SYNCHRONIZE
    if not handle:
        return False
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == 0x102)  # WAIT_TIMEOUT
    finally:
        kernel.CloseHandle(handle)
