"""The example project: what a newcomer copies is right in every line, and teaches what it says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from llamavis_studio.core.description import DescribedAsset, read_descriptions
from llamavis_studio.core.errors import DescriptionError
from llamavis_studio.core.project import Project, ResolvedAsset
from llamavis_studio.core.recipe import Kind
from llamavis_studio.core.resources import resource_path
from llamavis_studio.model.gloss import gloss

EXAMPLE = resource_path("example_project")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.open(Path(shutil.copytree(EXAMPLE, tmp_path / "game")))


def described(project: Project) -> list[DescribedAsset]:
    return [asset for file in project.description_files() for asset in read_descriptions(file)]


def resolved(project: Project) -> dict[str, ResolvedAsset]:
    return {asset.name: project.resolve(asset) for asset in described(project)}


def test_every_description_is_sound_and_no_two_write_one_file(project: Project) -> None:
    assets = resolved(project)
    outputs = [output for asset in assets.values() for output in asset.outputs]
    assert 20 <= len(assets) <= 30
    assert len(set(outputs)) == len(outputs)


def test_it_shows_what_the_product_does(project: Project) -> None:
    assets = resolved(project)
    kinds = {asset.kind for asset in assets.values()}
    assert kinds >= {Kind.TEXTURE, Kind.CHARACTER, Kind.SPRITE, Kind.ITEM, Kind.BACKGROUND}
    assert len(assets["hero"].outputs) == 4
    assert set(assets["knight"].asset.description.animation or ()) == {"idle", "walk"}
    assert assets["stone_wall"].asset.description.material is not None
    assert assets["cellar_wall"].prompt == "dark brick wall with vines"
    assert len(assets["cellar_wall"].palette or ()) == 16
    assert {file.name for file in project.description_files()} >= {
        "potions.descs.toml",
        "treasure.descs.csv",
    }


def test_chinese_descriptions_are_understood(project: Project) -> None:
    chinese = {
        name: gloss(asset.prompt)
        for name, asset in resolved(project).items()
        if not asset.prompt.isascii()
    }
    assert {name: found.english for name, found in chinese.items()} == {
        "sunset_beach": "sunset beach",
        "bat": "purple bat",
    }


def test_the_lesson_is_an_error_that_names_its_line_and_its_repair(project: Project) -> None:
    file = project.root / "monsters" / "goblin.desc.toml"
    text = file.read_text(encoding="utf-8")
    wrong = re.sub(r"^# (desciption = .*)$", r"\1", text, flags=re.MULTILINE)
    assert wrong != text
    file.write_text(wrong, encoding="utf-8")
    with pytest.raises(DescriptionError) as caught:
        read_descriptions(file)
    line = next(n for n, row in enumerate(wrong.splitlines(), 1) if row.startswith("desciption"))
    assert caught.value.line == line
    assert "desciption" in caught.value.message
    assert "description" in caught.value.hint


def test_every_toml_file_names_its_schema_and_the_studio_puts_it_there(project: Project) -> None:
    project.make_state_dir()
    files = sorted(project.root.rglob("*.toml"))
    assert len(files) > 15
    for file in files:
        first = file.read_text(encoding="utf-8").splitlines()[0]
        match = re.fullmatch(r"#:schema (\S+)", first)
        assert match, file
        schema = (file.parent / match[1]).resolve()
        wanted = {"llamavis.toml": "project"}.get(file.name, "description")
        wanted = "descriptions" if file.name.endswith(".descs.toml") else wanted
        assert schema.name == f"{wanted}.schema.json"
        assert schema.read_bytes() == resource_path("schema", schema.name).read_bytes()


def test_what_the_readme_tells_to_change_is_there(project: Project) -> None:
    readme = (project.root / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.(?:desc\.toml|descs\.toml|descs\.csv|toml))`", readme)
    assert len(named) >= 5
    found = {file.name for file in project.root.rglob("*") if file.is_file()}
    assert [name for name in named if Path(name).name not in found] == []
    for file, words in (
        ("tiles/mossy_wall.desc.toml", "mossy stone wall"),
        ("monsters/fire_dragon.desc.toml", "seed = 1\n"),
        ("characters/hero.desc.toml", "count = 4\n"),
    ):
        assert words in (project.root / file).read_text(encoding="utf-8")
        assert file in readme
