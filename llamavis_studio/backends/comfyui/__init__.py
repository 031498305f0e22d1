"""ComfyUI servers elsewhere as a backend: see :mod:`.backend`."""

from llamavis_studio.backends.comfyui.backend import ComfyBackend

__all__ = ["ComfyBackend"]
