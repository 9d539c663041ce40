"""Where somebody speaks, where music plays, where nothing is heard: one listener that several passes of a run share.

Speech comes from Silero VAD. Music is told from noise by tones that stay: *continuous frequency activation* after
Seyerlehner, Pohle, Schedl and Widmer, "Automatic Music Detection in Television Productions" (DAFx 2007). Silence is
told by level alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.spectra import RATE_HZ, Spectra

if TYPE_CHECKING:
    from media_assistant.analysis.analyser import Job
    from media_assistant.inference.voice import Voice
    from media_assistant.media.source import Sound

Seconds = tuple[float, float]

_SHARED = "hearing"
_LEVEL_S = 0.1
_SILENT_DB = -58.0
"""Root mean square below this is silence: quieter than the room tone of a careful recording."""
_LEAST_SILENCE_S = 2.0
_PIECE_S, _SEARCH_S = 60, 10
_SIZE, _HOP = 1024, 320
_BLOCK_FRAMES, _BLOCK_HOP = 120, 60
_LEAST_BLOCKS, _SHORT_COUNTS = 3, 0.75
_GROUP_BLOCKS = 34
"""Blocks of about 40 s are judged together: a tone that stays all that time is a hum, not a tune."""
_PEAK_OVER_NEIGHBOURS_B = 0.25
_AUDIBLE_B = -2.5
"""Power of a tone of about -73 dB full scale in these spectra."""
_NEIGHBOURS = 10
_STRONGEST = 5
_TONAL, _STILL_TONAL = 1.7, 1.25
"""Sum of the five most lasting tones' prominence: music begins above the first and goes on above the second."""
_MEAN_TONAL, _MEAN_TONAL_SPOKEN = 1.4, 2.0
"""What a whole stretch must reach, and one in which mostly somebody speaks: vowels are tones too."""
_LEAST_MUSIC_S = 3.0
_WORTH_A_LOOK, _RECENT_BLOCKS = 0.9, 25
_LEAST_SUNG_S = 0.5
_BREATH_S = 3.0
"""A pause in music that does not end it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Spans in seconds of presentation time, each kind in order and without overlaps; kinds may overlap each other."""

    speech: tuple[Seconds, ...]
    music: tuple[Seconds, ...]
    silence: tuple[Seconds, ...]
    start_s: float
    end_s: float

    @property
    def music_share(self) -> float:
        """How much of what is not silent is music."""
        quiet = _length(self.silence)
        return min(1.0, _length(self.music) / max(1e-6, self.end_s - self.start_s - quiet))


