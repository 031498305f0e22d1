"""Settings and models: what they show, what they ask for, and what they never lose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QSpinBox,
)

from llamavis_studio.app.dialogs import open_settings
from llamavis_studio.app.log_dialog import (
    LogDialog,
)
from llamavis_studio.app.main import DesktopStudio
from llamavis_studio.app.models_dialog import ModelsDialog
from llamavis_studio.app.settings_dialog import SettingsDialog
from llamavis_studio.core.device import Device
from llamavis_studio.core.settings import (
    Settings,
    config_folder,
    layered,
    user_settings,
)
from llamavis_studio.shelf import ShelvedModel

Told = list[tuple[str, Any]]
LABEL, FIELD = QFormLayout.ItemRole.LabelRole, QFormLayout.ItemRole.FieldRole


@pytest.fixture
def app(instant_backend: None, monkeypatch: pytest.MonkeyPatch) -> QApplication:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    return app


def opened(**values: Any) -> tuple[SettingsDialog, Told]:
    dialog = SettingsDialog(None, layered(values))
    told: Told = []
    dialog.changed.connect(lambda key, value: told.append((key, value)))
    dialog.open()
    return dialog, told


# --- settings ------------------------------------------------------------------------------------


def test_every_setting_has_a_row_by_its_type(app: QApplication) -> None:
    dialog, _ = opened(threads=3)
    assert list(dialog.rows) == list(Settings.model_fields)
    threads, quiet = dialog.rows["threads"].widget, dialog.rows["debounce_s"].widget
    assert isinstance(threads, QSpinBox) and isinstance(quiet, QDoubleSpinBox)
    assert (threads.maximum(), quiet.maximum(), threads.value()) == (256, 86400, 3)
    assert threads.text() == "3 threads" and quiet.text() == "0.3 seconds"
    assert isinstance(dialog.rows["theme"].widget, QComboBox)
    dialog.close()


def test_a_row_says_what_its_field_says(app: QApplication) -> None:
    dialog, _ = opened()
    for key, row in dialog.rows.items():
        said = Settings.model_fields[key].description or ""
        assert row.help.text() == said.partition(":")[0] if key == "device" else said
        assert row.label.text() != key and row.widget.accessibleName() == row.label.text()
        assert row.reset.accessibleName() and row.reset.isHidden()
    dialog.close()


def test_a_number_is_told_when_it_is_whole(app: QApplication) -> None:
    dialog, told = opened(threads=3)
    spin = dialog.rows["threads"].widget
    assert isinstance(spin, QSpinBox)
    spin.selectAll()
    QTest.keyClicks(spin, "12")
    assert told == []
    QTest.keyClick(spin, Qt.Key.Key_Return)
    assert told == [("threads", 12)] and dialog.isVisible()
    spin.setValue(1)
    assert spin.text() == "1 thread"
    spin.setValue(0)
    assert spin.text() == "All cores" and dialog.rows["threads"].reset.isHidden()
    dialog.close()


def test_a_number_in_the_making_counts_when_the_dialog_closes(app: QApplication) -> None:
    dialog, told = opened()
    spin = dialog.rows["idle_unload_s"].widget
    assert isinstance(spin, QDoubleSpinBox)
    spin.selectAll()
    QTest.keyClicks(spin, "2.5")
    dialog.reject()
    assert told == [("idle_unload_s", 2.5)]


def test_choosing_is_told_and_reset_takes_it_back(app: QApplication) -> None:
    dialog, told = opened()
    row = dialog.rows["theme"]
    assert isinstance(row.widget, QComboBox)
    row.widget.setCurrentIndex(row.widget.findData("dark"))
    row.widget.activated.emit(row.widget.currentIndex())
    assert told == [("theme", "dark")] and not row.reset.isHidden()
    row.reset.click()
    assert told[-1] == ("theme", "system") and row.reset.isHidden()
    assert row.widget.currentData() == "system"
    dialog.close()


def test_what_is_refused_is_told_in_place_only(app: QApplication) -> None:
    dialog, told = opened()
    row = dialog.rows["device"]
    for value in ("tpu", "cuda:1"):
        row.edited.emit(value)
        assert row.problem.isHidden() is (value != "tpu")
        if value == "tpu":
            assert told == [] and "'tpu'" in row.problem.text() and "^" not in row.problem.text()
    assert told == [("device", "cuda:1")]
    dialog.show_problem("device", "the disk is full")
    assert row.problem.text() == "the disk is full" and not row.problem.isHidden()
    dialog.close()


def test_devices_are_offered_with_their_memory(app: QApplication) -> None:
    dialog, told = opened(device="cuda:3")
    box = dialog.rows["device"].widget
    assert isinstance(box, QComboBox) and box.currentData() == "cuda:3"
    dialog.show_devices([
        Device("cpu", "AMD Ryzen 7", "cpu", 32_000_000_000, None, False),
        Device("cuda:0", "NVIDIA GeForce RTX 4070", "cuda", 12_000_000_000, 9_500_000_000, True),
    ])  # fmt: skip
    texts = {box.itemData(at): box.itemText(at) for at in range(box.count())}
    assert texts == {
        "auto": "Automatic: NVIDIA GeForce RTX 4070",
        "cpu": "AMD Ryzen 7 · 32.0 GB",
        "cuda:3": "cuda:3, not found here",
        "cuda:0": "NVIDIA GeForce RTX 4070 · 12.0 GB, 9.5 GB free",
    }
    assert box.currentData() == "cuda:3" and told == []
    box.setCurrentIndex(box.findData("cuda:0"))
    box.activated.emit(box.currentIndex())
    assert told == [("device", "cuda:0")]
    dialog.close()
    dialog.show_devices([])  # an answer that comes too late


def test_what_the_project_decides_is_told(app: QApplication) -> None:
    dialog = SettingsDialog(None, layered({"threads": 3}), {"threads": 8, "history_mb": 0})
    assert dialog.rows["threads"].over.text() == (
        "The open project says: 8 threads. That applies to it."
    )
    assert "Keep none" in dialog.rows["history_mb"].over.text()
    assert dialog.rows["jobs"].over.isHidden() and dialog.notice.isHidden()
    dialog.show_notice("the file is damaged")
    assert not dialog.notice.isHidden()
    dialog.close()


def test_the_wheel_moves_the_page(app: QApplication) -> None:
    dialog, told = opened()
    spin = dialog.rows["threads"].widget
    for focused in (False, True):
        (spin if focused else dialog.rows["theme"].widget).setFocus()
        app.processEvents()
        wheel = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QCoreApplication.sendEvent(spin, wheel)
        assert told == ([("threads", 1)] if focused else [])
    dialog.close()


def test_the_keyboard_goes_down_the_page(app: QApplication) -> None:
    dialog, _ = opened(theme="dark")
    names: dict[Any, str] = {row.widget: key for key, row in dialog.rows.items()}
    order, at = [], dialog.nextInFocusChain()
    while at is not None and at is not dialog:
        order += [names[at]] if at in names else []
        at = at.nextInFocusChain()
    assert order == list(Settings.model_fields)
    dialog.close()


# --- models --------------------------------------------------------------------------------------

GOOD = ShelvedModel(
    "builtin", "builtin", "llamavis-nano", "r1", "MIT", 84_700_000,
    abilities=("makes images", "reads images"), languages=("en", "zh"), good_for="sprites",
    not_for="photographs", seconds=1.44,
)  # fmt: skip
STYLE = ShelvedModel("toon", "style", "toon", size_bytes=500, base="r1", pictures=2,
                     place="styles/toon.safetensors")  # fmt: skip
BAD = ShelvedModel("other", "backend", "other", problem="there is no backend named 'other'",
                   hint="pip install it")  # fmt: skip


def facts(dialog: ModelsDialog) -> dict[str, str]:
    """What the form says, by its labels."""
    found = {}
    for at in range(dialog.form.rowCount()):
        pair = [dialog.form.itemAt(at, role) for role in (LABEL, FIELD)]
        name, value = (one.widget() for one in pair if one is not None)
        assert isinstance(name, QLabel) and isinstance(value, QLabel)
        found[name.text()] = value.text()
    return found


def test_models_are_shown_and_checked(app: QApplication) -> None:
    dialog = ModelsDialog()
    asked: list[str] = []
    dialog.verify_asked.connect(asked.append)
    dialog.open()
    assert "Looking" in dialog.title.text() and dialog.verify.isHidden()
    dialog.show_models([GOOD, STYLE, BAD])
    told = facts(dialog)
    assert dialog.title.text() == "llamavis-nano" and dialog.verify.isEnabled()
    assert (told["Licence"], told["Understands"]) == ("MIT", "English, 简体中文")
    assert told["Speed"] == "1.4 seconds an image" and told["Not for"] == "photographs"
    assert told["Size on disk"] == "84.7 MB" and dialog.remove.isHidden()
    dialog.verify.click()
    assert asked == ["builtin"] and not dialog.verify.isEnabled()
    dialog.show_checked("builtin", ["nano/memory.safetensors"])
    assert "nano/memory.safetensors" in dialog.answer.text() and dialog.verify.isEnabled()
    assert dialog.answer.property("role") == "bad"
    dialog.show_checked("builtin", [])
    assert "whole" in dialog.answer.text()
    dialog.list.setCurrentRow(2)
    assert dialog.title.text() == "other" and dialog.verify.isHidden()
    assert "pip install it" in dialog.state.text() and dialog.state.property("role") == "bad"
    dialog.show_models([GOOD, STYLE, BAD])
    assert dialog.title.text() == "other"
    dialog.show_models([])
    assert dialog.title.text() == "No model"
    dialog.close()
    QCoreApplication.sendPostedEvents(dialog, QEvent.Type.DeferredDelete)
    dialog.show_models([GOOD])  # an answer that comes too late
    dialog.show_checked("builtin", [])
    dialog.show_problem("too late")


def test_a_style_is_removed_after_asking(app: QApplication) -> None:
    dialog = ModelsDialog()
    asked: list[str] = []
    dialog.remove_asked.connect(asked.append)
    dialog.open()
    dialog.show_models([GOOD, STYLE])
    dialog.list.setCurrentRow(1)
    assert facts(dialog)["File"] == STYLE.place and facts(dialog)["Used by"] == "no style yet"
    dialog.remove.click()
    assert asked == [] and "trash" in dialog.answer.text() and dialog.verify.isHidden()
    dialog.no.click()
    dialog.remove.click()
    dialog.list.setCurrentRow(0)  # going elsewhere is no yes
    dialog.list.setCurrentRow(1)
    dialog.remove.click()
    assert asked == []
    dialog.remove.click()
    assert asked == ["toon"] and dialog.no.isHidden()
    dialog.show_problem("a style uses it")
    assert dialog.answer.text() == "a style uses it"
    dialog.close()


def test_no_words_are_cut(app: QApplication, tmp_path: Path) -> None:
    for dialog in (opened()[0], ModelsDialog(), LogDialog(None, tmp_path / "none.log")):
        dialog.show()
        app.processEvents()
        for label in dialog.findChildren(QLabel):
            if label.isVisible() and not label.wordWrap():
                assert label.width() >= label.sizeHint().width(), label.text()
        dialog.close()


# --- a damaged settings file ---------------------------------------------------------------------


def test_a_damaged_settings_file_loses_nothing(app: QApplication, tmp_path: Path) -> None:
    folder = config_folder()
    folder.mkdir(parents=True)
    file, text = folder / "settings.toml", 'theme = "dark"\nthreads = 3\nnonsense = 1\n'
    file.write_text(text)
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    studio = DesktopStudio(app, store)
    try:
        assert studio.complaint and studio.window.look.name == "dark"
        assert file.read_text() == text  # looking changes nothing
        dialog = open_settings(studio.window)
        assert "nonsense" in dialog.notice.text() and not dialog.notice.isHidden()
        assert dialog.rows["threads"].shown(3) == "3 threads"
        dialog.changed.emit("threads", 5)
        dialog.close()
        assert user_settings() == {"theme": "dark", "threads": 5}
        kept = list(folder.glob("settings.toml.damaged-*"))
        assert [one.read_text() for one in kept] == [text]
        assert kept[0].name in studio.window.statusBar().currentMessage()
        again = open_settings(studio.window)
        assert again.notice.isHidden()
        again.close()
    finally:
        studio.window.close()
        app.processEvents()
        studio.window.deleteLater()
        app.processEvents()
