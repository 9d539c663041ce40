"""What is done a while after it was asked for."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from media_assistant.jobs.threads import Later, UnwaitedPool
from tests.workflows.engine import wait_for


@pytest.mark.parametrize("is_put_off", [False, True])
def test_asked_often_it_is_done_once_on_one_thread(is_put_off: bool) -> None:
    done: queue.Queue[float] = queue.Queue()
    later = Later(lambda: done.put(time.monotonic()), is_put_off=is_put_off)
    before, began = threading.active_count(), time.monotonic()
    for _ in range(50):
        time.sleep(0.002)
        asked_last = time.monotonic()
        later.ask(0.05)
        # One that is through is still there for a moment when it is asked anew.
        assert threading.active_count() <= before + 2
    did = done.get(timeout=20)
    due = (asked_last if is_put_off else began) + 0.045
    while is_put_off and did < due:  # this thread stood still between two askings, for longer than it was put off
        did = done.get(timeout=20)
    assert did >= due
    later.close()


def test_after_the_end_nothing_is_done() -> None:
    done: queue.Queue[str] = queue.Queue()
    later, before = Later(lambda: done.put("done")), set(threading.enumerate())
    later.ask(600)
    later.close()
    later.ask(0.0)
    wait_for(lambda: all(thread.name != "later" for thread in set(threading.enumerate()) - before))
    assert done.empty()


def test_what_hangs_holds_up_no_other_work_and_no_close() -> None:
    pool, hangs = UnwaitedPool(2, "unwaited"), threading.Event()
    stuck = pool.submit(hangs.wait, 60)
    assert [pool.submit(pow, 2, number).result(timeout=20) for number in range(3)] == [1, 2, 4]
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 // 0).result(timeout=20)
    assert len([thread for thread in threading.enumerate() if thread.name.startswith("unwaited")]) == 2
    pool.submit(hangs.wait, 60)
    waiting = pool.submit(pow, 2, 5)
    pool.close()
    assert waiting.cancelled() and not stuck.done()
    with pytest.raises(RuntimeError):
        pool.submit(pow, 2, 6)
    hangs.set()
    assert stuck.result(timeout=20)


def test_a_close_with_patience_waits_for_what_comes_to_an_end_and_for_nothing_else() -> None:
    pool, goes_on, hangs = UnwaitedPool(1, "saving"), threading.Event(), threading.Event()
    first, second = pool.submit(goes_on.wait, 60), pool.submit(pow, 2, 3)
    threading.Timer(0.1, goes_on.set).start()
    pool.close(60)
    assert first.done() and second.result(timeout=0) == 8, "what waited its turn too"
    with pytest.raises(RuntimeError):
        pool.submit(pow, 2, 4)
    pool = UnwaitedPool(1, "saving")
    stuck, waiting = pool.submit(hangs.wait, 60), pool.submit(pow, 2, 5)
    wait_for(stuck.running)
    began = time.monotonic()
    pool.close(0.2)
    assert time.monotonic() - began < 20 and waiting.cancelled() and not stuck.done()
    hangs.set()
    assert stuck.result(timeout=20)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a file that does not answer")
def test_a_program_ends_though_a_disk_does_not_answer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "dead")
    program = (
        "import sys; from media_assistant.jobs.threads import UnwaitedPool; "
        "pool = UnwaitedPool(2, 'disks'); pool.submit(open, sys.argv[1]); "
        "print(pool.submit(pow, 2, 3).result()); pool.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "dead")], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "8"
