"""One table of keys: the sheet shows it, a person changes it, and the window, the grid and the player obey it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QShortcut
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from media_assistant import settings
from media_assistant.ui.dialogs.shortcuts_dialog import KeyButton, ShortcutsDialog
from media_assistant.ui.shortcuts import ANYWHERE, SHORTCUTS, Keys, is_letter_key, key_of, plain_key, shortcuts_on
from media_assistant.ui.startup.running import Running

Opener = Callable[..., Running]
Drop = Callable[..., None]
LONG = 60_000


def pressed(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, modifiers)


def open_sheet(qtbot: QtBot, running: Running) -> ShortcutsDialog:
    qtbot.keyClick(running.window, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: running.window.findChild(ShortcutsDialog) is not None)
    sheet = running.window.findChild(ShortcutsDialog)
    qtbot.waitUntil(sheet.isActiveWindow)
    return sheet


def teach(qtbot: QtBot, sheet: ShortcutsDialog, name: str, offer: str, *key: object) -> None:
    """By the menu of the verb's button, as a person does."""
    button = next(line for line in sheet.lines if line.shortcut.name == name).keys
    assert isinstance(button, KeyButton)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    menus = [menu for menu in sheet.findChildren(QMenu) if menu.isVisible()]
    next(action for action in menus[0].actions() if action.text() == offer).trigger()
    menus[0].close()
    if key:
        assert button.is_listening
        qtbot.keyClick(button, *key)


@pytest.mark.parametrize("shortcut", SHORTCUTS, ids=lambda each: each.name)
def test_every_key_of_the_table_is_one_and_clashes_with_no_other(shortcut: object) -> None:
    keys = Keys({})
    for key in keys.of(shortcut.name):
        assert plain_key(key) == key
        assert not keys.taken_by(shortcut.name, key)


OF_MACOS = {
    "Ctrl+H", "Ctrl+Alt+H", "Ctrl+M", "Ctrl+Alt+M", "Ctrl+W", "Ctrl+Tab", "Ctrl+Space", "Ctrl+Alt+Space", "Meta+Space", "Meta+Alt+Space",
    "Ctrl+`", "Ctrl+Shift+3", "Ctrl+Shift+4", "Ctrl+Shift+5", "Ctrl+Shift+Q", "Ctrl+Alt+D", "Ctrl+Alt+Esc", "Meta+Up", "Meta+Down",
    "Meta+Left", "Meta+Right", "F11",
}  # fmt: skip
"""What hides or closes a window or starts Spotlight, takes a picture of the screen or shows another desk."""


def test_on_macos_no_key_is_one_that_the_system_takes_or_no_keyboard_has() -> None:
    there = shortcuts_on("darwin")
    assert [each.name for each in there] == [each.name for each in shortcuts_on("linux")] == [s.name for s in SHORTCUTS]
    heard: dict[tuple[str, str], str] = {}
    for each in there:
        assert each.keys and not set(each.keys) & (OF_MACOS | {"Ins"}), each
        # Its keyboards have one key that deletes, and it is Backspace.
        assert "Del" not in each.keys or each.keys[each.keys.index("Del") - 1] == "Backspace", each
        for key in each.keys:
            assert plain_key(key) == key
            assert heard.setdefault((each.room, key), each.name) == each.name
    for (room, key), name in heard.items():
        assert room == ANYWHERE or (ANYWHERE, key) not in heard, name


def test_a_key_is_read_the_same_on_every_keyboard() -> None:
    shift, pad = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.KeypadModifier
    assert key_of(pressed(Qt.Key.Key_Question, shift)) == "?"
    assert key_of(pressed(Qt.Key.Key_5, pad)) == key_of(pressed(Qt.Key.Key_5, shift)) == "5"
    assert key_of(pressed(Qt.Key.Key_Enter, pad)) == "Return"
    assert key_of(pressed(Qt.Key.Key_L, shift)) == "Shift+L"
    assert key_of(pressed(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)) == "Alt+Right"
    assert key_of(pressed(Qt.Key.Key_Shift, shift)) == ""
    assert [key for key in ("/", "J", "Shift+J", "Space", "Ctrl+J", "F1", "Esc", "Alt+J") if is_letter_key(key)] == [
        "/", "J", "Shift+J", "Space"
    ]  # fmt: skip


