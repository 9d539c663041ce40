"""Every key of the window in one table, and what a person made of it.

To add a key: a line in _EVERYWHERE, its words as `ui.keys.<room>.<verb>` in both languages (`keys.toml`), and whoever does it:
a verb of the whole window is given to `bind_keys` in main_window.py, any other asks `Keys.meant` in its `keyPressEvent`.
The sheet of keys, the settings and the tool tips read this table.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from PySide6 import QtGui
from PySide6.QtCore import QObject, Qt, Signal

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

ANYWHERE = "anywhere"


class Shortcut(NamedTuple):
    """`name` is `<room>.<verb>`. A fixed one is part of how the thing works, such as arrows in a grid: shown, not changed."""

    name: str
    keys: tuple[str, ...]
    is_fixed: bool = False

    @property
    def room(self) -> str:
        """Where it is heard; `anywhere` is the whole window."""
        return self.name.partition(".")[0]


def _does(name: str, *keys: str) -> Shortcut:
    return Shortcut(name, keys)


def _fixed(name: str, *keys: str) -> Shortcut:
    return Shortcut(name, keys, is_fixed=True)


_EVERYWHERE = (
    _does("anywhere.search", "Ctrl+F", "/"),
    _does("anywhere.files", "Ctrl+O"),
    _does("anywhere.folder", "Ctrl+Shift+O"),
    _does("anywhere.collect", "Ctrl+N"),
    _does("anywhere.keep_search", "Ctrl+S"),
    _does("anywhere.mix", "Ctrl+Shift+X"),
    _does("anywhere.similar", "Ctrl+E"),
    _does("anywhere.not_similar", "Ctrl+Shift+E"),
    _does("anywhere.rate_1", "Ctrl+1"),
    _does("anywhere.rate_2", "Ctrl+2"),
    _does("anywhere.rate_3", "Ctrl+3"),
    _does("anywhere.rate_4", "Ctrl+4"),
    _does("anywhere.rate_5", "Ctrl+5"),
    _does("anywhere.rate_0", "Ctrl+0"),
    _does("anywhere.undo", "Ctrl+Z"),
    _does("anywhere.redo", "Ctrl+Shift+Z", "Ctrl+Y"),
    _does("anywhere.history", "Ctrl+Shift+H"),
    _does("anywhere.tags", "Ctrl+T"),
    _does("anywhere.duplicates", "Ctrl+Shift+D"),
    _does("anywhere.foryou", "Ctrl+Shift+F"),
    _does("anywhere.map", "Ctrl+Shift+M"),
    _does("anywhere.teach", "Ctrl+Shift+L"),
    _does("anywhere.review", "Ctrl+R"),
    _does("anywhere.settings", "Ctrl+,"),
    _does("anywhere.work", "Ctrl+Shift+Y"),
    _does("anywhere.keys", "F1", "?"),
    _does("anywhere.back", "Esc"),
    _does("anywhere.quit", "Ctrl+Q"),
    _does("library.open", "Return"),
    _does("library.play", "Space"),
    _does("library.all", "Ctrl+A"),
    _does("library.toggle", "Ctrl+Space"),
    _fixed("library.extend", "Shift+Right"),
    _does("library.larger", "Ctrl++", "Ctrl+="),
    _does("library.smaller", "Ctrl+-"),
    _does("library.group_on", "Alt+Down"),
    _does("library.group_back", "Alt+Up"),
    _does("library.group", "Ctrl+Shift+A"),
    _does("library.remove", "Del"),
    _fixed("library.reorder", "Alt+Right"),
    _does("player.play", "Space", "K"),
    _does("player.backwards", "J"),
    _does("player.forwards", "L"),
    _does("player.frame_back", ","),
    _does("player.frame_on", "."),
    _does("player.five_back", "Left"),
    _does("player.five_on", "Right"),
    _does("player.start", "Home"),
    _does("player.end", "End"),
    _does("player.slower", "<"),
    _does("player.faster", ">"),
    _does("player.chapter_back", "PgUp"),
    _does("player.chapter_on", "PgDown"),
    _does("player.loop_start", "["),
    _does("player.loop_end", "]"),
    _does("player.loop_off", "\\"),
    _does("player.mark", "M"),
    _does("player.go_on", "R"),
    _does("player.subtitles", "C"),
    _does("player.mute", "S"),
    _fixed("player.jump", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
    _does("player.previous", "Shift+N", "Shift+F3", "P"),
    _does("player.next", "N", "F3"),
    _does("player.full", "F"),
    _does("queue.up", "Alt+Up"),
    _does("queue.down", "Alt+Down"),
    _does("queue.first", "Alt+Home"),
    _does("queue.last", "Alt+End"),
    _does("queue.hold", "P"),
    _does("queue.cancel", "Del"),
    _does("transcript.edit", "Return", "F2"),
    _does("transcript.split", "Ctrl+Return"),
    _does("transcript.merge", "Ctrl+M"),
    _does("transcript.insert", "Ins"),
    _does("transcript.delete", "Del"),
    _does("transcript.next_doubt", "F8"),
    _does("transcript.previous_doubt", "Shift+F8"),
    _does("transcript.confirm", "F7"),
    _does("transcript.start_here", "F9"),
    _does("transcript.end_here", "F10"),
    _does("transcript.start_earlier", "Alt+Left"),
    _does("transcript.start_later", "Alt+Right"),
    _does("transcript.end_earlier", "Alt+Shift+Left"),
    _does("transcript.end_later", "Alt+Shift+Right"),
    _does("transcript.find", "Ctrl+H"),
    _does("transcript.shift", "Ctrl+Shift+T"),
    _does("transcript.listen", "Ctrl+L"),
    _does("transcript.names", "Ctrl+Shift+N"),
    _does("transcript.copy", "Ctrl+C"),
    _does("transcript.all", "Ctrl+A"),
    _does("tag.accept", "A", "+"),
    _does("tag.refuse", "X", "R", "-", "Del"),
    _fixed("tag.why", "Return"),
    _does("tags.show", "Return"),
    _does("tags.review", "R"),
    _does("tags.teach", "E"),
    _does("tags.mix", "X"),
    _does("tags.rename", "F2"),
    _does("tags.new", "N"),
    _does("tags.child", "Shift+N"),
    _does("tags.move", "P"),
    _does("tags.top", "T"),
    _does("tags.merge", "M"),
    _does("tags.delete", "Del"),
    _does("tags.filter", "F"),
    _does("history.alone", "U", "Del"),
    _does("history.back_to", "Shift+U"),
    _does("history.again", "Shift+R"),
    _does("history.show", "Return", "O"),
    _does("review.accept", "A", "Return"),
    _does("review.refuse", "X", "R", "Del"),
    _does("review.play", "Space"),
    _does("review.skip", "S", "Right"),
    _does("review.previous", "Left"),
    _does("review.undo", "U"),
    _does("review.accept_all", "Shift+A"),
    _does("review.open", "O"),
    _does("foryou.open", "Return"),
    _does("foryou.like", "L", "+"),
    _does("foryou.not_now", "N"),
    _does("foryou.never", "X", "Del"),
    _does("foryou.not_because", "B"),
    _fixed("map.move", "Right"),
    _fixed("map.pan", "Shift+Right"),
    _does("map.nearer", "+", "="),
    _does("map.farther", "-"),
    _does("map.all", "Home"),
    _does("map.open", "Return"),
    _does("map.toggle", "Space"),
    _does("map.none", "Backspace"),
    _does("teach.yes", "Y", "A", "Return"),
    _does("teach.no", "N", "X", "Del"),
    _does("teach.skip", "S", "Right"),
    _does("teach.play", "Space"),
    _does("teach.undo", "U"),
    _does("teach.open", "O"),
    _does("teach.review", "R"),
    _does("duplicates.keep", "K", "Return"),
    _does("duplicates.keep_other", "Shift+K"),
    _does("duplicates.different", "N", "X"),
    _does("duplicates.next", "Right"),
    _does("duplicates.previous", "Left"),
    _does("duplicates.open", "O"),
)
_ON_MACOS = {
    "library.toggle": ("Shift+Space",),
    "transcript.merge": ("Ctrl+J",),
    "transcript.insert": ("Ctrl+I",),
    "transcript.find": ("Ctrl+Alt+F",),
}
"""Ctrl is ⌘ there, as Qt writes it. In the place of keys that the system keeps for itself, and of one that no Mac has."""


def shortcuts_on(platform: str) -> tuple[Shortcut, ...]:
    """The table of a system, as `sys.platform` calls it. The key with which Mac keyboards delete is Backspace."""
    if platform != "darwin":
        return _EVERYWHERE
    return tuple(
        each._replace(
            keys=tuple(
                own
                for key in _ON_MACOS.get(each.name, each.keys)
                for own in (("Backspace", key) if key == "Del" else (key,))
            )
        )
        for each in _EVERYWHERE
    )


SHORTCUTS = shortcuts_on(sys.platform)
ROOMS = tuple(dict.fromkeys(each.room for each in SHORTCUTS))
_BY_NAME = {each.name: each for each in SHORTCUTS}


class Keys(QObject):
    """The keys in use. Signals: `changed()` after a person chose others."""

    changed = Signal()

    def __init__(self, own: Mapping[str, str]) -> None:
        """`own` is what `kept` gave: names with keys, one a line; what is not in the table any more is let go."""
        super().__init__()
        self._own = {
            name: tuple(filter(None, (plain_key(key) for key in keys.split("\n"))))
            for name, keys in own.items()
            if name in _BY_NAME and not _BY_NAME[name].is_fixed
        }
        self._meanings: dict[str, dict[str, str]] = {}
        self._learn()

    def of(self, name: str) -> tuple[str, ...]:
        """The keys of one verb, as portable texts. Raises KeyError for a name that is not in SHORTCUTS."""
        return self._own.get(name, _BY_NAME[name].keys)

    def shown(self, name: str) -> str:
        """The first of them as this system writes it, for a tool tip or a menu; empty when there is none."""
        return native_key(self.of(name)[0]) if self.of(name) else ""

    def meant(self, event: QKeyEvent, room: str) -> str:
        """The verb that a key means in a room, or nothing: `frame_on` in `player`."""
        return self._meanings.get(room, {}).get(key_of(event), "")

    def is_own(self, name: str) -> bool:
        """Whether a person chose other keys than the program came with."""
        return name in self._own

    def taken_by(self, name: str, key: str) -> str:
        """Another verb that has this key where `name` is heard too; empty when the key is free."""
        mine = _BY_NAME[name].room
        for other in SHORTCUTS:
            is_near = mine == other.room or ANYWHERE in (mine, other.room)
            if other.name != name and is_near and key in self.of(other.name):
                return other.name
        return ""

    def choose(self, name: str, keys: tuple[str, ...]) -> None:
        """These keys from now on, none of them twice; whoever had one of them where it would clash loses it."""
        if _BY_NAME[name].is_fixed:
            return
        for key in keys:
            while other := self.taken_by(name, key):
                if _BY_NAME[other].is_fixed:
                    return
                self._set(other, tuple(each for each in self.of(other) if each != key))
        self._set(name, tuple(dict.fromkeys(keys)))
        self._learn()
        self.changed.emit()

    def reset(self, name: str = "") -> None:
        """As the program came, for one verb or all of them. What took its place meanwhile gives it back."""
        if not name:
            self._own.clear()
            self._learn()
            self.changed.emit()
        else:
            self.choose(name, _BY_NAME[name].keys)

    def kept(self) -> dict[str, str]:
        """What a person changed, for the settings."""
        return {name: "\n".join(keys) for name, keys in self._own.items()}

    def _set(self, name: str, keys: tuple[str, ...]) -> None:
        if keys == _BY_NAME[name].keys:
            self._own.pop(name, None)
        else:
            self._own[name] = keys

    def _learn(self) -> None:
        self._meanings = {room: {} for room in ROOMS}
        for each in SHORTCUTS:
            for key in self.of(each.name):
                self._meanings[each.room].setdefault(key, each.name.partition(".")[2])


def plain_key(text: str) -> str:
    """A key as the table writes it, such as `Ctrl+F`; empty for what is no key."""
    return QtGui.QKeySequence(text).toString(QtGui.QKeySequence.SequenceFormat.PortableText)


def native_key(key: str) -> str:
    """A key as this system writes it: ⌘F."""
    return QtGui.QKeySequence(key).toString(QtGui.QKeySequence.SequenceFormat.NativeText)


def key_of(event: QKeyEvent) -> str:
    """What was pressed, as the table writes it; empty for Ctrl, Shift or Alt alone.

    Signs that need Shift on one keyboard and none on another are the sign alone: `?`, not `Shift+/`.
    """
    key = event.key()
    if key in _NO_KEYS or key <= 0:
        return ""
    modifiers = event.modifiers() & _COUNTED
    if int(Qt.Key.Key_Exclam) <= key <= 0xFF and not int(Qt.Key.Key_A) <= key <= int(Qt.Key.Key_Z):
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    if key == int(Qt.Key.Key_Enter):
        key = int(Qt.Key.Key_Return)
    return QtGui.QKeySequence(modifiers.value | key).toString(QtGui.QKeySequence.SequenceFormat.PortableText)


def is_letter_key(key: str) -> bool:
    """Whether a field that a person types in wants this key for itself."""
    combination = QtGui.QKeySequence(key)[0]  # type: ignore[index]  # the stubs forget it
    with_control = combination.keyboardModifiers() & ~(
        Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    )
    # Qt numbers what prints by its character; Esc, arrows and F1 come far behind.
    return with_control == Qt.KeyboardModifier.NoModifier and int(combination.key()) < int(Qt.Key.Key_Escape)


_COUNTED = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.ShiftModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_NO_KEYS = frozenset(
    int(key)
    for key in (
        Qt.Key.Key_Control,
        Qt.Key.Key_Shift,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
        Qt.Key.Key_unknown,
    )
)
