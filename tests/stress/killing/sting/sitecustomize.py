"""Loaded by Python itself at the start of every process of a victim: counts what it does, and kills it at one point.

MEDIA_ASSISTANT_STING is a JSON object: `role` (`main` or `worker`: which process), `counts` (a folder in which each kind
of point has a file with a byte per point), `kind`, `at` (at which point of that kind; 0: never) and `tells` (a file
descriptor: the driver is told instead, kills from outside, and the victim runs on until that happens).

Points of the main process: `commit` (just before one), `statement` (just before one that writes) and `file` (just before
a call that changes what is on the disk). Points of a worker: `message` (before, in the middle of and after an answer).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

_CHANGES = {
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.utime",
    "shutil.rmtree",
    "shutil.copyfile",
    "sqlite3.connect",
    "subprocess.Popen",
}
_READS = ("SELECT", "EXPLAIN", "BEGIN", "--", "PRAGMA QUERY_ONLY", "PRAGMA CACHE_SIZE", "PRAGMA MMAP_SIZE")


class Sting:
    """Counts points, and strikes once, whichever process of the role comes to it first."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told
        self._files: dict[str, int] = {}
        # Opened now: a worker may have given up the right to open it later.
        self._once = os.open(os.path.join(told["counts"], "struck"), os.O_CREAT | os.O_RDWR | os.O_APPEND)
        for kind in ("commit", "statement", "file", "message"):
            self._files[kind] = os.open(os.path.join(told["counts"], kind), os.O_CREAT | os.O_RDWR | os.O_APPEND)

    def point(self, kind: str) -> None:
        """It is reached."""
        os.write(self._files[kind], b".")
        if kind == self._told["kind"] and os.fstat(self._files[kind]).st_size == self._told["at"]:
            self.strike()

    def strike(self) -> None:
        """Once."""
        if os.fstat(self._once).st_size:
            return
        os.write(self._once, b"!")
        if self._told["tells"]:
            os.write(self._told["tells"], b"!")
        else:
            os.kill(os.getpid(), signal.SIGKILL)


def watch_main(sting: Sting) -> None:
    """Statements by SQLite's own trace, file calls by Python's audit events."""

    def traced() -> Callable[[str], None]:
        has_written = False

        def trace(statement: str) -> None:
            nonlocal has_written
            words = statement[:40].lstrip().upper()
            if words.startswith("BEGIN"):
                has_written = "IMMEDIATE" in words
            elif words.startswith("COMMIT"):
                if has_written:
                    sting.point("commit")
                has_written = False
            elif not words.startswith(_READS):
                has_written = True
                sting.point("statement")

        return trace

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" and event not in _CHANGES:
            return
        if isinstance(arguments[0], int):  # it is open already
            return
        path = str(arguments[0])
        if path == os.devnull or (sys.pycache_prefix and path.startswith(sys.pycache_prefix)):
            return
        if event == "open":
            _, mode, flags = arguments
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) if mode is None else set(mode) & set("wax+")
            if not writes:
                return
        sting.point("file")

    import sqlite3

    real = sqlite3.connect

    def connect(*arguments: Any, **named: Any) -> sqlite3.Connection:
        connection = real(*arguments, **named)
        connection.set_trace_callback(traced())
        return connection

    sqlite3.connect = connect  # type: ignore[assignment]
    sys.addaudithook(watch)


def watch_worker(sting: Sting) -> None:
    """Every message that a worker sends has three points: nothing of it is sent, a part, all."""
    from media_assistant.jobs import messages

    class Half:
        """A stream that stops in the middle of what is written to it."""

        def __init__(self, stream: Any) -> None:
            self._stream = stream

        def write(self, data: bytes) -> None:
            sting.point("message")
            self._stream.write(data[: len(data) // 2])
            self._stream.flush()
            sting.point("message")
            self._stream.write(data[len(data) // 2 :])

        def flush(self) -> None:
            self._stream.flush()
            sting.point("message")

    write = messages.write_message

    def write_message(stream: Any, header: dict[str, Any], data: bytes = b"") -> None:
        if header.get("is") == "beat":  # how many of them there are is chance
            write(stream, header, data)
        else:
            write(Half(stream), header, data)  # type: ignore[arg-type]

    messages.write_message = write_message


def set_sting() -> None:
    """In the processes that are meant."""
    told = os.environ.get("MEDIA_ASSISTANT_STING")
    if not told:
        return
    role = "worker" if "media_assistant.worker" in sys.orig_argv else "main"
    sting = json.loads(told)
    if sting["role"] == role:
        (watch_worker if role == "worker" else watch_main)(Sting(sting))


set_sting()
