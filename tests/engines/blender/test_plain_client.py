"""The extension's connection, with a real service and with hostile ones; no Blender is needed."""

from __future__ import annotations

import ast
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engines.blender.extension import SOURCE, part
from tests.server.conftest import Running, start
from tests.support.studios import WAIT_S, small_game

client = part("client")
session_module = part("session")


@pytest.fixture
def service(tmp_path: Path, instant_backend: None) -> Iterator[Running]:
    running = start(small_game(tmp_path / "game"))
    yield running
    running.end()


@pytest.fixture
def session() -> Iterator[Any]:
    made = session_module.Session()
    yield made
    assert made.close()


def until(session: Any, holds: Any, what: str) -> None:
    """Drain the queue, as Blender's timer does."""
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end, f"{what} did not come: {session.state} {session.notice}"
        while not session.inbox.empty():
            session.take(session.inbox.get())
        time.sleep(0.01)


def test_the_list_and_its_changes(service: Running, session: Any) -> None:
    session.open(service.root)
    until(session, lambda: len(session.entries) == 5, "the list")
    keys = list(session.entries)
    assert "monsters.descs.csv#slime" in keys and "tiles/wall.desc.toml#wall" in keys
    assert len(session.entries["tiles/wall.desc.toml#wall"].drawn) == 2
    fresh = {"fresh"}
    until(session, lambda: {e.state for e in session.entries.values()} == fresh, "all drawn")
    session.changed.clear()
    (service.root / "hero.desc.toml").write_text('description = "blue knight"\n', "utf-8")
    until(session, lambda: "hero.png" in session.changed, "the changed file")
    until(session, lambda: session.entries["hero.desc.toml#hero"].words == "blue knight", "words")


def test_a_description_is_read_and_a_refusal_told(service: Running, session: Any) -> None:
    session.open(service.root)
    until(session, lambda: session.entries and session.is_connected, "the list")
    session.select("hero.desc.toml#hero")
    until(session, lambda: session.words is not None, "the description")
    assert "brave red knight" in session.words.text
    got: list[Any] = []
    body = {"path": "hero.desc.toml", "text": "x = 1\n", "revision": session.words.revision}
    session.ask("PUT", "/description", body, got.append)
    until(session, lambda: got, "the refusal")
    assert got[0].failure.code == "broken" and got[0].failure.problems
    body = {"path": "hero.desc.toml", "text": 'description = "x"\n', "revision": "0" * 64}
    session.ask("PUT", "/description", body, got.append)
    until(session, lambda: len(got) == 2, "the conflict")
    assert got[1].failure.code == "changed"


class Stub:
    """A service that answers as told, or not at all."""

    def __init__(self, root: Path, answers: dict[str, bytes | None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._answers = answers
        self.asked: list[str] = []
        self._ending = threading.Event()
        self._held: list[socket.socket] = []
        state = root / ".llamavis"
        state.mkdir(parents=True, exist_ok=True)
        port = self._listener.getsockname()[1]
        told = {"api": 1, "version": "9", "pid": 1, "port": port, "token": "t"}
        (state / "service.json").write_text(json.dumps(told), "utf-8")
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while not self._ending.is_set():
            try:
                line, _ = self._listener.accept()
            except TimeoutError:
                continue
            head = line.recv(65536).decode()
            path = head.split(" ")[1].partition("?")[0]
            self.asked.append(head)
            answer = self._answers.get(path.removeprefix("/api/v1"))
            if answer is None:
                self._held.append(line)  # says nothing
                continue
            line.sendall(answer)
            line.close()

    def close(self) -> None:
        self._ending.set()
        self._thread.join()
        self._listener.close()
        for line in self._held:
            line.close()


def answer(value: Any, status: str = "200 OK") -> bytes:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    return head.encode() + data


STATUS = {"api": 1, "version": "9", "service": "a", "project": "g", "state": "ready",
          "message": "", "cursor": 0}  # fmt: skip
HOSTILE = {
    "another language": ({"/status": answer(STATUS | {"api": 2})}, "strange"),
    "no JSON": ({"/status": answer(b"<html>")}, "strange"),
    "a list": ({"/status": answer([1])}, "strange"),
    "keys missing": ({"/status": answer({})}, "strange"),
    "no HTTP": ({"/status": b"SSH-2.0-OpenSSH\r\n"}, "absent"),
    "a wrong token": (
        {"/status": answer({"error": {"code": "wrong_token", "message": "no"}}, "401 No")},
        "refused",
    ),
    "an error that is none": ({"/status": answer({"error": 3}, "500 Oh")}, "strange"),
    "assets of nonsense": (
        {"/status": answer(STATUS), "/assets": answer({"assets": [{}], "next": None,
                                                       "problems": []})},
        "strange",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_answers_is_a_state_and_no_traceback(
    name: str, tmp_path: Path, session: Any
) -> None:
    answers, state = HOSTILE[name]
    stub = Stub(tmp_path, answers)
    try:
        session.open(tmp_path)
        until(session, lambda: session.state == state, state)
        assert session.close()
    finally:
        stub.close()


def test_one_that_never_answers_does_not_hold_up_the_end(tmp_path: Path, session: Any) -> None:
    stub = Stub(tmp_path, {"/status": answer(STATUS), "/assets": None})
    try:
        session.open(tmp_path)
        until(session, lambda: session.is_connected, "the connection")
        begun = time.monotonic()
        assert session.close()
        assert time.monotonic() - begun < 5
    finally:
        stub.close()


def test_the_token_goes_to_loopback_only_and_no_origin_is_sent(
    tmp_path: Path, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    stub = Stub(tmp_path, {"/status": answer(STATUS)})
    try:
        session.open(tmp_path)
        until(session, lambda: session.is_connected, "the connection")
        assert "Authorization: Bearer t" in stub.asked[0]
        assert "origin" not in stub.asked[0].lower()
    finally:
        session.close()
        stub.close()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"api": 1, "port": 99999, "token": "t"}',
     '{"api": 1, "port": "80", "token": "t"}', '{"api": 1, "port": 80, "token": ""}',
     '{"api": 1, "port": 80, "token": "a\\r\\nHost: x"}',
     '{"api": true, "port": 80, "token": "t"}'],
)  # fmt: skip
def test_a_service_file_without_sense_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / ".llamavis").mkdir()
    (tmp_path / ".llamavis" / "service.json").write_text(text, "utf-8")
    assert part("service_file").read_service_file(tmp_path) is None


def test_the_pause_never_grows_beyond_five_seconds() -> None:
    assert client.LONGEST_DELAY_S <= 5


def test_without_a_project_a_question_is_answered_at_once(session: Any) -> None:
    got: list[Any] = []
    session.ask("GET", "/status", None, got.append)
    assert got[0].failure.code == "absent"


def test_only_these_modules_know_blender_and_only_the_standard_library_is_used() -> None:
    plain = {"service_file", "http_call", "entries", "client", "starter", "catalogs", "wording",
             "notes", "sheets", "session", "texts_zh"}  # fmt: skip
    for path in SOURCE.glob("*.py"):
        names = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {one.name.partition(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(str(node.module).partition(".")[0])
        foreign = names - sys.stdlib_module_names
        assert foreign <= (set() if path.stem in plain else {"bpy", "mathutils"}), path.name
