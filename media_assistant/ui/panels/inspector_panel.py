"""The right side: the chosen item, playing, with its facts, its lanes and its four tabs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget, QWidget

from media_assistant.items.answers import Details, Hit
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.clock import clock
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.playback.left_off import PositionKeeper
from media_assistant.ui.playback.playback import Playback
from media_assistant.ui.playing import can_play, load_still
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.item_tabs import ItemTabs, time_of
from media_assistant.ui.widgets.missing_box import MissingBox
from media_assistant.ui.widgets.plain import IconButton, button, column, frame, label, row, said
from media_assistant.ui.widgets.player.head import GoOnChip
from media_assistant.ui.widgets.player.video_surface import VideoSurface
from media_assistant.ui.widgets.star_row import StarRow
from media_assistant.ui.widgets.timeline.timeline import Lane, Timeline, make_lanes

if TYPE_CHECKING:
    from media_assistant.ui.widgets.many_view import ManyView

PICTURE, LOW_PICTURE, LOW = 186, 112, 640
"""How high the picture is, and in a panel lower than the last."""


class InspectorPanel(QFrame):
    """Signals: `opened(int)` large view; `moment_opened(Moment)` a passage or moment of the large view;
    `other_wanted(int, int)` another item, and a time in ms or -1.
    """

    opened = Signal(int)
    moment_opened = Signal(object)
    other_wanted = Signal(int, int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._playback: Playback | None = None
        self._details: Details | None = None
        self._hit: Hit | None = None
        self._item_id = 0
        self._several: frozenset[int] = frozenset()
        self._awaited = Awaited()
        self._wants_play_ms = -1
        self.setProperty("ground", "panel")
        self.setProperty("edge", "left")
        self.setMinimumWidth(270)
        self._pages = QStackedWidget()
        column(self, gap=0).addWidget(self._pages)
        self._build_empty()
        self._build_one()
        desk.events.changed.connect(self._library_changed)
        desk.words.changed.connect(self._speak)

    def sizeHint(self) -> QSize:
        """A quarter of a usual window."""
        return QSize(364, 600)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A lower picture in a low window: what stands below it has to be seen too."""
        super().resizeEvent(event)
        if self._playback is not None:
            self._fit_picture()

    def _fit_picture(self) -> None:
        self.surface.setFixedHeight(LOW_PICTURE if self.height() < LOW else PICTURE)

    def _build_empty(self) -> None:
        page = QWidget()
        down = column(page, margins=(24, 24, 24, 24))
        down.addStretch(1)
        hint = said(self._desk.words, "ui.inspector.empty", "faint", wraps=True)
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        down.addWidget(hint)
        down.addStretch(1)
        self._pages.addWidget(page)

    def _build_one(self) -> None:
        desk = self._desk
        page = QWidget()
        self._one = page
        down = column(page, margins=(14, 14, 14, 8), gap=6)
        self._stage_place = column(gap=0)
        down.addLayout(self._stage_place)
        controls = frame()
        bar = row(controls, gap=4)
        self.play_button = IconButton(desk.words, desk.look, "play", "ui.play.button", self._toggle)
        self._time = label("soft")
        self._volume = IconButton(desk.words, desk.look, "volume", "ui.mute", self._mute)
        self._large = button(desk.words, "ui.open_large", self._open)
        bar.addWidget(self.play_button)
        bar.addWidget(self._time, 1)
        bar.addWidget(self._volume)
        bar.addWidget(self._large)
        down.addWidget(controls)
        self._title = label("title", wraps=True, selectable=True)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._title.setMaximumHeight(44)
        self._facts = label("soft", wraps=True)
        self._state = label("bad", wraps=True)
        self.stars = StarRow(desk)
        self.missing = MissingBox(desk)
        self.timeline = Timeline(desk.look, desk.words, is_small=True)
        self.timeline.sought.connect(self._seek)
        self.tabs = ItemTabs(desk, page)
        self.tabs.moment_wanted.connect(self._go_to)
        self.tabs.other_wanted.connect(self.other_wanted)
        for widget in (self._title, self._facts, self.stars, self._state, self.missing, self.timeline):
            down.addWidget(widget)
        down.addWidget(self.tabs, 1)
        self._pages.addWidget(page)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    def use_playback(self, playback: Playback, left_off: PositionKeeper) -> None:
        """Take the window's player, made late, for its library takes a while to start; and who knows where items were
        left off.
        """
        self._playback, self._left_off = playback, left_off
        self.surface = VideoSurface(playback, self._desk.look)
        self._desk.words.bind(self.surface, VideoSurface.setAccessibleName, "ui.picture.name")
        self._fit_picture()
        self.surface.clicked.connect(self._toggle)
        self.surface.opened.connect(self._open)
        self._stage_place.addWidget(self.surface)
        self.go_on_chip = GoOnChip(self.surface, self._desk.words)
        playback.loaded.connect(self.go_on_chip.hide)
        self.go_on_chip.clicked.connect(lambda: self.play_from(self.go_on_chip.position_ms))
        playback.moved.connect(self._moved)
        playback.switched.connect(self._switched)
        playback.troubled.connect(lambda sentence: self.surface.show_note(self._desk.words.sentence(sentence)))

    @property
    def item_id(self) -> int:
        """The item that is shown, or 0."""
        return self._item_id

    @cached_property
    def many(self) -> ManyView:
        """What is shown of several items; built when several are chosen for the first time."""
        from media_assistant.ui.widgets.many_view import ManyView

        many = ManyView(self._desk)
        self._pages.addWidget(many)
        return many

    @cached_property
    def alike(self) -> QWidget:
        """A page with what is like several items; built when it is first wanted."""
        from media_assistant.ui.widgets.similar.view import SimilarView

        page = QWidget()
        down = column(page, margins=(14, 14, 14, 8), gap=6)
        down.addWidget(said(self._desk.words, "ui.similar.title", "title"))
        view = SimilarView(self._desk, page)
        view.opened.connect(self.other_wanted)
        down.addWidget(view, 1)
        self._pages.addWidget(page)
        return page

    @property
    def shows_alike(self) -> bool:
        """Whether what is like the person's own examples is shown, and no item."""
        is_built = "alike" in self.__dict__
        return self._desk.examples.is_own and is_built and self._pages.currentWidget() is self.alike

    def show_similar(self) -> None:
        """What is like the examples: the tab of the shown item, or a page where there is none."""
        if self._item_id:
            self.tabs.show_tab("similar")
        else:
            self._pages.setCurrentWidget(self.alike)

    def show_nothing(self, item_ids: Sequence[int] = ()) -> None:
        """No item, or several. What is like several stays in sight as long as it is these, and what is like examples of the
        person's own until something is chosen: they may come from another page.
        """
        if len(item_ids) > 1 and self._several == frozenset(item_ids):
            return
        self._several = frozenset(item_ids)
        self._awaited.drop()
        self._item_id, self._details = 0, None
        if self._playback is not None and self.isVisible():
            self._playback.load(None)
        if len(item_ids) > 1:
            self.many.show_items(item_ids)
            self._pages.setCurrentWidget(self.many)
        elif not self.shows_alike:
            self._pages.setCurrentIndex(0)

    def show_item(self, item_id: int, hit: Hit | None, terms: Sequence[str], *, play_ms: int = -1) -> None:
        """Show an item as the search found it; `play_ms` starts it there as soon as it may be played."""
        self._hit, self._terms, self._several = hit, tuple(terms), frozenset()
        if play_ms >= 0 or item_id != self._item_id:
            # Shown anew, as after every change of the library, it is to play still.
            self._wants_play_ms = play_ms
        if item_id != self._item_id:
            self._item_id = item_id
            self._desk.assistant.relinking.check((item_id,))
            if self._playback is not None and self.isVisible():
                self._playback.load(None)
        self._ask()

    def play_from(self, ms: int) -> None:
        """Play the shown item from a time."""
        self._wants_play_ms = ms
        self._play_if_wanted()

    def _ask(self) -> None:
        self._awaited.drop()
        item_id, desk = self._item_id, self._desk
        found = self._hit.moments if self._hit else ()

        def look() -> tuple[Details, tuple[Lane, ...], QImage]:
            details = desk.assistant.library.details(item_id)
            is_timed = details.item.kind in (Kind.VIDEO, Kind.MUSIC)
            lanes = make_lanes(details, found, desk.words) if is_timed else ()
            return details, lanes, load_still(desk.assistant, item_id)

        desk.bridge.read(
            look,
            self._awaited.only(lambda found: self._take(*found)),
            owner=self,
            failed=self._awaited.only(lambda _fault: self.show_nothing()),
        )

    def _take(self, details: Details, lanes: tuple[Lane, ...], still: QImage) -> None:
        self._details = details
        item = details.item
        if self._playback is not None:
            self.surface.stands_for = item.kind.value
            self.surface.setAccessibleDescription(" ".join(item.title.split()))
            self.surface.show_still(still)
            # There is one player for the whole window: out of sight, it is not ours to load.
            is_ours = item.kind in (Kind.VIDEO, Kind.MUSIC) and self.isVisible()
            if is_ours and not can_play(details):
                self._playback.refuse(item)
            elif is_ours:
                self._playback.load(item)
                is_fresh = self._playback.position_ms == 0 and not self._playback.is_playing
                self.go_on_chip.offer(self._left_off.position(details) if is_fresh else 0)
                if not self._playback.is_playing and self._wants_play_ms < 0 and self._hit and self._hit.moments:
                    best = time_of(self._hit.moments[0])
                    if best >= 0 and self._playback.position_ms == 0:
                        self._playback.seek(best)
        is_timed = item.kind in (Kind.VIDEO, Kind.MUSIC)
        self.timeline.setVisible(is_timed)
        if is_timed:
            self.timeline.show_lanes(lanes, item.facts.duration_ms)
        for widget in (self.play_button, self._volume):
            widget.setVisible(is_timed)
        self._speak()
        self.tabs.show_details(details, self._terms)
        self.tabs.show_position(self._playback.position_ms if self._playback is not None and self._is_mine() else 0)
        self.stars.show_items((item.id,))
        self._pages.setCurrentWidget(self._one)
        self._play_if_wanted()

    def _play_if_wanted(self) -> None:
        details = self._details
        if self._wants_play_ms < 0 or details is None or self._playback is None or details.item.id != self._item_id:
            return
        if not self.isVisible():
            self._wants_play_ms = -1  # the person is elsewhere by now
        elif details.item.kind in (Kind.VIDEO, Kind.MUSIC) and can_play(details):
            self._playback.load(details.item)
            self._playback.seek(self._wants_play_ms)
            self._playback.play()
            self._wants_play_ms = -1

    def _speak(self) -> None:
        details, words = self._details, self._desk.words
        if details is None:
            return
        item = details.item
        self._title.setText(" ".join(item.title.split()))
        self._title.setToolTip(plain_tip(item.path))
        captured = item.facts.captured
        facts = words.facts(item)
        if captured is not None:
            facts = f"{facts} · {words.captured(captured)}"
        self._facts.setText(facts)
        trouble = words.sentence(item.error) if item.error and not item.is_missing else ""
        self.missing.show_item(item.id, is_missing=item.is_missing, is_offline=item.is_offline)
        self._state.setText(trouble)
        self._state.setVisible(bool(trouble))
        self._show_time()
        self._switched()

    def _library_changed(self, changes: LibraryChanges) -> None:
        if self._item_id in changes.removed:
            self.show_nothing()
        elif self._item_id and (changes.tags or self._item_id in (*changes.changed, *changes.moments)):
            self._ask()

    # ── playing ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _is_mine(self) -> bool:
        item = self._playback.item if self._playback is not None else None
        return item is not None and item.id == self._item_id

    def showEvent(self, event: QShowEvent) -> None:
        """Back from the large view: where that came to."""
        super().showEvent(event)
        if self._playback is not None and self._is_mine():
            self._moved(self._playback.position_ms)

    def _moved(self, ms: int) -> None:
        if ms > 0:
            self.go_on_chip.hide()
        if self._is_mine() and self.isVisible():
            self.timeline.show_position(ms)
            self.tabs.show_position(ms)
            self._show_time()

    def _show_time(self) -> None:
        details = self._details
        if details is None or self._playback is None or not details.item.facts.duration_ms:
            self._time.setText("")
            return
        at = self._playback.position_ms if self._is_mine() else 0
        self._time.setText(f"{clock(at)} / {clock(details.item.facts.duration_ms)}")

    def _switched(self) -> None:
        if self._playback is not None:
            is_playing = self._playback.is_playing and self._is_mine()
            self.play_button.wear("pause" if is_playing else "play")
            can_be_heard = self._playback.can_be_heard
            said = self._desk.words.say("ui.mute" if can_be_heard else "ui.play.no_device")
            self._volume.setToolTip(plain_tip(said))
            self._volume.setAccessibleName(said)
            self._volume.wear("muted" if self._playback.is_muted or not can_be_heard else "volume")

    def _known(self) -> Details | None:
        """What is known of the shown item: right after an arrow nothing yet, but of the one before."""
        details = self._details
        return details if details is not None and details.item.id == self._item_id else None

    def _toggle(self) -> None:
        details = self._known()
        if self._playback is None or details is None:
            return
        if details.item.kind in (Kind.PHOTO, Kind.TEXT):
            self._open()
        elif not can_play(details):
            self.surface.show_note(self._desk.words.say("ui.play.not_yet"))
        else:
            self._playback.load(details.item)
            self._playback.toggle()

    def toggle(self) -> None:
        """Play or pause what is shown."""
        self._toggle()

    def _mute(self) -> None:
        if self._playback is not None:
            self._playback.set_muted(is_muted=not self._playback.is_muted)

    def _seek(self, ms: int) -> None:
        details = self._known()
        if self._playback is not None and details is not None and can_play(details):
            self._playback.load(details.item)
            self._playback.seek(ms)

    def _go_to(self, moment: Moment) -> None:
        if time_of(moment) >= 0:
            self.play_from(time_of(moment))
        elif self._item_id:
            self.moment_opened.emit(moment)

    def _open(self) -> None:
        if self._item_id:
            self.opened.emit(self._item_id)


def build(desk: Desk) -> InspectorPanel:
    """For the registry."""
    return InspectorPanel(desk)
