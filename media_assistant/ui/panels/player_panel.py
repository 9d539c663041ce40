"""One item, large: a film or a sound with its lanes and transcript, a photo to look into, a text to read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from media_assistant.items.answers import MOST_MOMENTS, Details, Hit
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.items.span import WHOLE, Span, TextSpan, TimeSpan
from media_assistant.ui import marking
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.large_view import TIMED, LargeView, read_large
from media_assistant.ui.moment_walk import MomentWalk
from media_assistant.ui.playback.left_off import PositionKeeper
from media_assistant.ui.playback.playback import Playback
from media_assistant.ui.playing import can_play, why_not
from media_assistant.ui.widgets.item_tabs import ItemTabs
from media_assistant.ui.widgets.plain import column, frame, row
from media_assistant.ui.widgets.player.chapters_view import ChaptersView
from media_assistant.ui.widgets.player.controls import PlayerControls
from media_assistant.ui.widgets.player.head import GoOnChip, PlayerHead
from media_assistant.ui.widgets.player.keys import press
from media_assistant.ui.widgets.player.stage import PlayerStage
from media_assistant.ui.widgets.player.transport_bar import TransportBar
from media_assistant.ui.widgets.timeline.timeline import Lane, Timeline, make_marks


class PlayerPanel(QWidget):
    """Signals: `closed()`; `other_wanted(int, int)` another item and a time or -1; `full_screen_wanted(bool)`."""

    closed = Signal()
    other_wanted = Signal(int, int)
    full_screen_wanted = Signal(bool)

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self.playback: Playback | None = None
        self._item_id = 0
        self._details: Details | None = None
        self._has_sides = False
        self._peaks_of = ("", 0, 0)  # path, bytes, channels of the file: another one's are asked for anew
        self.walk = MomentWalk()
        self._terms: tuple[str, ...] = ()
        self._awaited = Awaited()
        self._wanted: Moment | None = None
        self._play_ms = -1
        self.is_full = False
        self.setProperty("ground", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        down = column(self, gap=0)
        self.head = PlayerHead(desk.words, desk.keys, self)
        self.head.left.connect(self.closed)
        self.head.stepped.connect(self.step_moment)
        down.addWidget(self.head)
        self.stage, middle = PlayerStage(desk, self), row(gap=0)
        middle.addWidget(self.stage, 1)
        down.addLayout(middle, 1)
        self._side = frame(ground="panel", edge="left")
        self._side.setFixedWidth(388)
        middle.addWidget(self._side)
        self.chapters = ChaptersView(desk.look, desk.words, self._side)
        self.tabs = ItemTabs(desk, self._side, first="transcript", more={"chapters": self.chapters})
        column(self._side, margins=(14, 10, 12, 8), gap=0).addWidget(self.tabs)
        self._lanes = frame(ground="ground", edge="top")
        self.timeline = Timeline(desk.look, desk.words, is_small=False)
        column(self._lanes, margins=(6, 4, 6, 4), gap=0).addWidget(self.timeline)
        down.addWidget(self._lanes)
        self.transport = TransportBar(desk.look, desk.words, desk.keys, self)
        down.addWidget(self.transport)
        self.go_on_chip = GoOnChip(self.stage, desk.words)
        self._connect()

    def _connect(self) -> None:
        self.transport.toggled.connect(self.toggle)
        self.transport.marked.connect(self.mark)
        self.transport.filled.connect(self.toggle_full)
        self.timeline.sought.connect(self._seek)
        self.timeline.mark_wanted.connect(self._show_mark_at)
        self.stage.audio.sought.connect(self._seek)
        self.stage.audio.clicked.connect(self.toggle)
        self.chapters.sought.connect(self._play_from)
        self.chapters.moment_wanted.connect(self._show_moment)
        self.chapters.noted.connect(lambda mark, note: marking.note(self._desk, mark=mark, note=note, owner=self))
        self.chapters.unmarked.connect(lambda mark: marking.unmark(self._desk, mark=mark, owner=self))
        self.tabs.moment_wanted.connect(self._show_moment)
        self.tabs.other_wanted.connect(self.other_wanted)
        self.go_on_chip.clicked.connect(self.go_on)
        self._desk.events.changed.connect(self._library_changed)
        self.tabs.transcript.lines.dataChanged.connect(lambda *_: self._show_words())
        self._desk.words.changed.connect(self._speak)

    def use_playback(self, playback: Playback, left_off: PositionKeeper) -> None:
        """Take the window's player, and who knows where items were left off."""
        self.playback, self._left_off = playback, left_off
        self.stage.use_playback(playback)
        self.surface = self.stage.surface
        self.tabs.transcript.use_playback(playback)
        self.surface.clicked.connect(self.toggle)
        self.surface.opened.connect(self.toggle_full)
        self.controls = PlayerControls(self._desk, playback, self.transport, self.timeline, self.surface)
        playback.moved.connect(self._moved)
        playback.switched.connect(self._length_known)
        playback.troubled.connect(lambda sentence: self.stage.show_note(self._desk.words.sentence(sentence)))

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def item_id(self) -> int:
        """The item that is open, or 0."""
        return self._item_id

    def is_shown(self, item_id: int) -> bool:
        """Whether all of it is on the screen."""
        return self._has_sides and self._details is not None and self._details.item.id == item_id

    def open_item(
        self,
        item_id: int,
        item: Item | None,
        hit: Hit | None,
        query: str,
        terms: Sequence[str],
        *,
        play_ms: int = -1,
        moment: Moment | None = None,
    ) -> None:
        """Show an item large; `play_ms` starts it there, `moment` is shown."""
        self.walk, self._terms = MomentWalk(hit, query), tuple(terms)
        self._wanted, self._play_ms = moment, play_ms
        if item_id != self._item_id:
            self._item_id, self._details, self._has_sides, self._peaks_of = item_id, None, False, ("", 0, 0)
            if self.playback is not None and self.playback.item is not None and self.playback.item.id != item_id:
                self.playback.load(None)  # this one may have nothing to play, or may not be played
            self._show_blank(item)
        self._ask()
        self.setFocus()

    def _show_blank(self, item: Item | None) -> None:
        """What is known before the library has answered."""
        self.stage.show_blank(item.kind if item else Kind.VIDEO)
        self.controls.chapters = ()
        self.tabs.show_details(None)
        self.chapters.show_details(None, ())
        self.go_on_chip.hide()
        self._show_bars(is_timed=item is None or item.kind in TIMED)
        self.timeline.show_lanes((), 0)
        self.timeline.show_peaks(b"", is_expected=item is None or item.kind is Kind.VIDEO)
        self.head.show_title(item.title if item else "", "")
        self.head.show_facts("", has_moments=False, can_step=False)

    def _show_bars(self, *, is_timed: bool) -> None:
        self._lanes.setVisible(is_timed and not self.is_full)
        self.transport.setVisible(is_timed and not self.is_full)

    def leave(self) -> None:
        """The large view is closed: nothing is shown and nothing plays here."""
        self._awaited.drop()
        if self.is_full:
            self.toggle_full()
        if self.playback is not None:
            self.playback.set_loop(None)
        self._item_id, self._details, self._has_sides = 0, None, False

    def _ask(self) -> None:
        self._awaited.drop()
        item_id, desk, found = self._item_id, self._desk, self.walk.moments
        desk.bridge.read(
            lambda: read_large(desk, item_id, found),
            self._awaited.only(self._take),
            owner=self,
            failed=self._awaited.only(lambda _fault: self.closed.emit()),
        )

    def _take(self, view: LargeView) -> None:
        details = view.details
        self._details, self.controls.chapters, item = details, view.chapters, details.item
        self._show_bars(is_timed=item.kind in TIMED)
        self.stage.show_item(details, view.still, self.walk.moments, self._terms)
        if item.kind in TIMED and self.playback is not None:
            self.transport.show_kind(is_video=item.kind is Kind.VIDEO)
            self._show_lanes(view.lanes)
            if can_play(details):
                self.playback.load(item)
                if self._peaks_of != (of := (item.path, item.size_bytes, item.facts.channels)):
                    self._peaks_of = of
                    self.stage.show_note("")  # that it could not be played
                    self._ask_peaks(item)
            else:
                self._peaks_of = ("", 0, 0)
                self.timeline.show_peaks(b"")
                self.playback.refuse(item)
                self.stage.show_note(why_not(details, self._desk.words))
        self._speak()
        # What stands beside the picture comes a turn of the loop later: both at once would be felt.
        take_sides = self._awaited.only(self._take_sides)
        QTimer.singleShot(0, self, lambda: take_sides(details))

    def _take_sides(self, details: Details) -> None:
        self.tabs.show_details(details, self._terms)
        self.tabs.show_position(self.playback.position_ms if self.playback is not None else 0)
        self._show_words()
        self.chapters.show_details(details, self.controls.chapters)
        is_new, self._has_sides = not self._has_sides, True
        if is_new:
            self.tabs.show_tab("transcript" if details.item.kind in TIMED else "tags")
        if is_new or self._play_ms >= 0 or self._wanted is not None:
            self._begin()

    def _show_lanes(self, lanes: tuple[Lane, ...]) -> None:
        details = self._details
        if details is None or self.playback is None:
            return
        length_ms = details.item.facts.duration_ms or self.playback.duration_ms
        self.timeline.show_lanes(
            lanes,
            length_ms,
            marks=make_marks(details, self._desk.words),
            chapters=tuple(chapter.start_ms for chapter in self.controls.chapters),
        )
        self.timeline.show_position(self.playback.position_ms)
        self.controls.show_loop()

    def _ask_peaks(self, item: Item) -> None:
        def take(peaks: bytes) -> None:
            if item.id == self._item_id:
                self.timeline.show_peaks(peaks if item.kind is Kind.VIDEO else b"")
                self.stage.audio.show_peaks(peaks)

        # Without them there is no wave; that is nothing to talk about.
        self._desk.bridge.when_done(
            self._desk.assistant.playing.peaks(item), take, owner=self, failed=lambda _fault: take(b"")
        )

    def _begin(self) -> None:
        """The first moment, once the item is here; without one it says where it was left off."""
        if self._play_ms >= 0:
            self._play_from(self._play_ms)
        elif self._wanted is not None:
            self._show_moment(self._wanted)
        elif self.walk.best is not None and not (self.playback and self.playback.is_playing):
            self._show_moment(self.walk.best, plays=False)
        elif self._details is not None and self._details.item.kind in TIMED and can_play(self._details):
            self.go_on_chip.offer(self._left_off.position(self._details))
        self._play_ms, self._wanted = -1, None
        self._speak()

    def _speak(self) -> None:
        details, words, walk = self._details, self._desk.words, self.walk
        if details is None:
            return
        self.head.show_title(details.item.title, details.item.path)
        facts = words.facts(details.item)
        if walk.moments and walk.query:
            total = len(walk.moments)
            code = "ui.player.moments" if total < MOST_MOMENTS else "ui.player.many_moments"
            facts = words.say(code, count=total, query=walk.query)
            if walk.at >= 0:
                place = words.number(walk.at + 1)
                facts = words.say("ui.player.moment_of", place=place, total=words.number(total), query=walk.query)
        self.head.show_facts(facts, has_moments=bool(walk.moments), can_step=len(walk.moments) > 1 or walk.at < 0)
        self.controls.show_state()

    def _library_changed(self, changes: LibraryChanges) -> None:
        if self._item_id in changes.removed:
            self.closed.emit()
        elif self._item_id and (changes.tags or self._item_id in (*changes.changed, *changes.moments)):
            self._ask()

    # ── moments, chapters, marks ──────────────────────────────────────────────────────────────────────────────────

    def step_moment(self, direction: int) -> None:
        """To the next or previous moment that the search found."""
        moment = self.walk.step(direction, self.playback.position_ms if self.playback else 0)
        if moment is not None:
            self._show_moment(moment)

    def _show_moment(self, moment: Moment, *, plays: bool = True) -> None:
        self.walk.find(moment)
        if isinstance(moment.span, TimeSpan):
            self._seek(moment.span.start_ms)
            if plays:
                self._play()
        elif isinstance(moment.span, TextSpan):
            self.stage.reader.show_moment(moment.span)
        else:
            self.stage.photo.mark(moment.box)
        self._speak()

    def mark(self) -> None:
        """Mark the moment that is shown: this time, the loop, the passage in sight, the whole photo."""
        details = self._details
        if details is None:
            return
        span: Span | None = WHOLE
        if details.item.kind in TIMED:
            loop, now_ms = self.playback.loop if self.playback else None, self.timeline.position_ms
            span = TimeSpan(loop.start_ms, loop.end_ms) if loop and loop.end_ms else TimeSpan(now_ms, now_ms)
        elif details.item.kind is Kind.TEXT:
            span = self.stage.reader.span_in_sight()
        if span is not None:
            marking.mark(
                self._desk, item_id=self._item_id, span=span, known=details.marks, owner=self, note=self._show_mark
            )

    def _show_mark(self, mark: Moment) -> None:
        """Its note, ready to be written."""
        self.tabs.show_tab("chapters")
        self.chapters.edit_note(mark)

    def _show_mark_at(self, start_ms: int) -> None:
        for mark in self._details.marks if self._details else ():
            if isinstance(mark.span, TimeSpan) and mark.span.start_ms == start_ms:
                self._show_mark(mark)
                return

    # ── playing ───────────────────────────────────────────────────────────────────────────────────────────────────

    def toggle(self) -> None:
        """Play or pause."""
        if self.playback is not None and self._details is not None and can_play(self._details):
            self.stage.show_note("")
            self.go_on_chip.hide()
            self.playback.load(self._details.item)
            self.playback.toggle()

    def go_on(self) -> None:
        """To where it was left off, and play."""
        if self.go_on_chip.position_ms:
            self._play_from(self.go_on_chip.position_ms)

    def _play(self) -> None:
        if self.playback is not None and self._details is not None and can_play(self._details):
            self.playback.play()

    def _play_from(self, ms: int) -> None:
        self._seek(ms)
        self._play()
        self.walk.find_at(ms)
        self._speak()

    def _seek(self, ms: int) -> None:
        if self.playback is not None and self._details is not None and can_play(self._details):
            self.go_on_chip.hide()
            self.playback.load(self._details.item)
            self.playback.seek(ms)

    def toggle_full(self) -> None:
        """The picture alone over the whole screen, and back."""
        self.is_full = not self.is_full
        for widget in (self.head, self._side):
            widget.setVisible(not self.is_full)
        self._show_bars(is_timed=self._details is not None and self._details.item.kind in TIMED)
        self.full_screen_wanted.emit(self.is_full)

    def _moved(self, ms: int) -> None:
        if not self.isVisible() or self._details is None:
            return
        self.timeline.show_position(ms)
        self.tabs.show_position(ms)
        self.chapters.show_position(ms)
        self._show_words(ms)
        self.stage.audio.show_position(ms)
        self.controls.show_time(ms)

    def _show_words(self, ms: int | None = None) -> None:
        """What is said at a time, or now, on the picture: a corrected word also while nothing moves."""
        if self._details is not None and self._details.item.kind is Kind.VIDEO and self.playback is not None:
            self.surface.show_subtitle(self.tabs.transcript.line_at(self.playback.position_ms if ms is None else ms))

    def _length_known(self) -> None:
        """A file that did not say how long it is was played to its end, or its player found out."""
        if self._details is not None and not self.timeline.duration_ms and self.playback and self.playback.duration_ms:
            self._show_lanes(self.timeline.lanes)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys that people know from other players."""
        if not press(event, self, self._desk.keys):
            super().keyPressEvent(event)

    def resizeEvent(self, event: object) -> None:
        """Narrow windows give the picture more, but no tab away."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._side.setFixedWidth(388 if self.width() > 1200 else max(330, self.tabs.bar.sizeHint().width() + 28))
        self.head.show_room(self.width())
        self.go_on_chip.settle()


def build(desk: Desk, parent: QWidget) -> PlayerPanel:
    """For the registry."""
    return PlayerPanel(desk, parent)
