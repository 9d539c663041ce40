"""What a worker may use of the computer: it yields to everything a person does, and what a hostile file makes of it ends."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time

import psutil

NO_ROOM = "jobs.no_room"
"""What a worker says when the disk has no room for its scratch: no fault of the file's."""
_ROOM_FOR_LIBRARIES_MB = 2048
_OPEN_FILES = 1024
_LARGEST_FILE = 1 << 30
_ROOM_TO_END_S = 60
_AUTOGROUP = "/proc/self/autogroup"
_SESSION_NICE = 10
"""About a tenth of a core that others want, all of one that nobody does: at 19 a busy computer would understand nothing."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""M_TRIM_THRESHOLD, M_MMAP_THRESHOLD and M_ARENA_MAX of mallopt(3)."""
_LARGE, _KEPT = 1 << 20, 8 << 20
_TRIES, _TRY_AGAIN_S = 5, 0.11


def share_memory() -> None:
    """Let the threads of this process allocate from two pools, as far as the C library can be told (glibc).

    By itself it gives each thread its own, eight for a core, and what one gave back no other gets: a window with thirty
    threads keeps tens of megabytes that nobody uses. And once a picture of some megabytes was let go, it would take the next
    ones from between all that is small, where the hole stays: what is large has pages of its own.
    """
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(AttributeError, OSError):
            library = ctypes.CDLL(None)
            for option, value in ((_ARENA_MAX, 2), (_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _KEPT)):
                library.mallopt(option, value)


def give_back_memory() -> None:
    """What was allocated and is free again goes back to the system, also where something that is used lies behind it
    (glibc). A few milliseconds.
    """
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)


def step_back() -> None:
    """Give this process a lower priority for the processor and, where the system can, for the disk.

    MEDIA_ASSISTANT_WORKER_SHARE=equal leaves it where it is, for who waits for workers while other programs keep the
    computer busy: beside those it would have next to nothing.
    """
    if os.environ.get("MEDIA_ASSISTANT_WORKER_SHARE") == "equal":
        return
    process = psutil.Process()
    with contextlib.suppress(psutil.Error, OSError):
        if sys.platform == "win32":
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            process.nice(10)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            # Whatever else wants a core has it at once, not at the end of a slice of time.
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        _step_back_as_session()
        with contextlib.suppress(psutil.Error, OSError, AttributeError, ValueError):
            process.ionice(psutil.IOPRIO_CLASS_BE, 7)


def _step_back_as_session() -> None:
    """Give the whole session of this process a lower priority, if it is this process's own.

    Linux shares the cores between sessions first (`sched_autogroup_enabled`, as on most desktops), and only then between
    the processes of each: a worker alone in its session would have as much of them as the window, however low it stands.
    """
    if os.getsid(0) != os.getpid():
        return
    for _ in range(_TRIES):
        try:
            with open(_AUTOGROUP, "w", encoding="ascii") as group:
                group.write(str(_SESSION_NICE))
        except BlockingIOError:  # the kernel changes one session in a tenth of a second, of whichever program
            time.sleep(_TRY_AGAIN_S)
        except OSError:
            return
        else:
            return


def limit_memory(limit_mb: int) -> None:
    """Let the system refuse memory to this process far beyond `limit_mb`: a bomb that grows faster than anyone watches.

    Linux only, and private memory only, for networks and graphics drivers map far more addresses than they use. The
    precise limit is the supervisor's, who watches what is really in use.
    """
    if sys.platform != "linux":
        return
    import resource

    most = (2 * limit_mb + _ROOM_FOR_LIBRARIES_MB) * 1024 * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or most < hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def limit_files() -> None:
    """A thousand open files, none written beyond a gigabyte, and no image of the memory on the disk after a crash: a
    person's pictures are in it.
    """
    if sys.platform == "win32":
        return
    import resource

    for what, most in (
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        with contextlib.suppress(ValueError, OSError):
            lowest = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (lowest, lowest))


def limit_work(time_s: float) -> None:
    """From now on, let the system end this process when its cores have worked for longer than `time_s` allows: whoever
    watches the clock may be gone. A computer that sleeps does not work.
    """
    if sys.platform == "win32":
        return
    import resource

    spent = resource.getrusage(resource.RUSAGE_SELF)
    until = spent.ru_utime + spent.ru_stime + time_s * choose_threads(whole_machine=True) + _ROOM_TO_END_S
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = int(until) if math.isfinite(until) else hard  # a film may be watched as long as somebody likes
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def memory_mb(pid: int) -> int:
    """What a process holds of the memory; 0 when it is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss // (1024 * 1024))
    except psutil.Error:
        return 0


def worked_s(pid: int) -> float:
    """How long the cores have worked for a process; 0 when it is gone."""
    try:
        spent = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(spent.user + spent.system)


def choose_threads(*, whole_machine: bool) -> int:
    """How many threads the networks of one worker use: all but one core, or all of them."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return cores if whole_machine else max(1, cores - 1)
