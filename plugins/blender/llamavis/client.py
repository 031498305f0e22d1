# SPDX-License-Identifier: GPL-3.0-or-later
"""Talks to a project's studio from two threads; everything it learns goes into one queue.

listening thread: service file -> status -> assets -> long poll for events, again and again
asking thread:    questions one after the other -> answers
main thread:      reads the queue, and never waits

No bpy here: whoever owns the queue takes things out on Blender's main thread.
"""

from __future__ import annotations

import http.client
import queue
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from .entries import Entry, entries_of
from .http_call import API, Failure, Line
from .service_file import ServiceFile, read_service_file

ABSENT, CONNECTED, REFUSED, STRANGE, OPENING = (
    "absent", "connected", "refused", "strange", "opening",
)  # fmt: skip
FIRST_DELAY_S, LONGEST_DELAY_S = 0.25, 5.0
_CALM_S = 0.3
_MOST_PAGES = 1000


@dataclass(frozen=True)
class StateChanged:
    """Another state of the connection; `message` is the service's own, where it says one."""

    state: str
    message: str = ""
    project: str = ""


@dataclass(frozen=True)
class Joined:
    """A service was found, another one or the same again: events before it are lost."""

    service: str


@dataclass(frozen=True)
class Listed:
    """All entries as they are now, and what is wrong in the project's files."""

    entries: dict[str, Entry]
    problems: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Happened:
    """Events in their order; `missed` when some are lost, so that all must be looked at anew."""

    events: tuple[dict[str, Any], ...]
    missed: bool = False


@dataclass(frozen=True)
class Answer:
    """What came of a question; one of `value` and `failure` is there."""

    tag: Any
    value: dict[str, Any] | None = None
    failure: Failure | None = None


@dataclass
class _Question:
    method: str
    path: str
    body: Any
    tag: Any
    timeout_s: float = field(default=10.0)


class Client:
    """The connection to the studio of one project; `start` it, and `stop` it in the end."""

    def __init__(self, root: Path, inbox: queue.SimpleQueue[Any], wait_s: int = 25) -> None:
        self.root = root
        self._inbox = inbox
        self._wait_s = wait_s
        self._line = Line()
        self._ending, self._awake = threading.Event(), threading.Event()
        self._questions: queue.SimpleQueue[_Question | None] = queue.SimpleQueue()
        self._told: ServiceFile | None = None
        self._state = ""
        self._threads = [
            threading.Thread(target=self._listen, name="llamavis-listening", daemon=True),
            threading.Thread(target=self._answer, name="llamavis-asking", daemon=True),
        ]

    def start(self) -> None:
        """Begin to look for the service."""
        for thread in self._threads:
            thread.start()

    def stop(self, within_s: float = 5.0) -> bool:
        """End both threads; whether they are gone."""
        self._ending.set()
        self._awake.set()
        self._questions.put(None)
        self._line.cut()
        end = time.monotonic() + within_s
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def wake(self) -> None:
        """Look for the service now, not when the pause is over."""
        self._awake.set()

    def ask(
        self, method: str, path: str, body: Any = None, tag: Any = None, timeout_s: float = 10.0
    ) -> None:
        """Put a question; an `Answer` with its tag comes in the queue."""
        self._questions.put(_Question(method, path, body, tag, timeout_s))

    # --- the listening thread --------------------------------------------------------------------

    def _listen(self) -> None:
        delay_s = FIRST_DELAY_S
        while not self._ending.is_set():
            told = read_service_file(self.root)
            if told is None:
                self._become(ABSENT)
            else:
                try:
                    self._follow(told)
                    delay_s = FIRST_DELAY_S
                    continue
                except Failure as failure:
                    self._become(REFUSED if failure.status == 401 else STRANGE, failure.message)
                except (OSError, http.client.HTTPException):
                    self._become(ABSENT)
                except (KeyError, TypeError, ValueError):
                    self._become(STRANGE)
            if self._told is not None:  # it was there a moment ago
                self._told, delay_s = None, FIRST_DELAY_S
            if self._awake.wait(delay_s):
                self._awake.clear()
            delay_s = min(delay_s * 2, LONGEST_DELAY_S)

    def _follow(self, told: ServiceFile) -> None:
        """Until another service answers, or the extension ends. Raises what calls raise."""
        status = self._line.call(told, "GET", "/status", timeout_s=5)
        if status["api"] != API:
            raise Failure("api", f"the studio {status['version']} speaks another language")
        service, cursor = str(status["service"]), int(status["cursor"])
        self._told = told
        state = CONNECTED if status["state"] == "ready" else OPENING
        if status["state"] == "broken":
            state = STRANGE
        self._become(state, str(status["message"]), str(status["project"]))
        self._inbox.put(Joined(service))
        self._list(told)
        while not self._ending.is_set():
            asked = urlencode({"after": cursor, "wait": self._wait_s, "service": service})
            page = self._line.call(told, "GET", f"/events?{asked}", timeout_s=self._wait_s + 10)
            if page["service"] != service:
                return
            cursor, events, missed = int(page["cursor"]), page["events"], bool(page["missed"])
            if events or missed:
                self._inbox.put(Happened(tuple(events), missed))
            if missed or any(one["event"] == "assets_changed" for one in events):
                self._ending.wait(_CALM_S)  # a build changes the list again and again
                self._list(told)
            if self._state != CONNECTED:
                status = self._line.call(told, "GET", "/status", timeout_s=5)
                if status["state"] == "ready":
                    self._become(CONNECTED, "", str(status["project"]))

    def _list(self, told: ServiceFile) -> None:
        assets: list[dict[str, Any]] = []
        problems: tuple[dict[str, Any], ...] = ()
        after = ""
        for _ in range(_MOST_PAGES):
            path = f"/assets?limit=1000&after={quote(after)}" if after else "/assets?limit=1000"
            page = self._line.call(told, "GET", path, timeout_s=20)
            assets += page["assets"]
            problems = problems or tuple(page["problems"])
            if page["next"] is None:
                break
            after = page["next"]
        self._inbox.put(Listed(entries_of(assets), problems))

    def _become(self, state: str, message: str = "", project: str = "") -> None:
        if state != self._state and not self._ending.is_set():
            self._state = state
            self._inbox.put(StateChanged(state, message, project))

    # --- the asking thread -----------------------------------------------------------------------

    def _answer(self) -> None:
        while (question := self._questions.get()) is not None and not self._ending.is_set():
            told = self._told
            if told is None:
                failure = Failure("absent", "the studio is not running", "start it, then try again")
                self._inbox.put(Answer(question.tag, failure=failure))
                continue
            try:
                value = self._line.call(
                    told, question.method, question.path, question.body, question.timeout_s
                )
                self._inbox.put(Answer(question.tag, value))
            except Failure as failure:
                self._inbox.put(Answer(question.tag, failure=failure))
            except TimeoutError:
                failure = Failure("late", "the studio takes too long to answer", "try again")
                self._inbox.put(Answer(question.tag, failure=failure))
            except (OSError, http.client.HTTPException):
                failure = Failure("absent", "the studio does not answer", "start it again")
                self._inbox.put(Answer(question.tag, failure=failure))
