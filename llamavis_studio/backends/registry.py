"""Names of backends -> the classes behind them, imported only when asked for.

Knowing a name costs nothing; making a backend imports its module, which by contract imports no
heavy library before ``load``. Large models are known by their records
(:mod:`llamavis_studio.backends.model_records`), which are read anew each time. Tests add their own
through the environment variable ``LLAMAVIS_TEST_BACKENDS`` (``name=module:Class``, separated by
commas), because a spawned model process inherits the environment and nothing else.
"""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Mapping
from types import MappingProxyType

from llamavis_studio.backends.base import Backend
from llamavis_studio.backends.model_records import (
    FAMILIES,
    ModelRecord,
    read_record,
    record_names,
    record_stamp,
)
from llamavis_studio.core.errors import (
    BackendError,
    BackendUnavailable,
    ModelMissing,
    did_you_mean,
)

TEST_BACKENDS_VARIABLE = "LLAMAVIS_TEST_BACKENDS"

SHIPPED: Mapping[str, str] = MappingProxyType(
    {"builtin": "llamavis_studio.backends.builtin:BuiltinBackend"}
)
"""Backends that come with the studio, as ``module:Class``."""


class Registry:
    """The backends of one process, by name.

    Args:
        places: name -> ``module:Class``; by default the shipped ones, those of the environment and
            the models of this machine.
    """

    def __init__(self, places: Mapping[str, str] | None = None) -> None:
        self._reads_records = places is None
        if places is None:
            places = {**SHIPPED, **_from_environment(os.environ.get(TEST_BACKENDS_VARIABLE, ""))}
        self._places = dict(places)

    def names(self) -> tuple[str, ...]:
        """Every known name, sorted."""
        records = record_names() if self._reads_records else ()
        return tuple(sorted({*self._places, *records}))

    def that_answer(self) -> tuple[str, ...]:
        """The names of those that take questions about images; broken ones are passed over."""
        found = []
        for name in self.names():
            with contextlib.suppress(BackendError):
                if self.create(name).info().can_answer:
                    found.append(name)
        return tuple(found)

    def stamp(self, name: str) -> object:
        """Changes when what ``name`` means does: a loaded backend is then of the past."""
        return None if name in self._places or not self._reads_records else record_stamp(name)

    def create(self, name: str) -> Backend:
        """A new, unloaded backend. Raises ``BackendUnavailable`` for an unknown or broken one,
        ``ModelMissing`` for one that is known and was never fetched.
        """
        place = self._places.get(name)
        record = None
        if place is None and self._reads_records and (record := read_record(name)) is not None:
            place = FAMILIES[record.family]
        if place is None:
            raise self._unknown(name)
        return _made(place, name, record)

    def try_record(self, record: ModelRecord) -> Backend:
        """A backend for a record that is not written yet. Raises as ``create`` does."""
        return _made(FAMILIES[record.family], record.name, record)

    def _unknown(self, name: str) -> BackendError:
        from llamavis_studio.backends.catalogue import catalogue

        if self._reads_records and name in catalogue():
            return ModelMissing(
                f"the model '{name}' is not on this machine", f"llamavis models fetch {name}"
            )
        hint = did_you_mean(name, self.names(), "backends")
        return BackendUnavailable(f"there is no backend named '{name}'", hint)


def _made(place: str, name: str, record: ModelRecord | None) -> Backend:
    """The backend of a class ``module:Class``, with its record where it has one."""
    module_name, _, class_name = place.partition(":")
    try:
        factory = getattr(importlib.import_module(module_name), class_name)
        backend = factory() if record is None else factory(record)
    except (ImportError, AttributeError) as error:
        raise BackendUnavailable(
            f"the backend '{name}' cannot be loaded: {error}",
            "run 'llamavis doctor' to see what is missing",
        ) from error
    if not isinstance(backend, Backend):
        raise BackendUnavailable(
            f"the backend '{name}' is not a backend: {place} lacks a method of the protocol"
        )
    return backend


def _from_environment(text: str) -> dict[str, str]:
    """``name=module:Class,module:NameBackend`` -> name -> place; a bare place is named after it."""
    places: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, equals, place = entry.partition("=")
        if not equals:
            place = entry
            name = place.rpartition(":")[2].removesuffix("Backend").lower()
        places[name.strip()] = place.strip()
    return places
