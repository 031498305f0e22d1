"""Which device draws: what there is, and which one a setting means.

torch is imported inside the functions: they run in the model process, or in single shots of the
command line. Float32 everywhere: a picture is then the same on every device as far as rounding
allows, and random numbers come from the CPU's generators, whatever draws.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from pathlib import Path

from llamavis_studio.core.device import Device
from llamavis_studio.core.errors import BackendUnavailable
from llamavis_studio.core.settings import user_settings

DEVICE_VARIABLE = "LLAMAVIS_DEVICE"
"""How a model process is told the setting."""
AUTO = "auto"
BEST_FIRST = ("cuda", "mps", "cpu")


def wanted_device() -> str:
    """The setting of this process, or the user's where it was not told. Raises SettingsError."""
    return os.environ.get(DEVICE_VARIABLE, "") or str(user_settings().get("device", AUTO))


def devices() -> tuple[Device, ...]:
    """All there are, the processor first.

    Asking a graphics card for its free memory takes some of it for as long as the process lives.
    """
    from dataclasses import replace

    found = [_processor(), *_cuda(), *_mps()]
    best = min(found, key=lambda one: BEST_FIRST.index(one.kind))
    return tuple(replace(one, best=one is best) for one in found)


def choose_device(setting: str = AUTO) -> str:
    """What torch is to be told: "cpu", "cuda:0", "mps".

    "auto" takes the first graphics card, and the processor where there is none. Raises
    BackendUnavailable for one that is not there.
    """
    names = _names()
    if setting == AUTO:
        return names[-1]
    if setting == "cuda":
        setting = "cuda:0"
    if setting in names:
        return setting
    there = ", ".join(sorted(names, key=lambda name: (name != "cpu", name)))
    raise BackendUnavailable(
        f"the device '{setting}' is not there to draw on",
        f"choose auto or one of: {there} (the setting 'device')",
    )


def prepare_device(device: str) -> None:
    """Settle how a device calculates, before the first model is on it."""
    if device.startswith("cuda"):
        import torch

        # TF32 keeps 10 bits of each factor: enough to pick another code here and there.
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False


def holds_graphics_card() -> bool:
    """Whether this process has memory of a graphics card, if only for CUDA itself."""
    torch = sys.modules.get("torch")
    return torch is not None and bool(torch.cuda.is_initialized())


def return_freed_memory() -> None:
    """Have torch and the C library return what was freed: both keep it for later."""
    torch = sys.modules.get("torch")
    if torch is not None:
        with contextlib.suppress(RuntimeError, AttributeError):
            if torch.cuda.is_initialized():
                torch.cuda.empty_cache()
            if torch.backends.mps.is_available():
                torch.mps.empty_cache()
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)


def _names() -> list[str]:
    """Every device, the best one last; none of them is touched."""
    import torch

    names = ["cpu"]
    if torch.backends.mps.is_available():
        names.append("mps")
    if torch.cuda.is_available():
        names += [f"cuda:{number}" for number in reversed(range(torch.cuda.device_count()))]
    return names


def _processor() -> Device:
    total, free = memory()
    return Device("cpu", _processor_name(), "cpu", total, free)


def _cuda() -> list[Device]:
    import torch

    found: list[Device] = []
    if not torch.cuda.is_available():
        return found
    for number in range(torch.cuda.device_count()):
        label = torch.cuda.get_device_name(number)
        total = free = None
        with contextlib.suppress(RuntimeError):  # one that somebody else has for himself
            free, total = torch.cuda.mem_get_info(number)
        found.append(Device(f"cuda:{number}", label, "cuda", total, free))
    return found


def _mps() -> list[Device]:
    import torch

    if not torch.backends.mps.is_available():
        return []
    total = free = None
    with contextlib.suppress(RuntimeError, AttributeError):
        total = int(torch.mps.recommended_max_memory())
        free = max(0, total - int(torch.mps.driver_allocated_memory()))
    return [Device("mps", f"{_processor_name()} GPU", "mps", total, free)]


def memory() -> tuple[int | None, int | None]:
    """Bytes of this computer's memory: (all, free for programs); None where it cannot be told."""
    if sys.platform == "win32":
        return _windows_memory()
    total = free = None
    with contextlib.suppress(OSError, ValueError):
        page = os.sysconf("SC_PAGE_SIZE")
        total = page * os.sysconf("SC_PHYS_PAGES")
        if "SC_AVPHYS_PAGES" in os.sysconf_names:
            free = page * os.sysconf("SC_AVPHYS_PAGES")
    # What Linux keeps files in counts as free too: it goes as soon as it is needed.
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                free = int(line.split()[1]) * 1024
    return total, free


def _windows_memory() -> tuple[int | None, int | None]:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in "total free pages free_pages own".split()),
            ("free_own", ctypes.c_ulonglong),
            ("free_extended", ctypes.c_ulonglong),
        )

    status = Status()
    status.length = ctypes.sizeof(status)
    if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):  # type: ignore[attr-defined]
        return None, None
    return int(status.total), int(status.free)


def _processor_name() -> str:
    with contextlib.suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        for line in text.splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if sys.platform == "darwin":
        return f"Apple {platform.machine()}"
    return platform.processor() or platform.machine() or "CPU"
