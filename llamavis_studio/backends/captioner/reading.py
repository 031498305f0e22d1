"""A loaded captioner answers, a batch at a time. Imported once a captioner is loaded.

N requests, T new tokens, V tokens in the vocabulary, D the width of an embedding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image

from llamavis_studio.backends.base import (
    CaptionRequest,
    CaptionResult,
    OnStep,
    Pixels,
    StepProgress,
    Vectors,
)
from llamavis_studio.backends.builtin_reading import measured_colours
from llamavis_studio.backends.captioner.families import Ask
from llamavis_studio.backends.captioner.loading import Captioner, quiet, tokenizer_of
from llamavis_studio.backends.captioner.options import CaptionerOptions
from llamavis_studio.backends.captioner.pictures import is_empty, prepared
from llamavis_studio.backends.captioner.spoken import Spoken, spoken
from llamavis_studio.backends.captioner.words import (
    MARKS,
    kind_of,
    labels_in,
    listed_words,
    tags_of,
)
from llamavis_studio.backends.pretrained import refuse_nan

LIKE_SIZES = 4
"""Images share a batch while the largest has at most so many times the pixels of the smallest:
padding makes up for the difference, and costs time."""


@dataclass(frozen=True)
class Question:
    """One answer that is wanted: of which request, to which prompt, of at most so many tokens."""

    place: int
    prompt: str
    most_tokens: int
    is_for_tags: bool = False


@dataclass(frozen=True)
class Heard:
    """An answer: its text for people, what was said in full, and the entries of a list."""

    text: str
    said: Spoken
    entries: tuple[tuple[str, float], ...] = ()


class Reader:
    """Captions, tags and answers of one loaded checkpoint; ``label`` names it in the results."""

    def __init__(self, loaded: Captioner, options: CaptionerOptions, label: str) -> None:
        self._loaded, self._options, self._label = loaded, options, label
        family = loaded.family
        chosen = options.caption_prompt
        self._caption_prompt = family.caption_prompt if chosen is None else chosen
        chosen = options.tags_prompt
        self._tags_prompt = family.tags_prompt if chosen is None else chosen
        tokenizer = tokenizer_of(loaded.processor)
        self._control = {tokenizer.bos_token_id, tokenizer.pad_token_id, *loaded.ends}

    def caption(self, requests: Sequence[CaptionRequest], on_step: OnStep) -> list[CaptionResult]:
        """One result a request; ``on_step`` counts tokens, and may stop the work between two."""
        images = [self._prepared(request.pixels) for request in requests]
        heard: dict[tuple[int, bool], Heard] = {}
        groups = list(self._groups(requests, images))
        total = sum(len(group) * group[0].most_tokens for group in groups)
        done = 0
        for group in groups:

            def told(step: int, before: int = done, count: int = len(group)) -> None:
                on_step(StepProgress(before + step * count, total))

            shown = [images[one.place] for one in group]
            answers = self.answers(
                shown, [one.prompt for one in group], group[0].most_tokens, on_token=told
            )
            for one, answer, image in zip(group, answers, shown, strict=True):
                heard[one.place, one.is_for_tags] = self._heard(one, answer, image)
            done += len(group) * group[0].most_tokens
            on_step(StepProgress(done, total))
        return [
            self._result(request, heard[place, False], heard.get((place, True)))
            for place, request in enumerate(requests)
        ]

    def answers(
        self,
        images: Sequence[Image.Image],
        prompts: Sequence[str],
        most_tokens: int,
        least_tokens: int = 0,
        on_token: Callable[[int], None] = lambda _count: None,
    ) -> list[Spoken]:
        """What the model says of each image, likeliest tokens first, all in one batch.

        Raises BackendError where its answers are no numbers.
        """
        loaded = self._loaded
        ears = Ears(on_token, most_tokens)
        with quiet(), torch.inference_mode():
            inputs = self.inputs(images, prompts)
            least = {"min_new_tokens": least_tokens} if least_tokens else {}
            sequences = loaded.model.generate(
                **inputs, max_new_tokens=most_tokens, logits_processor=[ears], **least
            )
        log_p = ears.heard()  # (N, T)
        refuse_nan(log_p, loaded.name)
        new = sequences[:, ears.prompt_length :].tolist()
        return [self._spoken(ids, p) for ids, p in zip(new, log_p.tolist(), strict=True)]

    def inputs(self, images: Sequence[Image.Image], prompts: Sequence[str]) -> Any:
        """What `generate` is given, on the device and in the precision of the model."""
        loaded = self._loaded
        family, processor = loaded.family, loaded.processor
        unsplit = {} if self._options.split_images else dict(family.unsplit)
        if family.ask is Ask.CHAT:
            talks = [
                [{"role": "user", "content": [{"type": "image", "image": image},
                                              {"type": "text", "text": prompt}]}]
                for image, prompt in zip(images, prompts, strict=True)
            ]  # fmt: skip
            found = processor.apply_chat_template(
                talks, add_generation_prompt=True, tokenize=True, return_dict=True,
                return_tensors="pt", processor_kwargs={"padding": True, **unsplit},
            )  # fmt: skip
        else:
            words = {"text": list(prompts), "padding": True} if any(prompts) else {}
            found = processor(images=list(images), return_tensors="pt", **words, **unsplit)
        return found.to(loaded.device, dtype=loaded.dtype)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The mean embedding row of each text's tokens, as unit vectors (n, D) float32."""
        table: Any = self._loaded.model.get_input_embeddings()
        tokenizer = tokenizer_of(self._loaded.processor)
        rows = []
        with torch.inference_mode():
            for text in texts:
                found = tokenizer(text, add_special_tokens=False)["input_ids"]
                ids = torch.tensor(found or [tokenizer.pad_token_id], device=table.weight.device)
                rows.append(table(ids).float().mean(dim=0).cpu())  # (D,)
        if not rows:
            return np.zeros((0, table.embedding_dim), np.float32)
        vectors = torch.nn.functional.normalize(torch.stack(rows), dim=1)
        refuse_nan(vectors, self._loaded.name)
        return np.asarray(vectors.numpy(), np.float32)

    # --- inside --------------------------------------------------------------------------------

    def _prepared(self, pixels: Pixels) -> Image.Image:
        loaded = self._loaded
        return prepared(
            pixels, loaded.expected_px, self._options.longest_side_px, loaded.most_ratio
        )

    def _groups(
        self, requests: Sequence[CaptionRequest], images: Sequence[Image.Image]
    ) -> Iterator[list[Question]]:
        """Questions that share a batch: as many tokens, and images of like sizes."""
        asked: dict[tuple[bool, int], list[Question]] = {}
        for place, request in enumerate(requests):
            for one in self._questions(place, request):
                asked.setdefault((one.is_for_tags, one.most_tokens), []).append(one)
        for questions in asked.values():
            group: list[Question] = []
            smallest = 0
            for one in sorted(questions, key=lambda one: _area(images[one.place])):
                if group and _area(images[one.place]) > LIKE_SIZES * smallest:
                    yield group
                    group = []
                smallest = smallest if group else _area(images[one.place])
                group.append(one)
            yield group

    def _questions(self, place: int, request: CaptionRequest) -> Iterator[Question]:
        options = self._options
        if request.question:
            words = harmless(request.question, tokenizer_of(self._loaded.processor))
            yield Question(place, words, options.max_answer_tokens)
            return
        yield Question(place, self._caption_prompt, options.max_new_tokens)
        if self._tags_prompt:
            yield Question(place, self._tags_prompt, options.max_tag_tokens, is_for_tags=True)

    def _decode(self, ids: Sequence[int]) -> str:
        """Tokens as text: a task's answer keeps its places (<loc_12>), which count as special."""
        is_task = self._loaded.family.ask is Ask.TASK
        decoded: str = tokenizer_of(self._loaded.processor).decode(
            [one for one in ids if one not in self._control] if is_task else ids,
            skip_special_tokens=not is_task,
            clean_up_tokenization_spaces=False,
        )
        return decoded

    def _spoken(self, ids: Sequence[int], log_p: Sequence[float]) -> Spoken:
        """One row up to its end: what follows is padding."""
        ends = self._loaded.ends
        length = next((place for place, one in enumerate(ids) if one in ends), len(ids))
        return spoken(ids[:length], log_p[:length], self._decode)

    def _heard(self, question: Question, said: Spoken, image: Image.Image) -> Heard:
        """What was said, and its entries where tags or places were asked for."""
        if self._loaded.family.ask is Ask.TASK:
            found = self._loaded.processor.post_process_generation(
                said.text, task=question.prompt, image_size=image.size
            )[question.prompt]
            if isinstance(found, dict):  # places, with labels
                labels = found.get("labels") or found.get("bboxes_labels") or ()
                names = tuple(labels_in(said, [str(label) for label in labels]))
                return Heard(", ".join(dict.fromkeys(name for name, _ in names)), said, names)
        return Heard(said.text, said, tuple(listed_words(said)) if question.is_for_tags else ())

    def _result(self, request: CaptionRequest, heard: Heard, tags: Heard | None) -> CaptionResult:
        pixels = request.pixels
        height, width = pixels.shape[:2]
        is_clear = pixels.shape[2] == 4 and bool((pixels[..., 3] < 128).any())
        caption = _shown(heard.text)
        entries = () if tags is None else tags.entries
        kind = kind_of([caption, ", ".join(name for name, _ in entries)], is_clear, (width, height))
        nothing_to_see = is_empty(pixels)
        return CaptionResult(
            caption=caption or kind,
            tags=() if request.question else tags_of(entries or heard.entries, heard.said),
            kind=kind,
            in_domain=not nothing_to_see,
            model=self._label,
            colours=measured_colours(pixels),
            confidence=round(heard.said.confidence, 4),
            reasons=("the picture is clear everywhere",) if nothing_to_see else (),
        )


