"""Speech, music and silence on sound of known content."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from media_assistant.analysis.hearing import Hearing, quietest, runs
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.items.span import TimeSpan
from tests.analysis.listening import RATE_HZ, blocks, findings, models, moments, tune, write_wave


def spans(found: list[Moment], concept: str) -> list[TimeSpan]:
    return [one.span for one in found if one.concept and one.concept.id == concept and isinstance(one.span, TimeSpan)]


def test_the_sample_film_speaks_where_it_was_made_to(samples: Path) -> None:
    truth = json.loads((samples / "truth.json").read_text("utf-8"))["journey.mp4"]
    found = moments(findings(samples / "journey.mp4", Kind.VIDEO, "voice", models()))
    speech = spans(found, "speech")
    assert len(speech) == len(truth["shots"])
    for span, shot in zip(speech, truth["shots"], strict=True):
        assert span.start_ms == pytest.approx(shot["spoken_start_ms"], abs=300)
        assert span.end_ms == pytest.approx(shot["spoken_end_ms"], abs=400)
    assert not spans(found, "music")
    assert all(one.concept and one.concept.zh for one in found)


@pytest.mark.parametrize("name", ["evening-walk.ogg", "bright-morning.flac"])
def test_the_sample_melodies_are_music(samples: Path, name: str) -> None:
    found = moments(findings(samples / name, Kind.MUSIC, "voice", models()))
    (music,) = spans(found, "music")
    assert music.start_ms < 2000
    assert not spans(found, "speech")


def test_waves_are_neither(samples: Path) -> None:
    assert not moments(findings(samples / "waves.ogg", Kind.MUSIC, "voice", models()))


def test_music_between_silence_and_noise(tmp_path: Path) -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal(10 * RATE_HZ)
    sound = np.concatenate([np.zeros(6 * RATE_HZ), tune(100, [[0, 4, 7], [5, 9, 12]], 30)[: 14 * RATE_HZ], noise])
    found = moments(findings(write_wave(tmp_path / "a.wav", sound), Kind.MUSIC, "voice", models()))
    (music,) = spans(found, "music")
    assert music.start_ms == pytest.approx(6000, abs=1700)
    assert music.end_ms == pytest.approx(20_000, abs=1700)
    (silence,) = spans(found, "silence")
    assert silence.start_ms == 0
    assert silence.end_ms == pytest.approx(6000, abs=200)


def test_a_hum_is_no_music(tmp_path: Path) -> None:
    t = np.arange(20 * RATE_HZ) / RATE_HZ
    hum = sum(0.1 * np.sin(2 * np.pi * 50 * k * t) / k for k in range(1, 9))
    assert not spans(moments(findings(write_wave(tmp_path / "hum.wav", hum), Kind.MUSIC, "voice", models())), "music")


def test_speech_over_the_border_of_two_pieces_is_one(material: Path) -> None:
    """Three minutes of speech without long pauses are cut into pieces; nobody hears the cuts."""
    import av

    with av.open(str(material / "media" / "speech" / "jfk.flac")) as file:
        resampler = av.AudioResampler("flt", "mono", RATE_HZ)
        frames = [out for frame in file.decode(audio=0) for out in resampler.resample(frame)]
    once = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    long = np.tile(once, 9)
    hearing = Hearing(models().voice())
    for block in blocks(long):
        hearing.push(block)
    pieces = hearing.finish().speech
    whole = models().voice().speech_spans(long)
    assert len(pieces) == pytest.approx(len(whole), abs=2)
    ours, theirs = sum(b - a for a, b in pieces), sum(b - a for a, b in whole)
    assert ours == pytest.approx(theirs, rel=0.02)


def test_two_passes_that_push_the_same_block_hear_it_once() -> None:
    hearing = Hearing(models().voice())
    for block in blocks(np.zeros(5 * RATE_HZ)):
        hearing.push(block)
        hearing.push(block)
    assert hearing.finish().end_s == pytest.approx(5)
    assert hearing.finish().silence == ((0.0, 5.0),)


def test_quietest_place_and_runs() -> None:
    sound = np.ones(20 * RATE_HZ, np.float32)
    sound[15 * RATE_HZ : 15 * RATE_HZ + RATE_HZ // 2] = 0
    assert 15 * RATE_HZ < quietest(sound, 10) < 15.5 * RATE_HZ
    assert runs(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    assert runs(np.array([], np.bool_)) == []
