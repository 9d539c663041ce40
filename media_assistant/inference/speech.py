"""Spoken words with their times, by faster-whisper from a folder on disk.

The recipe against invented words: voice activity first, no conditioning on what was written before, a segment is
dropped only when the network thinks of silence *and* is unsure of its words, or where there is no sound to speak of,
and repeats are caught by their structure (see `repeats.py`), never by a list of phrases.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.errors import UserFixable
from media_assistant.inference.card import ModelCard
from media_assistant.inference.hardware import Hardware
from media_assistant.inference.repeats import is_loop, without_loops
from media_assistant.items.sentence import Sentence

log = logging.getLogger(__name__)

RATE_HZ = 16_000
_NO_SPEECH, _UNSURE = 0.6, -1.0
_FAINT = 1e-3
"""Root mean square of -60 dB full scale: quieter than the noise floor of any speech that can be understood."""
_BLOCK_S = 1800
"""Longer sound is taken in blocks, cut where it is quietest, so that features stay below 60 MB."""
_SEARCH_S = 60
_PAUSE_S = 1.5
_BATCH_FROM_WINDOWS = 3
_FAULTS = (RuntimeError, ValueError, OSError)
_LOST: list[Any] = []
"""Models on a card that answers no more, and faults whose traces hold what lies there: CTranslate2 ends the process
when it cannot free it."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """Seconds from the start of the sound that was given."""

    start_s: float
    end_s: float
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A line of speech. `words` is empty where the network tells no word times."""

    start_s: float
    end_s: float
    text: str
    words: tuple[SpokenWord, ...] = ()
    no_speech: float = 0.0
    """How likely the network finds it that nobody speaks (0..1)."""
    avg_logprob: float = 0.0
    """Mean natural logarithm of the probability of its tokens; 0 is certain, below -1 doubtful."""


