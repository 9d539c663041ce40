"""The strip at the foot: what runs, how far, how long still, and the promise that nothing leaves this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton

from media_assistant.items.answers import QueueProgress
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.tips import plain_tip, shorten_tip
from media_assistant.ui.widgets.past_bar import PausedChip
from media_assistant.ui.widgets.plain import IconButton, button, label, row, said

if TYPE_CHECKING:
    from media_assistant.workflows.intake.importing import ImportProgress


class ActivityPanel(QFrame):
    """Never modal, never in the way: one line. Signals: `page_wanted()` for everything about it."""

    page_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._progress = QueueProgress()
        self._awaited = Awaited()
        self._import: ImportProgress | None = None
        self._occupied = ""
        self.setProperty("ground", "side")
        self.setProperty("edge", "top")
        self.setFixedHeight(42)
        line = row(self, margins=(16, 4, 16, 4), gap=12)
        self.details = IconButton(desk.words, desk.look, "tick", "ui.work.details", self.page_wanted.emit)
        line.addWidget(self.details)
        self.status = label("soft")
        self.status.setMinimumWidth(60)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(200)
        self.left = label("soft")
        self.pause = button(desk.words, "ui.work.pause", self._pause)
        self.cancel = button(desk.words, "ui.work.cancel", self._cancel)
        self.retry = button(desk.words, "ui.work.retry", self._retry, role="link")
        for widget in (self.status, self.bar, self.left, self.pause, self.cancel, self.retry):
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(PausedChip(desk))
        self._lock = QLabel()
        line.addWidget(self._lock)
        self._promise = said(desk.words, "ui.work.promise", "soft")
        desk.words.bind(self._promise, QLabel.setToolTip, "ui.work.promise_tip")
        line.addWidget(self._promise)
        desk.events.progressed.connect(self.show_progress)
        desk.events.occupied.connect(self._show_occupied)
        desk.events.imported.connect(self.show_import)
        desk.words.changed.connect(self._show)
        desk.look.changed.connect(self._dress)
        self._dress()
        self._show()
        self._ask()

    def _ask(self) -> None:
        """Counting what waits takes long where much does: it is asked off the window's thread."""
        self._awaited.drop()
        self._desk.bridge.read(self._desk.assistant.progress, self._awaited.only(self.show_progress), owner=self)

    def show_progress(self, progress: QueueProgress) -> None:
        """How far the queue is."""
        self._awaited.drop()  # what was asked before is older
        self._progress = progress
        self._show()

    def show_import(self, progress: ImportProgress | None) -> None:
        """How far an import is; None when it ended."""
        self._import = progress
        self._show()

    def _show_occupied(self, text: str) -> None:
        self._occupied = text
        self._show()

    def _show(self) -> None:
        words, progress = self._desk.words, self._progress
        open_count = progress.total - progress.done - progress.failed
        is_working = open_count > 0
        done = progress.done + progress.failed
        if self._import is not None:
            text = words.say("ui.work.importing", count=self._import.seen)
        elif not is_working:
            text = _shorten(self._occupied, 72) or words.say("ui.work.ready")
        elif progress.is_paused:
            text = words.say("ui.work.paused", count=open_count)
        elif progress.restraint == "battery_rest":
            text = words.say("ui.restraint.battery_rest")
        elif progress.running:
            stage = words.say(f"ui.doing.{progress.stage}") if progress.stage else words.say("ui.doing.any")
            text = words.say(
                "ui.work.running",
                done=words.number(done),
                total=words.number(progress.total),
                doing=stage,
                title=_shorten(progress.running[0]),
            )
        else:
            text = words.say("ui.work.waiting", done=words.number(done), total=words.number(progress.total))
        is_resting = progress.is_paused or progress.restraint == "battery_rest"
        is_busy = self._import is not None or bool(self._occupied) or (is_working and not is_resting)
        self.details.wear("work" if is_busy else "pause" if is_working else "tick")
        self.status.setText(text)
        self.status.setToolTip(plain_tip("\n".join(shorten_tip(title) for title in progress.running) or self._occupied))
        self.bar.setVisible(is_working)
        self.bar.setRange(0, max(1, progress.total))
        self.bar.setValue(done)
        shows_left = is_working and progress.left_s is not None and not is_resting
        self.left.setVisible(shows_left)
        if shows_left and progress.left_s is not None:
            left = words.left(progress.left_s)
            gently = words.say(f"ui.restraint.{progress.restraint}") if progress.restraint else ""
            self.left.setText(words.say("ui.list.dot").join(part for part in (left, gently) if part))
        self.pause.setVisible(is_working)
        QPushButton.setText(self.pause, words.say("ui.work.resume" if progress.is_paused else "ui.work.pause"))
        self.cancel.setVisible(is_working or self._import is not None)
        self.retry.setVisible(progress.failed > 0 and not is_working)
        if progress.failed:
            QPushButton.setText(self.retry, words.say("ui.work.retry_count", count=progress.failed))

    def _pause(self) -> None:
        assistant = self._desk.assistant
        future = assistant.resume() if self._progress.is_paused else assistant.pause()
        self._desk.bridge.when_done(future, lambda _none: self._ask(), owner=self)

    def _cancel(self) -> None:
        assistant = self._desk.assistant
        if self._import is not None:
            # Only what the strip says: the analyses that wait have nothing to do with it.
            assistant.cancel_import()
            return
        self._desk.bridge.when_done(assistant.cancel(None), lambda _none: self._ask(), owner=self)

    def _retry(self) -> None:
        future = self._desk.assistant.retry(only_failed=True)
        self._desk.bridge.when_done(future, lambda _none: self._ask(), owner=self)

    def resizeEvent(self, event: object) -> None:
        """Narrow windows shorten the bar and keep the promise as a lock alone."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.bar.setFixedWidth(200 if self.width() > 1100 else 90)
        self._promise.setVisible(self.width() > 820 or not self.bar.isVisible())

    def _dress(self) -> None:
        self._lock.setPixmap(draw_icon("lock", self._desk.look.colours.text_faint, 15))
        self._lock.setAlignment(Qt.AlignmentFlag.AlignVCenter)


def _shorten(title: str, longest: int = 36) -> str:
    plain = " ".join(title.split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"


def build(desk: Desk) -> ActivityPanel:
    """For the registry."""
    return ActivityPanel(desk)
