"""One supervised worker: a process that reads hostile files and runs networks, so that the window's own never does.

The supervisor writes requests to its standard input and reads answers from its standard output (`messages.py`); what
the worker prints as a person would goes to a log file. A worker ends when its standard input closes, so it never
outlives the program. It is killed when it takes too much memory, too long, or gives no sign of life; a killed one is
simply started again by the next request.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from media_assistant.errors import MediaAssistantError
from media_assistant.jobs.limits import memory_mb, worked_s
from media_assistant.jobs.messages import read_message, write_message

log = logging.getLogger(__name__)

Message = tuple[dict[str, Any], bytes]

_TICK_S = 0.25
_MOST_WAITING = 256
_LOG_BYTES = 2_000_000
_LEFT_FOR_S = 24 * 3600
_LEAST_WORK = 0.05
"""Of a core's time: a worker that only says that it lives takes a thousandth."""
_SLEPT_S = 3.0
"""Waiting a quarter of a second took longer than this: this process was stopped, or the computer slept."""


ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "NUMPY_MADVISE_HUGEPAGE": "1",
}
"""Of every worker. ONNX Runtime (from 1.29) tells its makers of every network it runs unless it is told not to, and that
before anything is loaded. Threads of NumPy and OpenMP that wait for their next work by spinning take the cores from the network
that looks at the picture after them: reading a picture then takes half as long again. Large pages, which the window does
without, are right for the frames of films.
"""


OF_THE_SESSION = (
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "GPG_AGENT_INFO",
    "PULSE_SERVER",
    "SSH_AUTH_SOCK",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
)
"""Of no worker: where the local sockets of the person's session are, which the kernel's walls leave open."""


