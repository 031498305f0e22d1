"""One training loop for every part of the model: a time budget, a schedule, an average, a way back.

The budget is in minutes, not steps, because that is what a user (or a borrowed GPU) has. The
learning rate warms up, stays, and falls linearly to a twentieth over the last part of the *total*
budget, so a run may be cut into calls and continued: give the same total and the same folder.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

Report = Callable[[str], None]
"""Takes one line of progress for a person."""


@dataclass(frozen=True)
class Budget:
    """How long to train, in minutes of wall clock."""

    minutes: float
    """In this call."""
    total_minutes: float | None = None
    """Over all calls on this folder; the default ends with this call."""


@dataclass(frozen=True)
class Schedule:
    """Warm up, stay, fall."""

    warmup_steps: int = 100
    fall_share: float = 0.4
    floor: float = 0.05

    def factor(self, step: int, spent_share: float) -> float:
        """What the peak learning rate is multiplied by."""
        warm = min(1.0, (step + 1) / self.warmup_steps)
        left = max(0.0, 1.0 - spent_share) / self.fall_share
        return warm * (self.floor + (1 - self.floor) * min(1.0, left))


def fast_bfloat16(device: str) -> bool:
    """Whether bf16 products are quicker than fp32 there: measured, as CPUs differ a hundredfold."""
    if device != "cpu":
        return True
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        a, b = torch.ones(256, 256, dtype=dtype), torch.ones(256, 256, dtype=dtype)
        a @ b
        begun = time.perf_counter()
        for _ in range(4):
            a @ b
        seconds[dtype] = time.perf_counter() - begun
    return seconds[torch.bfloat16] < seconds[torch.float32]


class Average:
    """Exponential moving average of the parameters: what is evaluated and shipped."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.values = {n: p.detach().clone() for n, p in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Move towards the parameters as they are now."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, parameter in module.named_parameters():
            self.values[name].lerp_(parameter.detach(), 1 - decay)

    @torch.no_grad()
    def copy_to(self, module: nn.Module) -> None:
        """Overwrite the parameters with their averages."""
        for name, parameter in module.named_parameters():
            parameter.copy_(self.values[name])


def optimizers(module: nn.Module, matrix_lr: float, other_lr: float) -> list[torch.optim.Optimizer]:
    """Muon (Jordan 2024) for the matrices inside the Llama blocks, AdamW for everything else.

    Needs torch 2.9; older ones get AdamW alone.
    """
    matrices: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in module.named_parameters():
        if not parameter.requires_grad:
            continue
        inside = parameter.dim() == 2 and "backbone.layers" in name
        (matrices if inside else others).append(parameter)
    muon = getattr(torch.optim, "Muon", None)
    if muon is None or not matrices:
        others, matrices = others + matrices, []
    found: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(others, lr=other_lr, betas=(0.9, 0.95), weight_decay=0.01, eps=1e-8)
    ]
    if matrices and muon is not None:
        found.append(
            muon(matrices, lr=matrix_lr, weight_decay=0.01, adjust_lr_fn="match_rms_adamw")
        )
    for optimizer in found:
        for group in optimizer.param_groups:
            group["peak_lr"] = group["lr"]
    return found


@dataclass
class Progress:
    """Where a run stands; kept beside its weights as ``NAME.progress.json``."""

    step: int = 0
    minutes: float = 0.0
    images: int = 0


