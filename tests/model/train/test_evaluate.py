"""The evaluation on a toy world: right answers are counted as right, wrong ones as wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from llamavis_studio.model.memory import load_memory, save_memory
from llamavis_studio.model.pixels import to_bytes, to_tensor
from llamavis_studio.model.sampling import Sampling
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train import evaluate as evaluation
from llamavis_studio.model.train.drawing import Artist, Wish, draw
from llamavis_studio.model.train.evaluate import Extent, evaluate, record_evaluation
from llamavis_studio.model.train.fidelity import Judge, nearest_training_pictures
from llamavis_studio.model.train.measures import (
    TrainingPictures,
    code_bits,
    encode_samples,
    reconstruction,
    seam_ratio,
    word_f1,
)
from llamavis_studio.model.train.recollect import make_memory
from llamavis_studio.model.train.samples import SampleSet
from llamavis_studio.model.train.scorer import (
    Scorer,
    ScorerConfig,
    fit,
    load_scorer,
    ranks,
    save_scorer,
)
from llamavis_studio.model.train.sheets import read_prompts
from llamavis_studio.model.train.speed import decode_flops
from llamavis_studio.model.train.train_scorer import measure_scorer, train_scorer
from llamavis_studio.model.train.trials import CHOICES, make_trials
from tests.support.tiny_model import tiny_model
from tests.support.toy_samples import toy_samples

RESOURCES = Path(__file__).parents[3] / "resources"


@pytest.fixture(scope="module")
def samples() -> SampleSet:
    return toy_samples()


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load(RESOURCES / "models" / "minilm")


def small_scorer() -> Scorer:
    torch.manual_seed(0)
    return Scorer(ScorerConfig(widths=(8, 16, 16), text_hidden=32, space=16)).eval()


def few(numbers: int) -> Extent:
    return Extent(numbers, numbers, 20, 3, 2, 4, 2)


def test_the_whole_evaluation_runs_and_reports(
    samples: SampleSet, encoder: TextEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "QUICK", few(3))
    fixed = {
        f"{name}_batch_{b}": 1.0 for name in ("images_per_s", "share_of_sgemm") for b in (1, 16)
    }
    monkeypatch.setattr(
        evaluation.speed,
        "measure_in_process",
        lambda folder, minilm, quick: {**fixed, "peak_memory_mib": 1.0, "void": False},
    )
    lines: list[str] = []
    model = tiny_model()
    memory = make_memory(model.image_tokenizer, encoder, samples)
    result = evaluate(
        Artist(model, encoder, memory, Sampling()),
        samples,
        small_scorer(),
        report=lines.append,
        prompts_path=RESOURCES / "eval_prompts.txt",
        out_dir=tmp_path / "out",
        minilm=RESOURCES / "models" / "minilm",
        quick=True,
    )
    assert json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8")) == result
    assert (tmp_path / "out" / "prompts.png").stat().st_size > 1000
    assert (tmp_path / "out" / "textures.png").exists()
    text = "\n".join(lines)
    for measure in ("PSNR", "bits per", "fidelity", "novelty", "captions", "seam", "Chinese", "/s"):
        assert measure in text
    assert result["bits_per_image"]["told"] > 64
    assert 0 <= result["prompt_fidelity"]["drawn"]["all"] <= 1

    (tmp_path / "config.json").write_text('{"revision": "abc"}', "utf-8")
    record_evaluation(tmp_path, result)
    recorded = json.loads((tmp_path / "config.json").read_text("utf-8"))
    assert recorded == {"revision": "abc", "evaluation": result}


def test_trials_ask_about_held_out_names_only(samples: SampleSet) -> None:
    trials = make_trials(samples, per_kind=100)
    held = {s.captions[0] for s in samples.samples if s.split == "val"}
    assert trials == make_trials(samples, per_kind=100)
    assert {trial.kind for trial in trials} == {"item", "texture"}
    for trial in trials:
        assert len(set(trial.captions)) == CHOICES and set(trial.captions) <= held
        assert trial.caption == samples.samples[trial.number].captions[0]


def test_ranks_count_better_and_equal_captions() -> None:
    pictures = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    texts = torch.tensor([[[1.0, 0], [0, 1], [0.5, 0.5]], [[0.5, 0.5], [0, 1.0], [0.5, 0.5]]])
    assert ranks(pictures, texts).tolist() == [0, 2]


def test_a_scorer_learns_and_makes_the_round(
    samples: SampleSet, encoder: TextEncoder, tmp_path: Path
) -> None:
    # Asked about the pictures it was shown: forty steps over a toy world teach nothing general.
    other = {"train": "val", "val": "train"}
    turned = tuple(replace(s, split=other[s.split]) for s in samples.samples)
    trials = make_trials(replace(samples, samples=turned), per_kind=100)
    before = measure_scorer(small_scorer(), encoder, samples, trials)["all"]
    lines: list[str] = []
    scorer, record = train_scorer(
        samples,
        encoder,
        0.0,
        report=lines.append,
        batch=24,
        least_steps=40,
        config=ScorerConfig(widths=(16, 24, 32), text_hidden=64, space=32),
    )
    after = measure_scorer(scorer, encoder, samples, trials)["all"]
    assert record["steps"] == 40 and 0 <= record["rank_1_of_32"]["all"] <= 1
    assert before < 0.2 and after > 0.5
    save_scorer(scorer, tmp_path, record)
    loaded = load_scorer(tmp_path)
    pictures = [samples.picture(n) for n in range(4)]
    torch.testing.assert_close(loaded.look(pictures), scorer.look(pictures), atol=0.02, rtol=0.02)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((32, 32), (32, 32)), ((48, 32), (48, 32)), ((16, 16), (32, 32)), ((128, 128), (64, 64))],
)
def test_pictures_of_any_size_can_be_looked_at(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    picture = np.full((size[1], size[0], 4), 200, np.uint8)
    fitted = fit(picture)
    assert fitted.shape == (4, expected[1], expected[0])
    assert float(fitted.min()) == pytest.approx(200 / 255, abs=1e-3)
    small_scorer().look([picture, np.zeros((100, 37, 4), np.uint8)])


def test_reconstruction_of_equal_and_of_other_pictures(samples: SampleSet) -> None:
    first, second = samples.picture(0), samples.picture(30)
    same = reconstruction([first], [first])
    assert same["psnr_db"] > 60 and same["alpha_accuracy"] == same["edge_f1"] == 1
    shifted = first.astype(np.int16) + np.array([10, -10, 10, 0])
    near = reconstruction([first], [shifted.clip(0, 255).astype(np.uint8)])
    assert near["psnr_db"] == pytest.approx(28.1, abs=2) and near["alpha_accuracy"] == 1
    other = reconstruction([first], [second])
    assert other["psnr_db"] < 15 and other["edge_f1"] < 0.9


def test_bits_are_those_of_the_shares(samples: SampleSet, encoder: TextEncoder) -> None:
    """With heads that say nothing, every code costs the logarithm of its codebook."""
    model = tiny_model()
    for name, parameter in model.named_parameters():
        if name.startswith("heads.out."):
            torch.nn.init.zeros_(parameter)
    codes, _ = encode_samples(model.image_tokenizer, samples, [0, 50])
    for with_words in (True, False):
        bits = code_bits(model, encoder, samples, codes, with_words=with_words)
        assert bits == {n: pytest.approx(64 * 18, rel=1e-4) for n in (0, 50)}


def test_novelty_knows_training_pictures_as_the_tokenizer_draws_them(samples: SampleSet) -> None:
    tokenizer = tiny_model().image_tokenizer
    # An untaught tokenizer draws nothing like the pictures: let every one be looked at.
    training = TrainingPictures(tokenizer, samples, shortlist=100)
    known = [n for n, s in enumerate(samples.samples) if s.split == "train"][::9]
    for picture in encode_samples(tokenizer, samples, known)[1].values():
        assert training.difference(picture) == 0
        softened = (picture.astype(np.int16) - 15).clip(0, 255)
        softened[..., 3] = picture[..., 3]
        assert training.difference(softened.astype(np.uint8)) == 0
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 4), np.uint8)
    assert training.difference(noise) > 0.5


def test_seam_ratio_tells_tiles_from_pictures_with_edges() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 4), np.uint8)
    ramp = np.repeat(np.add.outer(np.arange(32) * 4, np.arange(32) * 4)[..., None], 4, 2)
    assert seam_ratio([noise]) == pytest.approx(1.0, abs=0.15)
    assert seam_ratio([ramp.astype(np.uint8)]) > 10


@pytest.mark.parametrize(
    ("said", "true", "f1"),
    [
        ("a red dragon", "red dragon", 1.0),
        ("green dragon", "a red dragon", 0.5),
        ("", "red dragon", 0.0),
        ("the of", "a", 1.0),
    ],
)
def test_word_f1_leaves_small_words_out(said: str, true: str, f1: float) -> None:
    assert word_f1(said, true) == pytest.approx(f1)


def test_looking_up_finds_the_training_picture_of_like_words(
    samples: SampleSet, encoder: TextEncoder
) -> None:
    trials = make_trials(samples, per_kind=5)
    found = nearest_training_pictures(encoder, samples, trials, 100)
    train = [s.row for s in samples.samples if s.split == "train"]
    pixels = samples.pixels[32, 32][train]
    for picture, trial in zip(found, trials, strict=True):
        assert (pixels == picture).all((1, 2, 3)).any()
        assert not np.array_equal(picture, samples.picture(trial.number))


def test_the_judge_counts_first_places(samples: SampleSet, encoder: TextEncoder) -> None:
    class Perfect(Scorer):
        """Pictures are known by their row, captions by their vector."""

        def embed_texts(self, vectors: torch.Tensor) -> torch.Tensor:
            return vectors

        def look(self, pictures: list[np.ndarray], batch: int = 64) -> torch.Tensor:
            texts = []
            for picture in pictures:
                same = (samples.pixels[32, 32] == picture).all((1, 2, 3))
                texts.append(samples.samples[int(same.argmax())].captions[0])
            return encoder.embed(texts)

    trials = make_trials(samples, per_kind=100)
    judge = Judge(Perfect(), encoder, trials)
    right = [samples.picture(trial.number) for trial in trials]
    assert judge.shares(judge.first(right))["all"] == 1
    turned = right[1:] + right[:1]
    assert judge.shares(judge.first(turned))["all"] < 0.1


def test_flops_grow_as_counted_by_hand() -> None:
    config = tiny_model().config
    one = decode_flops(config, words=4, positions=16, rows=1)
    assert decode_flops(config, words=4, positions=16, rows=8) == 8 * one
    parameters = sum(p.numel() for p in tiny_model().backbone.parameters() if p.dim() == 2)
    assert one > 2 * parameters * (1 + 4 + 16)
    assert one < 4 * parameters * (1 + 4 + 16)
    more = decode_flops(config, words=4, positions=16, rows=1, references=16)
    assert more - one > 2 * parameters * 16
    assert more - one < 4 * parameters * 16


def test_prompt_lines_without_a_kind_are_named(tmp_path: Path) -> None:
    assert len(read_prompts(RESOURCES / "eval_prompts.txt")) == 100
    path = tmp_path / "prompts.txt"
    path.write_text("item\tred potion\nno kind here\n", "utf-8")
    with pytest.raises(ValueError, match=":2: a kind, a tab"):
        read_prompts(path)


def test_pictures_and_tensors_are_inverse(samples: SampleSet) -> None:
    pictures = [samples.picture(0), samples.picture(60)]
    for before, after in zip(pictures, to_bytes(to_tensor(pictures)), strict=True):
        assert np.array_equal(before, after)


def test_what_is_judged_takes_after_the_memory(
    samples: SampleSet, encoder: TextEncoder, tmp_path: Path
) -> None:
    model = tiny_model()
    memory = make_memory(model.image_tokenizer, encoder, samples)
    wishes = [Wish("red ball", "item", 1), Wish("red ball wall", "texture", 2, wrap=True)]
    alone = draw(Artist(model, encoder, None, Sampling()), wishes)
    shown = draw(Artist(model, encoder, memory, Sampling()), wishes)
    assert all(not np.array_equal(a, b) for a, b in zip(alone, shown, strict=True))
    again = load_memory(save_memory(memory, tmp_path))
    assert torch.equal(again.codes, memory.codes)
    one_by_one = [draw(Artist(model, encoder, memory, Sampling()), [wish])[0] for wish in wishes]
    assert all(np.array_equal(a, b) for a, b in zip(one_by_one, shown, strict=True))
