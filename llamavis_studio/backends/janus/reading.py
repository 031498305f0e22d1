"""Pictures to words: a sentence, tags, the kind of picture, and answers to free questions.

The model reads a picture once; each question is then asked from the same place in the cache. The
likeliest word is taken each time. The kind is not asked for in words: the six that there are get
compared by how likely the model finds each as its answer.

B pictures, T tokens, D width.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from llamavis_studio.backends.base import (
    CaptionRequest,
    CaptionResult,
    OnStep,
    Pixels,
    StepProgress,
    Tag,
    Vectors,
)
from llamavis_studio.backends.builtin_reading import measured_colours
from llamavis_studio.backends.janus.checkpoint import Janus
from llamavis_studio.backends.janus.decoder import Cache
from llamavis_studio.backends.janus.editing import on_paper
from llamavis_studio.backends.janus.options import JanusOptions
from llamavis_studio.backends.pretrained import refuse_nan
from llamavis_studio.core.errors import BackendError

KINDS = ("texture", "material", "sprite", "character", "item", "background")
MOST_TAGS = 10
_MOST_TAG_WORDS = 3
_TEXTS_AT_ONCE = 16
_LEAST_ROWS = 2
_KIND_UNASKED = "item"
"""Stands in answers to free questions, where the kind is not asked for."""


@dataclass(frozen=True)
class Answer:
    """What the model said, and the probability of each part of it.

    ``parts`` are pieces of ``text``, one a token, each with its probability.
    """

    text: str
    parts: tuple[tuple[str, float], ...]

    @property
    def confidence(self) -> float:
        """The geometric mean of the probabilities of its tokens; 0 for silence."""
        return _mean([p for _, p in self.parts])


class Reader:
    """Reads pictures with a loaded model; ``model`` is what captions are signed with."""

    def __init__(self, janus: Janus, options: JanusOptions, model: str) -> None:
        self._janus, self._options, self._model = janus, options, model

    def caption(self, requests: Sequence[CaptionRequest], on_step: OnStep) -> list[CaptionResult]:
        """A caption or an answer a picture, in batches; see ``Backend.caption``.

        Raises BackendError for a question longer than what the model holds.
        """
        results: list[CaptionResult | None] = [None] * len(requests)
        by_question: dict[str, list[int]] = {}
        for place, request in enumerate(requests):
            by_question.setdefault(request.question, []).append(place)
        most, done = self._options.max_batch, 0
        total = sum(_stages(request) for request in requests)
        for question, places in by_question.items():
            for start in range(0, len(places), most):
                part = places[start : start + most]

                def told(steps: int, before: int = done) -> None:
                    on_step(StepProgress(before + steps, total))

                pictures = [requests[place].pixels for place in part]
                said = self._read(pictures, question, told)
                for place, one in zip(part, said, strict=True):
                    results[place] = one
                done += sum(_stages(requests[place]) for place in part)
        return [one for one in results if one is not None]

    @torch.inference_mode()
    def _read(
        self, pictures: Sequence[Pixels], question: str, told: Callable[[int], None]
    ) -> list[CaptionResult]:
        """What one batch is asked; ``told`` counts the `_stages` of all its pictures."""
        options, count = self._options, len(pictures)
        first = question or options.caption_question
        further = () if question else (options.tags_question, options.kind_question)
        desk = _Desk(self._janus, pictures, (first, *further), options.answer_tokens)
        desk.read(told)
        sentences = desk.answers(first, lambda: told(count))
        told(2 * count)
        lists, kinds = [Answer("", ())] * count, [_KIND_UNASKED] * count
        if not question:
            lists = desk.answers(options.tags_question, lambda: told(2 * count))
            told(3 * count)
            kinds = desk.choices(options.kind_question, KINDS)
            told(4 * count)
        return [
            CaptionResult(
                caption=sentence.text or ("" if question else kind),
                tags=tags_of(listed),
                kind=kind,
                in_domain=True,
                model=self._model,
                colours=measured_colours(picture),
                confidence=round(sentence.confidence, 3),
            )
            for picture, sentence, listed, kind in zip(
                pictures, sentences, lists, kinds, strict=True
            )
        ]


def _stages(request: CaptionRequest) -> int:
    """Steps of a picture: reading it and its question, or the three of a caption."""
    return 2 if request.question else 4


class _Desk:
    """Pictures that were read, and questions about all of them."""

    def __init__(
        self, janus: Janus, pictures: Sequence[Pixels], asked: Sequence[str], answer_tokens: int
    ) -> None:
        self._janus, self._answer_tokens = janus, answer_tokens
        self._pictures = [torch.from_numpy(on_paper(one).copy()).byte() for one in pictures]
        self._questions = {question: self._prompt(question) for question in asked}
        # Everything up to the end of the image is the same for each question.
        first = self._questions[asked[0]]
        self._prefix = first[: first.index(janus.end_image) + 1]
        longest = max(len(ids) for ids in self._questions.values())
        kinds = max(len(self._choice(kind)) for kind in KINDS)
        slots = longest + max(answer_tokens, kinds)
        if slots > janus.facts.context:
            raise BackendError(
                f"the question is too long: with the picture and the answer it takes {slots} "
                f"tokens, and the model '{janus.name}' holds {janus.facts.context}",
                "ask a shorter question, or lower the option 'answer_tokens'",
            )
        rows = max(_LEAST_ROWS, len(pictures))
        self._cache: Cache = janus.decoder.cache(rows, slots)
        self._rows = rows

    def read(self, told: Callable[[int], None]) -> None:
        """Have the model look at each picture; ``told`` counts them and may raise to stop."""
        janus = self._janus
        ids = torch.tensor(self._prefix, device=janus.device)
        words = janus.decoder.embeddings[ids]  # (T, D)
        at = ids == janus.processor.tokenizer.convert_tokens_to_ids(janus.processor.image_token)
        for row, picture in enumerate(self._pictures):
            pixels = self._pixels(picture)
            seen = janus.see(pixels)[0].to(words.dtype)  # (image tokens, D)
            if len(seen) != int(at.sum()):
                raise BackendError(
                    f"the processor of the model '{janus.name}' keeps {int(at.sum())} places for a "
                    f"picture, where its weights give {len(seen)}",
                    "compare its files with 'llamavis models verify'",
                )
            shown = words.clone()
            shown[at] = seen
            hidden = janus.decoder.run(shown[None], self._cache, slice(row, row + 1), 0)
            refuse_nan(hidden, janus.name)
            told(row + 1)

    def answers(self, question: str, go_on: Callable[[], None]) -> list[Answer]:
        """The likeliest answer about each picture; ``go_on`` may raise to stop."""
        janus, decoder, count = self._janus, self._janus.decoder, len(self._pictures)
        hidden, at = self._asked(question)
        tokens: list[list[int]] = [[] for _ in range(count)]
        chances: list[list[float]] = [[] for _ in range(count)]
        speaking = [True] * count
        for step in range(self._answer_tokens):
            logits = janus.word_logits(hidden).float()
            chance, token = torch.softmax(logits, dim=1).max(dim=1)
            said, sure = token.tolist(), chance.tolist()
            for row in range(count):
                speaking[row] = speaking[row] and said[row] != janus.end
                if speaking[row]:
                    tokens[row].append(said[row])
                    chances[row].append(sure[row])
            go_on()
            if not any(speaking) or step + 1 == self._answer_tokens:
                break
            hidden = decoder.step(decoder.embeddings[token], self._cache, at + step)
        return [self._answer(*one) for one in zip(tokens, chances, strict=True)]

    def choices(self, question: str, words: Sequence[str]) -> list[str]:
        """Which of some words is the likeliest answer about each picture, by the mean logarithm of
        the probability of its tokens.
        """
        janus, count = self._janus, len(self._pictures)
        hidden, at = self._asked(question)
        begin = torch.log_softmax(janus.word_logits(hidden).float(), dim=1)  # (R, words)
        scores = []
        for word in words:
            ids = self._choice(word)
            tokens = torch.tensor(ids, device=janus.device)
            score = begin[:count, tokens[0]]
            if len(ids) > 1:
                told = janus.decoder.embeddings[tokens[:-1]].expand(self._rows, -1, -1)
                after = janus.decoder.run(told, self._cache, slice(0, self._rows), at)
                shares = torch.log_softmax(janus.word_logits(after).float(), dim=2)
                score = score + shares[:count, torch.arange(len(ids) - 1), tokens[1:]].sum(dim=1)
            scores.append(score / len(ids))
        best = torch.stack(scores, dim=1).argmax(dim=1).tolist()
        return [words[place] for place in best]

    def _choice(self, word: str) -> list[int]:
        """The tokens of a word as an answer: it follows a colon."""
        found: list[int] = self._janus.processor.tokenizer(
            f" {word}", add_special_tokens=False
        ).input_ids
        return found

    def _asked(self, question: str) -> tuple[Tensor, int]:
        """Hidden states ``(R, D)`` where the answer begins, and the slot of its first token."""
        decoder, start = self._janus.decoder, len(self._prefix)
        self._cache.rewind(start)
        ids = torch.tensor(self._questions[question][start:], device=self._janus.device)
        told = decoder.embeddings[ids][None]  # (1, T, D)
        hidden = told.new_zeros(self._rows, told.shape[2])
        for row in range(len(self._pictures)):
            rows = slice(row, row + 1)
            hidden[rows] = decoder.run(told, self._cache, rows, start)[:, -1]
        return hidden, start + len(ids)

    def _prompt(self, question: str) -> list[int]:
        processor = self._janus.processor
        for token in processor.tokenizer.all_special_tokens:
            question = question.replace(token, " ")
        content = [{"type": "image"}, {"type": "text", "text": question}]
        text = processor.apply_chat_template(
            [{"role": "user", "content": content}], add_generation_prompt=True
        )
        # Any picture will do: it only has its places kept.
        blank = torch.zeros(3, 32, 32, dtype=torch.uint8)
        found: list[int] = (
            processor(text=[text], images=[blank], generation_mode="text", return_tensors="pt")
            .input_ids[0]
            .tolist()
        )
        return found

    def _pixels(self, picture: Tensor) -> Tensor:
        """``(h, w, 3)`` bytes to ``(1, 3, S, S)``, as the model was taught."""
        taken: Tensor = self._janus.processor.image_processor(
            images=[picture.permute(2, 0, 1)], return_tensors="pt"
        ).pixel_values
        return taken.to(self._janus.device)

    def _answer(self, tokens: list[int], chances: list[float]) -> Answer:
        def text(count: int) -> str:
            found: str = self._janus.processor.tokenizer.decode(
                tokens[:count], skip_special_tokens=True
            )
            return found

        parts, before = [], ""
        for count, chance in enumerate(chances, start=1):
            now = text(count)
            parts.append((now[len(before) :], chance))
            before = now
        shown = "".join(sign if sign.isprintable() else " " for sign in before)
        return Answer(" ".join(shown.replace("\ufffd", " ").split()), tuple(parts))


def tags_of(answer: Answer) -> tuple[Tag, ...]:
    """The words of a list, likeliest first; each as sure as its tokens."""
    found: dict[str, float] = {}
    words = ""
    chances: list[float] = []
    for part, chance in [*answer.parts, ("\n", 1.0)]:
        pieces = re.split(r"[,;.\n]", part)
        words, chances = words + pieces[0], [*chances, chance] if pieces[0].strip() else chances
        for piece in pieces[1:]:
            name = _tag_name(words)
            if name and len(name.split()) <= _MOST_TAG_WORDS and len(found) < MOST_TAGS:
                found.setdefault(name, _mean(chances))
            words, chances = piece, [chance] if piece.strip() else []
    ordered = sorted(found.items(), key=lambda item: -item[1])
    return tuple(Tag(name, min(1.0, round(p, 3))) for name, p in ordered)


def _tag_name(words: str) -> str:
    """Letters and digits of a list's item, small; without its bullet or number."""
    clean = re.sub(r"[^\w\s'-]", " ", words.replace("\ufffd", " ").casefold())
    return re.sub(r"^[\s\d_'-]+", "", " ".join(clean.split())).strip(" -_'")


