"""What is said about how an image was drawn, in the language of the window.

The plan and the files say it in English, with names and sizes in between; what is not here is shown
as they say it.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from llamavis_studio.app.messages import said
from llamavis_studio.app.sentences import capital

_SENTENCES = tuple(
    str(one)
    for one in (
        QT_TRANSLATE_NOOP("Drawn", "drawn at {0}, then made {1}"),
        QT_TRANSLATE_NOOP("Drawn", "its background is removed by a filter"),
        QT_TRANSLATE_NOOP("Drawn", "'{0}' is added to the prompt"),
        QT_TRANSLATE_NOOP("Drawn", "its edges are blended by a filter"),
        QT_TRANSLATE_NOOP("Drawn", "the model does not heed '{0}'"),
        QT_TRANSLATE_NOOP("Drawn", "the model cannot draw in the style that was trained for it"),
        QT_TRANSLATE_NOOP(
            "Drawn", "the model reads no Chinese: a dictionary puts it into English first"
        ),
        QT_TRANSLATE_NOOP("Drawn", "the model reads no Chinese, and the description has some"),
        QT_TRANSLATE_NOOP("Drawn", "the same words and seed may give another image each time"),
        QT_TRANSLATE_NOOP("Drawn", "the model did not read the end: '{0}'"),
        QT_TRANSLATE_NOOP("Drawn", "the model did not read the end of what to avoid: '{0}'"),
        QT_TRANSLATE_NOOP(
            "Drawn",
            "nothing stands out from its background, so the background stays: ask for it 'on a "
            "plain background', or try another seed",
        ),
        QT_TRANSLATE_NOOP(
            "Drawn",
            "its background is too busy to be told from the figure, so the background stays: ask "
            "for it 'on a plain background', or try another seed",
        ),
        QT_TRANSLATE_NOOP(
            "Drawn",
            "it has no background, so the background stays: ask for it 'on a plain background', or "
            "try another seed",
        ),
    )
)
_PATTERNS = tuple(
    (re.compile(re.sub(r"\\\{\d\\\}", "(.+)", re.escape(one)), re.DOTALL), one)
    for one in _SENTENCES
)


def spoken(sentence: str) -> str:
    """A sentence as the window says it, with what stands in between kept."""
    for pattern, template in _PATTERNS:
        found = pattern.fullmatch(sentence)
        if found is not None:
            told = QCoreApplication.translate("Drawn", template).format(*found.groups())
            return told[:1].upper() + told[1:]
    return capital(said(sentence))
