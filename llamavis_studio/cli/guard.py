"""Expected errors, told once on stderr: message, place, repair. The exit code says which kind."""

from __future__ import annotations

from collections.abc import Callable

from llamavis_studio.cli import CANCELLED
from llamavis_studio.cli.output import Output, error_json
from llamavis_studio.core.errors import (
    BackendError,
    Cancelled,
    LlamaVisError,
    LocatedError,
)

FAILED, WRONG_USE = 1, 2


def guarded(output: Output, work: Callable[[], int]) -> int:
    """Run `work`; an expected error becomes words, and with --json the one document."""
    try:
        return work()
    except (Cancelled, KeyboardInterrupt):
        return CANCELLED  # the outermost frame says so, once
    except LlamaVisError as error:
        output.problem(error)
        found = error.problems if isinstance(error, LocatedError) else (error,)
        output.document({"error": error_json(found[0], output.root)})
        return FAILED if isinstance(error, BackendError) else WRONG_USE
