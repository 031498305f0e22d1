"""The models of a machine and a project: what they are and can do, whether their files are whole,
and taking away what a user has added.

    shipped model, other backends     named by the registry and by descriptions
    large models                      fetched or added: records of this machine (`model_store`)
    styles                            what `llamavis train --style` made: files of the project

Nothing here loads a model library: what a style says stands at the head of its file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from llamavis_studio.backends.base import BackendInfo
from llamavis_studio.backends.catalogue import catalogue
from llamavis_studio.backends.model_records import (
    ModelRecord,
    read_record,
    record_names,
    write_record,
)
from llamavis_studio.backends.registry import Registry
from llamavis_studio.backends.weights import read_head
from llamavis_studio.core.errors import BackendError, LlamaVisError, ModelMissing, did_you_mean
from llamavis_studio.core.project import Project
from llamavis_studio.core.resources import resource_path
from llamavis_studio.model_store import checking, removing
from llamavis_studio.release.trash import put_away

BUILTIN = "builtin"
STYLES = "styles"
"""The folder of a project where `llamavis train --style` puts styles."""
SUFFIX = ".safetensors"
OWN_MODEL = "LLAMAVIS_BUILTIN_MODEL"
"""Names another checkpoint's folder for the built-in backend."""
_FORMAT = "llamavis-style-1"
_TYPES = {"F16": "torch.float16", "I16": "torch.int16", "F32": "torch.float32"}
_FOR = "sprites, characters, items, tiles and simple landscapes at 32 to 64 pixels"
_NOT_FOR = "photographs, large pictures, writing in pictures, real people"


