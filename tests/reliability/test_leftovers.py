"""What the dead leave: temporaries go at the next start, half a line costs no line but itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from llamavis_studio.core.write import append_line, clean_temporaries

HOUR_S = 3600


@pytest.mark.parametrize(
    ("age_s", "goes"), [(0, False), (HOUR_S / 2, False), (2 * HOUR_S, True), (-2 * HOUR_S, True)]
)
def test_a_number_that_was_given_anew_keeps_no_leftover(
    tmp_path: Path, age_s: float, goes: bool
) -> None:
    living = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        leftover = tmp_path / f".hero.png.llamavis-tmp-{living.pid}"
        leftover.write_bytes(b"half")
        then = time.time() - age_s
        os.utime(leftover, (then, then))
        assert clean_temporaries(tmp_path) == ([leftover] if goes else [])
        assert leftover.exists() is not goes
    finally:
        living.communicate(b"\n")


def test_behind_half_a_line_the_next_one_is_whole(tmp_path: Path) -> None:
    journal = tmp_path / "log.jsonl"
    append_line(journal, b"one")
    journal.write_bytes(journal.read_bytes() + b"ha")
    append_line(journal, b"two")
    append_line(journal, b"three")
    assert journal.read_bytes().split(b"\n") == [b"one", b"ha", b"two", b"three", b""]
