"""What a hostile file makes of a worker reaches nothing: the walls and limits of real workers, tried from inside."""

from __future__ import annotations

import errno
import os
import queue
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from media_assistant.jobs.confinement import look
from media_assistant.jobs.shared import make_memory, unlink_memory
from media_assistant.jobs.worker_process import OF_THE_SESSION, Limits, WorkerDied, WorkerProcess
from media_assistant.workflows.playback.streaming import Streams

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are of Linux")

# The program's own worker, started as it starts itself, that runs a test's lines where it would have looked at the
# computer: what such lines may do, code that took a decoder over may do.
TAKEN_OVER = """
import json, os, sys
from pathlib import Path
from media_assistant import worker
from media_assistant.jobs import limits

def tried(do):
    try:
        return do() or 0
    except OSError as fault:
        return fault.errno

def run(self, request):
    found = {}
    exec(request["code"], {**globals(), **request["given"], "found": found})
    self._send({"is": "found", **found})

worker.Worker._hardware = run
worker.main()
"""
TakenOver = Callable[..., dict[str, Any]]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


@pytest.fixture
def taken_over(tmp_path: Path, own: Path) -> Iterator[TakenOver]:
    worker = WorkerProcess(
        tmp_path / "worker.log", folders=(own, tmp_path / "kept"), command=[sys.executable, "-c", TAKEN_OVER]
    )

    def run(code: str, limits: Limits | None = None, **given: object) -> dict[str, Any]:
        answers = [header for header, _ in worker.request([(request(code, given), b"")], limits or Limits(time_s=60))]
        assert "report" not in answers[-1], answers[-1]
        return answers[0]

    def request(code: str, given: dict[str, object]) -> dict[str, Any]:
        return {"do": "hardware", "code": code, "given": given}

    yield run
    worker.close()


def filters(pid: int | str = "self") -> int:
    """How many filters of system calls a process lives under."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("Seccomp_filters")).split()[1])


def need(wall: str) -> None:
    if wall:
        pytest.skip(f"not by this kernel: {wall}")


def test_promise_13_native_code_in_a_worker_opens_no_socket(taken_over: TakenOver) -> None:
    need(look().network)
    found = taken_over(
        """
import _socket, ctypes, socket
from tests.jobs.test_confinement import filters
libc = ctypes.CDLL(None, use_errno=True)
def native(family):
    opened = libc.socket(family, 1, 0)
    return ctypes.get_errno() if opened < 0 else 0
found["native"] = {name: native(getattr(socket, name)) for name in dir(socket) if name.startswith("AF_")}
try:
    _socket.socket(_socket.AF_INET)
except PermissionError:
    found["python"] = "refused"
found["filters"] = filters()
found["ring"] = libc.syscall(425, 1, 0) == -1 and ctypes.get_errno()
found["pipe"] = tried(lambda: [os.close(end) for end in os.pipe()] and 0)
done = os.spawnlp(os.P_WAIT, sys.executable, sys.executable, "-c", "import _socket; _socket.socket(2)")
found["child"] = done
"""
    )
    refused = {name: fault for name, fault in found["native"].items() if name != "AF_UNIX"}
    assert {"AF_INET", "AF_INET6", "AF_PACKET", "AF_NETLINK"} <= set(refused)
    assert set(refused.values()) == {errno.EACCES}
    assert found["native"]["AF_UNIX"] == found["pipe"] == 0
    assert (found["python"], found["ring"], found["child"]) == ("refused", errno.EPERM, 1)
    assert found["filters"] == filters() + 1, "its own, besides the one that the tests live under"


def test_a_worker_is_not_told_where_the_persons_session_is(
    taken_over: TakenOver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in OF_THE_SESSION:
        monkeypatch.setenv(name, "unix:path=/run/user/1000/bus")
    found = taken_over("found['told'] = [name for name in names if name in os.environ]", names=OF_THE_SESSION)
    assert found["told"] == []


def test_a_worker_names_its_threads_as_the_graphics_cards_driver_does(taken_over: TakenOver, tmp_path: Path) -> None:
    """`cuInit` writes the name of the thread that it starts as a file anew, and fails where that is refused."""
    need(look().files)
    found = taken_over(
        """
import threading
def name(process, thread):
    with open(f"/proc/{process}/task/{thread}/comm", "w") as file:
        file.write("cuda-EvtHandlr")
