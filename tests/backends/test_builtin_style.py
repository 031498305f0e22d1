"""The built-in backend draws in a style, and is itself again for the next request."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from llamavis_studio.backends.base import ImageRequest
from llamavis_studio.backends.builtin import BuiltinBackend
from llamavis_studio.backends.model_process import ProcessSettings
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.core.errors import BackendError
from llamavis_studio.model.checkpoint import save_checkpoint
from tests.support.styles import write_style
from tests.support.tiny_model import tiny_model


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("tiny")
    save_checkpoint(tiny_model(), folder, {"name": "tiny"})
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield folder
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def backend(checkpoint: Path) -> BuiltinBackend:
    made = BuiltinBackend(checkpoint)
    made.load()
    return made


def drawn(backend: BuiltinBackend, *requests: ImageRequest) -> list[bytes]:
    return [r.pixels.tobytes() for r in backend.generate(list(requests), lambda _step: None)]


def style_of(backend: BuiltinBackend, path: Path, seed: int = 0) -> str:
    return str(write_style(tiny_model(), path, backend.info().revision, seed))


def test_each_request_is_drawn_in_its_own_style(backend: BuiltinBackend, tmp_path: Path) -> None:
    plain = ImageRequest("red dragon", "sprite", (32, 32), 1)
    one = replace(plain, adapter=style_of(backend, tmp_path / "one.safetensors"))
    two = replace(plain, adapter=style_of(backend, tmp_path / "two.safetensors", seed=5))
    alone = [drawn(backend, request)[0] for request in (plain, one, two)]
    assert len(set(alone)) == 3
    assert drawn(backend, two, plain, one) == [alone[2], alone[0], alone[1]]


def test_a_style_calms_the_guidance_unless_it_is_asked_for(
    backend: BuiltinBackend, tmp_path: Path
) -> None:
    plain = ImageRequest("dragon", "sprite", (32, 32), 1)
    own = replace(plain, adapter=style_of(backend, tmp_path / "a.safetensors"))
    asked = [replace(own, guidance_scale=scale) for scale in (2.0, 4.0)]
    calm, same, strict = drawn(backend, own, *asked)
    assert calm == same and calm != strict


def test_a_drawing_says_which_of_the_users_pictures_it_took_after(
    backend: BuiltinBackend, tmp_path: Path
) -> None:
    request = ImageRequest(
        "dragon", "sprite", (32, 32), 1, adapter=style_of(backend, tmp_path / "a.safetensors")
    )
    [result] = backend.generate([request], lambda _step: None)
    assert result.took_after and result.took_after[0].startswith("own ")


def test_a_style_that_was_taught_again_is_taken_up(backend: BuiltinBackend, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    request = ImageRequest("dragon", "sprite", (32, 32), 1, adapter=style_of(backend, path))
    first = drawn(backend, request)
    style_of(backend, path, seed=5)
    assert drawn(backend, request) != first


@pytest.mark.parametrize("broken", ["other revision", "cut short", "gone"])
def test_a_style_that_cannot_be_used_says_how_to_make_it(
    backend: BuiltinBackend, tmp_path: Path, broken: str
) -> None:
    plain = ImageRequest("dragon", "sprite", (32, 32), 1)
    before = drawn(backend, plain)
    path = tmp_path / "toon.safetensors"
    base = "0123456789ab" if broken == "other revision" else backend.info().revision
    write_style(tiny_model(), path, base)
    if broken == "cut short":
        path.write_bytes(path.read_bytes()[:-9])
    if broken == "gone":
        path.unlink()
    with pytest.raises(BackendError) as caught:
        drawn(backend, replace(plain, adapter=str(path)))
    assert "llamavis train --style FOLDER --name toon" in caught.value.hint
    assert drawn(backend, plain) == before


def test_the_model_process_draws_the_same_style(
    checkpoint: Path, backend: BuiltinBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMAVIS_BUILTIN_MODEL", str(checkpoint))
    request = ImageRequest(
        "dragon", "sprite", (32, 32), 1, adapter=style_of(backend, tmp_path / "a.safetensors")
    )
    host = ProcessHost(ProcessSettings(threads=1, log_path=Path(os.devnull)))
    try:
        [result] = host.generate("builtin", [request])
    finally:
        host.close()
    assert [result.pixels.tobytes()] == drawn(backend, request)
