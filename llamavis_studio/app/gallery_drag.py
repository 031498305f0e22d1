"""Cards on their way to another program: their files, under a picture of the first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QDrag, QPixmap
from PySide6.QtWidgets import QWidget

from llamavis_studio.app.gallery_model import GalleryModel

_SIDE = 64  # px of the picture under the mouse


def drag_of(source: QWidget, model: GalleryModel, indexes: Sequence[QModelIndex]) -> QDrag | None:
    """The drag of these cards; None where not one has a file."""
    data = model.mimeData(indexes)
    if not data.urls():
        return None
    drag = QDrag(source)
    drag.setMimeData(data)
    item = model.item(indexes[0])
    image = model.thumbnails.get(item.digest) if item is not None else None
    if image is not None and not image.isNull():
        kept = Qt.AspectRatioMode.KeepAspectRatio
        drag.setPixmap(QPixmap.fromImage(image).scaled(_SIDE, _SIDE, kept))
    return drag
