"""The `llamavis` command: the outermost frame. What escapes every other place is told here.

Exit codes: 0 done; 1 not fresh, or some of the work failed; 2 wrong use or a bad project; 130
cancelled. Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

CANCELLED = 130


def main() -> NoReturn:
    """Run the command line of this process and exit."""
    signal.signal(signal.SIGTERM, _interrupt)
    code = run(sys.argv[1:])
    # A Ctrl+C from here on comes too late to cancel anything.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit code and raises nothing."""
    try:
        _prepare_streams()
        code = _open_window(arguments)
        if code is None:
            from llamavis_studio.cli.app import run_app

            code = run_app(arguments)
        sys.stdout.flush()
        if code == CANCELLED:
            _say("cancelled")
        return code
    except KeyboardInterrupt:
        _say("cancelled")
        return CANCELLED
    except BrokenPipeError:
        # Whoever read our output has left; nobody is there to be told.
        sys.stdout = open("/dev/null" if sys.platform != "win32" else "NUL", "w")  # noqa: SIM115
        return 1
    except Exception as error:  # noqa: BLE001 - the outermost frame: a bug, told in one line
        _say(_bug_line(error))
        return 1


def _open_window(arguments: list[str]) -> int | None:
    """`llamavis studio [PROJECT]`, without waiting for every other command to be imported; None
    where there is more to read than a folder.
    """
    if arguments[:1] != ["studio"] or len(arguments) > 2 or "-" in {one[:1] for one in arguments}:
        return None
    from llamavis_studio.app.main import run as open_window

    return open_window(Path(arguments[1]) if len(arguments) == 2 else None)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _prepare_streams() -> None:
    """Names in any script must not stop a terminal that knows few of them."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _bug_line(error: BaseException) -> str:
    """One line about an unexpected error; the traceback goes to the log file."""
    from llamavis_studio.cli.log_file import log_failure

    place = log_failure(error)
    details = f"details are in {place}" if place else "the log file cannot be written"
    return f"internal error: {type(error).__name__}: {error}\n  {details}; please report it"


def _say(text: str) -> None:
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:  # the terminal is gone
        return
