"""What the tests of listening and reading share: models, sound files made on the spot, and running an analyser."""

from __future__ import annotations

import tempfile
import wave
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.run import Done, Failed, run
from media_assistant.inference.hardware import detect
from media_assistant.inference.models import Models
from media_assistant.inference.store import ModelStore
from media_assistant.items.findings import Checkpoint, Finding, Trait, Vector
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.media.source import Sound
from media_assistant.paths import bundled

RATE_HZ = 16_000


@lru_cache(maxsize=2)
def models(folder: Path | None = None) -> Models:
    """The built-in networks, and those of a folder."""
    own = bundled("models")
    store = ModelStore(
        [folder] if folder else [], Path(tempfile.mkdtemp(prefix="no-models-")), own, own / "catalogue.toml"
    )
    return Models(store, detect(), threads=2)


def findings(path: Path, kind: Kind, analyser: str, using: Models, **options: object) -> list[Finding]:
    """All that one analyser finds; fails the test if the analyser failed."""
    found: list[Finding] = []
    for _, said in run(path, kind, [analyser], using, **options):  # type: ignore[arg-type]
        assert not isinstance(said, Failed), said
        if not isinstance(said, Done):
            found.append(said)
    return found


def moments(found: list[Finding]) -> list[Moment]:
    return [one for one in found if isinstance(one, Moment)]


def traits(found: list[Finding]) -> dict[str, object]:
    return {one.name: one.value for one in found if isinstance(one, Trait)}


def vectors(found: list[Finding]) -> list[Vector]:
    return [one for one in found if isinstance(one, Vector)]


def checkpoints(found: list[Finding]) -> list[int]:
    return [one.position_ms for one in found if isinstance(one, Checkpoint)]


def blocks(mono: NDArray[np.floating], *, length: int = RATE_HZ, start_ms: int = 0) -> list[Sound]:
    """Mono sound at 16 kHz as a reader would give it."""
    sound = mono.astype(np.float32)
    return [
        Sound(start_ms + at * 1000 // RATE_HZ, piece := sound[at : at + length], piece[None], RATE_HZ)
        for at in range(0, len(sound), length)
    ]


def write_wave(path: Path, mono: NDArray[np.floating], rate_hz: int = RATE_HZ) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((np.clip(mono, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def plucked(hertz: float, seconds: float) -> NDArray[np.float64]:
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return sum(np.sin(2 * np.pi * hertz * k * t) / k * np.exp(-t * 2 * k) for k in range(1, 5)) * np.minimum(
        1, t / 0.004
    )


def tune(bpm: float, semitones: list[list[int]], beats: int, tuning_hz: float = 440.0) -> NDArray[np.float64]:
    """A chord on each beat, in turn; semitones count from A4. Clicks a little on each beat."""
    beat_s = 60 / bpm
    sound = np.zeros(int((beats + 2) * beat_s * RATE_HZ))
    chance = np.random.default_rng(5)
    for beat in range(beats):
        at = round(beat * beat_s * RATE_HZ)
        for note in semitones[beat // 2 % len(semitones)]:
            piece = plucked(tuning_hz * 2 ** (note / 12), min(1.2 * beat_s, 1.0))
            sound[at : at + len(piece)] += 0.12 * piece
        click = 0.15 * chance.standard_normal(800) * np.exp(-np.arange(800) / 120)
        sound[at : at + 800] += click * (1.5 if beat % 4 == 0 else 1)
    return sound / np.abs(sound).max() * 0.7
