"""Models are fetched from a hub: whole, once, at one revision, whatever the connection does."""

from __future__ import annotations

import errno
import hashlib
import shutil
import threading
import time
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from llamavis_studio.backends.model_records import read_record
from llamavis_studio.core.errors import (
    BackendError,
    BackendUnavailable,
    Cancelled,
    ModelMissing,
)
from llamavis_studio.model_store import downloading, fetching, ledger
from llamavis_studio.model_store.fetching import Fetched, Fetcher, FetchPlan, FetchProgress, keep
from llamavis_studio.model_store.sources import Source, source_of
from tests.model_store.conftest import FILES, REPO, MakeFetcher
from tests.support.hub_server import HubServer, etag
from tests.support.weight_files import whole

pytestmark = pytest.mark.backends

WEIGHTS = "model.safetensors"
WANTED = ["LICENSE", "config.json", "generation_config.json", WEIGHTS, "tokenizer.json"]


def fetch(fetcher: Fetcher, source: Source | None = None) -> tuple[FetchPlan, Fetched]:
    plan = fetcher.plan(source or Source(REPO, name="tiny"))
    return plan, fetcher.fetch(plan)


def blobs(cache: Path) -> set[str]:
    return {path.name for path in cache.glob("models--*/blobs/*")}


def test_a_model_is_planned_fetched_and_known(hub: HubServer, fetcher: MakeFetcher) -> None:
    sha = hub.repos[REPO].refs["main"]
    told: list[FetchProgress] = []
    one = fetcher(on_progress=told.append)
    plan = one.plan(Source(REPO, name="tiny"))
    assert (plan.revision, plan.family, plan.licence) == (sha, "janus", "mit")
    assert [file.path for file in plan.files] == WANTED
    assert plan.licence_text == "Do as you please.\n" and not plan.is_accepted
    assert plan.total_bytes == sum(len(FILES[path]) for path in WANTED)
    assert 0 < plan.missing_bytes < plan.total_bytes  # configuration and licence have come
    fetched = one.fetch(plan)
    assert fetched.folder.name == sha and fetched.new_files == 3
    for path in WANTED:
        assert (fetched.folder / path).read_bytes() == FILES[path]
        assert fetched.sha256[path] == hashlib.sha256(FILES[path]).hexdigest()
    assert not (fetched.folder / "README.md").exists()
    assert told[-1].done_bytes == told[-1].total_bytes == plan.total_bytes
    assert [item.done_bytes for item in told] == sorted(item.done_bytes for item in told)
    keep(plan, fetched)
    record = read_record("tiny")
    assert record is not None and record.folder == fetched.folder
    assert (record.source, record.revision, record.licence) == (REPO, sha, "mit")
    assert dict(record.files) == dict(fetched.sha256)


def test_the_cache_is_that_of_hugging_face(
    hub: HubServer, fetcher: MakeFetcher, cache: Path
) -> None:
    plan, fetched = fetch(fetcher())
    from huggingface_hub import scan_cache_dir, snapshot_download

    found = scan_cache_dir(cache)
    assert not found.warnings
    (repo,) = found.repos
    assert repo.repo_id == REPO and {one.commit_hash for one in repo.revisions} == {plan.revision}
    assert repo.refs.keys() == {"main"}
    before = len(hub.asked)
    told = snapshot_download(REPO, revision="main", cache_dir=cache, local_files_only=True)
    assert Path(told) == fetched.folder and len(hub.asked) == before
    hub.asked.clear()
    snapshot_download(REPO, cache_dir=cache, endpoint=hub.url, max_workers=1)
    assert {path.rpartition("/")[2] for path in hub.paths()} == {"README.md", ".gitattributes"}
    assert blobs(cache) == {etag(path, data) for path, data in FILES.items()}


def test_what_hugging_face_fetched_is_reused(
    hub: HubServer, fetcher: MakeFetcher, cache: Path
) -> None:
    from huggingface_hub import hf_hub_download

    for path in (WEIGHTS, "tokenizer.json"):
        hf_hub_download(REPO, path, cache_dir=cache, endpoint=hub.url)
    hub.asked.clear()
    _, fetched = fetch(fetcher())
    assert not [one for one in hub.asked if WEIGHTS in one.path or "tokenizer" in one.path]
    assert fetched.new_files == 1  # the configuration and the licence came for the plan
    assert not ledger.is_fetched(fetched.folder)  # the weights are the user's


def test_a_second_fetch_downloads_nothing(hub: HubServer, fetcher: MakeFetcher) -> None:
    _, first = fetch(fetcher())
    hub.asked.clear()
    plan, second = fetch(fetcher())
    assert second.folder == first.folder and second.new_files == 0 and plan.missing_bytes == 0
    assert hub.paths() == []


