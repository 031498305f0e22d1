"""A ComfyUI server from its address to a finished PNG: made known, looked at, and built with."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from aiohttp import web

from llamavis_studio.backends.comfyui import ComfyBackend
from llamavis_studio.backends.comfyui.adding import make_record, probe
from llamavis_studio.backends.comfyui.client import proxy_for
from llamavis_studio.backends.model_records import ModelRecord, read_record, write_record
from llamavis_studio.backends.registry import Registry
from llamavis_studio.cli import run
from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.errors import BackendUnavailable
from llamavis_studio.imaging.png import PROVENANCE_KEY, decode_image, read_text_chunks
from tests.backends.test_comfyui_servers import answer_html, unused_address
from tests.support import comfy_nodes
from tests.support import comfy_workflows as made
from tests.support.comfy_server import ComfyServer
from tests.support.games import described, make_game

pytestmark = pytest.mark.backends


@pytest.fixture
def server() -> Iterator[ComfyServer]:
    with ComfyServer() as found:
        yield found
    assert found.faults == []


@pytest.fixture(autouse=True)
def _own_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMAVIS_MODELS", str(tmp_path / "models"))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


def saved(folder: Path, graph: object) -> Path:
    path = folder / "wf.json"
    path.write_text(json.dumps(graph))
    return path


def test_a_server_is_asked_and_kept(server: ComfyServer) -> None:
    record = make_record("comfy", [f"{server.address}/"], checkpoint="tiny.safetensors")
    write_record(record)
    assert read_record("comfy") is not None
    assert dict(record.options) == {
        "servers": [server.address], "checkpoint": "tiny.safetensors",
    }  # fmt: skip
    asked = server.routes_asked()
    assert asked["/system_stats"] == 1 and asked["/object_info"] >= 8
    assert Registry().create("comfy").info().model == "tiny.safetensors"
    found = read_record("comfy")
    assert found is not None
    assert probe(found) == f"{server.address}: ComfyUI 0.3.60, 1 device, 24.0 GiB"


def test_the_only_checkpoint_is_taken_and_of_several_one_is_asked_for(
    server: ComfyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert make_record("comfy", [server.address]).options["checkpoint"] == "tiny.safetensors"
    monkeypatch.setattr(comfy_nodes, "CHECKPOINTS", ["a.safetensors", "b.safetensors"])
    comfy_nodes.NODES["CheckpointLoaderSimple"][0]["ckpt_name"][0].append("b.safetensors")
    try:
        with pytest.raises(BackendUnavailable) as caught:
            make_record("comfy", [server.address])
    finally:
        comfy_nodes.NODES["CheckpointLoaderSimple"][0]["ckpt_name"][0].pop()
    assert "2 checkpoints" in caught.value.message
    assert "tiny.safetensors, b.safetensors" in caught.value.hint


def test_what_a_server_lacks_is_told_before_anything_is_kept(
    server: ComfyServer, tmp_path: Path
) -> None:
    with pytest.raises(BackendUnavailable) as caught:
        make_record("comfy", [server.address], checkpoint="tinny.safetensors")
    assert f"{server.address} has no file 'tinny.safetensors'" in caught.value.message
    assert "tiny.safetensors" in caught.value.hint
    graph = made.basic() | {"70": made.node("ReActorFaceSwap", image=["8", 0])}
    with pytest.raises(BackendUnavailable, match="has no node 'ReActorFaceSwap'"):
        make_record("comfy", [server.address], saved(tmp_path, graph))
    unasked = make_record("comfy", [server.address], saved(tmp_path, graph), ask=False)
    assert unasked.options["workflow"] == str(tmp_path / "wf.json")
    with pytest.raises(BackendUnavailable, match="as ComfyUI's window keeps it"):
        make_record("comfy", [server.address], saved(tmp_path, made.window()))
    away = unused_address()
    with pytest.raises(BackendUnavailable, match="nobody answers"):
        make_record("comfy", [server.address, away], checkpoint="tiny.safetensors")


def test_files_are_found_in_the_newer_form_too(server: ComfyServer, tmp_path: Path) -> None:
    async def info(asked: web.Request) -> web.StreamResponse:
        sort = asked.path.rpartition("/")[2]
        required = {"ckpt_name": ["COMBO", {"options": ["new.safetensors"]}]}
        return web.json_response({sort: {"input": {"required": required}}})

    server.answers["/object_info"] = info
    assert make_record("comfy", [server.address]).options["checkpoint"] == "new.safetensors"
    with pytest.raises(BackendUnavailable, match=r"no file 'tiny\.safetensors'"):
        make_record("comfy", [server.address], saved(tmp_path, made.basic()))


def test_a_look_names_servers_that_are_away(server: ComfyServer) -> None:
    away = unused_address()
    values = {"servers": [server.address, away], "checkpoint": "tiny.safetensors"}
    told = probe(ModelRecord("comfy", "comfyui", options=values))
    assert "ComfyUI 0.3.60" in told and f"nobody answers at {away}" in told
    server.answers["*"] = answer_html
    with pytest.raises(BackendUnavailable) as caught:
        probe(ModelRecord("comfy", "comfyui", options=values))
    assert "something else than ComfyUI" in caught.value.message and away in caught.value.message


@pytest.mark.parametrize("answer", [[], {}, {"system": 1}, {"devices": []}, 7])
def test_an_answer_of_another_form_is_no_comfyui(server: ComfyServer, answer: object) -> None:
    async def stats(_: web.Request) -> web.StreamResponse:
        return web.json_response(answer)

    server.answers["/system_stats"] = stats
    with pytest.raises(BackendUnavailable, match="something else than ComfyUI"):
        probe(
            ModelRecord(
                "comfy", "comfyui",
                options={"servers": [server.address], "checkpoint": "tiny.safetensors"},
            )
        )  # fmt: skip


def test_proxies_are_heeded_but_never_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    assert proxy_for("http://gpu.example:8188") is None
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert proxy_for("http://gpu.example:8188") == "http://proxy:3128"
    assert proxy_for("https://gpu.example:8188") is None
    for near in ("http://127.0.0.1:8188", "http://localhost:8188", "http://[::1]:8188"):
        assert proxy_for(near) is None
    assert proxy_for("http://gpu.inside.example") is None
    monkeypatch.setenv("http_proxy", "socks5://proxy:1")
    assert proxy_for("http://gpu.example:8188") is None


def test_a_server_behind_a_proxy_is_reached_through_it(
    server: ComfyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy sees the whole address; the server of the tests answers in its place."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("http_proxy", server.address)
    record = make_record("comfy", ["http://gpu.example:8188"], checkpoint="tiny.safetensors")
    assert probe(record).startswith("http://gpu.example:8188: ComfyUI")
    assert ComfyBackend(record).info().model == "tiny.safetensors"


def test_from_a_description_to_a_png(
    server: ComfyServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The command, its model process, the server, the filters, the file."""
    options = {"best_px": 64, "smallest_px": 16, "steps": 4}
    write_record(
        make_record("comfy", [server.address], licence="CreativeML Open RAIL-M", options=options)
    )
    game = make_game(
        tmp_path / "game",
        {
            "llamavis.toml": '[project]\nname = "game"\nbackend = "comfy"\n',
            "hero.desc.toml": described("brave red knight"),
            "tiles/floor.desc.toml": described("grey stone", 'kind = "texture"\n'),
        },
    )
    assert run(["build", str(game), "--check"]) == 1
    assert server.prompts == []
    assert run(["build", str(game)]) == 0, capfd.readouterr()
    words = {one["prompt"]["positive"]["inputs"]["text"] for one in server.prompts}
    assert any("brave red knight" in one for one in words)
    for name in ("hero.png", "tiles/floor.png"):
        assert decode_image(game / name).size
        provenance = Provenance.from_json(read_text_chunks(game / name)[PROVENANCE_KEY])
        assert provenance.backend == "comfy"
        assert provenance.model == "tiny.safetensors"
        assert provenance.revision == Registry().create("comfy").info().revision
        assert provenance.licence == "CreativeML Open RAIL-M"
    asked = len(server.prompts)
    assert run(["build", str(game), "--check"]) == 0
    (game / "hero.desc.toml").write_text(described("brave blue knight"))
    assert run(["build", str(game)]) == 0, capfd.readouterr()
    assert len(server.prompts) == asked + 1
    graph = server.prompts[-1]["prompt"]  # an edit: it starts from the version before
    assert graph["sampler"]["inputs"]["denoise"] == 0.65
    sent = server._load(graph["load"]["inputs"]["image"])
    assert len(np.unique(sent.reshape(-1, 3), axis=0)) > 1


def test_a_build_without_its_server_fails_in_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    away = unused_address()
    write_record(make_record("comfy", [away], checkpoint="a", options={"retries": 0}, ask=False))
    game = make_game(
        tmp_path / "game",
        {
            "llamavis.toml": '[project]\nname = "game"\nbackend = "comfy"\n',
            "hero.desc.toml": described("brave red knight"),
        },
    )
    assert run(["build", str(game)]) != 0
    told = capfd.readouterr()
    assert f"nobody answers at {away}" in told.err + told.out
    assert "is ComfyUI running there" in told.err + told.out
    assert not (game / "hero.png").exists()
