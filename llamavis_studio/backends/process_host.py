"""Backends in a process of their own: what kills them does not kill the studio.

The process starts with the first call and is kept. When it dies, hangs or speaks rubbish it is
replaced, and the call is tried once more in batches of half the size, since the usual killer is a
lack of memory. A call that ends two processes is set aside as ``BackendError``; the next call gets
a fresh process.
"""

from __future__ import annotations

import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from llamavis_studio.backends.base import (
    BackendInfo,
    CaptionRequest,
    CaptionResult,
    ImageRequest,
    ImageResult,
    OnStep,
    StepProgress,
    Vectors,
    ignore_steps,
)
from llamavis_studio.backends.host import CLOSE_TIMEOUT_S, ModelState, closed_error
from llamavis_studio.backends.messages import (
    Answer,
    AskDevices,
    AskResident,
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
    Ready,
    ResidentIs,
    Step,
)
from llamavis_studio.backends.model_process import Died, Event, ModelProcess, ProcessSettings, Woken
from llamavis_studio.backends.registry import Registry
from llamavis_studio.backends.shared_arrays import discard, reply_segment, request_segment
from llamavis_studio.core import errors
from llamavis_studio.core.device import Device
from llamavis_studio.core.errors import BackendError, Cancelled

ATTEMPTS = 2
"""How many processes one call may cost."""

TICK_S = 0.25
"""How often a wait looks up. Silence is counted in ticks, so that a suspended machine or a stopped
job (Ctrl+Z) does not look like a hung process."""

_log = logging.getLogger(__name__)

Wanted = TypeVar("Wanted", Images, Captions, Embeddings, ResidentIs, DevicesAre)


class _ProcessLostError(Exception):
    """The process is of no more use; the message says why."""


