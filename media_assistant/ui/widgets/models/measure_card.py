"""Measures this computer on a click, shows how far that is, and says when it was done last."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton

from media_assistant.items.advice import Machine
from media_assistant.ui.measuring import Measuring
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.plain import button, column, label, row, said
from media_assistant.ui.words import Words


class MeasureCard(QFrame):
    """Follows a `Measuring`; `show_machine` tells it what is known."""

    def __init__(self, measuring: Measuring, words: Words) -> None:
        super().__init__()
        self._measuring = measuring
        self._words = words
        self._machine = Machine()
        self.setProperty("card", "plain")
        across = row(self, margins=(14, 12, 14, 12), gap=14)
        texts = column(gap=3)
        texts.addWidget(said(words, "ui.measure.title", "strong"))
        self.text = label("small", wraps=True)
        texts.addWidget(self.text)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        words.bind(self.bar, QProgressBar.setAccessibleName, "ui.measure.title")
        texts.addWidget(self.bar)
        self.fault = label("bad", wraps=True, selectable=True)
        texts.addWidget(self.fault)
        across.addLayout(texts, 1)
        self.start = QPushButton()
        self.start.setAutoDefault(False)
        self.start.clicked.connect(lambda _checked=False: self._start())
        self.stop = button(words, "ui.models.cancel", measuring.stop)
        words.bind(self.stop, QPushButton.setToolTip, "ui.measure.cancel_tip")
        across.addWidget(self.start)
        across.addWidget(self.stop)
        measuring.changed.connect(self._show)
        words.changed.connect(self._show)
        self._show()

    def show_machine(self, machine: Machine) -> None:
        """What was measured so far."""
        self._machine = machine
        self._show()

    def _start(self) -> None:
        self._measuring.start()
        self.stop.setFocus()

    def _show(self) -> None:
        words, measuring, machine = self._words, self._measuring, self._machine
        is_running = measuring.is_running
        has_focus = self.stop.hasFocus()
        self.bar.setVisible(is_running)
        self.stop.setVisible(is_running)
        self.stop.setEnabled(not measuring.is_stopping)
        self.start.setVisible(not is_running)
        if not is_running and has_focus:
            self.start.setFocus()
        self.fault.setVisible(measuring.fault is not None)
        if measuring.fault is not None:
            self.fault.setText(words.fault(measuring.fault))
        self.start.setProperty("role", "" if machine.is_measured else "primary")
        self.start.style().polish(self.start)
        self.start.setText(words.say("ui.measure.again" if machine.is_measured else "ui.measure.start"))
        if is_running:
            self.bar.setValue(round(1000 * measuring.share))
            self.text.setText(self._progress())
            return
        if not machine.is_measured:
            self.text.setText(words.say("ui.measure.why"))
            self.setToolTip("")
            return
        self.text.setText(words.say("ui.measure.done", date=words.date(machine.at)))
        self.setToolTip(
            plain_tip(
                words.say(
                    "ui.measure.machine",
                    device=machine.device,
                    cores=machine.cores,
                    memory=words.size(machine.memory_mb * 2**20),
                    threads=machine.threads,
                    card=_say_card(words, machine),
                )
            )
        )

    def _progress(self) -> str:
        words, measuring = self._words, self._measuring
        if measuring.is_stopping:
            return words.say("ui.models.stopping")
        text = words.say("ui.measure.task", task=words.task(measuring.task)) if measuring.task else ""
        if not text:
            return words.say("ui.measure.begins")
        left = measuring.left_s
        return text if left is None else words.say("ui.models.progress_left", progress=text, left=words.left(left))


def _say_card(words: Words, machine: Machine) -> str:
    if machine.card:
        size = words.size(machine.card_memory_mb * 2**20)
        return words.say("ui.measure.card_named", name=machine.card, memory=size)
    return words.say("ui.measure.card" if machine.has_gpu else "ui.measure.no_card")
