"""All keys on one sheet, found by their words or by pressing them, and changed where they stand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QLineEdit, QMenu, QPushButton, QScrollArea, QWidget

from media_assistant.items.folding import fold
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.shortcuts import ROOMS, SHORTCUTS, Shortcut, key_of, native_key
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.plain import button, column, frame, label, row, said

SIZE = (760, 620)


def show_shortcuts(desk: Desk, window: QWidget) -> None:
    """Open the sheet beside the window, or bring the open one forward."""
    sheet = window.findChild(ShortcutsDialog) or ShortcutsDialog(desk, window)
    sheet.show()
    sheet.raise_()
    sheet.activateWindow()


class ShortcutsDialog(QDialog):
    """Closes with Esc; never in the way of work."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        words = desk.words
        words.bind(self, QDialog.setWindowTitle, "ui.keys.title")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(min(SIZE[0], parent.width()), min(SIZE[1], parent.height()))
        down = column(self, margins=(22, 16, 22, 14), gap=12)
        self.field = LineField()
        self.field.setClearButtonEnabled(True)
        words.bind(self.field, QLineEdit.setPlaceholderText, "ui.keys.find")
        words.bind(self.field, QLineEdit.setAccessibleName, "ui.keys.find")
        self.field.textChanged.connect(self._narrow)
        down.addWidget(self.field)
        self.lines = [_Line(desk, shortcut, self._asked) for shortcut in SHORTCUTS]
        down.addWidget(self._build_sheet(), 1)
        self.nothing = said(words, "ui.keys.nothing", "soft")
        self.nothing.hide()
        down.addWidget(self.nothing)
        down.addWidget(self._build_question())
        foot = row()
        self.reset = button(words, "ui.keys.reset_all", lambda: actions.reset_keys(desk, owner=self), role="link")
        foot.addWidget(self.reset)
        foot.addStretch(1)
        foot.addWidget(button(words, "ui.close", self.close))
        down.addLayout(foot)
        desk.keys.changed.connect(self._show)
        words.changed.connect(self._show)
        self._show()
        self.field.setFocus()

    def _build_sheet(self) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        inside = column(page, margins=(0, 0, 10, 0), gap=2)
        self._titles: list[tuple[QLabel, list[_Line]]] = []
        for room in ROOMS:
            title = said(self._desk.words, f"ui.keys.section.{room}", "section")
            title.setContentsMargins(0, 10, 0, 2)
            inside.addWidget(title)
            mine = [line for line in self.lines if line.shortcut.room == room]
            for line in mine:
                inside.addWidget(line)
            self._titles.append((title, mine))
        inside.addStretch(1)
        area.setWidget(page)
        return area

    def _build_question(self) -> QWidget:
        """What is asked when a key is taken already."""
        words = self._desk.words
        self.question = frame(card="note")
        across = row(self.question, margins=(12, 8, 8, 8), gap=8)
        self.asked = label(wraps=True)
        self.take = button(words, "ui.keys.take", self._take)
        self.leave = button(words, "ui.keys.leave", self.question.hide)
        across.addWidget(self.asked, 1)
        across.addWidget(self.take)
        across.addWidget(self.leave)
        self._wish: tuple[str, tuple[str, ...]] = ("", ())
        self.question.hide()
        return self.question

    def _asked(self, name: str, keys: tuple[str, ...], new: str) -> None:
        """A person pressed a new key for a verb."""
        words, other = self._desk.words, self._desk.keys.taken_by(name, new) if new else ""
        self.question.hide()
        if not other:
            actions.choose_keys(self._desk, name=name, keys=keys, owner=self)
            return
        self._wish = (name, keys)
        is_fixed = next(each.is_fixed for each in SHORTCUTS if each.name == other)
        code = "ui.keys.taken_fixed" if is_fixed else "ui.keys.taken"
        self.asked.setText(words.say(code, key=native_key(new), what=words.say(f"ui.keys.{other}")))
        self.take.setVisible(not is_fixed)
        self.question.show()
        (self.leave if is_fixed else self.take).setFocus()

    def _take(self) -> None:
        self.question.hide()
        name, keys = self._wish
        actions.choose_keys(self._desk, name=name, keys=keys, owner=self)

    def _narrow(self) -> None:
        asked = fold(self.field.text()).strip()
        for line in self.lines:
            line.setVisible(not asked or asked in line.searched)
        for title, mine in self._titles:
            title.setVisible(any(not line.isHidden() for line in mine))
        self.nothing.setVisible(all(line.isHidden() for line in self.lines))

    def _show(self) -> None:
        for line in self.lines:
            line.show_keys()
        self.reset.setEnabled(bool(self._desk.keys.kept()))
        self._narrow()


