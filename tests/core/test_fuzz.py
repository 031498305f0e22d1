"""Any bytes at all in a project's text files: told in words with a place, quickly, never a crash.

10,000 inputs from fixed seeds: random bytes, valid files broken in many ways, and the nasty cases
that people and programs really make. `test_time_stays_linear` holds the inputs that once hung.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from llamavis_studio.core.description import examine
from llamavis_studio.core.errors import LocatedError, ProjectError
from llamavis_studio.core.project import Project
from llamavis_studio.core.project_file import read_project_file

MOST_S = 1.0  # of the processor, whatever else runs

ONE = """#:schema .llamavis/schema/description.json
description = "mossy grey cobblestone, wet"  # words
kind = "texture"
size = [64, 64]
seed = 7
count = 4
style = "dungeon"
negative = 'text, frame'
palette = ["#1a1c2c", "#f4f4f4"]
references = ["hero.png", "../b.png"]
locked = false
[material]
maps = ["base_color", "normal"]
[animation]
idle = { frames = 4, fps = 6.5 }
"walk left" = { frames = 8, fps = 10 }
"""
MANY = """[[asset]]
name = "key"
description = \"\"\"golden
key\"\"\"
[[asset]]
name = "剑"
description = "一把红色的剑"
size = [32, 32]
[asset.animation.idle]
frames = 4
[[asset]]
name = "gem"
description = "red gem"
palette = "res/db32.hex"
"""
TABLE = (
    'name,description,kind,size,seed,count,references,palette,locked\r\n'
    'key,"golden, old ""key""",item,32x32,7,1,a.png;b.png,#112233;#445566,no\r\n'
    "剑,一把红色的剑,sprite,,,,,,\r\n"
    'gem,"two\nlines",item,16x16,,2,,res/db32.hex,true\r\n'
)  # fmt: skip
PROJECT = """[project]
name = "The Mossy Cellar"
backend = "builtin"
[[folder]]
path = "tiles/**"
kind = "texture"
style = "dungeon"
[style.base]
prefix = "pixel art"
[style.dungeon]
inherits = "base"
palette = "db32"
references = ["hero.png"]
[palettes]
db32 = "res/db32.hex"
warm = ["#884422"]
[export]
formats = ["aseprite", "godot"]
[settings]
threads = 2
"""
KINDS = {"a.desc.toml": ONE, "a.descs.toml": MANY, "a.descs.csv": TABLE, "llamavis.toml": PROJECT}

WORDS = (
    "", " ", "<script>alert(1)</script>", "<img src=file:///etc/passwd>", "file:///etc/passwd",
    "{{7*7}}", "${7*7}", "%s%n%d", "{0.__class__}", "{", "}", "__proto__", "../../../x", "a/b",
    "C:\\x", "\\\\server\\x", "con", "NUL.png", ".", "..", "a" * 5000, "龙" * 700, "e\u0301",
    "\u202eabc", "\x1b[31mred\x1b[0m", "\x00", "\x07", "\ufeff", "=cmd|' /C calc'!A0", "#112233",
    "nan", "inf", "-1", "1e999", "true", "null", "1979-05-27", "'", '"', '""', "\t", "\r", ",", ";",
)  # fmt: skip
VALUES = (
    "1000000", "-1", "0", "[1000000000, 1000000000]", "1000000000", "9" * 4000, "9" * 5000,
    "0x" + "f" * 5000, "0b" + "1" * 16000, "1e400", "-nan", "inf", "true", "[]", "{}", "[[[[]]]]",
    "[1, [2, {a = 3}]]", "[" * 90 + "]" * 90, "[" * 3000, "{a=" * 900, "1979-05-27T07:32:00Z",
    '"\\u0000"', '"\\ud800"', '"\\x"', "'''", '"""', "[0xffffffffffffffffffff]", "00:00:00", "a.b",
)  # fmt: skip


