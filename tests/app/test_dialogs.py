"""Settings, models and log: what they show, what they tell, and what they keep to themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QLabel, QSpinBox

from llamavis_studio.app.log_dialog import (
    COPIED_LINES,
    LogDialog,
    diagnostics,
    read_tail,
    without_private,
)
from llamavis_studio.app.models_dialog import (
    ModelRow,
    ModelsDialog,
    broken_files,
    model_folder,
    read_models,
)
from llamavis_studio.app.settings_dialog import SettingsDialog
from llamavis_studio.backends.base import BackendInfo
from llamavis_studio.core.errors import BackendUnavailable
from llamavis_studio.core.settings import Settings, layered, write_user_setting

Told = list[tuple[str, Any]]


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
        assert row.help.text() == Settings.model_fields[key].description
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
    assert isinstance(row.widget, QComboBox)
    for typed in ("tpu", "cuda:1"):
        row.widget.setEditText(typed)
        QTest.keyClick(row.widget, Qt.Key.Key_Return)
        assert row.problem.isHidden() is (typed != "tpu")
        if typed == "tpu":
            assert told == [] and "'tpu'" in row.problem.text() and "^" not in row.problem.text()
    assert told == [("device", "cuda:1")]
    dialog.show_problem("device", "the disk is full")
    assert row.problem.text() == "the disk is full" and not row.problem.isHidden()
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

GOOD = BackendInfo("builtin", "llamavis-nano", "r1", "MIT", can_edit=True, languages=("en", "zh"))


def info(name: str) -> BackendInfo:
    if name != "builtin":
        raise BackendUnavailable(f"there is no backend named '{name}'", "did you mean 'builtin'?")
    return GOOD


def rows() -> list[ModelRow]:
    styles = {"pixel": SimpleNamespace(backend="other"), "plain": SimpleNamespace(backend=None)}
    studio: Any = SimpleNamespace(project=SimpleNamespace(backend="builtin", styles=styles))
    return read_models(studio, info, lambda _name: 1.44)


def test_models_are_read_ready_or_not() -> None:
    good, bad = rows()
    assert (good.model, good.revision, good.is_here) == ("llamavis-nano", "r1", True)
    assert good.can == ("draws images", "describes images", "changes images")
    assert good.languages == ("English", "简体中文") and good.speed_words == "1.4 seconds an image"
    assert good.size_bytes > 10**6
    assert not bad.is_here and bad.state.startswith("there is no backend") and not bad.size_bytes


def test_models_are_shown_and_checked(app: QApplication) -> None:
    dialog = ModelsDialog()
    asked: list[str] = []
    dialog.verify_asked.connect(asked.append)
    dialog.open()
    assert "Looking" in dialog.title.text() and dialog.verify.isHidden()
    dialog.show_models(rows())
    assert dialog.title.text() == "llamavis-nano" and dialog.verify.isEnabled()
    assert any(label.text() == "MIT" for label in dialog.values)
    dialog.verify.click()
    assert asked == ["builtin"] and not dialog.verify.isEnabled()
    dialog.show_checked("builtin", ["nano/memory.safetensors"])
    assert "nano/memory.safetensors" in dialog.answer.text() and dialog.verify.isEnabled()
    assert dialog.answer.property("role") == "bad"
    dialog.show_checked("builtin", [])
    assert "whole" in dialog.answer.text()
    dialog.list.setCurrentRow(1)
    assert dialog.title.text() == "other" and dialog.verify.isHidden()
    assert dialog.answer.isHidden() and all(label.isHidden() for label in dialog.values)
    dialog.show_models(rows())
    assert dialog.title.text() == "other"
    dialog.show_models([])
    assert dialog.title.text() == "No model"
    dialog.close()
    QCoreApplication.sendPostedEvents(dialog, QEvent.Type.DeferredDelete)
    dialog.show_models(rows())  # an answer that comes too late
    dialog.show_checked("builtin", [])


def test_broken_files_are_found(tmp_path: Path) -> None:
    assert broken_files(model_folder()) == []
    nano = tmp_path / "nano"
    nano.mkdir()
    good = hashlib.sha256(b"good").hexdigest()
    for name in ("a.safetensors", "b.safetensors"):
        (nano / name).write_bytes(b"good")
    record = {"files": {"a.safetensors": good, "c.safetensors": good},
              "memory": {"b.safetensors": good[::-1]}}  # fmt: skip
    (nano / "config.json").write_text(json.dumps(record), "utf-8")
    assert broken_files(tmp_path) == ["nano/c.safetensors", "nano/b.safetensors"]
    (nano / "config.json").write_text("[1]", "utf-8")
    assert broken_files(tmp_path) == ["nano/config.json"]


# --- log -----------------------------------------------------------------------------------------

# Put together, so that no file of the repository names a place on somebody's machine.
HOMES, USERS = "/" + "home", "C:" + r"\Users"
HOME = f"{HOMES}/ann"
GAME = f"{HOME}/my game"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"{HOMES}/ann/my game/hero.desc.toml", "PROJECT/hero.desc.toml"),
        (f"'{HOMES}/ann/my game'", "'PROJECT'"),
        (f"file://{HOMES}/ann/my%20game/hero.png", "file://PROJECT/hero.png"),
        (f"{HOMES}/ann/my game.old/x", "~/my game.old/x"),
        (f"{HOMES}/ann/.config/llamavis", "~/.config/llamavis"),
        (f"{HOMES}/ann.", "~."),
        (f"{HOMES}/anna/secret", f"{HOMES}/USER/secret"),
        (f"/mnt{HOMES}/ann/x", f"/mnt{HOMES}/USER/x"),
        ("/Users/Bob/x", "/Users/USER/x"),
        (rf"{USERS}\Bob\x", rf"{USERS}\USER\x"),
        ("by Ann, ann_2 and annex", "by USER, USER_2 and annex"),
        ("nothing of hers", "nothing of hers"),
    ],
)
def test_nothing_private_stays(text: str, wanted: str) -> None:
    assert without_private(text, HOME, "ann", GAME) == wanted


def test_nothing_private_stays_on_windows() -> None:
    home, game = rf"{USERS}\Ann Lee", r"D:\Games\llama"
    text = rf"{USERS}\ann lee\x 'D:\\Games\\llama\\a' d:/games/llama/b Ann Lee"
    assert without_private(text, home, "Ann Lee", game) == r"~\x 'PROJECT\\a' PROJECT/b USER"


def test_odd_names_and_folders() -> None:
    assert without_private("a plan of a", f"{HOMES}/a", "a", None) == "a plan of a"
    assert without_private("/x/y of 李明的", "/", "李明", None) == "/x/y of USER的"
    assert (
        without_private(f"{HOMES}/jose\u0301/x", f"{HOMES}/jos\u00e9", "jos\u00e9", None) == "~/x"
    )
    assert without_private("/srv/x", "", "", "") == "/srv/x"


def test_the_tail_begins_with_a_whole_line(tmp_path: Path) -> None:
    log = tmp_path / "studio.log"
    log.write_bytes(b"first line\nsecond \xff line\nthird line\n")
    assert read_tail(log, 30) == "second \ufffd line\nthird line\n"
    assert read_tail(log).startswith("first line")


@pytest.fixture
def at_home(
    app: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Path]:
    """A home of Ann's, and her log with these words in it."""
    home = tmp_path / "homes" / "ann"
    home.mkdir(parents=True)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(name, "ann")

    def write(text: str) -> Path:
        log = home / "studio.log"
        log.write_text(text.replace("HOME", str(home)), "utf-8")
        return log

    return write


