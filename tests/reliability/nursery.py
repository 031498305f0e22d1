"""A process that has everything imported and makes builders by forking: 50 starts in some seconds.

    python -m tests.reliability.nursery     one order a line in JSON, one answer a line

Each builder leads a process group of its own and runs a whole `Studio.build` with the backend in
its own process. An order may name the call of the disk at which the builder kills its group, as the
kernel does when memory is short, or `kill -9`; a hasty one waits for no disk.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.studio import Studio
from tests.reliability.disks import Call, tapped
from tests.support import instant_backend  # noqa: F401 - so that no builder has to

Moment = tuple[str, str, str]
"""A step, the kind of file it is about, and whether just before, halfway or just after it."""


def build(order: dict[str, Any]) -> int:
    """One build by order; the exit code of a builder."""
    os.environ["LLAMAVIS_TEST_STATE"] = order["state"]
    os.environ["LLAMAVIS_TEST_STEP_MS"] = str(order.get("step_ms", 0))
    moments: Counter[Moment] = Counter()
    fatal: Moment | None = tuple(order["die"]) if order.get("die") else None  # type: ignore[assignment]
    nth = order.get("nth", 1)

    def passes(step: str, kind: str, when: str) -> bool:
        moment = (step, kind, when)
        moments[moment] += 1
        return moment == fatal and moments[moment] == nth

    def die() -> None:
        os.killpg(0, signal.SIGKILL)

    def on_call(call: Call) -> Any:
        if order.get("hasty") and call.step == "fsync":
            return None
        if passes(call.step, call.about, "before"):
            die()
        if call.step == "write" and passes(call.step, call.about, "half"):
            call.do(call.data[: len(call.data) // 2])
            die()
        answer = call.do()
        if passes(call.step, call.about, "after"):
            die()
        return answer

    host = InProcessHost()
    with tapped(on_call), Studio.open(order["root"], host=host, settings=order["settings"]) as it:
        report = it.build(fresh=order.get("fresh", True))
    host.close()
    if order.get("moments"):
        rows = [[*moment, count] for moment, count in moments.items()]
        Path(order["moments"]).write_text(json.dumps(rows), encoding="utf-8")
    return 1 if report.failed else 0


def main() -> None:
    """Take orders until there are none."""
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            answer = os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
        else:
            answer = os.fork()
            if answer == 0:
                code = 70
                try:
                    os.setsid()
                    code = build(order)
                finally:
                    sys.stderr.flush()
                    os._exit(code)
        print(answer, flush=True)


if __name__ == "__main__":
    main()
