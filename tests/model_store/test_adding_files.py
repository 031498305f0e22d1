"""Checkpoints in one file become models, from the command line to a picture; they stay in place."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llamavis_studio import machine_models
from llamavis_studio.backends.diffusion import single_file
from llamavis_studio.backends.model_records import read_record, write_record
from llamavis_studio.cli.app import run_app as run
from llamavis_studio.core.errors import BackendUnavailable, Cancelled, LlamaVisError, ModelMissing
from llamavis_studio.imaging.png import decode_image
from llamavis_studio.model_store import removing
from llamavis_studio.model_store.adding import file_record, folder_record, is_one_file
from llamavis_studio.model_store.checking import broken_files, size_of
from tests.support import tiny_diffusion
from tests.support.single_files import as_single_file

pytestmark = pytest.mark.backends


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small checkpoint in one file, and the small files of its kind."""
    place = tmp_path_factory.mktemp("made")
    folder = tiny_diffusion.tiny_sd(place / "folder", words=True)
    left_out = shutil.ignore_patterns("*.safetensors", "tokenizer*")
    shutil.copytree(folder, place / "layouts" / "sd15", ignore=left_out)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(single_file, "layouts_folder", lambda: place / "layouts")
        notes = {"modelspec.license": "CreativeML Open RAIL-M"}
        yield as_single_file(folder, place / "toon.safetensors", notes)


@pytest.fixture
def toon(made: Path, tmp_path: Path) -> Path:
    """It lies among other downloads, under a name as sites give them."""
    downloads = tmp_path / "My Downloads"
    downloads.mkdir()
    (downloads / "other.safetensors").write_bytes(b"not looked at")
    return Path(shutil.copy(made, downloads / "Toon Mix_v3.1 (fp16).safetensors"))


@pytest.fixture(autouse=True)
def no_trash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removing, "_to_trash", lambda path: path.unlink())


