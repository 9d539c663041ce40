"""The map as it is looked at: moved, drawn near, and painted.

What is painted lies ready as a picture that is larger than the canvas; moving and drawing near put that elsewhere, and a
sharp one follows from a reader thread. So a frame costs the same with a hundred items and with a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QPainter,
    QPainterPath,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from media_assistant.items.item import Item
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.thumbnails import cover_top
from media_assistant.ui.look.icons import put_icon
from media_assistant.ui.widgets.grid.painter import paint_badge
from media_assistant.ui.widgets.map.picture import CARD, KIND, Card, Picture, Sight, Wish, dot_radius, paint_map

if TYPE_CHECKING:
    from media_assistant.workflows.order.mapping import LibraryMap

STEP = 1.25
"""How much nearer one step of a key or of the wheel leads."""
FARTHEST, NEAREST = 0.5, 400.0
"""The scales between which it is looked at: shares of all in sight, and pixels between neighbours."""
REACH = 9
"""Pixels from a point within which it is meant."""
EDGE = 48
GAP = 12
CORNER = 6


class MapSurface(QWidget):
    """Signals: `selection_changed()` others are chosen; `painted(Picture)` it is shown as it is wished."""

    selection_changed = Signal()
    painted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.map: LibraryMap | None = None
        self.sight = Sight(0, 0, 1)
        self.picture: Picture | None = None
        self.current = 0
        self.title = ""
        """Of the current item."""
        self.chosen: frozenset[int] = frozenset()
        self.by = KIND
        self.tagged: Sequence[int] = ()
        self._is_fitted = True
        """Whether it shows all of it, and goes on doing so."""
        self._bounds = (-1.0, -1.0, 1.0, 1.0)
        self._is_painting = False
        self._is_stale = False
        self._spots: dict[int, tuple[float, float]] = {}
        self._items: dict[int, Item] = {}
        self.setMinimumSize(240, 160)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        desk.thumbnails.arrived.connect(self._picture_arrived)
        desk.look.changed.connect(self.repaint_map)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    def show_map(self, found: LibraryMap) -> None:
        """Items where they lie now; what is looked at stays in sight."""
        is_first = self.map is None
        self.map = found
        self._ask(lambda: (found.plane.bounds(), found.plane.spot(self.current), self._known(found)), self._take)
        if is_first:
            self._is_fitted = True

    def _known(self, found: LibraryMap) -> frozenset[int]:
        return frozenset(each for each in self.chosen if found.plane.row(each) >= 0)

    def _take(self, read: tuple[tuple[float, float, float, float], tuple[float, float] | None, frozenset[int]]) -> None:
        self._bounds, spot, known = read
        self._spots = {} if spot is None else {self.current: spot}
        if spot is None:
            self.current, self.title = 0, ""
        if known != self.chosen:
            self.choose(known)
        if self._is_fitted:
            self.fit()
        self.repaint_map()

    def choose(self, item_ids: frozenset[int]) -> None:
        """Exactly these."""
        if item_ids != self.chosen:
            self.chosen = item_ids
            self.selection_changed.emit()
            self.repaint_map()

    def colour_by(self, by: str, tagged: Sequence[int] = ()) -> None:
        """By kind, by time, or by whether an item is among `tagged`."""
        self.by, self.tagged = by, tagged
        self.repaint_map()

    def repaint_map(self) -> None:
        """Have a new picture made; the one that is there serves until then."""
        self.update()
        if self.map is None or self.width() < 2:
            return
        if self._is_painting:
            self._is_stale = True
            return
        self._is_painting, self._is_stale = True, False
        found, chosen = self.map, tuple(self.chosen)
        wish = Wish(
            self.sight, self.size(), self.devicePixelRatioF(), self._desk.look.colours, self.by, self.tagged, chosen
        )
        self._desk.bridge.read(lambda: paint_map(found, wish), self._show, owner=self, failed=self._failed)

    def _show(self, picture: Picture) -> None:
        self._is_painting = False
        self.picture = picture
        self.update()
        wanted = [card.item_id for card in picture.cards if card.item_id not in self._items]
        if wanted:
            library = self._desk.assistant.library
            self._ask(lambda: library.items(wanted), self._know)
        if self._is_stale:
            self.repaint_map()
        else:
            self.painted.emit(picture)

    def _know(self, items: list[Item]) -> None:
        if len(self._items) > 2000:
            self._items.clear()
        self._items |= {item.id: item for item in items}
        self.update()

    def _failed(self, fault: BaseException) -> None:
        self._is_painting = False
        raise fault

    def _ask(self, question: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self._desk.bridge.read(question, done, owner=self)

    # ── where things are ──────────────────────────────────────────────────────────────────────────────────────────

    def to_screen(self, x: float, y: float) -> QPointF:
        """Where a spot of the plane is on the canvas."""
        return QPointF(
            self.width() / 2 + (x - self.sight.x) * self.sight.scale,
            self.height() / 2 + (y - self.sight.y) * self.sight.scale,
        )

    def to_plane(self, point: QPointF) -> tuple[float, float]:
        """Which spot of the plane is under a point of the canvas."""
        return (
            self.sight.x + (point.x() - self.width() / 2) / self.sight.scale,
            self.sight.y + (point.y() - self.height() / 2) / self.sight.scale,
        )

    def fit(self) -> None:
        """All of it."""
        left, top, right, bottom = self._bounds
        across, down = max(right - left, 1e-3), max(bottom - top, 1e-3)
        # The outermost may become small pictures, which are to be seen whole.
        scale = min((self.width() - CARD.width() - GAP) / across, (self.height() - CARD.height() - GAP) / down)
        self._is_fitted = True
        self._look_at(Sight((left + right) / 2, (top + bottom) / 2, min(max(scale, 1e-3), NEAREST)))

    def zoom(self, by: float, about: QPointF | None = None) -> None:
        """Nearer or farther; what is under `about` (the current item, or the middle) stays where it is."""
        if about is None:
            spot = self._spots.get(self.current)
            about = self.to_screen(*spot) if spot is not None else QPointF(self.rect().center())
            if not QRectF(self.rect()).contains(about):
                about = QPointF(self.rect().center())
        x, y = self.to_plane(about)
        left, top, right, bottom = self._bounds
        least = FARTHEST * min(self.width() / max(right - left, 1e-3), self.height() / max(bottom - top, 1e-3))
        scale = min(max(self.sight.scale * by, min(least, NEAREST)), NEAREST)
        self._is_fitted = False
        self._look_at(
            Sight(x - (about.x() - self.width() / 2) / scale, y - (about.y() - self.height() / 2) / scale, scale)
        )

    def pan(self, right: float, down: float) -> None:
        """Move what is seen, in pixels."""
        self._is_fitted = False
        sight = self.sight
        self._look_at(Sight(sight.x - right / sight.scale, sight.y - down / sight.scale, sight.scale))

    def _look_at(self, sight: Sight) -> None:
        self.sight = sight
        self.update()
        picture = self.picture
        if picture is not None and picture.sight.scale == sight.scale:
            place = picture.place(sight, self.size())
            if place.contains(QRectF(self.rect()).adjusted(-EDGE, -EDGE, EDGE, EDGE)):
                return  # there is enough of it beyond the edges still
        self.repaint_map()

    # ── painting ──────────────────────────────────────────────────────────────────────────────────────────────────

    def paint_on(self, painter: QPainter, area: QRect) -> None:
        """The picture where it belongs, small pictures on it, and what is current."""
        colours = self._desk.look.colours
        picture = self.picture
        if picture is None:
            painter.fillRect(area, QColor(colours.ground))
            return
        place = picture.place(self.sight, self.size())
        if not place.contains(QRectF(self.rect())):
            painter.fillRect(area, QColor(colours.ground))
        if picture.sight.scale == self.sight.scale:
            painter.drawImage(place.topLeft(), picture.image)
        else:
            painter.drawImage(place, picture.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for card in picture.cards:
            where = self._card(card)
            if where.intersects(area):
                self._paint_card(painter, where, card)
        spot = self._spots.get(self.current)
        if spot is not None:
            self._paint_current(painter, self.to_screen(*spot))

    def _card(self, card: Card) -> QRect:
        return self._around(card.x, card.y)

    def _around(self, x: float, y: float) -> QRect:
        middle = self.to_screen(x, y).toPoint()
        return QRect(middle - QPoint(CARD.width() // 2, CARD.height() // 2), CARD)

    def _paint_card(self, painter: QPainter, where: QRect, card: Card) -> None:
        item_id, words = card.item_id, self._desk.words
        colours, item = self._desk.look.colours, self._items.get(item_id)
        top = cover_top(item.kind if item is not None else None)
        small = self._desk.thumbnails.picture(item_id, CARD, self.devicePixelRatioF(), radius=CORNER, top=top)
        if self.chosen and item_id not in self.chosen:
            painter.setOpacity(0.4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.chip))
        painter.drawRoundedRect(where, CORNER, CORNER)
        if small is not None:
            # Its own corners are round above alone.
            rounded = QPainterPath()
            rounded.addRoundedRect(QRectF(where), CORNER, CORNER)
            painter.save()
            painter.setClipPath(rounded)
            painter.drawPixmap(where, small)
            painter.restore()
        elif item is not None:
            put_icon(painter, where.center().x() - 10, where.top() + 12, item.kind.value, colours.text_soft, 20)
            painter.setPen(QColor(colours.text))
            line = where.adjusted(6, 38, -6, -6)
            name = painter.fontMetrics().elidedText(
                " ".join(item.title.split()), Qt.TextElideMode.ElideRight, line.width()
            )
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, name)
        if card.others:
            paint_badge(painter, where, words.say("ui.map.others", n=words.number(card.others)))
        # A page is as light as a light ground: it needs an edge.
        painter.setPen(QPen(QColor(colours.accent), 2) if item_id in self.chosen else QColor(colours.line_strong))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(where, CORNER, CORNER)
        painter.setOpacity(1)

    def _paint_current(self, painter: QPainter, middle: QPointF) -> None:
        colours = self._desk.look.colours
        painter.setPen(QPen(QColor(colours.focus if self.hasFocus() else colours.text_faint), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.picture is not None and any(card.item_id == self.current for card in self.picture.cards):
            painter.drawRoundedRect(self._around(*self._spots[self.current]).adjusted(-3, -3, 3, 3), CORNER, CORNER)
        else:
            radius = dot_radius(len(self.map.plane) if self.map else 0, self.sight.scale) + 4
            painter.drawEllipse(middle, radius, radius)

    def _picture_arrived(self, item_id: int) -> None:
        for card in self.picture.cards if self.picture else ():
            if card.item_id == item_id:
                self.update(self._card(card))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As much as is seen now."""
        super().resizeEvent(event)
        if self._is_fitted and self.map is not None:
            self.fit()
        self.repaint_map()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The current item is marked."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Less than before."""
        super().focusOutEvent(event)
        self.update()

    def sizeHint(self) -> QSize:
        """As large as there is room."""
        return QSize(900, 600)
