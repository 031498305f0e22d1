"""Whatever a hub, a mirror or a network in between answers is said in plain words."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest

from llamavis_studio.core.errors import BackendError, BackendUnavailable, ModelMissing
from llamavis_studio.model_store.fetching import Fetcher
from llamavis_studio.model_store.hub import Hub
from llamavis_studio.model_store.sources import Source, source_of
from tests.model_store.conftest import FILES, REPO, MakeFetcher
from tests.support.hub_server import HubServer
from tests.support.weight_files import whole

pytestmark = pytest.mark.backends

TINY = Source(REPO, name="tiny")


def fetch(fetcher: Fetcher, source: Source = TINY) -> Path:
    return fetcher.fetch(fetcher.plan(source)).folder


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 408])
def test_troubles_that_pass_are_tried_again(
    status: int, hub: HubServer, fetcher: MakeFetcher
) -> None:
    hub.faults.statuses = [(status, {}), (status, {})]
    folder = fetch(fetcher())
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]


def test_troubles_in_the_middle_are_tried_again(hub: HubServer, fetcher: MakeFetcher) -> None:
    one = fetcher()
    plan = one.plan(TINY)
    hub.faults.cuts = [200_000]
    hub.faults.statuses = [(200, {}), (503, {})]  # the first answer is "{}", which is too short
    folder = one.fetch(plan).folder
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]


def test_the_wait_that_a_server_asks_for_is_kept(hub: HubServer) -> None:
    waits: list[float] = []
    hub.faults.statuses = [(429, {"Retry-After": "7"}), (503, {"Retry-After": "99999"})]
    Hub(pauses_s=(1.0, 2.0), wait=waits.append).facts(REPO, "main")
    assert waits == [7.0, 60.0]


def test_troubles_that_stay_end_in_words(hub: HubServer, fetcher: MakeFetcher) -> None:
    hub.faults.statuses = [(503, {})] * 9
    with pytest.raises(BackendUnavailable, match=r"cannot answer now \(status 503\)") as caught:
        fetch(fetcher())
    assert "--mirror" in caught.value.hint and len(hub.asked) == 3


def test_an_unknown_repository_has_a_suggestion(hub: HubServer, fetcher: MakeFetcher) -> None:
    with pytest.raises(ModelMissing, match="no repository or file stabilityai/sdxl-turboo") as one:
        fetch(fetcher(), Source("stabilityai/sdxl-turboo"))
    assert "did you mean 'stabilityai/sdxl-turbo'?" in one.value.hint
    with pytest.raises(ModelMissing, match="has no revision 'v9'"):
        fetch(fetcher(), Source(REPO, "v9", name="tiny"))
    assert len(hub.asked) == 2  # nothing is tried again that will not pass


@pytest.mark.parametrize("repo", ["tiny", "a/b/c", "../b", "a/..", "a b/c", "a--b/c", "a/b\n", ""])
def test_what_is_no_repository_is_not_asked_for(
    repo: str, hub: HubServer, fetcher: MakeFetcher
) -> None:
    with pytest.raises(ModelMissing, match="is no repository"):
        fetcher().plan(Source(repo))
    assert hub.asked == []


def test_gated_and_private_repositories_ask_to_log_in(
    hub: HubServer, fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add("studio/gated", FILES, gated=True)
    hub.add("studio/private", FILES, private=True)
    with pytest.raises(BackendUnavailable, match="only to those who accepted") as caught:
        fetch(fetcher(), Source("studio/gated"))
    assert "hf auth login" in caught.value.hint and "studio/gated" in caught.value.hint
    with pytest.raises(ModelMissing) as missing:
        fetch(fetcher(), Source("studio/private"))
    assert "if it is private, log in: hf auth login" in missing.value.hint
    monkeypatch.setenv("HF_TOKEN", "good")
    hub.asked.clear()
    fetch(fetcher(), Source("studio/gated"))
    fetch(fetcher(), Source("studio/private"))
    token = {one.authorization for one in hub.asked if not one.path.startswith("/cdn/")}
    assert token == {"Bearer good"}
    assert {one.authorization for one in hub.asked if one.path.startswith("/cdn/")} == {""}


def test_a_mirror_gets_no_token(
    hub: HubServer, fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_ENDPOINT")
    monkeypatch.setenv("HF_TOKEN", "good")
    fetch(fetcher(endpoint=f"{hub.url}/"))
    assert {one.authorization for one in hub.asked} == {""}
    assert all(one.agent.startswith("llamavis-studio/") for one in hub.asked)
    assert not any("torch/" in one.agent or "agent/" in one.agent for one in hub.asked)
    for address in ("hf-mirror.com", "ftp://x", "file:///etc"):
        with pytest.raises(BackendUnavailable, match="no address of a hub"):
            fetcher(endpoint=address)


def test_a_proxy_of_the_environment_is_used(
    hub: HubServer, fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", hub.url)
    monkeypatch.setenv("NO_PROXY", "")
    folder = fetch(fetcher(endpoint="http://hub.invalid"))  # the hub stands for the proxy
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert hub.asked[0].path == f"/api/models/{REPO}/revision/main" and len(hub.paths()) == 5


def test_a_login_page_is_no_hub(hub: HubServer, fetcher: MakeFetcher) -> None:
    hub.faults.html = True
    with pytest.raises(BackendUnavailable, match="something that no hub says") as caught:
        fetch(fetcher())
    assert "log in to a network" in caught.value.hint


def test_a_page_in_place_of_weights_is_not_kept(
    hub: HubServer, fetcher: MakeFetcher, tmp_path: Path
) -> None:
    hub.faults.html_files = True
    with pytest.raises(BackendUnavailable, match="something that no hub says"):
        fetch(fetcher())
    assert not list(tmp_path.rglob("model.safetensors"))


@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'{"id": 1}', b"{", b'{"sha": "main"}'])
def test_other_json_is_no_hub(
    body: bytes, hub: HubServer, fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_info", lambda request, _path: hub._send(request, 200, body, {}))
    with pytest.raises(BackendUnavailable, match="something that no hub says"):
        fetch(fetcher())


def test_nobody_answers(fetcher: MakeFetcher) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(BackendUnavailable, match="cannot be reached") as caught:
        fetch(fetcher(endpoint=f"http://127.0.0.1:{port}"))
    assert "HTTPS_PROXY" in caught.value.hint and "--mirror" in caught.value.hint


def test_a_server_that_says_nothing_is_given_up(fetcher: MakeFetcher) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        begin = time.monotonic()
        with pytest.raises(BackendUnavailable, match="cannot be reached"):
            fetch(fetcher(endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.2))
        assert time.monotonic() - begin < 5


def test_a_slow_server_is_waited_for(hub: HubServer, fetcher: MakeFetcher) -> None:
    hub.faults.pause_s = 0.05  # the file takes longer than the server may be silent
    folder = fetch(fetcher(timeout_s=0.4))
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]


@pytest.mark.parametrize(
    "name",
    [
        "../outside.json", "/etc/cron.d/x.json", "a/../../x.json", "a\\b.json", "C:/x.json",
        "..", "./x.json", "a//b.json", "x\n.json", "unet/..\\..\\x.safetensors", "con\0.json",
    ],
)  # fmt: skip
def test_names_that_leave_their_folder_are_refused(
    name: str, hub: HubServer, fetcher: MakeFetcher, tmp_path: Path
) -> None:
    hub.faults.listed = {name: b"{}"}
    with pytest.raises(ModelMissing, match="outside its folder"):
        fetch(fetcher())
    assert not list(tmp_path.rglob("x.json")) and not list(tmp_path.rglob("outside.json"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lfs": {"sha256": "../../x", "size": 4, "pointerSize": 1}}, "does not say"),
        ({"lfs": {"sha256": "A" * 64, "size": 4, "pointerSize": 1}}, "does not say"),
        ({"lfs": None, "blobId": None}, "does not say"),
        ({"lfs": None, "size": None}, "does not say"),
        ({"lfs": None, "size": -4}, "does not say"),
    ],
)
def test_a_list_without_hashes_is_refused(
    change: dict[str, Any],
    words: str,
    hub: HubServer,
    fetcher: MakeFetcher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tests.support import hub_server

    real = hub_server.sibling
    monkeypatch.setattr(hub_server, "sibling", lambda path, data: real(path, data) | change)
    with pytest.raises(BackendError, match=words):
        fetch(fetcher())


def test_programs_and_pickles_never_come(hub: HubServer, fetcher: MakeFetcher) -> None:
    more = {
        "modeling_tiny.py": b"import os", "pytorch_model.bin": b"\x80\x02.", "tf_model.h5": b"x",
        "setup.sh": b"rm", "model.ckpt": b"x", "flax_model.msgpack": b"x", "onnx/model.onnx": b"x",
        "pytorch_model.bin.index.json": b"{}", "tokenizer.pkl": b"\x80\x04.", "a.yaml": b"!!x",
        "openvino_config.json": b"{}", "runs/log.json": b"{}", "LICENSE.py": b"import os",
        "model.fp16.safetensors": whole(), "consolidated.safetensors": whole(),
    }  # fmt: skip
    hub.add(REPO, {**FILES, **more})
    folder = fetch(fetcher())
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {"LICENSE", "config.json", "generation_config.json", "model.safetensors",
                     "tokenizer.json"}  # fmt: skip
    assert not [path for path in hub.paths() if path.endswith(tuple(more))]


def test_repositories_without_good_weights_are_refused(
    hub: HubServer, fetcher: MakeFetcher
) -> None:
    base = {"config.json": FILES["config.json"]}
    for repo, files, words in (
        ("a/pickled", {**base, "pytorch_model.bin": b"\x80\x02."}, "only as a pickle"),
        ("a/none", base, "has no weights"),
        ("a/single", {**base, "tiny-q8.safetensors": whole()}, "no form that transformers"),
        ("a/gguf", {"tiny.gguf": b"GGUF"}, "not laid out as transformers or diffusers"),
        ("a/text", {**base, "config.json": b'{"model_type": "llama", "architectures": '
                    b'["LlamaForCausalLM"]}', "model.safetensors": whole()}, "no use for"),
        ("a/broken", {**base, "config.json": b"{"}, "cannot be read"),
        ("a/list", {**base, "config.json": b"[]"}, "is no configuration"),
        ("a/deep", {**base, "config.json": b"[" * 200_000}, "cannot be read"),
        ("microsoft/Florence-2-base", {**base, "config.json": b'{"model_type": "florence2", '
                    b'"auto_map": {"AutoConfig": "x.py"}}'}, "brings code of its own"),
    ):  # fmt: skip
        hub.add(repo, files)
        with pytest.raises(BackendError, match=words) as caught:
            fetch(fetcher(), Source(repo))
        assert caught.value.hint
    assert "llamavis models fetch florence2" in caught.value.hint
    with pytest.raises(ModelMissing) as pickled:
        fetch(fetcher(), Source("a/pickled"))
    assert "refs/pr/" in pickled.value.hint


def test_weights_that_are_whole_but_wrong_are_not_used(
    hub: HubServer, fetcher: MakeFetcher
) -> None:
    hub.add("a/trick", {**FILES, "model.safetensors": b"\x80\x02." * 100})
    with pytest.raises(ModelMissing, match="is a pickle, which could run code"):
        fetch(fetcher(), Source("a/trick"))
    hub.add("a/cut", {**FILES, "model.safetensors": whole()[:-8]})
    with pytest.raises(ModelMissing, match="cut short"):
        fetch(fetcher(), Source("a/cut"))


def test_shards_and_halves_are_chosen(hub: HubServer, fetcher: MakeFetcher) -> None:
    index = b'{"weight_map": {"a": "model-00001-of-00002.safetensors", ' \
            b'"b": "model-00002-of-00002.safetensors"}}'  # fmt: skip
    sharded = {
        "config.json": FILES["config.json"], "model.safetensors.index.json": index,
        "model-00001-of-00002.safetensors": whole(seed=1),
        "model-00002-of-00002.safetensors": whole(seed=2),
        "model.fp16.safetensors": whole(seed=3),
    }  # fmt: skip
    hub.add("a/sharded", sharded)
    plan = fetcher().plan(Source("a/sharded"))
    assert {file.path for file in plan.files} == set(sharded) - {"model.fp16.safetensors"}
    fetch(fetcher(), Source("a/sharded"))
    plan = fetcher().plan(Source("a/sharded", variant="fp16"))
    assert {file.path for file in plan.files} == {"config.json", "model.fp16.safetensors"}
    fetch(fetcher(), Source("a/sharded", name="half", variant="fp16"))


def test_what_a_user_names_is_understood() -> None:
    janus = source_of("janus")
    assert (janus.repo, janus.name, janus.family) == (
        "deepseek-community/Janus-Pro-1B", "janus", "janus",
    )  # fmt: skip
    assert source_of("blip").revision.startswith("refs/pr/")
    assert source_of("Qwen/Qwen3-VL-2B-Instruct@v1") == Source(
        "Qwen/Qwen3-VL-2B-Instruct", "v1", "qwen3-vl-2b", "captioner"
    )
    assert source_of("me/mine", "own", "captioner") == Source("me/mine", "", "own", "captioner")
    with pytest.raises(ModelMissing) as caught:
        source_of("januss")
    assert "did you mean 'janus'?" in caught.value.hint
    for family in ("comfyui", "unet"):
        with pytest.raises(BackendUnavailable, match="no family"):
            source_of("me/mine", family=family)
