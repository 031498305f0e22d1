"""The pictures that the model may look up: training pictures as codes, found by their words.

A small model cannot keep thousands of shapes in its weights. So a checkpoint carries them beside
it, and a prompt is answered with one or two as references, which the model was taught to take
after where the words agree (retrieval augmentation: RETRO, Borgeaud et al. 2022; RA-CM3, Yasunaga
et al. 2023). What was looked up is known by name, so a picture can say what it took after.

``memory.safetensors``: ``codes (N, P, depth)`` int16 on one grid, ``vectors (N, E)`` and ``plain
(N, E)`` int8 (unit length times 127), ``seam (N,)`` fp16, ``kind (N,)`` uint8, ``name (N,)`` int32
into the names of its metadata.
"""

from __future__ import annotations

import functools
import json
import re
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from llamavis_studio.model.steady import PackedCopy

FILE_NAME = "memory.safetensors"
SHORTLIST = 12
"""Pictures that a seed may choose from."""
SHARPNESS = 40.0
"""How much more often the nearest of the shortlist is chosen: softmax of cosines times this."""
KIND_BONUS = 0.1
"""Cosine that the wanted kind is worth."""
SUBJECT_BONUS = 0.1
"""Cosine that the same subject is worth: brown bread is no loaf, a lantern no jack-o'-lantern."""
PLAIN_SHARE = 0.3
"""How much the words without their colours count: an orange fish is sooner a blue fish, which can
be given another colour, than an orange cat."""
DRESSED = ("character",)
"""Kinds of many parts with a colour each, for which it does not: a green robe is not any robe."""
SEAM_COST, WORST_SEAM = 0.1, 8.0
"""Cosine that a texture costs whenever its edges stand out twice as much, up to the worst."""
_PARTS = re.compile(r"\b(?:in|with|wearing|holding)\b")
_AFTER_SUBJECT = re.compile(
    r",|\b(?:and|at|behind|by|for|from|holding|in|inside|near|of|on|over|riding|under|wearing|with)\b"
)
UNCUT = ("texture", "background")
"""Kinds that fill their picture: never a reference for a cut-out one, nor the other way."""


class Found(NamedTuple):
    """What a memory holds for some words, the best one last."""

    places: Tensor  # (B, count) int64, rows of the memory
    likeness: Tensor  # (B, count) float32, the cosine of the words


