"""The studio's window: docks around the preview, and what connects them to the open project.

choose an image -> preview, its description in the editor -> save -> the studio's thread sees
the file, draws -> news -> preview, tree, gallery and queue follow
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSettings, QSize, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QSizePolicy, QStackedWidget, QWidget

from llamavis_studio.app.actions import Actions
from llamavis_studio.app.commands import Commands
from llamavis_studio.app.files import ask_tags, folder_in, reveal
from llamavis_studio.app.recent import recent_projects, remember_project
from llamavis_studio.app.sentences import sentence
from llamavis_studio.app.studio_thread import StudioThread, open_calmly
from llamavis_studio.app.tab_order import go_on
from llamavis_studio.app.theme import DARK, Look
from llamavis_studio.app.welcome import Welcome
from llamavis_studio.app.window_layout import WindowLayout
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.events import AssetBuilt, BuildFinished, Event, ProblemFound
from llamavis_studio.studio_driver import OpenStudio

if TYPE_CHECKING:
    from llamavis_studio.app.backends import Backends
    from llamavis_studio.app.captions import Captions
    from llamavis_studio.app.changes import Changes
    from llamavis_studio.app.drawing import Drawing
    from llamavis_studio.app.editor import DescriptionEditor
    from llamavis_studio.app.gallery import Gallery
    from llamavis_studio.app.gallery_desk import GalleryDesk
    from llamavis_studio.app.insight import Insight
    from llamavis_studio.app.library_bridge import LibraryBridge
    from llamavis_studio.app.past import Past
    from llamavis_studio.app.preview import Preview
    from llamavis_studio.app.project_files import ProjectFiles
    from llamavis_studio.app.project_panel import ProjectPanel
    from llamavis_studio.app.queue_panel import QueuePanel
    from llamavis_studio.core.project import Project
    from llamavis_studio.pipeline.plan import Plan, PlannedTarget

DEFAULT_SIZE = QSize(1400, 900)
FRAME = QSize(16, 48)
"""About what a desktop puts around a window: a small screen must hold both."""


class MainWindow(QMainWindow):
    """One window, one project at a time; which look and language it has is its owner's to keep."""

    look_asked = Signal(str)
    language_asked = Signal(str)
    setting_asked = Signal(str, object)
    project_changed = Signal()
    """A project was opened, or closed."""
    closed = Signal()

    # The panels, which `furnish` makes.
    backends: Backends
    preview: Preview
    tree: ProjectPanel
    gallery: Gallery
    editor: DescriptionEditor
    drawing: Drawing
    queue: QueuePanel
    past: Past
    insight: Insight
    captions: Captions
    desk: GalleryDesk
    changes: Changes
    files: ProjectFiles
    middle: QWidget

    def __init__(
        self, store: QSettings, open_studio: OpenStudio = open_calmly, look: Look = DARK
    ) -> None:
        super().__init__()
        self.store = store
        self._open_studio = open_studio
        self._look = look
        self.is_furnished = False
        self.thread_: StudioThread | None = None
        self.project: Project | None = None
        self.bridge: LibraryBridge | None = None
        self.plan: Plan | None = None
        self.output = ""
        self.setAcceptDrops(True)
        self.resize(DEFAULT_SIZE.boundedTo(self.screen().availableSize() - FRAME))
        self.commands = Commands(self)
        self.actions_ = Actions(self, lambda name: getattr(self.commands, f"do_{name}"))
        self.actions_.shortcuts(store)
        self.welcome = Welcome()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        self.setCentralWidget(self.stack)
        self.layout_ = WindowLayout(self, self.actions_)
        self.welcome.open_asked.connect(self.commands.do_open)
        self.welcome.example_asked.connect(self.commands.do_example)
        self.welcome.project_chosen.connect(self.open_project)
        self.welcome.new_asked.connect(self.commands.do_new_project)
        self.welcome.models_asked.connect(self.commands.do_models)
        self.welcome.forget_asked.connect(self.commands.forget)
        self.actions_.set_project_open(False)
        self.welcome.show_recent(recent_projects(store))
        self.retranslate()
        self.layout_.arrange(store)

    def furnish(self) -> None:
        """Make the panels of a project, once."""
        if self.is_furnished:
            return
        from llamavis_studio.app.panels import furnish

        docks = furnish(self, self._look)
        self.is_furnished = True
        self.stack.addWidget(self.middle)
        self.layout_.furnish(docks, self.store)
        self._connect()
        self.set_look(self._look)
        self.retranslate()

    # --- the open project ------------------------------------------------------------------------

    def open_project(self, folder: Path) -> None:
        """Open the project around a folder, after the present one was closed."""
        self.close_project()
        self.furnish()
        thread = StudioThread(folder, self._open_studio)
        thread.opened.connect(self._opened)
        thread.refused.connect(self._refused)
        thread.news.connect(self._take_news)
        thread.planned.connect(self._take_plan)
        thread.broke.connect(self.tell_error)
        self.thread_ = thread
        self.statusBar().showMessage(self.tr("Opening {0}…").format(folder.name))
        thread.start()

    def close_project(self) -> None:
        """Close the open project. Text that was not saved is kept as a draft, and comes back."""
        if not self.is_furnished:
            return
        self.editor.keep_draft()
        self.files.end()
        if self.thread_ is not None:
            self.thread_.close()
            self.gallery.clear()
        if self.bridge is not None:
            self.bridge.close()
        self.thread_ = self.project = self.bridge = self.plan = None
        self.output = ""
        self.past.show()
        self.captions.use_project()
        self.captions.show()
        self.drawing.clear()
        self.actions_.set_project_open(False)
        self.layout_.show(False)  # first: the page and the docks together may need more height
        self._show_page(self.welcome)
        self.welcome.show_recent(recent_projects(self.store))
        self._set_title()
        self.project_changed.emit()

    def _opened(self, project: Project) -> None:
        from llamavis_studio.app.library_bridge import LibraryBridge
        from llamavis_studio.core.recipe import Kind

        self.project = project
        remember_project(self.store, project.root)
        self.actions_.set_project_open(True)
        with_build = self.store.value("draw_on_save", True, bool)
        self.actions_["on_save"].setChecked(bool(with_build))
        self.editor.set_words(
            {
                "kind": tuple(str(kind) for kind in Kind),
                "style": tuple(project.styles),
                "palette": tuple(project.file.palettes),
            }
        )
        self._show_page(self.middle)
        self.layout_.show(True)
        self._set_title()
        self.statusBar().showMessage(str(project.root), 6000)
        if self.thread_ is not None:
            self.captions.use_project()
            self.bridge = LibraryBridge(self.thread_, self.gallery)
            self.bridge.told.connect(partial(self.statusBar().showMessage, timeout=8000))
            self.bridge.update()
            self.files.begin()
        self.project_changed.emit()

    def _show_page(self, page: QWidget) -> None:
        # A page that is not seen must not hold the window open.
        for one in (self.welcome, self.middle):
            is_seen = one is page
            policy = QSizePolicy.Policy.Preferred if is_seen else QSizePolicy.Policy.Ignored
            one.setSizePolicy(policy, policy)
        self.stack.setCurrentWidget(page)

    def _refused(self, error: LlamaVisError) -> None:
        self.tell_error(error)
        self.close_project()

    def _take_plan(self, plan: Plan) -> None:
        is_first, self.plan = self.plan is None, plan
        # A plan follows every change on disk, also one that another program made.
        self.editor.file_changed_outside()
        output = self.output
        self.tree.show_plan(plan)
        self.insight.offer()
        self.gallery.chips.show_states(plan.counts())
        self._show_problems()
        if output and self.output != output:  # its row went, and the tree went to another
            self.tree.choose(output)
        if is_first and not self.output:
            self.tree.choose(self.tree.first())

    def _take_news(self, event: Event) -> None:
        self.drawing.take(event)
        self.insight.take(event)
        if isinstance(event, ProblemFound):
            self.editor.file_changed_outside()  # no plan follows when the whole folder is away
        if isinstance(event, AssetBuilt) and self.output in event.outputs:
            self.show_image(compare=True)
        if isinstance(event, BuildFinished) and self.bridge is not None and event.built:
            self.bridge.update()

    # --- one image -------------------------------------------------------------------------------

    def show_output(self, planned: PlannedTarget) -> None:
        """Show an image and the description it comes from."""
        if self.project is None:
            return
        self.output = planned.target.output
        self.show_image(compare=False)
        source = self.project.root / planned.target.source
        if source.exists():
            self.editor.open_file(source)
            self._show_problems()

    def show_image(self, *, compare: bool) -> None:
        self.insight.show_picture(compare=compare)
        self.past.show()
        self.insight.show()
        self.captions.show()

    def _show_item(self, item: Any) -> None:
        if self.project is not None and not self.tree.choose(item.file):
            self.output = item.file
            self.show_image(compare=False)

    def _ask_tags(self, items: list[Any]) -> None:
        if self.bridge is not None:
            ask_tags(self, items, self.bridge.add_tags)

    def _edit_region(self, mask: Any, words: str) -> None:
        if self.thread_ is None or self.output == "":
            return
        output, region = self.output, mask.astype("uint8")
        self.statusBar().showMessage(self.tr("Drawing the region…"))
        self.thread_.ask(
            lambda studio: studio.edit_region(output, region, words),
            lambda _answer: self._region_drawn(),
            self.tell_error,
        )

    def _region_drawn(self) -> None:
        self.statusBar().showMessage(self.tr("Drawn; every other pixel is as it was"), 8000)
        self.show_image(compare=True)

    def _tell_copied(self, colour: str) -> None:
        self.statusBar().showMessage(self.tr("{0} copied").format(colour), 4000)

    def _search_similar(self, item: Any) -> None:
        self.gallery.search_for(f'similar:"{item.file}"')

    def _show_problems(self) -> None:
        if self.plan is None or self.project is None or self.editor.path is None:
            return
        if not self.editor.path.is_relative_to(self.project.root):  # of the project before
            return
        name = self.project.relative(self.editor.path)
        self.editor.set_problems(
            [
                (one.line, one.column, one.message, one.hint, one.severity)
                for one in self.plan.problems
                if one.path in (name, self.editor.path.name)
            ]
        )

    def model_state(self) -> str:
        """asleep, loading, ready or working; '' while no project is open."""
        return "" if self.thread_ is None else self.thread_.driver.model_state

    def chosen_files(self) -> list[Path]:
        root = self.project.root if self.project is not None else Path()
        chosen = [one.target.output for one in self.tree.selected()] or [self.output]
        return [root / output for output in chosen if output]

    def build(self, paths: list[Path] | None, *, fresh: bool = False) -> None:
        if self.thread_ is None or (self.editor.is_modified and not self.editor.save()):
            return
        force = paths is not None and fresh
        self.thread_.ask(
            lambda studio: studio.request_build(paths, force=force, fresh=fresh), self._began
        )

    def _began(self, count: int) -> None:
        if not count:
            self.statusBar().showMessage(self.tr("Every image fits its words already"), 6000)

    # --- look, language, layout ------------------------------------------------------------------

    @property
    def look(self) -> Look:
        """The colours of now."""
        return self._look

    def set_look(self, look: Look) -> None:
        """Paint everything in another look."""
        self._look = look
        self.actions_.set_look(look)
        self.welcome.set_look(look)
        if self.is_furnished:
            for part in (self.preview, self.tree, self.gallery, self.editor, self.queue,
                         self.past, self.captions):  # fmt: skip
                part.set_look(look)

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.actions_.retranslate()
        self.layout_.retranslate(
            {
                "tree": self.tr("Project"),
                "gallery": self.tr("Library"),
                "editor": self.tr("Description"),
                "queue": self.tr("Drawing"),
                "history": self.tr("Older versions"),
                "words": self.tr("Words"),
            },
            self.tr("Tools"),
        )
        if self.is_furnished:
            for part in (self.gallery, self.editor, self.preview):
                part.retranslate()
            self.changes.tell()
        self._set_title()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's name
        return go_on(self, forward)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        if folder_in(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        folder = folder_in(event)
        if folder is not None:
            event.acceptProposedAction()
            self.open_project(folder)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        if self.project is not None:
            self.layout_.keep(self.store)
        self.close_project()
        self.closed.emit()
        super().closeEvent(event)

    def tell_error(self, error: Exception) -> None:
        if isinstance(error, LlamaVisError):
            self.statusBar().showMessage(sentence(error), 15000)
        else:
            self.statusBar().showMessage(self.tr("Something went wrong: {0}").format(error), 15000)
            raise error

    def _set_title(self) -> None:
        name = f"{self.project.name} — " if self.project is not None else ""
        self.setWindowTitle(f"{name}LlamaVis Studio")

    def _connect(self) -> None:
        self.tree.chosen.connect(self.show_output)
        self.gallery.chosen.connect(self._show_item)
        self.gallery.similar_asked.connect(self._search_similar)
        self.gallery.opened.connect(lambda _item: self.layout_.bring_up("editor"))
        self.gallery.tags_asked.connect(self._ask_tags)
        self.preview.region_asked.connect(self._edit_region)
        self.preview.copied.connect(self._tell_copied)
        self.gallery.reveal_asked.connect(lambda item: reveal(item.path))
