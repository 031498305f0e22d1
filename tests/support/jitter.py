"""A plugin of pytest that delays at random where threads meet, so that races show themselves.

    pytest -p tests.support.jitter tests/app tests/watch
    LLAMAVIS_JITTER=7 LLAMAVIS_JITTER_S=0.5 pytest -p tests.support.jitter tests/reliability

LLAMAVIS_JITTER is the seed (0), LLAMAVIS_JITTER_S the longest nap in seconds (0.2). A failure is to
be read as one of a very busy machine: a limit in seconds that is passed says little, everything
else is a race, in the test or in the studio.
"""

from __future__ import annotations

import functools
import os
import queue
import random
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

SEED = int(os.environ.get("LLAMAVIS_JITTER", "0"))
LONGEST_S = float(os.environ.get("LLAMAVIS_JITTER_S", "0.2"))
SWITCH_S = 0.02
"""How long Python lets one thread run: four times as long as usual."""
_chance = random.Random(SEED)


def nap(share: float, longest_s: float) -> None:
    """Sleep for a while in a share of all calls."""
    if _chance.random() < share:
        time.sleep(_chance.random() * longest_s)


def delayed(owner: Any, name: str, share: float, longest_s: float) -> None:
    """Have a function of a class or a module nap before and after."""
    plain = getattr(owner, name)

    @functools.wraps(plain)
    def slow(*args: Any, **options: Any) -> Any:
        nap(share, longest_s)
        answer = plain(*args, **options)
        nap(share, longest_s)
        return answer

    setattr(owner, name, slow)


def pytest_configure() -> None:
    """Take hold of Python's own meeting points, and of the studio's."""
    from llamavis_studio.app.studio_thread import StudioThread
    from llamavis_studio.backends.host import InProcessHost
    from llamavis_studio.library.library import Library

    sys.setswitchinterval(SWITCH_S)
    delayed(threading.Event, "set", 0.05, LONGEST_S / 4)
    delayed(queue.Queue, "put", 0.1, LONGEST_S / 4)
    delayed(threading.Thread, "run", 0.3, LONGEST_S / 2)
    delayed(Library, "update", 0.3, 2 * LONGEST_S)
    delayed(InProcessHost, "generate", 0.3, LONGEST_S)
    ask = StudioThread.ask

    def ask_slowly(self: StudioThread, work: Callable[[Any], Any], *args: Any, **more: Any) -> None:
        def slow(studio: Any) -> Any:
            nap(0.3, LONGEST_S)
            answer = work(studio)
            nap(0.2, LONGEST_S)
            return answer

        ask(self, slow, *args, **more)

    StudioThread.ask = ask_slowly  # type: ignore[method-assign]
