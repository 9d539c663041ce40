"""What the system's own programs open, from the installed program too."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from pytestqt.qtbot import QtBot

from media_assistant.items.item import Facts, Item
from media_assistant.items.kind import Kind
from media_assistant.ui import actions
from media_assistant.ui.outside import open_outside
from tests.ui.conftest import Opener


@pytest.mark.parametrize(
    ("kind", "name", "is_opened"),
    [
        (Kind.PHOTO, "beach.JPG", True),
        (Kind.PHOTO, "beach.hta", False),
        (Kind.PHOTO, "beach", False),
        (Kind.VIDEO, "beach.mp4", True),
        (Kind.VIDEO, "beach.mp4.cmd", False),
        (Kind.MUSIC, "waves.ogg", True),
        (Kind.MUSIC, "waves.desktop", False),
        (Kind.TEXT, "tides.epub", True),
        (Kind.TEXT, "tides.hta", False),
        (Kind.TEXT, "tides.jpg", False),
    ],
)
def test_what_is_not_named_as_what_it_is_is_shown_and_not_run(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: Kind, name: str, is_opened: bool
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(actions, "open_outside", lambda path: opened.append(str(path)))
    running = open_window(works=False)
    item = Item(1, kind, str(tmp_path / name), "beach", 1, "2026-01-01T00:00:00Z", Facts())
    actions.open_with_system(running.desk, item=item)
    assert opened == [str(tmp_path / name) if is_opened else str(tmp_path)]


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
