"""Texts: language, passages, keywords, meaning; subtitles as lines."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assistant.analysis.analyser import Job
from media_assistant.analysis.keywords import Keywords
from media_assistant.analysis.languages import language_of
from media_assistant.analysis.passages import LONGEST, cut_passages
from media_assistant.analysis.registry import load
from media_assistant.analysis.subtitles import lines_to_moments
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Sense
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.media.source import Document, MediaSource, Page
from media_assistant.media.subtitles import Line, Subtitles
from tests.analysis.listening import findings, models, moments, traits, vectors

_TEXTS = ("lighthouse.md", "灯塔与大海.txt", "night-sky.txt", "夜空.html")


@pytest.mark.parametrize("name", _TEXTS)
def test_the_sample_texts(samples: Path, name: str) -> None:
    truth = json.loads((samples / "truth.json").read_text("utf-8"))[name]
    found = findings(samples / name, Kind.TEXT, "words", models())
    assert traits(found)["language"] == truth["language"]
    lines = [one for one in moments(found) if one.layer is Layer.LINE]
    assert lines
    assert all(line.language == truth["language"] and line.sense is Sense.WRITTEN for line in lines)
    assert {vector.span for vector in vectors(found)} == {line.span for line in lines}
    names = {form for one in moments(found) if one.concept for form in (one.concept.en.lower(), one.concept.zh)}
    wanted = {"sea": {"lighthouse", "sea", "灯塔", "大海"}, "night sky": {"star", "telescope", "恒星", "望远镜"}}
    assert names & wanted[truth["topic"]]


def test_the_samples_meet_across_languages(samples: Path) -> None:
    """By the built-in network alone, each text's nearest is the one of the same topic in the other language."""
    points = {}
    for name in _TEXTS:
        found = vectors(findings(samples / name, Kind.TEXT, "words", models()))
        mean = np.mean([np.frombuffer(vector.values, "<f4") for vector in found], axis=0)
        points[name] = mean / np.linalg.norm(mean)
    topics = {name: truth.get("topic") for name, truth in json.loads((samples / "truth.json").read_text()).items()}
    for name, point in points.items():
        nearest = max((other for other in points if other != name), key=lambda other: float(points[other] @ point))
        assert topics[nearest] == topics[name]


def test_keywords_stand_where_they_say(samples: Path) -> None:
    text = (samples / "灯塔与大海.txt").read_text("utf-8")
    for one in moments(findings(samples / "灯塔与大海.txt", Kind.TEXT, "words", models())):
        if one.concept and isinstance(one.span, TextSpan):
            written = text[one.span.start : one.span.end]
            assert written in {one.concept.zh, *one.concept.aliases}


def test_traditional_chinese_keywords_keep_their_letters() -> None:
    keywords = Keywords("zh")
    keywords.read("燈塔照亮了海灣，燈塔旁邊的漁船回到港口。燈塔很高。", 1, 0)
    best = keywords.best()
    assert best[0].text == "燈塔"
    assert best[0].places[0] == (1, 0, 2)


def test_english_names_keep_capitals_and_plurals_are_one() -> None:
    keywords = Keywords("en")
    keywords.read("The potatoes grow near the Milky Way. A potato is a potato. We saw the Milky Way.", 1, 0)
    found = {keyword.text: keyword for keyword in keywords.best()}
    assert "Milky Way" in found
    assert len(found["potato"].places) == 3


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("灯台守は毎晩階段を登ります。灯台守は毎晩階段を登ります。Leuchtturm", "ja", ["Leuchtturm"]),
        ("ผู้ดูแลประภาคารขึ้นบันไดทุกเย็น", "th", []),
        ("守塔人每天傍晚爬上灯塔 lighthouse", "", ["lighthouse"]),
        ("प्रकाशस्तंभ समुद्र के पास है। प्रकाशस्तंभ ऊँचा है।", "hi", ["प्रकाशस्तंभ", "समुद्र"]),
        ("등대지기는 계단을 오른다. 등대지기는 불을 켠다.", "ko", ["등대지기는"]),
    ],
)
def test_keywords_of_other_languages_are_words(text: str, language: str, wanted: list[str]) -> None:
    """Whole clauses, where no space parts them, and words that were cut at their vowels, say nothing."""
    keywords = Keywords(language)
    keywords.read(text, 1, 0)
    best = keywords.best()
    assert [one.text for one in best] == wanted
    assert all(text[start:end].lower() == one.text.lower() for one in best for _, start, end in one.places)


