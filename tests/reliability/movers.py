"""A process that has everything imported and moves assets by forking, to be killed on the way.

    python -m tests.reliability.movers     one order a line in JSON, one answer a line

An order names the project and the call of the disk before which the mover kills itself, counted
from 1; 0 lets it finish. The answer is how it ended, and how many calls there were.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.studio import Studio
from tests.reliability.disks import Call, tapped
from tests.support import instant_backend  # noqa: F401 - so that no mover has to


def move(order: dict[str, Any]) -> int:
    """One move; the number of calls of the disk."""
    calls, fatal, root = 0, int(order["at"]), Path(order["root"])

    def count() -> None:
        nonlocal calls
        calls += 1
        if calls == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_call(call: Call) -> Any:
        count()
        return call.do()

    def counted(real: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any, **more: Any) -> None:
            count()
            real(*arguments, **more)

        return call

    host = InProcessHost()
    with Studio.open(root, host=host) as studio:
        studio.library.update()
        for name in ("unlink", "rename", "rmdir"):
            setattr(os, name, counted(getattr(os, name)))
        with tapped(on_call):
            paths = [root / one for one in order["sources"]]
            studio.files.move(paths, "new/place/", update_uses=True)
    return calls


def main() -> None:
    """Take orders until there are none."""
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            code = 70
            try:
                os.write(writing, str(move(order)).encode())
                code = 0
            finally:
                sys.stderr.flush()
                os._exit(code)
        os.close(writing)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps([ended, os.read(reading, 20).decode()]), flush=True)
        os.close(reading)


if __name__ == "__main__":
    main()
