"""The panels of an open project: made together when the first project is opened.

They bring most of the window's imports with them (numpy among these), which the welcome page does
not have to wait for.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from llamavis_studio.app.backends import Backends
from llamavis_studio.app.captions import Captions
from llamavis_studio.app.changes import Changes
from llamavis_studio.app.drafts import Drafts
from llamavis_studio.app.drawing import Drawing
from llamavis_studio.app.editor import DescriptionEditor
from llamavis_studio.app.gallery import Gallery
from llamavis_studio.app.gallery_desk import GalleryDesk
from llamavis_studio.app.insight import Insight
from llamavis_studio.app.model_light import ModelLight
from llamavis_studio.app.past import Past
from llamavis_studio.app.preview import Preview
from llamavis_studio.app.project_files import ProjectFiles
from llamavis_studio.app.project_panel import ProjectPanel
from llamavis_studio.core.settings import state_folder

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow
    from llamavis_studio.app.theme import Look


def furnish(window: MainWindow, look: Look) -> dict[str, QWidget]:
    """Give a window its panels, and what fills them; those for docks are returned by their name."""
    window.backends, window.preview = Backends(window), Preview(look=look)
    window.tree, window.gallery = ProjectPanel(window.actions_), Gallery(look)
    window.editor = DescriptionEditor(Drafts(state_folder() / "drafts"), look)
    window.drawing = Drawing(window)
    window.queue = window.drawing.panel
    window.past, window.insight = Past(window), Insight(window)
    window.captions = Captions(window)
    window.changes = Changes(window)
    window.desk = GalleryDesk(window)
    window.files = ProjectFiles(window)
    window.backends.changed.connect(partial(window.editor.set_backends, window.backends))
    window.statusBar().addPermanentWidget(ModelLight(window.model_state))
    window.middle = QWidget()
    middle = QVBoxLayout(window.middle)
    middle.setContentsMargins(0, 0, 0, 0)
    middle.setSpacing(0)
    middle.addWidget(window.preview, 1)
    middle.addWidget(window.past.variants)
    return {
        "tree": window.tree,
        "editor": window.editor,
        "queue": window.queue,
        "history": window.past.history,
        "words": window.captions.panel,
        "gallery": window.gallery,
    }
