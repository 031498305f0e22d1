"""Chinese prompts for models that read English only: each word's English goes in its place.

The dictionary is the built-in model's (:mod:`llamavis_studio.model.gloss`), offline and quick, and
nothing of it is loaded for English prompts. Whoever changes it so that prompts come out otherwise
raises ``base.GLOSS_VERSION``, which is part of the build keys that it touches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from llamavis_studio.backends.base import BackendInfo, ImageRequest, ImageResult


@dataclass(frozen=True)
class Understood:
    """A request as a model can read it, and what became of its foreign words."""

    request: ImageRequest
    glosses: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()

    def told(self, result: ImageResult) -> ImageResult:
        """A result that says so too."""
        if not self.glosses:
            return result
        return replace(
            result,
            glosses=(*self.glosses, *result.glosses),
            unknown_words=(*self.unknown, *result.unknown_words),
        )


def understood(info: BackendInfo, requests: Sequence[ImageRequest]) -> list[Understood]:
    """The requests in a language of ``info.languages``, in their order."""
    if not info.needs_gloss:
        return [Understood(request) for request in requests]
    return [_in_english(request) for request in requests]


def _in_english(request: ImageRequest) -> Understood:
    texts = (request.prompt, request.negative_prompt, request.before_prompt)
    if all(text.isascii() for text in texts):
        return Understood(request)
    from llamavis_studio.model.gloss import gloss

    found = gloss(request.prompt)
    asked = replace(
        request,
        prompt=found.english,
        negative_prompt=gloss(request.negative_prompt).english,
        before_prompt=gloss(request.before_prompt).english,
    )
    return Understood(asked, found.pairs, found.unknown)
