"""The library goes out in open formats, and a new one comes from that, from the page of settings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from media_assistant.library.library import Library
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.settings.export_box import ExportBox
from tests.library.making import OWN, new_item

Opener = Callable[..., Running]
LONG = 60_000


def opened_on_three(open_window: Opener) -> tuple[Running, ExportBox]:
    running = open_window(works=False, size=(900, 600))
    ids, _ = running.assistant.library.add_items([new_item(number) for number in range(3)])
    running.assistant.library.add_tag(ids, OWN)
    running.window.go(Place("settings"))
    box: ExportBox = running.window.page("settings").exports
    return running, box


def choose(qtbot: QtBot, running: Running, path: Path) -> None:
    """In the dialog that is open, as the system's own would."""
    dialogs: list[QFileDialog] = []
    qtbot.waitUntil(lambda: bool(dialogs.extend(running.window.findChildren(QFileDialog)) or dialogs), timeout=LONG)
    dialogs[0].fileSelected.emit(str(path))
    dialogs[0].close()
    qtbot.waitUntil(lambda: dialogs[0] not in running.window.findChildren(QFileDialog), timeout=LONG)


def test_a_library_is_exported_and_rebuilt_with_the_keyboard(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    running, box = opened_on_three(open_window)
    folder, new = tmp_path / "export 导出", tmp_path / "new.sqlite"
    box.export.setFocus()
    qtbot.keyClick(box.export, Qt.Key.Key_Space)
    choose(qtbot, running, folder)
    qtbot.waitUntil(box.result.isVisible, timeout=LONG)
    assert box.result.text().replace("\u200b", "") == f"3 items were exported to {folder}"
    assert box.offer.isVisible() and not box.bar.isVisible() and box.export.isEnabled()
    assert (folder / "manifest.json").is_file()
    page = running.window.page("settings")
    page.language.setCurrentIndex(page.language.findData("zh_CN"))
    assert box.result.text().replace("\u200b", "") == f"已将 3 个项目导出到 {folder}"
    page.language.setCurrentIndex(page.language.findData("en"))
    qtbot.keyClick(box.rebuild, Qt.Key.Key_Space)
    choose(qtbot, running, folder)
    choose(qtbot, running, new)
    qtbot.waitUntil(lambda: "new library" in box.result.text(), timeout=LONG)
    assert running.assistant.library.file != new, "the library that is open stays as it is"
    library = Library.open(new)
    assert len(library.item_ids()) == 3 and [concept.id for concept, _ in library.tag_counts()] == [OWN.id]
    library.close()
    wanted: list[Path] = []
    running.window.library_wanted.connect(wanted.append)
    qtbot.mouseClick(box.offer, Qt.MouseButton.LeftButton)
    assert wanted == [new]


def test_what_cannot_be_exported_or_is_stopped_is_said_in_place(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    running, box = opened_on_three(open_window)
    (tmp_path / "letter.txt").write_text("dear")
    box.export_to(tmp_path)
    qtbot.waitUntil(box.result.isVisible, timeout=LONG)
    assert "letter.txt" in box.result.text() and not box.offer.isVisible()
    # The thread is held up, so that there is something to stop.
    go_on = threading.Event()
    held = running.assistant.exports._thread.submit(go_on.wait, 30)
    box.export.setFocus()
    box.export_to(tmp_path / "export")
    assert box.bar.isVisible() and not box.export.isEnabled() and not box.result.isVisible()
    assert box.stop.hasFocus(), "whoever came by keyboard stays here"
    qtbot.keyClick(box.stop, Qt.Key.Key_Space)
    go_on.set()
    held.result(30)
    qtbot.waitUntil(box.result.isVisible, timeout=LONG)
    assert box.result.text() == "Stopped. Everything is as it was."
    assert not (tmp_path / "export").exists() and box.export.hasFocus()
    running.window.go(Place("activity"))
    box.export_to(tmp_path / "export")
    qtbot.waitUntil(lambda: "3 items were exported" in running.desk.notices.text, timeout=LONG)
