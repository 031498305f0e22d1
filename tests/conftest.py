"""What every test may use, and what none may leave behind."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import hypothesis
import pytest

from tests.support.instant_backend import ENVIRONMENT

# Examples are the same on every run, and a busy machine is no failure.
hypothesis.settings.register_profile("llamavis", deadline=None, derandomize=True)
hypothesis.settings.load_profile("llamavis")

THREAD_GRACE_S = 2.0
MakeProject = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Write a small project from {relative path: text}; `llamavis.toml` is there unless given."""

    def make(files: Mapping[str, str]) -> Path:
        root = tmp_path / "game"
        for relative, text in {"llamavis.toml": '[project]\nname = "game"\n', **files}.items():
            path = root / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return root

    return make


@pytest.fixture(scope="session", autouse=True)
def the_users_models_are_left_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test sees the models that this machine knows, nor adds one: also those that forget to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_reaches_children() -> None:
    """A shell starts what runs in its background with Ctrl-C ignored, and children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def instant_backend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The backend `instant` is known, here and in model processes; settings and logs stay here."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


@pytest.fixture(autouse=True)
def no_thread_outlives_its_test() -> Iterator[None]:
    """A thread that is still running some time after its test is a leak."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + THREAD_GRACE_S
    while leaked := [
        thread
        for thread in threading.enumerate()
        if thread not in before and (not thread.daemon or thread.name.startswith("llamavis"))
    ]:
        if time.monotonic() > deadline:
            pytest.fail(f"threads outlive the test: {[thread.name for thread in leaked]}")
        leaked[0].join(0.05)
