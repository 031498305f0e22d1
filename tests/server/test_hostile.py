"""What must not get in: web pages, other users' guesses, bad framing, floods, paths elsewhere.

Every case is sent over a raw socket, so that what no library would send can be sent.
"""

from __future__ import annotations

import itertools
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from llamavis_studio.server import guard, replies
from tests.server.conftest import Running, start
from tests.support.studios import small_game

PATHS = (
    ("GET", "/status", None),
    ("GET", "/assets", None),
    ("GET", "/description?path=hero.desc.toml", None),
    ("GET", "/events?after=0", None),
    ("GET", "/thumbnail?path=hero.png", None),
    ("POST", "/variants", {"output": "hero.png", "count": 5}),
    ("POST", "/lock", {"outputs": ["hero.png"], "locked": True}),
    ("OPTIONS", "/status", None),
)
TOKENS = ("none", "wrong", "short", "query", "basic", "twice", "right")
HOSTS = ("good", "localhost", "evil.example", "localhost.evil.example", "other port", "[::1]",
         "0.0.0.0", "none", "two")  # fmt: skip
ORIGINS = (None, "null", "http://evil.example", "file://", "http://127.0.0.1")
TYPES = ("application/json", "text/plain", "application/x-www-form-urlencoded",
         "multipart/form-data; boundary=x")  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patch:
        place = tmp_path_factory.mktemp("hostile")
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(place / name))
        from tests.support.instant_backend import ENVIRONMENT

        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setattr(guard, "WRONG_TOKENS_PER_S", 1e9)
        patch.setattr(guard, "HEAD_S", 1.0)
        patch.setattr(replies, "BODY_S", 1.0)
        running = start(small_game(place / "game"))
        running.wait_until_fresh()
        yield running
        running.end()


def send(port: int, data: bytes, wait_s: float = 10) -> bytes:
    """All that comes back until the other side closes, or is silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait_s) as line:
        line.sendall(data)
        return receive(line)


def receive(line: socket.socket) -> bytes:
    found = b""
    try:
        while part := line.recv(65536):
            found += part
    except (TimeoutError, ConnectionResetError):
        pass
    return found


def request(
    served: Running, method: str, path: str, body: object, token: str, host: str,
    origin: str | None, kind: str,
) -> bytes:  # fmt: skip
    port, right = served.told.port, served.told.token
    lines = []
    hosts = {"good": [f"127.0.0.1:{port}"], "localhost": [f"localhost:{port}"], "none": [],
             "other port": ["127.0.0.1:1"], "two": [f"127.0.0.1:{port}", "evil.org"]}  # fmt: skip
    lines += [f"Host: {one}" for one in hosts.get(host, [f"{host}:{port}"])]
    if token == "query":
        path += ("&" if "?" in path else "?") + f"token={right}"
    given = {"wrong": [f"Bearer {'x' * len(right)}"], "short": [f"Bearer {right[:-1]}"],
             "right": [f"Bearer {right}"], "basic": [f"Basic {right}"],
             "twice": [f"Bearer {right}", "Bearer x"]}  # fmt: skip
    lines += [f"Authorization: {one}" for one in given.get(token, [])]
    if origin is not None:
        lines.append(f"Origin: {origin}")
    data = b"" if body is None else json.dumps(body).encode()
    if body is not None:
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
    head = "\r\n".join([f"{method} /api/v1{path} HTTP/1.1", *lines, "Connection: close", "", ""])
    return head.encode() + data


def expected(method: str, path: str, token: str, host: str, origin: str | None, kind: str) -> int:
    """What the order of the guard gives; 400 is the parser's."""
    if host not in ("good", "localhost"):
        return 421
    if origin is not None:
        return 403
    if token != "right":
        return 401
    if method == "OPTIONS":
        return 405
    if method == "POST" and kind != TYPES[0]:
        return 415
    return 200


def files_of(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".llamavis" not in path.parts
    }


