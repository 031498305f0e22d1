"""Folders that a user has become models, and are never taken away from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llamavis_studio.backends.model_records import (
    ModelRecord,
    read_record,
    record_names,
    records_folder,
    write_record,
)
from llamavis_studio.core.errors import BackendError, BackendUnavailable, ModelMissing
from llamavis_studio.model_store import ledger, removing
from llamavis_studio.model_store.adding import folder_record
from llamavis_studio.model_store.checking import broken_files, size_of
from llamavis_studio.model_store.fetching import keep
from llamavis_studio.model_store.options import changes_of
from llamavis_studio.model_store.sources import Source
from tests.model_store.conftest import FILES, REPO, MakeFetcher
from tests.support.hub_server import HubServer
from tests.support.weight_files import whole

pytestmark = pytest.mark.backends


@pytest.fixture(autouse=True)
def no_trash(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a trash: what is put away lies beside the records."""

    def nowhere(_path: Path) -> None:
        raise OSError("no trash")

    monkeypatch.setattr(removing, "_to_trash", nowhere)


def own_folder(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    (folder / "notes.doc").write_text("mine")
    return folder


def fetched(fetcher: MakeFetcher, name: str = "tiny", **named: Any) -> ModelRecord:
    one = fetcher()
    plan = one.plan(Source(REPO, name=name, **named))
    return keep(plan, one.fetch(plan))


def test_a_folder_becomes_a_model_without_a_copy(tmp_path: Path) -> None:
    folder = own_folder(tmp_path / "mine")
    told: list[tuple[int, int]] = []
    record = folder_record(folder, "mine", on_bytes=lambda *two: told.append(two))
    assert (record.family, record.folder, record.source) == ("janus", folder, "")
    assert set(record.files) == set(FILES) - {"README.md", ".gitattributes"}
    assert told[-1][0] == told[-1][1] == size_of(record) and len(record.revision) == 64
    write_record(record)
    assert read_record("mine") is not None and broken_files(record) == []
    (folder / "config.json").write_bytes(b'{"model_type":  "janus"}')
    assert broken_files(record) == ["config.json"]
    assert folder_record(folder, "mine").revision != record.revision
    (folder / "tokenizer.json").unlink()
    assert broken_files(record) == ["config.json", "tokenizer.json"]


def test_folders_that_are_no_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="there is no folder"):
        folder_record(tmp_path / "gone", "x")
    folder = own_folder(tmp_path / "mine")
    (folder / "model.safetensors").write_bytes(whole()[:-1])
    with pytest.raises(ModelMissing, match="cut short"):
        folder_record(folder, "x")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelMissing, match="is a pickle"):
        folder_record(folder, "x")
    (folder / "config.json").unlink()
    with pytest.raises(BackendUnavailable, match="not laid out"):
        folder_record(folder, "x")


def test_a_folder_in_the_cache_is_found_by_its_repository(
    hub: HubServer, fetcher: MakeFetcher
) -> None:
    first = fetched(fetcher)
    assert first.folder is not None
    record = folder_record(first.folder.parent.parent, "same")
    assert record.folder == first.folder and record.revision == first.revision
    hub.repos[REPO].commit({**FILES, "model.safetensors": whole(4096, seed=5)})
    second = fetched(fetcher, "next")
    assert folder_record(first.folder.parent.parent, "same").folder == second.folder
    (first.folder.parent.parent / "refs" / "main").unlink()
    with pytest.raises(ModelMissing, match="holds 2 revisions"):
        folder_record(first.folder.parent.parent, "same")


def test_removing_frees_what_was_fetched(hub: HubServer, fetcher: MakeFetcher) -> None:
    record = fetched(fetcher)
    assert record.folder is not None and ledger.is_fetched(record.folder)
    gone = removing.remove("tiny")
    assert gone.freed_bytes > 1 << 20 and gone.kept == "" and Path(gone.place).is_file()
    assert not record.folder.exists() and record_names() == ()
    assert not ledger.is_fetched(record.folder)
    again = fetched(fetcher)  # the record that was put away names the same files
    assert again.folder == record.folder and again.folder is not None and again.folder.exists()