class _Line(QWidget):
    """One verb and its keys. `asked` is called with the name, the keys wished for and the new one among them."""

    def __init__(self, desk: Desk, shortcut: Shortcut, asked: Callable[[str, tuple[str, ...], str], None]) -> None:
        super().__init__()
        self._desk = desk
        self.shortcut = shortcut
        self._asked = asked
        self.searched = ""
        across = QGridLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setColumnStretch(0, 1)
        self.name = said(desk.words, f"ui.keys.{shortcut.name}", wraps=True)
        self.changed = said(desk.words, "ui.keys.changed", "small")
        self.keys: QLabel | KeyButton = label("badge") if shortcut.is_fixed else KeyButton()
        across.addWidget(self.name, 0, 0)
        across.addWidget(self.changed, 0, 1)
        across.addWidget(self.keys, 0, 2, Qt.AlignmentFlag.AlignRight)
        if isinstance(self.keys, KeyButton):
            self.keys.clicked.connect(self._offer)
            self.keys.pressed_key.connect(self._pressed)
            self.keys.left.connect(self.show_keys)
        self._keeps = False

    def show_keys(self) -> None:
        """As they are now."""
        words, keys = self._desk.words, self._desk.keys.of(self.shortcut.name)
        shown = "  ".join(native_key(key) for key in keys)
        if self.shortcut.name == "player.jump":
            shown = f"{keys[0]} – {keys[-1]}"
        name = words.say(f"ui.keys.{self.shortcut.name}")
        self.keys.setText(shown or words.say("ui.keys.none"))
        self.keys.setAccessibleName(words.say("ui.keys.line", what=name, keys=shown or words.say("ui.keys.none")))
        self.changed.setVisible(self._desk.keys.is_own(self.shortcut.name))
        self.searched = fold(f"{name} {shown} {' '.join(keys)}")

    def menu(self) -> QMenu:
        """What can be done with the keys of this verb."""
        words, keys = self._desk.words, self._desk.keys
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        has_some = bool(keys.of(self.shortcut.name))
        menu.addAction(words.say("ui.keys.change")).triggered.connect(partial(self._listen, keeps=False))
        menu.addAction(words.say("ui.keys.add")).triggered.connect(partial(self._listen, keeps=True))
        none = menu.addAction(words.say("ui.keys.no_key"))
        none.setEnabled(has_some)
        none.triggered.connect(lambda: self._wish((), ""))
        back = menu.addAction(words.say("ui.keys.reset"))
        back.setEnabled(keys.is_own(self.shortcut.name))
        back.triggered.connect(lambda: actions.reset_keys(self._desk, name=self.shortcut.name, owner=self))
        return menu

    def _offer(self) -> None:
        self.menu().popup(self.keys.mapToGlobal(self.keys.rect().bottomLeft()))

    def _listen(self, *, keeps: bool) -> None:
        if isinstance(self.keys, KeyButton):
            self._keeps = keeps
            self.keys.listen(self._desk.words.say("ui.keys.press"))

    def _pressed(self, key: str) -> None:
        old = self._desk.keys.of(self.shortcut.name) if self._keeps else ()
        self._wish((*(each for each in old if each != key), key), key)

    def _wish(self, keys: tuple[str, ...], new: str) -> None:
        self.show_keys()
        self._asked(self.shortcut.name, keys, new)


class KeyButton(QPushButton):
    """Shows keys, and listens for one. Signals: `pressed_key(str)` as the table writes it; `left()` without one."""

    pressed_key = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.is_listening = False
        self.setAutoDefault(False)

    def listen(self, prompt: str) -> None:
        """Take the next key, whatever it means elsewhere; Esc leaves things as they were."""
        self.is_listening = True
        self.setText(prompt)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def event(self, event: QEvent) -> bool:
        """While it listens no key is a shortcut, and Tab is a key like any other."""
        if self.is_listening and isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress:
                self._take(key_of(event))
                return True
        return super().event(event)

    def _take(self, key: str) -> None:
        if not key:
            return
        self.is_listening = False
        if key == "Esc":
            self.left.emit()
        else:
            self.pressed_key.emit(key)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Gone elsewhere: nothing is changed."""
        if self.is_listening and event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.is_listening = False
            self.left.emit()
        super().focusOutEvent(event)
