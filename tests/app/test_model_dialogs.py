"""Large models in the window: fetched with their licence, added, compared, taken away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QFormLayout, QLabel

from llamavis_studio.app.fetch_dialog import FetchDialog
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.model_dialogs import ModelDesk, open_models
from llamavis_studio.app.model_words import WORDS
from llamavis_studio.app.models_dialog import ModelsDialog
from llamavis_studio.app.server_dialog import ServerDialog, ServerWish
from llamavis_studio.app.settings_dialog import SettingsDialog
from llamavis_studio.backends.base import BackendInfo
from llamavis_studio.backends.catalogue import catalogue
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.backends.model_records import read_record
from llamavis_studio.backends.registry import Registry
from llamavis_studio.core.errors import BackendError
from llamavis_studio.model_store.fetching import FetchPlan
from llamavis_studio.shelf import Shelf, ShelvedModel, made_up
from llamavis_studio.studio import Studio
from tests.app.hands import settle, turn, wait
from tests.support.games import described, make_game
from tests.support.hub_server import HubServer
from tests.support.instant_backend import InstantBackend
from tests.support.weight_files import hollow, whole

REPO = "studio/tiny-janus"
FILES = {
    "config.json": b'{"model_type": "janus"}',
    "model.safetensors": whole(1 << 20),
    "LICENSE": b"Do as you please.\n",
}
PLAN = FetchPlan(
    repo=REPO, asked="main", revision="0123456789abcdef", name="tiny", family="janus",
    licence="mit", licence_text="Do as you please.\n", is_accepted=False, files=(),
    total_bytes=4_200_000_000, missing_bytes=4_200_000_000, free_bytes=80_000_000_000,
    folder=Path("cache"),
)  # fmt: skip
RECORD = ShelvedModel(
    "janus", "model", "Janus-Pro 1B", "abc", "mit", 4_200_000_000, family="janus",
    abilities=("makes images",), made_up=("the edges of seamless textures are blended",),
    source="deepseek-community/Janus-Pro-1B", options={"precision": "bfloat16"}, place="/models/j",
)  # fmt: skip


def facts(form: QFormLayout) -> dict[str, str]:
    found = {}
    for at in range(form.rowCount()):
        roles = (QFormLayout.ItemRole.LabelRole, QFormLayout.ItemRole.FieldRole)
        name, value = (form.itemAt(at, role).widget() for role in roles)  # type: ignore[union-attr]
        assert isinstance(name, QLabel) and isinstance(value, QLabel)
        found[name.text()] = value.text()
    return found


# --- the dialogs ---------------------------------------------------------------------------------


def test_a_large_model_is_shown_with_family_licence_and_help(app: QApplication) -> None:
    dialog = ModelsDialog()
    asked: list[str] = []
    dialog.remove_asked.connect(asked.append)
    dialog.open()
    dialog.show_models([RECORD, replace(RECORD, name="comfy", family="comfyui", source="")])
    told = facts(dialog.form)
    assert dialog.title.text() == "janus" and dialog.list.item(0).text() == "janus"
    assert told["Kind"] == "Janus-Pro, on this machine"
    assert told["Good for"] == catalogue()["janus"].good_for
    assert told["The studio helps"] == "the edges of seamless textures are blended"
    assert told["In descriptions"] == 'backend = "janus"'
    assert (told["Licence"], told["Size on disk"]) == ("mit", "4.2 GB")
    assert told["Options"] == "precision = bfloat16" and told["Folder"] == "/models/j"
    dialog.remove.click()
    assert "free what was fetched" in dialog.answer.text()
    assert dialog.remove.text() == "Remove it"
    dialog.remove.click()
    assert asked == ["janus"]
    dialog.show_note("Removed.")
    assert dialog.answer.text() == "Removed."
    dialog.show_checked("janus", ["model.safetensors"])
    assert "Fetch the model again" in dialog.answer.text()
    dialog.verify.click()
    assert dialog.answer.text() == "Checking…" and not dialog.verify.isEnabled()
    dialog.work_bar._work.ended.emit()  # it was cancelled, and has no answer
    assert dialog.answer.isHidden() and dialog.verify.isEnabled()
    dialog.list.setCurrentRow(1)
    assert facts(dialog.form)["Kind"] == "ComfyUI server, on this machine"
    assert "Good for" not in facts(dialog.form)
    dialog.show_models([replace(RECORD, source="HuggingFaceTB/SmolVLM-256M-Instruct")])
    assert facts(dialog.form)["Memory"] == "about 1 GB while it works, its publisher says"
    dialog.close()


def test_a_model_is_fetched_only_once_its_licence_is_accepted(app: QApplication) -> None:
    dialog = FetchDialog(catalogue(), frozenset({"janus"}))
    asked, fetched = list[tuple[str, str]](), list[Any]()
    dialog.plan_asked.connect(lambda name, variant: asked.append((name, variant)))
    dialog.fetch_asked.connect(fetched.append)
    dialog.open()
    assert dialog.title.text() == "Janus-Pro 1B" and "already" in dialog.state.text()
    assert dialog.command.text() == "llamavis models fetch janus"
    assert dialog.licence.isHidden() and dialog.accepts.isHidden() and dialog.half.isHidden()
    row = list(catalogue()).index("sdxl-turbo")
    dialog.list.setCurrentRow(row)
    assert "limits who may use it" in dialog.state.text() and not dialog.half.isHidden()
    assert dialog.command.text() == "llamavis models fetch sdxl-turbo --variant fp16"
    dialog.go.click()
    dialog.go.click()  # it is asked once
    assert asked == [("sdxl-turbo", "fp16")] and not dialog.go.isEnabled()
    dialog.show_plan("janus", PLAN)  # of another one, which was chosen before
    assert dialog.licence.isHidden()
    dialog.show_plan("sdxl-turbo", PLAN)
    assert dialog.licence.toPlainText() == PLAN.licence_text and not dialog.go.isEnabled()
    assert dialog.go.text() == "Fetch 4.2 GB"
    assert facts(dialog.form)["On the disk"] == "80.0 GB free where it goes"
    dialog.go.click()
    assert not fetched
    dialog.accepts.click()
    assert dialog.go.isEnabled()
    dialog.go.click()
    assert fetched == [PLAN] and not dialog.isVisible()


def test_any_repository_can_be_named_and_what_fails_is_said(app: QApplication) -> None:
    dialog = FetchDialog(catalogue())
    asked = list[tuple[str, str]]()
    dialog.plan_asked.connect(lambda name, variant: asked.append((name, variant)))
    dialog.open()
    dialog.other.setFocus()
    QTest.keyClicks(dialog.other, "studio/tiny")
    assert dialog.title.text() == "studio/tiny"
    dialog.half.setChecked(False)
    QTest.keyClick(dialog.other, Qt.Key.Key_Return)
    assert asked == [("studio/tiny", "")]
    dialog.show_problem("the hub has no studio/tiny. look at its name")
    assert dialog.state.property("role") == "bad" and dialog.go.isEnabled()
    dialog.other.clear()
    dialog.other.textEdited.emit("")
    assert dialog.title.text() == "Janus-Pro 1B" and "hub" not in dialog.state.text()
    dialog.close()
    dialog.show_problem("too late")
    dialog.show_plan("studio/tiny", PLAN)


def test_a_server_is_asked_for_by_its_address(app: QApplication) -> None:
    dialog = ServerDialog()
    asked = list[ServerWish]()
    dialog.add_asked.connect(asked.append)
    dialog.open()
    turn()
    for field in (dialog.address, dialog.name, dialog.checkpoint, dialog.workflow):
        assert field.height() >= field.sizeHint().height()
    dialog.name.clear()
    assert not dialog.add.isEnabled()
    dialog.name.setText("comfy")
    dialog.address.setText("http://a:8188, http://b:8188")
    dialog.checkpoint.setText("sd_xl.safetensors")
    dialog.add.click()
    assert asked == [
        ServerWish("comfy", ("http://a:8188", "http://b:8188"), "sd_xl.safetensors", "")
    ]
    assert not dialog.add.isEnabled()
    dialog.show_problem("nothing answers there")
    assert dialog.add.isEnabled() and dialog.state.text() == "nothing answers there"
    dialog.close()
    dialog.show_problem("too late")


def test_all_that_models_say_can_be_translated() -> None:
    shelf = Shelf(info=lambda _name: BackendInfo("builtin", "m", "r", "MIT", can_edit=True,
                                                 can_tile=True, can_answer=True))  # fmt: skip
    said = shelf.models()[0]
    worst = BackendInfo(
        "a", "m", "r", "MIT", can_cut_out=False, native_size_px=(("sprite", (8, 8)),)
    )
    known = {one.good_for for one in catalogue().values()}
    assert {*said.abilities, said.good_for, said.not_for, *made_up(worst), *known} == set(WORDS)


# --- the window ----------------------------------------------------------------------------------


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HubServer]:
    """A hub with one small model, an empty cache, and no models on the machine."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("LLAMAVIS_MODELS", str(tmp_path / "records"))
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN",
                 "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    with HubServer().running() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        server.add(REPO, FILES)
        yield server
    from huggingface_hub import close_session

    close_session()


