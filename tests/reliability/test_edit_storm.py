"""R5: thousands of saves while the studio watches; in the end every image shows the last words."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

from llamavis_studio.core import events
from tests.reliability.column import column, patient, told
from tests.reliability.watched import CountingHost, shows, wait_until
from tests.support.games import described, make_game
from tests.support.studios import Editor, opened, watching

pytestmark = patient

FILES, EDITS = column(60, 1000), column(600, 10_000)
SECONDS = EDITS / 1000  # at the rate of the goal
TO_ONE_FILE = 50
MOST_MEMORY_MB = 100


def resident_mb() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:  # no Linux
        return 0.0
    return pages * 4096 / 2**20


def test_a_storm_of_saves_ends_in_the_last_words(tmp_path: Path) -> None:
    names = [f"f{i % 10}/item{i}" for i in range(FILES)]
    start = "size = [16, 16]\n"
    root = make_game(
        tmp_path / "game", {f"{name}.desc.toml": described("start", start) for name in names}
    )
    rng, host, figures = random.Random(5), CountingHost(), {}
    last = dict.fromkeys(names, "start")

    def save(name: str, number: int) -> None:
        last[name] = f"thing {name.replace('/', ' ')} take {number}"
        (root / f"{name}.desc.toml").write_text(described(last[name], start))

    def script(editor: Editor) -> None:
        editor.wait_for(events.BuildFinished)
        before_mb, began = resident_mb(), time.monotonic()
        for number in range(EDITS):
            # An edit in so many goes to the same file.
            favourite = number % (EDITS // TO_ONE_FILE) == 0
            save(names[0] if favourite else rng.choice(names), number)
            if (ahead_s := began + number * SECONDS / EDITS - time.monotonic()) > 0:
                time.sleep(ahead_s)
        ended = time.monotonic()
        at_the_end = Counter(host.drawn)
        wait_until(lambda: all(shows(root / f"{name}.png", words) for name, words in last.items()))
        settled = time.monotonic()
        wait_until(lambda: _is_quiet(host))
        jobs = Counter(
            " ".join(words.split()[1:3]) for words in (host.drawn - at_the_end).elements()
        )
        figures.update(
            seconds=f"{ended - began:.1f}",
            settled_after_s=f"{settled - ended:.1f}",
            drawn=sum(host.drawn.values()),
            most_jobs_a_file_after=max(jobs.values(), default=0),
            more_memory_mb=f"{resident_mb() - before_mb:.0f}",
        )
        assert max(jobs.values(), default=0) <= 2, jobs.most_common(5)
        assert resident_mb() - before_mb <= MOST_MEMORY_MB

    with opened(root, host) as studio:
        watching(studio, script)
    right = sum(shows(root / f"{name}.png", words) for name, words in last.items())
    assert right == FILES
    assert not list(root.rglob("*llamavis-tmp*"))
    told("R5", edits=EDITS, files=FILES, final_right=f"{right}/{FILES}", **figures)


def _is_quiet(host: CountingHost) -> bool:
    total = host.drawn.total()
    time.sleep(0.5)  # longer than the watcher's longest quiet
    return host.drawn.total() == total
