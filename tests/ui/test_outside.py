"""What the system's own programs open, from the installed program too."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from pytestqt.qtbot import QtBot

from media_assistant.ui.outside import open_outside


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of Linux")
def test_a_file_manager_is_not_started_with_libraries_of_ours(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, opener = tmp_path / "told", tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\n{{ echo "$1"; env; }} > "{told}.new"\nmv "{told}.new" "{told}"\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{opener.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/no/such/ours")
    monkeypatch.setenv("QT_PLUGIN_PATH", "/no/such/ours/plugins")
    monkeypatch.setenv("OF_THE_PERSON", "kept")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    film = tmp_path / "a film #1 100% 夜.mp4"
    open_outside(film)
    qtbot.waitUntil(told.exists, timeout=30_000)
    first, *environment = told.read_text("utf-8").splitlines()
    assert QUrl(first).toLocalFile() == str(film)
    assert "OF_THE_PERSON=kept" in environment
    assert not [line for line in environment if "/no/such/ours" in line]
