"""What the editor's tests share: an editor over a real file, and hands that type."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from llamavis_studio.app.drafts import Drafts
from llamavis_studio.app.editor import DescriptionEditor
from llamavis_studio.app.editor_fields import Words
from llamavis_studio.app.theme import LIGHT

SLIME = """# A slime of the cellar.
kind = "sprite"  # for everything
description = "green slime"

# few colours, it is old
[finish]
colours = 8
"""
Open = Callable[..., DescriptionEditor]


def the_app() -> QApplication:
    """The one application of this process, on no screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    found = QApplication.instance()
    return found if isinstance(found, QApplication) else QApplication([])


def editors(tmp_path: Path) -> Iterator[Open]:
    """Opens editors over new files of a folder, and takes them away afterwards."""
    app = the_app()
    made: list[DescriptionEditor] = []

    def open_(text: str = SLIME, name: str = "slime.desc.toml") -> DescriptionEditor:
        path = tmp_path / name
        path.write_bytes(text.encode())
        editor = DescriptionEditor(Drafts(tmp_path / "drafts"), LIGHT)
        made.append(editor)
        editor.resize(700, 520)
        editor.open_file(path)
        editor.show()
        return editor

    yield open_
    for editor in made:
        editor.hide()
        editor.deleteLater()
    app.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))


def type_words(editor: DescriptionEditor, text: str) -> None:
    """Append to the description, as typing in the form does."""
    field = editor.form.fields["description"]
    assert isinstance(field, Words)
    field.edit.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(field.edit, text)
