"""ComfyUI servers that misbehave: away, silent, slow, broken, hostile; and several in a batch."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from aiohttp import web

from llamavis_studio.backends.base import ImageRequest, StepProgress, ignore_steps
from llamavis_studio.backends.comfyui import ComfyBackend
from llamavis_studio.core.errors import BackendError, BackendUnavailable, Cancelled
from tests.backends.test_comfyui import backend_of, request
from tests.support.comfy_server import ComfyServer

pytestmark = pytest.mark.backends


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llamavis_studio.backends.comfyui.batch.FIRST_WAIT_S", 0.05)
    monkeypatch.setattr("llamavis_studio.backends.comfyui.following._QUIET_S", 0.3)


@pytest.fixture
def server() -> Iterator[ComfyServer]:
    with ComfyServer() as made:
        yield made
    assert made.faults == []


@pytest.fixture
def other() -> Iterator[ComfyServer]:
    with ComfyServer() as made:
        yield made
    assert made.faults == []


def drawn(backend: ComfyBackend, *requests: ImageRequest) -> list[bytes]:
    return [one.pixels.tobytes() for one in backend.generate(list(requests), ignore_steps)]


def unused_address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def html(_: web.Request) -> web.Response:
    page = "<!doctype html><title>Router &amp; co</title><p>Welcome</p>"
    return web.Response(text=page, content_type="text/html")


async def answer_html(asked: web.Request) -> web.StreamResponse:
    return html(asked)


async def answer_nothing(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()


def test_nobody_answers() -> None:
    address = unused_address()
    started = time.monotonic()
    with pytest.raises(BackendUnavailable) as caught:
        backend_of(address).generate([request()], ignore_steps)
    assert f"nobody answers at {address}" in caught.value.message
    assert "'comfy'" in caught.value.message
    assert "is ComfyUI running there" in caught.value.hint
    assert time.monotonic() - started < 5


def test_every_server_is_named_with_its_own_reason(server: ComfyServer) -> None:
    server.answers["*"] = answer_html
    away = unused_address()
    with pytest.raises(BackendUnavailable) as caught:
        backend_of(away, server.address).generate([request()], ignore_steps)
    assert f"nobody answers at {away}" in caught.value.message
    assert f"something else than ComfyUI answers at {server.address}" in caught.value.message
    assert "'Router & co'" in caught.value.message


def test_a_silent_server_is_given_up(server: ComfyServer) -> None:
    server.answers["*"] = answer_nothing
    backend = backend_of(server.address, idle_s=0.3, connect_s=0.3, retries=1)
    started, beats = time.monotonic(), []
    with pytest.raises(BackendUnavailable, match=r"kept silent for 0\.3 seconds"):
        backend.generate([request()], beats.append)
    assert time.monotonic() - started < 8
    assert len(beats) >= 2  # whoever wants to cancel is heard in the silence
    assert {beat.done for beat in beats} == {0}


def test_silence_can_be_cancelled(server: ComfyServer) -> None:
    server.answers["*"] = answer_nothing
    started = time.monotonic()

    def stop(_: StepProgress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        backend_of(server.address, idle_s=60, connect_s=60).generate([request()], stop)
    assert time.monotonic() - started < 5


def test_a_name_that_nobody_knows_for_long_can_be_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, known = [], threading.Event()

    def ask(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        known.wait(20)
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    started = time.monotonic()

    def stop(_: StepProgress) -> None:
        raise Cancelled

    try:
        with pytest.raises(Cancelled):
            backend_of("http://gpu.slow:8188").generate([request()], stop)
        assert time.monotonic() - started < 5
        assert asked
    finally:
        known.set()


def test_a_wrong_certificate_and_an_unknown_name_are_told_apart(server: ComfyServer) -> None:
    secure = server.address.replace("http://", "https://")
    with pytest.raises(BackendUnavailable) as caught:
        backend_of(secure).generate([request()], ignore_steps)
    assert "cannot be secured" in caught.value.message and "http instead" in caught.value.hint
    with pytest.raises(BackendUnavailable, match=r"no machine is called gpu\.invalid"):
        backend_of("http://gpu.invalid:8188").generate([request()], ignore_steps)


def test_a_token_is_asked_for_and_sent(
    server: ComfyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.token = "Bearer s3cret"
    with pytest.raises(BackendUnavailable) as caught:
        backend_of(server.address).generate([request()], ignore_steps)
    assert "HTTP 401" in caught.value.message and "token_variable" in caught.value.hint
    assert server.routes_asked()["/prompt"] == 1  # a second try would not help
    by_name = backend_of(server.address, token_variable="COMFY_TOKEN")
    with pytest.raises(BackendUnavailable) as caught:
        by_name.generate([request()], ignore_steps)
    assert "COMFY_TOKEN" in caught.value.hint
    monkeypatch.setenv("COMFY_TOKEN", "s3cret")
    assert drawn(by_name, request())
    monkeypatch.setenv("COMFY_TOKEN", "wrong")
    with pytest.raises(BackendUnavailable) as caught:
        by_name.generate([request()], ignore_steps)
    assert "wrong" not in caught.value.message
    assert drawn(backend_of(server.address, token="s3cret"), request())


def test_a_server_in_trouble_is_tried_again(server: ComfyServer) -> None:
    server.fails["/prompt"] = 2
    assert drawn(backend_of(server.address), request())
    server.fails["/prompt"] = 1000
    with pytest.raises(BackendUnavailable, match="answers HTTP 500: 500 Internal"):
        backend_of(server.address, retries=1).generate([request()], ignore_steps)


@pytest.mark.parametrize("route", ["/upload", "/history", "/view", "/queue", "/ws"])
def test_a_stumble_anywhere_is_survived(server: ComfyServer, route: str) -> None:
    before = np.full((32, 32, 4), 90, np.uint8)
    plain = drawn(backend_of(server.address), request(before=before, strength=0.5))
    server.fails[route] = 1
    assert drawn(backend_of(server.address), request(before=before, strength=0.5)) == plain


def test_a_missing_checkpoint_is_what_the_server_says(server: ComfyServer) -> None:
    backend = backend_of(server.address, checkpoint="gone.safetensors")
    with pytest.raises(BackendError) as caught:
        backend.generate([request()], ignore_steps)
    assert not isinstance(caught.value, BackendUnavailable)
    assert "CheckpointLoaderSimple" in caught.value.message
    assert "ckpt_name: 'gone.safetensors' not in ['tiny.safetensors']" in caught.value.message
    assert "models folder" in caught.value.hint
    assert server.routes_asked()["/prompt"] == 1  # asking again would not mend it


def test_a_failing_node_and_missing_memory_say_so(server: ComfyServer) -> None:
    backend = backend_of(server.address)
    with pytest.raises(BackendError) as caught:
        backend.generate([request("EXPLODE")], ignore_steps)
    assert "KSampler" in caught.value.message and "mat1 and mat2" in caught.value.message
    with pytest.raises(BackendError) as caught:
        backend.generate([request("OOM")], ignore_steps)
    assert "not enough memory" in caught.value.message and "--lowvram" in caught.value.hint
    with pytest.raises(BackendError, match="made no picture"):
        backend.generate([request("NOTHING")], ignore_steps)
    server.refuses_sockets = True  # the same, from the history
    with pytest.raises(BackendError, match="mat1 and mat2"):
        backend.generate([request("EXPLODE", seed=2)], ignore_steps)


def test_one_failing_request_does_not_lose_the_others(server: ComfyServer) -> None:
    backend = backend_of(server.address)
    good = [request("a hat", 1), request("a coat", 2), request("a boot", 3)]
    with pytest.raises(BackendError, match="mat1 and mat2"):
        backend.generate([*good[:2], request("EXPLODE"), good[2]], ignore_steps)
    asked = len(server.prompts)
    assert len(drawn(backend, *good)) == 3
    assert len(server.prompts) == asked  # they were kept: nothing is drawn twice
    fresh = backend_of(server.address)
    assert drawn(fresh, *good) == drawn(fresh, *good)
    assert len(server.prompts) == asked + 6


@pytest.mark.parametrize(
    ("word", "said"),
    [("TEXT", "not an image"), ("CUT", "broken"), ("BOMB", "60000x60000"), ("DEEP", "20000x20000")],
)
def test_a_wrong_picture_is_refused(server: ComfyServer, word: str, said: str) -> None:
    backend = backend_of(server.address)
    with pytest.raises(BackendError) as caught:
        backend.generate([request(word), request("a hat")], ignore_steps)
    assert "sent a picture that cannot be used" in caught.value.message
    assert said in caught.value.message
    assert drawn(backend, request("a hat"))


def test_five_gigabytes_are_not_taken(server: ComfyServer) -> None:
    async def huge(asked: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(5 << 30)})
        await response.prepare(asked)
        await response.write(b"\x89PNG")
        await asyncio.sleep(30)
        return response

    server.answers["/view"] = huge
    started = time.monotonic()
    with pytest.raises(BackendError) as caught:
        backend_of(server.address).generate([request()], ignore_steps)
    assert "sends 5.0 GiB, and 64 MiB are the most" in caught.value.message
    assert "max_image_mb" in caught.value.hint
    assert time.monotonic() - started < 5


def test_an_endless_picture_is_cut_off(server: ComfyServer) -> None:
    sent = 0

    async def endless(asked: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(asked)
        for _ in range(200):
            await response.write(bytes(1 << 20))
            sent += 1
        return response

    server.answers["/view"] = endless
    with pytest.raises(BackendError, match="sends without end, and 2 MiB"):
        backend_of(server.address, max_image_mb=2).generate([request()], ignore_steps)
    assert sent < 100


def test_packed_answers_are_not_unpacked(server: ComfyServer) -> None:
    async def packed(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"\x1f\x8b" + bytes(50), headers={"Content-Encoding": "gzip"})

    server.answers["/view"] = packed
    with pytest.raises(BackendUnavailable, match="packs its answers"):
        backend_of(server.address).generate([request()], ignore_steps)


def test_a_dripping_picture_has_an_end(server: ComfyServer) -> None:
    async def drip(asked: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "5000"})
        await response.prepare(asked)
        for _ in range(5000):
            await response.write(b"x")
            await asyncio.sleep(0.02)
        return response

    server.answers["/view"] = drip
    backend = backend_of(server.address, idle_s=0.2, connect_s=0.5, retries=0)
    started = time.monotonic()
    with pytest.raises(BackendError, match="too slow"):
        backend.generate([request()], ignore_steps)
    assert time.monotonic() - started < 6


@pytest.mark.parametrize("route", ["/prompt", "/view", "/history", "/ws"])
def test_redirects_are_not_followed(server: ComfyServer, other: ComfyServer, route: str) -> None:
    async def away(asked: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"{other.address}{asked.path_qs}")

    async def to_the_cloud(_: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect("http://169.254.169.254/latest/meta-data/")

    server.answers[route] = away
    if route == "/ws":
        assert drawn(backend_of(server.address), request())  # then it is polled
    else:
        with pytest.raises(BackendUnavailable, match=f"sends on to {other.address}"):
            backend_of(server.address).generate([request()], ignore_steps)
        server.answers[route] = to_the_cloud
        with pytest.raises(BackendUnavailable, match=r"sends on to http://169\.254\.169\.254"):
            backend_of(server.address).generate([request()], ignore_steps)
    assert other.requests == []


def test_names_from_a_server_are_only_asked_for_there(server: ComfyServer) -> None:
    backend = backend_of(server.address)
    asked = []

    async def view(found: web.Request) -> web.StreamResponse:
        asked.append((found.path, dict(found.query)))
        return web.Response(status=404)

    async def history(found: web.Request) -> web.StreamResponse:
        image = {
            "filename": "http://evil/../../etc/passwd?a=b",
            "subfolder": "/..",
            "type": "x&y=1",
        }
        entry = {"outputs": {"picture": {"images": [image]}}, "status": {"status_str": "success"}}
        return web.json_response({found.match_info["prompt_id"]: entry})

    server.answers.update({"/view": view, "/history": history})
    with pytest.raises(BackendError, match="lost the picture"):
        backend.generate([request()], ignore_steps)
    query = {"filename": "http://evil/../../etc/passwd?a=b", "subfolder": "/..", "type": "x&y=1"}
    assert asked == [("/view", query)] * 2


def test_a_websocket_that_breaks_off_is_replaced_by_asking(server: ComfyServer) -> None:
    plain = drawn(backend_of(server.address), request())
    server.drops_sockets = True
    assert drawn(backend_of(server.address), request()) == plain


def test_a_server_started_anew_is_asked_again(server: ComfyServer) -> None:
    server.forgets = 1
    assert drawn(backend_of(server.address), request())
    assert len(server.prompts) == 2
    server.forgets = 1000
    with pytest.raises(BackendUnavailable, match="has forgotten the picture"):
        backend_of(server.address, retries=1).generate([request()], ignore_steps)


def test_what_takes_too_long_is_taken_back(server: ComfyServer) -> None:
    backend = backend_of(server.address, whole_s=0.5, steps=40)
    with pytest.raises(BackendError, match=r"not done after 0\.5 seconds"):
        backend.generate([request("SLOW"), request("SLOW", 2)], ignore_steps)
    _wait_until(lambda: server.running is None and not server.pending)
    assert list(server.history) == server.interrupted  # the other waited, and was taken out
    assert len(server.prompts) == 2


def test_cancelling_frees_the_queue_and_leaves_others_alone(server: ComfyServer) -> None:
    done: list[object] = []
    backend, neighbour = backend_of(server.address, steps=30), backend_of(server.address)
    wish = [request("SLOW", seed) for seed in range(4)]

    def stop(progress: StepProgress) -> None:
        if progress.done >= 2 and not done:
            thread.start()
            _wait_until(lambda: len(server.pending) >= 2)
            done.append(time.monotonic())
            raise Cancelled

    thread = threading.Thread(target=lambda: done.extend(drawn(neighbour, request("a hat"))))
    with pytest.raises(Cancelled):
        backend.generate(wish, stop)
    assert time.monotonic() - float(str(done[0])) < 3
    thread.join(20)
    assert len(done) == 2  # the neighbour's picture was drawn
    assert server.pending == [] and server.running is None
    assert len(server.interrupted) == 1
    assert len(server.history) == 2  # what waited was taken out, the neighbour's was not


def test_a_picture_interrupted_on_the_server_is_not_asked_for_again(server: ComfyServer) -> None:
    def interrupt(progress: StepProgress) -> None:
        if 1 <= progress.done < 10:
            server._interrupts = True

    with pytest.raises(BackendError, match="somebody interrupted"):
        backend_of(server.address, steps=20).generate([request("SLOW")], interrupt)
    assert len(server.prompts) == 1


def test_two_servers_share_a_batch(server: ComfyServer, other: ComfyServer) -> None:
    server.step_ms = other.step_ms = 10
    wish = [request("a hat", seed) for seed in range(8)]
    alone = drawn(backend_of(server.address), *wish)
    server.prompts.clear()
    started = time.monotonic()
    shared = drawn(backend_of(server.address, other.address), *wish)
    assert shared == alone
    assert len(server.prompts) + len(other.prompts) == 8
    assert min(len(server.prompts), len(other.prompts)) >= 2
    assert time.monotonic() - started < 5


def test_a_server_that_dies_leaves_its_images_to_the_other(
    server: ComfyServer, other: ComfyServer
) -> None:
    wish = [request("a hat", seed) for seed in range(8)]
    alone = drawn(backend_of(server.address), *wish)
    other.dies_after = 1
    shared = drawn(backend_of(server.address, other.address), *wish)
    assert shared == alone
    assert len(other.prompts) >= 2
    assert drawn(backend_of(other.address, server.address), *wish) == alone


def test_nobody_waits_for_a_server_that_rests(
    server: ComfyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llamavis_studio.backends.comfyui.batch.FIRST_WAIT_S", 8.0)
    wish = [request("a hat", seed) for seed in range(6)]
    started = time.monotonic()
    assert len(drawn(backend_of(unused_address(), server.address), *wish)) == 6
    assert time.monotonic() - started < 5


def test_when_the_last_server_dies_what_was_drawn_is_kept(server: ComfyServer) -> None:
    server.dies_after = 3
    backend = backend_of(server.address, retries=1)
    wish = [request("a hat", seed) for seed in range(6)]
    with pytest.raises(BackendError) as caught:
        backend.generate(wish, ignore_steps)
    assert type(caught.value) is BackendError  # the halves are asked for again
    kept = 0
    for one in wish:
        try:
            kept += len(backend.generate([one], ignore_steps))
        except BackendUnavailable:
            continue
    assert kept in (2, 3)  # the third may have been on its way


def test_what_one_server_cannot_draw_goes_to_the_other(
    server: ComfyServer, other: ComfyServer
) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        error = {
            "type": "invalid_prompt",
            "message": "Cannot execute because node X does not exist.",
        }
        return web.json_response({"error": error, "node_errors": {}}, status=400)

    server.answers["/prompt"] = refuse
    assert len(drawn(backend_of(server.address, other.address), request(), request(seed=2))) == 2
    other.answers["/prompt"] = refuse
    with pytest.raises(BackendError) as caught:
        backend_of(server.address, other.address).generate([request()], ignore_steps)
    assert "node X does not exist" in caught.value.message and "install" in caught.value.hint


def test_glimpses_come_in_both_forms_and_broken_ones_are_passed_over(server: ComfyServer) -> None:
    server.step_ms = 5
    seen: list[StepProgress] = []
    wish = request(name="hat.png", watched=True)
    backend_of(server.address).generate([wish], seen.append)
    first = [one for step in seen for one in step.glimpses]
    assert first and first[0].name == "hat.png" and first[0].pixels.shape == (64, 64, 4)
    server._metadata = _Nothing()  # a server of before, which knows nothing of metadata
    backend_of(server.address).generate([wish], seen.append)
    again = [one for step in seen for one in step.glimpses]
    assert len(again) > len(first)
    assert server.prompts[0]["extra_data"] == {"preview_method": "auto"}


class _Nothing(set[str]):
    def add(self, _: str) -> None:
        pass


def _wait_until(is_so: object, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.01)
