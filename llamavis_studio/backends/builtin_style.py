"""The built-in model draws in a user's style: the files that requests name, read and applied.

Imported once the model is loaded. The files are read for every call: they are small, and a style
that was taught again meanwhile is taken up at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from llamavis_studio.backends.builtin_drawing import Loaded
from llamavis_studio.core.errors import BackendError
from llamavis_studio.model.adapter import Adapter, AdapterError, check_fit, in_style, load_adapter


def read_styles(paths: Iterable[str], loaded: Loaded, revision: str) -> Mapping[str, Adapter]:
    """The styles at some paths, ``""`` left out.

    Raises ``BackendError`` for one that cannot be used, with the command that makes it anew.
    """
    found = {}
    for path in sorted({path for path in paths if path}):
        try:
            found[path] = load_adapter(Path(path), revision)
            check_fit(loaded.model, found[path])
        except AdapterError as error:
            hint = f"teach it again: llamavis train --style FOLDER --name {Path(path).stem}"
            raise BackendError(str(error), hint) from error
    return found


@contextmanager
def styled(loaded: Loaded, style: Adapter | None) -> Iterator[Loaded]:
    """The model as the style makes it, with its pictures before the others; plain without one."""
    if style is None:
        yield loaded
        return
    with in_style(loaded.model, style):
        yield replace(loaded, memory=style.memory_beside(loaded.memory))
