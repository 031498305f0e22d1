"""What every checkpoint of transformers and diffusers needs: precision, quantization, and the words
for what their loaders raise.

Nothing here reaches the network, runs code that a checkpoint brings, or unpickles: loaders are told
``local_files_only`` and ``use_safetensors``, and ``trust_remote_code`` is never set.
torch is imported inside the functions.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from llamavis_studio.backends.out_of_memory import is_out_of_memory
from llamavis_studio.core.errors import (
    BackendError,
    BackendUnavailable,
    LlamaVisError,
    ModelMissing,
)

if TYPE_CHECKING:
    import torch

Precision = Literal["auto", "float32", "bfloat16", "float16", "int8", "int4"]
"""How weights are kept. "auto": bfloat16 where a graphics card calculates with it, float16 on other
cards, float32 on the processor."""
LOCAL_ONLY: Mapping[str, Any] = {"local_files_only": True}
"""Goes to every ``from_pretrained``."""
_MOST_KEYS = 5


def dtype_for(precision: Precision, device: str) -> torch.dtype:
    """What is calculated with on ``device`` ("cpu", "cuda:0", "mps")."""
    import torch

    if precision in ("float32", "bfloat16", "float16"):
        found: torch.dtype = getattr(torch, precision)
        return found
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float16 if device == "mps" else torch.float32


def quantization_for(precision: Precision, device: str) -> Any:
    """The quantization of transformers for "int8" and "int4", None for all else.

    Raises BackendUnavailable where bitsandbytes is not installed.
    """
    if precision not in ("int8", "int4"):
        return None
    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise BackendUnavailable(
            f"the precision '{precision}' needs the package bitsandbytes",
            "pip install bitsandbytes, or choose bfloat16 or float32",
        ) from error
    from transformers import BitsAndBytesConfig

    if precision == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=dtype_for("auto", device),
    )


@contextlib.contextmanager
def loading(name: str, place: object) -> Generator[None]:
    """Turn what a loader raises into ``ModelMissing`` with what to do; memory errors pass.

    Args:
        name: the backend, as descriptions name it.
        place: the folder it is loaded from, for the message.
    """
    try:
        yield
    except (LlamaVisError, KeyboardInterrupt):
        raise
    except ImportError as error:
        raise BackendUnavailable(
            f"the model '{name}' needs a package that is not installed: {error}",
            "run 'llamavis doctor' to see the command that adds it",
        ) from error
    except Exception as error:
        if is_out_of_memory(error):
            raise
        said = " ".join(str(error).split())
        raise ModelMissing(
            f"the model '{name}' in {place} cannot be loaded: {type(error).__name__}: {said[:300]}",
            f"compare its files with 'llamavis models verify {name}', or fetch it again",
        ) from error


@contextlib.contextmanager
def hushed(log: Any, level: int) -> Generator[None]:
    """A library draws no progress bars meanwhile and logs from ``level`` on: the terminal belongs
    to the user.

    Args:
        log: the library's ``utils.logging``, as transformers and diffusers have it.
        level: of Python's ``logging``.
    """
    before, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity(level)
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(before)
        if bars:
            log.enable_progress_bar()


def refuse_gaps(name: str, told: Mapping[str, Any]) -> None:
    """Raise ModelMissing where weights were missing or of another shape, as ``output_loading_info``
    tells: the loader would go on with random numbers.
    """
    missing = sorted(map(str, told.get("missing_keys", ())))
    shapes = sorted(str(one[0] if isinstance(one, tuple) else one)
                    for one in told.get("mismatched_keys", ()))  # fmt: skip
    if missing or shapes:
        few = ", ".join([*missing, *shapes][:_MOST_KEYS])
        raise ModelMissing(
            f"the weights of the model '{name}' do not belong to its configuration: "
            f"{len(missing)} are missing and {len(shapes)} of another shape ({few})",
            f"compare its files with 'llamavis models verify {name}', or fetch it again",
        )


def refuse_nan(values: torch.Tensor, name: str) -> None:
    """Raise BackendError where a model's answer is no number: its weights are broken, or too coarse
    for its precision.
    """
    import torch

    if not bool(torch.isfinite(values).all()):
        raise BackendError(
            f"the model '{name}' answered with values that are no numbers",
            "set its precision to bfloat16 or float32; if that does not help, compare its files "
            f"with 'llamavis models verify {name}'",
        )
