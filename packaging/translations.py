"""The window's languages: `python packaging/translations.py` after a text changed.

Finds the texts in the sources (Qt's lupdate), keeps what is translated, and compiles the .ts files
in resources/i18n to the .qm files that the window loads (lrelease). Messages of the lower layers
are found too (message_catalogue.py). What has no translation yet is listed, and ends with status 1.
"""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import PySide6

REPO = Path(__file__).resolve().parent.parent
FOLDER = REPO / "resources" / "i18n"
LANGUAGES = ("en", "zh")


def tool(name: str) -> str:
    """A program of Qt that comes with PySide6."""
    folder = Path(PySide6.__file__).parent
    return str(next(path for path in (folder / name, folder / f"{name}.exe") if path.exists()))


def update(folder: Path, language: str) -> Path:
    """Bring a .ts file to what the sources say now."""
    path = folder / f"studio_{language}.ts"
    target = {"en": "en_GB", "zh": "zh_CN"}[language]
    subprocess.run(
        [
            tool("lupdate"), "-silent", "-no-obsolete", "-locations", "none",
            "-source-language", "en_GB", "-target-language", target,
            "-extensions", "py", str(REPO / "llamavis_studio" / "app"), "-ts", str(path),
        ],
        check=True,
        cwd=REPO,
    )  # fmt: skip
    return path


def unfinished(path: Path) -> list[str]:
    """The texts without a translation. In English only plural forms need one."""
    found = []
    for message in ElementTree.parse(path).getroot().iter("message"):
        translation = message.find("translation")
        is_plural = message.get("numerus") == "yes"
        if path.stem.endswith("_en") and not is_plural:
            continue
        forms = [] if translation is None else list(translation) if is_plural else [translation]
        if not forms or any(not (form.text or "").strip() for form in forms):
            found.append(message.findtext("source") or "")
    return found


def main() -> int:
    """Update, compile, and tell what is missing."""
    missing = 0
    for language in LANGUAGES:
        path = update(FOLDER, language)
        subprocess.run([tool("lrelease"), "-silent", str(path)], check=True)
        for text in unfinished(path):
            print(f"{path.name}: no translation of {text!r}")
            missing += 1
    missing += _update_messages()
    return 1 if missing else 0


def _update_messages() -> int:
    """What the lower layers tell, which is no text of Qt's; how many have no translation."""
    from message_catalogue import catalogue, update

    path = catalogue()
    missing, gone = update(path)
    for line in gone:
        print(f"{path.name}: no longer in the sources: {line}")
    for text in missing:
        print(f"{path.name}: no translation of {text!r}")
    return len(missing)


if __name__ == "__main__":
    sys.exit(main())
