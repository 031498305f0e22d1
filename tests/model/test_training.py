"""Training: budgets, ways back, averages, and that a tiny model does learn what it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from llamavis_studio.model.config import preset_config
from llamavis_studio.model.drawing import draw_codes
from llamavis_studio.model.sampling import Sampling, read_captions
from llamavis_studio.model.text_encoder import TextEncoder, TokenStates
from llamavis_studio.model.train.loop import (
    Budget,
    Progress,
    Schedule,
    finished_average,
    optimizers,
    run,
)
from llamavis_studio.model.train.tokenizer import (
    PLAIN_STEPS,
    PictureSet,
    reconstruction_losses,
    to_float,
    train_tokenizer,
)
from llamavis_studio.model.train.unified import CodeSet, train_unified
from llamavis_studio.model.unified import LlamaVis, encode_prompts

MINILM = Path(__file__).parents[2] / "resources" / "models" / "minilm"


def seconds(count: float, total: float | None = None) -> Budget:
    return Budget(count / 60, None if total is None else total / 60)


class Slope(nn.Module):
    """Walks towards the answer 3."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def step(self, number: int) -> tuple[Tensor, int, Mapping[str, float]]:
        loss = (self.weight - 3).square().sum()
        return loss, 4, {"loss": loss.item()}


def train_slope(
    folder: Path, budget: Budget, lines: list[str] | None = None
) -> tuple[Slope, Progress]:
    slope = Slope()
    progress = run(
        "slope",
        slope,
        slope.step,
        folder=folder,
        budget=budget,
        found=optimizers(slope, 0.0, 0.1),
        report=(lines if lines is not None else []).append,
        schedule=Schedule(warmup_steps=1),
        average_decay=0.5,
    )
    return slope, progress


@pytest.mark.usefixtures("one_second_a_step")
def test_a_run_is_continued_where_it_stopped(tmp_path: Path) -> None:
    whole, once = train_slope(tmp_path / "whole", seconds(60))
    _, first = train_slope(tmp_path / "cut", seconds(25, total=60))
    cut, second = train_slope(tmp_path / "cut", seconds(35, total=60))
    assert 20 <= first.step <= 25 and first.images == 4 * first.step
    assert second.step == pytest.approx(once.step, abs=3)
    assert second.minutes == pytest.approx(1.0, abs=0.1)
    assert whole.weight.item() == pytest.approx(3, abs=0.2)
    assert cut.weight.item() == pytest.approx(whole.weight.item(), abs=0.05)


@pytest.mark.usefixtures("one_second_a_step")
def test_a_spent_budget_changes_nothing(tmp_path: Path) -> None:
    before, first = train_slope(tmp_path, seconds(20))
    after, second = train_slope(tmp_path, seconds(0))
    assert second.step == first.step
    assert torch.equal(after.weight, before.weight)


@pytest.mark.usefixtures("one_second_a_step")
def test_what_is_left_behind_is_the_average(tmp_path: Path) -> None:
    slope, progress = train_slope(tmp_path, seconds(12))
    raw = torch.load(tmp_path / "slope.state.pt", weights_only=True)["module"]["weight"]
    assert not torch.equal(slope.weight, raw)
    other = Slope()
    assert vars(finished_average("slope", tmp_path, other)) == vars(progress)
    assert torch.equal(other.weight, slope.weight)
    with pytest.raises(FileNotFoundError):
        finished_average("another", tmp_path, other)


@pytest.mark.usefixtures("one_second_a_step")
def test_progress_is_told_in_steps_images_and_minutes(tmp_path: Path) -> None:
    lines: list[str] = []
    train_slope(tmp_path, seconds(120), lines)
    assert len(lines) == 2
    assert lines[0].startswith("slope  step 50  images 200  loss ") and "min left" in lines[0]


@pytest.mark.usefixtures("one_second_a_step")
def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_last_save(tmp_path: Path) -> None:
    _, before = train_slope(tmp_path, seconds(10))
    slope = Slope()

    def broken(number: int) -> tuple[Tensor, int, Mapping[str, float]]:
        return slope.weight.sum() * float("nan"), 1, {}

    with pytest.raises(FloatingPointError, match="slope"):
        run(
            "slope",
            slope,
            broken,
            folder=tmp_path,
            budget=seconds(10),
            found=optimizers(slope, 0.0, 0.1),
            report=lambda line: None,
        )
    assert vars(finished_average("slope", tmp_path, Slope())) == vars(before)


def test_the_schedule_warms_up_stays_and_falls() -> None:
    schedule = Schedule(warmup_steps=10, fall_share=0.5, floor=0.1)
    assert schedule.factor(0, 0.0) == pytest.approx(0.1)
    assert schedule.factor(20, 0.3) == pytest.approx(1.0)
    assert schedule.factor(20, 0.75) == pytest.approx(0.55)
    assert schedule.factor(20, 1.0) == schedule.factor(20, 2.0) == pytest.approx(0.1)


