"""R9: whatever paths a project names or plants, nothing outside of it is read or written."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

import pytest

from llamavis_studio.cli import run
from llamavis_studio.core import events
from tests.core.test_fuzz import quoted
from tests.reliability.canary import Canary
from tests.reliability.column import told
from tests.reliability.escapes import NAMES, links, paths
from tests.support.games import PROJECT, described, make_game
from tests.support.studios import WAIT_S, Editor, GateHost, opened, watching

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def outside(tmp_path: Path) -> Canary:
    return Canary(tmp_path / "outside")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_game(tmp_path / "game", {"fine.desc.toml": described("amber lantern")})
    monkeypatch.chdir(root)
    return root


def build_all(root: Path, **how: bool) -> list[events.ProblemFound]:
    """Build; the problems of the plan."""
    with opened(root) as studio:
        problems = [one for one in studio.plan().problems if one.severity == "error"]
        studio.build(**how)
    return problems


def untouched(outside: Canary) -> None:
    reads = outside.sees_reads()
    assert outside.touched(reads) == [], "something outside was touched"
    names = {path.name for path in outside.folder.parent.iterdir()}
    assert names <= {"outside", "game", "probe", "XDG_CONFIG_HOME", "XDG_STATE_HOME"}, names


def test_every_path_in_a_description_and_a_style(root: Path, outside: Canary) -> None:
    links(root, outside.folder)
    project, count, expected = PROJECT, 0, set()
    for key, ending, value in (
        ("palette", "hex", "palette = {}\n"),
        ("references", "png", "references = [{}]\n"),
    ):
        for number, path in enumerate(paths(outside.folder, ending)):
            name = f"{key}{number}"
            make_game(root, {f"{name}.desc.toml": described("x", value.format(quoted(path)))})
            make_game(
                root, {f"{name}s.desc.toml": described("x", f'style = "{name}"\n'), **_project("")}
            )
            project += f"[style.{name}]\n{value.format(quoted(path))}"
            expected |= {f"{name}.desc.toml", f"{name}s.desc.toml"}
            count += 2
    for number, path in enumerate(paths(outside.folder, "safetensors")):
        make_game(root, {f"adapter{number}.desc.toml": described("x", f'style = "a{number}"\n')})
        project += f"[style.a{number}]\nadapter = {quoted(path)}\n"
        count += 1
    # What the project's file itself refuses, it refuses as a whole: leave that for the next test.
    kept, refused = _without_refused(root, project)
    make_game(root, {"llamavis.toml": kept})
    problems = build_all(root)
    built = {path.name for path in root.glob("*.png") if not path.is_symlink()}
    assert built == {"fine.png"}, built
    blamed = {problem.path for problem in problems}
    unnamed = expected - blamed
    assert not unnamed, unnamed
    untouched(outside)
    told("R9 paths", paths=count, refused_with_the_project_file=refused, read=0, written=0)


def _project(more: str) -> dict[str, str]:
    return {"llamavis.toml": PROJECT + more}


def _without_refused(root: Path, text: str) -> tuple[str, int]:
    """The project's file with the values its own check refuses taken out."""
    from llamavis_studio.core.errors import ProjectError
    from llamavis_studio.core.project_file import read_project_file

    refused = 0
    while True:
        (root / "llamavis.toml").write_text(text, encoding="utf-8")
        try:
            read_project_file(root / "llamavis.toml")
        except ProjectError as error:
            lines = text.splitlines()
            for line in {one.line for one in error.problems if isinstance(one, ProjectError)}:
                lines[line - 1] = "# refused"
                refused += 1
            text = "\n".join(lines) + "\n"
        else:
            return text, refused


def test_every_name_in_a_table(root: Path, outside: Canary) -> None:
    links(root, outside.folder)
    rows = "".join(f'[[asset]]\nname = {quoted(n)}\ndescription = "x"\n' for n in NAMES)
    make_game(root, {"many.descs.toml": rows})
    for number, name in enumerate(NAMES):
        make_game(
            root,
            {
                f"m{number}.descs.toml": f'[[asset]]\nname = {quoted(name)}\ndescription = "x"\n',
                f"t{number}.descs.csv": 'name,description\n"' + name.replace('"', '""') + '",x\n',
            },
        )
    problems = build_all(root)
    built = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.png")
        if not path.is_symlink() and "linked/" not in path.as_posix()
    }
    assert not any("escaped" in path for path in built), built
    assert len({problem.path for problem in problems}) >= 2 * len(NAMES) - 6
    untouched(outside)
    told("R9 names", names=3 * len(NAMES), built_inside=len(built) - 1, written_outside=0)


@pytest.mark.parametrize("number", range(3))
def test_an_export_stays_inside(
    root: Path, outside: Canary, number: int, capfd: pytest.CaptureFixture[str]
) -> None:
    links(root, outside.folder)
    build_all(root)
    if number == 0:
        for path in paths(outside.folder, "png"):
            make_game(root, _project(f"[export]\nfolder = {quoted(path)}\n"))
            run(["export", str(root), "--force"])
    elif number == 1:  # a part of the way leads out
        make_game(root, {"deep/a.desc.toml": described("x"), **_project("")})
        build_all(root)
        (root / "export").mkdir()
        (root / "export" / "deep").symlink_to(outside.folder, target_is_directory=True)
        assert run(["export", str(root), "-o", "export", "--force"]) != 0
    else:  # the place of a file, and an older list of files that names others
        (root / "export").mkdir()
        (root / "export" / "fine.png").symlink_to(outside.folder / "secret.png")
        listed = {"files": [{"path": "../../outside/text", "sha256": "0" * 64}], "extra": []}
        (root / "export" / "manifest.json").write_text(json.dumps(listed))
        run(["export", str(root), "-o", "export"])
        run(["export", str(root), "-o", "export", "--force"])
    capfd.readouterr()
    untouched(outside)


