"""explain: where each word of a description acted on its image, and what the image took after."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.options import Json
from llamavis_studio.cli.output import Output
from llamavis_studio.core.errors import ProjectError

if TYPE_CHECKING:
    from llamavis_studio.explaining import Explanation

LIKENESS = {
    "same": "",
    "missing": "there is no image yet: this is of what a build would draw",
    "by_hand": "the image was painted over: this is of a fresh drawing from its words",
    "other_words": "the image was drawn from older words: this is of a fresh drawing",
    "edit": "the image is an edit of an older one: this is of a fresh drawing from its words",
    "other": "the image was drawn in another way: this is of a fresh drawing from its words",
}
"""What to say of an image that is not the drawing that is explained."""


def add_explain_command(app: typer.Typer) -> None:
    """Make it part of the command line."""
    app.command("explain")(explain)


def explain(
    file: Annotated[
        Path, typer.Argument(help="An image of a project, or its description.", metavar="FILE")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="Also draw a heat map a word into this PNG.", metavar="PNG"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say where each word acted on an image, and which pictures it took after."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.cli.project_commands import opened

        if out is not None and out.suffix.lower() != ".png":
            raise ProjectError(f"'{out}' is no PNG file name", "such as -o why.png")
        with opened([file], output) as studio:
            found = studio.explain(file)
        _tell(output, found)
        if out is not None:
            _draw(found, out)
            output.say(f"{out}: {len(found.words)} words")
        output.document(found.to_json())
        return 0

    raise typer.Exit(guarded(output, work))


def _tell(output: Output, found: Explanation) -> None:
    if note := LIKENESS[found.likeness.value]:
        output.warn(note)
    if not found.words:
        output.warn(f"the backend '{found.backend}' cannot say where words acted")
    output.say(f'{found.output}  "{found.prompt}"')
    for word, english in found.glosses:
        if english:
            output.say(f"  {word} = {english}")
    for one in found.words:
        peak, mean = float(one.weights.max(initial=0.0)), float(one.weights.mean())
        style = "  (of the style)" if one.of_style else ""
        output.say(f"  {one.word}: {peak:.0%} where most, {mean:.0%} on the whole{style}")
    for name, share in found.took_after:
        output.say(f"  after: {name}" + ("" if share is None else f" ({share:.0%})"))
    if found.unknown_words:
        output.say(f"  the model does not know: {', '.join(found.unknown_words)}")


def _draw(found: Explanation, out: Path) -> None:
    from llamavis_studio.core.write import write_atomic
    from llamavis_studio.imaging.contact_sheet import drawable
    from llamavis_studio.imaging.heatmap import HeatPanel, heat_sheet
    from llamavis_studio.imaging.png import encode_png

    english = dict(found.glosses)
    panels = []
    for one in found.words:
        # Without a font for Chinese, the English that the model read is better than escapes.
        says = one.word if drawable(one.word) == one.word else english.get(one.word, one.word)
        panels.append(HeatPanel(says, one.weights))
    title = found.prompt if drawable(found.prompt) == found.prompt else found.expanded_prompt
    write_atomic(out, encode_png(heat_sheet(found.pixels, panels, title=title)))
