"""Checkpoints are looked at before a loader opens them: a hundred wrong ones, each refused within a
second, none of them unpickled.
"""

from __future__ import annotations

import _pickle
import gc
import io
import json
import os
import pickle
import struct
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llamavis_studio.backends import weights
from llamavis_studio.backends.weights import check_weights, read_head
from llamavis_studio.core.errors import ModelMissing
from tests.support.weight_files import safetensors, tensor, whole

pytestmark = pytest.mark.backends

MOST_S = 1.0
MOST_READINGS = 15
UNPICKLED: list[str] = []
ARMED: list[bool] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "pickle.find_class" and ARMED:
        UNPICKLED.append(".".join(map(str, arguments)))


# There is no way to take an audit hook off again: it only looks while a test armed it.
sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def armed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is unpickled while a test of this file runs, by the module or by its C half."""

    def refuse(*_arguments: object, **_named: object) -> None:
        UNPICKLED.append("a loader of pickle was called")
        raise AssertionError("something was unpickled")

    for module in (pickle, _pickle):
        for name in ("Unpickler", "load", "loads"):
            monkeypatch.setattr(module, name, refuse)
    UNPICKLED.clear()
    ARMED.append(True)
    yield
    ARMED.clear()
    assert UNPICKLED == []


class Boom:
    """A pickle that would run a command."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("echo unpickled",)


