"""Labels, buttons and rows with a role and a bound text, so that panels read as what they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from media_assistant.ui.look.icons import make_icon
from media_assistant.ui.look.theme import Look
from media_assistant.ui.shortcuts import Keys
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.words import Words

Layout = TypeVar("Layout", bound=QBoxLayout)
Control = TypeVar("Control", bound=QWidget)
QWIDGETSIZE_MAX = (1 << 24) - 1
"""Of Qt: no limit."""
PAGE_MARGINS = (24, 18, 24, 14)
"""The margins of a page: left, top, right, bottom."""
TITLE_HEIGHT = 31


def label(role: str = "", *, wraps: bool = False, selectable: bool = False) -> QLabel:
    """An empty label of a role of the style sheet. Never reads its text as HTML: file names may hold anything."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wraps)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


class _Unwheeled(QObject):
    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.Wheel:
            return False
        # Not taken, so whatever scrolls around it gets it.
        event.ignore()
        return True


def unwheeled(control: Control) -> Control:
    """A box or slider on a page that scrolls: the wheel scrolls the page, and chooses nothing in passing."""
    control.installEventFilter(_Unwheeled(control))
    return control


def keeps_escape(event: QEvent) -> bool:
    """Whether it asks who gets Esc; then it stays with the widget, which closes itself by it, and the window's step back is not
    taken.
    """
    if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.ShortcutOverride:
        return False
    is_escape = event.key() == Qt.Key.Key_Escape
    event.setAccepted(is_escape)
    return is_escape


class ShortenedLabel(QLabel):
    """One line that ends in … where there is no room for all of it (`in_the_middle`: that keeps its end); its tool tip has
    the whole.
    """

    def __init__(self, role: str = "", *, in_the_middle: bool = False) -> None:
        super().__init__()
        self._elided = Qt.TextElideMode.ElideMiddle if in_the_middle else Qt.TextElideMode.ElideRight
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)

    def setText(self, text: str) -> None:
        """Also as the tool tip."""
        super().setText(text)
        self.setToolTip(plain_tip(text))

    def minimumSizeHint(self) -> QSize:
        """No text is too long."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """As much as fits."""
        painter, room = QPainter(self), self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), self._elided, room.width())
        self.style().drawItemText(
            painter, room, int(self.alignment()), self.palette(), self.isEnabled(), text, self.foregroundRole()
        )


def said(words: Words, code: str, role: str = "", *, wraps: bool = False) -> QLabel:
    """A label that says `code` in whatever language is chosen."""
    made = label(role, wraps=wraps)
    words.bind(made, QLabel.setText, code)
    return made


def middle_page(*texts: QLabel) -> QWidget:
    """What is said in the middle of a page on which there is nothing else."""
    page = QWidget()
    inside = column(page, margins=(40, 40, 40, 60), gap=8)
    inside.addStretch(1)
    for text in texts:
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside.addWidget(text)
    inside.addStretch(2)
    return page


def button(words: Words, code: str, act: Callable[[], object] | None = None, *, role: str = "") -> QPushButton:
    """A push button that says `code`."""
    made = QPushButton()
    if role:
        made.setProperty("role", role)
    words.bind(made, QPushButton.setText, code)
    made.setAutoDefault(False)
    if act is not None:
        made.clicked.connect(lambda _checked=False: act())
    return made


def open_menu(opener: QPushButton, menu: QMenu) -> QMenu:
    """Let a button open a menu, and show by an arrow that it does; gives the menu."""
    opener.setProperty("opens", "menu")
    opener.setMenu(menu)
    return menu


class IconButton(QToolButton):
    """A tool button with an icon alone; its name is its tool tip and what a screen reader says."""

    def __init__(
        self,
        words: Words,
        look: Look,
        icon: str,
        code: str,
        act: Callable[[], object] | None = None,
        *,
        keys: Keys | None = None,
        verb: str = "",
    ) -> None:
        """With `keys` and a `verb` of theirs the tool tip also says which key does the same."""
        super().__init__()
        self._look = look
        self._icon = icon
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._words, self._keys, self._verb = words, keys, verb
        words.bind(self, IconButton._name, code)
        if keys is not None:
            keys.changed.connect(self._tell_key)
        look.changed.connect(self._dress)
        self._dress()
        if act is not None:
            self.clicked.connect(lambda _checked=False: act())

    def _name(self, text: str) -> None:
        self.setAccessibleName(text)
        self._tell_key()

    def _tell_key(self) -> None:
        text, key = self.accessibleName(), self._keys.shown(self._verb) if self._keys is not None else ""
        self.setToolTip(plain_tip(self._words.say("ui.tip_key", tip=text, key=key) if key else text))

    def wear(self, icon: str) -> None:
        """Show another icon."""
        if icon != self._icon:
            self._icon = icon
            self._dress()

    def _dress(self) -> None:
        self.setIcon(make_icon(self._icon, self._look.colours.text_soft))


def frame(*, ground: str = "", edge: str = "", card: str = "") -> QFrame:
    """A frame with a ground, a hairline on one side, or the look of a card."""
    made = QFrame()
    for name, value in (("ground", ground), ("edge", edge), ("card", card)):
        if value:
            made.setProperty(name, value)
    return made


def column(
    owner: QWidget | None = None, *, margins: tuple[int, int, int, int] = (0, 0, 0, 0), gap: int = 6
) -> QVBoxLayout:
    """A vertical layout."""
    made = QVBoxLayout(owner) if owner is not None else QVBoxLayout()
    return _spaced(made, margins, gap)


def row(
    owner: QWidget | None = None, *, margins: tuple[int, int, int, int] = (0, 0, 0, 0), gap: int = 6
) -> QHBoxLayout:
    """A horizontal layout."""
    made = QHBoxLayout(owner) if owner is not None else QHBoxLayout()
    return _spaced(made, margins, gap)


def page_title(words: Words, code: str) -> QLabel:
    """What a page is called, as high as the controls that may stand beside it: so it is at the same place on every page."""
    made = said(words, code, "headline")
    made.setMinimumHeight(TITLE_HEIGHT)
    return made


def fill_page(page: QScrollArea, width: int) -> QVBoxLayout:
    """Make a whole page of one column, at the left and no wider than `width` px; gives the column."""
    page.setWidgetResizable(True)
    page.setFrameShape(QFrame.Shape.NoFrame)
    page.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    ground = frame(ground="ground")
    page.setWidget(ground)
    across = row(ground, margins=(*PAGE_MARGINS[:3], 28))
    middle = QWidget()
    middle.setMaximumWidth(width)
    across.addWidget(middle, 100)
    across.addStretch(1)
    return column(middle, gap=10)


def fill_width(down: QVBoxLayout, width: int, *, is_empty: bool) -> None:
    """Of a page of `fill_page`: as wide as the page while it holds nothing but what is said in its middle."""
    middle = down.parentWidget()
    assert middle is not None
    middle.setMaximumWidth(QWIDGETSIZE_MAX if is_empty else width)


def _spaced(made: Layout, margins: tuple[int, int, int, int], gap: int) -> Layout:
    made.setContentsMargins(*margins)
    made.setSpacing(gap)
    return made


def empty_layout(layout: QLayout) -> None:
    """Take everything out of a layout and let it go."""
    while (taken := layout.takeAt(0)) is not None:
        widget = taken.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        inner = taken.layout()
        if inner is not None:
            empty_layout(inner)
        # Whoever takes an item has to delete it, and PySide leaves that to C++: a hundred bytes for each widget that ever was.
        shiboken6.delete(taken)