def test_shared_bytes_of_another_revision_stay(hub: HubServer, fetcher: MakeFetcher) -> None:
    first = fetched(fetcher)
    hub.repos[REPO].commit({**FILES, "tokenizer.json": b'{"version": "2.0"}'})
    second = fetched(fetcher, "next")
    gone = removing.remove("tiny")
    assert 0 < gone.freed_bytes < 1000
    assert first.folder is not None and not first.folder.exists()
    assert broken_files(second) == []


@pytest.mark.parametrize("how", ["keep", "shared", "own", "cached", "broken neighbour"])
def test_files_that_are_needed_stay(
    how: str, hub: HubServer, fetcher: MakeFetcher, tmp_path: Path
) -> None:
    if how == "own":
        record = folder_record(own_folder(tmp_path / "mine"), "tiny")
        write_record(record)
    elif how == "cached":
        from huggingface_hub import hf_hub_download

        place = {"cache_dir": tmp_path / "hf" / "hub", "endpoint": hub.url}
        hf_hub_download(REPO, "model.safetensors", **place)
        record = fetched(fetcher)
    else:
        record = fetched(fetcher)
    if how == "shared":
        write_record(ModelRecord("twin", "janus", record.folder))
    if how == "broken neighbour":
        (records_folder() / "odd.toml").write_text("family = [")
    gone = removing.remove("tiny", keep_files=how == "keep")
    assert gone.freed_bytes == 0 and gone.kept
    assert {"keep": "as you wished", "shared": "twin needs them", "own": "they are your own",
            "cached": "were in the Hugging Face cache before",
            "broken neighbour": "odd needs them"}[how] in gone.kept  # fmt: skip
    assert broken_files(record) == [] and "tiny" not in record_names()


def test_added_cache_folders_are_never_freed(hub: HubServer, fetcher: MakeFetcher) -> None:
    record = fetched(fetcher)
    assert record.folder is not None
    write_record(folder_record(record.folder, "mine"))
    removing.remove("tiny")
    gone = removing.remove("mine")
    assert gone.kept == "they are your own" and record.folder.exists()


def test_records_that_cannot_be_read_can_be_put_away() -> None:
    records_folder().mkdir(parents=True)
    (records_folder() / "odd.toml").write_text("family = [")
    gone = removing.remove("odd")
    assert gone.kept and record_names() == () and Path(gone.place).read_text() == "family = ["


def test_a_licence_is_accepted_once_word_for_word(hub: HubServer, fetcher: MakeFetcher) -> None:
    plan = fetcher().plan(Source(REPO, name="tiny"))
    assert not plan.is_accepted
    ledger.accept(plan.repo, plan.licence, plan.licence_text)
    assert fetcher().plan(Source(REPO, name="tiny")).is_accepted
    hub.repos[REPO].commit({**FILES, "LICENSE": b"Pay as you go.\n"})
    assert not fetcher().plan(Source(REPO, name="tiny")).is_accepted
    hub.repos[REPO].licence = "other"
    assert not fetcher().plan(Source(REPO, name="tiny")).is_accepted
    for text in ("", "[]", '{"licences": 7, "fetched": []}', "[" * 100_000):
        (records_folder() / ledger.NAME).write_text(text)
        assert not fetcher().plan(Source(REPO, name="tiny")).is_accepted
    ledger.accept("a/b", "mit", "")
    assert json.loads((records_folder() / ledger.NAME).read_text())["licences"]


def test_options_are_typed_as_toml_or_as_text() -> None:
    assert changes_of(["steps=8", "precision = bfloat16", "guidance-scale=2.5", "a=true", "b=",
                       'c="7"', "d=[1, 2]", 'e={x = 1}', "f=1 b"]) == {
        "steps": 8, "precision": "bfloat16", "guidance_scale": 2.5, "a": True, "b": None,
        "c": "7", "d": [1, 2], "e": {"x": 1}, "f": "1 b",
    }  # fmt: skip
    for text in ("steps", "=8", "a b=1", "7=7"):
        with pytest.raises(BackendError, match="is no option"):
            changes_of([text])
