"""Of all that lies beside a film and in it, each language becomes one transcript."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest
from av.stream import Disposition

from media_assistant.analysis.subtitles import beside, each_language_once
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.media.subtitles import Line, Subtitles, embedded
from tests.analysis.listening import findings, models, moments

ENGLISH = ["The keeper climbs the stairs every evening.", "He lights the lamp.", "The sea is calm tonight."]
CHINESE = ["守塔人每天傍晚爬上灯塔。", "他把灯点亮。", "今晚的大海很平静。"]


class Track(NamedTuple):
    """A stream of subtitles."""

    lines: Sequence[str]
    language: str = "eng"
    title: str = ""
    disposition: Disposition = Disposition(0)
    codec: str = "subrip"


def srt(lines: Sequence[str]) -> str:
    return "\n".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{line}\n" for n, line in enumerate(lines, 1))


def make_film(path: Path, *tracks: Track, tags: dict[str, str] | None = None) -> Path:
    with av.open(str(path), "w") as out:
        out.metadata.update(tags or {})
        video = out.add_stream("mpeg4", rate=10)
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        streams = []
        for track in tracks:
            stream = out.add_mux_stream(track.codec)
            stream.metadata.update({"language": track.language, "title": track.title})
            stream.disposition = track.disposition
            streams.append(stream)
        for _ in range(50):
            out.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")))
        out.mux(video.encode(None))
        for stream, track in zip(streams, tracks, strict=True):
            for number, line in enumerate(track.lines, 1):
                packet = av.Packet(line.encode())
                packet.stream, packet.time_base = stream, Fraction(1, 1000)
                packet.pts = packet.dts = 1000 * number
                packet.duration = 900
                out.mux(packet)
    return path


def told(path: Path) -> dict[tuple[str, Sense], list[str]]:
    found: dict[tuple[str, Sense], list[str]] = {}
    for line in moments(findings(path, Kind.VIDEO, "subtitles", models())):
        found.setdefault((line.language, line.sense), []).append(line.text)
    return found


@pytest.mark.parametrize("names", [("film.srt",), ("film.srt", "film.en.srt"), ("film.eng.srt",), ()])
def test_one_language_from_several_sources_comes_once(tmp_path: Path, names: tuple[str, ...]) -> None:
    film = make_film(tmp_path / "film.mkv", Track(ENGLISH), Track(CHINESE, "chi"))
    for name in names:
        (tmp_path / name).write_text(srt(ENGLISH))
    assert told(film) == {("en", Sense.SAID): ENGLISH, ("zh", Sense.SAID): CHINESE}


def test_of_streams_in_one_language_the_whole_one_is_the_transcript(tmp_path: Path) -> None:
    noisy = [f"[WAVES] {line}" for line in ENGLISH]
    film = make_film(
        tmp_path / "film.mkv",
        Track(["LIGHTHOUSE ROAD"], title="Signs & Songs"),
        Track(["LIGHTHOUSE ROAD"], disposition=Disposition.forced),
        Track(noisy, disposition=Disposition.hearing_impaired),
        Track(ENGLISH),
    )
    assert told(film) == {("en", Sense.SAID): ENGLISH}


def test_signs_alone_are_no_transcript(tmp_path: Path) -> None:
    """What is said is still to be listened to; what the signs say is found all the same."""
    film = make_film(tmp_path / "film.mkv", Track(["Lighthouse road"], disposition=Disposition.forced))
    assert told(film) == {("en", Sense.WRITTEN): ["Lighthouse road"]}
    (tmp_path / "film.zh.forced.srt").write_text(srt(["灯塔路"]))
    assert told(film) == {("en", Sense.WRITTEN): ["Lighthouse road"], ("zh", Sense.WRITTEN): ["灯塔路"]}


def test_lyrics_with_times_stand_for_those_without() -> None:
    plain = Subtitles("", tuple(Line(0, 5000, line) for line in ENGLISH), is_timed=False)
    timed = Subtitles("", tuple(Line(1000 * n, 1000 * n + 900, line) for n, line in enumerate(ENGLISH)))
    (kept,) = each_language_once([plain, timed])
    assert (kept.language, kept.lines) == ("en", timed.lines)


def test_tags_with_lyrics_twice(samples: Path, tmp_path: Path) -> None:
    song = tmp_path / "song.flac"
    with av.open(str(samples / "bright-morning.flac")) as old, av.open(str(song), "w") as new:
        stream = new.add_stream_from_template(old.streams.audio[0])
        timed = "\n".join(f"[00:0{n}.00]{line}" for n, line in enumerate(ENGLISH, 1))
        new.metadata.update({"LYRICS": "\n".join(ENGLISH), "SYNCEDLYRICS": timed})
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    lines = moments(findings(song, Kind.MUSIC, "subtitles", models()))
    assert [(line.text, _start(line)) for line in lines] == list(zip(ENGLISH, (1000, 2000, 3000), strict=True))


def _start(line: Moment) -> int:
    assert isinstance(line.span, TimeSpan)
    return line.span.start_ms


def test_the_file_that_is_meant_comes_first_and_another_films_not_at_all(tmp_path: Path) -> None:
    film = make_film(tmp_path / "Trip.mp4")
    make_film(tmp_path / "Trip.2.mp4")
    for name in ("Trip.2.srt", "Trip.2.en.srt", "Trip.commentary.srt", "Trip.sdh.srt", "Trip.signs.srt", "Trip.srt"):
        (tmp_path / name).write_text(srt([name]))
    assert [found.lines[0].text for found in beside(film)] == [
        "Trip.srt",
        "Trip.sdh.srt",
        "Trip.commentary.srt",
        "Trip.signs.srt",
    ]
    assert [found.lines[0].text for found in beside(tmp_path / "Trip.2.mp4")] == ["Trip.2.srt", "Trip.2.en.srt"]


def test_a_language_in_the_films_own_name_is_not_that_of_its_subtitles(tmp_path: Path) -> None:
    film = make_film(tmp_path / "The.French.Commentary.mp4")
    (tmp_path / "The.French.Commentary.srt").write_text(srt(ENGLISH))
    (tmp_path / "The.French.Commentary.en.hi.srt").write_text(srt(ENGLISH))
    assert [(found.language, found.is_partial) for found in beside(film)] == [("", False), ("en", False)]
    assert told(film) == {("en", Sense.SAID): ENGLISH}


def test_what_styled_subtitles_draw_is_not_said_inside_a_film_either(tmp_path: Path) -> None:
    def row(number: int, layer: int, text: str) -> str:
        return f"{number},{layer},Default,,0,0,0,,{text}"

    film = tmp_path / "film.mkv"
    with av.open(str(film), "w") as out:
        video = out.add_stream("mpeg4", rate=10)
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        words = out.add_mux_stream("ass")
        for _ in range(50):
            out.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")))
        out.mux(video.encode(None))
        rows = [
            "{\\p1}m 0 0 l 9 9{\\p0}",
            "{\\bord4}The lamp is lit{note}",
            "A ship, far out",
            "The lamp is lit",
            "A ship, far out",
        ]
        for number, text in enumerate(rows):
            packet = av.Packet(row(number, number // 3, text).encode())
            packet.stream, packet.time_base = words, Fraction(1, 1000)
            packet.pts = packet.dts = 1000
            packet.duration = 900
            out.mux(packet)
    (found,) = embedded(film)
    assert [line.text for line in found.lines] == ["The lamp is lit", "A ship, far out"]
