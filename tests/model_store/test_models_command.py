"""`llamavis models`: the whole way at the command line, with its words, JSON and exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from llamavis_studio.backends.model_records import read_record, write_record
from llamavis_studio.cli.app import run_app as run
from llamavis_studio.model_store import removing
from llamavis_studio.model_store.adding import folder_record
from tests.model_store.conftest import FILES, REPO
from tests.support.comfy_server import ComfyServer
from tests.support.hub_server import HubServer, files_of
from tests.support.tiny_captioners import tiny

pytestmark = pytest.mark.backends
SAID = "studio/blip"


@pytest.fixture(autouse=True)
def no_trash(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(_path: Path) -> None:
        raise OSError("no trash")

    monkeypatch.setattr(removing, "_to_trash", nowhere)


@pytest.fixture
def blip(hub: HubServer) -> HubServer:
    """A hub with a small captioner under the MIT licence."""
    hub.add(SAID, {**files_of(tiny("blip")), "LICENSE": b"Do as you please.\n"})
    return hub


class Asked:
    """What a command answered: its code, output, errors, and its document with --json."""

    def __init__(self, capfd: pytest.CaptureFixture[str], *arguments: str) -> None:
        capfd.readouterr()
        self.code = run(["models", *arguments])
        self.out, self.err = capfd.readouterr()
        self.json: Any = json.loads(self.out) if "--json" in arguments else None


def test_a_model_from_fetch_to_remove(
    blip: HubServer, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first = Asked(capfd, "fetch", SAID, "--name", "teller", "--accept-licence", "--yes")
    assert first.code == 0, first.err
    for words in (SAID, "family captioner", "licence: mit", "  Do as you please.",
                  "teller is ready, it reads images"):  # fmt: skip
        assert words in first.out
    again = Asked(capfd, "fetch", "teller", "--json")
    assert again.code == 0 and again.json["new_files"] == 0 and again.json["ready"]
    assert "Do as you please" not in again.err  # accepted once is enough

    listed = Asked(capfd, "list", "--json")
    one = next(one for one in listed.json if one["name"] == "teller")
    assert one["sort"] == "model" and one["family"] == "captioner" and one["removable"]
    assert "teller: " in Asked(capfd, "list").out

    told = Asked(capfd, "info", "teller")
    assert told.code == 0
    for words in ("family: captioner", f"fetched from: {SAID}", "licence: mit", "bytes on disk: "):
        assert words in told.out

    assert Asked(capfd, "set", "teller", "max_batch=2", "max_new_tokens=9").code == 0
    shown = Asked(capfd, "set", "teller", "max_new_tokens=", "--json")
    assert shown.json["options"] == {"max_batch": 2}
    assert "options: max_batch = 2" in Asked(capfd, "info", "teller").out
    for wrong in ("max_batch=0", "max_batch=many", "colour=red", "max_batch"):
        bad = Asked(capfd, "set", "teller", wrong)
        assert bad.code == 1 and wrong.partition("=")[0] in bad.err
    record = read_record("teller")
    assert record is not None and dict(record.options) == {"max_batch": 2}

    assert Asked(capfd, "verify", "teller").code == 0
    assert record.folder is not None
    path = (record.folder / "model.safetensors").resolve()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    broken = Asked(capfd, "verify", "teller")
    assert broken.code == 1 and "broken or missing: model.safetensors" in broken.out
    assert "fetch it again: llamavis models fetch teller" in broken.out
    assert Asked(capfd, "verify", "teller", "--json").json["broken"] == ["model.safetensors"]
    assert Asked(capfd, "fetch", "teller", "--json").json["new_files"] == 1
    assert Asked(capfd, "verify", "teller").code == 0
    kept = read_record("teller")
    assert kept is not None and dict(kept.options) == {"max_batch": 2}

    gone = Asked(capfd, "remove", "teller")
    assert gone.code == 0 and "the record of teller is in" in gone.out and "are free" in gone.out
    assert read_record("teller") is None and not record.folder.exists()
    missing = Asked(capfd, "info", "teller")
    assert missing.code == 1 and "there is no model 'teller'" in missing.err


def test_a_licence_has_to_be_accepted(blip: HubServer, capfd: pytest.CaptureFixture[str]) -> None:
    blip.repos[SAID].licence = "secret-1.0"
    for options in ((), ("--yes",), ("--json",)):
        asked = Asked(capfd, "fetch", SAID, *options)
        assert asked.code == 2 and "once you accept the licence 'secret-1.0'" in asked.err
        assert "--accept-licence" in asked.err
    assert read_record("blip") is None and not [p for p in blip.paths() if "safetensors" in p]
    done = Asked(capfd, "fetch", SAID, "--accept-licence", "--json")
    assert done.code == 0 and done.json["licence"] == "secret-1.0"


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 130), ("", 130)])
def test_at_a_terminal_it_asks(
    answer: str,
    code: int,
    blip: HubServer,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import io

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    asked = Asked(capfd, "fetch", SAID)
    assert "Accept the licence 'mit' and fetch " in asked.err
    assert (asked.code == 0) == (code == 0)
    assert (read_record("blip") is not None) == (code == 0)


def test_errors_are_words_with_codes(
    hub: HubServer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for arguments, words in (
        (("fetch", "januss"), "did you mean 'janus'?"),
        (("fetch", "studio/none"), "shows no repository"),
        (("fetch", REPO, "--family", "unet"), "there is no family 'unet'"),
        (("fetch", REPO, "--mirror", "mirror"), "no address of a hub"),
        (("fetch", REPO, "--offline"), "offline mode"),
        (("fetch", REPO, "--name", "builtin"), "belongs to another model"),
        (("info", "janus"), "llamavis models fetch janus"),
        (("verify", "none"), "there is no model 'none'"),
        (("remove", "builtin"), "came with the studio and stays"),
        (("set", "builtin", "steps=3"), "has no options"),
        (("add", "/nowhere/at/all"), "there is no folder"),
    ):
        asked = Asked(capfd, *arguments)
        assert asked.code == 1 and words in asked.err, (arguments, asked.err)
        assert "Traceback" not in asked.err
    asked = Asked(capfd, "fetch", "studio/none", "--json")
    assert "shows no repository" in asked.json["error"]["message"] and asked.json["error"]["hint"]
    assert Asked(capfd, "add").code == 2
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "unset HF_HUB_OFFLINE" in Asked(capfd, "fetch", REPO).err


def test_known_models_are_listed(capfd: pytest.CaptureFixture[str]) -> None:
    asked = Asked(capfd, "list", "--available")
    assert asked.code == 0 and "janus: Janus-Pro 1B" in asked.out
    assert "stabilityai/sdxl-turbo, licence sai-nc-community, restricted, 13.9 GB" in asked.out
    found = {one["name"]: one for one in Asked(capfd, "list", "--available", "--json").json}
    assert found["sdxl"]["repo"] == "stabilityai/stable-diffusion-xl-base-1.0"
    assert not any(one["here"] for one in found.values())


def test_a_folder_is_added(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tiny("blip")
    done = Asked(capfd, "add", str(folder), "--name", "mine", "--option", "max_batch=3", "--json")
    assert done.code == 0 and done.json["options"] == {"max_batch": 3} and done.json["ready"]
    assert done.json["source"] == "" and done.json["place"] == str(folder)
    bad = Asked(capfd, "add", str(folder), "--name", "other", "--option", "max_batch=-3")
    assert bad.code == 1 and "max_batch" in bad.err and read_record("other") is None
    assert done.json["licence"] == "unknown"
    named = Asked(capfd, "add", str(folder), "--name", "named", "--licence", "CC0-1.0", "--json")
    assert named.code == 0 and named.json["licence"] == "CC0-1.0"
    assert "its files stay: mine needs them" in Asked(capfd, "remove", "named").out
    gone = Asked(capfd, "remove", "mine")
    assert gone.code == 0 and "its files stay: they are your own" in gone.out
    assert (folder / "model.safetensors").exists()


def test_a_comfyui_server_is_added(capfd: pytest.CaptureFixture[str]) -> None:
    with ComfyServer() as server:
        done = Asked(capfd, "add", "--comfyui", server.address, "--name", "comfy", "--json")
        assert done.code == 0, done.err
    record = read_record("comfy")
    assert record is not None and record.family == "comfyui" and record.folder is None
    assert server.address in record.options["servers"]
    gone = Asked(capfd, "remove", "comfy")
    assert gone.code == 0 and "its files stay: it lies on a server" in gone.out


def test_a_server_that_is_off_is_added_when_nobody_asks_it(
    capfd: pytest.CaptureFixture[str],
) -> None:
    where = ("add", "--comfyui", "http://127.0.0.1:9", "--checkpoint", "a.safetensors")
    off = Asked(capfd, *where)
    assert off.code == 1 and "127.0.0.1:9" in off.err and read_record("comfy") is None
    done = Asked(capfd, *where, "--no-ask", "--licence", "MIT")
    assert done.code == 0, done.err
    record = read_record("comfy")
    assert record is not None and record.licence == "MIT"


def test_a_model_whose_files_are_gone_is_said(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import shutil

    folder = tmp_path / "mine"
    shutil.copytree(tiny("blip"), folder)
    write_record(folder_record(folder, "mine"))
    shutil.rmtree(folder)
    told = Asked(capfd, "info", "mine")
    assert told.code == 1 and "problem: " in told.out and "to mend it: " in told.out
    assert "mine: not ready" in Asked(capfd, "list").out
    assert Asked(capfd, "verify", "mine").code == 1


def _wait_for_part(folder: Path, size: int) -> None:
    """Until a download in `folder` has more than `size` bytes; small ones come and go meanwhile."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for part in folder.rglob("*.incomplete"):
            try:
                if part.stat().st_size > size:
                    return
            except FileNotFoundError:  # complete, and renamed since it was listed
                continue
        time.sleep(0.01)
    pytest.fail(f"no download in {folder} came to {size} bytes")


