"""Where the parts of the window stand: docks, menus, tool bar, and how they were left."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QTabBar, QToolBar, QWidget

from llamavis_studio.app.actions import CONTEXT, MENUS, ROWS, Actions

_LEFT, _RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
_AREAS = {
    "tree": _LEFT,
    "editor": _RIGHT,
    "queue": _RIGHT,
    "history": _RIGHT,
    "gallery": Qt.DockWidgetArea.BottomDockWidgetArea,
}

_TABBED = ("queue", "history")


class WindowLayout:
    """Puts `parts` (a widget by the name of its dock) around the middle of a window."""

    def __init__(self, window: QMainWindow, actions: Actions, parts: Mapping[str, QWidget]) -> None:
        self._window = window
        self._is_arranged = False
        self._docks = {name: self._dock(name, widget) for name, widget in parts.items()}
        window.tabifyDockWidget(*(self._docks[name] for name in _TABBED))
        self._docks[_TABBED[0]].raise_()
        # The tree and the description reach from top to bottom; the library lies between them.
        window.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
        window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        self._menus = {name: self._menu(name, actions) for name in MENUS}
        self._menus["view"].addSeparator()
        self._menus["view"].addActions([dock.toggleViewAction() for dock in self._docks.values()])
        self._tools = QToolBar()
        self._tools.setObjectName("tools")
        self._tools.setMovable(False)
        self._tools.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._tools.addActions([actions[row.id] for row in ROWS if row.tool_bar])
        window.addToolBar(self._tools)

    def arrange(self, store: QSettings) -> None:
        """As it was left; nothing is shown yet."""
        for key, restore in (
            ("geometry", self._window.restoreGeometry),
            ("layout", self._window.restoreState),
        ):
            state = store.value(key)
            if state is not None:
                restore(state)
                self._is_arranged = True
        self.show(False)

    def _share_out(self) -> None:
        """As it looks best: most room for the picture. Sizes count only for docks that are seen."""
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        docks, width, height = self._docks, self._window.width(), self._window.height()
        sides = [max(210, width // 7), max(360, width // 4)]
        self._window.resizeDocks([docks["tree"], docks["editor"]], sides, across)
        self._window.resizeDocks([docks["editor"], docks["queue"]], [height - 320, 190], down)
        self._window.resizeDocks([docks["gallery"]], [max(310, height * 2 // 5)], down)

    def keep(self, store: QSettings) -> None:
        """Remember how it is left."""
        store.setValue("geometry", self._window.saveGeometry())
        store.setValue("layout", self._window.saveState())

    def show(self, is_open: bool) -> None:
        """Show the docks of an open project, or hide them."""
        for dock in self._docks.values():
            dock.setVisible(is_open)
        self._tools.setVisible(is_open)
        if is_open and not self._is_arranged:
            self._is_arranged = True
            self._share_out()
        self._name_tabs()

    def bring_up(self, name: str) -> None:
        """Show one dock, above those it shares a place with."""
        self._docks[name].show()
        self._docks[name].raise_()

    def retranslate(self, titles: Mapping[str, str], tools: str) -> None:
        """The names again, in the language of now."""
        for name, title in titles.items():
            self._docks[name].setWindowTitle(title)
        for name, menu in self._menus.items():
            menu.setTitle(QCoreApplication.translate(CONTEXT, MENUS[name]))
        self._tools.setWindowTitle(tools)
        self._name_tabs()

    def _name_tabs(self) -> None:
        """The bars of tabs that Qt makes where docks share a place say what they are."""
        names = ", ".join(self._docks[name].windowTitle() for name in _TABBED)
        for bar in self._window.findChildren(QTabBar):
            if bar.parent() is self._window:
                bar.setAccessibleName(names)

    def _dock(self, name: str, widget: QWidget) -> QDockWidget:
        dock = QDockWidget(self._window)
        dock.setObjectName(name)
        dock.setWidget(widget)
        self._window.addDockWidget(_AREAS[name], dock)
        return dock

    def _menu(self, name: str, actions: Actions) -> QMenu:
        menu = self._window.menuBar().addMenu("")
        for row in (row for row in ROWS if row.menu == name):
            if row.divides:
                menu.addSeparator()
            menu.addAction(actions[row.id])
        return menu
