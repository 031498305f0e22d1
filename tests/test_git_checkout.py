"""A team's repository: images travel with their provenance, so a fresh clone is fresh.

With the built-in model and the example project, as a newcomer would do it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from llamavis_studio.cli import run
from llamavis_studio.core.resources import resource_path
from llamavis_studio.imaging.png import decode_image
from llamavis_studio.imaging.seamless import seam_score

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
LIMIT = 1.15


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=team", "-c", "user.email=team@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example project, built and committed."""
    root = tmp_path_factory.mktemp("team") / "game"
    shutil.copytree(resource_path("example_project"), root)
    assert run(["build", str(root)]) == 0
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "art")
    return root


@pytest.fixture
def clone(built: Path, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", str(built), "clone")
    assert not (tmp_path / "clone" / ".llamavis").exists()
    return tmp_path / "clone"


def test_a_fresh_clone_passes_the_check_without_any_cache(clone: Path) -> None:
    assert run(["build", "--check", str(clone)]) == 0


def test_a_changed_palette_makes_exactly_its_users_stale(clone: Path, capfd) -> None:
    config = clone / "llamavis.toml"
    text = config.read_text(encoding="utf-8")
    assert text.count("#0d0e12") == 1
    config.write_text(text.replace("#0d0e12", "#101014"), encoding="utf-8")
    capfd.readouterr()
    assert run(["plan", "--json", str(clone)]) == 0
    assets = json.loads(capfd.readouterr().out)["assets"]
    changed = {one["output"]: one["reason"] for one in assets if one["state"] != "fresh"}
    assert changed == {"tiles/cellar_wall.png": "palette changed"}
    assert run(["build", "--check", str(clone)]) == 1


def test_every_texture_of_the_example_repeats_without_a_seam(built: Path) -> None:
    scores = {
        path.stem: round(seam_score(decode_image(path)), 3)
        for path in sorted((built / "tiles").glob("*.png"))
        if not path.stem.endswith(("_normal", "_roughness", "_height", "_occlusion", "_orm"))
    }
    print(scores)
    assert len(scores) >= 8
    assert max(scores.values()) <= LIMIT
