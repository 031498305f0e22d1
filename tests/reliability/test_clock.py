"""R19: clocks that are wrong, jump or stand still; nothing is missed, nothing is built twice."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from llamavis_studio.core import events
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.studio import Studio
from tests.reliability.column import told
from tests.reliability.watched import CountingHost, shows, wait_until
from tests.support.games import described, make_game
from tests.support.studios import Editor, opened, watching

DAY_S = 86_400
YEAR_S = 365 * DAY_S
SHIFTS_S = {
    "day-back": -DAY_S, "day-on": DAY_S, "ten-years-back": -10 * YEAR_S,
    "ten-years-on": 10 * YEAR_S, "hour-of-summer": 3600, "all-equal": 0,
}  # fmt: skip
EQUAL_NS = 1_700_000_000_000_000_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    texts = {f"thing{i}.desc.toml": described(f"thing number {i}") for i in range(4)}
    texts["walker.desc.toml"] = described("a walker", "[animation]\nidle = { frames = 2 }\n")
    return make_game(tmp_path / "game", texts)


@pytest.fixture(params=SHIFTS_S)
def wrong_clock(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """What every part of the studio that asks for the time is told from now on."""
    shift_s = SHIFTS_S[request.param]
    real, real_ns = time.time, time.time_ns

    def wrong() -> None:
        monkeypatch.setattr(time, "time", lambda: real() + shift_s)
        wrong_ns = lambda: real_ns() + shift_s * 10**9  # noqa: E731
        monkeypatch.setattr(time, "time_ns", wrong_ns)
        monkeypatch.setattr(ScanCache.__init__, "__defaults__", (wrong_ns,))

    return wrong


def date_all(root: Path, shift_s: int) -> None:
    """Give every input and image a time that much off; with no shift, all the same one."""
    now = time.time_ns() + shift_s * 10**9 if shift_s else EQUAL_NS
    for path in root.glob("*.*"):
        if path.is_file():
            os.utime(path, ns=(now, now))


def built(studio: Studio) -> tuple[str, ...]:
    return tuple(sorted(studio.build().built))


@pytest.mark.parametrize("shift", SHIFTS_S)
def test_files_dated_anyhow_are_neither_missed_nor_built_again(root: Path, shift: str) -> None:
    shift_s = SHIFTS_S[shift]
    with opened(root) as studio:
        assert len(built(studio)) == 6
        for _ in range(2):
            date_all(root, shift_s)
            assert built(studio) == ()
        status = (root / "thing1.desc.toml").stat()
        (root / "thing1.desc.toml").write_text(described("thing number 9"))  # of the same size
        os.utime(root / "thing1.desc.toml", ns=(status.st_atime_ns, status.st_mtime_ns))
        assert built(studio) == ("thing1.png",)
        (root / "walker.png").unlink()
        assert built(studio) == ("walker.png",)
        assert built(studio) == ()
    with opened(root) as studio:  # and by a start that only has its notes
        date_all(root, shift_s)
        assert built(studio) == ()
    told(f"R19 dates {shift}", builds=7, missed=0, repeated=0)


def test_the_clock_steps_during_a_build(root: Path, wrong_clock: Callable[[], None]) -> None:
    with opened(root) as studio:
        steps = []

        def step(event: events.Event) -> None:
            if isinstance(event, events.AssetBuilt) and not steps:
                steps.append(event)
                wrong_clock()

        studio.subscribe(step)
        assert len(built(studio)) == 6
        assert steps
        assert built(studio) == ()
        (root / "thing2.desc.toml").write_text(described("thing of another sort"))
        assert built(studio) == ("thing2.png",)
        (root / "thing3.png").unlink()
        assert built(studio) == ("thing3.png",)
        assert built(studio) == ()
    with opened(root) as studio:
        assert built(studio) == ()


def test_the_clock_steps_while_watching(root: Path, wrong_clock: Callable[[], None]) -> None:
    host = CountingHost()

    def script(editor: Editor) -> None:
        editor.wait_for(events.BuildFinished)
        wrong_clock()
        for turn in range(3):
            path = root / "thing0.desc.toml"
            before = path.stat()
            path.write_text(described(f"thing turned {turn}"))
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
            wait_until(lambda: shows(root / "thing0.png", f"thing turned {turn}"))  # noqa: B023
            editor.wait_for(events.BuildFinished)
        assert editor.is_told_nothing_for(0.4)

    with opened(root, host) as studio:
        watching(studio, script)
    assert host.drawn.total() == 5 + 3
    assert max(host.drawn.values()) == 1


def test_an_image_changed_in_place_under_its_old_size_and_time(root: Path) -> None:
    """Size, time and inode are those of before; a program that copies times does this."""
    pixels = np.full((16, 16, 3), 90, np.uint8)
    reference = root / "look.png"

    def save() -> None:
        Image.fromarray(pixels).save(root.parent / "draft.png", compress_level=0)
        data = (root.parent / "draft.png").read_bytes()
        with reference.open("r+b" if reference.exists() else "wb") as file:
            file.write(data)
        os.utime(reference, ns=(EQUAL_NS, EQUAL_NS))

    save()
    more = 'references = ["look.png"]\n'
    (root / "thing0.desc.toml").write_text(described("thing number 0", more))
    with opened(root) as studio:
        assert len(built(studio)) == 6
        assert built(studio) == ()
        before = reference.stat()
        pixels[3, 3] = (1, 2, 3)
        save()
        after = reference.stat()
        assert (before.st_size, before.st_mtime_ns, before.st_ino) == (
            after.st_size, after.st_mtime_ns, after.st_ino,
        )  # fmt: skip
        assert built(studio) == ("thing0.png",)