def run(
    name: str,
    module: nn.Module,
    step: Callable[[int], tuple[Tensor, int, Mapping[str, float]]],
    *,
    folder: Path,
    budget: Budget,
    found: list[torch.optim.Optimizer],
    report: Report,
    schedule: Schedule | None = None,
    average_decay: float = 0.999,
    after_step: Callable[[], None] | None = None,
    save_every_minutes: float = 5.0,
    enough: Callable[[], bool] | None = None,
) -> Progress:
    """Train ``module`` until the budget is spent, or ``enough()`` says so after a step; leave its
    averaged weights in it.

    ``step(n)`` answers the loss to walk down, the images seen, and figures to show. The state of
    the run goes to ``folder`` every few minutes and at the end; a run of the same name found
    there is continued. Raises ``FloatingPointError`` when the loss stops being a number.
    """
    schedule = schedule or Schedule()
    average = Average(module, average_decay)
    progress = _restore(name, folder, module, average, found)
    total = budget.total_minutes or progress.minutes + budget.minutes
    begun, before, saved = time.monotonic(), progress.minutes, time.monotonic()
    shown: dict[str, float] = {}
    while True:
        spent = (time.monotonic() - begun) / 60
        if spent >= budget.minutes:
            break
        factor = schedule.factor(progress.step, (before + spent) / total)
        for optimizer in found:
            for group in optimizer.param_groups:
                group["lr"] = group["peak_lr"] * factor
        loss, images, figures = step(progress.step)
        if not math.isfinite(loss.item()):
            raise FloatingPointError(f"{name}: the loss became {loss.item()} at {progress.step}")
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        for optimizer in found:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        progress.step += 1
        progress.images += images
        average.update(module, progress.step)
        if after_step is not None:
            after_step()
        for key, value in figures.items():
            shown[key] = value if key not in shown else shown[key] * 0.95 + value * 0.05
        if enough is not None and enough():
            break
        if progress.step % 50 == 0:
            report(_line(name, progress, shown, spent, budget.minutes))
        if time.monotonic() - saved > save_every_minutes * 60:
            saved = time.monotonic()
            progress.minutes = before + spent
            _save(name, folder, module, average, found, progress)
    progress.minutes = before + (time.monotonic() - begun) / 60
    _save(name, folder, module, average, found, progress)
    average.copy_to(module)
    return progress


def _line(
    name: str, progress: Progress, shown: Mapping[str, float], spent: float, minutes: float
) -> str:
    figures = "  ".join(f"{key} {value:.3f}" for key, value in shown.items())
    left = max(0.0, minutes - spent)
    return (
        f"{name}  step {progress.step}  images {progress.images:,}  {figures}  "
        f"{spent:.1f} min, {left:.1f} min left"
    )


def _save(
    name: str,
    folder: Path,
    module: nn.Module,
    average: Average,
    found: list[torch.optim.Optimizer],
    progress: Progress,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        "module": module.state_dict(),
        "average": average.values,
        "optimizers": [optimizer.state_dict() for optimizer in found],
    }
    # A run's own scratch state on its own disk, read back with weights_only; never shipped.
    temporary = folder / f"{name}.state.pt.tmp"
    torch.save(state, temporary)
    temporary.replace(folder / f"{name}.state.pt")
    text = json.dumps(vars(progress))
    (folder / f"{name}.progress.json").write_text(text, encoding="utf-8")


def _restore(
    name: str,
    folder: Path,
    module: nn.Module,
    average: Average,
    found: list[torch.optim.Optimizer],
) -> Progress:
    path = folder / f"{name}.state.pt"
    if not path.exists():
        return Progress()
    state = torch.load(path, weights_only=True, map_location=next(module.parameters()).device)
    module.load_state_dict(state["module"])
    average.values = state["average"]
    for optimizer, values in zip(found, state["optimizers"], strict=True):
        peaks = [group["peak_lr"] for group in optimizer.param_groups]
        optimizer.load_state_dict(values)
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["peak_lr"] = peak  # the caller's rate, also when it changed since
    text = (folder / f"{name}.progress.json").read_text(encoding="utf-8")
    return Progress(**json.loads(text))


def finished_average(name: str, folder: Path, module: nn.Module) -> Progress:
    """Load the averaged weights of a run into ``module``. Raises ``FileNotFoundError``."""
    state = torch.load(folder / f"{name}.state.pt", weights_only=True, map_location="cpu")
    module.load_state_dict(state["module"])
    with torch.no_grad():
        for key, parameter in module.named_parameters():
            parameter.copy_(state["average"][key])
    text = (folder / f"{name}.progress.json").read_text(encoding="utf-8")
    return Progress(**json.loads(text))
