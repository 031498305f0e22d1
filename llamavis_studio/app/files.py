"""What the window asks for: folders as the desktop hands them over, names, tags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDropEvent
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.write import write_atomic

SUFFIX = ".desc.toml"


def folder_in(event: QDropEvent) -> Path | None:
    """The folder that is dropped, or that of a file; None where nothing of this machine is."""
    for url in event.mimeData().urls():
        path = Path(url.toLocalFile())
        if url.isLocalFile() and path.is_absolute() and path.exists():
            return path if path.is_dir() else path.parent
    return None


def ask_folder(
    parent: QWidget, title: str, on_chosen: Callable[[str], None], start: str = ""
) -> None:
    """Have a folder chosen; the window lives on meanwhile."""
    dialog = QFileDialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(on_chosen)
    dialog.open()


def ask_file(parent: QWidget, title: str, pattern: str, on_chosen: Callable[[str], None]) -> None:
    """Have a file chosen whose name fits ``pattern``, such as "*.png"; the window lives on."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(pattern)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(on_chosen)
    dialog.open()


def reveal(file: Path) -> None:
    """Show a file's folder in the desktop's own program."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.parent)))


def ask_new_description(
    parent: QWidget,
    folder: Path,
    made: Callable[[Path, bytes], None],
    tell_error: Callable[[Exception], None],
) -> None:
    """Ask where a new description is to be, and write it: its first words are those of its name.

    `made` is told the new file and what it holds. A file that is there already is only shown.
    """
    dialog = QFileDialog(parent, QCoreApplication.translate("Files", "New description"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDirectory(str(folder))
    dialog.setNameFilter(f"*{SUFFIX}")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def write(name: str) -> None:
        path = Path(name if name.endswith(SUFFIX) else f"{name.removesuffix('.toml')}{SUFFIX}")
        data = new_description(path).encode("utf-8")
        try:
            if not path.exists():
                write_atomic(path, data)
                made(path, data)
        except LlamaVisError as error:
            tell_error(error)

    dialog.fileSelected.connect(write)
    dialog.open()


def new_description(path: Path) -> str:
    """The text of a new description: `fire_dragon.desc.toml` begins as "fire dragon"."""
    words = path.name.removesuffix(SUFFIX).replace("_", " ").replace("-", " ").strip()
    document = tomlkit.document()
    document["description"] = words
    return tomlkit.dumps(document)


def ask_tags(
    parent: QWidget, items: Sequence[Any], add: Callable[[Sequence[Any], Sequence[str]], None]
) -> None:
    """Ask for tags, divided by commas, and have them added."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(QCoreApplication.translate("Files", "Add tags"))
    dialog.setLabelText(QCoreApplication.translate("Files", "Tags, divided by commas"))

    def take(text: str) -> None:
        names = [name.strip() for name in text.replace("，", ",").split(",") if name.strip()]
        if names:
            add(items, names)

    dialog.textValueSelected.connect(take)
    dialog.open()
