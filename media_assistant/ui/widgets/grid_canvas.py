"""Draws what is in sight of the grid or the list: cells, and the heads of groups over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QRegion

from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.ui.item_models.listing import ListingItemModel
from media_assistant.ui.item_models.storyboards import Storyboards
from media_assistant.ui.item_models.thumbnails import PAGE_TOP, PICTURE_TOP, Thumbnails
from media_assistant.ui.theme import Look
from media_assistant.ui.widgets.grid_layout import GridLayout
from media_assistant.ui.widgets.grid_painter import RADIUS, GridPainter, Scrub
from media_assistant.ui.widgets.grid_selection import GridSelection
from media_assistant.ui.widgets.group_heads import group_words, paint_group_head
from media_assistant.ui.words import Words

if TYPE_CHECKING:
    from media_assistant.ui.widgets.list_painter import Field
    from media_assistant.ui.widgets.list_rows import ListRows

LIST_PICTURE = QSize(44, 26)


class Scene(NamedTuple):
    """How the view stands: `top` is how far it is scrolled, `along` where the mouse is on the hovered cell, 0..1."""

    layout: GridLayout
    top: int
    height: int
    ratio: float
    has_focus: bool
    hovered: int
    along: float


class GridCanvas:
    """`rows` paints the list, once it was wanted."""

    def __init__(
        self, model: ListingItemModel, thumbnails: Thumbnails, storyboards: Storyboards, look: Look, words: Words
    ) -> None:
        self._model = model
        self._thumbnails = thumbnails
        self._storyboards = storyboards
        self._look = look
        self._words = words
        self._painter = GridPainter(look, words)
        self.rows: ListRows | None = None

    def show_signs(self) -> None:
        """How it stands with an item is drawn on its picture from now on."""
        self._painter.has_signs = True

    def forget(self) -> None:
        """Theme or language changed."""
        self._painter.forget()
        if self.rows is not None:
            self.rows.painter.forget()

    def describe(self, row: int) -> tuple[str, str]:
        """Title and the line under it, for a screen reader."""
        item = self._model.item_at(row)
        return (item.title, self._painter.describe(item, self._model.hit(item.id))) if item else ("", "")

    @property
    def fields(self) -> Sequence[Field]:
        """The columns of the list, from the left; none of a grid."""
        return self.rows.header.fields if self.rows is not None and self.rows.header.isVisible() else ()

    def describe_field(self, row: int, field: Field) -> tuple[str, str]:
        """A column's head, and what stands there, for a screen reader."""
        from media_assistant.ui.widgets.list_columns import column_text

        item = self._model.item_at(row)
        text = column_text(self._words, field.column.name, item, self._model.hit(item.id)) if item else ""
        return self._words.say(f"ui.column.{field.column.name}"), text

    def describe_group(self, section: int) -> str:
        """Title and number of items, for a screen reader."""
        return group_words(self._words, self._model.listing.grouped_by, self._model.listing.groups[section])

    def describe_selection(self, count: int) -> str:
        """How many are chosen, for a screen reader."""
        return self._words.say("ui.inspector.many", count=count) if count else ""

    def paint(self, painter: QPainter, region: QRegion, scene: Scene, selection: GridSelection) -> None:
        """The ground, the cells that meet `region` (of the viewport, and all that `painter` paints on), then heads."""
        area = region.boundingRect()
        # Not `fillRect`, which has PySide make Qt's gradients first; the first picture has no time for them.
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._look.colours.ground))
        painter.drawRect(area)
        layout, model = scene.layout, self._model
        size = QSize(layout.cell_width, layout.picture_height)
        fields = self.fields if layout.is_list else ()
        for row in layout.rows_between(scene.top + area.top(), scene.top + area.bottom()):
            rect = layout.rect(row).translated(0, -scene.top)
            if not region.intersects(rect):  # after scrolling it is strips, with nothing to paint between
                continue
            item_id, item = model.id_at(row), model.item_at(row)
            hit = model.hit(item_id)
            is_chosen, is_hovered = item_id in selection, row == scene.hovered
            is_current = scene.has_focus and item_id == selection.current and row == model.row_of(item_id)
            if self.rows is not None and fields:
                self.rows.painter.paint(
                    painter,
                    rect,
                    fields,
                    item=item,
                    hit=hit,
                    picture=self._picture(item, LIST_PICTURE, scene.ratio),
                    is_chosen=is_chosen,
                    is_current=is_current,
                    is_hovered=is_hovered,
                )
            else:
                self._painter.paint(
                    painter,
                    rect,
                    layout.picture_height,
                    item=item,
                    hit=hit,
                    picture=self._picture(item, size, scene.ratio, RADIUS),
                    has_none=self._thumbnails.has_none(item_id),
                    is_chosen=is_chosen,
                    is_current=is_current,
                    is_hovered=is_hovered,
                    scrub=self._scrub(item, scene.along) if is_hovered else None,
                )
        self._paint_heads(painter, region, scene)

    def _paint_heads(self, painter: QPainter, region: QRegion, scene: Scene) -> None:
        """The head of the group at the upper edge stays there until the next one pushes it away."""
        layout, listing = scene.layout, self._model.listing
        sections = layout.sections_between(scene.top, scene.top + scene.height)
        for section in reversed(sections):
            rect = layout.head_rect(section).translated(0, -scene.top)
            if section == sections.start and rect.top() < 0:
                is_last = section + 1 == layout.sections
                end = layout.height if is_last else layout.head_rect(section + 1).top()
                rect.moveTop(min(0, end - scene.top - layout.head))
            if region.intersects(rect):
                paint_group_head(painter, rect, listing.grouped_by, listing.groups[section], self._look, self._words)

    def _picture(self, item: Item | None, size: QSize, ratio: float, radius: float = 0) -> QPixmap | None:
        if item is None:
            return None
        top = PAGE_TOP if item.kind is Kind.TEXT else PICTURE_TOP
        return self._thumbnails.picture(item.id, size, ratio, radius=radius, top=top)

    def _scrub(self, item: Item | None, along: float) -> Scrub | None:
        """The frame under the mouse of a film that is looked through."""
        if item is None or item.kind is not Kind.VIDEO:
            return None
        found = self._storyboards.frame(item.id, along)
        return Scrub(*found, along) if found else None