def zipped() -> bytes:
    """What torch.save writes since 1.6: a zip with a pickle in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Boom(), 2))
        archive.writestr("archive/data/0", bytes(64))
    return buffer.getvalue()


A16 = tensor(0, 16)
DATA = bytes(range(16))
SAID = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}
TWICE = (
    b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},'
    b'"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}'
)
DEEP = b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
PICKLES = {
    "protocol 0": pickle.dumps(Boom(), 0),
    "protocol 1": pickle.dumps(Boom(), 1),
    **{f"protocol {n}": pickle.dumps(Boom(), n) for n in (2, 3, 4, 5)},
    "zip": zipped(),
    "zip with padding": zipped() + bytes(4096),
    "long list": pickle.dumps(list(range(5000)), 4),
}
HEADS: dict[str, bytes] = {
    "empty": b"",
    "one byte": b"\x08",
    "seven bytes": bytes(7),
    "length only": struct.pack("<Q", 2),
    "no head": struct.pack("<Q", 0),
    "zeros": bytes(4096),
    "random": bytes((at * 97 + 13) % 256 for at in range(4096)),
    "head of 2**63": safetensors({"a": SAID}, DATA, 2**63),
    "head of 2**64-1": safetensors({"a": SAID}, DATA, 2**64 - 1),
    "head of 100 MB": safetensors({"a": SAID}, DATA, 100_000_000),
    "head of 1 GB": safetensors({"a": SAID}, DATA, 1 << 30),
    "head longer than the file": safetensors({"a": SAID}, DATA, 4000),
    "head a byte too long": safetensors({"a": SAID}, DATA, len(json.dumps({"a": SAID})) + 1),
    "head a byte too short": safetensors({"a": SAID}, DATA, len(json.dumps({"a": SAID})) - 1),
    "head is a list": safetensors([SAID], DATA),
    "head is a number": safetensors(7, DATA),
    "head is null": safetensors(None, DATA),
    "head is a text": safetensors("a", DATA),
    "head is broken": safetensors(b'{"a": {"dtype"', DATA),
    "head is latin-1": safetensors(b'{"\xe4": 1}', DATA),
    "head is UTF-16": safetensors('{"a": 1}'.encode("utf-16"), DATA),
    "head begins with a blank": safetensors(b" " + json.dumps({"a": SAID}).encode(), DATA),
    "head is deep": safetensors(DEEP),
    "head with NaN": safetensors(
        b'{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,16]}}', DATA
    ),
    "head with Infinity": safetensors(
        b'{"a":{"dtype":"F32","shape":[Infinity],"data_offsets":[0,16]}}', DATA
    ),
    "number of 10**6 digits": safetensors(
        b'{"a":{"dtype":"F32","shape":[' + b"9" * 10**6 + b'],"data_offsets":[0,16]}}', DATA
    ),
    "no tensors": safetensors({}),
    "only notes": safetensors({"__metadata__": {"format": "pt"}}),
    "numbers of nobody": safetensors({}, DATA),
    "same name twice": safetensors(TWICE, DATA),
    "same key twice in a tensor": safetensors(
        b'{"a":{"dtype":"F32","shape":[4],"shape":[4],"data_offsets":[0,16]}}', DATA
    ),
    "notes twice": safetensors(b'{"__metadata__":{},"__metadata__":{"a":"b"}}'),
    "notes are a list": safetensors({"__metadata__": ["a"], "a": SAID}, DATA),
    "notes hold numbers": safetensors({"__metadata__": {"a": 1}, "a": SAID}, DATA),
    "notes hold objects": safetensors({"__metadata__": {"a": {"b": "c"}}, "a": SAID}, DATA),
    "cut by one byte": whole()[:-1],
    "cut in the middle": whole()[:2000],
    "cut in the head": whole()[:40],
    "one byte too many": whole() + b"\0",
    "a megabyte too many": whole() + bytes(1 << 20),
    "a pickle behind": whole() + pickle.dumps(Boom()),
    "a zip behind": whole() + zipped(),
    "two files in one": whole() + whole(),
    "overlapping": safetensors({"a": tensor(0, 12), "b": tensor(8, 16)}, DATA),
    "the same bytes twice": safetensors({"a": A16, "b": A16}, DATA),
    "one inside the other": safetensors({"a": A16, "b": tensor(4, 8)}, DATA),
    "a gap": safetensors({"a": tensor(0, 4), "b": tensor(8, 16)}, DATA),
    "a gap at the beginning": safetensors({"a": tensor(4, 16)}, DATA),
    "a gap at the end": safetensors({"a": tensor(0, 12)}, DATA),
    "behind the end": safetensors({"a": tensor(16, 32)}, DATA),
    "far behind the end": safetensors({"a": tensor(0, 1 << 40)}, DATA),
    "begins behind its end": safetensors(
        {"a": {"dtype": "F32", "shape": [0], "data_offsets": [16, 0]}}, DATA
    ),
    "shape too large": safetensors({"a": tensor(0, 16, shape=[5])}, DATA),
    "shape too small": safetensors({"a": tensor(0, 16, shape=[3])}, DATA),
    "shape empty": safetensors({"a": tensor(0, 16, shape=[0, 4])}, DATA),
    "shape of one number": safetensors({"a": tensor(0, 16, shape=[])}, DATA),
    "shape overflows 64 bits": safetensors({"a": tensor(0, 16, shape=[1 << 32, 1 << 32, 4])}, DATA),
    "shape overflows to fit": safetensors({"a": tensor(0, 16, shape=[(1 << 62) + 1, 4])}, DATA),
    "shape of a million sides": safetensors({"a": tensor(0, 16, shape=[10**18] * 10**6)}, DATA),
    "shape of 65 sides": safetensors({"a": tensor(0, 16, shape=[1] * 64 + [4])}, DATA),
    "shape negative": safetensors({"a": tensor(0, 16, shape=[-2, -2])}, DATA),
    "shape fractional": safetensors({"a": tensor(0, 16, shape=[4.0])}, DATA),
    "shape true": safetensors({"a": tensor(0, 4, shape=[True])}, DATA[:4]),
    "shape a text": safetensors({"a": tensor(0, 16, shape="4")}, DATA),
    "shape null": safetensors(b'{"a":{"dtype":"F32","shape":null,"data_offsets":[0,16]}}', DATA),
    "type unknown": safetensors({"a": tensor(0, 16, "F31")}, DATA),
    "type empty": safetensors({"a": tensor(0, 16, "")}, DATA),
    "type small": safetensors({"a": tensor(0, 16, "f32")}, DATA),
    "type of numpy": safetensors({"a": tensor(0, 16, "object")}, DATA),
    "type a list": safetensors({"a": {**SAID, "dtype": ["F32"]}}, DATA),
    "type a number": safetensors({"a": {**SAID, "dtype": 32}}, DATA),
    "type too wide": safetensors({"a": tensor(0, 16, "F64")}, DATA),
    "type too narrow": safetensors({"a": tensor(0, 16, "F16")}, DATA),
    "half a byte left": safetensors({"a": tensor(0, 16, "F4", [31])}, DATA),
    "offsets missing": safetensors({"a": {"dtype": "F32", "shape": [4]}}, DATA),
    "shape missing": safetensors({"a": {"dtype": "F32", "data_offsets": [0, 16]}}, DATA),
    "a key too many": safetensors({"a": {**SAID, "device": "cuda"}}, DATA),
    "offsets one": safetensors({"a": {**SAID, "data_offsets": [0]}}, DATA),
    "offsets three": safetensors({"a": {**SAID, "data_offsets": [0, 8, 16]}}, DATA),
    "offsets negative": safetensors({"a": {**SAID, "data_offsets": [-16, 0]}}, DATA),
    "offsets fractional": safetensors({"a": {**SAID, "data_offsets": [0.0, 16.0]}}, DATA),
    "offsets texts": safetensors({"a": {**SAID, "data_offsets": ["0", "16"]}}, DATA),
    "a tensor is a list": safetensors({"a": [0, 16]}, DATA),
    "a tensor is null": safetensors({"a": None}, DATA),
    "one good, one wrong": safetensors({"a": tensor(0, 8), "b": tensor(8, 16, "F64")}, DATA),
    "git-lfs pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n",
    "web page": b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
    "web page after blanks": b"\n\n  <html>no</html>" + bytes(40),
    "XML of a bucket": b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
    "JSON of an error": b'{"error": "Repository not found"}',
    "GGUF": b"GGUF\x03\0\0\0" + bytes(4096),
    "HDF5": b"\x89HDF\r\n\x1a\n" + bytes(4096),
    "PNG": b"\x89PNG\r\n\x1a\n" + bytes(4096),
    "gzip": b"\x1f\x8b\x08" + bytes(4096),
    **{f"pickle of {name}": data for name, data in PICKLES.items()},
}


def refused(folder: Path) -> str:
    """What a folder is refused with, in under a second."""
    begin = time.process_time()  # of this process alone, whatever else keeps the machine busy
    with pytest.raises(ModelMissing) as caught:
        check_weights(folder, "tiny")
    assert time.process_time() - begin <= MOST_S
    assert caught.value.hint
    return caught.value.message


def test_there_are_a_hundred_wrong_files() -> None:
    assert len(HEADS) >= 100


@pytest.mark.parametrize("name", HEADS)
def test_a_wrong_file_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(HEADS[name])
    assert "model.safetensors" in refused(tmp_path)


@pytest.mark.parametrize(
    "name", [one for one in PICKLES if one not in ("protocol 0", "protocol 1")]
)
@pytest.mark.parametrize("suffix", [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".safetensors"])
def test_a_pickle_is_called_one_under_any_name(name: str, suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"model{suffix}").write_bytes(PICKLES[name])
    assert "is a pickle, which could run code" in refused(tmp_path)


def test_messages_say_what_happened(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    for name, words in {
        "git-lfs pointer": "git-lfs pointer: the download was not complete",
        "web page": "is a web page",
        "cut in the middle": "cut short",
        "one byte too many": "1 bytes that belong to no tensor",
        "empty": "is empty",
        "head of 1 GB": "no model file has",
    }.items():
        file.write_bytes(HEADS[name])
        assert words in refused(tmp_path), name


def test_a_head_as_large_as_any_that_is_read_is_refused_in_time(tmp_path: Path) -> None:
    count = 85_000
    head = {f"model.layers.{at:06}.weight": tensor(4 * at, 4 * at + 4) for at in range(count)}
    data = safetensors(head, bytes(4 * count - 1))
    assert 7 << 20 < len(data) - 4 * count < weights._MOST_HEAD_BYTES
    (tmp_path / "model.safetensors").write_bytes(data)
    text, read_s, taken_s = json.dumps(head), [], []
    gc.disable()  # it looks at all that the tests before have left, each time
    try:
        for _ in range(3):
            begin = time.process_time()
            json.loads(text)
            read_s.append(time.process_time() - begin)
            begin = time.process_time()
            with pytest.raises(ModelMissing, match="cut short"):
                check_weights(tmp_path, "tiny")
            taken_s.append(time.process_time() - begin)
    finally:
        gc.enable()
    assert min(taken_s) <= MOST_READINGS * min(read_s)  # about three times


def test_good_files_of_every_type_are_taken(tmp_path: Path) -> None:
    begin, head = 0, {}
    for kind, bits in weights.TYPE_BITS.items():
        head[kind] = {"dtype": kind, "shape": [2, 8], "data_offsets": [begin, begin + 2 * bits]}
        begin += 2 * bits
    head["nothing"] = {"dtype": "F32", "shape": [0, 3], "data_offsets": [begin, begin]}
    head["scalar"] = {"dtype": "U8", "shape": [], "data_offsets": [begin, begin + 1]}
    padded = json.dumps(head).encode() + b"   "
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors(padded, bytes(begin + 1)))
    check_weights(tmp_path, "tiny")
    found, start = read_head(path)
    assert set(found) == set(head) and start == 8 + len(padded)


def write_index(folder: Path, places: Any, name: str = "model.safetensors.index.json") -> None:
    (folder / name).write_text(json.dumps({"metadata": {}, "weight_map": places}))


def test_shards_are_followed(tmp_path: Path) -> None:
    for at in (1, 2):
        (tmp_path / f"model-0000{at}-of-00002.safetensors").write_bytes(whole())
    places = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    write_index(tmp_path, places)
    check_weights(tmp_path, "tiny")
    write_index(tmp_path, {**places, "lm_head.weight": "model-00002-of-00002.safetensors"})
    assert "lacks 1 tensors that its index promises, such as lm_head.weight" in refused(tmp_path)
    write_index(tmp_path, {**places, "c": "model-00003-of-00002.safetensors"})
    assert "model-00003-of-00002.safetensors is not there" in refused(tmp_path)
    write_index(tmp_path, places)
    (tmp_path / "model-00002-of-00002.safetensors").write_bytes(HEADS["cut in the middle"])
    assert "model-00002-of-00002.safetensors is cut short" in refused(tmp_path)


@pytest.mark.parametrize(
    "places",
    [
        {"a": "../model.safetensors"}, {"a": "/etc/passwd"}, {"a": "..\\model.safetensors"},
        {"a": "C:model.safetensors"}, {"a": ".."}, {"a": ""}, {"a": 7}, {"a": "sub/x.safetensors"},
        {"a": "pytorch_model.bin"}, {}, [], None, "model.safetensors",
    ],
)  # fmt: skip
def test_an_index_that_leads_elsewhere_is_refused(places: Any, tmp_path: Path) -> None:
    (tmp_path / "model-00001-of-00001.safetensors").write_bytes(whole())
    write_index(tmp_path, places)
    refused(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{", "\xff", "[" * 100_000])
def test_a_broken_index_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors.index.json").write_text(text, "latin-1")
    refused(tmp_path)


def make_pipeline(folder: Path) -> dict[str, Any]:
    """A pipeline with two parts that have weights, and what need none."""
    named = {
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.35.0",
        "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
        "scheduler": ["diffusers", "PNDMScheduler"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "feature_extractor": ["transformers", "CLIPImageProcessor"],
        "image_encoder": [None, None], "requires_safety_checker": True,
        "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
    }  # fmt: skip
    for part in ("unet", "vae"):
        (folder / part).mkdir()
        (folder / part / "diffusion_pytorch_model.safetensors").write_bytes(whole())
    (folder / "model_index.json").write_text(json.dumps(named))
    return named


def test_the_parts_of_a_pipeline_are_followed(tmp_path: Path) -> None:
    named = make_pipeline(tmp_path)
    (tmp_path / "v1-5-pruned.safetensors").write_bytes(b"not read by any loader")
    check_weights(tmp_path, "tiny")
    unet = tmp_path / "unet" / "diffusion_pytorch_model.safetensors"
    unet.write_bytes(HEADS["overlapping"])
    assert "unet" in refused(tmp_path) and "overlaps" in refused(tmp_path)
    unet.unlink()
    (tmp_path / "unet" / "diffusion_pytorch_model.bin").write_bytes(PICKLES["zip"])
    assert "is a pickle" in refused(tmp_path)
    unet.write_bytes(whole())
    check_weights(tmp_path, "tiny")  # a pickle beside it, which nobody opens
    (tmp_path / "vae" / "diffusion_pytorch_model.safetensors").rename(tmp_path / "vae.safetensors")
    assert f"no weights (*.safetensors) in {tmp_path / 'vae'}" in refused(tmp_path)
    (tmp_path / "vae").rmdir()
    assert "its part 'vae' is not there" in refused(tmp_path)
    for part in ("../outside", "/etc", "a\\b", "a:b"):
        text = json.dumps({**named, part: ["diffusers", "AutoencoderKL"]})
        (tmp_path / "model_index.json").write_text(text)
        assert "outside its folder" in refused(tmp_path) or "'vae' is not" in refused(tmp_path)
    for text in ("", "[]", "{}", '{"_class_name": "X"}'):
        (tmp_path / "model_index.json").write_text(text)
        refused(tmp_path)


def test_folders_without_weights_are_refused(tmp_path: Path) -> None:
    assert "there is no folder" in refused(tmp_path / "gone")
    assert "there are no weights" in refused(tmp_path)
    (tmp_path / "model.safetensors").mkdir()
    assert "is not a file" in refused(tmp_path)
    (tmp_path / "model.safetensors").rmdir()
    (tmp_path / "model.safetensors").symlink_to(tmp_path / "blob")
    assert "is not there" in refused(tmp_path)
    (tmp_path / "blob").write_bytes(whole())
    check_weights(tmp_path, "tiny")  # as files lie in the Hugging Face cache


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_does_not_hang_the_check(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.safetensors")
    assert "is not a file" in refused(tmp_path)


def test_the_trap_of_these_tests_works(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="unpickled"):
        pickle.loads(PICKLES["protocol 2"])
    monkeypatch.undo()
    assert pickle.loads(b"cos\ngetpid\n.") is os.getpid  # the audit hook sees the class
    seen: Callable[[], None] = UNPICKLED.clear
    assert len(UNPICKLED) == 2 and "os.getpid" in UNPICKLED[1]
    seen()
