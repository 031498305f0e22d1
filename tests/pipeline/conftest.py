"""A small game project, and a backend of one function that draws from prompt and seed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.backends.base import BackendInfo, ImageRequest, ImageResult
from llamavis_studio.core.errors import BackendUnavailable
from llamavis_studio.core.project import Project
from llamavis_studio.pipeline.build import Outcome, build_batch, make_batches
from llamavis_studio.pipeline.failures import Failure, Failures
from llamavis_studio.pipeline.plan import Plan, make_plan
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.pipeline.target import Target

INFO = BackendInfo("toy", "toy-model", "abc123", "MIT", max_batch=4)


def draw(requests: list[ImageRequest]) -> list[ImageResult]:
    """16x16 pictures with a clear corner, decided by prompt and seed alone."""
    results = []
    for request in requests:
        digest = hashlib.sha256(f"{request.prompt}|{request.seed}".encode()).digest()
        pixels = np.frombuffer(digest * 32, np.uint8).reshape(16, 16, 4).copy()
        pixels[..., 3] = 255
        if request.transparent:
            pixels[:4, :4] = 0
        else:
            pixels = pixels[..., :3].copy()
        results.append(ImageResult(pixels, f"expanded {request.prompt}", request.seed))
    return results


@dataclass
class Game:
    """A project on disk with the calls that a studio would make."""

    root: Path
    info: BackendInfo = INFO
    calls: list[int] = field(default_factory=list)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def describe(self, name: str, words: str, more: str = "") -> Path:
        return self.write(f"{name}.desc.toml", f'description = "{words}"\n{more}\n')

    @property
    def project(self) -> Project:
        return Project.open(self.root)

    def backend_info(self, name: str) -> BackendInfo:
        if name != self.info.name:
            raise BackendUnavailable(f"there is no backend '{name}'", "did you mean 'toy'?")
        return self.info

    def plan(self, paths: list[Path] | None = None) -> Plan:
        project = self.project
        cache = ScanCache.open(project)
        plan = make_plan(project, self.backend_info, cache, paths)
        cache.save(project)
        return plan

    def states(self) -> dict[str, str]:
        return {p.target.output: p.state.value for p in self.plan().targets}

    def reason(self, output: str) -> str:
        return next(p.reason for p in self.plan().targets if p.target.output == output)

    def build(
        self,
        generate: Callable = draw,
        force: bool = False,
        only: list[Target] | None = None,
        **more: object,
    ) -> list[Outcome]:
        project = self.project
        outcomes = []

        def counted(requests: list[ImageRequest]) -> list[ImageResult]:
            self.calls.append(len(requests))
            return generate(requests)

        for batch in make_batches(self.plan().to_build(force) if only is None else only):
            outcomes += build_batch(batch, counted, project, force=force, **more)
        failures = Failures.open(project)
        for outcome in outcomes:
            failed = outcome.result == "failed"
            key = outcome.target.build_key
            failures.note(
                outcome.target.output,
                Failure(key, outcome.message, outcome.hint) if failed else None,
            )
        failures.save()
        return outcomes

    def image(self, name: str) -> Path:
        return self.root / name

    def stamps(self) -> dict[str, tuple[int, int, bytes]]:
        return {
            path.relative_to(self.root).as_posix(): (
                path.stat().st_mtime_ns,
                path.stat().st_ino,
                path.read_bytes(),
            )
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and ".llamavis" not in path.parts
        }


@pytest.fixture
def empty_game(tmp_path: Path) -> Game:
    game = Game(tmp_path / "empty")
    game.write("llamavis.toml", '[project]\nname = "game"\nbackend = "toy"\n')
    return game


@pytest.fixture
def game(tmp_path: Path) -> Game:
    game = Game(tmp_path / "game")
    game.write("llamavis.toml", '[project]\nname = "game"\nbackend = "toy"\n')
    game.describe("hero", "red dragon with bright wings")
    game.describe("items/剑 🗡", "一把红色的剑")
    game.describe("tiles/wall", "mossy grey stone, wet", 'kind = "texture"\ncount = 2')
    return game
