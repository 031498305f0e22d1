"""What is said when a picture does not fit into the machine's memory, even by itself."""

from __future__ import annotations

from llamavis_studio.core.errors import BackendError, OutOfMemory


def told_alone(error: BackendError) -> BackendError:
    """An error of a request that stood alone: smaller batches were tried, so they help no more."""
    if not isinstance(error, OutOfMemory):
        return error
    return OutOfMemory(
        error.message,
        "close other programs and draw it again, ask for a smaller size, or choose the "
        "processor (cpu) at Settings > Draw on",
    )
