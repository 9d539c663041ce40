"""The heads of groups: a day, a kind, an album, a folder, and how many items it holds."""

from __future__ import annotations

import os

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from media_assistant.items.kind import Kind
from media_assistant.items.order import Group
from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.grid.layout import MARGIN
from media_assistant.ui.words import Words


def group_title(words: Words, by: str, key: str) -> str:
    """What a group is called; `by` is one of `items.order.GROUPS`."""
    if not key:
        return words.say(f"ui.group.none.{by}")
    if by == "day":
        return words.date(key)
    if by == "kind":
        return words.say(f"ui.kind.many.{Kind(key).value}")
    if by == "folder":
        return key.rstrip(os.sep) or key
    return key


def group_words(words: Words, by: str, group: Group) -> str:
    """Title and number of items, for a screen reader."""
    return words.say("ui.group.head", name=group_title(words, by, group.key), count=group.size)


def paint_group_head(painter: QPainter, rect: QRect, by: str, group: Group, look: Look, words: Words) -> None:
    """Draw a head into `rect`, as wide as the view."""
    colours = look.colours
    painter.fillRect(rect, QColor(colours.ground))
    font = QFont(painter.font())
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    number = words.number(group.size)
    room = rect.width() - 2 * MARGIN - QFontMetrics(font).horizontalAdvance(number) - 12
    cut = Qt.TextElideMode.ElideLeft if by == "folder" else Qt.TextElideMode.ElideRight
    title = " ".join(group_title(words, by, group.key).split())[:400]
    title = QFontMetrics(bold).elidedText(title, cut, room)
    flags = (Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value | Qt.TextFlag.TextSingleLine.value
    painter.setFont(bold)
    painter.setPen(QColor(colours.text))
    painter.drawText(QRect(MARGIN, rect.top(), room, rect.height()), flags, title)
    painter.setFont(font)
    painter.setPen(QColor(colours.text_faint))
    left = MARGIN + QFontMetrics(bold).horizontalAdvance(title) + 10
    painter.drawText(QRect(left, rect.top(), rect.right() - left, rect.height()), flags, number)
