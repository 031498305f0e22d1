"""Exported workflows: what is found in them, what they can do, and what they draw."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from llamavis_studio.backends.base import Backend, ImageRequest, ignore_steps
from llamavis_studio.backends.comfyui import ComfyBackend, progress
from llamavis_studio.backends.comfyui.bindings import find_places
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.core.errors import BackendError, BackendUnavailable
from llamavis_studio.imaging.png import encode_png
from tests.backends.test_comfyui import backend_of, request
from tests.contracts.backend_contract import BackendContract
from tests.support import comfy_workflows as made
from tests.support.comfy_server import ComfyServer

pytestmark = pytest.mark.backends


@pytest.fixture
def server() -> Iterator[ComfyServer]:
    with ComfyServer() as found:
        yield found
    assert found.faults == []


def backend_with(
    folder: Path, graph: object, address: str = "http://127.0.0.1:9", **options: Any
) -> ComfyBackend:
    path = folder / "workflow.json"
    path.write_text(graph if isinstance(graph, str) else json.dumps(graph), "utf-8")
    values = {"servers": [address], "workflow": str(path), "smallest_px": 16, **options}
    return ComfyBackend(ModelRecord("comfy", "comfyui", options=values))


def places(graph: made.Graph) -> dict[str, list[str]]:
    found = find_places(graph)
    return {name: [f"{one.node}.{one.input}" for one in where] for name, where in found.items()}


def test_the_default_workflow_is_read_by_its_links() -> None:
    assert places(made.basic()) == {
        "prompt": ["6.text"], "negative": ["7.text"], "seed": ["3.seed"], "steps": ["3.steps"],
        "cfg": ["3.cfg"], "sampler": ["3.sampler_name"], "scheduler": ["3.scheduler"],
        "denoise": ["3.denoise"], "width": ["5.width"], "height": ["5.height"],
    }  # fmt: skip


def test_a_sampler_made_of_nodes_is_read_too() -> None:
    assert places(made.flux()) == {
        "prompt": ["6.text"], "seed": ["25.noise_seed"], "steps": ["17.steps"],
        "sampler": ["16.sampler_name"], "scheduler": ["17.scheduler"], "denoise": ["17.denoise"],
        "width": ["5.width"], "height": ["5.height"],
    }  # fmt: skip


def test_two_samplers_share_a_seed_and_the_first_has_the_settings() -> None:
    found = places(made.refined())
    assert found["seed"] == ["3.seed", "30.seed"]
    assert found["steps"] == ["3.steps"] and found["denoise"] == ["3.denoise"]
    assert found["prompt"] == ["6.text"]
    assert "negative" not in found  # emptied words are no place for others


def test_words_and_numbers_are_found_behind_other_nodes() -> None:
    graph = made.basic()
    graph["60"] = made.node("PrimitiveString", value="a ship")
    graph["61"] = made.node("PrimitiveInt", value=640)
    graph["62"] = made.node(
        "ControlNetApplyAdvanced", positive=["6", 0], negative=["7", 0], control_net=["4", 0],
        image=["63", 0], strength=1.0, start_percent=0.0, end_percent=1.0,
    )  # fmt: skip
    graph["63"] = made.node("LoadImage", image="pose.png")
    graph["6"]["inputs"]["text"] = ["60", 0]
    graph["5"]["inputs"]["width"] = ["61", 0]
    graph["3"]["inputs"].update(positive=["62", 0], negative=["62", 1])
    found = places(graph)
    assert found["prompt"] == ["60.value"] and found["negative"] == ["7.text"]
    assert found["width"] == ["61.value"]
    assert "image" not in found  # the pose is not what is drawn over


def test_a_circle_of_links_ends() -> None:
    graph = made.basic()
    graph["6"] = made.node("Concat", one=["7", 0])
    graph["7"] = made.node("Concat", one=["6", 0])
    graph["5"] = made.node("Upscale", samples=["5", 0])
    assert "prompt" not in places(graph)


def test_abilities_follow_the_workflow(tmp_path: Path) -> None:
    info = backend_with(tmp_path, made.basic()).info()
    assert info.can_guide and info.can_avoid and info.is_repeatable
    assert not (info.can_edit or info.can_edit_region or info.can_tile or info.can_cut_out)
    assert not (info.can_take_references or info.can_caption or info.can_adapt)
    assert info.model == "tiny.safetensors"
    assert info.sizes is not None and info.sizes.best_px == 48
    info = backend_with(tmp_path, made.flux()).info()
    assert not (info.can_guide or info.can_avoid or info.can_edit)
    assert info.model == "flux.safetensors"
    info = backend_with(tmp_path, made.inpainting()).info()
    assert info.can_edit and info.can_edit_region and info.sizes is None
    info = backend_with(tmp_path, made.masked()).info()
    assert info.can_edit and info.can_edit_region
    named = {"tileable": "40.tiling", "negative": "", "reference": "Shape.image"}
    graph = made.tiling() | {"50": made.cut_out()["50"]}
    info = backend_with(tmp_path, graph, inputs=named, cuts_out=True).info()
    assert info.can_tile and info.can_cut_out and info.can_take_references and not info.can_avoid


class TestContractOfAnExportedWorkflow(BackendContract):
    SHOWS = True
    GRAPH: ClassVar[made.Graph] = made.basic()
    SERVER: ClassVar[ComfyServer]
    FOLDER: ClassVar[Path]

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _server(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        cls.FOLDER = tmp_path_factory.mktemp("comfy")
        with ComfyServer(step_ms=2) as cls.SERVER, pytest.MonkeyPatch.context() as patch:
            patch.setattr(progress, "HEARTBEAT_S", 5.0)
            yield
        assert cls.SERVER.faults == []

    @classmethod
    def make_backend(cls) -> Backend:
        return backend_with(cls.FOLDER, cls.GRAPH, cls.SERVER.address, best_px=64)


class TestContractOfAnInpaintingWorkflow(TestContractOfAnExportedWorkflow):
    GRAPH = made.inpainting()


class TestContractOfAMaskedWorkflow(TestContractOfAnExportedWorkflow):
    GRAPH = made.masked()


class TestContractOfFlux(TestContractOfAnExportedWorkflow):
    GRAPH = made.flux()


def test_every_value_reaches_its_place(server: ComfyServer, tmp_path: Path) -> None:
    backend = backend_with(
        tmp_path, made.basic(), server.address, steps=5, sampler="dpmpp_2m", scheduler="karras",
        cfg=3.5, prompt_prefix="pixelsprite,", prompt_suffix="16 bit",
    )  # fmt: skip
    wish = request("a ship", 2**32 - 1, negative_prompt="blurry", guidance_scale=6.25)
    drawn = backend.generate(
        [wish, replace(wish, guidance_scale=None, negative_prompt="")], ignore_steps
    )
    first, second = (one["prompt"] for one in server.prompts)
    assert first["6"]["inputs"]["text"] == "pixelsprite, a ship 16 bit" == drawn[0].expanded_prompt
    assert first["7"]["inputs"]["text"] == "blurry"
    assert second["7"]["inputs"]["text"] == "watermark"  # the workflow's own
    sampler = first["3"]["inputs"]
    assert (sampler["seed"], sampler["steps"], sampler["cfg"]) == (2**32 - 1, 5, 6.25)
    assert (sampler["sampler_name"], sampler["scheduler"]) == ("dpmpp_2m", "karras")
    assert second["3"]["inputs"]["cfg"] == 3.5
    assert first["5"]["inputs"] == {"width": 48, "height": 48, "batch_size": 1}
    assert sampler["denoise"] == 1 and first["9"]["inputs"]["filename_prefix"] == "ComfyUI"


def test_places_are_named_by_title_and_taken_out(server: ComfyServer, tmp_path: Path) -> None:
    named = {"prompt": "negative words.text, 6.text", "negative": "", "output": "9"}
    backend = backend_with(tmp_path, made.basic(), server.address, inputs=named)
    backend.generate([request("a ship", negative_prompt="blurry")], ignore_steps)
    graph = server.prompts[0]["prompt"]
    assert graph["6"]["inputs"]["text"] == graph["7"]["inputs"]["text"] == "a ship"


def test_tiles_are_switched_and_references_sent(server: ComfyServer, tmp_path: Path) -> None:
    graph = made.tiling() | {"50": made.cut_out()["50"]}
    graph["51"] = made.cut_out()["51"]
    graph["9"] = made.cut_out()["9"]
    options = {"inputs": {"tileable": "40.tiling", "reference": "Shape.image"}, "cuts_out": True}
    backend = backend_with(tmp_path, graph, server.address, **options)
    shape = np.zeros((48, 48, 4), np.uint8)
    shape[8:40, 8:40] = 255
    wish = request("a ship", tileable=True, references=(shape,))
    (clear,) = backend.generate([wish], ignore_steps)
    assert server.prompts[0]["prompt"]["40"]["inputs"]["tiling"] == "enable"
    assert np.array_equal(clear.pixels[..., 3], shape[..., 3])
    (opaque,) = backend.generate([replace(wish, transparent=False)], ignore_steps)
    assert opaque.pixels.shape == (48, 48, 3) and (opaque.pixels[0] == 255).all()
    (cut,) = backend_with(
        tmp_path, graph, server.address, inputs=options["inputs"]
    ).generate([wish], ignore_steps)  # fmt: skip
    assert (cut.pixels[..., 3] == 255).all()


def test_the_strength_and_the_mark_are_what_the_server_gets(
    server: ComfyServer, tmp_path: Path
) -> None:
    before = np.zeros((32, 32, 4), np.uint8)
    before[4:28, 4:28] = (200, 40, 40, 255)
    region = np.zeros((32, 32), np.uint8)
    region[:, 16:] = 1
    backend = backend_of(server.address)
    soft = request(before=before, strength=0.25)
    backend.generate([soft, request(before=before, region=region)], ignore_steps)
    plain, marked = server.prompts[0]["prompt"], server.prompts[1]["prompt"]
    assert plain["sampler"]["inputs"]["denoise"] == 0.25 * 0.65
    assert marked["sampler"]["inputs"]["denoise"] == 1.0
    sent = server._load(plain["load"]["inputs"]["image"])
    assert sent.shape == (64, 64, 3)
    assert (sent[0, 0] == 255).all() and tuple(sent[32, 32]) == (200, 40, 40)
    sent = server._load(marked["load"]["inputs"]["image"])
    assert (sent[:, 32:, 3] == 0).all() and (sent[:, :32, 3] == 255).all()
    assert {place[0] for place in server.files} == {"temp"}  # nothing stays on the server


def test_the_wanted_node_has_the_last_word(server: ComfyServer, tmp_path: Path) -> None:
    graph = made.basic()
    graph["10"] = made.node("PreviewImage", images=["8", 0])
    for output in ("9", "10"):
        backend = backend_with(tmp_path, graph, server.address, inputs={"output": output})
        backend.generate([request()], ignore_steps)
    kept = [one for one in server.requests if one[1] == "/view"]
    assert len(kept) == 2


def test_revisions_follow_what_decides_pixels_alone(tmp_path: Path) -> None:
    def revision(graph: made.Graph, **options: Any) -> str:
        return backend_with(tmp_path, graph, **options).info().revision

    first = revision(made.basic())
    assert first == revision(made.basic(), address="http://gpu:8188", token="x", idle_s=3)
    titled = made.basic()
    titled["6"]["_meta"]["title"] = "Words"
    assert first == revision(titled)
    changed = made.basic()
    changed["3"]["inputs"]["steps"] = 4
    assert first != revision(changed)
    assert first != revision(made.basic(), steps=3)
    assert first != revision(made.basic(), inputs={"negative": ""})
    own = backend_of("http://127.0.0.1:9").info().revision
    assert own != backend_of("http://127.0.0.1:9", checkpoint="b").info().revision


@pytest.mark.parametrize(
    ("graph", "said", "hint"),
    [
        (made.window(), "as ComfyUI's window keeps it", "Export (API)"),
        ("{", "is no JSON", "Export (API)"),
        ("[" * 100_000, "is no JSON", "Export (API)"),
        ('{"3": {"class_type": "A", "inputs": {"x": NaN}}}', "NaN is no number", "Export"),
        ([], "holds no workflow", "Export (API)"),
        ({"3": {"class_type": 1}}, "'3' is no node", "Export (API)"),
        ({"3": made.node("A", x=["9", 0])}, "leads to node 9, which is not there", "Export"),
        ({"3": made.node("A", x=1)}, "where the words go", "inputs = { prompt"),
    ],
)
def test_a_file_that_is_no_workflow_says_so(
    tmp_path: Path, graph: object, said: str, hint: str
) -> None:
    with pytest.raises(BackendUnavailable) as caught:
        backend_with(tmp_path, graph).info()
    assert said in caught.value.message and hint in caught.value.hint


def test_a_missing_or_huge_file_says_so(tmp_path: Path) -> None:
    values = {"servers": ["http://127.0.0.1:9"], "workflow": str(tmp_path / "gone.json")}
    with pytest.raises(BackendUnavailable, match=r"gone\.json cannot be read"):
        ComfyBackend(ModelRecord("comfy", "comfyui", options=values)).info()
    with pytest.raises(BackendUnavailable, match="is over 8 MiB"):
        backend_with(tmp_path, " " * (9 << 20)).info()


def test_a_workflow_lies_beside_its_record(tmp_path: Path) -> None:
    (tmp_path / "wf.json").write_text(json.dumps(made.basic()))
    values = {"servers": ["http://127.0.0.1:9"], "workflow": "wf.json"}
    record = ModelRecord("comfy", "comfyui", options=values, path=tmp_path / "comfy.toml")
    assert ComfyBackend(record).info().model == "tiny.safetensors"


@pytest.mark.parametrize(
    ("inputs", "said", "hint"),
    [
        ({"promt": "6.text"}, "inputs cannot name 'promt'", "did you mean 'prompt'?"),
        ({"prompt": "6"}, "names no input of a node", "6.text"),
        ({"prompt": "6.txet"}, "has no input 'txet'", "did you mean 'text'?"),
        ({"prompt": "Positiv words.text"}, "no node 'Positiv words'", "'Positive words'"),
        ({"prompt": "twin.text"}, "2 nodes of the workflow are called 'twin'", "6, 7"),
    ],
)
def test_a_wrong_place_is_told(
    tmp_path: Path, inputs: dict[str, str], said: str, hint: str
) -> None:
    graph = made.basic()
    if "twin" in inputs.get("prompt", ""):
        graph["6"]["_meta"]["title"] = graph["7"]["_meta"]["title"] = "Twin"
    with pytest.raises(BackendUnavailable) as caught:
        backend_with(tmp_path, graph, inputs=inputs).info()
    assert said in caught.value.message and hint in caught.value.hint


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"servers": []}, "servers"),
        ({"servers": ["ftp://gpu:1"]}, "'ftp://gpu:1' is not the address of a server"),
        ({"servers": ["gpu:8188"]}, "is not the address"),
        ({"servers": ["http://"]}, "is not the address"),
        ({"servers": ["file:///etc/passwd"]}, "is not the address"),
        ({"servers": ["http://gpu:99999"]}, "is not the address"),
        ({"servers": ["http://me:pw@gpu"]}, "the address of gpu holds a password"),
        ({"checkpoint": ""}, "neither a workflow nor a checkpoint"),
        ({"steps": 0}, "steps"),
        ({"smallest_px": 900, "largest_px": 300}, "no size meets"),
        ({"token": "a\nHost: b"}, "no header may hold"),
        ({"serverz": "x"}, "unknown key"),
    ],
)
def test_a_wrong_option_is_told(options: dict[str, Any], said: str) -> None:
    values = {"servers": ["http://127.0.0.1:9"], "checkpoint": "a", **options}
    with pytest.raises(BackendUnavailable) as caught:
        ComfyBackend(ModelRecord("comfy", "comfyui", options=values)).info()
    assert said in caught.value.message
    assert "pw" not in f"{caught.value.message}{caught.value.hint}".split()


def test_the_best_size_follows_the_checkpoint() -> None:
    def best(name: str, **more: Any) -> int:
        sizes = backend_of("http://127.0.0.1:9", checkpoint=name, best_px=0, **more).info().sizes
        assert sizes is not None
        return sizes.best_px

    assert best("sd_xl_base_1.0.safetensors") == best("juggernautXL_v9.safetensors") == 1024
    assert best("v1-5-pruned.safetensors") == best("sd_xl_turbo_1.0.safetensors") == 512
    wish = ImageRequest("a wall", "texture", (128, 64), 1)
    info = backend_of("http://127.0.0.1:9", checkpoint="sdxl.safetensors", best_px=0).info()
    assert info.drawn_size(wish.kind, wish.size_px) == (1448, 724 // 8 * 8 + 8)


def test_distilled_checkpoints_take_few_steps_and_no_guidance(server: ComfyServer) -> None:
    from llamavis_studio.backends.comfyui.options import usual_steps

    assert usual_steps("v1-5-pruned.safetensors") == (20, 7.0)
    assert usual_steps("sd_xl_turbo_1.0.safetensors") == (6, 1.0)
    assert usual_steps("flux1-dev-fp8.safetensors") == (20, 1.0)
    backend_of(server.address, steps=None).generate([request()], ignore_steps)
    sampler = server.prompts[0]["prompt"]["sampler"]["inputs"]
    assert (sampler["steps"], sampler["cfg"]) == (20, 7.0)


def test_it_describes_no_pictures() -> None:
    from llamavis_studio.backends.base import CaptionRequest

    with pytest.raises(BackendError, match="describes no pictures"):
        backend_of("http://127.0.0.1:9").caption(
            [CaptionRequest(np.zeros((2, 2, 3), np.uint8))], ignore_steps
        )


def test_like_spelling_gives_like_vectors() -> None:
    rows = backend_of("http://127.0.0.1:9").embed(["red dragon", "Red dragons", "stone", "", "龙"])
    assert rows[0] @ rows[1] > 0.7 > 0.4 > abs(rows[0] @ rows[2])
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0)


def test_bytes_of_an_upload_are_the_same_for_the_same_picture(server: ComfyServer) -> None:
    before = np.full((32, 32, 3), 77, np.uint8)
    backend = backend_of(server.address)
    for seed in (1, 2):
        backend.generate([request(seed=seed, before=before, strength=0.5)], ignore_steps)
    uploads = [data for place, data in server.files.items() if place[1] == "llamavis"]
    assert uploads == [encode_png(np.full((64, 64, 3), 77, np.uint8))]
