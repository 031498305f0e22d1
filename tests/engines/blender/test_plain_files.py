"""The extension's texts, catalogs, sheets and notes; no Blender is needed."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from llamavis_studio.core.description import examine_text
from llamavis_studio.imaging.png import decode_image
from tests.engines.blender.extension import part
from tests.support.studios import opened, small_game

wording, catalogs, sheets = part("wording"), part("catalogs"), part("sheets")

ONE = """# the hero of the game
description = "red knight"  # keep this
kind = "character"

[animation]
idle = { frames = 4, fps = 6 }
"""
MANY = """# monsters
[[asset]]
name = "slime"
description = "green slime"

[[asset]]
name = "bat"
description = '''black
bat'''
size = [16,
  16]
"""


def test_one_key_changes_and_the_rest_stays() -> None:
    changed = wording.change_keys(ONE, "hero.desc.toml", "hero", {"description": '蓝 "knight"\\'})
    assert changed == ONE.replace('"red knight"', '"蓝 \\"knight\\"\\\\"')
    sized = wording.change_keys(ONE, "hero.desc.toml", "hero", {"size": [8, 8], "kind": None})
    assert sized == ONE.replace('# keep this\nkind = "character"\n', "# keep this\nsize = [8, 8]\n")
    assert examine_text(Path("hero.desc.toml"), changed).problems == ()


def test_of_many_only_the_named_one() -> None:
    changed = wording.change_keys(MANY, "m.descs.toml", "bat", {"description": "red bat"})
    assert changed == MANY.replace("'''black\nbat'''", '"red bat"')
    sized = wording.change_keys(MANY, "m.descs.toml", "bat", {"size": [8, 8]})
    assert sized == MANY.replace("[16,\n  16]", "[8, 8]")
    styled = wording.change_keys(MANY, "m.descs.toml", "slime", {"style": "dark"})
    assert wording.keys_of(styled, "m.descs.toml", "slime")["style"] == "dark"
    assert "style" not in wording.keys_of(styled, "m.descs.toml", "bat")


def test_line_endings_and_byte_order_marks_stay() -> None:
    text = "\ufeff" + ONE.replace("\n", "\r\n")
    changed = wording.change_keys(text, "a.desc.toml", "a", {"description": "x", "style": "s"})
    assert changed.startswith("\ufeff") and "\n" not in changed.replace("\r\n", "")


def test_a_table_row() -> None:
    text = 'name,description,size\nslime,"green, wet slime",16x16\nbat,black bat,\n'
    changed = wording.change_keys(text, "m.descs.csv", "slime", {"description": "red, dry"})
    assert changed == 'name,description,size\nslime,"red, dry",16x16\nbat,black bat,\n'
    sized = wording.change_keys(text, "m.descs.csv", "bat", {"size": [8, 9]})
    assert sized.endswith("bat,black bat,8x9\n")
    with pytest.raises(wording.WordingError):
        wording.change_keys(text, "m.descs.csv", "bat", {"style": "s"})


@pytest.mark.parametrize(
    ("text", "path"),
    [("description = ", "a.desc.toml"), ('"description" = "a"\n', "a.desc.toml"),
     ('x = """\ndescription = "a"\n"""\ndescription = "b"\n', "a.desc.toml"),
     ('asset = [{ name = "a", description = "b" }]\n', "a.descs.toml"),
     ('[[asset]]\nname = "b"\n', "a.descs.toml")],
)  # fmt: skip
def test_what_is_not_understood_is_not_changed(text: str, path: str) -> None:
    with pytest.raises(wording.WordingError):
        wording.change_keys(text, path, "a", {"description": "new"})


MINE = "# mine\nVERSION 1\n\n11111111-2222-3333-4444-555555555555:a/b:a-b\n"


def test_catalogs_are_merged() -> None:
    same, found = catalogs.merge(MINE, "a/b")
    assert (same, found) == (MINE, "11111111-2222-3333-4444-555555555555")
    more, new = catalogs.merge(MINE, "a/c")
    assert more == f"{MINE}{new}:a/c:a-c\n"
    assert catalogs.merge(more, "a/c") == (more, new)
    fresh, first = catalogs.merge("", "游戏/图")
    assert "VERSION 1" in fresh and catalogs.merge(fresh, "游戏/图") == (fresh, first)
    windows, _ = catalogs.merge(MINE.replace("\n", "\r\n"), "a/c")
    assert windows.endswith("\r\n") and "\n" not in windows.replace("\r\n", "")
    unended, _ = catalogs.merge(MINE.rstrip("\n"), "a/c")
    assert unended.splitlines()[:-1] == MINE.splitlines()
    with pytest.raises(catalogs.CatalogError):
        catalogs.merge("VERSION 2\n", "a")


def test_a_catalog_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / catalogs.NAME
    file.write_text(MINE, "utf-8")
    file.chmod(0o640)
    catalogs.have_catalog(tmp_path, "a/c")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(catalogs.CatalogError, match="No space"):
        catalogs.have_catalog(tmp_path, "a/d")
    assert file.read_bytes() == before and os.listdir(tmp_path) == [catalogs.NAME]


def test_where_catalogs_lie(tmp_path: Path) -> None:
    library, blend = tmp_path / "lib", tmp_path / "lib" / "a" / "b.blend"
    blend.parent.mkdir(parents=True)
    assert catalogs.library_of(blend, []) == blend.parent
    assert catalogs.library_of(blend, [tmp_path / "other", library]) == library
    (library / catalogs.NAME).write_text(MINE, "utf-8")
    assert catalogs.library_of(blend, []) == library
    assert catalogs.catalog_path("game: one", "tiles/wet/a.desc.toml") == "game- one/tiles/wet"

    grid = sheets.Grid(sheets.DIRECTIONS[4], 3, 16, 24)
    table = json.loads(sheets.table(grid, "hero", "hero_sheet.png", 83))
    assert grid.size == (48, 96) and len(table["frames"]) == 12
    last = table["frames"][-1]["frame"]
    assert last == {"x": 32, "y": 72, "w": 16, "h": 24}
    assert table["meta"]["frameTags"][1] == {
        "name": "right", "from": 3, "to": 5, "direction": "forward",
    }  # fmt: skip
    boxes = {tuple(one["frame"].values()) for one in table["frames"]}
    assert len(boxes) == 12


def test_a_picture_of_the_studio_says_what_drew_it(tmp_path: Path, instant_backend: None) -> None:
    root = small_game(tmp_path / "game")
    with opened(root) as studio:
        studio.build()
    told = part("notes").provenance_of(root / "hero.png")
    assert told["model"] == "instant" and told["licence"] == "MIT"
    assert told["source"] == "hero.desc.toml"
    assert part("notes").provenance_of(root / "llamavis.toml") == {}
    data = (root / "hero.png").read_bytes()
    for end in range(8, len(data), 37):
        (tmp_path / "cut.png").write_bytes(data[:end])
        part("notes").provenance_of(tmp_path / "cut.png")
    assert decode_image(root / "hero.png") is not None


def test_entries_have_their_maps() -> None:
    def asset(output: str, **more: object) -> dict[str, object]:
        return {
            "output": output, "source": "f.desc.toml", "name": "f", "line": 1, "kind": "material",
            "state": "fresh", "reason": "", "description": "stone", "width": 8, "height": 8,
            "variant": 0, "seed": 1, "base": "", "locked": False, "revision": "1", **more,
        }  # fmt: skip

    found = part("entries").entries_of(
        [asset("f_normal.png", base="f.png", state="stale"), asset("f.png"),
         asset("f_sheet.png", base="f.png")]
    )  # fmt: skip
    entry = found["f.desc.toml#f"]
    assert entry.first.path == "f.png" and entry.state == "stale"
    assert entry.maps() == {"base_color": "f.png", "normal": "f_normal.png"}
    fits = part("entries").fits
    assert fits(entry, "STONE f", "ANY") and not fits(entry, "wood", "ANY")
    assert fits(entry, "", "stale") and not fits(entry, "", "fresh")
    assert (entry.backend, entry.makes_up) == ("", ())  # an older service does not tell
    told = asset("f.png", backend="janus", makes_up=["its edges are blended by a filter"])
    entry = part("entries").entries_of([told])["f.desc.toml#f"]
    assert entry.backend == "janus" and entry.makes_up == ("its edges are blended by a filter",)


def test_only_an_absolute_program_of_the_preferences_is_started(tmp_path: Path) -> None:
    starter = part("starter")
    for program in ("", "  ", "llamavis", "./llamavis", str(tmp_path), str(tmp_path / "none")):
        with pytest.raises(starter.StartError):
            starter.Started(program, tmp_path)
    text = tmp_path / "text"
    text.write_text("no program")
    with pytest.raises(starter.StartError):
        starter.Started(str(text), tmp_path)
