"""`llamavis serve`: the local service that engine plugins talk to."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.output import Output, write_json
from llamavis_studio.core.errors import ServerError
from llamavis_studio.core.project import Project

if TYPE_CHECKING:
    from llamavis_studio.server.service_file import Claim, ServiceFile

_FOUND_WITHIN_S, _END_S = 10.0, 8.0


def serve(folder: Path, port: int, parent: int | None, as_json: bool) -> int:
    """Serve a project until Ctrl+C; where one is served already, say where and end."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.cli.log_file import log_to_file
        from llamavis_studio.server.service_file import Claim

        log_to_file()
        project = Project.open(folder)
        claim = Claim(project.make_state_dir())
        if not claim.take():
            return _reuse(project, output)
        try:
            asyncio.run(_serve(project, claim, port, parent, output))
        finally:
            claim.release()
        return 0

    return guarded(output, work)


async def _serve(
    project: Project, claim: Claim, port: int, parent: int | None, output: Output
) -> None:
    from llamavis_studio.server.service import serve as serve_until
    from llamavis_studio.server.service import watch_parent
    from llamavis_studio.studio import Studio
    from llamavis_studio.studio_driver import StudioDriver

    stop = asyncio.Event()
    _stop_on_signals(stop)
    watching = None if parent is None else asyncio.create_task(watch_parent(parent, stop))

    def ready(told: ServiceFile) -> None:
        output.say(f"serving {project.name} at {told.url}; Ctrl+C ends it")
        if output.as_json:
            write_json({"url": told.url, "port": told.port, "reused": False})
        sys.stdout.flush()

    driver = StudioDriver(project.root, Studio.open, lambda _what, _value: None)
    driver.start()
    try:
        await serve_until(project, claim, driver, ready, stop, port)
    finally:
        driver.close()
        await asyncio.to_thread(driver.join, _END_S)
        if watching is not None:
            watching.cancel()


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(one, stop.set)
        except NotImplementedError:  # Windows: the loop wakes up often enough to see it
            signal.signal(one, lambda *_: loop.call_soon_threadsafe(stop.set))


def _reuse(project: Project, output: Output) -> int:
    """Somebody holds the project: it must answer, though it may just be starting."""
    from llamavis_studio.server.service_file import ServiceFile

    end = time.monotonic() + _FOUND_WITHIN_S
    while time.monotonic() < end:
        told = ServiceFile.read(project.state_dir)
        if told is not None and _answers(told):
            output.say(f"{project.name} is served already, at {told.url}")
            output.document({"url": told.url, "port": told.port, "reused": True})
            return 0
        time.sleep(0.1)
    raise ServerError(
        "another service of this project does not answer",
        f"end the process that holds {os.path.join('.llamavis', 'service.lock')}",
    )


def _answers(told: ServiceFile) -> bool:
    request = urllib.request.Request(
        f"{told.url}/status", headers={"Authorization": f"Bearer {told.token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:
            return bool(json.load(answer)["api"])
    except (OSError, ValueError, KeyError):
        return False
