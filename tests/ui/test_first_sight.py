"""The first picture: what is loaded by then, what it shows, and that nothing moves when the rest arrives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from media_assistant.items.kind import Kind
from media_assistant.library.library import Library, NewItem
from media_assistant.paths import Paths, find_paths
from media_assistant.settings import Settings
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.startup.first_sight import FirstSight
from media_assistant.ui.startup.opening import Opening

PROGRAM = """
import json
import os
import sys

from media_assistant import __main__ as program

program.import_qt()
from media_assistant.ui.widgets.grid.view import GridView

paint = GridView.paintEvent

def painted(self, event):
    paint(self, event)
    if self.model.rowCount():
        print(json.dumps([self.model.item_at(0).title, sorted(sys.modules)]), flush=True)
        os._exit(0)

GridView.paintEvent = painted
program.main([])
"""
TOO_HEAVY = (
    "media_assistant.assistant",
    "media_assistant.workflows",
    "media_assistant.jobs",
    "media_assistant.inference",
    "media_assistant.media",
    "media_assistant.items.query",
    "media_assistant.ui.desk",
    "media_assistant.ui.playback.playback",
    "PySide6.QtMultimedia",
    "PySide6.QtNetwork",
    # What writes PySide's type stubs needs it.
    "argparse",
    "concurrent.futures",
    "hashlib",
    "logging.handlers",
    "numpy",
)
MOST_OF_OURS = 60
LONG = 60_000


def _fill(count: int) -> None:
    library = Library.open(find_paths().library)
    library.add_items(
        [NewItem(Kind.PHOTO, f"/nowhere/{at}.jpg", f"Photo {at:03}", 1, at, f"{at:032}") for at in range(count)]
    )
    library.close()


def held(sight: FirstSight, paths: Paths) -> tuple[Opening, Callable[[], bool]]:
    """What opens the rest, but not before it is told to again; and whether the first picture is painted."""
    asked: list[bool] = []

    def may_begin() -> bool:
        asked.append(True)
        return len(asked) > 1

    opening = Opening(sight, paths, Settings(language="en", theme="dark"), may_begin=may_begin)
    return opening, lambda: bool(asked)


def test_little_is_loaded_before_the_first_picture(home: Path) -> None:
    _fill(300)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=120, env=environment
    )
    title, modules = json.loads(told.stdout)
    assert title == "Photo 299"
    assert not set(TOO_HEAVY) & set(modules)
    assert len([name for name in modules if name.startswith("media_assistant")]) <= MOST_OF_OURS


def test_qt_still_explains_a_wrong_call(home: Path) -> None:
    wrong = "from media_assistant import __main__ as program; program.import_qt()\n"
    wrong += "from PySide6.QtCore import QPoint\ntry: QPoint('left')\nexcept TypeError as fault: print(fault)"
    told = subprocess.run([sys.executable, "-c", wrong], capture_output=True, text=True, check=True, timeout=60)
    assert "Supported signatures" in told.stdout


def test_the_grid_lives_before_the_rest_and_stays_where_it_is(qtbot: QtBot, home: Path) -> None:
    _fill(300)
    paths = find_paths()
    sight = FirstSight(prepare_application(), paths, Settings(language="en", theme="dark"))
    opening, is_painted = held(sight, paths)
    window, grid = sight.window, sight.grid
    window.resize(1280, 800)
    window.show()
    qtbot.waitUntil(is_painted, timeout=LONG)
    assert not window.is_furnished
    assert grid.model.rowCount() == 256
    assert grid.model.item_at(0) is not None
    before = grid.mapTo(window, QPoint()), grid.size()
    grid.go_to(5)
    with qtbot.waitSignal(opening.finished, timeout=LONG):
        opening._begin()
    qtbot.waitUntil(lambda: grid.model.rowCount() == 300)
    assert window.is_furnished
    assert (grid.mapTo(window, QPoint()), grid.size()) == before
    assert grid.selection.chosen == {grid.model.id_at(5)}
    opening.close()


def test_a_window_closed_before_the_rest_is_there_ends_cleanly(qtbot: QtBot, home: Path) -> None:
    _fill(3)
    paths = find_paths()
    sight = FirstSight(prepare_application(), paths, Settings())
    opening, is_painted = held(sight, paths)
    sight.window.show()
    qtbot.waitUntil(is_painted, timeout=LONG)
    opening._begin()
    assert opening._thread.ident is not None, "it has begun"
    opening.close()
    assert opening.running is None
    assert "opening" not in {thread.name for thread in threading.enumerate()}
    library = Library.open(paths.library)
    assert len(library.item_ids()) == 3
    library.close()


def test_a_file_that_is_no_library_is_an_empty_picture(qtbot: QtBot, home: Path) -> None:
    paths = find_paths()
    paths.library.parent.mkdir(parents=True)
    paths.library.write_bytes(b"not a library" * 100)
    sight = FirstSight(prepare_application(), paths, Settings())
    assert sight.grid.model.rowCount() == 0
    sight.leave()
