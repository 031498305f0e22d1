"""What backends can do decides what the window offers, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPlainTextEdit, QToolButton

from llamavis_studio.app.backends import DrawnBy, no_region, told_in_short, unheeded
from llamavis_studio.app.drawn_words import spoken
from llamavis_studio.app.editor_completion import HELP_ROLE
from llamavis_studio.app.editor_words import suggestions
from llamavis_studio.app.language import Language
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.preview_info import InfoLine
from llamavis_studio.backends.base import BackendInfo, SizeRule
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core.errors import ModelMissing
from llamavis_studio.core.recipe import recipe_for
from llamavis_studio.librarian import Librarian
from llamavis_studio.machine_models import KnownBackend, captioner, captioner_of, known_backends
from llamavis_studio.pipeline.capabilities import recipe_for_model, what_makes_up
from llamavis_studio.studio import Studio
from tests.app.hands import wait
from tests.support.limited_backends import LIMITED

TOML = """
[project]
name = "game"
backend = "instant"
[style.oil]
backend = "painter"
references = ["hero.png"]
"""
HERO = 'description = "a red knight"\nkind = "character"\n'
WALL = 'description = "a grey stone wall with moss"\nkind = "texture"\nbackend = "painter"\n'
TOWER = 'description = "a tower"\nkind = "sprite"\nstyle = "oil"\nnegative = "text"\n'


def info(**values: object) -> BackendInfo:
    return BackendInfo("big", "big-xl", "r", "MIT", **values)  # type: ignore[arg-type]


# --- what is known -------------------------------------------------------------------------------


@pytest.fixture
def limited(instant_backend: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_BACKENDS", LIMITED)
    monkeypatch.setenv("LLAMAVIS_MODELS", str(tmp_path / "records"))


def test_backends_are_known_with_what_they_can_do(limited: None) -> None:
    known = {one.name: one for one in known_backends()}
    assert list(known) == ["absent", "builtin", "instant", "painter", "reader"]
    assert known["absent"].info is None and known["absent"].problem == "its weights are not here"
    assert known["absent"].hint == "llamavis models fetch absent"
    assert [one.name for one in known.values() if one.draws] == ["builtin", "instant", "painter"]
    assert [one.name for one in known.values() if one.captions] == ["builtin", "instant", "reader"]
    assert captioner_of(known.values(), "painter", "reader", "instant") == "reader"
    assert captioner_of(known.values(), "absent", "") == "builtin"


def test_the_captioner_is_one_that_can(limited: None) -> None:
    known = {one.name: one for one in known_backends()}

    def told(name: str) -> BackendInfo:
        found = known[name].info
        if found is None:
            raise ModelMissing("its weights are not here")
        return found

    assert captioner(told, "", "absent", "painter", "reader") == "reader"
    assert captioner(told, "painter") == "builtin"


def test_reasons_are_plain() -> None:
    able = KnownBackend("big", info(can_edit_region=True))
    assert no_region(able) == no_region(None) == ""
    assert no_region(KnownBackend("big", info())) == "big draws whole images only"
    assert no_region(KnownBackend("big", None, "no weights")) == "big is not ready: no weights"
    by = DrawnBy("big", "oil", "styles/oil.safetensors", has_references=True)
    assert unheeded(None, by) == unheeded(KnownBackend("big", None), by) == {}
    assert unheeded(KnownBackend("big", info(can_adapt=True)), by) == {}
    dull = KnownBackend("big", info(can_avoid=False, can_take_references=False))
    assert unheeded(dull, by) == {
        "negative": "big does not heed this",
        "references": "big does not look at references",
        "style": "big cannot draw in the taught style of oil",
    }
    assert unheeded(dull, DrawnBy("big")) == {"negative": "big does not heed this"}


def test_a_backend_is_told_in_some_words() -> None:
    small = info(domain="pixel_art", can_tile=True, can_edit=True, can_edit_region=True)
    assert told_in_short(KnownBackend("a", small)) == (
        "pixel art, seamless, clear background, edits, edits regions"
    )
    large = info(sizes=SizeRule(best_px=1024), can_cut_out=False)
    assert told_in_short(KnownBackend("a", large)) == "about 1024 px"
    assert told_in_short(KnownBackend("a", info(can_generate=False))) == "describes images"
    assert told_in_short(KnownBackend("a", None, "gone")) == "not ready: gone"


def test_backends_are_completed_with_what_they_do() -> None:
    text = 'backend = "p'
    typed, found = suggestions(text, len(text), False, {"backend": {"painter": "about 64 px"}})
    assert typed == 2
    assert [(one.word, one.help, one.insert) for one in found] == [
        ("painter", "about 64 px", '"painter"')
    ]


def test_what_makes_up_is_said_in_both_languages(app: QApplication) -> None:
    worst = info(
        sizes=SizeRule(best_px=512), can_cut_out=False, can_guide=False, can_avoid=False,
        can_take_references=False, is_repeatable=False,
    )  # fmt: skip
    sprite, tile = recipe_for("sprite"), recipe_for("texture")
    said = set()
    for recipe in (sprite, replace(tile, guidance_scale=3.0)):
        fitted = recipe_for_model(recipe, worst, (32, 32))
        said |= set(
            what_makes_up(worst, fitted, (32, 32), "\u9f99", ground="on white", negative="text",
                          references=("a",), adapter="b")
        )  # fmt: skip
    said.add("the model did not read the end: 'and a dog'")
    said.add("the model did not read the end of what to avoid: 'and a cat'")
    for problem in ("its background is too busy to be told from the figure",
                    "nothing stands out from its background", "it has no background"):  # fmt: skip
        said.add(f"{problem}, so the background stays: ask for it 'on a plain background', or try "
                 "another seed")  # fmt: skip
    assert len(said) >= 10
    assert all(spoken(one) == one[:1].upper() + one[1:] for one in said)
    line = InfoLine()
    line.show_more(["its edges are blended by a filter"], [])
    language = Language()
    language.use("zh")
    try:
        line.retranslate()
        assert any("\u4e00" <= sign <= "\u9fff" for sign in line.more()[0])
        for one in said:
            assert any("\u4e00" <= sign <= "\u9fff" for sign in spoken(one)), one
        assert "512x512" in spoken("drawn at 512x512, then made 32x32")
        assert spoken("something new") == "Something new"
    finally:
        language.use("en")


# --- the window ----------------------------------------------------------------------------------


@pytest.fixture
def window(
    app: QApplication, limited: None, make_project: object, tmp_path: Path
) -> Iterator[MainWindow]:
    root = make_project({"llamavis.toml": TOML, "hero.desc.toml": HERO,  # type: ignore[operator]
                         "wall.desc.toml": WALL, "tower.desc.toml": TOWER})  # fmt: skip
    host = InProcessHost()
    for _ in range(2):  # the tower looks at the hero
        with Studio.open(root, host=host) as studio:
            studio.build()
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    window = MainWindow(store, lambda at: Studio.open(at, host=host))
    window.show()
    window.open_project(root)
    assert (root / "tower.png").exists() and (root / "wall.png").exists()
    wait(lambda: window.is_furnished and window.backends.known and window.plan, "the backends")
    yield window
    window.close()
    window.deleteLater()
    app.processEvents()
    host.close()


def choose(window: MainWindow, name: str) -> None:
    window.tree.choose(f"{name}.png")
    wait(lambda: window.preview.has_picture and window.editor.path is not None, name)
    assert window.editor.path is not None
    wait(lambda: window.editor.path.name == f"{name}.desc.toml", name)  # type: ignore[union-attr]


def brush(window: MainWindow) -> QToolButton:
    return next(
        one for one in window.preview.tools.findChildren(QToolButton) if one.objectName() == "brush"
    )


def test_a_region_is_offered_only_where_it_can_be_drawn(window: MainWindow) -> None:
    choose(window, "wall")
    wait(lambda: not brush(window).isEnabled(), "the brush")
    assert brush(window).toolTip() == "painter draws whole images only"
    assert brush(window).accessibleDescription() == "painter draws whole images only"
    window.preview.offer("", (), ())
    assert brush(window).isEnabled() and "Paint over" in brush(window).toolTip()
    brush(window).click()
    assert not window.preview.region.isHidden()
    window.insight.offer()  # the plan is anew, and so is what is known
    assert window.preview.region.isHidden() and not brush(window).isEnabled()


def test_what_makes_up_and_what_was_not_read_stands_below_the_image(window: MainWindow) -> None:
    choose(window, "wall")
    helps, notes = window.preview.info.more()
    assert "Its edges are blended by a filter" in helps and "Drawn at 64x64" in helps
    assert notes == "The model did not read the end: 'with moss'"
    choose(window, "hero")
    wait(lambda: window.preview.info.more() == ("", ""), "nothing to say")


def test_the_form_offers_backends_and_greys_what_they_do_not_heed(window: MainWindow) -> None:
    form = window.editor.form
    box = form.fields["backend"].focus_widget()
    negative = form.fields["negative"].focus_widget()
    assert isinstance(box, QComboBox) and isinstance(negative, QPlainTextEdit)
    choose(window, "wall")
    rows = {box.itemText(at): box.itemData(at, HELP_ROLE) for at in range(box.count())}
    assert "reader" not in rows and rows["painter"] == "about 64 px"
    assert rows["absent"] == "not ready: its weights are not here"
    assert box.currentData() == "painter"
    assert not negative.isEnabled()
    assert form.fields["negative"].note.text() == "painter does not heed this"
    box.setCurrentIndex(box.findData("builtin"))
    box.activated.emit(box.currentIndex())
    window.editor.examine()
    assert 'backend = "builtin"' in window.editor.text.text()
    assert negative.isEnabled() and form.fields["negative"].note.isHidden()
    box.setCurrentIndex(0)
    box.activated.emit(0)
    window.editor.examine()
    assert "backend" not in window.editor.text.text() and box.itemText(0) == "instant (default)"


def test_what_is_written_already_can_be_taken_out(window: MainWindow) -> None:
    choose(window, "tower")  # its style says what draws it
    form = window.editor.form
    negative = form.fields["negative"].focus_widget()
    box = form.fields["backend"].focus_widget()
    assert isinstance(negative, QPlainTextEdit) and isinstance(box, QComboBox)
    assert box.itemText(0) == "painter (default)" and box.currentIndex() == 0
    assert negative.isEnabled() and "painter does not heed" in form.fields["negative"].note.text()
    assert form.others.text() == "painter does not look at references"
    negative.selectAll()
    QTest.keyClick(negative, Qt.Key.Key_Delete)
    window.editor.examine()
    assert "negative" not in window.editor.text.text() and not negative.isEnabled()


def test_who_describes_can_be_chosen_of_those_who_can(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Librarian, "embed_words", lambda *_args, **_how: 0)
    menu, button = window.captions.panel.captioners, window.captions.panel.describe
    names = [action.data() for action in menu.actions()]
    assert names == ["builtin", "instant", "reader"]
    assert [one.data() for one in menu.actions() if one.isChecked()] == ["instant"]
    assert button.menu() is menu and button.toolTip().startswith("instant looks at it")
    next(one for one in menu.actions() if one.data() == "reader").trigger()
    assert window.backends.captioner == "reader" and button.toolTip().startswith("reader looks")
    assert window.thread_ is not None
    models: list[list[str]] = []
    wait(lambda: window.gallery.model.rowCount() == 3, "the library")
    window.captions.describe_items(window.gallery.model.items())
    wait(lambda: not window.captions.describing.is_running, "describing")
    window.thread_.ask(
        lambda studio: [
            one.model
            for one in studio.library.words_of(
                tuple(item.id for item in studio.library.search("").items)
            )
        ],
        models.append,
    )
    wait(lambda: models, "the words")
    assert {name.partition(" ")[0] for name in models[0]} == {"reader-2b"}


def test_one_captioner_needs_no_menu(window: MainWindow) -> None:
    panel = window.captions.panel
    panel.offer_captioners(["builtin"], "builtin")
    assert panel.describe.menu() is None
    assert panel.describe.toolTip().startswith("The model looks at it")
