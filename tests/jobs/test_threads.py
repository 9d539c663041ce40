"""What is done a while after it was asked for."""

from __future__ import annotations

import queue
import threading
import time

import pytest

from media_assistant.jobs.threads import Later


@pytest.mark.parametrize("is_put_off", [False, True])
def test_asked_often_it_is_done_once_on_one_thread(is_put_off: bool) -> None:
    done: queue.Queue[float] = queue.Queue()
    later = Later(lambda: done.put(time.monotonic()), is_put_off=is_put_off)
    before, began = threading.active_count(), time.monotonic()
    for _ in range(50):
        later.ask(0.05)
        time.sleep(0.002)
        assert threading.active_count() <= before + 1
    asked_last = time.monotonic()
    did = done.get(timeout=20)
    assert did >= (asked_last if is_put_off else began) + 0.045
    later.close()


def test_after_the_end_nothing_is_done() -> None:
    done: queue.Queue[str] = queue.Queue()
    later = Later(lambda: done.put("done"))
    later.ask(0.02)
    later.close()
    later.ask(0.0)
    with pytest.raises(queue.Empty):
        done.get(timeout=0.1)
