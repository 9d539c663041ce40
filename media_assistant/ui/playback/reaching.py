"""Whether the drive that a file lies on answers, asked before anybody opens the file who would wait for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject

from media_assistant.ui.job_bridge import JobBridge

Reach = Callable[[str, Callable[[], None]], None]
"""Of a path: calls back on the window's thread once a byte of it was read, or it is known that none can be."""


def at_once(_path: str, reached: Callable[[], None]) -> None:
    """Where nobody minds waiting."""
    reached()


def through(bridge: JobBridge, owner: QObject) -> Reach:
    """On a thread that nobody waits for; of a drive that never answers nothing is heard."""

    def reach(path: str, reached: Callable[[], None]) -> None:
        bridge.read_disk(lambda: _touch(Path(path)), lambda _none: reached(), owner=owner)

    return reach


def _touch(file: Path) -> None:
    with suppress(OSError), file.open("rb", buffering=0) as opened:  # the player says itself what is wrong with it
        opened.read(1)
