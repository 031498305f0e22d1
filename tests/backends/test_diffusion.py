"""The diffusers backend by the contract of all backends, once with each kind of checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from llamavis_studio.backends.base import Backend
from llamavis_studio.backends.diffusion import DiffusionBackend
from llamavis_studio.backends.model_records import ModelRecord
from tests.contracts.backend_contract import BackendContract

pytestmark = pytest.mark.backends


class _DiffusionContract(BackendContract):
    SHOWS = True
    MAKER: ClassVar[str]
    OPTIONS: ClassVar[dict[str, Any]] = {}
    folder: ClassVar[Path]

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def checkpoint(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        import torch

        from tests.support import tiny_diffusion

        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        cls.folder = getattr(tiny_diffusion, cls.MAKER)(tmp_path_factory.mktemp(cls.MAKER))
        yield
        torch.set_num_threads(threads)

    @classmethod
    def make_backend(cls) -> Backend:
        options = {"steps": 2, "best_px": 32, **cls.OPTIONS}
        return DiffusionBackend(
            ModelRecord("tiny", "diffusers", cls.folder, licence="MIT", options=options)
        )


class TestStableDiffusion(_DiffusionContract):
    MAKER = "tiny_sd"


class TestSDXL(_DiffusionContract):
    MAKER = "tiny_sdxl"


class TestFlux(_DiffusionContract):
    MAKER = "tiny_flux"


class TestZImage(_DiffusionContract):
    MAKER = "tiny_z_image"
