"""Sound files that are damaged, and those that lie about rates, channels, lengths, tags and covers."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.e2e.odd_files import song, streamed_song
from tests.stress.hostile_corpus import Corpus

FORMS = {
    "mp3": (".mp3", "libmp3lame"),
    "flac": (".flac", "flac"),
    "opus": (".opus", "libopus"),
    "wave": (".wav", "pcm_s16le"),
    "m4a": (".m4a", "aac"),
    "alac": (".m4a", "alac"),
    "aiff": (".aiff", "pcm_s16be"),
    "adts": (".aac", "aac"),
    "ac3": (".ac3", "ac3"),
    "wma": (".wma", "wmav2"),
    "wavpack": (".wv", "wavpack"),
    "tta": (".tta", "tta"),
    "au": (".au", "pcm_s16be"),
    "caf": (".caf", "pcm_s16be"),
    "matroska sound": (".mka", "libopus"),
}


def tone(stream: av.AudioStream, seconds: float, rate_hz: int = 48_000) -> Iterator[av.AudioFrame]:
    """A tone in the form that the encoder takes."""
    at = np.arange(int(seconds * rate_hz)) / rate_hz
    wave = (0.3 * np.sin(2 * np.pi * 330 * at)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = rate_hz, 0, Fraction(1, rate_hz)
    context = stream.codec_context
    if not context.is_open:
        context.open()
    resampler = av.AudioResampler(context.format, context.layout, context.rate, frame_size=context.frame_size or 1024)
    yield from resampler.resample(frame)
    yield from resampler.resample(None)


def whole_sound(form: str, seconds: float = 0.6, metadata: dict[str, str] | None = None) -> bytes:
    """A short tone."""
    suffix, codec = FORMS[form]
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"sound{suffix}"
        with av.open(str(path), "w") as out:
            out.metadata.update(metadata or {})
            stream = out.add_stream(codec, rate=48_000, layout="stereo")
            stream.codec_context.bit_rate = 128_000
            for frame in tone(stream, seconds):
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        return path.read_bytes()


def put_sounds(corpus: Corpus) -> None:
    """Every format damaged in every way, then the lies."""
    for form, (suffix, _) in FORMS.items():
        corpus.put_damaged("sound", form, suffix, whole_sound(form))
    corpus.put("sound", "of no samples", ".wav", lambda file: song(file, 0.0))
    corpus.put("sound", "without length", ".wav", streamed_song)
    _put_lying_waves(corpus)
    _put_lying_tags(corpus)
    _put_gaps(corpus)


def wave_of(
    *,
    rate: int = 8000,
    channels: int = 1,
    bits: int = 16,
    align: int | None = None,
    form: int = 1,
    data: bytes = b"",
    says: int | None = None,
) -> bytes:
    """A WAVE file that says what it is told to say."""
    align = channels * bits // 8 if align is None else align
    head = struct.pack(
        "<HHIIHH", form, channels & 0xFFFF, rate & 0xFFFFFFFF, rate * align & 0xFFFFFFFF, align & 0xFFFF, bits
    )
    size = len(data) if says is None else says
    return (
        b"RIFF"
        + struct.pack("<I", (36 + size) & 0xFFFFFFFF)
        + b"WAVEfmt \x10\0\0\0"
        + head
        + b"data"
        + struct.pack("<I", size)
        + data
    )


def _put_lying_waves(corpus: Corpus) -> None:
    def noise(what: str) -> bytes:
        return corpus.random(what).randbytes(16_000)

    for what, says in {
        "no rate": {"rate": 0},
        "one sample a second": {"rate": 1},
        "two samples a second": {"rate": 2},
        "two billion samples a second": {"rate": 2**31 - 1},
        "four billion samples a second": {"rate": 2**32 - 1},
        "700 kHz": {"rate": 705_600},
        "no channels": {"channels": 0},
        "255 channels": {"channels": 255, "bits": 8},
        "65535 channels": {"channels": 65535},
        "no bits": {"bits": 0},
        "7 bits": {"bits": 7, "align": 1},
        "64 bits": {"bits": 64},
        "65535 bits": {"bits": 65535},
        "no alignment": {"align": 0},
        "a form that nobody knows": {"form": 0x7777},
        "floats of any value": {"form": 3, "bits": 32},
        "doubles of any value": {"form": 3, "bits": 64},
        "four gigabytes of sound": {"says": 2**32 - 1},
        "two gigabytes of sound": {"says": 2**31},
        "no sound": {"says": 0},
        "an odd number of bytes": {"says": 15_999},
    }.items():
        corpus.put("sound", f"wave that says {what}", ".wav", wave_of(data=noise(what), **says))  # type: ignore[arg-type]
    rf64 = b"RF64" + b"\xff" * 4 + b"WAVEds64" + struct.pack("<IQQQI", 28, 2**60, 2**60, 2**60, 0)
    corpus.put("sound", "rf64 of an exabyte", ".wav", rf64 + wave_of(data=noise("rf64"))[12:])


def _put_lying_tags(corpus: Corpus) -> None:
    frames = whole_sound("mp3")
    frames = frames[frames.find(b"\xff\xfb") :]

    def id3(body: bytes, says: int | None = None, version: int = 4) -> bytes:
        size = len(body) if says is None else says
        packed = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
        return b"ID3" + bytes((version, 0, 0)) + packed + body

    def frame(name: bytes, body: bytes, says: int | None = None) -> bytes:
        size = len(body) if says is None else says
        return name + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + b"\0\0" + body

    from tests.e2e.odd_files import bomb

    with tempfile.TemporaryDirectory() as place:
        bomb_bytes = bomb(Path(place) / "bomb.png").read_bytes()
    lies = {
        "tag of 256 MB that is not there": id3(b"", 2**28 - 1),
        "tag longer than the file": id3(frame(b"TIT2", b"\3title"), 100_000),
        "title of a megabyte": id3(frame(b"TIT2", b"\3" + b"long title " * 90_000)),
        "title that says 256 MB": id3(frame(b"TIT2", b"\3title", 2**28 - 1)),
        "ten thousand remarks": id3(b"".join(frame(b"TXXX", b"\3%d\0x" % number) for number in range(10_000))),
        "cover that is a bomb": id3(frame(b"APIC", b"\0image/png\0\3\0" + bomb_bytes)),
        "cover that is a script": id3(frame(b"APIC", b"\0image/png\0\3\0<script>alert(1)</script>")),
        "cover elsewhere": id3(frame(b"APIC", b"\0-->\0\3\0" + corpus.address.encode())),
        "lyrics of a megabyte": id3(frame(b"USLT", b"\3eng\0" + b"la la la\n" * 110_000)),
        "lyrics with wild times": id3(
            frame(b"USLT", b"\3eng\0[999999:59.999]never\n[offset:" + b"9" * 5000 + b"]\n[00:01]la")
        ),
        "half a UTF-16 letter": id3(frame(b"TIT2", b"\1\xff\xfe\x00\xd8")),
        "no letters": id3(frame(b"TIT2", b"\0" + bytes(range(1, 256)))),
        "half a chapter": id3(frame(b"CHAP", b"c\0\xff\xff\xff\xff\0\0\0\0" + b"\xff" * 8)),
    }
    for what, tag in lies.items():
        corpus.put("sound", f"mp3 {what}", ".mp3", tag + frames + corpus.random(what).randbytes(5))
    flac = whole_sound("flac")
    picture = struct.pack(">II", 3, 9) + b"image/png" + struct.pack(">IIIIII", 0, 2**31, 2**31, 24, 0, len(bomb_bytes))
    block = picture + bomb_bytes
    head = bytes((6,)) + len(block).to_bytes(3, "big") + block
    corpus.put("sound", "flac with a cover that is a bomb", ".flac", flac[:42] + head + flac[42:])
    comment = struct.pack("<I", 2**31 - 1) + b"vendor" + struct.pack("<I", 2**32 - 1)
    head = bytes((4,)) + len(comment).to_bytes(3, "big") + comment
    corpus.put("sound", "flac with four billion comments", ".flac", flac[:42] + head + flac[42:])
    for what, at, new in (("no rate", 18, b"\0\0\0"), ("2^36 samples", 21, b"\xff" * 5)):
        corpus.put("sound", f"flac that says {what}", ".flac", flac[:at] + new + flac[at + len(new) :])
    for value in ("nan", "-1", "99999999999999999999", "+90.0+180.0/", "+999+999/"):
        data = whole_sound(
            "m4a", metadata={"location": value, "date": value, "creation_time": "9999-99-99", "track": value}
        )
        corpus.put("sound", f"m4a from {value.replace('/', '')}", ".m4a", data)


def _put_gaps(corpus: Corpus) -> None:
    """Sound with holes, each as long as is still taken for one."""
    for what, holes, rate in (
        ("with a hole of ten minutes", 1, 48_000),
        ("of a hundred holes of ten minutes", 100, 48_000),
    ):
        corpus.put("sound", what, ".mka", lambda file, holes=holes, rate=rate: _holed(file, holes, rate))  # type: ignore[misc]


def _holed(file: Path, holes: int, rate_hz: int) -> None:
    with av.open(str(file), "w") as out:
        stream = out.add_stream("flac", rate=rate_hz, layout="7.1")
        stream.codec_context.open()
        size = stream.codec_context.frame_size or 4096
        for number in range(holes + 1):
            samples = np.full((1, size * 8), 900 * (number % 2), np.int16)
            frame = av.AudioFrame.from_ndarray(samples, "s16", "7.1")
            frame.sample_rate, frame.time_base = rate_hz, Fraction(1, rate_hz)
            frame.pts = number * size
            for packet in stream.encode(frame):
                packet.pts = packet.dts = number * 599 * rate_hz
                out.mux(packet)
        for packet in stream.encode(None):
            if packet.size:
                packet.pts = packet.dts = (holes + 1) * 599 * rate_hz
                out.mux(packet)
