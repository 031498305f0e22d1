"""Qt's system libraries on Linux: which are missing, and which package brings each of them."""

from __future__ import annotations

import ctypes
import re
import shutil
import sys

# library: its package for apt, dnf and pacman
PACKAGES = {
    "libEGL.so.1": ("libegl1", "libglvnd-egl", "libglvnd"),
    "libGL.so.1": ("libgl1", "libglvnd-glx", "libglvnd"),
    "libOpenGL.so.0": ("libopengl0", "libglvnd-opengl", "libglvnd"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon", "libxkbcommon"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs", "dbus"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype", "freetype2"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2", "glib2"),
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb", "libx11"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    "libxcb-render-util.so.0": (
        "libxcb-render-util0",
        "xcb-util-renderutil",
        "xcb-util-renderutil",
    ),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb", "libxcb"),
}
# package manager: the command that installs with it, in the order of the columns above
INSTALL_COMMANDS = {
    "apt-get": "sudo apt-get install",
    "dnf": "sudo dnf install",
    "pacman": "sudo pacman -S",
}


def missing(import_error: str = "") -> list[str]:
    """Return the libraries that this machine cannot load.

    `import_error` is the text of a failed import of PySide6; a library that it names is added, as
    Qt may need one that is not in the table. Empty on systems other than Linux.
    """
    if not sys.platform.startswith("linux"):
        return []
    named = re.findall(r"(lib[\w.+-]+\.so[.\d]*): cannot open", import_error)
    return sorted({*named, *(name for name in PACKAGES if not loads(name))})


def loads(library: str) -> bool:
    """Return whether the dynamic linker finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def package_manager() -> str:
    """Return the name of this machine's package manager, or an empty text."""
    return next((name for name in INSTALL_COMMANDS if shutil.which(name)), "")


def advice(libraries: list[str], manager: str) -> list[str]:
    """Turn missing libraries into lines that name the packages and the command to install them."""
    if not libraries:
        return []
    lines = [
        f"The desktop window would miss: {', '.join(libraries)}",
        "(a warning only: builds, plans and training need no window)",
    ]
    if manager in INSTALL_COMMANDS:
        column = list(INSTALL_COMMANDS).index(manager)
        packages = sorted({PACKAGES[name][column] for name in libraries if name in PACKAGES})
        if packages:
            lines.append(f"Install them with: {INSTALL_COMMANDS[manager]} {' '.join(packages)}")
    return lines
