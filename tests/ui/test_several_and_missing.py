"""Several items at once, and files that are not there: told, found again, relinked, all of it undone in one step."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from media_assistant.items.concept import Concept
from media_assistant.items.span import WHOLE
from media_assistant.items.tag import TagState
from media_assistant.ui.startup.running import Running
from tests.library.making import label as seen

LONG = 20_000
Opener = Callable[..., Running]
DOG = Concept("dog", "dog", "狗")


def texts(folder: Path, count: int) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    made = [folder / f"text {number}.txt" for number in range(count)]
    for number, file in enumerate(made):
        file.write_text(f"The words of number {number}, which no other text has.\n", "utf-8")
    return made


def with_texts(
    qtbot: QtBot, open_window: Opener, folder: Path, count: int, **more: object
) -> tuple[Running, list[int]]:
    running = open_window(works=False, **more)
    report = running.assistant.import_paths(texts(folder, count), analyse=False).result(timeout=30)
    items = running.window.library.items
    qtbot.waitUntil(lambda: items.rowCount() == count and items.item_at(0) is not None, timeout=LONG)
    return running, list(report.added)


def test_tags_of_several_are_counted_put_on_and_taken_off_in_one_step(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    running, ids = with_texts(qtbot, open_window, tmp_path / "here", 4)
    window, library = running.window, running.assistant.library
    library.add_tag(ids[:3], Concept("own:seaside", "seaside"))
    for item_id in ids[:2]:
        library.save_findings(item_id, "sights", 1, "net", "", [seen(DOG, 0.8, WHOLE)], is_first_chunk=True)
    window.library.grid.selection.set_all(ids)
    many = window.inspector.many
    qtbot.waitUntil(lambda: [chip.text for chip in many.chips] == ["seaside · 3 of 4", "dog · 2 of 4"], timeout=LONG)
    assert many.title.text() == "4 items selected"
    assert many.kinds.text() == "4 texts"
    assert "bytes" in many.totals.text()
    assert many.chips[1].accessibleName() == "dog, proposed on 2 of 4 items"
    assert not many.missing.isVisible()
    steps = len(library.journal())

    many.chips[1].setFocus()
    qtbot.keyClick(many.chips[1], Qt.Key.Key_A)
    qtbot.waitUntil(
        lambda: "dog · 2 of 4" in [chip.text for chip in many.chips if chip.tag.state is TagState.ACCEPTED],
        timeout=LONG,
    )
    assert [tag.state for item_id in ids for tag in library.details(item_id).tags if tag.concept.id == "dog"] == [
        TagState.ACCEPTED
    ] * 2
    many.field.setText("  seaside ")
    qtbot.keyClick(many.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "seaside · all" in [chip.text for chip in many.chips], timeout=LONG)
    qtbot.waitUntil(lambda: "1 item" in running.desk.notices.text, timeout=LONG)
    assert len(library.journal()) == steps + 2

    chip = next(chip for chip in many.chips if chip.text == "seaside · all")
    chip.setFocus()
    qtbot.keyClick(chip, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: not any("seaside" in chip.text for chip in many.chips), timeout=LONG)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "seaside · all" in [chip.text for chip in many.chips], timeout=LONG)
    many.field.setText("dog")
    many.remove_button.click()
    qtbot.waitUntil(lambda: not any("dog" in chip.text for chip in many.chips), timeout=LONG)
    assert {"seaside", "dog", "lighthouse"} <= set(many.field.completer().model().stringList())


def test_a_missing_file_is_said_and_found_again_where_a_person_points(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    running, ids = with_texts(qtbot, open_window, tmp_path / "here", 4)
    window, library = running.window, running.assistant.library
    far = tmp_path / "far"
    far.mkdir()
    for number in range(3):
        shutil.move(tmp_path / "here" / f"text {number}.txt", far / f"renamed {number}.txt")
    window.library.grid.selection.set_all([ids[0]], current=ids[0])
    box = window.inspector.missing
    qtbot.waitUntil(box.isVisible, timeout=LONG)
    assert "Everything known" in box.says.text()
    running.assistant.relinking.check(ids)
    qtbot.waitUntil(lambda: len(library.lost_items()) == 3, timeout=LONG)
    row = window.library.items.row_of(ids[1])
    qtbot.waitUntil(lambda: "not found" in window.library.grid.canvas.describe(row)[1], timeout=LONG)

    other = tmp_path / "other.txt"
    other.write_text("Quite another text.")
    box.try_file(other)
    qtbot.waitUntil(lambda: "another file" in box.answer.text(), timeout=LONG)
    assert box.instead_button.isVisible()
    box.try_file(tmp_path / "here" / "text 3.txt")
    qtbot.waitUntil(lambda: "already" in box.answer.text(), timeout=LONG)
    assert not box.instead_button.isVisible()

    box.try_file(far / "renamed 0.txt")
    qtbot.waitUntil(lambda: library.item(ids[0]).path == str(far / "renamed 0.txt"), timeout=LONG)
    qtbot.waitUntil(box.relink_button.isVisible, timeout=LONG)
    assert "Found 2 of 2" in box.answer.text()
    assert box.relink_button.text() == "Relink all 2"
    box.relink_button.click()
    qtbot.waitUntil(lambda: not library.lost_items(), timeout=LONG)
    qtbot.waitUntil(lambda: not box.isVisible(), timeout=LONG)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(library.lost_items()) == 2, timeout=LONG)


def test_another_file_takes_the_place_and_undo_gives_it_back(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    running, ids = with_texts(qtbot, open_window, tmp_path / "here", 2)
    window, library = running.window, running.assistant.library
    os.unlink(tmp_path / "here" / "text 0.txt")
    window.library.grid.selection.set_all([ids[0]], current=ids[0])
    box = window.inspector.missing
    qtbot.waitUntil(box.isVisible, timeout=LONG)
    better = tmp_path / "better.txt"
    better.write_text("A better text.")
    box.try_file(better)
    qtbot.waitUntil(box.instead_button.isVisible, timeout=LONG)
    box.instead_button.click()
    qtbot.waitUntil(lambda: library.item(ids[0]).title == "better", timeout=LONG)
    qtbot.waitUntil(lambda: not box.isVisible(), timeout=LONG)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: library.item(ids[0]).title == "text 0", timeout=LONG)
    qtbot.waitUntil(box.isVisible, timeout=LONG)


def test_what_is_offline_is_not_missing(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    here = tmp_path / "here"
    running, ids = with_texts(qtbot, open_window, here, 3)
    window, library = running.window, running.assistant.library
    library.add_root(str(here))
    shutil.move(here, tmp_path / "unplugged")
    running.assistant.relinking.check(ids)
    grid = window.library.grid
    qtbot.waitUntil(lambda: "Not connected" in grid.canvas.describe(0)[1], timeout=LONG)
    grid.selection.set_all(ids)
    many = window.inspector.many
    qtbot.waitUntil(many.missing.isVisible, timeout=LONG)
    assert "3 lie on a drive" in many.missing.waits.text()
    shutil.move(tmp_path / "unplugged", here)
    grid.looked_at.emit(tuple(ids))
    qtbot.waitUntil(lambda: not many.missing.isVisible(), timeout=LONG)
