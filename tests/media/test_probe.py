from __future__ import annotations

import io
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from media_assistant.items.item import Captured, DateSource, Facts, FileTags, facts_to_plain
from media_assistant.items.kind import Kind
from media_assistant.media import preview
from media_assistant.media.capture import from_container, from_name, place_from_iso6709, with_zone_of_name
from media_assistant.media.container import duration_ms, open_container
from media_assistant.media.file_tags import repair
from media_assistant.media.probe import _within_reason, examine, probe
from media_assistant.media.registry import open_source
from tests.media.conftest import COLOURS, Maker, tone


def test_film(make_film: Maker) -> None:
    path = make_film(
        "a.mp4", sound=tone(2.0), metadata={"title": "山 & sea", "artist": "Ada", "date": "2021", "comment": "x"}
    )
    probed = examine(path, Kind.VIDEO)
    facts = probed.facts
    assert probed.kind is Kind.VIDEO
    assert abs(facts.duration_ms - 2000) < 60
    assert (facts.width, facts.height, facts.frame_rate) == (160, 96, 10.0)
    assert (facts.channels, facts.sample_rate_hz) == (2, 44_100)
    assert facts.codecs == ("h264", "aac")
    assert (facts.tags.title, facts.tags.artist, facts.tags.date) == ("山 & sea", "Ada", "2021")


@pytest.mark.parametrize(("name", "codec"), [("a.mp3", "libmp3lame"), ("a.flac", "flac"), ("a.m4a", "aac")])
def test_song_with_a_cover_is_music(make_sound: Maker, name: str, codec: str) -> None:
    tags = {"title": "夜曲", "artist": "Chopin", "album": "Nocturnes", "track": "3/12", "genre": "Classical"}
    path = make_sound(
        name, codec, metadata=tags, cover=Image.new("RGB", (64, 64), "orange") if name != "a.m4a" else None
    )
    probed = examine(path, Kind.VIDEO)
    assert probed.kind is Kind.MUSIC
    assert (probed.facts.width, probed.facts.height) == (0, 0)
    assert probed.facts.tags.track == 3
    assert (probed.facts.tags.title, probed.facts.tags.album) == ("夜曲", "Nocturnes")
    if name != "a.m4a":
        image = preview.cover(path)
        assert image is not None
        assert image.size == (64, 64)


@pytest.mark.parametrize(("step_ms", "rate"), [(33, 30.303), (4, 250.0), (1, 1000.0)])
def test_a_rate_that_is_but_a_clock_is_measured(make_film: Maker, step_ms: int, rate: float) -> None:
    """Recordings of a browser count in milliseconds and call that a thousand frames a second."""
    times = [number * step_ms for number in range(40)]
    film = make_film("a.webm", codec="libvpx-vp9", rate=1000, frames=40, times=times, size=(64, 48))
    assert examine(film, Kind.VIDEO).facts.frame_rate == pytest.approx(rate, abs=0.01)


