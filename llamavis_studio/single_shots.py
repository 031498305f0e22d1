"""Work that needs no project: one image from words, words from images.

A wish goes the same way as a description in a project: the same recipe, key, filters and notes, so
that `llamavis generate` and `llamavis build` give the same pixels for the same request.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from llamavis_studio.backends.base import (
    BackendInfo,
    CaptionRequest,
    CaptionResult,
    ImageRequest,
    ImageResult,
    OnStep,
    StepProgress,
    ignore_steps,
)
from llamavis_studio.backends.host import InProcessHost, ModelHost
from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.description import DescribedAsset, description_from
from llamavis_studio.core.errors import BackendError, LlamaVisError, ProjectError
from llamavis_studio.core.hashing import derived_seed
from llamavis_studio.core.paths import name_problem
from llamavis_studio.core.project import Project
from llamavis_studio.core.project_file import ProjectFile
from llamavis_studio.core.write import write_atomic
from llamavis_studio.imaging.any_image import read_pixels
from llamavis_studio.imaging.arrays import Pixels, with_alpha
from llamavis_studio.imaging.contact_sheet import Entry, contact_sheet
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.palette_files import read_palette
from llamavis_studio.imaging.png import (
    PROVENANCE_KEY,
    decode_image,
    encode_png,
    pixel_hash,
    read_text_chunks,
)
from llamavis_studio.pipeline.build import Result, build_batch, make_batches
from llamavis_studio.pipeline.edits import Edit
from llamavis_studio.pipeline.history import History
from llamavis_studio.pipeline.plan import PlannedTarget
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.pipeline.target import Target, TargetMaker

_MOST_IMAGES = 64
"""Images held in memory at once while captioning many."""


@dataclass(frozen=True)
class Sampling:
    """How a model draws; None leaves the choice to the backend."""

    guidance_scale: float | None = None
    temperature: float | None = None


@dataclass(frozen=True)
class Made:
    """One image that was made, and what made it; `size` is (width, height).

    `drawn` is what the backend answered, before the filters; `makes_up` what makes up for what it
    cannot do or does not heed, `notes` what did not go as asked.
    """

    file: str
    size: tuple[int, int]
    seed: int
    backend: str
    model: str
    revision: str
    drawn: ImageResult
    makes_up: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The JSON values of `generate --json`."""
        return {
            "file": self.file,
            "size": list(self.size),
            "seed": self.seed,
            "backend": self.backend,
            "model": self.model,
            "revision": self.revision,
            "took_after": list(self.drawn.took_after),
            "unknown_words": list(self.drawn.unknown_words),
            "unread": self.drawn.unread,
            "unread_negative": self.drawn.unread_negative,
            "makes_up": list(self.makes_up),
            "notes": list(self.notes),
        }


Answer = CaptionResult | LlamaVisError


