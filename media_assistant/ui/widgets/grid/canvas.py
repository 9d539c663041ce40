"""Draws what is in sight of the grid or the list: cells, and the heads of groups over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QAbstractScrollArea

from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.ui.item_models.listing import ListingItemModel
from media_assistant.ui.item_models.storyboards import Storyboards
from media_assistant.ui.item_models.thumbnails import Thumbnails, cover_top
from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.grid.group_heads import group_words, paint_group_head
from media_assistant.ui.widgets.grid.layout import CAPTION, TICKS, GridLayout
from media_assistant.ui.widgets.grid.painted_cells import PaintedCells, Shown, begin_cell, is_final
from media_assistant.ui.widgets.grid.painter import RADIUS, GridPainter, Scrub
from media_assistant.ui.widgets.grid.selection import GridSelection
from media_assistant.ui.words import Words

if TYPE_CHECKING:
    from media_assistant.ui.widgets.grid.list_painter import Field
    from media_assistant.ui.widgets.grid.list_rows import ListRows

LIST_PICTURE = QSize(44, 26)
CELLS_AHEAD = 32
"""Cells at most that are painted before they are seen."""


class Scene(NamedTuple):
    """How the view stands: `top` is how far it is scrolled, `along` where the mouse is on the hovered cell, 0..1."""

    view: QAbstractScrollArea
    layout: GridLayout
    top: int
    hovered: int
    along: float

    @property
    def height(self) -> int:
        """Of what is in sight, in pixels."""
        return self.view.viewport().height()

    @property
    def cells_kept(self) -> int:
        """How many painted cells are worth keeping: those in sight and those that come next."""
        return len(self.layout.rows_between(self.top, self.top + self.height)) + CELLS_AHEAD


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
        self._terms: Sequence[str] = ()
        self.rows: ListRows | None = None
        self._cells = PaintedCells()

    def show_signs(self) -> None:
        """How it stands with an item is drawn on its picture from now on."""
        self._painter.has_signs = True
        self._cells.forget()

    def look_for(self, terms: Sequence[str]) -> None:
        """These words are searched for: of texts is shown what stands around them."""
        if terms != self._terms:
            from media_assistant.ui.item_models.terms import Marker

            self._terms, self._painter.marker = terms, Marker(terms)
            self.forget()

    def drop(self, item_ids: tuple[int, ...]) -> None:
        """These have left the library: nothing of how they looked is kept."""
        self._cells.drop(item_ids)
        self._thumbnails.drop(item_ids)
        self._storyboards.forget(item_ids)

    def forget(self) -> None:
        """Theme or language changed."""
        self._painter.forget()
        self._cells.forget()
        if self.rows is not None:
            self.rows.painter.forget()

    def describe(self, row: int) -> tuple[str, str]:
        """Title and the line under it, for a screen reader."""
        item = self._model.item_at(row)
        return (item.title, self._painter.describe(item, self._model.hit(item.id))) if item else ("", "")

    @property
    def fields(self) -> Sequence[Field]:
        """The columns of the list, from the left; none of a grid."""
        # What is not shown yet may be painted already.
        return self.rows.header.fields if self.rows is not None and not self.rows.header.isHidden() else ()

    def describe_field(self, row: int, field: Field) -> tuple[str, str]:
        """A column's head, and what stands there, for a screen reader."""
        from media_assistant.ui.widgets.grid.list_columns import column_text

        item = self._model.item_at(row)
        text = (
            column_text(self._words, field.column.name, item, self._model.hit(item.id), self._painter.marker)
            if item
            else ""
        )
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
        for row in layout.rows_between(scene.top + area.top(), scene.top + area.bottom()):
            rect = layout.rect(row).translated(0, -scene.top)
            if not region.intersects(rect):  # after scrolling it is strips, with nothing to paint between
                continue
            item_id = model.id_at(row)
            shown = self._shown(row, scene)
            is_chosen, is_hovered = item_id in selection, row == scene.hovered
            is_current = scene.view.hasFocus() and item_id == selection.current and row == model.row_of(item_id)
            if is_chosen or is_hovered or is_current:
                along = scene.along if is_hovered else None
                self._draw(
                    painter, rect, shown, is_chosen=is_chosen, is_current=is_current, is_hovered=is_hovered, along=along
                )
            elif (cell := self._cells.find(item_id, shown)) is not None:
                painter.drawPixmap(rect.topLeft(), cell)
            elif not is_final(shown):
                self._draw(painter, rect, shown)
            elif area.contains(rect) and not self._cells.is_noted(item_id, shown):
                self._draw(painter, rect, shown)
                self._cells.keep(item_id, shown, None, scene.cells_kept)
            else:
                # It comes into sight piece by piece, or is asked for again and again.
                painter.drawPixmap(rect.topLeft(), self._keep(item_id, shown, scene))
        self._paint_heads(painter, region, scene)

    def paint_ahead(self, rows: Sequence[int], scene: Scene) -> bool:
        """Paint one of the cells that are not in sight yet, for when they are; False if there is nothing to do for now."""
        for row in rows[:CELLS_AHEAD]:
            item_id = self._model.id_at(row)
            if self._thumbnails.is_busy or self._model.item_at(row) is None:
                return False  # what is in sight comes first
            shown = self._shown(row, scene)
            if is_final(shown) and self._cells.find(item_id, shown) is None:
                self._keep(item_id, shown, scene)
                return True
        return False

    def _shown(self, row: int, scene: Scene) -> Shown:
        layout, model, ratio = scene.layout, self._model, scene.view.devicePixelRatioF()
        item_id, item = model.id_at(row), model.item_at(row)
        size = QSize(layout.cell_width, layout.picture_height)
        is_list = layout.is_list
        picture = self.picture(item, LIST_PICTURE if is_list else size, ratio, 0 if is_list else RADIUS)
        return Shown(
            item,
            model.hit(item_id),
            picture,
            self._thumbnails.has_none(item_id),
            QSize(layout.cell_width, layout.cell_height),
            ratio,
            tuple(self.fields) if is_list else (),
        )

    def _keep(self, item_id: int, shown: Shown, scene: Scene) -> QPixmap:
        picture = begin_cell(shown, QColor(self._look.colours.ground))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(scene.view.font())
        self._draw(painter, QRect(QPoint(0, 0), shown.size), shown)
        painter.end()
        self._cells.keep(item_id, shown, picture, scene.cells_kept)
        return picture

    def _draw(
        self,
        painter: QPainter,
        rect: QRect,
        shown: Shown,
        *,
        is_chosen: bool = False,
        is_current: bool = False,
        is_hovered: bool = False,
        along: float | None = None,
    ) -> None:
        """Paint a cell or a row; `along` is where the mouse is on it."""
        if self.rows is not None and shown.fields:
            self.rows.painter.marker = self._painter.marker
            self.rows.painter.paint(
                painter,
                rect,
                shown.fields,
                item=shown.item,
                hit=shown.hit,
                picture=shown.picture,
                is_chosen=is_chosen,
                is_current=is_current,
                is_hovered=is_hovered,
            )
            return
        self._painter.paint(
            painter,
            rect,
            rect.height() - TICKS - CAPTION,
            item=shown.item,
            hit=shown.hit,
            picture=shown.picture,
            has_none=shown.has_none,
            is_chosen=is_chosen,
            is_current=is_current,
            is_hovered=is_hovered,
            scrub=self._scrub(shown.item, along) if along is not None else None,
        )

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

    def picture(self, item: Item | None, size: QSize, ratio: float, radius: float = 0) -> QPixmap | None:
        """Of an item in this size (logical pixels), once it is there."""
        if item is None:
            return None
        return self._thumbnails.picture(item.id, size, ratio, radius=radius, top=cover_top(item.kind))

    def _scrub(self, item: Item | None, along: float) -> Scrub | None:
        """The frame under the mouse of a film that is looked through."""
        if item is None or item.kind is not Kind.VIDEO:
            return None
        found = self._storyboards.frame(item.id, along)
        return Scrub(*found, along) if found else None
