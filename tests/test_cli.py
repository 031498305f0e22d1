from __future__ import annotations

import json
from pathlib import Path

import pytest

from llamavis_studio.cli import doctor, run
from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.resources import resource_path
from llamavis_studio.imaging.png import PROVENANCE_KEY, decode_image, read_text_chunks
from tests.support.games import changed, described, make_game, on_disk

COMMANDS = [
    ["new"], ["plan"], ["build"], ["watch"], ["sheet"], ["generate"], ["caption"], ["train"],
    ["models", "list"], ["models", "info"], ["doctor"], ["history"], ["restore"], ["clean"],
    ["report"], ["export"], ["import"], ["search"], ["duplicates"], ["used"], ["tags", "list"],
    ["tags", "add"], ["tags", "rename"], ["tags", "delete"], ["tags", "undo"],
    ["rename"], ["duplicate"], ["remove"], ["lock"], ["unlock"], ["variants"],
]  # fmt: skip


@pytest.fixture(autouse=True)
def instant(instant_backend: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def game(tmp_path: Path) -> Path:
    return make_game(
        tmp_path / "game",
        {
            "hero.desc.toml": described("brave red knight"),
            "tiles/floor.desc.toml": described("grey stone", 'kind = "texture"\n'),
        },
    )


def run_json(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, object]:
    """Run with --json; stdout must be one document."""
    code = run([*arguments, "--json"])
    return code, json.loads(capfd.readouterr().out)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(command, capfd):
    assert run([*command, "--help"]) == 0
    assert "Usage: llamavis " + " ".join(command) in capfd.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["buidl"], ["build", "--chek"], ["generate", "x"], ["sheet"], ["new"]]
)
def test_wrong_use_is_2_and_says_so_on_stderr(arguments, capfd):
    assert run(arguments) == 2
    told = capfd.readouterr()
    assert told.out == ""
    assert "Usage:" in told.err


def test_the_first_minutes_of_a_new_project(capfd, tmp_path):
    assert run(["new", "--minimal", "mine"]) == 0
    project = tmp_path / "mine" / "llamavis.toml"
    project.write_text(project.read_text().replace("[project]", '[project]\nbackend = "instant"'))
    assert run(["build", "mine", "--check"]) == 1
    assert "hero.png  never built" in capfd.readouterr().out
    assert run(["build", "mine"]) == 0
    assert (tmp_path / "mine" / "hero.png").is_file()
    assert run(["build", "mine", "--check"]) == 0
    assert run(["new", "mine"]) == 2
    assert "is a project already" in capfd.readouterr().err


def test_a_minimal_project_joins_a_game_without_touching_its_files(tmp_path):
    folder = tmp_path / 'my "game" \\ 龙'
    folder.mkdir()
    (folder / "hero.desc.toml").write_text("mine")
    assert run(["new", "--minimal", str(folder)]) == 0
    assert (folder / "hero.desc.toml").read_text() == "mine"
    assert run(["new", "--minimal", "file.txt/x"]) == 0
    (tmp_path / "plain").write_text("x")
    assert run(["new", "plain"]) == 2


@pytest.mark.skipif(
    not resource_path("example_project", "llamavis.toml").exists(), reason="no example yet"
)
def test_the_example_project_is_copied_and_plans_without_errors(capfd, tmp_path):
    assert run(["new", "game"]) == 0
    assert not list((tmp_path / "game").rglob("*.png"))
    project = tmp_path / "game" / "llamavis.toml"
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace('backend = "builtin"', 'backend = "instant"'), "utf-8")
    assert 'backend = "instant"' in project.read_text(encoding="utf-8")
    capfd.readouterr()
    code, plan = run_json(capfd, "plan", "game")
    assert code == 0
    assert plan["problems"] == []
    assert len(plan["assets"]) >= 24
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    assert run(["new", "full"]) == 2


def test_plan_tells_states_and_reasons(game, capfd):
    code, plan = run_json(capfd, "plan", str(game))
    assert code == 0
    assert plan["assets"] == [
        {"path": "hero.desc.toml", "output": "hero.png", "state": "missing",
         "reason": "never built"},
        {"path": "tiles/floor.desc.toml", "output": "tiles/floor.png", "state": "missing",
         "reason": "never built"},
    ]  # fmt: skip
    assert plan["estimate_s"] is None
    assert run(["build", str(game)]) == 0
    (game / "hero.desc.toml").write_text(described("brave blue knight"))
    capfd.readouterr()
    assert run(["plan", str(game)]) == 0
    out = capfd.readouterr().out
    assert "word 2 of the description changed: 'red' -> 'blue'" in out


