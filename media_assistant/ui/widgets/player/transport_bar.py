"""Play, faster, slower, single pictures, the time, speed, loop, mark, subtitles, sound and full screen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QToolButton, QWidget

from media_assistant.items.clock import clock
from media_assistant.ui.look.theme import Look
from media_assistant.ui.playback.playback import RATES
from media_assistant.ui.shortcuts import Keys
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.plain import IconButton, label, row
from media_assistant.ui.words import Words

SUBTITLE_SIZES = ("off", "small", "medium", "large")
NARROW, WIDE = 760, 1120


class TransportBar(QFrame):
    """Signals: `toggled()`; `shuttled(int)` -1 or 1; `stepped(int)` single pictures; `rated(float)`; `looped()` the next
    step of a loop; `marked()`; `subtitled(str)` one of SUBTITLE_SIZES; `muted()`; `filled()` full screen or back.
    """

    toggled = Signal()
    shuttled = Signal(int)
    stepped = Signal(int)
    rated = Signal(float)
    looped = Signal()
    marked = Signal()
    subtitled = Signal(str)
    muted = Signal()
    filled = Signal()

    def __init__(self, look: Look, words: Words, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._look = look
        self.setProperty("ground", "side")
        self.setProperty("edge", "top")
        self.setFixedHeight(40)
        bar = row(self, margins=(12, 2, 16, 2), gap=4)

        def icon(name: str, code: str, act: object, verb: str = "") -> IconButton:
            asked = keys if verb else None
            made = IconButton(words, look, name, code, act, keys=asked, verb=f"player.{verb}")  # type: ignore[arg-type]
            bar.addWidget(made)
            return made

        icon("back", "ui.player.slower", lambda: self.shuttled.emit(-1), "backwards")
        self._play = icon("play", "ui.play.button", self.toggled.emit, "play")
        icon("forward", "ui.player.faster", lambda: self.shuttled.emit(1), "forwards")
        self._frames: tuple[QWidget, ...] = (
            icon("frame_back", "ui.player.frame_back", lambda: self.stepped.emit(-1), "frame_back"),
            icon("frame_on", "ui.player.frame_on", lambda: self.stepped.emit(1), "frame_on"),
        )
        self._time = label("soft")
        bar.addSpacing(8)
        bar.addWidget(self._time)
        bar.addSpacing(4)
        self.rate_button = QToolButton()
        self.rate_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        words.bind(self.rate_button, QToolButton.setToolTip, "ui.player.speed")
        self._rates = QMenu(self.rate_button)
        self._rates.aboutToShow.connect(self._fill_rates)
        self.rate_button.setMenu(self._rates)
        bar.addWidget(self.rate_button)
        self._loop = icon("loop", "ui.player.loop", self.looped.emit)
        self._loop_text = label("soft")
        bar.addWidget(self._loop_text)
        self._mark = icon("mark", "ui.player.mark", self.marked.emit, "mark")
        bar.addStretch(1)
        self._keys = keys
        self._is_video = True
        self._hint = label("faint")
        keys.changed.connect(self._show_hint)
        words.changed.connect(self._show_hint)
        self._show_hint()
        bar.addWidget(self._hint)
        self.subtitles = icon("subtitles", "ui.player.subtitles", None)
        self.subtitles.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.subtitles.setMenu(self._build_subtitles())
        self._mute = icon("volume", "ui.mute", self.muted.emit, "mute")
        icon("full", "ui.player.full", self.filled.emit, "full")
        self._rate = 1.0
        self._keeps_pitch = True

    def _show_hint(self) -> None:
        """The keys that are worth knowing, as they are now."""
        verbs = ("backwards", "forwards", "frame_back", "frame_on", "loop_start", "loop_end", "mark")
        shown = {verb: self._keys.shown(f"player.{verb}") or "–" for verb in verbs}
        hint = "ui.player.hint" if self._is_video else "ui.player.hint_sound"
        self._hint.setText(self._words.say(hint, all=self._keys.shown("anywhere.keys") or "–", **shown))

    def _build_subtitles(self) -> QMenu:
        menu = QMenu(self)
        self._sizes: dict[str, QAction] = {}
        group = QActionGroup(menu)
        for size in SUBTITLE_SIZES:
            action = menu.addAction("")
            action.setCheckable(True)
            group.addAction(action)
            self._words.bind(action, QAction.setText, f"ui.subtitles.{size}")
            action.triggered.connect(lambda _checked=False, size=size: self.subtitled.emit(size))
            self._sizes[size] = action
        return menu

    def _fill_rates(self) -> None:
        self._rates.clear()
        for rate in RATES:
            action = self._rates.addAction(f"{self._words.decimal(rate, 2)}×")
            action.setCheckable(True)
            action.setChecked(abs(rate - self._rate) < 0.01)
            action.triggered.connect(lambda _checked=False, rate=rate: self.rated.emit(rate))
        if not self._keeps_pitch:
            self._rates.addSeparator()
            note = self._rates.addAction(self._words.say("ui.player.no_pitch"))
            note.setEnabled(False)

    def show_kind(self, *, is_video: bool) -> None:
        """A film has single pictures and subtitles; a sound has not."""
        self._is_video = is_video
        self.subtitles.setVisible(is_video)
        self._show_hint()
        self._show_room()

    def show_time(self, ms: int, of_ms: int) -> None:
        """Where the player is; `of_ms` is 0 when nobody knows the length."""
        self._time.setText(f"{clock(ms)} / {clock(of_ms)}" if of_ms else clock(ms))

    def show_state(
        self, *, is_playing: bool, is_muted: bool, rate: float, keeps_pitch: bool, can_be_heard: bool
    ) -> None:
        """What the player does."""
        said = self._words.say("ui.mute" if can_be_heard else "ui.play.no_device")
        self._mute.setToolTip(plain_tip(said))
        self._mute.setAccessibleName(said)
        self._play.wear("pause" if is_playing else "play")
        self._mute.wear("muted" if is_muted or not can_be_heard else "volume")
        self._rate, self._keeps_pitch = rate, keeps_pitch
        self.rate_button.setText(f"{self._words.decimal(rate, 2)}×")
        self.rate_button.setAccessibleName(self._words.say("ui.player.speed_now", rate=self._words.decimal(rate, 2)))

    def show_loop(self, text: str) -> None:
        """What is looped, in words; empty for nothing."""
        self._loop_text.setText(text)
        self._loop_text.setVisible(bool(text))

    def show_subtitles(self, size: str) -> None:
        """How large they are drawn, or `off`."""
        self._sizes.get(size, self._sizes["medium"]).setChecked(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrow windows do without the hint, and narrower ones without the buttons for single pictures."""
        super().resizeEvent(event)
        self._show_room()

    def _show_room(self) -> None:
        self._hint.setVisible(self.width() > WIDE)
        for each in self._frames:
            each.setVisible(self._is_video and self.width() > NARROW)
