"""Python's rubbish is looked for in the window's thread, and what is free goes back to the system."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from itertools import pairwise
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Qt
from pytestqt.qtbot import QtBot

from media_assistant.jobs import limits
from media_assistant.ui.startup import rubbish
from media_assistant.ui.startup.rubbish import Rubbish


@pytest.fixture
def looker(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rubbish]:
    """One that looks whenever it can; Python's own way is put back afterwards."""
    threshold = gc.get_threshold()
    monkeypatch.setattr(rubbish, "EVERY_MS", 5)
    monkeypatch.setattr(rubbish, "GIVES_BACK_S", 0.2)
    parent = QObject()
    yield Rubbish(parent)
    parent.deleteLater()
    gc.unfreeze()
    gc.set_threshold(*threshold)
    gc.enable()


def test_what_is_free_goes_back_now_and_then(looker: Rubbish, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []
    monkeypatch.setattr(limits, "give_back_memory", lambda: given.append(time.monotonic()))
    qtbot.waitUntil(lambda: len(given) == 3, timeout=20_000)
    # Theirs is the clock of before, ours the one of after: at the first a busy machine may have come between.
    assert all(later - sooner >= 0.15 for sooner, later in pairwise(given))


def test_circles_are_found_though_python_looks_for_none_itself(looker: Rubbish, qtbot: QtBot) -> None:
    gone: list[int] = []

    class Circle:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            gone.append(1)

    assert not gc.isenabled()
    for _ in range(2000):
        Circle()
    qtbot.waitUntil(lambda: len(gone) == 2000, timeout=20_000)


def test_while_everything_stands_still_what_was_taken_to_stay_is_looked_through_too(
    looker: Rubbish, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_front = SimpleNamespace(applicationState=lambda: Qt.ApplicationState.ApplicationActive)
    monkeypatch.setattr(rubbish, "QGuiApplication", in_front)
    gone: list[int] = []

    class Circle:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            gone.append(1)

    held = [Circle()]
    gc.freeze()  # as a look leaves what outlived it
    held.clear()
    looks = gc.get_stats()[2]["collections"]
    gc.collect()
    assert not gone, "no usual look finds it"
    monkeypatch.setattr(rubbish, "STILL_S", 0.1)
    monkeypatch.setattr(rubbish, "AWAY_S", 0.1)
    qtbot.waitUntil(lambda: bool(gone), timeout=20_000)
    assert gc.get_stats()[2]["collections"] > looks
