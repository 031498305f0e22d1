"""Writes the JSON Schemas of description files and llamavis.toml, for editors that check as one
types: `python -m llamavis_studio.core.schema`."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from llamavis_studio.core.description import Description, DescriptionTable
from llamavis_studio.core.project_file import ProjectFile
from llamavis_studio.core.resources import resource_path

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_MODELS: dict[str, tuple[type[BaseModel], str]] = {
    "description.schema.json": (Description, "LlamaVis description (NAME.desc.toml)"),
    "descriptions.schema.json": (DescriptionTable, "LlamaVis descriptions (NAME.descs.toml)"),
    "project.schema.json": (ProjectFile, "LlamaVis project (llamavis.toml)"),
}


def schema_texts() -> dict[str, str]:
    """File name -> JSON Schema text, generated from the models that also check the files."""
    texts = {}
    for name, (model, title) in _MODELS.items():
        schema = {"$schema": _DRAFT, **model.model_json_schema(), "title": title}
        texts[name] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return texts


def write_schemas(folder: Path) -> None:
    """Write every schema into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_texts().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_schemas(resource_path("schema"))
