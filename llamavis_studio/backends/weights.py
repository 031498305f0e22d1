"""Are the weights of a checkpoint whole, and are they numbers and nothing else? Asked before a
loader opens them, without reading a number.

    model.safetensors                      transformers, one file
    model.safetensors.index.json           transformers, in shards: each tensor and its file
    model.fp16.safetensors                 the same weights in another form, a variant
    model.safetensors.index.fp16.json      that in shards
    model_index.json                       diffusers: a folder for each part that it names
      unet/diffusion_pytorch_model.safetensors

A pickle runs code when it is opened, so it is refused under any name. The head of a safetensors
file says where each tensor lies (https://github.com/huggingface/safetensors#format); here it has to
account for every byte of the file. That finds downloads cut short, pages of errors saved as
weights, and files made to mislead. Whether the tensors are those that the configuration asks for
is told by loading them (`pretrained.refuse_gaps`).
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any, NoReturn

from llamavis_studio.core.errors import ModelMissing

SUFFIX = ".safetensors"
PARTS = "model_index.json"
"""Names the parts of a diffusers pipeline."""
PICKLES = frozenset({".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth"})
"""How pickled weights are mostly named."""
OPTIONAL_PARTS = frozenset({"safety_checker", "image_encoder"})
"""Parts of a pipeline that it draws without."""
TYPE_BITS: Mapping[str, int] = {
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
    "BOOL": 8, "U8": 8, "I8": 8,
    "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
    "U16": 16, "I16": 16, "F16": 16, "BF16": 16,
    "U32": 32, "I32": 32, "F32": 32,
    "U64": 64, "I64": 64, "F64": 64, "C64": 64,
}  # fmt: skip
"""Bits of one number of each type that safetensors knows."""
NOTES = "__metadata__"
_WHOLE_FIRST, _INDEX_FIRST = "model", "diffusion_pytorch_model"
"""What transformers and diffusers call weights; where a whole file and an index are there, the one
reads the file and the other the shards."""
_VARIANT = re.compile(
    rf"(?:{_WHOLE_FIRST}|{_INDEX_FIRST})"
    r"(?:\.([A-Za-z0-9_]+)\.safetensors|\.safetensors\.index\.([A-Za-z0-9_]+)\.json)"
)
_SHARD = re.compile(
    rf"(?:{_WHOLE_FIRST}|{_INDEX_FIRST})[.\w]*-\d{{5}}-of-\d{{5}}[.\w]*\.safetensors"
)
_LIKED_VARIANTS = ("fp16", "bf16")
# The format allows heads of 100 MB; those of large models have under 2, and 8 are read in a second.
_MOST_HEAD_BYTES = 8 << 20
_MOST_JSON_BYTES = 64 << 20
_MOST_SIDES = 64
_WEIGHTLESS = ("Scheduler", "Tokenizer", "TokenizerFast", "Processor", "FeatureExtractor")
_Head = dict[str, Any]


def check_weights(folder: Path, name: str) -> None:
    """Refuse a checkpoint whose weights are missing, broken or pickled; no number is read.

    Args:
        folder: the checkpoint, as transformers or diffusers save it.
        name: the backend, as descriptions name it, for the message.

    Raises ModelMissing with what is wrong with which file.
    """
    try:
        for part in weighty_folders(folder):
            for path, wanted in weight_files(part).items():
                _check_file(path, wanted)
    except ValueError as error:
        raise ModelMissing(
            f"the model '{name}' cannot be used: {error}",
            f"compare its files with 'llamavis models verify {name}', or fetch it again",
        ) from error


def check_weight_file(path: Path, name: str, hint: str = "") -> None:
    """The same for one file; ``hint`` says what to do, where that is not to download it again.
    Raises ModelMissing.
    """
    try:
        _check_file(path, frozenset())
    except ValueError as error:
        raise ModelMissing(
            f"the model '{name}' cannot be used: {error}",
            hint or f"compare it with 'llamavis models verify {name}', or download it again",
        ) from error


def weighty_folders(folder: Path) -> list[Path]:
    """The folders of a checkpoint that have to hold weights. Raises ValueError."""
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}")
    if not (folder / PARTS).exists():
        return [folder]
    return [folder / part for part in pipeline_parts(folder) if (folder / part).is_dir()]


def pipeline_parts(folder: Path) -> dict[str, str]:
    """The parts of a diffusers pipeline that have weights, each with the name of its class.

    Raises ValueError where model_index.json is none, or a part is not there.
    """
    parts = {}
    for part, named in read_json(folder / PARTS).items():
        if part.startswith("_") or not (isinstance(named, list) and len(named) == 2):
            continue
        kind = named[1]
        if not isinstance(kind, str) or kind.endswith(_WEIGHTLESS):
            continue
        if not _is_plain(part):
            raise ValueError(f"{PARTS} names a part outside its folder: {part}")
        if not (folder / part).is_dir() and part not in OPTIONAL_PARTS:
            raise ValueError(f"its part '{part}' is not there ({folder / part})")
        parts[part] = kind
    if not parts:
        raise ValueError(f"{folder / PARTS} names no part with weights")
    return parts


def weight_files(folder: Path) -> dict[Path, frozenset[str]]:
    """The safetensors files of one folder that a loader reads, with the tensors each must have:
    those of `variant_of`, all shards of an index.

    Raises ValueError where there is none, or an index is wrong or lacking.
    """
    names = sorted(path.name for path in folder.iterdir())
    found: dict[Path, frozenset[str]] = {}
    for stem in (_WHOLE_FIRST, _INDEX_FIRST):
        whole, index = _form(stem, variant_of(folder))
        if index in names and not (stem == _WHOLE_FIRST and whole in names):
            found |= _shards(folder / index)
        elif whole in names:
            found[folder / whole] = frozenset()
    if not found:
        found = {folder / name: frozenset() for name in names if name.endswith(SUFFIX)}
        shard = next((name for name in names if _SHARD.fullmatch(name)), None)
        if shard is not None:
            raise ValueError(
                f"{folder / shard} is one of several, and the index that says what lies in which "
                "(*.safetensors.index.json) is not there"
            )
    if found:
        return found
    pickled = next((one for one in names if Path(one).suffix.lower() in PICKLES), None)
    if pickled is not None:
        _refuse_pickle(folder / pickled)
    raise ValueError(f"there are no weights (*{SUFFIX}) in {folder}")


def variant_of(folder: Path) -> str | None:
    """The form of the weights, such as "fp16", that a loader has to be told, because a folder does
    not have them in the usual one; None where it does.
    """
    return variant_among({path.name for path in folder.iterdir()})


def variant_among(names: Set[str]) -> str | None:
    """The same by the names of a folder's files."""
    usual = {one for stem in (_WHOLE_FIRST, _INDEX_FIRST) for one in _form(stem, None)}
    if usual & names:
        return None
    found = [match[1] or match[2] for match in map(_VARIANT.fullmatch, sorted(names)) if match]
    return next((one for one in _LIKED_VARIANTS if one in found), next(iter(found), None))


