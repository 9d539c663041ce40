"""Settings hold at once and are found by their words; the page about the program names everybody and gives nobody away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from media_assistant import settings
from media_assistant.paths import find_paths
from media_assistant.ui.dialogs.shortcuts_dialog import ShortcutsDialog
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.workflows.notices import list_notices
from media_assistant.workflows.reporting import make_report, scrub

Opener = Callable[..., Running]
LONG = 60_000


def test_a_setting_is_found_by_its_words(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False, size=(900, 600))
    running.window.go(Place("settings"))
    page = running.window.page("settings")
    assert page.on_battery.isVisible()
    qtbot.keyClicks(page.search, "BATTERY")
    assert page.on_battery.isVisible()
    assert not page.theme.isVisible()
    assert not page.mirror.isVisible()
    page.search.setText("sleep awake")
    assert page.stays_awake.isVisible()
    assert not page.on_battery.isVisible()
    page.search.setText("downloads")
    assert page.mirror.isVisible()
    page.search.setText("no such thing")
    assert page.lines.nothing.isVisible()
    page.search.setText("")
    page.language.setCurrentIndex(page.language.findData("zh_CN"))
    page.search.setText("电池")
    assert page.on_battery.isVisible()
    assert page.on_battery.itemText(1) == "等待接通电源"
    assert not page.tray.isVisible()


def test_a_limit_of_memory_that_was_written_by_hand_stays_among_the_choices(open_window: Opener) -> None:
    running = open_window(settings=settings.Settings(memory_limit_mb=3000), works=False)
    running.window.go(Place("settings"))
    page = running.window.page("settings")
    assert page.memory.currentData() == 3000
    assert [page.memory.itemData(at) for at in range(3)] == [2048, 3000, 4096]
    name = running.desk.words.say("ui.settings.memory")
    assert name in running.desk.words.say("error.jobs.memory"), "who is sent to a setting finds it by its name"


def wheel(widget: QWidget) -> None:
    """One notch down over its middle."""
    at = QPointF(widget.rect().center())
    none, points = Qt.KeyboardModifier.NoModifier, QPoint(0, -120)
    event = QWheelEvent(
        at, widget.mapToGlobal(at), QPoint(), points, Qt.MouseButton.NoButton, none, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(widget, event)


def test_choices_hold_at_once_and_are_kept(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    running.window.go(Place("settings"))
    page, assistant = running.window.page("settings"), running.assistant
    page.on_battery.setCurrentIndex(page.on_battery.findData("rest"))
    for box in (page.slow_while_playing, page.stays_awake, page.tells_when_done, page.tray):
        qtbot.keyClick(box, Qt.Key.Key_Space)
    now = assistant.settings
    assert (now.on_battery, now.slow_while_playing, now.stays_awake, now.tells_when_done, now.tray) == (
        "rest", False, False, False, True
    )  # fmt: skip
    assert page.memory.currentData() == assistant.settings.memory_limit_mb == 4096
    page.memory.setFocus()
    qtbot.keyClick(page.memory, Qt.Key.Key_Down)
    assert assistant.settings.memory_limit_mb == 8192
    for box in (page.on_battery, page.workers, page.memory):
        before = box.currentIndex()
        wheel(box)
        assert box.currentIndex() == before, "whoever scrolls the page chooses nothing"
    file = assistant.paths.config / "settings.json"
    qtbot.waitUntil(lambda: file.exists() and settings.load(file) == assistant.settings, timeout=LONG)
    wanted = []
    running.window.library_wanted.connect(wanted.append)
    page.library_wanted.emit(Path("/other.sqlite"))
    assert wanted == [Path("/other.sqlite")]
    qtbot.mouseClick(page.keys, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: running.window.findChild(ShortcutsDialog) is not None)


def test_promise_10_settings_that_cannot_be_kept_are_said_in_the_language_that_was_chosen(
    qtbot: QtBot, open_window: Opener, home: Path
) -> None:
    running = open_window(works=False)
    if (home / "config").exists():
        (home / "config").rename(home / "config before")
    (home / "config").write_text("a file where the folder was")
    running.window.go(Place("settings"))
    page = running.window.page("settings")
    page.language.setCurrentIndex(page.language.findData("zh_CN"))
    qtbot.waitUntil(lambda: "设置目前有效，但未能保存" in running.desk.notices.text, timeout=LONG)
    page.language.setCurrentIndex(page.language.findData("en"))
    qtbot.waitUntil(lambda: "could not be kept" in running.desk.notices.text, timeout=LONG)
    assert running.assistant.settings.language == "en", "they hold until the program ends"
    assert (home / "config").read_text() == "a file where the folder was"


def test_names_to_expect_are_the_librarys(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    library = running.assistant.library
    library.set_names(("Odin", "Freya"))
    running.window.go(Place("settings"))
    page = running.window.page("settings")
    qtbot.waitUntil(lambda: page.names.text() == "Odin, Freya", timeout=LONG)
    page.names.setFocus()
    page.names.end(False)
    qtbot.keyClicks(page.names, ", Thor")
    qtbot.keyClick(page.names, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: library.spoken_names() == ("Odin", "Freya", "Thor"), timeout=LONG)
    page.theme.setFocus()
    running.assistant.undo().result(30)
    qtbot.waitUntil(lambda: page.names.text() == "Odin, Freya", timeout=LONG)
    page.names.setFocus()
    page.names.end(False)
    qtbot.keyClicks(page.names, ", Loki")
    running.window.close()
    qtbot.waitUntil(lambda: library.spoken_names() == ("Odin", "Freya", "Loki"), timeout=LONG)


def test_what_was_chosen_last_is_kept_whichever_thread_saves_last(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    earlier = settings.turn_to_save(settings.Settings(language="en"), file)
    later = settings.turn_to_save(settings.Settings(language="zh_CN"), file)
    later()
    earlier()
    assert settings.load(file).language == "zh_CN"
    settings.turn_to_save(settings.Settings(language="en"), file)()
    assert settings.load(file).language == "en"


def test_settings_that_make_no_sense_fall_back(home: Path) -> None:
    file = home / "settings.json"
    file.write_text('{"on_battery": "sometimes", "theme": "pink", "tray": "yes", "recent_libraries": ["/a"]}')
    found = settings.load(file)
    assert (found.on_battery, found.theme, found.tray, found.recent_libraries) == ("slow", "system", False, ("/a",))


def test_settings_that_cannot_be_read_are_kept_beside_those_that_are_saved(home: Path) -> None:
    file, kept = home / "settings.json", home / "settings.broken.json"
    assert settings.load(file) == settings.Settings() and settings.broken_file(file) is None, "there were none"
    for typo in (b'{"theme": "dark",}', b"[]", b"\xff{}"):
        file.write_bytes(typo)
        assert settings.load(file) == settings.Settings() and settings.broken_file(file) == kept
        settings.save(settings.Settings(language="en"), file)
        assert kept.read_bytes() == typo and settings.broken_file(file) is None
        assert settings.load(file).language == "en"
    settings.save(settings.Settings(language="zh_CN"), file)
    assert kept.read_bytes() == typo, "once"
    # What the system does not give just now: here a folder that is called so.
    file.unlink()
    kept.unlink()
    file.mkdir()
    (file / "within").touch()
    assert settings.load(file) == settings.Settings()
    settings.save(settings.Settings(language="en"), file)
    assert settings.load(file).language == "en" and (kept / "within").exists()


def test_the_page_about_the_program_names_licences_and_copies_a_report(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    paths = running.assistant.paths
    paths.logs.mkdir(parents=True, exist_ok=True)
    (paths.logs / "worker-1.log").write_text(f"WARNING could not read {Path.home()}/Films/My wedding.mp4\n")
    running.window.go(Place("settings"))
    qtbot.mouseClick(running.window.page("settings").about, Qt.MouseButton.LeftButton)
    page = running.window.page("about")
    qtbot.waitUntil(lambda: page._names.rowCount() > 10, timeout=LONG)
    names = page._names.stringList()
    assert any(name.startswith("numpy ") for name in names)
    assert any(name.startswith("text-en-zh-small · CC BY 4.0") for name in names)
    page.list.setCurrentIndex(page._names.index(len(names) - 1))
    assert "WordNet" in page.text.toPlainText()
    qtbot.waitUntil(lambda: "could not read" in page.report.toPlainText(), timeout=LONG)
    assert "wedding" not in page.report.toPlainText()
    assert str(Path.home()) + "/" not in page.report.toPlainText()
    qtbot.mouseClick(page.copy, Qt.MouseButton.LeftButton)
    assert "cores" in QGuiApplication.clipboard().text()
    page.with_names.setChecked(True)
    qtbot.waitUntil(lambda: "My wedding.mp4" in page.report.toPlainText(), timeout=LONG)


def test_every_package_that_is_needed_is_named_once() -> None:
    notices = list_notices()
    names = [notice.name.lower().replace("_", "-") for notice in notices]
    assert len(names) == len(set(names))
    for needed in ("pyside6-essentials", "onnxruntime", "faster-whisper", "numpy"):
        assert needed in names
    assert "pytest" not in names
    nameless = [notice.name for notice in notices if not notice.licence and not notice.text]
    assert not nameless


def test_a_report_gives_nobody_away(home: Path) -> None:
    secrets = ("wedding", "Anna", "Videos", "私人")
    lines = (
        "WARNING media_assistant.lane: could not open /media/Anna/My wedding 2.mp4: gone",
        "ERROR 'Anna and 私人.jpg' is damaged",
        r"WARNING C:\Users\Anna\Videos\wedding.mov is locked",
        r"WARNING \\server\Videos\wedding.mov",
        f"INFO {Path.home()}/Videos/x.mp4",
        'ERROR asked for "Anna at the wedding"',
        "WARNING file:///home/Anna/Videos/a.mp4",
        "WARNING /My Videos/wedding.mp4 is locked",
        f"ERROR sights failed on {'Anna.mp4'!r}:",
        "ERROR no such file: " + repr('Anna\'s "wedding" of 2024.mp4'),
    )
    for line in lines:
        scrubbed = scrub(line)
        assert not [secret for secret in secrets if secret in scrubbed], scrubbed
        assert scrubbed.split(" ")[0] == line.split(" ")[0]
    assert (
        scrub('  File "/home/anna/app/media_assistant/ui/app.py", line 3') == "  File media_assistant/ui/app.py, line 3"
    )
    assert scrub("2026-01-02 10:11:12,345 INFO 3/4 done, 0.5 s") == "2026-01-02 10:11:12,345 INFO 3/4 done, 0.5 s"
    assert scrub("INFO 3 / 4 done, and/or none; it can't be said") == "INFO 3 / 4 done, and/or none; it can't be said"
    logs = find_paths().logs
    logs.mkdir(parents=True, exist_ok=True)
    torn = [f"WARNING /a/Anna{mark}wedding.mp4" for mark in "\u2028\u0085\f\x1c\v\u2029"]
    (logs / "worker.log").write_text("".join(f"{line} {'x' * 700}\n" for line in torn * 40), "utf-8")
    report = make_report(find_paths(), with_names=False)
    assert "Media Assistant" in report and "WARNING <path>" in report
    assert not [secret for secret in secrets if secret in report]
