# SPDX-License-Identifier: GPL-3.0-or-later
"""What the extension knows: the project, the connection, the entries, and what is to be done.

One object, on Blender's main thread only; messages come from the client's queue. No bpy here, so
that a project can be followed in plain tests too.
"""

from __future__ import annotations

import os
import queue
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .client import ABSENT, CONNECTED, Answer, Client, Happened, Joined, Listed, StateChanged
from .entries import Entry
from .http_call import Failure
from .starter import Started, StartError

OnAnswer = Callable[[Answer], None]


@dataclass(frozen=True)
class Said:
    """A sentence for the user: translated when it is shown, then filled in."""

    text: str
    is_error: bool = False
    hint: str = ""
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Words:
    """A description's text as it was read; `revision` goes along when it is written."""

    source: str
    text: str
    revision: str
    problems: tuple[dict[str, Any], ...] = ()


class Session:
    """Everything of one project; `open` and `close` it as often as wanted."""

    def __init__(self) -> None:
        self.inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.root: Path | None = None
        self.started: Started | None = None
        self._client: Client | None = None
        self._may_start = True
        self.forget()

    def forget(self) -> None:
        """As with no project."""
        self.state, self.message, self.project = "", "", ""
        self.entries: dict[str, Entry] = {}
        self.entries_version = 0
        self.problems: tuple[dict[str, Any], ...] = ()
        self.selected = ""
        self.words: Words | None = None
        self.notice: Said | None = None
        self.drawing, self.done, self.total = False, 0, 0
        self.eta_s: float | None = None
        self.changed: dict[str, None] = {}
        """Project-relative images that changed on disk, oldest first; sync takes them out."""
        self.look_again = False
        """Events may be lost: every image of the project must be looked at."""
        self.captions: dict[str, dict[str, Any]] = {}
        self.hits: tuple[dict[str, Any], ...] = ()
        self.searched = ""
        self.version = getattr(self, "version", 0) + 1
        """Another one whenever something that is shown changed."""

    # --- the project -----------------------------------------------------------------------------

    def open(self, root: Path | None) -> None:
        """Follow the project in this folder, or none; the same one again changes nothing."""
        if root == self.root and (root is None or self._client is not None):
            return
        self.close()
        self.root = root
        if root is not None:
            self.inbox = queue.SimpleQueue()  # what the last client said is for nobody now
            self._client = Client(root, self.inbox)
            self._client.start()

    def close(self) -> bool:
        """Follow none; whether all threads are gone."""
        gone = self._client is None or self._client.stop()
        self._client, self.root, self._may_start = None, None, True
        if self.started is not None:
            self.started.stop(2.0)
            self.started = None
        self.forget()
        return gone

    @property
    def is_connected(self) -> bool:
        """Whether questions are answered."""
        return self.state == CONNECTED

    @property
    def entry(self) -> Entry | None:
        """The one that is selected."""
        return self.entries.get(self.selected)

    # --- asking ----------------------------------------------------------------------------------

    def ask(
        self, method: str, path: str, body: Any, then: OnAnswer, timeout_s: float = 10.0
    ) -> None:
        """Ask the service; `then` is called on the main thread by whoever drains the queue."""
        if self._client is None:
            then(Answer(None, failure=Failure("absent", "no project is open")))
        else:
            self._client.ask(method, path, body, then, timeout_s)

    def do(self, path: str, body: Any, done: Said, timeout_s: float = 30.0) -> None:
        """Have something done, and say so, or why not."""
        self.ask("POST", path, body, lambda answer: self.tell(answer, done), timeout_s)

    def tell(self, answer: Answer, done: Said) -> bool:
        """Say what came of it; whether it was done."""
        if answer.failure is not None:
            self.say(Said(answer.failure.message, True, answer.failure.hint))
            return False
        self.say(done)
        return True

    def say(self, said: Said | None) -> None:
        """Show a sentence in the panel."""
        self.notice = said
        self.version += 1

    def select(self, key: str) -> None:
        """Select an entry and read its description."""
        if key != self.selected:
            self.selected = key
            self.words = None
            self.version += 1
        self.read_words()

    def read_words(self, then: Callable[[], None] = lambda: None) -> None:
        """Read the selected description anew."""
        entry = self.entry
        if entry is None:
            return

        def came(answer: Answer) -> None:
            current = self.entry
            if answer.failure is not None:
                self.say(Said(answer.failure.message, True, answer.failure.hint))
            elif current is not None and answer.value is not None:
                if answer.value["path"] == current.source:
                    self.take_words(answer.value)
                    then()

        self.ask("GET", f"/description?path={quote(entry.source)}", None, came)

    def take_words(self, told: dict[str, Any]) -> None:
        """A description as the service tells it."""
        self.words = Words(told["path"], told["text"], told["revision"], tuple(told["problems"]))
        self.version += 1

    # --- the service -----------------------------------------------------------------------------

    def start_service(self, program: str) -> None:
        """Start it with this program. Raises StartError."""
        if self.root is None:
            raise StartError("Choose the project's folder first")
        if self.started is not None:
            self.started.stop()
        self.started = Started(program, self.root)
        self.say(Said("Starting the studio..."))
        if self._client is not None:
            self._client.wake()

    def start_if_wanted(self, program: str) -> None:
        """Once for each project, and only where nobody serves it."""
        if self._may_start and self.state == ABSENT and self.root is not None:
            self._may_start = False
            try:
                self.start_service(program)
            except StartError as error:
                self.say(Said(str(error), True))

    def watch_started(self) -> None:
        """Say it when the service that we started ends by itself."""
        if self.started is not None and not self.started.is_running():
            words = self.started.last_words()
            self.started.stop()
            self.started = None
            if words:
                self.say(Said("The studio ended: {words}", True, values={"words": words}))

    # --- what comes ------------------------------------------------------------------------------

    def take(self, message: Any) -> None:
        """One message of the client."""
        self.version += 1
        match message:
            case StateChanged(state=state, message=text, project=project):
                self.state, self.message = state, text
                self.project = project or self.project
                if state == CONNECTED:
                    self.notice = None
                else:
                    self.drawing = False
            case Joined():
                self.look_again = True
            case Listed(entries=entries, problems=problems):
                if list(entries) != list(self.entries):
                    self.entries_version += 1
                self.entries, self.problems = entries, problems
            case Happened(events=events, missed=missed):
                self.look_again = self.look_again or missed
                for event in events:
                    self._happened(event)
            case Answer(tag=then):
                then(message)

    def _happened(self, event: dict[str, Any]) -> None:
        match event["event"]:
            case "files_changed":
                self.changed |= dict.fromkeys([*event["changed"], *event["gone"]])
            case "build_started":
                self.drawing, self.done, self.total = True, 0, int(event["total"])
                self.eta_s = event.get("estimate_s")
            case "step_done":
                self.drawing = True
                self.done, self.total = int(event["done"]), int(event["total"])
                self.eta_s = event.get("eta_s")
            case "build_finished":
                self.drawing, self.eta_s = False, None
            case "asset_failed" | "problem_found":
                where = f"{event['path']}:{event['line']}" if event.get("line") else event["path"]
                self.notice = Said(
                    "{where}: {message}",
                    True,
                    event.get("hint", ""),
                    {"where": where, "message": event["message"]},
                )

    def absolute(self, relative: str) -> str:
        """Where an image of the project lies; "" without a project, or outside of it."""
        if self.root is None:
            return ""
        path = os.path.normpath(os.path.join(self.root, relative))
        return path if Path(path).is_relative_to(self.root) else ""


SESSION = Session()
"""Blender has one window manager and one main thread; the extension has one session."""
