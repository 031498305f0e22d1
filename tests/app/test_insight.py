"""What the window finds out about a picture: its maps, and why it looks so."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.material import read_material
from llamavis_studio.app.theme import DARK
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core.events import BuildFinished, ImageEmerging
from llamavis_studio.imaging.png import decode_image, encode_png
from llamavis_studio.studio import Studio
from tests.support.games import described, make_game
from tests.support.studios import opened

WAIT_S = 20.0


@pytest.fixture(autouse=True)
def instant(instant_backend: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def game(tmp_path: Path) -> Path:
    return make_game(
        tmp_path / "game",
        {
            "hero.desc.toml": described("brave WHAT knight", 'kind = "sprite"\n'),
            "tiles/wall.desc.toml": described(
                "grey brick", 'kind = "texture"\n[material]\nmaps = ["normal", "orm", "height"]\n'
            ),
            "tiles/floor.desc.toml": described("brown wood", 'kind = "texture"\n'),
        },
    )


def test_a_material_is_read_with_what_is_packed(game: Path) -> None:
    with opened(game) as studio:
        studio.build()
        plan = studio.plan()
    found = read_material(game, plan, "tiles/wall.png")
    assert found is not None and found.own == "base_color"
    assert list(found.channels) == [
        "base_color", "normal", "roughness", "metallic", "occlusion", "height", "orm",
    ]  # fmt: skip
    packed = decode_image(game / "tiles" / "wall_orm.png")
    np.testing.assert_array_equal(found.channels["roughness"][..., 0], packed[..., 1])
    assert found.levels[0].size == packed.shape[:2]
    own = read_material(game, plan, "tiles/wall_normal.png")
    assert own is not None and own.own == "normal"
    assert read_material(game, plan, "tiles/floor.png") is None
    assert read_material(game, plan, "hero.png") is None
    assert read_material(game, plan, "nowhere.png") is None
    (game / "tiles" / "wall_height.png").write_bytes(b"no picture")
    (game / "tiles" / "wall_orm.png").unlink()
    left = read_material(game, plan, "tiles/wall.png")
    assert left is not None and list(left.channels) == ["base_color", "normal"]
    (game / "tiles" / "wall_normal.png").write_bytes(encode_png(np.zeros((4, 4, 3), np.uint8)))
    assert read_material(game, plan, "tiles/wall.png") is None  # a map of another size is none


@pytest.fixture
def window(app: QApplication, tmp_path: Path, game: Path) -> Iterator[MainWindow]:
    host = InProcessHost()
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    made = MainWindow(store, lambda root: Studio.open(root, host=host))
    made.set_look(DARK)
    made.show()
    made.open_project(game)
    wait(app, lambda: made.tree.first() and state(made, "tiles/wall_orm.png") == "fresh")
    yield made
    made.close()
    app.processEvents()
    made.deleteLater()
    app.processEvents()
    host.close()


def wait(app: QApplication, until: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_S
    while not until():
        app.processEvents()
        time.sleep(0.005)
        assert time.monotonic() < end, "it did not happen"


def state(window: MainWindow, output: str) -> str:
    planned = window.tree.planned_for(output)
    return "" if planned is None else planned.state.value


def test_maps_come_with_the_picture_and_follow_it(
    app: QApplication, window: MainWindow, game: Path
) -> None:
    preview = window.preview
    assert window.tree.choose("tiles/wall.png")
    wait(app, lambda: preview._material is not None)
    assert preview.material_bar.isVisible()
    preview.material_bar._buttons["sphere"].click()
    before = preview._material
    source = game / "tiles" / "wall.desc.toml"
    source.write_text(source.read_text("utf-8").replace("grey", "red"), "utf-8")
    fresh = game / "tiles" / "wall_normal.png"

    def shown() -> bool:
        found = preview._material
        if found is None or found is before or state(window, "tiles/wall_orm.png") != "fresh":
            return False
        return np.array_equal(found.channels["normal"], decode_image(fresh))

    old = decode_image(fresh)
    wait(app, lambda: shown() and not np.array_equal(old, decode_image(fresh)))
    assert preview.lit.isVisible()  # it is still looked at in this way
    window.tree.choose("hero.png")
    wait(app, lambda: preview._material is None)
    assert not preview.material_bar.isVisible() and preview.canvas.isVisible()


def test_the_studio_is_asked_why(app: QApplication, window: MainWindow) -> None:
    preview = window.preview
    window.tree.choose("hero.png")
    preview.tools._why.click()
    assert "Asking" in preview.why._notes.text()
    wait(app, lambda: preview.why.chips)
    assert [chip.text() for chip in preview.why.chips] == ["brave", "WHAT", "knight"]
    said = preview.why._notes.text()
    assert "does not know: WHAT" in said and "“a picture” (25 %)" in said
    window.tree.choose("tiles/floor.png")  # who goes on is told about that one
    wait(app, lambda: [chip.text() for chip in preview.why.chips] == ["brown", "wood"])
    preview.tools._why.click()
    assert not preview.why.isVisible()


def test_what_is_being_drawn_is_seen_until_the_build_ends(
    app: QApplication, window: MainWindow
) -> None:
    canvas = window.preview.canvas
    window.tree.choose("hero.png")
    pixels = np.full((32, 32, 4), 90, np.uint8)
    window.insight.take(ImageEmerging("tiles/floor.png", pixels))
    assert not canvas.covered
    window.insight.take(ImageEmerging("hero.png", pixels))
    assert canvas.covered
    window.insight.take(BuildFinished(0, 0, 1, 0, 0))
    assert not canvas.covered


def test_a_model_that_fails_says_so_in_place(
    app: QApplication, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llamavis_studio.core.errors import ModelMissing

    def missing(_studio: Studio, _path: Path) -> None:
        raise ModelMissing("the model is missing", "install it again")

    monkeypatch.setattr(Studio, "explain", missing)
    window.tree.choose("hero.png")
    window.preview.tools._why.click()
    wait(app, lambda: "missing" in window.preview.why._notes.text())
    assert "install it again" in window.preview.why._notes.text()


def test_a_large_picture_is_read_beside_the_window(
    app: QApplication, window: MainWindow, game: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from llamavis_studio.app import insight, shown

    readers: dict[str, int] = {}
    measured: list[int] = []

    def read(path: Path, planned: object) -> object:
        readers[path.name] = threading.get_ident()
        return shown.read_shown(path, planned)  # type: ignore[arg-type]

    def colours(pixels: np.ndarray) -> object:
        measured.append(threading.get_ident())
        return real(pixels)

    real = shown.main_colours
    monkeypatch.setattr(insight, "read_shown", read)
    monkeypatch.setattr(shown, "main_colours", colours)
    large = np.random.default_rng(1).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    (game / "large.png").write_bytes(encode_png(large))
    window.tree.choose("tiles/wall.png")
    here = threading.get_ident()
    assert readers["wall.png"] == here  # a small one is there at once
    measured.clear()
    window.output = "large.png"
    window.show_image(compare=False)
    wait(app, lambda: window.preview.canvas._scene.image.width() == 400)
    assert readers["large.png"] != here and measured and here not in measured
    assert window.preview.palette_strip.colours.total == len(
        np.unique(large.reshape(-1, 3), axis=0)
    )
    window.show_image(compare=False)
    window.tree.choose("tiles/floor.png")  # the answer comes too late, and is dropped
    app.processEvents()
    time.sleep(0.2)
    app.processEvents()
    assert window.preview.canvas._scene.image.width() == 32
