"""What a plugin does with the service: look, edit, draw, choose, ask, wait, come back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from llamavis_studio.backends.base import CaptionResult
from llamavis_studio.backends.builtin import BuiltinBackend
from llamavis_studio.core.errors import ServerError
from llamavis_studio.imaging.png import decode_image
from llamavis_studio.server import messages
from llamavis_studio.server.openapi import document
from llamavis_studio.server.routes import Api
from llamavis_studio.server.service_file import NAME, Claim, ServiceFile
from tests.server.conftest import Running, start
from tests.support.games import described
from tests.support.instant_backend import InstantBackend
from tests.support.studios import WAIT_S, prompt_of, small_game


def test_the_file_says_where_and_only_to_its_owner(service: Running, game: Path) -> None:
    file = game / ".llamavis" / NAME
    told = json.loads(file.read_text())
    assert told["port"] == service.told.port and told["pid"] == os.getpid()
    assert len(told["token"]) >= 43  # 256 bits
    if os.name != "nt":
        assert file.stat().st_mode & 0o777 == 0o600
    assert ServiceFile.read(game / ".llamavis") == service.told


def test_it_tells_how_everything_stands(service: Running) -> None:
    service.wait_until_fresh()
    status, told = service.ask("GET", "/status")
    assert status == 200 and told["state"] == "ready" and told["counts"] == {"fresh": 6}
    _, first = service.ask("GET", "/assets?limit=4")
    _, rest = service.ask("GET", f"/assets?limit=4&after={first['next']}")
    outputs = [one["output"] for one in first["assets"] + rest["assets"]]
    assert outputs == sorted(outputs) and len(outputs) == 6 == first["total"]
    assert rest["next"] is None
    _, some = service.ask("GET", "/assets?filter=tiles%20grey&state=fresh")
    assert [one["output"] for one in some["assets"]] == ["tiles/floor.png"]


def test_words_are_edited_and_the_picture_follows(service: Running, game: Path) -> None:
    service.wait_until_fresh()
    _, read = service.ask("GET", "/description?path=hero.desc.toml")
    cursor = service.ask("GET", "/events")[1]["cursor"]
    text = read["text"].replace("red", "blue")
    wish = {"path": "hero.desc.toml", "text": text, "revision": read["revision"]}
    status, written = service.ask("PUT", "/description", wish)
    assert status == 200 and written["text"] == text and not written["problems"]
    told = service.wait_for("files_changed", cursor)
    assert told["changed"] == ["hero.png"]
    assert "blue" in prompt_of(game / "hero.png")
    service.wait_for("build_finished", cursor)
    # One change of a file is told once, however many plans follow.
    _, page = service.ask("GET", f"/events?after={cursor}")
    assert [one["event"] for one in page["events"]].count("files_changed") == 1


def test_a_sheets_table_is_told_with_its_sheet(service: Running, game: Path) -> None:
    service.wait_until_fresh()
    cursor = service.ask("GET", "/events")[1]["cursor"]
    clip = "[animation]\nidle = { frames = 2, fps = 6 }\n"
    (game / "hero.desc.toml").write_text(described("brave red knight", clip))
    told = service.wait_for("files_changed", cursor)
    while "hero_sheet.json" not in told["changed"]:
        told = service.wait_for("files_changed", told["cursor"])
    assert "hero_sheet.png" in told["changed"]
    (game / "hero_sheet.json").write_text("{}")  # by another hand: told at the next look
    (game / "tiles" / "floor.desc.toml").write_text(described("pale stone"))
    while told["changed"] != ["hero_sheet.json"]:
        told = service.wait_for("files_changed", told["cursor"])


def test_words_that_somebody_else_changed_are_not_written_over(
    service: Running, game: Path
) -> None:
    _, read = service.ask("GET", "/description?path=hero.desc.toml")
    (game / "hero.desc.toml").write_text(described("green wizard"))
    wish = {"path": "hero.desc.toml", "text": described("x"), "revision": read["revision"]}
    status, refusal = service.ask("PUT", "/description", wish)
    assert status == 409 and refusal["error"]["code"] == "changed"
    assert "green wizard" in (game / "hero.desc.toml").read_text()
    new = {"path": "hero.desc.toml", "text": described("y"), "revision": None}
    assert service.ask("PUT", "/description", new)[0] == 409
    assert service.ask("PUT", "/description", {**new, "path": "new/elf.desc.toml"})[0] in (404, 422)
    assert service.ask("PUT", "/description", {**new, "path": "tiles/elf.desc.toml"})[0] == 200
    assert (game / "tiles" / "elf.desc.toml").read_text() == described("y")


def test_broken_words_are_pointed_at_and_not_written(service: Running, game: Path) -> None:
    before = (game / "hero.desc.toml").read_text()
    wish = {"path": "hero.desc.toml", "text": 'descripton = "x"\n'}
    _, checked = service.ask("POST", "/check", wish)
    assert any("did you mean 'description'" in one["hint"] for one in checked["problems"])
    assert all(one["line"] == 1 for one in checked["problems"][:1])
    _, read = service.ask("GET", "/description?path=hero.desc.toml")
    status, refusal = service.ask("PUT", "/description", {**wish, "revision": read["revision"]})
    assert status == 422 and refusal["error"]["problems"]
    assert (game / "hero.desc.toml").read_text() == before


def test_variants_are_asked_for_and_one_is_kept(service: Running, game: Path) -> None:
    service.wait_until_fresh()
    text = (game / "hero.desc.toml").read_text()
    (game / "hero.desc.toml").write_text(f"# mine\n{text}")
    assert service.ask("POST", "/variants", {"output": "hero.png", "count": 3})[0] == 200
    end = time.monotonic() + WAIT_S
    while not (game / "hero_2.png").exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    service.wait_until_fresh()
    assert service.ask("POST", "/choose", {"output": "hero_2.png", "variant": 2})[0] == 200
    written = (game / "hero.desc.toml").read_text()
    assert written.startswith("# mine\n") and "pick = 2" in written
    assert service.ask("POST", "/lock", {"outputs": ["hero.png"], "locked": True})[0] in (200, 404)


def test_a_lock_is_kept_and_taken_back(service: Running, game: Path) -> None:
    service.wait_until_fresh()
    wish = {"outputs": ["hero.png", "tiles/floor.png"], "locked": True}
    assert service.ask("POST", "/lock", wish)[0] == 200
    assert "locked = true" in (game / "tiles/floor.desc.toml").read_text()
    assert service.ask("POST", "/lock", {**wish, "locked": False})[0] == 200
    assert "locked" not in (game / "tiles/floor.desc.toml").read_text()
    unknown = {"outputs": ["hero.png", "no.png"], "locked": True}
    assert service.ask("POST", "/lock", unknown)[0] == 404
    assert "locked" not in (game / "hero.desc.toml").read_text()


def test_drawing_is_asked_for_and_stopped(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.wait_until_fresh()
    monkeypatch.setenv("LLAMAVIS_TEST_STEP_MS", "100")
    cursor = service.ask("GET", "/events")[1]["cursor"]
    _, told = service.ask("POST", "/build", {"paths": ["tiles"], "fresh": True})
    assert told["images"] == 3
    service.wait_for("build_started", cursor)
    assert service.ask("GET", "/status")[1]["drawing"]
    assert service.ask("POST", "/cancel", {})[0] == 200
    assert service.wait_for("build_finished", cursor)["cancelled"]
    assert service.ask("POST", "/build", {"paths": ["nowhere.png"]})[0] in (200, 404, 422)


def test_it_captions_searches_and_shows_small_pictures(service: Running, game: Path) -> None:
    service.wait_until_fresh()
    status, said = service.ask("POST", "/caption", {"path": "hero.png"})
    assert status == 200 and said["caption"]
    _, found = service.ask("GET", "/search?q=size%3A%3E%3D8&limit=4")
    assert len(found["hits"]) == 4 and found["next"]
    _, rest = service.ask("GET", f"/search?q=size%3A%3E%3D8&limit=4&after={found['next']}")
    files = [hit["file"] for hit in found["hits"] + rest["hits"]]
    assert len(set(files)) == len(files) == 6 and "tiles/wall_1.png" in files
    status, refusal = service.ask("GET", "/search?q=kind%3Atextur")
    assert status == 422 and "texture" in refusal["error"]["hint"]
    status, data = service.raw("GET", "/thumbnail?path=hero.png&size=64")
    assert status == 200
    (game / "small.png").write_bytes(data)
    assert max(decode_image(game / "small.png").shape[:2]) == 64
    (game / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    assert service.raw("GET", "/thumbnail?path=broken.png")[0] == 404


def test_it_tells_what_each_backend_can_do(
    service: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LLAMAVIS_MODELS", str(tmp_path))
    (tmp_path / "broken.toml").write_text("family = 'unheard'\n")
    service.wait_until_fresh()  # before its first plan the service knows no asset
    status, told = service.ask("GET", "/models")
    models = {one["name"]: one for one in told["models"]}
    assert status == 200 and list(models) == ["broken", "builtin", "instant"]
    assert (told["default"], told["captioner"]) == ("instant", "instant")
    builtin, instant = models["builtin"], models["instant"]
    assert builtin["edits_regions"] and builtin["tiles"] and builtin["domain"] == "pixel_art"
    assert instant["draws"] and instant["captions"] and not instant["edits_regions"]
    assert models["broken"] == {**models["broken"], "ready": False, "draws": False}
    assert str(tmp_path) not in json.dumps(told)  # no place of this machine is sent
    _, page = service.ask("GET", "/assets")
    assert {one["backend"] for one in page["assets"]} == {"instant"}
    told = {one["output"]: one["makes_up"] for one in page["assets"]}
    assert "its edges are blended by a filter" in told["tiles/floor.png"]
    assert not told["hero.png"]


def test_a_project_whose_backend_reads_no_images_captions_even_so(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.wait_until_fresh()
    info = InstantBackend.info
    monkeypatch.setattr(InstantBackend, "info", lambda self: replace(info(self), can_caption=False))
    monkeypatch.setattr(BuiltinBackend, "load", lambda _self: None)
    asked: list[str] = []

    def say(_self: object, requests: list[object], _on_step: object) -> list[CaptionResult]:
        asked.append("builtin")
        return [CaptionResult("a knight", (), "sprite", True, "nano") for _ in requests]

    monkeypatch.setattr(BuiltinBackend, "caption", say)
    assert service.ask("GET", "/models")[1]["captioner"] == "builtin"
    status, said = service.ask("POST", "/caption", {"path": "hero.png"})
    assert (status, said["caption"], asked) == (200, "a knight", ["builtin"])


def test_events_wait_and_tell_what_was_missed(service: Running) -> None:
    service.wait_until_fresh()
    _, page = service.ask("GET", "/events")
    assert not page["events"]
    while True:  # the last words of the first drawing
        _, later = service.ask("GET", f"/events?after={page['cursor']}&wait=1")
        if not later["events"]:
            break
        page = later
    began = time.monotonic()
    _, later = service.ask("GET", f"/events?after={page['cursor']}&wait=1")
    assert time.monotonic() - began > 0.9 and not later["events"]
    _, unknown = service.ask("GET", "/events?after=0&service=another")
    assert unknown["missed"] and unknown["cursor"] == page["cursor"]
    _, future = service.ask("GET", "/events?after=999999999")
    assert future["missed"]


def test_events_stream_and_go_on_behind_the_last(service: Running, game: Path) -> None:
    import http.client

    service.wait_until_fresh()
    connection = http.client.HTTPConnection("127.0.0.1", service.told.port, timeout=WAIT_S)
    headers = {"Authorization": f"Bearer {service.told.token}", "Accept": "text/event-stream",
               "Last-Event-ID": "0"}  # fmt: skip
    connection.request("GET", "/api/v1/events", headers=headers)
    answer = connection.getresponse()
    assert answer.getheader("Content-Type") == "text/event-stream"
    assert answer.readline() == b"id: 1\n"
    (game / "hero.desc.toml").write_text(described("purple elf"))
    while b"files_changed" not in answer.readline():
        pass
    connection.close()


def test_the_project_is_served_once(service: Running, game: Path) -> None:
    assert not Claim(game / ".llamavis").take()
    command = [sys.executable, "-m", "llamavis_studio.cli", "serve", str(game), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "url": service.told.url, "port": service.told.port, "reused": True}  # fmt: skip


def test_what_a_dead_service_left_is_replaced(game: Path) -> None:
    claim = Claim(game / ".llamavis")
    (game / ".llamavis").mkdir(exist_ok=True)
    (game / ".llamavis" / NAME).write_text('{"port": 1}')
    assert claim.take() and not (game / ".llamavis" / NAME).exists()
    elsewhere = game / "elsewhere.json"
    elsewhere.write_text("mine")
    if os.name != "nt":  # a link in the place of the file leads nowhere
        (game / ".llamavis" / NAME).symlink_to(elsewhere)
    claim.tell(ServiceFile(1, "x", 1, 2, "secret"))
    assert elsewhere.read_text() == "mine"
    claim.release()
    assert not (game / ".llamavis" / NAME).exists()


def test_a_broken_project_says_so_and_a_mended_one_goes_on(service: Running, game: Path) -> None:
    service.wait_until_fresh()
    cursor = service.ask("GET", "/events")[1]["cursor"]
    whole = (game / "llamavis.toml").read_text()
    (game / "llamavis.toml").write_text("[project\n")
    assert service.wait_for("problem_found", cursor)["path"] == "llamavis.toml"
    (game / "llamavis.toml").write_text(whole)
    (game / "hero.desc.toml").write_text(described("orange hero"))
    assert "hero.png" in service.wait_for("files_changed", cursor)["changed"]


def test_those_who_wait_are_let_go_when_it_ends(game: Path) -> None:
    running = start(game)
    running.wait_until_fresh()
    _, page = running.ask("GET", "/events")
    answers: list[int] = []

    def wait() -> None:
        answers.append(running.ask("GET", f"/events?after={page['cursor']}&wait=50")[0])

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.3)
    began = time.monotonic()
    assert running.ask("POST", "/shutdown", {})[0] == 200
    running.thread.join(WAIT_S)
    waiting.join(WAIT_S)
    assert answers == [200] and time.monotonic() - began < WAIT_S
    assert not (game / ".llamavis" / NAME).exists()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("how", ["terminate", "parent"])
def test_the_command_serves_until_it_is_ended(tmp_path: Path, how: str) -> None:
    game = small_game(tmp_path / "game")
    parent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    command = [sys.executable, "-m", "llamavis_studio.cli", "serve", str(game), "--json",
               "--parent", str(parent.pid)]  # fmt: skip
    serving = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert serving.stdout is not None
    told = json.loads(serving.stdout.readline())
    assert not told["reused"]
    if how == "parent":
        parent.kill()
        parent.wait()
    else:
        serving.send_signal(signal.SIGTERM)
    assert serving.wait(WAIT_S) == 0
    serving.stdout.close()
    assert not (game / ".llamavis" / NAME).exists()
    parent.kill()
    parent.wait()


def test_a_port_that_is_taken_is_named(service: Running, tmp_path: Path) -> None:
    other = small_game(tmp_path / "other")
    command = [sys.executable, "-m", "llamavis_studio.cli", "serve", str(other), "--port",
               str(service.told.port)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and str(service.told.port) in done.stderr
    with pytest.raises(ServerError, match="bad"):
        raise ServerError("bad")


def test_the_document_names_every_path_and_model(service: Running) -> None:
    status, told = service.ask("GET", "/openapi.json")
    assert status == 200 and told["openapi"] == "3.1.0"
    routes = Api(None, lambda: None).routes()  # type: ignore[arg-type]
    assert told == json.loads(json.dumps(document(routes)))
    assert {(path, method) for path, ways in told["paths"].items() for method in ways} == {
        (f"/api/v1{route.path}", route.method.lower()) for route in routes
    }
    models = {
        name
        for name, one in vars(messages).items()
        if isinstance(one, type) and issubclass(one, BaseModel) and one.__module__ ==
        messages.__name__ and name not in ("Wish", "Reply")
    }  # fmt: skip
    assert models == set(told["components"]["schemas"])
