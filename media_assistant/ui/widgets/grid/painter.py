"""How one cell of the grid looks: picture, length, sense-coloured ticks where moments are, title and a line under it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap

from media_assistant.items.clock import clock
from media_assistant.items.item import Item, ItemState
from media_assistant.items.kind import Kind
from media_assistant.ui.look.icons import put_icon
from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.grid.layout import TICKS
from media_assistant.ui.words import Words, is_right_to_left

if TYPE_CHECKING:
    from media_assistant.items.answers import Hit
    from media_assistant.items.moment import Moment
    from media_assistant.ui.item_models.terms import Marker

RADIUS = 8
PADDING = 9
AWAY = 0.45
"""How strong the picture of a file is that is not there."""


class Scrub(NamedTuple):
    """A frame of a film's storyboard (the strip and where in it), 0..1 along the film."""

    strip: QPixmap
    source: QRect
    along: float


class GridPainter:
    """Paints cells with the colours and words of now. Keeps elided texts, for eliding is what costs."""

    def __init__(self, look: Look, words: Words) -> None:
        self._look = look
        self._words = words
        self._elided: dict[tuple[str, int, bool], str] = {}
        self._large, self._small = _fonts()
        self.marker: Marker | None = None
        """Finds what is searched for, to be shown of a text."""
        self.has_signs = False
        """Reading drawings takes its time: the window's first picture does without."""

    def forget(self) -> None:
        """Theme or language changed."""
        self._elided.clear()
        self._large, self._small = _fonts()

    def paint(
        self,
        painter: QPainter,
        rect: QRect,
        picture_height: int,
        *,
        item: Item | None,
        hit: Hit | None,
        picture: QPixmap | None,
        has_none: bool,
        is_chosen: bool,
        is_current: bool,
        is_hovered: bool,
        scrub: Scrub | None = None,
    ) -> None:
        """Draw one cell into `rect`; `scrub` takes the place of the picture, and its kind's icon that of one that it has
        not (`has_none`); while a picture is on its way its place is empty.
        """
        colours = self._look.colours
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.hovered if is_hovered and not is_chosen else colours.card))
        painter.drawRoundedRect(rect, RADIUS, RADIUS)
        shown = QRect(rect.left(), rect.top(), rect.width(), picture_height)
        if item is not None and item.is_missing:
            painter.setOpacity(AWAY)
        if scrub is not None:
            self._paint_scrub(painter, shown, scrub)
        elif picture is not None:
            painter.drawPixmap(shown, picture)
        else:
            self._paint_empty(painter, shown, item if has_none else None)
        painter.setOpacity(1.0)
        # A page, and the card under it, is as light as a light ground.
        painter.setPen(QColor(colours.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        if item is not None:
            self._paint_badges(painter, shown, item)
            strip = QRect(rect.left(), shown.bottom() + 1, rect.width(), TICKS)
            self._paint_ticks(painter, strip, item, hit)
            self._paint_caption(painter, rect.adjusted(PADDING, picture_height + TICKS, -PADDING, 0), item, hit)
        if is_chosen or is_current:
            pen = QPen(QColor(colours.focus if is_chosen else colours.line_strong), 2)
            if is_current and not is_chosen:
                pen.setColor(QColor(colours.focus))
                pen.setStyle(Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 0, 0, 0), RADIUS, RADIUS)

    def subtitle(self, item: Item, hit: Hit | None) -> tuple[str, bool]:
        """The line under the title, and whether it tells of a fault."""
        words = self._words
        line = state_line(words, item, hit, self.marker)
        if line[0]:
            return line
        facts = item.facts
        if item.kind is Kind.MUSIC and facts.tags.artist:
            return facts.tags.artist, False
        if facts.captured is not None:
            return f"{words.kind(item.kind)} · {words.date(facts.captured.at)}", False
        return words.facts(item), False

    def describe(self, item: Item, hit: Hit | None) -> str:
        """Kind, length and the line under the title, for a screen reader."""
        facts, line = self._words.facts(item), self.subtitle(item, hit)[0]
        return facts if line == facts else f"{facts}. {line}"

    def _paint_empty(self, painter: QPainter, where: QRect, item: Item | None) -> None:
        colours = self._look.colours
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(where.topLeft(), _draw_well(where.width(), where.height(), colours.well, ratio))
        if item is not None:
            x, y = where.left() + (where.width() - 30) // 2, where.top() + (where.height() - 30) // 2
            put_icon(painter, x, y, item.kind.value, colours.text_faint, 30)

    def _paint_scrub(self, painter: QPainter, where: QRect, scrub: Scrub) -> None:
        painter.save()
        path = QPainterPath()
        path.addRoundedRect(QRectF(where.adjusted(0, 0, 0, RADIUS)), RADIUS, RADIUS)
        painter.setClipPath(path)
        painter.setClipRect(where, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        grown = scrub.source.size().scaled(where.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        target = QRect(where.topLeft(), grown)
        target.moveCenter(where.center())
        painter.drawPixmap(target, scrub.strip, scrub.source)
        line = where.left() + round(scrub.along * where.width())
        painter.fillRect(QRect(line, where.top(), 2, where.height()), QColor(self._look.colours.focus))
        painter.restore()

    def _paint_badges(self, painter: QPainter, shown: QRect, item: Item) -> None:
        badge = clock(max(1000, item.facts.duration_ms)) if item.facts.duration_ms else ""
        if badge:
            painter.setFont(self._small)
            paint_badge(painter, shown, badge)
        icon = state_sign(item)
        if icon and self.has_signs:
            painter.drawPixmap(shown.left() + 6, shown.top() + 6, _draw_sign(icon, painter.device().devicePixelRatio()))

    def _paint_ticks(self, painter: QPainter, strip: QRect, item: Item, hit: Hit | None) -> None:
        if hit is None or not hit.moments or not item.facts.duration_ms:
            return
        colours = self._look.colours
        painter.fillRect(strip, QColor(colours.chip))
        painter.setPen(Qt.PenStyle.NoPen)
        for left, width, colour in tick_places(hit.moments, item.facts.duration_ms, strip.width(), self._look):
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(strip.left() + left, strip.top(), width, strip.height()), 2, 2)

    def _paint_caption(self, painter: QPainter, where: QRect, item: Item, hit: Hit | None) -> None:
        colours = self._look.colours
        painter.setFont(self._large)
        painter.setPen(QColor(colours.text))
        title = QRect(where.left(), where.top() + 6, where.width(), 20)
        painter.drawText(title, _line_flags(item.title), self._elide(item.title, where.width(), is_small=False))
        line, is_fault = self.subtitle(item, hit)
        painter.setFont(self._small)
        painter.setPen(QColor(colours.bad if is_fault else colours.text_faint))
        under = QRect(where.left(), where.top() + 26, where.width(), 18)
        painter.drawText(under, _line_flags(line), self._elide(line, where.width(), is_small=True))
        painter.setFont(self._large)

    def _elide(self, text: str, width: int, *, is_small: bool) -> str:
        key = (text, width, is_small)
        found = self._elided.get(key)
        if found is None:
            if len(self._elided) > 20_000:
                self._elided.clear()
            plain = " ".join(text.split())
            metrics = QFontMetrics(self._small if is_small else self._large)
            if len(plain) > 400 or metrics.horizontalAdvance(plain) > width:
                plain = metrics.elidedText(plain[:400], Qt.TextElideMode.ElideRight, width)
            found = plain
            self._elided[key] = found
        return found


def _fonts() -> tuple[QFont, QFont]:
    large, small = QFont(), QFont()
    large.setPixelSize(13)
    small.setPixelSize(11)
    return large, small


def is_placed_right(text: str) -> bool:
    """Right-to-left titles start at the right."""
    return not text.isascii() and is_right_to_left(text)


def _line_flags(text: str) -> int:
    return _FROM_RIGHT if is_placed_right(text) else _FROM_LEFT


_ONE_LINE = (Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute).value | Qt.TextFlag.TextSingleLine.value
_FROM_LEFT, _FROM_RIGHT = (_ONE_LINE | side.value for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight))


SIGN_COLOURS = {
    "missing": "#ffb4b0",
    "offline": "#f7c97f",
    "failed": "#ffb4b0",
    "work": "#a9cdff",
    "waiting": "#d5dae4",
    "new": "#86dcba",
}
"""Of the signs on a picture; their ground is dark in both themes."""


def paint_badge(painter: QPainter, picture: QRect, text: str) -> None:
    """A few letters in the corner of a picture, in the painter's font."""
    width = painter.fontMetrics().horizontalAdvance(text) + 12
    where = QRect(picture.right() - width - 6, picture.bottom() - 25, width, 19)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(11, 12, 15, 205))
    painter.drawRoundedRect(where, 4, 4)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(where, Qt.AlignmentFlag.AlignCenter, text)


