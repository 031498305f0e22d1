from __future__ import annotations

import threading

import pytest

from llamavis_studio.core.errors import Cancelled
from llamavis_studio.jobs.job import CancelFlag, Job, JobContext, JobProgress, JobResult, JobState
from llamavis_studio.jobs.queue import JobQueue


def job(key: str, priority: int = 0) -> Job:
    return Job(key, lambda _context: None, priority=priority)


@pytest.fixture
def ended() -> list[tuple[str, JobState]]:
    return []


@pytest.fixture
def queue(ended: list[tuple[str, JobState]]) -> JobQueue:
    def note(result: JobResult) -> None:
        ended.append((result.job.key, result.state))

    return JobQueue(note)


def taken(queue: JobQueue) -> Job:
    entry = queue.take(0)
    assert entry is not None
    return entry[0]


def test_jobs_come_in_order_and_the_important_ones_first(queue: JobQueue) -> None:
    for key, priority in (("a", 0), ("b", 5), ("c", 0), ("d", 5), ("e", -1)):
        queue.add(job(key, priority))
    assert [waiting.key for waiting in queue.waiting()] == ["b", "d", "a", "c", "e"]
    order = []
    while not queue.is_idle():
        order.append(taken(queue))
        queue.finish(order[-1])
    assert [one.key for one in order] == ["b", "d", "a", "c", "e"]


def test_a_newer_job_replaces_the_waiting_one_and_keeps_its_place(
    queue: JobQueue, ended: list[tuple[str, JobState]]
) -> None:
    first, other, newer = job("hero"), job("wall"), job("hero")
    for one in (first, other, newer):
        queue.add(one)
    assert ended == [("hero", JobState.REPLACED)]
    assert queue.waiting() == (newer, other)


def test_a_newer_job_stops_the_running_one(
    queue: JobQueue, ended: list[tuple[str, JobState]]
) -> None:
    queue.add(job("hero"))
    entry = queue.take(0)
    assert entry is not None
    running, flag = entry
    newer = job("hero")
    queue.add(newer)
    assert flag.is_set()
    assert queue.finish(running) is JobState.REPLACED
    assert ended == []
    assert taken(queue) is newer


def test_another_key_leaves_the_running_job_alone(queue: JobQueue) -> None:
    queue.add(job("hero"))
    entry = queue.take(0)
    assert entry is not None
    queue.add(job("wall"))
    assert not entry[1].is_set()
    assert queue.running() is entry[0]


def test_cancel_by_key_hits_waiting_and_running(
    queue: JobQueue, ended: list[tuple[str, JobState]]
) -> None:
    queue.add(job("a"))
    entry = queue.take(0)
    assert entry is not None
    for key in ("b", "c"):
        queue.add(job(key))
    assert queue.cancel("c")
    assert queue.cancel("a")
    assert not queue.cancel("nothing")
    assert ended == [("c", JobState.CANCELLED)]
    assert entry[1].is_set()
    assert queue.finish(entry[0]) is JobState.CANCELLED
    assert [waiting.key for waiting in queue.waiting()] == ["b"]


def test_cancel_all(queue: JobQueue, ended: list[tuple[str, JobState]]) -> None:
    for key in "abc":
        queue.add(job(key))
    entry = queue.take(0)
    assert entry is not None
    assert queue.cancel_all() == 3
    assert ended == [("b", JobState.CANCELLED), ("c", JobState.CANCELLED)]
    assert entry[1].is_set()
    assert queue.cancel_all() == 1
    queue.finish(entry[0])
    assert queue.cancel_all() == 0


def test_the_user_s_cancel_is_not_turned_into_a_replacement(queue: JobQueue) -> None:
    queue.add(job("hero"))
    entry = queue.take(0)
    assert entry is not None
    queue.cancel("hero")
    queue.add(job("hero"))
    assert queue.finish(entry[0]) is JobState.CANCELLED


def test_a_closed_queue_cancels_and_takes_nothing(
    queue: JobQueue, ended: list[tuple[str, JobState]]
) -> None:
    queue.add(job("a"))
    queue.close()
    queue.add(job("b"))
    assert ended == [("a", JobState.CANCELLED), ("b", JobState.CANCELLED)]
    assert queue.take() is None
    assert queue.is_idle()


def test_take_waits_for_a_job(queue: JobQueue) -> None:
    assert queue.take(0) is None
    got: list[Job] = []
    thread = threading.Thread(target=lambda: got.append(taken_waiting(queue)))
    thread.start()
    wanted = job("late")
    queue.add(wanted)
    thread.join(10)
    assert got == [wanted]


def taken_waiting(queue: JobQueue) -> Job:
    entry = queue.take(10)
    assert entry is not None
    return entry[0]


def test_whoever_is_told_of_an_end_may_add_a_job() -> None:
    again: list[Job] = [job("again")]

    def on_end(_result: JobResult) -> None:
        if again:
            queue.add(again.pop())

    queue = JobQueue(on_end)
    queue.add(job("a"))
    queue.cancel("a")
    assert [waiting.key for waiting in queue.waiting()] == ["again"]


