"""How much of a prompt a checkpoint reads, and what its text encoder makes of words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from llamavis_studio.backends.base import Vectors

_LONGEST = 77


def unread(tokenizer: Any, prompt: str, tokens: int) -> str:
    """The end of a prompt that lies beyond ``tokens``, "" where all is read."""
    room = max(1, min(tokens, tokenizer.model_max_length) - _framing(tokenizer))
    fast = getattr(tokenizer, "is_fast", False)
    told = tokenizer(prompt, add_special_tokens=False, return_offsets_mapping=fast)
    ids: list[int] = told["input_ids"]
    if len(ids) <= room:
        return ""
    if fast:
        return prompt[told["offset_mapping"][room][0] :].strip()
    return str(tokenizer.decode(ids[room:])).strip()


def _framing(tokenizer: Any) -> int:
    """Tokens that stand around every prompt: marks of begin and end, or a turn of a chat."""
    if getattr(tokenizer, "chat_template", None):
        turn = tokenizer.apply_chat_template(
            [{"role": "user", "content": ""}], tokenize=False, add_generation_prompt=True
        )
        return len(tokenizer(turn, add_special_tokens=False)["input_ids"])
    return int(tokenizer.num_special_tokens_to_add())


@torch.no_grad()
def text_vectors(pipe: Any, texts: Sequence[str]) -> Vectors:
    """Unit vectors ``(n, d)`` of the first text encoder, each text by itself."""
    rows = [_vector(pipe, text) for text in texts]
    if not rows:
        return np.zeros((0, int(pipe.text_encoder.config.hidden_size)), np.float32)
    vectors = torch.nn.functional.normalize(torch.stack(rows), dim=1)
    return np.asarray(vectors.cpu().numpy(), np.float32)


def _vector(pipe: Any, text: str) -> torch.Tensor:
    tokens = pipe.tokenizer(text, truncation=True, max_length=_LONGEST, return_tensors="pt")
    device = pipe._execution_device
    answer = pipe.text_encoder(
        input_ids=tokens.input_ids.to(device),
        attention_mask=tokens.attention_mask.to(device),
        output_hidden_states=True,
    )
    for name in ("text_embeds", "pooler_output"):
        pooled = getattr(answer, name, None)
        if pooled is not None:
            found: torch.Tensor = pooled[0].float()
            return found
    states: torch.Tensor = answer.hidden_states[-1][0].float()  # (T, d)
    return states.mean(dim=0)
