"""From a fresh clone to pictures, or to a checked tree, in one command; needs only Python 3.11.

    python packaging/bootstrap.py demo [--out DIR]   build the example project, draw a contact sheet
    python packaging/bootstrap.py test               every check that a change has to pass
    python packaging/bootstrap.py train [ARGUMENTS]  `llamavis train`, prepared
    python packaging/bootstrap.py studio [PROJECT]   `llamavis studio`, prepared

The order of events: make `.venv` in the repository, upgrade its pip, install the build of torch
that fits the machine, install the package and its dependencies beside it, look for Qt's system
libraries, then do what was asked. A stamp in `.venv` lets the next call start at once. The file
also parses on Python 3.7, to be able to ask for a newer one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import qt_libraries
from engines import engines_here, get_bpy

MINIMUM_PYTHON = (3, 11)
REPO = Path(__file__).resolve().parent.parent
VENV = REPO / ".venv"
STAMP_NAME = "llamavis-installed.json"

LOCAL_CPU_TORCH = "torch==2.13.0"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
RESOLVE_TIMEOUT_S = 180
# Packages that only a CUDA build of torch asks for.
CUDA_PACKAGES = ("nvidia", "cuda", "cupti", "triton", "pytorch-triton")


class BootstrapError(Exception):
    """Something the user can mend: the message says what happened, the hint what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def say(text: str) -> None:
    """One line of progress, in order with what the child processes print."""
    print(text, flush=True)


def call(command: list[str], cwd: Path = REPO) -> int:
    """Run a command whose output the user sees; return its exit status (127: cannot be run)."""
    environment = {**os.environ, "PYTHONUTF8": "1"}
    if not has_display():
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        return subprocess.run(command, cwd=cwd, env=environment, check=False).returncode
    except OSError as error:
        say(f"{command[0]} cannot be run: {error.strerror}")
        return 127


