"""A Ray cluster of several nodes on this machine, in a process of its own.

Ray ends a process whose cluster loses its head, and leaves threads behind: neither is for the
tests' process. It is told what to do by lines on standard input, and answers each with one line.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.node_backends import NODE_VARIABLE

FAST = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 300,
    "health_check_timeout_ms": 1000,
    "health_check_failure_threshold": 3,
}
"""A lost node is noticed after a second or two instead of half a minute."""


class RayCluster:
    """Nodes with a core each, by default a head and one more; use it in a ``with``."""

    def __init__(self, nodes: int = 2, token: str | None = None) -> None:
        self.folder = tempfile.mkdtemp(prefix="lv-nodes-")
        self.token = secrets.token_hex(32) if token is None else token
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.ray_cluster"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).parents[2],
            env={
                **os.environ,
                **self.environment,
                "RAY_TMPDIR": self.folder,
                "OMP_NUM_THREADS": "1",
                NODE_VARIABLE: "1",
            },
            # Its nodes and workers are then found by their session.
            start_new_session=True,
        )
        try:
            self.address = str(self._ask("head"))
            for _ in range(nodes - 1):
                self.add()
        except BaseException:
            self.close()
            raise

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to join."""
        return {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": self.token,
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
            "RAY_DISABLE_IMPORT_WARNING": "1",
        }

    def add(self) -> None:
        """One more node."""
        self._ask("add")

    def remove(self) -> None:
        """Kill the node that was added last."""
        self._ask("remove")

    def kill_head(self) -> None:
        """Kill the head."""
        self._ask("kill")

    def close(self) -> None:
        """End all nodes."""
        if self._process.poll() is None:
            try:
                self._process.communicate("end\n", timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self, title: str = "") -> list[int]:
        """The cluster's processes, or those of them whose title begins like this."""
        return [
            pid
            for pid in all_processes()
            if _session(pid) == self._process.pid and command_of(pid).startswith(title)
        ]

    def workers(self) -> list[int]:
        """The processes of workers that were hired and not dismissed."""
        return self.processes("ray::Worker")

    def _ask(self, what: str) -> object:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the cluster ended at '{what}'")
        return json.loads(line)


def all_processes() -> list[int]:
    """Every process of this machine."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def command_of(pid: int) -> str:
    """What a process calls itself; "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").replace("\0", " ")
    except OSError:
        return ""


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return -1


def serve() -> None:
    """Do what standard input says until it ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Ray prints is no answer
    from ray.cluster_utils import Cluster

    Path(os.environ["RAY_TMPDIR"], "ray").mkdir()
    cluster = Cluster(shutdown_at_exit=True)
    added = []
    for line in sys.stdin:
        answer: object = True
        match line.strip():
            case "head":
                node = cluster.add_node(num_cpus=1, include_dashboard=False, _system_config=FAST)
                answer = node.gcs_address
            case "add":
                added.append(cluster.add_node(num_cpus=1))
            case "remove":
                cluster.remove_node(added.pop(), allow_graceful=False)
            case "kill":
                cluster.head_node.kill_all_processes(
                    check_alive=False, allow_graceful=False, wait=True
                )
            case "end":
                break
        print(json.dumps(answer), file=answers, flush=True)
    cluster.shutdown()
    os._exit(0)


if __name__ == "__main__":
    serve()
