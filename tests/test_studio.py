from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core import events
from llamavis_studio.core.errors import Cancelled, ProjectError, SettingsError
from llamavis_studio.imaging.png import PROVENANCE_KEY, decode_image, encode_png, read_text_chunks
from llamavis_studio.studio import Studio
from tests.support.games import changed, described, make_game, on_disk
from tests.support.studios import WAIT_S, GateHost, opened, prompt_of, small_game, states

pytestmark = pytest.mark.usefixtures("instant_backend")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_game(tmp_path / "game")


def test_a_build_makes_every_image_and_a_second_one_writes_nothing(root):
    with opened(root) as studio:
        report = studio.build()
        assert sorted(report.built) == [
            "bat.png", "hero.png", "slime.png", "tiles/floor.png",
            "tiles/wall_0.png", "tiles/wall_1.png",
        ]  # fmt: skip
        before = on_disk(root)
        again = studio.build()
    assert (again.built, len(again.fresh), again.failed) == ((), 6, ())
    assert changed(before, on_disk(root)) == set()


def test_one_word_changes_exactly_one_image_and_the_plan_says_which_word(root):
    with opened(root) as studio:
        studio.build()
        before = on_disk(root)
        (root / "hero.desc.toml").write_text(described("brave blue knight"))
        state, reason = states(studio)["hero.png"]
        assert state == "stale"
        assert reason == "word 2 of the description changed: 'red' -> 'blue'"
        assert studio.build().built == ("hero.png",)
    assert changed(before, on_disk(root)) == {"hero.desc.toml", "hero.png"}
    assert prompt_of(root / "hero.png") == "brave blue knight"


def test_a_broken_description_is_told_the_others_are_built_and_its_last_image_stays(root):
    told: list[events.Event] = []
    with opened(root) as studio:
        studio.build()
        good = (root / "hero.png").read_bytes()
        (root / "hero.desc.toml").write_text('description = "x"\nsise = [1, 2]\n')
        (root / "tiles" / "floor.desc.toml").write_text(described("new stone"))
        studio.subscribe(told.append)
        report = studio.build()
    assert report.built == ("tiles/floor.png",)
    (failed,) = report.failed
    assert (failed.path, failed.line) == ("hero.desc.toml", 2)
    assert "did you mean 'size'" in failed.hint
    assert (root / "hero.png").read_bytes() == good
    problems = [event for event in told if isinstance(event, events.ProblemFound)]
    assert [(p.path, p.line, p.column) for p in problems] == [("hero.desc.toml", 2, 1)]


def test_what_the_backend_cannot_draw_fails_alone_and_is_tried_again(root):
    (root / "hero.desc.toml").write_text(described("FAIL knight"))
    with opened(root) as studio:
        report = studio.build()
        assert len(report.built) == 5
        assert [(one.path, one.line) for one in report.failed] == [("hero.desc.toml", 1)]
        assert states(studio)["hero.png"][0] == "failed"
        (root / "hero.desc.toml").write_text(described("brave knight"))
        assert studio.build().built == ("hero.png",)


def test_work_done_by_hand_is_kept_until_forced_and_locked_work_for_ever(root):
    with opened(root) as studio:
        studio.build()
        hero, floor = root / "hero.png", root / "tiles" / "floor.png"
        for path in (hero, floor):
            pixels = decode_image(path).copy()
            pixels[16, 16, :3] ^= 255
            path.write_bytes(encode_png(pixels, provenance_json=read_text_chunks(path)[
                PROVENANCE_KEY]))  # fmt: skip
        (root / "tiles" / "floor.desc.toml").write_text(
            described("other stone", 'kind = "texture"\nlocked = true\n')
        )
        (root / "hero.desc.toml").write_text(described("other knight"))
        by_hand = floor.read_bytes()
        report = studio.build()
        assert report.built == ()
        assert [output for output, _ in report.edited] == ["hero.png"]
        assert report.locked == ("tiles/floor.png",)
        forced = studio.build(force=True)
    assert "hero.png" in forced.built
    assert prompt_of(hero) == "other knight"
    assert floor.read_bytes() == by_hand


