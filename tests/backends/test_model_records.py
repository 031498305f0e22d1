"""Records of large models: written whole, read with care, and followed while a studio runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field

from llamavis_studio.backends import model_records
from llamavis_studio.backends.base import Backend
from llamavis_studio.backends.model_records import (
    ModelRecord,
    read_record,
    record_names,
    record_stamp,
    records_folder,
    write_record,
)
from llamavis_studio.backends.registry import Registry
from llamavis_studio.backends.resident import Resident
from llamavis_studio.core.errors import BackendUnavailable
from tests.support.instant_backend import InstantBackend


class RecordedBackend(InstantBackend):
    """The instant backend, made as large models are: with its record."""

    def __init__(self, record: ModelRecord) -> None:
        super().__init__()
        self.record = record


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LLAMAVIS_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def toy_family(monkeypatch: pytest.MonkeyPatch) -> str:
    place = f"{__name__}:RecordedBackend"
    families = {**model_records.FAMILIES, "toy": place}
    monkeypatch.setattr("llamavis_studio.backends.model_records.FAMILIES", families)
    monkeypatch.setattr("llamavis_studio.backends.registry.FAMILIES", families)
    return "toy"


def test_a_record_comes_back_as_it_was_written(folder: Path) -> None:
    record = ModelRecord(
        "sdxl-turbo", "diffusers", folder=folder / "a b", source="org/repo", revision="c0ffee",
        licence="openrail++", files={"unet/x.safetensors": "ab" * 32},
        options={"steps": 4, "loras": [{"file": "x", "scale": 0.5}]},
    )  # fmt: skip
    path = write_record(record)
    read = read_record("sdxl-turbo")
    assert read is not None
    assert (read.family, read.folder, read.source) == ("diffusers", folder / "a b", "org/repo")
    assert (read.revision, read.licence, read.path) == ("c0ffee", "openrail++", path)
    assert dict(read.files) == dict(record.files) and dict(read.options) == dict(record.options)
    assert record_names() == ("sdxl-turbo",)


def test_without_a_folder_there_are_no_records() -> None:
    assert record_names() == ()
    assert read_record("janus") is None
    assert record_stamp("janus") is None


@pytest.mark.parametrize("name", ["", "../up", "A", "a/b", "a\\b", ".hidden", "x" * 65, "a\0b"])
def test_a_name_that_no_description_could_say_is_refused(name: str) -> None:
    assert read_record(name) is None
    assert record_stamp(name) is None
    with pytest.raises(BackendUnavailable, match="cannot be the name"):
        write_record(ModelRecord(name, "janus"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"family = ", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b'family = "janus"\ncolour = 1\n', "is wrong"),
        (b'options = "x"\nfamily = "janus"\n', "is wrong"),
        (b'family = "janos"\n', "unknown family"),
    ],
)
def test_a_broken_record_says_which_file_to_mend(folder: Path, text: bytes, said: str) -> None:
    folder.mkdir()
    (folder / "bad.toml").write_bytes(text)
    with pytest.raises(BackendUnavailable, match=said) as caught:
        Registry().create("bad")
    assert "bad.toml" in f"{caught.value.message} {caught.value.hint}"


def test_the_registry_knows_records_and_makes_backends_of_them(toy_family: str) -> None:
    write_record(ModelRecord("mine", toy_family, licence="MIT"))
    registry = Registry()
    assert "mine" in registry.names() and "builtin" in registry.names()
    backend: Backend = registry.create("mine")
    assert isinstance(backend, RecordedBackend)
    assert backend.record.licence == "MIT"


def test_a_registry_of_given_places_reads_no_records(toy_family: str) -> None:
    write_record(ModelRecord("mine", toy_family))
    registry = Registry({"instant": "tests.support.instant_backend:InstantBackend"})
    assert registry.names() == ("instant",)
    assert registry.stamp("mine") is None
    with pytest.raises(BackendUnavailable, match="no backend named 'mine'"):
        registry.create("mine")


def test_a_changed_record_replaces_the_loaded_model(toy_family: str) -> None:
    write_record(ModelRecord("mine", toy_family, revision="1"))
    resident = Resident(Registry())
    first = resident.use("mine")
    assert resident.use("mine") is first
    write_record(ModelRecord("mine", toy_family, revision="22"))
    second = resident.use("mine")
    assert second is not first
    assert isinstance(second, RecordedBackend) and second.record.revision == "22"
    resident.unload()


class _Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: Annotated[int, Field(ge=1, le=100, strict=True)] = 20


def test_options_are_checked_and_a_wrong_one_is_named() -> None:
    good = ModelRecord("a", "diffusers", options={"steps": 4})
    assert good.checked_options(_Options).steps == 4
    for options, said in (({"steps": 0}, "steps"), ({"stepps": 4}, "stepps")):
        wrong = ModelRecord("a", "diffusers", options=options, path=records_folder() / "a.toml")
        with pytest.raises(BackendUnavailable, match=said) as caught:
            wrong.checked_options(_Options)
        assert "a.toml" in caught.value.hint


def test_a_revision_changes_with_weights_options_and_code() -> None:
    record = ModelRecord("a", "janus", revision="c0ffee" * 7, options={"b": 1, "a": 2})
    same = ModelRecord("a", "janus", revision="c0ffee" * 7, options={"a": 2, "b": 1})
    others = [
        ModelRecord("a", "janus", revision="decade" * 7, options=record.options),
        ModelRecord("a", "janus", revision=record.revision, options={"a": 2, "b": 2}),
    ]
    assert record.pixel_revision(1) == same.pixel_revision(1)
    found = {one.pixel_revision(1) for one in (record, *others)} | {record.pixel_revision(2)}
    assert len(found) == 4


def test_a_secret_is_kept_and_never_shown() -> None:
    from typer.testing import CliRunner

    from llamavis_studio.cli.app import app

    options = {"servers": ["http://127.0.0.1:1"], "checkpoint": "a.safetensors", "token": "s3cret"}
    write_record(ModelRecord("comfy", "comfyui", options=options))
    read = read_record("comfy")
    assert read is not None and read.options["token"] == "s3cret"
    assert read.shown_options() == {**options, "token": "(hidden)"}
    for command in (["info", "comfy"], ["set", "comfy", "steps=9"], ["list"]):
        for more in ([], ["--json"]):
            done = CliRunner().invoke(app, ["models", *command, *more])
            assert done.exit_code == 0, done.output
            assert "s3cret" not in done.output
