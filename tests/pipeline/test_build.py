"""Builds: what is written, what is left alone, and that one failure stays alone."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from llamavis_studio.backends.base import BackendInfo, ImageRequest, ImageResult
from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.errors import BackendError, Cancelled, ModelMissing, OutOfMemory
from llamavis_studio.core.write import DISK
from llamavis_studio.imaging.palette import colours_of
from llamavis_studio.imaging.png import decode_image, encode_png, pixel_hash, read_text_chunks
from llamavis_studio.pipeline.build import build_batch, make_batches
from tests.pipeline.conftest import INFO, Game, draw

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and signals")


def results(outcomes: list) -> dict[str, str]:
    return {outcome.target.output: outcome.result.value for outcome in outcomes}


def test_a_built_image_says_where_it_comes_from(game: Game) -> None:
    game.build()
    path = game.image("items/剑 🗡.png")
    notes = read_text_chunks(path)
    provenance = Provenance.from_json(notes["llamavis"])
    target = next(p.target for p in game.plan().targets if p.target.output == "items/剑 🗡.png")
    assert provenance.build_key == target.build_key
    assert provenance.parts == target.parts
    assert provenance.prompt == "一把红色的剑"
    assert provenance.expanded_prompt == "expanded 一把红色的剑"
    assert provenance.pixel_hash == pixel_hash(decode_image(path))
    assert provenance.source == "items/剑 🗡.desc.toml"
    assert (provenance.model, provenance.revision, provenance.licence) == (
        "toy-model",
        "abc123",
        "MIT",
    )
    assert str(game.root) not in notes["llamavis"]
    assert f"Seed: {target.seed}, Size: 32x32, Model hash: abc123" in notes["parameters"]
    assert "trainedAlgorithmicMedia" in notes["XML:com.adobe.xmp"]


def test_finished_images_have_their_size_alpha_and_palette(game: Game) -> None:
    game.describe("hero", "red dragon", 'size = [48, 40]\npalette = ["#ff0000", "#00ff00"]')
    game.describe("sky", "night sky", 'kind = "background"')
    game.build()
    hero = decode_image(game.image("hero.png"))
    assert hero.shape == (40, 48, 4)
    assert set(np.unique(hero[..., 3])) == {0, 255}
    assert {tuple(colour) for colour in colours_of(hero)} <= {(255, 0, 0), (0, 255, 0)}
    assert decode_image(game.image("sky.png")).shape == (64, 96, 3)
    assert decode_image(game.image("tiles/wall_0.png")).shape == (32, 32, 3)
    with Image.open(game.image("hero.png")) as image:
        assert image.mode == "RGBA"


def test_a_second_build_writes_nothing_and_a_forced_one_too(game: Game) -> None:
    game.build()
    before = game.stamps()
    game.calls.clear()
    assert game.build() == []
    assert game.calls == []
    assert set(results(game.build(force=True)).values()) == {"unchanged"}
    assert game.stamps() == before


def test_one_word_rewrites_one_file(game: Game) -> None:
    game.build()
    before = game.stamps()
    game.describe("hero", "blue dragon with bright wings")
    assert results(game.build()) == {"hero.png": "built"}
    after = game.stamps()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"hero.desc.toml", "hero.png"}


def test_a_new_revision_with_the_same_pixels_renews_the_notes_only(game: Game) -> None:
    game.build()
    game.info = replace(INFO, revision="def456")
    assert set(results(game.build()).values()) == {"renoted"}
    assert game.plan().is_fresh


def test_variants_differ_and_have_following_seeds(game: Game) -> None:
    game.build()
    first, second = (decode_image(game.image(f"tiles/wall_{i}.png")) for i in (0, 1))
    assert not np.array_equal(first, second)
    seeds = [p.target.seed for p in game.plan().targets if p.target.name == "wall"]
    assert seeds[1] == (seeds[0] + 1) % 2**32


def test_a_hand_edit_survives_everything_but_force(game: Game) -> None:
    game.build()
    path = game.image("hero.png")
    note = read_text_chunks(path)["llamavis"]
    painted = encode_png(np.full((32, 32, 4), 7, np.uint8), provenance_json=note)
    path.write_bytes(painted)
    game.describe("hero", "blue dragon with bright wings")
    assert game.build() == []
    assert path.read_bytes() == painted
    outcomes = results(game.build(force=True))
    assert outcomes["hero.png"] == "built"
    assert path.read_bytes() != painted


def test_an_edit_made_while_the_model_draws_survives(game: Game) -> None:
    path = game.image("hero.png")
    painted = encode_png(np.full((32, 32, 4), 7, np.uint8))

    def slow_draw(requests: list[ImageRequest]) -> list[ImageResult]:
        path.write_bytes(painted)
        return draw(requests)

    outcomes = game.build(slow_draw)
    assert results(outcomes)["hero.png"] == "guarded"
    assert path.read_bytes() == painted
    assert sum(outcome.result == "built" for outcome in outcomes) == 3


def test_an_edit_made_after_the_plan_costs_no_generation(game: Game) -> None:
    targets = game.plan().to_build()
    game.image("hero.png").write_bytes(encode_png(np.zeros((1, 1, 3), np.uint8)))
    hero = [target for target in targets if target.output == "hero.png"]
    [outcome] = build_batch(hero, lambda _: pytest.fail("generated"), game.project)
    assert outcome.result == "guarded"
    assert "--force" in outcome.hint


def test_batches_hold_what_can_be_drawn_together(game: Game) -> None:
    game.describe("large", "castle", "size = [64, 64]")
    for i in range(9):
        game.describe(f"many/m{i}", f"mouse {i}")
    sizes = [
        ({t.kind for t in batch}, {t.size_px for t in batch}, len(batch))
        for batch in make_batches(game.plan().to_build())
    ]
    assert all(len(kinds) == len(px) == 1 and count <= 4 for kinds, px, count in sizes)
    assert sum(count for *_, count in sizes) == 14
    assert len(sizes) == 5  # 11 sprites in 3, the castle, the walls
    native = replace(INFO, native_size_px=(("sprite", (16, 16)),), max_batch=100)
    game.info = native
    assert len(make_batches(game.plan().to_build())) == 2
    assert max(len(batch) for batch in make_batches(game.plan().to_build(), most=3)) == 3


@pytest.mark.parametrize("error", [BackendError("it broke", "mend it"), OutOfMemory("too much")])
def test_one_bad_request_fails_alone(game: Game, error: BackendError) -> None:
    for i in range(3):
        game.describe(f"m{i}", f"mouse {i}")

    def picky(requests: list[ImageRequest]) -> list[ImageResult]:
        if any("dragon" in request.prompt for request in requests):
            raise error
        return draw(requests)

    outcomes = game.build(picky)
    failed = [outcome for outcome in outcomes if outcome.result == "failed"]
    assert [outcome.target.output for outcome in failed] == ["hero.png"]
    assert failed[0].message == error.message
    assert len(outcomes) == 7
    assert game.states()["hero.png"] == "failed"
    assert game.reason("hero.png") == error.message
    game.describe("hero", "red lizard")
    assert game.states()["hero.png"] == "missing"
    game.build(picky)
    assert game.plan().is_fresh
    assert json.loads((game.root / ".llamavis/failed.json").read_bytes()) == {}


def test_too_large_a_batch_is_halved(game: Game) -> None:
    game.info = replace(INFO, max_batch=16)
    for i in range(7):
        game.describe(f"m{i}", f"mouse {i}")
    seen: list[int] = []

    def small_memory(requests: list[ImageRequest]) -> list[ImageResult]:
        seen.append(len(requests))
        if len(requests) > 3:
            raise OutOfMemory("not enough memory")
        return draw(requests)

    assert set(results(game.build(small_memory)).values()) == {"built"}
    assert max(seen) == 9
    assert game.plan().is_fresh


def test_a_missing_model_is_asked_once(game: Game) -> None:
    def missing(_requests: list[ImageRequest]) -> list[ImageResult]:
        raise ModelMissing("the model is not here", "llamavis models fetch")

    outcomes = game.build(missing)
    assert {outcome.hint for outcome in outcomes} == {"llamavis models fetch"}
    assert len(game.calls) == 2  # sprites, textures


def test_a_backend_that_miscounts_fails_clearly(game: Game) -> None:
    outcomes = game.build(lambda requests: [])
    assert {outcome.result.value for outcome in outcomes} == {"failed"}
    assert "0 images for 1 requests" in outcomes[0].message


def test_a_broken_picture_fails_alone(game: Game) -> None:
    def broken(requests: list[ImageRequest]) -> list[ImageResult]:
        made = draw(requests)
        return [
            replace(result, pixels=result.pixels[:0]) if "dragon" in request.prompt else result
            for request, result in zip(requests, made, strict=True)
        ]

    outcomes = results(game.build(broken))
    assert outcomes.pop("hero.png") == "failed"
    assert set(outcomes.values()) == {"built"}


@pytest.mark.parametrize("step", ["open", "write", "fsync", "replace"])
def test_a_full_disk_fails_clearly_and_keeps_the_old_images(game: Game, step: str) -> None:
    game.build()
    before = game.image("hero.png").read_bytes()
    game.describe("hero", "blue dragon with bright wings")

    def full(*_arguments: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    [outcome] = game.build(disk=replace(DISK, **{step: full}))
    assert outcome.result == "failed"
    assert outcome.message == "the disk is full: hero.png was not written"
    assert game.image("hero.png").read_bytes() == before
    assert not list(game.root.rglob("*llamavis-tmp*"))
    assert results(game.build()) == {"hero.png": "built"}


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_fails_before_the_model_is_asked(game: Game) -> None:
    (game.root / "tiles").chmod(0o555)
    try:
        outcomes = results(game.build())
    finally:
        (game.root / "tiles").chmod(0o755)
    assert outcomes["tiles/wall_0.png"] == "failed"
    assert outcomes["hero.png"] == "built"
    assert game.calls == [2]


def test_a_folder_the_system_protects_fails_before_the_model_is_asked(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path).name != "tiles")
    outcomes = {outcome.target.output: outcome for outcome in game.build()}
    assert outcomes["tiles/wall_0.png"].message == "wall_0.png may not be written"
    assert str(game.root / "tiles") in outcomes["tiles/wall_0.png"].hint
    assert outcomes["hero.png"].result == "built"
    assert game.calls == [2]


def test_a_folder_in_the_way_is_told_before_the_model_is_asked(game: Game) -> None:
    game.image("hero.png").mkdir()
    outcomes = {o.target.output: o for o in game.build()}
    assert outcomes["hero.png"].message == "a folder stands where the image should be"
    assert "rename or remove" in outcomes["hero.png"].hint
    assert sorted(game.calls) == [1, 2]


def test_cancel_keeps_what_was_written(game: Game) -> None:
    checks = 0

    def cancel_at_second() -> None:
        nonlocal checks
        checks += 1
        if checks == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        game.build(check_cancel=cancel_at_second)
    assert sorted(game.states().values()) == ["fresh", "missing", "missing", "missing"]
    assert not list(game.root.rglob("*llamavis-tmp*"))


def test_references_reach_the_backend(game: Game) -> None:
    look = np.full((3, 5, 3), 9, np.uint8)
    game.image("look.png").write_bytes(encode_png(look))
    game.describe("hero", "red dragon", 'references = ["look.png"]')
    seen: list[ImageRequest] = []

    def watch(requests: list[ImageRequest]) -> list[ImageResult]:
        seen.extend(requests)
        return draw(requests)

    game.build(watch)
    [request] = [request for request in seen if request.prompt == "red dragon"]
    assert np.array_equal(request.references[0], look)


@pytest.mark.parametrize("name", ["look.jpg", "look.webp", "look.gif"])
def test_a_reference_may_be_any_picture_that_can_be_read(game: Game, name: str) -> None:
    Image.fromarray(np.full((8, 8, 3), 200, np.uint8)).save(game.root / name)
    game.describe("hero", "red dragon", f'references = ["{name}"]')
    game.build()
    assert game.states()["hero.png"] == "fresh"
    Image.fromarray(np.full((8, 8, 3), 20, np.uint8)).save(game.root / name)
    assert game.reason("hero.png") == "reference images changed"


def test_the_same_project_elsewhere_gives_the_same_bytes(game: Game, tmp_path: Path) -> None:
    twin = Game(tmp_path / "deeper" / "twin")
    for name in ("llamavis.toml", "hero.desc.toml", "tiles/wall.desc.toml"):
        twin.write(name, (game.root / name).read_text(encoding="utf-8"))
    game.build()
    twin.build()
    for name in ("hero.png", "tiles/wall_0.png", "tiles/wall_1.png"):
        assert game.image(name).read_bytes() == twin.image(name).read_bytes()


KILLED = """
import sys
from pathlib import Path
from tests.pipeline.conftest import Game
from llamavis_studio.core.write import clean_temporaries
game = Game(Path(sys.argv[1]))
clean_temporaries(game.root)
game.plan()
print("ready", flush=True)
game.build()
print("done", flush=True)
"""


@posix
def test_a_build_killed_at_any_moment_can_be_finished(game: Game) -> None:
    for i in range(60):
        game.describe(f"many/m{i}", f"mouse {i}", "size = [128, 128]")
    rng = random.Random(3)

    def run(kill_after_s: float | None) -> bytes:
        command = [sys.executable, "-c", KILLED, str(game.root)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            if kill_after_s is not None:
                time.sleep(kill_after_s)
                child.send_signal(signal.SIGKILL)
            return child.stdout.read()

    interrupted = 0
    for _ in range(4):
        interrupted += run(rng.uniform(0.02, 0.15)) == b""
        for path in game.root.rglob("*.png"):
            decode_image(path)
    assert interrupted
    assert run(None) == b"done\n"
    assert game.plan().is_fresh
    assert not list(game.root.rglob("*llamavis-tmp*"))


def test_a_backend_without_images_is_refused(game: Game) -> None:
    game.info = BackendInfo("toy", "reader", "1", "MIT", can_generate=False)
    plan = game.plan()
    assert plan.targets == ()
    assert "makes no images" in plan.errors[0].message
