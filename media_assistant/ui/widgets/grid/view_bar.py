"""Over the grid: in what order, in what groups, as a grid or a list, and how large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSlider, QWidget

from media_assistant.items.order import GROUPS, SORTS
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.grid.layout import NARROWEST, WIDEST
from media_assistant.ui.widgets.grid.view import GridView
from media_assistant.ui.widgets.grid.view_state import BEST, ViewState
from media_assistant.ui.widgets.plain import IconButton, open_menu, row

if TYPE_CHECKING:
    from media_assistant.ui.widgets.grid.list_header import ListHeader

KEEP_MS = 300
SLIDER = 92
WIDE_ENOUGH = 560


class ViewBar(QWidget):
    """Signals: `order_changed()`."""

    order_changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.state = ViewState.restore(desk.assistant.settings.window)
        self._is_search = False
        self._has_order = True
        self._has_room = True
        self._grid: GridView | None = None
        self._header: ListHeader | None = None
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(KEEP_MS)
        self._keeping.timeout.connect(self.keep)
        line = row(self, gap=4)
        self.sort = QPushButton()
        self.sort.setProperty("role", "quiet")
        self.sort.setAutoDefault(False)
        self._menu = QMenu(self.sort)
        self._menu.aboutToShow.connect(self._fill_menu)
        open_menu(self.sort, self._menu)
        line.addWidget(self.sort)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(NARROWEST, WIDEST)
        self.slider.setSingleStep(8)
        self.slider.setPageStep(48)
        self.slider.setFixedWidth(SLIDER)
        self.slider.setValue(self.state.cell_width)
        desk.words.bind(self.slider, QSlider.setAccessibleName, "ui.view.size")
        desk.words.bind(self.slider, QSlider.setToolTip, "ui.view.size_tip")
        line.addWidget(self.slider)
        self.grid_button = IconButton(desk.words, desk.look, "all", "ui.view.grid", lambda: self.show_as(is_list=False))
        self.list_button = IconButton(desk.words, desk.look, "list", "ui.view.list", lambda: self.show_as(is_list=True))
        for each in (self.grid_button, self.list_button):
            each.setCheckable(True)
            each.setAutoRaise(True)
            line.addWidget(each)
        self.slider.valueChanged.connect(self._size_chosen)
        desk.words.changed.connect(self._tell)
        self._tell()

    # ── what is chosen ────────────────────────────────────────────────────────────────────────────────────────────

    def rule(self, grid: GridView) -> None:
        """From now on the grid looks as is chosen here."""
        self._grid = grid
        grid.size_wanted.connect(self.resize_cells)
        self._show_in_grid()

    def show_for(self, *, is_search: bool, has_order: bool) -> None:
        """Offer what there is to choose: a search has an order of its own, some places have only one."""
        self._is_search, self._has_order = is_search, has_order
        self._tell()
        self._show_in_grid()

    def begin_search(self) -> None:
        """Another question: the best come first again."""
        self.state = self.state._replace(found=ViewState().found)

    def show_as(self, *, is_list: bool) -> None:
        """As a list or a grid."""
        self._take(self.state._replace(is_list=is_list))

    def resize_cells(self, steps: int) -> None:
        """Larger or smaller, by steps of the wheel; a list has one size."""
        if not self.state.is_list:
            self.slider.setValue(self.state.sized(steps).cell_width)

    def sort_by(self, sort: str) -> None:
        """By this, or the other way round."""
        self._take(self.state.sorted_by(sort, is_search=self._is_search))
        self.order_changed.emit()

    def set_direction(self, *, is_descending: bool) -> None:
        """From the large end or from the small one."""
        if self._is_search:
            self._take(self.state._replace(found=self.state.found._replace(is_descending=is_descending)))
        else:
            self._take(self.state._replace(order=self.state.order._replace(is_descending=is_descending)))
        self.order_changed.emit()

    def group_by(self, group: str) -> None:
        """One of `items.order.GROUPS`."""
        self._take(self.state._replace(order=self.state.order._replace(group=group)))
        self.order_changed.emit()

    def keep(self) -> None:
        """Among the window's settings; done by itself a moment after each change, and when the window closes."""
        self._keeping.stop()
        assistant = self._desk.assistant
        window = {**assistant.settings.window, **self.state.kept()}
        if window != assistant.settings.window and not assistant.library.is_read_only:
            assistant.set_settings(assistant.settings._replace(window=window))

    def _take(self, state: ViewState) -> None:
        self.state = state
        self._keeping.start()
        self._tell()
        self._show_in_grid()

    def _show_in_grid(self) -> None:
        grid, state = self._grid, self.state
        if grid is None:
            return
        if grid.is_list is not state.is_list or (not state.is_list and grid.cell_width != state.cell_width):
            grid.show_as(is_list=state.is_list, cell_width=state.cell_width)
        header = grid.header
        if header is None:
            return
        if header is not self._header:
            # It may have come before this: the first sight of a window is a list where the last one was.
            self._header = header
            header.restore(state.columns)
            header.place(header.width())
            header.sort_wanted.connect(self.sort_by)
            header.changed.connect(lambda: self._take(self.state._replace(columns=header.kept())))
        order = state.found if self._is_search else state.order
        header.show_order(order.sort if self._has_order else "", is_descending=order.is_descending)

    def _size_chosen(self, width: int) -> None:
        self._take(self.state._replace(cell_width=width))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the slider gives way; the wheel and the keys stay."""
        super().resizeEvent(event)
        owner = self.parentWidget()
        has_room = owner is None or owner.width() >= WIDE_ENOUGH
        if has_room != self._has_room:
            self._has_room = has_room
            self._tell()

    # ── how it is shown ───────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self) -> None:
        words = self._desk.words
        self.grid_button.setChecked(not self.state.is_list)
        self.list_button.setChecked(self.state.is_list)
        self.slider.setVisible(not self.state.is_list and self._has_room)
        # What has an order of its own still has columns.
        self.sort.setVisible(self._has_order or self.state.is_list)
        if not self._has_order:
            self.sort.setText(words.say("ui.list.heads"))
            self.sort.setAccessibleName(words.say("ui.list.heads"))
            return
        order = self.state.found if self._is_search else self.state.order
        sort = words.say(f"ui.sort.{order.sort}")
        if order.sort == BEST:
            text = sort
        else:
            text = words.say("ui.view.falling" if order.is_descending else "ui.view.rising", sort=sort)
        if order.group and not self._is_search:
            text = words.say(f"ui.view.grouped.{order.group}", sort=text)
        self.sort.setText(text)
        self.sort.setAccessibleName(words.say("ui.view.order", order=text))

    def _fill_menu(self) -> None:
        self._menu.clear()
        if self._has_order:
            self._offer_orders()
        if self.state.is_list and self._header is not None:
            # The heads themselves are for the mouse alone.
            if self._has_order:
                self._menu.addSeparator()
            self._head("ui.list.heads")
            self._header.add_columns(self._menu)

    def _offer_orders(self) -> None:
        words, menu = self._desk.words, self._menu
        order = self.state.found if self._is_search else self.state.order
        self._head("ui.sort.label")
        sorts = (BEST, *SORTS) if self._is_search else SORTS
        self._choices(
            [(words.say(f"ui.sort.{sort}"), sort == order.sort, lambda sort=sort: self._choose(sort)) for sort in sorts]
        )
        if order.sort != BEST:
            menu.addSeparator()
            self._choices(
                [
                    (
                        words.say(f"ui.view.way.{'falling' if is_descending else 'rising'}"),
                        is_descending == order.is_descending,
                        lambda is_descending=is_descending: self.set_direction(is_descending=is_descending),
                    )
                    for is_descending in (False, True)
                ]
            )
        if not self._is_search:
            menu.addSeparator()
            self._head("ui.group.label")
            self._choices(
                [
                    (
                        words.say(f"ui.group.by.{group or 'none'}"),
                        group == order.group,
                        lambda group=group: self.group_by(group),
                    )
                    for group in GROUPS
                ]
            )

    def _choose(self, sort: str) -> None:
        """From the menu a second choice of the same changes nothing."""
        order = self.state.found if self._is_search else self.state.order
        if sort != order.sort:
            self.sort_by(sort)

    def _head(self, code: str) -> None:
        self._menu.addAction(self._desk.words.say(code)).setEnabled(False)

    def _choices(self, choices: list[tuple[str, bool, object]]) -> None:
        for text, is_chosen, act in choices:
            action = QAction(text, self._menu)
            action.setCheckable(True)
            action.setChecked(is_chosen)
            action.triggered.connect(lambda _checked=False, act=act: act())
            self._menu.addAction(action)
