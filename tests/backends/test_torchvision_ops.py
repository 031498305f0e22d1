"""torchvision beside a CPU build of torch; each case needs a fresh interpreter of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

PREPARE = "from llamavis_studio.backends.torchvision_ops import prepare_torchvision\n"


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=110, check=False
    )


def test_torchvision_and_transformers_import_after_preparing() -> None:
    done = run(
        PREPARE + "prepare_torchvision()\n"
        "import torch, torchvision.io\n"
        "from torchvision.transforms import v2\n"
        "from transformers import LlamaForCausalLM\n"
        "small = v2.functional.resize(torch.ones(3, 8, 8), [4, 4])\n"
        "print(tuple(small.shape), LlamaForCausalLM.__name__)\n"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "(3, 4, 4) LlamaForCausalLM"


def test_preparing_twice_declares_once() -> None:
    done = run(PREPARE + "first = prepare_torchvision()\nprint(first >= prepare_torchvision())\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "True"


def test_a_whole_torchvision_is_left_alone() -> None:
    # Declaring a name twice is an error in torch, so this also shows that nothing is declared.
    done = run(
        PREPARE + "from torch.library import Library\n"
        "whole = Library('torchvision', 'FRAGMENT')\n"
        "whole.define('nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor')\n"
        "print(prepare_torchvision())\n"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "False"


def test_torchvision_is_still_broken_by_itself() -> None:
    """Fails on the day the workaround can go; see the docstring of the module."""
    needed = run(PREPARE + "print(prepare_torchvision())")
    assert needed.returncode == 0, needed.stderr
    if needed.stdout.strip() == "False":
        pytest.skip("this machine's torchvision loads its compiled operators")
    done = run("import torchvision")
    assert done.returncode != 0, "torchvision imports by itself: remove torchvision_ops.py"
    assert "torchvision::nms does not exist" in done.stderr
