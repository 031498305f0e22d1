"""R8: rare ways of saving, from the file to the image: a job for each final text, none for a part.

`tests/watch/test_real_files.py` holds the usual editors. Here the first half of each text is a
whole description of its own, which a look too early would publish.
"""

from __future__ import annotations

import mmap
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from llamavis_studio.core import events
from llamavis_studio.watch.observer import TELLS_CLOSING
from tests.reliability.column import column, patient, told
from tests.reliability.watched import CountingHost, shows, wait_until
from tests.support.games import make_game
from tests.support.studios import Editor, opened, watching

pytestmark = [
    patient,
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX ways of saving"),
    pytest.mark.skipif(not TELLS_CLOSING, reason="without close events halves look like saves"),
]

OLD_NS = 1_500_000_000_000_000_000


def halves(path: Path, text: str, pause_s: float) -> None:
    first, second = text.split("\n", 1)
    with path.open("w") as file:
        file.write(first + "\n")
        file.flush()
        os.fsync(file.fileno())
        time.sleep(pause_s)
        file.write(second)


def halves_5_ms(path: Path, text: str) -> None:
    halves(path, text, 0.005)


def halves_200_ms(path: Path, text: str) -> None:
    halves(path, text, 0.2)


def halves_2000_ms(path: Path, text: str) -> None:
    halves(path, text, 2.0)


def byte_by_byte(path: Path, text: str) -> None:
    with path.open("wb", buffering=0) as file:
        for byte in text.encode():
            file.write(bytes([byte]))


def gedit(path: Path, text: str) -> None:
    draft = path.with_name(".goutputstream-AB12CD")
    draft.write_text(text)
    shutil.copy2(path, path.with_name(path.name + "~"))
    os.replace(draft, path)


def copy_with_the_same_old_time(path: Path, text: str) -> None:
    source = path.parent.parent / f"{path.name}.source"
    source.write_text(text)
    os.utime(source, ns=(OLD_NS, OLD_NS))
    shutil.copy2(source, path)


def same_size_and_time_in_place(path: Path, text: str) -> None:
    status = path.stat()
    with path.open("r+") as file:
        file.write(text)
        file.truncate()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def memory_mapped_with_an_old_time(path: Path, text: str) -> None:
    with path.open("r+b") as file:
        file.truncate(len(text))
        with mmap.mmap(file.fileno(), len(text)) as memory:
            memory[:] = text.encode()
            memory.flush()
    os.utime(path, ns=(OLD_NS, OLD_NS))


def hard_link_renamed_over(path: Path, text: str) -> None:
    kept = path.parent.parent / f"{path.name}.{time.monotonic_ns()}.kept"
    kept.write_text(text)
    link = path.with_name(f".{path.name}.link")
    os.link(kept, link)
    os.replace(link, path)


def symbolic_link_swapped(path: Path, text: str) -> None:
    target = path.with_name(f".{path.name}.{time.monotonic_ns()}")
    target.write_text(text)
    link = path.with_name(f".{path.name}.link")
    link.symlink_to(target.name)
    os.replace(link, path)


def two_renames(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text)
    os.rename(path, path.with_name(path.name + ".orig"))
    os.rename(draft, path)


Pattern = Callable[[Path, str], None]
PATTERNS: tuple[Pattern, ...] = (
    halves_5_ms, halves_200_ms, byte_by_byte, gedit, copy_with_the_same_old_time,
    same_size_and_time_in_place, memory_mapped_with_an_old_time, hard_link_renamed_over,
    symbolic_link_swapped, two_renames,
)  # fmt: skip


def text_of(words: str) -> str:
    return f'description = "{words}"\nsize = [16, 16]\nnegative = "end"\n'


def test_one_job_for_each_final_text_and_none_for_a_part(tmp_path: Path) -> None:
    rounds = column(3, 200)
    patterns = (*PATTERNS, halves_2000_ms)
    names = {pattern: pattern.__name__ for pattern in patterns}
    root = make_game(
        tmp_path / "game",
        {f"{name}.desc.toml": text_of(f"{name} take 000") for name in names.values()},
    )
    host, expected = CountingHost(), {f"{name} take 000" for name in names.values()}

    def save_all(some: Sequence[Pattern], turn: int) -> None:
        words = {names[pattern]: f"{names[pattern]} take {turn:03}" for pattern in some}
        expected.update(words.values())
        for pattern in some:
            pattern(root / f"{names[pattern]}.desc.toml", text_of(words[names[pattern]]))
        wait_until(
            lambda: all(shows(root / f"{name}.png", text) for name, text in words.items()), words
        )

    def script(editor: Editor) -> None:
        editor.wait_for(events.BuildFinished)
        for turn in range(1, rounds + 1):
            save_all(PATTERNS[2:], turn)
            # Alone: see the next test.
            save_all(PATTERNS[:1], turn)
            save_all(PATTERNS[1:2], turn)
        save_all((halves_2000_ms,), 1)
        time.sleep(0.7)  # whatever would be drawn twice comes within the longest quiet

    with opened(root, host) as studio:
        watching(studio, script)
    parts = host.drawn.total() - host.negatives["end"]
    told(
        "R8",
        patterns=len(patterns),
        saves=len(PATTERNS) * rounds + 1,
        drawn=host.drawn.total() - len(patterns),
        from_a_part=parts,
    )
    assert dict(host.drawn) == dict.fromkeys(expected, 1)
    assert not parts


def test_a_half_is_not_drawn_because_another_file_was_saved(tmp_path: Path) -> None:
    texts = {f"{name}.desc.toml": text_of(f"{name} take 000") for name in ("slow", "quick")}
    root = make_game(tmp_path / "game", texts)
    host = CountingHost()

    def script(editor: Editor) -> None:
        editor.wait_for(events.BuildFinished)
        first, second = text_of("slow take 001").split("\n", 1)
        with (root / "slow.desc.toml").open("w") as file:
            file.write(first + "\n")
            file.flush()
            (root / "quick.desc.toml").write_text(text_of("quick take 001"))
            wait_until(lambda: shows(root / "quick.png", "quick take 001"))
            file.write(second)
        wait_until(lambda: shows(root / "slow.png", "slow take 001"))
        editor.wait_for(events.BuildFinished)

    with opened(root, host) as studio:
        watching(studio, script)
    assert host.drawn.total() == host.negatives["end"]
