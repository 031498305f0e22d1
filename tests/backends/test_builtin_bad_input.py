"""The built-in backend and input that nobody should send: a picture or words, never a crash."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from llamavis_studio.backends.base import CaptionRequest, ImageRequest, Pixels, ignore_steps
from llamavis_studio.backends.builtin import BuiltinBackend
from llamavis_studio.cli import run
from llamavis_studio.core.errors import ModelMissing
from llamavis_studio.imaging.png import decode_image
from tests.support.games import described, make_game


@pytest.fixture(scope="module")
def backend(checkpoint: Path) -> Iterator[BuiltinBackend]:
    backend = BuiltinBackend(checkpoint)
    backend.load()
    yield backend
    backend.unload()


def asked(prompt: str, **more: object) -> ImageRequest:
    return ImageRequest(prompt, "item", (32, 32), 1, **more)  # type: ignore[arg-type]


def drawn(backend: BuiltinBackend, request: ImageRequest) -> Pixels:
    (result,) = backend.generate([request], ignore_steps)
    assert result.pixels.shape == (32, 32, 4) and result.pixels.dtype == np.uint8
    return result.pixels


PROMPTS = {
    "empty": "",
    "whitespace": "  \t\n ",
    "5000 words": "red dragon " * 2500,
    "5000 Chinese words": "红龙" * 5000,
    "one endless word": "a" * 100_000,
    "punctuation": "!!! ??? ... ((( ;;; ---",
    "Chinese punctuation": "，。！？《》",
    "unknown words": "zxqv wvutk qqqqz",
    "unknown Chinese": "龘䨻㵘",
    "right to left": "تنين أحمر و סוס ירוק",
    "turned around": "\u202edragon\u202c \u200f\u200e",
    "emoji": "🐉🔥 👩‍👩‍👧 🇨🇳 ☠️",
    "combining marks": "d\u0336r\u0336a\u0336g\u0336o\u0336n\u0336" * 50,
    "contradictory colours": "red blue green black white transparent opaque ball, not a ball",
    "other scripts": "красный дракон ドラゴン 용 มังกร",
    "control characters": "red\x00\x07\x1b[31m dragon\x7f",
    "half a surrogate pair": "dragon \ud83d",
    "markup": "<script>red</script> %s {0} \\n ' OR 1=1 --",
    "special tokens": "[CLS] [SEP] [PAD] [MASK] [UNK] ##s",
}


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_any_text_is_drawn_the_same_each_time(backend: BuiltinBackend, prompt: str) -> None:
    plain = asked("a red dragon")
    together = backend.generate([plain, asked(prompt), asked("x", negative_prompt=prompt)],
                                ignore_steps)  # fmt: skip
    assert np.array_equal(together[1].pixels, drawn(backend, asked(prompt)))
    assert np.array_equal(together[0].pixels, drawn(backend, plain))


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_any_text_has_a_vector(backend: BuiltinBackend, prompt: str) -> None:
    vectors = backend.embed([prompt, "a red dragon"])
    assert np.isfinite(vectors).all()
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3)


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_any_text_can_be_what_a_version_was_made_from(backend: BuiltinBackend, prompt: str) -> None:
    before = np.full((32, 32, 4), 255, np.uint8)
    request = asked("a red dragon", before=before, before_prompt=prompt)
    assert np.array_equal(drawn(backend, request), drawn(backend, request))


def test_words_past_the_limit_change_nothing(backend: BuiltinBackend) -> None:
    long = "red dragon " * 2500
    assert np.array_equal(drawn(backend, asked(long)), drawn(backend, asked(long + "green wall")))


def test_words_that_nobody_knows_are_named(backend: BuiltinBackend) -> None:
    (result,) = backend.generate([asked("红色的龘")], ignore_steps)
    assert result.unknown_words == ("龘",) and result.expanded_prompt == "red"
    (result,) = backend.generate([asked("龘")], ignore_steps)
    assert result.unknown_words == ("龘",) and result.expanded_prompt == "龘"


def test_an_unknown_kind_is_one_not_said(backend: BuiltinBackend) -> None:
    (result,) = backend.generate([ImageRequest("a hat", "spaceship", (32, 32), 1)], ignore_steps)
    assert result.pixels.shape == (32, 32, 4)


SHAPES = [(1, 1, 3), (1, 1, 4), (1, 500, 4), (500, 1, 3), (31, 33, 4), (1024, 768, 3)]


@pytest.mark.parametrize("shape", SHAPES)
def test_pictures_of_any_size_can_be_taken_after_edited_and_read(
    backend: BuiltinBackend, shape: tuple[int, int, int]
) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    region = np.zeros(shape[:2], np.uint8)
    region[: max(1, shape[0] // 2)] = 1
    drawn(backend, asked("a hat", references=(picture,)))
    drawn(backend, asked("a hat", before=picture))
    drawn(backend, asked("a hat", before=picture, region=region))
    drawn(backend, asked("a hat", before=picture, strength=0.5))
    (answer,) = backend.caption([CaptionRequest(picture)], ignore_steps)
    assert answer.caption


@pytest.mark.parametrize("alpha", [0, 1, 127, 128])
def test_pictures_that_are_clear_or_nearly_so(backend: BuiltinBackend, alpha: int) -> None:
    picture = np.full((32, 32, 4), (200, 10, 10, alpha), np.uint8)
    drawn(backend, asked("a hat", references=(picture,), before=picture))
    result = drawn(backend, asked("a hat", before=picture, strength=0.0))
    assert (result[..., 3] == (255 if alpha >= 128 else 0)).all()
    (answer,) = backend.caption([CaptionRequest(picture)], ignore_steps)
    assert answer.caption


@pytest.mark.parametrize("extreme", [{"guidance_scale": 0.0}, {"guidance_scale": 1000.0},
                                     {"temperature": 1e-9}, {"temperature": 100.0},
                                     {"top_p": 1e-9}, {"top_p": 1.0}])  # fmt: skip
def test_extreme_ways_of_drawing(backend: BuiltinBackend, extreme: dict[str, float]) -> None:
    request = asked("a hat", **extreme)
    assert np.array_equal(drawn(backend, request), drawn(backend, request))


# --- through the command line and the build ------------------------------------------------------


@pytest.fixture
def at_the_command_line(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., int]:
    monkeypatch.setenv("LLAMAVIS_BUILTIN_MODEL", str(checkpoint))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: run(list(arguments))


@pytest.mark.parametrize("kind", ["item", "texture", "background"])
@pytest.mark.parametrize("size", ["30x30", "33x17", "4x5", "70x65", "101x30"])
def test_any_size_comes_out_as_asked_for(
    at_the_command_line: Callable[..., int], kind: str, size: str
) -> None:
    """Drawn at the model's own size, then fitted or cropped; sides need not be multiples of 4."""
    made = ("generate", "a red thing", "--kind", kind, "--size", size, "-o", "a.png")
    assert at_the_command_line(*made) == 0
    pixels = decode_image(Path("a.png"))
    width, height = (int(side) for side in size.split("x"))
    assert pixels.shape == (height, width, 4 if kind == "item" else 3)
    if kind == "item" and size == "30x30":
        assert (pixels[..., 3] > 0).any()