done = threading.Event()
other = threading.Thread(target=done.wait)
other.start()
found["own"] = tried(lambda: name("self", other.native_id))
found["said"] = Path(f"/proc/self/task/{other.native_id}/comm").read_text().strip()
found["parent"] = tried(lambda: name(os.getppid(), os.getppid()))
found["besides"] = tried(lambda: Path("/proc/self/oom_score_adj").write_text("0"))
done.set()
"""
    )
    assert (found["own"], found["said"]) == (0, "cuda-EvtHandlr")
    assert found["parent"] == found["besides"] == errno.EACCES


def test_promise_12_a_worker_writes_nowhere_but_in_its_own_folders(
    taken_over: TakenOver, tmp_path: Path, own: Path
) -> None:
    need(look().files)
    original = tmp_path / "original.mp4"
    original.write_bytes(b"a person's only film")
    before = original.stat()
    found = taken_over(
        """
original, own = Path(original), Path(own)
found["outside"] = {
    "read": tried(lambda: original.read_bytes() and 0),
    "write": tried(lambda: original.write_bytes(b"gone")),
    "append": tried(lambda: original.open("ab").close()),
    "truncate": tried(lambda: os.truncate(original, 3)),
    "delete": tried(original.unlink),
    "move": tried(lambda: original.rename(own / "stolen") and 0),
    "link": tried(lambda: os.link(original, own / "linked")),
    "rights": tried(lambda: original.chmod(0o777)),
    "times": tried(lambda: os.utime(original, (1, 1))),
    "words beside it": tried(lambda: os.setxattr(original, "user.note", b"x")),
    "make": tried(lambda: original.with_name("new").write_text("x") and 0),
    "folder": tried(lambda: original.with_name("new").mkdir()),
    "own process": tried(lambda: Path("/proc/self/comm").write_text("x") and 0),
    "its maker": tried(lambda: os.kill(os.getppid(), 0)),
}
draft = own / "draft"
found["inside"] = [
    tried(lambda: draft.write_text("kept") and 0),
    tried(lambda: draft.rename(own / "whole") and 0),
    tried((own / "whole").unlink),
    tried(lambda: Path("/dev/null").write_text("x") and 0),
]
import tempfile
with tempfile.TemporaryDirectory() as folder:
    found["temporary"] = folder
""",
        original=str(original),
        own=str(own),
    )
    outside = found["outside"]
    assert outside.pop("read") == 0
    assert set(outside.values()) <= {errno.EACCES, errno.EPERM, errno.EXDEV}, outside
    assert found["inside"] == [0, 0, 0, 0]
    assert Path(found["temporary"]).parent.parent == own
    assert original.read_bytes() == b"a person's only film"
    after = original.stat()
    assert (after.st_mode, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_mode,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )
    assert "network walled in, writing walled in" in (tmp_path / "worker.log").read_text()


def test_promise_12_a_worker_writes_into_memory_that_it_was_given(taken_over: TakenOver) -> None:
    memory = make_memory(1000)
    try:
        code = "from media_assistant.jobs.shared import attach_memory\nm = attach_memory(name)\nm.buf[:3] = b'ran'; m.close()"
        taken_over(code, name=memory.name)
        assert memory.buf is not None
        assert bytes(memory.buf[:3]) == b"ran"
    finally:
        unlink_memory(memory)
        memory.close()


def test_promise_12_a_worker_has_limits_that_the_system_keeps(taken_over: TakenOver, own: Path) -> None:
    found = taken_over(
        """
import resource
for name in ("DATA", "NOFILE", "FSIZE", "CORE", "CPU"):
    found[name] = resource.getrlimit(getattr(resource, "RLIMIT_" + name))[0]
def open_many():
    kept = [open("/dev/null") for _ in range(5000)]
found["many"] = tried(open_many)
found["large"] = tried(lambda: os.truncate(os.open(own + "/large", os.O_CREAT | os.O_RDWR), 2 << 30))
try:
    bytearray(40 << 30)
except MemoryError:
    found["memory"] = "refused"
