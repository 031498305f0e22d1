"""A home for each test, and one nursery for all of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.instant_backend import ENVIRONMENT

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def instant(instant_backend: None) -> None:
    """Everything here draws at once."""


def child_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a process of ours that finds the backend and leaves the user's home be."""
    return {
        **os.environ,
        **ENVIRONMENT,
        "PYTHONPATH": str(REPO),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        # A process with threads must not fork.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        **more,
    }


def command(home: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """A real `llamavis` in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "llamavis_studio.cli", *arguments],
        env=child_environment(home, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


class Nursery:
    """Starts builders in a moment; see `nursery`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.nursery"],
            cwd=home,
            env=child_environment(home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, root: Path, **order: Any) -> int:
        """Begin a build; the number of its process, which is also that of its group."""
        order = {"settings": {"batch_size": 4}, "state": str(self._home), **order}
        return self._ask({"root": str(root), **order})

    def wait(self, pid: int) -> int:
        """The exit code of a builder, or the signal that ended it as a negative number."""
        return self._ask({"wait": pid})

    def build(self, root: Path, **order: Any) -> int:
        """A build from start to end."""
        return self.wait(self.start(root, **order))

    def close(self) -> None:
        self._process.communicate("")

    def _ask(self, order: dict[str, Any]) -> int:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    if not hasattr(os, "fork"):
        pytest.skip("builders are forked")
    made = Nursery(tmp_path_factory.mktemp("nursery"))
    yield made
    made.close()
