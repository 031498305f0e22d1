"""The model process of a studio that was not handed one, set up after the user's settings."""

from __future__ import annotations

import contextlib

from llamavis_studio.backends.model_process import ProcessSettings
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.core.settings import Settings, state_folder


def own_host(settings: Settings) -> ProcessHost:
    """A process that starts with its first question; what it says goes to `model.log`."""
    return ProcessHost(process_settings(settings, "model.log"))


def process_settings(settings: Settings, log_name: str) -> ProcessSettings:
    """How the user wants a model process; what it says goes to a file among the logs."""
    log = state_folder() / log_name
    with contextlib.suppress(OSError):  # then it speaks on standard error
        log.parent.mkdir(parents=True, exist_ok=True)
    return ProcessSettings(
        threads=settings.threads or None,
        idle_s=settings.idle_unload_s,
        log_path=log if log.parent.is_dir() else None,
        device=settings.device,
    )
