from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.moment import Word
from media_assistant.items.span import LATEST_MS
from media_assistant.media.subtitles import (
    Line,
    Subtitles,
    embedded,
    find_sidecars,
    language_code,
    read,
    sidecar_language,
    write,
)
from media_assistant.media.transcript_files import read_transcript
from tests.media.conftest import Maker

SRT = "1\n00:00:01,000 --> 00:00:02,500\n<i>Hello</i> there\nsecond line\n\n2\n00:00:03,000 --> 00:00:04,000\n你好，世界\n"
LINES = (Line(1000, 2500, "Hello there\nsecond line"), Line(3000, 4000, "你好，世界"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk"])
def test_srt_in_every_encoding(encoding: str) -> None:
    text = SRT + "".join(f"\n{n}\n00:00:0{n},000 --> 00:00:0{n},900\n我们今天才看到它们\n" for n in (5, 6, 7))
    assert read(text.encode(encoding)).lines[:2] == LINES


def test_other_film_formats() -> None:
    vtt = "WEBVTT\n\nNOTE x\n\n00:01.000 --> 00:02.500 align:start\n<v Ann>Hello there\nsecond line\n\n00:00:03.000 --> 00:00:04.000\n你好，世界\n"
    assert read(vtt.encode()).lines == LINES
    ass = (
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,20\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\b1}Hello there\\Nsecond line\n"
        "Comment: 0,0:00:02.00,0:00:02.50,Default,,0,0,0,,not said\n"
        "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,你好，世界\n"
        "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\n"
    )
    assert read(ass.encode()).lines == LINES


def test_lrc() -> None:
    text = (
        "[ti:Song]\n[offset:+500]\n[00:12.00][01:00.50]Line one\n[00:15.30]\n[00:20.0]<00:20.00>two <00:21.50>words\n"
    )
    lines = read(text.encode(), suffix=".lrc").lines
    assert lines[0] == Line(11_500, 14_800, "Line one")
    assert lines[1].text == "two words"
    assert [(word.start_ms, word.end_ms, word.text) for word in lines[1].words] == [
        (19_500, 21_000, "two"),
        (21_000, 34_500, "words"),
    ]
    assert lines[2] == Line(60_000, 64_000, "Line one")


@pytest.mark.parametrize(
    "text",
    [
        SRT.replace("second line", "[12:30]"),
        "WEBVTT\n\n00:01.000 --> 00:02.500\nHello there\n[12:30] it says\n",
        "[Script Info]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,Hello there\n[12:30] left over\n",
    ],
)
def test_a_clock_that_is_said_makes_no_lyrics(text: str) -> None:
    line = read(text.encode()).lines[0]
    assert (line.start_ms, line.text.split("\n")[0]) == (1000, "Hello there")


@pytest.mark.parametrize(
    "data",
    [b"", b"nothing of the kind", b"1\n00:00:01,000 -->\n", b"\x00\x01\x02\xff" * 100, b"WEBVTT\n\n", b"[00:aa]x"],
)
def test_what_is_no_subtitle(data: bytes) -> None:
    with pytest.raises(UserFixable) as caught:
        read(data)
    assert caught.value.code == "media.subtitles_damaged"


def test_sidecars_and_their_languages(tmp_path: Path) -> None:
    film = tmp_path / "My.Film.2020.mkv"
    film.write_bytes(b"x")
    for name in (
        "My.Film.2020.srt",
        "My.Film.2020.zh-Hans.srt",
        "My.Film.2020.eng.forced.srt",
        "my.film.2020.chs.ASS",
        "My.Film.2020.txt",
        "My.Film.srt",
        "My.Film.2020b.srt",
    ):
        (tmp_path / name).write_text(SRT)
    found = find_sidecars(film)
    assert [sidecar.path.name for sidecar in found] == [
        "My.Film.2020.srt",
        "My.Film.2020.zh-Hans.srt",
        "my.film.2020.chs.ASS",
        "My.Film.2020.eng.forced.srt",
    ]
    assert [read(sidecar.path).language for sidecar in found] == ["", "zh", "zh", "en"]
    assert [sidecar.language for sidecar in found] == ["", "zh", "zh", "en"]
    assert [sidecar.is_partial for sidecar in found] == [False, False, False, True]


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("Some.Like.It.Hot.1959.srt", ""),
        ("Some.Like.It.Hot.1959.en.srt", "en"),
        ("The.Italian.Job.srt", ""),
        ("film.zh-Hans.forced.srt", "zh"),
        ("film.en.sdh.2.srt", "en"),
        ("film.en.hi.srt", "en"),
        ("film.hi.srt", "hi"),
        ("zh.srt", ""),
        ("film.srt", ""),
    ],
)
def test_the_language_stands_at_the_end_of_a_name(name: str, language: str) -> None:
    assert sidecar_language(Path(name)) == language