@pytest.mark.parametrize(("name", "codec"), [("a.webm", "libvpx-vp9"), ("a.mkv", "libx264")])
def test_what_was_written_as_it_came_has_its_length_by_its_packets(make_film: Maker, name: str, codec: str) -> None:
    sound = tone(4.0) if name == "a.mkv" else None
    film = make_film(name, codec=codec, frames=40, keys_every=1000, sound=sound, options={"live": "1"})
    with open_container(film) as container:
        assert duration_ms(container) == 0
    assert abs(probe(film, Kind.VIDEO).duration_ms - 4000) <= 60
    with Image.open(io.BytesIO(preview.storyboard(open_source(film, Kind.VIDEO)))) as strip:
        tiles = [strip.getpixel(((2 * tile + 1) * strip.width // 80, strip.height // 2 + 8)) for tile in (1, 38)]
    assert all(
        sum(abs(a - b) for a, b in zip(tile, wanted, strict=True)) < 90
        for tile, wanted in zip(tiles, (COLOURS[0], COLOURS[3]), strict=True)
    )


def test_a_song_that_was_piped_has_its_length(make_sound: Maker) -> None:
    song = make_sound("a.flac", "flac")
    data = bytearray(song.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    song.write_bytes(data)
    assert abs(probe(song, Kind.MUSIC).duration_ms - 2500) <= 60


def id3v1(title: bytes, artist: bytes) -> bytes:
    return b"TAG" + title.ljust(30, b"\0") + artist.ljust(30, b"\0") + bytes(30) + bytes(4) + bytes(30) + b"\xff"


def id3v2(title: bytes, artist: bytes) -> bytes:
    """ID3v2.3 whose text claims Latin-1."""
    frames = b"".join(
        name + (len(text) + 1).to_bytes(4, "big") + b"\0\0\0" + text
        for name, text in ((b"TIT2", title), (b"TPE1", artist))
    )
    size = len(frames)
    return b"ID3\x03\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + frames


@pytest.mark.parametrize(
    ("encoding", "title", "artist"),
    [
        ("gbk", "月亮代表我的心", "邓丽君"),
        ("big5", "月亮代表我的心", "鄧麗君"),
        ("utf-8", "月亮代表我的心", "邓丽君"),
        ("latin-1", "Déjà vu à Orléans", "Beyoncé Knöpfle"),
    ],
)
@pytest.mark.parametrize("version", [1, 2])
def test_old_tags_are_readable(make_sound: Maker, encoding: str, title: str, artist: str, version: int) -> None:
    path = make_sound("a.mp3", "libmp3lame")
    bare = path.read_bytes()
    bare = bare[bare.index(b"\xff\xfb") :]
    words = title.encode(encoding)[:30], artist.encode(encoding)
    path.write_bytes(id3v2(*words) + bare if version == 2 else bare + id3v1(*words))
    tags = probe(path, Kind.MUSIC).tags
    assert (tags.title, tags.artist) == (title, artist)


def test_western_letters_stay() -> None:
    for value in (
        "Motörhead",
        "Sigur Rós – Ágætis byrjun",
        "Ænima",
        "Çılgın",
        "Crème brûlée",
        "Ñandú",
        "Mötley Crüe",
        "ÄÖÜ",
    ):
        assert repair({"title": value}) == {"title": value}


@pytest.mark.parametrize(
    ("name", "at", "offset"),
    [
        ("IMG_20240512_153000", "2024-05-12T15:30:00", None),
        ("2024-05-12 15.30.00", "2024-05-12T15:30:00", None),
        ("VID-20240512-WA0007", "2024-05-12", None),
        ("WhatsApp Image 2024-05-12 at 3.30.09 PM", "2024-05-12T15:30:09", None),
        ("Screenshot_20240512-153000_Chrome", "2024-05-12T15:30:00", None),
        ("Bildschirmfoto 2024-05-12 um 15.30.00", "2024-05-12T15:30:00", None),
        ("微信图片_20240512153000", "2024-05-12T15:30:00", None),
        ("2024年05月12日", "2024-05-12", None),
    ],
)
def test_dates_in_names(name: str, at: str, offset: int | None) -> None:
    assert from_name(name) == Captured(at, offset, DateSource.NAME)


@pytest.mark.parametrize(
    ("place", "name", "at", "offset"),
    [
        ("Asia/Shanghai", "mmexport1715499000123", "2024-05-12T15:30:00", 480),
        ("Asia/Shanghai", "PXL_20240512_163000123", "2024-05-13T00:30:00", 480),
        ("America/New_York", "PXL_20240112_023000123", "2024-01-11T21:30:00", -300),
        ("America/New_York", "PXL_20240712_023000123", "2024-07-11T22:30:00", -240),
        ("UTC", "FB_IMG_1715499000123", "2024-05-12T07:30:00", 0),
    ],
)
def test_names_that_count_utc_tell_the_day_of_this_place(
    zone: Callable[[str], None], place: str, name: str, at: str, offset: int
) -> None:
    zone(place)
    assert from_name(name) == Captured(at, offset, DateSource.NAME)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PXL_20230102_180200123.TS", Captured("2023-01-02T23:49:05", 345, DateSource.CONTAINER)),
        ("mmexport1672682700000", Captured("2023-01-02T23:49:05", 345, DateSource.CONTAINER)),
        # Sent on later: that says nothing of the film's clock.
        ("mmexport1672689660000", Captured("2023-01-02T18:04:05", 0, DateSource.CONTAINER)),
        ("VID_20230103_030400", Captured("2023-01-03T03:04:05", 540, DateSource.CONTAINER)),
    ],
)
def test_a_film_whose_clock_surely_counts_utc_is_of_the_day_of_this_place(
    zone: Callable[[str], None], name: str, expected: Captured
) -> None:
    zone("Asia/Kathmandu")
    said = from_container({"creation_time": "2023-01-02T18:04:05Z"})
    assert said is not None
    assert with_zone_of_name(said, name) == expected


@pytest.mark.parametrize(
    "name", ["DSC_0001", "20241399_120000", "12345678901234567", "track 2024", "IMG_99990101", "20230230"]
)
def test_names_without_a_date(name: str) -> None:
    assert from_name(name) is None


def test_when_and_where_of_a_film(make_film: Maker, tmp_path: Path) -> None:
    said = {
        "com.apple.quicktime.creationdate": "2024-05-12T15:30:09+0800",
        "com.apple.quicktime.location.ISO6709": "+31.2304+121.4737+010.5/",
    }
    facts = probe(make_film("a.mov", metadata=said, options={"movflags": "use_metadata_tags"}), Kind.VIDEO)
    assert facts.captured == Captured("2024-05-12T15:30:09", 480, DateSource.CONTAINER)
    assert facts.place is not None
    assert (facts.place.latitude, facts.place.longitude, facts.place.altitude_m) == (31.2304, 121.4737, 10.5)
    plain = probe(make_film("b.mp4", metadata={"creation_time": "2023-01-02T03:04:05Z"}), Kind.VIDEO)
    assert plain.captured == Captured("2023-01-02T03:04:05", 0, DateSource.CONTAINER)
    zoned = make_film("VID_20230102_120400.mp4", metadata={"creation_time": "2023-01-02T03:04:05Z"})
    assert probe(zoned, Kind.VIDEO).captured == Captured("2023-01-02T12:04:05", 540, DateSource.CONTAINER)
    never_set = make_film("VID_20220203_040506.mp4", metadata={"creation_time": "1970-01-01T00:00:00Z"})
    assert probe(never_set, Kind.VIDEO).captured == Captured("2022-02-03T04:05:06", None, DateSource.NAME)
    os.utime(path := make_film("c.mp4"), (1_700_000_000, 1_700_000_000))
    captured = probe(path, Kind.VIDEO).captured
    assert captured is not None
    assert captured.source is DateSource.FILE
    assert captured.offset_minutes is not None


def test_iso6709_forms() -> None:
    for text in ("+48.8577+002.2950/", "+4851.462+00217.700/", "+485127.72+0021742.0+35/"):
        place = place_from_iso6709(text)
        assert place is not None
        assert (place.latitude, place.longitude) == pytest.approx((48.8577, 2.295), abs=1e-4)
    assert place_from_iso6709("+48.8577+002.2950-35/") == (48.8577, 2.295, -35.0)
    assert place_from_iso6709(f"+48.8577+002.2950+{'9' * 400}/") == (48.8577, 2.295, None)
    assert place_from_iso6709("+00.0000+000.0000/") is None
    assert place_from_iso6709("nowhere") is None
    assert place_from_iso6709("+99.0+200.0/") is None


def test_subtitle_languages(make_film: Maker) -> None:
    assert probe(make_film("a.mkv", subtitles=[(0, 900, "words")]), Kind.VIDEO).subtitle_languages == ("",)


@pytest.mark.parametrize(
    ("kind", "count", "value"), [(3, 4, b"\xff\x7f" * 4), (5, 1, b"\1\0\0\0\0\0\0\0"), (4, 1, b"\xff\xff\xff\x7f")]
)
def test_promise_12_a_title_that_is_no_text_is_none(tmp_path: Path, kind: int, count: int, value: bytes) -> None:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    entry = struct.pack("<HHI", 0x9C9B, kind, count) + (value if len(value) == 4 else struct.pack("<I", 26))
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + entry + bytes(4) + value
    data = file.getvalue()
    path = tmp_path / "a.jpg"
    path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:])
    assert len(probe(path, Kind.PHOTO).tags.title) <= 8


def test_promise_12_facts_stay_within_reason_whatever_a_header_says(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(f"<html><title>{'long title ' * 5000}</title><p>x")
    assert len(probe(path, Kind.TEXT).tags.title) == 2000
    wild = Facts(duration_ms=2**62, width=-1, frame_rate=float("nan"), channels=2**40, tags=FileTags(title="a\0\ud800"))
    facts = _within_reason(wild)
    assert (facts.duration_ms, facts.width, facts.frame_rate, facts.channels) == (0, 0, 0.0, 0)
    assert facts.tags.title == "a?"
    json.dumps(facts_to_plain(facts), allow_nan=False)
