"""How well pictures are found by meaning that only the model has described: recall at 10.

    python -m tests.benchmarks retrieval --data ../shared/data [--among all] [--json]

The tiles whose names the model never saw lie in a library as numbered files, so that no file name
tells anything. The built-in model describes them; then each held-out name is searched. Found is a
name of which a picture is among the first ten.

captions   by the meaning of the model's captions and tags
names      the same where each picture has its true name as its caption: what the text encoder
           could do with perfect captions
looks      by another picture of the same name, where there is one: "more like this"
chance     ten pictures drawn blindly

`--among all` hides the held-out pictures among all others, some 6,000.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from llamavis_studio.backends.model_process import ProcessSettings
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.core.project import Project
from llamavis_studio.imaging.png import encode_png
from llamavis_studio.librarian import Librarian
from llamavis_studio.library.captioning import Wanted
from llamavis_studio.model.train.samples import COMMON, split_of
from llamavis_studio.model.train.tiles import Tile, read_tiles
from tests.benchmarks._protocol import machine
from tests.support import library_corpus

FIRST = 10


def write(root: Path, tiles: list[Tile], *, named: bool) -> dict[str, str]:
    """One picture a file; the names by file. `named` puts each name beside its picture."""
    library_corpus.write_project(root)
    names = {}
    for number, tile in enumerate(tiles):
        file = f"{number // 500}/{number}.png"
        path = root / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encode_png(tile.pixels))
        if named:
            path.with_suffix(".caption").write_text(tile.phrase, "utf-8")
        names[file] = tile.name
    library_corpus.age(root)
    return names


def recall(
    librarian: Librarian, names: dict[str, str], queries: dict[str, str], what: str
) -> dict[str, float]:
    """Of `queries` (a query by the name that it is to find): found in the first ten, and first."""
    at_ten = at_one = 0
    for name, query in queries.items():
        hits = [names[item.file] for item in librarian.search(query, limit=FIRST).items]
        at_ten += name in hits
        at_one += hits[:1] == [name]
    count = max(1, len(queries))
    return {
        f"{what}_recall_at_10": round(at_ten / count, 3),
        f"{what}_recall_at_1": round(at_one / count, 3),
    }


def chance(names: dict[str, str], wanted: set[str]) -> float:
    """The share of names found by ten pictures drawn blindly."""
    counts, total = Counter(names.values()), len(names)
    missed = 0.0
    for name in wanted:
        none = 1.0
        for drawn in range(min(FIRST, total)):
            none *= max(0, total - counts[name] - drawn) / (total - drawn)
        missed += none
    return 1 - missed / max(1, len(wanted))


def looks_like(
    librarian: Librarian, names: dict[str, str], wanted: set[str]
) -> dict[str, float | int]:
    """Each picture of a name with several looks for another of them."""
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for file, name in names.items():
        if name in wanted:
            by_name[name].append(file)
    asked = [(name, files[0]) for name, files in by_name.items() if len(files) > 1]
    found = 0
    for name, file in asked:
        items = librarian.search(f'similar:"{file}"', limit=FIRST + 1).items
        found += name in [names[item.file] for item in items if item.file != file][:FIRST]
    return {"looks_recall_at_10": round(found / max(1, len(asked)), 3), "looks_asked": len(asked)}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True, help="the folder with tiles.zip")
    parser.add_argument("--among", choices=("held-out", "all"), default="held-out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    tiles, _ = read_tiles(options.data)
    counts = Counter(tile.name for tile in tiles)
    wanted = {n for n, count in counts.items() if split_of(n) == "val" and count <= COMMON}
    if options.among == "held-out":
        tiles = [tile for tile in tiles if tile.name in wanted]
    phrases = {tile.name: tile.phrase for tile in tiles if tile.name in wanted}
    queries = {name: f'like:"{phrase}"' for name, phrase in phrases.items()}
    result: dict[str, object] = {
        "machine": machine(),
        "pictures": len(tiles),
        "held_out_names": len(queries),
    }
    host = ProcessHost(ProcessSettings())
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve()
        for what, named in (("captions", False), ("names", True)):
            names = write(root / what, tiles, named=named)
            librarian = Librarian(Project.open(root / what), host)
            librarian.update()
            if named:
                librarian.embed_words()
            else:
                report = librarian.describe(Wanted(), on_progress=_told())
                result["guesses"] = report.guesses
            result |= recall(librarian, names, queries, what)
            if not named:
                result |= looks_like(librarian, names, set(queries))
            librarian.close()
    host.close()
    result["chance"] = round(chance(names, set(queries)), 3)
    print(json.dumps(result, indent=None if options.json else 2))
    return 0


def _told() -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if done % 640 == 0 or done == total:
            print(f"described {done} of {total}", file=sys.stderr)

    return tell


if __name__ == "__main__":
    sys.exit(main())
