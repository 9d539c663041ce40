from __future__ import annotations

import os
import struct
import time
import tracemalloc
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from media_assistant.errors import UserFixable
from media_assistant.items.kind import Kind
from media_assistant.media.blocks import Blocks
from media_assistant.media.frames import Picture
from media_assistant.media.preview import thumbnail
from media_assistant.media.registry import open_source
from media_assistant.media.sniff import Sniffed, sniff
from media_assistant.media.source import Frame, MediaSource, Sound
from tests.media.conftest import COLOURS, Maker, tone


def split(shown: Iterable[Frame | Sound]) -> tuple[list[Frame], list[Sound]]:
    frames: list[Frame] = []
    sounds: list[Sound] = []
    for each in shown:
        (sounds if isinstance(each, Sound) else frames).append(each)  # type: ignore[arg-type]
    return frames, sounds


def joined(sounds: list[Sound]) -> np.ndarray:
    return np.concatenate([sound.mono for sound in sounds])


def is_gapless(sounds: list[Sound]) -> bool:
    ends = [sound.at_ms + round(len(sound.mono) / 16) for sound in sounds]
    return all(abs(sound.at_ms - end) <= 1 for sound, end in zip(sounds[1:], ends[:-1], strict=True))


@pytest.mark.parametrize(
    ("name", "codec", "sound_codec"),
    [
        ("a.mp4", "libx264", "aac"),
        ("a.mkv", "libx264", "flac"),
        ("a.mov", "libx264", "aac"),
        ("a.avi", "mpeg4", "pcm_s16le"),
        ("a.ts", "libx264", "aac"),
        ("a.mp4", "libx265", "aac"),
        ("b.mkv", "libvpx-vp9", "flac"),
    ],
)
def test_picture_and_sound_of_one_decode(make_film: Maker, name: str, codec: str, sound_codec: str) -> None:
    source = open_source(make_film(name, codec=codec, sound=tone(2.0), sound_codec=sound_codec), Kind.VIDEO)
    frames, sounds = split(source.play(frames=True, sound=True))
    assert [frame.index for frame in frames] == list(range(20))
    first = 0 if name != "a.ts" else frames[0].at_ms  # a transport stream's two clocks start a little apart
    assert [round((frame.at_ms - first) / 100) for frame in frames] == list(range(20))
    assert all(frame.end_ms == later.at_ms for frame, later in pairwise(frames))
    assert (frames[0].width, frames[0].height) == (160, 96)
    for frame in frames:
        corner = frame.rgb(160, 96)[60, 120]
        assert np.abs(corner.astype(int) - COLOURS[frame.index // 5 % 4]).max() < 30
    assert is_gapless(sounds)
    assert sounds[0].at_ms == 0
    mono = joined(sounds)
    assert abs(len(mono) / 16_000 - 2.0) < 0.1
    assert all(sound.native.shape[0] == 2 and sound.native_rate_hz == 44_100 for sound in sounds)
    middle = mono[16_000 : 16_000 + 4000]
    assert abs(float(np.sqrt((middle**2).mean())) - 0.4 / np.sqrt(2)) < 0.03
    assert np.argmax(np.abs(np.fft.rfft(mono[8000:24_000]))) == pytest.approx(440, abs=1)
    assert source.problems == []


def test_a_frame_converts_once_per_size_and_shrinks_by_area(make_film: Maker) -> None:
    path = make_film("a.mkv", codec="ffv1", frames=1, picture=lambda _: checks())
    (frame,) = open_source(path, Kind.VIDEO).play(frames=True, sound=False)
    assert not isinstance(frame, Sound)
    small = frame.grey(20, 12)
    assert small.shape == (12, 20)
    assert small.std() < 3  # a fine chequerboard is grey from afar
    assert frame.grey(20, 12) is small
    assert frame.rgb(64, 40).shape == (40, 64, 3)
    with pytest.raises(ValueError, match="read-only"):
        small[0, 0] = 1


def checks() -> np.ndarray:
    board = (np.indices((96, 160)).sum(axis=0) % 2 * 255).astype(np.uint8)
    return np.repeat(board[:, :, None], 3, axis=2)


@pytest.mark.parametrize(
    ("rotation", "hflip", "corner"),
    [
        (0, False, "top left"),
        (90, False, "bottom left"),
        (180, False, "bottom right"),
        (-90, False, "top right"),
        (0, True, "top right"),
    ],
)
def test_pictures_are_upright(make_film: Maker, rotation: int, hflip: bool, corner: str) -> None:
    """The bright quarter is stored at the top left; the display matrix moves it."""
    path = make_film("a.mp4", rotation=rotation, hflip=hflip, frames=5)
    source = open_source(path, Kind.VIDEO)
    (frame, *_), _ = split(source.play(frames=True, sound=False))
    is_turned = rotation in (90, -90)
    assert (frame.width, frame.height) == ((96, 160) if is_turned else (160, 96))
    assert (source.facts.width, source.facts.height) == (frame.width, frame.height)
    grey = frame.grey(40, 40).astype(int)
    quarters = {
        "top left": grey[4:16, 4:16],
        "top right": grey[4:16, 24:36],
        "bottom left": grey[24:36, 4:16],
        "bottom right": grey[24:36, 24:36],
    }
    assert max(quarters, key=lambda name: quarters[name].mean()) == corner


def test_variable_frame_rate(make_film: Maker) -> None:
    times = [0, 40, 80, 500, 520, 1500, 1540]
    frames, _ = split(open_source(make_film("a.mkv", frames=7, times=times), Kind.VIDEO).play(frames=True, sound=False))
    assert [frame.at_ms for frame in frames] == times
    assert [frame.end_ms for frame in frames[:-1]] == times[1:]


def test_a_film_whose_sound_is_empty_is_not_damaged(make_film: Maker) -> None:
    path = make_film("a.mkv", sound=tone(0.0))
    source = open_source(path, Kind.VIDEO)
    assert source.facts.channels
    assert list(source.play(frames=False, sound=True)) == []
    frames, sounds = split(source.play(frames=True, sound=True))
    assert (len(frames), sounds, source.problems) == (20, [], [])


def test_one_frame(make_film: Maker) -> None:
    source = open_source(make_film("a.mp4", frames=1), Kind.VIDEO)
    frames, sounds = split(source.play(frames=True, sound=True))
    assert len(frames) == 1
    assert sounds == []
    assert frames[0].end_ms > frames[0].at_ms == 0
    assert source.frame_at(0) is not None
    assert source.frame_at(5000) is not None


def test_resumes_where_it_was(make_film: Maker) -> None:
    source = open_source(make_film("a.mp4", frames=60, sound=tone(6.0)), Kind.VIDEO)
    whole, heard = split(source.play(frames=True, sound=True))
    later, heard_later = split(source.play(frames=True, sound=True, start_ms=3000))
    assert [frame.at_ms for frame in later] == [frame.at_ms for frame in whole if frame.at_ms >= 3000]
    assert [frame.index for frame in later] == [frame.index for frame in whole if frame.at_ms >= 3000]
    assert heard_later[0].at_ms == 3000
    assert np.allclose(joined(heard)[3 * 16_000 + 800 : 5 * 16_000], joined(heard_later)[800 : 2 * 16_000], atol=0.02)


def test_mp3_resumes_exactly(make_sound: Maker) -> None:
    wave = tone(8.0, channels=2)
    wave[:, ::4410] = 0.9
    source = open_source(make_sound("a.mp3", "libmp3lame", wave), Kind.MUSIC)
    _, heard = split(source.play(frames=True, sound=True))
    _, later = split(source.play(frames=True, sound=True, start_ms=5000))
    assert later[0].at_ms == 5000
    assert np.allclose(joined(heard)[5 * 16_000 + 100 : 6 * 16_000], joined(later)[100:16_000], atol=0.01)


def test_frame_at_is_exact(make_film: Maker) -> None:
    source = open_source(make_film("a.mp4", frames=60, keys_every=30), Kind.VIDEO)
    for at_ms in (0, 99, 100, 2550, 1730, 5999, 90_000):
        frame = source.frame_at(at_ms)
        assert frame is not None
        assert frame.at_ms == min(at_ms // 100 * 100, 5900)
    source.close()


def test_sound_that_sets_in_late_and_breaks_is_filled_with_silence(tmp_path: Path) -> None:
    path = tmp_path / "a.mka"
    with av.open(str(path), "w", format="matroska") as out:
        audio = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        picture = out.add_stream("ffv1", rate=10)
        picture.width, picture.height, picture.pix_fmt = 16, 16, "yuv420p"
        for number in range(50):
            frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), "rgb24")
            frame.pts = number
            out.mux(picture.encode(frame))
        for start_s in (1.0, 3.0):
            sound = av.AudioFrame.from_ndarray(np.full((1, 8000), 8000, np.int16), "s16", "mono")
            sound.sample_rate, sound.pts = 8000, int(start_s * 8000)
            out.mux(audio.encode(sound))
        for stream in (audio, picture):
            out.mux(stream.encode(None))
    _, sounds = split(open_source(path, Kind.VIDEO).play(frames=False, sound=True))
    mono = joined(sounds)
    assert is_gapless(sounds)
    loud = [abs(float(mono[int(s * 16_000)])) > 0.1 for s in (0.5, 1.5, 2.5, 3.5)]
    assert loud == [False, True, False, True]


def _quiet_and_loud(*, is_loud_first: bool) -> np.ndarray:
    loud = np.random.default_rng(1).uniform(-0.8, 0.8, (1, 10 * 44_100)).astype(np.float32)
    parts = (loud, np.zeros_like(loud))
    return np.concatenate(parts if is_loud_first else parts[::-1], axis=1)


@pytest.mark.parametrize("is_loud_first", [True, False])
@pytest.mark.parametrize(
    ("name", "codec", "form", "options"),
    [
        ("a.aac", "aac", "adts", {}),
        ("a.ac3", "ac3", None, {}),
        ("a.mp3", "libmp3lame", None, {"write_xing": "0"}),
        ("xing.mp3", "libmp3lame", None, {}),
    ],
)
def test_a_length_is_no_guess_where_the_bit_rate_varies(
    make_sound: Maker, name: str, codec: str, form: str | None, options: dict[str, str], *, is_loud_first: bool
) -> None:
    path = make_sound(
        name,
        codec,
        _quiet_and_loud(is_loud_first=is_loud_first),
        form=form,
        options=options,
        codec_options={"flags": "+qscale", "global_quality": "472"} if codec == "libmp3lame" else {},
    )
    source = open_source(path, Kind.MUSIC)
    assert abs(source.facts.duration_ms - 20_000) < 100
    _, sounds = split(source.play(frames=False, sound=True))
    assert abs(len(joined(sounds)) / 16_000 - 20.0) < 0.1
    assert source.problems == []


def test_a_song_that_counts_its_frames_says_that_it_breaks_off(make_sound: Maker) -> None:
    path = make_sound("a.mp3", "libmp3lame", tone(20.0))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    source = open_source(path, Kind.MUSIC)
    split(source.play(frames=False, sound=True))
    assert source.problems == ["media.truncated"]


def test_sound_without_length(tmp_path: Path) -> None:
    samples = (np.sin(np.arange(24_000) / 5) * 9000).astype("<i2").tobytes()
    header = (
        b"RIFF\xff\xff\xff\xffWAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16_000, 2, 16)
        + b"data\xff\xff\xff\xff"
    )
    path = tmp_path / "live.wav"
    path.write_bytes(header + samples)
    source = open_source(path, Kind.MUSIC)
    _, sounds = split(source.play(frames=True, sound=True))
    assert abs(len(joined(sounds)) / 16_000 - 3.0) < 0.01


def test_the_centre_speaks_loudest_and_nothing_clips(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    loud = np.full((6, 32_000), 0.99, np.float32)
    with av.open(str(path), "w") as out:
        audio = out.add_stream("pcm_f32le", rate=16_000, layout="5.1")
        frame = av.AudioFrame.from_ndarray(loud.T.reshape(1, -1).copy(), "flt", "5.1")
        frame.sample_rate, frame.pts = 16_000, 0
        out.mux(audio.encode(frame))
        out.mux(audio.encode(None))
    _, sounds = split(open_source(path, Kind.MUSIC).play(frames=False, sound=True))
    assert np.allclose(joined(sounds), 0.99, atol=1e-3)
    assert sounds[0].native.shape[0] == 6


@pytest.mark.parametrize(
    ("layout", "channels", "codec"), [("7.1", 8, "flac"), ("7.1", 8, "aac"), ("hexadecagonal", 16, "pcm_f32le")]
)
def test_many_channels(tmp_path: Path, layout: str, channels: int, codec: str) -> None:
    path = tmp_path / "a.mka"
    with av.open(str(path), "w", format="matroska") as out:
        audio = out.add_stream(codec, rate=48_000, layout=layout)
        ramp = (np.arange(channels) / channels / 2).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.tile(ramp, 48_000).reshape(1, -1), "flt", layout)
        frame.sample_rate, frame.pts = 48_000, 0
        (frame,) = av.AudioResampler(audio.codec_context.format, layout, 48_000).resample(frame)
        fifo = av.AudioFifo()
        fifo.write(frame)
        while (part := fifo.read(1024, True)) is not None:
            out.mux(audio.encode(part))
        out.mux(audio.encode(None))
    _, sounds = split(open_source(path, Kind.MUSIC).play(frames=False, sound=True))
    assert sounds[0].native.shape == (channels, 48_000)
    if codec != "aac":
        assert np.allclose(sounds[0].native[:, 100:-100], ramp[:, None], atol=1e-3)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le"])
def test_sample_formats(make_sound: Maker, codec: str, channels: int) -> None:
    source = open_source(make_sound("a.wav", codec, tone(1.2, channels=channels)), Kind.MUSIC)
    _, sounds = split(source.play(frames=False, sound=True))
    native = np.concatenate([sound.native for sound in sounds], axis=1)
    assert native.dtype == np.float32
    assert np.allclose(native[:, :40_000], tone(1.2, channels=channels)[:, :40_000], atol=0.02)


def test_a_container_without_pictures_is_music(make_sound: Maker) -> None:
    for name, muxer in (("a.mkv", None), ("b.mp4", "mp4")):
        assert open_source(make_sound(name, "aac", form=muxer), Kind.VIDEO).kind is Kind.MUSIC


def test_no_streams(tmp_path: Path) -> None:
    def box(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I4s", len(body) + 8, name) + body

    movie = struct.pack(">IIIII", 0, 0, 0, 1000, 0) + bytes(80)
    path = tmp_path / "a.mp4"
    path.write_bytes(box(b"ftyp", b"isom\0\0\2\0isommp41") + box(b"moov", box(b"mvhd", movie)) + box(b"mdat", b""))
    with pytest.raises(UserFixable) as caught:
        open_source(path, Kind.VIDEO)
    assert caught.value.code == "media.no_streams"


@pytest.mark.parametrize("kept", [0.35, 0.7, 0.9])
@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.avi"])
def test_truncated(make_film: Maker, name: str, kept: float) -> None:
    codec = "mpeg4" if name == "a.avi" else "libx264"
    whole = make_film(
        name, codec=codec, frames=200, sound=tone(20.0), sound_codec="pcm_s16le" if name == "a.avi" else "aac"
    )
    data = whole.read_bytes()
    whole.write_bytes(data[: int(len(data) * kept)])
    source = open_source(whole, Kind.VIDEO)
    frames, sounds = split(source.play(frames=True, sound=True))
    assert 20 <= len(frames) < 200
    assert is_gapless(sounds)
    if name == "a.mkv":  # a transport stream promises no length, and AVI is measured by what is there
        assert "media.truncated" in source.problems


def test_unfinished_recording(make_film: Maker) -> None:
    path = make_film("a.mp4")
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moov") - 4])
    with pytest.raises(UserFixable) as caught:
        open_source(path, Kind.VIDEO)
    assert caught.value.code == "media.damaged"


def test_damage_in_the_middle_is_played_over(make_film: Maker) -> None:
    path = make_film("a.mkv", frames=100, sound=tone(10.0))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 600] = os.urandom(600)
    path.write_bytes(data)
    frames, sounds = split(open_source(path, Kind.VIDEO).play(frames=True, sound=True))
    assert frames[-1].at_ms > 9000
    assert is_gapless(sounds)


def test_a_playlist_in_disguise_leads_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(UserFixable):
        open_source(path, Kind.VIDEO)


@pytest.mark.parametrize(
    "name",
    [
        "😀 film 🎬.mp4",
        "فيلم جديد.mp4",
        "line\nbreak.mp4",
        "é" * 123 + ".mp4",
        "-dash.mp4",
        "concat:a|b.mp4",
        "a%03d.mp4",
        "日本.mp4",
    ],
)
def test_odd_names(make_film: Maker, tmp_path: Path, name: str) -> None:
    path = make_film("plain.mp4", frames=5).rename(tmp_path / name)
    source = open_source(path, Kind.VIDEO)
    assert source.facts.width == 160
    assert len(split(source.play(frames=True, sound=False))[0]) == 5


def test_names_that_are_no_text(make_film: Maker, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xb5\xe7\xd3\xb0.mp4"))
    make_film("plain.mp4", frames=5).rename(path)
    assert open_source(path, Kind.VIDEO).facts.width == 160


def test_vanished_while_open(make_film: Maker) -> None:
    path = make_film("a.mp4")
    source = open_source(path, Kind.VIDEO)
    path.unlink()
    with pytest.raises(UserFixable) as caught:
        list(source.play(frames=True, sound=True))
    assert caught.value.code == "media.vanished"


def test_originals_are_left_as_they_are(make_film: Maker) -> None:
    path = make_film("a.mp4", sound=tone(2.0))
    path.chmod(0o444)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    source: MediaSource = open_source(path, Kind.VIDEO)
    list(source.play(frames=True, sound=True))
    source.frame_at(500)
    source.close()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_stopping_halfway_lets_go_of_the_file(make_film: Maker) -> None:
    film = make_film("a.mp4", frames=100)
    source = open_source(film, Kind.VIDEO)
    started = time.monotonic()
    run = source.play(frames=True, sound=True)
    assert isinstance(next(run), Picture)
    run.close()  # type: ignore[attr-defined]
    assert not any(
        os.readlink(f"/proc/self/fd/{fd}") == str(film)
        for fd in os.listdir("/proc/self/fd")
        if os.path.exists(f"/proc/self/fd/{fd}")
    )
    assert time.monotonic() - started < 60


def test_pictures_without_times(make_film: Maker, tmp_path: Path) -> None:
    """A bare H.264 stream knows neither times nor length."""
    path = make_film("a.h264", frames=30)
    assert sniff(path) == Sniffed(Kind.VIDEO, "h264")
    source = open_source(path, Kind.VIDEO)
    frames, _ = split(source.play(frames=True, sound=True))
    assert len(frames) == 30
    assert all(later.at_ms > frame.at_ms for frame, later in pairwise(frames))
    assert thumbnail(source)


def test_a_clock_that_jumps_back(make_film: Maker, tmp_path: Path) -> None:
    """Recordings that were joined end to end."""
    one = make_film("a.ts", frames=30, sound=tone(3.0)).read_bytes()
    path = tmp_path / "joined.ts"
    path.write_bytes(one + one)
    frames, sounds = split(open_source(path, Kind.VIDEO).play(frames=True, sound=True))
    assert len(frames) >= 58
    assert all(later.at_ms > frame.at_ms for frame, later in pairwise(frames))
    assert 5500 < frames[-1].at_ms < 6500
    assert is_gapless(sounds)
    assert abs(len(joined(sounds)) / 16_000 - 6.0) < 0.4


def _sounding(at_s: int, rate_hz: int, layout: str) -> av.AudioFrame:
    channels = len(av.AudioLayout(layout).channels)
    frame = av.AudioFrame.from_ndarray(np.full((1, 1024 * channels), 900, np.int16), "s16", layout)
    frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), at_s * rate_hz
    return frame


def test_sound_that_sets_in_after_ten_minutes_is_at_its_time() -> None:
    blocks = Blocks(Fraction(0))
    sounds = [*blocks.push(_sounding(900, 8000, "mono")), *blocks.push(_sounding(1900, 8000, "mono")), *blocks.finish()]
    (loud,) = np.nonzero(np.abs(joined(sounds)) > 0.01)
    assert loud[0] / 16_000 == pytest.approx(900, abs=0.01)
    # Once there is sound, so long a pause is a clock that jumped.
    assert blocks.end_ms == 900_256


def test_promise_12_holes_in_sound_take_little_memory_and_end() -> None:
    blocks = Blocks(Fraction(0))
    tracemalloc.start()
    seconds = 0
    for hole in range(40):
        seconds += sum(1 for _ in blocks.push(_sounding(hole * 599, 8000, "7.1")))
    seconds += sum(1 for _ in blocks.finish())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000
    assert 4 * 3600 - 700 < seconds < 4 * 3600 + 100
    assert sum(1 for _ in Blocks(Fraction(0)).push(_sounding(10**9, 8000, "mono"))) == 0


@pytest.mark.parametrize("rate_hz", [1, 2, 2_000_000_000])
def test_promise_12_sound_of_no_rate_is_left_out(rate_hz: int) -> None:
    with pytest.raises(ValueError, match="Hz"):
        list(Blocks(Fraction(0)).push(_sounding(0, rate_hz, "stereo")))
