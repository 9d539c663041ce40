"""What is heard, patch by patch. The graph tells its own shapes: waveform in, scores (and embeddings) out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.errors import UserFixable
from media_assistant.inference.card import ModelCard
from media_assistant.inference.hardware import CPU, Hardware
from media_assistant.inference.labels import read_labels
from media_assistant.inference.log_mel import kaldi_fbank
from media_assistant.inference.onnx_session import OnnxNetwork, pick_output, unit_rows
from media_assistant.inference.resample import resample

RATE_HZ = 16_000
_PATCHES_PER_RUN = 128
_PICTURES_PER_RUN = 4
"""A transformer compares each place of a picture with each other one: 32 pictures of 1214 places take 2.3 GB."""
_PROBE_S = 8.0


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Log-mel pictures of a fixed size, filled with zeros at the end, then `(value - mean) / deviation`."""

    frames: int
    bins: int
    mean: float
    deviation: float

    def of(self, wave: NDArray[np.float32]) -> NDArray[np.float32]:
        """`[frames, bins]` of float32 `[n]` at 16 kHz."""
        found = kaldi_fbank(wave, self.bins)[: self.frames]
        found = np.pad(found, ((0, self.frames - len(found)), (0, 0)))
        return np.asarray((found - self.mean) / self.deviation, np.float32)


