"""generate and caption: what the command line does with a model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.output import Output, ProgressLine
from llamavis_studio.core.errors import LlamaVisError, ProjectError

if TYPE_CHECKING:
    from llamavis_studio.backends.base import ColourShare, StepProgress

_SIZE = re.compile(r"(\d{1,9})\s*[x×X*,]\s*(\d{1,9})")


@dataclass(frozen=True)
class Wish:
    """The options of `llamavis generate` as they were typed."""

    text: str
    out: Path
    size: str | None = None
    seed: int | None = None
    count: int = 1
    kind: str = "sprite"
    negative: str = ""
    guidance: float | None = None
    temperature: float | None = None
    palette: Path | None = None
    backend: str = "builtin"
    explain: bool = False
    edit: Path | None = None
    words_before: str | None = None
    region: Path | None = None
    strength: float = 1.0


def generate(wish: Wish, as_json: bool) -> int:
    """Make the images of a wish."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.cli.log_file import log_to_file
        from llamavis_studio.single_shots import Sampling, SingleShots, edit_of_file

        log_to_file()
        if wish.edit is None and (wish.region is not None or wish.words_before is not None):
            raise ProjectError("--region and --was belong to an edit", "name its image with --edit")
        edit = None
        if wish.edit is not None:
            edit = edit_of_file(wish.edit, wish.words_before, wish.region, wish.strength)
        values: dict[str, Any] = {
            "description": wish.text,
            "kind": wish.kind,
            "count": wish.count,
            "negative": wish.negative,
            "backend": wish.backend,
        }
        values |= {"seed": wish.seed} if wish.seed is not None else {}
        values |= {"size": _size(wish.size)} if wish.size is not None else {}
        if edit is not None and wish.size is None:
            values["size"] = [edit.before.shape[1], edit.before.shape[0]]
        sampling = Sampling(wish.guidance, wish.temperature)
        with SingleShots() as shots, ProgressLine("drawing", 1) as line:
            made = shots.generate(
                values,
                wish.out,
                sampling,
                wish.palette,
                on_step=_mover(line, "drawing"),
                explain=wish.explain,
                edit=edit,
            )
        unknown = dict.fromkeys(word for one in made for word in one.drawn.unknown_words)
        if unknown:
            output.warn(f"the model does not know: {', '.join(unknown)}")
        for sentence in dict.fromkeys(words for one in made for words in one.makes_up):
            output.note(f"{wish.backend}: {sentence}")
        for note in dict.fromkeys(note for one in made for note in one.notes):
            output.warn(note)
        told = []
        for one in made:
            output.say(f"{one.file}  {one.size[0]}x{one.size[1]}, seed {one.seed}")
            told.append(one.to_json())
            if wish.explain:
                from llamavis_studio.cli.explanation import write_explanation

                files = write_explanation(one, wish.text)
                output.say(f"{files.sheet}  where each word acted")
                told[-1]["explain"] = files.to_json()
        output.document(told)
        return 0

    return guarded(output, work)


def caption(files: list[Path], backend: str, as_json: bool, question: str = "") -> int:
    """Describe each image, or ask about it; what cannot be read is told, and the rest goes on."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.cli.log_file import log_to_file
        from llamavis_studio.single_shots import SingleShots

        log_to_file()
        with SingleShots() as shots, ProgressLine("reading", 1) as line:
            answers = shots.caption(files, backend, _mover(line, "reading"), question)
        told: list[dict[str, Any]] = []
        for file, answer in answers:
            if isinstance(answer, LlamaVisError):
                output.problem(answer)
                continue
            output.say(f"{file}: {answer.caption}")
            if question:
                told.append(
                    {
                        "file": str(file),
                        "question": question,
                        "answer": answer.caption,
                        "model": answer.model,
                        "confidence": answer.confidence,
                    }
                )
                continue
            tags = ", ".join(tag.name for tag in answer.tags)
            output.say(f"  {answer.kind}: {tags}" if tags else f"  {answer.kind}")
            if answer.colours:
                output.say(f"  colours: {', '.join(_percent(c) for c in answer.colours)}")
            if not answer.in_domain:
                why = "; ".join(answer.reasons) or "unlike what the model was taught"
                output.say(f"  a guess: {why}")
            told.append(
                {
                    "file": str(file),
                    "caption": answer.caption,
                    "tags": [{"name": tag.name, "p": round(tag.p, 4)} for tag in answer.tags],
                    "kind": answer.kind,
                    "in_domain": answer.in_domain,
                    "model": answer.model,
                    "colours": [
                        {"name": colour.name, "share": round(colour.share, 4)}
                        for colour in answer.colours
                    ],
                    "confidence": answer.confidence,
                    "reasons": list(answer.reasons),
                }
            )
        output.document(told)
        return 0 if len(told) == len(files) else 1

    return guarded(output, work)


def _percent(colour: ColourShare) -> str:
    return f"{colour.name} {colour.share:.0%}"


def _size(text: str) -> list[int]:
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ProjectError(f"--size must be width x height, not '{text}'", "such as --size 32x32")
    return [int(match[1]), int(match[2])]


def _mover(line: ProgressLine, word: str) -> Any:
    def move(progress: StepProgress) -> None:
        if progress.total:
            line.move(progress.done / progress.total, None)
            line.waiting(f"{word}: step {progress.done} of {progress.total}")

    return move
