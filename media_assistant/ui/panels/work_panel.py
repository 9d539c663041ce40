"""The page of what is done: now, next and what went wrong; everything can be moved, held back, stopped, tried again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QScrollArea, QVBoxLayout

from media_assistant.items.answers import Failure, InProgress, QueueEntry, QueueProgress
from media_assistant.items.changes import LibraryChanges
from media_assistant.library.library import JobCounts, Library
from media_assistant.ui import actions
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.rereading import Rereading
from media_assistant.ui.widgets.plain import (
    button,
    column,
    fill_page,
    fill_width,
    frame,
    label,
    middle_page,
    page_title,
    row,
    said,
)
from media_assistant.ui.widgets.work.failure_list import FailureList
from media_assistant.ui.widgets.work.queue_list import ROW, QueueList
from media_assistant.ui.widgets.work.running_card import RunningCard

WIDTH = 860
MOST_SHOWN = 200
LOOK_EVERY_MS = 1000
MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class _State:
    entries: list[QueueEntry]
    failures: list[Failure]
    counts: JobCounts


def _look(library: Library) -> _State:
    return _State(
        library.queue_entries(MOST_SHOWN), library.failures(MOST_SHOWN), library.job_counts(("waiting", "failed"))
    )


class WorkPanel(QScrollArea):
    """Signals: `opened(int)` an item to be shown."""

    opened = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._progress = QueueProgress()
        self._awaited = Awaited()
        self._is_clear = False
        """Whether nothing waits, is held back or went wrong."""
        self.cards: list[RunningCard] = []
        self._down = down = fill_page(self, WIDTH)
        self._build_head(down)
        self._idle = middle_page(
            said(desk.words, "ui.queue.idle_title", "headline", wraps=True),
            said(desk.words, "ui.queue.idle_why", "soft", wraps=True),
        )
        self._idle.hide()
        down.addWidget(self._idle, 1)
        self._now = column(gap=8)
        down.addLayout(self._now)
        self._build_next(down)
        self.failed = FailureList(desk.words)
        down.addWidget(self.failed)
        down.addStretch(0)
        library = desk.assistant.library
        self._reading = Rereading(
            desk,
            self,
            lambda: partial(_look, library),
            self._show_state,
            gathers_ms=LOOK_EVERY_MS // 2,
            failed=lambda _fault: None,
        )
        self._clock = QTimer(self)
        self._clock.setInterval(LOOK_EVERY_MS)
        self._clock.timeout.connect(self._show_now)
        self.failed.again_wanted.connect(self._try_again)
        self.failed.all_wanted.connect(lambda: self._do(desk.assistant.retry(only_failed=True)))
        self.failed.copied.connect(lambda text: actions.copy_text(desk, text=text))
        self.failed.opened.connect(self.opened)
        desk.events.progressed.connect(self._show_progress)
        desk.events.changed.connect(self._changed)
        for told in (desk.events.occupied, desk.events.imported):
            told.connect(lambda _what: self._show_now() if self.isVisible() else None)
        desk.words.changed.connect(self.refresh)
        self._ask()

    def _build_head(self, down: QVBoxLayout) -> None:
        words = self._desk.words
        head = row(gap=8)
        head.addWidget(page_title(words, "ui.panel.work"), 1)
        self.pause = button(words, "ui.work.pause", self._pause_all)
        self.cancel = button(words, "ui.queue.cancel_all", self._cancel_all)
        head.addWidget(self.pause)
        head.addWidget(self.cancel)
        down.addLayout(head)
        self.status = label("soft", wraps=True)
        self.problem = label("bad", wraps=True)
        down.addWidget(self.status)
        down.addWidget(self.problem)

    def _build_next(self, down: QVBoxLayout) -> None:
        words = self._desk.words
        self._next_title = said(words, "ui.queue.next", "section")
        self._next_title.setContentsMargins(0, 12, 0, 0)
        self._card = frame(card="plain")
        inside = column(self._card, margins=(8, 8, 8, 8), gap=6)
        self.queue = QueueList(self._desk.look, words, self._desk.keys)
        inside.addWidget(self.queue)
        self._more = label("small")
        verbs = row(gap=6)
        self.verbs: dict[str, QPushButton] = {}
        for verb in ("first", "up", "down", "hold", "cancel"):
            self.verbs[verb] = button(words, f"ui.queue.{verb}", partial(self.queue.do, verb))
            verbs.addWidget(self.verbs[verb])
        verbs.addStretch(1)
        inside.addWidget(self._more)
        inside.addLayout(verbs)
        down.addWidget(self._next_title)
        down.addWidget(self._card)
        self.queue.wanted.connect(self._steer)
        self.queue.items.moved.connect(self._move)
        self.queue.opened.connect(self.opened)
        self.queue.selectionModel().currentChanged.connect(lambda *_: self._show_verbs())
        self.queue.items.modelReset.connect(self._show_verbs)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    def showEvent(self, event: QShowEvent) -> None:
        """Look now, and every second while it is seen."""
        super().showEvent(event)
        self._clock.start()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing is asked."""
        super().hideEvent(event)
        self._clock.stop()

    def refresh(self) -> None:
        """Ask the library, one question at a time."""
        if self.isVisible():
            self._reading.now()
            self._show_now()

    def _changed(self, changes: LibraryChanges) -> None:
        if self.isVisible() and (changes.jobs or changes.removed or changes.added):
            self._reading.want()

    def _show_progress(self, progress: QueueProgress) -> None:
        self._awaited.drop()  # what was asked before is older
        self._progress = progress
        if self.isVisible():
            self._reading.want()
            self._show_now()

    def _show_state(self, state: _State) -> None:
        words = self._desk.words
        waiting = [entry for entry in state.entries if entry.state != "running"]
        self.queue.show_entries(waiting)
        self.queue.setFixedHeight(min(MOST_ROWS, max(1, len(waiting))) * ROW + 4)
        shown = sum(len(entry.analysers) for entry in waiting if entry.state == "waiting")
        rest = state.counts.waiting - shown
        self._more.setVisible(rest > 0)
        self._more.setText(words.say("ui.queue.more", count=rest) if rest > 0 else "")
        for widget in (self._next_title, self._card):
            widget.setVisible(bool(waiting))
        self.failed.show_failures(state.failures, state.counts.failed)
        self._is_clear = not waiting and not state.counts.failed
        self._show_verbs()
        self._show_now()

    def _show_now(self) -> None:
        words, progress = self._desk.words, self._progress
        works = self._desk.assistant.in_progress()
        while len(self.cards) < len(works):
            card = RunningCard(self._desk.look, words)
            card.hold_wanted.connect(lambda work: self._hold(work, is_held=True))
            card.cancel_wanted.connect(self._cancel)
            self.cards.append(card)
            self._now.addWidget(card)
        for card, work in zip(self.cards, works, strict=False):
            card.show_work(work)
        for at, card in enumerate(self.cards):
            card.setVisible(at < len(works))
        open_count = progress.total - progress.done - progress.failed
        self.status.setText(words.say("ui.list.dot").join(self._facts(progress, open_count)))
        problem = words.sentence(progress.problem) if progress.problem.code else ""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.pause.setVisible(open_count > 0)
        self.pause.setText(words.say("ui.work.resume_all" if progress.is_paused else "ui.work.pause_all"))
        events = self._desk.events
        self.cancel.setVisible(open_count > 0 or events.importing is not None)
        is_occupied = events.importing is not None or bool(events.occupied_with)
        is_idle = self._is_clear and open_count <= 0 and not works and not problem and not is_occupied
        self._idle.setVisible(is_idle)
        self.status.setVisible(not is_idle)
        fill_width(self._down, WIDTH, is_empty=is_idle)

    def _facts(self, progress: QueueProgress, open_count: int) -> list[str]:
        words, events = self._desk.words, self._desk.events
        facts = [words.say("ui.work.importing", count=events.importing.seen)] if events.importing is not None else []
        facts += [events.occupied_with] if events.occupied_with else []
        if open_count <= 0:
            held = [words.say("ui.queue.held_some", count=progress.held)] if progress.held else []
            return facts or held or [words.say("ui.queue.idle")]
        done = words.number(progress.done + progress.failed)
        facts.append(
            words.say("ui.work.paused", count=open_count)
            if progress.is_paused
            else words.say("ui.work.waiting", done=done, total=words.number(progress.total))
        )
        if progress.left_s is not None and not progress.is_paused:
            facts.append(words.left(progress.left_s))
        if progress.restraint:
            facts.append(words.say(f"ui.restraint.{progress.restraint}"))
        return facts

    def _show_verbs(self) -> None:
        entry, row_at = self.queue.current, self.queue.currentIndex().row()
        is_held = entry is not None and entry.state == "paused"
        for verb, each in self.verbs.items():
            can = entry is not None and (not is_held or verb in ("hold", "cancel"))
            each.setEnabled(can and not (verb in ("first", "up") and row_at == 0))
        self.verbs["hold"].setText(self._desk.words.say("ui.queue.go_on" if is_held else "ui.queue.hold"))

    # ── what a person wants ───────────────────────────────────────────────────────────────────────────────────────

    def _do(self, future: object) -> None:
        def done(_none: object) -> None:
            self._ask()
            self.refresh()

        self._desk.bridge.when_done(future, done, owner=self)  # type: ignore[arg-type]

    def _ask(self) -> None:
        """Counting what waits takes long where much does: it is asked off the window's thread."""
        self._awaited.drop()
        self._desk.bridge.read(self._desk.assistant.progress, self._awaited.only(self._show_progress), owner=self)

    def _pause_all(self) -> None:
        assistant = self._desk.assistant
        self._do(assistant.resume() if self._progress.is_paused else assistant.pause())

    def _cancel_all(self) -> None:
        self._desk.assistant.cancel_import()
        self._do(self._desk.assistant.cancel(None))

    def _move(self, entry: QueueEntry, before: QueueEntry | None) -> None:
        place = (before.item_id, before.stage) if before is not None else None
        self._do(self._desk.assistant.move_in_queue(entry.item_id, entry.stage, place))

    def _steer(self, verb: str, entry: QueueEntry) -> None:
        if verb == "hold":
            self._hold(entry, is_held=entry.state != "paused")
        elif verb == "cancel":
            self._cancel(entry)

    def _hold(self, entry: QueueEntry | InProgress, *, is_held: bool) -> None:
        self._do(self._desk.assistant.hold(entry.item_id, entry.stage, is_held=is_held))

    def _cancel(self, entry: QueueEntry | InProgress) -> None:
        self._do(self._desk.assistant.cancel([entry.item_id], entry.analysers))

    def _try_again(self, failure: Failure) -> None:
        self._do(self._desk.assistant.retry([failure.item_id], [failure.analyser], only_failed=True))

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """The queue is what keys are for here."""
        self.queue.setFocus(reason)


def build(desk: Desk) -> WorkPanel:
    """For the registry."""
    return WorkPanel(desk)
