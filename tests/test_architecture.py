"""The shape of the house: who may import whom, what starts without torch, how long a file is."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent
PACKAGE = REPO / "llamavis_studio"
SOURCES = sorted(PACKAGE.rglob("*.py"))
LINE_BUDGET = 400

# What a room may import: other libraries, and rooms of ours beside itself.
ROOMS: dict[str, tuple[set[str], set[str]]] = {
    "core": ({"pydantic", "pydantic_core", "tomlkit"}, set()),
    "imaging": ({"isal", "numpy", "PIL"}, set()),
    "model": (
        {"jieba", "numpy", "PIL", "safetensors", "tokenizers", "torch", "torchvision"}
        | {"transformers"},
        set(),
    ),
    "backends": (
        {"numpy", "PIL", "pydantic", "tomlkit", "safetensors", "torch", "torchvision"}
        | {"transformers", "diffusers", "accelerate", "aiohttp", "bitsandbytes", "peft", "ray"},
        {"core", "imaging", "model"},
    ),
    "formats": (set(), {"core"}),
    "pipeline": (
        {"filelock", "numpy"},
        {"core", "formats", "imaging", "backends.base"},
    ),
    "model_store": (
        {"filelock", "huggingface_hub", "send2trash"},
        {
            "core",
            "backends.catalogue",
            "backends.diffusion.single_file",
            "backends.model_records",
            "backends.weights",
        },
    ),
    "release": ({"send2trash"}, {"core", "formats", "imaging", "pipeline"}),
    "jobs": (set(), {"core"}),
    "watch": ({"watchdog"}, {"core"}),
    "library": (
        {"apsw", "filelock", "numpy", "rapidfuzz", "sqlite_vec", "tomlkit", "zstandard"},
        {"core", "imaging"},
    ),
    "server": (
        {"aiohttp", "filelock", "pydantic"},
        {"core", "imaging", "machine_models", "studio", "studio_driver", "pipeline.plan"},
    ),
    "app": (
        {"numpy", "pydantic", "PySide6", "qasync", "tomlkit"},
        {"core", "imaging", "machine_models", "server", "studio", "studio_driver"}
        | {"asking", "pipeline.plan", "shelf"},
    ),
}
HEAVY = {"PySide6", "accelerate", "diffusers", "peft", "ray", "torch", "torchvision"} | {
    "transformers"
}

# Places on somebody's machine; the leading slash stands apart, so that this file names none itself.
MACHINE_PATHS = re.compile(
    r"(?<![\w.:])/(?:work/(?:main|venv|shared|data)\b|root/\w|opt/(?:pypi|wheels)|home/\w+/)"
    r"|[A-Z]:\\Users\\\w"
)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache", "--no-logo"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PYTHONUTF8": "1", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )


def imports_of(path: Path, *, only_at_import: bool = False) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted module) of each import; `only_at_import` leaves out those in functions
    and under TYPE_CHECKING, which cost nothing when the file is imported."""
    pending: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            ours = node.module.startswith("llamavis_studio")
            yield from ((node.lineno, name) for name in (names if ours else [node.module]))
        elif only_at_import and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        elif only_at_import and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            pending.extend(node.orelse)
            continue
        pending.extend(ast.iter_child_nodes(node))


def test_import_contracts_are_kept() -> None:
    done = lint_imports(REPO)
    assert done.returncode == 0, done.stdout + done.stderr


def test_import_contracts_notice_an_import_that_points_up(tmp_path: Path) -> None:
    shutil.copy(REPO / "pyproject.toml", tmp_path)
    shutil.copytree(
        PACKAGE, tmp_path / "llamavis_studio", ignore=shutil.ignore_patterns("__pycache__")
    )
    broken = tmp_path / "llamavis_studio" / "core" / "errors.py"
    broken.write_text(broken.read_text("utf-8") + "\nimport llamavis_studio.pipeline\n", "utf-8")
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Imports point down BROKEN" in done.stdout


@pytest.mark.parametrize("room", [room for room in ROOMS if (PACKAGE / room).is_dir()])
def test_a_room_imports_only_what_it_may(room: str) -> None:
    libraries, neighbours = ROOMS[room]
    allowed = tuple(f"llamavis_studio.{name}" for name in {room, *neighbours})
    wrong = []
    for path in sorted((PACKAGE / room).rglob("*.py")):
        for line, module in imports_of(path):
            top = module.partition(".")[0]
            if top == "llamavis_studio":
                fine = f"{module}.".startswith(tuple(f"{name}." for name in allowed))
                fine = fine or module == "llamavis_studio.__version__"
            else:
                fine = top in sys.stdlib_module_names or top in libraries
            if not fine:
                wrong.append(f"{path.relative_to(REPO)}:{line} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_backends_import_heavy_libraries_only_when_they_load() -> None:
    """A module that needs them at once is only ever imported inside a function, such as `load`."""

    def name_of(path: Path) -> str:
        return ".".join(path.relative_to(REPO).with_suffix("").parts)

    def is_heavy(module: str) -> bool:
        ours = f"{module}.".startswith("llamavis_studio.model.")
        return ours or module.partition(".")[0] in HEAVY

    def may_be_heavy(path: Path, module: str) -> bool:
        return path.parent == PACKAGE / "app" and module.startswith("PySide6")

    at_import = {
        path: [
            one for one in imports_of(path, only_at_import=True) if not may_be_heavy(path, one[1])
        ]
        for path in SOURCES
        if path.relative_to(PACKAGE).parts[0] != "model"
    }
    late = {
        name_of(path)
        for path, imports in at_import.items()
        if PACKAGE / "backends" in path.parents and any(is_heavy(module) for _, module in imports)
    }
    assert "llamavis_studio.backends.builtin" not in late
    wrong = [
        f"{path.relative_to(REPO)}:{line} imports {module}"
        for path, imports in at_import.items()
        for line, module in imports
        if name_of(path) not in late
        and (is_heavy(module) or module in late or module.rpartition(".")[0] in late)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "code",
    [
        "import llamavis_studio.cli",
        "import llamavis_studio.studio",
        "import sys; sys.argv = ['llamavis', '--help']\n"
        "from llamavis_studio.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code",
    ],
    ids=["cli", "studio", "help"],
)
def test_nothing_heavy_is_imported_before_a_model_is_needed(code: str) -> None:
    report = f"\nimport sys\nprint('heavy:', *sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code + report], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].strip() == "heavy:"


def test_every_package_file_is_within_the_line_budget() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert len(lengths) > 10
    long = {str(p.relative_to(REPO)): n for p, n in lengths.items() if n > LINE_BUDGET}
    assert not long, f"ask what these files hide: {long}"


def tracked_files() -> list[Path]:
    """Return the files of the repository, or, in a source archive, those of the known folders."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPO, capture_output=True, text=True, check=False
    )
    if listing.returncode == 0 and listing.stdout:
        return [REPO / name for name in listing.stdout.split("\0") if name]
    folders = ("llamavis_studio", "tests", "packaging", "resources")
    return [path for name in folders for path in (REPO / name).rglob("*") if path.is_file()]


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    wrong = []
    for path in tracked_files():
        if not path.is_file() or b"\0" in (data := path.read_bytes())[:4096]:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if MACHINE_PATHS.search(line):
                wrong.append(f"{path.relative_to(REPO)}:{number}: {line.strip()[:100]}")
    assert not wrong, "\n".join(wrong)