class Speech:
    """One Whisper model. The model is opened at the first use and again after `free`."""

    def __init__(self, card: ModelCard, *, hardware: Hardware | None = None, threads: int = 2) -> None:
        self.card = card
        self.notes: tuple[Sentence, ...] = ()
        self.last_used = time.monotonic()
        self.thought_s = 0.0
        """Time spent in recognising, in all."""
        self._hardware = hardware
        self._threads = max(1, threads)
        self._model: Any = None
        self._device = "cpu"
        self._lock = threading.Lock()
        self.has_word_times = _has_word_times(card)
        self.window_s = _window_s(card)
        """What the network hears at once: 30 seconds, unless it was made for less."""

    @property
    def device(self) -> str:
        """`CUDA` or `CPU`."""
        return self._device.upper()

    def transcribe(
        self,
        mono: NDArray[np.float32],
        *,
        language: str = "",
        hotwords: Sequence[str] = (),
        words: bool = True,
        beam_size: int = 5,
        batch_size: int | None = None,
    ) -> tuple[str, Iterator[Segment]]:
        """(language, segments as they are recognised) of float32 `[n]` at 16 kHz; empty language where nobody speaks.

        `language`: ISO 639-1, with or without a country, or empty to let the network find it. `hotwords`: names and rare
        words to expect, the most important first: they stand before every window as if they had just been said, as many
        as half of its memory holds (about 220 tokens, some sixty names).
        `batch_size`: windows recognised at once; 0 one after the other, None what pays on this computer. Batches are
        faster but cut speech at pauses and never try again at another temperature.
        What fails on the graphics card (its memory is full, it is gone) goes on from there on the processor, and a note
        says so. Stop iterating to stop the work. Raises UserFixable("model.not_loadable", "model.failed").
        """
        model = self._opened()
        language = language.replace("_", "-").split("-")[0].lower()
        if language and not self.card.speaks(language):
            language = ""
        if not language and len(self.card.languages) == 1 and self.card.languages[0] != "*":
            language = self.card.languages[0]
        blocks = list(_blocks(mono))
        options: dict[str, Any] = {
            "beam_size": beam_size,
            "condition_on_previous_text": False,
            "word_timestamps": words and self.has_word_times,
            "hotwords": _fitting(model, hotwords) or None,
            "vad_filter": True,
        }
        asked = _Asked(len(mono), batch_size, options)
        first: Any = None
        found = language
        while blocks and first is None:
            start, stop = blocks.pop(0)
            first, info = self._start(mono[start:stop], found, asked)
            if info.duration_after_vad <= 0:
                first = None
            elif not found:
                found = str(info.language)
        if first is None:
            return "", iter(())

        def raw() -> Iterator[Segment]:
            yield from self._block(mono, start, stop, found, asked, first)
            for block in blocks:
                yield from self._block(mono, *block, found, asked)

        return found, without_loops(raw())

    def free(self) -> None:
        """Let go of the memory; the next use opens the model again."""
        with self._lock:
            self._model = None

    def _block(
        self,
        mono: NDArray[np.float32],
        start: int,
        stop: int,
        language: str,
        asked: _Asked,
        started: Iterable[Any] | None = None,
    ) -> Iterator[Segment]:
        """The segments of `mono[start:stop]`; `started`: those that `_start` has given for it already."""
        iterator = iter(self._start(mono[start:stop], language, asked)[0] if started is None else started)
        reached = start
        while True:
            clock = time.perf_counter()
            try:
                found = next(iterator, None)
            except _FAULTS as fault:
                iterator = iter(())
                self._give_up_card(fault)
                yield from self._block(mono, reached, stop, language, asked)
                return
            self.thought_s += time.perf_counter() - clock
            self.last_used = time.monotonic()
            if found is None:
                return
            reached = min(stop, start + int(found.end * RATE_HZ))
            yield from _segments(found, start, mono[start:stop])

    def _start(self, mono: NDArray[np.float32], language: str, asked: _Asked) -> tuple[Iterable[Any], Any]:
        from faster_whisper import BatchedInferencePipeline

        while True:
            model = self._opened()
            size = self._batch_size(asked.samples, model) if asked.batch_size is None else asked.batch_size
            self.last_used = time.monotonic()
            clock = time.perf_counter()
            try:
                if size > 0:
                    pipeline = BatchedInferencePipeline(model)
                    started = pipeline.transcribe(mono, language=language or None, batch_size=size, **asked.options)
                else:
                    started = model.transcribe(mono, language=language or None, **asked.options)
            except _FAULTS as fault:
                self._give_up_card(fault)
                continue
            self.thought_s += time.perf_counter() - clock
            return started  # type: ignore[no-any-return]

    def _batch_size(self, samples: int, model: Any) -> int:
        """Batches pay on a GPU, and on a CPU with cores to spare, once there are windows enough to fill one."""
        windows = samples / RATE_HZ / model.feature_extractor.chunk_length
        if windows < _BATCH_FROM_WINDOWS:
            return 0
        if self._device == "cuda":
            return 16
        return 8 if self._threads >= 4 else 0

    def _opened(self) -> Any:
        with self._lock:
            if self._model is None:
                self._model = self._open()
            return self._model

    def _open(self) -> Any:
        self.notes = ()
        if self._hardware is not None and self._hardware.cuda_devices:
            try:
                return self._open_on("cuda")
            except _FAULTS as fault:
                log.warning("%s does not open on the graphics card: %s", self.card.id, _reason(fault))
                told = {"model": self.card.id, "reason": _reason(fault)}
                self.notes = (Sentence("hardware.speech_fell_back", told),)
        return self._open_on_processor()

    def _open_on_processor(self) -> Any:
        try:
            return self._open_on("cpu")
        except _FAULTS as fault:
            raise UserFixable("model.not_loadable", model=self.card.id, reason=_reason(fault)) from fault

    def _open_on(self, device: str) -> Any:
        from media_assistant.inference.whisper_words import AligningWhisper

        model = AligningWhisper(
            str(self.card.path(self.card.model)),
            device=device,
            compute_type=self._hardware.compute_type(device) if self._hardware is not None else "int8",
            cpu_threads=self._threads,
            num_workers=1,
            local_files_only=True,
        )
        if device == "cuda":
            # Missing CUDA libraries show at the first use only.
            model.encode(np.zeros((model.model.n_mels, 3000), np.float32))
        self._device = device
        return model

    def _give_up_card(self, fault: Exception) -> None:
        """Open the model on the processor, until the next `free`. Raises UserFixable("model.failed") where it is there
        already, "model.not_loadable".
        """
        if self._device == "cpu":
            raise UserFixable("model.failed", model=self.card.id, reason=_reason(fault)) from fault
        log.warning("%s goes on without the graphics card: %s", self.card.id, _reason(fault))
        with self._lock:
            if "out of memory" not in str(fault):
                _LOST.append((self._model, fault))
            self._model = None
            self._model = self._open_on_processor()
            self.notes = (Sentence("hardware.card_gave_up", {"model": self.card.id, "reason": _reason(fault)}),)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one transcription wants of every block: how long the whole sound is, and how it is recognised."""

    samples: int
    batch_size: int | None
    options: dict[str, Any]


def _segments(found: Any, start: int, mono: NDArray[np.float32]) -> Iterator[Segment]:
    """What one of faster-whisper's segments tells, where it is no invention; its times count from `start` of the sound."""
    offset_s, length_s = start / RATE_HZ, len(mono) / RATE_HZ
    begin_s, end_s = (max(0.0, min(float(at), length_s)) for at in (found.start, found.end))
    margin = RATE_HZ // 4
    heard = mono[max(0, int(begin_s * RATE_HZ) - margin) : int(end_s * RATE_HZ) + margin]
    is_silence = found.no_speech_prob > _NO_SPEECH and found.avg_logprob < _UNSURE
    if is_silence or not found.text.strip() or is_loop(found.text) or _is_faint(heard):
        return
    said = [word for word in found.words or () if word.word.strip()]
    doubts = float(found.no_speech_prob), float(found.avg_logprob)
    if not said:
        begin_s, end_s = _without_silence(mono, begin_s, end_s)
        yield Segment(offset_s + begin_s, offset_s + end_s, found.text.strip(), (), *doubts)
        return
    for part in _at_pauses(said):
        words = tuple(
            SpokenWord(
                offset_s + float(word.start),
                offset_s + float(word.end),
                word.word.strip(),
                float(word.probability),
            )
            for word in part
        )
        text = found.text if len(part) == len(said) else "".join(word.word for word in part)
        yield Segment(words[0].start_s, words[-1].end_s, text.strip(), words, *doubts)


