"""The process host: the host contract, and everything that can happen to a process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.backends.devices import devices
from llamavis_studio.backends.host import ModelHost
from llamavis_studio.backends.model_process import ProcessSettings, available_cores
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.core.device import Device
from llamavis_studio.core.errors import BackendError, Cancelled
from tests.contracts.host_contract import HostContract, image
from tests.support import instant_backend

SHARED = Path("/dev/shm")


class TestProcessHost(HostContract):
    def make_host(self) -> ModelHost:
        return ProcessHost(ProcessSettings(threads=1))


@pytest.fixture
def make_host(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[..., ProcessHost]]:
    """Hosts that notice a hung process soon; nothing of theirs may be left at the end."""
    for name, value in instant_backend.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LLAMAVIS_TEST_STATE", str(tmp_path))
    hosts: list[ProcessHost] = []

    def make(**settings: object) -> ProcessHost:
        values: dict[str, object] = {"threads": 1, "log_path": tmp_path / "log", **settings}
        hosts.append(ProcessHost(ProcessSettings(**values)))  # type: ignore[arg-type]
        return hosts[-1]

    yield make
    pids = [host.pid for host in hosts]
    for host in hosts:
        host.close()
    for pid in pids:
        assert pid is None or not _running(pid)
    for host in hosts:
        assert {name for name in _segments() if name.startswith(f"lv{host._token}")} == set()


Make = Callable[..., ProcessHost]


@pytest.mark.parametrize("word", ["CRASH", "SEGV", "EXIT", "GARBAGE"])
def test_a_process_that_dies_is_replaced_and_no_work_is_lost(make_host: Make, word: str) -> None:
    host = make_host()
    requests = [image("a cat", 1), image(f"{word} ONCE", 2), image("a dog", 3)]
    results = host.generate("instant", requests)
    for request, result in zip(requests, results, strict=True):
        assert np.array_equal(result.pixels, instant_backend.draw(request))


@pytest.mark.parametrize(
    ("word", "reason"),
    [("HANG", "no progress for 0.4 s"), ("HALF", "no progress for 0.4 s")],
)
def test_a_step_that_never_ends_is_a_crash(make_host: Make, word: str, reason: str) -> None:
    host = make_host(hang_s=0.4)
    with pytest.raises(BackendError, match=reason):
        host.generate("instant", [image(word)])
    assert len(host.generate("instant", [image("a cat")])) == 1


def test_a_process_without_a_sign_of_life_is_replaced(make_host: Make) -> None:
    host = make_host(silence_s=0.6, beat_s=0.1)
    assert len(host.generate("instant", [image("FREEZE ONCE")])) == 1


def test_a_slow_step_with_signs_of_life_is_no_crash(
    make_host: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_STEP_MS", "400")
    host = make_host(silence_s=0.3, beat_s=0.05)
    first = host.pid
    seen: list[int] = []

    def step(progress: object) -> None:
        seen.append(host.pid or 0)
        if len(seen) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        host.generate("instant", [image("a cat")], step)
    assert first is None
    assert len(set(seen)) == 1


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("CRASH", "killed (SIGKILL), often because memory ran out"),
        ("SEGV", "crashed (SIGSEGV)"),
        ("EXIT", "ended with exit code 3"),
        ("GARBAGE", "not a message"),
    ],
)
def test_poison_is_set_aside_after_two_crashes_and_the_rest_goes_on(
    make_host: Make, tmp_path: Path, word: str, reason: str
) -> None:
    host = make_host()
    with pytest.raises(BackendError, match=re.escape(reason)) as caught:
        host.generate("instant", [image(word)])
    assert "stopped 2 times" in caught.value.message
    assert "set aside" in caught.value.hint
    assert instant_backend.recorded(tmp_path).count("generate 1") == 2
    assert len(host.generate("instant", [image("a cat")])) == 1


def test_after_a_crash_the_batch_is_halved(make_host: Make, tmp_path: Path) -> None:
    host = make_host()
    host.generate("instant", [image("CRASH ONCE"), *[image("x", n) for n in range(7)]])
    calls = [call for call in instant_backend.recorded(tmp_path) if "generate" in call]
    assert calls == ["generate 8", "generate 4", "generate 4"]


def test_a_crash_at_import_is_a_clear_error(
    make_host: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_CRASH_IMPORT", "1")
    host = make_host()
    with pytest.raises(BackendError, match="exit code 7"):
        host.generate("instant", [image("a cat")])
    monkeypatch.delenv("LLAMAVIS_TEST_CRASH_IMPORT")
    assert len(host.generate("instant", [image("a cat")])) == 1


def test_a_process_killed_between_calls_costs_nothing(make_host: Make) -> None:
    host = make_host()
    host.generate("instant", [image("a cat")])
    first = host.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    _until(lambda: not _running(first))
    assert len(host.generate("instant", [image("a cat")])) == 1
    assert host.pid != first


def test_cancel_ends_a_call_whose_step_never_ends_and_the_next_one_works(make_host: Make) -> None:
    host = make_host(cancel_s=0.3)
    host.generate("instant", [image("a cat")])
    stuck = host.pid

    def cancel_when_stuck() -> None:
        _until(lambda: len(instant_backend.recorded(Path(os.environ["LLAMAVIS_TEST_STATE"]))) == 3)
        host.cancel()

    began = time.monotonic()
    with _other_thread(cancel_when_stuck), pytest.raises(Cancelled):
        host.generate("instant", [image("HANG")])
    assert time.monotonic() - began < 2.0
    assert len(host.generate("instant", [image("a cat")])) == 1
    assert host.pid != stuck


def test_an_answer_that_came_too_late_leaves_nothing_behind(make_host: Make) -> None:
    host = make_host()

    def step(progress: object) -> None:
        raise Cancelled

    for _ in range(5):
        with pytest.raises(Cancelled):
            host.generate("instant", [image("a cat")], step)
    assert host.generate("instant", [image("a cat", 5)])[0].seed == 5


def test_an_idle_backend_is_unloaded_and_comes_back(make_host: Make, tmp_path: Path) -> None:
    host = make_host(idle_s=0.2)
    host.generate("instant", [image("a cat")])
    _until(lambda: instant_backend.recorded(tmp_path)[-1] == "unload 1")
    assert host.resident() is None
    host.generate("instant", [image("a cat")])
    assert host.resident() == "instant"


def _resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_a_sleeping_process_has_given_its_memory_back(
    make_host: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_WEIGHTS_MB", "200")
    host = make_host(idle_s=0.5)
    states = [host.state]
    host.generate("instant", [image("a cat")], lambda _step: states.append(host.state))
    assert host.pid is not None
    awake, first = _resident_mib(host.pid), host.pid
    _until(lambda: host.state == "asleep")
    assert awake - _resident_mib(host.pid) > 180
    host.generate("instant", [image("a cat")])
    assert host.state == "ready"
    assert states[0] == "asleep"
    assert set(states[1:]) == {"working"}
    assert host.pid == first


def test_a_process_that_holds_a_graphics_card_ends_when_it_sleeps(
    make_host: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_HOLDS_CARD", "1")
    host = make_host(idle_s=0.2)
    host.generate("instant", [image("a cat")])
    first = host.pid
    assert first is not None
    _until(lambda: not _running(first))
    assert host.state == "asleep"
    assert len(host.generate("instant", [image("a cat")])) == 1
    assert host.pid != first
    assert caplog.records == []  # that was no crash


def test_the_devices_are_told_by_the_process_also_while_it_draws(make_host: Make) -> None:
    host = make_host()
    here = devices()
    there: list[tuple[Device, ...]] = []

    def step(_progress: object) -> None:
        if not there:
            there.append(host.devices())

    host.generate("instant", [image("SLOW")], step)
    there.append(host.devices())
    for found in there:
        assert [(one.name, one.label, one.total_bytes) for one in found] == [
            (one.name, one.label, one.total_bytes) for one in here
        ]


def test_what_a_library_prints_stays_off_standard_output(
    make_host: Make, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    host = make_host()
    host.generate("instant", [image("SHOUT")])
    host.close()
    assert capfd.readouterr().out == ""
    log = (tmp_path / "log").read_text()
    assert "a library says something" in log
    assert "native code" in log


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_the_process_is_polite_and_prepared_before_any_library(make_host: Make) -> None:
    host = make_host(nice=7, threads=2)
    host.generate("instant", [image("a cat")])
    assert host.pid is not None
    assert os.getpriority(os.PRIO_PROCESS, host.pid) == os.getpriority(os.PRIO_PROCESS, 0) + 7
    status = Path(f"/proc/{host.pid}/status").read_text()
    ignored = int(re.search(r"SigIgn:\s*(\w+)", status)[1], 16)  # type: ignore[index]
    assert ignored & 1 << (signal.SIGINT - 1)


def test_thread_counts_and_waiting_policy_are_set() -> None:
    code = """
        import os
        from llamavis_studio.backends.entry import ChildSettings, serve
        import llamavis_studio.backends.child as child
        class Child:
            def __init__(self, *rest): pass
            def run(self):
                names = "OMP_NUM_THREADS MKL_NUM_THREADS OPENBLAS_NUM_THREADS OMP_WAIT_POLICY"
                os.write(2, " ".join(os.environ[name] for name in names.split()).encode())
        child.Child = Child
        serve(None, ChildSettings("t", 1, 3, 0, 1.0, 1.0, None))
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, check=True, timeout=60
    )
    assert ran.stderr == b"3 3 3 PASSIVE"
    assert ran.stdout == b""
    assert available_cores() >= 1


