"""Known models that can be fetched: `resources/models/catalogue.toml`, written by hand.

What stands there is quoted from the pages it names, to help to choose; the licence that counts is
the one in the repository, which is shown before a model is fetched.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from llamavis_studio.core.errors import BackendUnavailable
from llamavis_studio.core.resources import resource_path


class KnownModel(BaseModel):
    """One model of the catalogue.

    `size_gb` and `memory_gb` are 10**9 bytes to fetch and of memory while it works, as published;
    None where no page says so. `instead_of` are repositories with the same model in another form
    that cannot be used. `sources` are the pages that say so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    family: Literal["janus", "captioner", "diffusers"]
    repo: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    revision: str = "main"
    licence: str
    restricted: bool = False
    good_for: str
    size_gb: float | None = None
    memory_gb: float | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    instead_of: tuple[str, ...] = ()
    sources: tuple[str, ...] = Field(min_length=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    model: tuple[KnownModel, ...]


@lru_cache(maxsize=1)
def catalogue() -> dict[str, KnownModel]:
    """Every known model by its name, in the order of the file. Raises BackendUnavailable."""
    path = resource_path("models") / "catalogue.toml"
    try:
        found = _File(**tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise BackendUnavailable(
            f"the list of known models cannot be read: {error}", "install the studio again"
        ) from error
    return {one.name: one for one in found.model}


def known_repo(repo: str) -> KnownModel | None:
    """The model of a repository, also of one whose form cannot be used."""
    for one in catalogue().values():
        if repo.lower() in (one.repo.lower(), *(other.lower() for other in one.instead_of)):
            return one
    return None