def test_build_tells_what_it_did_as_one_document(game, capfd):
    make_game(game, {"bat.desc.toml": described("FAIL bat"), "rat.desc.toml": 'description = ""'})
    code, report = run_json(capfd, "build", str(game))
    assert code == 1
    assert report["built"] == ["hero.png", "tiles/floor.png"]
    assert [(one["path"], one["line"]) for one in report["failed"]] == [
        ("rat.desc.toml", 1), ("bat.desc.toml", 1),
    ]  # fmt: skip
    assert (report["fresh"], report["edited"], report["locked"]) == ([], [], [])
    told = run(["build", str(game)]), capfd.readouterr()
    assert told[0] == 1
    assert "rat.desc.toml:1:15: error: the description is empty" in told[1].err


def test_a_second_build_a_check_and_a_dry_run_write_nothing(game, capfd):
    assert run(["build", str(game)]) == 0
    before = on_disk(game)
    for arguments in (["build"], ["build", "--check"], ["build", "--dry-run"], ["plan"]):
        assert run([*arguments, str(game)]) == 0
    (game / "hero.desc.toml").write_text(described("other knight"))
    assert run(["build", "--check", str(game)]) == 1
    assert run(["build", "--dry-run", str(game)]) == 0
    assert changed(before, on_disk(game)) == {"hero.desc.toml"}


def test_build_from_inside_the_project_and_of_one_part(game, capfd, monkeypatch):
    monkeypatch.chdir(game / "tiles")
    assert run(["build", "floor.png"]) == 0
    assert (game / "tiles" / "floor.png").exists()
    assert not (game / "hero.png").exists()
    assert run(["build", "nothing.desc.toml"]) == 2
    assert "there is no 'nothing.desc.toml'" in capfd.readouterr().err
    assert run(["build"]) == 0
    assert (game / "hero.png").exists()


def test_events_of_a_build_are_json_lines(game, capfd):
    assert run(["build", "--jobs-json", str(game)]) == 0
    told = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert told[0]["event"] == "plan_ready"
    assert [e["outputs"] for e in told if e["event"] == "asset_built"] == [
        ["hero.png"], ["tiles/floor.png"],
    ]  # fmt: skip
    assert told[-1]["event"] == "build_finished"


@pytest.mark.parametrize("command", ["plan", "build", "watch", "sheet -o s.png"])
def test_without_a_project_the_way_to_make_one_is_told(command, capfd):
    name, *more = command.split()
    assert run([name, ".", *more]) == 2
    assert "llamavis new" in capfd.readouterr().err


def test_a_bad_project_file_is_named_with_its_place(game, capfd):
    (game / "llamavis.toml").write_text("[project]\nnam = 'x'\n")
    code, document = run_json(capfd, "build", str(game))
    assert code == 2
    assert document["error"]["message"] == "unknown key 'nam'"
    assert (document["error"]["line"], document["error"]["column"]) == (2, 1)
    assert run(["build", str(game)]) == 2
    err = capfd.readouterr().err
    assert "llamavis.toml:2:1: error: unknown key 'nam'\n  did you mean 'name'?" in err
    assert "Traceback" not in err


def test_generate_gives_the_same_bytes_for_the_same_seed(capfd):
    def make(name: str, *more: str) -> bytes:
        arguments = ["generate", "fire dragon", "-o", name, "--backend", "instant", *more]
        assert run(arguments) == 0
        return Path(name).read_bytes()

    one = make("a.png", "--seed", "1")
    assert make("b.png", "--seed", "1") == one
    assert make("c.png", "--seed", "2") != one
    assert make("d.png") == make("e.png")
    assert (decode_image(Path("a.png"))[..., 3] == 0).any()
    provenance = Provenance.from_json(read_text_chunks(Path("a.png"))[PROVENANCE_KEY])
    assert (provenance.prompt, provenance.seed, provenance.backend) == (
        "fire dragon", 1, "instant",
    )  # fmt: skip