class SingleShots:
    """Generates and captions with one host, which it closes at the end when it made it."""

    def __init__(self, host: ModelHost | None = None) -> None:
        self._own = host is None
        self._host: ModelHost = InProcessHost() if host is None else host

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._own:
            self._host.close()

    def generate(
        self,
        values: Mapping[str, Any],
        out: Path,
        sampling: Sampling | None = None,
        palette: Path | None = None,
        on_step: OnStep = ignore_steps,
        explain: bool = False,
        edit: Edit | None = None,
    ) -> list[Made]:
        """Make the images that `values` (keys of a description file) ask for, at `out`.

        Variants get _0, _1 ... before the extension. A file at `out` is replaced. With `explain`,
        what was drawn says where each word acted; the pixels are the same. With `edit` each image
        starts from that picture (see `edit_of_file`). Raises DescriptionError for bad values,
        ProjectError for a bad place, BackendError.
        """
        seed = derived_seed(str(values.get("description", "")))
        description = description_from({"seed": seed, **values})
        backend = description.backend or "builtin"
        if not self._host.info(backend).can_generate:
            raise BackendError(f"the backend '{backend}' makes no images", "choose another one")
        folder = _folder_of(out)
        # No such file exists: the name only says where the image belongs.
        asset = DescribedAsset(out.stem, description, folder / f"{out.stem}.desc.toml", 0)
        project = Project(folder, ProjectFile(), {})
        resolved = replace(project.resolve(asset), backend=backend, palette=_colours(palette))
        chosen = {k: v for k, v in asdict(sampling or Sampling()).items() if v is not None}
        resolved = replace(resolved, recipe=replace(resolved.recipe, **chosen))
        unseen = ScanCache(project.state_dir / "scan.json")
        made = TargetMaker(project, self._host.info, unseen).targets(resolved)
        targets = [replace(target, source="") for target in made]
        if edit is not None:
            _check_can_edit(self._host.info(backend), edit)
        return self._draw(project, targets, out.parent, on_step, explain, edit)

    def edit_region(
        self, project: Project, target: Target, history: History, region: Pixels, words: str
    ) -> None:
        """Draw the image of `target` anew where `region` (h, w) is not 0; what it was is kept.

        The file has no provenance then, as no description alone leads to it. Raises ProjectError,
        BackendError.
        """
        path = project.root / target.output
        edit = edit_of_file(path)
        if region.shape != edit.before.shape[:2] or not region.any():
            raise ProjectError("nothing of the image is marked", "paint over what may change", path)
        mask = np.where(region != 0, 255, 0).astype(np.uint8)
        height, width = region.shape
        values = {"description": words, "kind": target.kind, "size": [width, height]}
        with tempfile.TemporaryDirectory() as folder:
            staged = Path(os.path.realpath(folder)) / "edited.png"
            self.generate(
                {**values, "backend": target.backend.name}, staged, edit=replace(edit, region=mask)
            )
            pixels = decode_image(staged)
        history.keep(target.output)
        write_atomic(path, encode_png(pixels))

    def _draw(
        self,
        project: Project,
        targets: Sequence[Target],
        folder: Path,
        on_step: OnStep,
        explain: bool,
        edit: Edit | None,
    ) -> list[Made]:
        batches = make_batches(targets)
        found = []
        drawn: dict[int, ImageResult] = {}  # by seed, which no two variants share
        for number, batch in enumerate(batches):
            info = batch[0].backend

            def report(progress: StepProgress, number: int = number) -> None:
                total = progress.total * len(batches)
                on_step(StepProgress(number * progress.total + progress.done, total))

            def draw(requests: list[ImageRequest], name: str = info.name) -> list[ImageResult]:
                asked = [replace(request, explain=explain) for request in requests]
                results = self._host.generate(name, asked, report)
                drawn.update(zip((r.seed for r in requests), results, strict=False))
                return results

            for outcome in build_batch(
                batch, draw, project, force=True, edit_for=lambda _target: edit
            ):
                if outcome.result is Result.FAILED:
                    raise BackendError(outcome.message, outcome.hint)
                target = outcome.target
                found.append(
                    Made(
                        str(folder / target.output),
                        target.size_px,
                        target.seed,
                        info.name,
                        info.model,
                        info.revision,
                        drawn[target.seed],
                        target.makes_up,
                        outcome.notes,
                    )
                )
        return found

    def caption(
        self,
        files: Sequence[Path],
        backend: str = "builtin",
        on_step: OnStep = ignore_steps,
        question: str = "",
    ) -> list[tuple[Path, Answer]]:
        """Words for each file, or the error that tells why there are none; the answer to
        `question` where there is one.

        Raises BackendError when the backend cannot caption, or answer, at all.
        """
        if not self._host.info(backend).can_caption:
            raise BackendError(f"the backend '{backend}' reads no images", "choose another one")
        answers: list[tuple[Path, Answer]] = []
        for start in range(0, len(files), _MOST_IMAGES):
            part = [(file, _read(file)) for file in files[start : start + _MOST_IMAGES]]
            asked = [
                replace(read, question=question)
                for _, read in part
                if isinstance(read, CaptionRequest)
            ]
            told = iter(self._host.caption(backend, asked, on_step) if asked else [])
            answers += [
                (file, next(told) if isinstance(read, CaptionRequest) else read)
                for file, read in part
            ]
        return answers