def test_nothing_comes_out_without_token_good_host_and_no_page(served: Running) -> None:
    before = files_of(served.root)
    secrets = [served.told.token.encode(), str(served.root).encode(), b"Traceback"]
    count = 0
    for (method, path, body), token, host, origin in itertools.product(
        PATHS, TOKENS, HOSTS, ORIGINS
    ):
        for kind in TYPES if body is not None else TYPES[:1]:
            wanted = expected(method, path, token, host, origin, kind)
            if wanted == 200 and body is not None:
                continue  # that one would change something, as it should
            answer = send(served.told.port, request(
                served, method, path, body, token, host, origin, kind))  # fmt: skip
            status = int(answer.split(b" ", 2)[1])
            case = (method, path, token, host, origin, kind)
            assert status == wanted or (host in ("none", "two") and status == 400), (case, answer)
            assert not any(secret in answer for secret in secrets), case
            assert b"access-control" not in answer.lower(), case
            assert b"x-content-type-options: nosniff" in answer.lower() or status == 400, case
            count += 1
    assert count > 3000
    assert files_of(served.root) == before


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin"])
def test_a_browser_is_known_by_what_it_adds(served: Running, site: str) -> None:
    assert served.ask("GET", "/status", Sec_Fetch_Site=site)[0] == 403


ESCAPES = (
    "../outside.desc.toml", "..%2Foutside.desc.toml", "%2e%2e/outside.desc.toml",
    "%252e%252e%252foutside.desc.toml", "/etc/passwd", "//etc/passwd", "C:/x.desc.toml",
    "..%5Coutside.desc.toml", "tiles/../../outside.desc.toml", "link.desc.toml",
    "folder/inside.desc.toml", "con.desc.toml", "aux.png", "hero.desc.toml%00.png",
    ".llamavis/service.json", ".llamavis/x.desc.toml", "tiles/.hidden/x.desc.toml",
    "~/x.desc.toml", "a%0d%0ab.desc.toml", "hero.desc.toml::$DATA", "",
    "x" * 5000 + ".desc.toml", "%ff%fe.desc.toml", "\u202e.desc.toml",
)  # fmt: skip


@pytest.mark.parametrize("name", ESCAPES)
def test_no_path_leads_out(served: Running, name: str) -> None:
    outside = served.root.parent / "outside.desc.toml"
    outside.write_text('description = "secret"\n')
    for link, target in (("link.desc.toml", outside), ("folder", served.root.parent)):
        if not (served.root / link).is_symlink() and os.name != "nt":
            (served.root / link).symlink_to(target)
    encoded = "".join(one if one.isascii() else "%E2%80%AE" for one in name)
    for path in (f"/description?path={encoded}", f"/thumbnail?path={encoded}"):
        status, body = served.raw("GET", path)
        assert 400 <= status < 500, (path, status)
        assert b"secret" not in body and str(served.root).encode() not in body
    raw = name.replace("%2F", "/").replace("%2e", ".").replace("%5C", "\\")
    for path, wish in (
        ("/description", {"path": raw, "text": 'description = "mine"', "revision": None}),
        ("/check", {"path": raw, "text": ""}),
        ("/caption", {"path": raw}),
        ("/build", {"paths": [raw]}),
        ("/lock", {"outputs": [raw], "locked": True}),
        ("/variants", {"output": raw, "count": 2}),
        ("/choose", {"output": raw, "variant": 0}),
    ):
        method = "PUT" if path == "/description" else "POST"
        if ("%" in raw or not raw.isascii()) and path in ("/description", "/check"):
            continue  # a strange name, but one inside the project
        status, body = served.raw(method, path, json.dumps(wish).encode())
        assert 400 <= status < 500 or (path == "/build" and b'"images":0' in body), (path, body)
        assert b"secret" not in body and str(served.root).encode() not in body
    assert outside.read_text() == 'description = "secret"\n'
    for link in ("link.desc.toml", "folder"):
        (served.root / link).unlink(missing_ok=True)


BODIES = (
    b"{", b"null", b"[]", b'"x"', b"{}" * 2, b'{"path": 3, "text": ""}', b"\xff\xfe",
    b'{"path": "hero.desc.toml", "text": "", "more": 1}', b'{"path": "\\ud800", "text": ""}',
    b"[" * 100_000, b'{"a":' * 50_000, b'{"path": "hero.desc.toml", "text": NaN}',
    b'{"path":"hero.desc.toml","text":' + b"1" * 5000 + b"}",
)  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_rubbish_is_refused(served: Running, body: bytes) -> None:
    for method, path in (("PUT", "/description"), ("POST", "/check"), ("POST", "/build")):
        status, answer = served.raw(method, path, body)
        assert 400 <= status < 500, (path, answer)
        assert b"Traceback" not in answer and len(answer) < 2000


def framed(served: Running, head: str, body: bytes = b"", *, ends: bool = True) -> bytes:
    start_ = head.format(
        host=f"Host: 127.0.0.1:{served.told.port}",
        token=f"Authorization: Bearer {served.told.token}",
    )
    return send(served.told.port, start_.replace("\n", "\r\n").encode() + body, 5 if ends else 3)


