from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from llamavis_studio.core.description import examine
from llamavis_studio.core.errors import DescriptionError, ProjectError
from llamavis_studio.core.project import Project
from llamavis_studio.core.project_file import FolderRule
from llamavis_studio.core.recipe import Kind

PROJECT = """
[project]
name = "Dungeon"
[[folder]]
path = "tiles/**"
kind = "texture"
style = "dungeon"
[[folder]]
path = "tiles/far/*.desc.toml"
kind = "background"
[style.base]
suffix = "pixel art"
palette = "res/two.hex"
negative = "text"
[style.dungeon]
prefix = "dark"
inherits = "base"
[palettes]
mono = ["#000000", "#ffffff"]
[settings]
debounce_s = 0.5
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "llamavis.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "tiles" / "far").mkdir(parents=True)
    (tmp_path / "res").mkdir()
    (tmp_path / "res" / "two.hex").write_text("000000\nffffff\n")
    return tmp_path


def describe(path, text='description = "x"'):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return examine(path).assets[0]


def test_a_project_is_found_from_any_place_inside(root):
    project = Project.open(root / "tiles" / "far")
    assert (project.root, project.name, project.backend) == (root, "Dungeon", "builtin")
    assert project.settings == {"debounce_s": 0.5}
    assert Project.open(root / "llamavis.toml").root == root


def test_without_a_project_file_the_way_to_make_one_is_told(tmp_path):
    with pytest.raises(ProjectError) as caught:
        Project.open(tmp_path)
    assert "llamavis new" in caught.value.hint
    with pytest.raises(ProjectError, match="no such folder"):
        Project.open(tmp_path / "none")


def test_rules_style_and_defaults_make_one_request(root):
    project = Project.open(root)
    asset = describe(root / "tiles" / "floor.desc.toml", 'description = "mossy  stone"')
    resolved = project.resolve(asset)
    assert resolved.kind is Kind.TEXTURE
    assert resolved.prompt == "dark mossy stone pixel art"
    assert resolved.negative == "text"
    assert resolved.palette == root / "res" / "two.hex"
    assert resolved.size_px == (32, 32)
    assert resolved.outputs == (root / "tiles" / "floor.png",)
    far = project.resolve(describe(root / "tiles" / "far" / "hills.desc.toml"))
    assert (far.kind, far.size_px) == (Kind.BACKGROUND, (96, 64))


def test_own_keys_win_and_variants_are_numbered(root):
    project = Project.open(root)
    text = 'description = "x"\nkind = "item"\ncount = 2\npalette = "mono"\nnegative = "blur"'
    resolved = project.resolve(describe(root / "tiles" / "key.desc.toml", text))
    assert resolved.kind is Kind.ITEM
    assert resolved.palette == ("#000000", "#ffffff")
    assert resolved.negative == "text, blur"
    assert [path.name for path in resolved.outputs] == ["key_0.png", "key_1.png"]


def test_the_seed_follows_the_path_and_nothing_else(root, tmp_path_factory):
    project = Project.open(root)
    seed = project.resolve(describe(root / "tiles" / "a.desc.toml")).seed
    assert project.resolve(describe(root / "tiles" / "b.desc.toml")).seed != seed
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "llamavis.toml").write_text("")
    other = Project.open(elsewhere)
    assert other.resolve(describe(elsewhere / "tiles" / "a.desc.toml", 'description="y"')).seed == (
        seed
    )


@pytest.mark.parametrize(
    ("text", "line", "words", "hint"),
    [
        ('description = "x"\nstyle = "dungeo"', 2, "no style 'dungeo'", "'dungeon'"),
        ('description = "x"\npalette = "none.hex"', 2, "does not exist", ""),
        ('description = "x"\npalette = "../../x.hex"', 2, "leaves the project", ""),
        ('description = "x"\nreferences = ["/etc/passwd"]', 2, "not a path inside", ""),
    ],
)
def test_what_only_the_project_can_judge_is_blamed_on_its_line(root, text, line, words, hint):
    asset = describe(root / "tiles" / "a.desc.toml", text)
    with pytest.raises(DescriptionError) as caught:
        Project.open(root).resolve(asset)
    assert words in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "place", "words", "hint"),
    [
        ("[projct]", "1:1", "unknown key 'projct'", "'project'"),
        ('[[folder]]\npath = "../x"', "2:8", "leaves the project", ""),
        ('[[folder]]\npath = "/x"', "2:8", "not a pattern", ""),
        ('[[folder]]\npath = "a"\nkind = "tile"', "3:8", "cannot be 'tile'", ""),
        ('[[folder]]\npath = "a"\nstyle = "x"', "3:9", "no style 'x'", "no styles yet"),
        ('[style.a]\ninherits = "b"\n[style.b]\ninherits = "a"', "2:12", "circle", ""),
        ('[style.dark]\n[style.b]\ninherits = "drak"', "3:12", "no style", "'dark'"),
        ("[settings]\nbatchsize = 3", "2:1", "unknown key", "'batch_size'"),
        ("[settings]\ndebounce_s = -1", "2:14", "at least 0", ""),
        ("[style.a]\nprefx = ''", "2:1", "unknown key", "'prefix'"),
        ("= 3", "1:1", "TOML", ""),
    ],
)
def test_what_is_wrong_in_the_project_file_is_named(tmp_path, text, place, words, hint):
    (tmp_path / "llamavis.toml").write_text(text)
    with pytest.raises(ProjectError) as caught:
        Project.open(tmp_path)
    assert words in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.place(tmp_path) == f"llamavis.toml:{place}"


def test_export_formats_are_read(tmp_path):
    (tmp_path / "llamavis.toml").write_text('[export]\nformats = ["godot"]')
    export = Project.open(tmp_path).file.export
    assert export is not None and export.formats == ("godot",)


def test_the_scan_finds_descriptions_only_where_they_count(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    for path in (
        "b.desc.toml",
        "a/x.descs.csv",
        "a/y.descs.toml",
        "a/note.toml",
        ".godot/z.desc.toml",
        ".llamavis/z.desc.toml",
        "other/z.desc.toml",
        "other/llamavis.toml",
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("")
    (outside / "o.desc.toml").write_text("")
    os.symlink(outside, root / "linked")
    os.symlink(outside / "o.desc.toml", root / "o.desc.toml")
    os.symlink(root / "b.desc.toml", root / "c.desc.toml")
    os.symlink(root, root / "again")
    (root / "folder.desc.toml").mkdir()
    found = [path.relative_to(root).as_posix() for path in Project.open(root).description_files()]
    assert found == ["a/x.descs.csv", "a/y.descs.toml", "b.desc.toml", "c.desc.toml",
                     "folder.desc.toml"]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("tiles/**", "tiles/a.desc.toml", True),
        ("tiles/**", "tiles/far/a.desc.toml", True),
        ("tiles/**", "tilesets/a.desc.toml", False),
        ("tiles", "tiles/far/a.desc.toml", True),
        ("tiles/", "tiles/a.desc.toml", True),
        ("*", "a.desc.toml", True),
        ("*", "tiles/a.desc.toml", False),
        ("**/boss_*", "a/b/boss_1.desc.toml", True),
        ("**/boss_*", "boss_1.desc.toml", True),
        ("a.b/**", "aXb/c", False),
        ("项目/**", "项目/a.desc.toml", True),
    ],
)
def test_folder_patterns(pattern, path, matches):
    assert FolderRule(path=pattern).matches(path) is matches


def test_two_threads_make_the_state_folder_together(root):
    """A window and its worker open a project at once, and both stage under one name."""
    project = Project.open(root)
    for _ in range(40):
        shutil.rmtree(project.state_dir, ignore_errors=True)
        with ThreadPoolExecutor(4) as pool:
            for made in [pool.submit(project.make_state_dir) for _ in range(4)]:
                assert made.result() == project.state_dir
        assert (project.state_dir / ".gitignore").read_bytes() == b"*\n"
