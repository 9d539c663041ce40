"""A supervised process: it answers, and whatever it does wrong ends it, never us. Real processes, really killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from media_assistant.jobs import worker_process
from media_assistant.jobs.worker_process import Limits, WorkerDied, WorkerProcess
from tests.workflows.engine import wait_for

ROOT = Path(__file__).resolve().parents[2]

# A worker of a few lines that speaks the real protocol and misbehaves on request.
SCRIPT = """
import os, signal, sys, threading, time
from media_assistant.jobs.messages import read_message, write_message
out, lock = sys.stdout.buffer, threading.Lock()
stopped, pulse, number, told = set(), [0], [0], {}
def say(header, data=b""):
    with lock:
        write_message(out, {**header, "number": number[0]}, data)
def beat():
    while True:
        time.sleep(0.05)
        say({"is": "beat", "pulse": pulse[0], **told})
import queue
requests = queue.Queue()
def read():
    while (message := read_message(sys.stdin.buffer)) is not None:
        if message[0]["do"] == "stop":
            stopped.add(message[0]["number"])
        else:
            requests.put(message)
    os._exit(0)
threading.Thread(target=read, daemon=True).start()
threading.Thread(target=beat, daemon=True).start()
while True:
    request, data = requests.get()
    number[0] = request["number"]
    match request["do"]:
        case "echo":
            for _ in range(request["times"]):
                say({"is": "finding", "text": request["text"]}, data)
        case "tell":
            told.update(request["told"])
            while number[0] not in stopped:
                time.sleep(0.01)
            told.clear()
            say({"is": "end", "stopped": True})
            continue
        case "allowed":
            say({"is": "finding", "text": os.environ["MEDIA_ASSISTANT_WORKER_MEMORY_MB"]})
        case "start_another":
            import subprocess
            other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            say({"is": "finding", "text": str(other.pid)})
            time.sleep(600)
        case "hang":
            time.sleep(600)
        case "compute":
            until = time.monotonic() + request["for_s"]
            while time.monotonic() < until:
                pass
        case "work":
            while number[0] not in stopped:
                pulse[0] += 1
                time.sleep(0.01)
            say({"is": "end", "stopped": True})
            continue
        case "eat":
            kept = []
            while True:
                if len(kept) < 60:  # and no more, should nobody look
                    kept.append(bytearray(8_000_000))
                pulse[0] += 1
                time.sleep(0.005)
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "babble":
            out.write(b"this is no message at all, but a print of some library\\n" * 3); out.flush(); time.sleep(600)
    say({"is": "end"})