def test_every_weight_has_exactly_one_optimizer() -> None:
    model = LlamaVis(preset_config("tiny", ("red",)))
    model.image_tokenizer.requires_grad_(False)
    found = optimizers(model, 1e-3, 1e-3)
    taught = [id(p) for o in found for group in o.param_groups for p in group["params"]]
    wanted = [id(p) for n, p in model.named_parameters() if not n.startswith("image_tokenizer")]
    assert sorted(taught) == sorted(wanted)


def simple_pictures() -> Tensor:
    """16 pictures of 16x16: a square of one colour on clear ground, ``(16, h, w, 4)`` uint8."""
    generator = torch.Generator().manual_seed(0)
    pictures = torch.zeros(16, 16, 16, 4, dtype=torch.uint8)
    for picture in pictures:
        top, left = torch.randint(0, 6, (2,), generator=generator).tolist()
        colour = torch.randint(40, 256, (3,), generator=generator, dtype=torch.uint8)
        picture[top : top + 9, left : left + 9, :3] = colour
        picture[top : top + 9, left : left + 9, 3] = 255
    return pictures


@pytest.mark.usefixtures("one_second_a_step")
def test_the_image_tokenizer_learns_pictures(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tokenizer = LlamaVis(preset_config("tiny")).image_tokenizer
    pictures = simple_pictures()

    def losses() -> tuple[float, float, float]:
        pixels = to_float(pictures)
        with torch.no_grad():
            out = tokenizer.decoder(tokenizer.codebooks.decode(tokenizer.encode(pixels), (4, 4)))
        colour, alpha, edges = reconstruction_losses(out, pixels)
        return float(colour), float(alpha), float(edges)

    before = losses()
    train_tokenizer(
        tokenizer,
        [PictureSet(pictures, torch.arange(16) < 4, torch.ones(16))],
        folder=tmp_path,
        budget=seconds(PLAIN_STEPS + 90),
        report=lambda line: None,
        batch=16,
    )
    after = losses()
    assert after[0] < 0.6 * before[0] and after[1] < 0.4 * before[1] and after[2] < before[2]
    codes = tokenizer.encode(to_float(pictures))
    assert len(codes[..., 0].unique()) > 8


class FewTexts(TextEncoder):
    """Encodes a few texts once; after that a step of training costs the tiny model only."""

    def __init__(self, texts: list[str]) -> None:
        whole = TextEncoder.load(MINILM)
        super().__init__(whole._bert, whole.tokenizer, whole.config)
        self._places = {text: i for i, text in enumerate(texts)}
        self._known = whole.encode_tokens(texts)

    def encode_tokens(self, texts: Sequence[str], max_tokens: int = 40) -> TokenStates:
        rows = torch.tensor([self._places[text] for text in texts])
        known = self._known
        return TokenStates(known.states[rows], known.mask[rows], known.ids[rows])


@pytest.mark.usefixtures("one_second_a_step")
def test_a_batch_can_be_learned_by_heart(tmp_path: Path) -> None:
    """Words to codes and codes to words: a few pictures come back exactly from their captions."""
    torch.manual_seed(0)
    words = ("red", "green", "blue", "wall", "dragon", "grey")
    captions = ["red dragon", "green dragon", "blue wall", "grey wall"]
    kinds = ["creature", "creature", "texture", "texture"]
    model = LlamaVis(preset_config("tiny", words))
    codes = torch.randint(0, 64, (4, 16, 3), generator=torch.Generator().manual_seed(1))
    encoder = FewTexts(captions)
    train_unified(
        model,
        encoder,
        [
            CodeSet(
                grid=(4, 4),
                codes=codes.unsqueeze(1).to(torch.int16),
                sample=torch.arange(4),
                kinds=kinds,
                captions=[(caption,) for caption in captions],
                weights=torch.ones(4),
                wraps=torch.zeros(4, dtype=torch.bool),
                alike=torch.zeros(4, 0, dtype=torch.long),
                pairs=torch.zeros(0, 2, dtype=torch.long),
            )
        ],
        folder=tmp_path,
        budget=seconds(200),
        report=lambda line: None,
        batch=20,
    )
    model.eval()
    prompt = encode_prompts(model, encoder, captions, kinds)
    sampling = Sampling(guidance_scale=1.0, temperature=0)
    drawn = draw_codes(model, prompt, model.no_prompt(4), (4, 4), [0] * 4, sampling)
    right = (drawn == codes).float().mean(dim=(1, 2))
    assert right.mean() > 0.9, right
    said = [captions[0].ids for captions in read_captions(model, codes, (4, 4))]
    expected = [
        [1 + model.config.kinds.index(kind)]
        + [1 + len(model.config.kinds) + words.index(word) for word in caption.split()]
        for kind, caption in zip(kinds, captions, strict=True)
    ]
    assert said == expected
