"""Tags, transcript, similar items and details of one item, behind four tabs. Used by the inspector and the player."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from media_assistant.items.answers import Details
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.details_view import DetailsView
from media_assistant.ui.widgets.plain import column, frame
from media_assistant.ui.widgets.similar.view import SimilarView
from media_assistant.ui.widgets.tags.view import TagsView
from media_assistant.ui.widgets.transcript.view import TranscriptView


class ItemTabs(QWidget):
    """Signals: `moment_wanted(Moment)`; `other_wanted(int, int)` another item and a time in ms or -1; `models_wanted()`."""

    moment_wanted = Signal(object)
    other_wanted = Signal(int, int)
    models_wanted = Signal()

    def __init__(
        self, desk: Desk, parent: QWidget, *, first: str = "tags", more: Mapping[str, QWidget] | None = None
    ) -> None:
        """`more` are tabs of the owner's, after the four; each is named `ui.tab.<name>`."""
        super().__init__(parent)
        self._desk = desk
        order = ["tags", "transcript", "similar", "details"]
        order.insert(0, order.pop(order.index(first)))
        order += more or {}
        self._order = order
        down = column(self, gap=0)
        line = frame(edge="bottom")
        down.addWidget(line)
        self.bar = QTabBar(line)
        column(line, gap=0).addWidget(self.bar)
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setUsesScrollButtons(False)
        self.bar.setElideMode(Qt.TextElideMode.ElideNone)
        self.bar.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        desk.words.bind(self.bar, QTabBar.setAccessibleName, "ui.tabs.name")
        # Everything is made where it belongs: Qt dresses all that is in a widget anew whenever it is put elsewhere.
        self._stack = QStackedWidget(self)
        self.tags = TagsView(desk, self._stack)
        self.transcript = TranscriptView(desk, self._stack, has_line_bar=first == "transcript")
        self.similar = SimilarView(desk, self._stack)
        self.details = DetailsView(desk, self._stack)
        for name in order:
            self.bar.addTab("")
            self._stack.addWidget((more or {}).get(name) or getattr(self, name))
        down.addWidget(self._stack, 1)
        self._tellers: dict[str, Callable[[Details | None, tuple[str, ...]], None]] = {
            "transcript": self.transcript.show_details,
            "tags": lambda details, _terms: self.tags.show_details(details),
            "details": lambda details, _terms: self.details.show_details(details),
            "similar": lambda _details, _terms: self._follow(),
        }
        self._shown: tuple[Details | None, tuple[str, ...]] = (None, ())
        self._behind: list[str] = []
        self._at_ms = 0
        self._later = QTimer(self, interval=0)
        self._later.timeout.connect(self._catch_up)
        self.bar.currentChanged.connect(self._turned)
        for view in (self.tags, self.transcript):
            view.none.models_wanted.connect(self.models_wanted)
        self.tags.moment_wanted.connect(self.moment_wanted)
        self.transcript.moment_wanted.connect(self.moment_wanted)
        self.similar.opened.connect(self.other_wanted)
        desk.words.changed.connect(self._name)
        self._name()

    def show_tab(self, name: str) -> None:
        """Turn to one of `tags`, `transcript`, `similar`, `details`."""
        self.bar.setCurrentIndex(self._order.index(name))

    def show_details(self, details: Details | None, terms: Sequence[str] = ()) -> None:
        """Show an item, or nothing. Only what plays has a transcript."""
        if details is not None:
            is_timed = details.item.kind in (Kind.VIDEO, Kind.MUSIC)
            self.bar.setTabVisible(self._order.index("transcript"), is_timed)
        if details is None or self._shown[0] is None or details.item.id != self._shown[0].item.id:
            self._at_ms = 0
        self._shown = details, tuple(terms)
        self._behind = [name for name in self._tellers if name != self._order[self.bar.currentIndex()]]
        self._tell(self._order[self.bar.currentIndex()])
        self._later.start()

    def _catch_up(self) -> None:
        """One of the tabs that nobody sees, a turn of the window each: all at once they would hold it up."""
        if self._behind:
            self._tell(self._behind.pop(0))
        if not self._behind:
            self._later.stop()

    def _turned(self, at: int) -> None:
        name = self._order[at]
        if name in self._behind:
            self._behind.remove(name)
            self._tell(name)
        self._stack.setCurrentIndex(at)
        self.show_position(self._at_ms)

    def _tell(self, name: str) -> None:
        if name in self._tellers:
            self._tellers[name](*self._shown)

    def showEvent(self, event: QShowEvent) -> None:
        """Now it is this item that the person sees."""
        super().showEvent(event)
        self._follow()

    def _follow(self) -> None:
        """The window has one list of what is alike, and more than one of us: it is of the item that is in sight."""
        if self.isVisible():
            self.similar.show_item(self._shown[0].item.id if self._shown[0] else 0)

    def show_position(self, ms: int) -> None:
        """Follow the player: at once, or when the transcript is turned to."""
        self._at_ms = ms
        if self._stack.currentWidget() is self.transcript:
            self.transcript.show_position(ms)

    def _name(self) -> None:
        for at, name in enumerate(self._order):
            self.bar.setTabText(at, self._desk.words.say(f"ui.tab.{name}"))


def time_of(moment: Moment) -> int:
    """When a moment starts, in ms; -1 for one that is nowhere in time."""
    return int(getattr(moment.span, "start_ms", -1))
