"""The way of the Tab key: through the window as it is read, whatever was built when.

Qt goes through widgets in the order in which they came into the window, so that a page, a card or a tag that was made
later would come after the strip at the foot. Here the order is that of the layouts, asked anew at each step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QRadioButton, QScrollArea, QSplitter, QWidget


def step(window: QWidget, *, is_forward: bool) -> bool:
    """Give the keyboard to the next or previous stop, from the last to the first and back; False where there is none.

    A widget that has just been hidden or is being deleted still has its place: the way goes on from there.
    """
    current = window.focusWidget()
    way = stops(window, current)
    at = way.index(current) if current in way else -1 if is_forward else len(way)
    further = [*way[at + 1 :], *way[: max(0, at)]] if is_forward else [*way[:at][::-1], *way[at + 1 :][::-1]]
    if not further:
        return False
    reach(further[0], Qt.FocusReason.TabFocusReason if is_forward else Qt.FocusReason.BacktabFocusReason)
    return True


def reach(widget: QWidget, reason: Qt.FocusReason) -> None:
    """Give a widget the keyboard, and bring it into sight where it stands on a page that is scrolled."""
    widget.setFocus(reason)
    bring_into_sight(widget)


def hand_over(to: QWidget, *going: QWidget) -> None:
    """Give `to` its window's keyboard if what is about to go has it, or a part of that. Qt would hand it on to whatever comes
    next, which may be a button that decides something.
    """
    current: QWidget | None = to.window().focusWidget()
    if current is not None and any(current is each or each.isAncestorOf(current) for each in going):
        to.setFocus()


def watch_keyboard(part: QWidget) -> Callable[[], bool]:
    """Whether the keyboard of its window still is where it is now, or nowhere: then it may be given to what comes late."""
    before = part.window().focusWidget()

    def is_unmoved() -> bool:
        now: QWidget | None = part.window().focusWidget()
        return now is None or now is before

    return is_unmoved


def bring_into_sight(widget: QWidget) -> None:
    """Where it stands on a page that is scrolled."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget)
        above = above.parentWidget()


def stops(window: QWidget, current: QWidget | None = None) -> list[QWidget]:
    """Everything in sight that takes the keyboard, in order; `current` too, whatever it is."""
    found: list[QWidget] = []
    above = set()
    over = current
    while over is not None:
        above.add(id(over))
        over = over.parentWidget()

    def walk(widget: QWidget) -> None:
        if widget is current or _takes_tab(widget):
            found.append(widget)
        for part in _parts(widget):
            if part.isVisible() or id(part) in above:
                walk(part)

    walk(window)
    return found


def _takes_tab(widget: QWidget) -> bool:
    tab = Qt.FocusPolicy.TabFocus
    if not widget.isEnabled() or widget.focusPolicy() & tab != tab or widget.focusProxy() is not None:
        return False
    if isinstance(widget, QRadioButton) and widget.autoExclusive() and not widget.isChecked():
        # The arrows go through the others of its group.
        group = widget.parentWidget()
        beside = group.children() if group is not None else []
        return not any(isinstance(each, QRadioButton) and each.isChecked() for each in beside)
    return True


def _parts(widget: QWidget) -> Iterator[QWidget]:
    """What stands in a widget, as its layout has it; what lies over that without a layout comes last."""
    layout = widget.layout()
    if isinstance(widget, QSplitter):
        placed = [part for at in range(widget.count()) if (part := widget.widget(at)) is not None]
    else:
        placed = list(_placed(layout)) if layout is not None else []
    yield from placed
    # By identity: two wrappers of one widget are one, and comparing them asks Qt.
    known = set(map(id, placed))
    for child in widget.children():
        if isinstance(child, QWidget) and id(child) not in known and not child.isWindow():
            yield child


def _placed(layout: QLayout) -> Iterator[QWidget]:
    for at in range(layout.count()):
        item = layout.itemAt(at)
        if item is None:
            continue
        inside, below = item.widget(), item.layout()
        if inside is not None:
            yield inside
        elif below is not None:
            yield from _placed(below)
