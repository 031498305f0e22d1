"""The watcher of one project: how long it waits, and what it says when the whole folder is away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from llamavis_studio.core.events import Event, ProblemFound
from llamavis_studio.watch.observer import NATIVE_QUIET
from llamavis_studio.watch.snapshot import Relevant
from llamavis_studio.watch.watcher import FOLDER_AWAY, Loop, OnChange, Watcher, WatchStatus


def watch_project(
    root: Path,
    loop: Loop,
    on_change: OnChange,
    relevant: Relevant,
    publish: Callable[[Event], None],
    debounce_s: float,
) -> Watcher:
    """A watcher of the project in `root` that waits `debounce_s` seconds after a save.

    When the folder goes away, `publish` is told once, as a ProblemFound without a path; what is
    inside counts as there until it comes back.
    """

    def tell(status: WatchStatus) -> None:
        if status.reason == FOLDER_AWAY:
            words, hint = f"{FOLDER_AWAY}: {root}", "put it back, or close the project"
            publish(ProblemFound("", 0, 0, words, hint))

    quiet = replace(NATIVE_QUIET, created_s=debounce_s, gone_s=debounce_s)
    return Watcher(root, loop, on_change, on_status=tell, relevant=relevant, quiet=quiet)
