"""R17 and R18 for the library: an index that is lost or damaged is made again from what lies beside
the images, and files with odd names go all the way through.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import unicodedata
from pathlib import Path

import pytest

from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.project import Project
from llamavis_studio.library.library import Library
from llamavis_studio.library.query.parser import parse
from llamavis_studio.library.query.search import search
from llamavis_studio.library.words import WordChange
from tests.library.conftest import picture
from tests.reliability.column import column, patient, told
from tests.support import library_corpus

pytestmark = patient

HAN = "石墙骑士龙森林城堡水火剑盾蘑菇海滩日落古老金色木门箱子"


def words_of(library: Library, origins: str = "'human'") -> set[tuple[str, str, str]]:
    """Captions and tags that people gave."""
    database = library.database
    said = database.execute(
        "SELECT a.path, 'caption', c.text FROM caption c JOIN asset a ON a.id = c.asset_id "
        f"WHERE c.origin IN ({origins}) UNION "
        "SELECT a.path, 'tag', t.name FROM asset_tag s JOIN asset a ON a.id = s.asset_id "
        f"JOIN tag t ON t.id = s.tag_id WHERE s.origin IN ({origins}) AND s.source <> 'path' "
        "AND NOT s.rejected"
    )
    return set(said)


@pytest.mark.parametrize("damage", ["deleted", "bytes flipped", "cut", "another program's"])
def test_an_index_is_made_again_with_every_word_of_a_person(tmp_path: Path, damage: str) -> None:
    count = column(1_000, 10_000)
    root = library_corpus.write_project(tmp_path / "game")
    library_corpus.write_small(root, count, seed=3)
    library_corpus.age(root)
    rng = random.Random(damage)
    with Library(Project.open(root)) as library:
        library.update()
        ids = [row for (row,) in library.database.execute("SELECT id FROM asset")]
        for asset_id in rng.sample(ids, 40):
            change = WordChange(add=(f"mine {asset_id}",), caption=f"I wrote {asset_id}, really.")
            library.edits.change({asset_id: change}, "words")
        library.update()
        by_people, imported = words_of(library), words_of(library, "'imported'")
        assert len(by_people) == 80
        path = library.database.path
    data = bytearray(path.read_bytes())
    if damage == "deleted":
        path.unlink()
    elif damage == "bytes flipped":
        for _ in range(200):
            data[rng.randrange(len(data))] ^= 0xFF
        path.write_bytes(data)
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 3])
    else:
        path.write_bytes(b"no database " * 1000)
    began = time.monotonic()
    with Library(Project.open(root)) as library:
        report = library.update()
        seconds = time.monotonic() - began
        assert report.added == count
        assert words_of(library) == by_people
        assert words_of(library, "'imported'") == imported
        if damage != "deleted":
            [line] = library.told
            kept = line.rpartition(" ")[2]
            assert (path.parent / kept).exists()
    told("R17", damage=damage, assets=count, seconds=f"{seconds:.1f}", words_lost=0)
    assert seconds < 60 * count / 10_000 + 5


def odd_names(rng: random.Random, count: int) -> list[str]:
    """Names that trip programs up, each another."""
    shapes = [
        lambda n: "".join(rng.sample(HAN, 3)) + str(n),
        lambda n: unicodedata.normalize("NFC", f"caf\u00e9 \u1e69tein {n}"),
        lambda n: unicodedata.normalize("NFD", f"caf\u00e9 \u1e69tein {n}"),
        lambda n: f"\U0001f409 dragon\u200d {n}",
        lambda n: f"\u05d0\u05d1 \u202eright{n}\u202c",
        lambda n: f"new\nline\t{n}",
        lambda n: f"quote\"'`$(x) {n}",
        lambda n: f" leading and trailing {n} ",
        lambda n: f"-dash --option {n}",
        lambda n: f"100%_[a]*?{n}",
        lambda n: f"con.{n}",
        lambda n: f"dots...{n}.",
        lambda n: str(n) + "x" * ((251 if n % 2 else 246) - len(str(n))),
        lambda n: f"\udcff\udcfe bad {n}",
        lambda n: f"ﬁligree Ⅳ {n}",
    ]
    return [shapes[n % len(shapes)](n) for n in range(count)]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_odd_names_go_all_the_way_through(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from llamavis_studio.cli import run
    from llamavis_studio.library import walk

    monkeypatch.setattr(walk, "RACY_NS", 0)
    rng = random.Random(8)
    names = odd_names(rng, column(60, 300))
    root = library_corpus.write_project(tmp_path / "game")
    deep = root.joinpath(*["a folder of some length"] * 8)
    for place in (root / "art", deep):
        place.mkdir(parents=True)
    files: list[Path] = []
    for number, name in enumerate(names):
        path = (deep if number % 7 == 0 else root / "art") / f"{name}.png"
        path.write_bytes(picture(number))
        files.append(path)
    library_corpus.age(root)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with Library(Project.open(root), workers=1) as library:
        assert library.update().added == len(files)
        assert library.update().unchanged == len(files)
        connection = library.database.connection
        found_by_characters = asked = 0
        refused: list[Path] = []
        for path in files:
            asset_id = library.find(path)
            [item] = library.items([asset_id])
            assert os.fsencode(item.path) == os.fsencode(path)
            if len(os.fsencode(path.with_suffix(".json").name)) > 255:
                with pytest.raises(LlamaVisError, match="too long"):  # refused, with the reason
                    library.edits.change({asset_id: WordChange(add=("odd",))}, "tag")
                refused.append(path)
                continue
            library.edits.change({asset_id: WordChange(add=("odd",))}, "tag")
            for length in (1, 2):
                if any(char in HAN for char in path.name):
                    asked += 1
                    rows = search(connection, parse(path.name[:length]), limit=1000).rows
                    found_by_characters += asset_id in [row.id for row in rows]
        files = [path for path in files if path not in refused]
        assert len(search(connection, parse("tag:odd"), limit=1000).rows) == len(files)
    # The sidecars that the edits wrote are found again.
    with Library(Project.open(root), workers=1) as library:
        report = library.update()
        assert (report.added, report.missing, report.problems) == (0, 0, [])
    monkeypatch.chdir(root)
    capfdbinary.readouterr()
    assert run(["search", "tag:odd", "-n", "0", "--paths0"]) == 0
    printed = capfdbinary.readouterr().out.split(b"\0")
    assert sorted(printed) == sorted([b"", *map(os.fsencode, files)])
    assert run(["search", "tag:odd", "-n", "0", "--json"]) == 0
    rows = json.loads(capfdbinary.readouterr().out)
    assert len(rows) == len(files)
    told(
        "R18",
        names=len(names),
        words_refused=len(refused),
        lost=0,
        han_recall=f"{found_by_characters}/{asked}",
    )
    assert found_by_characters >= 0.99 * asked
