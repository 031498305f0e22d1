"""The messages of the lower layers in Chinese, for the window: resources/i18n/messages_zh.json.

Errors, hints and reasons are raised in English, and the command line shows them so. The window
looks them up here by their template (`llamavis_studio/app/messages.py`).
`python packaging/translations.py` brings the catalogue to what the sources say now: "sources" has a
template for each text that `message_templates.py` finds, "outside" are texts of Python, of the
system and of libraries, and what stands between two messages.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from message_templates import templates

REPO = Path(__file__).resolve().parent.parent
PACKAGE = REPO / "llamavis_studio"
_SLOT = re.compile(r"(?<!\{)\{(\d+)\}(?!\})|\{\{\{(\d+)\}\}\}")


def catalogue(language: str = "zh") -> Path:
    """The file of a language."""
    return REPO / "resources" / "i18n" / f"messages_{language}.json"


def read(path: Path) -> dict[str, dict[str, str]]:
    """`{"sources": {template: translation}, "outside": {text: translation}}`."""
    values: dict[str, dict[str, str]] = json.loads(path.read_text("utf-8"))
    return values


def update(path: Path) -> tuple[list[str], list[str]]:
    """Bring a catalogue to what the sources say; what has no translation, and what was taken out.

    A text that was reworded is in both lists: its old translation is printed to start from.
    """
    found = templates(PACKAGE)  # it takes seconds; whoever edits the catalogue meanwhile is heard
    known = read(path)
    old = known["sources"]
    known["sources"] = {text: old.get(text, "") for text in in_order(found)}
    text = json.dumps(known, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", "utf-8", newline="\n")
    missing = [text for text in found if not old.get(text, "").strip()]
    return missing, [f"{text!r}: {old[text]!r}" for text in old if text not in found]


def in_order(found: dict[str, str]) -> list[str]:
    """The templates as they stand in the sources: what belongs together is read together."""

    def place(text: str) -> tuple[str, int, str]:
        module, line = found[text].rsplit(":", 1)
        return module, int(line), text

    return sorted(found, key=place)


def slots(text: str) -> list[int]:
    """The numbers of the slots in a template, sorted."""
    return sorted(int(one or other) for one, other in _SLOT.findall(text))