def test_the_language_of_a_text_behind_pages_of_pictures(tmp_path: Path, samples: Path) -> None:
    written = Page(11, (samples / "灯塔与大海.txt").read_text("utf-8"))
    document = Document((*(Page(number, "\n") for number in range(1, 11)), written))
    job = Job(tmp_path, Kind.TEXT, cast("MediaSource", None), models())
    found = list(load("words").open(job).document(document))
    assert traits(found)["language"] == "zh"
    assert "灯塔" in {one.concept.zh for one in moments(found) if one.concept}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The keeper climbs the stairs every evening.", "en"),
        ("守塔人每天傍晚爬上灯塔。", "zh"),
        ("守塔人每天傍晚爬上燈塔，把燈點亮。", "zh"),
        ("灯台守は毎晩階段を登ります。", "ja"),
        ("등대지기는 매일 저녁 계단을 오른다.", "ko"),
        ("Der Leuchtturmwärter steigt jeden Abend die Treppe hinauf.", "de"),
        ("Le gardien du phare monte l'escalier chaque soir.", "fr"),
        ("Смотритель маяка каждый вечер поднимается по лестнице.", "ru"),
        ("我用 iPhone 拍了一张 photo，然后发给朋友。", "zh"),
        ("12345 --- !!!", ""),
        ("", ""),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language


@given(st.text(alphabet=st.sampled_from("ab. \n。！，海灯\t\u3000x"), max_size=3000))
def test_passages_cover_every_letter_once(text: str) -> None:
    spans = list(cut_passages(text))
    for (_, end), (start, _) in pairwise(spans):
        assert end <= start
    for start, end in spans:
        assert 0 < end - start <= LONGEST
        assert text[start:end] == text[start:end].strip()
    outside = text
    for start, end in reversed(spans):
        outside = outside[:start] + outside[end:]
    assert not any(letter.isalnum() for letter in outside)


def test_passages_end_where_sentences_do() -> None:
    text = "The keeper lights the lamp. " * 60
    for start, end in cut_passages(text):
        assert text[start:end].startswith("The")
        assert text[start:end].endswith(".")
        assert end - start > 250


def test_a_heading_goes_with_its_paragraph() -> None:
    text = "The lighthouse\n\nEvery evening the keeper climbs up.\n\n" + "Waves break against the cliff. " * 6
    spans = list(cut_passages(text))
    assert text[slice(*spans[0])].startswith("The lighthouse\n\nEvery evening")


@pytest.mark.parametrize("unit", ["lighthouse and sea ", "a", "灯塔与大海"])
def test_one_very_long_line_takes_time_in_proportion(unit: str) -> None:
    text = unit * (5_000_000 // len(unit.encode()))
    started = time.thread_time()
    count = sum(1 for _ in cut_passages(text))
    assert count >= len(text) / LONGEST
    assert time.thread_time() - started < 20


def test_the_lines_of_other_items_get_a_meaning(samples: Path) -> None:
    lines = lines_to_moments(Subtitles("en", (Line(0, 1500, "The lighthouse"), Line(1600, 3000, "by the sea."))))
    found = findings(samples / "journey.mp4", Kind.VIDEO, "words", models(), known=lines)
    (vector,) = vectors(found)
    assert vector.span == TimeSpan(0, 3000)


def test_subtitles_become_lines_with_their_language() -> None:
    lines = lines_to_moments(
        Subtitles("", (Line(0, 900, "守塔人每天傍晚爬上灯塔。"), Line(900, 950, "♪"), Line(1000, 2000, "把灯点亮。")))
    )
    assert [line.text for line in lines] == ["守塔人每天傍晚爬上灯塔。", "把灯点亮。"]
    assert {line.language for line in lines} == {"zh"}
    assert {line.source.analyser for line in lines} == {"subtitles"}


def test_lyrics_inside_a_file_are_read(samples: Path, tmp_path: Path) -> None:
    copy = tmp_path / "song.flac"
    with av.open(str(samples / "bright-morning.flac")) as old, av.open(str(copy), "w") as new:
        stream = new.add_stream_from_template(old.streams.audio[0])
        new.metadata.update({"LYRICS": "[00:01.00]Over the lake\n[00:04.50]a balloon is rising"})
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    found = findings(copy, Kind.MUSIC, "subtitles", models())
    lines = moments(found)
    assert [line.text for line in lines] == ["Over the lake", "a balloon is rising"]
    assert isinstance(lines[0].span, TimeSpan)
    assert lines[0].span.start_ms == 1000
    assert vectors(found)


def test_a_file_without_subtitles_says_nothing(samples: Path) -> None:
    assert not findings(samples / "journey.mp4", Kind.VIDEO, "subtitles", models())
