"""Notes what the person plays, opens and searches, in passing: it only listens, and nobody waits for what it writes.

A stretch that is played in one go is one entry, and so is a loop however often it goes round; a jump begins another one. A
photo, a text, or a film that was looked at without playing it, is noted when it is closed; a search once the person rests.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QTimer
from PySide6.QtWidgets import QStackedWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.happening import FINISHED_SHARE, Ending, Happening, Verb, ending_of
from media_assistant.items.item import Item
from media_assistant.items.span import WHOLE, Span, TimeSpan

RESTS_MS = 3000
"""Who has not typed for so long has searched for what stands there."""
PAUSED_MS = 60_000
"""Whoever pauses for less goes on with the same stretch."""
JUMPED_BELOW_MS = 3000
"""A stretch between two jumps that is shorter was looking for a place, not playing."""
GLANCED_MS = 1500
"""What was open for less was passed by."""
LONGEST_STEP_MS = 2000
NEAR_MS = 100


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


class Recorder(QObject):
    """Listens to one main window."""

    def __init__(self, window: Any, views: QStackedWidget) -> None:
        super().__init__(window)
        self._window = window
        self._playback = window.playback
        self._item: Item | None = None
        self._start_ms = -1
        self._last_ms = 0
        self._far_ms = 0
        """Where the stretch came to before it went back to the start of a loop."""
        self._stretch_ms = 0.0
        self._played_ms = 0.0
        self._began = ""
        self._open_id = 0
        self._opened_at = ""
        self._open_for = QElapsedTimer()
        self._was_played = False
        self._searched = ""
        self._is_recording = True
        self._passed: tuple[Happening, str] | None = None
        self._pause = self._timer(PAUSED_MS, self._end_stretch)
        self._rest = self._timer(RESTS_MS, self._note_search)
        playback = self._playback
        playback.leaving.connect(self._end_item)
        playback.loaded.connect(self._another)
        playback.moved.connect(self._moved)
        playback.switched.connect(self._switched)
        window.library.search.asked.connect(lambda _text: self._rest.start())
        views.currentChanged.connect(lambda _at: None if window.is_playing_large else self.left())
        window.desk.events.changed.connect(self._library_changed)
        self._library_changed(LibraryChanges(past=True))
        window.installEventFilter(self)

    @property
    def began_ms(self) -> int:
        """Where the stretch began that is played now; -1 while nothing is."""
        return self._start_ms

    def _timer(self, after_ms: int, act: object) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(after_ms)
        made.timeout.connect(act)
        return made

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """The window is about to close: what is open and playing ends with it. If it only hides, playing goes on."""
        if event.type() == QEvent.Type.Close:
            self.left()
            self._end_stretch(is_left=True)
            if self._item is not None and self._playback.is_playing:
                self._begin_stretch(self._playback.position_ms)
        return False

    def _note(self, happening: Happening, began: str) -> None:
        self._window.desk.assistant.past.note(happening, began)

    def _library_changed(self, changes: LibraryChanges) -> None:
        desk = self._window.desk
        if changes.forgotten:
            self._window.left_off.forget()
            self._begin_anew()
        if changes.past:
            library = desk.assistant.library
            desk.bridge.read(lambda: library.is_recording, self._take_state, owner=self)

    def _take_state(self, is_recording: bool) -> None:
        if is_recording and not self._is_recording:
            self._begin_anew()
        self._is_recording = is_recording

    def _begin_anew(self) -> None:
        """What goes on now counts from now: what was before is forgotten, or was not to be noted."""
        if self._start_ms >= 0:
            self._begin_stretch(self._last_ms)
        self._played_ms, self._passed, self._opened_at = 0.0, None, _now()
        self._rest.stop()
        self._searched = self._words_sought()
        if self._open_id:
            self._open_for.start()

    # ── playing ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _another(self) -> None:
        self._item = self._playback.item

    def _switched(self) -> None:
        if not self._playback.is_playing:
            if self._start_ms >= 0 and not self._pause.isActive():
                self._pause.start()
                if self._is_at_end() and self._playback.loop is None:
                    self._end_stretch()
        elif self._item is not None:
            self._pause.stop()
            if self._start_ms < 0:
                self._begin_stretch(self._playback.position_ms)

    def _moved(self, ms: int) -> None:
        step, self._last_ms = ms - self._last_ms, ms
        if self._start_ms < 0 or not step:
            return
        rate = self._playback.rate
        if self._playback.is_playing and 0 < step < LONGEST_STEP_MS * max(1.0, rate):
            self._stretch_ms += step
            return
        if self._goes_round(ms - step, ms):
            self._start_ms, self._far_ms = min(self._start_ms, ms), max(self._far_ms, ms - step)
            return
        self._last_ms -= step
        self._end_stretch()
        self._last_ms = ms
        if self._playback.is_playing and rate > 0:
            self._begin_stretch(ms)

    def _goes_round(self, from_ms: int, ms: int) -> bool:
        """Whether this jump is the loop's own, or leads within it to its start, as nearly as the player says."""
        loop = self._playback.loop
        if loop is None or abs(ms - loop.start_ms) > NEAR_MS or from_ms < ms:
            return False
        return loop.end_ms is None or from_ms < loop.end_ms + LONGEST_STEP_MS * max(1.0, self._playback.rate)

    def _begin_stretch(self, ms: int) -> None:
        self._start_ms = self._last_ms = self._far_ms = ms
        self._stretch_ms, self._began = 0.0, _now()

    def _is_at_end(self) -> bool:
        length_ms = self._playback.duration_ms
        return bool(length_ms > 0 and self._last_ms >= length_ms * FINISHED_SHARE)

    def _end_stretch(self, *, is_left: bool = False) -> None:
        """What was played in one go is noted; with `is_left` the person leaves the item with it."""
        self._pause.stop()
        item, start_ms, end_ms = self._item, self._start_ms, max(self._last_ms, self._far_ms)
        self._start_ms = -1
        if item is None or start_ms < 0 or self._stretch_ms <= 0:
            return
        length_ms = item.facts.duration_ms or self._playback.duration_ms
        self._played_ms += self._stretch_ms
        ending = ending_of(start_ms, end_ms, round(self._played_ms), length_ms)
        self._was_played = self._was_played or item.id == self._open_id
        span = TimeSpan(start_ms, max(start_ms, end_ms))
        played = Happening(Verb.PLAYED, item.id, span, round(self._stretch_ms), ending)
        if not is_left and ending is not Ending.FINISHED:
            if self._stretch_ms < JUMPED_BELOW_MS:
                self._passed = played, self._began
                return
            played = replace(played, ending=Ending.LEFT)
        if ending is Ending.FINISHED:
            self._played_ms = 0.0
        self._passed = None
        self._note(played, self._began)

    def _end_item(self) -> None:
        """The person leaves it. Whoever only looked for a place in it is noted with the last one."""
        self._end_stretch(is_left=True)
        if self._passed is not None:
            self._note(*self._passed)
        self._item, self._played_ms, self._passed = None, 0.0, None

    # ── opening ───────────────────────────────────────────────────────────────────────────────────────────────────

    def opened(self, item_id: int) -> None:
        """An item is shown large."""
        if item_id != self._open_id:
            self.left()
            self._open_id, self._opened_at, self._was_played = item_id, _now(), False
            self._open_for.start()
            self._note_search()

    def left(self) -> None:
        """The large view shows it no more."""
        item_id, self._open_id = self._open_id, 0
        if not item_id:
            return
        if self._item is not None and self._item.id == item_id and self._start_ms >= 0:
            self._was_played = self._was_played or self._stretch_ms > 0
        if not self._was_played:
            lasted_ms = self._open_for.elapsed()
            ending = Ending.SKIPPED if lasted_ms < GLANCED_MS else Ending.LEFT
            self._note(Happening(Verb.OPENED, item_id, self._passage(item_id), lasted_ms, ending), self._opened_at)

    def _passage(self, item_id: int) -> Span:
        """Of a text the passage that was in sight last."""
        player = self._window.player
        reader = player.stage.reader
        is_text = reader.isVisibleTo(player) and player.item_id in (0, item_id)
        return (reader.span_in_sight() if is_text else None) or WHOLE

    # ── searching ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _note_search(self) -> None:
        self._rest.stop()
        library = self._window.library
        words = self._words_sought()
        if words and library.answer is None:
            self._rest.start()  # it is not answered yet
            return
        if words and words != self._searched:
            self._note(Happening(Verb.SEARCHED, detail={"words": words, "found": library.items.rowCount()}), "")
        self._searched = words

    def _words_sought(self) -> str:
        return " ".join(self._window.library.search.text.split())
