"""Which large models this machine has: one small TOML file each, named as descriptions name them.

    models/janus.toml        family = "janus", where its checkpoint lies, licence, options
    models/comfy.toml        family = "comfyui", and in its options the servers

A record never travels with a project: a description says `backend = "janus"`, and each machine
knows for itself which files that is, and what its card can hold. So nothing in a project leads the
studio to a server or a file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import tomlkit
from pydantic import BaseModel, ConfigDict, Field

from llamavis_studio.core.errors import BackendUnavailable, did_you_mean
from llamavis_studio.core.settings import data_folder
from llamavis_studio.core.validation import check
from llamavis_studio.core.write import write_atomic

FOLDER_VARIABLE = "LLAMAVIS_MODELS"
"""Names another folder for the records."""
FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "janus": "llamavis_studio.backends.janus:JanusBackend",
        "captioner": "llamavis_studio.backends.captioner:CaptionerBackend",
        "diffusers": "llamavis_studio.backends.diffusion:DiffusionBackend",
        "comfyui": "llamavis_studio.backends.comfyui:ComfyBackend",
    }
)
"""Sorts of models, and the classes that drive them: each is made with a `ModelRecord`."""
SERVER_FAMILIES = frozenset({"comfyui"})
"""Those whose weights lie elsewhere."""
SECRETS = frozenset({"token"})
"""Options that are not for everybody's eyes."""
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
SUFFIX = ".toml"
_MOST_BYTES = 4 << 20
Options = TypeVar("Options", bound=BaseModel)


class _RecordFile(BaseModel):
    """A record as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    family: str
    source: str = ""
    revision: str = ""
    licence: str = ""
    folder: str = ""
    file: str = Field("", pattern=r"^[^/\\]*$")
    files: dict[str, str] = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True)
class ModelRecord:
    """One model of this machine.

    Args:
        name: what descriptions call it.
        family: one of ``FAMILIES``.
        folder: the checkpoint, laid out as transformers or diffusers save it; None for a server.
        source: where it was fetched from, "organisation/repository"; "" for a folder of the user.
        revision: the commit it was fetched at, or a hash of the folder's files.
        licence: as its publisher names it.
        files: sha256 of each file by its path within ``folder``, with forward slashes.
        options: the family's own settings; a class of the family checks them.
        path: the record itself.
        file: the name of the one file in ``folder`` that is the whole checkpoint; "" where the
            folder is.
    """

    name: str
    family: str
    folder: Path | None = None
    source: str = ""
    revision: str = ""
    licence: str = ""
    files: Mapping[str, str] = field(default_factory=dict, hash=False)
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    path: Path | None = None
    file: str = ""

    @property
    def place(self) -> Path | None:
        """The checkpoint: a folder, or a file; None for a server."""
        return self.folder / self.file if self.folder is not None else None

    def checked_options(self, model: type[Options]) -> Options:
        """The options as a family's class. Raises BackendUnavailable for the first wrong one."""
        found = check(model, self.options)
        if isinstance(found, model):
            return found
        first = found[0] if isinstance(found, list) else None
        place = "" if self.path is None else f" in {self.path}"
        message = f"an option of the model '{self.name}' is wrong: {first.message if first else ''}"
        raise BackendUnavailable(message, f"{first.hint if first else ''}{place}".strip())

    def shown_options(self) -> dict[str, Any]:
        """The options as anybody may see them: a secret shows that it is there, and no more."""
        hidden = {key: "(hidden)" for key in SECRETS if self.options.get(key)}
        return {**self.options, **hidden}

    def pixel_revision(self, code_version: int) -> str:
        """What `BackendInfo.revision` has to be: it changes with the weights, the options and the
        version of the code that draws.
        """
        decides = json.dumps([dict(self.options), code_version], sort_keys=True, default=str)
        digest = hashlib.sha256(decides.encode()).hexdigest()[:8]
        return f"{self.revision[:12] or 'unknown'}-{digest}"


def records_folder() -> Path:
    """Where the records lie."""
    chosen = os.environ.get(FOLDER_VARIABLE, "")
    return Path(chosen) if chosen else data_folder() / "models"


def record_names() -> tuple[str, ...]:
    """The names of all records, sorted; none is read."""
    try:
        found = [path.stem for path in records_folder().glob(f"*{SUFFIX}")]
    except OSError:
        return ()
    return tuple(sorted(name for name in found if NAME.fullmatch(name)))


def read_record(name: str) -> ModelRecord | None:
    """The record of a name, None where there is none. Raises BackendUnavailable when broken."""
    if not NAME.fullmatch(name):
        return None
    path = records_folder() / f"{name}{SUFFIX}"
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8")
        values = tomllib.loads(text)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise BackendUnavailable(
            f"the record of the model '{name}' cannot be read: {error}", f"mend or delete {path}"
        ) from error
    found = check(_RecordFile, values)
    if not isinstance(found, _RecordFile):
        first = found[0]
        raise BackendUnavailable(
            f"the record of the model '{name}' is wrong: {first.message}", f"mend or delete {path}"
        )
    if found.family not in FAMILIES:
        hint = did_you_mean(found.family, FAMILIES, "families")
        raise BackendUnavailable(f"the model '{name}' is of an unknown family in {path}", hint)
    folder = Path(found.folder) if found.folder else None
    return ModelRecord(
        name=name, family=found.family, folder=folder, file=found.file, source=found.source,
        revision=found.revision, licence=found.licence, files=found.files,
        options=found.options, path=path,
    )  # fmt: skip


def write_record(record: ModelRecord) -> Path:
    """Keep a record under its name, whole or not at all; the place it lies at.

    Raises BackendUnavailable for a name that no description could say, ProjectError where it cannot
    be written.
    """
    if not NAME.fullmatch(record.name):
        raise BackendUnavailable(
            f"'{record.name}' cannot be the name of a model",
            "use small letters, digits, '-', '_' and '.', such as sdxl-turbo",
        )
    values = {
        "family": record.family,
        "source": record.source,
        "revision": record.revision,
        "licence": record.licence,
        "folder": "" if record.folder is None else str(record.folder),
        "file": record.file,
        "options": dict(record.options),
        "files": dict(record.files),
    }
    path = records_folder() / f"{record.name}{SUFFIX}"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = tomlkit.dumps({key: value for key, value in values.items() if value})
    write_atomic(path, text.encode("utf-8"))
    return path


def record_stamp(name: str) -> tuple[int, int] | None:
    """Changes when a record does: (time of change in ns, bytes); None where there is none."""
    try:
        facts = (records_folder() / f"{name}{SUFFIX}").stat()
    except (OSError, ValueError):
        return None
    return facts.st_mtime_ns, facts.st_size
