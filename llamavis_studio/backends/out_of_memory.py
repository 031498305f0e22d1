"""How a lack of memory looks, whichever library says so, and what helps."""

from __future__ import annotations

MEMORY_HINT = (
    "close other programs; where a graphics card is too small, set 'device' to cpu, "
    "and 'batch_size' says how many images are made at once"
)
_SIGNS = (
    "out of memory",  # CUDA, MPS
    "not enough memory",  # the CPU's allocator on Windows
    "can't allocate memory",  # the CPU's allocator elsewhere
    "bad_alloc",
    "alloc_failed",  # cuBLAS and cuDNN
)


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether an error of Python, NumPy or torch means that memory ran out.

    torch has a class of its own for its CUDA allocator only; all else it says in words.
    """
    if isinstance(error, MemoryError):
        return True
    if not isinstance(error, RuntimeError):
        return False
    text = str(error).casefold()
    return any(sign in text for sign in _SIGNS)
