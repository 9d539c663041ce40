"""Whether a library or a folder lies on a network drive: SQLite needs other rules there, and no news of changes come.

SQLite's write-ahead log needs one computer, and a server that keeps its promises about locks. The claim on the library
(`jobs.claim`) holds off every other program of this computer, and of other ones where the server passes locks on.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

_NETWORK = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "davfs", "ncpfs", "afs", "coda", "9p"),
    *("ceph", "glusterfs", "lustre", "beegfs", "gpfs", "ocfs2", "gfs2"),
    *("fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.s3fs", "fuse.gvfsd-fuse", "fuse.glusterfs", "fuse.smbnetfs"),
}
_REMOTE_DRIVE = 4  # GetDriveType: DRIVE_REMOTE
_ESCAPED = re.compile(rb"\\([0-7]{3})")


def is_on_network(file: Path, mounts: bytes | None = None) -> bool:
    """Whether this file is another computer's, as far as the system tells. Asks no server.

    `mounts` stands for what Linux says in /proc/self/mountinfo.
    """
    if sys.platform == "win32":
        import ctypes

        drive = os.path.splitdrive(os.path.abspath(file))[0]
        return drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(drive + "\\") == _REMOTE_DRIVE
    if mounts is None and sys.platform == "linux":
        try:
            mounts = Path("/proc/self/mountinfo").read_bytes()
        except OSError:
            return False
    whole = os.fsencode(os.path.abspath(file))
    kinds = _kinds_on_linux(mounts) if mounts is not None else _kinds_elsewhere()
    holding = [(len(where), at) for at, (where, _) in enumerate(kinds) if _is_below(whole, where)]
    # The longest is the nearest; of two on one place the later hides the other.
    return bool(holding) and kinds[max(holding)[1]][1] in _NETWORK


def _kinds_on_linux(mounts: bytes) -> list[tuple[bytes, str]]:
    """(place, kind of file system). A line: id, parent, device, root, place, options, optional fields, "-", kind, …"""
    found: list[tuple[bytes, str]] = []
    for line in mounts.splitlines():
        head, _, tail = line.partition(b" - ")
        words = head.split(b" ")
        if len(words) > 4 and tail:
            place = _ESCAPED.sub(lambda code: bytes([int(code[1], 8) & 0xFF]), words[4])
            found.append((place, tail.split(b" ", 1)[0].decode("ascii", "replace")))
    return found


def _kinds_elsewhere() -> list[tuple[bytes, str]]:
    import psutil

    return [(os.fsencode(each.mountpoint), each.fstype) for each in psutil.disk_partitions(all=True)]


def _is_below(file: bytes, place: bytes) -> bool:
    return file == place or file.startswith(place.rstrip(b"/") + b"/")
