"""The log: each line once, however often a library is opened."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from media_assistant import logs
from media_assistant.logs import start_logging


def test_what_another_program_holds_open_is_written_on_and_loses_none_of_the_older_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "media-assistant.log"
    for number in (1, 2, 3):
        file.with_name(f"{file.name}.{number}").write_text(f"older {number}")
    held = [True]
    replace = os.replace

    def refuse(source: str, target: str) -> None:
        """As Windows does."""
        if held[0] and os.path.abspath(source) == str(file):
            raise PermissionError(13, "used by another process", str(source))
        replace(source, target)

    monkeypatch.setattr(os, "rename", refuse)
    monkeypatch.setattr(os, "replace", refuse)
    log = logs._LogFile(file, maxBytes=100, backupCount=3, encoding="utf-8", delay=True)
    try:
        for number in range(6):
            log.emit(logging.makeLogRecord({"msg": f"line {number} {'x' * 60}"}))
        assert file.read_text("utf-8").count("line") == 6
        assert [file.with_name(f"{file.name}.{number}").read_text() for number in (1, 2, 3)] == [
            "older 1", "older 2", "older 3"
        ]  # fmt: skip
        held[0] = False
        log.emit(logging.makeLogRecord({"msg": "the first of a new one"}))
    finally:
        log.close()
    assert file.read_text("utf-8") == "the first of a new one\n"
    assert file.with_name(f"{file.name}.1").read_text("utf-8").count("line") == 6
    assert [file.with_name(f"{file.name}.{number}").read_text() for number in (2, 3)] == ["older 1", "older 2"]
    assert len(list(tmp_path.iterdir())) == 4


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
