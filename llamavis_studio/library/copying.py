"""Pictures of the library copied to a folder outside, with their words beside them when asked."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from llamavis_studio.core.errors import LibraryError, LlamaVisError
from llamavis_studio.core.write import write_atomic
from llamavis_studio.library.asset_words import asset_words
from llamavis_studio.library.carrying import copy_durably
from llamavis_studio.library.library import Item, Library
from llamavis_studio.library.naming import shown
from llamavis_studio.library.sidecars import WordsWithOrigin, write_sidecar

WordsAs = Literal["", "txt", "json"]
WORDS_AS: tuple[WordsAs, ...] = ("", "txt", "json")


@dataclass
class CopiedOut:
    """Each picture with where its copy is, and what was left with the reason."""

    copied: list[tuple[str, Path]] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)


def copy_out(
    library: Library,
    items: Iterable[Item],
    folder: Path,
    words: WordsAs = "",
    keep_folders: bool = False,
) -> CopiedOut:
    """Copy images into a folder outside of the project; nothing there is written over.

    With `words`, a `.txt` (caption and tags, as trainers read them) or a `.json` (who said what)
    lies beside each. With `keep_folders` each keeps the folders it lies in. Raises LibraryError
    when the folder is inside the project.
    """
    target, root = Path(os.path.realpath(folder)), library.project.root
    if target == root or target.is_relative_to(root):
        raise LibraryError(
            f"'{shown(str(folder))}' is in the project itself",
            "choose a folder elsewhere; inside the project pictures are moved",
        )
    done = CopiedOut()
    for item in items:
        inside = item.path.relative_to(item.folder) if keep_folders else Path(item.path.name)
        place = target / inside
        try:
            beside = _beside(library, item, place, words)
            if os.path.lexists(place):
                raise FileExistsError(17, f"there is a {shown(place.name)} already")
            place.parent.mkdir(parents=True, exist_ok=True)
            copy_durably(item.path, place)
            if beside is not None:
                write_atomic(*beside)
        except LlamaVisError as error:
            done.left.append((item.file, error.message))
        except OSError as error:
            done.left.append((item.file, error.strerror or str(error)))
        else:
            done.copied.append((item.file, place))
    return done


def _beside(library: Library, item: Item, place: Path, words: WordsAs) -> tuple[Path, bytes] | None:
    """The file of words for a copy; None without any. It has the image's whole name where another
    image's words have the short one.
    """
    found = asset_words(library, [item.id]) if words else []
    said = WordsWithOrigin(found[0].captions, found[0].tags) if found else WordsWithOrigin()
    if words == "txt":
        said = WordsWithOrigin(said.captions[:1], said.tags)  # who counts most
    if not said.captions and not said.tags:
        return None
    path = place.with_suffix(f".{words}")
    if os.path.lexists(path):
        path = place.with_name(f"{place.name}.{words}")
    if os.path.lexists(path):
        raise FileExistsError(17, f"there is a {shown(path.name)} already")
    return path, write_sidecar(path.name, None, said)
