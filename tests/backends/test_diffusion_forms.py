"""The forms in which folders hold weights: whole or in shards, in full or as a variant, as the
libraries themselves save them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from llamavis_studio.backends.base import ImageRequest, Pixels, ignore_steps
from llamavis_studio.backends.diffusion import DiffusionBackend
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.backends.weights import check_weights, variant_of, weight_files
from llamavis_studio.core.errors import ModelMissing
from llamavis_studio.model_store.adding import folder_record
from tests.support import tiny_diffusion

pytestmark = [pytest.mark.backends, pytest.mark.usefixtures("one_thread")]
FORMS = {
    "whole": {},
    "fp16": {"variant": "fp16"},
    "shards": {"max_shard_size": "40KB"},
    "shards of fp16": {"variant": "fp16", "max_shard_size": "40KB"},
    "of another name": {"variant": "ema_only"},
}
UNET = "diffusion_pytorch_model"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_diffusion.tiny_sd(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def saved(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The same checkpoint in one of the forms."""
    from diffusers import StableDiffusionPipeline

    from llamavis_studio.backends.diffusion.loading import quiet

    made: dict[str, Path] = {}

    def save(form: str) -> Path:
        if form not in made:
            made[form] = tmp_path_factory.mktemp("form")
            with quiet():
                pipe = StableDiffusionPipeline.from_pretrained(first, safety_checker=None)
                pipe.save_pretrained(made[form], **FORMS[form])
        return made[form]

    return save


@pytest.fixture
def spoilt(saved: Callable[[str], Path], tmp_path: Path) -> Path:
    """A checkpoint in shards of a variant, to be spoilt."""
    return Path(shutil.copytree(saved("shards of fp16"), tmp_path / "spoilt"))


def record_of(folder: Path) -> ModelRecord:
    return ModelRecord("tiny", "diffusers", folder, options={"steps": 2, "best_px": 32})


def loaded(folder: Path) -> DiffusionBackend:
    """Its weights begin at like places in memory, so that they are added up alike."""
    backend = DiffusionBackend(record_of(folder))
    backend.load()
    for part in backend._loaded().first.components.values():
        for parameter in part.parameters() if isinstance(part, torch.nn.Module) else ():
            parameter.data = parameter.data.clone()
    return backend


def drawn(folder: Path) -> Pixels:
    request = ImageRequest("a red hat", "item", (32, 32), seed=1)
    (result,) = loaded(folder).generate([request], ignore_steps)
    return result.pixels


@pytest.mark.parametrize("form", [one for one in FORMS if one != "whole"])
def test_every_form_draws_the_same_picture(form: str, saved: Callable[[str], Path]) -> None:
    folder = saved(form)
    names = sorted(path.name for path in (folder / "unet").iterdir())
    assert (f"{UNET}.safetensors" in names) is False
    assert any("-of-" in name for name in names) is ("shards" in form)
    check_weights(folder, "tiny")
    assert np.array_equal(drawn(folder), drawn(saved("whole")))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_added_with_all_that_is_loaded(
    form: str, saved: Callable[[str], Path]
) -> None:
    folder = saved(form)
    record = folder_record(folder, "tiny")
    for part in ("unet", "vae", "text_encoder"):
        for path in weight_files(folder / part):
            assert path.relative_to(folder).as_posix() in record.files
        if "shards" in form:
            assert any(name.startswith(f"{part}/") and ".index." in name for name in record.files)


def test_forms_may_differ_between_parts(saved: Callable[[str], Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(saved("whole"), tmp_path / "mixed"))
    for part, form in (("unet", "shards of fp16"), ("vae", "fp16")):
        shutil.rmtree(folder / part)
        shutil.copytree(saved(form) / part, folder / part)
    assert [variant_of(folder / one) for one in ("unet", "vae", "text_encoder")] == [
        "fp16", "fp16", None,
    ]  # fmt: skip
    assert np.array_equal(drawn(folder), drawn(saved("whole")))


@pytest.mark.parametrize("withholds", [False, True])
def test_a_safety_checker_is_loaded_in_its_form(
    withholds: bool, first: Path, tmp_path: Path
) -> None:
    from diffusers import StableDiffusionPipeline

    from llamavis_studio.backends.diffusion.loading import quiet
    from llamavis_studio.core.errors import BackendError

    folder = Path(shutil.copytree(first, tmp_path / "first"))
    tiny_diffusion.guard(folder, withholds=withholds)
    with quiet():
        pipe = StableDiffusionPipeline.from_pretrained(folder)
        pipe.save_pretrained(tmp_path / "fp16", variant="fp16")
    assert variant_of(tmp_path / "fp16" / "safety_checker") == "fp16"
    if withholds:
        with pytest.raises(BackendError, match="safety checker"):
            drawn(tmp_path / "fp16")
    else:
        assert np.array_equal(drawn(tmp_path / "fp16"), drawn(folder))


def _index(folder: Path) -> Path:
    return folder / "unet" / f"{UNET}.safetensors.index.fp16.json"


def _last_shard(folder: Path) -> Path:
    return sorted((folder / "unet").glob(f"{UNET}.fp16-*.safetensors"))[-1]


def _less_of_last(folder: Path) -> None:
    path = _last_shard(folder)
    path.write_bytes(path.read_bytes()[:-9])


def _unknown_tensor(folder: Path) -> None:
    told: dict[str, Any] = json.loads(_index(folder).read_text("utf-8"))
    told["weight_map"]["conv_in.extra"] = _last_shard(folder).name
    _index(folder).write_text(json.dumps(told), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            lambda folder: _last_shard(folder).unlink(),
            r"(\d+)-of-\1\.safetensors is not there",
        ),
        (_less_of_last, "is cut short"),
        (_unknown_tensor, "lacks 1 tensors that its index promises, such as conv_in.extra"),
        (lambda folder: _index(folder).unlink(), "is one of several, and the index"),
        (lambda folder: _index(folder).write_text("{"), "cannot be read"),
    ],
)
def test_shards_that_are_not_whole_are_refused(
    spoil: Callable[[Path], None], words: str, spoilt: Path
) -> None:
    spoil(spoilt)
    with pytest.raises(ModelMissing, match=words):
        DiffusionBackend(record_of(spoilt)).load()
    with pytest.raises(ModelMissing, match=words):
        folder_record(spoilt, "tiny")


def test_only_what_is_loaded_has_to_be_whole(spoilt: Path, saved: Callable[[str], Path]) -> None:
    _less_of_last(spoilt)
    shutil.copy(saved("whole") / "unet" / f"{UNET}.safetensors", spoilt / "unet")
    assert variant_of(spoilt / "unet") is None
    check_weights(spoilt, "tiny")
    DiffusionBackend(record_of(spoilt)).load()
    shutil.copy(_index(saved("shards of fp16")), spoilt / "unet" / f"{UNET}.safetensors.index.json")
    with pytest.raises(ModelMissing, match="cut short"):  # diffusers reads an index first
        check_weights(spoilt, "tiny")


def test_the_liked_variants_come_first(tmp_path: Path) -> None:
    assert variant_of(tmp_path) is None
    for name, found in (("non_ema", "non_ema"), ("bf16", "bf16"), ("fp16", "fp16")):
        (tmp_path / f"{UNET}.{name}.safetensors").write_bytes(b"")
        assert variant_of(tmp_path) == found
