"""Moves that cannot be, are refused, are cut short or are looked at meanwhile: nothing is lost."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path
from typing import Any

import pytest

from llamavis_studio.core import write as core_write
from llamavis_studio.core.errors import LlamaVisError, ProjectError
from llamavis_studio.core.events import AssetBuilt, BuildFinished, BuildStarted
from llamavis_studio.core.hashing import sha256_hex
from llamavis_studio.core.project import Project
from llamavis_studio.file_actions import applying
from llamavis_studio.file_actions.draft import Draft
from llamavis_studio.file_actions.moving import Moving
from llamavis_studio.file_actions.places import Destination, destination
from llamavis_studio.studio import Studio
from tests.file_actions.hands import FILES, all_fresh, files, move, pixels
from tests.support.games import described, make_game
from tests.support.studios import Editor, opened, states, watching


@pytest.mark.parametrize(
    ("dest", "sources", "told"),
    [
        ("../elsewhere/", ["hero.png"], "not in this project"),
        (".git/", ["hero.png"], "hidden"),
        ("hero.png/", ["art/lady.png"], "is a file"),
        ("art/lady", ["hero.png"], "already"),
        ("art/LADY", ["hero.png"], "already"),
        ("art/con", ["hero.png"], "device"),
        ("", ["hero.png"], "already"),
        ("art/", ["level.tscn"], "no description"),
        ("items/deep/", ["items"], "into itself"),
        ("art/", ["art"], "into itself"),
        ("x/", ["maps"], "no description, image or palette"),
        ("art/", ["nothing.png"], "no sound description"),
        ("art/photo.jpg", ["art/photo.png"], "cannot become"),
        ("x/", ["hero.png", "../hero.png"], "not in this project"),
        ("link/", ["hero.png"], "is a link"),
        ("inner/", ["hero.png"], "project of its own"),
        ("odd/", ["odd.desc.toml"], "has a mistake"),
    ],
)
def test_what_cannot_be_changes_nothing(
    studio: Studio, dest: str, sources: list[str], told: str
) -> None:
    root = studio.root
    (root / "link").symlink_to("art")
    (root / "inner").mkdir()
    (root / "inner/llamavis.toml").write_text("")
    (root / "odd.desc.toml").write_text("description = 7\n")
    before = files(studio)
    with pytest.raises(LlamaVisError, match=told):
        move(studio, dest, *sources)
    assert files(studio) == before


@pytest.mark.parametrize("way", ["hero.desc.toml", "hero_sheet.json", "hero.txt", "hero.png"])
def test_nothing_is_written_over(studio: Studio, way: str) -> None:
    (studio.root / "hero.txt").write_text("words")
    (studio.root / "people").mkdir()
    (studio.root / "people" / way).write_text(described("somebody's"))
    before = files(studio)
    with pytest.raises(ProjectError, match="already"):
        move(studio, "people/", "hero.png")
    assert files(studio) == before


def test_two_of_one_name_do_not_go_to_one_folder(studio: Studio) -> None:
    make_game(
        studio.root, {"llamavis.toml": FILES["llamavis.toml"], "b/lady.desc.toml": described("b")}
    )
    before = files(studio)
    with pytest.raises(ProjectError, match="already"):
        move(studio, "c/", "art/lady.desc.toml", "b/lady.desc.toml")
    assert files(studio) == before


def test_letters_change_their_case(studio: Studio) -> None:
    move(studio, "Hero", "hero.png")
    names = {name for name in files(studio) if name.lower().startswith("hero")}
    assert names == {"Hero.desc.toml", "Hero.png", "Hero_sheet.png", "Hero_sheet.json"}
    assert all_fresh(studio)


def test_letters_change_their_case_where_the_disk_ignores_it(studio: Studio) -> None:
    # On such a disk both names lead to one file, as two links to it do here.
    root = studio.root
    before = pixels(studio, "hero.png")
    change = move(studio, "Hero", "hero.png", dry_run=True).change
    for wanted, unwanted in ((change, "hero"), (change.reversed(), "Hero")):
        for old, new in wanted.moves:
            os.link(root / old, root / new)
        draft = Draft(root)
        draft.move(*wanted.moves[0])
        assert {edit.path for edit in draft.edits()} == set(wanted.moves[0])
        studio.files.apply(wanted)
        left = {name for name in files(studio) if name.lower().startswith("hero")}
        assert left == {new for _old, new in wanted.moves}
        assert not any(name.startswith(unwanted) for name in left)
        assert all_fresh(studio)
    assert pixels(studio, "hero.png") == before


@pytest.mark.parametrize("at", range(0, 13, 3))
def test_when_the_disk_refuses_all_is_as_it_was(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    root, calls, before = studio.root, [0], files(studio)
    write = core_write.write_atomic

    def refuse(path: Path, data: bytes, **more: object) -> None:
        calls[0] += 1
        if calls[0] == at + 1:
            raise ProjectError("the disk is full", "", path)
        write(path, data, **more)  # type: ignore[arg-type]

    sources = ("hero.png", "art/lady.png", "items/many.descs.toml", "art/photo.png")
    with monkeypatch.context() as patch:
        patch.setattr(applying, "write_atomic", refuse)
        with pytest.raises(ProjectError, match="full"):
            move(studio, "new/", *sources)
    assert files(studio) == before and not (root / ".llamavis/moving").exists()
    assert all_fresh(studio)


def cut_short(studio: Studio, monkeypatch: pytest.MonkeyPatch, at: int) -> Moving:
    """A move that ends before its write number `at`, as if it was killed."""
    planned = move(studio, "people/", "hero.png", dry_run=True)
    write, calls = applying.write_edit, [0]

    def die(*arguments: Any, **more: Any) -> Any:
        calls[0] += 1
        if calls[0] == at:
            raise KeyboardInterrupt
        return write(*arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(applying, "write_edit", die)
        with pytest.raises(KeyboardInterrupt):
            move(studio, "people/", "hero.png")
    return planned


def test_the_next_action_carries_on_what_was_cut_short(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = cut_short(studio, monkeypatch, 3)
    assert "hero.desc.toml" in files(studio) and "people/hero.png" in files(studio)
    move(studio, "folk/", "art/lady.png")
    assert set(planned.change.outputs) <= files(studio).keys()
    assert "hero.desc.toml" not in files(studio) and all_fresh(studio)


def test_what_was_changed_since_a_kill_stays(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = studio.root
    cut_short(studio, monkeypatch, 2)
    mine = described("my own words")
    (root / "hero.desc.toml").write_text(mine)
    (root / "people/hero_sheet.json").write_text("{}")
    with opened(root) as again:
        assert (root / "hero.desc.toml").read_text() == mine
        assert (root / "people/hero_sheet.json").read_text() == "{}"
        # Its old one is not taken away either, as it did not arrive.
        assert (root / "hero_sheet.json").is_file()
        assert not (root / ".llamavis/moving").exists()
        assert states(again)["people/hero.png"][0] == "fresh"


@pytest.mark.parametrize("path", [".git/hooks/run", "../outside", "a/../../b", "/tmp/x", "link/x"])
def test_a_journal_from_elsewhere_writes_nothing_unusual(studio: Studio, path: str) -> None:
    root = studio.root
    (root / "link").symlink_to("..")
    data = b"echo no\n"
    digest = sha256_hex(data)
    folder = root / ".llamavis/moving/data"
    folder.mkdir(parents=True)
    (folder / digest).write_bytes(data)
    stored = {"version": 1, "edits": [[path, None, digest]], "moves": []}
    (folder.parent / "change.json").write_text(json.dumps(stored))
    before = files(studio)
    with opened(root):
        assert files(studio) == before and not (folder / digest).exists()
    assert not (root.parent / "outside").exists() and not (root.parent / "x").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', '{"version": 1, "edits": [1]}'])
def test_a_damaged_journal_is_put_aside(studio: Studio, text: str) -> None:
    place = studio.root / ".llamavis/moving/change.json"
    place.parent.mkdir(parents=True)
    place.write_text(text)
    before = files(studio)
    with opened(studio.root) as again:
        assert files(again) == before and not place.exists()


def test_a_studio_that_watches_draws_nothing(studio: Studio) -> None:
    """As when the command line moves what a window has open."""
    root = studio.root
    drawn: list[object] = []
    (root / "art/troll_0.png").unlink()  # when it is drawn, the studio watches

    def script(editor: Editor) -> None:
        editor.wait_for(BuildFinished)
        studio.subscribe(drawn.append)
        with opened(root) as other:
            for number in range(4):
                folder = f"place{number}"
                source = "hero.png" if number == 0 else f"place{number - 1}/hero.png"
                move(other, f"{folder}/", source)
                time.sleep(0.2)
            move(other, "pile/", "items/many.descs.toml", "art/photo.png", "art/warm.hex")
        time.sleep(1.5)

    watching(studio, script)
    assert not [one for one in drawn if isinstance(one, (BuildStarted, AssetBuilt))]
    with opened(root) as again:
        assert all_fresh(again)


def test_moves_there_and_back_by_chance_lose_nothing(studio: Studio) -> None:
    """Many moves in a row; every picture stays fresh, and all of it can be taken back."""
    rng = random.Random(11)
    before, undo = files(studio), []
    pictures = [pixels(studio, name) for name in before if name.endswith(".png")]
    for number in range(12):
        sources = sorted(
            {
                one.target.source
                for one in studio.plan().targets
                if rng.random() < 0.3 and one.target.kind != "texture"
            }
        )
        if not sources:
            continue
        if len(sources) == 1 and rng.random() < 0.6:
            done = move(studio, f"r{rng.randint(0, 2)}/n{number}", sources[0])
        else:
            folder = rng.choice(["deep/er/", "r1/", "up/", "", "x y/ü/"])
            there = {f"{folder}{source.rpartition('/')[2]}" for source in sources}
            names = {source.rpartition("/")[2] for source in sources}
            if there & set(files(studio)) or len(names) < len(sources):
                continue  # something is in the way
            done = move(studio, folder or "./", *sources)
        undo.append(done.change)
        assert all_fresh(studio), done
    now = [pixels(studio, name) for name in files(studio) if name.endswith(".png")]
    assert sorted(now) == sorted(pictures) and len(undo) >= 4
    for change in reversed(undo):
        studio.files.apply(change.reversed())
    assert files(studio) == before
    assert all_fresh(studio)


def test_destinations_are_read_as_mv_reads_them(studio: Studio) -> None:
    project, root = studio.project, studio.root
    assert isinstance(project, Project)
    for written, several, near, wanted in [
        ("art", False, root, Destination("art/")),
        ("new", False, root, Destination("", "new")),
        ("new/", False, root, Destination("new/")),
        ("new", True, root, Destination("new/")),
        ("../x.png", False, root / "art", Destination("", "x.png")),
        (".", False, root, Destination("")),
        (str(root / "art/new"), False, Path("/"), Destination("art/", "new")),
    ]:
        assert destination(project, written, several, near) == wanted