"""


@pytest.fixture
def worker(tmp_path: Path) -> WorkerProcess:
    made = WorkerProcess(tmp_path / "worker.log", command=[sys.executable, "-c", SCRIPT])
    yield made
    made.close()


def when_asked(worker: WorkerProcess, act: Callable[[WorkerProcess], object]) -> None:
    """Do this from outside in the middle of its next request, however late that comes: before, nobody would hear it."""
    before = worker._number

    def wait_and_act() -> None:
        wait_for(lambda: worker._number > before and worker.pid)
        time.sleep(0.3)
        act(worker)

    threading.Thread(target=wait_and_act, daemon=True).start()


def ask(worker: WorkerProcess, limits: Limits | None = None, **request: object) -> list[dict]:
    return [header for header, _ in worker.request([(request, b"")], limits or Limits())]


def test_answers_arrive_in_order_and_the_process_stays(worker: WorkerProcess) -> None:
    answers = ask(worker, do="echo", text="涨潮", times=3)
    assert [answer.get("text") for answer in answers] == ["涨潮"] * 3 + [None]
    first = worker.pid
    ask(worker, do="echo", text="again", times=1)
    assert worker.pid == first


def test_a_flood_is_held_back_and_complete(worker: WorkerProcess) -> None:
    seen = 0
    for header, data in worker.request([({"do": "echo", "text": "x", "times": 3000}, b"d" * 500)], Limits()):
        seen += header["is"] == "finding" and len(data) == 500
        if seen % 1000 == 1:
            time.sleep(0.05)
    assert seen == 3000


def test_a_crash_is_told_and_the_next_request_starts_another(worker: WorkerProcess) -> None:
    with pytest.raises(WorkerDied) as died:
        ask(worker, do="die")
    assert died.value.code == "crashed"
    if sys.platform != "win32":
        assert died.value.exit_status == -signal.SIGKILL
    assert ask(worker, do="echo", text="alive", times=1)[0]["text"] == "alive"


def test_killed_from_outside_in_the_middle(worker: WorkerProcess) -> None:
    def kill(worker: WorkerProcess) -> None:
        assert worker.pid is not None  # no number, or 0, would be a whole group of processes, this one among them
        os.kill(worker.pid, signal.SIGKILL)

    when_asked(worker, kill)
    with pytest.raises(WorkerDied) as died:
        ask(worker, do="work")
    assert died.value.code == "crashed"


def test_what_the_networks_run_on_and_why_is_told_by_the_beats_of_the_request(worker: WorkerProcess) -> None:
    why = {"code": "hardware.card_gave_up", "model": "m", "reason": "full"}
    told = {"device": "CPU", "setbacks": [why]}

    def is_told() -> bool:
        if worker.setbacks:
            assert (worker.device, worker.setbacks) == ("CPU", [why])
        return bool(worker.setbacks)

    (end,) = worker.request([({"do": "tell", "told": told}, b"")], Limits(time_s=30), is_closing=is_told)
    assert end[0]["stopped"]
    list(worker.request([({"do": "echo", "times": 1, "text": "a"}, b"")], Limits(time_s=30)))
    assert (worker.device, worker.setbacks) == ("", [])


def test_promise_12_silence_ends_a_worker_even_though_it_still_beats(worker: WorkerProcess) -> None:
    started = time.monotonic()
    with pytest.raises(WorkerDied) as died:
        ask(worker, Limits(silence_s=1.0), do="hang")
    assert died.value.code == "silent"
    assert time.monotonic() - started < 60
    assert worker.pid is None


def test_a_long_step_of_a_worker_that_computes_is_no_silence(
    worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "_SLEPT_S", 0.6)  # what a machine stalls for is not the worker's silence
    limits = Limits(silence_s=1.0, stuck_s=60.0)
    ask(worker, do="echo", text="its start takes as long as it takes", times=1)
    (end,) = ask(worker, limits, do="compute", for_s=2.5)
    assert end["is"] == "end"
    started = time.monotonic()
    with pytest.raises(WorkerDied) as died:
        ask(worker, limits, do="hang")
    assert died.value.code == "silent"
    assert time.monotonic() - started < 30, "one that waits is silent all the same"


def test_a_worker_that_computes_for_ever_ends(worker: WorkerProcess) -> None:
    with pytest.raises(WorkerDied) as died:
        ask(worker, Limits(silence_s=0.5, stuck_s=2.0), do="compute", for_s=600)
    assert died.value.code == "silent"


def test_promise_12_work_that_takes_too_long_ends(worker: WorkerProcess) -> None:
    with pytest.raises(WorkerDied) as died:
        ask(worker, Limits(time_s=1.0), do="work")
    assert died.value.code == "time"


def test_a_computer_that_slept_ends_no_worker(worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the clock goes on meanwhile (Windows): ten hours later nothing has hung, nothing took too long."""
    slept_s = 0.0
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + slept_s, sleep=time.sleep, time=time.time)
    monkeypatch.setattr(worker_process, "time", clock)
    limits = Limits(silence_s=30, time_s=300, goodbye_s=30)
    naps = 0
    for header, _ in worker.request([({"do": "echo", "text": "x", "times": 40}, b"")], limits):
        naps += header["is"] == "finding"
        slept_s += 36_000.0  # while the answer is stored
    assert naps == 40

    def sleep_and_stop(worker: WorkerProcess) -> None:
        nonlocal slept_s
        slept_s += 36_000.0  # while an answer is waited for
        time.sleep(0.6)
        worker.stop_request()

    when_asked(worker, sleep_and_stop)
    answers = worker.request([({"do": "work"}, b"")], limits)
    assert [header["is"] for header, _ in answers] == ["end"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_window_and_worker_that_are_stopped_for_longer_than_their_limits_go_on(tmp_path: Path) -> None:
    supervisor = (
        "import sys, threading\nfrom pathlib import Path\nfrom media_assistant.jobs import worker_process as w\n"
        "w._SLEPT_S = 0.6\n"
        "worker = w.WorkerProcess(Path(sys.argv[1]), command=[sys.executable, '-c', sys.argv[2]])\n"
        "def say():\n    sys.stdin.readline(); worker.stop_request()\n"
        "threading.Thread(target=say, daemon=True).start()\n"
        "print('begins', flush=True)\n"
        "for header, _ in worker.request([({'do': 'echo', 'text': 'x', 'times': 1}, b'')], w.Limits()): pass\n"
        "print(worker.pid, flush=True)\n"
        "for header, _ in worker.request([({'do': 'work'}, b'')], w.Limits(silence_s=1.5, time_s=600)): print(header)\n"
        "worker.close()\n"
    )
    words = [sys.executable, "-c", supervisor, str(tmp_path / "log"), SCRIPT]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None and program.stdout is not None
        assert program.stdout.readline() == "begins\n"
        both = [program.pid, int(program.stdout.readline())]
        for pid in both:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(2.5)  # longer than the silence that a worker may keep
        for pid in both:
            os.kill(pid, signal.SIGCONT)
        time.sleep(0.5)
        said, _ = program.communicate("stop\n", timeout=60)
    assert program.returncode == 0
    assert "'is': 'end', 'stopped': True" in said


def test_promise_12_memory_beyond_the_limit_ends_a_worker(worker: WorkerProcess) -> None:
    with pytest.raises(WorkerDied) as died:
        ask(worker, Limits(memory_mb=200), do="eat")
    assert died.value.code == "memory"


def test_a_request_that_may_take_more_gets_a_process_that_may(worker: WorkerProcess) -> None:
    assert ask(worker, Limits(memory_mb=4096), do="allowed")[0]["text"] == "4096"
    first = worker.pid
    assert ask(worker, Limits(memory_mb=2048), do="allowed")[0]["text"] == "4096"
    assert worker.pid == first
    assert ask(worker, Limits(memory_mb=16_000), do="allowed")[0]["text"] == "16000"
    assert worker.pid != first


def test_asked_to_stop_it_ends_the_request_and_lives(worker: WorkerProcess) -> None:
    ask(worker, do="echo", text="its start takes as long as it takes", times=1)
    when_asked(worker, WorkerProcess.stop_request)
    answers = ask(worker, Limits(goodbye_s=60), do="work")
    assert answers[-1] == {"is": "end", "stopped": True, "number": 2}
    assert worker.pid is not None


def test_one_that_does_not_listen_is_killed(worker: WorkerProcess) -> None:
    when_asked(worker, WorkerProcess.stop_request)
    with pytest.raises(WorkerDied) as died:
        ask(worker, Limits(goodbye_s=0.5), do="hang")
    assert died.value.code == "stopped"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no groups of processes")
def test_what_a_worker_started_ends_with_it(worker: WorkerProcess) -> None:
    answers = worker.request([({"do": "start_another"}, b"")], Limits())
    child = psutil.Process(int(next(answers)[0]["text"]))
    worker.kill()
    assert psutil.wait_procs([child], timeout=10)[1] == []


def test_babble_is_not_taken_for_a_message(worker: WorkerProcess) -> None:
    with pytest.raises(WorkerDied):
        ask(worker, Limits(silence_s=20), do="babble")


def test_an_abandoned_answer_does_not_leak_into_the_next(worker: WorkerProcess) -> None:
    for header, _ in worker.request([({"do": "echo", "text": "old", "times": 50}, b"")], Limits()):
        assert header["text"] == "old"
        break
    assert {answer["text"] for answer in ask(worker, do="echo", text="new", times=5)[:-1]} == {"new"}


def test_it_does_not_outlive_the_program(tmp_path: Path) -> None:
    """The program is killed with no chance to tidy up; its worker's input closes, and that is the worker's end."""
    program = (
        "import sys, time\nfrom pathlib import Path\n"
        "from media_assistant.jobs.worker_process import Limits, WorkerProcess\n"
        f"worker = WorkerProcess(Path({str(tmp_path / 'w.log')!r}))\n"
        "worker._start()\nprint(worker.pid, flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.is_running()
        parent.kill()
    child.wait(120)  # it hears of it once it is up
    assert not child.is_running()


def test_nothing_that_lies_where_the_program_was_started_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a worker has walled itself in: a folder of downloads may hold a `queue.py`."""
    downloads = tmp_path / "Downloads"
    downloads.mkdir()
    for name in ("queue", "numpy", "media_assistant"):
        (downloads / f"{name}.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w')")
    monkeypatch.chdir(downloads)
    worker = WorkerProcess(tmp_path / "worker.log")
    try:
        request = {"do": "embed", "texts": [], "models": {}}
        assert [header for header, _ in worker.request([(request, b"")], Limits())][-1]["is"] == "end"
    finally:
        worker.close()
    assert not (tmp_path / "run").exists()


def test_a_rest_is_told_to_the_one_that_runs_and_to_the_next_one(tmp_path: Path) -> None:
    from media_assistant.jobs.worker_process import worker_command

    worker = WorkerProcess(tmp_path / "worker.log", command=worker_command())
    worker.rest(1.0)
    sentences = " ".join(f"word{number}" for number in range(3))
    request = {
        "do": "embed",
        "texts": [sentences],
        "models": {
            "folders": [],
            "user_folder": "",
            "bundled": str(tmp_path),
            "chosen": {},
            "languages": [],
            "threads": 1,
        },
    }
    try:
        answers = [header for header, _ in worker.request([(request, b"")], Limits())]
        assert answers[-1]["is"] == "end"
        first = worker.pid
        worker.rest(0.0)
        assert [header for header, _ in worker.request([(request, b"")], Limits())][-1]["is"] == "end"
        assert worker.pid == first
    finally:
        worker.close()
