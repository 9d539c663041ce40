"""A whole session of the real window with real networks: what a person does from the first drop to a backup and an export.

Run by `test_nothing_leaves.py` in a process of its own, in which asking for a socket is the end.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from media_assistant.items.tag import TagState
from media_assistant.items.transcript import PERSON
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from tests.e2e.understanding import fingerprints
from tests.ui.person import CONTROL, Person

FILES = (
    "videos/slides_speech_0.mp4",
    "photos/bear_294.jpg",
    "music/147793__setuniman__sweet-waltz-0i-22mi.ogg",
)


def test_a_whole_session(
    qtbot: QtBot,
    open_window: Callable[..., Running],
    drop: Callable[..., None],
    material: Path,
    samples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MEDIA_ASSISTANT_MODELS", str(material / "models"))
    folder = tmp_path / "my media"
    folder.mkdir()
    for name in FILES:
        shutil.copy(material / "media" / name, folder)
    shutil.copy(samples / "lighthouse.md", folder)
    before = fingerprints(folder)

    # Brought in and understood.
    someone = Person(qtbot, open_window(size=(1440, 900)))
    window, library, assistant = someone.window, someone.library, someone.running.assistant
    someone.waits(window.library.first_run.isVisible)
    drop(someone.running, folder)
    someone.understands(files=len(FILES) + 1)
    models = {run.model for run in library.runs(library.item_ids()) if run.model}
    assert len(models) >= 3, f"networks looked, listened and read: {models}"

    # Searched, played, corrected, taken back, compared.
    someone.asks("lighthouse")
    someone.waits(lambda: "lighthouse" in someone.titles())
    someone.asks('said:"six seven"')
    someone.waits(lambda: someone.titles() == ["slides_speech_0"])
    film = window.library.items.id_at(0)
    someone.clicks_item("slides_speech_0")
    someone.waits(lambda: window.playback.is_playing)
    someone.presses(Qt.Key.Key_Return)
    someone.waits(lambda: window.is_playing_large and window.player.is_shown(film))
    row, text = someone.corrects(window.player.tabs.transcript, "seven", "eleven")
    someone.waits(lambda: library.details(film).lines[row].text == text)
    assert library.details(film).lines[row].source == PERSON
    someone.presses(Qt.Key.Key_Escape)
    someone.presses(Qt.Key.Key_R, CONTROL)
    someone.waits(lambda: someone.sees("Is this “"))
    someone.presses(Qt.Key.Key_A)
    someone.waits(lambda: len(someone.decided(TagState.ACCEPTED)) == 1)
    someone.presses(Qt.Key.Key_Z, CONTROL)
    someone.waits(lambda: not someone.decided(TagState.ACCEPTED))
    assert assistant.similarity.find(film).result(60) is not None

    # Kept: a backup, an export, other settings; and every page looked at.
    window.go(Place("settings"))
    page = window.page("settings")
    qtbot.mouseClick(page.backups.now, Qt.MouseButton.LeftButton)
    someone.waits(lambda: len(page.backups.rows) == 1)
    page.exports.export_to(tmp_path / "export")
    someone.waits(page.exports.result.isVisible)
    assert (tmp_path / "export" / "manifest.json").is_file()
    page.language.setCurrentIndex(page.language.findData("zh_CN"))
    for place in ("models", "activity", "tags", "folders", "about"):
        window.go(Place(place))
        qtbot.wait(50)
    someone.waits(window.page("about").report.toPlainText)
    assert fingerprints(folder) == before
