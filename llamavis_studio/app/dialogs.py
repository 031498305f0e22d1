"""What the window's dialogs are filled with, and what is done when they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from llamavis_studio.app.actions import ROWS
from llamavis_studio.app.command_palette import CommandPalette
from llamavis_studio.app.messages import said
from llamavis_studio.app.settings_dialog import SettingsDialog
from llamavis_studio.core.settings import layered
from llamavis_studio.core.settings_mending import readable_settings

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow


def open_palette(window: MainWindow) -> None:
    """All commands, and the images of the open project."""
    plan = window.plan
    images = [one.target.output for one in plan.targets] if plan is not None else []
    actions = [window.actions_[row.id] for row in ROWS if row.id != "palette"]
    sign = window.actions_["import"].icon()
    palette = CommandPalette(window, actions, window.store, images, sign)
    palette.image_chosen.connect(lambda path: window.tree.choose(path))
    palette.open()


def open_settings(window: MainWindow) -> SettingsDialog:
    """The settings of this machine, and which of them the open project decides otherwise."""
    values, damage = readable_settings()
    project = window.project.settings if window.project is not None else {}
    dialog = SettingsDialog(window, layered(values), project)
    if damage is not None:
        told = QCoreApplication.translate(
            "Dialogs",
            "Your settings file cannot be read ({0}). What could be read is shown here. When you "
            "change something, a new file is begun and the old one is kept beside it.",
        )
        dialog.show_notice(told.format(said(damage.message)))
    dialog.changed.connect(window.setting_asked)
    dialog.open()
    if window.thread_ is not None:
        window.thread_.ask(
            lambda studio: studio.devices(), dialog.show_devices, lambda _error: None
        )
    return dialog