def save_odd_files(folder: Path) -> list[str]:
    """Pictures as people have them: printed, animated, with a palette, grey, deep, of two bits."""
    rng = np.random.default_rng(0)
    rgb = Image.fromarray(rng.integers(0, 256, (20, 30, 3), np.uint8))
    rgba = Image.fromarray(rng.integers(0, 256, (45, 9, 4), np.uint8))
    frames = [Image.fromarray(rng.integers(0, 256, (16, 16, 3), np.uint8)) for _ in range(3)]
    rgb.convert("CMYK").save(folder / "print.jpg")
    frames[0].save(folder / "moves.gif", save_all=True, append_images=frames[1:])
    frames[0].save(folder / "moves.png", save_all=True, append_images=frames[1:])
    frames[0].save(folder / "moves.webp", save_all=True, append_images=frames[1:])
    rgb.convert("P").save(folder / "palette.png", transparency=3)
    rgb.convert("1").save(folder / "bits.png")
    rgba.convert("LA").save(folder / "grey.png")
    Image.fromarray(rng.integers(0, 65536, (20, 20), np.uint16)).save(folder / "deep.png")
    rgba.save(folder / "thin.png")
    return sorted(path.name for path in folder.iterdir())


def test_references_and_captions_of_any_file(
    at_the_command_line: Callable[..., int], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    game = make_game(tmp_path / "game", {"llamavis.toml": '[project]\nname = "game"\n'})
    (game / "art").mkdir()
    names = save_odd_files(game / "art")
    for name in names:
        text = described("a hat", f'kind = "item"\nreferences = ["art/{name}"]\n')
        (game / f"{name.replace('.', '_')}.desc.toml").write_text(text, "utf-8")
    assert at_the_command_line("build", str(game)) == 0, capfd.readouterr()
    hats = {(game / f"{name.replace('.', '_')}.png").read_bytes() for name in names}
    assert len(hats) == len(names) == 9
    assert at_the_command_line("caption", *(str(game / "art" / name) for name in names)) == 0


# --- checkpoints that are not what they were -----------------------------------------------------


@pytest.fixture
def copy(checkpoint: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(checkpoint, tmp_path / "copy"))


def is_missing(folder: Path, words: str) -> None:
    backend = BuiltinBackend(folder)
    with pytest.raises(ModelMissing, match=words) as caught:
        backend.load()
    assert caught.value.hint
    with pytest.raises(ModelMissing):  # not half loaded either
        backend.load()


@pytest.mark.parametrize("name", ["model-00001-of-00001.safetensors", "memory.safetensors"])
@pytest.mark.parametrize("keep", [0, 200, -1])
def test_files_that_are_cut_short(copy: Path, name: str, keep: int) -> None:
    (copy / name).write_bytes((copy / name).read_bytes()[:keep])
    is_missing(copy, f"{name} is not the file that config.json names")


def test_files_that_were_swapped(copy: Path) -> None:
    weights, memory = copy / "model-00001-of-00001.safetensors", copy / "memory.safetensors"
    first, second = weights.read_bytes(), memory.read_bytes()
    weights.write_bytes(second)
    is_missing(copy, "is not the file that config.json names")
    weights.write_bytes(first)
    memory.write_bytes(first)
    is_missing(copy, "is not the file that config.json names")
    memory.unlink()
    is_missing(copy, "cannot be read")


def test_weights_that_are_not_numbers(tmp_path: Path) -> None:
    from llamavis_studio.model.checkpoint import save_checkpoint
    from tests.support.tiny_model import tiny_model

    model = tiny_model()
    model.backbone.layers[0].mlp.up_proj.weight[3, 4] = float("nan")  # type: ignore[union-attr]
    save_checkpoint(model, tmp_path / "nan", {})
    is_missing(tmp_path / "nan", "holds values that are not numbers")


def test_a_text_encoder_that_is_not_there(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="text encoder"):
        BuiltinBackend(copy, minilm=tmp_path / "nowhere").load()


def test_the_command_line_says_what_is_missing(
    at_the_command_line: Callable[..., int],
    copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (copy / "memory.safetensors").write_bytes(b"")
    monkeypatch.setenv("LLAMAVIS_BUILTIN_MODEL", str(copy))
    assert at_the_command_line("generate", "a hat", "-o", "a.png") == 1
    told = capfd.readouterr().err
    assert "memory.safetensors is not the file" in told and "Traceback" not in told
    assert not Path("a.png").exists()
