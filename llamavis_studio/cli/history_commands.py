"""history and restore: the way back to images that builds replaced."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.output import Output
from llamavis_studio.cli.project_commands import opened
from llamavis_studio.core.errors import ProjectError

if TYPE_CHECKING:
    from llamavis_studio.pipeline.history import Version
    from llamavis_studio.studio import Studio


def history(path: Path, sheet: Path | None, as_json: bool) -> int:
    """List the versions of one image, or of everything at or below a folder."""
    output = Output(as_json)

    def work() -> int:
        with opened([path], output) as studio:
            versions = _chosen(studio, path)
            if sheet is not None:
                _draw(studio, versions, sheet)
        for one in versions:
            words = f'"{one.prompt}"' if one.prompt else "not made by the studio"
            hand = ", edited by hand" if one.by_hand and one.prompt else ""
            output.say(f"{one.output}  {one.number}  {one.short}  {one.replaced}  {words}{hand}")
        if not versions:
            output.say("no older versions: they are kept from the first replacement on")
        elif sheet is not None:
            output.say(f"{sheet}: {len(versions)} versions")
        output.document([asdict(one) for one in versions])
        return 0

    return guarded(output, work)


def restore(path: Path, version: str, as_json: bool) -> int:
    """Put a version back; what stood there is a version itself now."""
    output = Output(as_json)

    def work() -> int:
        with opened([path], output) as studio:
            older = studio.restore(path, version)
        output.say(f"{older.output}: version {older.short} is back")
        output.document(asdict(older))
        return 0

    return guarded(output, work)


def _chosen(studio: Studio, path: Path) -> list[Version]:
    versions = studio.history.versions()
    if path.resolve() == studio.root:
        return versions
    planned = studio.plan([path]).targets
    outputs = {one.target.output for one in planned}
    named = studio.project.relative(path.resolve())
    return [one for one in versions if one.output in outputs or one.output == named]


def _draw(studio: Studio, versions: list[Version], sheet: Path) -> None:
    from llamavis_studio.core.write import write_atomic
    from llamavis_studio.imaging.contact_sheet import Entry, contact_sheet
    from llamavis_studio.imaging.png import decode_image, encode_png

    if sheet.suffix.lower() != ".png":
        raise ProjectError(f"'{sheet}' is no PNG file name", "such as -o versions.png")
    if not versions:
        return
    entries = [
        Entry(f"{Path(one.output).stem} {one.number}", decode_image(studio.history.data(one)))
        for one in versions
    ]
    write_atomic(sheet, encode_png(contact_sheet(entries)))
