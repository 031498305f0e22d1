"""R20: 300 hostile descriptions in one project, through the real command: words for each."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

from tests.core.test_fuzz import KINDS, VALUES, WORDS, mutated, quoted
from tests.reliability.canary import Canary
from tests.reliability.column import told
from tests.reliability.conftest import command
from tests.support.games import PROJECT, make_game

FILES = 300
MOST_S = 30.0
KEYS = ("description", "size", "seed", "count", "palette", "references", "kind", "style", "pick")


def hostile(number: int, rng: random.Random) -> tuple[str, bytes]:
    """A description file that is broken, too large, too deep, or asks for too much."""
    kind = rng.choice([name for name in KINDS if name != "llamavis.toml"])
    name = f"{rng.choice(('a', 'b', 'c'))}/hostile{number:03}{kind[1:]}"
    sort = number % 6
    if sort == 0:
        return name, mutated(KINDS[kind], rng)
    one = name.rpartition("/")[0] + f"/hostile{number:03}.desc.toml"
    if sort == 1:
        text = f'description = "x"\n{rng.choice(KEYS[1:])} = {rng.choice(VALUES)}\n'
    elif sort == 2:
        text = f"description = {quoted(rng.choice(WORDS))}\nreferences = [{quoted('../' * 9)}]\n"
    elif sort == 3:
        text = f'description = "{"x" * rng.choice((70_000, 2_000_000))}"\n'
    elif sort == 4:
        text = f'description = "x"\nreferences = ["hostile{number:03}.png"]\ncount = 1000000\n'
    else:
        text = f"description = {'[' * 100_000}"
    return one, text.encode("utf-8", "surrogatepass")


def test_a_project_of_hostile_descriptions(tmp_path: Path) -> None:
    outside, rng = Canary(tmp_path / "outside"), random.Random(7)
    root = make_game(tmp_path / "game", {"llamavis.toml": PROJECT})
    names = []
    for number in range(FILES):
        name, data = hostile(number, rng)
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(data)
        names.append(name)
    before = sorted(path.name for path in tmp_path.iterdir())
    began = time.monotonic()
    process = command(tmp_path, "plan", str(root), "--json")
    out, err = process.communicate(timeout=4 * MOST_S)
    took_s = time.monotonic() - began
    assert process.returncode in (0, 1), err
    assert "Traceback" not in err
    plan = json.loads(out)
    named = {one["path"] for one in plan["assets"]} | {one["path"] for one in plan["problems"]}
    silent = {name for name in names if name not in named and not _is_empty(root / name)}
    told(
        "R20",
        files=FILES,
        named=len(named & set(names)),
        assets=len(plan["assets"]),
        problems=len(plan["problems"]),
        seconds=f"{took_s:.1f}",
    )
    assert not silent, sorted(silent)
    assert took_s < MOST_S
    assert outside.touched(outside.sees_reads()) == []
    after = sorted(path.name for path in tmp_path.iterdir())
    assert set(after) - set(before) <= {"config", "state", "probe"}
    assert not list(root.rglob("*.png"))


def _is_empty(path: Path) -> bool:
    """A table that was cut down to its first line asks for nothing, and says nothing wrong."""
    return path.suffix == ".csv" and len(path.read_bytes().strip().splitlines()) <= 1
