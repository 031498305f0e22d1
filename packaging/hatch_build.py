"""Build hook: a wheel carries resources/ and plugins/ in the package, an editable install does not.

Copying them into an editable install would leave a second, ageing set of weights and recipes in
site-packages; `llamavis_studio.core.resources` finds the ones in the repository by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIED = {"resources": "llamavis_studio/_resources", "plugins": "llamavis_studio/_plugins"}


class CarryResources(BuildHookInterface[BuilderConfig]):
    """Adds the data folders to a standard wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before each build; `version` is `standard` or `editable`."""
        if version != "standard":
            return
        for folder, target in CARRIED.items():
            if (Path(self.root) / folder).is_dir():
                build_data["force_include"][folder] = target
