"""What a call costs beside another one, for tests that a length or a depth does not blow up."""

from __future__ import annotations

import time
from collections.abc import Callable


def cpu_s(call: Callable[[], object]) -> float:
    """Seconds of this thread's own processor time, the best of three: what other threads and a collection of garbage take in
    between isn't the call's.
    """
    best = float("inf")
    for _ in range(3):
        began = time.thread_time()
        call()
        best = min(best, time.thread_time() - began)
    return best
