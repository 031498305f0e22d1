"""The Ray host: the host contract, and everything that can happen to a cluster.

The cluster is a real one, of nodes on this machine; the last test kills its head.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.backends.base import ImageRequest, StepProgress
from llamavis_studio.backends.cluster.host import ROUNDS, RayHost
from llamavis_studio.backends.cluster.settings import ClusterSettings
from llamavis_studio.backends.host import InProcessHost, ModelHost
from llamavis_studio.backends.model_process import ProcessSettings
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.cli import CANCELLED
from llamavis_studio.core.errors import BackendError, BackendUnavailable
from llamavis_studio.studio import Studio
from tests.contracts.host_contract import HostContract, image
from tests.support import instant_backend
from tests.support.games import described, make_game
from tests.support.node_backends import KNOWN
from tests.support.ray_cluster import RayCluster, all_processes, command_of

pytest.importorskip("ray")
pytestmark = [
    pytest.mark.backends,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc"),
    pytest.mark.timeout(300),
]
ONE = ProcessSettings(threads=1)
REPO = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    cluster = RayCluster(nodes=2)
    yield cluster
    cluster.close()


@pytest.fixture(autouse=True)
def joining(cluster: RayCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """This process, and those it starts, may join the cluster and know the test backends."""
    for name, value in cluster.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RAY_gcs_rpc_server_reconnect_timeout_s", "3")
    monkeypatch.setenv("LLAMAVIS_TEST_BACKENDS", KNOWN)
    monkeypatch.setenv("LLAMAVIS_TEST_STATE", str(tmp_path))


def host_of(cluster: RayCluster, **settings: object) -> RayHost:
    return RayHost(ClusterSettings(cluster.address, **settings), ONE)  # type: ignore[arg-type]


def check_drawn(requests: list[ImageRequest], host: ModelHost, name: str = "instant") -> None:
    results = host.generate(name, requests)
    for request, result in zip(requests, results, strict=True):
        assert np.array_equal(result.pixels, instant_backend.draw(request))


class TestRayHost(HostContract):
    """One worker: it must answer exactly as a model process does.

    Most tests share a host, whose worker notes what it does in one folder.
    """

    OWN = ("state_tells", "info_loads", "only_one", "close_cancels", "closed_host")

    @pytest.fixture(scope="class")
    @classmethod
    def shared(
        cls, cluster: RayCluster, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[tuple[RayHost, Path]]:
        folder = tmp_path_factory.mktemp("shared")
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {
                **cluster.environment,
                **instant_backend.ENVIRONMENT,
                "LLAMAVIS_TEST_STATE": str(folder),
            }.items():
                patch.setenv(name, value)
            host = host_of(cluster, workers=1)
            host.generate("instant", [image("a cat")])
        yield host, folder
        host.close()

    def make_host(self) -> ModelHost:
        return host_of(self.cluster, workers=1)

    def _shares(self, request: pytest.FixtureRequest) -> bool:
        return not any(word in request.node.name for word in self.OWN)

    @pytest.fixture
    def state(
        self,
        request: pytest.FixtureRequest,
        cluster: RayCluster,
        shared: tuple[RayHost, Path],
        tmp_path: Path,
    ) -> Path:
        type(self).cluster = cluster
        if not self._shares(request):
            return tmp_path
        folder = shared[1]
        (folder / "calls").write_text("load 1\n")  # by an earlier test
        return folder

    @pytest.fixture
    def host(
        self, request: pytest.FixtureRequest, state: Path, shared: tuple[RayHost, Path]
    ) -> Iterator[ModelHost]:
        if self._shares(request):
            yield shared[0]
            return
        host = self.make_host()
        yield host
        host.close()


def builtin_game(folder: Path) -> Path:
    words = ("red potion", "iron sword", "green slime", "golden key")
    return make_game(
        folder,
        {"llamavis.toml": '[project]\nname = "game"\n'}
        | {
            f"part/{number}.desc.toml": described(
                words[number % 4], f'kind = "item"\nseed = {number}\n'
            )
            for number in range(18)
        },
    )


def pictures(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(root.rglob("*.png"))}


def _loads(state: Path) -> int:
    return sum("load" in call for call in instant_backend.recorded(state))


class TestTwoWorkers:
    """One on each of two nodes; the tests share them, and the folder for their notes."""

    @pytest.fixture(scope="class")
    @classmethod
    def shared(
        cls, cluster: RayCluster, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[tuple[RayHost, Path]]:
        folder = tmp_path_factory.mktemp("two")
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {
                **cluster.environment,
                "LLAMAVIS_TEST_BACKENDS": KNOWN,
                "LLAMAVIS_TEST_STATE": str(folder),
            }.items():
                patch.setenv(name, value)
            host = host_of(cluster, workers=2)
            host.generate("instant", [image("a cat")])
        yield host, folder
        host.close()

    @pytest.fixture
    def two(self, shared: tuple[RayHost, Path]) -> RayHost:
        return shared[0]

    @pytest.fixture
    def state(self, shared: tuple[RayHost, Path]) -> Path:
        (shared[1] / "calls").unlink(missing_ok=True)
        return shared[1]

    def test_chunks_go_to_all_workers_and_come_back_in_order(
        self, two: RayHost, state: Path
    ) -> None:
        requests = [image("SLOW", n) for n in range(90)]
        check_drawn(requests[:1], two)
        assert two.team is not None
        assert (two.team.workers, two.team.nodes, two.team.threads) == (2, 2, 1)
        assert two.info("instant").max_batch == 2 * ROUNDS * instant_backend.MAX_BATCH
        steps: list[StepProgress] = []
        began = time.monotonic()
        results = two.generate("instant", requests, steps.append)
        assert time.monotonic() - began < 6 * instant_backend.STEPS * 0.05  # what one worker takes
        assert [result.seed for result in results] == list(range(90))
        shares = [step.done / step.total for step in steps]
        assert shares == sorted(shares)
        assert shares[-1] == 1.0
        # As large as a model process's own batches: larger or smaller ones could round otherwise.
        calls = instant_backend.recorded(state)
        assert sorted(calls) == ["generate 1", "generate 10", *["generate 16"] * 5]

    def test_a_killed_worker_costs_nothing_that_was_asked_for(
        self, cluster: RayCluster, two: RayHost, state: Path
    ) -> None:
        killed: list[int] = []

        def step(_progress: StepProgress) -> None:
            if not killed:
                killed.append(min(cluster.workers()))
                os.kill(killed[0], signal.SIGKILL)

        requests = [image("SLOW", n) for n in range(64)]
        results = two.generate("instant", requests, step)
        for request, result in zip(requests, results, strict=True):
            assert np.array_equal(result.pixels, instant_backend.draw(request))
        assert killed
        calls = [call for call in instant_backend.recorded(state) if "generate" in call]
        assert calls == ["generate 16"] * 5  # one of them a second time, whole

    def test_an_answer_that_never_arrives_is_asked_for_again(
        self, two: RayHost, state: Path
    ) -> None:
        check_drawn([image("a cat", n) for n in range(40)], two, "drop")
        assert (state / "dropped").exists()

    def test_poison_is_set_aside_after_three_workers_and_the_rest_is_kept(
        self, two: RayHost, state: Path
    ) -> None:
        poison = [image("CRASH", 99), *[image("x", n) for n in range(15)]]
        healthy = [image("a cat", n) for n in range(16)]
        with pytest.raises(BackendError, match="3 workers of the cluster were lost") as caught:
            two.generate("instant", [*poison, *healthy])
        assert "set aside" in caught.value.hint
        calls = [call for call in instant_backend.recorded(state) if "generate" in call]
        assert sorted(calls) == ["generate 16"] * 3 + ["generate 8"]
        check_drawn(healthy, two)  # asked for again in parts, as a build does
        assert len(instant_backend.recorded(state)) == len(calls) + _loads(state)

    def test_a_build_gives_the_same_bytes_as_one_process_also_when_a_worker_is_killed(
        self, cluster: RayCluster, two: RayHost, tmp_path: Path
    ) -> None:
        killed: list[int] = []

        def kill_one(_event: object) -> None:
            if not killed and type(_event).__name__ == "StepDone":
                killed.append(max(cluster.workers()))
                os.kill(killed[0], signal.SIGKILL)

        drawn = []
        alone = ProcessHost(ONE)
        try:
            for name, host in (("spread", two), ("alone", alone)):
                root = builtin_game(tmp_path / name)
                with Studio.open(root, host=host) as studio:
                    if host is two:
                        studio.subscribe(kill_one)
                    report = studio.build()
                assert not report.failed
                drawn.append(pictures(root))
        finally:
            alone.close()
        assert killed
        assert len(drawn[0]) == 18
        assert drawn[0] == drawn[1]


@pytest.mark.parametrize("word", ["HANG", "FREEZE"])
def test_a_worker_that_stands_still_is_replaced(cluster: RayCluster, word: str) -> None:
    host = host_of(cluster, workers=1, hang_s=1.0, silence_s=1.0 if word == "FREEZE" else 30.0)
    try:
        check_drawn([image(f"{word} ONCE")], host)
    finally:
        host.close()


def test_a_lost_node_costs_nothing_that_was_asked_for(cluster: RayCluster) -> None:
    cluster.add()
    host = host_of(cluster)  # as many workers as there are cores
    others: list[threading.Thread] = []

    def step(progress: StepProgress) -> None:
        if not others and progress.done:
            others.append(threading.Thread(target=cluster.remove))
            others[0].start()

    requests = [image("SLOW", n) for n in range(128)]
    try:
        host.generate("instant", requests[:1])
        assert host.team is not None
        assert host.team.nodes == 3
        results = host.generate("instant", requests, step)
    finally:
        for other in others:
            other.join()
        host.close()
    for request, result in zip(requests, results, strict=True):
        assert np.array_equal(result.pixels, instant_backend.draw(request))


def test_a_node_with_other_weights_or_another_version_is_refused(cluster: RayCluster) -> None:
    host = host_of(cluster, workers=1)
    try:
        with pytest.raises(BackendUnavailable, match=r"another 'other' \(there\) than .*\(here\)"):
            host.generate("other", [image("a cat")])
    finally:
        host.close()
    host = host_of(cluster, workers=1)
    try:
        with pytest.raises(BackendUnavailable, match=r"has LlamaVis Studio 0\.0\.1") as caught:
            host.generate("old", [image("a cat")])
        assert caught.value.hint.startswith('pip install "llamavis-studio==')
    finally:
        host.close()


def test_who_has_not_the_token_is_refused(
    cluster: RayCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_AUTH_TOKEN", "0" * 64)
    host = host_of(cluster, workers=1)
    try:
        with pytest.raises(BackendUnavailable, match="cannot be joined") as caught:
            host.generate("instant", [image("a cat")])
        assert "RAY_AUTH_TOKEN_PATH" in caught.value.hint
        monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
        with pytest.raises(BackendUnavailable, match="cannot be joined"):
            host.generate("instant", [image("a cat")])
    finally:
        host.close()


def test_an_address_where_nobody_is(cluster: RayCluster) -> None:
    host = RayHost(ClusterSettings("127.0.0.1:1"), ONE)
    try:
        with pytest.raises(BackendUnavailable, match=r"nobody answers at 127\.0\.0\.1:1"):
            host.generate("instant", [image("a cat")])
    finally:
        host.close()


# --- a Ray of one's own ------------------------------------------------------------------------


def marked(mark: str) -> list[int]:
    """Every process that descends from a marked one."""
    found = []
    for pid in all_processes():
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            continue
        if mark.encode() in environment:
            found.append(pid)
    return found


def listening(pids: list[int]) -> dict[str, str]:
    """Address -> process of each TCP socket that these listen on, addresses as the kernel has them
    (hexadecimal, in words of little endian).
    """
    sockets = {}
    for pid in pids:
        try:
            links = [os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()]
        except OSError:
            continue
        for link in links:
            if found := re.fullmatch(r"socket:\[(\d+)\]", link):
                sockets[found[1]] = command_of(pid)
    heard = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            parts = line.split()
            if parts[3] == "0A" and parts[9] in sockets:
                heard[parts[1].partition(":")[0]] = sockets[parts[9]]
    return heard


LOOPBACK = {
    "0100007F",
    "0000000000000000FFFF00000100007F",  # 127.0.0.1 mapped into IPv6
    "00000000000000000000000001000000",  # ::1
}


def until(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `llamavis build --executor ray` on a game of 48 slow pictures, as a terminal would."""
    names = "".join(f"n{number},SLOW {number}\n" for number in range(48))
    root = make_game(tmp_path / "game", {"a.descs.csv": "name,description\n" + names})
    command = [sys.executable, "-m", "llamavis_studio.cli", "build", str(root)]
    command += ["--executor", "ray", "--workers", "2"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
    environment["PYTHONPATH"] = str(REPO)
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME"):
        environment[name] = str(tmp_path / name)
    started: list[subprocess.Popen[str]] = []

    def start(*more: str, **variables: str) -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [*command, *more],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment | variables,
                start_new_session=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_ray_of_ones_own_is_quiet_closed_to_others_and_leaves_nothing(
    tmp_path: Path, terminal: Callable[..., subprocess.Popen[str]]
) -> None:
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    first = terminal(TEST_MARK=mark, LLAMAVIS_TEST_STEP_MS="150")
    calls = tmp_path / "calls"
    until(lambda: calls.exists() and "generate" in calls.read_text(), 90.0)
    family = marked(mark)
    said = " ".join(map(command_of, family))
    folders = {Path(found) for found in re.findall(r"[\w/]*/lv-ray-\w+", said)}
    assert all(folder.is_dir() for folder in folders)
    assert len(folders) == 1
    heard = listening(family)
    assert len(family) > 4
    assert len(heard) > 0
    assert set(heard) <= LOOPBACK, heard

    os.killpg(first.pid, signal.SIGINT)  # Ctrl+C in a terminal reaches the whole group
    answer, complaints = first.communicate(timeout=30)
    assert first.returncode == CANCELLED, answer + complaints
    until(lambda: not marked(mark))
    until(lambda: not any(folder.exists() for folder in folders))

    killed = terminal(TEST_MARK=mark, LLAMAVIS_TEST_STEP_MS="150")
    until(lambda: any("ray::Worker" in command_of(pid) for pid in marked(mark)), 90.0)
    killed.kill()
    killed.communicate()
    until(lambda: not marked(mark))

    second = terminal("--json", TEST_MARK=mark)
    answer, complaints = second.communicate(timeout=120)
    assert second.returncode == 0, complaints
    assert len(json.loads(answer)["built"]) == 48
    for line in complaints.splitlines():
        assert line.startswith(("building ", "built ")), line
    until(lambda: not marked(mark))
    # The token of a cluster that is gone is of no use to anybody, nor in anybody's home.
    assert not list((tmp_path / "HOME").rglob("*"))


# --- the end of the cluster; keep this one the last ---------------------------------------------


def test_a_lost_head_is_a_clear_error_and_the_next_build_goes_on(
    cluster: RayCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = host_of(cluster, workers=2)
    monkeypatch.setenv("LLAMAVIS_TEST_STEP_MS", "100")  # of the workers
    names = "".join(f"n{number},picture {number}\n" for number in range(192))
    root = make_game(tmp_path / "game", {"a.descs.csv": "name,description\n" + names})
    killers: list[threading.Thread] = []

    def kill_head(event: object) -> None:
        if not killers and type(event).__name__ == "AssetBuilt":
            killers.append(threading.Thread(target=cluster.kill_head))
            killers[0].start()

    try:
        with Studio.open(root, host=host) as studio:
            studio.subscribe(kill_head)
            report = studio.build()
        killers[0].join()
    finally:
        host.close()
    assert len(report.built) + len(report.failed) == 192
    assert len(report.built) >= 32  # what the first two chunks gave
    assert report.failed
    (message,) = {failed.message for failed in report.failed}
    assert "Ray cluster" in message
    kept = pictures(root)
    assert kept.keys() == {Path(output).name for output in report.built}
    monkeypatch.delenv("LLAMAVIS_TEST_STEP_MS")
    alone = InProcessHost()
    with Studio.open(root, host=alone) as studio:
        again = studio.build()
    alone.close()
    assert (len(again.built), len(again.failed)) == (len(report.failed), 0)
    assert kept.items() <= pictures(root).items()
