"""The watcher on a real file system: how editors save, and what breaks watching."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from llamavis_studio.jobs.inbox import MainThreadInbox
from llamavis_studio.watch.observer import TELLS_CLOSING, WatchdogEyes
from llamavis_studio.watch.watcher import Change, Timing, Watcher, WatchStatus

WAIT_S = 20.0
ROUNDS = 4
OLD_NS = 1_600_000_000_000_000_000

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX ways of saving")


class Project:
    """A watched folder, and what was told of it."""

    def __init__(self, root: Path, executor: ThreadPoolExecutor | None = None) -> None:
        self.root = root
        root.mkdir(exist_ok=True)
        self.inbox = MainThreadInbox()
        # (path, kind, the file's text when it was told)
        self.told: list[tuple[str, str, str]] = []
        self.statuses: list[WatchStatus] = []
        self.eyes: list[WatchdogEyes] = []
        self.watcher = Watcher(
            root,
            self.inbox,
            self._on_change,
            on_status=self.statuses.append,
            executor=executor,
            timing=Timing(health_s=0.1, poll_s=0.1),
            eyes=self._make_eyes,
        )

    def _make_eyes(self, *rest: object) -> WatchdogEyes:
        self.eyes.append(WatchdogEyes(*rest))  # type: ignore[arg-type]
        return self.eyes[-1]

    def _on_change(self, changes: tuple[Change, ...]) -> None:
        for change in changes:
            path = self.root / change.path
            text = path.read_text() if path.exists() else ""
            self.told.append((str(change.path), change.kind.value, text))

    def run_until(self, condition: Callable[[], bool]) -> None:
        assert self.inbox.run_until(condition, WAIT_S), self.told[-5:]

    def run_for(self, seconds: float) -> None:
        self.inbox.run_until(lambda: False, seconds)

    def texts(self, name: str) -> list[str]:
        return [text for path, _, text in self.told if path == name]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path / "game")
    yield project
    project.watcher.close()


def truncate_and_write(path: Path, text: str) -> None:
    path.write_text(text)


def append_after_truncate(path: Path, text: str) -> None:
    path.write_bytes(b"")
    with path.open("a") as file:
        file.write(text)


def halves_5_ms(path: Path, text: str) -> None:
    _halves(path, text, 0.005)


def halves_200_ms(path: Path, text: str) -> None:
    _halves(path, text, 0.2)


def _halves(path: Path, text: str, pause_s: float) -> None:
    with path.open("w") as file:
        file.write(text[:10])
        file.flush()
        time.sleep(pause_s)
        file.write(text[10:])


def temporary_and_rename(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text)
    os.replace(temporary, path)


def rename_from_elsewhere(path: Path, text: str) -> None:
    temporary = path.parent.parent / f"{path.name}.tmp"
    temporary.write_text(text)
    os.replace(temporary, path)


def delete_and_create(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text)


def vim_backupcopy_no(path: Path, text: str) -> None:
    backup = path.with_name(path.name + "~")
    path.rename(backup)
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    backup.unlink()


def vim_backupcopy_yes(path: Path, text: str) -> None:
    backup = path.with_name(path.name + "~")
    shutil.copy2(path, backup)
    with path.open("r+") as file:
        file.truncate()
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    backup.unlink()


def emacs(path: Path, text: str) -> None:
    lock = path.with_name(f".#{path.name}")
    lock.symlink_to("user@host.1:2")
    path.rename(path.with_name(path.name + "~"))
    path.write_text(text)
    path.chmod(0o644)
    lock.unlink()


def sed_in_place(path: Path, text: str) -> None:
    temporary = path.with_name("sedAb12Cd")
    temporary.write_text(text)
    temporary.chmod(0o600)
    temporary.chmod(0o644)
    temporary.rename(path)


def copy_with_an_old_time(path: Path, text: str) -> None:
    source = path.parent.parent / f"{path.name}.source"
    source.write_text(text)
    os.utime(source, ns=(OLD_NS, OLD_NS))
    shutil.copy2(source, path)


def memory_mapped(path: Path, text: str) -> None:
    with path.open("r+b") as file:
        file.truncate(len(text))
        with mmap.mmap(file.fileno(), len(text)) as memory:
            memory[:] = text.encode()
            memory.flush()


def hard_link_swap(path: Path, text: str) -> None:
    other = path.with_name(f"{path.name}.other")
    other.write_text(text)
    path.unlink()
    os.link(other, path)
    other.unlink()


def symlink_swap(path: Path, text: str) -> None:
    target = path.parent.parent / f"{path.name}.{abs(hash(text))}"
    target.write_text(text)
    link = path.with_name(f"{path.name}.link")
    link.symlink_to(target)
    os.replace(link, path)


PATTERNS = [
    truncate_and_write,
    halves_5_ms,
    halves_200_ms,
    temporary_and_rename,
    rename_from_elsewhere,
    delete_and_create,
    vim_backupcopy_no,
    vim_backupcopy_yes,
    emacs,
    sed_in_place,
    copy_with_an_old_time,
    memory_mapped,
    hard_link_swap,
    symlink_swap,
]


@posix
@pytest.mark.skipif(not TELLS_CLOSING, reason="without close events halves look like saves")
@pytest.mark.parametrize("threaded", [False, True])
def test_every_way_of_saving_is_told_once_with_its_final_text(
    tmp_path: Path, threaded: bool
) -> None:
    executor = ThreadPoolExecutor(2) if threaded else None
    project = Project(tmp_path / "game", executor)
    names = {pattern: f"{pattern.__name__}.desc.toml" for pattern in PATTERNS}
    for name in names.values():
        (project.root / name).write_text('description = "first"')
    project.watcher.start()
    expected: dict[str, list[str]] = {name: [] for name in names.values()}
    try:
        for turn in range(ROUNDS):
            for pattern, name in names.items():
                text = f'description = "{name} in round {turn}"'
                expected[name].append(text)
                pattern(project.root / name, text)
            project.run_until(lambda: len(project.told) >= len(names) * (turn + 1))  # noqa: B023
        # Whatever would be told twice comes within the longest quiet.
        project.watcher.rescan()
        project.run_for(0.7)
    finally:
        project.watcher.close()
        if executor is not None:
            executor.shutdown()
    assert {name: project.texts(name) for name in expected} == expected
    assert {kind for _, kind, _ in project.told} == {"modified"}
    assert project.statuses == [WatchStatus(polling=False)]


def test_a_plain_save_is_told_within_a_moment(project: Project) -> None:
    path = project.root / "hero.desc.toml"
    path.write_text("red")
    project.watcher.start()
    path.write_text("blue")
    began = time.monotonic()
    project.run_until(lambda: bool(project.told))
    assert project.told == [("hero.desc.toml", "modified", "blue")]
    assert time.monotonic() - began < 2.0


def test_two_saves_with_a_pause_are_two_changes(project: Project) -> None:
    path = project.root / "hero.desc.toml"
    path.write_text("red")
    project.watcher.start()
    for number, text in enumerate(("green", "blue", "green"), 1):
        path.write_text(text)
        project.run_until(lambda: len(project.told) == number)  # noqa: B023
    assert project.texts("hero.desc.toml") == ["green", "blue", "green"]


def test_a_storm_of_edits_ends_with_the_final_texts(project: Project) -> None:
    paths = [project.root / f"file{number}.desc.toml" for number in range(100)]
    for path in paths:
        path.write_text("0")
    project.watcher.start()
    for turn in range(1, 21):
        for path in paths:
            path.write_text(str(turn))
    project.run_until(
        lambda: all("20" in project.texts(path.name)[-1:] for path in paths),
    )
    project.run_for(0.1)
    assert len(project.told) <= 2 * len(paths)


def test_folders_that_come_move_and_go(project: Project) -> None:
    project.watcher.start()
    inside = project.root / "a" / "b"
    inside.mkdir(parents=True)
    (inside / "new.desc.toml").write_text("1")
    project.run_until(lambda: ("a/b/new.desc.toml", "added", "1") in project.told)
    (project.root / "a").rename(project.root.parent / "elsewhere")
    project.run_until(lambda: ("a/b/new.desc.toml", "removed", "") in project.told)
    (project.root.parent / "elsewhere").rename(project.root / "c")
    project.run_until(lambda: ("c/b/new.desc.toml", "added", "1") in project.told)
    (project.root / "c" / "b" / "new.desc.toml").write_text("2")
    project.run_until(lambda: ("c/b/new.desc.toml", "modified", "2") in project.told)
    assert len(project.told) == 4


def test_the_project_s_own_folder_moves_away_and_back(project: Project) -> None:
    path = project.root / "hero.desc.toml"
    path.write_text("red")
    project.watcher.start()
    away = project.root.with_name("away")
    project.root.rename(away)
    project.run_until(lambda: project.watcher.status.polling)
    (away / "hero.desc.toml").write_text("green")
    away.rename(project.root)
    project.run_until(lambda: ("hero.desc.toml", "modified", "green") in project.told)
    project.run_until(lambda: not project.watcher.status.polling)
    path.write_text("blue")
    project.run_until(lambda: ("hero.desc.toml", "modified", "blue") in project.told)
    assert len(project.told) == 2


def test_a_watching_thread_that_ends_is_replaced(project: Project) -> None:
    path = project.root / "hero.desc.toml"
    path.write_text("red")
    project.watcher.start()
    observer = project.eyes[0]._observer
    assert observer is not None
    for emitter in observer.emitters:
        emitter.stop()
    path.write_text("blue")
    project.run_until(lambda: len(project.statuses) == 3)
    project.run_until(lambda: bool(project.told))
    assert project.told == [("hero.desc.toml", "modified", "blue")]
    assert [status.polling for status in project.statuses] == [False, True, False]


@pytest.mark.skipif(not TELLS_CLOSING, reason="inotify only")
@pytest.mark.parametrize("nothing_at_all", [True, False])
def test_at_the_limit_of_watched_folders_polling_takes_over(
    project: Project, monkeypatch: pytest.MonkeyPatch, nothing_at_all: bool
) -> None:
    from watchdog.observers import inotify_c

    (project.root / "a").mkdir()
    root, real = os.fsencode(project.root), inotify_c.inotify_add_watch

    def refuse(handle: int, path: bytes, mask: int) -> int:
        if nothing_at_all or path != root:
            ctypes.set_errno(errno.ENOSPC)
            return -1
        return real(handle, path, mask)

    monkeypatch.setattr(inotify_c, "inotify_add_watch", refuse)
    project.watcher.start()
    project.run_until(lambda: project.watcher.status.polling)
    assert "limit" in project.watcher.status.reason
    (project.root / "a" / "hero.desc.toml").write_text("blue")
    project.run_until(lambda: bool(project.told))
    assert project.told == [("a/hero.desc.toml", "added", "blue")]


PAUSED = """
    import sys
    from pathlib import Path
    from llamavis_studio.jobs.inbox import MainThreadInbox
    from llamavis_studio.watch.watcher import Watcher

    root, told = Path(sys.argv[1]), set()

    def on_change(changes):
        for change in changes:
            if (root / change.path).read_text() == "15":
                told.add(change.path)

    inbox = MainThreadInbox()
    watcher = Watcher(root, inbox, on_change)
    watcher.start()
    print("ready", flush=True)
    inbox.run_until(lambda: len(told) == 2000, 90)
    print(len(told), flush=True)
    watcher.close()
"""


@posix
def test_events_lost_in_an_overflow_are_made_good(tmp_path: Path) -> None:
    """A stopped watcher, 30,000 edits (more events than the kernel keeps), and all are found."""
    root = tmp_path / "game"
    root.mkdir()
    paths = [str(root / f"file{number}.desc.toml") for number in range(2000)]
    for path in paths:
        Path(path).write_text("00")
    watching = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PAUSED), str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        assert watching.stdout is not None
        assert watching.stdout.readline() == "ready\n"
        os.kill(watching.pid, signal.SIGSTOP)
        for turn in range(1, 16):
            for path in paths:
                # In place: some file systems write every truncated file to the disk at once.
                with open(path, "r+") as file:
                    file.write(f"{turn:02}")
        began = time.monotonic()
        os.kill(watching.pid, signal.SIGCONT)
        assert watching.stdout.readline() == "2000\n"
        assert time.monotonic() - began < 10
    finally:
        watching.kill()
        watching.communicate()
