"""The models of this machine as every face of the studio sees them: what the backends can do, and
how models come and go.

    known_backends                      what there is, without loading or reaching anything
    look_up, fetch, add_folder,         long: told of in bytes, stopped in between
    add_file, add_server, compare
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from llamavis_studio.backends.base import BackendInfo
from llamavis_studio.backends.catalogue import KnownModel, catalogue, known_repo
from llamavis_studio.backends.model_records import (
    ModelRecord,
    read_record,
    record_names,
    write_record,
)
from llamavis_studio.backends.registry import Registry
from llamavis_studio.core.errors import BackendError, Cancelled, LlamaVisError

if TYPE_CHECKING:
    from llamavis_studio.model_store.fetching import FetchPlan, FetchProgress

BUILTIN = "builtin"


@dataclass(frozen=True)
class KnownBackend:
    """A backend by its name; `info` is None where it cannot be used, and `problem` says why,
    `hint` what mends it.
    """

    name: str
    info: BackendInfo | None
    problem: str = ""
    hint: str = ""

    @property
    def draws(self) -> bool:
        """Whether it can be asked for images."""
        return self.info is not None and self.info.can_generate

    @property
    def captions(self) -> bool:
        """Whether it can be asked what is in an image."""
        return self.info is not None and self.info.can_caption

    @property
    def answers(self) -> bool:
        """Whether it can be asked a free question about an image."""
        return self.info is not None and self.info.can_answer


def known_backends(registry: Registry | None = None) -> tuple[KnownBackend, ...]:
    """Every backend of this machine, sorted by name; those that are not ready among them."""
    known = registry or Registry()
    return tuple(_known(known, name) for name in known.names())


def captioner_of(known: Iterable[KnownBackend], *wanted: str) -> str:
    """The first of the wanted backends that describes images, else the built-in one."""
    able = {one.name for one in known if one.captions}
    return next((name for name in wanted if name in able), BUILTIN)


def captioner(info: Callable[[str], BackendInfo], *wanted: str) -> str:
    """`captioner_of` where only some names are asked for; `info` raises BackendError for one that
    is not ready.
    """
    for name in filter(None, wanted):
        with contextlib.suppress(BackendError):
            if info(name).can_caption:
                return name
    return BUILTIN


def _known(registry: Registry, name: str) -> KnownBackend:
    try:
        return KnownBackend(name, registry.create(name).info())
    except LlamaVisError as error:
        return KnownBackend(name, None, error.message, error.hint)


# --- models come and go --------------------------------------------------------------------------

OnBytes = Callable[[int, int], None]
"""Told how many bytes of how many are done; 0 of 0 where nobody knows."""
ShouldStop = Callable[[], bool]
"""Asked in between; when it says so, Cancelled is raised, and what has come stays."""


def fetchable() -> dict[str, KnownModel]:
    """The models that can be fetched by a name. Raises BackendUnavailable for a damaged list."""
    return catalogue()


def known_of(source: str) -> KnownModel | None:
    """What the catalogue knows of a repository, None where it knows nothing."""
    try:
        return known_repo(source) if source else None
    except LlamaVisError:
        return None  # a damaged list of known models takes nothing away here


def recorded() -> frozenset[str]:
    """The names of the large models that are on this machine."""
    return frozenset(record_names())


def look_up(wanted: str, variant: str, should_stop: ShouldStop) -> FetchPlan:
    """What would be fetched for a known name or ORGANISATION/REPOSITORY. Raises BackendError."""
    from llamavis_studio.model_store.fetching import Fetcher
    from llamavis_studio.model_store.sources import source_of

    source = replace(source_of(wanted), variant=variant)
    return Fetcher(should_stop=should_stop).plan(source)


def fetch(plan: FetchPlan, on_bytes: OnBytes, should_stop: ShouldStop) -> str:
    """Fetch a plan whose licence the user accepts; the name that descriptions say. The model is
    known once all of it is here. Raises BackendError, ProjectError, Cancelled.
    """
    from llamavis_studio.model_store import ledger
    from llamavis_studio.model_store.fetching import Fetcher, keep

    def told(progress: FetchProgress) -> None:
        on_bytes(progress.done_bytes, progress.total_bytes)

    if not plan.is_accepted:
        ledger.accept(plan.repo, plan.licence, plan.licence_text)
    return keep(plan, Fetcher(on_progress=told, should_stop=should_stop).fetch(plan)).name


def add_folder(folder: Path, on_bytes: OnBytes, should_stop: ShouldStop) -> str:
    """Let descriptions name the model in a folder, which is read once and not copied; its name.
    Raises BackendError, ProjectError, Cancelled.
    """
    from llamavis_studio.model_store.adding import folder_record
    from llamavis_studio.model_store.sources import check_name, proposed_name

    name = proposed_name(folder.name.removeprefix("models--"))
    check_name(name, "")
    return _kept(folder_record(folder, name, on_bytes=stoppable(on_bytes, should_stop)))


def add_file(file: Path, on_bytes: OnBytes, should_stop: ShouldStop) -> str:
    """The same for a checkpoint that is one file. Raises BackendError, ProjectError, Cancelled."""
    from llamavis_studio.model_store.adding import file_record
    from llamavis_studio.model_store.sources import check_name, proposed_name

    name = proposed_name(file.stem)
    check_name(name, "")
    return _kept(file_record(file, name, on_bytes=stoppable(on_bytes, should_stop)))


def add_server(name: str, servers: Sequence[str], checkpoint: str, workflow: str) -> str:
    """Let descriptions name ComfyUI servers, which are asked how they are; the name. Raises
    BackendError, ProjectError.
    """
    from llamavis_studio.backends.comfyui.adding import make_record
    from llamavis_studio.model_store.sources import check_name

    check_name(name, "")
    return _kept(make_record(name, servers, workflow, checkpoint))


def is_recorded(name: str) -> bool:
    """Whether a name is that of a large model whose record can be read."""
    try:
        return read_record(name) is not None
    except LlamaVisError:
        return False


def compare(name: str, on_bytes: OnBytes, should_stop: ShouldStop) -> list[str]:
    """The files of a large model that are not as they were fetched or added. Raises BackendError,
    Cancelled.
    """
    from llamavis_studio.model_store.checking import broken_files

    record = read_record(name)
    return [] if record is None else broken_files(record, stoppable(on_bytes, should_stop))


def stoppable(on_bytes: OnBytes, should_stop: ShouldStop) -> OnBytes:
    """Raises Cancelled, between two pieces, once it should stop."""

    def told(done: int, total: int) -> None:
        if should_stop():
            raise Cancelled
        on_bytes(done, total)

    return told


def _kept(record: ModelRecord) -> str:
    """Write a record after its family has looked at it; its name."""
    Registry().try_record(record).info()
    write_record(record)
    return record.name
