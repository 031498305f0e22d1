"""tags: what the command line does with the words of a library."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.library_commands import library_of
from llamavis_studio.cli.output import Output
from llamavis_studio.core.errors import LibraryError

if TYPE_CHECKING:
    from llamavis_studio.library.asset_words import AssetWords
    from llamavis_studio.library.words import Said


def list_tags(project: Path, prefix: str, as_json: bool) -> int:
    """List tags with how often they are used."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.library.tags import tag_counts

        with library_of([project], output) as librarian:
            found = tag_counts(librarian.library.database, prefix)
        for tag in found:
            output.say(f"{tag.assets:>7}  {tag.name}")
        if not found:
            output.say("no tags yet")
        output.document(
            [{"name": tag.name, "assets": tag.assets, "said": tag.said} for tag in found]
        )
        return 0

    return guarded(output, work)


def show(project: Path, files: list[Path], as_json: bool) -> int:
    """Show all that is said about some images."""
    output = Output(as_json)

    def work() -> int:
        start = files[0] if project == Path() and files[0].exists() else project
        with library_of([start], output) as librarian:
            library = librarian.library
            ids = [library.find(Path(os.path.realpath(file))) for file in files]
            found = [_words_json(one) for one in librarian.words_of(ids)]
        for one in found:
            output.say(one["file"])
            for caption in one["captions"]:
                output.say(f"  {caption['text']}  ({_who(caption)})")
            if one["tags"]:
                output.say(f"  {', '.join(tag['name'] for tag in one['tags'])}")
            if one["reasons"]:
                output.say(f"  the model is not sure: {'; '.join(one['reasons'])}")
        output.document(found)
        return 0

    return guarded(output, work)


def _words_json(words: AssetWords) -> dict[str, Any]:
    drawn = words.drawn
    return {
        "file": words.item.file,
        "kind": words.item.kind,
        "captions": [
            {"text": one.text, "origin": one.origin, "source": one.source, "p": one.confidence}
            for one in words.captions
        ],
        "tags": [
            {"name": one.name, "origin": one.origin, "source": one.source, "p": one.confidence}
            for one in words.tags
        ],
        "taken_away": list(words.taken),
        "colours": [{"rgb": f"#{rgb:06x}", "share": round(p, 4)} for rgb, p in words.colours],
        "described_by": words.model,
        "reasons": list(words.reasons),
        "drawn_from": None if drawn is None else {"prompt": drawn.prompt, "seed": drawn.seed},
    }


def _who(said: dict[str, Any]) -> str:
    sure = "" if said["p"] is None else f", {said['p']:.0%} sure"
    return f"{said['origin']}: {said['source']}{sure}"


def change(
    project: Path,
    files: list[Path],
    as_json: bool,
    *,
    add: str = "",
    remove: str = "",
    caption: str | None = None,
) -> int:
    """Change the words of some images."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.library.words import WordChange

        wanted = WordChange(_names(add), _names(remove), caption)
        if not wanted.add and not wanted.remove and caption is None:
            raise LibraryError("no tag is named", 'such as "moss, stone"')
        # The images say which project is meant, unless it is named.
        start = files[0] if project == Path() and files[0].exists() else project
        with library_of([start], output) as librarian:
            library = librarian.library
            ids = [library.find(Path(os.path.realpath(file))) for file in files]
            what = wanted.told(len(ids))
            said = librarian.say(ids, wanted.add, wanted.remove, caption)
        _tell(what, said, output)
        return 0

    return guarded(output, work)


def rename(project: Path, names: list[str], new: str, as_json: bool) -> int:
    """Call tags otherwise, everywhere."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.library.tags import rename_tag

        if not names:
            raise LibraryError("name two tags at least", "llamavis tags merge rock stone")
        with library_of([project], output) as librarian:
            library = librarian.library
            config = library.project.config_path
            said = [rename_tag(library.database, library.edits, config, old, new) for old in names]
        for old, one in zip(names, said, strict=True):
            _tell(f"'{old}' is now '{new}'", one, output, last=old == names[-1])
        return 0

    return guarded(output, work)


def delete(project: Path, name: str, as_json: bool) -> int:
    """Take a tag away everywhere."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.library.tags import delete_tag

        with library_of([project], output) as librarian:
            library = librarian.library
            said = delete_tag(library.database, library.edits, library.project.config_path, name)
        _tell(f"'{name}' is gone", said, output)
        return 0

    return guarded(output, work)


def undo(project: Path, as_json: bool) -> int:
    """Take the last change back."""
    output = Output(as_json)

    def work() -> int:
        with library_of([project], output) as librarian:
            done = librarian.library.edits.undo()
        if done is None:
            raise LibraryError(
                "there is nothing to undo", "changes made by the studio can be undone"
            )
        what, said = done
        _tell(f"undone: {what}", said, output)
        return 0

    return guarded(output, work)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.replace("，", ",").split(",") if (name := part.strip()))


def _tell(what: str, said: Said, output: Output, last: bool = True) -> None:
    for note in said.notes:
        output.warn(note)
    output.say(f"{what} ({said.assets} assets)")
    if last:
        output.document({"what": what, "assets": said.assets, "notes": said.notes})