def test_two_descriptions_of_one_output_are_both_named_and_neither_is_built(root):
    make_game(root, {"slime.desc.toml": described("red slime")})
    with opened(root) as studio:
        report = studio.build()
    named = sorted((one.path, one.line) for one in report.failed)
    assert named == [("monsters.descs.csv", 2), ("slime.desc.toml", 1)]
    assert not (root / "slime.png").exists()
    assert len(report.built) == 5


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('palette = "../../secret.hex"', "leaves the project"),
        ('palette = "/etc/passwd"', "not a path inside"),
        ('references = ["link.png"]', "link that leaves"),
        ('palette = "none.hex"', "does not exist"),
        ('style = "dungon"', "no style 'dungon'"),
        ('backend = "instnt"', "no backend named 'instnt'"),
        ("size = [100000, 8]", "not 100000"),
    ],
)
def test_a_description_that_asks_for_what_it_may_not_fails_alone_with_its_line(root, more, words):
    outside = root.parent / "outside.png"
    outside.write_bytes(b"x")
    os.symlink(outside, root / "link.png")
    (root / "hero.desc.toml").write_text(described("knight", more))
    with opened(root) as studio:
        report = studio.build()
    assert len(report.built) == 5
    (failed,) = report.failed
    assert words in failed.message
    assert (failed.path, failed.line) == ("hero.desc.toml", 2)


def test_odd_places_fail_alone(root):
    (root / "hero.png").mkdir()
    os.mkfifo(root / "pipe.desc.toml")
    (root / "latin.desc.toml").write_bytes(b'description = "caf\xe9"')
    make_game(root, {"龙.desc.toml": described("一条龙"), "🐉.desc.toml": described("dragon")})
    with opened(root) as studio:
        report = studio.build()
    assert {"龙.png", "🐉.png"} < set(report.built)
    assert len(report.built) == 7
    assert sorted(one.path for one in report.failed) == [
        "hero.desc.toml", "latin.desc.toml", "pipe.desc.toml",
    ]  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do anything")
def test_files_without_permission_fail_alone(root):
    (root / "hero.desc.toml").chmod(0)
    (root / "tiles").chmod(0o555)
    try:
        with opened(root) as studio:
            report = studio.build()
    finally:
        (root / "tiles").chmod(0o755)
    assert sorted(report.built) == ["bat.png", "slime.png"]
    assert len(report.failed) == 4


def test_a_part_of_the_project_can_be_built(root):
    with opened(root) as studio:
        assert studio.build([root / "tiles"]).built == (
            "tiles/floor.png", "tiles/wall_0.png", "tiles/wall_1.png",
        )  # fmt: skip
        assert studio.build([root / "hero.png"]).built == ("hero.png",)
        with pytest.raises(ProjectError, match="not in this project"):
            studio.build([root.parent])


def test_a_build_is_told_as_events_from_plan_to_end(root):
    told: list[events.Event] = []
    with opened(root) as studio:
        studio.subscribe(told.append)
        studio.build()
    kinds = [type(event).__name__ for event in told]
    assert kinds[:2] == ["PlanReady", "BuildStarted"]
    assert kinds[-1] == "BuildFinished"
    assert kinds.count("AssetBuilt") == 6
    steps = [event for event in told if isinstance(event, events.StepDone)]
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].eta_s is not None
    finished = told[-1]
    assert isinstance(finished, events.BuildFinished)
    assert (finished.built, finished.failed, finished.cancelled) == (6, 0, False)


