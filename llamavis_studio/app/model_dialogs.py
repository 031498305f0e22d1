"""The dialogs about models, and what is done when they ask.

What takes long (a hub, a server, gigabytes to read) runs in `ModelWork`, beside the studio's
thread; what is quick runs there, or in `MachineThread` while no project is open: large models are
the machine's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject

from llamavis_studio import machine_models
from llamavis_studio.app.fetch_dialog import FetchDialog
from llamavis_studio.app.files import ask_file, ask_folder
from llamavis_studio.app.machine_thread import MachineThread
from llamavis_studio.app.model_work import ModelWork, WorkBar
from llamavis_studio.app.models_dialog import ModelsDialog
from llamavis_studio.app.sentences import sentence
from llamavis_studio.app.server_dialog import ServerDialog, ServerWish
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.machine_models import OnBytes, ShouldStop

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow
    from llamavis_studio.shelf import Shelf

translate = QCoreApplication.translate


class ModelDesk(QObject):
    """The models dialog of a window with those that it opens, and the work that they ask for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.work = ModelWork(self)
        self.bar = WorkBar(self.work, lambda: window.look)
        window.statusBar().addPermanentWidget(self.bar)
        self._machine = MachineThread(self)
        for part in (self.work, self._machine):
            window.closed.connect(part.close)
        window.project_changed.connect(self._show_models)
        self.dialog: ModelsDialog | None = None

    def open(self) -> ModelsDialog:
        """The models of the open project, or of the machine where none is open."""
        from llamavis_studio.app.dialogs import open_settings

        dialog = self.dialog = ModelsDialog(self._window, self._window.look, self.work)
        dialog.verify_asked.connect(self._verify)
        dialog.remove_asked.connect(self._remove)
        dialog.settings_asked.connect(lambda: open_settings(self._window))
        dialog.fetch_asked.connect(self.open_fetch)
        dialog.folder_asked.connect(self._ask_folder)
        dialog.file_asked.connect(self._ask_file)
        dialog.server_asked.connect(self.open_server)
        dialog.finished.connect(lambda _result: setattr(self, "dialog", None))
        self._show_models()
        dialog.open()
        return dialog

    def open_fetch(self) -> FetchDialog | None:
        """Known models to be fetched; None where their list is damaged, which is told."""
        try:
            known = machine_models.fetchable()
        except LlamaVisError as error:
            self._refuse(error)
            return None
        here = machine_models.recorded()
        dialog = FetchDialog(known, here, self.dialog or self._window, self._window.look)
        dialog.plan_asked.connect(partial(self._plan, dialog))
        dialog.fetch_asked.connect(self.fetch)
        dialog.open()
        return dialog

    def open_server(self) -> ServerDialog:
        """A ComfyUI server to be added."""
        dialog = ServerDialog(self.dialog or self._window)
        dialog.add_asked.connect(partial(self._add_server, dialog))
        dialog.open()
        return dialog

    # --- quick: in the studio's thread, where there is one ---------------------------------------

    def _ask_shelf(self, work: Callable[[Shelf], Any], on_answer: Callable[[Any], None]) -> None:
        thread = self._window.thread_
        if thread is not None:
            thread.ask(lambda studio: work(studio.shelf), on_answer, self._refuse)
            return

        def alone() -> Any:
            from llamavis_studio.shelf import Shelf

            return work(Shelf())

        self._machine.ask(alone, on_answer, self._refuse)

    def _show_models(self, note: str = "") -> None:
        if self.dialog is None:
            return

        def show(models: Any) -> None:
            if self.dialog is not None:
                self.dialog.show_models(models, of_project=self._window.thread_ is not None)
                self.dialog.show_note(note)

        self._ask_shelf(lambda shelf: shelf.models(), show)

    def _changed(self, note: str = "") -> None:
        """A model came or went: whoever offers models does so anew."""
        if self._window.is_furnished:
            self._window.backends.refresh()
        self._show_models(note)
        if self.dialog is None and note:
            self._window.statusBar().showMessage(note, 15000)

    def _remove(self, name: str) -> None:
        self._ask_shelf(lambda shelf: shelf.take_away(name), self._removed)

    def _removed(self, gone: Any) -> None:
        freed = ""
        if gone.freed_bytes:
            locale = self._window.locale()
            size = locale.formattedDataSize(
                gone.freed_bytes, 1, locale.DataSizeFormat.DataSizeSIFormat
            )
            freed = translate("ModelDesk", "Removed; {0} are free again.").format(size)
        self._changed(freed or translate("ModelDesk", "Removed."))

    # --- long: beside it -------------------------------------------------------------------------

    def _verify(self, name: str) -> None:
        if self.dialog is None:
            return
        shown = self.dialog.show_checked
        if not machine_models.is_recorded(name):
            self._ask_shelf(lambda shelf: shelf.broken(name), partial(shown, name))
            return
        title = translate("ModelDesk", "Comparing {0}").format(name)
        self._start(title, partial(machine_models.compare, name), partial(shown, name))

    def _plan(self, dialog: FetchDialog, wanted: str, variant: str) -> None:
        def plan(_tell: OnBytes, should_stop: ShouldStop) -> Any:
            return machine_models.look_up(wanted, variant, should_stop)

        title = translate("ModelDesk", "Asking for {0}").format(wanted)
        self._start(title, plan, partial(dialog.show_plan, wanted), dialog.show_problem)

    def fetch(self, plan: Any) -> None:
        """Fetch a plan whose licence was accepted; the model is known when all of it is here."""

        title = translate("ModelDesk", "Fetching {0}").format(plan.name)
        self._start(title, partial(machine_models.fetch, plan), self._added)

    def _ask_folder(self) -> None:
        parent = self.dialog or self._window
        ask_folder(parent, translate("ModelDesk", "Folder of a model"), self.add_folder)

    def add_folder(self, folder: str) -> None:
        """Let descriptions name the model in a folder, after every file was read once."""

        title = translate("ModelDesk", "Reading {0}").format(Path(folder).name)
        self._start(title, partial(machine_models.add_folder, Path(folder)), self._added)

    def _ask_file(self) -> None:
        title = translate("ModelDesk", "File of a model")
        ask_file(self.dialog or self._window, title, "*.safetensors", self.add_file)

    def add_file(self, file: str) -> None:
        """Let descriptions name the model that is one file, after it was read once."""

        title = translate("ModelDesk", "Reading {0}").format(Path(file).name)
        self._start(title, partial(machine_models.add_file, Path(file)), self._added)

    def _add_server(self, dialog: ServerDialog, wish: ServerWish) -> None:
        def work(_tell: OnBytes, _should_stop: ShouldStop) -> str:
            return machine_models.add_server(
                wish.name, wish.servers, wish.checkpoint, wish.workflow
            )

        def added(name: str) -> None:
            dialog.accept()
            self._added(name)

        title = translate("ModelDesk", "Asking {0}").format(", ".join(wish.servers))
        self._start(title, work, added, dialog.show_problem)

    def _start(
        self,
        title: str,
        work: Callable[[OnBytes, ShouldStop], Any],
        on_answer: Callable[[Any], None],
        on_problem: Callable[[str], None] | None = None,
    ) -> None:
        """Begin, or say that something else is done; `on_problem` is told in words what failed."""

        def fail(error: Exception) -> None:
            if on_problem is not None and isinstance(error, LlamaVisError):
                on_problem(sentence(error))
            else:
                self._refuse(error)

        if not self.work.start(title, work, on_answer, fail):
            busy = translate("ModelDesk", "Something else is done with models: {0}")
            (on_problem or self._say_problem)(busy.format(self.work.title))

    def _added(self, name: str) -> None:
        told = translate("ModelDesk", "{0} is here. Descriptions name it so: {1}")
        self._changed(told.format(name, f'backend = "{name}"'))

    def _say_problem(self, text: str) -> None:
        if self.dialog is not None:
            self.dialog.show_problem(text)
        else:
            self._window.statusBar().showMessage(text, 15000)

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, LlamaVisError):
            self._say_problem(sentence(error))
        else:
            self._window.tell_error(error)


def open_models(window: MainWindow) -> ModelsDialog:
    """The models of the open project, or of the machine where none is open."""
    desk = window.findChild(ModelDesk)
    return (desk if isinstance(desk, ModelDesk) else ModelDesk(window)).open()
