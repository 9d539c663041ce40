"""A drive that does not answer: who asks it hangs, and everything else goes on, the end of the program too."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from media_assistant.assistant import Assistant
from media_assistant.items.concept import Concept
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.ui.panels import inspector_panel, player_panel
from media_assistant.ui.places import Place
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.player import stage as player_stage
from media_assistant.workflows.intake import looking, relinking
from tests import originals
from tests.library.making import new_item

LONG = 20_000
HANGS_S = 90
SOON_S = 15
"""However busy the machine is; whoever waited for the drive would wait six times as long."""

pytestmark = [
    pytest.mark.touches_originals,
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a file that does not answer"),
]
assert originals.TOUCHES == "touches_originals"


@pytest.fixture
def running(qtbot: QtBot, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A window on five photos in a folder that does not answer; whoever opens one of them waits as well."""
    answers = threading.Event()

    def hang(_asked: object) -> bool:
        answers.wait(HANGS_S)
        return True

    monkeypatch.setattr(looking, "is_here", hang)
    monkeypatch.setattr(relinking, "losses", lambda library: [hang(library)][1:])
    monkeypatch.setattr(player_stage, "can_play", lambda _details: True)
    assistant = Assistant.open(find_paths(), Settings(language="en", theme="dark"), works=False)
    library = assistant.library
    library.add_root(str(tmp_path))
    for number in range(5):
        os.mkfifo(tmp_path / f"{number}.jpg")
    paths = [str(tmp_path / f"{number}.jpg") for number in range(5)]
    library.add_items([new_item(n, path=path, kind=Kind.PHOTO) for n, path in enumerate(paths)])
    made = Running.whole(prepare_application(), assistant)
    made.window.show()
    yield made
    if not made.desk.bridge.is_closed:
        made.close()
    assistant.close()
    answers.set()
    for path in paths:
        # Lets go of whoever hangs: opened from the other side, it has nothing in it.
        os.close(os.open(path, os.O_RDWR))


def test_the_grid_reads_and_the_window_closes(qtbot: QtBot, running: Running) -> None:
    window = running.window
    window.go(Place("folders"))
    for _ in range(3):
        window.sidebar.folders.refresh()
        window.library.loss.refresh()
        window.page("folders").refresh()
    window.go(Place())
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 5, timeout=LONG)
    window.library.grid.go_to(0)
    qtbot.waitUntil(lambda: window.inspector._known() is not None, timeout=LONG)
    began = time.monotonic()
    running.close()
    assert time.monotonic() - began < SOON_S


def test_a_photo_that_cannot_be_read_leaves_its_small_picture_and_everything_else(
    qtbot: QtBot, running: Running
) -> None:
    window, library = running.window, running.assistant.library
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 5, timeout=LONG)
    for item_id in (1, 2, 3):
        window.open_item(item_id)
        qtbot.waitUntil(lambda item_id=item_id: window.player.is_shown(item_id), timeout=LONG)
    window.close_item()
    sea = Concept("sea", "sea", "海")
    for item_id in (4, 5):
        seen = Moment(WHOLE, Sense.SEEN, Layer.LABEL, sea, score=0.9)
        library.save_findings(item_id, "sights", 1, "net", "r", [seen], is_first_chunk=True)
    window.go(Place("review"))
    review = window.page("review")
    qtbot.waitUntil(lambda: review.shown is not None, timeout=LONG)
    assert review.title.text()
    assert _answers(qtbot, running, lambda: len(library.item_ids())) == 5
    began = time.monotonic()
    running.close()
    assert time.monotonic() - began < SOON_S


def test_a_film_that_cannot_be_read_holds_up_neither_the_next_one_nor_the_end(
    qtbot: QtBot, running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for panel in (inspector_panel, player_panel):
        monkeypatch.setattr(panel, "can_play", lambda _details: True)
    films = [tmp_path / f"film {number}.mp4" for number in range(2)]
    for film in films:
        os.mkfifo(film)
    new = [new_item(10 + number, path=str(film), kind=Kind.VIDEO) for number, film in enumerate(films)]
    ids = running.assistant.library.add_items(new)[0]
    is_over = threading.Event()

    def let_go() -> None:
        """After a while of whoever hangs, or the window would for ever where it does; and at the end."""
        is_over.wait(2 * SOON_S)
        for _ in range(10):
            for film in films:
                os.close(os.open(film, os.O_RDWR))
            time.sleep(0.2)

    freeing = threading.Thread(target=let_go)
    freeing.start()
    window, playback = running.window, running.window.playback
    try:
        began = time.monotonic()
        for item_id in ids:
            window.open_item(item_id)
            qtbot.waitUntil(lambda: playback.item is not None, timeout=LONG)
            assert playback.item.id == item_id
            playback.play()
            qtbot.wait(200)
            assert playback.is_playing, "as soon as it can"
        running.close()
        assert time.monotonic() - began < SOON_S
    finally:
        is_over.set()
        freeing.join()


def _answers(qtbot: QtBot, running: Running, question: Callable[[], int]) -> int:
    found: list[int] = []
    owner = QObject()
    running.desk.bridge.read(question, found.append, owner=owner)
    qtbot.waitUntil(lambda: bool(found), timeout=LONG)
    return found[0]
