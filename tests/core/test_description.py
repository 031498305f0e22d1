from __future__ import annotations

import random

import pytest

from llamavis_studio.core.description import (
    description_from,
    examine,
    locate,
    read_descriptions,
)
from llamavis_studio.core.errors import DescriptionError
from llamavis_studio.core.recipe import Kind


def write(folder, name, text):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def test_every_key_of_a_full_description_is_read(tmp_path):
    path = write(
        tmp_path,
        "floor.desc.toml",
        """# a comment
description = "mossy grey cobblestone, wet"
kind = "texture"
size = [64, 48]
seed = 7
count = 4
style = "dungeon"
negative = "text, frame"
palette = ["#FF0000", "#00ff00"]
references = ["hero.png"]
backend = "builtin"
locked = true
[material]
maps = ["base_color", "normal"]
[animation]
idle = { frames = 4, fps = 6 }
""",
    )
    (asset,) = read_descriptions(path)
    d = asset.description
    assert (asset.name, asset.line, asset.stem) == ("floor", 2, tmp_path / "floor")
    assert (d.kind, d.size, d.seed, d.count) == (Kind.TEXTURE, (64, 48), 7, 4)
    assert d.palette == ("#ff0000", "#00ff00")
    assert d.references == ("hero.png",)
    assert d.locked


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "hint"),
    [
        ("", 1, 1, "'description' is missing", "add"),
        ('kind = "sprite"', 1, 1, "'description' is missing", "add"),
        ('description = ""', 1, 15, "empty", "few words"),
        ('description = " \\n "', 1, 15, "empty", "few words"),
        ('description = "' + "x" * 10_000 + '"', 1, 15, "10000 characters", ""),
        ('description = "a\\u0000b"', 1, 15, "U+0000", "remove"),
        ("description = 3", 1, 15, "text in quotes, not the number 3", ""),
        ('description = "a"\nsise = [1, 2]', 2, 1, "unknown key 'sise'", "'size'"),
        ('description = "a"\nsize = [0, 32]', 2, 8, "4 to 4096 pixels a side, not 0", ""),
        ('description = "a"\nsize = [32, 100000]', 2, 8, "not 100000", ""),
        ('description = "a"\nsize = 32', 2, 8, "two whole numbers", "[32, 32]"),
        ('description = "a"\nsize = [32]', 2, 8, "two whole numbers", ""),
        ('description = "a"\nsize = [true, 32]', 2, 8, "two whole numbers", ""),
        ('description = "a"\ncount = 0', 2, 9, "at least 1, not 0", ""),
        ('description = "a"\ncount = 65', 2, 9, "at most 64", ""),
        ('description = "a"\ncount = 1.5', 2, 9, "whole number", ""),
        ('description = "a"\nseed = -1', 2, 8, "at least 0", ""),
        ('description = "a"\nseed = 4294967296', 2, 8, "at most 4294967295", ""),
        ('description = "a"\nseed = true', 2, 8, "whole number, not true", ""),
        ('description = "a"\nlocked = "yes"', 2, 10, "true or false", ""),
        ('description = "a"\nkind = "sprit"', 2, 8, "cannot be 'sprit'", "'sprite'"),
        ('description = "a"\nkind = "zzzz"', 2, 8, "cannot be 'zzzz'", "texture, material"),
        ('description = "a"\npalette = ["red"]', 2, 11, "colour 1", "#rrggbb"),
        ('description = "a"\npalette = 3', 2, 11, "file name or a list", ""),
        ('description = "a"\nreferences = "a.png"', 2, 14, "must be a list", ""),
        ('description = "a"\n[material]\nmaps = ["norml"]', 3, 9, "'norml'", "'normal'"),
        ('description = "a"\n[animation]\nx = {frames=1, fpss=2}', 3, 16, "'fpss'", "'fps'"),
        ('description = "a"\nanimation = 3', 2, 13, "must be a table", ""),
        ("description = 2020-01-01", 1, 15, "not a date", ""),
    ],
)
def test_what_is_wrong_is_named_with_place_reason_and_repair(
    tmp_path, text, line, column, message, hint
):
    path = write(tmp_path, "a.desc.toml", text)
    with pytest.raises(DescriptionError) as caught:
        read_descriptions(path)
    error = caught.value
    assert message in error.message
    assert hint in error.hint
    assert (error.line, error.column) == (line, column)
    assert error.place(tmp_path) == f"a.desc.toml:{line}:{column}"


def test_all_problems_of_a_file_are_told_at_once_in_order(tmp_path):
    path = write(tmp_path, "a.desc.toml", 'seed = -1\ndescription = ""\nkin = 1\n')
    with pytest.raises(DescriptionError) as caught:
        read_descriptions(path)
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]


def test_a_batch_keeps_its_sound_assets_beside_the_problems(tmp_path):
    path = write(
        tmp_path,
        "many.descs.toml",
        """[[asset]]
name = "slime"
description = "green slime"

[[asset]]
name = "bat"
descriptio = "a bat"

[[asset]]
name = "Slime"
description = "again"

[[asset]]
name = "../rat"
description = "a rat"
""",
    )
    examined = examine(path)
    assert [(asset.name, asset.line) for asset in examined.assets] == [("slime", 1)]
    told = [(error.line, error.message) for error in examined.problems]
    assert told[0] == (5, "the key 'description' is missing")
    assert told[1] == (7, "unknown key 'descriptio'")
    assert told[2][0] == 10
    assert "used twice, first in line 1" in told[2][1]
    assert told[3] == (14, "the name '../rat' holds '/'")


