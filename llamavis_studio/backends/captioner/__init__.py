"""Captions from any image-text-to-text checkpoint of transformers: BLIP, Florence-2, Qwen-VL,
SmolVLM and whatever else `AutoModelForImageTextToText` loads.

The order of events for one call: :mod:`.pictures` puts each image onto a background and enlarges
pixel art; :mod:`.families` says what the architecture is asked; :mod:`.reading` has it answer, a
batch at a time; :mod:`.spoken` knows how sure it was of each word; :mod:`.words` finds tags and the
kind. A new architecture is a row in :mod:`.families`, and often not even that.
"""

from llamavis_studio.backends.captioner.backend import CaptionerBackend

__all__ = ["CaptionerBackend"]
