"""The log: its end is shown and filtered, and what is copied tells nothing private."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from llamavis_studio.app import log_dialog
from llamavis_studio.app.log_dialog import (
    COPIED_LINES,
    LogDialog,
    diagnostics,
    read_tail,
    without_places,
    without_private,
)
from llamavis_studio.core.settings import write_user_setting


@pytest.fixture
def app(instant_backend: None, monkeypatch: pytest.MonkeyPatch) -> QApplication:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    return app


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


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("'/srv/secret client/my game/hero.png' is", "'ELSEWHERE/hero.png' is"),
        ("open /mnt/disk/game/hero.png, then", "open ELSEWHERE/hero.png, then"),
        (r"D:\Games\secret\hero.png", "ELSEWHERE/hero.png"),
        (r"D:\\Games\\secret\\hero.png", "ELSEWHERE/hero.png"),
        ("/usr/lib/python3.11/json/decoder.py", "/usr/lib/python3.11/json/decoder.py"),
        ("https://example.org/a/b and 1/2, ~/x/y", "https://example.org/a/b and 1/2, ~/x/y"),
        ("PROJECT/tiles/floor.png", "PROJECT/tiles/floor.png"),
        (log_dialog.__file__, "STUDIO/llamavis_studio/app/log_dialog.py"),
    ],
)  # fmt: skip
def test_no_disk_and_no_game_is_named(text: str, wanted: str) -> None:
    assert without_places(text) == wanted


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
