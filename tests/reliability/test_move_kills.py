"""R1 for moves: killed before every call of the disk, the project is as before or as after."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.library.conftest import picture
from tests.reliability.column import NIGHT, column, patient, told
from tests.reliability.conftest import child_environment
from tests.support.games import described, make_game, on_disk
from tests.support.studios import opened, states

pytestmark = [patient, pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")]

SOURCES = ["hero.png", "items/many.descs.toml", "photo.png"]
FILES = {
    "hero.desc.toml": described("brave red knight", "[animation]\nwalk = { frames = 2 }\n"),
    "hero.txt": "knight, red\n",
    "lady.desc.toml": described("a lady", 'references = ["photo.png"]\n'),
    "items/many.descs.toml": '[[asset]]\nname = "red"\ndescription = "red potion"\n\n'
    '[[asset]]\nname = "blue"\ndescription = "blue potion"\n',
    "project.godot": "config_version=5\n",
    "level.tscn": '[gd_scene format=3]\n\n[ext_resource type="Texture2D" '
    'path="res://hero.png" id="1"]\n',
}


def files(root: Path) -> dict[str, bytes]:
    """What a project holds, but for what a kill leaves of files that were being written."""
    return {name: data for name, (_, data) in on_disk(root).items() if ".llamavis-tmp-" not in name}


def test_killed_before_every_call_of_the_disk(tmp_path: Path) -> None:
    game = make_game(tmp_path / "game", FILES)
    (game / "photo.png").write_bytes(picture(4))
    with opened(game) as studio:
        studio.build()
        studio.library.update()
        assert {state for state, _ in states(studio).values()} == {"fresh"}
    before = files(game)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.movers"],
        cwd=tmp_path,
        env=child_environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None

    def moved(root: Path, at: int) -> tuple[int, str]:
        shutil.copytree(game, root)
        order = {"root": str(root), "at": at, "sources": SOURCES}
        print(json.dumps(order), file=process.stdin, flush=True)
        ended, answer = json.loads(process.stdout.readline())  # type: ignore[union-attr]
        return ended, answer

    try:
        ended, answer = moved(tmp_path / "census", 0)
        assert ended == 0
        calls, after = int(answer), files(tmp_path / "census")
        assert "new/place/hero.png" in after and "hero.png" not in after
        chosen = range(1, calls + 1)
        kills = list(chosen) if NIGHT else sorted(random.Random(5).sample(chosen, column(45, 0)))
        found: Counter[str] = Counter()
        for at in kills:
            root = tmp_path / f"killed{at}"
            assert moved(root, at)[0] == -signal.SIGKILL
            found[_checked(root, before, after)] += 1
            shutil.rmtree(root)
    finally:
        process.communicate("")
    told("R1 moves", kills=len(kills), calls=calls, lost=0, **found)
    assert found["old"] and found["new"]


def _checked(root: Path, before: dict[str, bytes], after: dict[str, bytes]) -> str:
    """Which of the two states a project is in once it is opened again; all is fresh in both."""
    with opened(root) as studio:
        now = files(root)
        assert now in (before, after), sorted(now.keys() ^ after.keys())
        state = "old" if now == before else "new"
        assert {one for one, _ in states(studio).values()} == {"fresh"}
        assert not studio.build().built
        library = studio.library.library
        row = library.find(root / ("hero.png" if state == "old" else "new/place/hero.png"))
        library.update()
        assert [one.missing for one in library.items([row])] == [False]
        assert not (root / ".llamavis/moving/change.json").exists()
    return state