def test_cancel_ends_a_build_at_the_next_step_and_the_next_build_completes(root):
    host = GateHost()
    with opened(root, host) as studio:
        canceller = threading.Thread(target=lambda: (host.entered.wait(WAIT_S), studio.cancel()))
        canceller.start()
        started = time.monotonic()
        with pytest.raises(Cancelled):
            studio.build()
        assert time.monotonic() - started < WAIT_S / 2
        canceller.join()
        assert not list(root.rglob("*.png"))
        host.gate.set()
        assert len(studio.build().built) == 6


def test_temporaries_of_killed_runs_are_removed(root):
    dead = 2**22 + 1  # above the largest process id
    (root / f".hero.png.llamavis-tmp-{dead}").write_bytes(b"half")
    with opened(root) as studio:
        studio.build()
    assert not [path for path in root.rglob("*") if "llamavis-tmp" in path.name]


def test_the_contact_sheet_shows_every_image(root, tmp_path):
    sheet = tmp_path / "sheet.png"
    with opened(root) as studio:
        with pytest.raises(ProjectError, match="no images yet"):
            studio.contact_sheet(sheet)
        studio.build()
        names = studio.contact_sheet(sheet, columns=3)
        with pytest.raises(ProjectError, match="PNG"):
            studio.contact_sheet(tmp_path / "sheet.jpg")
    assert sorted(names) == ["bat", "floor", "hero", "slime", "wall_0", "wall_1"]
    assert decode_image(sheet).shape[1] > 3 * 32


def test_settings_are_layered(root, tmp_path):
    (root / "llamavis.toml").write_text("[settings]\nbatch_size = 3\ndebounce_s = 0.1\n")
    config = Path(os.environ["XDG_CONFIG_HOME"]) / "llamavis"
    config.mkdir(parents=True)
    (config / "settings.toml").write_text("batch_size = 2\nthreads = 1\n")
    host = InProcessHost()
    with Studio.open(root, host=host, settings={"debounce_s": 0.2}) as studio:
        chosen = studio.settings
    assert (chosen.batch_size, chosen.threads, chosen.debounce_s) == (3, 1, 0.2)
    with pytest.raises(SettingsError, match="unknown key"):
        Studio.open(root, host=host, settings={"treads": 1})
    host.close()


def test_a_crash_of_the_model_process_costs_one_image(root):
    (root / "hero.desc.toml").write_text(described("CRASH knight"))
    with Studio.open(root) as studio:
        report = studio.build()
    assert len(report.built) == 5
    (failed,) = report.failed
    assert failed.path == "hero.desc.toml"


# --- watching: the test's own thread plays the editor -------------------------------------------


WALKS = "[animation]\nidle = { frames = 2 }\n"


def test_a_build_makes_an_image_and_then_what_is_made_of_it(root):
    (root / "hero.desc.toml").write_text(
        described("knight", "[animation]\nidle = { frames = 2 }\n")
    )
    with opened(root) as studio:
        report = studio.build()
        assert {"hero.png", "hero_sheet.png"} <= set(report.built)
        assert states(studio)["hero_sheet.png"][0] == "fresh"
        assert studio.build().built == ()
        (root / "hero_sheet.png").unlink()
        assert studio.build([root / "hero.desc.toml"]).built == ("hero_sheet.png",)
        forced = studio.build(force=True)
        assert "hero_sheet.png" in (*forced.built, *forced.fresh)


def test_an_older_image_can_be_put_back(root):
    path = root / "hero.png"
    with opened(root) as studio:
        studio.build()
        first = decode_image(path)
        (root / "hero.desc.toml").write_text(described("tiny blue slime"))
        studio.build()
        older = studio.restore(path)
        assert older.prompt == "brave red knight"
        assert (decode_image(path) == first).all()
        assert states(studio)["hero.png"][0] == "fresh"
        with pytest.raises(ProjectError, match="no older version"):
            studio.restore(root / "tiles" / "floor.png")
        with pytest.raises(ProjectError, match="not one image"):
            studio.restore(root / "tiles")
