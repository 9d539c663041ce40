"""One log file, rotated, and nothing on the terminal unless asked."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
from pathlib import Path


class _LogFile(logging.handlers.RotatingFileHandler):
    """A log that cannot be written, on a full disk say, must not be what the person hears about."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the name is logging's
        """Lose the line rather than print a trace."""

    def doRollover(self) -> None:  # noqa: N802  the name is logging's
        """Begin anew, or go on where another program has the file open, as a command beside the window: Windows then
        renames it for nobody, and the older ones, which were moved first, would have been lost one at each line.
        """
        if self.stream:
            self.stream.close()
            self.stream = None  # the next line opens it
        full = f"{self.baseFilename}.full"
        try:
            os.replace(self.baseFilename, full)
        except OSError:
            return
        super().doRollover()
        os.replace(full, f"{self.baseFilename}.1")


def start_logging(folder: Path, *, name: str = "media-assistant", verbose: bool = False) -> Path:
    """Send warnings (with `verbose`: everything) to `<folder>/<name>.log`, 1 MB a file, three kept. Returns the file.
    Asked again, as for each library that a window opens, every line is still written once.

    Where the folder cannot be made there is no log; what else needs that place says so in its own words.
    """
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.log"
    root = logging.getLogger()
    if os.path.abspath(file) not in {each.baseFilename for each in root.handlers if isinstance(each, _LogFile)}:
        handler = _LogFile(file, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        root.addHandler(handler)
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for noisy in ("PIL", "huggingface_hub", "httpx", "faster_whisper", "RapidOCR", "jieba"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return file
