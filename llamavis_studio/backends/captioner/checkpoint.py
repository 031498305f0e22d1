"""What the small files of a checkpoint say, read without a model library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llamavis_studio.backends.captioner.families import Family, family_of
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.core.errors import ModelMissing

_MOST_BYTES = 16 << 20
_TEMPLATE_FILES = ("chat_template.jinja", "chat_template.json")
_TEMPLATE_HOLDERS = ("processor_config.json", "tokenizer_config.json")


@dataclass(frozen=True)
class Checkpoint:
    """A folder, what its configuration says, and the family that it belongs to."""

    folder: Path
    config: Mapping[str, Any]
    family: Family

    @property
    def model_type(self) -> str:
        """What transformers calls the architecture."""
        return str(self.config.get("model_type", ""))

    @property
    def architectures(self) -> tuple[str, ...]:
        """The classes whose weights these are; empty where nobody wrote them down."""
        found = self.config.get("architectures")
        return tuple(map(str, found)) if isinstance(found, list) else ()


def read_checkpoint(record: ModelRecord) -> Checkpoint:
    """The checkpoint of a record. Raises ModelMissing where there is none."""
    hint = f"fetch it again, or mend 'folder' in {record.path or 'its record'}"
    if record.folder is None:
        raise ModelMissing(f"the record of the model '{record.name}' names no folder", hint)
    path = record.folder / "config.json"
    try:
        config = _read(path)
    except OSError as error:
        raise ModelMissing(
            f"the model '{record.name}' is not in {record.folder}: {error.strerror}", hint
        ) from error
    except ValueError as error:
        raise ModelMissing(
            f"the configuration of the model '{record.name}' is broken: {path}: {error}", hint
        ) from error
    has_template = any((record.folder / name).is_file() for name in _TEMPLATE_FILES)
    has_template = has_template or any(
        _has_template(record.folder / name) for name in _TEMPLATE_HOLDERS
    )
    return Checkpoint(
        record.folder, config, family_of(str(config.get("model_type", "")), has_template)
    )


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        values = json.loads(file.read(_MOST_BYTES))
    if not isinstance(values, dict):
        raise ValueError("it is no JSON object")
    return values


def _has_template(path: Path) -> bool:
    try:
        return bool(_read(path).get("chat_template"))
    except (OSError, ValueError):
        return False