PARENT = """
    import sys, time
    from llamavis_studio.backends.model_process import ProcessSettings
    from llamavis_studio.backends.process_host import ProcessHost
    from tests.contracts.host_contract import image

    def step(progress):
        print(host.pid, flush=True)

    if __name__ == "__main__":
        host = ProcessHost(ProcessSettings(threads=1))
        try:
            host.generate("instant", [image(sys.argv[1])], step)
            print("done", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            alive = host._process is not None and host._process.alive
            print("interrupted", alive, flush=True)
            host.close()
"""


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    script = tmp_path / "parent.py"
    script.write_text(textwrap.dedent(PARENT))
    started: list[subprocess.Popen[str]] = []

    def start(prompt: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            **instant_backend.ENVIRONMENT,
            "LLAMAVIS_TEST_STEP_MS": "50",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        started.append(
            subprocess.Popen(
                [sys.executable, str(script), prompt],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=environment,
                start_new_session=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("idle", [False, True])
def test_the_process_dies_with_a_killed_studio(
    parent: Callable[[str], subprocess.Popen[str]], idle: bool
) -> None:
    before = _segments()
    studio = parent("a cat")
    assert studio.stdout is not None
    child = int(studio.stdout.readline())
    while idle and studio.stdout.readline() != "done\n":
        pass
    assert _running(child)
    studio.kill()
    studio.wait()
    _until(lambda: not _running(child))
    _until(lambda: _segments() <= before)


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_ctrl_c_reaches_the_studio_and_not_the_process(
    parent: Callable[[str], subprocess.Popen[str]],
) -> None:
    studio = parent("SLOW")
    assert studio.stdout is not None
    child = int(studio.stdout.readline())
    os.killpg(studio.pid, signal.SIGINT)
    rest = studio.communicate(timeout=30)[0]
    assert "interrupted True" in rest
    assert studio.returncode == 0
    assert not _running(child)


@contextmanager
def _other_thread(work: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _until(condition: Callable[[], bool], timeout_s: float = 15.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def _running(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def _segments() -> set[str]:
    """Our shared memory; where it has no folder to look into, nothing is checked."""
    return {entry.name for entry in SHARED.glob("lv*")} if SHARED.is_dir() else set()