class ProcessHost:
    """A ``ModelHost`` over a spawned model process; see the module and ``ModelHost``."""

    def __init__(
        self, settings: ProcessSettings | None = None, registry: Registry | None = None
    ) -> None:
        self._settings = settings or ProcessSettings()
        # Only for ``info``, which needs no process.
        self._registry = registry or Registry()
        self._turn = threading.Lock()
        self._process: ModelProcess | None = None
        self._cancelled: threading.Event | None = None
        self._closed = False
        self._last_call_id = 0
        # 8 hex digits: segment names stay within the 31 characters that macOS allows.
        self._token = secrets.token_hex(4)
        # Calls whose answer has not come; their arrays are removed when it does, or at the end.
        self._unanswered: set[int] = set()

    @property
    def pid(self) -> int | None:
        """The model process's id, or None while there is none."""
        process = self._process
        return None if process is None else process.pid

    def generate(
        self,
        backend_name: str,
        requests: Sequence[ImageRequest],
        on_step: OnStep = ignore_steps,
    ) -> list[ImageResult]:
        """See ``ModelHost``."""
        asked = tuple(requests)
        max_batch = self.info(backend_name).max_batch

        def call(call_id: int, attempt: int) -> Call:
            return Generate(call_id, backend_name, asked, _limit(attempt, max_batch, len(asked)))

        return list(self._run(call, Images, on_step).results)

    def caption(
        self,
        backend_name: str,
        requests: Sequence[CaptionRequest],
        on_step: OnStep = ignore_steps,
    ) -> list[CaptionResult]:
        """See ``ModelHost``."""
        asked = tuple(requests)
        max_batch = self.info(backend_name).max_batch

        def call(call_id: int, attempt: int) -> Call:
            return Caption(call_id, backend_name, asked, _limit(attempt, max_batch, len(asked)))

        return list(self._run(call, Captions, on_step).results)

    def embed(self, backend_name: str, texts: Sequence[str]) -> Vectors:
        """See ``ModelHost``."""
        self.info(backend_name)
        asked = tuple(texts)
        answer = self._run(
            lambda call_id, _attempt: Embed(call_id, backend_name, asked), Embeddings, ignore_steps
        )
        return answer.vectors

    def info(self, backend_name: str) -> BackendInfo:
        """See ``ModelHost``; answered here, without the process."""
        return self._registry.create(backend_name).info()

    def resident(self) -> str | None:
        """See ``ModelHost``."""
        if self._process is None:
            return None
        answer = self._run(lambda call_id, _attempt: AskResident(call_id), ResidentIs, ignore_steps)
        return answer.backend

    def devices(self) -> tuple[Device, ...]:
        """See ``ModelHost``. While the process draws another one is asked, which ends at once."""
        if self._cancelled is not None:
            other = ProcessHost(self._settings, self._registry)
            try:
                return other.devices()
            finally:
                other.close()
        answer = self._run(lambda call_id, _attempt: AskDevices(call_id), DevicesAre, ignore_steps)
        return answer.devices

    @property
    def state(self) -> ModelState:
        """See ``ModelHost``."""
        process = self._process
        awake = process is not None and process.awake
        if self._cancelled is None:
            return ModelState.READY if awake else ModelState.ASLEEP
        return ModelState.WORKING if awake else ModelState.LOADING

    def workers_for(self, _backend_name: str, _count: int) -> int:
        """See ``ModelHost``."""
        return 1

    def cancel(self) -> None:
        """See ``ModelHost``; acts at once, the process gives up at its next step."""
        cancelled, process = self._cancelled, self._process
        if cancelled is not None:
            cancelled.set()
            if process is not None:
                process.inbox.put(Woken())

    def close(self) -> None:
        """See ``ModelHost``."""
        deadline = time.monotonic() + CLOSE_TIMEOUT_S
        self._closed = True
        self.cancel()
        # A caller stuck in its own ``on_step`` cannot be waited for: the process goes anyway.
        mine = self._turn.acquire(timeout=CLOSE_TIMEOUT_S / 2)
        try:
            process, self._process = self._process, None
            if process is not None:
                process.stop(deadline - time.monotonic())
            self._forget_calls()
        finally:
            if mine:
                self._turn.release()

    def _run(
        self, make: Callable[[int, int], Call], wanted: type[Wanted], on_step: OnStep
    ) -> Wanted:
        """One call, with a second attempt after a crash."""
        with self._turn:
            if self._closed:
                raise closed_error()
            cancelled = self._cancelled = threading.Event()
            reason = ""
            attempt = 0
            try:
                while attempt < ATTEMPTS:
                    process = self._running_process()
                    self._last_call_id += 1
                    call = make(self._last_call_id, attempt)
                    try:
                        answer = self._exchange(process, call, cancelled, on_step)
                    except _ProcessLostError as crash:
                        reason = str(crash)
                        self._drop(process)
                        if cancelled.is_set() or self._closed:
                            raise Cancelled from crash
                        if process.asleep:
                            continue  # it was about to end when it was asked
                        attempt += 1
                        _log.warning("the model process is replaced: %s", reason)
                        continue
                    if not isinstance(answer, wanted):
                        raise BackendError(f"{wanted.__name__} was expected, not {answer}")
                    return answer
            finally:
                self._cancelled = None
            raise self._stopped_error(reason)

    def _stopped_error(self, reason: str) -> BackendError:
        """What a call raises that ended as many processes as it may."""
        return BackendError(
            f"the model process stopped {ATTEMPTS} times at this work: {reason}",
            "the work was set aside and the rest goes on; 'llamavis doctor' checks the model",
        )

    def _exchange(
        self, process: ModelProcess, call: Call, cancelled: threading.Event, on_step: OnStep
    ) -> Answer:
        """Send one call and see it through to its answer."""
        self._unanswered.add(call.call_id)
        segment = process.send(call, request_segment(self._token, call.call_id))
        try:
            return self._await(process, call.call_id, cancelled, on_step)
        except _ProcessLostError:
            raise
        except BaseException:
            # Cancelled, Ctrl+C, or a fault in the caller's on_step: nobody waits for it any more.
            process.send(Cancel(call.call_id))
            raise
        finally:
            if segment is not None:
                segment.close()
                discard(request_segment(self._token, call.call_id))

    def _await(
        self, process: ModelProcess, call_id: int, cancelled: threading.Event, on_step: OnStep
    ) -> Answer:
        limits = self._settings
        limit = limits.load_s if process.ready else limits.start_s
        if self._unanswered - {call_id}:
            # An earlier call was given up and must get out of the way first.
            limit = limits.cancel_s
        stuck = silent = 0.0
        while True:
            if cancelled.is_set():
                raise Cancelled
            began = time.monotonic()
            try:
                event: Event | None = process.inbox.get(timeout=TICK_S)
            except queue.Empty:
                event = None if process.alive else Died("")
            waited = min(time.monotonic() - began, TICK_S)
            stuck, silent = stuck + waited, silent + waited
            match event:
                case Died(reason):
                    raise _ProcessLostError(reason or process.describe_end())
                case Ready():
                    process.ready = True
                    limit, stuck, silent = limits.load_s, 0.0, 0.0
                case Beat():
                    silent = 0.0
                case Loaded(call_id=number) if number == call_id:
                    limit, stuck, silent = limits.hang_s, 0.0, 0.0
                case Step(call_id=number, done=done, total=total) if number == call_id:
                    stuck = silent = 0.0
                    seen = tuple(glimpse.unpacked() for glimpse in event.glimpses)
                    on_step(StepProgress(done, total, seen))
                case Images() | Captions() | Embeddings() | ResidentIs() | DevicesAre() | Failed():
                    self._unanswered.discard(event.call_id)
                    if event.call_id == call_id:
                        return _raise_failure(event)
                    limit, stuck, silent = limits.load_s, 0.0, 0.0
            if stuck > limit:
                raise _ProcessLostError(f"it made no progress for {limit:g} s")
            if process.ready and silent > limits.silence_s:
                raise _ProcessLostError(f"it gave no sign of life for {limits.silence_s:g} s")

    def _running_process(self) -> ModelProcess:
        process = self._process
        if process is not None and not process.alive:
            # It died between calls: that costs no attempt.
            if not process.asleep:
                _log.warning("the model process had ended: %s", process.describe_end())
            self._drop(process)
            process = None
        if process is None:
            if self._closed:
                raise Cancelled
            process = self._process = ModelProcess(self._settings, self._token)
        return process

    def _drop(self, process: ModelProcess) -> None:
        """End a process that is of no more use."""
        if self._process is process:
            self._process = None
            process.kill()
        self._forget_calls()

    def _forget_calls(self) -> None:
        """Remove the arrays of calls that will never be answered."""
        for call_id in self._unanswered:
            discard(request_segment(self._token, call_id))
            discard(reply_segment(self._token, call_id))
        self._unanswered.clear()


def _limit(attempt: int, max_batch: int, count: int) -> int:
    """The batch size of an attempt: the backend's own first, half of it after a crash."""
    return 0 if attempt == 0 else max(1, min(max_batch, count) // 2)


def _raise_failure(answer: Answer) -> Answer:
    """A failure as the error it was on the other side; any other answer as it is."""
    if not isinstance(answer, Failed):
        return answer
    kind = getattr(errors, answer.error, None)
    if not (isinstance(kind, type) and issubclass(kind, errors.LlamaVisError)):
        kind = BackendError
    error = kind(answer.message, answer.hint)
    if answer.trace:
        error.add_note(answer.trace)
    raise error