def _reason(fault: Exception) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0][:300]


def _fitting(model: Any, names: Sequence[str]) -> str:
    """The names that fit into a window's prompt, whole ones: faster-whisper would cut the last one in two."""
    room = model.max_length // 2 - 1
    fitting = ""
    for name in names:
        longer = f"{fitting}, {name}" if fitting else name
        if len(model.hf_tokenizer.encode(f" {longer}", add_special_tokens=False).ids) > room:
            break
        fitting = longer
    return fitting


def _has_word_times(card: ModelCard) -> bool:
    """Whether the model was converted with alignment heads and its card does not warn of them (`word_times = false`)."""
    if "word_times" in card.extra:
        return bool(card.extra["word_times"])
    try:
        config = json.loads((card.path(card.model) / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and bool(config.get("alignment_heads"))


def _at_pauses(words: list[Any]) -> list[list[Any]]:
    """The words of a segment, parted where nothing is said for longer than a line may stand over.

    The silence between two stretches of speech is taken out before the network hears them, so that one segment can
    reach from the end of one to the start of the next.
    """
    parts = [[words[0]]]
    for before, word in pairwise(words):
        if word.start - before.end > _PAUSE_S:
            parts.append([])
        parts[-1].append(word)
    return parts


def _window_s(card: ModelCard) -> float:
    """Read from the features' own file, without opening the model."""
    try:
        config = json.loads((card.path(card.model) / "preprocessor_config.json").read_text("utf-8"))
        return float(config["chunk_length"])
    except (OSError, ValueError, KeyError, TypeError):
        return 30.0


def _blocks(mono: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """(start, stop) in samples: at most half an hour each, cut at the quietest tenth of a second of the last minute."""
    start, block, step = 0, _BLOCK_S * RATE_HZ, RATE_HZ // 10
    while len(mono) - start > block:
        tail = mono[start + block - _SEARCH_S * RATE_HZ : start + block]
        energy = np.square(tail[: len(tail) // step * step].reshape(-1, step)).sum(1)
        stop = start + block - _SEARCH_S * RATE_HZ + int(energy.argmin()) * step + step // 2
        yield start, stop
        start = stop
    if start < len(mono):
        yield start, len(mono)


def _without_silence(mono: NDArray[np.float32], begin_s: float, end_s: float) -> tuple[float, float]:
    """The span without the silence at its ends; it is at least a tenth of a second long."""
    first, step = int(begin_s * RATE_HZ), RATE_HZ // 10
    heard = mono[first : int(end_s * RATE_HZ)]
    if len(heard) < 2 * step:
        return begin_s, max(end_s, begin_s + 0.1)
    loud = np.flatnonzero(np.square(heard[: len(heard) // step * step].reshape(-1, step)).mean(1) >= _FAINT**2)
    if not len(loud):
        return begin_s, end_s
    has_rest = loud[-1] == len(heard) // step - 1
    return begin_s + int(loud[0]) / 10, end_s if has_rest else begin_s + (int(loud[-1]) + 1) / 10


def _is_faint(heard: NDArray[np.float32]) -> bool:
    """Whether no tenth of a second in it is loud enough for speech."""
    step = RATE_HZ // 10
    if len(heard) < step:
        return bool(np.sqrt(np.mean(np.square(heard))) < _FAINT)
    whole = heard[: len(heard) // step * step].reshape(-1, step)
    return bool(np.sqrt(np.square(whole).mean(1).max()) < _FAINT)
