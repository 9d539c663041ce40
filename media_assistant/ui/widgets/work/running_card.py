"""What one worker does now: the item, which understanding, how far, how fast, on what."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QSizePolicy

from media_assistant.items.answers import InProgress
from media_assistant.items.clock import clock
from media_assistant.ui.look.theme import Look
from media_assistant.ui.tips import short_tip
from media_assistant.ui.widgets.plain import IconButton, column, label, row
from media_assistant.ui.words import Words

_FINE = 1000


class RunningCard(QFrame):
    """Signals: `hold_wanted(InProgress)` and `cancel_wanted(InProgress)`."""

    hold_wanted = Signal(object)
    cancel_wanted = Signal(object)

    def __init__(self, look: Look, words: Words) -> None:
        super().__init__()
        self._words = words
        self.work: InProgress | None = None
        self.setProperty("card", "plain")
        down = column(self, margins=(14, 10, 10, 12), gap=5)
        head = row(gap=8)
        self.title = label("strong")
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.hold = IconButton(words, look, "pause", "ui.queue.hold", lambda: self.hold_wanted.emit(self.work))
        self.cancel = IconButton(words, look, "close", "ui.queue.cancel", lambda: self.cancel_wanted.emit(self.work))
        head.addWidget(self.title, 1)
        head.addWidget(self.hold)
        head.addWidget(self.cancel)
        down.addLayout(head)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        down.addWidget(self.bar)
        self.what = label("soft", wraps=True)
        self.how = label("small", wraps=True)
        down.addWidget(self.what)
        down.addWidget(self.how)
        self.setback = label("small", wraps=True)
        down.addWidget(self.setback)

    def show_work(self, work: InProgress) -> None:
        """How far it is now."""
        words = self._words
        self.work = work
        title = " ".join(work.title.split())
        wide = max(120, self.width() - 110)
        self.title.setText(self.title.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, wide))
        self.title.setToolTip(short_tip(title))
        names = words.say("ui.list.comma").join(words.analyser(name) for name in work.analysers)
        self.what.setText(words.say("ui.queue.doing", stage=words.say(f"ui.stage.{work.stage}"), what=names))
        has_length = work.duration_ms > 0
        self.bar.setRange(0, _FINE if has_length else 0)
        if has_length:
            self.bar.setValue(min(_FINE, work.reached_ms * _FINE // work.duration_ms))
        self.bar.setAccessibleName(title)
        self.how.setText(words.say("ui.list.dot").join(self._facts(work)))
        self.setback.setText("\n".join(words.sentence(each) for each in work.setbacks))
        self.setback.setVisible(bool(work.setbacks))

    def _facts(self, work: InProgress) -> list[str]:
        words = self._words
        facts = []
        if work.duration_ms:
            facts.append(words.say("ui.queue.reached", at=clock(work.reached_ms), of=clock(work.duration_ms)))
        if work.speed is not None:
            facts.append(say_speed(words, work.speed))
        facts.append(words.say("ui.queue.device", device=say_device(words, work.device)))
        facts.append(words.say("ui.queue.since", time=clock(round(work.elapsed_s * 1000))))
        return facts


def say_speed(words: Words, speed: float) -> str:
    """`12× real time`, `0.4× real time`."""
    shown = words.number(round(speed)) if speed >= 10 else words.decimal(speed, 1)
    return words.say("ui.queue.speed", times=shown)


def say_device(words: Words, device: str) -> str:
    """Where the networks run, as people say it; what is nobody's network runs on the processor."""
    return words.say("ui.queue.processor") if device in ("", "CPU") else words.say("ui.queue.graphics", name=device)
