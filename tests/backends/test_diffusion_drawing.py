"""What the diffusers backend does beyond the contract: tiles, edits, LoRAs, schedulers, batches."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from llamavis_studio.backends.base import ImageRequest, Pixels, StepProgress, ignore_steps
from llamavis_studio.backends.diffusion import DiffusionBackend
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.backends.resident import run_in_batches
from llamavis_studio.core.errors import BackendError, BackendUnavailable, Cancelled
from llamavis_studio.imaging.scale import scale_area
from llamavis_studio.imaging.seamless import seam_score
from tests.support import tiny_diffusion

pytestmark = [pytest.mark.backends, pytest.mark.usefixtures("one_thread")]

Make = Callable[..., DiffusionBackend]
FLOOR = ImageRequest("stone floor", "texture", (96, 96), seed=1, transparent=False)
HAT = ImageRequest("a red hat", "item", (32, 32), seed=1)


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    made: dict[str, Path] = {}

    def folder(kind: str, **told: Any) -> Path:
        key = f"{kind}{sorted(told.items())}"
        if key not in made:
            made[key] = getattr(tiny_diffusion, kind)(tmp_path_factory.mktemp(kind), **told)
        return made[key]

    return folder


@pytest.fixture(scope="module")
def make(folder_of: Callable[..., Path]) -> Make:
    """A loaded backend of some kind of checkpoint, the same for the same options."""
    made: dict[str, DiffusionBackend] = {}

    def backend(kind: str, told: dict[str, Any] | None = None, **options: Any) -> DiffusionBackend:
        options = {"steps": 2, "best_px": 32, **options}
        key = f"{kind}{told}{sorted(options.items())}"
        if key not in made:
            record = ModelRecord(
                "tiny", "diffusers", folder_of(kind, **told or {}), options=options
            )
            made[key] = DiffusionBackend(record)
            made[key].load()
        return made[key]

    return backend


def drawn(backend: DiffusionBackend, request: ImageRequest) -> Pixels:
    (result,) = backend.generate([request], ignore_steps)
    return result.pixels


def unlike(a: Pixels, b: Pixels) -> float:
    return float(np.abs(a.astype(np.int16) - b).mean())


def seam_stands_out(pixels: Pixels) -> bool:
    """Whether no step between two lines inside is as large as that between the edges."""
    values = pixels.astype(np.int16)
    found = []
    for axis in (0, 1):
        steps = np.abs(np.roll(values, -1, axis) - values).mean((1 - axis, 2))
        found.append(bool(steps[-1] > steps[:-1].max()))
    return any(found)


def noise(side: int, channels: int = 4) -> Pixels:
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, channels), np.uint8)
    pixels[..., 3:] = 255
    return pixels


# --- tiles ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tiny_sd", "tiny_sdxl", "tiny_sd3", "tiny_flux", "tiny_z_image"])
def test_a_tile_has_no_seam_and_other_pictures_have_one(make: Make, kind: str) -> None:
    backend = make(kind, best_px=64)
    assert backend.info().can_tile
    plain = drawn(backend, FLOOR)
    assert plain.shape == (96, 96, 3)
    tile = drawn(backend, replace(FLOOR, tileable=True))
    assert seam_score(plain) > 1.7
    assert seam_score(tile) < 1.45
    assert np.array_equal(drawn(backend, FLOOR), plain)  # nothing stays bent


def test_a_model_that_cannot_tile_says_so_and_draws_the_same(make: Make) -> None:
    backend = make("tiny_qwen_image")
    assert not backend.info().can_tile
    request = replace(FLOOR, size_px=(32, 32))
    assert np.array_equal(drawn(backend, replace(request, tileable=True)), drawn(backend, request))


@pytest.mark.parametrize("kind", ["tiny_sd", "tiny_flux"])
def test_an_edited_tile_has_no_seam(make: Make, kind: str) -> None:
    backend = make(kind, best_px=64)
    before = drawn(backend, replace(FLOOR, tileable=True, transparent=True))
    for seed in (3, 4, 5):
        edit = replace(FLOOR, before=before, strength=0.8, seed=seed)
        assert seam_stands_out(drawn(backend, edit))
        assert not seam_stands_out(drawn(backend, replace(edit, tileable=True)))


def test_a_wrapping_unet_and_decoder_know_no_place(make: Make) -> None:
    from llamavis_studio.backends.diffusion.tiling import wrapping

    pipe = make("tiny_sd")._loaded().first
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(1, 4, 16, 16, generator=generator)
    words = torch.randn(1, 8, 32, generator=generator)

    def unet(x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = pipe.unet(x, torch.tensor(500), words, return_dict=False)[0]
        return result

    def encode(x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = pipe.vae.encode(x).latent_dist.mean
        return result

    def decode(x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = pipe.vae.decode(x, return_dict=False)[0]
        return result

    picture = torch.randn(1, 3, 64, 64, generator=generator)
    for run, x, step, out in (
        (unet, latents, 2, 2),
        (decode, latents, 2, 16),
        (encode, picture, 16, 2),
    ):
        with torch.no_grad(), wrapping(pipe.unet, pipe.vae):
            rolled = run(x.roll((step, 2 * step), (2, 3)))
            assert torch.allclose(rolled, run(x).roll((out, 2 * out), (2, 3)), atol=2e-4)
        with torch.no_grad():
            rolled = run(x.roll((step, 2 * step), (2, 3)))
            assert not torch.allclose(rolled, run(x).roll((out, 2 * out), (2, 3)), atol=2e-2)


@pytest.mark.parametrize("shape", [(2, 4, 12, 8), (2, 24, 5)])
def test_wandering_latents_come_home(shape: tuple[int, ...]) -> None:
    from llamavis_studio.backends.diffusion.tiling import Wanderer

    latents = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    wanderer, alone = Wanderer([5, 9], (6, 4)), Wanderer([9], (6, 4))
    moved, moved_alone, places = latents, latents[1:], set()
    for step in range(6):
        moved = wanderer.moved(moved, last=step == 5)
        moved_alone = alone.moved(moved_alone, last=step == 5)
        assert torch.equal(moved[1:], moved_alone)  # whatever its neighbour does
        assert torch.equal(wanderer.straight(moved), latents)
        places.add(tuple(moved[0].flatten().tolist()))
    assert torch.equal(moved, latents)
    assert len(places) > 3


def test_a_transformers_latents_do_wander(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from llamavis_studio.backends.diffusion.tiling import Wanderer

    tile = drawn(make("tiny_flux"), replace(FLOOR, tileable=True))
    monkeypatch.setattr(Wanderer, "moved", lambda _self, latents, last: latents)
    assert not np.array_equal(drawn(make("tiny_flux"), replace(FLOOR, tileable=True)), tile)


def test_a_large_picture_is_decoded_in_parts_unless_it_is_a_tile(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llamavis_studio.backends.diffusion import drawing

    backend = make("tiny_sd", best_px=64)
    vae = backend._loaded().first.vae
    seen = []
    decode = vae.decode

    def watched(*values: Any, **named: Any) -> Any:
        seen.append(vae.use_tiling)
        return decode(*values, **named)

    monkeypatch.setattr(vae, "decode", watched)
    whole = drawn(backend, FLOOR)
    monkeypatch.setattr(drawing, "MOST_DECODED_AT_ONCE", 80 * 80)
    parts = drawn(backend, FLOOR)
    assert parts.shape == whole.shape and not np.array_equal(parts, whole)
    assert not seam_stands_out(drawn(backend, replace(FLOOR, tileable=True)))
    drawn(backend, HAT)
    assert seen == [False, True, False, False]
    assert not vae.use_tiling


# --- edits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tiny_sd", "tiny_flux"])
def test_strength_says_how_much_chance_decides(make: Make, kind: str) -> None:
    """Two seeds part the more, the more of the picture may change."""
    backend = make(kind, steps=8, edit_strength=1.0)
    before = noise(32)
    apart = []
    for strength in (0.15, 0.4, 0.7, 1.0):
        one = replace(HAT, before=before, strength=strength)
        apart.append(unlike(drawn(backend, one), drawn(backend, replace(one, seed=2))))
    assert apart == sorted(apart)
    assert apart[-1] > 1.5 * apart[0]


def test_an_edit_without_region_keeps_some_of_the_picture(make: Make) -> None:
    """At strength 1, the least that anybody asks for, it is not simply drawn afresh."""
    backend = make("tiny_sd", steps=8)
    edit = replace(HAT, before=noise(32))
    other = replace(HAT, before=255 - noise(32)[..., :3])
    assert unlike(drawn(backend, edit), drawn(backend, other)) > 2.0


@pytest.mark.parametrize("kind", ["tiny_sd", "tiny_sd3", "tiny_qwen_image"])
def test_a_sprite_is_enlarged_by_whole_pixels_and_found_again(make: Make, kind: str) -> None:
    backend = make(kind, best_px=64)
    before, region = noise(16), np.zeros((16, 16), np.uint8)
    region[5, 6] = 1  # one pixel, less than a latent
    request = ImageRequest("a hat", "item", (16, 16), 1, before=before, region=region)
    assert backend.info().drawn_size("item", (16, 16)) == (64, 64)
    result = drawn(backend, request)
    assert result.shape == (64, 64, 4)
    small = scale_area(result, (16, 16))
    assert np.array_equal(small[region == 0], before[region == 0])
    assert (result[20:24, 24:28] != before[5, 6]).any()


def test_words_count_in_a_region_and_in_an_edit(make: Make) -> None:
    region = np.zeros((32, 32), np.uint8)
    region[8:24, 8:24] = 9
    for kind in ("tiny_sdxl", "tiny_qwen_image"):
        for edit in (replace(HAT, before=noise(32), region=region), replace(HAT, before=noise(32))):
            words = replace(edit, prompt="an old blue bottle")
            assert not np.array_equal(drawn(make(kind), edit), drawn(make(kind), words))


def test_an_inpainting_checkpoint_draws_from_words_too(make: Make) -> None:
    backend = make("tiny_sd", {"in_channels": 9})
    plain = drawn(backend, HAT)
    assert plain.shape == (32, 32, 4) and (plain[..., 3] == 255).all()
    assert unlike(plain, drawn(backend, replace(HAT, seed=2))) > 1
    before, region = noise(32), np.zeros((32, 32), np.uint8)
    region[:8] = 255
    result = drawn(backend, replace(HAT, before=before, region=region))
    assert np.array_equal(result[8:], before[8:])
    assert unlike(result[:8], before[:8]) > 1
    assert unlike(drawn(backend, replace(HAT, before=before, strength=0.5)), before) > 1


# --- LoRAs ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loras(folder_of: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loras")
    tiny_diffusion.tiny_lora(folder_of("tiny_sd"), folder / "plain.safetensors")
    tiny_diffusion.tiny_lora(folder_of("tiny_sd"), folder / "words.safetensors", words=True)
    tiny_diffusion.tiny_lora(folder_of("tiny_flux"), folder / "flux.safetensors")
    tiny_diffusion.as_kohya(folder / "plain.safetensors", folder / "kohya.safetensors")
    return folder


def test_a_lora_of_the_record_acts_by_its_scale(make: Make, loras: Path) -> None:
    plain = drawn(make("tiny_sd"), HAT)
    at = {}
    for scale in (0.0, 0.3, 1.0):
        told = ({"file": str(loras / "plain.safetensors"), "scale": scale},)
        at[scale] = drawn(make("tiny_sd", loras=told), HAT)
    assert np.array_equal(at[0.0], plain)
    assert unlike(at[0.3], plain) > 0 and not np.array_equal(at[0.3], at[1.0])


def test_the_revision_follows_the_loras(folder_of: Callable[..., Path], loras: Path) -> None:
    revisions = set()
    for names in ((), ("plain",), ("words",), ("plain", "words")):
        told = [{"file": str(loras / f"{name}.safetensors")} for name in names]
        record = ModelRecord("tiny", "diffusers", folder_of("tiny_sd"), options={"loras": told})
        revisions.add(DiffusionBackend(record).info().revision)
    assert len(revisions) == 4


@pytest.mark.parametrize(("kind", "name"), [("tiny_sd", "plain"), ("tiny_flux", "flux")])
def test_a_style_of_a_description_acts_on_its_own_image_only(
    make: Make, loras: Path, kind: str, name: str
) -> None:
    backend = make(kind)
    styled = replace(HAT, adapter=str(loras / f"{name}.safetensors"))
    plain = drawn(backend, HAT)
    first, second, third = (r.pixels for r in backend.generate([HAT, styled, HAT], ignore_steps))
    assert np.array_equal(first, plain) and np.array_equal(third, plain)
    assert not np.array_equal(second, plain)
    assert np.array_equal(drawn(backend, styled), second)
    edit = replace(styled, before=noise(32))
    assert not np.array_equal(drawn(backend, edit), drawn(backend, replace(edit, adapter="")))


def test_a_lora_changes_how_words_are_read_where_it_has_such_layers(
    make: Make, loras: Path
) -> None:
    backend = make("tiny_sd")
    plain, without, read = (
        drawn(backend, HAT),
        *(
            drawn(backend, replace(HAT, adapter=str(loras / f"{name}.safetensors")))
            for name in ("plain", "words")
        ),
    )
    assert unlike(read, without) > 1.0
    assert np.array_equal(drawn(backend, HAT), plain)
    # After it, one that has none leaves the text encoder alone.
    drawn(backend, replace(HAT, adapter=str(loras / "words.safetensors")))
    again = drawn(backend, replace(HAT, adapter=str(loras / "plain.safetensors")))
    assert np.array_equal(again, without)


def test_kohyas_names_mean_the_same(make: Make, loras: Path) -> None:
    backend = make("tiny_sd")
    ours, theirs = (
        drawn(backend, replace(HAT, adapter=str(loras / f"{name}.safetensors")))
        for name in ("plain", "kohya")
    )
    assert unlike(ours, theirs) < 1.0
    assert unlike(ours, drawn(backend, HAT)) > 2.0


def test_many_styles_are_not_all_kept(make: Make, loras: Path, tmp_path: Path) -> None:
    from llamavis_studio.backends.diffusion.loras import MOST_KEPT

    backend = make("tiny_sd")
    first = drawn(backend, replace(HAT, adapter=str(loras / "plain.safetensors")))
    for number in range(MOST_KEPT + 1):
        copy = tmp_path / f"{number}.safetensors"
        copy.write_bytes((loras / "plain.safetensors").read_bytes())
        assert np.array_equal(drawn(backend, replace(HAT, adapter=str(copy))), first)
    adapters = backend._loaded().first.get_list_adapters()["unet"]
    assert len(adapters) <= MOST_KEPT
    assert np.array_equal(
        drawn(backend, replace(HAT, adapter=str(loras / "plain.safetensors"))), first
    )


def test_what_is_no_lora_for_this_model_is_refused(make: Make, loras: Path, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    from tests.support.styles import write_style
    from tests.support.tiny_model import tiny_model

    save_file({"weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    write_style(tiny_model(), tmp_path / "own.safetensors", "abc")
    whole = (loras / "plain.safetensors").read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[:-20])
    (tmp_path / "page.safetensors").write_text("<!doctype html><title>404</title>", "utf-8")
    said = {
        tmp_path / "none.safetensors": "not there",
        tmp_path / "own.safetensors": "taught to the built-in model",
        tmp_path / "other.safetensors": "no LoRA",
        tmp_path / "cut.safetensors": "cut short",
        tmp_path / "page.safetensors": "web page",
        loras / "flux.safetensors": "does not fit this model",
    }
    backend = make("tiny_sd", steps=1)  # one that never had any
    plain = drawn(backend, HAT)
    for path, words in said.items():
        with pytest.raises(BackendError, match=words) as caught:
            drawn(backend, replace(HAT, adapter=str(path)))
        assert caught.value.hint
        assert path.name in caught.value.message
    assert np.array_equal(drawn(backend, HAT), plain)


# --- schedulers, steps, words ---------------------------------------------------------------------


def test_every_scheduler_draws_its_own_picture(make: Make) -> None:
    from llamavis_studio.backends.diffusion.loading import SCHEDULERS

    request = replace(HAT, guidance_scale=2.0)
    pictures = {}
    for name in ("keep", *SCHEDULERS):
        backend = make("tiny_sd", scheduler=name, steps=3)
        pictures[name] = drawn(backend, request)
        assert np.array_equal(drawn(backend, request), pictures[name])
        edit = replace(request, before=noise(32), strength=0.4)
        assert drawn(backend, edit).shape == (32, 32, 4)
    # What was published with PNDM keeps it; without inner noise, all aim at the same picture.
    assert np.array_equal(pictures["keep"], pictures["pndm"])
    different = {picture.tobytes() for picture in pictures.values()}
    assert len(different) >= len(pictures) - 2


def test_a_flow_has_no_other_scheduler(folder_of: Callable[..., Path]) -> None:
    options = {"scheduler": "euler_a"}
    backend = DiffusionBackend(
        ModelRecord("tiny", "diffusers", folder_of("tiny_flux"), options=options)
    )
    with pytest.raises(BackendUnavailable, match="euler_a") as caught:
        backend.load()
    assert "keep" in caught.value.hint


def test_steps_are_counted_whatever_is_drawn(make: Make) -> None:
    backend = make("tiny_sd", steps=5)
    region = np.full((32, 32), 255, np.uint8)
    requests = [
        HAT,
        replace(HAT, before=noise(32), strength=0.5),
        replace(HAT, before=noise(32), strength=0.0),
        replace(HAT, before=noise(32), region=region),
        replace(HAT, before=noise(32), strength=0.01),
    ]
    seen: list[StepProgress] = []
    backend.generate(requests, seen.append)
    done = [step.done for step in seen]
    assert done == sorted(done) and done[-1] == seen[-1].total
    assert len(seen) > 10


@pytest.mark.parametrize(("steps", "strength"), [(30, 0.5), (2, 0.3), (1, 0.02), (4, 1.0),
                                                 (2, 0.001), (3, 1 / 3)])  # fmt: skip
def test_an_edit_always_takes_a_step(steps: int, strength: float) -> None:
    from llamavis_studio.backends.diffusion.drawing import MOST_STEPS, steps_for

    longer, stronger = steps_for(steps, strength)
    assert int(longer * stronger) >= 1
    assert steps <= longer <= max(steps, MOST_STEPS)
    assert strength <= stronger <= max(strength, 1.01 / MOST_STEPS)


@pytest.mark.parametrize("kind", ["tiny_sd", "tiny_sdxl", "tiny_sd3", "tiny_flux", "tiny_z_image",
                                  "tiny_qwen_image"])  # fmt: skip
def test_the_last_glimpse_looks_like_the_picture(
    make: Make, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    from llamavis_studio.model.glimpse import Pace

    monkeypatch.setattr(Pace, "begins", lambda _self: True)
    backend = make(kind, steps=4)
    for request in (HAT, replace(HAT, tileable=True), replace(HAT, before=noise(32))):
        seen: list[StepProgress] = []
        (result,) = backend.generate([replace(request, name="hat", watched=True)], seen.append)
        glimpses = [glimpse.pixels for step in seen for glimpse in step.glimpses]
        assert len(glimpses) >= 2
        shapes = {glimpse.shape for glimpse in glimpses}
        assert shapes == {result.pixels.shape}
        alike = [
            np.corrcoef(glimpse[..., :3].ravel(), result.pixels[..., :3].ravel())[0, 1]
            for glimpse in (glimpses[0], glimpses[-1])
        ]
        assert alike[1] > 0.8
        assert glimpses[0][0, 0, 3] < glimpses[-1][0, 0, 3] == 255


def test_prefix_and_suffix_are_sent_and_told(make: Make) -> None:
    backend = make("tiny_sd", prompt_prefix="pixel art of", prompt_suffix=", flat colours")
    (result,) = backend.generate([HAT], ignore_steps)
    assert result.expanded_prompt == "pixel art of a red hat, flat colours"
    assert np.array_equal(
        drawn(make("tiny_sd"), replace(HAT, prompt=result.expanded_prompt)), result.pixels
    )


def test_nothing_is_printed_while_it_loads_and_draws(
    folder_of: Callable[..., Path], loras: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    for kind in ("tiny_sd", "tiny_flux"):
        backend = DiffusionBackend(
            ModelRecord("tiny", "diffusers", folder_of(kind), options={"steps": 2, "best_px": 32})
        )
        backend.load()
        region = np.full((32, 32), 255, np.uint8)
        long = replace(HAT, prompt="hat " * 700)
        fits, not_ = ("plain", "flux") if kind == "tiny_sd" else ("flux", "words")
        styled = replace(HAT, adapter=str(loras / f"{fits}.safetensors"))
        edit = replace(long, before=noise(32))
        backend.generate([long, edit, replace(edit, region=region), styled], ignore_steps)
        backend.embed(["hat " * 700])
        with pytest.raises(BackendError, match="does not fit"):
            drawn(backend, replace(HAT, adapter=str(loras / f"{not_}.safetensors")))
        backend.unload()
    assert capfd.readouterr() == ("", "")


# --- failures -------------------------------------------------------------------------------------


def test_a_cancelled_tile_or_edit_leaves_nothing_behind(make: Make) -> None:
    def cancel(progress: StepProgress) -> None:
        raise Cancelled

    region = np.full((32, 32), 255, np.uint8)
    for kind in ("tiny_sd", "tiny_flux"):
        backend = make(kind)
        plain = drawn(backend, HAT)
        for request in (
            replace(HAT, tileable=True),
            replace(HAT, before=noise(32)),
            replace(HAT, before=noise(32), region=region, tileable=True),
        ):
            whole = drawn(backend, request)
            with pytest.raises(Cancelled):
                backend.generate([request], cancel)
            assert np.array_equal(drawn(backend, HAT), plain)
            assert np.array_equal(drawn(backend, request), whole)


def test_a_card_draws_batches_and_halves_them_when_memory_runs_out(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no card here: its way of drawing runs on the processor, with a limit of two."""
    backend = make("tiny_sd")
    requests = [replace(HAT, seed=seed, prompt=f"hat {seed}") for seed in range(5)]
    alone = [drawn(backend, request) for request in requests]
    loaded = backend._loaded()
    sizes = []

    def limited(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        sizes.append(len(inputs[0]) // 2)  # with and without words
        if sizes[-1] > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")

    handle = loaded.first.unet.register_forward_pre_hook(limited)
    monkeypatch.setattr(loaded, "device", "a card")
    try:
        together = run_in_batches(backend.generate, requests, 4, ignore_steps)
        with pytest.raises(torch.OutOfMemoryError):
            backend.generate(requests, ignore_steps)
    finally:
        handle.remove()
    assert sizes[:2] == [4, 2]
    for one, result in zip(alone, together, strict=True):
        assert np.abs(one.astype(np.int16) - result.pixels).max() <= 2


def test_a_batch_of_a_card_holds_edits_regions_and_tiles(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    region = np.zeros((32, 32), np.uint8)
    region[4:20, 4:20] = 255
    shifted = np.roll(region, 8, 0)
    pairs = [
        (replace(HAT, before=noise(32)), replace(HAT, seed=2, before=noise(32)[::-1])),
        (replace(HAT, before=noise(32), region=region),
         replace(HAT, seed=2, before=noise(32)[::-1], region=shifted)),
        (replace(HAT, tileable=True), replace(HAT, tileable=True, seed=2)),
    ]  # fmt: skip
    for kind in ("tiny_sd", "tiny_flux", "tiny_z_image"):
        backend = make(kind)
        for pair in pairs:
            alone = [drawn(backend, request) for request in pair]
            with monkeypatch.context() as patch:
                patch.setattr(backend._loaded(), "device", "a card")
                together = backend.generate(list(pair), ignore_steps)
            for one, result in zip(alone, together, strict=True):
                assert np.abs(one.astype(np.int16) - result.pixels).max() <= 2


def test_what_waits_beside_the_card_draws_the_same(
    make: Make, folder_of: Callable[..., Path], loras: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no card here: parts move from main memory to main memory, by the same hooks."""
    from llamavis_studio.backends.diffusion import loading

    monkeypatch.setattr(loading, "choose_offload", lambda *_told: "model")
    options = {"steps": 2, "best_px": 32}
    backend = DiffusionBackend(
        ModelRecord("tiny", "diffusers", folder_of("tiny_sd"), options=options)
    )
    backend.load()
    region = np.full((32, 32), 255, np.uint8)
    for request in (
        HAT,
        replace(HAT, before=noise(32)),
        replace(HAT, before=noise(32), region=region),
        replace(HAT, tileable=True),
        replace(HAT, adapter=str(loras / "plain.safetensors")),
        replace(HAT, before=noise(32), adapter=str(loras / "plain.safetensors")),
        HAT,
    ):
        assert np.array_equal(drawn(backend, request), drawn(make("tiny_sd"), request))

    def cancel(_progress: StepProgress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        backend.generate([HAT], cancel)
    assert np.array_equal(drawn(backend, HAT), drawn(make("tiny_sd"), HAT))
    assert backend.embed(["a hat"]).shape == (1, 32)
    seen: list[StepProgress] = []
    backend.generate([replace(HAT, name="hat", watched=True)], seen.append)
    assert not any(step.glimpses for step in seen)  # a look would fetch the decoder
    backend.unload()


def test_values_that_are_no_numbers_are_told(make: Make) -> None:
    backend = make("tiny_sdxl")
    bias = backend._loaded().first.unet.conv_out.bias
    kept = bias.detach().clone()
    with torch.no_grad():
        bias.fill_(float("nan"))
        with pytest.raises(BackendError, match="no numbers"):
            drawn(backend, HAT)
        bias.copy_(kept)
    assert drawn(backend, HAT).any()


@pytest.mark.parametrize("withholds", [True, False])
def test_a_safety_checker_is_kept_and_speaks_for_itself(tmp_path: Path, withholds: bool) -> None:
    folder = tiny_diffusion.tiny_sd(tmp_path)
    tiny_diffusion.guard(folder, withholds=withholds)
    options = {"steps": 2, "precision": "bfloat16"}
    backend = DiffusionBackend(ModelRecord("tiny", "diffusers", folder, options=options))
    backend.load()
    assert backend._loaded().first.safety_checker is not None
    if withholds:
        with pytest.raises(BackendError, match="safety checker"):
            drawn(backend, HAT)
    else:
        assert len(np.unique(drawn(backend, HAT))) > 10


def test_a_safety_checker_that_was_not_fetched_is_done_without(tmp_path: Path) -> None:
    folder = tiny_diffusion.guard(tiny_diffusion.tiny_sd(tmp_path), withholds=True)
    for part in ("safety_checker", "feature_extractor"):
        shutil.rmtree(folder / part)
    backend = DiffusionBackend(ModelRecord("tiny", "diffusers", folder, options={"steps": 1}))
    backend.load()
    assert len(np.unique(drawn(backend, HAT))) > 10


def test_precision_is_that_of_the_option(make: Make) -> None:
    backend = make("tiny_flux", precision="bfloat16")
    assert backend._loaded().first.transformer.dtype == torch.bfloat16
    assert unlike(drawn(backend, HAT), drawn(make("tiny_flux"), HAT)) < 25


def test_what_was_distilled_goes_unguided(make: Make) -> None:
    for kind, told in (("tiny_sdxl", {"turbo": True}), ("tiny_flux", {"guided": False})):
        backend = make(kind, told)
        info = backend.info()
        assert not info.can_guide and not info.can_avoid
        same = replace(HAT, guidance_scale=9.0, negative_prompt="blue")
        assert np.array_equal(drawn(backend, HAT), drawn(backend, same))