@lru_cache(maxsize=8)
def _draw_well(width: int, height: int, colour: str, ratio: float) -> QPixmap:
    """Where a picture is missing: its upper corners are those of the cell. Kept, as many stand beside each other."""
    picture = QPixmap(round(width * ratio), round(height * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(0, 0, width, height + RADIUS, RADIUS, RADIUS)
    painter.end()
    return picture


@lru_cache(maxsize=16)
def _draw_sign(icon: str, ratio: float) -> QPixmap:
    """The icon on its dark disc, 24 pixels wide. Kept, for an ellipse that is drawn anew costs a millisecond and more."""
    picture = QPixmap(round(24 * ratio), round(24 * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(11, 12, 15, 205))
    painter.drawEllipse(0, 0, 24, 24)
    put_icon(painter, 4, 4, icon, SIGN_COLOURS[icon], 16)
    painter.end()
    return picture


def state_sign(item: Item) -> str:
    """The icon that says how it stands with an item; empty when all is well."""
    if item.is_missing:
        return "offline" if item.is_offline else "missing"
    signs = {
        ItemState.FAILED: "failed",
        ItemState.IN_WORK: "work",
        ItemState.WAITING: "waiting",
        ItemState.NEW: "new",
    }
    return signs.get(item.state, "")


def state_line(words: Words, item: Item, hit: Hit | None, marker: Marker | None = None) -> tuple[str, bool]:
    """How it stands with an item, or what the search found in it, and whether that is a fault; empty when all is well.

    Of a text it is told from where `marker` finds what is searched for.
    """
    if item.is_missing:
        return words.say("ui.state.offline" if item.is_offline else "ui.state.missing"), not item.is_offline
    if hit is not None and hit.moments:
        return moments_line(words, hit.moments, marker), False
    if hit is not None:
        return words.say("ui.search.name_matches"), False
    if item.state is ItemState.FAILED and item.error:
        return words.sentence(item.error), True
    if item.state in (ItemState.NEW, ItemState.WAITING, ItemState.IN_WORK):
        return words.say(f"ui.state.{item.state.value}"), False
    return "", False


def moments_line(words: Words, moments: Sequence[Moment], marker: Marker | None = None) -> str:
    """`4 moments · best at 1:12`; for a text its words instead of a time, or the tag that it carries."""
    from media_assistant.items.answers import MOST_MOMENTS
    from media_assistant.items.span import TimeSpan

    best = moments[0]
    code = "ui.search.moments" if len(moments) < MOST_MOMENTS else "ui.search.many_moments"
    count = words.say(code, count=len(moments))
    if isinstance(best.span, TimeSpan):
        return words.say("ui.search.best_at", moments=count, time=clock(best.span.start_ms))
    if best.text:
        from media_assistant.ui.item_models.terms import excerpt

        return words.say("ui.search.best_says", moments=count, text=excerpt(best.text, marker))
    return words.say("ui.search.best_tagged", moments=count, tag=words.concept(best.concept)) if best.concept else count


def tick_places(
    moments: Sequence[Moment], duration_ms: int, width: int, look: Look
) -> list[tuple[float, float, QColor]]:
    """(left, width, colour) of each moment's tick; the best are drawn last, so that they are on top."""
    from media_assistant.items.span import TimeSpan

    places = []
    for moment in reversed(moments[:60]):
        if isinstance(moment.span, TimeSpan):
            left = min(moment.span.start_ms / duration_ms, 1.0) * width
            right = min(moment.span.end_ms / duration_ms, 1.0) * width
            wide = max(5.0, right - left)
            places.append((min(left, width - wide), wide, look.colours.sense(moment.sense)))
    return places
