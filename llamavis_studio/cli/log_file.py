"""Where the traceback of a bug goes, so that a user sees one line and a developer all of it."""

from __future__ import annotations

import datetime
import platform
import sys
import traceback
from pathlib import Path

from llamavis_studio import __version__
from llamavis_studio.core.settings import state_folder

_LARGEST_BYTES = 1024 * 1024


def log_failure(error: BaseException) -> Path | None:
    """Append a traceback to the log; its path, or None when it cannot be written."""
    path = state_folder() / "llamavis.log"
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    head = f"{now} llamavis {__version__}, Python {platform.python_version()}, {sys.platform}"
    text = "".join(traceback.format_exception(error))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _LARGEST_BYTES:
            path.replace(path.with_suffix(".old.log"))
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{head}\n{text}\n")
    except OSError:
        return None
    return path
