"""What `llamavis doctor` says about one thing, and the commands that mend it."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

PACKAGE = "llamavis-studio"


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `fix` is a command or an action, "" when all is well.

    What is not `needed` may be missing. What was `added` by somebody should work, though the studio
    does without it.
    """

    name: str
    ok: bool
    detail: str
    fix: str = ""
    needed: bool = True
    added: bool = False

    @property
    def mark(self) -> str:
        """Four letters before the name."""
        if self.ok:
            return "ok  "
        return "FAIL" if self.needed else "warn" if self.added else "none"

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON values."""
        return asdict(self) | {"mark": self.mark.strip()}


def package_version(name: str) -> str | None:
    """What is installed of a package; None where it is not. Nothing is imported."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def pip() -> str:
    """How packages get into the Python that runs this."""
    return f"{_quoted(sys.executable)} -m pip"


def pip_extra(extra: str) -> str:
    """The command that adds one of the studio's extras, also where it runs from a checkout."""
    checkout = _checkout()
    if checkout is None:
        return f'{pip()} install "{PACKAGE}[{extra}]"'
    place = "." if checkout == Path.cwd() else str(checkout)
    return f'{pip()} install -e "{place}[{extra}]"'


def _checkout() -> Path | None:
    """The folder that an editable installation points to (PEP 610); None for any other."""
    try:
        text = importlib.metadata.distribution(PACKAGE).read_text("direct_url.json")
        told = json.loads(text or "{}")
        if not told.get("dir_info", {}).get("editable"):
            return None
        return Path(url2pathname(unquote(urlparse(told["url"]).path)))
    except (importlib.metadata.PackageNotFoundError, ValueError, KeyError, AttributeError):
        return None


def _quoted(path: str) -> str:
    return f'"{path}"' if " " in path else path
