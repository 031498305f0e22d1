"""Pictures of every page and dialog of the window, in both looks and both languages.

    python -m tests.screenshots OUT [--only NAME] [--project FOLDER] [--size 1280x800 ...]
        [--look light dark] [--language en zh] [--sheets]

The example project is built first with the shipped model, unless a built project is named (it is
copied). The window is real and the project is open in it; nothing is painted for the picture alone.
`--sheets` puts the pictures of each look, language and size together, some on a page.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from llamavis_studio.app.main import DesktopStudio
from llamavis_studio.core.resources import resource_path
from llamavis_studio.studio import Studio
from tests.app.hands import settle
from tests.screenshots.camera import Camera, contact_sheet
from tests.screenshots.pages import project, welcome

A_SHEET = 6


def pictures(app: QApplication, folder: Path, options: argparse.Namespace) -> list[Path]:
    """Every page in every size, look and language."""
    camera = Camera(options.out, options.only)
    for size in options.size:
        width, height = map(int, size.split("x"))
        store = QSettings(str(options.out / "session.ini"), QSettings.Format.IniFormat)
        store.clear()
        studio = DesktopStudio(app, store)
        studio.window.resize(width, height)
        studio.window.show()
        for look in options.look:
            for language in options.language:
                camera.tail = f"{look}-{language}-{size}"
                studio.use_look(look)
                studio.use_language(language)
                taken = len(camera.taken)
                welcome(studio, camera)
                project(studio, camera, folder)
                new = camera.taken[taken:]
                for at in range(0, len(new) if options.sheets else 0, A_SHEET):
                    page = options.out / f"sheet{at // A_SHEET}-{camera.tail}.png"
                    contact_sheet(new[at : at + A_SHEET], page)
        studio.window.close()
        studio.window.deleteLater()
        settle()
    return camera.taken


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default="", help="a part of the names that are wanted")
    parser.add_argument("--project", type=Path)
    parser.add_argument("--size", nargs="+", default=["1280x800", "1920x1080"])
    parser.add_argument("--look", nargs="+", default=["light", "dark"])
    parser.add_argument("--language", nargs="+", default=["en", "zh"])
    parser.add_argument("--sheets", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_STATE_HOME"] = place
        folder = Path(place).resolve() / "example"
        shutil.copytree(options.project or resource_path("example_project"), folder)
        if options.project is None:
            with Studio.open(folder) as studio:
                studio.build()
        taken = pictures(QApplication(sys.argv[:1]), folder, options)
    return 0 if taken else 1


if __name__ == "__main__":
    sys.exit(main())
