"""A worker yields to the window, also where the system shares its cores between sessions first."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

AUTOGROUP = "/proc/self/autogroup"
CODE = "from media_assistant.jobs.limits import step_back; step_back(); print(open('/proc/self/autogroup').read())"
STANDS = """
import os
from media_assistant.jobs.limits import step_back
def stands(): return os.nice(0), os.sched_getscheduler(0)
before = stands(); step_back(); print(before == stands(), os.sched_getscheduler(0) == os.SCHED_IDLE)
"""


def _said_by(code: str, *, in_own_session: bool, share: str) -> str:
    environment = {**os.environ, "MEDIA_ASSISTANT_WORKER_SHARE": share}
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=in_own_session,
        env=environment,
    )
    return told.stdout.strip()


def _group_of_one_that_stepped_back(*, in_own_session: bool, share: str = "") -> str:
    return _said_by(CODE, in_own_session=in_own_session, share=share)


@pytest.mark.skipif(not os.path.exists(AUTOGROUP), reason="only Linux shares the cores between sessions")
def test_a_session_of_its_own_stands_back_and_that_of_others_does_not() -> None:
    with open(AUTOGROUP, encoding="ascii") as file:
        ours = file.read().strip()
    assert _group_of_one_that_stepped_back(in_own_session=True).endswith("nice 10")
    assert _group_of_one_that_stepped_back(in_own_session=False) == ours
    assert not _group_of_one_that_stepped_back(in_own_session=True, share="equal").endswith("nice 10")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a class for what nobody else wants")
def test_one_that_others_wait_for_stays_where_it_is() -> None:
    """Also where the cores are shared between processes, as in a container: there the idle class has next to nothing."""
    assert _said_by(STANDS, in_own_session=True, share="").endswith(" True")
    # Who started the tests may stand back itself.
    assert _said_by(STANDS, in_own_session=True, share="equal").startswith("True ")


HOLES = """
import ctypes, sys
from media_assistant.jobs.limits import share_memory
if sys.argv[1] == "told": share_memory()
c = ctypes.CDLL(None)
c.malloc.restype, c.malloc.argtypes, c.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
large = 4 << 20
c.free(c.malloc(large))
pictures = []
for _ in range(20):
    pictures.append(c.malloc(large))
    ctypes.memset(pictures[-1], 1, large)
    for _ in range(200): c.malloc(1000)
for each in pictures: c.free(each)
print(int(open("/proc/self/statm").read().split()[1]) * 4096)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it is glibc that keeps it")
def test_room_of_large_pictures_goes_back_though_small_things_lie_between_them() -> None:
    def resident(told: str) -> int:
        done = subprocess.run([sys.executable, "-c", HOLES, told], capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert resident("untold") - resident("told") > 60_000_000
