"""A real window in a process of its own that opens a project and ends in a given way.

    python -m tests.reliability.window_driver PROJECT WAY

It says on standard output when drawing has begun, and when the end was asked for.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

WAIT_S = 60


@dataclass(frozen=True)
class Ended:
    """How a process came to its end."""

    code: int
    seconds: float  # from asking for the end to the end
    was_drawing: bool
    err: str
    orphans: list[int]


def drive(home: Path, project: Path, way: str, step_ms: int = 0) -> Ended:
    """Start such a process, and watch its end."""
    from tests.reliability.conftest import REPO, child_environment

    more = {"LLAMAVIS_TEST_STEP_MS": str(step_ms), "LOGNAME": f"driver{os.getpid()}{time.time()}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.window_driver", str(project), way],
        env=child_environment(home, QT_QPA_PLATFORM="offscreen", **more),
        cwd=REPO,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=WAIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    now = time.monotonic()
    asked = [float(line.split()[1]) for line in out.splitlines() if line.startswith("end ")]
    return Ended(
        process.returncode,
        now - asked[0] if asked else float("inf"),
        "drawing" in out,
        err,
        group_members(process.pid),
    )


def group_members(group: int) -> list[int]:
    """The processes that still belong to a process group."""
    end = time.monotonic() + 3
    while True:
        left = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if os.getpgid(int(entry.name)) == group:
                        left.append(int(entry.name))
                except ProcessLookupError:
                    continue
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.05)


def main() -> int:
    """Be that process."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QTextCursor
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from llamavis_studio.app import main as app_main
    from llamavis_studio.core.events import StepDone

    project, way = Path(sys.argv[1]), sys.argv[2]
    studios: list[app_main.DesktopStudio] = []

    class Studio(app_main.DesktopStudio):
        def __init__(self, *rest: object) -> None:
            super().__init__(*rest)  # type: ignore[arg-type]
            studios.append(self)

    app_main.DesktopStudio = Studio  # type: ignore[misc]
    app = QApplication(sys.argv[:1])
    timer, ended = QTimer(), list[str]()

    def type_and_wait() -> None:
        window = studios[0].window
        if window.editor.path is None:
            return
        timer.stop()
        window.editor.choose_view(1)
        window.editor.text.moveCursor(QTextCursor.MoveOperation.End)
        QTest.keyClicks(window.editor.text, "# typed a second before")
        QTimer.singleShot(1000, lambda: print("typed", flush=True))

    def end(event: object) -> None:
        if ended or not isinstance(event, StepDone):
            return
        ended.append(way)
        window = studios[0].window
        print("drawing", flush=True)
        print("end", time.monotonic(), flush=True)
        if way == "close":
            window.close()
        elif way == "quit":
            window.actions_["quit"].trigger()
        elif way in ("SIGTERM", "SIGINT"):
            os.kill(os.getpid(), getattr(signal, way))
        else:
            app.exit(0)  # as when the session of the desktop ends

    def look() -> None:
        window = studios[0].window if studios else None
        if way == "type" and window is not None and window.tree.choose("hero.png"):
            type_and_wait()
        elif way != "type" and window is not None and window.thread_ is not None:
            timer.stop()
            studios[0].window.thread_.news.connect(end)

    timer.timeout.connect(look)
    timer.start(5)
    return app_main.run(project)


if __name__ == "__main__":
    sys.exit(main())