@pytest.mark.parametrize(
    "text", ["", "asset = 3", "asset = [1]", '[asset]\nname = "x"', 'description = "x"']
)
def test_a_batch_without_assets_says_how_to_begin_one(tmp_path, text):
    examined = examine(write(tmp_path, "a.descs.toml", text))
    assert "[[asset]]" in examined.problems[0].message + examined.problems[0].hint


def test_a_table_of_assets_is_read_from_csv(tmp_path):
    text = (
        "\ufeffName,description,size,seed,locked,references,palette\r\n"
        'slime,"green, wet\nand ""big""",16x24,3,yes,a.png;b.png,#ff0000;#00ff00\r\n'
        "\r\n"
        "蝙蝠,一只蝙蝠,,,,,\r\n"
    )
    slime, bat = read_descriptions(write(tmp_path, "m.descs.csv", text))
    assert slime.description.description == 'green, wet\nand "big"'
    assert slime.description.size == (16, 24)
    assert slime.description.locked
    assert slime.description.references == ("a.png", "b.png")
    assert slime.description.palette == ("#ff0000", "#00ff00")
    assert (bat.name, bat.line, bat.description.seed) == ("蝙蝠", 5, None)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_csv_of_other_spreadsheets_is_read(tmp_path, separator):
    text = separator.join(["name", "description"]) + "\n" + separator.join(["a", "b, c"])
    (asset,) = read_descriptions(write(tmp_path, "m.descs.csv", text))
    assert asset.description.description == "b, c"


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, "empty"),
        ("name,descripton\n", 1, 6, "unknown column 'descripton'"),
        ("name\n", 1, 1, "'description' is missing"),
        ("name,description,name\n", 1, 18, "twice"),
        ("name,description,material\n", 1, 18, "cannot hold 'material'"),
        ("name,description\na,b,c\n", 2, 5, "3 fields"),
        ("name,description\na,\n", 2, 3, "empty"),
        ("name,description\n,b\n", 2, 1, "'name' is missing"),
        ('name,description\na,"b\n', 2, 1, "CSV"),
        ('name,description\n"a"x,b\n', 2, 1, "CSV"),
        ('name,description,seed\n"a,b",b,c\n', 2, 9, "whole number"),
        ('name,description,size\na,"b\n,c",0x5\n', 3, 5, "4 to 4096"),
        ("name,description,locked\na,b,maybe\n", 2, 5, "true or false"),
        ("name,description\nA,b\na,c\n", 3, 1, "used twice, first in line 2"),
    ],
)
def test_what_is_wrong_in_csv_is_named_with_its_place(tmp_path, text, line, column, words):
    examined = examine(write(tmp_path, "m.descs.csv", text))
    error = examined.problems[0]
    assert words in error.message
    assert (error.line, error.column) == (line, column)


def test_limits_of_file_size(tmp_path):
    big = 'description = "x" #' + "x" * 64 * 1024
    assert "64 KiB" in examine(write(tmp_path, "a.desc.toml", big)).problems[0].message
    rows = "name,description\n" + "".join(f"asset{i},{'x' * 60}\n" for i in range(2000))
    assert len(examine(write(tmp_path, "m.descs.csv", rows)).assets) == 2000


@pytest.mark.parametrize("name", ["龙", "🐉 dragon", "café", "a.b"])
def test_names_in_any_script_are_welcome(tmp_path, name):
    (asset,) = read_descriptions(write(tmp_path, f"{name}.desc.toml", 'description = "x"'))
    assert asset.name == name


@pytest.mark.parametrize("name", ["con", "NUL", "aux.tile", "a:b", "a?", "x "])
def test_names_that_fail_on_another_system_are_refused(tmp_path, name):
    examined = examine(write(tmp_path, f"{name}.desc.toml", 'description = "x"'))
    assert not examined.assets
    assert examined.problems[0].hint == "rename the file"


def test_a_key_is_located_in_each_kind_of_file(tmp_path):
    one = write(tmp_path, "a.desc.toml", 'description = "x"\nstyle = "s"\n')
    assert locate(one, "a", "style") == (2, 9)
    many = write(tmp_path, "m.descs.toml", '[[asset]]\nname="a"\n[[asset]]\nname="b"\nstyle="s"\n')
    assert locate(many, "b", "style") == (5, 7)
    table = write(tmp_path, "m.descs.csv", "name,description,style\na,x,s\nb,x,t\n")
    assert locate(table, "b", "style") == (3, 5)


def test_any_bytes_give_assets_or_problems_never_a_crash(tmp_path):
    rng = random.Random(1)
    seeds = [
        b'description = "a"\nsize = [1, 2]\n[material]\nmaps = ["normal"]\n',
        b'[[asset]]\nname = "a"\ndescription = "b"\n',
        b'name,description,size\na,"b",3x4\n',
    ]
    for round_ in range(600):
        suffix = (".desc.toml", ".descs.toml", ".descs.csv")[round_ % 3]
        data = bytearray(seeds[round_ % 3])
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(data))
            data[at : at + rng.randrange(3)] = bytes(
                rng.choice(b"\"[]{}=,#\n\r\\'.x0\xff\x00 ") for _ in range(rng.randrange(4))
            )
        examined = examine(write(tmp_path, f"f{suffix}", bytes(data)))
        for error in examined.problems:
            assert error.message
            assert error.line >= 0


def test_values_from_a_form_are_checked_the_same_way():
    assert description_from({"description": "a", "size": [8, 8]}).size == (8, 8)
    with pytest.raises(DescriptionError, match="unknown key"):
        description_from({"description": "a", "colour": "red"})
