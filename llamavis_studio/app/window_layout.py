"""Where the parts of the window stand: docks, menus, tool bar, and how they were left."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QByteArray, QCoreApplication, QSettings, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QTabBar, QToolBar, QWidget

from llamavis_studio.app.actions import CONTEXT, MENUS, QT_TRANSLATE_NOOP, ROWS, Actions
from llamavis_studio.app.layouts_menu import LayoutsMenu

_LEFT, _RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
_AREAS = {
    "tree": _LEFT,
    "editor": _RIGHT,
    "queue": _RIGHT,
    "history": _RIGHT,
    "words": _RIGHT,
    "gallery": Qt.DockWidgetArea.BottomDockWidgetArea,
}

_TABBED = ("queue", "history", "words")
_LAYOUTS = QT_TRANSLATE_NOOP("Actions", "Layouts")
_HIDDEN_FOR = {
    "writing": frozenset(("gallery",)),
    "pictures": frozenset(("editor",)),
    "picture": frozenset(_AREAS) - {"tree"},
}


class WindowLayout:
    """Menus and tool bar of a window; from `furnish` on, docks around its middle."""

    def __init__(self, window: QMainWindow, actions: Actions) -> None:
        self._window = window
        self._is_arranged = False
        self._docks: dict[str, QDockWidget] = {}
        self._hidden: set[str] = set()  # by the user, in an open project
        self._is_open = False
        # The tree and the description reach from top to bottom; the library lies between them.
        window.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
        window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        self._menus = {name: self._menu(name, actions) for name in MENUS}
        self._tools = QToolBar()
        self._tools.setObjectName("tools")
        self._tools.setMovable(False)
        self._tools.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._tools.addActions([actions[row.id] for row in ROWS if row.tool_bar])
        window.addToolBar(self._tools)

    def arrange(self, store: QSettings) -> None:
        """The window's place as it was left."""
        state = store.value("geometry")
        if state is not None:
            self._window.restoreGeometry(state)
        self._tools.setVisible(False)

    def furnish(self, parts: Mapping[str, QWidget], store: QSettings) -> None:
        """Put `parts` (a widget by the name of its dock) where they were left; none is shown."""
        self._docks = {name: self._dock(name, widget) for name, widget in parts.items()}
        self._stack_tabs()
        self.layouts = LayoutsMenu(store, self._window.saveState, self._window)
        self.layouts.arrange_asked.connect(self.arrange_for)
        self.layouts.restore_asked.connect(self._restore)
        self._menus["view"].addSeparator()
        self._menus["view"].addMenu(self.layouts)
        self._menus["view"].addActions([dock.toggleViewAction() for dock in self._docks.values()])
        state = store.value("layout")
        if state is not None:
            self._is_arranged = self._window.restoreState(state)
            self._hidden = {name for name, dock in self._docks.items() if dock.isHidden()}
        self.show(False)

    def arrange_for(self, task: str) -> None:
        """Put every dock where it belongs and give the room to what the task needs."""
        hidden = _HIDDEN_FOR.get(task, frozenset())
        wide, large = task == "writing", task == "pictures"
        size = self._window.size()  # side by side, before they are stacked, docks may need more

        def choose() -> None:
            for name in hidden:
                self._docks[name].hide()
            if not self._window.isMaximized():
                self._window.resize(size)
            QTimer.singleShot(0, self._window, lambda: self._share_out(wide, large))

        # Sizes count only for docks that are seen, which they are when the loop has come round.
        self._take_out()
        for name, dock in self._docks.items():
            dock.setFloating(False)
            self._window.addDockWidget(_AREAS[name], dock)
            dock.show()  # before they are stacked, else the bars of their old tabs stay
        self._stack_tabs()
        QTimer.singleShot(0, self._window, choose)

    def _stack_tabs(self) -> None:
        for first, second in pairwise(_TABBED):
            self._window.tabifyDockWidget(self._docks[first], self._docks[second])
        self._docks[_TABBED[0]].raise_()

    def _restore(self, state: QByteArray) -> None:
        self._take_out()
        self._window.restoreState(state)

    def _take_out(self) -> None:
        # Else the bars of tabs that were there stay, above those that are made anew.
        for dock in self._docks.values():
            self._window.removeDockWidget(dock)

    def _share_out(self, wide_text: bool = False, large_library: bool = False) -> None:
        """As it looks best: most room for the picture, or for what a task needs."""
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        docks, width, height = self._docks, self._window.width(), self._window.height()
        sides = [max(210, width // 7), width // 2 if wide_text else max(360, width // 4)]
        library = height * 7 // 10 if large_library else max(310, height * 2 // 5)
        self._window.resizeDocks([docks["tree"], docks["editor"]], sides, across)
        self._window.resizeDocks([docks["editor"], docks["queue"]], [height - 320, 190], down)
        self._window.resizeDocks([docks["gallery"]], [library], down)

    def keep(self, store: QSettings) -> None:
        """Remember how it is left."""
        store.setValue("geometry", self._window.saveGeometry())
        if self._is_open:
            store.setValue("layout", self._window.saveState())

    def show(self, is_open: bool) -> None:
        """Show the docks of an open project, or hide them."""
        if self._is_open and not is_open:
            self._hidden = {name for name, dock in self._docks.items() if dock.isHidden()}
        self._is_open = is_open
        for name, dock in self._docks.items():
            dock.setVisible(is_open and name not in self._hidden)
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
        for name, dock in self._docks.items():
            dock.setWindowTitle(titles[name])
        for name, menu in self._menus.items():
            menu.setTitle(QCoreApplication.translate(CONTEXT, MENUS[name]))
        if self._docks:
            self.layouts.setTitle(QCoreApplication.translate(CONTEXT, _LAYOUTS))
        self._tools.setWindowTitle(tools)
        self._name_tabs()

    def _name_tabs(self) -> None:
        """The bars of tabs that Qt makes where docks share a place say what they are."""
        tabbed = [self._docks[name] for name in _TABBED if name in self._docks]
        names = ", ".join(dock.windowTitle() for dock in tabbed)
        for bar in self._tab_bars():
            bar.setAccessibleName(names)

    def _tab_bars(self) -> list[QTabBar]:
        bars = self._window.findChildren(QTabBar)
        return [bar for bar in bars if bar.parent() is self._window]

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
