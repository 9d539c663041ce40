"""A button that fetches models, and while they come how far they are and a way to stop."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QWidget

from media_assistant.ui.downloads import Downloads
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.plain import button, column, label, row
from media_assistant.ui.words import Words


class DownloadCorner(QWidget):
    """For one model or a few; `size_bytes` is all of them together, 0 where nobody knows."""

    def __init__(
        self,
        downloads: Downloads,
        words: Words,
        model_ids: Sequence[str],
        size_bytes: int,
        *,
        tip: str,
        role: str = "",
        verb: str = "ui.models.download",
    ) -> None:
        super().__init__()
        self._downloads = downloads
        self._words = words
        self._model_ids = tuple(model_ids)
        self._size_bytes = size_bytes
        self._verb = verb
        down = column(self, gap=5)
        self.start = button(words, verb, self._start, role=role)
        self.start.setToolTip(plain_tip(tip))
        self.text = label("small", wraps=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMinimumWidth(90)
        self.stop = button(words, "ui.models.cancel", self._stop)
        words.bind(self.stop, QPushButton.setToolTip, "ui.models.cancel_tip")
        self._moving = QWidget()
        inside = row(self._moving, gap=8)
        inside.addWidget(self.bar, 1)
        inside.addWidget(self.stop)
        down.addWidget(self.text)
        down.addWidget(self._moving)
        down.addWidget(self.start)
        downloads.changed.connect(self._show)
        words.changed.connect(self._show)
        self._show()

    def take_keyboard(self) -> None:
        """On the button that is there now."""
        (self.start if self._downloads.of(self._model_ids) is None else self.stop).setFocus()

    def _start(self) -> None:
        self._downloads.start(self._model_ids)
        self.stop.setFocus()

    def _stop(self) -> None:
        self._downloads.stop(self._model_ids)

    def _show(self) -> None:
        words, far = self._words, self._downloads.of(self._model_ids)
        self.start.setVisible(far is None)
        self._moving.setVisible(far is not None)
        self.text.setVisible(far is not None)
        if far is None:
            size = words.size(self._size_bytes)
            code = "ui.models.download_size" if self._size_bytes else self._verb
            self.start.setText(words.say(code, size=size))
            return
        self.stop.setEnabled(not far.is_stopping)
        self.bar.setRange(0, 1000 if far.all_bytes else 0)
        if far.all_bytes:
            self.bar.setValue(round(1000 * far.done_bytes / far.all_bytes))
        if far.is_stopping:
            text = words.say("ui.models.stopping")
        elif not far.all_bytes:
            text = words.say("ui.models.asking")
        else:
            text = words.say("ui.models.progress", done=words.size(far.done_bytes), total=words.size(far.all_bytes))
            if far.left_s is not None:
                text = words.say("ui.models.progress_left", progress=text, left=words.left(far.left_s))
        self.text.setText(text)


class DownloadFault(QLabel):
    """Why the last try failed; hidden while there is nothing to say."""

    def __init__(self, downloads: Downloads, words: Words, model_ids: Sequence[str]) -> None:
        super().__init__()
        self._downloads = downloads
        self._words = words
        self._model_ids = tuple(model_ids)
        self.setTextFormat(label().textFormat())
        self.setProperty("role", "bad")
        self.setWordWrap(True)
        downloads.changed.connect(self._show)
        words.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        fault = self._downloads.fault(self._model_ids)
        self.setVisible(fault is not None)
        self.setText(self._words.fault(fault) if fault is not None else "")
