"""Lets torchvision be imported beside a torch that was built without CUDA.

The bug: torchvision's wheels on PyPI are built for CUDA. Beside a CPU build of torch their compiled
part cannot be loaded (libcudart is missing), which torchvision itself tolerates; but then its own
`_meta_registrations` asks torch for the operators `nms` and `qnms`, which that part would have
declared, and `import torchvision` ends in `RuntimeError: operator torchvision::nms does not exist`,
and with it the import of transformers' image models.
https://github.com/pytorch/vision/issues/8985

The mend: declare these two names, without any computation behind them, before torchvision is
imported. Transforms, image reading through Pillow, and transformers need nothing else; calling
`torchvision.ops.nms` itself still says clearly that the compiled operators are not there.

Remove this module when torchvision guards these registrations, or when PyPI's wheels load beside a
CPU build of torch: the test `test_torchvision_is_still_broken_by_itself` fails then.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.library import Library

# As torchvision's compiled part declares them.
MISSING_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)

# torch forgets a declaration when its Library object is collected, hence it lives here.
_declared: list[Library] = []


def prepare_torchvision() -> bool:
    """Make `import torchvision` safe; call it before the first import of it or transformers.

    Returns True when the missing operators were declared, False when nothing had to be done:
    torchvision is whole, is not installed, or was prepared before.
    """
    if _declared or not (folder := _torchvision_folder()) or _compiled_part_loads(folder):
        return False
    from torch.library import Library

    library = Library("torchvision", "FRAGMENT")
    for schema in MISSING_SCHEMAS:
        library.define(schema)
    _declared.append(library)
    return True


def _torchvision_folder() -> Path | None:
    """Return where torchvision is installed, found without importing it."""
    spec = find_spec("torchvision")
    return Path(spec.origin).parent if spec and spec.origin else None


def _compiled_part_loads(folder: Path) -> bool:
    """Load torchvision's compiled operators as torchvision would; True when `nms` is then known."""
    import torch

    for library in sorted([*folder.glob("_C*.so"), *folder.glob("_C*.pyd")]):
        try:
            torch.ops.load_library(str(library))
        except OSError:  # a shared library that it needs (CUDA's) is not on this machine
            continue
    return hasattr(torch.ops.torchvision, "nms")
