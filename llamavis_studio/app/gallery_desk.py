"""What the gallery of a window remembers, and what is done with the pictures chosen in it.

size, order and searches -> the window's settings -> back at the next start
a choice of the card menu -> a question to the user -> the library, in the studio's thread -> told
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox

from llamavis_studio.app.gallery_copy_dialog import CopyDialog
from llamavis_studio.app.messages import said

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow
    from llamavis_studio.studio import Studio

_SIZE, _ORDER, _SEARCHES = "gallery/size", "gallery/order", "gallery/searches"
_MOST_REASONS = 200


class GalleryDesk(QObject):
    """Between the gallery of a window and its settings, dialogs and library."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        gallery = window.gallery
        self._restore()
        gallery.slider.valueChanged.connect(partial(window.store.setValue, _SIZE))
        gallery.orders.activated.connect(
            lambda _at: window.store.setValue(_ORDER, gallery.orders.currentData())
        )
        gallery.box.history_changed.connect(
            lambda queries: window.store.setValue(_SEARCHES, list(queries))
        )
        gallery.untag_asked.connect(self.ask_tag_to_remove)
        gallery.words_asked.connect(lambda _items: window.layout_.bring_up("words"))
        gallery.move_asked.connect(self.ask_folder)
        gallery.copy_asked.connect(self.ask_copy)
        window.changes.applied.connect(self._follow)

    def _restore(self) -> None:
        gallery, store = self._window.gallery, self._window.store
        size = str(store.value(_SIZE, ""))
        if size.isdigit():
            gallery.slider.setValue(int(size))
        at = gallery.orders.findData(store.value(_ORDER, ""))
        if at >= 0:
            gallery.orders.setCurrentIndex(at)
        searches: Any = store.value(_SEARCHES, [])
        # Qt's files keep a list of one as a text, and an empty one as nothing.
        found = [searches] if isinstance(searches, str) else list(searches or ())
        gallery.box.set_history([str(one) for one in found if one])

    # --- tags ------------------------------------------------------------------------------------

    def ask_tag_to_remove(self, items: Sequence[Any]) -> None:
        """Ask which of their tags is taken away from pictures; no model brings it back."""
        counts = Counter(tag for item in items for tag in item.tags)
        if not counts:
            self._tell(self.tr("They have no tags"))
            return
        dialog = QInputDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Take a tag away"))
        dialog.setLabelText(self.tr("From %n picture(s)", "", len(items)))
        dialog.setComboBoxItems([tag for tag, _count in counts.most_common()])
        dialog.setOkButtonText(self.tr("Take away"))
        dialog.setCancelButtonText(self.tr("Cancel"))
        dialog.textValueSelected.connect(partial(self.remove_tag, items))
        dialog.open()

    def remove_tag(self, items: Sequence[Any], name: str) -> None:
        """Take a tag away from pictures."""
        ids = [item.id for item in items]
        self._change(
            lambda studio: studio.library.say(ids, remove=(name,)),
            lambda said: self._tell(
                self.tr("Taken from %n picture(s): {0}", "", said.assets).format(name)
            ),
        )

    # --- to another folder -----------------------------------------------------------------------

    def ask_folder(self, items: Sequence[Any]) -> None:
        """Ask for a folder of the project that pictures move to."""
        project = self._window.project
        if project is None or not items:
            return
        dialog = QFileDialog(self._window, self.tr("Move %n picture(s) to", "", len(items)))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setDirectory(str(items[0].path.parent))
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, self.tr("Move"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.move(items, Path(name)))
        dialog.open()

    def move(self, items: Sequence[Any], folder: Path) -> None:
        """Move pictures with all that lies beside them, or with the descriptions that draw them;
        undo takes it back.
        """
        if self._window.files.moving.takes([item.path for item in items], folder):
            return
        ids = [item.id for item in items]

        def work(studio: Studio) -> Any:
            drawn = [planned.target for planned in studio.plan().targets]
            return studio.library.places.move(ids, folder, drawn)

        self._change(work, self._moved)

    def _moved(self, done: Any) -> None:
        told = self.tr("%n picture(s) moved", "", len(done.moved))
        if done.change is not None:
            self._window.changes.record(done.change)
        elif done.moved:
            told = self.tr("{0}. This cannot be undone: move them back by hand.").format(told)
        self._tell("; ".join([told, *done.notes[:1]]))
        self._tell_left(done.left, self.tr("Not moved"))

    def ask_copy(self, items: Sequence[Any]) -> None:
        """Ask for a folder elsewhere that pictures are copied to."""
        if items:
            dialog = CopyDialog(self._window, self._window.store, len(items))
            dialog.chosen.connect(partial(self.copy, items))
            dialog.open()

    def copy(self, items: Sequence[Any], folder: Path, words: Any, keep_folders: bool) -> None:
        """Copy pictures out of the project, with their words as files where asked."""
        ids = [item.id for item in items]
        self._change(
            lambda studio: studio.library.places.copy_out(ids, folder, words, keep_folders),
            self._copied,
        )

    def _copied(self, done: Any) -> None:
        self._tell(self.tr("%n picture(s) copied", "", len(done.copied)))
        self._tell_left(done.left, self.tr("Not copied"))

    def _follow(self, _change: Any) -> None:
        """Files went elsewhere, or came back: the library looks."""
        if self._window.bridge is not None:
            self._window.bridge.update()

    # --- parts -----------------------------------------------------------------------------------

    def _change(self, work: Any, on_answer: Any) -> None:
        if self._window.bridge is not None:
            self._window.bridge.change(work, on_answer)

    def _tell(self, text: str) -> None:
        self._window.statusBar().showMessage(text, 8000)

    def _tell_left(self, left: Sequence[tuple[str, str]], title: str) -> None:
        """Why some stay as they are."""
        if not left:
            return
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Information)
        box.setWindowTitle(title)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"{title}: {self.tr('%n picture(s)', '', len(left))}")
        reasons = [f"{file}: {said(reason)}" for file, reason in left[:_MOST_REASONS]]
        box.setInformativeText("\n".join(reasons[:3]))
        if len(reasons) > 3:
            box.setDetailedText("\n".join(reasons))
        box.open()
