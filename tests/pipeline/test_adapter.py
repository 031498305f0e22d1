"""A style's adapter decides pixels: its bytes are in the key, its users alone notice a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from llamavis_studio.backends.base import ImageRequest, ImageResult
from llamavis_studio.backends.registry import TEST_BACKENDS_VARIABLE
from llamavis_studio.cli import run
from llamavis_studio.pipeline.build import make_batches
from tests.pipeline.conftest import Game, draw
from tests.support.games import described, make_game
from tests.support.instant_backend import ENVIRONMENT

CONFIG = """[project]
name = "game"
backend = "toy"

[style.toon]
adapter = "styles/toon.safetensors"

[style.dark]
inherits = "toon"
prefix = "dark"

[style.plain]
suffix = "pixel art"
"""


@pytest.fixture
def styled(game: Game) -> Game:
    """Beside the game's plain images, two in the style and one in another."""
    game.write("llamavis.toml", CONFIG)
    game.write("styles/toon.safetensors", "one")
    game.describe("imp", "fire imp", 'style = "toon"')
    game.describe("deep/wolf", "ice wolf", 'style = "dark"')
    game.describe("cat", "red cat", 'style = "plain"')
    return game


def stale(game: Game) -> set[str]:
    return {p.target.output for p in game.plan().targets if p.state == "stale"}


def test_a_change_of_the_adapter_makes_exactly_its_users_stale(styled: Game) -> None:
    styled.build()
    assert styled.plan().is_fresh
    styled.write("styles/toon.safetensors", "two")
    assert stale(styled) == {"imp.png", "deep/wolf.png"}
    assert styled.reason("imp.png") == "the style's adapter changed"
    assert styled.reason("deep/wolf.png") == "the style's adapter changed"
    styled.build()
    assert styled.plan().is_fresh


def test_naming_and_removing_an_adapter_is_a_change_of_it(styled: Game) -> None:
    styled.build()
    styled.write("llamavis.toml", CONFIG.replace("adapter =", "# adapter ="))
    assert stale(styled) == {"imp.png", "deep/wolf.png"}
    assert styled.reason("imp.png") == "the style's adapter changed"


def test_where_the_adapter_lies_decides_nothing(styled: Game) -> None:
    styled.build()
    styled.write("art/same.safetensors", "one")
    styled.write("llamavis.toml", CONFIG.replace("styles/toon", "art/same"))
    assert styled.plan().is_fresh


def test_assets_without_an_adapter_keep_the_keys_they_had(styled: Game) -> None:
    parts = {p.target.output: p.target.parts for p in styled.plan().targets}
    assert "adapter" not in parts["hero.png"] and "adapter" not in parts["cat.png"]
    assert len(parts["imp.png"]["adapter"]) == 64


def test_requests_name_the_file_and_batches_are_of_one_style(styled: Game) -> None:
    for batch in make_batches(styled.plan().to_build()):
        assert len({target.adapter for target in batch}) == 1
    asked: list[ImageRequest] = []

    def generate(requests: list[ImageRequest]) -> list[ImageResult]:
        asked.extend(requests)
        return draw(requests)

    styled.build(generate)
    named = {request.prompt: request.adapter for request in asked}
    file = str(styled.project.root / "styles" / "toon.safetensors")
    assert named["fire imp"] == named["dark ice wolf"] == file
    assert named["red cat pixel art"] == ""


def test_a_missing_adapter_is_told_once_where_it_is_named(styled: Game) -> None:
    (styled.root / "styles" / "toon.safetensors").unlink()
    plan = styled.plan()
    [problem] = plan.errors
    assert (problem.path, problem.line) == ("llamavis.toml", 6)
    assert "'styles/toon.safetensors' does not exist" in problem.message
    assert {p.target.name for p in plan.targets} >= {"hero", "cat"}
    assert not {p.target.name for p in plan.targets} & {"imp", "wolf"}


def test_only_those_are_told_whom_it_concerns(styled: Game) -> None:
    (styled.root / "styles" / "toon.safetensors").unlink()
    assert styled.plan([styled.root / "imp.desc.toml"]).errors
    assert styled.plan([styled.root / "deep"]).errors
    assert not styled.plan([styled.root / "hero.desc.toml"]).errors


@pytest.mark.parametrize("value", ["../out.safetensors", "/etc/passwd", "a\\\\b.safetensors"])
def test_an_adapter_lies_inside_the_project(styled: Game, value: str) -> None:
    styled.write("out.safetensors", "x")
    styled.write("llamavis.toml", CONFIG.replace("styles/toon.safetensors", value))
    [problem] = styled.plan().errors
    assert problem.path == "llamavis.toml" and problem.line == 6


def test_end_to_end_with_the_instant_backend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(TEST_BACKENDS_VARIABLE, ENVIRONMENT[TEST_BACKENDS_VARIABLE])
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    root = make_game(
        tmp_path / "game",
        {
            "llamavis.toml": CONFIG.replace('"toy"', '"instant"'),
            "imp.desc.toml": described("fire imp", 'style = "toon"\n'),
            "hero.desc.toml": described("brave knight"),
            "styles/toon.safetensors": "one",
        },
    )
    assert run(["build", str(root)]) == 0
    before = {name: (root / name).read_bytes() for name in ("imp.png", "hero.png")}
    assert run(["build", str(root), "--check"]) == 0
    (root / "styles" / "toon.safetensors").write_text("two")
    capfd.readouterr()
    assert run(["build", str(root), "--check"]) == 1
    assert "imp.png  the style's adapter changed" in capfd.readouterr().out
    assert run(["build", str(root)]) == 0
    assert (root / "imp.png").read_bytes() != before["imp.png"]
    assert (root / "hero.png").read_bytes() == before["hero.png"]
    (root / "styles" / "toon.safetensors").unlink()
    assert run(["build", str(root)]) != 0
    assert "llamavis.toml:6" in capfd.readouterr().err