def test_language_names() -> None:
    assert [
        language_code(name) for name in ("chi", "zh_TW", "English", "pt-BR", "fil-PH", "2020", "forced", "简体")
    ] == ["zh", "zh", "en", "pt", "", "", "", "zh"]


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_embedded(make_film: Maker, name: str) -> None:
    path = make_film(name, frames=40, subtitles=[(500, 1500, "First words"), (2000, 3000, "第二句")])
    (found,) = embedded(path)
    assert [(line.start_ms, line.end_ms, line.text) for line in found.lines] == [
        (500, 1500, "First words"),
        (2000, 3000, "第二句"),
    ]


def test_looking_for_lines_gives_signs_of_life_where_there_are_none(make_film: Maker) -> None:
    path = make_film("a.mkv", frames=1000, size=(32, 32), subtitles=[(100, 200, "The only words")])
    asked: list[None] = []
    (found,) = embedded(path, lambda: bool(asked.append(None)))
    assert [line.text for line in found.lines] == ["The only words"]
    assert len(asked) >= 3
    with pytest.raises(Cancelled):
        embedded(path, lambda: True)


def test_lyrics_tags(make_sound: Maker) -> None:
    plain = make_sound("a.flac", "flac", metadata={"LYRICS": "One line\nAnother line"})
    (found,) = embedded(plain)
    assert not found.is_timed
    assert [line.text for line in found.lines] == ["One line", "Another line"]
    timed = make_sound("b.flac", "flac", metadata={"LYRICS": "[00:01.00]One\n[00:02.00]Two"})
    (found,) = embedded(timed)
    assert found == Subtitles("", (Line(1000, 2000, "One"), Line(2000, 6000, "Two")))


def test_lyrics_without_times_last_as_long_as_a_song_that_does_not_say_its_length(make_sound: Maker) -> None:
    words = {"LYRICS": "One line\nAnother line"}
    (found,) = embedded(make_sound("a.mp3", "mp3", metadata=words, options={"write_xing": "0"}))
    assert [line.text for line in found.lines] == ["One line", "Another line"]
    assert {line.start_ms for line in found.lines} == {0}
    assert all(abs(line.end_ms - 2500) < 100 for line in found.lines)


def test_written_files_read_back() -> None:
    words = (Word(1000, 1500, "Hello", 0.91234), Word(1500, 2500, " there", 0.5))
    lines = [Line(1000, 2500, "Hello there", words), Line(3_700_000, 3_701_230, "a < b & c\n\n-->"), Line(0, 1, "  ")]
    assert read(write(lines, "srt").encode()).lines[0] == Line(1000, 2500, "Hello there")
    assert "01:01:40,000 --> 01:01:41,230" in write(lines, "srt")
    back = read(write(lines, "vtt").encode()).lines
    assert back[1] == Line(3_700_000, 3_701_230, "a < b & c\n->")
    assert write(lines, "txt") == "Hello there\na < b & c -->\n"
    assert write(lines[:1], "lrc") == "[00:01.00]Hello there\n[00:02.50]\n"
    found = json.loads(write(lines, "json", language="en"))
    assert found["language"] == "en"
    assert found["segments"][0]["words"][0] == {
        "start_ms": 1000,
        "end_ms": 1500,
        "text": "Hello",
        "probability": 0.9123,
    }
    with pytest.raises(ValueError, match="docx"):
        write(lines, "docx")


