"""One window per person: a second start hands what it was asked to open to the running one, and ends.

The running one listens on a local socket that only the same person can reach; nothing leaves the computer. A socket that
a killed program left behind is noticed and replaced.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from media_assistant.paths import Paths

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalSocket

    from media_assistant.jobs.claim import Claim

log = logging.getLogger(__name__)

PATIENCE_MS = 3000
"""A window that does not answer in this time hangs, and a second one is better than none."""
_MOST_BYTES = 1_000_000
_TAKEN = b"taken\n"


class Wish(NamedTuple):
    """What a start was asked for: files to open, and a library if one was named."""

    paths: tuple[Path, ...] = ()
    library: Path | None = None

    def to_line(self) -> bytes:
        """One line of JSON; file names need not be valid text."""
        plain = {"paths": [str(path) for path in self.paths], "library": str(self.library) if self.library else ""}
        return json.dumps(plain).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Wish:
        """Raises ValueError for what is not one."""
        plain: Any = json.loads(line)
        if not isinstance(plain, dict) or not isinstance(plain.get("paths"), list):
            raise ValueError("not a wish")
        library = plain.get("library")
        return cls(tuple(Path(str(path)) for path in plain["paths"]), Path(str(library)) if library else None)


def door_name(paths: Paths) -> str:
    """The socket of this person's program: a pipe's name on Windows, a file elsewhere."""
    name = f"media-assistant-{zlib.crc32(os.fsencode(paths.config)):08x}"
    if sys.platform == "win32":
        return name
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    if not folder or not os.path.isdir(folder):
        import tempfile

        folder = tempfile.gettempdir()
    return os.path.join(folder, name)


def _is_own(name: str) -> bool:
    """Whether this person's socket is there: where the system gives no folder of one's own, anybody can put one of this name
    there, and would be told what is opened.
    """
    if sys.platform == "win32":
        return True
    try:
        return os.lstat(name).st_uid == os.getuid()
    except OSError:
        return False


def hand_over(paths: Paths, wish: Wish) -> bool:
    """Give the wish to the window that runs already; False when there is none. Waits for its answer."""
    name = door_name(paths)
    if not _is_own(name):
        return False
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(PATIENCE_MS):
        return False
    if sys.platform == "win32":
        # Only whoever was started last may put a window in front there, or let another one do so.
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(-1)
    socket.write(wish.to_line())
    socket.flush()
    while not socket.canReadLine():
        if not socket.waitForReadyRead(PATIENCE_MS):
            log.warning("the running window does not answer")
            return False
    return bytes(socket.readLine().data()) == _TAKEN


class Door(QObject):
    """The running window's side. Signals: `wished(Wish)` from another start."""

    wished = Signal(object)

    def __init__(self, paths: Paths) -> None:
        super().__init__()
        self._name = door_name(paths)
        self._lock = paths.config / "window.lock"
        self._server: Any = None
        self._guests: list[QLocalSocket] = []

    def open(self) -> bool:
        """Listen from now on; False when another window does already, or it cannot be done."""
        from PySide6.QtNetwork import QLocalServer  # noqa: F401 - takes longer than all else, and others may wait

        turn = self._take_turn()
        try:
            return self._open()
        finally:
            if turn is not None:
                turn.release()

    def _take_turn(self) -> Claim | None:
        """Of two that look at once each would find nobody, and take the door away from the other. None where that takes long,
        or the folder or drive allows no locks.
        """
        from media_assistant.jobs.claim import claim_file

        end = time.monotonic() + PATIENCE_MS / 1000
        while time.monotonic() < end:
            try:
                return claim_file(self._lock)
            except BlockingIOError:
                time.sleep(0.002)
            except OSError:
                break
        return None

    def _open(self) -> bool:
        from PySide6.QtNetwork import QLocalServer

        if self._is_answered():
            return False
        # Nobody is behind it: what is there was left by a program that was killed.
        QLocalServer.removeServer(self._name)
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._greet)
        if not server.listen(self._name):
            log.warning("no other start can be heard: %s", server.errorString())
            return False
        self._server = server
        return True

    def close(self) -> None:
        """Listen no more, and leave nothing behind. Doing so again changes nothing."""
        server, self._server = self._server, None
        if server is not None:
            server.newConnection.disconnect(self._greet)
            for socket in tuple(self._guests):
                self._see_off(socket)
            server.close()

    def _is_answered(self) -> bool:
        if not _is_own(self._name):
            return False
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket()
        socket.connectToServer(self._name)
        is_answered = bool(socket.waitForConnected(200))
        socket.abort()
        return is_answered

    def _greet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._guests.append(socket)
            # No lambda that holds the socket: it would be let go in the middle of the socket's own end.
            socket.readyRead.connect(self._hear)
            socket.disconnected.connect(self._hear)
        self._hear()

    def _hear(self) -> None:
        """One of the guests has said something, or has gone."""
        for socket in tuple(self._guests):
            self._read(socket)
            if socket.state() is socket.LocalSocketState.UnconnectedState:
                self._see_off(socket)

    def _see_off(self, socket: QLocalSocket) -> None:
        if socket in self._guests:
            self._guests.remove(socket)
            socket.readyRead.disconnect(self._hear)
            socket.disconnected.disconnect(self._hear)
            socket.deleteLater()

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _MOST_BYTES:
                socket.abort()
            return
        try:
            wish = Wish.from_line(bytes(socket.readLine().data()))
        except ValueError:
            socket.abort()
            return
        socket.write(_TAKEN)
        socket.flush()
        socket.disconnectFromServer()
        self.wished.emit(wish)
