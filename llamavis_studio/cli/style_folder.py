"""A folder of somebody's own pictures with words for each: what `llamavis train --style` learns.

The words are the first of: `NAME.desc.toml`, `NAME.txt` or `NAME.caption`, the provenance inside
the PNG, the file's name. Where none of them says anything, the model will look at the picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.description import ONE, ONE_LIMIT_BYTES, examine
from llamavis_studio.core.errors import LlamaVisError, ProjectError
from llamavis_studio.core.fields import forbidden_character, normalise_text
from llamavis_studio.core.source import read_text
from llamavis_studio.imaging.alpha import clear_ground
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import PROVENANCE_KEY, decode_image, read_text_chunks

FEWEST = 3
_IMAGES = (".png", ".jpg", ".jpeg", ".webp")
_SIDECARS = (".txt", ".caption")
_SAYS_NOTHING = frozenset(
    "img image pic picture photo sprite sprites icon tile untitled unnamed new copy final frame "
    "screenshot screen shot scan dsc export out output px v ver version".split()
)
"""Words of file names that tell nothing about a picture."""
_WIDE = 1.25

OnProblem = Callable[[LlamaVisError], None]
"""Told of each file that cannot be used; the others are."""


@dataclass(frozen=True)
class OwnPicture:
    """One picture of any size; `words` are empty where nothing but its look can tell."""

    file: Path
    pixels: Pixels
    words: str
    kind: str


def read_style_folder(folder: Path, on_problem: OnProblem) -> list[OwnPicture]:
    """Every picture of a folder by name; raises ProjectError when there are too few to learn."""
    try:
        files = sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in _IMAGES and not path.name.startswith(".")
        )
    except OSError as error:
        reason = "there is no such folder" if not folder.exists() else f"{error.strerror or error}"
        raise ProjectError(reason, "give a folder of PNG, JPEG or WebP images", folder) from error
    found = []
    for file in files:
        try:
            found.append(_read(file, on_problem))
        except (ImageError, OSError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            on_problem(ProjectError(f"left out: {reason}", "mend or remove the image", file))
    if len(found) < FEWEST:
        counted = f"only {len(found)} of {len(files)} can be read" if files else "there are none"
        raise ProjectError(
            f"a style is learned from at least {FEWEST} images; {counted}",
            "put PNG, JPEG or WebP images there, best 20 or more of one look",
            folder,
        )
    return found


def words_of_name(stem: str) -> str:
    """A file's name as words, "fire_imp_02" as "fire imp"; empty when it says nothing."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem)
    parts = re.split(r"[\s_\-.+,()\[\]]+", spaced)
    plain = [re.sub(r"^\d+x?\d*|\d+$", "", part) for part in parts]
    words = [word.lower() for word in plain if any(map(str.isalpha, word))]
    telling = [word for word in words if word not in _SAYS_NOTHING]
    # What is left of "a01" or of a hash names nothing.
    return " ".join(telling) if any(map(_tells, telling)) else ""


def _tells(word: str) -> bool:
    return not word.isascii() or (len(word) > 2 and not any(map(str.isdigit, word)))


def _read(file: Path, on_problem: OnProblem) -> OwnPicture:
    pixels = decode_image(file)
    words, kind = "", ""
    for source in (_described, _beside, _inside):
        try:
            words, kind = source(file)
        except LlamaVisError as error:
            on_problem(error)
        if words:
            break
    words = words or words_of_name(file.stem)
    if kind not in ("texture", "material", "background"):
        pixels = clear_ground(pixels)
    return OwnPicture(file, pixels, normalise_text(words), kind or _looks_like(pixels))


def _looks_like(pixels: Pixels) -> str:
    """Pictures without a clear pixel are scenes when they are wide, else textures."""
    height, width = pixels.shape[:2]
    if pixels.shape[2] == 4 and bool((pixels[..., 3] < 128).any()):
        return "sprite"
    return "background" if width >= _WIDE * height else "texture"


def _described(file: Path) -> tuple[str, str]:
    path = file.with_name(file.stem + ONE)
    if not path.exists():
        return "", ""
    asset = examine(path).sound()[0]
    kind = asset.description.kind
    return asset.description.description, "" if kind is None else kind.value


def _beside(file: Path) -> tuple[str, str]:
    for suffix in _SIDECARS:
        path = file.with_suffix(suffix)
        if path.exists():
            text = read_text(path, ONE_LIMIT_BYTES, ProjectError).strip()
            if forbidden_character(text) is not None:
                raise ProjectError("this is not plain text", "write a few words in it", path)
            if text:
                return text, ""
    return "", ""


def _inside(file: Path) -> tuple[str, str]:
    try:
        note = read_text_chunks(file).get(PROVENANCE_KEY)
        if note is None:
            return "", ""
        provenance = Provenance.from_json(note)
    except (ImageError, ValueError):  # no PNG, or a note of this name that is not ours
        return "", ""
    return provenance.prompt, str(provenance.parts.get("kind", ""))