@dataclass(frozen=True)
class ShelvedModel:
    """One model. `sort` is builtin, model (a record of this machine), backend or style; `problem`
    says why it cannot be used, `hint` what mends it, often a command.

    `base` is the revision of the model that a style was taught on, `pictures` how many it was
    taught; `used_by` are the project's styles that name it. `seconds` is what an image took here so
    far. `size_bytes` is 0 where nobody knows. `made_up` is what the studio does in place of what
    the model cannot. A record has a `family` and `options`; `source` is where it was fetched from.
    """

    name: str
    sort: str
    model: str
    revision: str = ""
    licence: str = ""
    size_bytes: int = 0
    problem: str = ""
    hint: str = ""
    abilities: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    taught: str = ""
    good_for: str = ""
    not_for: str = ""
    seconds: float | None = None
    place: str = ""
    base: str = ""
    pictures: int = 0
    used_by: tuple[str, ...] = ()
    made_up: tuple[str, ...] = ()
    family: str = ""
    source: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def is_ready(self) -> bool:
        """Whether it can be used."""
        return not self.problem

    @property
    def is_removable(self) -> bool:
        """Whether a user has added it, and so may take it away."""
        return self.sort in ("style", "model")

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON values."""
        values = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        return values | {"ready": self.is_ready, "removable": self.is_removable}


class Shelf:
    """The models that a project can use; without a project those of the machine.

    Args:
        info: what a backend is, raises BackendError where it is not ready.
        seconds: how long an image took with it so far.
    """

    def __init__(
        self,
        project: Project | None = None,
        info: Callable[[str], BackendInfo] | None = None,
        seconds: Callable[[str], float | None] = lambda _name: None,
    ) -> None:
        self._project = project
        self._registry = Registry()
        self._info = info or (lambda name: self._registry.create(name).info())
        self._seconds = seconds

    def models(self) -> list[ShelvedModel]:
        """The project's own backend first, then the others it names and has, then its styles."""
        names: list[str] = []
        if self._project is not None:
            styles = self._project.styles.values()
            names = [self._project.backend, *(one.backend for one in styles if one.backend)]
        found = [self._backend(one) for one in dict.fromkeys([*names, *self._registry.names()])]
        revision = next((one.revision for one in found if one.name == BUILTIN), "")
        return found + [self._style(path, revision) for path in self._style_files()]

    def find(self, name: str) -> ShelvedModel:
        """A model by its name, a style also by its path. Raises BackendError."""
        every = self.models()
        for one in every:
            if name in (one.name, one.place):
                return one
        if (known := catalogue().get(name)) is not None:
            raise ModelMissing(
                f"the model '{name}' ({known.title}) is not on this machine",
                f"llamavis models fetch {name}",
            )
        names = [one.name for one in every]
        raise BackendError(f"there is no model '{name}'", did_you_mean(name, names, "models"))

    def broken(
        self, name: str, on_bytes: Callable[[int, int], None] = lambda _done, _total: None
    ) -> list[str]:
        """The files of a model that are missing or not as they were written, by their sha256; what
        cannot be read is broken. It takes half a second for a hundred megabytes; `on_bytes` is told
        how many of how many were read of a large model. Raises BackendError.
        """
        record = read_record(name)
        if record is not None:
            return checking.broken_files(record, on_bytes)
        model = self.find(name)
        if model.sort == "style":
            return [] if style_is_whole(self._root() / model.place) else [model.place]
        if model.name != BUILTIN:
            return []
        own = os.environ.get(OWN_MODEL, "")
        if not own:
            return broken_files(model_folder())
        beside = [one for one in broken_files(model_folder()) if not one.startswith("nano/")]
        return beside + broken_files(Path(own).parent, Path(own).name)

    def set_options(self, name: str, changes: Mapping[str, Any]) -> ModelRecord:
        """Change options of a large model, None takes one out; its family looks at them before they
        are written. Raises BackendError for a wrong one and a model that has none.
        """
        record = read_record(name)
        if record is None:
            found = self.find(name)
            raise BackendError(f"'{found.name}' has no options", "only large models have")
        options = {**record.options, **changes}
        kept = {key: value for key, value in options.items() if value is not None}
        changed = replace(record, options=kept)
        self._registry.try_record(changed).info()
        write_record(changed)
        return changed

    def remove(self, name: str) -> str:
        """Take away what a user has added, as `take_away` does; where it went."""
        return self.take_away(name).place

    def take_away(self, name: str, keep_files: bool = False) -> removing.Removed:
        """Put a style, with its sheet of samples, or the record of a large model into the trash; of
        a model also the files go that were fetched for it alone.

        Raises BackendError for what came with the studio, ProjectError where it cannot be moved.
        """
        if name in record_names():
            return removing.remove(name, keep_files)
        model = self.find(name)
        if not model.is_removable or self._project is None:
            raise BackendError(
                f"'{model.name}' came with the studio and stays",
                "only styles and large models can be removed",
            )
        if model.used_by:
            styles = ", ".join(f"[style.{one}]" for one in model.used_by)
            raise BackendError(
                f"'{model.name}' is drawn with: {styles} in llamavis.toml",
                "take its adapter line out first",
            )
        path = self._root() / model.place
        sheet = path.with_name(f"{path.stem}.before_after.png")
        moved, problems = put_away(self._project, [path, *([sheet] if sheet.is_file() else [])])
        if problems:
            raise problems[0]
        return removing.Removed(moved[0].place)

    def _root(self) -> Path:
        assert self._project is not None
        return self._project.root

    def _backend(self, name: str) -> ShelvedModel:
        sort = BUILTIN if name == BUILTIN else "backend"
        made = ShelvedModel(name, sort, name)
        if name == BUILTIN:
            made = replace(made, size_bytes=_size(model_folder()))
        try:
            if name != BUILTIN and (record := read_record(name)) is not None:
                made = _of_record(record)
            told = self._info(name)
        except LlamaVisError as error:
            return replace(made, problem=error.message, hint=error.hint)
        made = replace(
            made,
            model=told.model,
            revision=told.revision,
            licence=told.licence or made.licence,
            abilities=abilities(told),
            made_up=made_up(told),
            languages=told.languages,
            sizes=tuple(f"{kind} {w}x{h}" for kind, (w, h) in told.native_size_px),
            seconds=self._seconds(name),
        )
        if name == BUILTIN:
            own = os.environ.get(OWN_MODEL, "")
            told_by_files = _record(Path(own) if own else model_folder() / "nano")
            taught = str(told_by_files.get("training_data", ""))
            made = replace(made, taught=taught, good_for=_FOR, not_for=_NOT_FOR, place=own)
        return made

    def _style_files(self) -> Iterator[Path]:
        if self._project is None:
            return
        named = {one.adapter for one in self._project.styles.values() if one.adapter}
        here = {f"{STYLES}/{path.name}" for path in (self._root() / STYLES).glob(f"*{SUFFIX}")}
        for relative in sorted(named | here):
            yield self._root() / relative

    def _style(self, path: Path, revision: str) -> ShelvedModel:
        assert self._project is not None
        place = path.relative_to(self._root()).as_posix()
        used = tuple(k for k, one in self._project.styles.items() if one.adapter == place)
        made = ShelvedModel(path.stem, "style", path.stem, place=place, used_by=used)
        try:
            notes, size = style_notes(path), path.stat().st_size
        except (OSError, ValueError) as error:
            reason = "it is not there" if isinstance(error, FileNotFoundError) else str(error)
            hint = f"teach it again: llamavis train --style FOLDER --name {path.stem}"
            return replace(made, problem=f"the style cannot be read: {reason}", hint=hint)
        made = replace(
            made,
            model=str(notes.get("name") or path.stem),
            size_bytes=size,
            base=str(notes.get("base", "")),
            pictures=len(notes.get("names") or ()),
            abilities=("makes images",),
        )
        if revision and made.base != revision:
            problem = f"it was taught on revision {made.base} of the model, not on {revision}"
            hint = f"teach it again: llamavis train --style FOLDER --name {path.stem}"
            made = replace(made, problem=problem, hint=hint)
        return made


