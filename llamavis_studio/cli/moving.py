"""What `llamavis move` does and says."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llamavis_studio.cli.guard import FAILED, guarded
from llamavis_studio.cli.library_commands import updated
from llamavis_studio.cli.output import Output
from llamavis_studio.cli.project_commands import opened

if TYPE_CHECKING:
    from llamavis_studio.file_actions.moving import Moving
    from llamavis_studio.studio import Studio


_MOST_TOLD = 5


@dataclass(frozen=True)
class MoveWish:
    """Where to, and how; `dest` as it was typed."""

    dest: str
    dry_run: bool = False
    keep: bool = False
    update_uses: bool = False


def move_files(sources: list[Path], wish: MoveWish, as_json: bool) -> int:
    """Move assets and say what became of what; the exit code."""
    output = Output(as_json)

    def work() -> int:
        first = sources[0] if sources[0].exists() else sources[0].parent
        with opened([first], output) as studio:
            updated(studio.library, output)
            outside = _added_folder(studio, wish.dest)
            if outside is not None:
                return _move_pictures(studio, sources, outside, output)
            done = studio.files.move(
                sources,
                wish.dest,
                Path.cwd(),
                keep_rules=wish.keep,
                update_uses=wish.update_uses,
                dry_run=wish.dry_run,
            )
            states: dict[str, tuple[str, str]] = {}
            if not wish.dry_run:
                studio.library.library.update()
                states = {
                    one.target.output: (one.state.value, one.reason)
                    for one in studio.plan().targets
                    if one.target.output in done.change.outputs
                }
        _tell(done, wish, states, output)
        output.document(_document(done, wish, states))
        return 0

    return guarded(output, work)


def _tell(done: Moving, wish: MoveWish, states: dict[str, tuple[str, str]], output: Output) -> None:
    change = done.change
    output.say(f"{'would move' if wish.dry_run else 'moved'} {change.subject}")
    for old, new in change.moves:
        output.say(f"  {old} -> {new}")
    for image, seed in done.seeds:
        output.say(f"  the seed of {image} stays {seed}: its description says so now")
    for path in done.follows:
        output.say(f"  changed {path}, which names what moved")
    for path in done.updated:
        output.say(f"  changed {path}, which uses it")
    for reason, images in _by_reason(done, states).items():
        more = f" and {len(images) - 1} more" if len(images) > 1 else ""
        output.warn(f"{images[0]}{more} will be drawn anew: {reason}")
    if done.redrawn and not wish.keep:
        output.note("  with --keep the description says what it was, and the picture stays")
    if done.stays:
        shown = (
            f"{', '.join(done.stays[:_MOST_TOLD])}{', …' if len(done.stays) > _MOST_TOLD else ''}"
        )
        output.warn(f"not moved, as it belongs to no image: {shown}")
    for user, image in change.uses:
        output.warn(f"{user} names {image} by its old place")
    if change.uses and not wish.update_uses:
        output.note("  --update-uses changes the text files among them")
    counts: dict[str, int] = {}
    for state, _ in states.values():
        counts[state] = counts.get(state, 0) + 1
    if counts:
        output.say(", ".join(f"{count} {state}" for state, count in sorted(counts.items())))


def _by_reason(done: Moving, states: dict[str, tuple[str, str]]) -> dict[str, list[str]]:
    """Images that the next build draws anew."""
    told = {one.image: one.reason for one in done.redrawn}
    stale = {image: reason for image, (state, reason) in states.items() if state == "stale"}
    found: dict[str, list[str]] = {}
    for image in stale if states else told:
        found.setdefault(told.get(image) or stale[image], []).append(image)
    return found


def _document(done: Moving, wish: MoveWish, states: dict[str, tuple[str, str]]) -> dict[str, Any]:
    change = done.change
    return {
        "subject": change.subject,
        "dry_run": wish.dry_run,
        "moved": [{"from": old, "to": new} for old, new in change.moves],
        "outputs": list(change.outputs),
        "seeds": [{"image": image, "seed": seed} for image, seed in done.seeds],
        "redrawn": [{"image": one.image, "reason": one.reason} for one in done.redrawn],
        "changed": list(done.follows),
        "updated": list(done.updated),
        "named_by": [{"file": user, "image": image} for user, image in change.uses],
        "states": {image: state for image, (state, _) in states.items()},
        "stays": list(done.stays),
        "left": [],
        "notes": [],
    }


# --- to a folder that was added to the library, outside of the project ---------------------------


def _added_folder(studio: Studio, dest: str) -> Path | None:
    """The folder that is meant, where it is one of the library's beside the project."""
    from llamavis_studio.library.roots import library_folders

    place = Path(os.path.realpath(dest))
    if place.is_relative_to(studio.root):
        return None
    added = library_folders(studio.project)
    return place if any(place.is_relative_to(folder) for folder in added) else None


def _move_pictures(studio: Studio, files: list[Path], folder: Path, output: Output) -> int:
    library, root = studio.library, studio.root
    ids = [library.library.find(Path(os.path.realpath(file))) for file in files]
    done = library.places.move(ids, folder, (one.target for one in studio.plan().targets))
    pairs = [(_shown(root, old), _shown(root, new)) for old, new in done.moved]
    for old, new in pairs:
        output.say(f"{old} -> {new}")
    for note in done.notes:
        output.warn(note)
    for file, reason in done.left:
        output.warn(f"{file} stays: {reason}")
    output.document(
        {
            "moved": [{"from": old, "to": new} for old, new in pairs],
            "left": [{"file": file, "reason": reason} for file, reason in done.left],
            "notes": done.notes,
        }
    )
    return FAILED if done.left else 0


def _shown(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
