"""What the window knows of the backends, so that it never offers what one cannot do.

`refresh` -> the studio's thread: `known_backends` -> `changed` -> the form, the preview, captions
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from llamavis_studio.app.messages import said
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.machine_models import KnownBackend, captioner_of, known_backends

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow

translate = QCoreApplication.translate
CAPTIONER = "captioner"
"""The key of the window's store under which the chosen captioner is kept."""


@dataclass(frozen=True)
class DrawnBy:
    """What decides how an asset is drawn beside its own keys: the backend, the style and that
    style's adapter; "" where there is none.
    """

    backend: str = ""
    style: str = ""
    adapter: str = ""
    has_references: bool = False


class Backends(QObject):
    """The backends of a window: read when a project opens and after models were changed."""

    changed = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._known: tuple[KnownBackend, ...] = ()
        window.project_changed.connect(self.refresh)

    @property
    def known(self) -> tuple[KnownBackend, ...]:
        """All of them, sorted by name; empty until they were read."""
        return self._known

    def refresh(self) -> None:
        """Read them again; `changed` tells when something is otherwise."""
        if self._window.thread_ is not None:
            self._window.thread_.ask(lambda _studio: known_backends(), self._take)

    def find(self, name: str) -> KnownBackend | None:
        """A backend by its name, None where it is not known."""
        return next((one for one in self._known if one.name == name), None)

    def captioners(self) -> list[str]:
        """The names of those that describe images."""
        return [one.name for one in self._known if one.captions]

    def answerers(self) -> list[str]:
        """The names of those that answer questions about images."""
        return [one.name for one in self._known if one.answers]

    @property
    def captioner(self) -> str:
        """The one that describes images: the chosen one, else the project's, else the built-in;
        "" before they were read.
        """
        if not self._known:
            return ""
        chosen = str(self._window.store.value(CAPTIONER, ""))
        project = self._window.project
        return captioner_of(self._known, chosen, "" if project is None else project.backend)

    def choose_captioner(self, name: str) -> None:
        """Describe images with this one from now on."""
        self._window.store.setValue(CAPTIONER, name)
        self.changed.emit()

    def drawn_by(self, table: Mapping[str, Any], path: Path) -> DrawnBy:
        """What draws the asset that a description's table stands for, as the project would decide.

        A style that does not exist, or is no name, counts as none: the plan tells of it.
        """
        project, own = self._window.project, table.get("backend")
        if project is None:
            return DrawnBy(own if isinstance(own, str) else "")
        name = table.get("style")
        if name is None and path.is_relative_to(project.root):
            name = project.folder_style(path)
        backend, adapter, references = "", "", tuple[str, ...]()
        if isinstance(name, str):
            try:
                style = project.style(name)
                backend, adapter = style.backend or "", style.adapter or ""
                references = style.references
            except ProjectError:
                pass
        chosen = own if isinstance(own, str) and own else backend or project.backend
        has_references = bool(table.get("references") or references)
        return DrawnBy(chosen, name if isinstance(name, str) else "", adapter, has_references)

    def _take(self, known: tuple[KnownBackend, ...]) -> None:
        if known != self._known:
            self._known = known
            self.changed.emit()


def no_region(known: KnownBackend | None) -> str:
    """Why a region of an image that this backend drew cannot be edited; "" where it can, or where
    nobody knows.
    """
    if known is None or (known.info is not None and known.info.can_edit_region):
        return ""
    if known.info is None:
        told = translate("Backends", "{0} is not ready: {1}")
        return told.format(known.name, said(known.problem))
    return translate("Backends", "{0} draws whole images only").format(known.name)


def unheeded(known: KnownBackend | None, by: DrawnBy) -> dict[str, str]:
    """What of a description the backend does not heed: key -> why, in plain words."""
    if known is None or known.info is None:
        return {}
    info, found = known.info, {}
    if not info.can_avoid:
        found["negative"] = translate("Backends", "{0} does not heed this").format(known.name)
    if by.has_references and not info.can_take_references:
        found["references"] = translate("Backends", "{0} does not look at references").format(
            known.name
        )
    if by.adapter and not info.can_adapt:
        told = translate("Backends", "{0} cannot draw in the taught style of {1}")
        found["style"] = told.format(known.name, by.style)
    return found


def told_in_short(known: KnownBackend) -> str:
    """What a backend draws and can do, in some words."""
    info = known.info
    if info is None:
        return translate("Backends", "not ready: {0}").format(said(known.problem))
    if not info.can_generate:
        return translate("Backends", "describes images")
    does = [translate("Backends", "pixel art")] if info.domain == "pixel_art" else []
    if info.sizes is not None:
        does.append(translate("Backends", "about {0} px").format(info.sizes.best_px))
    for able, words in (
        (info.can_tile, translate("Backends", "seamless")),
        (info.can_cut_out, translate("Backends", "clear background")),
        (info.can_edit, translate("Backends", "edits")),
        (info.can_edit_region, translate("Backends", "edits regions")),
    ):
        does += [words] if able else []
    return translate("Backends", ", ").join(does)
