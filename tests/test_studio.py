from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llamavis_studio.backends.base import ImageRequest, ImageResult, OnStep
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.backends.registry import TEST_BACKENDS_VARIABLE
from llamavis_studio.core import events
from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.errors import Cancelled, ProjectError, SettingsError
from llamavis_studio.imaging.png import PROVENANCE_KEY, decode_image, encode_png, read_text_chunks
from llamavis_studio.studio import Studio
from tests.support.games import changed, described, make_game, on_disk
from tests.support.instant_backend import ENVIRONMENT

WAIT_S = 20.0


@pytest.fixture(autouse=True)
def instant(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(TEST_BACKENDS_VARIABLE, ENVIRONMENT[TEST_BACKENDS_VARIABLE])
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_game(
        tmp_path / "game",
        {
            "hero.desc.toml": described("brave red knight"),
            "tiles/floor.desc.toml": described("grey stone", 'kind = "texture"\n'),
            "tiles/wall.desc.toml": described("brown brick", "count = 2\n"),
            "monsters.descs.csv": "name,description\nslime,green slime\nbat,black bat\n",
        },
    )


@contextlib.contextmanager
def opened(root: Path, host: object = None) -> Iterator[Studio]:
    own = InProcessHost() if host is None else host
    with Studio.open(root, host=own) as studio:  # type: ignore[arg-type]
        yield studio
    own.close()  # type: ignore[attr-defined]


def states(studio: Studio) -> dict[str, tuple[str, str]]:
    return {one.target.output: (one.state.value, one.reason) for one in studio.plan().targets}


def prompt_of(path: Path) -> str:
    return Provenance.from_json(read_text_chunks(path)[PROVENANCE_KEY]).prompt


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


class GateHost(InProcessHost):
    """Waits inside a step until the test opens the gate or cancels."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = threading.Event()
        self.gate = threading.Event()
        self.prompts: list[str] = []

    def generate(
        self, backend_name: str, requests: list[ImageRequest], on_step: OnStep
    ) -> list[ImageResult]:
        self.prompts += [request.prompt for request in requests]

        def step(progress: object) -> None:
            self.entered.set()
            while not self.gate.wait(0.01):
                on_step(progress)  # type: ignore[arg-type]
            on_step(progress)  # type: ignore[arg-type]

        return super().generate(backend_name, requests, step)


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


def test_what_is_not_made_yet_is_said(root):
    told: list[events.Event] = []
    more = '[animation]\nidle = { frames = 4 }\n[material]\nmaps = ["base_color", "normal"]\n'
    (root / "hero.desc.toml").write_text(described("knight", more))
    with opened(root) as studio:
        studio.subscribe(told.append)
        report = studio.build()
    assert report.failed == ()
    warnings = [event for event in told if isinstance(event, events.ProblemFound)]
    assert [(w.severity, w.line) for w in warnings] == [("warning", 2), ("warning", 4)]
    assert "idle" in warnings[0].message
    assert "normal" in warnings[1].message


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

Script = Callable[["Editor"], None]


class Editor:
    def __init__(self, studio: Studio) -> None:
        self.root = studio.root
        self._told: queue.Queue[events.Event] = queue.Queue()
        studio.subscribe(self._told.put)

    def wait_for(self, kind: type[events.Event]) -> events.Event:
        """The next event of a kind; those before it are forgotten."""
        deadline = time.monotonic() + WAIT_S
        while True:
            event = self._told.get(timeout=max(0.0, deadline - time.monotonic()))
            if isinstance(event, kind):
                return event

    def is_told_nothing_for(self, seconds: float) -> bool:
        time.sleep(seconds)
        return self._told.empty()


def watching(studio: Studio, script: Script) -> None:
    """Run `studio.watch` here and the script beside it; its failure is the test's."""
    editor, stop = Editor(studio), threading.Event()
    failures: list[BaseException] = []

    def play() -> None:
        try:
            script(editor)
        except BaseException as error:  # noqa: BLE001 - handed to the test's thread
            failures.append(error)
        finally:
            stop.set()

    thread = threading.Thread(target=play)
    thread.start()
    studio.watch(stop)
    thread.join()
    if failures:
        raise failures[0]


def test_a_saved_word_changes_its_image_while_watching_and_no_other(root):
    def script(editor: Editor) -> None:
        editor.wait_for(events.BuildFinished)
        before = on_disk(root)
        (root / "hero.desc.toml").write_text(described("brave blue knight"))
        built = editor.wait_for(events.AssetBuilt)
        assert built == events.AssetBuilt("hero.desc.toml", ("hero.png",))
        editor.wait_for(events.BuildFinished)
        assert editor.is_told_nothing_for(0.5)
        assert changed(before, on_disk(root)) == {"hero.desc.toml", "hero.png"}

    with opened(root) as studio:
        watching(studio, script)


def test_every_way_of_saving_is_noticed(root):
    path = root / "hero.desc.toml"

    def rename_over(text: str) -> None:
        draft = root / ".hero.swp"
        draft.write_text(text)
        os.replace(draft, path)

    def delete_and_create(text: str) -> None:
        path.unlink()
        path.write_text(text)

    def truncate_and_write(text: str) -> None:
        with path.open("w") as file:
            file.flush()
            file.write(text)

    def script(editor: Editor) -> None:
        editor.wait_for(events.BuildFinished)
        for number, save in enumerate((rename_over, delete_and_create, truncate_and_write)):
            save(described(f"knight number {number}"))
            editor.wait_for(events.AssetBuilt)
            assert prompt_of(root / "hero.png") == f"knight number {number}"

    with opened(root) as studio:
        watching(studio, script)


def test_a_broken_save_is_told_once_keeps_the_image_and_is_mended(root):
    def script(editor: Editor) -> None:
        editor.wait_for(events.BuildFinished)
        good = (root / "hero.png").read_bytes()
        (root / "hero.desc.toml").write_text('description = "half')
        problem = editor.wait_for(events.ProblemFound)
        assert problem.path == "hero.desc.toml"
        (root / "tiles" / "floor.desc.toml").write_text(described("white stone"))
        assert editor.wait_for(events.AssetBuilt).path == "tiles/floor.desc.toml"
        assert (root / "hero.png").read_bytes() == good
        (root / "hero.desc.toml").write_text(described("whole knight"))
        assert editor.wait_for(events.AssetBuilt).path == "hero.desc.toml"

    with opened(root) as studio:
        watching(studio, script)


def test_the_project_file_and_palettes_count_as_words(root):
    project = root / "llamavis.toml"
    text = project.read_text()

    def script(editor: Editor) -> None:
        editor.wait_for(events.BuildFinished)
        project.write_text(text + "[stile.x]\n")
        assert editor.wait_for(events.ProblemFound).path == "llamavis.toml"
        make_game(root, {"two.hex": "000000\nffffff\n"})
        project.write_text(
            text + '[[folder]]\npath = "*"\nstyle = "x"\n[style.x]\npalette = "two.hex"\n'
        )
        finished = editor.wait_for(events.BuildFinished)
        assert finished.built == 3
        make_game(root, {"two.hex": "ff0000\n0000ff\n"})
        assert editor.wait_for(events.BuildFinished).built == 3

    with opened(root) as studio:
        watching(studio, script)


def test_a_style_that_is_taught_again_is_noticed_while_watching(root):
    project = root / "llamavis.toml"
    rule = '[[folder]]\npath = "*"\nstyle = "x"\n[style.x]\nadapter = "x.safetensors"\n'

    def script(editor: Editor) -> None:
        editor.wait_for(events.BuildFinished)
        make_game(root, {"x.safetensors": "one", "llamavis.toml": project.read_text() + rule})
        assert editor.wait_for(events.BuildFinished).built == 3
        make_game(root, {"x.safetensors": "two", "llamavis.toml": project.read_text()})
        assert editor.wait_for(events.BuildFinished).built == 3

    with opened(root) as studio:
        watching(studio, script)


def test_a_moved_folder_and_a_storm_end_in_the_right_images(root):
    def script(editor: Editor) -> None:
        editor.wait_for(events.BuildFinished)
        (root / "tiles").rename(root / "ground")
        editor.wait_for(events.BuildFinished)
        assert prompt_of(root / "ground" / "floor.png") == "grey stone"
        for number in range(200):
            (root / "hero.desc.toml").write_text(described(f"knight {number}"))
        deadline = time.monotonic() + WAIT_S
        while prompt_of(root / "hero.png") != "knight 199":
            assert time.monotonic() < deadline
            time.sleep(0.05)

    with opened(root) as studio:
        watching(studio, script)


def test_words_changed_while_their_image_is_drawn_win(root):
    host = GateHost()

    def script(editor: Editor) -> None:
        assert host.entered.wait(WAIT_S)
        (root / "hero.desc.toml").write_text(described("late knight"))
        deadline = time.monotonic() + WAIT_S
        while len(host.prompts) < 6:  # the first batch was given up for the next one
            assert time.monotonic() < deadline
            time.sleep(0.02)
        host.gate.set()
        finished = editor.wait_for(events.BuildFinished)
        assert (finished.built, finished.failed) == (6, 0)
        assert prompt_of(root / "hero.png") == "late knight"

    with opened(root, host) as studio:
        watching(studio, script)