def _mean(chances: Sequence[float]) -> float:
    """The geometric mean of probabilities; 0 of none."""
    if not chances:
        return 0.0
    return float(torch.tensor(chances).clamp_min(1e-9).log().mean().exp())


@torch.inference_mode()
def embed_texts(janus: Janus, texts: Sequence[str]) -> Vectors:
    """The mean of the language model's last hidden states over each text, of unit length
    ``(n, D)``; texts of the same number of tokens are read together.
    """
    decoder = janus.decoder
    found = torch.zeros(len(texts), decoder.width)
    by_length: dict[int, list[tuple[int, list[int]]]] = {}
    for place, text in enumerate(texts):
        ids = janus.processor.tokenizer(
            text, truncation=True, max_length=janus.facts.context, verbose=False
        ).input_ids or [janus.begin]
        by_length.setdefault(len(ids), []).append((place, ids))
    for length, group in by_length.items():
        for start in range(0, len(group), _TEXTS_AT_ONCE):
            part = group[start : start + _TEXTS_AT_ONCE]
            tokens = torch.tensor([ids for _, ids in part], device=janus.device)
            cache = decoder.cache(len(part), length)
            hidden = decoder.run(decoder.embeddings[tokens], cache, slice(0, len(part)), 0).float()
            # The first token begins every text alike, and its state outweighs all others.
            mean = hidden[:, 1 if length > 1 else 0 :].mean(dim=1)
            refuse_nan(mean, janus.name)
            mean = torch.nn.functional.normalize(mean, dim=1).cpu()
            found[[place for place, _ in part]] = mean
    vectors: Vectors = found.numpy()
    return vectors
