"""Spoken lines: right words, right times, checkpoints to go on from, and none where nobody speaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media_assistant.analysis.analyser import Job
from media_assistant.analysis.meaning import grouped
from media_assistant.analysis.speech import SpeechAnalyser
from media_assistant.items.findings import Finding
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.media.source import Sound
from tests.analysis.listening import RATE_HZ, checkpoints, findings, models, moments, tune, vectors, write_wave


def said(found: list[Finding]) -> str:
    words = " ".join(one.text for one in moments(found)).lower().replace(",", " ").replace(".", " ")
    return " ".join(words.split())


def labels(material: Path, kind: str) -> list[dict[str, object]]:
    lines = (material / "media" / "index.jsonl").read_text("utf-8").splitlines()
    return [label for label in map(json.loads, lines) if label["kind"] == kind]


def test_marked_digits_are_exact(material: Path) -> None:
    marked = [label for label in labels(material, "speech-digits") if label["asr_exact"]]
    using = models(material / "models")
    wrong = {}
    for label in marked:
        found = findings(material / str(label["file"]), Kind.MUSIC, "speech", using)
        if said(found) != label["transcript"]:
            wrong[label["file"]] = said(found)
        assert all(one.language == "en" and one.sense is Sense.SAID and 0 < one.score <= 1 for one in moments(found))
    assert not wrong


def test_digits_inside_films_are_exact_and_in_time(material: Path) -> None:
    using = models(material / "models")
    for label in labels(material, "video-composed"):
        found = findings(material / str(label["file"]), Kind.VIDEO, "speech", using)
        assert said(found) == label["transcript"], label["file"]
        for line, (start_s, end_s, text) in zip(moments(found), label.get("segments", []), strict=True):  # type: ignore[call-overload]
            assert isinstance(line.span, TimeSpan)
            assert line.text.strip().lower() == text
            assert line.span.start_ms < end_s * 1000
            assert line.span.end_ms > start_s * 1000


def test_the_samples_digits_are_read(samples: Path, material: Path) -> None:
    found = moments(findings(samples / "journey.mp4", Kind.VIDEO, "speech", models(material / "models")))
    assert any("seven three five" in line.text.lower() for line in found)


def test_it_goes_on_where_it_was_stopped(material: Path) -> None:
    film = next((material / "media" / "videos").glob("slides_speech_1.mp4"))
    using = models(material / "models")
    whole = findings(film, Kind.VIDEO, "speech", using)
    marks = checkpoints(whole)
    assert marks == sorted(marks)
    assert marks[-1] == pytest.approx(12_000, abs=120)
    first = moments(whole)[0]
    assert isinstance(first.span, TimeSpan)
    rest = findings(film, Kind.VIDEO, "speech", using, start_ms=first.span.end_ms, known=[first])
    assert said([first, *rest]) == said(whole)
    for line in moments(rest):
        assert isinstance(line.span, TimeSpan)
        assert line.span.start_ms >= first.span.end_ms


class Listening:
    """Networks that only note in which language they are asked."""

    window_s = 30.0

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def speech(self, language: str) -> Listening:
        self.asked.append(("opened", language))
        return self

    def texts(self) -> list[object]:
        return []

    def transcribe(self, _mono: object, *, language: str, hotwords: object) -> tuple[str, list[object]]:
        self.asked.append(("heard", language))
        return language or "en", []


@pytest.mark.parametrize(("spoken", "network"), [((), ""), (("en",), "en"), (("en", "zh"), "")])
def test_it_goes_on_in_the_language_it_was_in_with_the_network_it_began_with(
    spoken: tuple[str, ...], network: str
) -> None:
    using: Any = Listening()
    line = Moment(TimeSpan(0, 900), Sense.SAID, Layer.LINE, text="灯塔", language="zh")
    source: Any = None
    job = Job(Path("film"), Kind.VIDEO, source, using, start_ms=900, known=(line,), languages=spoken)
    watching = SpeechAnalyser().open(job)
    silence = np.zeros(RATE_HZ, np.float32)
    list(watching.sound(Sound(900, silence, silence[None], RATE_HZ)))
    list(watching.finish())
    assert using.asked == [("opened", network), ("heard", "zh")]


@pytest.mark.parametrize("which", ["silence", "music", "noise"])
def test_no_words_where_nobody_speaks(material: Path, tmp_path: Path, which: str) -> None:
    sound = {
        "silence": np.zeros(20 * RATE_HZ),
        "music": tune(100, [[0, 4, 7], [5, 9, 12]], 30),
        "noise": 0.2 * np.random.default_rng(8).standard_normal(20 * RATE_HZ),
    }[which]
    file = write_wave(tmp_path / "a.wav", sound)
    found = findings(file, Kind.MUSIC, "speech", models(material / "models"))
    assert not moments(found)
    assert checkpoints(found)


def test_lines_have_a_meaning_in_every_text_space(material: Path) -> None:
    using = models(material / "models")
    found = findings(material / "media" / "digits" / "george_06.wav", Kind.MUSIC, "speech", using)
    assert {vector.space for vector in vectors(found)} == {network.space for network in using.texts()}
    assert {vector.span for vector in vectors(found)} == {line.span for line in moments(found)}


def test_lines_are_grouped_at_pauses_and_length() -> None:
    def line(start_ms: int, end_ms: int, text: str) -> Moment:
        return Moment(TimeSpan(start_ms, end_ms), Sense.SAID, Layer.LINE, text=text)

    lines = [
        line(0, 1000, "In the"),
        line(1000, 2000, "harbour."),
        line(9000, 9900, "Yes."),
        line(10_000, 12_000, "x" * 199),
    ]
    assert list(grouped(lines)) == [
        (TimeSpan(0, 2000), "In the harbour."),
        (TimeSpan(9000, 9900), "Yes."),
        (TimeSpan(10_000, 12_000), "x" * 199),
    ]