""",
        Limits(time_s=100),
        own=str(own),
    )
    assert (found["many"], found["large"], found["memory"]) == (errno.EMFILE, errno.EFBIG, "refused")
    assert found["NOFILE"] <= 1024
    assert found["FSIZE"] <= 1 << 30
    assert found["CORE"] == 0
    assert 0 < found["DATA"] <= (2 * 4096 + 2048) << 20
    assert 100 < found["CPU"] <= 100 * len(os.sched_getaffinity(0)) + 120


def test_promise_12_one_that_works_on_when_nobody_watches_is_ended_by_the_system(taken_over: TakenOver) -> None:
    with pytest.raises(WorkerDied) as died:
        taken_over("limits._ROOM_TO_END_S = 1\nlimits.limit_work(0)\nwhile True: pass")
    assert died.value.exit_status == -signal.SIGXCPU
    assert taken_over("found['alive'] = True")["alive"], "the next request has a new one"


def test_promise_12_each_request_has_its_own_time(taken_over: TakenOver) -> None:
    code = "import resource; found['most'] = resource.getrlimit(resource.RLIMIT_CPU)[0]"
    short, long = taken_over(code, Limits(time_s=10))["most"], taken_over(code, Limits(time_s=1000))["most"]
    assert long - short >= 900
    assert taken_over(code, Limits(time_s=float("inf")))["most"] == -1


def test_promise_12_where_the_kernel_has_no_walls_the_worker_works_and_says_so(tmp_path: Path) -> None:
    """A kernel without them is made by a filter that refuses what walls are built with."""
    need(look().network)
    code = (
        "import ctypes, struct, sys\n"
        "from media_assistant.jobs import confinement as c\n"
        "machine = c._machine()._replace(foreign=0)\n"
        "program = c._filter(machine, (444, 445, 446, machine.seccomp), c._ALLOW)\n"
        "steps = ctypes.create_string_buffer(program, len(program))\n"
        "whole = ctypes.create_string_buffer(struct.pack('@HP', len(program) // 8, ctypes.addressof(steps)))\n"
        "assert c._renounce() == ''\n"
        "assert c._call(machine.seccomp, 1, 0, ctypes.addressof(whole)) == 0\n"
    ) + TAKEN_OVER
    log = tmp_path / "worker.log"
    worker = WorkerProcess(log, folders=[tmp_path / "own"], command=[sys.executable, "-c", code])
    try:
        request = {"do": "hardware", "code": "found['works'] = True", "given": {}}
        answer, *_ = (header for header, _ in worker.request([(request, b"")], Limits(time_s=60)))
        assert answer["works"]
    finally:
        worker.close()
    said = os.strerror(errno.EPERM)
    assert f"network open: {said}, writing open: {said}" in log.read_text()


def test_promise_12_the_report_says_what_holds(home: Path) -> None:
    from media_assistant.paths import find_paths
    from media_assistant.workflows.reporting import make_report

    report = make_report(find_paths(), with_names=False)
    walls = look()
    if not walls.network and not walls.files:
        assert "workers: network refused by the system, writing elsewhere refused by the system" in report
    else:
        assert "not refused (" in report


def test_promise_12_the_worker_that_plays_films_lives_behind_the_same_walls(samples: Path, tmp_path: Path) -> None:
    need(look().network)
    streams, heard = Streams(tmp_path), queue.SimpleQueue[object]()
    try:
        streams.open(
            samples / "journey.mp4",
            lambda header, _data: heard.put(header),
            heard.put,
            size=(640, 360),
            box=(320, 180),
        )
        heard.get(timeout=60)
        pid = streams._worker.pid
        assert pid is not None
        assert filters(pid) == filters() + 1
        limits = {
            line[:25].strip(): line[26:].split()[0] for line in Path(f"/proc/{pid}/limits").read_text().splitlines()
        }
        assert int(limits["Max data size"]) <= (2 * 4096 + 2048) << 20
        assert (limits["Max core file size"], limits["Max open files"]) == ("0", "1024")
        assert limits["Max cpu time"] == "unlimited", "a film may be watched as long as somebody likes"
    finally:
        streams.close()
    assert "network walled in, writing walled in" in (tmp_path / "player.log").read_text()


def test_what_a_killed_worker_left_in_its_scratch_goes_after_a_day(taken_over: TakenOver, own: Path) -> None:
    old, new = own / "tmp" / "old", own / "tmp" / "new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "weights").write_bytes(b"x")
    os.utime(old, (1, 1))
    taken_over("found['started'] = True")
    assert not old.exists()
    assert new.exists()
