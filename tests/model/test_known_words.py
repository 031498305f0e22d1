"""Words nobody ever wrote are found; real ones are not accused."""

from __future__ import annotations

from pathlib import Path

import pytest

from llamavis_studio.model.known_words import unknown_english
from llamavis_studio.model.text_encoder import TextEncoder

MINILM = Path(__file__).parents[2] / "resources" / "models" / "minilm"


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load(MINILM)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("female elf in a green robe holding a bow", ()),
        ("knights in armour with swords, mushrooms and potions", ()),
        ("red blorpity with xqzzt, red blorpity", ("blorpity", "xqzzt")),
        ("", ()),
        ("!!! 123", ()),
        ("Flibbertigibbets", ("flibbertigibbets",)),
    ],
)
def test_only_nonsense_is_unknown(
    text: str, unknown: tuple[str, ...], encoder: TextEncoder
) -> None:
    assert unknown_english(text, encoder) == unknown


def test_what_training_pictures_are_called_is_known(encoder: TextEncoder) -> None:
    assert unknown_english("a blorpity", encoder, ["green blorpity with horns"]) == ()
    assert unknown_english("two minotaurs", encoder, ["brown minotaur"]) == ()


def test_every_prompt_of_the_evaluation_is_known(encoder: TextEncoder) -> None:
    prompts = MINILM.parents[1] / "eval_prompts.txt"
    lines = [line.partition("#")[0] for line in prompts.read_text("utf-8").splitlines()]
    found = {word for line in lines for word in unknown_english(line, encoder)}
    assert len(found) <= 3, found
