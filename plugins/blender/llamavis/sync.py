# SPDX-License-Identifier: GPL-3.0-or-later
"""The one timer: takes what the threads learned and brings it into Blender, a little at a time.

queue -> session (plain Python) -> images, materials and the list -> redraw

Nothing here makes an undo step: files that changed are no doing of the user.
"""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from collections import deque

import bpy

from . import images, materials, previews, properties
from .entries import Entry
from .service_file import find_project
from .session import SESSION, Said

BUDGET_MS = 4.0
SOON_S, IDLE_S = 0.05, 0.25
_ROWS_AT_ONCE = 250
_SPACES = ("VIEW_3D", "IMAGE_EDITOR", "NODE_EDITOR", "TEXT_EDITOR")
durations_ms: deque[float] = deque(maxlen=4096)
"""How long each call of the timer took."""


class _Following:
    """What the timer did last."""

    version = -1
    rows_version = -1
    rows: list[str] = []  # noqa: RUF012 - one timer, one list
    is_rendering = False
    maps_seen: object = None
    entry_seen: object = None
    to_look: list[str] = []  # noqa: RUF012 - the same
    stamps: dict[str, tuple[int, int] | None] = {}  # noqa: RUF012 - the same


def tick() -> float:
    """Called by Blender's timer; returns when it wants to be called again, in seconds."""
    begun = time.perf_counter()
    try:
        _work(begun)
    except Exception:  # noqa: BLE001 - Blender would never call again, and all would stand still
        traceback.print_exc()
        SESSION.say(Said("The extension met a bug; Blender's console says more", True))
    durations_ms.append((time.perf_counter() - begun) * 1000)
    busy = SESSION.drawing or SESSION.changed or _Following.to_look or not SESSION.inbox.empty()
    return SOON_S if busy else IDLE_S


def _work(begun: float) -> None:
    _drain(begun)
    if (SESSION.look_again or _Following.to_look) and not is_busy():
        _look_again(begun)
    _apply(begun)
    SESSION.watch_started()
    _start_if_wanted()
    _fill_rows()
    _read_again()
    if _Following.version != SESSION.version:
        _Following.version = SESSION.version
        _redraw()


def is_busy() -> bool:
    """Whether images must stay as they are: something renders, bakes, or plays."""
    if _Following.is_rendering:
        return True
    if any(bpy.app.is_job_running(job) for job in ("RENDER", "OBJECT_BAKE")):
        return True
    windows = bpy.context.window_manager.windows
    return any(window.screen.is_animation_playing for window in windows if window.screen)


def _left_ms(begun: float) -> float:
    return BUDGET_MS - (time.perf_counter() - begun) * 1000


def _drain(begun: float) -> None:
    while not SESSION.inbox.empty() and _left_ms(begun) > 0:
        SESSION.take(SESSION.inbox.get())


def _look_again(begun: float) -> None:
    """Every image of the project whose file is not as it was when it was last looked at."""
    if SESSION.look_again:
        SESSION.look_again = False
        paths = (images.path_of(image) for image in bpy.data.images)
        _Following.to_look = list(dict.fromkeys(path for path in paths if path))
    if SESSION.root is None:
        _Following.to_look = []
        return
    root = images.real(str(SESSION.root))
    while _Following.to_look and _left_ms(begun) > 0:
        path = _Following.to_look.pop()
        lies = images.real(path)
        if not lies.startswith(root + os.sep):
            continue
        seen, now = _Following.stamps.get(path), images.stamp(path)
        if seen is not None and seen != now:
            SESSION.changed[os.path.relpath(lies, root).replace(os.sep, "/")] = None
        _Following.stamps.setdefault(path, now)


def _apply(begun: float) -> None:
    if not SESSION.changed or is_busy():
        return
    while SESSION.changed and _left_ms(begun) > 0:
        relative = next(iter(SESSION.changed))
        del SESSION.changed[relative]
        path = SESSION.absolute(relative)
        if path:
            previews.drop(path)
            _Following.stamps[path] = images.stamp(path)
            _say(images.follow(path), relative)
    SESSION.version += 1


