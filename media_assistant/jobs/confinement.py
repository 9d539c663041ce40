"""Walls that the kernel of Linux puts around a process, so that what a hostile file makes of a worker reaches nothing.

A filter of system calls (seccomp) refuses every socket but the local kind; Landlock refuses to write, make, move or
delete anything but in a few named places. Both need no rights, cannot be taken away again, and hold for whatever the
process starts. Where a kernel or a machine has neither, the process lives without and says so. Reading stays allowed:
a person's media lie anywhere.

Sources: Documentation/userspace-api/seccomp_filter.rst and landlock.rst of the kernel.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import struct
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_GET_ACTION_AVAIL = 2
_ALL_THREADS, _NO_SLOWER_CPU = 1, 4  # SECCOMP_FILTER_FLAG_TSYNC, …_SPEC_ALLOW
_ALLOW, _ERRNO = 0x7FFF_0000, 0x0005_0000

REFUSED = _ERRNO | errno.EACCES
"""The call fails with "permission denied"."""
TRAPPED = 0x0003_0000
"""The caller gets SIGSYS, which ends it unless it is handled: an attempt cannot be overlooked."""

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF: words of 32 bits, jumps by a constant
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data, little-endian


class _Machine(NamedTuple):
    """A processor's numbers for the system calls that matter here."""

    audit: int
    seccomp: int
    socket: int
    metadata: tuple[int, ...]
    """chmod, chown, utime, setxattr and their kin, which Landlock does not know, and truncate, which it once did not."""
    foreign: int
    """From this number on, calls are those of another way to call; 0 where there is none."""


_IO_URING_SETUP = 425  # opens sockets past the filter
_NEWER_METADATA = (452, 463, 466, 469)  # fchmodat2, setxattrat, removexattrat, file_setattr
_MACHINES = {
    "x86_64": _Machine(
        0xC000_003E,
        317,
        41,
        (76, 90, 91, 92, 93, 94, 132, 188, 189, 190, 197, 198, 199, 235, 260, 261, 268, 280, *_NEWER_METADATA),
        0x4000_0000,
    ),
    "aarch64": _Machine(0xC000_00B7, 277, 198, (5, 6, 7, 14, 15, 16, 45, 52, 53, 54, 55, 88, *_NEWER_METADATA), 0),
}
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446

# Rights of Landlock: LANDLOCK_ACCESS_FS_…
_WRITE_FILE = 1 << 1
_REMOVE_DIR, _REMOVE_FILE = 1 << 4, 1 << 5
_MAKE_DIR, _MAKE_REG = 1 << 7, 1 << 8
_MAKE_ODD = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12  # devices, sockets, pipes, links
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_IN_OWN_FOLDER = _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
_IN_SHARED_MEMORY = _WRITE_FILE | _REMOVE_FILE | _MAKE_REG | _TRUNCATE
_SIGNALS_AND_ABSTRACT_SOCKETS = 3  # LANDLOCK_SCOPE_…

_DEVICES = ("null", "nvidia", "dri", "kfd", "dxg")
"""How names begin of what is written to in /dev: nothing, and graphics cards, with their folders."""


@dataclass(frozen=True, slots=True)
class Walls:
    """What holds; each is empty if the kernel sees to it, or says why it does not."""

    network: str
    files: str


def confine(folders: Iterable[Path]) -> Walls:
    """From now on this process opens no socket but local ones and writes nowhere but in `folders` (which are there),
    in shared memory and to graphics cards. Call it before a second thread starts. Takes well under a millisecond.
    """
    return Walls(close_network(keeps_metadata=True), close_files(folders))


def refuse_network() -> None:
    """On every system, and for what is written in Python alone: nothing that this process does leaves the computer."""
    internet = {2, 10, 23, 30}  # AF_INET, and AF_INET6 on Linux, Windows and macOS

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.__new__" and int(arguments[1]) in internet:
            raise PermissionError("a worker opens no network connection")

    sys.addaudithook(watch)


def look() -> Walls:
    """What `confine` would bring about here. Changes nothing."""
    machine = _machine()
    if machine is None:
        return Walls(_nowhere(), _nowhere())
    wanted = ctypes.c_uint32(_ERRNO)
    filters = _call(machine.seccomp, _SECCOMP_GET_ACTION_AVAIL, 0, ctypes.addressof(wanted))
    version = _landlock_version()
    return Walls(os.strerror(-filters) if filters < 0 else "", os.strerror(-version) if version < 0 else "")