def test_diagnostics_tell_no_names(at_home: Callable[[str], Path], tmp_path: Path) -> None:
    write_user_setting("threads", 2)
    log = at_home("".join(f"line {at} HOME/game/hero.png\n" for at in range(80)))
    told = diagnostics(read_tail(log), log.parent / "game")
    assert "PySide6" in told and "Python 3." in told and "threads = 2" in told
    assert "line 79 PROJECT/hero.png" in told and "line 29 " not in told
    assert told.count("line ") == COPIED_LINES
    assert "ann" not in told and str(tmp_path) not in told


def test_the_log_is_filtered_and_copied(app: QApplication, at_home: Callable[[str], Path]) -> None:
    log = at_home("INFO fine\nERROR HOME/game/hero.png\n")
    dialog = LogDialog(None, log, log.parent / "game")
    dialog.open()
    dialog.filter.setText("error")
    assert dialog.shown() == dialog.text.toPlainText().splitlines()
    assert len(dialog.shown()) == 1 and dialog.note.text() == "1 of 2 lines"
    QTest.keyClick(dialog.filter, Qt.Key.Key_Return)
    assert dialog.isVisible()
    dialog.copy.click()
    copied = app.clipboard().text()
    assert "INFO fine" in copied and "PROJECT/hero.png" in copied and str(log.parent) not in copied
    with log.open("a", encoding="utf-8") as file:
        file.write("ERROR more\n")
    dialog.again.click()
    assert len(dialog.shown()) == 2
    dialog.close()


def test_no_log_is_good_news(app: QApplication, tmp_path: Path) -> None:
    dialog = LogDialog(None, tmp_path / "none.log")
    assert "nothing went wrong" in dialog.note.text()
    dialog.close()
    folder = LogDialog(None, tmp_path)
    assert "cannot be read" in folder.note.text()
    folder.close()


def test_no_words_are_cut(app: QApplication, tmp_path: Path) -> None:
    for dialog in (opened()[0], ModelsDialog(), LogDialog(None, tmp_path / "none.log")):
        dialog.show()
        app.processEvents()
        for label in dialog.findChildren(QLabel):
            if label.isVisible() and not label.wordWrap():
                assert label.width() >= label.sizeHint().width(), label.text()
        dialog.close()
