from __future__ import annotations

import pytest

from llamavis_studio.watch.debounce import Debounce, Quiet, Sign

QUIET = Quiet(complete_s=0.03, created_s=0.3, written_s=0.25, gone_s=0.2)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def debounce(clock: Clock) -> Debounce:
    return Debounce(QUIET, clock)


@pytest.mark.parametrize(
    ("sign", "wait_s"),
    [(Sign.COMPLETE, 0.03), (Sign.CREATED, 0.3), (Sign.WRITTEN, 0.25), (Sign.GONE, 0.2)],
)
def test_each_sign_waits_its_time(
    debounce: Debounce, clock: Clock, sign: Sign, wait_s: float
) -> None:
    debounce.hint("a", sign)
    assert debounce.next_due_s() == pytest.approx(wait_s)
    clock.now += wait_s - 0.001
    assert debounce.take_due() == []
    clock.now += 0.002
    assert debounce.next_due_s() == 0
    assert debounce.take_due() == ["a"]
    assert debounce.next_due_s() is None
    assert debounce.take_due() == []


def test_repeats_are_one_and_each_begins_the_quiet_anew(debounce: Debounce, clock: Clock) -> None:
    for _ in range(50):
        debounce.hint("a", Sign.WRITTEN)
        clock.now += 0.2
        assert debounce.take_due() == []
    clock.now += 0.051
    assert debounce.take_due() == ["a"]


def test_the_end_of_a_save_is_believed_before_its_beginning(
    debounce: Debounce, clock: Clock
) -> None:
    for sign in (Sign.GONE, Sign.CREATED, Sign.WRITTEN, Sign.COMPLETE):
        debounce.hint("a", sign)
    clock.now += 0.031
    assert debounce.take_due() == ["a"]


def test_writing_again_after_a_close_waits_again(debounce: Debounce, clock: Clock) -> None:
    debounce.hint("a", Sign.COMPLETE)
    clock.now += 0.02
    debounce.hint("a", Sign.WRITTEN)
    clock.now += 0.1
    assert debounce.take_due() == []
    assert "a" in debounce
    clock.now += 0.16
    assert debounce.take_due() == ["a"]
    assert "a" not in debounce


def test_paths_do_not_wait_for_each_other(debounce: Debounce, clock: Clock) -> None:
    debounce.hint("slow", Sign.CREATED)
    debounce.hint("b", Sign.COMPLETE)
    debounce.hint("a", Sign.COMPLETE)
    clock.now += 0.05
    assert sorted(debounce.take_due()) == ["a", "b"]
    assert len(debounce) == 1
    assert debounce.next_due_s() == pytest.approx(0.25)


def test_a_storm_leaves_one_look_a_file(debounce: Debounce, clock: Clock) -> None:
    for number in range(30_000):
        debounce.hint(f"file{number % 1000}", Sign.WRITTEN)
    clock.now += 1
    assert len(debounce.take_due()) == 1000
    assert debounce.next_due_s() is None
