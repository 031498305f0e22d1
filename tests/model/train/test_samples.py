from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.model.train.samples import SampleSet, make_samples, split_of, subset
from llamavis_studio.model.train.words import table


@pytest.fixture
def samples(data_dir: Path) -> SampleSet:
    return make_samples(data_dir, 0, composites=40, scenes=21, surfaces=30, props=0)


def test_every_sample_points_at_a_picture_of_its_size(samples: SampleSet) -> None:
    for number, sample in enumerate(samples.samples):
        picture = samples.picture(number)
        assert picture.shape == (sample.size[1], sample.size[0], 4)
        assert picture.dtype == np.uint8
        assert not picture[picture[..., 3] == 0].any()


def test_captions_are_lower_case_without_placeholders_or_file_names(samples: SampleSet) -> None:
    for sample in samples.samples:
        assert sample.captions
        for caption in sample.captions:
            assert caption == caption.lower() == " ".join(caption.split())
            assert not set(caption) & set("{}_0123456789")


def test_drawn_things_come_last_and_change_nothing_before_them(
    data_dir: Path, samples: SampleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {name: table("props")["props"][name] for name in ("torch", "barrel", "lily pad")}
    monkeypatch.setitem(table("props"), "props", few)
    more = make_samples(data_dir, 0, composites=40, scenes=21, surfaces=30, props=1)
    assert more.samples[: len(samples.samples)] == samples.samples
    drawn = more.samples[len(samples.samples) :]
    assert {sample.source for sample in drawn} == {"prop"}
    assert len(drawn) == sum(1 + len(entry["paints"]) for entry in few.values())
    torch = next(s for s in drawn if s.captions[0] == "torch")
    assert "orange torch" in torch.captions and "火把" in torch.captions_zh
    assert torch.kind == "item"


def test_names_are_cleaned_and_junk_is_dropped(samples: SampleSet) -> None:
    first = {s.captions[0]: s.kind for s in samples.samples if s.source.startswith("tiles/")}
    assert first["red fire dragon"] == "creature"
    assert first["red potion"] == "item"
    assert first["grey brick wall"] == "texture"
    assert not any("agnes" in c or "clock" in c for s in samples.samples for c in s.captions)


def test_emoji_keep_both_languages(samples: SampleSet) -> None:
    apple = next(s for s in samples.samples if s.source == "emoji")
    assert (apple.captions[0], apple.captions_zh) == ("green apple", ("青苹果",))
    assert apple.kind == "item"


def test_variants_of_one_name_stay_on_one_side(samples: SampleSet) -> None:
    sides: dict[str, set[str]] = {}
    for sample in samples.samples:
        if sample.kind != "character":
            sides.setdefault(sample.name, set()).add(sample.split)
    assert all(len(side) == 1 for side in sides.values())


def test_about_four_percent_of_names_are_kept_for_validation() -> None:
    names = [f"name {i}" for i in range(5000)]
    share = sum(split_of(name) == "val" for name in names) / len(names)
    assert 0.03 < share < 0.05


def test_the_same_seed_makes_the_same_samples(data_dir: Path, samples: SampleSet) -> None:
    again = make_samples(data_dir, 0, composites=40, scenes=21, surfaces=30, props=0)
    assert again.samples == samples.samples
    assert all((again.pixels[size] == array).all() for size, array in samples.pixels.items())


def test_saving_and_loading_keeps_everything(samples: SampleSet, tmp_path: Path) -> None:
    samples.save(tmp_path / "set")
    loaded = SampleSet.load(tmp_path / "set")
    assert loaded.samples == samples.samples
    assert (loaded.pairs == samples.pairs).all()
    assert loaded.pixels.keys() == samples.pixels.keys()
    assert all((loaded.pixels[size] == array).all() for size, array in samples.pixels.items())


def test_a_subset_keeps_pictures_and_pairs_in_step(samples: SampleSet) -> None:
    train = subset(samples, "train")
    assert {s.split for s in train.samples} == {"train"}
    for first, second in train.pairs:
        assert train.samples[first].kind == train.samples[second].kind


def test_textures_that_say_they_repeat_do(samples: SampleSet) -> None:
    for number, sample in enumerate(samples.samples):
        if sample.source != "surface":
            continue
        grey = samples.picture(number)[..., :3].astype(float).mean(-1)
        seam = np.abs(grey[0] - grey[-1]).mean() + np.abs(grey[:, 0] - grey[:, -1]).mean()
        inner = [
            np.abs(grey[i] - grey[i - 1]).mean() + np.abs(grey[:, i] - grey[:, i - 1]).mean()
            for i in range(1, len(grey))
        ]
        assert sample.tileable
        # Patterns of few rows have strong steps, so the seam is held against the strongest.
        assert seam <= 1.3 * max(inner) + 1.0
