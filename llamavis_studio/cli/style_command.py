"""`llamavis train --style`: a user's own pictures become a style that projects can name.

Order of events: read the folder, let the model name what has no words, draw the sheet's prompts,
teach the style, draw the same prompts with the same seeds again, write the style and the sheet.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from llamavis_studio.backends.base import CaptionRequest, ImageRequest, ignore_steps
from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.output import Output
from llamavis_studio.cli.style_folder import OwnPicture, read_style_folder
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.paths import name_problem
from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.contact_sheet import Entry, contact_sheet
from llamavis_studio.imaging.png import encode_png

if TYPE_CHECKING:
    from llamavis_studio.backends.builtin import BuiltinBackend
    from llamavis_studio.model.train.style import StylePicture

SUFFIX = ".safetensors"
DEFAULT_MINUTES = 10.0
COLUMNS = 8
"""Prompts on the sheet; the first half are of the user's own words."""
NEW_SUBJECTS = (
    "treasure chest", "red dragon", "knight with a sword", "mushroom", "blue potion", "skeleton",
    "old tree", "ghost",
)  # fmt: skip


@dataclass(frozen=True)
class StyleWish:
    """The options of `llamavis train --style`; without a name the folder's, `out` beside others."""

    folder: Path
    name: str = ""
    minutes: float = DEFAULT_MINUTES
    out: Path | None = None
    seed: int = 0
    batch: int = 32


def teach(wish: StyleWish, as_json: bool) -> int:
    """Teach a style; progress goes to stderr."""
    output = Output(as_json)

    def work() -> int:
        name = wish.name or Path(os.path.realpath(wish.folder)).name
        out = _place(name, wish.out)
        own = read_style_folder(wish.folder, lambda error: output.problem(error, "warning"))
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is imported
        from llamavis_studio.backends.builtin import BuiltinBackend
        from llamavis_studio.model.adapter import save_adapter
        from llamavis_studio.model.train.style import Lesson, held_out, teach_style

        begun = time.monotonic()
        backend = BuiltinBackend()
        backend.load()
        own = _named(own, backend, output)
        for picture in own:
            output.note(f"{picture.file.name}: {picture.words} ({picture.kind})")
        held = held_out(len(own), wish.seed)
        asked = sheet_prompts([own[i] for i in held], own, wish.seed)
        before = _draw(backend, asked)
        loaded = backend.loaded()
        adapter = teach_style(
            loaded.model,
            loaded.encoder,
            loaded.memory,
            [_fitted(picture) for picture in own],
            base=backend.info().revision,
            name=name,
            wish=Lesson(wish.minutes, wish.batch, wish.seed),
            report=output.note,
        )
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            save_adapter(adapter, out)
            style = str(Path(os.path.realpath(out)))
            after = _draw(backend, [replace(request, adapter=style) for request in asked])
            sheet = out.with_name(f"{out.stem}.before_after.png")
            sheet.write_bytes(encode_png(_sheet(own, asked, before, after)))
        except OSError as error:
            reason = f"the style cannot be written: {error.strerror or error}"
            raise ProjectError(reason, "choose another --out", out) from error
        minutes = (time.monotonic() - begun) / 60
        output.say(f"style '{name}' of {len(own)} pictures in {out}, {minutes:.1f} min")
        output.say(f"before and after: {sheet}")
        output.say(f'use it: [style.{name}] adapter = "{_shown(out)}" in {PROJECT_FILE}')
        output.document(
            {"name": name, "out": str(out), "sheet": str(sheet), **dict(adapter.record)}
        )
        return 0

    return guarded(output, work)


def sheet_prompts(
    held: Sequence[OwnPicture], own: Sequence[OwnPicture], seed: int
) -> list[ImageRequest]:
    """What the sheet shows: words of the user's, held-out ones first, then new ones."""
    told = {p.words: p.kind for p in (*held, *own)}
    half = COLUMNS // 2
    chosen = list(told.items())[:half]
    kind = Counter(p.kind for p in own).most_common(1)[0][0]
    said = " ".join(told).lower()
    new = [words for words in NEW_SUBJECTS if words.split()[-1] not in said.split()]
    for (one, _), (other, _) in pairwise(chosen):
        first, last = one.split()[:-1], other.split()[-1]
        if first and " ".join([*first, last]) not in told:  # "fire imp", "ice wolf": "fire wolf"
            new.insert(half // 2, " ".join([*first, last]))
    chosen += [(words, kind) for words in new][: COLUMNS - len(chosen)]
    return [
        ImageRequest(words, kind, (32, 32), seed + place, transparent=kind != "texture")
        for place, (words, kind) in enumerate(chosen)
    ]


def _place(name: str, out: Path | None) -> Path:
    """Where the style goes: `styles/` of the project around the current folder, else of that."""
    problem = name_problem(name)
    if problem is not None:
        raise ProjectError(problem, "give the style a --name of letters")
    if out is not None:
        if out.suffix != SUFFIX:
            raise ProjectError(f"'{out}' must end in {SUFFIX}", f"such as --out {name}{SUFFIX}")
        return out
    here = Path.cwd()
    roots = [folder for folder in (here, *here.parents) if (folder / PROJECT_FILE).is_file()]
    return (roots[0] if roots else here) / "styles" / f"{name}{SUFFIX}"


def _shown(out: Path) -> str:
    """The path as llamavis.toml writes it, where the style lies inside the project."""
    parts = out.parts
    return "/".join(parts[parts.index("styles") :]) if "styles" in parts else out.name


def _named(own: Sequence[OwnPicture], backend: BuiltinBackend, output: Output) -> list[OwnPicture]:
    """Pictures without words get those that the model reads in them."""
    silent = [picture for picture in own if not picture.words]
    if not silent:
        return list(own)
    output.note(f"{len(silent)} pictures have no words: the model names them")
    read = backend.caption([CaptionRequest(p.pixels) for p in silent], ignore_steps)
    words = {p.file: found.caption for p, found in zip(silent, read, strict=True)}
    return [replace(p, words=p.words or words[p.file]) for p in own]


def _fitted(picture: OwnPicture) -> StylePicture:
    from llamavis_studio.backends.builtin import native_size
    from llamavis_studio.backends.builtin_drawing import MODEL_KINDS
    from llamavis_studio.backends.fitting import fit_for_model
    from llamavis_studio.model.train.style import StylePicture

    size = native_size(ImageRequest("", picture.kind, (32, 32), 0))
    kind = MODEL_KINDS.get(picture.kind, picture.kind)
    return StylePicture(fit_for_model(picture.pixels, size), picture.words, kind)


def _draw(backend: BuiltinBackend, requests: list[ImageRequest]) -> list[Pixels]:
    return [result.pixels for result in backend.generate(requests, ignore_steps)]


def _sheet(
    own: Sequence[OwnPicture],
    asked: Sequence[ImageRequest],
    before: Sequence[Pixels],
    after: Sequence[Pixels],
) -> Pixels:
    """Three rows: some of the user's pictures, the prompts without the style, and in it."""
    columns = len(asked)
    shown = [own[place * len(own) // columns] for place in range(columns)]
    entries = [Entry(f"yours: {p.words}", p.pixels) for p in shown]
    for word, pictures in (("before", before), ("after", after)):
        entries += [
            Entry(f"{word}: {r.prompt}", drawn) for r, drawn in zip(asked, pictures, strict=True)
        ]
    return contact_sheet(entries, columns=columns)
