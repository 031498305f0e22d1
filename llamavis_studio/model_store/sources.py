"""What a user can name to be fetched, and how it is called afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from llamavis_studio.backends.catalogue import catalogue, known_repo
from llamavis_studio.backends.model_records import FAMILIES, NAME, SERVER_FAMILIES, read_record
from llamavis_studio.core.errors import BackendUnavailable, ModelMissing, did_you_mean

RESERVED = frozenset({"builtin"})


@dataclass(frozen=True)
class Source:
    """What to fetch: a repository at a branch, tag or commit; "" is its main branch.

    `name`, `family` and `options` are what the record is to say; "" and nothing where that is
    still open. `variant` is the form of weights to prefer, such as "fp16"; "" takes them in full.
    """

    repo: str
    revision: str = ""
    name: str = ""
    family: str = ""
    variant: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


def source_of(text: str, name: str = "", family: str = "") -> Source:
    """What a user named: a model of the catalogue, a record to be fetched again, or
    ``ORGANISATION/REPOSITORY[@REVISION]``. Raises ModelMissing, BackendUnavailable.
    """
    if family and (family not in FAMILIES or family in SERVER_FAMILIES):
        families = sorted(set(FAMILIES) - SERVER_FAMILIES)
        raise BackendUnavailable(
            f"there is no family '{family}'", did_you_mean(family, families, "families")
        )
    repo, _, revision = text.partition("@")
    record = read_record(repo)
    if "/" in repo:
        known = known_repo(repo)
        known = known if known is not None and known.repo == repo else None
    elif record is not None and record.source and not revision:
        return Source(record.source, record.revision, name or record.name, family or record.family)
    elif (known := catalogue().get(repo)) is not None:
        repo, revision = known.repo, revision or known.revision
    else:
        raise ModelMissing(
            f"there is no known model '{repo}'",
            f"{did_you_mean(repo, catalogue(), 'known models')}; any other is fetched as "
            "ORGANISATION/REPOSITORY",
        )
    if known is None:
        return Source(repo, revision, name, family)
    return Source(repo, revision, name or known.name, family or known.family, options=known.options)


def check_name(name: str, source: str) -> None:
    """Refuse a name that is none, or is another model's. Raises BackendUnavailable."""
    if not NAME.fullmatch(name):
        raise BackendUnavailable(
            f"'{name}' cannot be the name of a model",
            "use small letters, digits, '-', '_' and '.', such as: --name sdxl-turbo",
        )
    old = read_record(name)
    if name in RESERVED or (old is not None and old.source != source):
        other = "the model of the studio" if old is None else old.source or str(old.folder or "")
        raise BackendUnavailable(
            f"the name '{name}' belongs to another model ({other})",
            f"choose another: --name {name}-2, or take that one away: llamavis models remove "
            f"{name}",
        )


def proposed_name(repo: str) -> str:
    """A name for descriptions, from a repository's."""
    known = known_repo(repo)
    if known is not None and known.repo == repo:
        return known.name
    name = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "-"
                   for sign in repo.rpartition("/")[2].lower())  # fmt: skip
    return re.sub("-{2,}", "-", name).strip("-._")[:64] or "model"