def harmless(question: str, tokenizer: Any) -> str:
    """A user's question without words that steer a model: written in it, "<image>" would stand for
    a second image, and "<|im_end|>" end the question.
    """
    for token in sorted({*tokenizer.all_special_tokens, *tokenizer.get_added_vocab()}, key=len):
        if len(token) > 1 and token in question:
            question = question.replace(token, f"{token[0]} {token[1:]}")
    return question


def _shown(text: str) -> str:
    """One line, without marks and without the bytes that are no letters."""
    text = MARKS.sub(" ", text.replace("\ufffd", ""))
    printable = (letter if letter.isprintable() else " " for letter in text)
    return " ".join("".join(printable).split())


def _area(image: Image.Image) -> int:
    return image.width * image.height


class Ears:
    """Hears each token as `generate` chooses it, last of its logits processors.

    Keeps the logarithm of the chosen token's probability, which is the largest as nothing is left
    to chance: (N,) a token, where all scores would be (N, V). ``on_token`` is told how many tokens
    there are; what it raises ends the work.
    """

    def __init__(self, on_token: Callable[[int], None], most_tokens: int) -> None:
        self.prompt_length = 0
        self._on_token, self._most = on_token, most_tokens
        self._log_p: list[torch.Tensor] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """``scores`` (N, V) as they are."""
        if not self._log_p:
            self.prompt_length = input_ids.shape[1]
        self._log_p.append(scores.amax(dim=-1) - scores.logsumexp(dim=-1))  # (N,)
        # On graphics cards transformers may be a step ahead of knowing that all have ended.
        self._on_token(min(len(self._log_p), self._most))
        return scores

    def heard(self) -> torch.Tensor:
        """All that was chosen, (N, T) float32 on the processor."""
        return torch.stack(self._log_p, dim=1).float().cpu()
