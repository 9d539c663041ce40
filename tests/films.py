"""Films whose every picture carries its own number, so that a test can say which one is on the screen.

The number stands as sixteen black and white fields along the upper edge, the lowest bit at the left; a wrong or blended
picture does not read as the right one. Each second of sound has a tone of its own.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from numpy.typing import NDArray

BITS = 16
RATE_HZ = 48_000
TRIES, PATIENCE_S = 3, 40

ENCODERS = {"h264": "libx264", "vp9": "libvpx-vp9", "av1": "libsvtav1", "mpeg4": "mpeg4"}
OPTIONS = {
    "h264": {"preset": "ultrafast", "crf": "20"},
    "vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "20", "b": "0"},
    "av1": {"preset": "12", "crf": "30"},
    "mpeg4": {"qscale": "3"},
}


def draw_number(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """`[height, width, 3]`: the fields above, a colour that changes slowly below."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = (40 + number * 3 % 120, 60 + number * 5 % 120, 90)
    field = width // BITS
    for bit in range(BITS):
        picture[: height // 3, bit * field : (bit + 1) * field] = 235 if number >> bit & 1 else 16
    return picture


def read_number(rgb: NDArray[np.uint8]) -> int:
    """What `draw_number` wrote, at whatever size; -1 where a field is neither black nor white."""
    height, width = rgb.shape[:2]
    number = 0
    for bit in range(BITS):
        value = int(rgb[height // 6, round((bit + 0.5) * width / BITS)].astype(int).mean())
        if 70 < value < 180:
            return -1
        number |= (value > 125) << bit
    return number


def make_film(
    path: Path,
    codec: str = "h264",
    *,
    seconds: float = 4.0,
    rate: Fraction | int = 25,
    width: int = 320,
    height: int = 180,
    gop: int = 50,
    has_sound: bool = True,
    draw: Callable[[int, int, int], NDArray[np.uint8]] = draw_number,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    heard_s: tuple[float, float] = (0, float("inf")),
) -> Path:
    """Write a film, with sound in `heard_s` alone; the container is as the ending of `path` says. Returns `path`."""
    parts = (path, codec, seconds, rate, width, height, gop, has_sound, draw, options, container_options, heard_s)
    if codec == "av1":
        _write_apart(*parts)
    else:
        _write(*parts)
    return path


def _write_apart(*parts: object) -> None:
    """In a process of its own, that can be ended: the AV1 encoder now and then waits for itself for ever."""
    for _ in range(TRIES):
        writer = multiprocessing.get_context("spawn").Process(target=_write, args=parts)
        writer.start()
        writer.join(PATIENCE_S)
        if writer.exitcode == 0:
            return
        writer.kill()
        writer.join()
    raise TimeoutError("the AV1 encoder does not come to an end")


def _write(
    path: Path,
    codec: str,
    seconds: float,
    rate: Fraction | int,
    width: int,
    height: int,
    gop: int,
    has_sound: bool,
    draw: Callable[[int, int, int], NDArray[np.uint8]],
    options: dict[str, str] | None,
    container_options: dict[str, str] | None,
    heard_s: tuple[float, float],
) -> None:
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(ENCODERS[codec], rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.gop_size = gop
        stream.options = dict(OPTIONS[codec] if options is None else options)
        if codec == "av1":
            stream.options["svtav1-params"] = f"keyint={gop}:lp=2:enable-tf=0"
        sound = None
        if has_sound:
            sound = container.add_stream("aac" if path.suffix in (".mp4", ".mov") else "libopus", rate=RATE_HZ)
            sound.layout = "stereo"
        frames = round(seconds * float(rate))
        heard, last = (min(seconds, at) * RATE_HZ for at in heard_s)
        for number in range(frames):
            frame = VideoFrame.from_ndarray(draw(number, width, height), format="rgb24")
            frame.pts = number
            frame.time_base = 1 / Fraction(rate)
            for packet in stream.encode(frame):
                container.mux(packet)
            while sound is not None and heard < min(last, (number + 1) / float(rate) * RATE_HZ):
                container.mux(sound.encode(_tone(round(heard), 1024)))
                heard += 1024
        for each in (stream, sound):
            if each is not None:
                container.mux(each.encode(None))


def shorten(film: Path, to: Path, seconds: float) -> Path:
    """The beginning of a film, picture and sound as they were encoded. Returns `to`."""
    with av.open(str(film)) as source, av.open(str(to), "w") as container:
        streams = {each.index: container.add_stream_from_template(each) for each in source.streams}
        for packet in source.demux():
            if packet.pts is not None and packet.time_base is not None and packet.pts * packet.time_base < seconds:
                packet.stream = streams[packet.stream.index]
                container.mux(packet)
    return to


def make_sound(path: Path, *, seconds: float = 4.0) -> Path:
    """Sound alone: `.flac`, `.ogg`, `.mp3`, `.m4a`."""
    codec = {".flac": "flac", ".ogg": "libvorbis", ".mp3": "libmp3lame", ".m4a": "aac", ".opus": "libopus"}[path.suffix]
    with av.open(str(path), "w") as container:
        sound = container.add_stream(codec, rate=RATE_HZ)
        sound.layout = "stereo"
        for start in range(0, round(seconds * RATE_HZ), 1024):
            container.mux(sound.encode(_tone(start, 1024)))
        container.mux(sound.encode(None))
    return path


def _tone(start: int, length: int) -> AudioFrame:
    at = np.arange(start, start + length) / RATE_HZ
    wave = (0.3 * np.sin(2 * np.pi * (220 + 110 * (at.astype(int) % 8)) * at)).astype(np.float32)
    frame = AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, start, Fraction(1, RATE_HZ)
    return frame
