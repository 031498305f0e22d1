"""R2: the power goes after any call of the disk; the unsynced may be gone, the rest builds."""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from llamavis_studio.imaging.png import PROVENANCE_KEY, decode_image, encode_png, read_text_chunks
from tests.reliability.column import column, patient, told
from tests.reliability.conftest import Nursery
from tests.reliability.disks import tapped
from tests.reliability.oracle import Oracle, files_of, game_oracle
from tests.reliability.power import Event, Recorder, after_the_cut
from tests.support.studios import opened

pytestmark = [patient, pytest.mark.skipif(sys.platform == "win32", reason="no folder syncs there")]

PAINTED = "asset1.png"
IMAGES, SHEETS = 4, 1
TOGETHER = 8
OURS, NOBODYS = f".llamavis-tmp-{os.getpid()}", ".llamavis-tmp-99999999"


def painted(data: bytes, place: Path) -> bytes:
    """The same image with one pixel by hand."""
    place.write_bytes(data)
    pixels = decode_image(place).copy()
    pixels[3, 3] = (1, 2, 3, 255)
    return encode_png(pixels, provenance_json=read_text_chunks(place)[PROVENANCE_KEY])


def kept(files: Mapping[str, bytes]) -> dict[str, set[bytes]]:
    """The older versions of each output that somebody could still have back."""
    found: dict[str, set[bytes]] = {}
    for line in files.get(".llamavis/history/log.jsonl", b"").split(b"\n"):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        data = files.get(f".llamavis/history/objects/{row['version']}.png", b"")
        if hashlib.sha256(data).hexdigest() == row["version"]:
            found.setdefault(row["output"], set()).add(data)
    return found


@pytest.fixture
def oracle(tmp_path: Path) -> Oracle:
    plain = game_oracle(tmp_path, IMAGES, sheets=SHEETS)
    work = painted(plain.old[PAINTED], tmp_path / "painted.png")
    return Oracle(plain.inputs, {**plain.old, PAINTED: work}, plain.new)


def recorded(oracle: Oracle, root: Path) -> tuple[dict[str, bytes], list[Event]]:
    """The tree before a forced build with a history, and every call of the disk in it."""
    oracle.lay_out(root)
    recorder = Recorder(root)
    with opened(root) as studio:
        before = files_of(root)
        studio.settings = studio.settings.model_copy(update={"history_mb": 8})
        with tapped(recorder):
            studio.build(force=True)
    oracle.must_be_done(root)
    replaced = sum(event.step == "replace" for event in recorder.events)
    assert replaced >= 2 * IMAGES + 2 * SHEETS
    return before, recorder.events


def test_a_table_is_durable_before_the_sheet_that_says_it_is_there(
    oracle: Oracle, tmp_path: Path
) -> None:
    """Else a disk without a journal may keep a sheet without its table, and nothing sees it."""
    _, events = recorded(oracle, tmp_path / "recorded")
    places = {event.to: number for number, event in enumerate(events) if event.to}
    for sheet in (name for name in oracle.new if name.endswith("_sheet.png")):
        between = events[places[sheet.replace(".png", ".json")] : places[sheet]]
        assert ("fsync", "walkers") in {(event.step, event.path) for event in between}


@pytest.mark.parametrize("in_order", [True, False], ids=["journal", "any-order"])
def test_the_power_goes_at_any_call(
    oracle: Oracle, nursery: Nursery, tmp_path: Path, in_order: bool
) -> None:
    before, events = recorded(oracle, tmp_path / "recorded")
    rng, cuts, unequal, redrawn, behind = random.Random(4), column(100, 1000), 0, 0, 0
    seen: set[tuple[tuple[str, bytes], ...]] = set()
    for first in range(0, cuts, TOGETHER):
        numbers = range(first, min(first + TOGETHER, cuts))
        places = {}
        for number in numbers:
            # Every prefix once, then at random.
            at = number * len(events) // cuts + rng.randint(0, max(1, len(events) // cuts))
            files = after_the_cut(before, events[:at], rng, in_order)
            # Nobody has the number of the process that died; ours is still in use.
            files = {name.replace(OURS, NOBODYS): data for name, data in files.items()}
            unequal += files != before
            if (tree := tuple(sorted(files.items()))) in seen:
                continue  # what becomes of this tree is known
            seen.add(tree)
            place = tmp_path / f"cut{number}"
            for relative, data in files.items():
                (place / relative).parent.mkdir(parents=True, exist_ok=True)
                (place / relative).write_bytes(data)
            verdict = oracle.check(place)
            assert verdict.is_whole, (at, verdict)
            for output in verdict.new:
                if output.endswith(".png") and "_sheet" not in output:
                    assert oracle.old[output] in kept(files).get(output, set()), (at, output)
            redrawn += len(verdict.old)
            places[place] = nursery.start(place, hasty=True, fresh=False)
        for place, pid in places.items():
            assert nursery.wait(pid) == 0
            verdict = oracle.check(place)
            assert verdict.is_whole, verdict
            assert not verdict.temporaries, verdict
            late = {name for name in verdict.old if name.endswith("_sheet.json")}
            behind += len(late)
            assert not (late and in_order), (place, verdict)
            # What was painted by hand and not yet replaced is replaced by no plain build.
            assert set(verdict.old) - late <= {PAINTED}, (place, verdict)
    told(
        f"R2 {'journal' if in_order else 'any order'}",
        prefixes=cuts,
        calls=len(events),
        trees=len(seen),
        corrupt_or_lost=0,
        files_made_again=redrawn,
        tables_behind_their_sheet=behind,
    )
    assert unequal > cuts // 2
