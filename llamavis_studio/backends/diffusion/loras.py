"""LoRAs: those of the record act on every picture, those of a description on its own.

A file is read once and its layers stay beside the weights, switched on and off by scale; a few
that descriptions name are kept at a time. Files may be as diffusers, peft or kohya's scripts write
them.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

from llamavis_studio.backends.out_of_memory import is_out_of_memory
from llamavis_studio.backends.weights import NOTES, read_head
from llamavis_studio.core.errors import BackendError

MOST_KEPT = 4
_OWN_STYLE = "llamavis-style"
_OF_TEXT_ENCODERS = ("text_encoder", "lora_te")
_SIGNS = ("lora", "lokr", "loha", "dora")
Key = tuple[str, int, int]


class Loras:
    """The LoRAs beside one checkpoint."""

    def __init__(self) -> None:
        self._always: list[tuple[str, float]] = []
        self._kept: OrderedDict[Key, str] = OrderedDict()
        self._count = 0
        self._any = False

    def always(self, pipe: Any, path: Path, scale: float) -> None:
        """Draw everything with a LoRA from now on. Raises BackendError where it does not fit."""
        self._always.append((self._loaded(pipe, path), scale))
        self._switch(pipe, self._always)

    def use(self, pipe: Any, path: str) -> None:
        """Switch on the LoRA at ``path`` beside those that always act; "" leaves these alone.

        Raises BackendError where it is missing, broken, or made for another model.
        """
        chosen = list(self._always)
        if path:
            chosen.append((self._known(pipe, Path(path)), 1.0))
        if self._any:
            self._switch(pipe, chosen)

    def has_to_load(self, path: str) -> bool:
        """Whether the LoRA at ``path`` is not beside the weights yet; never for ""."""
        return bool(path) and Path(path).is_file() and _key(Path(path)) not in self._kept

    def _known(self, pipe: Any, path: Path) -> str:
        check_lora(path)  # also that of a file which was switched on before
        key = _key(path)
        if key not in self._kept:
            while len(self._kept) >= MOST_KEPT:
                _, oldest = self._kept.popitem(last=False)
                pipe.delete_adapters(oldest)
            self._kept[key] = self._loaded(pipe, path)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _loaded(self, pipe: Any, path: Path) -> str:
        draws = check_lora(path)
        self._count += 1
        name = f"lora_{self._count}"
        try:
            pipe.load_lora_weights(
                str(path.parent), weight_name=path.name, adapter_name=name,
                use_safetensors=True, local_files_only=True,
            )  # fmt: skip
        except Exception as error:
            if is_out_of_memory(error):
                raise
            _forget(pipe, name)
            said = " ".join(str(error).split())[:200]
            raise _misfit(path, f": {said}") from error
        self._any = True
        parts = {part for part, names in pipe.get_list_adapters().items() if name in names}
        if not parts or (draws and not parts & {"unet", "transformer"}):
            _forget(pipe, name)
            raise _misfit(path, ": the layers that draw are not the model's")
        return name

    @staticmethod
    def _switch(pipe: Any, chosen: list[tuple[str, float]]) -> None:
        if not chosen:
            pipe.disable_lora()
            return
        pipe.enable_lora()
        pipe.set_adapters([name for name, _ in chosen], [scale for _, scale in chosen])


def _key(path: Path) -> Key:
    """Changes when the file at a path does."""
    facts = path.stat()
    return str(path), facts.st_mtime_ns, facts.st_size


def check_lora(path: Path) -> bool:
    """Whether a LoRA changes what draws, and not only how words are read.

    Raises BackendError unless the file is a whole safetensors file with a LoRA in it.
    """
    try:
        head, _ = read_head(path)
    except (OSError, ValueError) as error:
        reason = "it is not there" if isinstance(error, FileNotFoundError) else str(error)
        raise BackendError(
            f"the style {path.name} cannot be used: {reason}",
            "name a LoRA that was saved as .safetensors",
        ) from error
    notes = head.get(NOTES, {})
    if _OWN_STYLE in str(notes.get("format", "")):
        raise BackendError(
            f"the style {path.name} was taught to the built-in model: only that one draws in it",
            "set the backend to builtin, or name a LoRA that was made for this model",
        )
    if not any(sign in key.casefold() for key in head for sign in _SIGNS if key != NOTES):
        raise _misfit(path, ": it is no LoRA")
    return not all(key.startswith(_OF_TEXT_ENCODERS) for key in head if key != NOTES)


def _misfit(path: Path, reason: str) -> BackendError:
    return BackendError(
        f"the style {path.name} does not fit this model{reason}",
        "name a LoRA that was made for this kind of model",
    )


def _forget(pipe: Any, name: str) -> None:
    """Take away what a LoRA that failed halfway has left."""
    if any(name in found for found in pipe.get_list_adapters().values()):
        pipe.delete_adapters(name)
