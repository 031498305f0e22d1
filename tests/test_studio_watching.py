"""A watching studio: every save is noticed, once, and nothing is built from half a text."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core import events
from llamavis_studio.imaging.png import (
    PROVENANCE_KEY,
    decode_image,
    encode_png,
    read_text_chunks,
)
from llamavis_studio.pipeline import build
from llamavis_studio.pipeline.plan import make_plan
from tests.support.games import changed, described, make_game, on_disk
from tests.support.studios import WAIT_S, Editor, GateHost, opened, prompt_of, small_game, watching

pytestmark = pytest.mark.usefixtures("instant_backend")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_game(tmp_path / "game")


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


def test_what_goes_away_while_it_is_planned_is_not_drawn(root, monkeypatch):
    """Another studio moves it: its description goes first, then its image."""
    hero, image = root / "hero.desc.toml", root / "hero.png"

    def planned(*args):
        image.unlink(missing_ok=True)
        plan = make_plan(*args)
        hero.unlink(missing_ok=True)
        return plan

    def script(editor: Editor) -> None:
        editor.wait_for(events.BuildFinished)
        with monkeypatch.context() as during:
            during.setattr("llamavis_studio.studio.make_plan", planned)
            (root / "tiles/floor.desc.toml").write_text(described("red stone"))
            started = editor.wait_for(events.BuildStarted)
            assert isinstance(started, events.BuildStarted) and started.total == 1
            built = editor.wait_for(events.AssetBuilt)
            assert built == events.AssetBuilt("tiles/floor.desc.toml", ("tiles/floor.png",))
            editor.wait_for(events.BuildFinished)
        assert not hero.exists() and not image.exists()

    with opened(root) as studio:
        watching(studio, script)


def test_a_batch_goes_on_when_another_file_is_saved_though_some_of_it_is_done(root, monkeypatch):
    drawn: Counter[str] = Counter()
    first_is_written, go_on = threading.Event(), threading.Event()
    write = build._write

    class CountingHost(InProcessHost):
        def generate(self, backend_name, requests, on_step):
            drawn.update(request.prompt for request in requests)
            return super().generate(backend_name, requests, on_step)

    def write_slowly(*args):
        outcome = write(*args)
        first_is_written.set()
        assert go_on.wait(WAIT_S)
        return outcome

    def script(editor: Editor) -> None:
        editor.wait_for(events.BuildFinished)
        drawn.clear()
        monkeypatch.setattr(build, "_write", write_slowly)
        (root / "monsters.descs.csv").write_text("name,description\nslime,red slime\nbat,red bat\n")
        assert first_is_written.wait(WAIT_S)
        (root / "hero.desc.toml").write_text(described("brave blue knight"))
        assert editor.wait_for(events.PlanReady)
        assert editor.wait_for(events.PlanReady)  # the one for the knight
        go_on.set()
        editor.wait_for(events.BuildFinished)
        assert set(drawn) == {"red slime", "red bat", "brave blue knight"}
        assert set(drawn.values()) == {1}

    host = CountingHost()
    with opened(root, host) as studio:
        watching(studio, script)
    host.close()


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


WALKS = "[animation]\nidle = { frames = 2, fps = 4 }\n"


def test_a_sheet_follows_its_image_while_watching(root):
    def script(editor: Editor) -> None:
        editor.wait_for(events.BuildFinished)
        (root / "hero.desc.toml").write_text(described("brave blue knight", WALKS))
        finished = editor.wait_for(events.BuildFinished)
        assert (finished.built, finished.failed) == (2, 0)
        sheet = (root / "hero_sheet.png").read_bytes()
        pixels = decode_image(root / "hero.png").copy()
        pixels[3, 3] = (1, 2, 3, 255)
        note = read_text_chunks(root / "hero.png")[PROVENANCE_KEY]
        draft = root / ".hero.tmp"
        draft.write_bytes(encode_png(pixels, provenance_json=note))
        os.replace(draft, root / "hero.png")  # an artist's program saves
        built = editor.wait_for(events.AssetBuilt)
        assert built.outputs == ("hero_sheet.png",)
        assert (root / "hero_sheet.png").read_bytes() != sheet
        editor.wait_for(events.BuildFinished)
        assert editor.is_told_nothing_for(0.5)

    with opened(root) as studio:
        watching(studio, script)
