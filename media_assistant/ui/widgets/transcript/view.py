"""What is said, line by line: a click plays from there, Enter or a double click types into it, everything can be undone.

The line of now is marked, the words of the search stand out, words that the recogniser was unsure of are underlined.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QPushButton, QWidget

from media_assistant.items.answers import Details
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.items.transcript import PERSON, doubtful, span_of, tracks
from media_assistant.ui import transcript_actions
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.lines import MOMENT_ROLE, LineItemModel
from media_assistant.ui.playback.playback import Playback
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.transcript_actions import FORMATS
from media_assistant.ui.widgets.drop_overlay import accept_copy, dropped_paths
from media_assistant.ui.widgets.model_wish import ModelWish, lacks_model
from media_assistant.ui.widgets.plain import button, column, label, open_menu, row
from media_assistant.ui.widgets.transcript.bars import Bar, FindBar, ListenBar, ShiftBar
from media_assistant.ui.widgets.transcript.line_bar import LineBar
from media_assistant.ui.widgets.transcript.line_list import LineList
from media_assistant.ui.widgets.transcript.line_search import LineSearch
from media_assistant.ui.widgets.transcript.line_verbs import LineVerbs
from media_assistant.ui.widgets.transcript.menus import TranscriptMenus
from media_assistant.ui.widgets.transcript.names_editor import NamesEditor

__all__ = ["FORMATS", "TranscriptView"]

_BARS = ("find", "shift", "listen", "names")
_WIDE = 320
_LEAST_LIST = 110
"""A bar that would leave the lines less than this takes their place."""


class TranscriptView(QWidget):
    """Signals: `moment_wanted(Moment)` when a line is chosen to be played."""

    moment_wanted = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None, *, has_line_bar: bool = True) -> None:
        super().__init__(parent)
        self._desk = desk
        self._details: Details | None = None
        self._tracks: dict[str, list[Moment]] = {}
        self._waiting: tuple[Details | None, tuple[str, ...]] | None = None
        self._playback: Playback | None = None
        self._awaited = Awaited()
        self.setAcceptDrops(True)
        down = column(self, margins=(0, 8, 0, 0), gap=6)
        self._build_head()
        down.addLayout(self._head)
        self.none = ModelWish(desk.words)
        down.addWidget(self.none)
        self.finder, self.move_all, self.listen, self.names = (
            FindBar(desk, self),
            ShiftBar(desk, self),
            ListenBar(desk, self),
            NamesEditor(desk, self),
        )
        self.bars: dict[str, Bar] = dict(zip(_BARS, (self.finder, self.move_all, self.listen, self.names), strict=True))
        for bar in self.bars.values():
            down.addWidget(bar)
            bar.hide()
            bar.closed.connect(lambda: self.open_bar(""))
        self.lines = LineItemModel()
        self.list = LineList(self.lines, desk.look, desk.keys, self)
        desk.words.bind(self.list, LineList.setAccessibleName, "ui.transcript.name")
        self.list.clicked.connect(self._choose)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(
            lambda at: self._menus.line_menu(self).popup(self.list.viewport().mapToGlobal(at))
        )
        down.addWidget(self.list, 1)
        self.verbs = LineVerbs(desk, self.lines, self.list)
        self.line_search = LineSearch(desk, self.finder, self.lines, self.list, self.verbs)
        self._menus: TranscriptMenus = TranscriptMenus(desk, self.verbs, self.do)
        self.line_bar = LineBar(desk, self.verbs, self) if has_line_bar else None
        if self.line_bar is not None:
            down.addWidget(self.line_bar)
        down.addStretch(0)
        self._connect()
        self._speak()

    def _build_head(self) -> None:
        desk = self._desk
        self._head = row(gap=6)
        self._source = label("badge")
        self._language = QComboBox()
        self._language.setProperty("role", "quiet")
        desk.words.bind(self._language, QComboBox.setAccessibleName, "ui.lines.track")
        self._language.activated.connect(lambda _at: self._show_track())
        self._doubts = button(desk.words, "ui.lines.doubts_none", lambda: self.verbs.do("next_doubt"), role="link")
        self._head.addWidget(self._language)
        self._head.addWidget(self._source)
        self._head.addWidget(self._doubts)
        self._head.addStretch(1)
        self.more = button(desk.words, "ui.lines.more")
        open_menu(self.more, QMenu(self.more))
        self.more.menu().aboutToShow.connect(lambda: self._menus.fill_more(self.more.menu(), self))
        self.export = button(desk.words, "ui.export.button")
        open_menu(self.export, QMenu(self.export))
        self.export.menu().aboutToShow.connect(
            lambda: self._menus.fill_export(self.export.menu(), self._details.item if self._details else None, self)
        )
        self._head.addWidget(self.more)
        self._head.addWidget(self.export)

    def _connect(self) -> None:
        self.list.verb_wanted.connect(self.do)
        self.list.lines_delegate.name_wanted.connect(self.names.add)
        self.list.edit_ended.connect(self._show_waiting)
        self.verbs.refused.connect(self._show_waiting)
        move, listen = self.move_all, self.listen
        move.shift_wanted.connect(lambda ms, only: self.verbs.shift(ms, from_current=only))
        listen.has_loop = lambda: self._loop() is not None
        listen.listen_wanted.connect(self._listen)
        listen.stop_wanted.connect(lambda: self._desk.assistant.transcripts.stop_listening(self.verbs.item_id))
        self.list.selectionModel().currentChanged.connect(lambda *_: self._show_line())
        self.lines.dataChanged.connect(lambda *_: self._show_line())
        self.lines.rowsRemoved.connect(lambda *_: self._show_line())
        for told in (self._speak, self._count_doubts):
            self._desk.words.changed.connect(told)

    def use_playback(self, playback: Playback) -> None:
        """Whose position is meant by “here”, whose loop by A–B, and who waits while a line is typed into."""
        self._playback = playback
        self.list.lines_delegate.opened.connect(playback.pause)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    def show_details(self, details: Details | None, terms: Sequence[str]) -> None:
        """Show an item's spoken (or sung, or subtitle) lines. What is being typed is not disturbed."""
        is_other = (details.item.id if details else 0) != self.verbs.item_id
        if not is_other and (self.list.is_editing or self.verbs.is_settling):
            self._waiting = (details, tuple(terms))
            return
        if is_other:
            self.list.close_editor()
            self.verbs.settle()
            self.listen.show_state("")
            self._language.clear()
            self.verbs.position_ms = 0
        self._waiting = None
        self._details = details
        self.verbs.item_id = details.item.id if details else 0
        self.verbs.duration_ms = details.item.facts.duration_ms if details else 0
        self.finder.item_id = self.verbs.item_id
        self.line_search.show_terms(terms)
        self._tracks = tracks([line for line in details.lines if line.sense is Sense.SAID]) if details else {}
        names = list(self._tracks)
        if [self._language.itemData(at) for at in range(self._language.count())] != names:
            chosen = self._language.currentData()
            self._language.clear()
            for name in names:
                self._language.addItem(self._desk.words.language_name(name), name)
            self._language.setCurrentIndex(max(0, self._language.findData(chosen)))
        self._show_track()

    def _show_waiting(self) -> None:
        if self._waiting is not None and not self.list.is_editing:
            self.verbs.settle()
            details, terms = self._waiting
            self._waiting = None
            self.show_details(details, terms)

    def _show_track(self) -> None:
        self.verbs.track = str(self._language.currentData() or "")
        self.lines.show(self._tracks.get(self.verbs.track, []))
        self.list.viewport().update()
        has_lines = bool(self.lines.lines)
        self.export.setVisible(has_lines)
        self._share_room()
        self.more.setVisible(self._details is not None)
        self.none.setVisible(not has_lines and self._details is not None)
        self._show_line()
        self._speak()
        self._count_doubts()

    def _show_line(self) -> None:
        if self.line_bar is not None:
            self.line_bar.show_line(self.verbs.current() if self.lines.lines else None)
            self._share_room()

    def _count_doubts(self) -> None:
        self._awaited.drop()
        lines = tuple(self.lines.lines)
        self._desk.bridge.read(
            lambda: sum(len(doubtful(line)) for line in lines),
            self._awaited.only(self._tell_doubts),
            owner=self,
        )

    def _tell_doubts(self, count: int) -> None:
        self._doubts.setVisible(count > 0)
        self._share_room()
        QPushButton.setText(self._doubts, self._desk.words.say("ui.lines.doubts", count=count))
        keys = self._desk.keys.shown("transcript.next_doubt")
        what = self._desk.words.say("ui.keys.transcript.next_doubt")
        self._doubts.setToolTip(plain_tip(self._desk.words.say("ui.lines.tip", what=what, keys=keys)))

    def _speak(self) -> None:
        words, details = self._desk.words, self._details
        self.list.lines_delegate.editor_name = words.say("ui.lines.editor")
        self.list.lines_delegate.name_verb = words.say("ui.lines.names.add")
        self._language.setVisible(len(self._tracks) > 1)
        self._doubts.setVisible(False)
        if details is None:
            return
        if self.lines.lines:
            first = self.lines.lines[0].source
            has_own = any(line.source == PERSON for line in self.lines.lines)
            code = "subtitle" if first.analyser == "subtitles" else "edited" if has_own else "recognised"
            self._source.setText(words.say(f"ui.transcript.{code}"))
            self._source.setToolTip(plain_tip(first.model))
            return
        speech = next((entry for entry in details.analyses if entry.analyser == "speech"), None)
        if speech is not None and speech.state in ("waiting", "running", "paused"):
            self.none.tell(words.say("ui.transcript.waiting"))
        elif speech is not None and speech.error:
            self.none.tell(words.sentence(speech.error))
        elif lacks_model(self._desk, details, (Kind.VIDEO, Kind.MUSIC), "speech"):
            self.none.tell(words.say("ui.transcript.no_model"), needs_model=True)
        else:
            self.none.tell(words.say("ui.transcript.none"))

    def show_position(self, ms: int) -> None:
        """Mark the line of now and keep it in sight, unless the person is reading or typing elsewhere."""
        self.verbs.position_ms = ms
        at = self.lines.row_at(ms)
        if at == self.list.now:
            return
        self.list.show_now(at)
        focus = QApplication.focusWidget()
        is_busy = self.list.viewport().underMouse() or (focus is not None and self.isAncestorOf(focus))
        if at >= 0 and not is_busy:
            self.list.scrollTo(self.lines.index(at), LineList.ScrollHint.PositionAtCenter)

    def line_at(self, ms: int) -> str:
        """The words of a time."""
        at = self.lines.row_at(ms)
        return self.lines.lines[at].text if at >= 0 else ""

    def _choose(self, index: QModelIndex) -> None:
        line = index.data(MOMENT_ROLE)
        if isinstance(line, Moment) and not QApplication.keyboardModifiers() and not self.list.is_editing:
            self.moment_wanted.emit(line)

    # ── verbs ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def do(self, verb: str) -> None:
        """A key of the room `transcript`."""
        if verb in _BARS:
            self.open_bar("" if self.bars[verb].isVisible() else verb)
        else:
            self.verbs.do(verb)

    def open_bar(self, name: str) -> None:
        """Open one of `find`, `shift`, `listen`, `names` and close the others; `""` closes all."""
        for other, bar in self.bars.items():
            bar.setVisible(other == name)
        self._share_room()
        if not name:
            self.list.setFocus()

    def _share_room(self) -> None:
        """In a low window what is open takes the place of the lines."""
        bar = next((bar for bar in self.bars.values() if bar.isVisible()), None)
        has_room = bar is None or self.height() - bar.sizeHint().height() - self.export.height() >= _LEAST_LIST
        self.list.setVisible(has_room and bool(self.lines.lines))
        # In a narrow one the unsure words matter more than where the lines come from.
        fits = self.width() >= _WIDE or self._doubts.isHidden()
        self._source.setVisible(fits and bool(self.lines.lines))
        if self.line_bar is not None:
            self.line_bar.setVisible(bar is None and self.list.isVisible() and self.verbs.current() is not None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See `_share_room`."""
        super().resizeEvent(event)
        self._share_room()

    def hideEvent(self, event: QHideEvent) -> None:
        """What was moved a moment ago is kept, also when the whole window goes."""
        super().hideEvent(event)
        self.verbs.settle()

    def _loop(self) -> TimeSpan | None:
        loop = self._playback.loop if self._playback is not None else None
        return TimeSpan(loop.start_ms, loop.end_ms) if loop is not None and loop.end_ms is not None else None

    def _listen(self, scope: str, language: str, model: str) -> None:
        lines, stretch = self.verbs.chosen(), None
        if scope == "loop":
            stretch = self._loop()
        elif scope == "lines":
            if not lines:
                self._desk.tell("ui.lines.listen.choose")
                return
            stretch = TimeSpan(span_of(lines[0]).start_ms, max(span_of(line).end_ms for line in lines))
        self.verbs.settle()
        transcript_actions.listen_again(
            self._desk,
            item_id=self.verbs.item_id,
            stretch=stretch,
            track=self.verbs.track,
            language=language,
            model=model,
            show_state=self._state_of(self.verbs.item_id),
            owner=self,
        )

    def _state_of(self, item_id: int) -> Callable[..., None]:
        """How far listening is, as long as this item is the one that is shown."""

        def show(text: str, *, is_busy: bool = False) -> None:
            if self.verbs.item_id == item_id:
                self.listen.show_state(text, is_busy=is_busy)

        return show

    # ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _dropped(self, event: QDragEnterEvent | QDropEvent) -> Path | None:
        paths = dropped_paths(event.mimeData())
        return paths[0] if len(paths) == 1 and transcript_actions.can_read(paths[0]) and self.verbs.item_id else None

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A subtitle file that is let go here becomes this item's transcript."""
        if self._dropped(event) is not None:
            accept_copy(event)
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take it."""
        file = self._dropped(event)
        if file is not None:
            accept_copy(event)
            transcript_actions.read_file(self._desk, item_id=self.verbs.item_id, file=file, owner=self)
