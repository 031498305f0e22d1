"""Descriptions as files: what is renamed, copied, removed or locked takes its pictures along."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.errors import DescriptionError, LlamaVisError, ProjectError
from llamavis_studio.core.file_change import ChangedSince, ChangeKind, FilesChange
from llamavis_studio.file_actions import applying
from llamavis_studio.imaging.png import (
    PROVENANCE_KEY,
    decode_image,
    encode_png,
    read_text_chunks,
)
from llamavis_studio.pipeline.lock import held
from llamavis_studio.release import trash
from llamavis_studio.studio import Studio
from tests.support.games import PROJECT, described, make_game, on_disk
from tests.support.studios import opened, states

FILES = {
    "llamavis.toml": PROJECT + '[style.dark]\nreferences = ["hero.png"]\nprefix = "dark"\n',
    "hero.desc.toml": "# the hero\n"
    + described("brave red knight", "[animation]\nwalk = { frames = 2 }\n"),
    "tiles/wall.desc.toml": described("brown brick", 'kind = "texture"\ncount = 3\n'),
    "items/many.descs.toml": "# potions\n\n"
    '[[asset]]\nname = "red"\ndescription = "red potion" # hot\n\n'
    '# cold\n[[asset]]\nname = "blue"\ndescription = "blue potion"\nseed = 3\n',
    "items/more.descs.csv": 'name,description\nkey,"golden, old key"\ngem,green gem\n',
    "lady.desc.toml": described("a lady", 'references = ["hero.png", "items/red.png"] # kept\n'),
    "level.tscn": '[gd_scene load_steps=2 format=3]\n\n[ext_resource type="Texture2D" '
    'path="res://hero.png" id="1"]\n\n[node name="A" type="Sprite2D"]\n'
    'texture = ExtResource("1")\n',
    "project.godot": "config_version=5\n",
}


_BUILT: list[Path] = []


@pytest.fixture
def studio(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    instant_backend: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Studio]:
    def refuse(_path: str) -> None:
        raise OSError("no trash here")

    monkeypatch.setattr(trash, "_system_trash", refuse)  # what goes lies in .llamavis/trash
    root = tmp_path / "game"
    shutil.copytree(built(tmp_path_factory), root)
    with opened(root) as studio:
        yield studio


def built(factory: pytest.TempPathFactory) -> Path:
    """The game with all its images, drawn once for all tests."""
    if not _BUILT:
        root = make_game(factory.mktemp("built") / "game", FILES)
        for name in ("hero", "items/red"):  # others refer to them: they must be there first
            (root / f"{name}.png").write_bytes(encode_png(np.full((4, 4, 3), 90, np.uint8)))
        with opened(root) as studio:
            studio.build([root / "hero.desc.toml", root / "items"], force=True)
            studio.build()
        shutil.rmtree(root / ".llamavis")
        _BUILT.append(root)
    return _BUILT[0]


def pixels(studio: Studio, name: str) -> bytes:
    return decode_image(studio.root / name).tobytes()


def all_fresh(studio: Studio) -> bool:
    return {state for state, _ in states(studio).values()} == {"fresh"}


def names(studio: Studio) -> set[str]:
    return set(on_disk(studio.root))


def test_a_renamed_image_keeps_its_picture_and_all_that_belongs_to_it(studio: Studio) -> None:
    root = studio.root
    assert all_fresh(studio)
    before = pixels(studio, "hero.png")
    (root / "hero.png.import").write_text('[remap]\nuid="uid://abc"\n')
    (root / "hero.txt").write_text("knight, red\n")
    change = studio.files.rename(root / "hero.png", "paladin")
    assert change.kind is ChangeKind.RENAME
    assert change.outputs == ("paladin.png", "paladin_sheet.png")
    assert not [name for name in names(studio) if name.startswith("hero")]
    assert {"paladin.png.import", "paladin.txt", "paladin_sheet.json"} <= names(studio)
    assert pixels(studio, "paladin.png") == before
    text = (root / "paladin.desc.toml").read_text()
    assert text.startswith('# the hero\ndescription = "brave red knight"\nseed = ')
    assert '"image": "paladin_sheet.png"' in (root / "paladin_sheet.json").read_text()
    told = Provenance.from_json(read_text_chunks(root / "paladin.png")[PROVENANCE_KEY])
    assert told.source == "paladin.desc.toml"
    # Nothing is to be drawn, not even what refers to it.
    assert all_fresh(studio)
    assert (
        'references = ["paladin.png", "items/red.png"] # kept'
        in (root / "lady.desc.toml").read_text()
    )
    assert 'references = ["paladin.png"]' in (root / "llamavis.toml").read_text()


def test_older_versions_go_with_a_renamed_image(studio: Studio) -> None:
    root = studio.root
    (root / "hero.desc.toml").write_text(described("brave blue knight"))
    studio.build()
    assert [one.output for one in studio.history.versions("hero.png")]
    studio.files.rename(root / "hero.png", "paladin")
    assert not studio.history.versions("hero.png")
    studio.restore(root / "paladin.png")
    assert states(studio)["paladin.png"][0] == "fresh"


def test_a_hand_painted_image_is_still_known_as_such(studio: Studio) -> None:
    root = studio.root
    assert all_fresh(studio)
    # A painting program drops the notes: only the studio's memory tells that it was ours.
    (root / "tiles/wall_1.png").write_bytes(encode_png(np.full((32, 32, 3), 7, np.uint8)))
    assert states(studio)["tiles/wall_1.png"][0] == "edited"
    studio.files.rename(root / "tiles/wall_1.png", "barrier")
    assert states(studio)["tiles/barrier_1.png"][0] == "edited"
    assert states(studio)["tiles/barrier_0.png"][0] == "fresh"


@pytest.mark.parametrize(
    ("image", "kept"),
    [("items/red.png", '"red potion" # hot\nseed = '), ("items/gem.png", 'key,"golden, old key",')],
)
def test_one_of_many_is_renamed_in_its_file(studio: Studio, image: str, kept: str) -> None:
    root = studio.root
    before = pixels(studio, image)
    change = studio.files.rename(root / image, "new.png")
    source = "items/more.descs.csv" if "gem" in image else "items/many.descs.toml"
    assert kept in (root / source).read_text()
    assert (image, "items/new.png") in change.moves
    assert pixels(studio, "items/new.png") == before
    assert all_fresh(studio)


@pytest.mark.parametrize("name", ["lady", "LADY", "a/b", "con", "", "hero"])
def test_a_name_that_cannot_be_changes_nothing(studio: Studio, name: str) -> None:
    before = on_disk(studio.root)
    with pytest.raises(ProjectError):
        studio.files.rename(studio.root / "hero.png", name)
    assert on_disk(studio.root) == before


def test_a_file_in_the_way_is_never_written_over(studio: Studio) -> None:
    (studio.root / "paladin.txt").write_text("somebody's")
    (studio.root / "hero.txt").write_text("knight")
    before = on_disk(studio.root)
    with pytest.raises(ProjectError, match="already"):
        studio.files.rename(studio.root / "hero.png", "paladin")
    assert on_disk(studio.root) == before


def test_scenes_that_name_a_renamed_image_are_told(studio: Studio) -> None:
    studio.library.update()
    change = studio.files.rename(studio.root / "hero.png", "paladin")
    assert change.uses == (("level.tscn", "hero.png"),)


def test_a_folder_rule_that_named_it_is_written_down(studio: Studio) -> None:
    root = studio.root
    with (root / "llamavis.toml").open("a") as file:
        file.write('[[folder]]\npath = "hero*"\nkind = "character"\n')
    with opened(root) as again:
        again.build()
        again.build()  # what refers to it follows
        again.files.rename(root / "hero.png", "paladin")
        assert 'kind = "character"' in (root / "paladin.desc.toml").read_text()
        assert all_fresh(again)


def test_a_copy_has_the_same_pictures_and_is_not_locked(studio: Studio) -> None:
    root = studio.root
    studio.files.lock([root / "hero.png"])
    change = studio.files.duplicate(
        [root / "hero.png", root / "items/red.png", root / "items/gem.png"]
    )
    assert change.outputs == (
        "hero_copy.png", "hero_copy_sheet.png", "items/red_copy.png", "items/gem_copy.png",
    )  # fmt: skip
    for name in ("hero", "items/red", "items/gem"):
        assert pixels(studio, f"{name}_copy.png") == pixels(studio, f"{name}.png")
    assert "locked" not in (root / "hero_copy.desc.toml").read_text()
    found = {name: state for name, (state, _) in states(studio).items()}
    assert found.pop("hero.png") == "locked"
    assert set(found.values()) == {"fresh"}
    assert studio.files.duplicate([root / "hero.png"]).outputs[0] == "hero_copy2.png"


def test_what_is_removed_lies_in_the_trash(studio: Studio) -> None:
    root = studio.root
    change = studio.files.remove([root / "tiles/wall_0.png"], with_images=True)
    assert not any(name.startswith("tiles/") for name in names(studio))
    gone = {path.name for path in (root / ".llamavis/trash/tiles").iterdir()}
    assert gone == {"wall.desc.toml", "wall_0.png", "wall_1.png", "wall_2.png"}
    assert change.moves == ()


def test_without_its_images_only_the_description_goes(studio: Studio) -> None:
    root = studio.root
    studio.files.remove([root / "items/red.png"])
    assert (root / "items/red.png").is_file()
    text = (root / "items/many.descs.toml").read_text()
    assert text.startswith("# potions") and "red" not in text and "# cold\n[[asset]]" in text
    # The last one takes the file with it.
    studio.files.remove([root / "items/blue.png"])
    assert not (root / "items/many.descs.toml").exists()


def test_who_names_a_removed_image_is_told(studio: Studio) -> None:
    change = studio.files.remove([studio.root / "items/red.png"], with_images=True)
    assert ("lady.desc.toml", "items/red.png") in change.uses


def test_locks_are_written_between_what_people_wrote(studio: Studio) -> None:
    root = studio.root
    before = {name: (root / name).read_bytes() for name in FILES}
    paths = [root / name for name in ("hero.png", "items/blue.png", "items/key.png")]
    studio.files.lock(paths)
    for output in ("hero.png", "items/blue.png", "items/key.png"):
        assert states(studio)[output][0] == "locked"
    assert "locked = true\n[animation]" in (root / "hero.desc.toml").read_text()
    assert (root / "items/more.descs.csv").read_text() == (
        'name,description,locked\nkey,"golden, old key",true\ngem,green gem,\n'
    )
    studio.files.lock(paths, False)
    assert all_fresh(studio)
    for name in ("hero.desc.toml", "items/many.descs.toml"):
        assert (root / name).read_bytes() == before[name]


def test_more_variants_keep_the_picture_that_is_there(studio: Studio) -> None:
    root = studio.root
    before = pixels(studio, "lady.png")
    studio.files.variants(root / "lady.png", 3)
    assert pixels(studio, "lady_0.png") == before
    found = {name: state for name, (state, _) in states(studio).items() if "lady" in name}
    assert found == {"lady_0.png": "fresh", "lady_1.png": "missing", "lady_2.png": "missing"}
    studio.files.variants(root / "lady_0.png", 1)
    assert pixels(studio, "lady.png") == before
    assert (root / "lady.desc.toml").read_text() == FILES["lady.desc.toml"]


ACTIONS: dict[str, Callable[[Studio], FilesChange]] = {
    "rename": lambda s: s.files.rename(s.root / "hero.png", "paladin"),
    "rename in a table": lambda s: s.files.rename(s.root / "items/key.png", "crown"),
    "duplicate": lambda s: s.files.duplicate([s.root / "hero.png", s.root / "items/red.png"]),
    "remove": lambda s: s.files.remove([s.root / "hero.png", s.root / "items/gem.png"], True),
    "lock": lambda s: s.files.lock([s.root / "hero.png", s.root / "items/gem.png"]),
    "variants": lambda s: s.files.variants(s.root / "lady.png", 2),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_every_change_can_be_taken_back_and_made_again(studio: Studio, action: str) -> None:
    before = {name: data for name, (_, data) in on_disk(studio.root).items()}
    change = ACTIONS[action](studio)
    after = {name: data for name, (_, data) in on_disk(studio.root).items()}
    assert after != before
    studio.files.apply(change.reversed())
    assert {name: data for name, (_, data) in on_disk(studio.root).items()} == before
    assert all_fresh(studio)
    studio.files.apply(change)
    assert {name: data for name, (_, data) in on_disk(studio.root).items()} == after


def test_a_file_that_was_changed_since_stays(studio: Studio) -> None:
    root = studio.root
    change = studio.files.lock([root / "hero.png", root / "lady.png"])
    (root / "lady.desc.toml").write_text(described("a tall lady"))
    before = on_disk(root)
    with pytest.raises(ChangedSince, match=r"lady\.desc\.toml.*changed since"):
        studio.files.apply(change.reversed())
    assert on_disk(root) == before


def test_images_being_drawn_are_waited_for_and_words_are_not(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "PATIENCE_S", 0.1)
    before = on_disk(studio.root)
    with held(studio.project):  # as a build does
        with pytest.raises(ProjectError, match="being drawn"):
            studio.files.rename(studio.root / "hero.png", "paladin")
        assert on_disk(studio.root) == before
        studio.files.lock([studio.root / "hero.png"])
    assert states(studio)["hero.png"][0] == "locked"


def test_when_the_trash_refuses_nothing_has_changed(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: data for name, (_, data) in on_disk(studio.root).items()}
    move = trash._move_inside

    def refuse(project: object, path: Path) -> str:
        if path.suffix == ".png":
            raise ProjectError("it cannot be put away", "", path)
        return move(project, path)  # type: ignore[arg-type]

    monkeypatch.setattr(trash, "_move_inside", refuse)
    with pytest.raises(LlamaVisError, match="put away"):
        studio.files.remove([studio.root / "hero.png"], with_images=True)
    assert {name: data for name, (_, data) in on_disk(studio.root).items()} == before


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("items/many.descs.toml", "describes 2 images"),
        ("nothing.png", "no sound description"),
        ("../elsewhere.png", "not in this project"),
    ],
)
def test_what_cannot_be_meant_is_said(studio: Studio, path: str, told: str) -> None:
    with pytest.raises(ProjectError, match=told):
        studio.files.lock([studio.root / path])


def test_a_text_that_cannot_be_told_apart_is_left_alone(studio: Studio) -> None:
    path = studio.root / "items/odd.descs.toml"
    path.write_text(
        'asset = [{ name = "a", description = "x" }, { name = "b", description = "y" }]\n'
    )
    studio.build()
    before = path.read_bytes()
    with pytest.raises(DescriptionError, match="told apart"):
        studio.files.remove([studio.root / "items/a.png"])
    assert path.read_bytes() == before
