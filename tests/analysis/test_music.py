"""Tempo, key, loudness and timbre against signals whose truth is known by construction."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from media_assistant.analysis.key import KeyFinder
from media_assistant.analysis.loudness import LoudnessMeter
from media_assistant.analysis.timbre import SPACE
from media_assistant.items.kind import Kind
from media_assistant.media.source import Sound
from tests.analysis.listening import (
    RATE_HZ,
    blocks,
    findings,
    models,
    moments,
    plucked,
    traits,
    tune,
    vectors,
    write_wave,
)

# I–IV–V–I by semitones from A4: A, D and E, a major third or a minor one above each.
_MAJOR = [[-24, 0, 4, 7], [-19, 5, 9, 12], [-17, 7, 11, 14], [-24, 0, 4, 7]]
_MINOR = [[-24, 0, 3, 7], [-19, 5, 8, 12], [-17, 7, 11, 14], [-24, 0, 3, 7]]


@pytest.mark.parametrize("name", ["evening-walk.ogg", "bright-morning.flac"])
def test_the_sample_melodies(samples: Path, name: str) -> None:
    truth = json.loads((samples / "truth.json").read_text("utf-8"))[name]
    found = traits(findings(samples / name, Kind.MUSIC, "music", models()))
    assert found["tempo_bpm"] == pytest.approx(truth["tempo_bpm"], rel=0.02)
    assert found["key"] == truth["key"]
    assert -40 < float(str(found["loudness_lufs"])) < -8
    assert float(str(found["true_peak_dbtp"])) <= 0.5


@pytest.mark.parametrize("bpm", [62.0, 75.5, 88.0, 101.3, 117.0, 133.0, 152.0])
def test_tempo_within_two_per_cent(tmp_path: Path, bpm: float) -> None:
    file = write_wave(tmp_path / "tune.wav", tune(bpm, _MAJOR, 40))
    found = traits(findings(file, Kind.MUSIC, "music", models()))
    assert found["tempo_bpm"] == pytest.approx(bpm, rel=0.02)


@pytest.mark.parametrize(
    ("up", "key"), [(0, "A"), (1, "Bb"), (3, "C"), (5, "D"), (6, "Eb"), (9, "F#"), (10, "G"), (11, "Ab")]
)
def test_major_keys(up: int, key: str) -> None:
    finder = KeyFinder()
    finder.push(tune(110, [[note + up for note in chord] for chord in _MAJOR], 24).astype(np.float32))
    found = finder.finish()
    assert found is not None
    assert found.is_clear
    assert found.name == f"{key} major"


@pytest.mark.parametrize(("up", "key"), [(0, "A"), (2, "B"), (4, "C#"), (5, "D"), (7, "E"), (10, "G")])
def test_minor_keys(up: int, key: str) -> None:
    finder = KeyFinder()
    finder.push(tune(110, [[note + up for note in chord] for chord in _MINOR], 24).astype(np.float32))
    found = finder.finish()
    assert found is not None
    assert found.name == f"{key} minor"


@pytest.mark.parametrize("tuning_hz", [432.0, 447.0])
def test_key_of_an_instrument_out_of_tune(tuning_hz: float) -> None:
    finder = KeyFinder()
    finder.push(tune(110, _MAJOR, 24, tuning_hz).astype(np.float32))
    found = finder.finish()
    assert found is not None
    assert found.name == "A major"


def test_noise_speech_and_silence_have_no_tempo_and_no_key(samples: Path, tmp_path: Path) -> None:
    for file, kind in (
        (samples / "waves.ogg", Kind.MUSIC),
        (samples / "journey.mp4", Kind.VIDEO),
        (write_wave(tmp_path / "silence.wav", np.zeros(8 * RATE_HZ)), Kind.MUSIC),
        (write_wave(tmp_path / "tick.wav", _ticks()), Kind.MUSIC),
    ):
        found = traits(findings(file, kind, "music", models()))
        assert "tempo_bpm" not in found, file
        assert "key" not in found, file


@pytest.mark.parametrize("channels", [1, 2, 6, 8])
def test_promise_12_loudness_of_any_number_of_channels(channels: int) -> None:
    meter = LoudnessMeter()
    tone = (0.25 * np.sin(2 * np.pi * 997 * np.arange(48_000) / 48_000)).astype(np.float32)
    for second in range(4):
        # Only the first channel sounds, so that the number of channels changes nothing.
        native = np.zeros((channels, 48_000), np.float32)
        native[0] = tone
        meter.push(Sound(second * 1000, tone[::3], native, 48_000))
    found = meter.finish()
    assert found is not None
    # ITU-R BS.1770-4: a full-scale 997 Hz sine in one front channel reads -3.01 LKFS.
    assert abs(found.integrated_lufs - (-3.01 + 20 * np.log10(0.25))) < 0.1


@pytest.mark.parametrize(
    ("layout", "channels", "sounding", "power"),
    [
        ("", 3, 2, 1.0),
        ("", 4, 3, 1.41),
        ("", 5, 2, 1.0),
        ("", 5, 3, 1.41),
        ("", 7, 3, 0.0),
        ("4.0", 4, 2, 1.0),
        ("2.1", 3, 0, 1.0),
        ("5.1(side)", 6, 4, 1.41),
        ("7.1.4", 12, 0, 1.0),
    ],
)
def test_loudness_sums_the_power_of_the_channels(layout: str, channels: int, sounding: int, power: float) -> None:
    """ITU-R BS.1770: surround channels count 1.41, the bass channel not; dialogue sounds from the centre alone."""
    meter = LoudnessMeter()
    tone = (0.25 * np.sin(2 * np.pi * 997 * np.arange(48_000) / 48_000)).astype(np.float32)
    for second in range(4):
        native = np.zeros((channels, 48_000), np.float32)
        native[sounding] = tone
        meter.push(Sound(second * 1000, tone[::3], native, 48_000, layout))
    found = meter.finish()
    if not power:
        assert found is None
        return
    assert found is not None
    assert abs(found.integrated_lufs - (-3.01 + 20 * np.log10(0.25) + 10 * np.log10(power))) < 0.1


def test_silence_has_no_loudness(tmp_path: Path) -> None:
    found = traits(findings(write_wave(tmp_path / "silence.wav", np.zeros(8 * RATE_HZ)), Kind.MUSIC, "music", models()))
    assert "loudness_lufs" not in found


def _ticks() -> np.ndarray:
    sound = np.zeros(12 * RATE_HZ)
    sound[:: RATE_HZ // 2] = 0.8
    return sound


def _sine(decibels: float, seconds: float, rate_hz: int = 48_000, hertz: float = 1000.0) -> np.ndarray:
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    return (10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * t)).astype(np.float32)


def _measure(native: np.ndarray, rate_hz: int = 48_000) -> LoudnessMeter:
    meter = LoudnessMeter()
    for at in range(0, native.shape[1], rate_hz):
        piece = native[:, at : at + rate_hz]
        meter.push(Sound(at * 1000 // rate_hz, np.zeros(0, np.float32), piece, rate_hz))
    return meter


@pytest.mark.parametrize("lufs", [-23.0, -33.0])
def test_ebu_3341_stereo_sine(lufs: float) -> None:
    """EBU Tech 3341, cases 1 and 2: a stereo sine of 1 kHz at x dBFS measures x LUFS within 0.1."""
    found = _measure(np.stack([_sine(lufs, 20)] * 2)).finish()
    assert found is not None
    assert found.integrated_lufs == pytest.approx(lufs, abs=0.1)
    assert found.true_peak_dbtp == pytest.approx(lufs, abs=0.3)


def test_ebu_3341_gate() -> None:
    """Case 3: what is 13 LU quieter before and after does not count."""
    one = np.concatenate([_sine(-36, 10), _sine(-23, 60), _sine(-36, 10)])
    found = _measure(np.stack([one] * 2)).finish()
    assert found is not None
    assert found.integrated_lufs == pytest.approx(-23, abs=0.1)


def test_ebu_3342_range() -> None:
    """EBU Tech 3342, case 1: 20 s at -20 and 20 s at -30 have a range of 10 LU within 1."""
    one = np.concatenate([_sine(-20, 20), _sine(-30, 20)])
    found = _measure(np.stack([one] * 2)).finish()
    assert found is not None
    assert found.range_lu == pytest.approx(10, abs=1)


def test_a_short_steady_tone_claims_no_range() -> None:
    short, long = (_measure(np.stack([_sine(-20, seconds)] * 2)).finish() for seconds in (3, 31))
    assert short is not None and short.range_lu is None
    assert long is not None and long.range_lu == pytest.approx(0, abs=0.5)


def test_a_true_peak_lies_between_the_samples() -> None:
    """EBU Tech 3341, case 15 and on: a quarter of the sample rate, 45 degrees off, peaks 3 dB above its samples."""
    t = np.arange(48_000 * 3) / 48_000
    between = (0.5 * np.sin(2 * np.pi * 12_000 * t + np.pi / 4) * np.minimum(1, t)).astype(np.float32)
    found = _measure(np.stack([between] * 2)).finish()
    assert found is not None
    assert found.true_peak_dbtp == pytest.approx(-6.0, abs=0.4)
    assert 20 * np.log10(np.abs(between).max()) < -8.9


def test_odd_channels_are_measured() -> None:
    found = _measure(np.stack([_sine(-20, 5)] * 3)).finish()
    assert found is not None


def _timbre(path: Path, mono: np.ndarray) -> np.ndarray:
    found = vectors(findings(write_wave(path, mono), Kind.MUSIC, "music", models()))
    (vector,) = [one for one in found if one.space == SPACE]
    values = np.frombuffer(vector.values, "<f4")
    assert values.shape == (40,)
    assert np.linalg.norm(values) == pytest.approx(1, abs=1e-5)
    return values


def test_timbre_is_of_the_instrument_not_of_its_notes_or_loudness(tmp_path: Path) -> None:
    strings = np.concatenate([plucked(220 * 2 ** (n / 12), 0.8) for n in (0, 4, 7, 12)] * 2)
    higher = np.concatenate([plucked(220 * 2 ** (n / 12), 0.8) for n in (2, 5, 9, 10)] * 2)
    noise = np.random.default_rng(2).standard_normal(6 * RATE_HZ)
    one = _timbre(tmp_path / "a.wav", 0.3 * strings / np.abs(strings).max())
    other = _timbre(tmp_path / "b.wav", 0.8 * higher / np.abs(higher).max())
    hiss = _timbre(tmp_path / "c.wav", 0.2 * noise / np.abs(noise).max())
    assert one @ other > 0.8
    assert one @ other > one @ hiss + 0.3


def test_blocks_of_any_length_give_the_same_key() -> None:
    sound = tune(110, _MINOR, 16)
    shares = []
    for length in (700, RATE_HZ, 10 * RATE_HZ):
        finder = KeyFinder()
        for block in blocks(sound, length=length):
            finder.push(block.mono)
        shares.append(finder.shares())
    assert np.allclose(shares[0], shares[1], atol=0.02)
    assert np.allclose(shares[1], shares[2], atol=0.02)


def test_music_tags_of_a_network(material: Path) -> None:
    labels = [json.loads(line) for line in (material / "media" / "index.jsonl").read_text("utf-8").splitlines()]
    songs = [label for label in labels if label.get("msd_accept")]
    right = 0
    for label in songs:
        found = moments(findings(material / label["file"], Kind.MUSIC, "music", models(material / "models")))
        top = sorted(found, key=lambda moment: -moment.score)[:3]
        names = {name for moment in top if moment.concept for name in (moment.concept.en, *moment.concept.aliases)}
        assert all(moment.source.model for moment in found)
        right += bool({name.lower() for name in label["msd_accept"]} & {name.lower() for name in names})
    assert right >= len(songs) - 1