@pytest.mark.skipif(sys.platform == "win32", reason="a signal of POSIX")
def test_ctrl_c_in_a_process_keeps_what_came(hub: HubServer, tmp_path: Path) -> None:
    hub.faults.pause_s = 0.05
    command = [sys.executable, "-m", "llamavis_studio.cli", "models", "fetch", REPO,
               "--accept-licence", "--yes"]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        try:
            _wait_for_part(tmp_path / "hf", 100_000)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()  # of no effect where it ended by itself
    assert process.returncode == 130 and "Traceback" not in errors
    (part,) = (tmp_path / "hf").rglob("*.incomplete")
    kept = part.read_bytes()
    assert len(kept) >= 100_000 and FILES["model.safetensors"].startswith(kept)
    assert read_record("tiny-janus") is None


def test_nothing_of_the_hub_is_printed_or_asked(
    hub: HubServer, capfd: pytest.CaptureFixture[str]
) -> None:
    """No bars and warnings of the library, and no request but for the model itself."""
    hub.add("studio/blip", files_of(tiny("blip")))
    asked = Asked(capfd, "fetch", "studio/blip", "--accept-licence", "--json")
    assert asked.code == 0 and asked.err == ""
    fine = ("/api/models/studio/blip/revision/main", "/studio/blip/resolve/", "/cdn/studio/blip@")
    assert all(one.path.startswith(fine) for one in hub.asked)
