"""The addon in a real editor: a project of its own, its service, and a line to talk to both."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.engines.godot_engine import COLOUR_CODES
from tests.support.instant_backend import ENVIRONMENT

REPO = Path(__file__).resolve().parents[2]
DRIVER = Path(__file__).with_name("godot_addon") / "driver.gd"
WAIT_S = 30.0


def environment(home: Path, **more: str) -> dict[str, str]:
    """Settings and caches of their own; the studio of this checkout and its instant backend."""
    home.mkdir(exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "LLAMAVIS_"))}
    return {
        **kept,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PYTHONPATH": str(REPO),
        "PYTHONUTF8": "1",
        **ENVIRONMENT,
        **more,
    }


class Service:
    """`llamavis serve` of a project, as one starts it in a terminal."""

    def __init__(self, project: Path, home: Path) -> None:
        self.project = project
        self.file = project / ".llamavis" / "service.json"
        self.log = (home / "serve.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "llamavis_studio.cli", "serve", str(project)],
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        until(lambda: self.told().get("pid") == self._process.pid, "the service's file")

    def told(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self.file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self.log.close()

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(15)
        self.kill()


class Editor:
    """Godot's editor with the addon in a project, told what to do line by line."""

    def __init__(
        self, program: Path, project: Path, *options: str, home: Path, **more: str
    ) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(WAIT_S)
        port = str(listener.getsockname()[1])
        self.log_file = home / f"editor-{port}.log"
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [program, *(options or ("--headless",)), "--no-header", "--editor"]
                + ["--path", project, "--script", str(DRIVER)],
                env=environment(home, DRIVER_PORT=port, **more),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._socket, _ = listener.accept()
        except TimeoutError:
            self.process.kill()
            raise AssertionError(self.log()) from None
        finally:
            listener.close()
        self._socket.settimeout(WAIT_S)
        self._lines = self._socket.makefile("rw", encoding="utf-8", newline="\n")

    def __call__(self, expression: str) -> Any:
        """The value of an expression inside the editor."""
        self._lines.write(expression + "\n")
        self._lines.flush()
        answer = self._lines.readline()
        assert answer, self.log()
        told = json.loads(answer)
        assert "error" not in told, f"{expression}: {told['error']}\n{self.log()}"
        return told.get("value")

    def until(self, expression: str, wanted: Any = True, seconds: float = WAIT_S) -> None:
        """Ask until the answer is the wanted one."""
        until(lambda: self(expression) == wanted, expression, seconds, lambda: self(expression))

    def log(self) -> str:
        return COLOUR_CODES.sub("", self.log_file.read_text("utf-8", "replace"))

    def close(self) -> str:
        """End the editor; returns what it had logged until then."""
        with contextlib.suppress(OSError):
            self._lines.write("quit\n")
            self._lines.flush()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(OSError):
            self._lines.close()
        self._socket.close()
        return self.log().partition("\nfinished\n")[0]


def until(
    holds: Callable[[], bool],
    what: str,
    seconds: float = WAIT_S,
    tell: Callable[[], Any] = lambda: "",
) -> None:
    """Wait until something holds; fails when it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"{what} did not come: {tell()}"
        time.sleep(0.02)


@contextlib.contextmanager
def opened(
    program: Path, project: Path, *options: str, home: Path, **more: str
) -> Iterator[Editor]:
    """An editor that ends with the block."""
    editor = Editor(program, project, *options, home=home, **more)
    try:
        yield editor
    finally:
        editor.close()
