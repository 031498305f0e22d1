"""Where the pictures of a library are, and changing it: moved inside, copied out, counted."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from llamavis_studio.core.project import Project
from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.library.copying import CopiedOut, WordsAs, copy_out
from llamavis_studio.library.facets import FacetCounts, facet_counts
from llamavis_studio.library.library import Library
from llamavis_studio.library.moving import Described, Moved, change_of, move_assets


class DrawnImage(Protocol):
    """An image that a description asks for, as a plan knows it; paths inside the project."""

    @property
    def output(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def references(self) -> Sequence[str]: ...


class Places:
    """What is done with pictures of a library as files; use it where the library is used."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def move(self, ids: Sequence[int], folder: Path, drawn: Iterable[DrawnImage]) -> Moved:
        """Move assets into a folder of the library, words and all; `drawn` are all images that the
        project's descriptions ask for. The index has them at their new place then.

        Raises LibraryError, Cancelled.
        """
        described = described_by(self._library.project, drawn)
        done = move_assets(self._library, self._library.items(ids), folder, described)
        with contextlib.suppress(OSError):
            real = Path(os.path.realpath(folder))
            done.change = change_of(self._library.project.root, done, real)
        self._library.update()
        return done

    def copy_out(
        self, ids: Sequence[int], folder: Path, words: WordsAs = "", keep_folders: bool = False
    ) -> CopiedOut:
        """Copy assets into a folder elsewhere; see `copying.copy_out`. Raises LibraryError."""
        return copy_out(self._library, self._library.items(ids), folder, words, keep_folders)

    def counts(self) -> FacetCounts:
        """How many assets there are of each kind, tag and colour."""
        return facet_counts(self._library.database)


def described_by(project: Project, drawn: Iterable[DrawnImage]) -> Described:
    """Which images are drawn, and which are named by descriptions or by llamavis.toml."""
    outputs: dict[str, str] = {}
    named: dict[str, dict[str, None]] = {}
    for one in drawn:
        outputs[one.output] = one.source
        for reference in one.references:
            named.setdefault(reference, {})[one.source] = None
    palettes = [style.palette for style in project.styles.values()]
    for palette in (*palettes, *project.file.palettes.values()):
        if isinstance(palette, str):
            named.setdefault(palette, {})[PROJECT_FILE] = None
    return Described(outputs, {name: tuple(by) for name, by in named.items()})