def _form(stem: str, variant: str | None) -> tuple[str, str]:
    """The names of a whole file and of an index, in some form or the usual one."""
    dotted = f".{variant}" if variant else ""
    return f"{stem}{dotted}{SUFFIX}", f"{stem}{SUFFIX}.index{dotted}.json"


def read_head(path: Path) -> tuple[_Head, int]:
    """What stands at the head of a safetensors file, and where its numbers begin.

    Each tensor is `{"dtype", "shape", "data_offsets": [begin, end]}` by its name, and together they
    fill the file: no gap, no overlap, no byte too many. `NOTES` holds texts.

    Raises OSError; ValueError in plain words for whatever is no whole safetensors file.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError(f"{path} is not a file")
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        first = file.read(16)
        if len(first) < 9 or first[8:9] != b"{":
            _refuse_other(path, first + file.read(512))
        length = int.from_bytes(first[:8], "little")
        if length > _MOST_HEAD_BYTES:
            raise ValueError(f"{path} says that its head has {length} bytes, no model file has")
        if 8 + length > size:
            raise ValueError(f"{path} is cut short: its head alone has {length} bytes of {size}")
        file.seek(8)
        text = file.read(length)
    try:
        head = json.loads(text, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the head of {path} cannot be read: {error}") from error
    _check_layout(path, head, size - 8 - length)
    return head, 8 + length


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object of a checkpoint. Raises ValueError with the file's name."""
    try:
        if path.stat().st_size > _MOST_JSON_BYTES:
            raise ValueError("it is too large")
        values = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise ValueError(f"{path} is not there") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    if not isinstance(values, dict):
        raise ValueError(f"{path} cannot be read: it is no JSON object")
    return values


def _check_file(path: Path, wanted: frozenset[str]) -> None:
    try:
        head, _start = read_head(path)
    except FileNotFoundError as error:
        raise ValueError(f"{path} is not there") from error
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from error
    if head.keys() <= {NOTES}:
        raise ValueError(f"{path} is empty: it holds no tensor")
    if lacking := sorted(wanted - head.keys()):
        raise ValueError(
            f"{path} lacks {len(lacking)} tensors that its index promises, such as {lacking[0]}"
        )