class WorkerDied(MediaAssistantError):
    """The worker ended in the middle of a request. `code` names why: `crashed`, `memory`, `time`, `silent`, `stopped`."""

    def __init__(self, code: str, *, exit_status: int | None = None) -> None:
        self.code = code
        self.exit_status = exit_status
        super().__init__(f"{code} (exit status {exit_status})")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take."""

    memory_mb: int = 4096
    time_s: float = 3600.0
    silence_s: float = 300.0
    """Without a pulse: the longest that one step of work may take, such as loading a large network."""
    stuck_s: float = 0.0
    """Without a pulse where the cores work all the while, such as for a large network on a slow computer; no less than
    `silence_s`.
    """
    goodbye_s: float = 5.0
    """How long a worker that was asked to stop may take before it is killed."""


def worker_command() -> list[str]:
    """How this program starts a worker of its own: frozen, or by its interpreter."""
    if getattr(sys, "frozen", False):
        # On Windows a program with a window is born without pipes: its twin with a console does the work.
        twin = Path(sys.executable).with_name("media-assistant.exe")
        program = str(twin) if sys.platform == "win32" and twin.is_file() else sys.executable
        return [program, "--worker"]
    # -P: nothing is imported from the folder in which the program was started, which may be one of downloads.
    return [sys.executable, "-P", "-X", "faulthandler", "-m", "media_assistant.worker"]


def _end(process: subprocess.Popen[bytes]) -> None:
    """With whatever a library of it started: a worker begins a session of its own."""
    if sys.platform == "win32":
        process.kill()
    elif process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


class WorkerProcess:
    """Starts when first asked. `request` is called by one thread at a time; `stop_request` and `kill` by any."""

    def __init__(
        self,
        log_file: Path,
        *,
        folders: Sequence[Path] = (),
        command: Sequence[str] | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        """`folders` are all where it may write; in the first it keeps what it does not need for long."""
        self._log_file = log_file
        self._folders = tuple(folders)
        self._command = list(command or worker_command())
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._write_lock = threading.Lock()
        self._should_stop = threading.Event()
        self._number = 0
        self._allowed_mb = 0
        self._rest = 0.0
        self.reached_ms = 0
        """How far into the media the running request is."""
        self.device = ""
        """What its networks run on; empty until one did."""
        self.setbacks: list[dict[str, Any]] = []
        """Sentences as plain values: why a network of the running request runs on less than it could."""

    @property
    def pid(self) -> int | None:
        """The process, if one runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def request(
        self, messages: Sequence[tuple[dict[str, Any], bytes]], limits: Limits, *, is_closing: Callable[[], bool] = bool
    ) -> Generator[Message]:
        """Send the messages (the last one is the request proper) and yield the answers up to and with its `end`.

        Beats are watched here and not yielded. Raises WorkerDied when the worker ended or had to be ended first.
        """
        self._should_stop.clear()
        self._number += 1
        self.reached_ms, self.device, self.setbacks = 0, "", []
        try:
            self._start(limits.memory_mb)
            for header, data in messages:
                self._send({**header, "number": self._number, "time_s": limits.time_s}, data)
        except OSError as error:
            self.kill()
            raise WorkerDied("crashed", exit_status=self._exit_status()) from error
        try:
            yield from self._watch(limits, is_closing)
        except GeneratorExit:
            # Nobody wants the rest.
            with contextlib.suppress(OSError):
                self._send({"do": "stop", "number": self._number}, b"")
            raise

    def rest(self, rest: float) -> None:
        """From now on, do nothing for `rest` seconds after each second of work: 0 is full speed, 1 is half."""
        if rest == self._rest:
            return
        self._rest = rest
        with contextlib.suppress(OSError):
            self._send({"do": "rest", "rest": rest}, b"")

    def stop_request(self) -> None:
        """Ask the running request to end early; it is killed if it does not. No-op when none runs."""
        self._should_stop.set()

    def steer(self, header: dict[str, Any]) -> None:
        """Tell the running request something; passed over when none runs any more."""
        with contextlib.suppress(OSError):
            self._send({**header, "do": "steer", "number": self._number}, b"")

    def kill(self) -> None:
        """End the process now."""
        process = self._process
        if process is not None:
            with contextlib.suppress(OSError):
                _end(process)
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()

    def close(self, *, patience_s: float = 2.0) -> None:
        """Let it go: it ends by itself when its input closes, and is killed if it does not."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
        self.kill()
        self._process = None

    def _watch(self, limits: Limits, is_closing: Callable[[], bool]) -> Iterator[Message]:
        started = last_pulse = time.monotonic()
        pulse = -1
        asked_at = 0.0
        next_look = started
        seen_at = started
        worked_at, worked = started, worked_s(self.pid or 0)
        while True:
            try:
                answer = self._answers.get(timeout=_TICK_S)
            except queue.Empty:
                answer = ({"is": "nothing"}, b"")
            now = time.monotonic()
            if (slept_s := now - seen_at) > _SLEPT_S:
                # Nobody worked meanwhile: not the worker either, or its answers waited here.
                started, last_pulse, worked_at = (at + slept_s for at in (started, last_pulse, worked_at))
                asked_at = asked_at and asked_at + slept_s
            if answer is None:
                self.kill()
                raise WorkerDied("crashed", exit_status=self._exit_status())
            header, _ = answer
            if header.get("number", self._number) == self._number:
                match header["is"]:
                    case "nothing":
                        pass
                    case "beat":
                        if header["pulse"] != pulse:
                            pulse, last_pulse = header["pulse"], now
                        self.reached_ms = header.get("at_ms", 0)
                        self.device = header.get("device", "") or self.device
                        self.setbacks = header.get("setbacks") or self.setbacks
                    case "end":
                        yield answer
                        return
                    case _:
                        yield answer
                        last_pulse = time.monotonic()
                        started += last_pulse - now  # storing it took none of the worker's time
                        now = last_pulse
            if not asked_at and (self._should_stop.is_set() or is_closing()):
                asked_at = now
                with contextlib.suppress(OSError):
                    self._send({"do": "stop", "number": self._number}, b"")
            if asked_at and now - asked_at > limits.goodbye_s:
                self._end("stopped")
            seen_at = now
            if now >= next_look:
                next_look = now + _TICK_S
                if limits.stuck_s and (spent := worked_s(self.pid or 0)) - worked > _LEAST_WORK * limits.silence_s:
                    worked_at, worked = now, spent
                self._enforce(limits, now - started, now - last_pulse, now - max(last_pulse, worked_at))

    def _enforce(self, limits: Limits, took_s: float, silent_s: float, idle_s: float) -> None:
        pid = self.pid
        if pid is not None and memory_mb(pid) > limits.memory_mb:
            self._end("memory")
        if took_s > limits.time_s:
            self._end("time")
        if idle_s > limits.silence_s or silent_s > max(limits.silence_s, limits.stuck_s):
            self._end("silent")

    def _end(self, code: str) -> None:
        log.warning("worker %s ended: %s", self.pid, code)
        self.kill()
        raise WorkerDied(code, exit_status=self._exit_status())

    def _exit_status(self) -> int | None:
        return self._process.returncode if self._process is not None else None

    def _send(self, header: dict[str, Any], data: bytes) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise BrokenPipeError("the worker is gone")
        with self._write_lock:
            try:
                write_message(process.stdin, header, data)
            except ValueError as error:
                if process.stdin.closed:
                    raise BrokenPipeError("the worker is gone") from error
                raise

    def _start(self, memory_mb: int = Limits().memory_mb) -> None:
        if self.pid is not None:
            if memory_mb <= self._allowed_mb:
                return
            self.close()  # it was started under a limit that the system does not let it out of
        self._allowed_mb = memory_mb
        if self._process is not None:
            self.kill()
        with contextlib.suppress(OSError):
            self._log_file.parent.mkdir(parents=True, exist_ok=True)
            if self._log_file.stat().st_size > _LOG_BYTES:
                os.replace(self._log_file, self._log_file.with_suffix(".old.log"))
        # The package is found from wherever the program was started, also out of a source tree.
        root = str(Path(__file__).resolve().parents[2])
        search = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
        own = {**ENVIRONMENT, **self._own_places(), "MEDIA_ASSISTANT_WORKER_MEMORY_MB": str(memory_mb)}
        inherited = {name: value for name, value in os.environ.items() if name not in OF_THE_SESSION}
        environment = {**inherited, "PYTHONPATH": search, **own, **self._environment}
        hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows: no console flashes up
        with self._open_log() as said:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env=environment,
                creationflags=hidden,
                # Ctrl+C is the program's to handle: the worker is then asked to stop, and ends with its input anyway.
                start_new_session=sys.platform != "win32",
            )
        self._process = process
        if self._rest:
            self._send({"do": "rest", "rest": self._rest}, b"")
        self._answers = queue.SimpleQueue()
        threading.Thread(
            target=self._read, args=(process, self._answers), name=f"worker-{process.pid}", daemon=True
        ).start()

    def _own_places(self) -> dict[str, str]:
        """Where it may write, and where libraries write that ask the environment. What cannot be made, it does without."""
        environment = {"MEDIA_ASSISTANT_WORKER_FOLDERS": json.dumps([str(folder) for folder in self._folders])}
        for folder in self._folders:
            with contextlib.suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
        if self._folders and sys.platform != "win32":
            scratch = self._folders[0] / "tmp"
            with contextlib.suppress(OSError):
                scratch.mkdir(exist_ok=True)
                environment["TMPDIR"] = str(scratch)
                for left in scratch.iterdir():  # by a worker that was killed; what may be in use is younger
                    if left.stat().st_mtime < time.time() - _LEFT_FOR_S:
                        shutil.rmtree(left, ignore_errors=True)
            environment["CUDA_CACHE_PATH"] = str(self._folders[0] / "cuda")
        return environment

    def _open_log(self) -> BinaryIO:
        """Where a log cannot be written the work goes on without one."""
        try:
            return self._log_file.open("ab")
        except OSError:
            return open(os.devnull, "ab")

    @staticmethod
    def _read(process: subprocess.Popen[bytes], answers: queue.SimpleQueue[Message | None]) -> None:
        """Runs on the reader's thread until the worker's output ends. A full queue holds the worker back."""
        assert process.stdout is not None
        try:
            while (message := read_message(process.stdout)) is not None:
                answers.put(message)
                while answers.qsize() > _MOST_WAITING and process.poll() is None:
                    time.sleep(0.005)
        except (ValueError, OSError) as error:
            log.warning("worker %s: %s", process.pid, error)
        finally:
            answers.put(None)
