"""Many files that are gone at once: the question in the window, its answers, and what is found again with its reason."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.loss_bar import LossBar

Opener = Callable[..., Running]
LONG = 20_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Holiday 海边"
    made.mkdir()
    for number in range(40):
        (made / f"text {number:02}.txt").write_text(f"This is text number {number}, and no other. " * 3)
    return made


@pytest.fixture
def asked(qtbot: QtBot, open_window: Opener, folder: Path, tmp_path: Path) -> tuple[Running, LossBar]:
    """A window that asks about thirty of forty files: they lie elsewhere now, one of them is another one."""
    running = open_window(works=False)
    running.assistant.import_paths([folder]).result()
    bar = running.window.library.loss
    assert not bar.isVisible()
    (tmp_path / "moved").mkdir()
    for number in range(30):
        shutil.move(folder / f"text {number:02}.txt", tmp_path / "moved" / f"text {number:02}.txt")
    (tmp_path / "moved" / "text 00.txt").write_text("A better copy. " * 40)
    running.assistant.folders.look_again(str(folder)).result()
    qtbot.waitUntil(bar.isVisible, timeout=LONG)
    return running, bar


def lost(running: Running) -> int:
    return len(running.assistant.library.lost_items())


def test_promise_7_the_window_asks_and_nothing_is_removed(qtbot: QtBot, asked: tuple[Running, LossBar]) -> None:
    running, bar = asked
    assert bar.question.text() == "30 of the 40 items in “Holiday 海边” cannot be found."
    assert len(running.assistant.library.item_ids()) == 40
    bar.remove.click()
    qtbot.waitUntil(lambda: "30 items were taken out" in running.desk.notices.text, timeout=LONG)
    assert len(running.assistant.library.item_ids()) == 10
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=LONG)
    running.assistant.undo().result()
    qtbot.waitUntil(bar.isVisible, timeout=LONG)
    assert len(running.assistant.library.item_ids()) == 40
    bar.gone.click()
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=LONG)
    assert (lost(running), len(running.assistant.library.item_ids())) == (30, 40)


def test_promise_8_what_is_found_is_proposed_with_its_reason(
    qtbot: QtBot, asked: tuple[Running, LossBar], tmp_path: Path
) -> None:
    running, bar = asked
    bar.search.look_in(tmp_path / "moved")
    qtbot.waitUntil(bar.search.relink_button.isVisible, timeout=LONG)
    reasons = [each.text() for each in bar.search.reasons]
    assert "text 01.txt → text 01.txt: the same content" in reasons
    assert "text 00.txt → text 00.txt: the same name, perhaps another copy" in reasons
    assert reasons[-1] == "and 27 more"
    bar.search.relink_button.click()
    qtbot.waitUntil(lambda: lost(running) == 1, timeout=LONG)
    assert bar.search.likely_button.text() == "Use 1 of the same name instead"
    bar.search.likely_button.click()
    qtbot.waitUntil(lambda: lost(running) == 0, timeout=LONG)
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=LONG)
    assert len(running.assistant.library.item_ids()) == 40


def test_what_is_there_again_answers_the_question(
    qtbot: QtBot, asked: tuple[Running, LossBar], folder: Path, tmp_path: Path
) -> None:
    running, bar = asked
    (tmp_path / "moved" / "text 00.txt").unlink()
    for file in (tmp_path / "moved").iterdir():
        shutil.move(file, folder / file.name)
    bar.again.click()
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=LONG)
    assert lost(running) == 1
