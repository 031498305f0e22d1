"""Which files of a repository are wanted: weights as safetensors, and the small files that say what
they mean. Never a pickle, never a program.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from llamavis_studio.backends.catalogue import known_repo
from llamavis_studio.backends.weights import (
    OPTIONAL_PARTS,
    PARTS,
    PICKLES,
    SUFFIX,
    variant_among,
)
from llamavis_studio.core.errors import BackendUnavailable, ModelMissing

CONFIG = "config.json"
LICENCE = re.compile(r"(licen[cs]e|copying|notice)([-._ ].*)?", re.IGNORECASE)
_TEXTS = frozenset({".jinja", ".json", ".model", ".txt"})
_LICENCE_TEXTS = frozenset({"", ".md", ".rst", ".txt"})
_MOST_TEXT_BYTES = 128 << 20
MOST_CONFIG_BYTES = 8 << 20
_STEMS = ("model", "diffusion_pytorch_model")
_SHARD = re.compile(r"-\d{5}-of-\d{5}\.safetensors$")
_SPEAKS = re.compile("For(ConditionalGeneration|ImageTextToText|Vision2Seq|CausalLM)")
_FOREIGN_INDEX = (".bin.index.json", ".msgpack.index.json", ".h5.index.json")


@dataclass(frozen=True)
class RemoteFile:
    """One file of a repository: its path in there, its bytes, and its hash.

    `etag` is the sha256 of a large file (`is_large`), of a small one the hash that git gives it; it
    names the file in the cache.
    """

    path: str
    size: int
    etag: str
    is_large: bool


def check_path(path: str) -> None:
    """Refuse a name that would leave its folder, on any system. Raises ModelMissing."""
    parts = path.split("/")
    wrong = not path or any(part in ("", ".", "..") for part in parts)
    wrong = wrong or bool(set(path) & set('\\:*?"<>|')) or any(ord(sign) < 32 for sign in path)
    if wrong:
        raise ModelMissing(
            f"the repository names a file outside its folder: {path!r}",
            "do not use this repository",
        )


def chosen(
    files: Iterable[RemoteFile], parts: Mapping[str, Any] | None, variant: str = ""
) -> list[RemoteFile]:
    """The files to fetch.

    Args:
        files: everything that the repository has.
        parts: what its model_index.json says; None where it has none.
        variant: the form of the weights to prefer, such as "fp16"; "" takes them in full.

    Raises ModelMissing where it has no weights that can be used.
    """
    by_folder: dict[str, list[RemoteFile]] = {}
    for file in files:
        check_path(file.path)
        folder, _, name = file.path.rpartition("/")
        if not name.startswith("."):
            by_folder.setdefault(folder, []).append(file)
    root = by_folder.get("", [])
    wanted = [one for one in root if _is_text(one) or is_licence(one.path)]
    if parts is None:
        return sorted([*wanted, *_weights(root, "", variant)], key=lambda one: one.path)
    for part, kind in used_parts(parts).items():
        inside = by_folder.get(part, [])
        if not inside and part in OPTIONAL_PARTS:
            continue
        wanted += [one for one in inside if _is_text(one)]
        if not kind.endswith(("Scheduler", "Tokenizer", "TokenizerFast", "Processor",
                              "FeatureExtractor")):  # fmt: skip
            wanted += _weights(inside, part, variant)
    return sorted(wanted, key=lambda one: one.path)


def used_parts(parts: Mapping[str, Any]) -> dict[str, str]:
    """The parts of a pipeline that are fetched, with their classes: the safety checker, which is of
    no use here, is not.
    """
    found = {}
    for part, named in parts.items():
        if part.startswith("_") or not (isinstance(named, list) and len(named) == 2):
            continue
        if isinstance(named[1], str) and part != "safety_checker":
            check_path(part)
            found[part] = named[1]
    return found


def is_licence(path: str) -> bool:
    """Whether a file at the top of a repository holds its licence."""
    if "/" in path or PurePosixPath(path).suffix.lower() not in _LICENCE_TEXTS:
        return False
    return LICENCE.fullmatch(path) is not None


def _is_text(file: RemoteFile) -> bool:
    """Whether a file is a configuration or a part of a tokenizer."""
    name = file.path.rpartition("/")[2].lower()
    if name.endswith(_FOREIGN_INDEX) or name.startswith(("openvino", "flax_", "tf_")):
        return False
    if f"{SUFFIX}.index." in name:
        return False  # comes with its weights, or not at all
    return PurePosixPath(name).suffix in _TEXTS and file.size <= _MOST_TEXT_BYTES


def _weights(files: list[RemoteFile], part: str, variant: str) -> list[RemoteFile]:
    """The weights of one folder, in the wanted form where it has that, else in full, else as
    16-bit numbers, else in the form that it has. Raises ModelMissing where there are none.
    """
    by_name = {one.path.rpartition("/")[2]: one for one in files}
    for form in dict.fromkeys([variant, "", "fp16", "bf16", variant_among(by_name.keys()) or ""]):
        if found := _form(by_name, form):
            return found
    where = f"its part '{part}'" if part else "the repository"
    others = sorted(name for name in by_name if name.endswith(SUFFIX))
    if others:
        raise ModelMissing(
            f"{where} has weights only as {', '.join(others[:3])}, which is no form that "
            "transformers or diffusers save",
            "look for a version of this model in the format of transformers or diffusers",
        )
    if any(PurePosixPath(name).suffix.lower() in PICKLES for name in by_name):
        raise ModelMissing(
            f"{where} has its weights only as a pickle, which could run code",
            "look for a version with safetensors, also among the repository's pull requests: "
            "llamavis models fetch ORG/REPO@refs/pr/NUMBER",
        )
    raise ModelMissing(f"{where} has no weights", "look whether the name is the right one")


def _form(by_name: Mapping[str, RemoteFile], form: str) -> list[RemoteFile]:
    """The weights of one form, one file or an index with its shards; [] where it is lacking."""
    dotted = f".{form}" if form else ""
    for stem in _STEMS:
        if (whole := by_name.get(f"{stem}{dotted}{SUFFIX}")) is not None:
            return [whole]
        if (index := by_name.get(f"{stem}{SUFFIX}.index{dotted}.json")) is not None:
            shards = [one for name, one in by_name.items()
                      if name.startswith(f"{stem}{dotted}-") and _SHARD.search(name)]  # fmt: skip
            return [index, *shards]
    return []


def read_small_json(path: Path) -> Mapping[str, Any]:
    """A configuration. Raises ModelMissing where it is none."""
    try:
        if path.stat().st_size > MOST_CONFIG_BYTES:
            raise ValueError("it is too large")
        values = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ModelMissing(f"{path} cannot be read: {error}", "fetch the model again") from error
    if not isinstance(values, dict):
        raise ModelMissing(f"{path} is no configuration", "fetch the model again")
    return values


def family_of(config: Mapping[str, Any] | None, parts: Mapping[str, Any] | None, what: str) -> str:
    """The family of models that a checkpoint is of, by its configuration.

    Args:
        config: its config.json, None where it has none.
        parts: its model_index.json, None where it has none.
        what: the repository or folder, for messages.

    Raises BackendUnavailable where no family drives such models.
    """
    if parts is not None:
        return "diffusers"
    if config is None:
        raise BackendUnavailable(
            f"{what} is not laid out as transformers or diffusers save models: it has neither "
            f"{CONFIG} nor {PARTS}",
            "look for a version of this model in one of these formats",
        )
    kind = str(config.get("model_type", ""))
    names = [str(one) for one in config.get("architectures") or ()]
    if kind == "janus":
        return "janus"
    if kind == "multi_modality" or "auto_map" in config:
        raise _needs_code(what)
    has_eyes = "vision_config" in config
    if has_eyes and (not names or any(_SPEAKS.search(one) for one in names)):
        return "captioner"
    told = names[0] if names else kind or "unknown"
    raise BackendUnavailable(
        f"{what} is a model that the studio has no use for ({told}): it neither draws images nor "
        "describes them",
        "say --family captioner, janus or diffusers if that is wrong",
    )


def _needs_code(what: str) -> BackendUnavailable:
    known = known_repo(what)
    hint = (
        "look for a version of this model in the format of transformers, or say --family "
        "captioner if transformers knows it by itself"
    )
    if known is not None:
        hint = f"take the version in the format of transformers: llamavis models fetch {known.name}"
    return BackendUnavailable(f"{what} brings code of its own, which is never run here", hint)
