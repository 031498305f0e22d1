"""A question about pictures of the library, answered by the one worker, picture by picture.

ask -> a job before all images that wait -> each answer is told
images wait after a picture -> the other pictures stand behind them: the models are swapped once
cancel -> what is answered by then stays
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from llamavis_studio.core.errors import Cancelled, LlamaVisError
from llamavis_studio.jobs.job import Job, JobContext, JobResult, JobState
from llamavis_studio.studio import Studio


class AskState(StrEnum):
    """How a question stands; the last two are for good."""

    WAITING = "waiting"
    """Images are drawn first."""
    LOOKING = "looking"
    ENDED = "ended"
    """Answered, or cancelled."""
    FAILED = "failed"


@dataclass(frozen=True)
class PictureAnswer:
    """What `model` answered about the picture at `path`, `file` as the library shows it; where the
    picture could not be read, `problem` says why and `text` is empty.
    """

    path: Path
    file: str
    question: str
    text: str
    model: str
    problem: str = ""


@dataclass(frozen=True)
class AskNews:
    """`done` of `total` pictures were looked at, now `file` is. `error` is why it failed."""

    state: AskState
    done: int
    total: int
    file: str = ""
    answer: PictureAnswer | None = None
    error: BaseException | None = None


class Question:
    """One question about some pictures, from `ask` to its end.

    Lives on the studio's main thread; only `cancel` may be called from any thread.
    """

    def __init__(
        self,
        studio: Studio,
        pictures: Sequence[tuple[str, Path]],
        question: str,
        by: str,
        tell: Callable[[AskNews], None],
    ) -> None:
        self._studio = studio
        self._pictures = tuple(pictures)
        self._question = question
        self._by = by
        self._tell = tell
        self._done = 0
        self._cancelled = threading.Event()
        self._job: Job | None = None

    def start(self) -> None:
        """Let the worker look at the first picture, as soon as it has ended what it is at."""
        self._go_on(first=True)

    def cancel(self) -> None:
        """Stop; what is answered by then stays. From any thread."""
        self._cancelled.set()
        job = self._job
        if job is not None:
            self._studio.queue.stop(job)

    def _go_on(self, *, first: bool) -> None:
        self._say(AskState.WAITING)
        title = self._question
        self._job = self._studio.queue.do(title, self._look, self._ended, first=first)

    def _look(self, context: JobContext) -> None:
        """In the worker's thread."""
        queue = self._studio.queue
        for at in range(self._done, len(self._pictures)):
            self._check(context)
            picture, total = self._pictures[at], len(self._pictures)
            self._post(AskNews(AskState.LOOKING, at, total, picture[0]))
            answer = self._answer(picture, context)
            self._done = at + 1
            self._post(AskNews(AskState.LOOKING, at + 1, total, picture[0], answer))
            if queue.jobs.waiting() and not queue.jobs.is_paused:
                return

    def _answer(self, picture: tuple[str, Path], context: JobContext) -> PictureAnswer:
        name, path = picture
        told = self._studio.caption(
            [path], lambda _step: self._check(context), self._by, self._question
        )[0][1]
        if isinstance(told, LlamaVisError):
            return PictureAnswer(path, name, self._question, "", "", told.message)
        return PictureAnswer(path, name, self._question, told.caption.strip(), told.model)

    def _check(self, context: JobContext) -> None:
        if self._cancelled.is_set():  # between two jobs there is none that could be stopped
            raise Cancelled
        context.check()

    def _post(self, news: AskNews) -> None:
        self._studio.post(partial(self._tell, news))

    def _ended(self, result: JobResult) -> None:
        if result.state is JobState.FAILED:
            self._say(AskState.FAILED, result.error)
        elif result.state is JobState.DONE and not self._is_over():
            self._go_on(first=False)
        else:
            self._say(AskState.ENDED)

    def _is_over(self) -> bool:
        return self._cancelled.is_set() or self._done == len(self._pictures)

    def _say(self, state: AskState, error: BaseException | None = None) -> None:
        self._tell(AskNews(state, self._done, len(self._pictures), error=error))


def ask(
    studio: Studio,
    ids: Sequence[int],
    question: str,
    by: str,
    tell: Callable[[AskNews], None],
) -> Question:
    """Ask the backend `by` about assets of the library, on the studio's main thread; `tell` is told
    there how it goes. Raises LibraryError.
    """
    items = studio.library.library.items(ids)
    made = Question(studio, [(one.file, one.path) for one in items], question, by, tell)
    made.start()
    return made
