"""What the README and CONTRIBUTING say is true: commands, links and examples."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import typer

from llamavis_studio.cli.app import app
from llamavis_studio.core.description import read_descriptions

REPO = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "resources/example_project/README.md")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    text = (REPO / name).read_text("utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)", text)
    missing = [
        target
        for target in targets
        if "://" not in target and not ((REPO / name).parent / target).exists()
    ]
    assert not missing


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_exist_and_know_their_options(name: str) -> None:
    text = (REPO / name).read_text("utf-8")
    group = typer.main.get_command(app)
    commands = group.commands  # type: ignore[attr-defined]
    for line in re.findall(r"llamavis ([a-z][^`\n]*)", text):
        word, *rest = line.split("#")[0].split()
        assert word in commands, f"there is no command in: llamavis {line}"
        command = commands[word]
        while rest and rest[0] in (inner := getattr(command, "commands", {})):
            command = inner[rest.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        known |= {"--help"}
        unknown = [part for part in rest if part.startswith("--") and part not in known]
        assert not unknown, f"unknown options in: llamavis {line}"


@pytest.mark.parametrize("number", [0, 1], ids=["english", "chinese"])
def test_the_described_knight_is_a_sound_description(number: int, tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (REPO / "README.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    path = tmp_path / "hero.desc.toml"
    path.write_text(blocks[number], "utf-8")
    (asset,) = read_descriptions(path, tmp_path)
    assert asset.name == "hero"
    assert asset.description.description == tomllib.loads(blocks[number])["description"]
    assert asset.description.count == 4
