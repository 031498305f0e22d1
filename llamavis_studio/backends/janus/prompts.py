"""Words to the rows of tokens that an image is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from llamavis_studio.backends.janus.checkpoint import Janus
from llamavis_studio.backends.janus.options import PROMPT_PLACE

SLOTS_AT_ONCE = 32
"""Prompts are padded to whole multiples: those of about a length share a batch, and where a row
stands does not depend on its neighbours."""


@dataclass(frozen=True)
class PromptRows:
    """The conditional and the unconditional row of one image, and what was said.

    Args:
        wanted, free: ids.
        told: the words that the model reads.
        unread: the end of the prompt that did not fit.
        unread_negative: the same of the words to avoid.
    """

    wanted: tuple[int, ...]
    free: tuple[int, ...]
    told: str
    unread: str
    unread_negative: str = ""

    @property
    def slots(self) -> int:
        """Their length with padding."""
        longest = max(len(self.wanted), len(self.free))
        return -(-longest // SLOTS_AT_ONCE) * SLOTS_AT_ONCE


def prompt_rows(janus: Janus, template: str, prompt: str, negative: str) -> PromptRows:
    """The rows of a prompt in Janus's chat format, as `generation_mode="image"` of its processor.

    The unconditional row is the same with padding in place of all but its first and last token, as
    published. Words to avoid take the place of that padding: guidance then leads away from them;
    those that do not fit are left out. ``template`` says `{prompt}` where the words go.
    """
    around = len(_tokens(janus, template.replace(PROMPT_PLACE, "")))
    words, unread = _fitting(janus, _without_special(janus, prompt), around)
    told = template.replace(PROMPT_PLACE, words)
    wanted = _chat(janus, told)
    unread_negative = ""
    if negative:
        avoided, unread_negative = _fitting(janus, _without_special(janus, negative), 0)
        free = _chat(janus, avoided)
    else:
        stay = (janus.begin, janus.begin_image)
        free = [token if token in stay else janus.pad for token in wanted]
    return PromptRows(tuple(wanted), tuple(free), told, unread, unread_negative)


def padded(janus: Janus, rows: tuple[tuple[int, ...], ...], slots: int) -> tuple[Tensor, Tensor]:
    """Rows padded at their left: ids ``(R, slots)`` and bool ``(R, slots)``, True at tokens."""
    ids = torch.full((len(rows), slots), janus.pad, dtype=torch.long)
    real = torch.zeros(len(rows), slots, dtype=torch.bool)
    for place, row in enumerate(rows):
        ids[place, slots - len(row) :] = torch.tensor(row)
        real[place, slots - len(row) :] = True
    return ids.to(janus.device), real.to(janus.device)


def _chat(janus: Janus, words: str) -> list[int]:
    message = {"role": "user", "content": [{"type": "text", "text": words}]}
    text = janus.processor.apply_chat_template([message], add_generation_prompt=True)
    found: list[int] = janus.processor.tokenizer(
        f"{text}{janus.processor.image_start_token}"
    ).input_ids
    return found


def _without_special(janus: Janus, words: str) -> str:
    """Words that happen to be spelled as a special token would end the prompt."""
    for token in janus.processor.tokenizer.all_special_tokens:
        words = words.replace(token, " ")
    return words


def _tokens(janus: Janus, words: str) -> list[tuple[int, int]]:
    """Where each token of some words begins and ends."""
    found: list[tuple[int, int]] = janus.processor.tokenizer(
        words, add_special_tokens=False, return_offsets_mapping=True, verbose=False
    ).offset_mapping
    return found


def _fitting(janus: Janus, words: str, taken: int) -> tuple[str, str]:
    """The words that fit before an image and beside ``taken`` other tokens, and the rest."""
    room = max(1, janus.facts.prompt_tokens - taken)
    found = _tokens(janus, words)
    if len(found) <= room:
        return words, ""
    end = found[room][0]
    # Not in the middle of a word, if it has a beginning.
    end = words.rfind(" ", 0, end + 1) if " " in words[: end + 1].strip() else end
    return words[:end].rstrip(), words[end:].lstrip()
