"""What a model said, and how sure it was of each part of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spoken:
    """A text with its tokens: where each begins and ends in it, and the logarithm of the
    probability that the model gave it (at most 0). ``ids`` are all tokens that were chosen, with
    those that add nothing to the text.
    """

    text: str
    spans: tuple[tuple[int, int], ...] = ()
    log_p: tuple[float, ...] = ()
    ids: tuple[int, ...] = ()

    @property
    def confidence(self) -> float:
        """The geometric mean of the tokens' probabilities, 0..1; 0 where nothing was said."""
        return _mean(self.log_p)

    def sureness(self, begin: int, end: int) -> float:
        """The same of the tokens that reach into ``text[begin:end]``.

        A mean and no product: a word is not less sure for being spelt in more tokens.
        """
        return _mean(
            [
                p
                for (first, last), p in zip(self.spans, self.log_p, strict=True)
                if first < end and last > begin
            ]
        )


def spoken(
    ids: Sequence[int], log_p: Sequence[float], decode: Callable[[Sequence[int]], str]
) -> Spoken:
    """Put tokens and their logarithmic probabilities together.

    ``decode`` turns ids into text; tokens that add nothing to it, such as those of control, have an
    empty span and do not count. It is asked again for each token, because only the whole decides
    how bytes become letters and where spaces go.
    """
    spans, kept, length = [], [], 0
    for count, p in enumerate(log_p, 1):
        end = len(decode(ids[:count]))
        if end > length:
            spans.append((length, end))
            kept.append(p)
            length = end
    return Spoken(decode(ids), tuple(spans), tuple(kept), tuple(ids))


def _mean(log_p: Sequence[float]) -> float:
    return math.exp(math.fsum(log_p) / len(log_p)) if log_p else 0.0