@given(
    st.lists(
        st.tuples(
            st.integers(1, 5000),
            st.integers(1, 5000),
            st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=30),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_any_transcript_survives_srt_and_vtt(parts: list[tuple[int, int, str]]) -> None:
    lines, at = [], 0
    for gap, length, text in parts:
        lines.append(Line(at + gap, at + gap + length, f"say {text}"))
        at += gap + length
    assert list(read(write(lines, "srt").encode()).lines) == lines
    assert list(read(write(lines, "vtt").encode()).lines) == lines


@given(st.binary(max_size=400))
def test_any_bytes_are_survived(data: bytes) -> None:
    with contextlib.suppress(UserFixable):
        assert read(data).lines


_NINES = "9" * 5000
_HARD = {
    "lines of lyrics": "[00:01.00]la\n" * 60_000,
    "times in a line": "[00:01.00]" * 60_000 + "la",
    "times and words": "".join(f"[00:{n % 60:02}.00]" for n in range(10_000)) + "la la " * 10_000,
    "a wild offset": f"[offset:{_NINES}]\n[00:01.00]la\n",
    "a wild hour": f"1\n{_NINES}:00:00,000 --> {_NINES}:00:01,000\nno\n\n2\n00:00:01,000 --> 00:00:02,000\nla\n",
    "the year 10000": "1\n99999999:00:00,000 --> 99999999:00:01,000\nno\n\n2\n00:00:01,000 --> 00:00:02,000\nla\n",
    "open brackets": "1\n00:00:01,000 --> 00:00:02,000\nla" + "<" * 100_000 + "{\\" * 100_000,
    "marks of style": "[Script Info]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,la"
    + "{\\b1}" * 100_000,
    "marks without end": "[Script Info]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,la"
    + "{\\" * 100_000,
}


@pytest.mark.parametrize("what", _HARD)
def test_promise_12_subtitles_cost_no_more_than_their_length_and_no_time_is_absurd(what: str) -> None:
    started = time.thread_time()
    lines = read(_HARD[what].encode()).lines
    assert time.thread_time() - started < 4
    assert lines[0].text.startswith("la")
    assert all(0 <= line.start_ms <= line.end_ms <= LATEST_MS for line in lines)
    assert "no" not in [line.text for line in lines]


@pytest.mark.parametrize(
    "text",
    [
        "{0}{25}la\n{" + "9" * 300 + "}{" + "9" * 300 + "}never\n",
        "[0][25]la\n[" + "9" * 400 + "][" + "9" * 400 + "]never\n",
        "<!DOCTYPE tt [<!ENTITY a 'la'>]><tt xmlns='http://www.w3.org/ns/ttml'><body><div><p begin='1s' end='2s'>&a;</p></div></body></tt>",
        "<tt xmlns='http://www.w3.org/ns/ttml'><body>" + "<div>" * 30_000,
        "<tt xmlns='http://www.w3.org/ns/ttml'><body><div><p begin='12f' end='2x'>la</p></div></body></tt>",
    ],
)
def test_promise_12_rare_subtitles_are_read_or_refused_in_words(text: str) -> None:
    with contextlib.suppress(UserFixable):
        assert all(0 <= line.start_ms <= line.end_ms <= LATEST_MS for line in read(text.encode()).lines)


def test_styled_lines_by_the_order_that_the_file_says() -> None:
    text = (
        "[Events]\r\nFormat: Start, End, Text\r\nDialogue: 0:00:01.5,0:00:02.00,{\\an8}One, two\\Nthree\r\n"
        "Dialogue: wrong,0:00:03.00,left out\r\n[V4+ Styles]\r\nStyle: x\r\n"
    )
    assert read(text.encode()).lines == (Line(1500, 2000, "One, two\nthree"),)


def test_promise_12_a_transcript_of_wild_values_is_refused_or_bounded(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    for start, text in ((1e300, "la"), (-5, "la"), (1, "\ud800la"), (1, {"a": 1})):
        file.write_text(json.dumps([{"start": start, "end": 1e300, "text": text}]))
        (line,) = read_transcript(file).lines
        assert 0 <= line.start_ms <= line.end_ms <= LATEST_MS
        line.text.encode()
    for wild in (
        '{"segments": 5}',
        "[" * 100_000,
        '[{"start": NaN, "end": 1, "text": "x"}]',
        '[{"start": 1e999, "end": 1, "text": "x"}]',
    ):
        file.write_text(wild)
        with pytest.raises(UserFixable):
            read_transcript(file)