def _say(done: str, relative: str) -> None:
    texts = {
        images.PACKED: "{name} is packed into this .blend file and was left as it is",
        images.PAINTED: "{name} was painted on here and not saved: it was left as it is",
        images.GONE: "{name} is gone from the project; its last picture stays",
    }
    if done in texts:
        SESSION.say(Said(texts[done], values={"name": relative}))


def _start_if_wanted() -> None:
    settings = properties.preferences()
    if settings is not None and settings.start_automatically:
        SESSION.start_if_wanted(settings.program)


def _fill_rows() -> None:
    """The list's rows, some at a time: a thousand at once would be felt."""
    rows = properties.desk().rows
    if _Following.rows_version != SESSION.entries_version or len(rows) > len(SESSION.entries):
        _Following.rows_version = SESSION.entries_version
        _Following.rows = list(SESSION.entries)
        rows.clear()
    missing = len(_Following.rows) - len(rows)
    if missing <= 0:
        if _Following.maps_seen is not SESSION.entries and not is_busy():
            _Following.maps_seen = SESSION.entries
            materials.refresh(SESSION.entries, SESSION.project, SESSION.absolute)
        return
    for key in _Following.rows[len(rows) : len(rows) + _ROWS_AT_ONCE]:
        rows.add().name = key
    if SESSION.selected in SESSION.entries:
        properties.move_to(_Following.rows.index(SESSION.selected))
    SESSION.version += 1


def _read_again() -> None:
    """The selected description changed on disk: show it, unless somebody is typing over it.

    What is typed over keeps the revision that it began with, so that saving tells the conflict.
    """
    entry, before = SESSION.entry, _Following.entry_seen
    _Following.entry_seen = entry
    if isinstance(before, Entry) and entry is not None and before.key == entry.key:
        is_new = (before.words, before.kind, before.first) != (entry.words, entry.kind, entry.first)
        if is_new and not properties.is_touched():
            SESSION.read_words(properties.show_words)


def _redraw() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in _SPACES:
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


# --- what Blender tells ------------------------------------------------------------------------


@bpy.app.handlers.persistent
def file_loaded(*_: object) -> None:
    """Another .blend file: its project, unless the user chose one."""
    _Following.stamps.clear()
    _Following.rows_version = -1
    find()
    SESSION.look_again = True


@bpy.app.handlers.persistent
def file_saved(*_: object) -> None:
    """A .blend file has a place now, and so perhaps a project."""
    if SESSION.root is None:
        find()


@bpy.app.handlers.persistent
def render_begins(*_: object) -> None:
    """From here on images stay as they are."""
    _Following.is_rendering = True


@bpy.app.handlers.persistent
def render_ended(*_: object) -> None:
    """What changed meanwhile is taken in by the timer."""
    _Following.is_rendering = False


def find() -> None:
    """Follow the project that the .blend file lies in; a chosen one stays."""
    if bpy.data.filepath and not properties.is_chosen():
        with contextlib.suppress(OSError):
            SESSION.open(find_project(properties.folder_of_blend()))


_HANDLERS = (
    ("load_post", file_loaded),
    ("save_post", file_saved),
    ("render_init", render_begins),
    ("render_complete", render_ended),
    ("render_cancel", render_ended),
)


def register() -> None:
    """Begin to follow."""
    _Following.version, _Following.rows_version = -1, -1
    _Following.is_rendering, _Following.maps_seen, _Following.entry_seen = False, None, None
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)
    bpy.app.timers.register(tick, first_interval=0.5, persistent=True)


def unregister() -> None:
    """Leave nothing."""
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    for name, handler in _HANDLERS:
        found = getattr(bpy.app.handlers, name)
        if handler in found:
            found.remove(handler)
    _Following.stamps.clear()
    _Following.rows, _Following.to_look = [], []
    _Following.maps_seen, _Following.entry_seen = None, None
    SESSION.close()
