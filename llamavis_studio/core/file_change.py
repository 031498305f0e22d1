"""A change of files as a value: what each file held before and what it holds after.

What can be said so can be done, taken back and done again: undo is the same change turned round.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from llamavis_studio.core.errors import ProjectError


class ChangeKind(StrEnum):
    """What the user did."""

    EDIT = "edit"
    CREATE = "create"
    RENAME = "rename"
    MOVE = "move"
    DUPLICATE = "duplicate"
    REMOVE = "remove"
    LOCK = "lock"
    UNLOCK = "unlock"
    VARIANTS = "variants"


class ChangedSince(ProjectError):  # noqa: N818
    """A file is not what a change expects: somebody has changed it meanwhile."""


@dataclass(frozen=True)
class FileEdit:
    """One file, by its path in the project; None stands for no file."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True)
class FilesChange:
    """Files that change together.

    `subject` names what was changed, as people call it. `moves` are pairs of old and new place:
    what lies at the new one is the file that went from the old one, so that nothing is thrown away.
    `outputs` are the images to look at afterwards; `uses` are pairs of a file that names an image
    by its old place and that image.
    """

    kind: ChangeKind
    subject: str
    edits: tuple[FileEdit, ...]
    moves: tuple[tuple[str, str], ...] = ()
    outputs: tuple[str, ...] = ()
    uses: tuple[tuple[str, str], ...] = ()

    @property
    def size_bytes(self) -> int:
        """How much memory it holds."""
        return sum(len(one.before or b"") + len(one.after or b"") for one in self.edits)

    def reversed(self) -> FilesChange:
        """The change that takes this one back."""
        moved = {old for old, _new in self.moves}
        restored = [one.path for one in self.edits if one.after is None and one.path not in moved]
        return replace(
            self,
            edits=tuple(FileEdit(one.path, one.after, one.before) for one in self.edits),
            moves=tuple((new, old) for old, new in self.moves),
            outputs=(
                *(old for old, new in self.moves if new in self.outputs),
                *(path for path in restored if path.endswith(".png")),
            ),
            uses=(),
        )
