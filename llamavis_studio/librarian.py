"""The library of an open project together with its models: import, describe, search.

The library knows no model and the models know no library; here an answer of the one becomes a
question to the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.backends.base import CaptionRequest, CaptionResult, OnStep, ignore_steps
from llamavis_studio.backends.host import ModelHost
from llamavis_studio.core.errors import BackendError, LibraryError
from llamavis_studio.core.project import Project
from llamavis_studio.imaging.any_image import read_pixels
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.colour_cells import cells_near
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.library.asset_words import AssetWords, asset_words
from llamavis_studio.library.captioning import (
    ModelWords,
    Waiting,
    Wanted,
    count_waiting,
    take_model_words,
    waiting_assets,
)
from llamavis_studio.library.duplicates import look_alikes
from llamavis_studio.library.library import Item, Library
from llamavis_studio.library.places import Places
from llamavis_studio.library.query.fields import FIELDS
from llamavis_studio.library.query.parser import parse
from llamavis_studio.library.query.search import Cursor, Page, mark_of, search
from llamavis_studio.library.query.spelling import suggestions
from llamavis_studio.library.query.sql import SearchContext
from llamavis_studio.library.query.tree import Node, by_meaning, meanings, pictures
from llamavis_studio.library.redoing import redo
from llamavis_studio.library.roots import library_folders
from llamavis_studio.library.scan import OnProgress, ScanReport
from llamavis_studio.library.vectors import (
    LOOK_WIDTH,
    count_waiting_texts,
    drop_unused_texts,
    has_vectors,
    keep_vectors,
    quantized,
    waiting_texts,
)
from llamavis_studio.library.words import Said, WordChange
from llamavis_studio.machine_models import captioner

_BATCH = 64
ALL_WAITING = Wanted()
_TEXT_BACKEND = "builtin"
NEAR = 0.45
"""Cosine similarity of texts that mean about the same: what a search falls back to is this near."""
"""Whose text encoder search by meaning uses: its vectors are compared with each other only."""


@dataclass
class CaptionReport:
    """What describing the library did."""

    described: int = 0
    guesses: int = 0
    """Of them those the model knows nothing like."""
    failed: list[tuple[str, str]] = field(default_factory=list)
    texts: int = 0
    """Texts that became findable by meaning."""
    waiting: int = 0
    """Those that still wait, because only so many were asked for."""
    last: int = 0
    """The id of the last one looked at; the next call goes on behind it."""


@dataclass(frozen=True)
class Answer:
    """One page of a search. `changed` says which words were searched instead, when none fit."""

    items: tuple[Item, ...]
    next: Cursor | None
    changed: str = ""


class Librarian:
    """A library and a model host; use it from one thread, and close it."""

    def __init__(
        self,
        project: Project,
        host: ModelHost,
        states: Callable[[], Mapping[str, str]] = lambda: {},
        workers: int = 0,
    ) -> None:
        self.library = Library(project, library_folders(project), workers)
        self._host = host
        self._states = states
        self._meant: dict[str, NDArray[np.float32]] = {}
        self._seen: dict[tuple[str, int], NDArray[np.float32]] = {}

    def update(
        self,
        on_progress: OnProgress = lambda _done, _total: None,
        check_cancel: Callable[[], None] = lambda: None,
    ) -> ScanReport:
        """Import what is new or changed. Raises Cancelled, LibraryError."""
        return self.library.update(on_progress, check_cancel)

    def describe(
        self,
        wanted: Wanted = ALL_WAITING,
        backend: str = "builtin",
        on_progress: OnProgress = lambda _done, _total: None,
        check_cancel: Callable[[], None] = lambda: None,
        on_words: Callable[[Waiting, CaptionResult], None] = lambda _asset, _result: None,
        most: int = 1 << 60,
        after: int = 0,
        on_step: OnStep = ignore_steps,
    ) -> CaptionReport:
        """Have a model describe the assets that wait for it, at most so many of those behind the id
        `after`, then make all words findable by meaning.

        Each batch is kept before the next begins; `on_step` is told of the model's own steps in
        between, and may raise Cancelled. Raises Cancelled, LibraryError, BackendError.
        """
        info = self._host.info(backend)
        if not info.can_caption:
            raise BackendError(f"the backend '{backend}' reads no images", "choose another one")
        model, report = f"{info.model} {info.revision}", CaptionReport()
        total = count_waiting(self.library.database, model, wanted, after)
        done, report.last = 0, after
        while done < most:
            check_cancel()
            # Two studios take turns, and neither looks at what the other has described.
            with self.library.alone("caption", check_cancel):
                size = min(_BATCH, most - done)
                batch = waiting_assets(
                    self.library.database, model, wanted, most=size, after=report.last
                )
                if not batch:
                    break
                answers = self._describe_batch(backend, model, batch, report, on_words, on_step)
                report.last = batch[-1].asset_id
                table = self.library.project.file.library
                take_model_words(self.library.database, self.library.rows, answers, table)
            done += len(batch)
            on_progress(done, total)
        report.waiting = max(0, total - done)
        report.texts = self.embed_words(check_cancel=check_cancel)
        return report

    def describe_some(self, ids: Sequence[int] = (), by: str = "", **how: Any) -> CaptionReport:
        """`describe` for the window, by a backend that can: what no one has described yet, or
        these again, whoever has said something; a person's words stay beside the model's.
        """
        wanted = Wanted(ids=tuple(ids), again=True, everything=True) if ids else ALL_WAITING
        own = self.library.project.backend
        return self.describe(wanted, captioner(self._host.info, by, own), **how)

    def _describe_batch(
        self,
        backend: str,
        model: str,
        batch: Sequence[Waiting],
        report: CaptionReport,
        on_words: Callable[[Waiting, CaptionResult], None],
        on_step: OnStep,
    ) -> list[ModelWords]:
        read: list[tuple[Waiting, Pixels]] = []
        for asset in batch:
            file = self.library.folder_of_root(asset.root_id) / asset.path
            try:
                read.append((asset, read_pixels(file)))
            except (ImageError, OSError) as error:
                report.failed.append((asset.path, str(error)))
        if not read:
            return []
        requests = [CaptionRequest(pixels) for _, pixels in read]
        results = self._host.caption(backend, requests, on_step)
        answers = []
        for (asset, _), result in zip(read, results, strict=True):
            report.described += 1
            report.guesses += not result.in_domain
            on_words(asset, result)
            answers.append(_words_of(asset, result, model))
        return answers

    def embed_words(
        self,
        most: int = 1 << 60,
        on_progress: OnProgress = lambda _done, _total: None,
        check_cancel: Callable[[], None] = lambda: None,
    ) -> int:
        """Give texts without one their vector, at most so many; how many got one."""
        revision = self._host.info(_TEXT_BACKEND).revision
        drop_unused_texts(self.library.database)
        total = min(most, count_waiting_texts(self.library.database, revision))
        done = last = 0
        while done < total:
            check_cancel()
            rows = waiting_texts(self.library.database, revision, last, min(512, total - done))
            if not rows:
                break
            last = rows[-1][0]
            vectors = self._host.embed(_TEXT_BACKEND, [text for _, text in rows])
            keep_vectors(self.library.database, [row[0] for row in rows], vectors, revision)
            done += len(rows)
            on_progress(done, total)
        return done

    def make_findable(self, text: str, on_progress: OnProgress) -> None:
        """Before a search by meaning: give the texts that have none yet their vector.

        Raises QueryError, LibraryError, BackendError.
        """
        if meanings(parse(text)):
            self.embed_words(on_progress=on_progress)

    def search(
        self,
        text: str,
        *,
        order: str = "best",
        limit: int = 50,
        after: Cursor | str | None = None,
    ) -> Answer:
        """One page of what a query finds; `after` is the last page's `next`, or its text.

        Raises QueryError, LibraryError, BackendError.

        Where nothing is found, misspelt words are searched as the library spells them, and after
        that, as for Chinese words where all captions are English, what they mean.
        """
        tree, changed = parse(text), ""
        after = Cursor.from_text(after) if isinstance(after, str) else after
        page = None
        for asked, told, least in self._ways(tree, order):
            if after is not None and after.mark != mark_of(asked, order):
                continue  # it is the next page of another way
            page = self._page(asked, order, limit, after)
            if after is not None or (page.rows and page.rows[0].score >= least):
                changed = told
                break
        else:
            page = Page((), None) if page else self._page(tree, order, limit, after)
        scores = {row.id: row.score for row in page.rows}
        items = self.library.items([row.id for row in page.rows], scores)
        return Answer(tuple(items), page.next, changed if items else "")

    def _ways(self, tree: Node, order: str) -> Iterator[tuple[Node, str, float]]:
        """The query, then what else may be meant by it, with words that say so and the score that
        the best hit must have.
        """
        yield tree, "", -math.inf
        connection = self.library.database.connection
        better = suggestions(connection, tree)
        if better is not None:
            yield better.tree, better.change, -math.inf
        words, meant = by_meaning(tree)
        if meant is not None and order == "best" and has_vectors(self.library.database):
            yield meant, f"no '{words}': searched by meaning", NEAR

    def _page(self, tree: Node, order: str, limit: int, after: Cursor | None) -> Page:
        meant = [one for one in meanings(tree) if one not in self._meant]
        if meant:
            found = self._host.embed(_TEXT_BACKEND, meant)
            self._meant |= zip(meant, found, strict=True)
        vectors = {one: self._meant[one] for one in meanings(tree)}
        looks = {one: self._look_of(one) for one in pictures(tree)}
        if after is None and tree.uses("state"):  # the next pages go on with the same plan
            self.library.note_states(self._states())
        context = SearchContext(cells_near, vectors, looks, self._alike)
        connection = self.library.database.connection
        return search(connection, tree, order=order, limit=limit, after=after, context=context)

    @property
    def places(self) -> Places:
        """Moving and copying its pictures, and counting them."""
        return Places(self.library)

    def words_of(self, ids: Sequence[int]) -> list[AssetWords]:
        """All that is said about assets, and by whom, in the order of their ids."""
        return asset_words(self.library, ids)

    def say(
        self,
        ids: Sequence[int],
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        caption: str | None = None,
    ) -> Said:
        """Have a person say the same about assets; one undo takes it back.

        Raises LibraryError, SidecarError or ProjectError.
        """
        change = WordChange(tuple(add), tuple(remove), caption)
        return self.library.edits.change(dict.fromkeys(ids, change), change.told(len(ids)))

    def add_tags(self, ids: Sequence[int], names: Sequence[str]) -> int:
        """Have a person give these tags to assets; how many were changed. Raises LibraryError."""
        change = WordChange(add=tuple(names))
        told = f"tags added: {', '.join(names)}"
        return self.library.edits.change(dict.fromkeys(ids, change), told).assets

    def redo_words(self) -> tuple[str, Said] | None:
        """Make the change of words again that was taken back last. Raises LibraryError."""
        return redo(self.library.edits)

    def search_words(self) -> dict[str, tuple[str, ...]]:
        """The fields that a search knows, each with values that it may have, for completion."""
        words = {field.name: field.choices for field in FIELDS}
        tags = self.library.database.execute(
            "SELECT t.name FROM asset_tag a JOIN tag t ON t.id = a.tag_id "
            "GROUP BY t.id ORDER BY count(*) DESC LIMIT 200"
        )
        words["tag"] = tuple(f'"{name}"' if " " in name else name for (name,) in tags)
        return words

    def _alike(self) -> list[int]:
        return [one for group in look_alikes(self.library.database) for one in group]

    def _look_of(self, name: str) -> NDArray[np.float32]:
        """What the model sees in a picture, of the library or elsewhere."""
        file = Path(name) if Path(name).is_absolute() else self.library.project.root / name
        try:
            asset_id = self.library.find(file)
        except LibraryError:
            asset_id = None
        if asset_id is not None:
            vector = self.library.database.execute(
                "SELECT vector FROM look WHERE asset_id = ?", (asset_id,)
            ).get
            if vector is not None:
                row = np.frombuffer(vector, np.int8).astype(np.float32)
                return row / max(float(np.linalg.norm(row)), 1e-6)
        try:
            key = (str(file), file.stat().st_mtime_ns)  # the next pages ask for it again
            if key not in self._seen:
                self._seen[key] = self._look_at(read_pixels(file))
        except (ImageError, OSError) as error:
            raise LibraryError(f"'{name}' cannot be read: {error}", "name an image") from error
        return self._seen[key]

    def _look_at(self, pixels: Pixels) -> NDArray[np.float32]:
        look = self._host.caption("builtin", [CaptionRequest(pixels)], ignore_steps)[0].look
        if look is None:
            raise LibraryError("this model does not compare pictures", "use the built-in one")
        return look

    def all_items(self, text: str, order: str = "path", page: int = 500) -> Iterator[Item]:
        """Everything a query finds, page by page."""
        after: Cursor | None = None
        while True:
            answer = self.search(text, order=order, limit=page, after=after)
            yield from answer.items
            after = answer.next
            if after is None:
                return

    def close(self) -> None:
        """Close the library; the host is its owner's."""
        self.library.close()


def _words_of(asset: Waiting, result: CaptionResult, model: str) -> ModelWords:
    look = None
    if result.look is not None and result.look.shape == (LOOK_WIDTH,):
        look = quantized(result.look[None])[0].tobytes()
    return ModelWords(
        asset_id=asset.asset_id,
        path=asset.path,
        caption=result.caption,
        tags=tuple((tag.name, tag.p) for tag in result.tags),
        kind=result.kind,
        model=model,
        confidence=result.confidence,
        in_domain=result.in_domain,
        look=look,
        reasons=result.reasons,
    )
