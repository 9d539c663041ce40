"""What the colours of the map stand for: a dot, a name and a count for each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from media_assistant.items.kind import Kind
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.map.picture import TAG, TIME, Tint
from media_assistant.ui.widgets.plain import empty_layout, label, row

_DOT = 10


class MapLegend(QWidget):
    """Says nothing until `show_tints`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._shown: tuple[object, ...] = ()
        self._flow = FlowLayout(self, gap=12)

    def show_tints(self, by: str, tints: Sequence[Tint], tag: str) -> None:
        """`tag` is the name of the one that colours."""
        parts = [(tint.colour, self._name(by, tint, tag)) for tint in tints if tint.items]
        if tuple(parts) == self._shown:
            return
        self._shown = tuple(parts)
        empty_layout(self._flow)
        for colour, text in parts:
            part = QWidget()
            across = row(part, gap=5)
            dot = QLabel()
            dot.setPixmap(_dot(colour, self.devicePixelRatioF()))
            name = label("soft")
            name.setText(text)
            name.setMaximumWidth(260)
            across.addWidget(dot, 0, Qt.AlignmentFlag.AlignVCenter)
            across.addWidget(name)
            self._flow.addWidget(part)
        self.updateGeometry()

    def _name(self, by: str, tint: Tint, tag: str) -> str:
        words = self._desk.words
        name = ""
        if by == TAG:
            name = tag if tint.stands_for else words.say("ui.map.without_tag")
        elif by == TIME and isinstance(tint.stands_for, float):
            name = words.say("ui.map.no_time")
            if not math.isnan(tint.stands_for):
                day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=tint.stands_for)
                name = words.say("ui.map.since", date=words.date(day.isoformat()))
        elif isinstance(tint.stands_for, str):
            name = words.say(f"ui.kind.many.{Kind(tint.stands_for).value}")
        return words.say("ui.map.legend", name=name, count=tint.items)


def _dot(colour: str, ratio: float) -> QPixmap:
    made = QPixmap(round(_DOT * ratio), round(_DOT * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(QColor(0, 0, 0, 0))
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(0, 0, _DOT, _DOT)
    painter.end()
    return made
