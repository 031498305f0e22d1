# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts in the user's language: English here, Simplified Chinese in `texts_zh`."""

from __future__ import annotations

import bpy

from .session import Said
from .texts_zh import ZH


def tr(text: str, **values: object) -> str:
    """A text in the user's language, its {names} filled in."""
    told = str(bpy.app.translations.pgettext_iface(text))
    return told.format(**values) if values else told


def said(sentence: Said) -> str:
    """A sentence as it is shown."""
    return tr(sentence.text, **sentence.values)


def register() -> None:
    """Make the Chinese known."""
    table = {("*", text): chinese for text, chinese in ZH.items()}
    table |= {("Operator", text): chinese for text, chinese in ZH.items()}
    bpy.app.translations.register(__package__, {"zh_HANS": table})


def unregister() -> None:
    """Leave nothing."""
    bpy.app.translations.unregister(__package__)
