"""import, search, caption --library, duplicates and used: the command line and the assets."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llamavis_studio.cli.executor import HERE, Executor, cluster_of
from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.output import Output, ProgressLine
from llamavis_studio.cli.project_commands import opened, start_of
from llamavis_studio.core.errors import LibraryError, did_you_mean

if TYPE_CHECKING:
    from llamavis_studio.backends.host import ModelHost
    from llamavis_studio.librarian import Librarian
    from llamavis_studio.library.library import Item
    from llamavis_studio.library.scan import ScanReport

_MOST_TOLD = 20


@dataclass(frozen=True)
class SearchWish:
    """The options of `llamavis search` as they were typed."""

    query: str = ""
    meaning: bool = False
    like: Path | None = None
    order: str = "best"
    limit: int = 50
    after: str | None = None
    paths0: bool = False


@dataclass(frozen=True)
class DescribeWish:
    """The options of `llamavis caption --library`."""

    paths: tuple[Path, ...] = ()
    backend: str = "builtin"
    again: bool = False
    everything: bool = False
    write: str | None = None
    executor: Executor = HERE


def import_assets(project: Path, add: list[Path], remove: list[Path], as_json: bool) -> int:
    """Bring the library to what is on disk."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.core.project import Project
        from llamavis_studio.library.roots import add_library_folder, remove_library_folder

        opened_project = Project.open(project)
        for folder in remove:
            remove_library_folder(opened_project, folder)
        for folder in add:
            add_library_folder(opened_project, folder)
        with opened([project], output) as studio:
            found = updated(studio.library, output)
            _tell_import(found, output)
        output.document(_import_json(found))
        return 0

    return guarded(output, work)


@contextlib.contextmanager
def library_of(
    paths: list[Path], output: Output, host: ModelHost | None = None
) -> Iterator[Librarian]:
    """The up-to-date library of the project that the paths lie in."""
    with opened(paths, output, host=host) as studio:
        updated(studio.library, output)
        yield studio.library


def updated(library: Librarian, output: Output) -> ScanReport:
    """Import with progress on stderr; what had to be done to the index is told."""
    for told in library.library.told:
        output.warn(told)
    with ProgressLine("importing", 1) as line:
        return library.update(mover(line, "importing"))


def mover(line: ProgressLine, what: str) -> Callable[[int, int], None]:
    """Moves a progress line of length 1, with the time that is left."""
    began = time.monotonic()

    def move(done: int, total: int) -> None:
        spent = time.monotonic() - began
        line.move(done / max(1, total), spent / done * (total - done) if done else None)
        line.waiting(f"{what} {done}/{total}")

    return move


def _tell_import(found: ScanReport, output: Output) -> None:
    for path, reason in [*found.problems, *found.broken][:_MOST_TOLD]:
        output.warn(f"{path}: {reason}")
    more = len(found.problems) + len(found.broken) - _MOST_TOLD
    if more > 0:
        output.note(f"and {more} more; llamavis search is:broken")
    for before, now in found.moved[:_MOST_TOLD]:
        output.say(f"moved {before} -> {now}")
    counts = {
        "new": found.added,
        "changed": found.changed,
        "moved": len(found.moved),
        "back again": found.back,
        "missing": found.missing,
        "with other words": found.words,
        "unchanged": found.unchanged,
    }
    output.say(", ".join(f"{n} {what}" for what, n in counts.items() if n) or "no images yet")


def _import_json(found: ScanReport) -> dict[str, Any]:
    return {
        "added": found.added,
        "changed": found.changed,
        "moved": [{"from": before, "to": now} for before, now in found.moved],
        "missing": found.missing,
        "back": found.back,
        "words": found.words,
        "unchanged": found.unchanged,
        "broken": [{"file": path, "reason": reason} for path, reason in found.broken],
        "problems": [{"file": path, "reason": reason} for path, reason in found.problems],
        "seconds": found.seconds,
    }


