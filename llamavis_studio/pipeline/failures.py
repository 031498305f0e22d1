"""Images that could not be built, remembered until something that decides them changes."""

from __future__ import annotations

import json
from dataclasses import dataclass

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.project import Project
from llamavis_studio.core.write import write_if_changed


@dataclass(frozen=True)
class Failure:
    """Why a target with this build key could not be built."""

    build_key: str
    message: str
    hint: str = ""


class Failures:
    """A project's failures by output; kept in `.llamavis/failed.json`, which may be deleted."""

    def __init__(self, project: Project, rows: dict[str, Failure]) -> None:
        self._project = project
        self._rows = rows

    @classmethod
    def open(cls, project: Project) -> Failures:
        """What is on disk; nothing when there is nothing, or nothing sensible."""
        rows: dict[str, Failure] = {}
        path = project.state_dir / "failed.json"
        if not project.has_own(path):
            return cls(project, rows)
        try:
            stored = json.loads(path.read_bytes())
            for output, row in stored.items():
                rows[str(output)] = Failure(str(row["key"]), str(row["message"]), str(row["hint"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            rows = {}
        return cls(project, rows)

    def of(self, output: str, build_key: str) -> Failure | None:
        """The failure of this output, while what decides it is unchanged."""
        failure = self._rows.get(output)
        return failure if failure is not None and failure.build_key == build_key else None

    def note(self, output: str, failure: Failure | None) -> None:
        """Remember a failure, or that there is none any more."""
        if failure is None:
            self._rows.pop(output, None)
        else:
            self._rows[output] = failure

    def save(self) -> None:
        """Write them down; on a disk that cannot be written the failure was told already."""
        path = self._project.state_dir / "failed.json"
        if not self._rows and not path.exists():
            return
        rows = {
            output: {"key": row.build_key, "message": row.message, "hint": row.hint}
            for output, row in sorted(self._rows.items())
        }
        data = json.dumps(rows, ensure_ascii=True, indent=1).encode("ascii")
        try:
            self._project.make_state_dir()
            write_if_changed(path, data)
        except ProjectError:
            return
