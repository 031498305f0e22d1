from __future__ import annotations

import threading

from llamavis_studio.jobs.inbox import MainThreadInbox


def test_the_inbox_gives_up_when_its_time_is_over() -> None:
    inbox = MainThreadInbox()
    calls: list[int] = []
    inbox.post(lambda: calls.append(1))
    assert not inbox.run_until(lambda: False, timeout_s=0.02)
    assert calls == [1]


def test_calls_of_other_threads_are_made_here_in_order() -> None:
    inbox = MainThreadInbox()
    calls: list[tuple[int, threading.Thread]] = []

    def note(number: int) -> None:
        calls.append((number, threading.current_thread()))

    def post() -> None:
        for number in range(100):
            inbox.call_soon_threadsafe(note, number)

    thread = threading.Thread(target=post)
    thread.start()
    assert inbox.run_until(lambda: len(calls) == 100, 10)
    thread.join()
    assert [number for number, _ in calls] == list(range(100))
    assert {where for _, where in calls} == {threading.main_thread()}


def test_timers_fire_in_the_order_of_their_time_and_not_when_cancelled() -> None:
    inbox = MainThreadInbox()
    calls: list[str] = []
    inbox.call_later(0.03, calls.append, "late")
    inbox.call_later(0.0, calls.append, "first")
    inbox.call_later(0.0, calls.append, "second")
    dropped = inbox.call_later(0.01, calls.append, "dropped")
    dropped.cancel()
    assert inbox.run_until(lambda: "late" in calls, 10)
    assert calls == ["first", "second", "late"]


def test_a_timer_that_sets_itself_anew_does_not_starve_what_is_posted() -> None:
    inbox = MainThreadInbox()
    posted: list[int] = []

    def again() -> None:
        inbox.call_later(0.001, again)

    again()
    inbox.post(lambda: posted.append(1))
    assert inbox.run_until(lambda: bool(posted), 10)
