"""Three sliders: familiar or new, one kind or all, short or long."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QSlider, QWidget

from media_assistant.items.for_you import Wishes
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import row, said, unwheeled

STEPS = 10
SETTLES_MS = 500
NAMES = ("newness", "breadth", "length")


class WishSliders(QWidget):
    """Signals: `wished(object)` other `Wishes`, once the person has settled."""

    wished = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLES_MS)
        self._settle.timeout.connect(lambda: self.wished.emit(self.wishes))
        flow = FlowLayout(self, gap=18)
        self.sliders: dict[str, QSlider] = {}
        for name in NAMES:
            holder = QWidget()
            across = row(holder, gap=8)
            slider = unwheeled(QSlider(Qt.Orientation.Horizontal))
            slider.setRange(0, STEPS)
            slider.setPageStep(2)
            slider.setFixedWidth(110)
            desk.words.bind(slider, QSlider.setAccessibleName, f"ui.foryou.{name}")
            desk.words.bind(slider, QSlider.setToolTip, f"ui.foryou.{name}_tip")
            across.addWidget(said(desk.words, f"ui.foryou.{name}_low", "soft"))
            across.addWidget(slider)
            across.addWidget(said(desk.words, f"ui.foryou.{name}_high", "soft"))
            flow.addWidget(holder)
            self.sliders[name] = slider
            slider.valueChanged.connect(lambda _value: self._settle.start())

    @property
    def wishes(self) -> Wishes:
        """Where they stand."""
        return Wishes(**{name: slider.value() / STEPS for name, slider in self.sliders.items()})

    def show_wishes(self, wishes: Wishes) -> None:
        """Stand where they were left, without a word."""
        if self._settle.isActive():
            return
        for name, value in wishes.plain().items():
            slider = self.sliders[name]
            with QSignalBlocker(slider):
                slider.setValue(round(value * STEPS))
