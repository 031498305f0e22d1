"""The built-in backend keeps the contract, with a checkpoint of random weights made on the spot."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

import pytest

from llamavis_studio.backends.base import Backend, ImageRequest
from llamavis_studio.backends.builtin import BuiltinBackend
from llamavis_studio.backends.model_process import ProcessSettings
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.core.errors import ModelMissing
from tests.contracts.backend_contract import BackendContract


class TestBuiltinBackend(BackendContract):
    SHOWS = True
    folder: ClassVar[Path]

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _remember(cls, checkpoint: Path) -> None:
        cls.folder = checkpoint

    @classmethod
    def make_backend(cls) -> Backend:
        return BuiltinBackend(cls.folder)


def test_without_weights_the_model_is_missing_and_says_what_to_do(tmp_path: Path) -> None:
    backend = BuiltinBackend(tmp_path)
    with pytest.raises(ModelMissing, match="no built-in model") as caught:
        backend.info()
    assert "llamavis train" in caught.value.hint
    with pytest.raises(ModelMissing):
        backend.load()


@pytest.mark.parametrize("content", [b"", b"\x80\x04pickled", b"\xff" * 4096])
def test_weights_that_are_no_weights_are_refused(
    checkpoint: Path, tmp_path: Path, content: bytes
) -> None:
    for file in checkpoint.iterdir():
        broken = file.suffix == ".safetensors"
        (tmp_path / file.name).write_bytes(content if broken else file.read_bytes())
    with pytest.raises(ModelMissing):
        BuiltinBackend(tmp_path).load()


def test_the_model_process_draws_the_same_pixels(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One pixel of difference between `generate` and `build` would make every asset stale."""
    monkeypatch.setenv("LLAMAVIS_BUILTIN_MODEL", str(checkpoint))
    requests = [ImageRequest("a red dragon", "sprite", (32, 32), seed) for seed in (1, 2, 3)]
    here = BuiltinBackend()
    here.load()
    wanted = [result.pixels for result in here.generate(requests, lambda _step: None)]
    here.unload()
    host = ProcessHost(ProcessSettings(threads=1, log_path=Path(os.devnull)))
    try:
        drawn = [result.pixels for result in host.generate("builtin", requests)]
    finally:
        host.close()
    assert [pixels.tobytes() for pixels in drawn] == [pixels.tobytes() for pixels in wanted]


def test_as_many_tokens_as_the_text_encoder_reads_are_promised() -> None:
    from llamavis_studio.model.text_encoder import MOST_TOKENS

    assert BuiltinBackend().info().prompt_tokens == MOST_TOKENS - 2
