"""The test backend keeps the contract that it stands in for."""

from __future__ import annotations

import pytest

from llamavis_studio.backends.base import Backend, ImageRequest
from tests.contracts.backend_contract import BackendContract
from tests.support.instant_backend import InstantBackend, draw


class TestInstantBackend(BackendContract):
    SHOWS = True

    @classmethod
    def make_backend(cls) -> Backend:
        return InstantBackend()


@pytest.mark.parametrize("size_px", [(32, 32), (48, 20), (7, 5), (1, 1)])
def test_the_instant_backend_draws_the_size_asked_for(size_px: tuple[int, int]) -> None:
    width, height = size_px
    clear = draw(ImageRequest("a sword", "item", size_px, seed=3))
    solid = draw(ImageRequest("a sword", "item", size_px, seed=3, transparent=False))
    assert clear.shape == (height, width, 4)
    assert solid.shape == (height, width, 3)
    if min(size_px) > 4:
        assert clear[0, 0, 3] == 0 and clear[height // 2, width // 2, 3] == 255
