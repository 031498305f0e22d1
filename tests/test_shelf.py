"""The models of a project: listed, checked by their fingerprints, and styles put away."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from llamavis_studio.backends.base import BackendInfo
from llamavis_studio.cli.app import run_app as run
from llamavis_studio.core.errors import BackendError, BackendUnavailable
from llamavis_studio.core.project import Project
from llamavis_studio.release import trash
from llamavis_studio.shelf import Shelf, broken_files, model_folder, style_is_whole

BUILTIN = BackendInfo("builtin", "llamavis-nano", "r1", "MIT", can_edit=True,
                      languages=("en", "zh"))  # fmt: skip


def info(name: str) -> BackendInfo:
    if name == "builtin":
        return BUILTIN
    raise BackendUnavailable(f"there is no backend named '{name}'", "did you mean 'builtin'?")


def write_style(path: Path, name: str = "toon", base: str = "r1", spoil: bool = False) -> None:
    """A style as `model.adapter.save_adapter` writes it, of one small matrix."""
    data = bytes(range(8))
    digest = hashlib.sha256(b"heads.a.down (2, 2) torch.float16;" + data).hexdigest()
    notes = {"format": "llamavis-style-1", "base": base, "name": name, "names": ["imp", "wolf"],
             "sha256": digest}  # fmt: skip
    told = {key: json.dumps(value) for key, value in notes.items()}
    tensor = {"dtype": "F16", "shape": [2, 2], "data_offsets": [0, len(data)]}
    head = json.dumps({"__metadata__": told, "heads.a.down": tensor}).encode()
    if spoil:
        data = data[::-1]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(head).to_bytes(8, "little") + head + data)


@pytest.fixture
def game(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "game"
    write_style(root / "styles" / "toon.safetensors")
    (root / "styles" / "toon.before_after.png").write_bytes(b"sheet")
    write_style(root / "styles" / "old.safetensors", "old", base="r0")
    (root / "llamavis.toml").write_text(
        '[project]\nname = "game"\n[style.pixel]\nbackend = "other"\n'
        '[style.dark]\nadapter = "styles/old.safetensors"\n'
    )
    monkeypatch.setattr(trash, "_system_trash", trash._no_trash)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return root


def shelf(game: Path) -> Shelf:
    return Shelf(Project.open(game), info, lambda name: 1.44 if name == "builtin" else None)


def test_models_and_styles_are_listed(game: Path) -> None:
    found = {one.name: one for one in shelf(game).models()}
    built, other, toon, old = (found[name] for name in ("builtin", "other", "toon", "old"))
    assert built.is_ready and built.seconds == 1.44 and built.size_bytes > 10**7
    assert "photographs" in built.not_for and "Dungeon Crawl" in built.taught
    assert not built.is_removable and built.languages == ("en", "zh")
    assert not other.is_ready and other.problem.startswith("there is no backend") and other.hint
    assert (toon.sort, toon.pictures, toon.base, toon.used_by) == ("style", 2, "r1", ())
    assert toon.is_ready and toon.is_removable and toon.place == "styles/toon.safetensors"
    assert not old.is_ready and "r0" in old.problem and "train --style" in old.hint
    assert old.used_by == ("dark",)


def test_files_are_checked(game: Path, tmp_path: Path) -> None:
    assert broken_files(model_folder()) == [] and shelf(game).broken("builtin") == []
    assert shelf(game).broken("toon") == []
    write_style(game / "styles" / "toon.safetensors", spoil=True)
    assert shelf(game).broken("toon") == ["styles/toon.safetensors"]
    for bad in (b"", b"\xff" * 40, (2).to_bytes(8, "little") + b"[]", b"\x08" + b"\0" * 7 + b"{"):
        (tmp_path / "bad.safetensors").write_bytes(bad)
        assert not style_is_whole(tmp_path / "bad.safetensors")
    nano = tmp_path / "nano"
    nano.mkdir()
    good = hashlib.sha256(b"good").hexdigest()
    for name in ("a.safetensors", "b.safetensors"):
        (nano / name).write_bytes(b"good")
    record = {"files": {"a.safetensors": good, "c.safetensors": good},
              "memory": {"b.safetensors": good[::-1]}}  # fmt: skip
    (nano / "config.json").write_text(json.dumps(record), "utf-8")
    assert broken_files(tmp_path) == ["nano/c.safetensors", "nano/b.safetensors"]
    (nano / "config.json").write_text("[1]", "utf-8")
    assert broken_files(tmp_path) == ["nano/config.json"]


def test_only_styles_that_nobody_uses_go_to_the_trash(game: Path) -> None:
    with pytest.raises(BackendError, match="stays"):
        shelf(game).remove("builtin")
    with pytest.raises(BackendError, match=r"style\.dark"):
        shelf(game).remove("old")
    with pytest.raises(BackendError) as caught:
        shelf(game).remove("tooon")
    assert "toon" in caught.value.hint
    place = shelf(game).remove("styles/toon.safetensors")
    assert (game / place).exists() and not (game / "styles" / "toon.safetensors").exists()
    assert not (game / "styles" / "toon.before_after.png").exists()
    assert "toon" not in [one.name for one in shelf(game).models()]


def test_a_style_that_is_gone_or_cut_short_is_told(game: Path) -> None:
    (game / "styles" / "old.safetensors").unlink()
    (game / "styles" / "toon.safetensors").write_bytes(b"cut")
    found = {one.name: one for one in shelf(game).models()}
    assert "not there" in found["old"].problem and "no model file" in found["toon"].problem


def test_a_machine_without_a_project_has_its_backends() -> None:
    assert [one.name for one in Shelf(info=info).models()] == ["builtin"]


def test_the_command_line_does_the_same(
    game: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(game)

    def asked(*arguments: str) -> tuple[int, object]:
        capfd.readouterr()
        code = run(["models", *arguments, "--json"])
        return code, json.loads(capfd.readouterr().out)

    code, models = asked("list")
    assert code == 0 and isinstance(models, list)
    assert {one["name"]: one["sort"] for one in models}["toon"] == "style"
    code, one = asked("info", "builtin")
    assert isinstance(one, dict) and code == 0 and one["ready"] and one["licence"] == "MIT"
    assert asked("verify", "toon") == (0, {"name": "toon", "whole": True, "broken": []})
    code, gone = asked("remove", "toon")
    assert isinstance(gone, dict) and code == 0 and (game / gone["moved_to"]).exists()
    assert asked("remove", "builtin")[0] == 1 and asked("info", "toon")[0] == 1
    monkeypatch.chdir(game.parent)
    assert asked("list")[0] == 0
    assert asked("list", "--project", "nowhere")[0] == 2
