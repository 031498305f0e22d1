"""Older versions and variants: read from a real project, chosen, compared, put back, picked."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from llamavis_studio.app import history_panel as module
from llamavis_studio.app.history_panel import (
    HistoryPanel,
    VersionRow,
    read_pixels,
    read_versions,
)
from llamavis_studio.app.theme import DARK, LIGHT, Look, apply
from llamavis_studio.app.variants import (
    VariantRow,
    VariantsStrip,
    picked_text,
    read_variants,
    thumbnail,
)
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core.errors import DescriptionError
from llamavis_studio.imaging.png import decode_image, encode_png
from llamavis_studio.studio import Studio
from tests.app.hands import noise
from tests.support.games import described, make_game

NOW = datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC)
ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture(autouse=True)
def instant(instant_backend: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    game = make_game(
        tmp_path / "game",
        {
            "hero.desc.toml": described("brave red knight"),
            "imp.desc.toml": "# mine\n" + described("small imp", "count = 3\n"),
        },
    )
    host = InProcessHost()
    with Studio.open(game, host=host) as studio:
        yield studio
    host.close()


@pytest.fixture
def panel(app: QApplication) -> Iterator[HistoryPanel]:
    yield from shown(app, HistoryPanel(DARK))


@pytest.fixture
def strip(app: QApplication) -> Iterator[VariantsStrip]:
    yield from shown(app, VariantsStrip(DARK))


def shown(app: QApplication, widget: Any) -> Iterator[Any]:
    apply(app, DARK)
    widget.resize(420, 400)
    widget.show()
    app.processEvents()
    yield widget
    widget.close()
    widget.deleteLater()
    app.processEvents()


def heard(signal: Any) -> list[Any]:
    found: list[Any] = []
    signal.connect(lambda *values: found.append(values[0] if len(values) == 1 else values))
    return found


def version(words: str = "a slime", *, by_hand: bool = False, at: int = 0) -> VersionRow:
    pixels = noise(16, 16, 4)
    return VersionRow(f"v{at}", thumbnail(pixels), pixels, NOW, words, by_hand)


def variants(count: int, current: int = 1) -> list[VariantRow]:
    picture = thumbnail(noise(16, 16, 4))
    return [
        VariantRow(f"imp_{at}.png", "imp.desc.toml", at, picture, at == current)
        for at in range(count)
    ]


def pictures(app: QApplication, widget: QWidget, look: Look) -> np.ndarray:
    from llamavis_studio.app.pixels import from_qimage

    app.processEvents()
    return from_qimage(widget.grab().toImage())


# ---- older versions


def test_what_two_builds_replaced_is_read_compared_and_put_back(
    studio: Studio, panel: HistoryPanel
) -> None:
    hero = studio.root / "hero.png"
    assert read_versions(studio, "hero.png") == []
    studio.build()
    first = decode_image(hero)
    (studio.root / "hero.desc.toml").write_text(described("tiny blue slime"), "utf-8")
    studio.build()
    second = decode_image(hero)
    rows = read_versions(studio, "hero.png")
    assert [(row.words, row.by_hand) for row in rows] == [("brave red knight", False)]
    assert rows[0].pixels is not None
    assert rows[0].pixels.shape == (*first.shape[:2], 4) and rows[0].pixels.dtype == np.uint8
    assert rows[0].when is not None and rows[0].when.tzinfo is not None
    assert abs(datetime.datetime.now(datetime.UTC) - rows[0].when).total_seconds() < 60
    assert not rows[0].image.isNull()

    panel.show_versions("hero.png", rows)
    compared, asked = heard(panel.compare_asked), heard(panel.restore_asked)
    panel.list.setCurrentRow(0)
    assert len(compared) == 1 and (compared[0][..., :3] == first[..., :3]).all()
    panel.restore.click()
    assert asked == [rows[0].version]
    assert not panel.restore.isEnabled()  # a second press has nothing to do
    studio.restore(hero, asked[0].version)

    assert (decode_image(hero) == first).all()
    again = read_versions(studio, "hero.png")
    assert [row.words for row in again] == ["tiny blue slime", "brave red knight"]
    assert again[0].pixels is not None
    assert (again[0].pixels[..., : second.shape[2]] == second).all()
    assert len(read_versions(studio, "hero.png", most=1)) == 1


def test_what_a_hand_made_says_so(studio: Studio) -> None:
    studio.build()
    (studio.root / "hero.png").write_bytes(encode_png(noise(16, 16, 4)))
    studio.build([studio.root / "hero.png"], force=True)
    rows = read_versions(studio, "hero.png")
    assert [(row.words, row.by_hand) for row in rows] == [("", True)]


def test_a_damaged_version_is_left_out_and_a_strange_time_is_none(studio: Studio) -> None:
    studio.build()
    for words in ("tiny blue slime", "green frog"):
        (studio.root / "hero.desc.toml").write_text(described(words), "utf-8")
        studio.build()
    newest, oldest = studio.history.versions("hero.png")
    (studio.history.folder / "objects" / f"{oldest.version}.png").write_bytes(b"broken")
    log = studio.history.folder / "log.jsonl"
    log.write_text(log.read_text("utf-8").replace(newest.replaced, "yesterday"), "utf-8")
    rows = read_versions(studio, "hero.png")
    assert [(row.words, row.when) for row in rows] == [("tiny blue slime", None)]


def test_large_versions_are_asked_for_one_by_one(
    studio: Studio, panel: HistoryPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.build()
    for words in ("tiny blue slime", "green frog"):
        (studio.root / "hero.desc.toml").write_text(described(words), "utf-8")
        studio.build()
    size = decode_image(studio.root / "hero.png").shape
    monkeypatch.setattr(module, "_MOST_BYTES", size[0] * size[1] * 4)
    rows = read_versions(studio, "hero.png")
    assert [row.pixels is None for row in rows] == [False, True]
    assert not rows[1].image.isNull()
    panel.show_versions("hero.png", rows)
    compared, asked = heard(panel.compare_asked), heard(panel.pixels_asked)
    panel.list.setCurrentRow(1)
    assert not compared and asked == [rows[1].version]
    assert read_pixels(studio, asked[0]).shape == (size[0], size[1], 4)


def test_versions_are_walked_through_by_keys(app: QApplication, panel: HistoryPanel) -> None:
    panel.show_versions("hero.png", [version(at=0), version(at=1)])
    compared = heard(panel.compare_asked)
    assert not panel.restore.isEnabled()
    panel.list.setFocus()
    assert not compared  # to come by is not to choose
    QTest.keyClick(panel.list, Qt.Key.Key_Down)
    app.processEvents()
    assert len(compared) == 1 and panel.restore.isEnabled()
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert len(compared) == 2
    panel.activateWindow()
    app.processEvents()
    QTest.keyClick(panel.list, Qt.Key.Key_Escape)
    assert compared[-1] is None and not panel.restore.isEnabled()


def test_new_versions_choose_nothing_and_none_at_all_is_explained(panel: HistoryPanel) -> None:
    compared = heard(panel.compare_asked)
    assert panel.pages.currentWidget() is panel.empty
    assert "Choose an image" in panel.empty.text()
    panel.show_versions("hero.png", [])
    assert "hero.png" in panel.empty.text()
    panel.show_versions("hero.png", [version()])
    panel.list.setCurrentRow(0)
    panel.show_versions("hero.png", [version(), version(at=1)])
    assert len(compared) == 1
    assert not panel.restore.isEnabled() and not panel.list.selectedItems()
    panel.show_nothing()
    assert len(compared) == 1 and panel.pages.currentWidget() is panel.empty


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-90, "Just now"),
        (59, "Just now"),
        (5 * 60, "5 minute"),
        (59 * 60 + 59, "59 minute"),
        (3600, "1 hour"),
        (47 * 3600, "1 day"),
        (6 * 86400, "6 day"),
    ],
)
def test_times_are_told_in_near_words(panel: HistoryPanel, seconds: int, words: str) -> None:
    told = panel.ago(NOW - datetime.timedelta(seconds=seconds), NOW)
    assert told.startswith(words)


def test_long_ago_is_a_date_and_what_nobody_knows_is_said(panel: HistoryPanel) -> None:
    told = panel.ago(NOW - datetime.timedelta(days=40), NOW)
    assert "ago" not in told and any(sign.isdigit() for sign in told)
    assert panel.ago(None, NOW) == "Some time ago"


def test_a_version_is_told_to_those_who_do_not_see_it(panel: HistoryPanel) -> None:
    unknown = replace(version("", by_hand=True, at=1), when=None)
    panel.show_versions("hero.png", [version("red knight"), unknown])
    assert panel.list.item(0).data(ACCESSIBLE).endswith(", red knight")
    assert panel.list.item(1).data(ACCESSIBLE) == "Some time ago, by hand, Not made by the studio"


def test_times_are_kept_right_only_while_they_are_seen(
    app: QApplication, panel: HistoryPanel
) -> None:
    assert panel._clock.isActive()
    panel.hide()
    assert not panel._clock.isActive()


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_versions_of_any_shape_are_painted(
    app: QApplication, panel: HistoryPanel, look: Look
) -> None:
    rows = [
        replace(version("word " * 90, by_hand=True, at=0), image=thumbnail(noise(300, 2))),
        replace(version("龙" * 300, at=1), image=thumbnail(noise(1, 1))),
        replace(version("🐉" * 300, at=2), image=thumbnail(noise(2, 300, 4))),
    ]
    panel.set_look(look)
    panel.show_versions("hero.png", rows)
    before = pictures(app, panel.list, look)
    panel.list.setCurrentRow(1)
    assert (pictures(app, panel.list, look) != before).any()
    panel.resize(80, 120)
    pictures(app, panel, look)


# ---- variants


def test_variants_of_a_real_description_are_shown_and_one_is_picked(
    studio: Studio, strip: VariantsStrip
) -> None:
    studio.build()
    plan = studio.plan()
    assert [row.variant for row in read_variants(studio, plan, "hero.png")] == [0]
    assert read_variants(studio, plan, "nothing.png") == []
    rows = read_variants(studio, plan, "imp_1.png")
    assert [(row.output, row.is_current) for row in rows] == [
        ("imp_0.png", False), ("imp_1.png", True), ("imp_2.png", False)
    ]  # fmt: skip
    assert all(not row.image.isNull() and row.can_pick for row in rows)

    strip.show_variants(rows)
    shown, asked = heard(strip.variant_chosen), heard(strip.pick_asked)
    strip.list.setCurrentRow(2)
    strip.pick.click()
    assert shown == ["imp_2.png"] and asked == [("imp.desc.toml", 2)]
    chosen = decode_image(studio.root / "imp_2.png")
    path = studio.root / asked[0][0]
    text = picked_text(path.read_text("utf-8"), path, "imp", asked[0][1])
    assert text.startswith("# mine\n")
    path.write_text(text, "utf-8")
    studio.build()
    assert (decode_image(studio.root / "imp.png") == chosen).all()
    assert len(read_variants(studio, studio.plan(), "imp.png")) == 1


def test_one_of_many_assets_in_a_file_is_picked() -> None:
    many = Path("all.descs.toml")
    text = '[[asset]]\nname = "a"\ndescription = "x"\n\n[[asset]]\nname = "b"\ndescription = "y"\n'
    picked = picked_text(text, many, "b", 1)
    assert picked.index("pick = 1") > picked.index('name = "b"')
    assert picked_text(picked, many, "b", 0).count("pick") == 1
    with pytest.raises(DescriptionError, match="no asset"):
        picked_text(text, many, "c", 1)
    with pytest.raises(DescriptionError):
        picked_text("name,description\n", Path("all.descs.csv"), "a", 1)


def test_the_strip_is_gone_where_there_is_no_choice(strip: VariantsStrip) -> None:
    strip.show_variants(variants(4))
    assert strip.isVisible() and strip.list.count() == 4
    strip.show_variants(variants(1, current=0))
    assert not strip.isVisible()
    strip.show_variants([])
    assert not strip.isVisible() and not strip.pick.isEnabled()


def test_showing_variants_is_not_choosing_and_keys_choose(
    app: QApplication, strip: VariantsStrip
) -> None:
    shown = heard(strip.variant_chosen)
    strip.show_variants(variants(4))
    assert not shown and strip.list.currentRow() == 1
    QTest.keyClick(strip.list, Qt.Key.Key_Right)
    assert shown == ["imp_2.png"]
    place = strip.list.visualItemRect(strip.list.item(0)).center()
    QTest.mouseClick(strip.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown == ["imp_2.png", "imp_0.png"]
    assert strip.list.item(0).data(ACCESSIBLE) == "Variant 0, shown"
    assert strip.list.item(1).data(ACCESSIBLE) == "Variant 1"


def test_a_table_is_picked_in_its_text(strip: VariantsStrip) -> None:
    strip.show_variants([replace(row, can_pick=False) for row in variants(3)])
    assert not strip.pick.isEnabled() and "pick" in strip.pick.toolTip()


def test_a_variant_that_is_not_drawn_says_so(app: QApplication, strip: VariantsStrip) -> None:
    rows = variants(2)
    rows[0] = replace(rows[0], image=type(rows[0].image)())
    strip.show_variants(rows)
    assert strip.list.item(0).data(ACCESSIBLE) == "Variant 0, not drawn yet"
    pictures(app, strip, DARK)


def test_the_shown_variant_is_told_by_more_than_colour(
    app: QApplication, strip: VariantsStrip
) -> None:
    """In grey, the corner of the shown picture has a check that the others lack."""
    flat = thumbnail(np.full((16, 16, 3), 128, np.uint8))
    strip.resize(600, 120)
    strip.show_variants([replace(row, image=flat) for row in variants(3)])
    whole = pictures(app, strip.list.viewport(), DARK)[..., :3].mean(axis=2)
    corners = []
    for at in (0, 1):
        rect = strip.list.visualItemRect(strip.list.item(at))
        corners.append(whole[rect.top() : rect.top() + 26, rect.right() - 25 : rect.right() + 1])
    assert (abs(corners[0] - corners[1]) > 40).mean() > 0.2


# ---- both


def test_every_control_of_both_has_a_name(panel: HistoryPanel, strip: VariantsStrip) -> None:
    panel.show_versions("hero.png", [version()])
    strip.show_variants(variants(3))
    for part in (panel, strip):
        for widget in part.findChildren(QWidget):
            if isinstance(widget, QPushButton) or widget in (panel.list, strip.list):
                assert widget.accessibleName(), widget
                assert isinstance(widget, QLabel) or widget.focusPolicy().value