def ask(command: list[str], timeout_s: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command whose output is for us; one that cannot run or is too slow has status -1."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, -1, "", str(error))


def check_python(version: tuple[int, int]) -> None:
    """Raise BootstrapError when this Python is older than the package allows."""
    if version < MINIMUM_PYTHON:
        needed, found = (".".join(map(str, numbers)) for numbers in (MINIMUM_PYTHON, version))
        raise BootstrapError(
            f"LlamaVis Studio needs Python {needed} or newer, and this is Python {found}.",
            "Install a newer one (https://www.python.org/downloads/) and call the script with it, "
            "for example: python3.12 packaging/bootstrap.py demo",
        )


def venv_python(venv: Path, platform: str = sys.platform) -> Path:
    """Return the path of the interpreter inside a virtual environment."""
    return venv / "Scripts" / "python.exe" if platform == "win32" else venv / "bin" / "python"


def has_display(platform: str = sys.platform) -> bool:
    """Return whether a window could be shown."""
    if platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def has_cuda() -> bool:
    """Return whether an NVIDIA driver answers with at least one GPU."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    done = ask([program, "-L"], timeout_s=30)
    return done.returncode == 0 and "GPU 0" in done.stdout


# ---- the environment


def installation_key() -> str:
    """Return the hash of all that decides what has to be installed."""
    text = (REPO / "pyproject.toml").read_bytes() + repr(sys.version_info[:2]).encode()
    return hashlib.sha256(text).hexdigest()


def read_stamp(venv: Path) -> dict[str, object]:
    """Return what was installed into an environment; empty when nothing, or nobody knows."""
    try:
        stamp: object = json.loads((venv / STAMP_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_installed(venv: Path, dev: bool, cuda: bool) -> bool:
    """Return whether the stamp says that nothing is left to install.

    A GPU that has come since asks for another torch; one that has gone does not.
    """
    stamp = read_stamp(venv)
    return (
        venv_python(venv).exists()
        and stamp.get("key") == installation_key()
        and stamp.get("place") == str(venv)
        and (stamp.get("dev") is True or not dev)
        and (stamp.get("cuda") is True or not cuda)
    )


def prepare(dev: bool) -> Path:
    """Make the environment complete and return its interpreter."""
    cuda = sys.platform != "darwin" and has_cuda()
    python = venv_python(VENV)
    if is_installed(VENV, dev, cuda):
        return python
    started = time.monotonic()
    say(f"[1/4] Virtual environment in {VENV}")
    make_venv(python)
    if call([str(python), "-m", "pip", "install", "-q", "--upgrade", "pip"]) != 0:
        say("  pip could not be upgraded; going on with the one that is there.")
    say("[2/4] torch")
    constraint = install_torch(python, cuda)
    extras = "[dev]" if dev else ""
    say(f"[3/4] LlamaVis Studio and its dependencies {extras}".rstrip())
    pip_install(python, ["-e", f".{extras}", "-c", str(constraint)])
    say("[4/4] Qt's system libraries")
    report_qt(python)
    stamp = {"key": installation_key(), "place": str(VENV), "dev": dev, "cuda": cuda}
    (VENV / STAMP_NAME).write_text(json.dumps(stamp), "utf-8")
    say(f"Installed in {time.monotonic() - started:.0f} s.\n")
    return python


def make_venv(python: Path) -> None:
    """Create the environment; make it anew when its interpreter has gone or it was moved."""
    works = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    moved = read_stamp(VENV).get("place", str(VENV)) != str(VENV)
    if not moved and ask([str(python), "-c", works]).returncode == 0:
        return
    if Path(sys.prefix).resolve() == VENV.resolve():
        raise BootstrapError(
            "The environment in .venv is broken, and it cannot mend itself.",
            "Leave it (deactivate), delete .venv, and call the script with the system's Python.",
        )
    done = ask([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if done.returncode != 0:
        raise BootstrapError(
            f"Python could not make a virtual environment:\n{(done.stdout + done.stderr).strip()}",
            "On Debian and Ubuntu: sudo apt-get install python3-venv",
        )


def pip_install(python: Path, arguments: list[str]) -> None:
    """Install with pip's own configuration; progress bars only where a person looks on."""
    quiet = [] if sys.stdout.isatty() else ["-q"]
    command = [str(python), "-m", "pip", "install", *quiet, "--no-input", *arguments]
    if call(command) != 0:
        raise BootstrapError(
            f"pip could not install: {' '.join(arguments)}",
            "Its own message is above. Most often the network or the disk is at fault; what was "
            "already fetched is kept, so calling the script again goes on from there.",
        )


# ---- torch


def install_torch(python: Path, cuda: bool) -> Path:
    """Install the torch that fits this machine; return a constraint file that keeps it."""
    present = installed_version(python, "torch")
    if present and not (cuda and present.endswith("+cpu")):
        say(f"  torch {present} is there already")
    else:
        choose_torch(python, cuda)
    versions = {name: installed_version(python, name) for name in ("torch", "torchvision")}
    pins = [f"{name}=={version}\n" for name, version in versions.items() if version]
    constraint = VENV / "llamavis-constraints.txt"
    constraint.write_text("".join(pins), "utf-8")
    return constraint


def choose_torch(python: Path, cuda: bool) -> None:
    """CUDA and macOS take the default build; any other machine the smaller one for the CPU."""
    if cuda or sys.platform == "darwin":
        say("  an NVIDIA GPU answers: the default build" if cuda else "  macOS: the default build")
        pip_install(python, ["--upgrade", torch_range()])
        if cuda and sys.platform == "win32":
            say(
                "  PyPI's torch for Windows computes on the CPU; https://pytorch.org has the others"
            )
        return
    if offers_cpu_build(python, LOCAL_CPU_TORCH):
        say(f"  no CUDA here: {LOCAL_CPU_TORCH}, a CPU build, from pip's own sources")
        pip_install(python, [LOCAL_CPU_TORCH])
        return
    say(f"  no CUDA here: the CPU build from {TORCH_CPU_INDEX}")
    try:
        pip_install(python, [torch_range(), "torchvision", "--index-url", TORCH_CPU_INDEX])
    except BootstrapError:
        say("  that index cannot be used from here: the default build, which is larger")
        pip_install(python, [torch_range()])


def offers_cpu_build(python: Path, requirement: str) -> bool:
    """Ask pip, without installing, whether its configured sources lead to a build without CUDA."""
    command = [str(python), "-m", "pip", "install", "-q", "--no-input", "--dry-run"]
    command += ["--ignore-installed", "--only-binary", ":all:", "--report", "-", requirement]
    done = ask(command, RESOLVE_TIMEOUT_S)
    return done.returncode == 0 and is_cpu_only(done.stdout)


def is_cpu_only(report: str) -> bool:
    """Read pip's report (JSON): True when torch comes, and nothing for CUDA with it."""
    try:
        installs = json.loads(report)["install"]
        names = [str(item["metadata"]["name"]).lower().replace("_", "-") for item in installs]
        versions = [str(item["metadata"]["version"]) for item in installs]
    except (ValueError, KeyError, TypeError):
        return False
    cuda = any(name.startswith(CUDA_PACKAGES) for name in names)
    return not cuda and "torch" in names and "+cu" not in versions[names.index("torch")]


def torch_range() -> str:
    """Return the range of torch that pyproject.toml declares, such as `torch>=2.8,<3`."""
    import tomllib  # is new in 3.11, and an older Python has to come as far as check_python

    project = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]
    return next(str(d) for d in project["dependencies"] if re.match(r"torch\b", d))


def installed_version(python: Path, name: str) -> str:
    """Return the installed version of a distribution in the environment, or an empty text."""
    code = "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))"
    done = ask([str(python), "-c", code, name])
    return done.stdout.strip() if done.returncode == 0 else ""


# ---- Qt


