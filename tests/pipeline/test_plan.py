"""Plans: every state, its reason, and that looking changes nothing."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.imaging.png import decode_image, encode_png
from llamavis_studio.pipeline import scan_cache
from llamavis_studio.pipeline.plan import make_plan
from llamavis_studio.pipeline.scan_cache import ScanCache
from tests.pipeline.conftest import INFO, Game

OUTPUTS = ["hero.png", "items/剑 🗡.png", "tiles/wall_0.png", "tiles/wall_1.png"]


def test_everything_is_missing_then_fresh(game: Game) -> None:
    assert game.states() == dict.fromkeys(OUTPUTS, "missing")
    assert game.reason("hero.png") == "never built"
    game.build()
    assert game.states() == dict.fromkeys(OUTPUTS, "fresh")
    assert game.plan().is_fresh
    game.image("hero.png").unlink()
    assert game.reason("hero.png") == "output is missing"


def test_one_word_makes_one_image_stale(game: Game) -> None:
    game.build()
    game.describe("hero", "blue dragon with bright wings")
    assert game.states() == {**dict.fromkeys(OUTPUTS, "fresh"), "hero.png": "stale"}
    assert game.reason("hero.png") == "word 1 of the description changed: 'red' -> 'blue'"
    assert [target.output for target in game.plan().to_build()] == ["hero.png"]


def test_spaces_and_comments_change_nothing(game: Game) -> None:
    game.build()
    game.write(
        "hero.desc.toml", '# note\ndescription = " red  dragon with\\tbright wings"\nseed = 1'
    )
    assert game.reason("hero.png").startswith("seed changed")
    game.write("hero.desc.toml", '# note\ndescription = " red  dragon with\\tbright wings"')
    assert game.states()["hero.png"] == "fresh"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("seed = 5", "seed changed"),
        ("size = [48, 48]", "size changed: 32x32 -> 48x48"),
        ('kind = "item"', "kind changed: sprite -> item"),
        ('negative = "frame"', "negative prompt changed"),
        ('palette = ["#ff0000", "#0000ff"]', "palette changed"),
        ('references = ["look.png"]', "reference images changed"),
    ],
)
def test_each_key_has_its_reason(game: Game, more: str, says: str) -> None:
    game.image("look.png").write_bytes(encode_png(np.zeros((2, 2, 3), np.uint8)))
    game.build()
    game.describe("hero", "red dragon with bright wings", more)
    assert says in game.reason("hero.png")


def test_a_palettes_colours_count_and_its_comments_do_not(game: Game) -> None:
    game.write("res/p.hex", "ff0000\n00ff00\n")
    game.describe("hero", "red dragon", 'palette = "res/p.hex"')
    game.build()
    game.write("res/p.hex", "; two colours\n#FF0000\n#00FF00\n")
    assert game.states()["hero.png"] == "fresh"
    game.write("res/p.hex", "ff0000\n00ff01\n")
    assert "palette changed" in game.reason("hero.png")
    assert game.states()["tiles/wall_0.png"] == "fresh"


def test_a_references_pixels_count_and_its_notes_do_not(game: Game) -> None:
    look = np.zeros((2, 2, 3), np.uint8)
    game.image("look.png").write_bytes(encode_png(look))
    game.describe("hero", "red dragon", 'references = ["look.png"]')
    game.build()
    game.image("look.png").write_bytes(encode_png(look, parameters="a note"))
    assert game.states()["hero.png"] == "fresh"
    game.image("look.png").write_bytes(encode_png(look + 1))
    assert game.reason("hero.png") == "reference images changed"


def test_a_new_model_revision_makes_all_stale(game: Game) -> None:
    game.build()
    game.info = replace(INFO, revision="def456")
    assert set(game.states().values()) == {"stale"}
    assert game.reason("hero.png") == "model revision changed"


def test_a_hand_edit_is_seen_also_when_the_words_changed(game: Game) -> None:
    game.build()
    path = game.image("hero.png")
    data = path.read_bytes()
    start = data.index(b"IDAT") - 4
    pixels = decode_image(path)
    pixels[9, 9] = (1, 2, 3, 255)
    painted = encode_png(pixels)
    # an editor that keeps the notes and changes the pixels
    path.write_bytes(data[:start] + painted[painted.index(b"IDAT") - 4 :])
    assert game.states()["hero.png"] == "edited"
    game.describe("hero", "blue dragon with bright wings")
    assert game.states()["hero.png"] == "edited"
    assert "'red' -> 'blue'" in game.reason("hero.png")


def test_an_editor_that_drops_the_notes_is_seen(game: Game) -> None:
    game.build()
    game.plan()
    path = game.image("hero.png")
    pixels = decode_image(path)
    path.write_bytes(encode_png(pixels))
    assert game.states()["hero.png"] == "unmanaged"
    assert "provenance" in game.reason("hero.png")
    pixels[9, 9] = (1, 2, 3, 255)
    path.write_bytes(encode_png(pixels))
    assert game.states()["hero.png"] == "edited"


def test_foreign_files_are_unmanaged(game: Game) -> None:
    game.image("hero.png").write_bytes(encode_png(np.zeros((2, 2, 3), np.uint8)))
    assert game.states()["hero.png"] == "unmanaged"
    game.image("hero.png").write_bytes(b"no picture")
    assert game.states()["hero.png"] == "unmanaged"
    assert "not a PNG" in game.reason("hero.png")
    game.image("hero.png").write_bytes(b"")
    assert game.states()["hero.png"] == "stale"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_at_the_outputs_place_is_unmanaged(game: Game, tmp_path: Path) -> None:
    (tmp_path / "outside.png").write_bytes(b"x")
    game.image("hero.png").symlink_to(tmp_path / "outside.png")
    assert game.states()["hero.png"] == "unmanaged"
    game.build()
    assert (tmp_path / "outside.png").read_bytes() == b"x"


def test_a_folder_at_the_outputs_place_fails_alone(game: Game) -> None:
    game.image("hero.png").mkdir()
    assert game.states()["hero.png"] == "failed"
    game.build()
    assert game.states() == {**dict.fromkeys(OUTPUTS, "fresh"), "hero.png": "failed"}


def test_locked_stays_locked(game: Game) -> None:
    game.describe("hero", "red dragon", "locked = true")
    assert game.states()["hero.png"] == "locked"
    assert "hero.png" not in [target.output for target in game.plan().to_build(force=True)]


def test_a_bad_description_leaves_the_others(game: Game) -> None:
    game.write("bad.desc.toml", 'description = "x"\nsize = [0, 5]\ncolour = 1\n')
    plan = game.plan()
    assert len(plan.targets) == 4
    assert {(problem.path, problem.line) for problem in plan.errors} == {
        ("bad.desc.toml", 2),
        ("bad.desc.toml", 3),
    }
    assert not plan.is_fresh


@pytest.mark.parametrize(
    ("more", "line", "says"),
    [
        ('backend = "toi"', 2, "no backend 'toi'"),
        ('palette = "none.hex"', 2, "does not exist"),
        ('palette = "bad.hex"', 2, "bad.hex: line 1"),
        ('references = ["bad.hex"]', 2, "bad.hex"),
        ('references = ["hero.png"]', 2, "its own input"),
        ('references = ["../x.png"]', 2, "leaves the project"),
        ('style = "noir"', 2, "no style 'noir'"),
    ],
)
def test_inputs_that_are_wrong_are_named(game: Game, more: str, line: int, says: str) -> None:
    game.write("bad.hex", "nothing\n")
    game.image("hero.png").write_bytes(encode_png(np.zeros((2, 2, 3), np.uint8)))
    game.describe("hero", "red dragon", more)
    [problem] = game.plan().errors
    assert (problem.path, problem.line) == ("hero.desc.toml", line)
    assert says in problem.message
    assert "hero.png" not in game.states()


def test_two_descriptions_for_one_output_name_each_other(game: Game) -> None:
    game.write("more.descs.toml", '[[asset]]\nname = "Hero"\ndescription = "knight"\n')
    problems = game.plan().errors
    assert [problem.path for problem in problems] == ["hero.desc.toml", "more.descs.toml"]
    assert "more.descs.toml:1" in problems[0].message
    assert "hero.desc.toml:1" in problems[1].message
    assert list(game.states()) == OUTPUTS[1:]


def test_a_plan_can_be_narrowed_to_paths(game: Game) -> None:
    def chosen(*names: str) -> list[str]:
        return [p.target.output for p in game.plan([game.root / n for n in names]).targets]

    assert chosen("tiles") == OUTPUTS[2:]
    assert chosen("hero.desc.toml", "tiles/wall_1.png") == [OUTPUTS[0], OUTPUTS[3]]
    assert chosen(".") == OUTPUTS
    with pytest.raises(ProjectError, match="not in this project"):
        chosen("..")


def test_planning_writes_nothing_but_its_memory(game: Game) -> None:
    game.plan()
    assert not (game.root / ".llamavis").exists()  # nothing learned, nothing kept
    game.build()
    before = game.stamps()
    game.plan()
    assert game.stamps() == before
    state = {path.name for path in (game.root / ".llamavis").iterdir()}
    assert {".gitignore", "scan.json"} <= state
    assert "failed.json" not in state
    assert (game.root / ".llamavis" / ".gitignore").read_text() == "*\n"


def old(path: Path, seconds: int) -> None:
    stamp = time.time_ns() - seconds * 1_000_000_000
    os.utime(path, ns=(stamp, stamp))


def test_a_known_image_is_not_read_again(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    game.build()
    for output in OUTPUTS:
        old(game.image(output), 60)
    game.plan()

    def refuse(path: Path) -> None:
        raise AssertionError(f"{path} was read again")

    monkeypatch.setattr(scan_cache, "_read_facts", refuse)
    assert set(game.states().values()) == {"fresh"}
    old(game.image("hero.png"), 50)
    with pytest.raises(AssertionError, match=r"hero\.png"):
        game.states()


def test_an_image_changed_within_the_clocks_grain_is_read_again(game: Game) -> None:
    game.build()
    project, path = game.project, game.image("hero.png")
    cache = ScanCache.open(project)
    make_plan(project, game.backend_info, cache)
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[data.index(b"IDAT") + 8] ^= 255  # same size, same inode
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    states = {
        p.target.output: p.state for p in make_plan(project, game.backend_info, cache).targets
    }
    assert states["hero.png"] == "unmanaged"


@pytest.mark.parametrize("junk", [b"", b"[]", b"{", b'{"version": 1}', b"\xff", b"[" * 100_000])
def test_a_broken_memory_is_forgotten(game: Game, junk: bytes) -> None:
    game.build()
    game.plan()
    for name in ("scan.json", "failed.json"):
        (game.root / ".llamavis" / name).write_bytes(junk)
    assert set(game.states().values()) == {"fresh"}


def test_the_estimate_comes_from_measured_speed(game: Game) -> None:
    assert game.plan().estimate_s is None
    cache = ScanCache.open(game.project)
    cache.note_speed("toy", 4, 2.0)
    cache.save(game.project)
    assert game.plan().estimate_s == pytest.approx(2.0)
    game.build()
    assert game.plan().estimate_s == 0.0