def _shards(index: Path) -> dict[Path, frozenset[str]]:
    """The files of an index with their tensors."""
    places = read_json(index).get("weight_map")
    if not isinstance(places, dict) or not places:
        raise ValueError(f"{index} names no files")
    by_file: dict[Path, set[str]] = {}
    for tensor, file in places.items():
        if not isinstance(file, str) or not _is_plain(file):
            raise ValueError(f"{index} names a file outside its folder: {file}")
        if Path(file).suffix.lower() in PICKLES:
            _refuse_pickle(index.parent / file)
        by_file.setdefault(index.parent / file, set()).add(tensor)
    return {path: frozenset(tensors) for path, tensors in by_file.items()}


def _is_plain(name: str) -> bool:
    """Whether a name is that of a thing within its folder."""
    return bool(name) and name not in (".", "..") and not set(name) & set("/\\:\0")


def _check_layout(path: Path, head: Any, room: int) -> None:
    """Raise ValueError unless the tensors fill ``room`` bytes one after the other."""
    if not isinstance(head, dict):
        raise ValueError(f"the head of {path} is no list of tensors")
    notes = head.get(NOTES, {})
    if not isinstance(notes, dict) or not all(isinstance(one, str) for one in notes.values()):
        raise ValueError(f"the notes of {path} are no texts")
    end = 0
    for begin, stop, name in sorted(_spans(path, head, room)):
        if begin != end:
            how = "overlaps another" if begin < end else "leaves a gap before it"
            raise ValueError(f"the tensor {name} of {path} {how}")
        end = stop
    if end > room:
        raise ValueError(f"{path} is cut short: {room} bytes of {end} are there")
    if end < room:
        raise ValueError(f"{path} has {room - end} bytes that belong to no tensor")


def _spans(path: Path, head: _Head, room: int) -> Iterator[tuple[int, int, str]]:
    """Where each tensor begins and ends. Raises ValueError where it does not fit its shape."""
    for name, told in head.items():
        if name == NOTES:
            continue
        bits, shape, span = _tensor(told)
        if bits is None:
            raise ValueError(f"the tensor {name} of {path} is of no known type")
        if shape is None or span is None:
            raise ValueError(f"the tensor {name} of {path} is not described")
        begin, end = span
        if bits * _count(shape, 8 * room) != 8 * (end - begin):
            if end > room:
                raise ValueError(f"{path} is cut short: {room} bytes of {end} are there")
            raise ValueError(f"the tensor {name} of {path} has not the size that its shape says")
        yield begin, end, name


def _tensor(told: Any) -> tuple[int | None, list[int] | None, tuple[int, int] | None]:
    """Bits a number, shape, and begin and end; None for what is not said right."""
    if not isinstance(told, dict) or told.keys() != {"dtype", "shape", "data_offsets"}:
        return 0, None, None
    kind, shape, span = told["dtype"], told["shape"], told["data_offsets"]
    bits = TYPE_BITS.get(kind) if isinstance(kind, str) else None
    if not _are_counts(shape) or len(shape) > _MOST_SIDES:
        return bits, None, None
    if not _are_counts(span) or len(span) != 2 or span[0] > span[1]:
        return bits, shape, None
    return bits, shape, (span[0], span[1])


def _are_counts(values: Any) -> bool:
    return isinstance(values, list) and all(type(one) is int and one >= 0 for one in values)


def _count(shape: list[int], most: int) -> int:
    """How many numbers a shape has; more than ``most`` where it is more."""
    if 0 in shape:
        return 0
    count = 1
    for side in shape:
        count *= side
        if count > most:
            return most + 1
    return count


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON whose keys all differ: of two with one name each reader takes another."""
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("it says the same thing twice")
    return values


def _refuse_other(path: Path, first: bytes) -> NoReturn:
    """Say what a file is that does not begin as safetensors do. Raises ValueError always."""
    if not first:
        raise ValueError(f"{path} is empty")
    if first.startswith(b"version https://git-lfs"):
        raise ValueError(f"{path} is a git-lfs pointer: the download was not complete")
    if first.startswith((b"PK\x03\x04", b"\x80")) and (first[:1] == b"P" or first[1:2] <= b"\x05"):
        _refuse_pickle(path)
    if first.lstrip()[:64].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise ValueError(f"{path} is a web page, not weights: the download went wrong")
    raise ValueError(f"{path} is no model file in the format safetensors")


def _refuse_pickle(path: Path) -> NoReturn:
    raise ValueError(
        f"{path} is a pickle, which could run code; take the safetensors version of the checkpoint"
    )
