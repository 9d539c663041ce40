"""How far the work is, on standard error: a bar on a terminal, plain lines otherwise."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from types import TracebackType
from typing import Self, TextIO

from media_assistant.cli.standard_error import silence
from media_assistant.cli.wording import duration, width_of

_LINE_EVERY_S = 5.0
_BAR_EVERY_S = 0.1
_BAR = 24


class ProgressLine:
    """`show` may be called from any thread, as often as one likes, and never raises. Used as a context: leaves the terminal
    clean.
    """

    def __init__(self, stream: TextIO | None = None, *, is_quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._is_quiet = is_quiet
        self._is_terminal = self._stream.isatty()
        self._lock = threading.Lock()
        self._last = 0.0
        self._last_text = ""
        self._is_drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._clear()
            self._is_quiet = True

    def show(self, text: str, done: int = 0, total: int = 0, left_s: float | None = None) -> None:
        """Draw it, if it is time to."""
        now = time.monotonic()
        with self._lock:
            if self._is_quiet or now - self._last < (_BAR_EVERY_S if self._is_terminal else _LINE_EVERY_S):
                return
            if self._is_terminal:
                self._draw_bar(text, done, total, left_s)
            else:
                count = f" {done}/{total}" if total else ""
                line = f"{text}{count}"
                if line != self._last_text:
                    self._write(line + "\n")
                self._last_text = line
            self._last = now

    def clear(self) -> None:
        """Leave the line to something else that is said there; the next `show` draws it anew."""
        with self._lock:
            self._clear()

    def _draw_bar(self, text: str, done: int, total: int, left_s: float | None) -> None:
        filled = _BAR * done // total if total else 0
        bar = f"{'█' * filled}{'░' * (_BAR - filled)} {done}/{total} " if total else ""
        left = f"  {duration(left_s)}" if left_s is not None else ""
        room = max(10, shutil.get_terminal_size().columns - 1 - len(bar) - len(left))
        while width_of(text) > room:
            text = text[:-2] + "…"
        self._write(f"\r\x1b[2K{bar}{text}{left}")
        self._is_drawn = True

    def _clear(self) -> None:
        if self._is_drawn:
            self._write("\r\x1b[2K")
            self._is_drawn = False

    def _write(self, text: str) -> None:
        """Where nobody can read it any more, be quiet from then on."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            silence(self._stream)
            self._is_quiet = True
