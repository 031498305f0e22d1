"""`llamavis train`: the stages of training in their order, told line by line."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.output import Output
from llamavis_studio.core.errors import BackendUnavailable, ProjectError, did_you_mean
from llamavis_studio.core.resources import resource_path


@dataclass(frozen=True)
class TrainWish:
    """The options of `llamavis train`; no stages means all of them."""

    preset: str
    minutes: float
    total_minutes: float | None
    stages: tuple[str, ...]
    data: Path | None
    folder: Path
    out: Path
    restart: bool
    device: str
    batch: int
    seed: int
    compile_model: bool
    resume: Path | None = None


def train(wish: TrainWish, as_json: bool) -> int:
    """Run the stages of a wish; progress goes to stderr."""
    output = Output(as_json)

    def work() -> int:
        # Idle threads that spin take the cores from whatever else runs for these hours.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from llamavis_studio.model.train import cli as training

        for stage in wish.stages:
            if stage not in training.STAGES:
                hint = did_you_mean(stage, training.STAGES, "stages")
                raise ProjectError(f"there is no stage '{stage}'", hint)
        if wish.restart and wish.folder.exists():
            _forget(wish.folder)
        try:
            revision = training.run(
                training.TrainingRun(
                    preset=wish.preset,
                    minutes=wish.minutes,
                    total_minutes=wish.total_minutes,
                    folder=wish.folder,
                    data=wish.data,
                    minilm=resource_path("models", "minilm"),
                    out=wish.out,
                    scorer=resource_path("models", "scorer"),
                    prompts=resource_path("eval_prompts.txt"),
                    report=output.note,
                    stages=wish.stages or training.STAGES,
                    device=_device(wish.device),
                    batch=wish.batch,
                    seed=wish.seed,
                    compile_model=wish.compile_model,
                    resume=wish.resume,
                )
            )
        except training.TrainingError as error:
            raise ProjectError(str(error), "llamavis train --help") from error
        output.say(f"weights {revision} in {wish.out}" if revision else f"kept in {wish.folder}")
        output.document({"revision": revision, "out": str(wish.out), "folder": str(wish.folder)})
        return 0

    return guarded(output, work)


def _forget(folder: Path) -> None:
    """Remove what an earlier run left; only a folder that is one is touched."""
    if not any((folder / name).exists() for name in ("samples.jsonl", "tokenizer.progress.json")):
        raise ProjectError(f"'{folder}' holds no training run", "choose another --folder")
    shutil.rmtree(folder)


def _device(name: str) -> str:
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise BackendUnavailable("there is no CUDA GPU here", "use --device cpu")
    return name
