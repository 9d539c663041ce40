"""Where somebody speaks: Silero VAD v6, the copy inside faster-whisper (github.com/snakers4/silero-vad, MIT)."""

from __future__ import annotations

import time

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray

from media_assistant.inference.hardware import CPU
from media_assistant.items.sentence import Sentence

RATE_HZ = 16_000
_WINDOW = 512
_BLOCK_S = 600


class Voice:
    """Runs on one thread of the CPU at some hundred times real time; no larger device would pay."""

    notes: tuple[Sentence, ...] = ()
    device = CPU

    def __init__(self) -> None:
        self.last_used = time.monotonic()

    def speech_spans(
        self, mono: NDArray[np.float32], *, min_silence_ms: int = 500, pad_ms: int = 100
    ) -> list[tuple[float, float]]:
        """(start, end) in seconds of every stretch of speech in `mono` (float32 `[n]`, 16 kHz), without overlaps.

        Speech is what the network believes by more than one half; silences shorter than `min_silence_ms` do not
        part it. Long sound is taken in blocks of ten minutes, so that memory stays bounded.
        """
        self.last_used = time.monotonic()
        options = VadOptions(
            threshold=0.5, min_speech_duration_ms=96, min_silence_duration_ms=min_silence_ms, speech_pad_ms=pad_ms
        )
        spans: list[tuple[float, float]] = []
        block = _BLOCK_S * RATE_HZ // _WINDOW * _WINDOW
        for start in range(0, len(mono), block):
            piece = mono[start : start + block]
            for found in get_speech_timestamps(piece, options):
                begin, end = (start + found["start"]) / RATE_HZ, (start + found["end"]) / RATE_HZ
                # A sentence that goes on over the border of two blocks is one.
                if spans and begin - spans[-1][1] <= min_silence_ms / 1000:
                    spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
                else:
                    spans.append((begin, end))
        self.last_used = time.monotonic()
        return spans

    def free(self) -> None:
        """Nothing worth freeing: the network is 1.2 MB and faster-whisper keeps it for itself."""
