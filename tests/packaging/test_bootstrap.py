"""The bootstrap script: its decisions as functions; .ci/run is the test of the whole."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "bootstrap.py"


@pytest.fixture(scope="module", autouse=True)
def _on_path() -> Any:
    """The script's folder is on the path, as when it is run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPT.parent))
        yield


@pytest.fixture
def bootstrap() -> Any:
    return import_module("bootstrap")


@pytest.fixture
def qt_libraries() -> Any:
    return import_module("qt_libraries")


def report(*packages: tuple[str, str]) -> str:
    return json.dumps(
        {"install": [{"metadata": {"name": name, "version": v}} for name, v in packages]}
    )


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (report(("sympy", "1.14"), ("torch", "2.13.0+cpu")), True),
        (report(("torch", "2.13.0"), ("sympy", "1.14")), True),  # Windows, ARM: no suffix, no CUDA
        (report(("torch", "2.13.0"), ("nvidia-cublas-cu12", "12.8")), False),
        (report(("torch", "2.13.0"), ("nvidia_cudnn_cu13", "9")), False),
        (report(("torch", "2.13.0"), ("triton", "3.5")), False),
        (report(("torch", "2.13.0+cu130")), False),
        (report(("sympy", "1.14")), False),
        ("", False),
        ("[]", False),
    ],
)
def test_a_cpu_build_is_told_by_what_comes_with_it(bootstrap: Any, text: str, answer: bool) -> None:
    assert bootstrap.is_cpu_only(text) is answer


def test_old_python_is_refused_in_words(bootstrap: Any) -> None:
    bootstrap.check_python((3, 11))
    bootstrap.check_python((3, 14))
    with pytest.raises(bootstrap.BootstrapError, match=r"needs Python 3\.11 .* Python 3\.9"):
        bootstrap.check_python((3, 9))


def test_the_interpreter_is_found_on_every_system(bootstrap: Any, tmp_path: Path) -> None:
    assert bootstrap.venv_python(tmp_path, "win32") == tmp_path / "Scripts" / "python.exe"
    assert bootstrap.venv_python(tmp_path, "linux") == tmp_path / "bin" / "python"
    assert bootstrap.venv_python(tmp_path, "darwin") == tmp_path / "bin" / "python"


def test_the_declared_range_of_torch_is_found(bootstrap: Any) -> None:
    assert bootstrap.torch_range().startswith("torch>=2.8")


@pytest.fixture
def installed(bootstrap: Any, tmp_path: Path) -> Path:
    """A virtual environment that the stamp calls complete, with the tools of a developer."""
    python = bootstrap.venv_python(tmp_path)
    python.parent.mkdir(parents=True)
    python.touch()
    stamp(bootstrap, tmp_path, dev=True, cuda=False)
    return tmp_path


def stamp(bootstrap: Any, venv: Path, *, dev: bool, cuda: bool) -> None:
    key = bootstrap.installation_key()
    content = {"key": key, "place": str(venv), "dev": dev, "cuda": cuda}
    (venv / bootstrap.STAMP_NAME).write_text(json.dumps(content), "utf-8")


def test_a_complete_environment_is_left_alone(
    bootstrap: Any, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "VENV", installed)
    monkeypatch.setattr(bootstrap, "has_cuda", lambda: False)
    # An interpreter that is an empty file cannot run: any step at all would raise.
    assert bootstrap.prepare(dev=True) == bootstrap.venv_python(installed)
    assert bootstrap.prepare(dev=False) == bootstrap.venv_python(installed)


def test_what_makes_the_environment_incomplete(
    bootstrap: Any, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bootstrap.is_installed(installed, dev=True, cuda=False)
    assert not bootstrap.is_installed(installed, dev=True, cuda=True)  # a GPU has come
    stamp(bootstrap, installed, dev=False, cuda=True)
    assert bootstrap.is_installed(installed, dev=False, cuda=False)  # a GPU has gone
    assert not bootstrap.is_installed(installed, dev=True, cuda=True)  # no tools of a developer
    monkeypatch.setattr(bootstrap, "installation_key", lambda: "of a changed pyproject.toml")
    assert not bootstrap.is_installed(installed, dev=False, cuda=True)
    moved = installed.rename(installed.with_name("moved"))
    monkeypatch.undo()
    assert not bootstrap.is_installed(moved, dev=False, cuda=True)


@pytest.mark.parametrize("text", ["half a st", "[]", '"text"'])
def test_a_damaged_stamp_means_nothing_is_installed(
    bootstrap: Any, installed: Path, text: str
) -> None:
    (installed / bootstrap.STAMP_NAME).write_text(text, "utf-8")
    assert not bootstrap.is_installed(installed, dev=False, cuda=False)
    assert not bootstrap.is_installed(installed / "nothing", dev=False, cuda=False)


def test_the_example_never_overwrites_what_the_user_has(bootstrap: Any, tmp_path: Path) -> None:
    source, target = tmp_path / "example", tmp_path / "my demo 演示"
    (source / "tiles").mkdir(parents=True)
    (source / "llamavis.toml").write_text("name = 'example'", "utf-8")
    (source / "tiles" / "floor.desc.toml").write_text("description = 'floor'", "utf-8")
    target.mkdir()
    (target / "llamavis.toml").write_text("name = 'mine'", "utf-8")
    assert bootstrap.copy_example(source, target) == [target / "tiles" / "floor.desc.toml"]
    assert (target / "llamavis.toml").read_text("utf-8") == "name = 'mine'"
    assert (target / "tiles" / "floor.desc.toml").read_text("utf-8") == "description = 'floor'"
    assert bootstrap.copy_example(source, target) == []
    with pytest.raises(bootstrap.BootstrapError, match="missing"):
        bootstrap.copy_example(tmp_path / "nowhere", target)


def test_qt_advice_names_the_packages(qt_libraries: Any) -> None:
    lines = qt_libraries.advice(["libEGL.so.1", "libxcb-cursor.so.0"], "apt-get")
    assert lines[-1] == "Install them with: sudo apt-get install libegl1 libxcb-cursor0"
    lines = qt_libraries.advice(["libEGL.so.1", "libGL.so.1"], "pacman")
    assert lines[-1] == "Install them with: sudo pacman -S libglvnd"
    unknown = qt_libraries.advice(["libnew.so.7"], "apt-get")
    assert "libnew.so.7" in unknown[0]
    assert "Install" not in unknown[-1]
    assert qt_libraries.advice([], "apt-get") == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
def test_a_library_that_the_import_error_names_is_missing(qt_libraries: Any) -> None:
    error = "ImportError: libnew.so.7: cannot open shared object file: No such file or directory"
    assert "libnew.so.7" in qt_libraries.missing(error)
    assert qt_libraries.loads("libc.so.6")
    assert not qt_libraries.loads("libnew.so.7")


@pytest.mark.parametrize("arguments", [[], ["paint"], ["test", "--fast"], ["demo", "--out"]])
def test_wrong_use_says_what_is_right(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "usage: bootstrap.py" in done.stderr
