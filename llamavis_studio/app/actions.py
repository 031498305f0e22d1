"""Every action of the window in one table; menus, tool bar and palette are drawn from it.

An action's text is English here; `window.retranslate` gives it in the language of the interface.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, QSettings
from PySide6.QtGui import QAction, QKeySequence

from llamavis_studio.app.shortcuts import as_text, chosen, keep, overlap, sequences
from llamavis_studio.app.theme import Look, icon

CONTEXT = "Actions"


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:  # noqa: N802
    """Marks a text for Qt's lupdate, which looks for this name; PySide's own gives an object."""
    return text


FILE, EDIT, BUILD, VIEW, HELP = "file", "edit", "build", "view", "help"
MENUS = {
    FILE: QT_TRANSLATE_NOOP("Actions", "&File"),
    EDIT: QT_TRANSLATE_NOOP("Actions", "&Edit"),
    BUILD: QT_TRANSLATE_NOOP("Actions", "&Build"),
    VIEW: QT_TRANSLATE_NOOP("Actions", "&View"),
    HELP: QT_TRANSLATE_NOOP("Actions", "&Help"),
}


@dataclass(frozen=True)
class ActionRow:
    """One action: its method of the window is `do_<id>`."""

    id: str
    menu: str
    text: str
    shortcut: str = ""
    icon: str = ""
    needs_project: bool = True
    checkable: bool = False
    tool_bar: bool = False
    divides: bool = False
    """A line stands before it in its menu."""


ROWS: tuple[ActionRow, ...] = (
    ActionRow("open", FILE, QT_TRANSLATE_NOOP("Actions", "Open project…"), "Ctrl+O", "folder",
              False),
    ActionRow("new_project", FILE, QT_TRANSLATE_NOOP("Actions", "New project…"), "Ctrl+Shift+N",
              "plus", False),
    ActionRow("example", FILE, QT_TRANSLATE_NOOP("Actions", "Open the example"), "", "", False),
    ActionRow("close", FILE, QT_TRANSLATE_NOOP("Actions", "Close project"), "Ctrl+Shift+W"),
    ActionRow("save", FILE, QT_TRANSLATE_NOOP("Actions", "Save description"), "Ctrl+S", "save",
              tool_bar=True, divides=True),
    ActionRow("new", FILE, QT_TRANSLATE_NOOP("Actions", "New description…"), "Ctrl+N", "plus",
              tool_bar=True),
    ActionRow("reveal", FILE, QT_TRANSLATE_NOOP("Actions", "Show in file manager"), "Ctrl+R",
              "eye"),
    ActionRow("quit", FILE, QT_TRANSLATE_NOOP("Actions", "Quit"), "Ctrl+Q", "", False,
              divides=True),
    ActionRow("undo", EDIT, QT_TRANSLATE_NOOP("Actions", "Undo"), "Ctrl+Z; Ctrl+Alt+Z",
              "undo"),
    ActionRow("redo", EDIT, QT_TRANSLATE_NOOP("Actions", "Redo"),
              "Ctrl+Shift+Z; Ctrl+Alt+Shift+Z; Ctrl+Y", "redo"),
    ActionRow("rename", EDIT, QT_TRANSLATE_NOOP("Actions", "Rename"), "F2", "rename",
              divides=True),
    ActionRow("move", EDIT, QT_TRANSLATE_NOOP("Actions", "Move to folder…"), "Shift+F2", "folder"),
    ActionRow("duplicate", EDIT, QT_TRANSLATE_NOOP("Actions", "Duplicate"), "Ctrl+D", "copy"),
    ActionRow("lock", EDIT, QT_TRANSLATE_NOOP("Actions", "Lock"), "Ctrl+L", "lock"),
    ActionRow("unlock", EDIT, QT_TRANSLATE_NOOP("Actions", "Unlock"), "Ctrl+Shift+L", "unlock"),
    ActionRow("copy_path", EDIT, QT_TRANSLATE_NOOP("Actions", "Copy path"), "Ctrl+Shift+C"),
    ActionRow("copy_res", EDIT, QT_TRANSLATE_NOOP("Actions", "Copy path for Godot")),
    ActionRow("delete", EDIT, QT_TRANSLATE_NOOP("Actions", "Delete…"), "Del", "trash"),
    ActionRow("find", EDIT, QT_TRANSLATE_NOOP("Actions", "Search images"), "Ctrl+F", "search",
              divides=True),
    ActionRow("settings", EDIT, QT_TRANSLATE_NOOP("Actions", "Settings…"), "Ctrl+,", "settings",
              False, divides=True),
    ActionRow("shortcuts", EDIT, QT_TRANSLATE_NOOP("Actions", "Keyboard shortcuts…"), "",
              "keyboard", False),
    ActionRow("build", BUILD, QT_TRANSLATE_NOOP("Actions", "Draw what is stale"), "F5", "play",
              tool_bar=True),
    ActionRow("build_one", BUILD, QT_TRANSLATE_NOOP("Actions", "Draw this one"), "Ctrl+B", ""),
    ActionRow("redraw", BUILD, QT_TRANSLATE_NOOP("Actions", "Draw this one afresh"),
              "Ctrl+Shift+B", "reload", tool_bar=True),
    ActionRow("variants", BUILD, QT_TRANSLATE_NOOP("Actions", "Variants…"), "Ctrl+Alt+V", "grid"),
    ActionRow("cancel", BUILD, QT_TRANSLATE_NOOP("Actions", "Stop drawing"), "Ctrl+.", "stop",
              tool_bar=True),
    ActionRow("pause", BUILD, QT_TRANSLATE_NOOP("Actions", "Pause drawing"), "Shift+F5", "pause",
              checkable=True),
    ActionRow("again", BUILD, QT_TRANSLATE_NOOP("Actions", "Draw again what failed"), "", ""),
    ActionRow("on_save", BUILD, QT_TRANSLATE_NOOP("Actions", "Draw on save"), "", "",
              checkable=True, divides=True),
    ActionRow("notify", BUILD, QT_TRANSLATE_NOOP("Actions", "Tell me when drawing is done"), "",
              "", checkable=True),
    ActionRow("import", BUILD, QT_TRANSLATE_NOOP("Actions", "Look for new images"), "F6", "image",
              divides=True),
    ActionRow("caption", BUILD, QT_TRANSLATE_NOOP("Actions", "Describe images without words"), "",
              "tag"),
    ActionRow("ask", BUILD, QT_TRANSLATE_NOOP("Actions", "Ask about this picture…"),
              "Ctrl+Shift+A", "why"),
    ActionRow("palette", VIEW, QT_TRANSLATE_NOOP("Actions", "All commands…"),
              "Ctrl+K; Ctrl+Shift+P", "", False),
    ActionRow("light", VIEW, QT_TRANSLATE_NOOP("Actions", "Light"), "", "", False, divides=True),
    ActionRow("dark", VIEW, QT_TRANSLATE_NOOP("Actions", "Dark"), "", "", False),
    ActionRow("system_look", VIEW, QT_TRANSLATE_NOOP("Actions", "As the system"), "", "", False),
    ActionRow("english", VIEW, QT_TRANSLATE_NOOP("Actions", "English"), "", "", False,
              divides=True),
    ActionRow("chinese", VIEW, QT_TRANSLATE_NOOP("Actions", "简体中文"), "", "", False),
    ActionRow("models", HELP, QT_TRANSLATE_NOOP("Actions", "Models…"), "", "info", False),
    ActionRow("log", HELP, QT_TRANSLATE_NOOP("Actions", "Log…"), "", "", False),
    ActionRow("about", HELP, QT_TRANSLATE_NOOP("Actions", "About"), "", "", False),
)  # fmt: skip


class Actions(QObject):
    """The table's rows as actions of Qt, each calling its method of the window."""

    def __init__(self, window: QObject, method: Callable[[str], Callable[..., None]]) -> None:
        super().__init__(window)
        self._by_id: dict[str, QAction] = {}
        self._store: QSettings | None = None
        for row in ROWS:
            action = QAction(window)
            action.setObjectName(row.id)
            action.setCheckable(row.checkable)
            action.setShortcuts(sequences(row.shortcut))
            (action.toggled if row.checkable else action.triggered).connect(method(row.id))
            self._by_id[row.id] = action
        self.retranslate()

    def __getitem__(self, name: str) -> QAction:
        return self._by_id[name]

    def shortcuts(self, store: QSettings) -> None:
        """Use the keys that the user has chosen, and keep in `store` what is chosen from now on."""
        self._store = store
        for row in ROWS:
            self._by_id[row.id].setShortcuts(sequences(chosen(store, row.id, row.shortcut)))
        self.retranslate()

    def keys(self, name: str) -> str:
        """The keys of an action, as `shortcuts.sequences` reads them."""
        return as_text(self._by_id[name].shortcuts())

    def others_with(self, name: str, keys: str) -> list[ActionRow]:
        """The other actions that these keys mean already."""
        return [row for row in ROWS if row.id != name and overlap(self.keys(row.id), keys)]

    def set_keys(self, name: str, keys: str) -> None:
        """Give an action other keys, now and at the next start; none where the text is empty."""
        row = next(row for row in ROWS if row.id == name)
        self._by_id[name].setShortcuts(sequences(keys))
        if self._store is not None:
            keep(self._store, name, keys, row.shortcut)
        self._tell_keys(self._by_id[name])

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        for row in ROWS:
            action = self._by_id[row.id]
            text = QCoreApplication.translate(CONTEXT, row.text)
            action.setText(text)
            self._tell_keys(action)

    def _tell_keys(self, action: QAction) -> None:
        text = action.text().rstrip("…")
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{text} ({keys})" if keys else text)

    def mark(self, choices: Sequence[str], chosen: str) -> None:
        """Tick the one of some actions that holds now."""
        for name in choices:
            self._by_id[name].setCheckable(True)
            self._by_id[name].setChecked(name == chosen)

    def set_look(self, look: Look) -> None:
        """The icons again, in the colours of now."""
        for row in ROWS:
            if row.icon:
                self._by_id[row.id].setIcon(icon(row.icon, look))

    def set_project_open(self, is_open: bool) -> None:
        """Enable what needs a project."""
        for row in ROWS:
            if row.needs_project:
                self._by_id[row.id].setEnabled(is_open)
