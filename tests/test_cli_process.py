"""The command in a process of its own: signals, sudden death, pipes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from llamavis_studio.imaging.png import decode_image
from tests.support.games import described, make_game, on_disk
from tests.support.instant_backend import ENVIRONMENT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

REPO = Path(__file__).resolve().parents[1]
LIMIT_S = 60.0


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        **ENVIRONMENT,
        "PYTHONPATH": str(REPO),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        **more,
    }


def start(tmp_path: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "llamavis_studio.cli", *arguments],
        env=environment(tmp_path, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A group of its own, so that a signal reaches it and the model process as from a terminal.
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=LIMIT_S)
    return process.returncode, out, err


def many(root: Path, count: int) -> Path:
    rows = "".join(f"asset{i},grey stone {i},16x16\n" for i in range(count))
    return make_game(root, {"many.descs.csv": f"name,description,size\n{rows}"})


def wait_for_images(root: Path, count: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while len(list(root.glob("*.png"))) < count and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)


def leftovers(root: Path) -> list[str]:
    return [name for name in on_disk(root) if "llamavis-tmp" in name]


def assert_all_readable(root: Path) -> None:
    for path in root.glob("*.png"):
        assert decode_image(path).shape[:2] == (16, 16)


def test_sudden_death_leaves_whole_images_and_the_next_build_completes(tmp_path):
    root = many(tmp_path / "game", 200)
    moments = random.Random(2)
    for images in (1, *sorted(moments.randrange(2, 190) for _ in range(3))):
        process = start(tmp_path, "build", str(root), LLAMAVIS_TEST_STEP_MS="2")
        wait_for_images(root, images, process)
        time.sleep(moments.random() * 0.02)
        os.killpg(process.pid, signal.SIGKILL)
        finish(process)
        assert_all_readable(root)
    code, _, err = finish(start(tmp_path, "build", str(root)))
    assert code == 0, err
    assert len(list(root.glob("*.png"))) == 200
    assert_all_readable(root)
    assert leftovers(root) == []
    assert finish(start(tmp_path, "build", "--check", str(root)))[0] == 0


@pytest.mark.parametrize("images", [0, 1, 40])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_build_cleanly(tmp_path, images, number):
    root = many(tmp_path / "game", 120)
    process = start(tmp_path, "build", str(root), LLAMAVIS_TEST_STEP_MS="20")
    while not images and not (root / ".llamavis").exists() and process.poll() is None:
        time.sleep(0.002)  # planned; the model process is starting
    wait_for_images(root, images, process)
    os.killpg(process.pid, number)
    code, _, err = finish(process)
    assert code == 130, err
    assert "Traceback" not in err
    assert "cancelled" in err
    assert_all_readable(root)
    assert leftovers(root) == []


def test_ctrl_c_ends_watching_and_single_shots(tmp_path):
    root = make_game(tmp_path / "game", {"hero.desc.toml": described("knight")})
    watching = start(tmp_path, "watch", str(root))
    deadline = time.monotonic() + LIMIT_S
    while not (root / "hero.png").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(watching.pid, signal.SIGINT)
    code, out, err = finish(watching)
    assert (code, "Traceback" in err) == (130, False)
    assert out.startswith("watching ")
    drawing = start(
        tmp_path, "generate", "x", "-o", str(tmp_path / "x.png"), "--backend", "instant",
        LLAMAVIS_TEST_STEP_MS="2000",
    )  # fmt: skip
    time.sleep(1.5)
    os.killpg(drawing.pid, signal.SIGINT)
    code, _, err = finish(drawing)
    assert (code, "Traceback" in err) == (130, False)
    assert not (tmp_path / "x.png").exists()


def test_a_reader_that_leaves_is_no_bug(tmp_path):
    root = many(tmp_path / "game", 2000)
    process = start(tmp_path, "plan", str(root))
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(LIMIT_S) == 1
    assert err == ""


def test_progress_is_plain_lines_in_a_pipe_and_the_result_stands_alone(tmp_path):
    root = many(tmp_path / "game", 3)
    code, out, err = finish(start(tmp_path, "build", str(root)))
    assert code == 0
    assert "\x1b" not in out + err
    assert out.startswith("3 built, 0 fresh in ")
    assert "built 3/3 asset2.png" in err
