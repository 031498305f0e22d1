"""What the command line says, and where: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import typer

from llamavis_studio.core.errors import LlamaVisError, LocatedError


class Output:
    """One command's voice. With `as_json`, stdout carries one JSON document and nothing else."""

    def __init__(self, as_json: bool = False, root: Path | None = None) -> None:
        self.as_json = as_json
        self.root = root

    def say(self, text: str = "") -> None:
        """A line of the result, for a reader; silent when the result is JSON."""
        if not self.as_json:
            typer.echo(text)

    def document(self, value: Any) -> None:
        """The result as JSON; silent when it is not asked for."""
        if self.as_json:
            write_json(value, indent=2)

    def note(self, text: str) -> None:
        """A line beside the result."""
        typer.echo(text, err=True)

    def warn(self, text: str) -> None:
        """A line beside the result that asks for a look."""
        self.note(f"{typer.style('warning', fg=typer.colors.YELLOW)}: {text}")

    def problem(self, error: LlamaVisError, word: str = "error") -> None:
        """An error, or a warning: place, message and repair, on stderr."""
        colour = typer.colors.RED if word == "error" else typer.colors.YELLOW
        for one in error.problems if isinstance(error, LocatedError) else (error,):
            place = one.place(self.root) if isinstance(one, LocatedError) else ""
            head = f"{place}: " if place else ""
            self.note(f"{head}{typer.style(word, fg=colour)}: {one.message}")
            if one.hint:
                self.note(f"  {one.hint}")
            if where := one.pointed():
                self.note(where)


def write_json(value: Any, indent: int | None = None) -> None:
    """One JSON document on stdout, always UTF-8, whatever the terminal speaks."""
    text = json.dumps(value, ensure_ascii=False, indent=indent) + "\n"
    data = text.encode("utf-8", "replace")
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text)
    else:
        sys.stdout.flush()
        buffer.write(data)
        buffer.flush()


def error_json(error: LlamaVisError, root: Path | None) -> dict[str, Any]:
    """An error as JSON values."""
    found: dict[str, Any] = {"message": error.message, "hint": error.hint}
    if isinstance(error, LocatedError) and error.path is not None:
        inside = root is not None and error.path.is_relative_to(root)
        shown = error.path.relative_to(root) if root is not None and inside else error.path
        found |= {"path": shown.as_posix(), "line": error.line, "column": error.column}
    return found


class ProgressLine:
    """Progress on stderr: one moving bar on a terminal, a plain line an image in a pipe."""

    def __init__(self, what: str, total: int, silent: bool = False) -> None:
        self._what = what
        self._total = total
        self._silent = silent
        self._bar: Any = None
        self._task: Any = None
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        if not self._silent and sys.stderr.isatty():
            # rich takes a quarter of the start-up budget, so only a terminal pays for it.
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.completed:.0f}/{task.total:.0f} {task.fields[left]}"),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(self._what, total=self._total, left="")
            self._bar.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def move(self, done: float, eta_s: float | None) -> None:
        """`done` of the total is done, and about `eta_s` seconds are left."""
        if self._bar is not None:
            left = "" if eta_s is None else f"{spoken_time(eta_s)} left"
            self._bar.update(self._task, completed=done, left=left)

    def line(self, text: str) -> None:
        """A line above the bar."""
        if self._silent:
            return
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            typer.echo(text, err=True)

    def waiting(self, text: str) -> None:
        """A line for pipes only, at most every 5 s: the bar shows the same by moving."""
        now = time.monotonic()
        if self._bar is None and not self._silent and now - self._said >= 5.0:
            self._said = now
            typer.echo(text, err=True)


def spoken_time(seconds: float) -> str:
    """A duration as one says it: 8 s, 3 min 20 s, 2 h 5 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
