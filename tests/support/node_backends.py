"""Backends that misbehave as only machines of a cluster can; each draws as the instant one.

DropBackend    its first answer never arrives: its process ends while the answer is packed
OtherBackend   its weights are others on the cluster's nodes (see NODE_VARIABLE)
OldBackend     where it is loaded LlamaVis Studio is of another version
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import llamavis_studio
from llamavis_studio.backends.base import BackendInfo, ImageRequest, ImageResult, OnStep
from tests.support.instant_backend import ENVIRONMENT, InstantBackend

NODE_VARIABLE = "TEST_NODE_OF_A_CLUSTER"
"""Set for the cluster's nodes only."""

KNOWN = ",".join(
    [ENVIRONMENT["LLAMAVIS_TEST_BACKENDS"]]
    + [f"{name.lower()}=tests.support.node_backends:{name}Backend" for name in ("Drop", "Other")]
    + ["old=tests.support.node_backends:OldBackend"]
)


class _Unpackable(np.ndarray[Any, Any]):
    def __reduce_ex__(self, _protocol: Any) -> Any:
        os._exit(1)


class DropBackend(InstantBackend):
    def generate(self, requests: list[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        results = super().generate(requests, on_step)
        marker = Path(os.environ["LLAMAVIS_TEST_STATE"]) / "dropped"
        if marker.exists():
            return results
        marker.touch()
        return [replace(one, pixels=one.pixels.view(_Unpackable)) for one in results]


class OtherBackend(InstantBackend):
    def info(self) -> BackendInfo:
        where = "there" if os.environ.get(NODE_VARIABLE) else "here"
        return replace(super().info(), name="other", revision=where)


class OldBackend(InstantBackend):
    def load(self) -> None:
        super().load()
        llamavis_studio.__version__ = "0.0.1"