class AudioTags(OnnxNetwork):
    """A tagger over the card's `labels`. Patch `i` hears the seconds `i * hop_s` to `i * hop_s + window_s`.

    Three families are known: a graph that takes one whole waveform `[samples]` and cuts its patches itself (YAMNet,
    musicnn), one that takes a batch of windows `[batch, samples]` (PANNs, EfficientAT and their kin), and one that
    takes a batch of log-mel pictures `[batch, frames, bins]` made by Kaldi's recipe (AST).
    """

    def __init__(self, card: ModelCard, *, hardware: Hardware | None = None, threads: int = 2) -> None:
        """Raises UserFixable("model.not_loadable", "model.unsupported", "model.unreadable", "model.file_missing")."""
        super().__init__(card, hardware=hardware, threads=threads)
        self.labels = read_labels(card)
        self._session = self.open_graph(card.model)
        waves = [port for port in self._session.inputs if port.is_float and len(port.shape) in {1, 2, 3}]
        if len(waves) != 1:
            raise self._session.unsupported("waveform [samples]")
        self._name, shape = waves[0].name, waves[0].shape
        self._spectrum = self._read_spectrum(shape) if len(shape) == 3 else None
        self._takes_windows = self._spectrum is not None or (len(shape) == 2 and shape[0] != 1)
        self._has_row = len(shape) == 2
        self.rate_hz = int(card.input.get("sample_rate_hz", RATE_HZ))
        scores = pick_output(self._session, 2, len(self.labels), ("score", "prob", "clipwise", "logit"))
        if scores is None:
            raise self._session.unsupported(f"scores [patches, {len(self.labels)}]")
        self._outputs = [scores.name]
        embedding = pick_output(self._session, 2, card.dimension, ("embed", "feature"))
        if embedding is not None and embedding.name != scores.name and "embed" in embedding.name.lower():
            self._outputs.append(embedding.name)
        self._window, self._hop = self._find_patches(None if self._spectrum else shape[-1])

    @property
    def window_s(self) -> float:
        """How much one patch hears."""
        return self._window / self.rate_hz

    @property
    def hop_s(self) -> float:
        """From the start of one patch to the start of the next."""
        return self._hop / self.rate_hz

    @property
    def space(self) -> str:
        """The space of the embeddings; empty where there are none."""
        return (self.card.space or self.card.id) if len(self._outputs) > 1 else ""

    def tag(self, mono: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """(scores `[patches, classes]` in 0..1, unit embeddings `[patches, d]` or None) of float32 `[n]` at 16 kHz.

        Shorter sound than a patch is filled with silence; the rest of a patch at the end is heard too, filled in the
        same way. Long sound runs in pieces of some patches that overlap by what a patch needs, so memory is bounded.
        """
        wave = resample(np.asarray(mono, np.float32), RATE_HZ, self.rate_hz)
        count = 1 + max(0, -(-(len(wave) - self._window) // self._hop))
        # What remains after the last whole patch counts if it is more than half of a hop; else it was heard already.
        if count > 1 and len(wave) - (count - 2) * self._hop - self._window < self._hop / 2:
            count -= 1
        most = _PICTURES_PER_RUN if self._spectrum is not None else _PATCHES_PER_RUN
        runs = [self._run(wave, first, min(most, count - first)) for first in range(0, count, most)]
        scores = np.concatenate([run[0] for run in runs]).astype(np.float32)
        if scores.min() < 0 or scores.max() > 1 + 1e-3:
            scores = np.asarray(1 / (1 + np.exp(-scores)), np.float32)
        if len(self._outputs) == 1:
            return scores, None
        return scores, unit_rows(np.concatenate([run[1] for run in runs]))

    def _run(self, wave: NDArray[np.float32], first: int, count: int) -> list[NDArray[Any]]:
        """Patches `first` to `first + count` of the sound."""
        start = first * self._hop
        fed_patches = count
        if not self._takes_windows and self._session.device != CPU:
            # Always the same length, for the reason that `rows_on_card` has.
            fed_patches = _PATCHES_PER_RUN
        length = (fed_patches - 1) * self._hop + self._window
        piece = wave[start : start + length]
        if len(piece) < length:
            piece = np.pad(piece, (0, length - len(piece)))
        if self._takes_windows:
            fed: NDArray[np.float32] = np.lib.stride_tricks.sliding_window_view(piece, self._window)[:: self._hop]
            if self._spectrum is not None:
                fed = np.stack([self._spectrum.of(window) for window in fed])
        else:
            fed = piece[None] if self._has_row else piece
        found = self._session.run({self._name: fed}, self._outputs)
        return [_rows(array, count) for array in found]

    def _read_spectrum(self, shape: tuple[int | None, ...]) -> Spectrum:
        """How this network wants its log-mel pictures: from `preprocessor_config.json`, lengths from the graph too."""
        name = self.card.preprocessor or "preprocessor_config.json"
        try:
            found = json.loads(self.card.path(name).read_text("utf-8"))
            spectrum = Spectrum(
                frames=shape[1] or int(found["max_length"]),
                bins=shape[2] or int(found["num_mel_bins"]),
                mean=float(found["mean"]) if found.get("do_normalize", True) else 0.0,
                deviation=2 * float(found["std"]) if found.get("do_normalize", True) else 1.0,
            )
        except FileNotFoundError as fault:
            raise UserFixable("model.file_missing", model=self.card.id, file=name) from fault
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise UserFixable("model.unreadable", model=self.card.id, file=name, reason=str(fault)) from fault
        if self.card.input.get("features") != "kaldi-fbank":
            # Log-mel pictures of other recipes look alike and mean something else.
            raise self._session.unsupported('[input] features = "kaldi-fbank"')
        return spectrum

    def _find_patches(self, declared: int | None) -> tuple[int, int]:
        """(window, hop) in samples: from the card, from a fixed shape, or by watching the graph cut its patches."""
        told = self.card.input
        if self._takes_windows or declared is not None:
            window = declared or round(float(told.get("window_s", 10.0)) * self.rate_hz)
            return window, round(float(told.get("hop_s", window / self.rate_hz)) * self.rate_hz)
        least = int(told.get("min_samples", 0))
        if "window_s" in told and "hop_s" in told:
            # Patches are cut by the hop; the window may need some samples more than it says.
            return max(round(told["window_s"] * self.rate_hz), least), round(told["hop_s"] * self.rate_hz)
        window = least or self.rate_hz
        patches = self._count_patches(window)
        first = self._next_step(window, patches)
        second = self._next_step(first, patches + 1)
        return window, second - first

    def _count_patches(self, samples: int) -> int:
        silence = np.zeros(samples, np.float32)
        fed = silence[None] if self._has_row else silence
        return len(_rows(self._session.run({self._name: fed}, self._outputs[:1])[0], None))

    def _next_step(self, low: int, patches: int) -> int:
        """The least length that gives more than `patches`, by halving."""
        high = low + round(_PROBE_S * self.rate_hz)
        if self._count_patches(high) <= patches:
            raise self._session.unsupported("[input] window_s, hop_s")
        while high - low > 1:
            middle = (low + high) // 2
            if self._count_patches(middle) > patches:
                high = middle
            else:
                low = middle
        return high


def _rows(array: NDArray[Any], count: int | None) -> NDArray[Any]:
    """`[patches, width]` of an output that may carry a batch of one in front."""
    if array.ndim == 3 and array.shape[0] == 1:
        array = array[0]
    if count is not None and len(array) < count:
        array = np.concatenate([array, np.repeat(array[-1:], count - len(array), 0)])
    return array[:count]