def quoted(word: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    parts = (
        escapes.get(ch) or (ch if ch >= " " and ch != "\x7f" else f"\\u{ord(ch):04x}")
        for ch in word
    )
    return f'"{"".join(parts)}"'


def mutated(text: str, chance: random.Random) -> bytes:
    """A valid file with one to four things wrong."""
    data = text.encode()
    for _ in range(chance.randint(1, 4)):
        data = MUTATIONS[chance.randrange(len(MUTATIONS))](data, chance)
    return data


def flip(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data or b"x")
    for _ in range(chance.randint(1, 8)):
        found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def drop_part(data: bytes, chance: random.Random) -> bytes:
    start = chance.randint(0, len(data))
    return data[:start] + data[start + chance.randint(0, 20) :]


def double_line(data: bytes, chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    lines.insert(chance.randint(0, len(lines)), chance.choice(lines))
    return b"".join(lines)


def swap_lines(data: bytes, chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


def insert(data: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(data))
    word = chance.choice(WORDS + VALUES).encode("utf-8", "surrogatepass")
    return data[:at] + word + data[at:]


def replace_value(data: bytes, chance: random.Random) -> bytes:
    """Another value behind some equals sign, or in some field."""
    lines = data.split(b"\n")
    number = chance.randrange(len(lines))
    key, sign, _ = lines[number].partition(b"=")
    if sign:
        value = chance.choice((*VALUES, *map(quoted, WORDS))).encode("utf-8", "surrogatepass")
        lines[number] = key + b"= " + value
    else:
        fields = lines[number].split(b",")
        word = chance.choice(WORDS).encode()
        fields[chance.randrange(len(fields))] = b'"' + word.replace(b'"', b'""') + b'"'
        lines[number] = b",".join(fields)
    return b"\n".join(lines)


def replace_key(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    number = chance.randrange(len(lines))
    _, sign, value = lines[number].partition(b"=")
    if sign:
        lines[number] = quoted(chance.choice(WORDS)).encode() + b" =" + value
    return b"\n".join(lines)


def recode(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    how = chance.randrange(6)
    if how == 0:
        return b"\xef\xbb\xbf" + data
    if how == 1:
        return text.encode(chance.choice(("utf-16", "utf-16-le", "utf-32", "gb18030")))
    if how == 2:
        return data.replace(b"\n", chance.choice((b"\r", b"\r\n", b"\n\r", b"\x0b")))
    if how == 3:
        return data.replace(b",", chance.choice((b";", b"\t", b"|")))
    if how == 4:
        return data.replace(b'"', chance.choice((b"'", b'""', "“".encode())))
    return text.upper().encode("utf-8", "replace")


MUTATIONS = (
    flip, cut, drop_part, double_line, swap_lines, insert, replace_value, replace_value,
    replace_key, recode,
)  # fmt: skip


def inputs(name: str, count: int) -> Iterator[bytes]:
    chance = random.Random(name)
    for number in range(count):
        if number % 10 == 0:
            yield chance.randbytes(chance.choice((0, 1, 7, 60, 1000)))
        elif number % 10 == 1:
            letters = "[]{}=\"'.,#\\\n \t;aé0-_" if ".csv" not in name else 'a,;"\n\r\t龙'
            yield "".join(chance.choices(letters, k=chance.randint(1, 300))).encode()
        else:
            yield mutated(KINDS[name], chance)


def problems_in(path: Path) -> tuple[LocatedError, ...]:
    """What the reader of this file says is wrong; nothing but the family may come out."""
    if path.name != "llamavis.toml":
        return examine(path).problems
    try:
        read_project_file(path)
    except ProjectError as error:
        return error.problems
    return ()


def check_told(path: Path, data: bytes, problems: tuple[LocatedError, ...]) -> None:
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    for problem in problems:
        assert problem.message.strip()
        assert problem.path == path
        assert 0 <= problem.line <= lines
        assert problem.column >= (1 if problem.line and problem.column else 0)
        told = problem.message + problem.hint
        assert len(told) < 5000
        assert not [
            ch for ch in told if ch not in "\n\t" and (ch < " " or "\x7f" <= ch <= "\x9f")
        ], told


@pytest.mark.parametrize("name", KINDS)
def test_any_bytes_are_read_or_told_in_words(name, tmp_path):
    path = tmp_path / name
    sound = 0
    for number, data in enumerate(inputs(name, 2500)):
        path.unlink(missing_ok=True)  # some disks wait when a file is written over
        path.write_bytes(data)
        began = time.process_time()
        try:
            problems = problems_in(path)
        except Exception as error:
            raise AssertionError(f"input {number}: {data[:2000]!r}") from error
        assert time.process_time() - began < MOST_S, f"input {number}: {data[:2000]!r}"
        check_told(path, data, problems)
        sound += not problems
    assert sound > 10  # some of it is valid, or this tests one error message


def test_the_files_that_are_broken_here_are_sound_when_whole(tmp_path):
    for name, text in KINDS.items():
        path = tmp_path / name
        path.write_bytes(text.encode())
        assert problems_in(path) == ()


LONG = {
    "brackets": ("a.desc.toml", "x=" + "[" * 60_000),
    "closed brackets": ("a.desc.toml", "x=" + "[" * 30_000 + "]" * 30_000),
    "many brackets": ("a.descs.toml", "x=" + "[" * 10**5),
    "tables in tables": ("a.desc.toml", "x=" + "{a=" * 15_000),
    "a dotted key": ("a.desc.toml", ".".join(["a"] * 30_000) + "=1"),
    "a quoted dotted key": ("a.desc.toml", ".".join(['" "'] * 15_000) + "=1"),
    "a dotted table": ("a.desc.toml", "[" + ".".join(["a"] * 30_000) + "]"),
    "one long word": ("a.desc.toml", 'description="' + "a" * 60_000 + '"'),
    "many quotes": ("a.desc.toml", "\"'" * 30_000),
    "a long number": ("a.desc.toml", "seed=" + "9" * 60_000),
    "a long hexadecimal number": ("a.desc.toml", "seed=0x" + "f" * 60_000),
    "wrong references": ("a.desc.toml", "references = [" + ",".join("1" * 30_000) + "]"),
    "wrong colours": ("a.desc.toml", "palette = [" + ",".join(['"x"'] * 15_000) + "]"),
    "unknown keys": ("a.desc.toml", "\n".join(f"k{i}=1" for i in range(7000))),
    "empty assets": ("a.descs.toml", "[[asset]]\n" * 20_000),
    "one name": ("a.descs.toml", '[[asset]]\nname="a"\ndescription="x"\n' * 5000),
    "empty rows": ("a.descs.csv", "name,description\n" + "a,\n" * 20_000),
    "wide rows": ("a.descs.csv", "name,description\n" + "a,b,c\n" * 20_000),
    "a wide row": ("a.descs.csv", "name,description\na," + "," * 10**6),
    "a wide header": ("a.descs.csv", "name,description," + ",".join("x" * 10**5)),
    "one quote": ("a.descs.csv", 'name,description\na,"' + "b\n" * 10**5),
    "quotes": ("a.descs.csv", "name,description\n" + '"' * 10**6),
    "a long circle": (
        "llamavis.toml",
        "".join(f'[style.s{i}]\ninherits = "s{(i + 1) % 2000}"\n' for i in range(2000)),
    ),
    "a long inheritance": (
        "llamavis.toml",
        "".join(f'[style.s{i}]\ninherits = "s{i + 1}"\n' for i in range(2000)),
    ),
    "stars": ("llamavis.toml", '[[folder]]\npath = "' + "**/" * 5000 + '"\nkind = "item"\n'),
    "wrong settings": ("llamavis.toml", "[settings]\nthreads = 0b" + "1" * 60_000),
}


@pytest.mark.parametrize("case", LONG)
def test_time_stays_linear(case, tmp_path):
    name, text = LONG[case]
    path = tmp_path / name
    path.write_text(text, "utf-8")
    began = time.process_time()
    problems = problems_in(path)
    assert time.process_time() - began < MOST_S
    check_told(path, text.encode(), problems)


@pytest.mark.parametrize("name", ["a.descs.toml", "a.descs.csv"])
def test_the_same_mistake_in_thousands_of_assets_is_told_in_time(name, tmp_path):
    (tmp_path / "llamavis.toml").touch()
    rows = "".join(f"a{i},red gem,nope\n" for i in range(2000))
    tables = "".join(
        f'[[asset]]\nname="a{i}"\ndescription="x"\nstyle="nope"\n' for i in range(2000)
    )
    csv = "name,description,style\n" + rows
    path = tmp_path / name
    path.write_text(csv if name.endswith("csv") else tables)
    project = Project.open(tmp_path)
    examined = examine(path)
    began = time.process_time()
    places = []
    for asset in examined.assets:
        with pytest.raises(LocatedError) as caught:
            project.resolve(asset)
        places.append(caught.value.line)
    assert time.process_time() - began < 3 * MOST_S
    assert places == [2 + i if name.endswith("csv") else 4 * i + 4 for i in range(2000)]


def test_a_file_with_a_thousand_mistakes_names_the_first_and_says_there_are_more(tmp_path):
    path = tmp_path / "a.descs.csv"
    path.write_text("name,description\n" + "a,\n" * 5000)
    problems = examine(path).problems
    assert len(problems) == 1001
    assert (problems[0].line, problems[-1].line) == (2, 1002)
    assert "the rest was not read" in problems[-1].message


def test_a_quote_inside_a_plain_field_is_a_letter(tmp_path):
    path = tmp_path / "a.descs.csv"
    path.write_text('name,description,kind\na,5" nail,itme\nb,5" nail,item,6" nail\nc,x,item\n')
    examined = examine(path)
    assert [asset.name for asset in examined.assets] == ["c"]
    assert [(one.line, one.column) for one in examined.problems] == [(2, 11), (3, 16)]


def test_what_a_message_quotes_cannot_steer_the_terminal(tmp_path):
    path = tmp_path / "a.desc.toml"
    path.write_text('description = "x"\n"\\u001b[2J\\u202e\\u0007" = 1\n')
    (problem,) = examine(path).problems
    assert problem.message == "unknown key '\\x1b[2J\\u202e\\x07'"
