"""How fast the local service answers while the shipped model draws, and whether it stays small.

    python -m tests.benchmarks service [--seconds 10] [--rate 1000] [--json]

The control is the same HTTP stack serving a constant in a process of its own, asked in turns with
ours. Clients are four raw connections in a process of their own. The edits are timed by what the
service tells: a description is written, its picture is named.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from tests.benchmarks._protocol import machine, percentile
from tests.server.asking import Asker

ROOT = Path(__file__).resolve().parents[2]
P50_MS, P95_MS, P99_MS, GROWTH = 3.0, 15.0, 10.0, 5.0
CONSTANT = """
import asyncio, sys
from aiohttp import web
async def main():
    app = web.Application()
    body = b'x' * 300
    async def answer(_): return web.Response(body=body, content_type='application/json')
    app.router.add_get('/api/v1/status', answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, '127.0.0.1', 0)
    await site.start()
    print(site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def asked(port: int, token: str, seconds: float, rate: float, lines: int = 4) -> dict[str, Any]:
    """Ask for the status over `lines` connections, `rate` times a second in all."""
    request = (f"GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
               f"Authorization: Bearer {token}\r\n\r\n").encode()  # fmt: skip
    times: list[float] = []
    end = time.perf_counter() + seconds

    def ask() -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            due = time.perf_counter()
            while (now := time.perf_counter()) < end:
                if now < due:
                    time.sleep(due - now)
                began = time.perf_counter()
                line.sendall(request)
                answer = line.recv(65536)
                assert answer.startswith(b"HTTP/1.1 200"), answer[:80]
                times.append((time.perf_counter() - began) * 1000)
                due = max(due + lines / rate, began)  # what is late is not made up for in a burst

    threads = [threading.Thread(target=ask) for _ in range(lines)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    named = {f"p{one}_ms": round(percentile(times, one), 2) for one in (50, 95, 99)}
    return {**named, "max_ms": round(max(times), 1), "per_s": round(len(times) / seconds)}


def ask_beside(port: int, token: str, seconds: float, rate: float) -> dict[str, Any]:
    """`asked` in another process: a client must not take turns with anything of ours."""
    words = [sys.executable, "-m", "tests.benchmarks.service", "--ask", str(port), token,
             "--seconds", str(seconds), "--rate", str(rate)]  # fmt: skip
    with Popen(words, cwd=ROOT, stdout=PIPE, text=True) as process:
        return dict(json.loads(process.communicate(timeout=seconds + 60)[0]))


def rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGESIZE") / 1e6, 1)


def run(options: argparse.Namespace, place: Path) -> dict[str, Any]:
    game = Path(shutil.copytree(ROOT / "resources" / "example_project", place / "game"))
    environment = os.environ | dict.fromkeys(("XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(place))
    serve = [sys.executable, "-m", "llamavis_studio.cli", "serve", str(game), "--json"]
    with (
        Popen(serve, env=environment, stdout=PIPE, text=True, cwd=ROOT) as ours,
        Popen([sys.executable, "-c", CONSTANT], stdout=PIPE, text=True) as constant,
    ):
        try:
            assert ours.stdout is not None and constant.stdout is not None
            asker = Asker(game)
            told, bare_port = json.loads(ours.stdout.readline()), int(constant.stdout.readline())
            return measure(options, asker, ours.pid, told["port"], bare_port) | {
                "edits_ms": edits(asker, game)
            }
        finally:
            constant.kill()
            ours.terminate()


def measure(
    options: argparse.Namespace, asker: Asker, pid: int, port: int, bare_port: int
) -> dict[str, Any]:
    asker.wait_until_fresh(240)
    found: dict[str, Any] = {"machine": machine(), "idle": [], "drawing": [], "bare": []}
    stop = threading.Event()

    def draw() -> None:
        while not stop.is_set():
            asker.call("POST", "/build", {"paths": ["characters"], "fresh": True})
            while not stop.is_set() and asker.call("GET", "/status")[1]["drawing"]:
                time.sleep(0.2)

    for _ in range(3):
        stop.clear()
        found["idle"].append(ask_beside(port, asker.token, options.seconds, options.rate))
        drawing = threading.Thread(target=draw)
        drawing.start()
        time.sleep(0.5)
        found["drawing"].append(ask_beside(port, asker.token, options.seconds, options.rate))
        found["bare"].append(ask_beside(bare_port, asker.token, options.seconds, options.rate))
        stop.set()
        drawing.join()
        asker.call("POST", "/cancel", {})
    before = rss_mb(pid)
    found["growth"] = ask_beside(port, asker.token, options.seconds * 6, 1000)
    found["growth"] |= {"before_mb": before, "after_mb": rss_mb(pid)}
    middle = {
        part: {key: statistics.median(one[key] for one in found[part]) for key in found[part][0]}
        for part in ("idle", "drawing", "bare")
    }
    grown = 100 * (found["growth"]["after_mb"] / before - 1)
    drawn = middle["drawing"]
    return found | {
        "median": middle,
        "growth_percent": round(grown, 2),
        "met": {
            "p50": drawn["p50_ms"] <= P50_MS,
            "p95": drawn["p95_ms"] <= P95_MS,
            "p99": drawn["p99_ms"] <= P99_MS,
            "flat": grown <= GROWTH,
        },
    }


def edits(asker: Asker, game: Path) -> list[dict[str, float]]:
    """From a saved description to the picture that the service names: the whole, and the model's
    own part of it.
    """
    asker.wait_until_fresh(120)
    path, found = game / "characters" / "knight.desc.toml", []
    for number in range(6):
        text = path.read_text("utf-8")
        words = ("red shield", "blue shield")
        text = text.replace(words[number % 2], words[1 - number % 2])
        cursor = asker.call("GET", "/events")[1]["cursor"]
        began = time.perf_counter()
        path.write_text(text, "utf-8")
        times: dict[str, float] = {}
        while "files_changed" not in times:
            _, page = asker.call("GET", f"/events?after={cursor}&wait=30")
            cursor = page["cursor"]
            for event in page["events"]:
                times.setdefault(event["event"], (time.perf_counter() - began) * 1000)
        found.append({"noticed": round(times["build_started"], 1),
                      "picture": round(times["files_changed"], 1)})  # fmt: skip
        asker.wait_until_fresh(60)
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks service")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, default=200, help="Requests a second in all.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--ask", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.ask:
        found = asked(int(options.ask[0]), options.ask[1], options.seconds, options.rate)
        print(json.dumps(found))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        result = run(options, Path(os.path.realpath(folder)))
    print(json.dumps(result, indent=None if options.json else 1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