def test_bad_framing_is_refused(served: Running) -> None:
    json_ = "Content-Type: application/json\n"
    both = "POST /api/v1/cancel HTTP/1.1\n{host}\n{token}\n" + json_
    for head, body in (
        (both + "Content-Length: 4\nTransfer-Encoding: chunked\n\n", b"0\r\n\r\nGET / HTTP/1.1"),
        (both + "Content-Length: 2\nContent-Length: 3\n\n", b"{}x"),
        (both + "Content-Length: -1\n\n", b""),
        (both + "Content-Length: 99999999999999999999999\n\n", b"{}"),
        (both + "Transfer-Encoding: chunked\n\n", b"zz\r\n{}\r\n0\r\n\r\n"),
        ("GET /api/v1/status HTTP/1.1\n{host}\n{token}\nX: " + "y" * 65536 + "\n\n", b""),
        ("GET /api/v1/" + "s" * 65536 + " HTTP/1.1\n{host}\n{token}\n\n", b""),
        ("GET /api/v1/status HTTP/9.9\n{host}\n{token}\n\n", b""),
        ("\x00\x01\x02\n\n", b""),
    ):
        answer = framed(served, head, body)
        assert not answer or 400 <= int(answer.split(b" ", 2)[1]) < 506, (head[:90], answer[:200])
        assert b'"api"' not in answer and b"Traceback" not in answer
        assert served.told.token.encode() not in answer


def test_large_bodies_are_cut_off_early(served: Running) -> None:
    head = ("PUT /api/v1/description HTTP/1.1\n{host}\n{token}\n"
            "Content-Type: application/json\n")  # fmt: skip
    answer = framed(served, head + "Content-Length: 1073741824\n\n")
    assert answer.split(b" ", 2)[1] == b"413"
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    with socket.create_connection(("127.0.0.1", served.told.port), timeout=10) as line:
        start_ = head.format(host=f"Host: 127.0.0.1:{served.told.port}",
                             token=f"Authorization: Bearer {served.told.token}")  # fmt: skip
        line.sendall((start_ + "Transfer-Encoding: chunked\n\n").replace("\n", "\r\n").encode())
        sent = 0
        try:
            while sent < 64 << 20:
                line.sendall(chunk)
                sent += 65536
        except OSError:
            pass
        assert sent < 32 << 20  # what the sockets' own buffers hold is not read
        answer = receive(line)
    assert not answer or answer.split(b" ", 2)[1] == b"413"


def test_those_who_send_slowly_are_cut_off(served: Running) -> None:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", served.told.port), timeout=10) as line:
        line.sendall(b"GET /api/v1/status HTTP/1.1\r\nX: ")
        ended = False
        while not ended and time.monotonic() - began < 8:
            try:
                line.sendall(b"y")
                line.settimeout(0.1)
                ended = line.recv(10) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
        assert ended
    head = ("PUT /api/v1/description HTTP/1.1\n{host}\n{token}\n"
            "Content-Type: application/json\nContent-Length: 50\n\n")  # fmt: skip
    answer = framed(served, head, b'{"path"')
    assert not answer or answer.split(b" ", 2)[1] == b"408"


def test_a_connection_that_is_quiet_between_requests_is_kept(served: Running) -> None:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", served.told.port, timeout=10)
    for _ in range(2):
        connection.request("GET", "/api/v1/status",
                           headers={"Authorization": f"Bearer {served.told.token}"})  # fmt: skip
        assert connection.getresponse().read()
        line = connection.sock
        time.sleep(1.3)  # longer than a head may take
    assert connection.sock is line
    connection.close()


def test_a_flood_of_connections_leaves_room(served: Running) -> None:
    lines = []
    for _ in range(guard.MOST_CONNECTIONS + 100):
        lines.append(socket.create_connection(("127.0.0.1", served.told.port), timeout=5))
    assert served.ask("GET", "/status")[0] == 200
    for line in lines:
        line.close()
    assert served.ask("GET", "/status")[0] == 200


def test_wrong_tokens_are_slowed_down_and_the_right_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "WRONG_TOKENS_PER_S", 10.0)
    running = start(small_game(tmp_path / "game"))
    found = []

    def guess() -> None:
        for _ in range(40):
            found.append(running.raw("GET", "/status", Authorization="Bearer guess")[0])

    guessing = threading.Thread(target=guess)
    guessing.start()
    good = [running.raw("GET", "/status")[0] for _ in range(40)]
    guessing.join()
    assert good == [200] * 40 and found.count(429) > 5 and set(found) == {401, 429}
    running.end()