def test_commands_given_paths_outside(
    root: Path, outside: Canary, capfd: pytest.CaptureFixture[str]
) -> None:
    links(root, outside.folder)
    build_all(root)
    state = root / ".llamavis" / "history"
    (state / "objects").mkdir(parents=True)
    versions = ("../../../../outside/secret", "a" * 64, "/etc/passwd", "..")
    rows = [
        {"output": output, "version": version, "bytes": 1, "prompt": "", "by_hand": True}
        | {"replaced": ""}
        for output in ("fine.png", "../outside/secret.png", "link.png")
        for version in versions
    ]
    (state / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (state / "objects" / f"{'a' * 64}.png").symlink_to(outside.folder / "text")
    codes = []
    for path in ("../outside/secret.png", str(outside.folder / "secret.png"), "link.png",
                 "linked/secret.png", "parent/outside/secret.png", "fine.png"):  # fmt: skip
        codes += [run(["history", path]), run(["restore", path, "1"]), run(["restore", path, ".."])]
        codes += [run(["build", path, "--force"]), run(["plan", path])]
    codes += [run(["clean", str(root), "--trash", "--edited"]), run(["history", str(root)])]
    assert 70 not in codes
    assert "Traceback" not in capfd.readouterr().err
    untouched(outside)
    told("R9 commands", runs=len(codes), read=0, written=0)


@pytest.mark.parametrize("forced", [False, True])
def test_a_link_or_a_hard_link_at_an_outputs_place(
    root: Path, outside: Canary, forced: bool
) -> None:
    texts = {f"{name}.desc.toml": described(name) for name in ("soft", "hard", "dangling")}
    make_game(root, texts)
    (root / "soft.png").symlink_to(outside.folder / "secret.png")
    (root / "dangling.png").symlink_to(outside.folder / "new.png")
    os.link(outside.folder / "secret.png", root / "hard.png")
    build_all(root, force=forced)
    # A hard link cannot be told from a file: it may be read, and is replaced, never written to.
    assert outside.touched(reads=False) == []
    assert (root / "soft.png").is_symlink() is not forced
    assert (root / "dangling.png").is_symlink() is not forced


STATE_LINKS = (
    "history", "history/objects", "history/log.jsonl", "build.owner.json", "build.lock",
    "scan.json",
)  # fmt: skip
LEAKY_LINKS = ("", "failed.json", ".gitignore", "schema", "schema/description.schema.json", "trash")


def plant(root: Path, outside: Path, place: str) -> None:
    link = root / ".llamavis" / place if place else root / ".llamavis"
    link.parent.mkdir(parents=True, exist_ok=True)
    goes_to = outside / "text"
    if link.suffix == "" and place not in ("build.lock", ".gitignore"):
        goes_to = outside
    elif place == ".gitignore":
        goes_to = outside / "new"
    elif place == "scan.json":
        goes_to = outside / "scan.json"
    link.symlink_to(goes_to, target_is_directory=goes_to.is_dir())


def work_with_state(root: Path) -> None:
    """Two builds with other words, a version put back, a leftover put away."""
    with opened(root) as studio:
        studio.build()
        (root / "fine.desc.toml").write_text(described("frozen river of ice"))
        studio.build()
        (root / "fine.desc.toml").write_text(described("mossy boulder FAIL"))
        studio.build()
        (root / "fine.desc.toml").unlink()
    run(["clean", str(root), "--trash"])


@pytest.mark.parametrize("place", STATE_LINKS)
def test_links_planted_in_the_state_folder(root: Path, outside: Canary, place: str) -> None:
    plant(root, outside.folder, place)
    work_with_state(root)
    untouched(outside)


@pytest.mark.parametrize("place", LEAKY_LINKS)
def test_links_planted_where_everything_else_is_kept(
    root: Path, outside: Canary, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llamavis_studio.release.trash._system_trash", _no_trash)
    plant(root, outside.folder, place)
    work_with_state(root)
    untouched(outside)


def _no_trash(_path: str) -> None:
    raise OSError("no trash here")


def test_a_folder_swapped_for_a_link_while_its_image_is_drawn(root: Path, outside: Canary) -> None:
    make_game(root, {"tiles/wall.desc.toml": described("brick")})
    host = GateHost()

    def script(editor: Editor) -> None:
        assert host.entered.wait(WAIT_S)
        (root / "tiles").rename(root / "away")
        (root / "tiles").symlink_to(outside.folder, target_is_directory=True)
        host.gate.set()
        editor.wait_for(events.BuildFinished)

    with opened(root, host) as studio:
        watching(studio, script)
    untouched(outside)


def test_an_output_swapped_for_a_link_while_it_is_drawn(root: Path, outside: Canary) -> None:
    host = GateHost()

    def swap() -> None:
        assert host.entered.wait(WAIT_S)
        (root / "fine.png").symlink_to(outside.folder / "secret.png")
        host.gate.set()

    swapper = threading.Thread(target=swap)
    swapper.start()
    with opened(root, host) as studio:
        studio.build()
    swapper.join()
    assert (root / "fine.png").is_symlink()  # somebody put it there, so it is nobody's to replace
    untouched(outside)


def test_descriptions_that_are_links(root: Path, outside: Canary) -> None:
    (root / "far.desc.toml").symlink_to(outside.folder / "secret.desc.toml")
    (root / "folder").symlink_to(outside.folder, target_is_directory=True)
    build_all(root)
    assert {path.name for path in root.glob("*.png")} == {"fine.png"}
    untouched(outside)
