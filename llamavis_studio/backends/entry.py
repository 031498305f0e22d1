"""The first thing a model process runs, before anything heavy is imported.

Libraries read thread counts and OpenMP's waiting policy once, when they are imported; priority and
signals must be right from the first moment. So this module imports the standard library only.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llamavis_studio.backends.cluster.settings import ClusterSettings


@dataclass(frozen=True)
class ChildSettings:
    """What a model process is told when it starts."""

    token: str
    parent_pid: int
    threads: int
    nice: int
    idle_s: float
    beat_s: float
    log_path: str | None
    device: str = "auto"
    cluster: ClusterSettings | None = None


def serve(connection: Connection, settings: ChildSettings) -> None:
    """Prepare the process, then answer calls until told to stop or the studio is gone."""
    # Ctrl+C reaches every process of the terminal: what it means is for the studio to decide.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _redirect_output(settings.log_path)
    _lower_priority(settings.nice)
    _forbid_core_files()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(settings.threads)
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    os.environ["LLAMAVIS_DEVICE"] = settings.device
    # No backend may reach the network or run fetched code behind the user's back.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")

    if settings.cluster is not None:
        from llamavis_studio.backends.cluster.child import ClusterChild

        ClusterChild(connection, settings, settings.cluster).run()
        return
    from llamavis_studio.backends.child import Child  # numpy comes with it: after the settings

    Child(connection, settings).run()


def _redirect_output(log_path: str | None) -> None:
    """Keep standard output for the studio's own answers: whatever a library prints goes aside."""
    if log_path is not None:
        with contextlib.suppress(OSError):
            log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 2)
            os.close(log)
    with contextlib.suppress(OSError):
        os.dup2(2, 1)
        # A crash in native code leaves a Python traceback in the log.
        faulthandler.enable()


def _lower_priority(nice: int) -> None:
    """Let the editor and the engine go first; ``nice`` is the POSIX increment."""
    if nice <= 0:
        return
    if sys.platform == "win32":
        import ctypes

        below_normal = 0x4000
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), below_normal)
    else:
        with contextlib.suppress(OSError):
            os.nice(nice)


def _forbid_core_files() -> None:
    """A crash must not drop gigabytes of model into the project's folder."""
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(OSError, ValueError):
            hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
            resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
