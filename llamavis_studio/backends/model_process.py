"""One life of the model process, seen from the studio: start, talk, end.

A reader and a writer thread serve the pipe, so that neither half a message nor a process that does
not listen can block the studio; what was read waits in ``inbox``.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

from llamavis_studio.backends.cluster.settings import ClusterSettings
from llamavis_studio.backends.entry import ChildSettings, serve
from llamavis_studio.backends.messages import (
    Asleep,
    Loaded,
    Message,
    MessageError,
    Stop,
    Team,
    decode,
    encode,
)

LONGEST_MESSAGE = 64 * 1024 * 1024
"""Bytes; arrays travel beside the message, so a longer one is rubbish."""


@dataclass(frozen=True)
class ProcessSettings:
    """How a model process is run; times in seconds.

    Args:
        threads: threads of the model; None takes every core this process may use.
        nice: how much lower its priority is than the studio's (POSIX steps).
        idle_s: without work for so long, the backend is unloaded.
        start_s: the longest a process may take until it listens.
        load_s: the longest a backend may take to load.
        hang_s: the longest one step may take.
        cancel_s: the longest a cancelled step may hold up the next call.
        silence_s: without any sign of life for so long, the process counts as hung.
        beat_s: how often it gives one while at work.
        log_path: where what it prints goes; None is the studio's standard error.
        device: what the model runs on: auto, cpu, mps, cuda or cuda:1.
        cluster: the workers that the process speaks for, in place of a model of its own.
    """

    threads: int | None = None
    nice: int = 5
    idle_s: float = 600.0
    start_s: float = 60.0
    load_s: float = 600.0
    hang_s: float = 300.0
    cancel_s: float = 15.0
    silence_s: float = 30.0
    beat_s: float = 1.0
    log_path: Path | None = None
    device: str = "auto"
    cluster: ClusterSettings | None = None


@dataclass(frozen=True)
class Died:
    """The process is gone, or spoke rubbish and is of no more use."""

    reason: str


@dataclass(frozen=True)
class Woken:
    """Not from the process: look at the cancel flag now."""


Event = Message | Died | Woken


class ModelProcess:
    """A running model process. ``stop`` or ``kill`` must be called in the end."""

    def __init__(self, settings: ProcessSettings, token: str) -> None:
        context = multiprocessing.get_context("spawn")
        mine, theirs = context.Pipe(duplex=True)
        self._connection: Connection = mine
        self._process = context.Process(
            target=serve,
            args=(
                theirs,
                ChildSettings(
                    token=token,
                    parent_pid=os.getpid(),
                    threads=settings.threads or available_cores(),
                    nice=settings.nice,
                    idle_s=settings.idle_s,
                    beat_s=settings.beat_s,
                    log_path=None if settings.log_path is None else str(settings.log_path),
                    device=settings.device,
                    cluster=settings.cluster,
                ),
            ),
            name="llamavis-model",
            # Ended with the studio even where nobody closes the host.
            daemon=True,
        )
        with _interrupts_held_back():
            self._process.start()
        theirs.close()
        self._leads_group = settings.cluster is not None and hasattr(os, "killpg")
        self.ready = False
        self.awake = False
        """Whether a backend is in its memory, as far as it told."""
        self.team: Team | None = None
        """The workers it speaks for, as far as it told."""
        self.asleep = False
        """Whether it said so; it may end then, and that is no crash."""
        self.inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        # None ends the writer.
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._ending = threading.Lock()
        self._ended = False
        self._threads = [
            threading.Thread(target=self._read, name="llamavis-model-reader", daemon=True),
            threading.Thread(target=self._write, name="llamavis-model-writer", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid or 0

    @property
    def alive(self) -> bool:
        """False once the process ended."""
        with self._ending:
            return not self._ended and self._process.is_alive()

    def send(self, message: Message, segment_name: str = "") -> SharedMemory | None:
        """Send, without waiting; the returned segment must be closed after the answer came.

        A dead process is not an error here: its end arrives in the inbox.
        """
        data, segment = encode(message, segment_name)
        self._outbox.put(data)
        return segment

    def stop(self, timeout_s: float) -> None:
        """Ask the process to end, wait, and kill it if it does not."""
        self.send(Stop())
        with self._ending:
            if not self._ended:
                self._process.join(max(0.0, timeout_s))
        self.kill()

    def kill(self) -> None:
        """End the process now and free everything held for it; a second call does nothing."""
        with self._ending:
            if self._ended:
                return
            self._ended = True
            self._process.kill()
            if self._leads_group:
                # Where a cluster was started from there, its processes would outlive it a while.
                with contextlib.suppress(OSError):
                    os.killpg(self.pid, signal.SIGKILL)
            self._process.join()
            self._outbox.put(None)
            for thread in self._threads:
                thread.join()
            self._connection.close()
            self._process.close()

    def describe_end(self) -> str:
        """Why the process ended, in words; call it when it is dead or dying."""
        with self._ending:
            if self._ended:
                return "it was stopped"
            self._process.join(1.0)
            code = self._process.exitcode
        if code is None:
            return "it stopped answering"
        if code >= 0:
            return f"it ended with exit code {code}"
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        if name == "SIGKILL":
            return "it was killed (SIGKILL), often because memory ran out"
        return f"it crashed ({name})"

    def _write(self) -> None:
        """The writer thread: a process that does not listen must not block the studio."""
        with contextlib.suppress(OSError):
            while (data := self._outbox.get()) is not None:
                self._connection.send_bytes(data)

    def _read(self) -> None:
        """The reader thread: until the pipe ends or carries rubbish."""
        while True:
            try:
                data = self._connection.recv_bytes(LONGEST_MESSAGE)
            except EOFError:
                self.inbox.put(Died(""))
                return
            except OSError as error:
                # A reset pipe is a death; a length beyond all reason is rubbish.
                gone = isinstance(error, ConnectionError)
                self.inbox.put(Died("" if gone else "it sent something that is not a message"))
                return
            try:
                message = decode(data)
                if isinstance(message, Loaded | Asleep):
                    self.awake = isinstance(message, Loaded)
                    self.team = message.team if isinstance(message, Loaded) else None
                    self.asleep = not self.awake
                self.inbox.put(message)
            except (MessageError, FileNotFoundError):
                self.inbox.put(Died("it sent something that is not a message"))
                return


def available_cores() -> int:
    """Cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _interrupts_held_back() -> Generator[None]:
    """Start a process that Ctrl+C cannot kill before it can ignore the signal itself.

    A blocked signal stays blocked in the new process. Windows has no signal masks; there the model
    process ignores the signal a moment later.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
