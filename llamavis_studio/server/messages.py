"""What is sent to the service and what it answers, as models: they check, and they document.

Paths are project-relative with forward slashes; no absolute path is ever sent. Sizes are pixels.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

API = 1
"""The version of everything below `/api/v1`; a plugin that finds another one says so."""

RelativePath = Annotated[str, Field(min_length=1, max_length=1024, description="In the project")]
_SHA256 = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file's bytes, in hex")


class Wish(BaseModel):
    """A request's body: unknown keys are refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Reply(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(frozen=True)


class Problem(Reply):
    """What is wrong in a file, and what mends it; line and column count from 1."""

    path: str
    line: int
    column: int
    message: str
    hint: str
    severity: str


class Failure(Reply):
    """Why a request was not done: `code` for programs, `message` and `hint` for people."""

    code: str
    message: str
    hint: str = ""
    problems: list[Problem] = []


class ErrorReply(Reply):
    """The body of every answer from 400 on."""

    error: Failure


class Status(Reply):
    """How the service and its project are."""

    api: int
    version: str
    service: str
    """Another one for each start: cursors of events belong to it."""
    project: str
    """The project's name."""
    state: str
    """opening, ready, or broken."""
    message: str
    cursor: int
    """Of the newest event."""
    drawing: bool
    done: int
    total: int
    eta_s: float | None
    counts: dict[str, int]
    problems: int


class Asset(Reply):
    """One image that a description asks for, and how it stands to it."""

    output: str
    source: str
    """The description's file."""
    name: str
    line: int
    kind: str
    state: str
    reason: str
    description: str
    width: int
    height: int
    variant: int
    seed: int
    base: str
    """The output that it is made from, as a material's maps are; empty for others."""
    beside: str
    """A text that is written with it, as a sheet's table is; empty for others."""
    locked: bool
    revision: str
    """Changes with the file; empty where there is none."""
    backend: str = ""
    """What draws it, as `/models` names it."""
    makes_up: list[str] = []
    """What filters do for it because its backend cannot: sentences for people."""


class AssetPage(Reply):
    """Some assets in the order of their outputs; `next` is the `after` of the next page."""

    assets: list[Asset]
    total: int
    """That fit the filter, on all pages."""
    next: str | None
    problems: list[Problem]
    """Of the whole project; on the first page only."""


class DescriptionReply(Reply):
    """A description's text as it is on disk."""

    path: str
    text: str
    revision: str = _SHA256
    problems: list[Problem]


class DescriptionWish(Wish):
    """A description's new text. `revision` is that of the text that was changed, null for a file
    that is not there yet: written only when the file is still so.
    """

    path: RelativePath
    text: Annotated[str, Field(max_length=262_144)]
    revision: Annotated[str | None, _SHA256] = None


class CheckWish(Wish):
    """A text that may become a description."""

    path: RelativePath
    text: Annotated[str, Field(max_length=262_144)]


class CheckReply(Reply):
    """What is wrong with it; empty when it is sound."""

    problems: list[Problem]


class BuildWish(Wish):
    """Draw what is stale, or (`paths`) what lies at or below these; `fresh` from nothing."""

    paths: Annotated[list[RelativePath], Field(max_length=1000)] | None = None
    force: bool = False
    fresh: bool = False


class BuildReply(Reply):
    """How many images will be drawn; events tell the rest."""

    images: int


class Model(Reply):
    """A backend of this machine by the name that descriptions use, and what it can do."""

    name: str
    ready: bool
    """Whether it can be used; `llamavis doctor` tells what another one lacks."""
    model: str = ""
    revision: str = ""
    licence: str = ""
    draws: bool = False
    captions: bool = False
    edits: bool = False
    """It starts from the image that is there, so that what its words do not change stays."""
    edits_regions: bool = False
    tiles: bool = False
    """Its textures repeat without a seam; those of others are blended at their edges."""
    cuts_out: bool = False
    """It draws clear backgrounds; that of others is taken away afterwards."""
    heeds_negative: bool = False
    heeds_references: bool = False
    draws_styles: bool = False
    """It draws in styles that `llamavis train --style` taught."""
    domain: str = "any"
    """pixel_art where it draws nothing else."""


class ModelsReply(Reply):
    """The backends of this machine, sorted by name."""

    models: list[Model]
    default: str
    """What draws the descriptions of this project that name none."""
    captioner: str
    """What `/caption` asks."""


class Done(Reply):
    """It was done."""

    done: bool = True


class VariantsWish(Wish):
    """Have so many variants of an image."""

    output: RelativePath
    count: Annotated[int, Field(ge=1, le=64)]


class ChooseWish(Wish):
    """Keep one of an image's variants."""

    output: RelativePath
    variant: Annotated[int, Field(ge=0, le=63)]


class LockWish(Wish):
    """Never draw these again, or let them be drawn again."""

    outputs: Annotated[list[RelativePath], Field(min_length=1, max_length=1000)]
    locked: bool


class CaptionWish(Wish):
    """Say what is in an image of the project."""

    path: RelativePath


class CaptionReply(Reply):
    """What the model sees; `guess` when it knows nothing like it."""

    path: str
    caption: str
    tags: list[str]
    kind: str
    guess: bool
    model: str


class Hit(Reply):
    """One image that a search found."""

    file: str
    kind: str
    width: int
    height: int
    caption: str
    tags: list[str]
    state: str


class SearchReply(Reply):
    """One page of hits. `changed` says what was searched instead when nothing fitted."""

    hits: list[Hit]
    next: str | None
    changed: str


class EventPage(Reply):
    """What happened behind a cursor. `missed`: more than is remembered, so read all anew."""

    service: str
    cursor: int
    missed: bool
    events: list[dict[str, Any]]
