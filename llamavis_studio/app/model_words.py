"""What models say about themselves, for translators: sentences of the shelf and the catalogue.

What is not here is shown as it is.
"""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

WORDS = tuple(
    str(one)
    for one in (
        QT_TRANSLATE_NOOP("ModelsDialog", "makes images"),
        QT_TRANSLATE_NOOP("ModelsDialog", "reads images"),
        QT_TRANSLATE_NOOP("ModelsDialog", "answers questions about images"),
        QT_TRANSLATE_NOOP("ModelsDialog", "changes images"),
        QT_TRANSLATE_NOOP("ModelsDialog", "makes seamless textures"),
        QT_TRANSLATE_NOOP(
            "ModelsDialog",
            "sprites, characters, items, tiles and simple landscapes at 32 to 64 pixels",
        ),
        QT_TRANSLATE_NOOP(
            "ModelsDialog", "photographs, large pictures, writing in pictures, real people"
        ),
        QT_TRANSLATE_NOOP("ModelsDialog", "the edges of seamless textures are blended"),
        QT_TRANSLATE_NOOP("ModelsDialog", "backgrounds are taken away after drawing"),
        QT_TRANSLATE_NOOP("ModelsDialog", "images are scaled to the wanted size"),
        QT_TRANSLATE_NOOP(
            "ModelsDialog", "drawing at 384 px and reading images with one small model"
        ),
        QT_TRANSLATE_NOOP(
            "ModelsDialog", "drawing at 384 px and reading images, better than the small one"
        ),
        QT_TRANSLATE_NOOP(
            "ModelsDialog", "one plain sentence an image, also without a graphics card"
        ),
        QT_TRANSLATE_NOOP("ModelsDialog", "one plain sentence an image, better than the small one"),
        QT_TRANSLATE_NOOP("ModelsDialog", "short and detailed captions from a small model"),
        QT_TRANSLATE_NOOP("ModelsDialog", "short and detailed captions"),
        QT_TRANSLATE_NOOP("ModelsDialog", "captions and questions on the smallest machines"),
        QT_TRANSLATE_NOOP("ModelsDialog", "captions and questions on small machines"),
        QT_TRANSLATE_NOOP("ModelsDialog", "captions, tags and questions in English and Chinese"),
        QT_TRANSLATE_NOOP(
            "ModelsDialog", "captions, tags and questions in English and Chinese, in more detail"
        ),
        QT_TRANSLATE_NOOP(
            "ModelsDialog",
            "textures and pictures at 512 px on older cards, with many styles (LoRA) to choose "
            "from",
        ),
        QT_TRANSLATE_NOOP("ModelsDialog", "textures and characters at 1024 px"),
        QT_TRANSLATE_NOOP(
            "ModelsDialog",
            "drafts at 512 px in one to four steps; its licence limits commercial use",
        ),
        QT_TRANSLATE_NOOP("ModelsDialog", "detailed pictures at 1024 px in four steps"),
        QT_TRANSLATE_NOOP(
            "ModelsDialog", "detailed pictures in eight steps, from English and Chinese words"
        ),
        QT_TRANSLATE_NOOP(
            "ModelsDialog", "pictures with writing in them, from English and Chinese words"
        ),
    )
)
FAMILY_TITLES = {
    "janus": "Janus-Pro",
    "captioner": str(QT_TRANSLATE_NOOP("ModelsDialog", "Captioner")),
    "diffusers": "Diffusers",
    "comfyui": str(QT_TRANSLATE_NOOP("ModelsDialog", "ComfyUI server")),
}


def said(text: str) -> str:
    """A sentence of a model in the language of the window."""
    return QCoreApplication.translate("ModelsDialog", text) if text else ""


def family_title(family: str) -> str:
    """How a family of models is called."""
    return said(FAMILY_TITLES.get(family, family))
