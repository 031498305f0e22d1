"""The extension's modules that need no Blender, without the package's own start, which does."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

SOURCE = Path(__file__).resolve().parents[3] / "plugins" / "blender" / "llamavis"
PACKAGE = "llamavis_for_blender"


def part(name: str) -> ModuleType:
    """One module of the extension."""
    if PACKAGE not in sys.modules:
        package = ModuleType(PACKAGE)
        package.__path__ = [str(SOURCE)]
        sys.modules[PACKAGE] = package
    return importlib.import_module(f"{PACKAGE}.{name}")
