"""The tests live without a network: the kernel refuses every socket that is not local, native code's too (promise 13).

What downloads needs a server on this very machine. Those tests are marked `download` and are a run of their own
(`-m download`), on a computer that has no network but itself where the system lets us make one.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import socket
import struct
import sys
from pathlib import Path

import pytest

from media_assistant.jobs.confinement import REFUSED, TRAPPED, close_network

DOWNLOAD = "download"
TRAP = "MEDIA_ASSISTANT_TEST_TRAP"
"""Set in the environment: whoever as much as asks for a socket is ended by SIGSYS, its stacks printed."""

UNWALLED_IN = "unwalled"
"""Of what pytest-xdist hands to each process that it starts: what `leave_the_network` said of the one that starts them."""

_NEW_USER, _NEW_NETWORK = 0x1000_0000, 0x4000_0000
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1


def downloads_are_wanted(config: pytest.Config) -> bool:
    """Whether this is the run of the download tests."""
    words = str(config.option.markexpr).replace(f"not {DOWNLOAD}", "").split()
    return DOWNLOAD in words


def open_native_socket(family: int) -> int:
    """As native code opens one, past Python: 0, or the number of the fault."""
    libc = ctypes.CDLL(None, use_errno=True)
    opened = libc.socket(family, socket.SOCK_STREAM, 0)
    if opened < 0:
        return ctypes.get_errno()
    os.close(opened)
    return 0


def leave_the_network(config: pytest.Config) -> str:
    """Wall this process in, and all that it starts. Returns why the kernel does not see to it, or ""."""
    if hasattr(config, "workerinput"):
        return str(config.workerinput[UNWALLED_IN])  # started by one that is walled in already, or could not be
    if downloads_are_wanted(config):
        return _keep_this_machine_alone()
    if is_trapped():
        faulthandler.register(signal.SIGSYS, all_threads=True, chain=True)
    return close_network(answer=TRAPPED if is_trapped() else REFUSED)


def is_trapped() -> bool:
    """Whether asking for a socket is the end."""
    return TRAP in os.environ


def _keep_this_machine_alone() -> str:
    """A network of its own for this process, in which there is nothing but itself."""
    if sys.platform != "linux":
        return f"not on {sys.platform}"
    import fcntl

    libc = ctypes.CDLL(None, use_errno=True)
    who = f"{os.getuid()} {os.getuid()} 1", f"{os.getgid()} {os.getgid()} 1"
    if libc.unshare(_NEW_NETWORK):
        if libc.unshare(_NEW_NETWORK | _NEW_USER):
            return os.strerror(ctypes.get_errno())
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(who[0])
        Path("/proc/self/gid_map").write_text(who[1])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        fcntl.ioctl(door, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))
    return ""