def test_the_window_binds_every_verb_that_is_heard_anywhere(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    bound = sorted(shortcut.key().toString() for shortcut in running.window.findChildren(QShortcut))
    assert bound == sorted(key for each in SHORTCUTS if each.room == ANYWHERE for key in each.keys)


def test_the_sheet_opens_beside_the_window_and_closes(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    sheet = open_sheet(qtbot, running)
    assert not sheet.isModal()
    sheet.field.setText("full scr")
    assert [line.shortcut.name for line in sheet.lines if not line.isHidden()] == ["player.full"]
    sheet.field.setText("ctrl+f")
    assert [line.shortcut.name for line in sheet.lines if not line.isHidden()] == ["anywhere.search"]
    sheet.field.setText("xyzzy")
    assert sheet.nothing.isVisible()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: running.window.findChild(ShortcutsDialog) is None)


def test_a_changed_key_counts_at_once_and_is_kept(qtbot: QtBot, open_window: Opener, drop: Drop, samples: Path) -> None:
    running = open_window(works=False)
    window, keys = running.window, running.desk.keys
    drop(running, samples / "night-sky.txt", samples / "lighthouse.md")
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 2, timeout=LONG)
    sheet = open_sheet(qtbot, running)
    teach(qtbot, sheet, "anywhere.search", "Change…", Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    teach(qtbot, sheet, "library.all", "Add another key…", Qt.Key.Key_Insert)
    assert keys.of("anywhere.search") == ("Ctrl+B",)
    assert keys.of("library.all") == ("Ctrl+A", "Ins")
    sheet.close()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.library.grid.setFocus()
    qtbot.keyClick(window.library.grid, Qt.Key.Key_Insert)
    assert len(window.library.grid.selection) == 2
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert not window.library.search.field.hasFocus()
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert window.library.search.field.hasFocus()
    file = running.assistant.paths.config / "settings.json"
    qtbot.waitUntil(lambda: settings.load(file).keys == keys.kept(), timeout=LONG)
    assert Keys(settings.load(file).keys).of("library.all") == ("Ctrl+A", "Ins")


def test_a_key_that_is_taken_is_said_and_given_on_only_when_wanted(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    keys = running.desk.keys
    sheet = open_sheet(qtbot, running)
    teach(qtbot, sheet, "player.full", "Change…", Qt.Key.Key_Slash)
    assert sheet.question.isVisible()
    assert "“Search”" in sheet.asked.text()
    assert keys.of("player.full") == ("F",)
    qtbot.mouseClick(sheet.leave, Qt.MouseButton.LeftButton)
    assert not keys.kept()
    teach(qtbot, sheet, "player.full", "Change…", Qt.Key.Key_Slash)
    qtbot.mouseClick(sheet.take, Qt.MouseButton.LeftButton)
    assert keys.of("player.full") == ("/",)
    assert keys.of("anywhere.search") == ("Ctrl+F",)
    teach(qtbot, sheet, "player.next", "Change…", Qt.Key.Key_5)
    assert sheet.question.isVisible()
    assert not sheet.take.isVisible()
    assert keys.of("player.next") == ("N", "F3")
    qtbot.mouseClick(sheet.reset, Qt.MouseButton.LeftButton)
    assert not keys.kept()
    assert keys.of("anywhere.search") == ("Ctrl+F", "/")


def test_esc_while_it_listens_changes_nothing_and_a_verb_may_have_no_key(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    sheet = open_sheet(qtbot, running)
    teach(qtbot, sheet, "player.next", "Change…", Qt.Key.Key_Escape)
    assert sheet.isVisible()
    assert running.desk.keys.of("player.next") == ("N", "F3")
    teach(qtbot, sheet, "player.next", "No key")
    assert running.desk.keys.of("player.next") == ()
    assert next(line for line in sheet.lines if line.shortcut.name == "player.next").keys.text() == "none"
    teach(qtbot, sheet, "player.next", "Reset")
    assert running.desk.keys.of("player.next") == ("N", "F3")


def test_keys_are_not_heard_while_a_person_types(qtbot: QtBot, open_window: Opener, drop: Drop, samples: Path) -> None:
    running = open_window(works=False)
    window = running.window
    drop(running, samples / "night-sky.txt")
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 1, timeout=LONG)
    window.focus_search()
    qtbot.keyClicks(window.library.search.field, "a/b?")
    assert window.library.search.field.text() == "a/b?"
    assert window.findChild(ShortcutsDialog) is None


def test_settings_of_another_version_do_no_harm() -> None:
    keys = Keys({"player.moonwalk": "M", "player.full": "nonsense+key\nG", "player.jump": "X"})
    assert keys.of("player.full") == ("G",)
    assert keys.of("player.jump")[0] == "0"
    assert keys.kept() == {"player.full": "G"}


def test_tool_tips_say_the_keys_that_are_in_use(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    bar = running.window.player.transport
    assert bar._mark.toolTip().endswith("(M)")
    assert "M marks" in bar._hint.text()
    running.desk.keys.choose("player.mark", ("Ctrl+M",))
    assert bar._mark.toolTip().endswith("(Ctrl+M)")
    assert "Ctrl+M marks" in bar._hint.text()
    assert "frame by frame" in bar._hint.text()
    bar.show_kind(is_video=False)
    assert "frame by frame" not in bar._hint.text() and "Ctrl+M marks" in bar._hint.text()
    bar.show_kind(is_video=True)
    assert "frame by frame" in bar._hint.text()
    assert "(" not in bar._mark.accessibleName()
    running.desk.keys.choose("player.mark", ())
    assert "(" not in bar._mark.toolTip()
    running.desk.keys.reset()
