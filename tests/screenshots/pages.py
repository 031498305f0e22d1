"""What is pictured: the window in its states, each dock in front, and whatever an action opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QAbstractButton, QApplication, QDockWidget, QMenu, QWidget

from llamavis_studio.app.actions import ROWS
from llamavis_studio.app.main import DesktopStudio
from llamavis_studio.app.model_dialogs import ModelDesk, open_models
from tests.app.hands import settle
from tests.screenshots.camera import Camera, rest, wait

NO_DIALOG = {
    "quit", "close", "example", "save", "reveal", "undo", "redo", "lock", "unlock", "duplicate",
    "copy_path", "copy_res", "undo_words", "find", "build", "build_one", "redraw", "cancel",
    "pause", "again", "on_save", "notify", "import", "caption", "ask", "light", "dark",
    "system_look", "english", "chinese", "rename",
}  # fmt: skip
"""Actions that do something at once; every other one opens a dialog, also one that is new."""


def welcome(studio: DesktopStudio, camera: Camera) -> None:
    """Before a project is open."""
    camera.take(studio.window, "welcome")
    dialogs(studio, camera, "welcome-dialog", lambda row: not row.needs_project)


def project(studio: DesktopStudio, camera: Camera, folder: Path) -> None:
    """A project is open; it is closed again in the end."""
    window = studio.window
    window.open_project(folder)
    wait(lambda: window.plan is not None and window.gallery.model.rowCount() > 0)
    choose(studio, "characters/knight.png")
    rest(0.8)
    camera.take(window, "studio")
    window.editor.choose_view(1)
    camera.take(window, "text")
    window.editor.text.insertPlainText("desciption = 3\n")
    rest(0.5)
    camera.take(window, "text-wrong")
    window.editor.undo()
    window.editor.saving.revert()
    window.editor.choose_view(0)
    previews(studio, camera)
    docks(studio, camera)
    galleries(studio, camera)
    menus(studio, camera)
    dialogs(studio, camera, "dialog", lambda row: True)
    models(studio, camera)
    drawing(studio, camera)
    window.close_project()
    settle()


def choose(studio: DesktopStudio, output: str) -> None:
    """Show an image, or the first where it is not."""
    tree = studio.window.tree
    if not tree.choose(output):
        tree.choose(tree.first())
    rest(0.3)


def previews(studio: DesktopStudio, camera: Camera) -> None:
    """A sheet, a tile that repeats, a material, variants, and each tool of the preview."""
    window = studio.window
    for name in ("characters/knight_sheet", "tiles/stone_wall", "characters/hero_0",
                 "backgrounds/sunset_beach"):  # fmt: skip
        page = f"preview-{name.partition('/')[2]}"
        if camera.wants(page):
            choose(studio, f"{name}.png")
            camera.take(window, page)
    choose(studio, "tiles/mossy_wall.png")
    for at, button in enumerate(checkable(window.preview)):
        page = f"preview-tool{at}"
        if camera.wants(page) and button.isEnabled() and button.isVisible():
            button.click()
            rest(0.8)
            camera.take(window, page)
            if button.isChecked():
                button.click()
    choose(studio, "characters/knight.png")
    rest(2.0 if camera.wants("dock") else 0)


def checkable(widget: QWidget) -> list[QAbstractButton]:
    """The tools that stay pressed."""
    return [one for one in widget.findChildren(QAbstractButton) if one.isCheckable()]


def docks(studio: DesktopStudio, camera: Camera) -> None:
    """Each dock in front of those it shares a place with."""
    for dock in studio.window.findChildren(QDockWidget):
        page = f"dock-{dock.objectName()}"
        if camera.wants(page) and dock.objectName() not in ("tree", "editor", "gallery"):
            dock.show()
            dock.raise_()
            rest(0.4)
            camera.take(studio.window, page)


def galleries(studio: DesktopStudio, camera: Camera) -> None:
    """Found, not found, not understood."""
    window = studio.window
    for page, query in (("search-kind", "kind:texture"), ("search-wrong", "kind:textur"),
                        ("search-nothing", "tag:unicorn")):  # fmt: skip
        if camera.wants(page):
            window.gallery.search_for(query)
            rest(2.0)
            camera.take(window, page)
    window.gallery.search_for("")
    rest()


def menus(studio: DesktopStudio, camera: Camera) -> None:
    """The menus of the bar."""
    for at, action in enumerate(studio.window.menuBar().actions()):
        menu = action.menu()
        if isinstance(menu, QMenu) and camera.wants(f"menu-{at}"):
            menu.popup(studio.window.mapToGlobal(studio.window.rect().topLeft()))
            camera.take(menu, f"menu-{at}")
            menu.close()


def dialogs(studio: DesktopStudio, camera: Camera, prefix: str, takes: Callable[..., bool]) -> None:
    """Whatever the actions open, by the action's name."""
    window = studio.window
    for row in ROWS:
        action = window.actions_[row.id]
        page = f"{prefix}-{row.id}"
        if row.id in NO_DIALOG or not takes(row) or not camera.wants(page):
            continue
        if not action.isEnabled():
            print(f"({row.id} is not enabled)")
            continue
        before = set(QApplication.topLevelWidgets())
        action.trigger()
        rest(0.3)
        opened = opened_since(before)
        for _ in range(8):  # some ask the project first
            opened = opened or (rest(0.3), opened_since(before))[1]
        if not opened:
            print(f"({row.id} opened nothing)")
        for at, dialog in enumerate(opened):
            rest(3.0 if row.id == "models" else 0.2)
            camera.take(dialog, page if not at else f"{page}-{at}")
            dialog.close()
        rest(0.1)


def models(studio: DesktopStudio, camera: Camera) -> None:
    """What the dialog about models opens: known models, and a server."""
    if not (camera.wants("models-fetch") or camera.wants("models-server")):
        return
    dialog = open_models(studio.window)
    desk = studio.window.findChild(ModelDesk)
    assert isinstance(desk, ModelDesk) and dialog is not None
    for page, opened in (
        ("models-fetch", desk.open_fetch()),
        ("models-server", desk.open_server()),
    ):
        assert opened is not None
        rest(0.3)
        camera.take(opened, page)
        opened.close()
    dialog.close()


def opened_since(before: set[QWidget]) -> list[QWidget]:
    """The windows that have come."""
    return [one for one in QApplication.topLevelWidgets() if one.isVisible() and one not in before]


def drawing(studio: DesktopStudio, camera: Camera) -> None:
    """While the model draws: the queue, and the picture that emerges."""
    window = studio.window
    if not camera.wants("drawing"):
        return
    window.layout_.bring_up("queue")
    window.commands.do_redraw()
    wait(lambda: window.actions_["cancel"].isEnabled())
    rest(0.5)
    camera.take(window, "drawing")
    window.commands.do_cancel()
    rest(1.0)
