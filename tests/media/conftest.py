"""Real files, made on the spot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

COLOURS = ((200, 40, 40), (40, 180, 60), (50, 70, 210), (220, 200, 40))


def picture_of(number: int, width: int = 160, height: int = 96) -> NDArray[np.uint8]:
    """A colour per half second at 10 frames a second, with a bright top left quarter and some texture."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = COLOURS[number // 5 % len(COLOURS)]
    picture[: height // 2, : width // 2] = 250
    picture[-height // 4 :, ::8] = 10
    return picture


def tone(seconds: float, rate_hz: int = 44_100, channels: int = 2, pitch_hz: float = 440.0) -> NDArray[np.float32]:
    wave = 0.4 * np.sin(2 * np.pi * pitch_hz * np.arange(int(seconds * rate_hz)) / rate_hz)
    return np.tile(wave.astype(np.float32), (channels, 1))


Maker = Callable[..., Path]


@pytest.fixture
def make_film(tmp_path: Path) -> Maker:
    """`make(name, frames=20, …)`: a film with or without sound, subtitles and metadata."""

    def make(
        name: str,
        *,
        frames: int = 20,
        rate: int = 10,
        codec: str = "libx264",
        sound: NDArray[np.float32] | None = None,
        sound_codec: str = "aac",
        rotation: int = 0,
        hflip: bool = False,
        times: Sequence[int] | None = None,
        metadata: dict[str, str] | None = None,
        subtitles: Sequence[tuple[int, int, str]] = (),
        size: tuple[int, int] = (160, 96),
        picture: Callable[[int], NDArray[np.uint8]] | None = None,
        keys_every: int = 5,
        options: dict[str, str] | None = None,
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w", options=options or {}) as out:
            out.metadata.update(metadata or {})
            video = out.add_stream(codec, rate=rate)
            video.width, video.height, video.pix_fmt = *size, "yuv420p"
            video.codec_context.gop_size = keys_every
            video.codec_context.time_base = Fraction(1, 1000)
            video.codec_context.thread_count = 1
            if rotation or hflip:
                video.set_display_rotation(rotation, hflip=hflip)
            audio = None
            if sound is not None:
                audio = out.add_stream(sound_codec, rate=44_100, layout="stereo" if len(sound) == 2 else "mono")
            words = out.add_mux_stream("mov_text" if path.suffix == ".mp4" else "subrip") if subtitles else None
            for number in range(frames):
                drawn = picture(number) if picture else picture_of(number, *size)
                frame = av.VideoFrame.from_ndarray(drawn, "rgb24")
                frame.pts, frame.time_base = times[number] if times else number * 1000 // rate, Fraction(1, 1000)
                out.mux(video.encode(frame))
            out.mux(video.encode(None))
            if audio is not None and sound is not None and sound.size:
                _encode_sound(out, audio, sound, 44_100)
            if words is not None:
                for start_ms, end_ms, text in subtitles:
                    data = text.encode()
                    packet = av.Packet(len(data).to_bytes(2, "big") + data if path.suffix == ".mp4" else data)
                    packet.stream, packet.time_base = words, Fraction(1, 1000)
                    packet.pts = packet.dts = start_ms
                    packet.duration = end_ms - start_ms
                    out.mux(packet)
        return path

    return make


def _encode_sound(
    out: av.container.OutputContainer, audio: av.AudioStream, sound: NDArray[np.float32], rate_hz: int
) -> None:
    frame = av.AudioFrame.from_ndarray(sound, "fltp", "stereo" if len(sound) == 2 else "mono")
    frame.sample_rate, frame.pts, frame.time_base = rate_hz, 0, Fraction(1, rate_hz)
    resampler = av.AudioResampler(audio.codec_context.format, audio.codec_context.layout, audio.codec_context.rate)
    fifo = av.AudioFifo()
    if not audio.codec_context.is_open:
        audio.codec_context.open()
    for part in (*resampler.resample(frame), *resampler.resample(None)):
        fifo.write(part)
    while (part := fifo.read(audio.codec_context.frame_size or 1024, True)) is not None:
        out.mux(audio.encode(part))
    out.mux(audio.encode(None))


@pytest.fixture
def make_sound(tmp_path: Path) -> Maker:
    """`make(name, codec, samples, rate_hz)`: a sound file."""

    def make(
        name: str,
        codec: str,
        samples: NDArray[np.float32] | None = None,
        rate_hz: int = 44_100,
        metadata: dict[str, str] | None = None,
        form: str | None = None,
        cover: Image.Image | None = None,
        options: dict[str, str] | None = None,
        codec_options: dict[str, str] | None = None,
    ) -> Path:
        path = tmp_path / name
        sound = tone(2.5, rate_hz) if samples is None else samples
        with av.open(str(path), "w", format=form, options=options or {}) as out:
            out.metadata.update(metadata or {})
            audio = out.add_stream(
                codec,
                rate=rate_hz,
                layout="stereo" if len(sound) == 2 else "mono",
                options={"strict": "experimental", **(codec_options or {})},
            )
            audio.codec_context.bit_rate = 128_000
            art = None
            if cover is not None:
                art = out.add_stream("mjpeg", rate=1)
                art.width, art.height, art.pix_fmt = *cover.size, "yuvj420p"
                art.disposition = av.stream.Disposition.attached_pic
                frame = av.VideoFrame.from_image(cover)
                out.mux(art.encode(frame.reformat(format="yuvj420p")))
                out.mux(art.encode(None))
            _encode_sound(out, audio, sound, rate_hz)
        return path

    return make
