"""The sound card: takes pieces of sound and says how much of them was heard."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QIODevice, QObject, Signal
from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices, QtAudio

RATE_HZ = 48_000
BYTES_A_MS = RATE_HZ * 2 * 2 // 1000
_BUFFER_MS = 200


class SoundCard(QObject):
    """Stereo, 16 bit, 48 kHz. Where there is no device, nothing is heard and nothing fails.

    Signals: `changed()` a device came or went.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._devices = QMediaDevices(self)
        self._devices.audioOutputsChanged.connect(self.changed)
        self._sink: QAudioSink | None = None
        self._mouth: QIODevice | None = None
        self._pieces: deque[bytes] = deque()
        self._put_ms = 0.0
        self._is_muted = False
        self._is_finished = False

    @property
    def is_there(self) -> bool:
        """Whether there is a device to be heard from."""
        return not self._devices.defaultAudioOutput().isNull()

    @property
    def heard_ms(self) -> float:
        """How much was heard since the last restart."""
        return self._sink.processedUSecs() / 1000 if self._sink is not None else 0.0

    @property
    def is_dry(self) -> bool:
        """Whether all that will ever come was heard, or the device is gone."""
        if self._is_broken():
            return True
        return self._is_finished and not self._pieces and self.heard_ms >= self._put_ms - 1

    def _is_broken(self) -> bool:
        return self._sink is not None and self._sink.error() in (
            QtAudio.Error.OpenError,
            QtAudio.Error.FatalError,
            QtAudio.Error.IOError,
        )

    def restart(self) -> None:
        """Forget what waits, and count from nought."""
        self.stop()
        self._put_ms = 0.0
        self._is_finished = False

    def put(self, piece: bytes) -> None:
        """One more piece, to be heard after the others."""
        self._pieces.append(piece)

    def finish(self) -> None:
        """No more will come."""
        self._is_finished = True

    def feed(self) -> int:
        """Hand on what the device has room for; gives how many pieces it took. A device that is gone takes all."""
        taken = 0
        if self._is_broken():
            taken = len(self._pieces)
            self._pieces.clear()
        while self._sink is not None and self._mouth is not None and self._pieces:
            if self._sink.bytesFree() < len(self._pieces[0]):
                break
            piece = self._pieces.popleft()
            self._mouth.write(piece)
            self._put_ms += len(piece) / BYTES_A_MS
            taken += 1
        return taken

    def play(self) -> None:
        """Be heard."""
        if self._sink is None:
            form = QAudioFormat()
            form.setSampleRate(RATE_HZ)
            form.setChannelCount(2)
            form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
            self._sink = QAudioSink(self._devices.defaultAudioOutput(), form, self)
            self._sink.setBufferSize(_BUFFER_MS * BYTES_A_MS)
            self._sink.setVolume(0.0 if self._is_muted else 1.0)
            self._mouth = self._sink.start()
        else:
            self._sink.resume()

    def pause(self) -> None:
        """Be silent, and keep what waits."""
        if self._sink is not None:
            self._sink.suspend()

    def stop(self) -> None:
        """Let go of the device and of what waits."""
        self._pieces.clear()
        if self._sink is not None:
            self._sink.reset()
            self._sink.deleteLater()
            self._sink, self._mouth = None, None

    def set_muted(self, *, is_muted: bool) -> None:
        """Sound off or on."""
        self._is_muted = is_muted
        if self._sink is not None:
            self._sink.setVolume(0.0 if is_muted else 1.0)
