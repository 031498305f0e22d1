"""The model process: reads calls, runs the backend, answers.

Three threads: the main one works; the reader receives calls and cancels while the main one is deep
in a model, and ends the process when the studio is gone; the beater says that the process lives.
"""

from __future__ import annotations

import contextlib
import gc
import os
import queue
import threading
import time
import traceback
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory

from llamavis_studio.backends.base import StepProgress
from llamavis_studio.backends.devices import (
    devices,
    holds_graphics_card,
    return_freed_memory,
)
from llamavis_studio.backends.entry import ChildSettings
from llamavis_studio.backends.messages import (
    Answer,
    AskDevices,
    AskResident,
    Asleep,
    Beat,
    Call,
    Cancel,
    Caption,
    Captions,
    DevicesAre,
    Embed,
    Embeddings,
    Failed,
    Generate,
    Images,
    Loaded,
    Message,
    PackedGlimpse,
    Ready,
    ResidentIs,
    Step,
    Stop,
    call_id_of,
    decode,
    encode,
)
from llamavis_studio.backends.registry import Registry
from llamavis_studio.backends.resident import LoadedBackend, Resident
from llamavis_studio.backends.shared_arrays import discard, reply_segment, request_segment
from llamavis_studio.core.errors import Cancelled, LlamaVisError


class Child:
    """The life of one model process."""

    def __init__(
        self,
        connection: Connection,
        settings: ChildSettings,
        resident: LoadedBackend | None = None,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._resident: LoadedBackend = resident or Resident(Registry())
        self._calls: queue.SimpleQueue[Call | Stop] = queue.SimpleQueue()
        self._sending = threading.Lock()
        self._busy = False
        self._call_id = 0
        # Calls up to this number were given up. Only the reader writes it.
        self._cancelled_up_to = -1
        # The last answer's arrays: on Windows they live only as long as this handle.
        self._segment: SharedMemory | None = None

    def run(self) -> None:
        """Answer calls until ``Stop``; after ``idle_s`` without one the process sleeps."""
        threading.Thread(target=self._read, name="llamavis-model-reader", daemon=True).start()
        threading.Thread(target=self._beat, name="llamavis-model-beat", daemon=True).start()
        self._send(Ready(os.getpid()))
        while True:
            try:
                call = self._calls.get(timeout=self._settings.idle_s)
            except queue.Empty:
                if self._sleep():
                    return
                continue
            if isinstance(call, Stop):
                self._close_segment()
                self._resident.unload()
                return
            self._call_id, self._busy = call.call_id, True
            answer = self._answer(call)
            self._busy = False
            self._send(answer, reply_segment(self._settings.token, call.call_id))
            del answer, call
            gc.collect(0)

    def _sleep(self) -> bool:
        """Give the backend's memory back, to the system too; True when the process has to end.

        What CUDA keeps of a graphics card for a process, some hundred MB, goes with it only. On a
        processor it stays: to start it again would take longer than to load the model.
        """
        awake, leaves = self._resident.name is not None, holds_graphics_card()
        if awake:
            self._resident.unload()
            return_freed_memory()
        if awake or leaves:
            self._send(Asleep())
        if leaves:
            self._close_segment()
        return leaves

    def _answer(self, call: Call) -> Answer:
        """Do what the call asks; a failure is an answer too."""
        try:
            if isinstance(call, AskResident):
                return ResidentIs(call.call_id, self._resident.name)
            if isinstance(call, AskDevices):
                return DevicesAre(call.call_id, devices())
            self._give_up_if_cancelled(call.call_id)
            self._load(call)
            return self._work(call)
        except LlamaVisError as error:
            # The cause is the backend's own; a wanted error without one needs no trace.
            trace = traceback.format_exc() if error.__cause__ is not None else ""
            return Failed(call.call_id, type(error).__name__, error.message, error.hint, trace)
        except BaseException as error:  # noqa: BLE001 - the outermost frame of the process's work
            return Failed(
                call.call_id,
                "BackendError",
                f"the model process failed: {type(error).__name__}: {error}",
                "this is a fault in the studio; the log has the details",
                traceback.format_exc(),
            )

    def _load(self, call: Generate | Caption | Embed) -> None:
        """Have the call's backend in memory, and say so."""
        self._resident.use(call.backend)
        self._send(Loaded(call.call_id))

    def _work(self, call: Generate | Caption | Embed) -> Answer:
        def step(progress: StepProgress) -> None:
            seen = tuple(PackedGlimpse.of(glimpse) for glimpse in progress.glimpses)
            self._send(Step(call.call_id, int(progress.done), int(progress.total), seen))
            self._give_up_if_cancelled(call.call_id)

        if isinstance(call, Generate):
            images = self._resident.generate(call.backend, call.requests, step, call.batch_limit)
            return Images(call.call_id, tuple(images))
        if isinstance(call, Caption):
            words = self._resident.caption(call.backend, call.requests, step, call.batch_limit)
            return Captions(call.call_id, tuple(words))
        return Embeddings(call.call_id, self._resident.embed(call.backend, call.texts))

    def _give_up_if_cancelled(self, call_id: int) -> None:
        if call_id <= self._cancelled_up_to:
            raise Cancelled

    def _read(self) -> None:
        """The reader thread: calls to the main thread, cancels to the flag, the end to the end."""
        while True:
            try:
                data = self._connection.recv_bytes()
            except (EOFError, OSError):
                self._end()
            try:
                message = decode(data)
            except FileNotFoundError:
                # The studio gave the call up and took its arrays back before we looked.
                self._send(Failed(call_id_of(data), "Cancelled", "cancelled", "", ""))
                continue
            if isinstance(message, Cancel):
                self._cancelled_up_to = max(self._cancelled_up_to, message.call_id)
            elif isinstance(message, Call | Stop):
                self._calls.put(message)

    def _beat(self) -> None:
        """The beating thread: a sign of life while at work; notices an orphaned process too."""
        while True:
            time.sleep(self._settings.beat_s)
            # The pipe stays open past the studio's death if a process it forked still holds it.
            if os.name == "posix" and os.getppid() != self._settings.parent_pid:
                self._end()
            if self._busy:
                self._send(Beat())

    def _send(self, message: Message, segment_name: str = "") -> None:
        try:
            data, segment = encode(message, segment_name)
            with self._sending:
                if segment is not None:
                    self._close_segment()
                    self._segment = segment
                self._connection.send_bytes(data)
        except (BrokenPipeError, ConnectionError):
            self._end()

    def _close_segment(self) -> None:
        if self._segment is not None:
            self._segment.close()
            self._segment = None

    def _end(self) -> None:
        """The studio is gone: leave at once, whatever the other threads are in."""
        for name in (request_segment, reply_segment):
            with contextlib.suppress(OSError):
                discard(name(self._settings.token, self._call_id))
        self._end_others()
        os._exit(0)

    def _end_others(self) -> None:
        """End what was started from here; a model process starts nothing."""
