"""One item, large: a film or a sound with its lanes and transcript, a photo to look into, a text to read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStackedWidget, QWidget

from media_assistant.items.answers import Details, Hit
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.ui.desk import Desk
from media_assistant.ui.playback import Playback
from media_assistant.ui.player_keys import press
from media_assistant.ui.playing import can_play, load_still, place_of, read_photo
from media_assistant.ui.widgets.item_tabs import ItemTabs, time_of
from media_assistant.ui.widgets.photo_view import PhotoView
from media_assistant.ui.widgets.plain import button, column, frame, label, row
from media_assistant.ui.widgets.text_reader import TextReader
from media_assistant.ui.widgets.timeline import Timeline, make_lanes
from media_assistant.ui.widgets.transport_bar import TransportBar
from media_assistant.ui.widgets.video_surface import VideoSurface


class PlayerPanel(QWidget):
    """Signals: `closed()`; `other_wanted(int, int)` another item and a time or -1; `full_screen_wanted(bool)`."""

    closed = Signal()
    other_wanted = Signal(int, int)
    full_screen_wanted = Signal(bool)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.playback: Playback | None = None
        self._item_id = 0
        self._details: Details | None = None
        self._hit: Hit | None = None
        self._moments: list[Moment] = []
        self._at = -1
        self._query = ""
        self._terms: tuple[str, ...] = ()
        self._turn = 0
        self._wanted: Moment | None = None
        self._play_ms = -1
        self._photo_of = 0
        self.is_full = False
        self.setProperty("ground", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        down = column(self, gap=0)
        down.addWidget(self._build_head())
        middle = row(gap=0)
        self._stages = QStackedWidget()
        middle.addWidget(self._stages, 1)
        self._side = frame(ground="panel", edge="left")
        self._side.setFixedWidth(388)
        self.tabs = ItemTabs(desk, first="transcript")
        column(self._side, margins=(14, 10, 12, 8), gap=0).addWidget(self.tabs)
        middle.addWidget(self._side)
        down.addLayout(middle, 1)
        self._lanes = frame(ground="ground", edge="top")
        self.timeline = Timeline(desk.look, desk.words, is_small=False)
        column(self._lanes, margins=(6, 4, 6, 4), gap=0).addWidget(self.timeline)
        down.addWidget(self._lanes)
        self._transport = TransportBar(desk.look, desk.words)
        for signal, act in (
            (self._transport.toggled, self.toggle),
            (self._transport.shuttled, self._shuttle),
            (self._transport.muted, self._mute),
            (self._transport.filled, self.toggle_full),
        ):
            signal.connect(act)
        down.addWidget(self._transport)
        self.photo = PhotoView(desk.look)
        desk.words.bind(self.photo, PhotoView.setAccessibleName, "ui.photo.name")
        self.reader = TextReader(desk.look, desk.words)
        self._stages.addWidget(self.photo)
        self._stages.addWidget(self.reader)
        self.timeline.sought.connect(self._seek)
        self.tabs.moment_wanted.connect(self._show_moment)
        self.tabs.other_wanted.connect(self.other_wanted)
        desk.events.changed.connect(self._library_changed)
        desk.words.changed.connect(self._speak)

    def _build_head(self) -> QWidget:
        words = self._desk.words
        self._head = frame(ground="ground", edge="bottom")
        bar = row(self._head, margins=(14, 8, 14, 8), gap=10)
        self.back = button(words, "ui.player.back", self.closed.emit)
        self._title = label("strong")
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._title.setMinimumWidth(40)
        self._where = label("soft")
        self._where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.previous = button(words, "ui.player.previous", lambda: self.step_moment(-1))
        self.next = button(words, "ui.player.next", lambda: self.step_moment(1))
        bar.addWidget(self.back)
        bar.addWidget(self._title)
        bar.addWidget(self._where, 1)
        bar.addWidget(self.previous)
        bar.addWidget(self.next)
        return self._head

    def use_playback(self, playback: Playback) -> None:
        """Take the window's player."""
        self.playback = playback
        self.tabs.transcript.use_playback(playback)
        self.surface = VideoSurface(playback, self._desk.look)
        self.surface.clicked.connect(self.toggle)
        self.surface.opened.connect(self.toggle_full)
        self._stages.addWidget(self.surface)
        playback.moved.connect(self._moved)
        playback.switched.connect(self._switched)
        playback.troubled.connect(lambda sentence: self.surface.show_note(self._desk.words.sentence(sentence)))

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def item_id(self) -> int:
        """The item that is open, or 0."""
        return self._item_id

    def is_shown(self, item_id: int) -> bool:
        """Whether everything known of this item is on the screen."""
        return self._details is not None and self._details.item.id == item_id

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
        self._hit, self._query, self._terms = hit, query, tuple(terms)
        self._moments = sorted(hit.moments, key=place_of) if hit else []
        self._at = -1
        self._wanted, self._play_ms = moment, play_ms
        if item_id != self._item_id:
            self._item_id, self._details = item_id, None
            self._show_blank(item)
        self._ask()
        self.setFocus()

    def _show_blank(self, item: Item | None) -> None:
        """What is known before the library has answered."""
        self.photo.show_picture(QImage())
        self.surface.show_still(QImage())
        self.reader.show_text((), ())
        self._photo_of = 0
        self.tabs.show_details(None)
        is_timed = item is None or item.kind in (Kind.VIDEO, Kind.MUSIC)
        self._stages.setCurrentWidget(
            self.surface if is_timed else self.photo if item and item.kind is Kind.PHOTO else self.reader
        )
        self._lanes.setVisible(is_timed and not self.is_full)
        self._transport.setVisible(is_timed and not self.is_full)
        self.timeline.show_lanes((), 0)
        self._title.setText(" ".join(item.title.split()) if item else "")
        self._where.clear()
        for each in (self.previous, self.next):
            each.hide()

    def leave(self) -> None:
        """The large view is closed: nothing is shown and nothing plays here."""
        self._turn += 1
        if self.is_full:
            self.toggle_full()
        self._item_id, self._details = 0, None

    def _ask(self) -> None:
        self._turn += 1
        turn, item_id, desk = self._turn, self._item_id, self._desk
        desk.bridge.read(
            lambda: (desk.assistant.library.details(item_id), load_still(desk.assistant, item_id)),
            lambda found: self._take(turn, *found),
            owner=self,
            failed=lambda _fault: self.closed.emit() if turn == self._turn else None,
        )

    def _take(self, turn: int, details: Details, still: QImage) -> None:
        if turn != self._turn:
            return
        is_new, self._details = self._details is None, details
        item = details.item
        is_timed = item.kind in (Kind.VIDEO, Kind.MUSIC)
        self._lanes.setVisible(is_timed and not self.is_full)
        self._transport.setVisible(is_timed)
        if is_timed and self.playback is not None:
            self._stages.setCurrentWidget(self.surface)
            self.surface.stands_for = item.kind.value
            self.surface.show_still(still)
            self.timeline.show_lanes(make_lanes(details, self._moments, self._desk.words), item.facts.duration_ms)
            if can_play(details):
                self.playback.load(item)
            else:
                self.surface.show_note(self._desk.words.say("ui.play.not_yet"))
        elif item.kind is Kind.PHOTO:
            self._stages.setCurrentWidget(self.photo)
            self._show_photo(details, still)
        else:
            self._stages.setCurrentWidget(self.reader)
            self.reader.show_text(details.lines, self._terms)
        self._speak()
        self.tabs.show_details(details, self._terms)
        if is_new:
            self.tabs.show_tab("transcript" if is_timed else "tags")
            self._begin()

    def _begin(self) -> None:
        """The first moment, once the item is here."""
        if self._play_ms >= 0:
            self._seek(self._play_ms)
            if self.playback is not None:
                self.playback.play()
            self._find_at(self._play_ms)
        elif self._wanted is not None:
            self._show_moment(self._wanted)
        elif self._moments and self._hit is not None and not (self.playback and self.playback.is_playing):
            best = self._hit.moments[0]
            self._at = self._moments.index(best)
            self._show_moment(best, plays=False)
        self._play_ms, self._wanted = -1, None
        self._speak()

    def _show_photo(self, details: Details, still: QImage) -> None:
        if self._photo_of == details.item.id:
            return
        self._photo_of = details.item.id
        self.photo.show_picture(still)
        if not can_play(details):
            return
        path, item_id = details.item.path, details.item.id

        def take(image: QImage) -> None:
            if not image.isNull() and item_id == self._item_id:
                self.photo.show_picture(image, keeps_zoom=not self.photo.is_fitted)

        self._desk.bridge.read(lambda: read_photo(Path(path)), take, owner=self)

    def _speak(self) -> None:
        details, words = self._details, self._desk.words
        if details is None:
            return
        title = " ".join(details.item.title.split())
        self._title.setText(self.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, 420))
        self._title.setToolTip(details.item.path)
        has_moments = bool(self._moments)
        for each in (self.previous, self.next):
            each.setVisible(has_moments)
            each.setEnabled(len(self._moments) > 1 or self._at < 0)
        if has_moments and self._query:
            place = words.number(self._at + 1) if self._at >= 0 else "–"
            self._where.setText(
                words.say("ui.player.moment_of", place=place, total=words.number(len(self._moments)), query=self._query)
            )
        else:
            self._where.setText(words.facts(details.item))
        self._show_time(self.playback.position_ms if self.playback else 0)
        self._switched()

    def _library_changed(self, changes: LibraryChanges) -> None:
        if self._item_id in changes.removed:
            self.closed.emit()
        elif self._item_id and (changes.tags or self._item_id in (*changes.changed, *changes.moments)):
            self._ask()

    # ── moments ───────────────────────────────────────────────────────────────────────────────────────────────────

    def step_moment(self, direction: int) -> None:
        """To the next or previous moment that the search found."""
        if not self._moments:
            return
        self._at = (
            (self._at + direction) % len(self._moments)
            if self._at >= 0
            else (0 if direction > 0 else len(self._moments) - 1)
        )
        self._show_moment(self._moments[self._at])
        self._speak()

    def _show_moment(self, moment: Moment, *, plays: bool = True) -> None:
        if isinstance(moment.span, TimeSpan):
            self._seek(moment.span.start_ms)
            if plays and self.playback is not None and self._details is not None and can_play(self._details):
                self.playback.play()
            self._find_at(moment.span.start_ms)
        elif isinstance(moment.span, TextSpan):
            self.reader.show_moment(moment.span)
        else:
            self.photo.mark(moment.box)

    def _find_at(self, ms: int) -> None:
        at = next((at for at, moment in enumerate(self._moments) if time_of(moment) == ms), self._at)
        if at != self._at:
            self._at = at
            self._speak()

    # ── playing ───────────────────────────────────────────────────────────────────────────────────────────────────

    def toggle(self) -> None:
        """Play or pause."""
        if self.playback is not None and self._details is not None and can_play(self._details):
            self.playback.load(self._details.item)
            self.playback.toggle()

    def toggle_full(self) -> None:
        """The picture alone over the whole screen, and back."""
        self.is_full = not self.is_full
        is_timed = self._details is not None and self._details.item.kind in (Kind.VIDEO, Kind.MUSIC)
        for widget in (self._head, self._side):
            widget.setVisible(not self.is_full)
        self._lanes.setVisible(is_timed and not self.is_full)
        self._transport.setVisible(is_timed and not self.is_full)
        self.full_screen_wanted.emit(self.is_full)

    def _shuttle(self, direction: int) -> None:
        if self.playback is not None:
            self.playback.shuttle(direction)

    def _mute(self) -> None:
        if self.playback is not None:
            self.playback.set_muted(is_muted=not self.playback.is_muted)

    def _seek(self, ms: int) -> None:
        if self.playback is not None and self._details is not None and can_play(self._details):
            self.playback.load(self._details.item)
            self.playback.seek(ms)

    def _moved(self, ms: int) -> None:
        if not self.isVisible() or self._details is None:
            return
        self.timeline.show_position(ms)
        self.tabs.show_position(ms)
        self.surface.show_subtitle(self.tabs.transcript.line_at(ms) if self._details.item.kind is Kind.VIDEO else "")
        self._show_time(ms)

    def _show_time(self, ms: int) -> None:
        self._transport.show_time(ms, self._details.item.facts.duration_ms if self._details else 0)

    def _switched(self) -> None:
        if self.playback is not None:
            self._transport.show_state(
                is_playing=self.playback.is_playing, is_muted=self.playback.is_muted, rate=self.playback.rate
            )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys that people know from other players."""
        if not press(event, self, self._desk.keys):
            super().keyPressEvent(event)

    def resizeEvent(self, event: object) -> None:
        """Narrow windows give the picture more."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._side.setFixedWidth(388 if self.width() > 1200 else 300)
        for each, code in ((self.previous, "previous"), (self.next, "next")):
            is_short = self.width() < 1000
            QPushButton.setText(
                each, self._desk.words.say(f"ui.player.{code}_short" if is_short else f"ui.player.{code}")
            )


def build(desk: Desk) -> PlayerPanel:
    """For the registry."""
    return PlayerPanel(desk)
