"""For checks inside Blender: the installed extension, small games, and services of their own.

Loaded by pytest as a plugin; nothing of the studio is imported here, only bpy and pytest.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import bpy
import pytest

MODULE = "bl_ext.user_default.llamavis"
WAIT_S = 40.0
PROJECT = '[project]\nname = "game"\nbackend = "instant"\n'


def installed():
    """The extension's package, installed from its zip as users do."""
    if MODULE not in bpy.context.preferences.addons:
        bpy.ops.extensions.package_install_files(
            filepath=os.environ["LLAMAVIS_CHECK_ZIP"], repo="user_default", enable_on_install=True
        )
    return sys.modules[MODULE]


class Service:
    """`llamavis serve` of a project."""

    def __init__(self, root: Path, *more: str) -> None:
        told = json.loads(os.environ["LLAMAVIS_CHECK_SERVE"])
        self.file = root / ".llamavis" / "service.json"
        self.process = subprocess.Popen(
            [*told["command"], str(root), *more], env=told["env"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until(lambda: self.told().get("pid") == self.process.pid, "the service")

    def told(self) -> dict:
        try:
            return json.loads(self.file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()


class World:
    """The extension at work in an empty .blend file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = installed()
        self.services: list[Service] = []

    def __getattr__(self, name: str):
        """A module of the extension."""
        return sys.modules[f"{MODULE}.{name}"]

    @property
    def now(self):
        return self.session.SESSION

    @property
    def fields(self):
        return bpy.context.window_manager.llamavis

    def game(self, files: dict[str, str], name: str = "game") -> Path:
        root = self.folder / name
        for relative, text in {"llamavis.toml": PROJECT, **files}.items():
            (root / relative).parent.mkdir(parents=True, exist_ok=True)
            (root / relative).write_text(text, "utf-8")
        return root.resolve()

    def serve(self, root: Path) -> Service:
        service = Service(root)
        self.services.append(service)
        return service

    def follow(self, root: Path) -> None:
        """As with the folder field; until all images are drawn and taken in."""
        self.fields.project = str(root)
        self.settle()

    def settle(self) -> None:
        self.until(lambda: self.is_settled(), "everything drawn")

    def is_settled(self) -> bool:
        now = self.now
        states = {one.state for one in now.entries.values()}
        return bool(
            now.is_connected and now.entries and states <= {"fresh", "locked"}
            and not now.drawing and not now.changed
            and len(self.fields.rows) == len(now.entries)
        )  # fmt: skip

    def select(self, key: str) -> None:
        self.fields.index = self.fields.rows.find(key)
        self.until(lambda: self.now.words is not None, "the description")
        self.tick()

    def until(self, holds, what: str) -> None:
        until(holds, what, self.tick)

    def tick(self) -> None:
        """What Blender's timer does in a window; there is none here."""
        self.sync.tick()

    def close(self) -> None:
        self.fields.project = ""
        self.now.close()
        for service in self.services:
            service.end()


def until(holds, what: str, tick=lambda: None) -> None:
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end, f"{what} did not come"
        tick()
        time.sleep(0.02)


def described(words: str, more: str = "") -> str:
    return f'description = "{words}"\n{more}'


def pixels_of(image) -> list[float]:
    found = [0.0] * (image.size[0] * image.size[1] * 4)
    image.pixels.foreach_get(found)
    return found


def render(path: Path, size: int = 64) -> list[float]:
    """What Cycles makes of the scene: the pixels of its file."""
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.device = "CYCLES", "CPU"
    scene.cycles.samples, scene.cycles.use_denoising = 8, False
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(path))
    found = pixels_of(image)
    bpy.data.images.remove(image)
    return found


@pytest.fixture
def world(tmp_path):
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=False)
    made = World(tmp_path)
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples = "CYCLES", 4  # EEVEE needs a graphics card
    scene.cycles.use_denoising = False
    yield made
    made.close()
    assert not [one.name for one in threading.enumerate() if one.name.startswith("llamavis")]