def test_a_storm_of_edits_leaves_one_job_a_file(queue: JobQueue) -> None:
    last: dict[str, Job] = {}
    for number in range(10_000):
        key = f"file{number % 100}"
        last[key] = job(key)
        queue.add(last[key])
    assert sorted(one.number for one in queue.waiting()) == sorted(j.number for j in last.values())


def test_finish_of_a_job_that_did_not_run_is_a_fault(queue: JobQueue) -> None:
    with pytest.raises(ValueError):
        queue.finish(job("a"))


def test_a_cancel_flag_calls_back_once_and_at_once_when_it_is_late() -> None:
    flag, calls = CancelFlag(), []
    flag.on_set(lambda: calls.append("early"))
    assert calls == []
    flag.set()
    flag.set()
    flag.on_set(lambda: calls.append("late"))
    assert calls == ["early", "late"]


def test_a_context_tells_before_it_stops() -> None:
    told: list[JobProgress] = []
    context = JobContext(job("a"), CancelFlag(), told.append)
    context.progress(1, 2, "drawing")
    context.check()
    context.flag.set()
    assert context.is_cancelled
    with pytest.raises(Cancelled):
        context.progress(2, 2)
    assert told == [JobProgress(1, 2, "drawing"), JobProgress(2, 2, "")]


def test_a_paused_queue_hands_out_nothing_and_goes_on_where_it_was(queue: JobQueue) -> None:
    for key in "abc":
        queue.add(job(key))
    first = taken(queue)
    queue.pause()
    assert queue.is_paused
    queue.finish(first)
    assert queue.take(0) is None
    assert [waiting.key for waiting in queue.waiting()] == ["b", "c"]
    got: list[Job] = []
    thread = threading.Thread(target=lambda: got.append(taken_waiting(queue)))
    thread.start()
    queue.resume()
    thread.join(10)
    assert [one.key for one in got] == ["b"]


def test_what_somebody_waits_for_passes_a_pause(queue: JobQueue) -> None:
    queue.add(job("a"))
    queue.pause()
    queue.add(job("urgent", 1))
    assert taken(queue).key == "urgent"
    queue.finish(queue.running())  # type: ignore[arg-type]
    assert queue.take(0) is None
    queue.resume()
    assert taken(queue).key == "a"


def test_a_paused_queue_is_closed_and_cancelled_like_any_other(
    queue: JobQueue, ended: list[tuple[str, JobState]]
) -> None:
    for key in "ab":
        queue.add(job(key))
    queue.pause()
    assert queue.cancel("b")
    thread = threading.Thread(target=queue.take)
    thread.start()
    queue.close()
    thread.join(10)
    assert not thread.is_alive()
    assert ended == [("b", JobState.CANCELLED), ("a", JobState.CANCELLED)]


def test_waiting_jobs_are_put_in_another_order_left_out_and_replaced(
    queue: JobQueue, ended: list[tuple[str, JobState]]
) -> None:
    a, b, c, d = (job(key) for key in "abcd")
    for one in (a, b, c, d):
        queue.add(one)
    assert taken(queue) is a
    new = job("new")
    seen: list[tuple[Job, ...]] = []

    def change(waiting: tuple[Job, ...]) -> list[Job]:
        seen.append(waiting)
        return [d, new, b]

    queue.rearrange(change)
    assert seen == [(b, c, d)]
    assert queue.both() == (a, (d, new, b))
    late = job("late")
    queue.add(late)
    queue.finish(a)
    order = []
    while not queue.is_idle():
        order.append(taken(queue))
        queue.finish(order[-1])
    assert order == [d, new, b, late]
    assert ended == []


def test_a_job_that_keeps_its_place_keeps_its_flag(queue: JobQueue) -> None:
    a, b = job("a"), job("b")
    queue.add(a)
    queue.add(b)
    queue.rearrange(lambda waiting: waiting[::-1])
    assert taken(queue) is b
    assert not queue.is_stopping
    queue.cancel("b")
    assert queue.is_stopping
    assert queue.finish(b) is JobState.CANCELLED
    assert not queue.is_stopping


def test_a_closed_queue_is_not_filled_by_another_order(queue: JobQueue) -> None:
    queue.close()
    queue.rearrange(lambda _waiting: [job("a")])
    assert queue.waiting() == ()


def test_no_job_is_lost_or_run_twice_while_the_order_changes_all_the_time(queue: JobQueue) -> None:
    count = 2000
    done: list[str] = []

    def work() -> None:
        while (entry := queue.take(10)) is not None:
            done.append(entry[0].key)
            queue.finish(entry[0])

    worker = threading.Thread(target=work)
    worker.start()
    for number in range(count):
        queue.add(job(str(number)))
        if number % 7 == 0:
            queue.rearrange(lambda waiting: waiting[1:] + waiting[:1])
    assert queue.wait_idle(20)
    queue.close()
    worker.join(10)
    assert sorted(done, key=int) == [str(number) for number in range(count)]