@pytest.fixture
def window(
    app: QApplication, instant_backend: None, hub: HubServer, tmp_path: Path
) -> Iterator[MainWindow]:
    root = make_game(tmp_path / "game", {"hero.desc.toml": described("brave red knight")})
    host = InProcessHost()
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    window = MainWindow(store, lambda at: Studio.open(at, host=host))
    window.show()
    window.open_project(root)
    wait(lambda: window.is_furnished and window.backends.known, "the backends")
    yield window
    window.close()
    settle()
    window.deleteLater()
    app.processEvents()
    host.close()


@pytest.fixture
def start_page(
    app: QApplication, instant_backend: None, hub: HubServer, tmp_path: Path
) -> Iterator[MainWindow]:
    """A window in which no project was ever opened."""
    host = InProcessHost()
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    window = MainWindow(store, lambda at: Studio.open(at, host=host))
    window.show()
    yield window
    window.close()
    settle()
    window.deleteLater()
    app.processEvents()
    host.close()


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny file is no model: what drives it is not the point here."""
    create = Registry.create
    monkeypatch.setattr(Registry, "create", lambda self, name: (
        InstantBackend() if name.startswith("tiny") else create(self, name)
    ))  # fmt: skip
    monkeypatch.setattr(Registry, "try_record", lambda _self, _record: InstantBackend())


def desk_of(window: MainWindow) -> ModelDesk:
    desk = window.findChild(ModelDesk)
    assert isinstance(desk, ModelDesk)
    return desk


def test_a_model_comes_from_the_hub_and_is_offered_at_once(
    window: MainWindow, ready: None, hub: HubServer
) -> None:
    dialog = open_models(window)
    assert dialog is not None
    wait(lambda: dialog.list.count() == 2, "the models")
    desk = desk_of(window)
    fetch = desk.open_fetch()
    assert fetch is not None
    QTest.keyClicks(fetch.other, REPO)
    QTest.keyClick(fetch.other, Qt.Key.Key_Return)
    wait(lambda: not fetch.accepts.isHidden(), "the plan")
    assert fetch.licence.toPlainText() == "Do as you please.\n"
    assert facts(fetch.form)["Licence"] == "mit"
    assert read_record("tiny-janus") is None
    fetch.accepts.click()
    fetch.go.click()
    wait(lambda: read_record("tiny-janus") is not None, "the model")
    wait(lambda: window.backends.find("tiny-janus") is not None, "the backends")
    wait(lambda: dialog.list.count() == 3, "the models")
    assert 'backend = "tiny-janus"' in dialog.answer.text()
    rows = [dialog.list.item(at).text() for at in range(dialog.list.count())]
    dialog.list.setCurrentRow(rows.index("tiny-janus"))
    dialog.verify.click()
    wait(lambda: "whole" in dialog.answer.text(), "the comparison")
    record = read_record("tiny-janus")
    assert record is not None and record.folder is not None
    weights = record.folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    dialog.verify.click()
    wait(lambda: "model.safetensors" in dialog.answer.text(), "the damage")
    again = desk.open_fetch()  # its licence was accepted once
    assert again is not None
    QTest.keyClicks(again.other, REPO)
    again.go.click()
    wait(lambda: again.accepts.isChecked(), "the plan")
    again.close()
    dialog.close()


def test_what_goes_wrong_at_the_hub_is_said_in_the_dialog(
    window: MainWindow, hub: HubServer
) -> None:
    dialog = open_models(window)
    assert dialog is not None
    fetch = desk_of(window).open_fetch()
    assert fetch is not None
    QTest.keyClicks(fetch.other, "studio/nothing")
    fetch.go.click()
    wait(lambda: fetch.state.property("role") == "bad", "the refusal")
    assert "studio/nothing" in fetch.state.text() and fetch.go.isEnabled()
    fetch.close()
    server = desk_of(window).open_server()
    server.address.setText("http://127.0.0.1:9")
    server.add.click()
    wait(lambda: server.add.isEnabled(), "the refusal")
    assert "127.0.0.1:9" in server.state.text() and read_record("comfy") is None
    server.close()
    dialog.close()


def test_a_folder_is_added_and_taken_away_again(
    window: MainWindow, ready: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tiny-own"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    monkeypatch.setattr(
        "llamavis_studio.model_store.removing._to_trash", lambda path: path.unlink()
    )
    dialog = open_models(window)
    assert dialog is not None
    desk_of(window).add_folder(str(folder))
    wait(lambda: dialog.list.count() == 3, "the models")
    rows = [dialog.list.item(at).text() for at in range(dialog.list.count())]
    dialog.list.setCurrentRow(rows.index("tiny-own"))
    dialog.remove.click()
    dialog.remove.click()
    wait(lambda: dialog.list.count() == 2, "the models")
    assert dialog.answer.text() == "Removed." and (folder / "model.safetensors").exists()
    wait(lambda: window.backends.find("tiny-own") is None, "the backends")
    desk_of(window).add_folder(str(tmp_path / "nowhere"))
    wait(lambda: dialog.answer.property("role") == "bad", "the refusal")
    dialog.close()


def test_a_checkpoint_in_one_file_is_added(window: MainWindow, ready: None, tmp_path: Path) -> None:
    pytest.importorskip("diffusers")
    unet = "model.diffusion_model.input_blocks"
    shapes = {
        f"{unet}.0.0.weight": (320, 4, 3, 3),
        f"{unet}.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 768),
        "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight": (77, 768),
        "first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3),
    }
    file = hollow(tmp_path / "Toon Mix.safetensors", shapes)
    dialog = open_models(window)
    assert dialog is not None
    desk_of(window).add_file(str(file))
    wait(lambda: dialog.list.count() == 3, "the models")
    rows = [dialog.list.item(at).text() for at in range(dialog.list.count())]
    dialog.list.setCurrentRow(rows.index("toon-mix"))
    facts = [dialog.form.itemAt(at, QFormLayout.ItemRole.LabelRole).widget().text()
             for at in range(dialog.form.rowCount())]  # fmt: skip
    assert "File" in facts and "Folder" not in facts
    wait(lambda: window.backends.find("toon-mix") is not None, "the backends")
    hollow(file, {key: shape for key, shape in shapes.items() if "first_stage" not in key})
    desk_of(window).add_file(str(file))
    wait(lambda: dialog.answer.property("role") == "bad", "the refusal")
    assert "its image decoder (VAE) is not in the file" in dialog.answer.text()
    QTest.mouseClick(dialog.file, Qt.MouseButton.LeftButton)
    asking = dialog.findChild(QFileDialog)
    assert asking is not None and asking.nameFilters() == ["*.safetensors"]
    asking.fileSelected.emit(str(tmp_path / "gone.safetensors"))
    wait(lambda: "there is no file" in dialog.answer.text(), "the refusal")
    asking.close()
    dialog.close()


def test_a_window_that_closes_stops_the_fetching(
    window: MainWindow, hub: HubServer, ready: None
) -> None:
    hub.faults.pause_s = 0.2
    open_models(window)
    desk = desk_of(window)
    fetch = desk.open_fetch()
    assert fetch is not None
    QTest.keyClicks(fetch.other, REPO)
    fetch.go.click()
    wait(lambda: not fetch.accepts.isHidden(), "the plan")
    fetch.accepts.click()
    fetch.go.click()
    assert not desk.bar.isHidden()
    window.close()
    assert not desk.work.is_running and read_record("tiny-janus") is None


# --- no project is open --------------------------------------------------------------------------


def opened_from(window: MainWindow) -> ModelsDialog:
    """By the button of the start page."""
    window.welcome.models.click()
    dialog = desk_of(window).dialog
    assert dialog is not None and dialog.isVisible()
    return dialog


def test_the_start_page_leads_to_the_models_of_the_machine(start_page: MainWindow) -> None:
    window = start_page
    assert window.actions_["models"].isEnabled() and not window.is_furnished
    dialog = opened_from(window)
    assert "Looking for models" in dialog.title.text()
    wait(lambda: dialog.list.count() == 2, "the models")
    assert facts(dialog.form)["Kind"] == "Comes with the studio"
    # How fast it draws is known of a project only, so nothing is said about it.
    assert "Speed" not in facts(dialog.form)
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    assert dialog.title.text() == "instant"
    dialog.list.setCurrentRow(0)
    dialog.verify.click()
    wait(lambda: "whole" in dialog.answer.text(), "the check")
    dialog.settings.click()
    (settings,) = window.findChildren(SettingsDialog)
    settings.close()
    dialog.close()
    assert window.thread_ is None and not window.is_furnished
    window.actions_["models"].trigger()
    again = desk_of(window).dialog
    assert again is not None and again is not dialog
    window.close()  # before the answer comes


def test_a_model_is_fetched_before_there_is_a_project(
    start_page: MainWindow, ready: None, tmp_path: Path
) -> None:
    window = start_page
    dialog = opened_from(window)
    wait(lambda: dialog.list.count() == 2, "the models")
    desk = desk_of(window)
    fetch = desk.open_fetch()
    assert fetch is not None
    QTest.keyClicks(fetch.other, REPO)
    QTest.keyClick(fetch.other, Qt.Key.Key_Return)
    wait(lambda: not fetch.accepts.isHidden(), "the plan")
    fetch.accepts.click()
    fetch.go.click()
    wait(lambda: dialog.list.count() == 3, "the model in the list")
    assert read_record("tiny-janus") is not None and "tiny-janus is here" in dialog.answer.text()
    dialog.close()
    assert desk.bar.isHidden()
    # A project that is opened now offers it at once.
    window.open_project(make_game(tmp_path / "game", {"hero.desc.toml": described("a knight")}))
    wait(lambda: window.is_furnished and window.backends.find("tiny-janus"), "the backends")
    dialog = open_models(window)
    wait(lambda: dialog.list.count() == 3, "the models")
    rows = [dialog.list.item(at).text() for at in range(3)]
    dialog.list.setCurrentRow(rows.index("tiny-janus"))
    assert "Speed" in facts(dialog.form)
    dialog.close()


def test_folders_and_servers_are_added_before_there_is_a_project(
    start_page: MainWindow, ready: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tiny-own"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    monkeypatch.setattr(
        "llamavis_studio.model_store.removing._to_trash", lambda path: path.unlink()
    )
    window = start_page
    dialog = opened_from(window)
    desk = desk_of(window)
    desk.add_folder(str(folder))
    wait(lambda: dialog.list.count() == 3, "the models")
    rows = [dialog.list.item(at).text() for at in range(3)]
    dialog.list.setCurrentRow(rows.index("tiny-own"))
    dialog.verify.click()
    wait(lambda: "whole" in dialog.answer.text(), "the comparison")
    dialog.remove.click()
    dialog.remove.click()
    wait(lambda: dialog.list.count() == 2, "its going")
    assert dialog.answer.text() == "Removed."
    server = desk.open_server()
    server.address.setText("http://127.0.0.1:9")
    server.add.click()
    wait(lambda: server.add.isEnabled(), "the refusal")
    assert "127.0.0.1:9" in server.state.text()
    server.close()
    dialog.close()
    desk.add_folder(str(tmp_path / "nowhere"))  # the dialog is closed: the window says it
    wait(lambda: "nowhere" in window.statusBar().currentMessage(), "the refusal")


def test_what_the_machine_cannot_tell_is_said_in_the_dialog(
    start_page: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: Shelf) -> list[ShelvedModel]:
        raise BackendError("the list of models is damaged", "install the studio again")

    monkeypatch.setattr(Shelf, "models", broken)
    dialog = opened_from(start_page)
    wait(lambda: dialog.answer.property("role") == "bad", "the problem")
    assert "damaged" in dialog.answer.text()
    dialog.close()
