"""Pictures by any text-to-image checkpoint of diffusers: Stable Diffusion, SDXL, FLUX and others.

    options.py      what a record may say about its checkpoint
    checkpoint.py   what the small files of a checkpoint tell: family, sizes, what it heeds
    single_file.py  checkpoints in one file: their kind, and what they lack
    other_files.py  files that are something else, and what
    backend.py      the backend itself
    pictures.py     versions before and regions, fitted to the drawn size and pasted back
    offload.py      what lies on the graphics card, and what waits beside it
    loras.py        LoRAs of the record and of descriptions

and, imported by `load` with torch and diffusers:

    single_loading.py   the parts of a checkpoint in one file
    loading.py      parts, scheduler, and where they lie
    drawing.py      one group of requests through one pipeline
    tiling.py       edges that meet
    glimpses.py     pictures while they are drawn
    reading.py      how much of a prompt is read, and its vectors
"""

from llamavis_studio.backends.diffusion.backend import DiffusionBackend

__all__ = ["DiffusionBackend"]
