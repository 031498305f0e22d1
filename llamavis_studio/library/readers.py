"""A few processes that read images: what crashes, hangs or eats memory there hurts nobody here.

tasks -> chunks -> processes -> results as they come; a chunk that killed its process is read
again file by file, and the file that does it once more is told to be the culprit
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing.connection
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from llamavis_studio.library.found import Found, Task, read_one
from llamavis_studio.library.patience import Stalled, answers
from llamavis_studio.library.sidecars import WordsWithOrigin
from llamavis_studio.library.walk import Stamp

MOST_MEMORY = 3 << 30
"""Bytes of address space of one reading process."""
PATIENCE_S = 60.0
"""How long one file may take to read, decode and judge, a network drive's waking up included."""
INLINE = 24
"""So few files are read at once, without waiting half a second for processes to start."""
_MANY = 1000
_CHUNK = 64
_WAITING = 8  # chunks a process that wait in line, while a batch is written


class Readers:
    """Reads images in `workers` processes, which start when many come and stay until `close`."""

    def __init__(self, workers: int = 0, patience_s: float = PATIENCE_S) -> None:
        self._workers = workers or max(1, min(8, os.cpu_count() or 1))
        self._patience_s = patience_s
        self._pool: ProcessPoolExecutor | None = None

    def read(
        self, tasks: Sequence[Task], check_cancel: Callable[[], None] = lambda: None
    ) -> Iterator[list[Found]]:
        """What each task found, in chunks as they come; `check_cancel` raises to stop."""
        if len(tasks) < INLINE:
            yield from self._read_here(tasks, check_cancel)
            return
        chunks = [tuple(tasks[at : at + _CHUNK]) for at in range(0, len(tasks), _CHUNK)]
        suspects: list[Task] = []
        yield from self._run(chunks, suspects, check_cancel)
        # One at a time, so that one that kills its process takes no other with it.
        for task in suspects:
            again: list[Task] = []
            yield from self._run([(task,)], again, check_cancel)
            if again:
                yield [_culprit(task)]

    def _read_here(
        self, tasks: Sequence[Task], check_cancel: Callable[[], None]
    ) -> Iterator[list[Found]]:
        rest = list(tasks)
        while rest:
            found: list[Found] = []
            try:
                with warnings.catch_warnings(action="ignore"):  # each file's problem tells enough
                    for one in answers(read_one, rest, self._patience_s, check_cancel):
                        found.append(one)
            except Stalled:
                found.append(_culprit(rest[len(found)]))
            yield found
            rest = rest[len(found) :]

    def _run(
        self,
        chunks: list[tuple[Task, ...]],
        suspects: list[Task],
        check_cancel: Callable[[], None],
    ) -> Iterator[list[Found]]:
        waiting = list(reversed(chunks))
        running: dict[Future[list[Found]], tuple[Task, ...]] = {}
        while waiting or running:
            check_cancel()
            try:
                while waiting and len(running) < self._workers * _WAITING:
                    chunk = waiting[-1]
                    running[self._started().submit(read_chunk, chunk, self._patience_s)] = chunk
                    waiting.pop()
            except BrokenProcessPool:
                pass  # those that run tell it below
            done, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in done:
                chunk = running.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    suspects += chunk
                    self._forget_pool()
                except MemoryError:
                    suspects += chunk

    def expect(self, count: int) -> None:
        """So many files are about to come: what the processes import is loaded meanwhile."""
        if count >= _MANY and self._pool is None and _context().get_start_method() != "spawn":
            from multiprocessing import forkserver  # not on Windows

            forkserver.ensure_running()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._workers, _context(), limit_process)
        return self._pool

    def _forget_pool(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def close(self) -> None:
        """End the processes; a second call does nothing."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def _context() -> multiprocessing.context.BaseContext:
    """How processes start: where there is a fork server, they share what it imported once."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def limit_process() -> None:
    """First thing in a reading process: no more memory than an image needs, no Ctrl+C, and an end
    when the studio is killed, which leaves its pools waiting for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the studio ends it
    gc.freeze()  # what was imported stays anyway: the collector need not look through it
    # What decoders mutter about broken files, libtiff past Python, is told as each file's problem.
    warnings.simplefilter("ignore")
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    threading.Thread(target=_end_with_the_studio, daemon=True).start()
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end_with_the_studio() -> None:
    studio = multiprocessing.parent_process()
    if studio is not None:
        multiprocessing.connection.wait([studio.sentinel])
        os._exit(1)


def read_chunk(tasks: Sequence[Task], patience_s: float) -> list[Found]:
    """Read some images, each within the time; past it the process ends itself (not on Windows)."""
    found = []
    for task in tasks:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, patience_s)
        try:
            found.append(read_one(task))
        except MemoryError:
            found.append(_culprit(task, "it takes more memory to read than an image may"))
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)
    return found


def _culprit(task: Task, problem: str = "reading it crashed or took too long") -> Found:
    # A stamp that never fits: the next import tries it again.
    stamp = Stamp(0, -1, 0, 0)
    return Found(task.relative, stamp, b"", None, WordsWithOrigin(), (), problem)