def test_generate_takes_size_count_and_palette(capfd, tmp_path):
    (tmp_path / "two.hex").write_text("000000\nffffff\n")
    code, made = run_json(
        capfd, "generate", "龙", "-o", "out/龙.png", "--backend", "instant", "--size", "24x16",
        "--count", "2", "--kind", "texture", "--palette", "two.hex",
    )  # fmt: skip
    assert code == 0
    assert [one["file"] for one in made] == ["out/龙_0.png", "out/龙_1.png"]
    assert [one["size"] for one in made] == [[24, 16], [24, 16]]
    assert made[1]["seed"] == (made[0]["seed"] + 1) % 2**32
    pixels = decode_image(tmp_path / "out" / "龙_0.png")
    assert pixels.shape[:2] == (16, 24)
    assert {tuple(colour) for colour in pixels.reshape(-1, 3)} <= {(0, 0, 0), (255, 255, 255)}


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (["--size", "big"], 2, "width x height"),
        (["--size", "0x8"], 2, "4 to 4096"),
        (["--size", "100000x8"], 2, "not 100000"),
        (["--seed", "-1"], 2, "at least 0"),
        (["--count", "0"], 2, "at least 1"),
        (["--kind", "sprit"], 2, "did you mean 'sprite'"),
        (["--palette", "none.hex"], 2, "none.hex"),
        (["-o", "x.gif"], 2, "no PNG"),
        (["-o", "con.png"], 2, "device"),
        (["--backend", "instnt"], 1, "did you mean 'instant'"),
    ],
)
def test_a_bad_wish_is_refused_in_words_and_makes_no_file(more, code, words, capfd, tmp_path):
    arguments = ["generate", "x", "-o", "x.png", "--backend", "instant", *more]
    assert run(arguments) == code
    assert words in capfd.readouterr().err
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "a\x00b", "caf\udce9"])
def test_a_text_that_says_nothing_is_refused(text, capfd):
    assert run(["generate", text, "-o", "x.png", "--backend", "instant"]) == 2
    assert not Path("x.png").exists()


def test_captions_are_a_list_and_what_cannot_be_read_is_told(capfd, tmp_path):
    assert run(["generate", "x", "-o", "a.png", "--backend", "instant"]) == 0
    (tmp_path / "broken.png").write_bytes(Path("a.png").read_bytes()[:60])
    capfd.readouterr()
    arguments = ["caption", "a.png", "broken.png", "none.png", ".", "--backend", "instant"]
    code = run([*arguments, "--json"])
    told = capfd.readouterr()
    (caption,) = json.loads(told.out)
    assert code == 1
    wanted = {"file", "caption", "tags", "kind", "in_domain", "model"}
    assert set(caption) == wanted | {"colours", "confidence", "reasons"}
    assert caption["file"] == "a.png"
    assert set(caption["tags"][0]) == {"name", "p"}
    for name in ("broken.png", "none.png"):
        assert name in told.err
    assert run(["caption", "a.png", "--backend", "instant"]) == 0
    assert capfd.readouterr().out.startswith("a.png: a ")


def test_models_are_listed_and_shown(capfd):
    code, models = run_json(capfd, "models", "list")
    assert code == 0
    assert {"builtin", "instant"} <= {model["name"] for model in models}
    code, info = run_json(capfd, "models", "info", "instant")
    assert (code, info["revision"], info["licence"]) == (0, "instant-1", "MIT")
    assert run(["models", "info", "nothing"]) == 1


def test_the_sheet_shows_what_was_built(game, capfd, tmp_path):
    assert run(["sheet", str(game), "-o", "sheet.png"]) == 2
    assert run(["build", str(game)]) == 0
    capfd.readouterr()
    code, sheet = run_json(capfd, "sheet", str(game), "-o", "sheet.png")
    assert (code, sheet["pictures"]) == (0, ["hero", "floor"])
    assert decode_image(tmp_path / "sheet.png").shape[2] in (3, 4)


def test_doctor_tells_what_is_missing_and_what_mends_it(capfd, monkeypatch):
    monkeypatch.setattr(doctor, "_TORCH_PROBE", "raise ImportError('libgomp is missing')")
    monkeypatch.setattr(doctor, "_NEEDED", ("numpy", "no-such-package"))
    code, report = run_json(capfd, "doctor")
    checks = {check["name"]: check for check in report["checks"]}
    assert (code, report["ok"]) == (1, False)
    assert checks["numpy"]["ok"]
    assert checks["no-such-package"]["fix"].endswith("pip install no-such-package")
    assert "libgomp is missing" in checks["torch"]["detail"]
    assert checks["backend instant"]["ok"]


def test_a_bug_is_one_line_and_its_traceback_is_in_the_log(game, capfd, monkeypatch, tmp_path):
    def broken(*_arguments: object) -> None:
        raise RuntimeError("the cat sat on it")

    monkeypatch.setattr("llamavis_studio.studio.Studio.plan", broken)
    assert run(["plan", str(game)]) == 1
    err = capfd.readouterr().err
    log = tmp_path / "XDG_STATE_HOME" / "llamavis" / "llamavis.log"
    assert "the cat sat on it" in err
    assert str(log) in err
    assert "Traceback" not in err
    assert "Traceback" in log.read_text()


def test_names_the_terminal_cannot_show_do_not_stop_it(game, capfd, monkeypatch):
    make_game(game, {"龙.desc.toml": described("一条龙")})
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    assert run(["build", str(game)]) == 0
    assert (game / "龙.png").exists()