def abilities(info: BackendInfo) -> tuple[str, ...]:
    """What a backend can do, in plain words."""
    words = {
        "makes images": info.can_generate,
        "reads images": info.can_caption,
        "answers questions about images": info.can_answer,
        "changes images": info.can_edit,
        "makes seamless textures": info.can_tile,
    }
    return tuple(word for word, able in words.items() if able)


def made_up(info: BackendInfo) -> tuple[str, ...]:
    """What the studio does itself where a backend cannot, in plain words."""
    if not info.can_generate:
        return ()
    words = {
        "the edges of seamless textures are blended": not info.can_tile,
        "backgrounds are taken away after drawing": not info.can_cut_out,
        "images are scaled to the wanted size": bool(info.native_size_px or info.sizes),
    }
    return tuple(word for word, needed in words.items() if needed)


def model_folder() -> Path:
    """Where the models that come with the studio lie."""
    return resource_path("models")


def broken_files(folder: Path, only: str = "*") -> list[str]:
    """The model files below `folder` that are missing or not as their config.json says."""
    broken = []
    for config in sorted(folder.glob(f"{only}/config.json")):
        try:
            record = json.loads(config.read_text("utf-8"))
            wanted = {**record.get("files", {}), **record.get("memory", {})}
        except (OSError, ValueError, TypeError, AttributeError):
            broken.append(f"{config.parent.name}/{config.name}")
            continue
        if "sha256" in record:
            wanted["model.safetensors"] = record["sha256"]
        for name, sha256 in wanted.items():
            try:
                with (config.parent / name).open("rb") as file:
                    is_whole = hashlib.file_digest(file, "sha256").hexdigest() == sha256
            except OSError:
                is_whole = False
            if not is_whole:
                broken.append(f"{config.parent.name}/{name}")
    return broken


def style_notes(path: Path) -> dict[str, Any]:
    """What stands at the head of a style's file. Raises OSError; ValueError for other files."""
    head, _start = read_head(path)
    notes = head.get("__metadata__")
    try:
        told = {key: json.loads(text) for key, text in dict(notes or {}).items()}
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError("it is no style") from error
    if told.get("format") != _FORMAT:
        raise ValueError("it is no style of this version of the studio")
    return told


def style_is_whole(path: Path) -> bool:
    """Whether the numbers in a style's file are those that were written."""
    try:
        wanted = style_notes(path).get("sha256")
        head, start = read_head(path)
        data, digest = path.read_bytes()[start:], hashlib.sha256()
        for name, one in sorted(head.items()):
            if name != "__metadata__":
                begin, end = one["data_offsets"]
                shape = tuple(int(side) for side in one["shape"])
                digest.update(f"{name} {shape} {_TYPES[one['dtype']]};".encode())
                digest.update(data[begin:end])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return digest.hexdigest() == wanted


def _record(folder: Path) -> dict[str, Any]:
    try:
        record = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _of_record(record: ModelRecord) -> ShelvedModel:
    """What a record says of itself, without asking its family."""
    return ShelvedModel(
        record.name,
        "model",
        record.source or record.name,
        revision=record.revision,
        licence=record.licence,
        size_bytes=checking.size_of(record),
        place=str(record.place or ""),
        family=record.family,
        source=record.source,
        options=record.shown_options(),
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob(f"*/*{SUFFIX}"))


def total_bytes(models: Sequence[ShelvedModel]) -> int:
    """The room that models take on the disk."""
    return sum(model.size_bytes for model in models)
