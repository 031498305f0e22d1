"""The one error of the imaging room; the layer above adds the asset's name and turns it into its
own family.
"""

from __future__ import annotations


class ImageError(ValueError):
    """Bytes that are no image, or an image that cannot be used; the text says which and why."""
