"""The log: each line once, however often a library is opened."""

from __future__ import annotations

import logging
from pathlib import Path

from media_assistant.logs import start_logging


def test_a_line_is_written_once_however_often_the_log_is_begun(tmp_path: Path) -> None:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        for _ in range(3):
            file = start_logging(tmp_path / "logs")
        other = start_logging(tmp_path / "other")
        logging.getLogger("test").warning("said once")
        assert file.read_text("utf-8").count("said once") == 1
        assert other.read_text("utf-8").count("said once") == 1
    finally:
        for handler in set(root.handlers) - set(handlers):
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