def report_qt(python: Path) -> None:
    """Say which system packages Qt still needs; a warning, as the command line needs none."""
    done = ask([str(python), "-c", "import PySide6.QtGui, PySide6.QtWidgets"])
    missing = qt_libraries.missing(done.stderr if done.returncode else "")
    if done.returncode == 0 and not missing:
        say("  all there")
    for line in qt_libraries.advice(missing, qt_libraries.package_manager()):
        say(f"  {line}")
    if done.returncode != 0 and not missing:
        say(f"  PySide6 cannot be imported: {done.stderr.strip()[-400:]}")


# ---- the commands


def llamavis(python: Path, *arguments: str, cwd: Path = REPO) -> int:
    """Run the command line of the installed package."""
    return call([str(python), "-m", "llamavis_studio.cli", *arguments], cwd=cwd)


def copy_example(source: Path, target: Path) -> list[Path]:
    """Copy what is not there yet; what the user has in `target` stays. Return the new files."""
    if not source.is_dir():
        raise BootstrapError(f"The example project is missing: {source}", "Clone it all again.")
    copied = []
    for path in sorted(source.rglob("*")):
        destination = target / path.relative_to(source)
        if path.is_file() and not destination.exists():
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, destination)
            copied.append(destination)
    return copied


def demo(out: Path) -> int:
    """Build the example project in `out` and draw its contact sheet."""
    python = prepare(dev=False)
    out = out.resolve()
    copied = copy_example(REPO / "resources" / "example_project", out)
    say(f"Example project in {out} ({len(copied)} files copied)")
    started = time.monotonic()
    status = llamavis(python, "build", cwd=out)
    if status not in (0, 1):  # 1: some assets failed, and the others are there
        return status
    sheet = out / "contact_sheet.png"
    sheet_status = llamavis(python, "sheet", str(out), "-o", str(sheet))
    if sheet_status != 0:
        return sheet_status
    say(f"\nBuilt in {time.monotonic() - started:.0f} s. Pictures: {out}")
    say(f"All of them on one page: {sheet}")
    if has_display() and has_studio(python):
        say("Opening the studio ...")
        return llamavis(python, "studio", str(out)) or status
    return status


def has_studio(python: Path) -> bool:
    """Return whether the installed version has a desktop window."""
    return ask([str(python), "-m", "llamavis_studio.cli", "studio", "--help"]).returncode == 0


def studio(arguments: list[str]) -> int:
    """Open the desktop window."""
    python = prepare(dev=False)
    if not has_studio(python):
        raise BootstrapError(
            "This version has no desktop window yet.",
            "Use the command line: python packaging/bootstrap.py demo",
        )
    report_qt(python)
    return llamavis(python, "studio", *arguments)


def test() -> int:
    """Run every check, also after one has failed, and end with a summary."""
    python = prepare(dev=True)
    scripts = python.parent
    checks = {
        "ruff check": [str(python), "-m", "ruff", "check", "."],
        "ruff format": [str(python), "-m", "ruff", "format", "--check", "."],
        "mypy": [str(python), "-m", "mypy"],
        "lint-imports": [str(scripts / "lint-imports"), "--no-logo"],
        "pytest": [str(python), "-m", "pytest"],
    }
    results = {}
    for name, command in checks.items():
        say(f"\n=== {name}")
        started = time.monotonic()
        results[name] = (call(command), time.monotonic() - started)
    say("\n=== summary")
    for name, (status, seconds) in results.items():
        say(f"{'passed' if status == 0 else 'FAILED'}  {name}  ({seconds:.0f} s)")
    for line in engines_here(python, REPO):
        say(f"engine  {line}")
    failed = sum(status != 0 for status, _ in results.values())
    say(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


def test_engines() -> int:
    """Run the tests of the plugins inside the real engines; Blender is fetched where it can be."""
    python = prepare(dev=True)
    say(get_bpy([]))
    found = engines_here(python, REPO)
    status = call([str(python), "-m", "pytest", "-rs", "tests/engines"])
    say("\n=== engines")
    for line in found:
        say(line)
    return status


def main(arguments: list[str]) -> int:
    """Read the command line, do it, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="bootstrap.py", description=(__doc__ or "").split("\n")[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    test_parser = commands.add_parser("test", help="run every check that a change has to pass")
    test_parser.add_argument(
        "--engines", action="store_true", help="only the plugins' tests, inside Godot and Blender"
    )
    demo_parser = commands.add_parser("demo", help="build the example project")
    demo_parser.add_argument("--out", type=Path, default=REPO / "demo", help="default: ./demo")
    commands.add_parser("train", help="train the built-in model; arguments go to llamavis train")
    commands.add_parser("studio", help="open the desktop window; arguments go to llamavis studio")
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command in ("test", "demo"):
        parser.error(f"unknown arguments: {' '.join(rest)}")
    try:
        check_python(sys.version_info[:2])
        if options.command == "demo":
            return demo(options.out)
        if options.command == "test":
            return test_engines() if options.engines else test()
        if options.command == "studio":
            return studio(rest)
        return llamavis(prepare(dev=False), "train", *rest)
    except BootstrapError as error:
        print(f"\n{error}\n{error.hint}".rstrip(), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ncancelled", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