class Hearing:
    """Listens to a file once, however many passes push the same blocks. Memory: a minute of sound, ten levels a second."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._pushed_ms = -1
        self._origin_s = 0.0
        self._samples = 0
        self._parts: list[NDArray[np.float32]] = []
        self._held = 0
        self._piece_start = 0
        self._speech: list[Seconds] = []
        self._levels: list[NDArray[np.float32]] = []
        self._level_rest = np.zeros(0, np.float32)
        self._spectra = Spectra(_SIZE, _HOP)
        self._frames: NDArray[np.bool_] = np.zeros((0, 0), np.bool_)
        self._blocks: list[NDArray[np.float64]] = []
        self._tonal: list[float] = []
        self._answer: Heard | None = None

    def push(self, sound: Sound) -> None:
        """The next block; one that was pushed already by another pass is left out."""
        if sound.at_ms <= self._pushed_ms and self._samples:
            return
        if not self._samples:
            self._origin_s = sound.at_ms / 1000
        self._pushed_ms = sound.at_ms
        mono = sound.mono
        self._samples += len(mono)
        self._measure_level(mono)
        self._measure_tones(mono)
        self._parts.append(mono)
        self._held += len(mono)
        if self._held >= _PIECE_S * RATE_HZ:
            self._find_speech(is_last=False)

    def finish(self) -> Heard:
        """What was heard in all."""
        if self._answer is None:
            self._find_speech(is_last=True)
            if not self._blocks and not self._tonal and len(self._frames) >= _BLOCK_FRAMES // 2:
                self._blocks.append(_activation(self._frames))
            self._judge_tones()
            end_s = self._origin_s + self._samples / RATE_HZ
            silence = self._find_silence()
            music = tuple((a, min(b, end_s)) for a, b in self._find_music())
            speech = tuple((a, min(b, end_s)) for a, b in self._speech if not _is_within(a, b, music))
            self._answer = Heard(speech, music, silence, self._origin_s, end_s)
            self._parts, self._levels = [], []
        return self._answer

    def _measure_level(self, mono: NDArray[np.float32]) -> None:
        step = int(_LEVEL_S * RATE_HZ)
        sound = np.concatenate([self._level_rest, mono])
        whole = len(sound) // step * step
        self._level_rest = sound[whole:]
        power = np.square(sound[:whole].reshape(-1, step)).mean(1)
        self._levels.append(np.asarray(10 * np.log10(power + 1e-12), np.float32))

    def _measure_tones(self, mono: NDArray[np.float32]) -> None:
        power = self._spectra.push(mono)
        if not len(power):
            return
        peaks = _peaks(power)
        self._frames = peaks if not self._frames.size else np.concatenate([self._frames, peaks])
        while len(self._frames) >= _BLOCK_FRAMES:
            self._blocks.append(_activation(self._frames[:_BLOCK_FRAMES]))
            self._frames = self._frames[_BLOCK_HOP:]
        if len(self._blocks) >= _GROUP_BLOCKS:
            self._judge_tones()

    def may_be_music(self) -> bool:
        """Whether the last half minute has tones enough to be worth a closer look; where it is too early to say, yes."""
        recent = self._tonal[-_RECENT_BLOCKS:] + (
            _strengths(self._blocks) if len(self._blocks) >= _LEAST_BLOCKS else []
        )
        return not recent or max(recent[-_RECENT_BLOCKS:]) >= _WORTH_A_LOOK

    def _judge_tones(self) -> None:
        self._tonal += _strengths(self._blocks)
        self._blocks = []

    def _find_speech(self, *, is_last: bool) -> None:
        if not self._parts:
            return
        sound = np.concatenate(self._parts)
        stop = len(sound) if is_last else quietest(sound, _SEARCH_S)
        offset_s = self._origin_s + self._piece_start / RATE_HZ
        for start_s, end_s in self._voice.speech_spans(sound[:stop]):
            _join(self._speech, offset_s + start_s, offset_s + end_s, 0.5)
        self._parts = [sound[stop:].copy()] if stop < len(sound) else []
        self._held = len(sound) - stop
        self._piece_start += stop

    def _find_silence(self) -> tuple[Seconds, ...]:
        levels = np.concatenate(self._levels) if self._levels else np.zeros(0, np.float32)
        spans: list[Seconds] = []
        for first, stop in runs(levels < _SILENT_DB):
            if (stop - first) * _LEVEL_S >= _LEAST_SILENCE_S or stop - first == len(levels):
                spans.append((self._origin_s + first * _LEVEL_S, self._origin_s + stop * _LEVEL_S))
        return tuple(spans)

    def _find_music(self) -> list[Seconds]:
        if not self._tonal:
            return []
        tonal = np.array(self._tonal)
        # A lone block among others of the other kind is a door bell, or a breath.
        padded = np.pad(tonal, 1, mode="edge")
        smooth = np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0)
        hop_s, long_s = _BLOCK_HOP * _HOP / RATE_HZ, _BLOCK_FRAMES * _HOP / RATE_HZ
        spans: list[Seconds] = []
        for first, stop in runs(smooth >= _STILL_TONAL):
            start_s, end_s = self._origin_s + first * hop_s, self._origin_s + (stop - 1) * hop_s + long_s
            spoken_s = sum(max(0.0, min(end_s, b) - max(start_s, a)) for a, b in self._speech)
            least = _MEAN_TONAL_SPOKEN if spoken_s > (end_s - start_s) / 2 else _MEAN_TONAL
            if smooth[first:stop].max() >= _TONAL and smooth[first:stop].mean() >= least:
                _join(spans, start_s, end_s, _BREATH_S)
        return [span for span in spans if span[1] - span[0] >= _LEAST_MUSIC_S]


def hearing_of(job: Job) -> Hearing:
    """The one listener of this run."""
    found = job.shared.get(_SHARED)
    if not isinstance(found, Hearing):
        found = Hearing(job.models.voice())
        job.shared[_SHARED] = found
    return found


def quietest(sound: NDArray[np.float32], search_s: float) -> int:
    """Where to cut: the middle of the quietest fifth of a second within the last `search_s` seconds, as a sample."""
    step = RATE_HZ // 10
    tail = min(len(sound), int(search_s * RATE_HZ)) // step * step
    if tail < 4 * step:
        return len(sound)
    energy = np.square(sound[len(sound) - tail :].reshape(-1, step)).sum(1)
    pairs = energy[:-1] + energy[1:]
    return len(sound) - tail + (int(pairs.argmin()) + 1) * step


def runs(yes: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """[first, stop) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], yes, [False]]).astype(np.int8)))
    return [(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]


def _peaks(power: NDArray[np.float32]) -> NDArray[np.bool_]:
    """`[frames, bins]`: whether a bin stands out from the mean of its neighbours, in the logarithm."""
    level = np.log10(power + 1e-10)
    width = 2 * _NEIGHBOURS + 1
    padded = np.pad(level, ((0, 0), (_NEIGHBOURS + 1, _NEIGHBOURS)), mode="edge")
    sums = np.cumsum(padded, axis=1)
    mean = (sums[:, width:] - sums[:, :-width]) / width
    audible = level > _AUDIBLE_B
    return np.asarray((level - mean > _PEAK_OVER_NEIGHBOURS_B) & audible, np.bool_)


def _activation(frames: NDArray[np.bool_]) -> NDArray[np.float64]:
    """By how much each bin's tone lasts longer than those around it, in -1..1."""
    share = frames.mean(0)
    width = 2 * _NEIGHBOURS + 1
    around = np.convolve(np.pad(share, _NEIGHBOURS, mode="edge"), np.ones(width) / width, "valid")
    return np.asarray((share - around)[3:330])


def _strengths(blocks: list[NDArray[np.float64]]) -> list[float]:
    """For each block, how much the tones that came and went in it stand out."""
    if not blocks:
        return []
    lasting = np.stack(blocks)
    # Too short to tell a hum from a tune by what changes: then a tone counts for less.
    lasting = lasting - np.median(lasting, axis=0) if len(lasting) >= _LEAST_BLOCKS else lasting * _SHORT_COUNTS
    found: list[float] = []
    for over in lasting:
        is_top = np.zeros(len(over), np.bool_)
        is_top[1:-1] = (over[1:-1] >= over[:-2]) & (over[1:-1] > over[2:])
        found.append(float(np.sort(over[is_top])[-_STRONGEST:].sum()))
    return found


def _join(spans: list[Seconds], start_s: float, end_s: float, gap_s: float) -> None:
    """Append a span, or lengthen the last one that ends less than `gap_s` before."""
    if spans and start_s - spans[-1][1] <= gap_s:
        spans[-1] = (spans[-1][0], max(end_s, spans[-1][1]))
    else:
        spans.append((start_s, end_s))


def _is_within(start_s: float, end_s: float, music: tuple[Seconds, ...]) -> bool:
    """Whether what passes for speech is so short, with music around it, that it is more likely an instrument."""
    return end_s - start_s < _LEAST_SUNG_S and any(a <= start_s and end_s <= b for a, b in music)


def _length(spans: tuple[Seconds, ...]) -> float:
    return sum(end - start for start, end in spans)
