"""When files of a project were last committed, asked of git in one call; no git, no dates."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

_TIMEOUT_S = 30.0
_MARK = b"\x01"
_DATE = re.compile(rb"\d{4}-\d{2}-\d{2}")
# A project may come from anywhere, and its own git configuration can name programs to run.
_SAFE = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=", "-c", "log.showSignature=false",
)  # fmt: skip


def commit_dates(root: Path) -> dict[str, str]:
    """The day (YYYY-MM-DD, the committer's) each file below `root` was last committed.

    Paths are relative to `root`, with forward slashes. Empty without git, outside a repository, or
    when git takes longer than 30 s; never raises.
    """
    command = [
        "git", "--no-pager", *_SAFE, "log", "--no-show-signature", "--no-ext-diff",
        "--format=%x01%cs", "--name-only", "--no-renames", "-z", "--relative", "--", ".",
    ]  # fmt: skip
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    return {} if done.returncode else parse_log(done.stdout)


def parse_log(output: bytes) -> dict[str, str]:
    """The dates in what `git log -z --format=%x01%cs --name-only` prints, newest first."""
    dates: dict[str, str] = {}
    day = ""
    for part in output.split(b"\0"):
        if part.startswith(_MARK) and _DATE.fullmatch(part[1:11]):
            day = part[1:11].decode("ascii")
            part = part[11:]
        name = os.fsdecode(part.lstrip(b"\n"))
        if name and day:
            dates.setdefault(name, day)
    return dates
