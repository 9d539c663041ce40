"""Dark and light: Qt's palette and the style sheet, put on together and changed while the window is open."""

from __future__ import annotations

from typing import Literal

from PySide6 import QtGui
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from media_assistant.ui.look.colours import DARK, LIGHT, Colours

ThemeWish = Literal["system", "dark", "light"]
FAMILY_MARK = "|"
CJK_FAMILIES = ("PingFang SC", "Microsoft YaHei UI", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC")


def palette(colours: Colours) -> QPalette:
    """Qt's own palette, for what the style sheet does not reach (dialogs, menus, text selections)."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: colours.ground,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.field,
        QPalette.ColorRole.AlternateBase: colours.card,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.Button: colours.chip,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.BrightText: colours.bad,
        QPalette.ColorRole.ToolTipBase: colours.chip,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.text_faint,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.Link: colours.link,
        QPalette.ColorRole.LinkVisited: colours.link,
        QPalette.ColorRole.Accent: colours.accent,
        QPalette.ColorRole.Mid: colours.line_strong,
        QPalette.ColorRole.Dark: colours.line,
        QPalette.ColorRole.Shadow: colours.stage,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.text_faint))
    return made


class Look(QObject):
    """The theme in use.

    Signals: `changed` after the colours changed; whoever paints by hand draws again.

    Without `is_dressed` there is no style sheet until `dress` is called: the first picture is painted by hand and has
    no use for one. `fonts` are the families that an earlier start found, for asking the system takes its time.
    """

    changed = Signal()

    def __init__(self, application: QApplication, wish: ThemeWish, *, is_dressed: bool = True, fonts: str = "") -> None:
        super().__init__()
        self._application = application
        self._is_dressed = is_dressed
        self._has_left = False
        self._wish: ThemeWish = wish
        self.colours = DARK
        application.setFont(window_font(fonts.split(FAMILY_MARK) if fonts else find_families()))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)
        self.wear(wish)

    def wear(self, wish: ThemeWish) -> None:
        """Put on the theme that `wish` means now."""
        self._wish = wish
        self.colours = _choose(wish)
        self._application.setPalette(palette(self.colours))
        if self._is_dressed:
            self._wear_sheet()
        self.changed.emit()

    def dress(self) -> None:
        """Put the style sheet on, if that was left for later."""
        if not self._is_dressed:
            self._is_dressed = True
            found = find_families()
            if found != self._application.font().families():
                self._application.setFont(window_font(found))
                self.changed.emit()
            self._wear_sheet()

    def leave(self) -> None:
        """The window goes: the system's colours are another's affair now. Doing so again changes nothing."""
        if not self._has_left:
            self._has_left = True
            QGuiApplication.styleHints().colorSchemeChanged.disconnect(self._system_changed)

    @property
    def fonts(self) -> str:
        """The families in use, for the next start."""
        return FAMILY_MARK.join(self._application.font().families())

    def _wear_sheet(self) -> None:
        from media_assistant.ui.look.style_sheet import style_sheet

        self._application.setStyleSheet(style_sheet(self.colours))

    def _system_changed(self) -> None:
        if self._wish == "system":
            self.wear("system")


def _choose(wish: ThemeWish) -> Colours:
    if wish == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return LIGHT if scheme is Qt.ColorScheme.Light else DARK
    return LIGHT if wish == "light" else DARK


def find_families() -> list[str]:
    """Qt's default family with the Chinese ones that this system has behind it."""
    known = set(QtGui.QFontDatabase.families())
    return [QtGui.QFontInfo(QFont()).family(), *(family for family in CJK_FAMILIES if family in known)]


def window_font(families: list[str]) -> QFont:
    """These families at 13 pixels."""
    font = QFont()
    font.setFamilies(families)
    font.setPixelSize(13)
    return font