@dataclass(frozen=True)
class Memory:
    """Pictures of one grid that can be looked up by words."""

    grid: tuple[int, int]
    codes: Tensor  # (N, P, depth) int16
    vectors: Tensor  # (N, E) float32, unit length
    kinds: tuple[str, ...]  # one a picture
    names: tuple[str, ...]  # one a picture
    favour: Tensor | None = None  # (N,) float32, what each is worth beside its cosine
    plain: Tensor | None = None  # (N, E) as ``vectors``, of the words without their colours
    seam: Tensor | None = None  # (N,) float32, how much edges stand out where it repeats; else 1
    _by_vectors: PackedCopy = field(default_factory=PackedCopy, repr=False, compare=False)
    _by_plain: PackedCopy = field(default_factory=PackedCopy, repr=False, compare=False)

    def nearest(
        self,
        vectors: Tensor,
        kinds: Sequence[str],
        seeds: Sequence[int],
        count: int,
        plain: Tensor | None = None,
        texts: Sequence[str] = (),
    ) -> Found:
        """``count`` different pictures for each row, the best one last.

        ``vectors (B, E)`` are sentence vectors of unit length, ``plain (B, E)`` those of the words
        without their colours; by their subjects ``texts`` tell the same things apart from those
        that are only called alike. Each seed chooses for itself. There are fewer columns where the
        memory holds fewer pictures.
        """
        count = min(count, len(self.kinds))
        likeness = self._likeness(vectors, plain, kinds)  # (B, N)
        scores = likeness.clone()
        for row, kind in enumerate(kinds):
            scores[row] += self._kind_scores(kind)
        for row, text in enumerate(texts):
            if kinds[row] in (*UNCUT, *DRESSED):  # any floor is a floor; clothes make the man
                continue
            scores[row, self._of_subject.get(subject_of(text), [])] += SUBJECT_BONUS
        if self.favour is not None:
            scores += self.favour
        if self.seam is not None:
            scores -= SEAM_COST * self.seam.clamp(1.0, WORST_SEAM).log2()
        best = scores.topk(min(SHORTLIST, len(self.kinds)), dim=1)
        shares = (best.values * SHARPNESS).softmax(dim=1)
        picked = []
        for row, seed in enumerate(seeds):
            generator = torch.Generator().manual_seed(seed)
            place = torch.multinomial(shares[row], count, replacement=False, generator=generator)
            place = place.sort(descending=True).values  # nearest last
            picked.append(best.indices[row, place])
        places = torch.stack(picked)
        return Found(places, likeness.gather(1, places))

    def parts_are_named(self, place: int) -> bool:
        """Whether the words of a picture tell a character's clothes and what it holds.

        Such a one is better drawn from the words alone, part for part, than changed.
        """
        return self.kinds[place] in DRESSED and bool(_PARTS.search(self.names[place]))

    def without(self, names: Set[str]) -> Memory:
        """The memory as if it had never seen pictures of these names."""
        kept = [row for row, name in enumerate(self.names) if name not in names]
        return Memory(
            self.grid,
            self.codes[kept],
            self.vectors[kept],
            tuple(self.kinds[row] for row in kept),
            tuple(self.names[row] for row in kept),
            None if self.favour is None else self.favour[kept],
            None if self.plain is None else self.plain[kept],
            None if self.seam is None else self.seam[kept],
        )

    def _likeness(self, vectors: Tensor, plain: Tensor | None, kinds: Sequence[str]) -> Tensor:
        """How near the words are, of all rows and pictures: cosines ``(B, N)``."""
        whole = self._by_vectors.multiply(vectors, self.vectors)
        if plain is None or self.plain is None:
            return whole
        shares = [0.0 if kind in DRESSED else PLAIN_SHARE for kind in kinds]
        share = torch.tensor(shares, dtype=whole.dtype)
        return whole.lerp(self._by_plain.multiply(plain, self.plain), share.unsqueeze(1))

    @functools.cached_property
    def _of_subject(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for place, name in enumerate(self.names):
            found[subject_of(name)].append(place)
        found.pop("", None)
        return dict(found)

    def _kind_scores(self, kind: str) -> Tensor:
        cached: dict[str, Tensor] = self.__dict__.setdefault("_kind_cache", {})
        if kind not in cached:
            values = []
            for other in self.kinds:
                apart = (other in UNCUT or kind in UNCUT) and other != kind
                values.append(-9.0 if apart else KIND_BONUS * (other == kind))
            cached[kind] = torch.tensor(values)
        return cached[kind]


def subject_of(text: str) -> str:
    """The word that says what an English text is about: the last one before any `with` or `in`.

    >>> subject_of("a pale goblin with two spears")
    'goblin'
    >>> subject_of("gold coins")
    'coin'
    """
    words = re.findall(r"[\w'-]+", _AFTER_SUBJECT.split(text.lower().strip(" ,"), maxsplit=1)[0])
    last: str = words[-1] if words else ""
    return last[:-1] if last.endswith("s") and not last.endswith(("ss", "us")) else last


def save_memory(memory: Memory, folder: Path) -> Path:
    """Write ``memory.safetensors`` into a checkpoint folder."""
    kinds = sorted(set(memory.kinds))
    names = list(dict.fromkeys(memory.names))
    places = {name: i for i, name in enumerate(names)}
    path = folder / FILE_NAME
    temporary = path.with_name(path.name + ".tmp")
    data = save(
        {
            "codes": memory.codes.to(torch.int16).contiguous(),
            **_in_bytes("vectors", memory.vectors),
            **({} if memory.plain is None else _in_bytes("plain", memory.plain)),
            **({} if memory.seam is None else {"seam": memory.seam.to(torch.float16)}),
            "kind": torch.tensor([kinds.index(k) for k in memory.kinds], dtype=torch.uint8),
            "name": torch.tensor([places[n] for n in memory.names], dtype=torch.int32),
        },
        {
            "grid": json.dumps(memory.grid),
            "kinds": json.dumps(kinds),
            "names": json.dumps(names, ensure_ascii=False),
        },
    )
    temporary.write_bytes(in_order(data))
    temporary.replace(path)
    return path


def _in_bytes(name: str, vectors: Tensor) -> dict[str, Tensor]:
    return {name: (vectors * 127).round().clamp(-127, 127).to(torch.int8)}


def in_order(data: bytes) -> bytes:
    """The same safetensors with its header in order.

    The library (0.8) writes the notes in another order each time; the revision of a checkpoint is a
    hash over these bytes. Drop it when equal notes give equal bytes.
    """
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[8 + size :]


def load_memory(path: Path) -> Memory:
    """Read what :func:`save_memory` wrote. Raises ``ValueError`` for anything else."""
    try:
        with safe_open(path, framework="pt") as file:
            notes = file.metadata() or {}
            kinds, names = json.loads(notes["kinds"]), json.loads(notes["names"])
            height, width = json.loads(notes["grid"])
            codes, vectors = file.get_tensor("codes"), file.get_tensor("vectors").float() / 127
            plain = vectors
            if "plain" in file.keys():  # noqa: SIM118
                plain = file.get_tensor("plain").float() / 127
            seam = file.get_tensor("seam").float() if "seam" in file.keys() else None  # noqa: SIM118
            kind = [str(kinds[i]) for i in file.get_tensor("kind").tolist()]
            name = [str(names[i]) for i in file.get_tensor("name").tolist()]
        counts = {len(codes), len(vectors), len(kind), len(name)}
        shaped = codes.dim() == 3 and vectors.dim() == 2 and codes.dtype == torch.int16
        if counts != {len(kind)} or not kind or not shaped or codes.shape[1] != height * width:
            raise ValueError("its parts do not fit together")
        if plain.shape != vectors.shape or (seam is not None and seam.shape != (len(kind),)):
            raise ValueError("its parts do not fit together")
        numbers = (vectors, plain) if seam is None else (vectors, plain, seam)
        if not all(part.isfinite().all() for part in numbers):
            raise ValueError("it holds values that are not numbers")
    except (OSError, SafetensorError, KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no pictures to look up: {error}") from error
    return Memory(
        (height, width),
        codes,
        F.normalize(vectors, dim=1),
        tuple(kind),
        tuple(name),
        plain=None if plain is vectors else F.normalize(plain, dim=1),
        seam=seam,
    )
