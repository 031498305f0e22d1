"""rename, duplicate, remove, lock, unlock, variants: descriptions as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.output import Output
from llamavis_studio.cli.project_commands import opened

if TYPE_CHECKING:
    from llamavis_studio.core.file_change import FilesChange
    from llamavis_studio.file_actions.actions import FileActions


def change(
    paths: list[Path],
    act: Callable[[FileActions], FilesChange],
    told: str,
    as_json: bool,
) -> int:
    """Do one action and say what became of which file. `told` is a verb of the past."""
    output = Output(as_json)

    def work() -> int:
        with opened(paths[:1], output) as studio:
            done = act(studio.files)
        output.say(f"{told} {done.subject}" if done.edits else "nothing to change")
        moved = dict(done.moves)
        for old, new in done.moves:
            output.say(f"  {old} -> {new}")
        made = [one.path for one in done.edits if one.before is None]
        gone = [one.path for one in done.edits if one.after is None and one.path not in moved]
        rest = [one.path for one in done.edits if None not in (one.before, one.after)]
        made = [path for path in made if path not in moved.values()]
        for word, files in (("made", made), ("trash", gone), ("changed", rest)):
            for file in files:
                output.say(f"  {word} {file}")
        for user, image in done.uses:
            output.warn(f"{user} names {image}")
        output.document(
            {
                "subject": done.subject,
                "moved": [{"from": old, "to": new} for old, new in done.moves],
                "made": made,
                "trash": gone,
                "changed": rest,
                "outputs": list(done.outputs),
                "named_by": [{"file": user, "image": image} for user, image in done.uses],
            }
        )
        return 0

    return guarded(output, work)