def test_the_revision_is_pinned_though_main_moves(hub: HubServer, fetcher: MakeFetcher) -> None:
    old = hub.repos[REPO].refs["main"]
    one = fetcher()
    plan = one.plan(Source(REPO, name="tiny"))
    new = hub.repos[REPO].commit({**FILES, WEIGHTS: whole(1 << 20, seed=9)})
    fetched = one.fetch(plan)
    assert (fetched.folder / WEIGHTS).read_bytes() == FILES[WEIGHTS] and fetched.folder.name == old
    keep(plan, fetched)
    again = source_of("tiny")
    assert (again.repo, again.revision) == (REPO, old)
    _, kept = fetch(fetcher(), again)
    assert kept.folder == fetched.folder and kept.new_files == 0
    _, moved = fetch(fetcher(), Source(REPO, name="tiny-new"))
    assert moved.folder.name == new and (moved.folder / WEIGHTS).read_bytes() != FILES[WEIGHTS]
    _, named = fetch(fetcher(), Source(REPO, old, name="tiny-old"))
    assert named.folder.name == old and named.new_files == 0
    pull = hub.repos[REPO].commit({**FILES, "tokenizer.json": b"[7]"}, branch="refs/pr/7")
    _, pulled = fetch(fetcher(), source_of(f"{REPO}@refs/pr/7", "tiny-pull"))
    assert pulled.folder.name == pull and pulled.new_files == 1
    plan, _ = fetch(fetcher(is_offline=True), Source(REPO, "refs/pr/7", name="tiny-pull"))
    assert plan.revision == pull


