"""The part of `llamavis doctor` about backends: the families with what each needs on this machine,
then every model that is recorded here.

No model library is imported: what is installed stands in the packages' notes, what a model is in
its record and the small files beside its weights. Only ComfyUI servers are asked how they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llamavis_studio.backends.base import BackendInfo
from llamavis_studio.backends.catalogue import catalogue
from llamavis_studio.backends.model_records import (
    FAMILIES,
    ModelRecord,
    read_record,
    record_names,
)
from llamavis_studio.backends.registry import Registry
from llamavis_studio.cli.finding import Finding, package_version, pip, pip_extra
from llamavis_studio.core.device import Device
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.resources import resource_path

_COARSE = ("int8", "int4")
_FOR_COARSE = "bitsandbytes"


@dataclass(frozen=True)
class _Family:
    """A sort of models: the packages that drive it, the extra they come with, and how one gets a
    first model of it.
    """

    name: str
    does: str
    packages: tuple[str, ...] = ()
    extra: str = ""
    begin: str = ""


_FAMILIES = (
    _Family("builtin", "draws pixel art and describes pictures; comes with the studio"),
    _Family(
        "janus",
        "Janus-Pro draws and describes pictures",
        ("torch", "transformers"),
        begin="llamavis models fetch janus",
    ),
    _Family(
        "captioner",
        "describes pictures of any sort",
        ("torch", "transformers"),
        begin="llamavis models fetch blip",
    ),
    _Family(
        "diffusers",
        "Stable Diffusion, SDXL, FLUX and their like draw and change pictures",
        ("diffusers", "accelerate", "peft"),
        "diffusers",
        "llamavis models fetch sdxl --variant fp16",
    ),
    _Family(
        "comfyui",
        "a ComfyUI server draws, here or elsewhere",
        begin="llamavis models add --comfyui http://127.0.0.1:8188",
    ),
)
_RAY = _Family(
    "ray",
    "llamavis build --executor ray spreads the drawing over several machines",
    ("ray",),
    "cluster",
)


def examine_backends() -> Iterator[Finding]:
    """Families, the helpers that all share, then the models of this machine."""
    families = _families_of_models()
    for family in _FAMILIES:
        yield _family(family, [name for name, one in families.items() if one == family.name])
    yield _family(_RAY, [])
    yield _coarse()
    yield from _models()


def room_on(devices: Sequence[Device]) -> Iterator[Finding]:
    """For each graphics card the known models that it has room for, by their published sizes."""
    try:
        known = catalogue().values()
    except LlamaVisError as error:
        yield Finding("known models", False, error.message, error.hint, needed=False)
        return
    for device in devices:
        if device.kind == "cpu" or device.total_bytes is None:
            continue
        total_gb = device.total_bytes / 1e9
        sized = [(one.name, one.memory_gb or one.size_gb) for one in known]
        fit = [name for name, needed_gb in sized if needed_gb and needed_gb <= total_gb]
        small = "; more fit with precision int8 or int4, or with offload"
        detail = f"whole: {', '.join(fit) or 'none of the known models'}{small}"
        yield Finding(f"room on {device.name}", True, detail, needed=False)


def _families_of_models() -> dict[str, str]:
    """The family of each record that can be read."""
    found = {}
    for name in record_names():
        try:
            record = read_record(name)
        except LlamaVisError:
            continue  # told among the models
        if record is not None:
            found[name] = record.family
    return found


def _family(family: _Family, models: list[str]) -> Finding:
    """Whether a family can be used: its packages, then a model of it."""
    name = f"family {family.name}"
    missing = [one for one in family.packages if package_version(one) is None]
    if missing:
        detail = f"{_listed(missing)} not installed; {family.does}"
        fix = pip_extra(family.extra) if family.extra else f"{pip()} install {' '.join(missing)}"
        return Finding(name, False, detail, fix, needed=False)
    if family.name in FAMILIES and not models:
        what = "no server added yet" if family.name == "comfyui" else "no model fetched yet"
        return Finding(name, False, f"{what}; {family.does}", family.begin, needed=False)
    versions = ", ".join(f"{one} {package_version(one)}" for one in family.packages)
    parts = [family.does, versions, f"models: {', '.join(models)}" if models else ""]
    return Finding(name, True, "; ".join(part for part in parts if part), needed=False)


def _coarse() -> Finding:
    """int8 and int4: what makes large models fit into small cards."""
    version = package_version(_FOR_COARSE)
    what = "half or a quarter of the memory for janus and captioner models"
    if version is not None:
        return Finding("precision int8, int4", True, f"{_FOR_COARSE} {version}", needed=False)
    detail = f"{_FOR_COARSE} not installed; {what} on an NVIDIA card"
    fix = f"{pip()} install {_FOR_COARSE}"
    return Finding("precision int8, int4", False, detail, fix, needed=False)


def _models() -> Iterator[Finding]:
    """Every backend by its name: what it is, or what is wrong with it."""
    registry, recorded = Registry(), set(record_names())
    for name in registry.names():
        is_added = name in recorded
        try:
            info = registry.create(name).info()
        except LlamaVisError as error:
            yield Finding(f"backend {name}", False, error.message, error.hint,
                          needed=not is_added, added=is_added)  # fmt: skip
            continue
        record = read_record(name) if is_added else None
        if record is not None and record.family == "comfyui":
            yield _servers(record)
            continue
        missing = _needs_coarse(name) if is_added else ""
        if missing:
            fix = f"{pip()} install {_FOR_COARSE}"
            yield Finding(f"backend {name}", False, missing, fix, needed=False, added=True)
        else:
            yield Finding(f"backend {name}", True, _said(info), needed=not is_added, added=is_added)
    weights = sorted(resource_path("models").glob("*/*.safetensors"))
    total_mib = sum(path.stat().st_size for path in weights) / 2**20
    detail = f"{len(weights)} files, {total_mib:.1f} MiB in {resource_path('models')}"
    yield Finding("weights", bool(weights), detail, "" if weights else "llamavis train")


def _servers(record: ModelRecord) -> Finding:
    """Whether somebody answers, and can draw; it waits as long as the record's `connect_s` says."""
    from llamavis_studio.backends.comfyui.adding import probe

    name = f"backend {record.name}"
    try:
        return Finding(name, True, probe(record), needed=False, added=True)
    except LlamaVisError as error:
        return Finding(name, False, error.message, error.hint, needed=False, added=True)


def _needs_coarse(name: str) -> str:
    """Why a model whose record asks for int8 or int4 cannot be loaded here, or ""."""
    record = read_record(name)
    precision = "" if record is None else str(record.options.get("precision", ""))
    if precision not in _COARSE or package_version(_FOR_COARSE) is not None:
        return ""
    return f"its precision is {precision}, which needs {_FOR_COARSE}"


def _said(info: BackendInfo) -> str:
    """Model, revision, licence, and what it does."""
    does = [
        word
        for word, able in (("draws", info.can_generate), ("describes", info.can_caption))
        if able
    ]
    parts = [info.model, f"revision {info.revision}", info.licence, " and ".join(does)]
    return ", ".join(part for part in parts if part)


def _listed(names: list[str]) -> str:
    """ "a, b and c are", "a is"."""
    many = len(names) > 1
    text = f"{', '.join(names[:-1])} and {names[-1]}" if many else names[0]
    return f"{text} {'are' if many else 'is'}"
