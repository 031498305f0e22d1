"""Pictures of every page of the window, in both looks and both languages.

    python -m tests.screenshots OUT [--project FOLDER] [--size 1280x800 ...]

The example project is built first with the shipped model, unless a built project is named. The
window is real and the project is open in it; nothing is painted for the picture alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget

from llamavis_studio.app.command_palette import CommandPalette
from llamavis_studio.app.main import DesktopStudio
from llamavis_studio.core.resources import resource_path
from llamavis_studio.studio import Studio


def wait(app: QApplication, until: Callable[[], bool], seconds: float = 60) -> None:
    """Let the window live until something is so."""
    end = time.monotonic() + seconds
    while not until():
        app.processEvents()
        time.sleep(0.01)
        if time.monotonic() > end:
            raise TimeoutError("the window did not come to rest")


def rest(app: QApplication, seconds: float = 0.6) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        app.processEvents()
        time.sleep(0.01)


def take(app: QApplication, widget: QWidget, out: Path, name: str) -> None:
    rest(app, 0.4)
    widget.grab().save(str(out / f"{name}.png"))
    print(name)


def pictures(app: QApplication, project: Path, out: Path, size: tuple[int, int]) -> None:
    """The pages in one size."""
    label = f"{size[0]}x{size[1]}"
    store = QSettings(str(out / "session.ini"), QSettings.Format.IniFormat)
    store.clear()
    studio = DesktopStudio(app, store)
    window = studio.window
    window.resize(*size)
    window.show()
    for look in ("light", "dark"):
        for language in ("en", "zh"):
            tail = f"{look}-{language}-{label}"
            studio.use_look(look)
            studio.use_language(language)
            take(app, window, out, f"welcome-{tail}")
            window.open_project(project)
            wait(app, lambda: window.tree.first() != "" and window.gallery.model.rowCount() > 0)
            window.tree.choose("characters/knight.png") or window.tree.choose(window.tree.first())
            rest(app, 1.5)
            take(app, window, out, f"studio-{tail}")
            window.editor.choose_view(1)
            take(app, window, out, f"text-{tail}")
            window.gallery.search_for("kind:textur")
            rest(app, 1.0)
            take(app, window, out, f"search-{tail}")
            window.gallery.search_for("")
            window.commands.do_palette()
            palette = window.findChild(CommandPalette)
            if palette is not None:
                take(app, palette, out, f"commands-{tail}")
                palette.close()
            window.editor.choose_view(0)
            rest(app, 0.3)
            window.close_project()
    window.close()
    rest(app, 0.2)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--project", type=Path)
    parser.add_argument("--size", nargs="+", default=["1280x800", "1920x1080"])
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_STATE_HOME"] = place
        project = options.project
        if project is None:
            project = Path(place).resolve() / "example"
            shutil.copytree(resource_path("example_project"), project)
            with Studio.open(project) as studio:
                studio.build()
        app = QApplication(sys.argv[:1])
        for size in options.size:
            width, _, height = size.partition("x")
            pictures(app, project, options.out, (int(width), int(height)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