def test_a_cut_connection_is_gone_on_from(
    hub: HubServer, fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = fetcher()
    plan = one.plan(Source(REPO, name="tiny"))
    files = tuple(file for file in plan.files if file.is_large)
    monkeypatch.setattr(fetching, "check_weights", lambda *_: None)
    hub.asked.clear()
    hub.faults.cuts = [100_000, 200_000, 300_000]
    import dataclasses

    fetched = one.fetch(dataclasses.replace(plan, files=files))
    assert (fetched.folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]
    asked = [item.range for item in hub.asked if "/resolve/" in item.path]
    assert asked == ["", "bytes=100000-", "bytes=300000-", "bytes=600000-"]
    assert all(item.encoding == "identity" for item in hub.asked)
    assert hub.sent_bytes < len(FILES[WEIGHTS]) + 10_000  # nothing came twice


def test_a_stopped_fetch_goes_on_where_it_was(
    hub: HubServer, fetcher: MakeFetcher, cache: Path
) -> None:
    hub.faults.pause_s = 0.01
    seen: list[int] = []
    stopping = fetcher(
        on_progress=lambda told: seen.append(told.done_bytes),
        should_stop=lambda: bool(seen) and seen[-1] > 400_000,
    )
    with pytest.raises(Cancelled):
        fetch(stopping)
    (part,) = cache.glob("models--*/blobs/*.incomplete")
    size = part.stat().st_size
    assert 400_000 < size < 1 << 20 and read_record("tiny") is None
    hub.faults.pause_s = 0.0
    hub.asked.clear()
    _, fetched = fetch(fetcher())
    assert (fetched.folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]
    assert f"bytes={size}-" in [one.range for one in hub.asked]
    assert not list(cache.rglob("*.incomplete"))


def test_ctrl_c_keeps_what_came(hub: HubServer, fetcher: MakeFetcher, cache: Path) -> None:
    def interrupt(told: FetchProgress) -> None:
        if told.file == WEIGHTS and told.done_bytes > 300_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(fetcher(on_progress=interrupt))
    (part,) = cache.glob("models--*/blobs/*.incomplete")
    assert part.stat().st_size > 250_000


def test_a_server_without_ranges_gives_the_right_bytes(
    hub: HubServer, fetcher: MakeFetcher, cache: Path
) -> None:
    hub.faults.no_ranges = True
    one = fetcher()
    plan = one.plan(Source(REPO, name="tiny"))
    part = cache / f"models--{REPO.replace('/', '--')}" / "blobs" / etag(WEIGHTS, FILES[WEIGHTS])
    part.with_name(f"{part.name}.incomplete").write_bytes(FILES[WEIGHTS][:500_000])
    assert (one.fetch(plan).folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]


@pytest.mark.parametrize("length", [500_000, 1 << 22])
def test_a_wrong_beginning_is_begun_anew(
    length: int, hub: HubServer, fetcher: MakeFetcher, cache: Path
) -> None:
    """What lies there from before may be anything: it never gets into use."""
    one = fetcher()
    plan = one.plan(Source(REPO, name="tiny"))
    part = cache / f"models--{REPO.replace('/', '--')}" / "blobs" / etag(WEIGHTS, FILES[WEIGHTS])
    part.with_name(f"{part.name}.incomplete").write_bytes(b"\1" * length)
    assert (one.fetch(plan).folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]


def test_wrong_bytes_are_refused(hub: HubServer, fetcher: MakeFetcher, cache: Path) -> None:
    good = FILES[WEIGHTS]
    hub.faults.wrong[WEIGHTS] = good[:-1] + bytes([good[-1] ^ 1])
    with pytest.raises(ModelMissing, match=r"model\.safetensors came with other bytes") as caught:
        fetch(fetcher())
    assert "do not use this address" in caught.value.hint
    assert not list(cache.rglob("model.safetensors")) and read_record("tiny") is None
    assert etag(WEIGHTS, good) not in blobs(cache) and not list(cache.rglob("*.incomplete"))
    hub.faults.wrong.clear()
    _, fetched = fetch(fetcher())
    assert (fetched.folder / WEIGHTS).read_bytes() == good


def test_a_small_file_is_compared_too(hub: HubServer, fetcher: MakeFetcher) -> None:
    hub.faults.wrong["tokenizer.json"] = b'{"version": "6.6"}'
    with pytest.raises(ModelMissing, match=r"tokenizer\.json came with other bytes"):
        fetch(fetcher())


@pytest.mark.parametrize(
    ("size", "words"), [(10, "closed before all"), (1 << 21, "longer than the hub promises")]
)
def test_a_file_of_another_length_is_refused(
    size: int, words: str, hub: HubServer, fetcher: MakeFetcher, cache: Path
) -> None:
    hub.faults.wrong[WEIGHTS] = bytes(size)
    with pytest.raises(BackendError, match=words):
        fetch(fetcher())
    assert not list(cache.rglob("model.safetensors"))


def test_broken_files_in_the_cache_are_fetched_again(hub: HubServer, fetcher: MakeFetcher) -> None:
    _, fetched = fetch(fetcher())
    path = (fetched.folder / WEIGHTS).resolve()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    _, again = fetch(fetcher())
    assert again.new_files == 1 and (again.folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]
    (fetched.folder / WEIGHTS).resolve().write_bytes(b"short")
    _, again = fetch(fetcher())
    assert again.new_files == 1 and (again.folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]


def test_without_links_the_files_lie_in_the_snapshot(
    hub: HubServer, fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_arguments: object) -> None:
        raise OSError(errno.EPERM, "no right to make links")

    monkeypatch.setattr(Path, "symlink_to", no_links)
    _, fetched = fetch(fetcher())
    assert not (fetched.folder / WEIGHTS).is_symlink()
    assert (fetched.folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]
    hub.asked.clear()
    _, again = fetch(fetcher())
    assert again.new_files == 0 and hub.paths() == []


def test_too_small_a_disk_is_said_before(
    hub: HubServer, fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**12, 10**12, 10**9))
    one = fetcher()
    plan = one.plan(Source(REPO, name="tiny"))
    assert plan.free_bytes == 10**9
    hub.asked.clear()
    with pytest.raises(BackendError, match=r"needs 1\.0 MB more .* 1\.0 GB are free") as caught:
        one.fetch(plan)
    assert "HF_HOME" in caught.value.hint and hub.paths() == []


def test_a_disk_that_fills_up_keeps_what_came(
    hub: HubServer, fetcher: MakeFetcher, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = downloading._Growing.add

    def full(self: Any, data: bytes) -> None:
        if self.file.is_large and self.has > 300_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, data)

    with monkeypatch.context() as patched:
        patched.setattr(downloading._Growing, "add", full)
        with pytest.raises(BackendError, match=r"is full: model\.safetensors") as caught:
            fetch(fetcher())
    assert "goes on from what is there" in caught.value.hint and read_record("tiny") is None
    (part,) = cache.glob("models--*/blobs/*.incomplete")
    size = part.stat().st_size
    assert size > 250_000
    hub.asked.clear()
    fetch(fetcher())
    assert f"bytes={size}-" in [one.range for one in hub.asked]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_real_full_device_is_told(hub: HubServer, fetcher: MakeFetcher, cache: Path) -> None:
    one = fetcher()
    plan = one.plan(Source(REPO, name="tiny"))
    blob = cache / f"models--{REPO.replace('/', '--')}" / "blobs" / etag(WEIGHTS, FILES[WEIGHTS])
    blob.with_name(f"{blob.name}.incomplete").symlink_to("/dev/full")
    with pytest.raises(BackendError, match="is full"):
        one.fetch(plan)


