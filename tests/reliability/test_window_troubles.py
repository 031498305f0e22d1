"""Bad days at the window: each time it lives on, says a sentence with a next step, and nothing that
somebody typed is lost.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton

from llamavis_studio.app.main import DesktopStudio
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.studio_thread import open_calmly
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core.settings import config_folder, user_settings
from llamavis_studio.studio import Studio
from tests.app.hands import life, settle, wait
from tests.reliability.column import patient
from tests.reliability.conftest import REPO, child_environment
from tests.reliability.disks import Call, tapped
from tests.reliability.window_hands import Seat, seated
from tests.support.games import described, make_game
from tests.support.studios import prompt_of, small_game

pytestmark = patient


@pytest.fixture
def game(tmp_path: Path) -> Path:
    return small_game(tmp_path / "game")


@pytest.fixture
def seat(qapp: QApplication, tmp_path: Path) -> Iterator[Seat]:
    host = InProcessHost()
    with seated(tmp_path / "session.ini", lambda root: Studio.open(root, host=host)) as made:
        yield made
    host.close()


@pytest.fixture
def far_seat(qapp: QApplication, tmp_path: Path) -> Iterator[Seat]:
    """A window whose model has a process of its own, as the real one."""
    with seated(tmp_path / "session.ini", open_calmly) as made:
        yield made


# --- files ---------------------------------------------------------------------------------------


def test_the_project_goes_away_while_it_is_open(seat: Seat, game: Path) -> None:
    seat.open(game)
    seat.type("# typed before it went")
    shutil.rmtree(game)
    seat.until_said("hero.desc.toml", "removed")
    assert "Your text is still here" in seat.said()
    seat.window.commands.do_build()
    life(0.3)
    seat.lives()
    assert "# typed before it went" in seat.window.editor.text.toPlainText()
    seat.window.close_project()
    assert seat.window.stack.currentWidget() is seat.window.welcome
    settle()
    assert not game.exists()  # nothing of ours made it anew, at a drive's mount point say
    # It comes back, from a backup say: so do the words.
    small_game(game)
    seat.open(game)
    wait(lambda: "typed before it went" in seat.window.editor.text.toPlainText(), "the words")
    life(0.5)
    assert "typed before it went" in seat.window.editor.text.toPlainText()


def test_the_disk_is_full_when_a_description_is_saved(seat: Seat, game: Path) -> None:
    seat.open(game)
    hero = game / "hero.desc.toml"
    before = hero.read_bytes()
    is_full = True

    def on_call(call: Call) -> Any:
        if is_full and call.step == "write" and "hero.desc.toml" in call.path:
            raise OSError(errno.ENOSPC, "No space left on device", call.path)
        return call.do()

    with tapped(on_call):
        seat.type("# as much as fits")
        seat.window.commands.do_save()
        said = seat.until_said("full")
        assert "Try again" in said
        seat.lives()
        assert seat.window.editor.is_modified
        assert hero.read_bytes() == before
        assert not [one for one in game.iterdir() if "tmp" in one.name]
        is_full = False
        again = [one for one in seat.window.editor.notice.buttons if one.text() == "Try again"]
        again[0].click()
        wait(lambda: not seat.window.editor.is_modified, "saving")
    assert hero.read_text("utf-8").endswith("# as much as fits")


@pytest.mark.parametrize("choice", ["Take theirs", "Keep mine"])
def test_a_file_changes_while_it_is_edited(seat: Seat, game: Path, choice: str) -> None:
    seat.open(game)
    hero = game / "hero.desc.toml"
    seat.type("# mine")
    mine, theirs = seat.window.editor.text.toPlainText(), described("a knight of theirs")
    hero.write_text(theirs, "utf-8")
    seat.until_said("was changed by another program", choice)
    seat.window.commands.do_save()
    assert hero.read_text("utf-8") == theirs, "saving writes over nothing that was not seen"
    press(seat, choice)
    life(0.05)
    drafts = seat.window.editor.saving._drafts.aside(hero)
    if choice == "Take theirs":
        assert seat.window.editor.text.toPlainText() == theirs
        assert mine in drafts
    else:
        assert seat.window.editor.text.toPlainText() == mine
        assert theirs in drafts
        seat.window.commands.do_save()
        assert hero.read_text("utf-8") == mine
    seat.lives()


def test_a_description_that_is_wrong_is_pointed_at(seat: Seat, game: Path) -> None:
    seat.open(game)
    picture = (game / "hero.png").read_bytes()
    seat.write('desciption = "brave red knight"\n')
    seat.window.commands.do_save()
    said = seat.until_said("desciption")
    assert "description" in said.replace("desciption", ""), "the name that was meant"
    life(0.3)
    assert (game / "hero.png").read_bytes() == picture
    seat.write(described("brave green knight"))
    seat.window.commands.do_save()
    wait(lambda: prompt_of(game / "hero.png") == "brave green knight", "the picture")
    seat.lives()


EVERYWHERE = (
    "dragon \U0001f409", "红色的 龙", "-leading dash", "per%20cent", "e\u0301 and é", "#hash",
    "[brackets]", "~", "{0}", "it's", "a&b;c$d",
)  # fmt: skip
HERE_ONLY = (
    'a "quote"', "tab\there", "back\\slash", "new\nline", "*star?", "trailing ", "<b>bold</b>",
    "a|b",
)  # fmt: skip
"""Legal on this system and forbidden on others: refused, so that a project goes everywhere."""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems forbid some of them")
def test_paths_with_every_legal_character(seat: Seat, tmp_path: Path) -> None:
    root = tmp_path / "all of them \U0001f409 %20 'x'\n-y"
    files = {f"{name}/{name}.desc.toml": described("a thing") for name in EVERYWHERE + HERE_ONLY}
    make_game(root, files | {"hero.desc.toml": described("knight")})
    seat.open(root)
    window, plan = seat.window, seat.window.plan
    assert plan is not None
    wait(lambda: window.gallery.model.rowCount() > 0, "the library")
    by_source = {one.target.source: one.target.output for one in plan.targets}
    refused = {problem.path for problem in plan.problems}
    silent = [one for one in files if one not in by_source and one not in refused]
    assert not silent, "passed over without a word"
    for name in EVERYWHERE:
        source = f"{name}/{name}.desc.toml"
        assert window.tree.choose(by_source[source])
        wait(lambda source=source: window.editor.path == root / source, source)
        seat.write(described("another thing"))
        window.commands.do_save()
    for name in EVERYWHERE:
        picture = root / by_source[f"{name}/{name}.desc.toml"]
        wait(lambda picture=picture: says(picture, "another thing"), name)
    wait(lambda: not window.queue.stop.isEnabled(), "the end of the drawing")
    window.gallery.search_for("thing")
    life(0.3)
    seat.lives()


# --- the model -----------------------------------------------------------------------------------


def test_a_model_that_is_not_there_is_told_with_what_to_do(seat: Seat, game: Path) -> None:
    seat.open(game)
    seat.write(described("MISSING knight"))
    seat.window.commands.do_save()
    seat.until_said("the weights are not here", "llamavis models fetch")
    wait(lambda: not seat.window.queue.stop.isEnabled(), "the end of the drawing")
    seat.lives()
    assert seat.state("tiles/floor.png") == "fresh"


def test_the_shipped_model_is_not_there(
    far_seat: Seat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMAVIS_BUILTIN_MODEL", str(tmp_path / "nothing"))
    root = make_game(
        tmp_path / "plain",
        {
            "llamavis.toml": '[project]\nname = "plain"\nbackend = "builtin"\n',
            "hero.desc.toml": described("brave red knight"),
        },
    )
    far_seat.window.open_project(root)
    far_seat.until_said("model")
    life(0.3)
    far_seat.lives()
    said = far_seat.said()
    assert "Traceback" not in said and "Something went wrong" not in said, said
    assert any(word in said for word in ("run '", "reinstall", "install", "check", "put ")), said


def test_an_image_whose_drawing_fails_stops_no_other(seat: Seat, game: Path) -> None:
    seat.open(game)
    seat.write(described("FAIL knight"))
    (game / "bold.desc.toml").write_text(described("bold knight"), "utf-8")
    seat.window.commands.do_save()
    seat.until_said("hero", "the tensor is not what it seems")
    wait(lambda: seat.state("bold.png") == "fresh", "the other one")
    seat.lives()
    seat.write(described("calm knight"))
    seat.window.commands.do_save()
    wait(lambda: says(game / "hero.png", "calm knight"), "the picture")


def test_the_model_process_is_killed_in_the_middle(
    far_seat: Seat, game: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_STEP_MS", "40")
    for number in range(24):
        (game / f"many{number}.desc.toml").write_text(described(f"thing {number}"), "utf-8")
    window = far_seat.window
    window.open_project(game)
    wait(lambda: window.queue.stop.isEnabled(), "drawing", 60)
    numbers: list[int | None] = []

    def number_of() -> int | None:
        assert window.thread_ is not None
        window.thread_.ask(lambda studio: studio._host.pid, numbers.append)  # type: ignore[attr-defined]
        life(0.05)
        return numbers[-1] if numbers else None

    wait(number_of, "the process")
    os.kill(int(numbers[-1] or 0), signal.SIGKILL)
    wait(lambda: far_seat.state("many23.png") == "fresh" or "failed" in far_seat.states(), "an end",
         60)  # fmt: skip
    wait(lambda: not window.queue.stop.isEnabled(), "the end of the drawing", 60)
    far_seat.lives()
    window.commands.do_build()
    wait(lambda: far_seat.states() == {"fresh"}, "everything drawn after all", 60)


# --- settings, drops, death ----------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["theme = 3\n", "theme = [", "\0\xff", "nonsense = true\n"])
def test_a_settings_file_that_is_damaged(
    qapp: QApplication, tmp_path: Path, game: Path, damage: str
) -> None:
    file = config_folder() / "settings.toml"
    file.parent.mkdir(parents=True)
    file.write_bytes(damage.encode("latin-1"))
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    studio = DesktopStudio(qapp, store)
    window = studio.window
    try:
        window.show()
        seat = Seat(window)
        assert "settings.toml" in studio.complaint, "where it is"
        assert ". " in studio.complaint, "and what to do"
        seat.until_said("settings.toml")
        window.commands.do_settings()
        studio.use_look("dark")
        window.open_project(game)
        life(0.5)
        seat.lives()
        kept = [one.read_bytes() for one in file.parent.iterdir()]
        assert damage.encode("latin-1") in kept, "what stood there is not ours to throw away"
    finally:
        window.close()
        window.deleteLater()
        settle()
        close_dialogs()


def drop(window: MainWindow, data: QMimeData) -> bool:
    """Drag something over the window and let it go; whether the window wants it."""
    here, copy = QPointF(200, 200), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(here.toPoint(), copy, data, buttons, keys)
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(here, copy, data, buttons, keys))
    life(0.05)
    return enter.isAccepted()


def test_junk_is_dropped_on_the_window(seat: Seat, game: Path, tmp_path: Path) -> None:
    seat.open(game)
    seat.type("# typed before the drop")
    junk = tmp_path / "junk" / "letter.txt"
    junk.parent.mkdir()
    junk.write_bytes(os.urandom(5000))
    cases: dict[str, Callable[[QMimeData], None]] = {
        "text": lambda data: data.setText("/etc/passwd"),
        "web": lambda data: data.setUrls([QUrl("https://example.com/a.png")]),
        "gone": lambda data: data.setUrls([QUrl.fromLocalFile(str(tmp_path / "nothing"))]),
        "device": lambda data: data.setUrls([QUrl.fromLocalFile("/dev/null/x")]),
        "empty": lambda data: data.setUrls([]),
        "bytes": lambda data: data.setData("application/x-thing", b"\0" * 100),
        "odd": lambda data: data.setUrls([QUrl("file://"), QUrl(""), QUrl("javascript:1")]),
    }
    for name, fill in cases.items():
        data = QMimeData()
        fill(data)
        drop(seat.window, data)
        assert seat.window.project is not None, name
        seat.lives()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(junk))])
    if drop(seat.window, data):  # a file of no project: that is said
        seat.until_said("project")
    seat.lives()
    # The words are where they were, or come back with their project.
    if seat.window.project is None:
        seat.open(game)
    text = seat.window.editor.text
    wait(lambda: "typed before the drop" in text.toPlainText(), "the words")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 here")
def test_words_typed_a_second_before_the_studio_is_killed(
    seat: Seat, game: Path, tmp_path: Path
) -> None:
    environment = child_environment(
        tmp_path,
        QT_QPA_PLATFORM="offscreen",
        LOGNAME=f"killed{os.getpid()}{time.time()}",
        XDG_CONFIG_HOME=os.environ["XDG_CONFIG_HOME"],
        XDG_STATE_HOME=os.environ["XDG_STATE_HOME"],
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.window_driver", str(game), "type"],
        env=environment,
        cwd=REPO,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        assert line.strip() == "typed"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert "typed a second before" not in (game / "hero.desc.toml").read_text("utf-8")
    seat.open(game)
    text = seat.window.editor.text
    wait(lambda: "typed a second before" in text.toPlainText(), "the words")
    assert seat.window.editor.is_modified
    seat.window.commands.do_save()
    assert "typed a second before" in (game / "hero.desc.toml").read_text("utf-8")


def press(seat: Seat, name: str) -> None:
    found = [one for one in seat.window.findChildren(QPushButton) if one.text() == name]
    assert found, name
    found[0].click()


def says(picture: Path, words: str) -> bool:
    try:
        return prompt_of(picture) == words
    except (OSError, KeyError, ValueError):
        return False


def close_dialogs() -> None:
    for one in QApplication.topLevelWidgets():
        if one.isVisible():
            one.close()
    life(0.02)


def test_user_settings_of_this_module_are_its_own() -> None:
    """The other tests write settings: never those of whoever runs them."""
    assert user_settings() == {}
    assert str(config_folder()).startswith(os.environ["XDG_CONFIG_HOME"])
