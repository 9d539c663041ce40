"""A few seconds of sound: poor copies are known, and what only sounds alike is not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from media_assistant.analysis import same_sound, short_sounds
from media_assistant.analysis.short_sounds import ShortSound, unpack
from media_assistant.analysis.sound_prints import SoundPrint
from media_assistant.analysis.spectra import RATE_HZ

Sound = NDArray[np.float32]


def rain(seed: int, seconds: float = 5) -> Sound:
    return np.random.default_rng(seed).normal(0, 0.1, round(seconds * RATE_HZ)).astype(np.float32)


def tone(hertz: float, start_s: float = 1, end_s: float = 4, seconds: float = 5) -> Sound:
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (0.3 * np.sin(2 * np.pi * hertz * at) * ((at >= start_s) & (at < end_s))).astype(np.float32)


def made(sound: Sound, block: int = 7000) -> bytes:
    asked = ShortSound()
    for start in range(0, len(sound), block):
        asked.push(sound[start : start + block])
    return asked.finish()


def changes(sound: Sound) -> short_sounds.Changes:
    return unpack(made(sound))


def words(sound: Sound) -> NDArray[np.uint32]:
    asked = SoundPrint()
    asked.push(sound)
    return asked.finish()


def test_rain_is_known_under_as_much_noise_and_other_rain_is_not() -> None:
    rains = [rain(seed) for seed in range(8)]
    poor = [changes(0.5 * each[5000:] + 0.3 * rain(100 + at)[5000:]) for at, each in enumerate(rains)]
    whole = [changes(each) for each in rains]
    for at, copy in enumerate(poor):
        for other, sound in enumerate(whole):
            likeness = short_sounds.compare(copy, sound)
            assert (likeness is not None) == (at == other)
            if likeness is not None:
                assert likeness.share > 0.9
                assert abs(likeness.offset_ms - 5000 / 16) <= 64


def test_half_of_a_sound_that_is_in_another_is_told_as_half() -> None:
    shared, one, other = rain(1, 3), rain(2, 2), rain(3, 2)
    likeness = short_sounds.compare(changes(np.concatenate([shared, one])), changes(np.concatenate([shared, other])))
    assert likeness is None or likeness.share < 0.7
    assert short_sounds.compare(changes(np.concatenate([shared, one])), changes(np.concatenate([other, one]))) is None


def test_two_tones_are_not_the_same_although_their_bits_are() -> None:
    low, high = tone(440), tone(880)
    by_words = same_sound.compare(words(low), words(high), [0])
    assert by_words is not None
    assert by_words.share > 0.9
    assert short_sounds.compare(changes(low), changes(high)) is None
    again = short_sounds.compare(changes(low), changes(0.5 * low + rain(1) * 1e-4))
    assert again is not None
    assert again.offset_ms == 0


def test_the_best_offset_is_that_of_comparing_at_each() -> None:
    draw = np.random.default_rng(2)
    for sizes in ((40, 70), (70, 40), (50, 50)):
        one, other = (draw.integers(1, 16, (size, 32)).astype(np.uint8) for size in sizes)
        start = 12 if sizes[1] > sizes[0] else -9
        common = slice(max(0, -start), min(sizes[0], sizes[1] - start))
        other[common.start + start : common.stop + start] = one[common]
        one[3:6], other[20:24] = 0, 0
        values = [np.where(each > 0, each.astype(float) - 8, 0) for each in (one, other)]
        best = (-1.0, 0)
        for offset in range(5 - sizes[0], sizes[1] - 4):
            part = slice(max(0, -offset), min(sizes[0], sizes[1] - offset))
            its = slice(part.start + offset, part.stop + offset)
            both = (one[part, 0] > 0) & (other[its, 0] > 0)
            a, b = values[0][part][both], values[1][its][both]
            if both.sum() >= 0.5 * min((each[:, 0] > 0).sum() for each in (one, other)):
                best = max(best, (float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum())), offset))
        likeness = short_sounds.compare(one, other)
        assert likeness is not None
        assert likeness.offset_ms == 64 * best[1] == 64 * start
        assert 1 - 2 * likeness.apart == pytest.approx(best[0], abs=1e-5)


def test_it_is_kept_of_a_few_seconds_alone_and_however_they_come() -> None:
    sound = rain(1)
    assert len(made(sound)) == 16 * ((len(sound) - 4096) // 1024 + 1 - 3)
    assert made(sound) == made(sound, 160_000) == made(sound, 999)
    assert not made(rain(1, 19))
    assert not made(rain(1, 19), 400_000)
    assert not made(rain(1, 0.3))
    assert made(rain(1, 16.4)), "as long as a short one can be"
    silent = changes(np.zeros(5 * RATE_HZ, np.float32))
    assert not silent.any()
    assert short_sounds.compare(silent, changes(sound)) is None


def test_of_what_is_cut_off_whole_rows_are_read() -> None:
    marks = made(rain(1))
    assert len(unpack(b"")) == len(unpack(marks[:15])) == 0
    assert np.array_equal(unpack(marks[:-5]), unpack(marks)[:-1])
