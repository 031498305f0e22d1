"""An event loop for one call, which ends when it is told to.

``asyncio.run`` waits for its helper threads, and one that asks for a machine's name may take half a
minute: whoever cancels would wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Answer = TypeVar("Answer")


def run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """The answer of a coroutine, on a loop of its own; what it left running is cancelled."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(_ended())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()  # leaves threads alone that still ask for a name


async def _ended() -> None:
    """Cancel everything else on this loop, and wait until it has gone."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
