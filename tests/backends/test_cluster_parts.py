"""What a cluster does without one: sharing, chunks, progress, styles, what is refused at once."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from llamavis_studio.backends.base import Glimpse, ImageRequest, StepProgress
from llamavis_studio.backends.cluster.chunks import Board
from llamavis_studio.backends.cluster.host import ROUNDS, UNKNOWN_WORKERS, RayHost
from llamavis_studio.backends.cluster.settings import (
    ClusterSettings,
    CrewPlan,
    plan_crew,
    worker_environment,
)
from llamavis_studio.backends.cluster.styles import style_files, with_own_styles
from llamavis_studio.backends.cluster.worker import Trouble
from llamavis_studio.backends.model_process import ProcessSettings
from llamavis_studio.core.errors import BackendError, BackendUnavailable, OutOfMemory
from tests.support import instant_backend


@pytest.mark.parametrize(
    ("settings", "cpus", "gpus", "device", "plan"),
    [
        (ClusterSettings(), [2.0], 0, "auto", CrewPlan(2, 1, 1, 0)),
        (ClusterSettings(threads=4), [8.0, 6.0], 0, "auto", CrewPlan(3, 4, 4, 0)),
        (ClusterSettings(workers=2), [8.0], 0, "auto", CrewPlan(2, 4, 1, 0)),
        (ClusterSettings(workers=2, threads=1), [8.0], 0, "auto", CrewPlan(2, 1, 1, 0)),
        (ClusterSettings(workers=9), [2.0], 0, "auto", CrewPlan(2, 1, 1, 0)),
        (ClusterSettings(threads=16), [2.0], 0, "auto", CrewPlan(1, 16, 2, 0)),
        (ClusterSettings(), [16.0, 16.0], 4, "auto", CrewPlan(4, 8, 1, 1)),
        (ClusterSettings(workers=2), [16.0], 4, "auto", CrewPlan(2, 8, 1, 1)),
        (ClusterSettings(workers=2), [16.0], 4, "cpu", CrewPlan(2, 8, 1, 0)),
        (ClusterSettings(), [], 0, "auto", CrewPlan(1, 1, 1, 0)),
    ],
)
def test_a_cluster_is_shared(
    settings: ClusterSettings, cpus: list[float], gpus: int, device: str, plan: CrewPlan
) -> None:
    assert plan_crew(settings, cpus, gpus, device) == plan


def test_a_worker_is_told_its_threads_and_our_own_variables() -> None:
    environ = {"LLAMAVIS_MODELS": "here", "LLAMAVIS_DEVICE": "cuda:1", "HOME": "there"}
    told = worker_environment(CrewPlan(2, 3, 1, 0), environ)
    assert told["OMP_NUM_THREADS"] == told["MKL_NUM_THREADS"] == "3"
    assert told["LLAMAVIS_MODELS"] == "here"
    assert told["LLAMAVIS_DEVICE"] == "cpu"
    assert "HOME" not in told
    assert worker_environment(CrewPlan(2, 3, 1, 1), environ)["LLAMAVIS_DEVICE"] == "auto"


def test_chunks_are_the_batches_of_one_process_in_order() -> None:
    board = Board(40, 16)
    chunks = [board.take() for _ in range(3)]
    assert [(one.start, one.stop) for one in chunks] == [(0, 16), (16, 32), (32, 40)]
    assert not board.waits
    for chunk in chunks:
        assert not board.finished
        board.close(chunk)
    assert board.finished
    assert Board(0, 16).finished


def test_a_lost_chunk_comes_first_whole_then_in_halves_then_no_more() -> None:
    board = Board(32, 16)
    chunk = board.take()
    board.give_back(chunk, "its node was lost")
    assert board.take() is chunk
    assert chunk.batch_limit == 0
    board.give_back(chunk, "its node was lost")
    assert board.take() is chunk
    assert chunk.batch_limit == 8
    with pytest.raises(BackendError, match=r"3 workers .* lost at this work: its node was lost"):
        board.give_back(chunk, "its node was lost")
    assert not board.finished  # the other chunk still waits
    board.close(board.take())
    assert board.finished


def test_a_chunk_that_was_too_large_for_the_memory_is_halved_at_once() -> None:
    board = Board(7, 16)
    chunk = board.take()
    board.give_back(chunk, "no memory", out_of_memory=True)
    assert chunk.batch_limit == 3


def test_the_progress_of_one_chunk_is_told_as_it_is() -> None:
    board = Board(3, 16)
    seen = (Glimpse("a.png", instant_backend.draw(ImageRequest("x", "item", (4, 4), 1))),)
    told = board.moved(board.take(), 2, 8, seen)
    assert told == StepProgress(2, 8)
    assert told.glimpses == seen


def test_the_progress_of_many_never_goes_back() -> None:
    board = Board(30, 16)
    first, second = board.take(), board.take()
    told = [board.moved(first, 4, 8), board.moved(second, 1, 2)]
    board.give_back(first, "lost")
    told += [board.moved(first, 1, 8), board.moved(first, 8, 8), board.moved(second, 2, 2)]
    shares = [one.done / one.total for one in told]
    assert shares == [8 / 30, 15 / 30, 15 / 30, 23 / 30, 1.0]


def test_a_failure_of_a_worker_is_the_error_that_it_was() -> None:
    error = Trouble("OutOfMemory", "no room", "ask for less", "Traceback ...").as_error()
    assert isinstance(error, OutOfMemory)
    assert (error.message, error.hint) == ("no room", "ask for less")
    assert "Traceback" in str(error.__cause__)
    assert type(Trouble("SystemExit", "gone").as_error()) is BackendError


def test_styles_travel_to_machines_that_lack_them(tmp_path: Path) -> None:
    style = tmp_path / "mine.style"
    style.write_bytes(b"weights")
    requests = [
        ImageRequest("x", "item", (4, 4), 1, adapter=str(style)),
        ImageRequest("x", "item", (4, 4), 2),
        ImageRequest("x", "item", (4, 4), 3, adapter=str(tmp_path / "none.style")),
    ]
    files = style_files(requests)
    with with_own_styles(requests, files) as same:
        assert same == requests  # the file is here
    style.unlink()
    with with_own_styles(requests, files) as moved:
        place = Path(moved[0].adapter)
        assert place.read_bytes() == b"weights"
        assert place.name == "mine.style"
        assert moved[1] is requests[1]
        assert moved[2].adapter == requests[2].adapter
    assert not place.exists()


def test_a_batch_is_as_large_as_all_workers_together_like(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in instant_backend.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    one = instant_backend.InstantBackend().info()
    for settings, workers in (
        (ClusterSettings(workers=3), 3),
        (ClusterSettings("host:6379", workers=5), 5),
        (ClusterSettings("host:6379"), UNKNOWN_WORKERS),
        (ClusterSettings(), 4),
        (ClusterSettings(threads=2), 2),
    ):
        host = RayHost(settings, ProcessSettings(threads=4))
        info = host.info("instant")
        few, many = (host.workers_for("instant", count) for count in (1, 1000 * one.max_batch))
        host.close()
        assert (few, many) == (1, workers)
        assert info.max_batch == workers * ROUNDS * one.max_batch
        assert (info.revision, info.name) == (one.revision, one.name)  # of build keys


def test_without_ray_the_hint_is_the_command_that_adds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(BackendUnavailable, match="not installed") as caught:
        RayHost(ClusterSettings())
    assert caught.value.hint == 'pip install "llamavis-studio[cluster]"'
