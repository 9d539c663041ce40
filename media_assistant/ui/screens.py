"""A window belongs where a person can see it: on a screen that is there, no larger than it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

LEAST = 120
"""So much of the title, in logical pixels, must be reachable."""


def fitted(window: QRect, screens: Sequence[QRect], smallest: tuple[int, int]) -> QRect:
    """`window` as it is if enough of it is on a screen; else brought onto the first one. Never larger than that screen,
    but never smaller than `smallest`.
    """
    if not screens:
        return window
    title = QRect(window.left(), window.top(), window.width(), 32)
    best = max(screens, key=lambda screen: _area(screen.intersected(window)))
    is_reachable = any(
        (seen := screen.intersected(title)).width() >= min(LEAST, title.width()) and seen.height() >= 16
        for screen in screens
    )
    home = best if is_reachable else screens[0]
    width = max(smallest[0], min(window.width(), home.width()))
    height = max(smallest[1], min(window.height(), home.height()))
    if is_reachable and (width, height) == (window.width(), window.height()):
        return window
    left = home.left() + max(0, (home.width() - width) // 2)
    top = home.top() + max(0, (home.height() - height) // 2)
    if is_reachable:
        left, top = max(home.left(), min(window.left(), home.right() - width + 1)), max(home.top(), window.top())
    return QRect(left, top, width, height)


def bring_onto_screen(window: QWidget) -> None:
    """For a window whose screen was unplugged since it was last seen, or just now."""
    if window.isMaximized() or window.isFullScreen():
        return
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    primary = QGuiApplication.primaryScreen()
    if primary is not None:
        screens.sort(key=lambda each: each != primary.availableGeometry())
    now = window.geometry()
    wanted = fitted(now, screens, (window.minimumWidth(), window.minimumHeight()))
    if wanted != now:
        window.setGeometry(wanted)


def _area(rect: QRect) -> int:
    return max(0, rect.width()) * max(0, rect.height())
