"""--executor, --address and --workers: what makes no sense is refused, and who worked is told."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from llamavis_studio.backends.messages import Team
from llamavis_studio.cli.app import run_app
from llamavis_studio.cli.executor import told_team
from tests.conftest import MakeProject


@pytest.mark.usefixtures("instant_backend")
@pytest.mark.parametrize(
    ("switches", "message", "hint"),
    [
        (["--executor", "rya"], "there is no executor 'rya'", "did you mean 'ray'?"),
        (["--address", "auto"], "--address is for a cluster", "add --executor ray"),
        (["--workers", "2"], "--workers is for a cluster", "add --executor ray"),
    ],
)
def test_switches_that_make_no_sense(
    make_project: MakeProject,
    capsys: pytest.CaptureFixture[str],
    switches: list[str],
    message: str,
    hint: str,
) -> None:
    assert run_app(["build", str(make_project({})), *switches]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert hint in told


@pytest.mark.usefixtures("instant_backend")
def test_single_images_need_no_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["caption", "a.png", "--executor", "ray"]) == 2
    assert "--library" in capsys.readouterr().err


@pytest.mark.usefixtures("instant_backend")
def test_a_library_is_described_by_a_cluster_that_must_be_there(
    make_project: MakeProject, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("ray")
    root = make_project({})
    Image.new("RGB", (8, 8), "red").save(root / "a.png")
    switches = ["--backend", "instant", "--executor", "ray", "--address", "127.0.0.1:1"]
    assert run_app(["caption", str(root), "--library", *switches]) == 1
    assert "nobody answers at 127.0.0.1:1" in capsys.readouterr().err


@pytest.mark.usefixtures("instant_backend")
def test_a_plan_for_a_cluster_starts_none(
    make_project: MakeProject, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytest.importorskip("ray")
    root = make_project({"a.desc.toml": 'description = "a cat"\nbackend = "instant"\n'})
    arguments = ["build", str(root), "--executor", "ray", "--address", "127.0.0.1:1", "--dry-run"]
    assert run_app(arguments) == 0
    assert "1 missing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("team", "words"),
    [
        (None, ""),
        (Team(0, 0, 1), ""),
        (Team(1, 1, 2), "drawn by 1 worker on 1 node, 2 threads each"),
        (Team(3, 2, 1), "drawn by 3 workers on 2 nodes, 1 thread each"),
    ],
)
def test_who_worked_is_told(team: Team | None, words: str) -> None:
    assert told_team(SimpleNamespace(team=team)) == words  # type: ignore[arg-type]
    assert told_team(None) == ""
