# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the studio's service for a project, with the program of the preferences and no other.

Nothing in a project or a .blend file decides what is run; the service ends with Blender. No bpy.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from pathlib import Path
from typing import IO

_LAST_CHARACTERS = 400


class StartError(Exception):
    """The service cannot be started; the text says why."""


class Started:
    """A service that this Blender started."""

    def __init__(self, program: str, root: Path) -> None:
        path = Path(program).expanduser()
        if not program.strip():
            raise StartError("Name the llamavis program in the add-on's preferences first")
        if not path.is_absolute() or not path.is_file():
            raise StartError("The program named in the add-on's preferences is not there")
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        try:
            self._process = subprocess.Popen(
                [str(path), "serve", str(root), "--parent", str(os.getpid()), "--json"],
                cwd=Path.home(),
                env=kept,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as cause:
            self._log.close()
            raise StartError("The program named in the add-on's preferences cannot be run") from (
                cause
            )

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def last_words(self) -> str:
        """What it said at last, once it has ended; empty when it ended well."""
        if self.is_running() or self._process.returncode == 0 or self._log.closed:
            return ""
        self._log.seek(0)
        lines = self._log.read()[-_LAST_CHARACTERS:].decode("utf-8", "replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def stop(self, within_s: float = 5.0) -> None:
        """End it, kindly at first."""
        if self.is_running():
            self._process.terminate()
            try:
                self._process.wait(within_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        with contextlib.suppress(OSError):
            self._log.close()