def test_a_cache_that_may_not_be_written_is_told(
    hub: HubServer, fetcher: MakeFetcher, tmp_path: Path
) -> None:
    (tmp_path / "hf").write_text("a file stands here")
    with pytest.raises(BackendError, match="cannot be written") as caught:
        fetch(fetcher())
    assert "HF_HOME" in caught.value.hint


def test_two_at_once_fetch_each_file_once(hub: HubServer, fetcher: MakeFetcher) -> None:
    hub.faults.pause_s = 0.02
    results: list[Fetched] = []
    first = threading.Thread(target=lambda: results.append(fetch(fetcher())[1]))
    first.start()
    time.sleep(0.05)
    results.append(fetch(fetcher(), Source(REPO, name="tiny-2"))[1])
    first.join()
    for one in results:
        assert (one.folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]
    large = [path for path in hub.paths() if path.endswith(WEIGHTS)]
    assert len(large) == 1


def test_the_unfinished_file_of_another_program_is_waited_for(
    hub: HubServer, fetcher: MakeFetcher, cache: Path
) -> None:
    from filelock import FileLock

    path = cache / ".locks" / f"models--{REPO.replace('/', '--')}"
    path.mkdir(parents=True)
    begin = time.monotonic()
    with FileLock(path / f"{etag(WEIGHTS, FILES[WEIGHTS])}.lock"), pytest.raises(Cancelled):
        fetch(fetcher(should_stop=lambda: time.monotonic() - begin > 0.6))
    _, fetched = fetch(fetcher())
    assert fetched.new_files


def test_offline_takes_only_what_is_there(
    hub: HubServer, fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelMissing, match="offline mode") as caught:
        fetcher(is_offline=True).plan(Source(REPO))
    assert "HF_HUB_OFFLINE" in caught.value.hint
    _, fetched = fetch(fetcher())
    hub.asked.clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    plan, again = fetch(fetcher(), Source(REPO, name="tiny-2"))
    assert plan.is_cached and again.folder == fetched.folder and hub.asked == []
    assert again.sha256 == {**fetched.sha256} and keep(plan, again).name == "tiny-2"
    other = whole(1 << 20, seed=3)
    (fetched.folder / WEIGHTS).resolve().write_bytes(other)
    with pytest.raises(ModelMissing, match="other bytes than its fingerprint says"):
        fetch(fetcher(), Source(REPO, name="tiny-3"))
    assert (fetched.folder / WEIGHTS).read_bytes() == other  # nothing is lost while offline


def test_the_users_options_stay(hub: HubServer, fetcher: MakeFetcher) -> None:
    plan, fetched = fetch(fetcher(), Source(REPO, name="tiny", options={"max_batch": 2}))
    assert keep(plan, fetched).options == {"max_batch": 2}
    plan, fetched = fetch(fetcher(), Source(REPO, name="tiny", options={"max_batch": 8}))
    assert keep(plan, fetched).options == {"max_batch": 2}


def test_the_old_model_stays_when_a_new_one_fails(hub: HubServer, fetcher: MakeFetcher) -> None:
    plan, fetched = fetch(fetcher())
    old = keep(plan, fetched)
    hub.repos[REPO].commit({**FILES, WEIGHTS: b"\x80\x02." * 500})
    with pytest.raises(ModelMissing, match="is a pickle"):
        fetch(fetcher())
    hub.repos[REPO].commit({**FILES, WEIGHTS: whole(1 << 20, seed=4)})
    hub.faults.wrong[WEIGHTS] = whole(1 << 20, seed=5)
    with pytest.raises(ModelMissing, match="other bytes"):
        fetch(fetcher())
    record = read_record("tiny")
    assert record is not None and record.files == old.files
    assert (fetched.folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]


def test_room_is_asked_only_for_what_is_still_to_come(hub: HubServer, fetcher: MakeFetcher) -> None:
    seen: list[int] = []
    with pytest.raises(Cancelled):
        fetch(fetcher(on_progress=lambda told: seen.append(told.done_bytes),
                      should_stop=lambda: bool(seen) and seen[-1] > 500_000))  # fmt: skip
    plan = fetcher().plan(Source(REPO, name="tiny"))
    assert plan.missing_bytes < plan.total_bytes - 400_000


def test_a_name_of_another_model_is_refused_before_fetching(
    hub: HubServer, fetcher: MakeFetcher
) -> None:
    plan, fetched = fetch(fetcher())
    keep(plan, fetched)
    hub.add("studio/other", FILES)
    hub.asked.clear()
    for name in ("tiny", "builtin", "Not A Name", "../up", ""):
        source = Source("studio/other", name=name or "-")
        with pytest.raises(BackendUnavailable, match=r"another model|cannot be the name"):
            fetcher().plan(source)
    assert hub.asked == []
