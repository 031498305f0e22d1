"""Where the traceback of a bug goes, so that a user sees one line and a developer all of it."""

from __future__ import annotations

import datetime
import logging
import os
import platform
import sys
import traceback
from pathlib import Path

from llamavis_studio import __version__
from llamavis_studio.core.settings import state_folder

_LARGEST_BYTES = 1024 * 1024


def log_to_file() -> None:
    """Send what the rooms log to the log file; without it, tracebacks would reach the terminal."""
    path = state_folder() / "llamavis.log"
    handler: logging.Handler = logging.NullHandler()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if os.access(path.parent, os.W_OK):
            handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    except OSError:  # a home that cannot be written: nothing is logged
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


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