def search(project: Path, wish: SearchWish, as_json: bool) -> int:
    """Find images."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.library.query.search import ORDERS, Cursor

        if wish.order not in ORDERS:
            raise LibraryError(f"no order '{wish.order}'", did_you_mean(wish.order, ORDERS))
        after = Cursor.from_text(wish.after) if wish.after else None
        with library_of([project], output) as library:
            query = _query(wish, library.library.project.root)
            with ProgressLine("reading", 1) as line:
                library.make_findable(query, mover(line, "reading words"))
            items: list[Item] = []
            told = ""
            while True:
                room = min(500, wish.limit - len(items)) if wish.limit else 500
                page = library.search(query, order=wish.order, limit=room, after=after)
                items += page.items
                told = told or page.changed
                after = page.next
                if after is None or (wish.limit and len(items) >= wish.limit):
                    break
        if told:
            output.note(told)
        if not items and query.strip() and "like:" not in query and not wish.paths0:
            output.note("to find by what the words mean, add --meaning")
        if wish.paths0:
            sys.stdout.buffer.write(b"".join(os.fsencode(item.path) + b"\0" for item in items))
            sys.stdout.buffer.flush()
            return 0
        _show_items(items, output)
        if after is not None:
            output.note(f"there is more: --after {after.to_text()}, or -n 0 for all")
        output.document([item_json(item) for item in items])
        return 0

    return guarded(output, work)


def _query(wish: SearchWish, root: Path) -> str:
    query = wish.query
    if wish.meaning and query.strip():
        quoted = query.replace("\\", " ").replace('"', " ")
        query = f'like:"{quoted}"'
    if wish.like is not None:
        path = wish.like.resolve()
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        if '"' in name:
            raise LibraryError("the picture's name has a quotation mark", "rename it")
        query = f'similar:"{name}" {query}'.strip()
    return query


def _show_items(items: list[Item], output: Output) -> None:
    if output.as_json:
        return
    if not items:
        output.say("nothing found")
    wide = max((len(item.file) for item in items), default=0)
    for item in items:
        size = f"{item.width}x{item.height}" if item.width else "-"
        words = item.caption or ", ".join(item.tags[:6])
        if item.caption and not item.in_domain and item.caption_origin == "model":
            words = f"{words} (a guess)"
        if item.problem:
            words = item.problem
        line = f"{item.file:<{min(wide, 60)}}  {size:>9}  {item.kind:<10}  {words}"
        output.say(line.rstrip())


def item_json(item: Item) -> dict[str, Any]:
    """An asset as the JSON of `search --json`."""
    return {
        "file": item.file,
        "score": round(item.score, 4),
        "caption": item.caption,
        "origin": item.caption_origin,
        "confidence": item.confidence,
        "in_domain": item.in_domain,
        "tags": list(item.tags),
        "kind": item.kind,
        "size": [item.width, item.height],
        "frames": item.frames,
        "state": item.state,
        "missing": item.missing,
        "problem": item.problem,
        "group": item.group,
    }


def describe(wish: DescribeWish, as_json: bool) -> int:
    """Have a model describe what no one has described yet; can be ended and goes on later."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.library.captioning import Wanted
        from llamavis_studio.library.publish import KINDS, publish

        if wish.write is not None and wish.write not in KINDS:
            raise LibraryError(f"no kind '{wish.write}'", did_you_mean(wish.write, KINDS, "kinds"))
        start = list(wish.paths) or [Path()]
        with (
            cluster_of(wish.executor, start_of(start), {}) as cluster,
            library_of(start, output, cluster) as library,
        ):
            root = library.library.project.root
            folders, ids = [], []
            for path in wish.paths:
                full = Path(os.path.realpath(path))
                if full.is_file():
                    ids.append(library.library.find(full))
                elif full != root:
                    folders.append(full.relative_to(root).as_posix())
            wanted = Wanted(tuple(folders), tuple(ids), wish.again, wish.everything)
            with ProgressLine("describing", 1) as line:
                report = library.describe(wanted, wish.backend, mover(line, "describing"))
            for name, reason in report.failed:
                output.warn(f"{name}: {reason}")
            output.say(f"{report.described} described" if report.described else "nothing to do")
            if report.guesses:
                output.say(f"{report.guesses} of them are guesses: llamavis search is:guess")
            written = None
            if wish.write is not None:
                written = publish(library.library, library.all_items(""), wish.write)
                output.say(f"{written.written} written as {wish.write}")
                for name, reason in written.left[:_MOST_TOLD]:
                    output.warn(f"{name}: {reason}")
        output.document(
            {
                "described": report.described,
                "guesses": report.guesses,
                "failed": [{"file": path, "reason": reason} for path, reason in report.failed],
                "texts": report.texts,
                "written": written.written if written else 0,
            }
        )
        return 1 if report.failed else 0

    return guarded(output, work)


def duplicates(project: Path, alike: bool, as_json: bool) -> int:
    """List copies, and pictures that look alike."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.library.duplicates import look_alikes, same_bytes

        with library_of([project], output) as librarian:
            library = librarian.library
            found = {"same": same_bytes(library.database)}
            if alike:
                found["alike"] = look_alikes(library.database)
            named = {
                kind: [[item.file for item in library.items(group)] for group in groups]
                for kind, groups in found.items()
            }
        for kind, groups in named.items():
            for group in groups:
                output.say(f"{kind}: {'  '.join(group)}")
        copies = sum(len(group) - 1 for group in named["same"])
        output.say(f"{copies} copies" if copies else "no copies")
        output.document(named)
        return 0

    return guarded(output, work)


def used(project: Path, files: list[Path], as_json: bool) -> int:
    """Tell where images are used."""
    output = Output(as_json)

    def work() -> int:
        start = [files[0]] if files and project == Path() else [project]
        with library_of(start, output) as librarian:
            library = librarian.library
            if files:
                ids = [library.find(Path(os.path.realpath(file))) for file in files]
                items = library.items(ids)
            else:
                items = list(librarian.all_items("used:yes"))
            told = {item.file: library.users_of(item.id) for item in items}
        for file, users in told.items():
            output.say(f"{file}: {', '.join(users) if users else 'not used'}")
        if not told:
            output.say("no file of the game names an image yet")
        output.document([{"file": file, "used": users} for file, users in told.items()])
        return 0

    return guarded(output, work)
