"""R26, a short one: `python -m tests.benchmarks soak --minutes 480` is the long one."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from llamavis_studio import librarian
from tests.benchmarks.soak import work
from tests.reliability.column import NIGHT, column, patient, told

pytestmark = patient


def test_a_day_of_work_leaves_nothing_behind(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(librarian, "_TEXT_BACKEND", "instant")
    found = work(tmp_path, minutes=column(2, 480), edits=column(40, 50_000), on_look=lambda _: None)
    told("R26", **{name: value for name, value in found.items() if name != "met"})
    assert not found["raised"]
    assert found["edits"] >= 40
    assert found["met"]["files"] and found["met"]["threads"] and found["met"]["wal"]
    # Four rounds say little about memory, but a round that keeps its project would be seen.
    assert found["growth_percent"] < (5 if NIGHT else 40)
