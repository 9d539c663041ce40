"""Standard error may be gone before the work is: whoever logged out, a pipe that ended, a log on a full disk. That is no
fault of the work, and never ends it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import IO


def complain(text: str) -> None:
    """Say it, if there is anyone to read it."""
    try:
        sys.stderr.write(text.encode("utf-8", "replace").decode("utf-8") + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        silence(sys.stderr)


def silence(stream: IO[str]) -> None:
    """Nobody reads it any more; the interpreter must not complain about that at its end, nor make a status of it."""
    with contextlib.suppress(OSError, ValueError), open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), stream.fileno())