def _check_can_edit(info: BackendInfo, edit: Edit) -> None:
    """Raises BackendError for what the backend cannot do with a picture."""
    if edit.region is not None and not info.can_edit_region:
        raise BackendError(
            f"the backend '{info.name}' draws no part of an image anew", "choose another one"
        )
    if edit.region is None and not info.can_edit:
        raise BackendError(f"the backend '{info.name}' edits no images", "choose another one")


def edit_of_file(
    file: Path, words: str | None = None, region: Path | None = None, strength: float = 1.0
) -> Edit:
    """The image in `file` as the start of an edit.

    `words` are those it was made from; None takes them from its provenance where it has one.
    `region` is an image of the same size: white (or opaque, where it has clear pixels) where the
    words are drawn anew. Raises ProjectError.
    """
    pixels = _pixels_of(file)
    if words is None:
        notes = read_text_chunks(file) if file.suffix.lower() == ".png" else {}
        with contextlib.suppress(KeyError, ValueError):
            words = Provenance.from_json(notes[PROVENANCE_KEY]).prompt
    mask = None
    if region is not None:
        painted = with_alpha(_pixels_of(region))
        clear = bool((painted[..., 3] < 255).any())
        chosen = painted[..., 3] if clear else painted[..., :3].max(axis=2)
        if chosen.shape != pixels.shape[:2]:
            raise ProjectError(
                f"the region is {chosen.shape[1]}x{chosen.shape[0]} px, its picture "
                f"{pixels.shape[1]}x{pixels.shape[0]} px",
                "paint the region over a copy of the picture",
                region,
            )
        mask = np.where(chosen >= 128, 255, 0).astype(np.uint8)
        if not mask.any():
            raise ProjectError("the region is empty", "paint white what may change", region)
    if not 0.0 <= strength <= 1.0:
        raise ProjectError(f"strength lies between 0 and 1, not {strength}", "such as 0.5")
    return Edit(pixels, words or "", mask, strength, pixel_hash(pixels))


def _pixels_of(file: Path) -> Pixels:
    read = _read(file)
    if isinstance(read, LlamaVisError):
        raise read
    return read.pixels


def _read(file: Path) -> CaptionRequest | LlamaVisError:
    try:
        return CaptionRequest(read_pixels(file))
    except ImageError as error:
        return ProjectError(str(error), "give a PNG, JPEG or WebP image", file)
    except OSError as error:
        reason = "this is a folder, not an image" if file.is_dir() else error.strerror
        return ProjectError(f"cannot be read: {reason or error}", "check the file", file)


def _folder_of(out: Path) -> Path:
    if out.suffix.lower() != ".png":
        raise ProjectError(f"'{out}' is no PNG file name", f"such as -o {out.stem or 'out'}.png")
    problem = name_problem(out.stem)
    if problem is not None:
        raise ProjectError(problem, "choose another name", out)
    folder = Path(os.path.realpath(out.parent))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise ProjectError(
            f"the folder cannot be made: {cause.strerror or cause}", "choose another one", folder
        ) from cause
    return folder


def _colours(palette: Path | None) -> tuple[str, ...] | None:
    if palette is None:
        return None
    try:
        return tuple("#" + bytes(colour).hex() for colour in read_palette(palette))
    except (ImageError, OSError) as error:
        raise ProjectError(str(error), "mend or replace the palette", palette) from error


def draw_contact_sheet(
    root: Path, planned: Sequence[PlannedTarget], out: Path, columns: int, tiled: bool
) -> list[str]:
    """Every planned image that is there, with its name, in the PNG `out`; see
    `Studio.contact_sheet`.
    """
    if out.suffix.lower() != ".png":
        raise ProjectError(f"'{out}' is no PNG file name", "such as -o sheet.png")
    entries = []
    for one in planned:
        output = one.target.output
        if tiled and not one.target.recipe.tileable:
            continue
        with contextlib.suppress(ImageError, OSError):  # it is missing, and the plan says so
            name = Path(output).stem
            pixels = decode_image(root / output)
            entries.append(Entry(name, np.tile(pixels, (3, 3, 1)) if tiled else pixels))
    if not entries:
        raise ProjectError("there are no images yet", f"llamavis build {root}")
    write_atomic(out, encode_png(contact_sheet(entries, columns=columns)))
    return [entry.name for entry in entries]
