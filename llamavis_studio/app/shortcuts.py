"""The keys of the window's actions: as they come, or as the user wants them.

What differs from the table of `actions` is kept in the session's settings, a key an action; an
empty text there means that the action has none.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence

GROUP = "shortcuts"
_FORM = QKeySequence.SequenceFormat.PortableText


def sequences(text: str) -> list[QKeySequence]:
    """`Ctrl+K; Ctrl+Shift+P` as the sequences that an action may have."""
    return [one for one in QKeySequence.listFromString(text, _FORM) if not one.isEmpty()]


def as_text(keys: Iterable[QKeySequence]) -> str:
    """Sequences as they are kept; the other way round from `sequences`."""
    return QKeySequence.listToString(list(keys), _FORM)


def shown(text: str) -> str:
    """Keys as this system writes them."""
    form = QKeySequence.SequenceFormat.NativeText
    return ", ".join(one.toString(form) for one in sequences(text))


def same(one: str, other: str) -> bool:
    """Whether two texts mean the same keys."""
    return as_text(sequences(one)) == as_text(sequences(other))


def overlap(one: str, other: str) -> bool:
    """Whether pressing the keys of the one would mean the other too, or begin it."""
    return any(
        first.matches(second) != QKeySequence.SequenceMatch.NoMatch
        or second.matches(first) != QKeySequence.SequenceMatch.NoMatch
        for first in sequences(one)
        for second in sequences(other)
    )


def chosen(store: QSettings, name: str, default: str) -> str:
    """The keys of an action: the user's, else those it comes with."""
    value = store.value(f"{GROUP}/{name}")
    return default if value is None else str(value)


def keep(store: QSettings, name: str, keys: str, default: str) -> None:
    """Remember the user's keys; those that an action comes with need no remembering."""
    if same(keys, default):
        store.remove(f"{GROUP}/{name}")
    else:
        store.setValue(f"{GROUP}/{name}", as_text(sequences(keys)))
