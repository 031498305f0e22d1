"""The library at 100,000 assets, beside what no program could do without.

    python -m tests.benchmarks library [--count 100000] [--mixed 20000] [--pairs 3] [--json]

import      our import over a loop that only reads, hashes and decodes the same mixed PNGs in as
            many processes: rates, ours / the loop's
rescan      of `count` unchanged files with sidecars, over os.scandir and stat of them all
search      p95 of 200 queries by words and of 40 by meaning, whole (parsing, embedding, rows), and
            over the same SQL run bare
first page  of everything, and of the commonest word
memory      the most that a process took which imported `count` files, and one that searched them

Ratios are medians of pairs in this one run; the control runs our rescan beside itself.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from llamavis_studio.core.project import Project
from llamavis_studio.library.library import Library
from tests.benchmarks._protocol import is_void, machine, median_of_ratios, percentile
from tests.benchmarks.planning import timed
from tests.support import library_corpus
from tests.support.library_corpus import COLOURS, HAN, PLACES, THINGS

if TYPE_CHECKING:
    from llamavis_studio.librarian import Librarian

WORKERS = max(1, min(8, os.cpu_count() or 1))


def bare_read(paths: list[str]) -> int:
    """Read, hash, decode: what any import of pictures must do."""
    for path in paths:
        with open(path, "rb") as stream:
            data = stream.read()
        hashlib.blake2b(data, digest_size=16).digest()
        with Image.open(io.BytesIO(data)) as image:
            image.load()
    return len(paths)


def bare_import(root: Path) -> None:
    paths = [str(path) for path in sorted(root.rglob("*.png"))]
    chunks = [paths[at : at + 32] for at in range(0, len(paths), 32)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, context) as pool:
        assert sum(pool.map(bare_read, chunks)) == len(paths)


def clean_import(root: Path) -> None:
    for old in (root / ".llamavis").glob("library*"):
        old.unlink()
    with Library(Project.open(root)) as library:
        report = library.update()
    assert report.added and not report.broken, report.broken[:3]


def import_rate(root: Path, pairs: int) -> dict[str, object]:
    ours, bare = [], []
    for _ in range(pairs):
        bare.append(timed(lambda: bare_import(root)))
        ours.append(timed(lambda: clean_import(root)))
    files = sum(1 for _ in root.rglob("*.png"))
    return {
        "files": files,
        "rate_over_bare": round(median_of_ratios(bare, ours), 3),
        "files_a_s": round(files / statistics.median(ours)),
        "bare_files_a_s": round(files / statistics.median(bare)),
    }


def bare_walk(root: Path) -> int:
    seen, pending = 0, [str(root)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    entry.stat()
                    seen += 1
    return seen


def rescan(root: Path, pairs: int) -> dict[str, object]:
    with Library(Project.open(root)) as library:
        library.update()
        walks, scans, controls = [], [], []
        for _ in range(max(5, pairs)):
            walks.append(timed(lambda: bare_walk(root)))
            scans.append(timed(library.update))
            controls.append(timed(library.update))
        report = library.update()
    assert report.added == report.changed == report.words == 0, report
    control = median_of_ratios(scans, controls)
    return {
        "unchanged": report.unchanged,
        "rescan_s": round(statistics.median(scans), 3),
        "rescan_over_walk": round(median_of_ratios(scans, walks), 2),
        "control": round(control, 3),
        "void": is_void(control),
    }


def word_queries(rng: random.Random, count: int) -> list[str]:
    """Eight shapes, as people ask."""
    shapes: list[Callable[[], str]] = [
        lambda: rng.choice(THINGS),
        lambda: f"{rng.choice(COLOURS)} {rng.choice(THINGS)}",
        lambda: rng.choice(THINGS)[:3],
        lambda: f'"{rng.choice(COLOURS)} {rng.choice(THINGS)}"',
        lambda: f"tag:{rng.choice(THINGS)} {rng.choice(PLACES)}",
        lambda: f"{rng.choice(THINGS)} OR {rng.choice(THINGS)} -{rng.choice(COLOURS)}",
        lambda: rng.choice(HAN),
        lambda: f"kind:sprite {rng.choice(THINGS)} size:<=64",
    ]
    return [shapes[number % len(shapes)]() for number in range(count)]


def timed_searches(
    librarian: Librarian, queries: list[str], *, warm: bool
) -> tuple[list[float], list[float], int]:
    """Seconds of each search, seconds of its bare SQL, and all hits. A `warm` search was done once
    before; by meaning that would spare the embedding, and something is always found.
    """
    connection = librarian.library.database.connection
    whole, bare, hits = [], [], 0
    for query in queries:
        asked: list[tuple[str, Any]] = []

        def note(_cursor: Any, sql: str, bindings: Any, asked: list[Any] = asked) -> bool:
            asked.append((sql, bindings))
            return True

        connection.exec_trace = note
        if warm:
            librarian.search(query, limit=50)
            connection.exec_trace = None  # it takes time of its own
        started = time.perf_counter()
        items = librarian.search(query, limit=50).items
        whole.append(time.perf_counter() - started)
        connection.exec_trace = None
        assert items or warm, query
        hits += len(items)
        started = time.perf_counter()
        for sql, bindings in asked:
            list(connection.execute(sql, bindings))
        bare.append(time.perf_counter() - started)
    return whole, bare, hits


def child_search(root: str, queries: int, meanings: int) -> dict[str, object]:
    """In a process of its own, so that its memory is its own."""
    import resource

    from llamavis_studio.backends.model_process import ProcessSettings
    from llamavis_studio.backends.process_host import ProcessHost
    from llamavis_studio.librarian import Librarian

    rng = random.Random(7)
    host = ProcessHost(ProcessSettings())
    librarian = Librarian(Project.open(Path(root)), host)
    connection = librarian.library.database.connection
    first_s = timed(lambda: librarian.search("", limit=50))
    common_s = timed(lambda: librarian.search("knight", limit=50))
    whole, bare, hits = timed_searches(librarian, word_queries(rng, queries), warm=True)
    own_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    embedded_s = timed(librarian.embed_words)
    host.embed("builtin", ["warm"])
    asked = [
        f'like:"{rng.choice(COLOURS)} {rng.choice(THINGS)} number {number}"'
        for number in range(meanings)
    ]
    meaning, meaning_bare, _ = timed_searches(librarian, asked, warm=False)
    assets = connection.execute("SELECT count(*) FROM asset").get
    librarian.close()
    host.close()
    return {
        "assets": assets,
        "first_page_ms": round(first_s * 1000, 1),
        "first_page_common_word_ms": round(common_s * 1000, 1),
        "words_p50_ms": round(percentile(whole, 50) * 1000, 1),
        "words_p95_ms": round(percentile(whole, 95) * 1000, 1),
        "words_p95_over_bare": round(percentile(whole, 95) / percentile(bare, 95), 2),
        "words_over_bare_median": round(median_of_ratios(whole, bare), 2),
        "hits_a_query": round(hits / max(1, queries), 1),
        "embedding_s": round(embedded_s, 1),
        "meaning_p95_ms": round(percentile(meaning, 95) * 1000, 1),
        "meaning_p95_over_bare": round(percentile(meaning, 95) / percentile(meaning_bare, 95), 2),
        "meaning_over_bare_median": round(median_of_ratios(meaning, meaning_bare), 2),
        "search_memory_mb": round(own_mb),
        "search_and_meaning_memory_mb": round(
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        ),
    }


def child_import(root: str) -> tuple[float, int]:
    """Seconds of an import, and the most memory of its process in MB."""
    import resource

    seconds = timed(lambda: clean_import(Path(root)))
    return seconds, round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def in_child(function: Callable[..., Any], *arguments: object) -> Any:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--mixed", type=int, default=20_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--meanings", type=int, default=40)
    parser.add_argument("--folder", help="keep the corpus here, for another run")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    result: dict[str, object] = {"machine": machine(), "workers": WORKERS}
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(os.path.realpath(options.folder or temporary))
        mixed, many = base / "mixed", base / "many"
        if not mixed.exists():
            library_corpus.write_mixed(library_corpus.write_project(mixed), options.mixed)
            library_corpus.age(mixed)
        if not many.exists():
            library_corpus.write_small(library_corpus.write_project(many), options.count)
            library_corpus.age(many)
        result["import"] = import_rate(mixed, options.pairs)
        seconds, memory_mb = in_child(child_import, str(many))
        result["import_many"] = {"s": round(seconds, 1), "memory_mb": memory_mb}
        result["rescan"] = rescan(many, options.pairs)
        result["search"] = in_child(child_search, str(many), options.queries, options.meanings)
    print(json.dumps(result, indent=None if options.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
