"""What a backend is asked for each target, and its answers: a picture, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llamavis_studio.backends.base import ImageRequest, ImageResult
from llamavis_studio.core.errors import (
    BackendError,
    BackendUnavailable,
    ModelMissing,
    ProjectError,
)
from llamavis_studio.core.project import Project
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image
from llamavis_studio.pipeline.edits import Edit
from llamavis_studio.pipeline.memory import told_alone
from llamavis_studio.pipeline.target import Target

Generate = Callable[[list[ImageRequest]], list[ImageResult]]


def request_of(project: Project, target: Target) -> ImageRequest:
    """What a backend is asked for one target, drawn from nothing. Raises ProjectError."""
    recipe = target.recipe
    references = []
    for relative in target.references:
        try:
            references.append(decode_image(project.safe_join(relative)))
        except (ImageError, OSError) as error:
            raise ProjectError(f"{relative}: {error}", "replace the reference image") from error
    return ImageRequest(
        prompt=target.asked_prompt,
        kind=target.kind,
        size_px=target.size_px,
        seed=target.seed,
        negative_prompt=target.negative,
        guidance_scale=recipe.guidance_scale,
        temperature=recipe.temperature,
        top_p=recipe.top_p,
        tileable=recipe.tileable,
        transparent=recipe.transparent,
        references=tuple(references),
        adapter=str(project.safe_join(target.adapter)) if target.adapter else "",
        name=target.output,
    )


def pictures(
    ready: list[tuple[Target, ImageRequest]], edits: Mapping[str, Edit], generate: Generate
) -> list[tuple[Target, ImageResult | BackendError]]:
    """What is drawn, and what only passes the filters again, which needs no model."""
    drawn = [one for one in ready if _needs_model(edits.get(one[0].output))]
    again = [
        (target, ImageResult(edits[target.output].before, target.prompt, target.seed))
        for target, _ in ready
        if not _needs_model(edits.get(target.output))
    ]
    return [*again, *_drawn(drawn, generate)]


def _needs_model(edit: Edit | None) -> bool:
    return edit is None or edit.redraw


def _drawn(
    ready: list[tuple[Target, ImageRequest]], generate: Generate
) -> list[tuple[Target, ImageResult | BackendError]]:
    """A picture, or the reason why there is none, for each request.

    A batch that fails is halved until the request to blame stands alone: the others still get
    their pictures, and what was too much at once fits in parts.
    """
    if not ready:
        return []
    try:
        results = generate([request for _, request in ready])
        if len(results) != len(ready):
            raise BackendError(
                f"the backend gave {len(results)} images for {len(ready)} requests",
                "report this to the backend's authors",
            )
        return [(target, result) for (target, _), result in zip(ready, results, strict=True)]
    except (BackendUnavailable, ModelMissing) as error:
        return [(target, error) for target, _ in ready]  # smaller batches mend neither
    except BackendError as error:
        if len(ready) == 1:
            return [(ready[0][0], told_alone(error))]
        half = len(ready) // 2
        return _drawn(ready[:half], generate) + _drawn(ready[half:], generate)