def close_network(*, keeps_metadata: bool = False, answer: int = REFUSED) -> str:
    """Let the kernel give `answer` to whoever in this process, in any language, opens a socket that is not local.

    With `keeps_metadata` also the rights, owners and times of files can no longer be changed. Returns why not, or "".
    """
    machine = _machine()
    if machine is None:
        return _nowhere()
    program = _filter(machine, machine.metadata if keeps_metadata else (), answer)
    steps = ctypes.create_string_buffer(program, len(program))
    whole = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(steps)))
    if failed := _renounce():
        return failed
    for flags in (_ALL_THREADS | _NO_SLOWER_CPU, _ALL_THREADS):
        done = _call(machine.seccomp, _SECCOMP_SET_MODE_FILTER, flags, ctypes.addressof(whole))
        if done == 0:
            return ""
    return os.strerror(-done) if done < 0 else "another thread has a filter of its own"


def close_files(folders: Iterable[Path]) -> str:
    """Let this thread and all that it starts write nowhere but in `folders`, shared memory and graphics cards. Returns
    why not, or "".
    """
    if _machine() is None:
        return _nowhere()
    version = _landlock_version()
    if version < 0:
        return os.strerror(-version)
    _complete_graphics_card()
    handled = _IN_OWN_FOLDER | _MAKE_ODD
    if version < 3:
        handled &= ~_TRUNCATE
    if version < 2:
        handled &= ~_REFER
    # struct landlock_ruleset_attr: files, network, scope. A newer kernel takes a shorter one.
    sizes = ((6, 24), (4, 16), (0, 8))
    size = next(size for least, size in sizes if version >= least)
    rules = ctypes.create_string_buffer(struct.pack("=QQQ", handled, 0, _SIGNALS_AND_ABSTRACT_SOCKETS)[:size], size)
    ruleset = _call(_LANDLOCK_CREATE, ctypes.addressof(rules), size, 0)
    if ruleset < 0:
        return os.strerror(-ruleset)
    try:
        for folder in folders:
            _allow(ruleset, folder, _IN_OWN_FOLDER & handled)
        _allow(ruleset, Path("/dev/shm"), _IN_SHARED_MEMORY & handled)  # noqa: S108 - where shared memory lives
        # NVIDIA's driver writes the names of its threads as files anew, and gives up where it may not.
        _allow(ruleset, Path("/proc/self/task"), (_WRITE_FILE | _TRUNCATE) & handled)
        for name in os.listdir("/dev"):
            if name.startswith(_DEVICES):
                _allow(ruleset, Path("/dev", name), _WRITE_FILE)
        if failed := _renounce():
            return failed
        done = _call(_LANDLOCK_RESTRICT, ruleset, 0, 0)
        return os.strerror(-done) if done < 0 else ""
    finally:
        os.close(ruleset)


def _filter(machine: _Machine, forbidden: tuple[int, ...], answer: int) -> bytes:
    """The program that the kernel runs at each call: struct sock_filter, eight bytes a step.

    The kernel remembers which calls are allowed whatever their arguments are, so only `socket` costs anything.
    """
    never = _ERRNO | errno.EPERM
    steps: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, never),
        (_LOAD, 0, 0, _NUMBER),
    ]
    for number in (_IO_URING_SETUP, *forbidden):
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, never)]
    if machine.foreign:
        steps += [(_AT_LEAST, 0, 1, machine.foreign), (_RETURN, 0, 0, never)]
    steps += [
        (_EQUAL, 1, 0, machine.socket),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 0, 1, 1),  # AF_UNIX
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, answer),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _allow(ruleset: int, place: Path, rights: int) -> None:
    """A place that is not there needs no rule."""
    try:
        handle = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, handle))
        _call(_LANDLOCK_ADD, ruleset, 1, ctypes.addressof(rule), 0)
    finally:
        os.close(handle)


def _complete_graphics_card() -> None:
    """NVIDIA's driver makes one of its files when it is first used, by a program with rights that nobody gains in here."""
    if os.path.exists("/dev/nvidiactl") and not os.path.exists("/dev/nvidia-uvm"):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(
                ["nvidia-modprobe", "-u", "-c=0"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=10,
            )


def _landlock_version() -> int:
    """Of the kernel's Landlock, from 1; the negative number of the fault where there is none."""
    return _call(_LANDLOCK_CREATE, 0, 0, 1)


def _renounce() -> str:
    """Without rights that a program could gain, the kernel lets anybody wall himself in."""
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.prctl(_PR_SET_NO_NEW_PRIVS, *(ctypes.c_ulong(each) for each in (1, 0, 0, 0)))
    return os.strerror(ctypes.get_errno()) if done else ""


def _call(number: int, *arguments: int) -> int:
    """A system call by its number; what it returns, or its fault as a negative number."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    found = int(libc.syscall(ctypes.c_long(number), *(ctypes.c_ulong(each) for each in arguments)))
    return -ctypes.get_errno() if found == -1 else found


def _machine() -> _Machine | None:
    if sys.platform != "linux" or sys.byteorder != "little" or struct.calcsize("P") != 8:
        return None
    return _MACHINES.get(os.uname().machine)


def _nowhere() -> str:
    return f"not on {sys.platform}" + (f" {os.uname().machine}" if sys.platform == "linux" else "")