def told_json(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    capfd.readouterr()
    code = run([*arguments, "--json"])
    return code, json.loads(capfd.readouterr().out)


def test_a_file_becomes_a_model_that_draws(
    toon: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["models", "add", str(toon), "--option", "steps=2", "--option", "best_px=32"]) == 0
    said = capfd.readouterr().out
    assert 'write backend = "toon-mix_v3.1-fp16"' in said
    record = read_record("toon-mix_v3.1-fp16")
    assert record is not None and record.place == toon and record.family == "diffusers"
    assert record.revision == hashlib.sha256(toon.read_bytes()).hexdigest()
    assert record.licence == "CreativeML Open RAIL-M"
    code, told = told_json(capfd, "models", "info", record.name)
    assert code == 0 and told["ready"] and told["place"] == str(toon)
    assert told["size_bytes"] == toon.stat().st_size
    out = tmp_path / "hat.png"
    code, (image,) = told_json(
        capfd, "generate", "a red hat", "-o", str(out), "--backend", record.name
    )
    assert code == 0 and decode_image(out).shape == (32, 32, 4)
    assert image["model"] == f"Stable Diffusion in {toon.name}"
    assert image["revision"].startswith(record.revision[:12])
    code, told = told_json(capfd, "models", "verify", record.name)
    assert code == 0 and told["whole"]


def test_a_file_that_changed_or_went_is_told(toon: Path, capfd: pytest.CaptureFixture[str]) -> None:
    record = file_record(toon, "toon")
    write_record(record)
    data = bytearray(toon.read_bytes())
    data[-1] ^= 1
    toon.write_bytes(data)
    assert broken_files(record) == [toon.name]
    toon.rename(toon.with_name("moved.safetensors"))
    assert broken_files(record) == [toon.name] and size_of(record) == 0
    code, told = told_json(capfd, "models", "info", "toon")
    assert code == 1 and "there is no file" in told["problem"]
    assert "models add FILE.safetensors" in told["hint"]
    write_record(file_record(toon.with_name("moved.safetensors"), "toon"))
    assert told_json(capfd, "models", "info", "toon")[0] == 0


def test_files_of_one_folder_are_models_of_their_own(toon: Path) -> None:
    twin = Path(shutil.copy(toon, toon.with_name("twin.safetensors")))
    for path, name in ((toon, "one"), (twin, "two"), (toon, "again")):
        write_record(file_record(path, name))
    assert removing.remove("two").kept == "they are your own"
    assert removing.remove("one").kept == "again needs them"
    assert removing.remove("again").kept == "they are your own"
    assert toon.is_file() and twin.is_file()


def test_the_window_and_the_service_add_files_too(toon: Path) -> None:
    seen: list[tuple[int, int]] = []
    name = machine_models.add_file(toon, lambda *two: seen.append(two), lambda: False)
    assert name == "toon-mix_v3.1-fp16" and seen[-1] == (toon.stat().st_size,) * 2
    assert machine_models.compare(name, lambda *_two: None, lambda: False) == []
    with pytest.raises(Cancelled):
        machine_models.add_file(toon, lambda *_two: None, lambda: True)


def test_what_cannot_be_used_is_refused_before_it_is_read(
    toon: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(_done: int, _total: int) -> None:
        raise AssertionError("it was read")

    pickled = tmp_path / "old.ckpt"
    pickled.write_bytes(b"\x80\x02}q\x00.")
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(toon.read_bytes()[:-7])
    for path, kind, words in (
        (pickled, ModelMissing, "is a pickle"),
        (cut, ModelMissing, "cut short"),
        (tmp_path / "gone.safetensors", ModelMissing, "there is no file"),
        (toon.with_name("other.safetensors"), ModelMissing, "no model file in the format"),
    ):
        with pytest.raises(kind, match=words):
            file_record(path, "toon", on_bytes=refuse)
    assert run(["models", "add", str(pickled)]) == 1
    said = capfd.readouterr().err
    assert "old.ckpt is a pickle" in said and "take the .safetensors version" in said
    assert run(["models", "add", str(toon), "--family", "janus"]) == 2
    assert "not janus" in capfd.readouterr().err
    assert run(["models", "add", str(tmp_path / "gone.safetensors")]) == 1
    assert "there is no file" in capfd.readouterr().err
    assert read_record("old") is None


def test_a_folder_of_files_leads_to_its_files(toon: Path) -> None:
    with pytest.raises(BackendUnavailable, match=r"not laid out .* but holds models") as told:
        folder_record(toon.parent, "toon")
    assert toon.name in told.value.message
    assert told.value.hint == f"name the file: llamavis models add '{toon}'"


def test_an_option_is_looked_at_before_the_record_is_kept(
    toon: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for option in ("vae=mine.safetensors", "vae=/models/mine.pt", "steps=0"):
        assert run(["models", "add", str(toon), "--name", "toon", "--option", option]) == 1
        assert "option of the model 'toon' is wrong" in capfd.readouterr().err
    assert read_record("toon") is None


def test_a_record_names_a_file_of_its_own_folder_only(toon: Path) -> None:
    path = write_record(file_record(toon, "toon"))
    text = path.read_text("utf-8")
    path.write_text(text.replace(f'file = "{toon.name}"', 'file = "../other/x.safetensors"'))
    with pytest.raises(BackendUnavailable, match="file"):
        read_record("toon")


def test_a_place_is_a_file_by_what_it_is_else_by_its_name(toon: Path, tmp_path: Path) -> None:
    (tmp_path / "folder.ckpt").mkdir()
    plain = tmp_path / "weights"
    plain.write_bytes(b"")
    places = {toon: True, tmp_path / "gone.ckpt": True, plain: True, tmp_path / "gone": False,
              tmp_path / "folder.ckpt": False}  # fmt: skip
    for place, found in places.items():
        assert is_one_file(place) is found
    with pytest.raises(LlamaVisError, match="does not end in"):
        file_record(plain, "x")
