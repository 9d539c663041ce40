"""Files that are the same and files that only look so, made from any folder of media: the yardstick for duplicates,
written before the detector.

Each source gives one file per transform; all files of a source are duplicates of each other, and nothing else is one.
Among them are decoys: frames of a film as a burst, two views of one place, near-blank pictures, films with a shared
intro, and captions and logos that are everywhere the same.

Set aside before anything was tuned: the transforms `ASIDE`, and half of the sources (`is_aside`), their decoys too. Only
the rest was looked at while thresholds were chosen.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

ASIDE = ("logo", "subtitles", "mirrored", "letterbox", "format")
FRESH = ("low", "mono", "cut", "louder")
"""Of sounds, set aside later: what was tuned meanwhile has never been looked at with these."""
RATE = 44_100

Rgb = NDArray[np.uint8]
Sound = NDArray[np.float32]
"""`[channels, n]`."""


@dataclass(frozen=True)
class Made:
    """A file of the set. `source` is what it is a form of; a decoy is a source of its own."""

    file: Path
    kind: str
    source: str
    transform: str
    is_aside: bool


KNOWN_SAME = {"sound baby_cry_5-151085-A": "sound baby_cry_3-151080-A"}
"""Sources that are the same recording by themselves: these two were cut from one, 640 ms apart."""


def is_aside(source: str) -> bool:
    """Half of the sources, by their names alone."""
    return zlib.crc32(source.encode()) % 2 == 1


def _random(*parts: object) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(repr(parts).encode()))


# Pictures


def _crop(picture: Rgb, draw: np.random.Generator) -> Rgb:
    height, width = picture.shape[:2]
    share_x, share_y = draw.uniform(0.75, 0.92, 2)
    left, top = int(draw.uniform(0, 1 - share_x) * width), int(draw.uniform(0, 1 - share_y) * height)
    return np.ascontiguousarray(picture[top : top + int(share_y * height), left : left + int(share_x * width)])


def _resize(picture: Rgb, draw: np.random.Generator) -> Rgb:
    scale = draw.uniform(0.35, 0.6)
    size = max(32, round(picture.shape[1] * scale)), max(32, round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _tone(picture: Rgb, draw: np.random.Generator) -> Rgb:
    gain, gamma, grey = draw.uniform(0.8, 1.2), draw.uniform(0.75, 1.35), draw.uniform(0, 0.8)
    values = 255 * np.clip(picture / 255 * gain, 0, 1) ** gamma
    values = values * (1 - grey) + values.mean(2, keepdims=True) * grey
    return np.asarray(np.clip(values + draw.uniform(-12, 12), 0, 255), np.uint8)


def _logo(picture: Rgb, draw: np.random.Generator) -> Rgb:
    made = picture.copy()
    height, width = made.shape[:2]
    box_w, box_h = int(width * draw.uniform(0.15, 0.25)), int(height * draw.uniform(0.08, 0.15))
    left = int(0.03 * width) if draw.random() < 0.5 else width - box_w - int(0.03 * width)
    top = int(0.03 * height) if draw.random() < 0.5 else height - box_h - int(0.03 * height)
    part = made[top : top + box_h, left : left + box_w]
    part[:] = (part * 0.3 + np.array((235, 40, 60)) * 0.7).astype(np.uint8)
    scale = box_h / 40
    place = (left + box_w // 8, top + int(box_h * 0.75))
    cv2.putText(made, "TV9", place, cv2.FONT_HERSHEY_DUPLEX, scale, (255, 255, 255), max(1, round(2 * scale)))
    return made


def _subtitles(picture: Rgb, draw: np.random.Generator, second: int = 0) -> Rgb:
    made = picture.copy()
    height, width = made.shape[:2]
    lines = (("I never thought", "we would come back"), ("Look at that!", ""), ("Where were you", "all these years?"))
    scale = width / 420
    for row, line in enumerate(lines[second // 2 % 3]):
        at = (int(width * 0.14), int(height * (0.86 + 0.08 * row)))
        for colour, thick in (((0, 0, 0), 4), ((255, 255, 255), 1.4)):
            cv2.putText(made, line, at, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, max(1, round(thick * scale)))
    return made


def _letterbox(picture: Rgb, draw: np.random.Generator) -> Rgb:
    height = picture.shape[0]
    bar = int(draw.uniform(0.1, 0.2) * height)
    if draw.random() < 0.5:
        return np.asarray(cv2.copyMakeBorder(picture, bar, bar, 0, 0, cv2.BORDER_CONSTANT), np.uint8)
    return np.asarray(cv2.copyMakeBorder(picture, 0, 0, bar, bar, cv2.BORDER_CONSTANT), np.uint8)


def _mirror(picture: Rgb, draw: np.random.Generator) -> Rgb:
    return np.ascontiguousarray(picture[:, ::-1])


PICTURES: dict[str, Callable[[Rgb, np.random.Generator], Rgb]] = {
    "resized": _resize,
    "cropped": _crop,
    "logo": _logo,
    "subtitles": _subtitles,
    "mirrored": _mirror,
    "tone": _tone,
    "letterbox": _letterbox,
}


def write_picture(file: Path, picture: Rgb, quality: int = 85) -> None:
    """By the name's ending."""
    options = {".jpg": [cv2.IMWRITE_JPEG_QUALITY, quality], ".webp": [cv2.IMWRITE_WEBP_QUALITY, quality]}
    ok, data = cv2.imencode(file.suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), options.get(file.suffix, []))
    assert ok
    file.write_bytes(data.tobytes())


def own_names(files: Sequence[Path]) -> dict[Path, str]:
    """For each of one kind its own name, with a number where another one has it already, elsewhere or in capitals."""
    found: dict[Path, str] = {}
    taken = {file.stem.casefold() for file in files}
    met: set[str] = set()
    for file in files:
        name, number = file.stem, 1
        while name.casefold() in (met if number == 1 else taken | met):
            number += 1
            name = f"{file.stem} ({number})"
        met.add(name.casefold())
        found[file] = name
    return found


def _photos(folder: Path, photos: Mapping[Path, str]) -> Iterator[Made]:
    for path, own in photos.items():
        source = f"photo {own}"
        data = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        if data is None or min(data.shape[:2]) < 64 or _is_place(path):
            continue
        picture = np.asarray(cv2.cvtColor(data, cv2.COLOR_BGR2RGB), np.uint8)
        forms: list[tuple[str, str, Rgb, int]] = [("original", ".jpg", picture, 95), ("reencoded", ".jpg", picture, 28)]
        forms += [("container", ".webp", picture, 60), ("format", ".png", picture, 0)]
        forms += [(name, ".jpg", change(picture, _random(name, source)), 85) for name, change in PICTURES.items()]
        for name, ending, made, quality in forms:
            file = folder / f"{own}~{name}{ending}"
            write_picture(file, made, quality)
            yield Made(file, "photo", source, name, is_aside(source))


# Films and sound


@dataclass
class Clip:
    """Pictures at `rate` and their sound at `RATE`, as long as each other."""

    pictures: list[Rgb]
    rate: Fraction
    sound: Sound


def read_clip(file: Path, width: int = 640) -> Clip:
    """All of a film or a piece of music, pictures no wider than `width`."""
    pictures: list[Rgb] = []
    pieces: list[Sound] = []
    resampler = av.AudioResampler("fltp", "stereo", RATE)
    with av.open(str(file)) as container:
        film = next((each for each in container.streams.video if each.codec_context.name != "mjpeg"), None)
        streams = [each for each in (film, next(iter(container.streams.audio), None)) if each is not None]
        for frame in container.decode(*streams):
            if isinstance(frame, av.VideoFrame):
                scale = min(1.0, width / frame.width)
                size = round(frame.width * scale / 2) * 2, round(frame.height * scale / 2) * 2
                pictures.append(frame.reformat(*size, "rgb24").to_ndarray())
            else:
                pieces += [each.to_ndarray() for each in resampler.resample(frame)]
        rate = Fraction(film.average_rate or 25) if film is not None else Fraction(25)
    sound = np.concatenate(pieces, 1) if pieces else np.zeros((2, 0), np.float32)
    return Clip(pictures, rate, sound)


def write_clip(
    file: Path, clip: Clip, video: str = "libx264", audio: str = "aac", kbps: int = 128, quality: int = 26
) -> None:
    """By the name's ending; without pictures a piece of music."""
    with av.open(str(file), "w") as container:
        picture_stream = sound_stream = None
        if clip.pictures:
            options = {"crf": str(quality), "preset": "veryfast", "cpu-used": "8", "deadline": "realtime", "b": "0"}
            picture_stream = container.add_stream(video, clip.rate, options=options if "mpeg4" not in video else {})
            height, width = clip.pictures[0].shape[:2]
            picture_stream.width, picture_stream.height, picture_stream.pix_fmt = width & ~1, height & ~1, "yuv420p"
            if "mpeg4" in video:
                picture_stream.bit_rate = 350_000
        if clip.sound.size:
            sound_stream = container.add_stream(audio, 48_000 if audio == "libopus" else RATE)
            sound_stream.layout = "mono" if len(clip.sound) == 1 else "stereo"
            if audio != "flac":
                sound_stream.bit_rate = kbps * 1000
        if picture_stream is not None:
            for number, picture in enumerate(clip.pictures):
                even = np.ascontiguousarray(picture[: picture.shape[0] & ~1, : picture.shape[1] & ~1])
                frame = av.VideoFrame.from_ndarray(even, "rgb24")
                frame.pts, frame.time_base = number, 1 / clip.rate
                container.mux(picture_stream.encode(frame))
            container.mux(picture_stream.encode(None))
        if sound_stream is not None:
            layout = sound_stream.layout.name
            resampler = av.AudioResampler(sound_stream.format.name, layout, sound_stream.rate)
            fifo = av.AudioFifo()
            heard = av.AudioFrame.from_ndarray(np.ascontiguousarray(clip.sound, np.float32), "fltp", layout)
            heard.sample_rate, heard.pts = RATE, 0
            for frame in (*resampler.resample(heard), *resampler.resample(None)):
                frame.pts = None
                fifo.write(frame)
            size, at = sound_stream.frame_size or 1024, 0
            while fifo.samples:
                part = fifo.read(min(size, fifo.samples))
                part.pts, part.time_base, at = at, Fraction(1, sound_stream.rate), at + part.samples
                container.mux(sound_stream.encode(part))
            container.mux(sound_stream.encode(None))


def _trim(clip: Clip, start: float, end: float) -> Clip:
    count, length = len(clip.pictures), clip.sound.shape[1]
    return Clip(
        clip.pictures[int(start * count) : int(end * count)],
        clip.rate,
        clip.sound[:, int(start * length) : int(end * length)],
    )


def _films(folder: Path, films: Mapping[Path, str]) -> Iterator[Made]:
    for path, own in films.items():
        source, clip = f"film {own}", read_clip(path)
        if not clip.pictures:
            continue
        forms: list[tuple[str, str, Clip, dict[str, object]]] = [
            ("original", ".mp4", clip, {"quality": 20}),
            ("reencoded", ".mp4", clip, {"quality": 36, "kbps": 48}),
            ("container", ".webm", clip, {"video": "libvpx", "audio": "libopus", "kbps": 64}),
            ("format", ".avi", clip, {"video": "mpeg4", "audio": "libmp3lame", "kbps": 96}),
            ("trimmed", ".mp4", _trim(clip, 0.22, 0.85), {}),
        ]
        for name, change in PICTURES.items():
            if name == "subtitles":
                draw = _random(name)
                pictures = [
                    _subtitles(picture, draw, int(number / clip.rate)) for number, picture in enumerate(clip.pictures)
                ]
            else:
                pictures = [change(picture, _random(name, source)) for picture in clip.pictures]
            forms.append((name, ".mp4", Clip(pictures, clip.rate, clip.sound), {}))
        for name, ending, made, options in forms:
            file = folder / f"{own}~{name}{ending}"
            write_clip(file, made, **options)  # type: ignore[arg-type]
            yield Made(file, "video", source, name, is_aside(source))


def _music(folder: Path, music: Mapping[Path, str]) -> Iterator[Made]:
    for path, own in music.items():
        source, clip = f"sound {own}", read_clip(path)
        clip.pictures = []
        if clip.sound.shape[1] < 4 * RATE:
            continue
        quiet = Clip([], clip.rate, clip.sound.mean(0, keepdims=True) * np.float32(10 ** (-9 / 20)))
        spoken = clip.sound.copy()
        hum = np.sin(np.arange(min(3 * RATE, spoken.shape[1] // 5)) * 2 * np.pi * 440 / RATE).astype(np.float32)
        spoken[:, : len(hum)] = 0.6 * spoken[:, : len(hum)] + 0.15 * hum
        forms: list[tuple[str, str, Clip, dict[str, object]]] = [
            ("original", ".ogg", clip, {"audio": "libopus", "kbps": 128}),
            ("reencoded", ".mp3", clip, {"audio": "libmp3lame", "kbps": 56}),
            ("container", ".m4a", clip, {"audio": "aac", "kbps": 96}),
            ("format", ".flac", clip, {"audio": "flac"}),
            ("trimmed", ".mp3", _trim(clip, 0.17, 0.8), {"audio": "libmp3lame", "kbps": 128}),
            ("tone", ".mp3", quiet, {"audio": "libmp3lame", "kbps": 96}),
            ("logo", ".mp3", Clip([], clip.rate, spoken), {"audio": "libmp3lame", "kbps": 96}),
        ]
        draw = _random("fresh", source)
        gone, kept = draw.uniform(0.03, 0.25), draw.uniform(0.7, 1.0)
        mono = clip.sound.mean(0, keepdims=True)
        loud = np.clip(clip.sound * np.float32(10 ** (draw.uniform(3, 9) / 20)), -1, 1)
        forms += [
            ("low", ".ogg", Clip([], clip.rate, mono), {"audio": "libopus", "kbps": 20}),
            ("mono", ".mp3", Clip([], clip.rate, mono), {"audio": "libmp3lame", "kbps": 40}),
            ("cut", ".m4a", _trim(clip, gone, kept), {"audio": "aac", "kbps": 96}),
            ("louder", ".mp3", Clip([], clip.rate, loud), {"audio": "libmp3lame", "kbps": 96}),
        ]
        for name, ending, made, options in forms:
            file = folder / f"{own}~{name}{ending}"
            write_clip(file, made, **options)  # type: ignore[arg-type]
            yield Made(file, "music", source, name, is_aside(source))


# Decoys


def _is_place(photo: Path) -> bool:
    """Whether a photo gives two views rather than forms of itself."""
    return zlib.crc32(photo.name.encode()) % 6 == 0


def _decoy_photos(folder: Path, photos: Mapping[Path, str], films: Mapping[Path, str]) -> Iterator[Made]:
    def decoy(name: str, of: str, picture: Rgb) -> Made:
        file = folder / f"decoy {name}.jpg"
        write_picture(file, picture)
        return Made(file, "photo", f"decoy {name}", "decoy", is_aside(of))

    for path, own in films.items():
        if path.name.startswith("slides"):
            continue  # it pans over photos: its frames are crops of one picture, and no decoys
        clip = read_clip(path)
        shown: list[Rgb] = []
        for number, picture in enumerate(clip.pictures[:: max(1, round(clip.rate))]):
            # A film that stands still is no burst: its frames are the same picture.
            small = cv2.GaussianBlur(picture, (0, 0), 3).astype(np.float32)
            if all(np.abs(small - other).max() > 60 for other in shown):
                shown.append(small)
                yield decoy(f"burst {own} {number}", f"film {own}", picture)
    for path, own in photos.items():
        data = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        if data is not None and _is_place(path):
            picture = np.asarray(cv2.cvtColor(data, cv2.COLOR_BGR2RGB), np.uint8)
            width = picture.shape[1]
            # Two views of the place, without the photo itself, of which both are crops.
            yield decoy(f"view left {own}", f"photo {own}", picture[:, : int(0.6 * width)])
            yield decoy(f"view right {own}", f"photo {own}", picture[:, int(0.4 * width) :])
    for number, level in enumerate((0, 6, 30, 120, 128, 200, 246, 255)):
        draw = _random("blank", number)
        picture = np.full((300, 400, 3), level, np.float32) + draw.normal(0, 2, (300, 400, 3))
        picture += np.linspace(0, number, 400)[None, :, None]
        picture[:4] += 20 * (number % 2)
        yield decoy(f"blank {number}", f"blank {number}", np.asarray(np.clip(picture, 0, 255), np.uint8))


def _decoy_films(folder: Path) -> Iterator[Made]:
    """The same four seconds of colour bars, black and a tone, then five seconds of something else; and songs that show one
    cover.
    """
    width, height, rate = 480, 270, Fraction(25)
    bars = np.zeros((height, width, 3), np.uint8)
    for place, colour in enumerate(((190,) * 3, (190, 190, 0), (0, 190, 190), (0, 190, 0), (190, 0, 190), (190, 0, 0))):
        bars[:, place * 80 : (place + 1) * 80] = colour
    tone = 0.2 * np.sin(np.arange(4 * RATE) * 2 * np.pi * 1000 / RATE).astype(np.float32)
    cover = cv2.resize(_random("cover").normal(128, 50, (9, 16, 3)), (width, height), interpolation=cv2.INTER_CUBIC)
    cover = np.asarray(np.clip(cover, 0, 255), np.uint8)
    for number in range(8):
        draw = _random("intro", number)
        # A camera that pans over a ground with a few large and many small things.
        ground = sum(
            np.asarray(cv2.resize(draw.normal(0, 60 / level, (9 * level, 20 * level, 3)), (width * 2, height * 2)))
            for level in (1, 3, 8)
        )
        ground = np.asarray(np.clip(128 + ground, 0, 255), np.uint8)
        pictures = [bars] * 50 + [np.zeros_like(bars)] * 50
        step_x, step_y = draw.uniform(0.5, 3), draw.uniform(0.2, 1.5)
        for at in range(125):
            left, top = int(step_x * at), int(step_y * at)
            pictures.append(np.ascontiguousarray(ground[top : top + height, left : left + width]))
        notes = np.repeat(draw.uniform(200, 2000, 20), RATE // 4)
        melody = 0.2 * np.sin(2 * np.pi * np.cumsum(notes) / RATE).astype(np.float32)
        sound = np.concatenate([tone, melody])
        file = folder / f"decoy intro {number}.mp4"
        write_clip(file, Clip(pictures, rate, np.stack([sound, sound])))
        yield Made(file, "video", f"decoy intro {number}", "decoy", number % 2 == 1)
        # Songs of one album as films of its cover.
        notes = np.repeat(draw.uniform(200, 2000, 96), RATE // 4)
        melody = 0.2 * np.sin(2 * np.pi * np.cumsum(notes) / RATE).astype(np.float32)
        file = folder / f"decoy cover {number}.mp4"
        write_clip(file, Clip([cover] * 120, Fraction(5), np.stack([melody, melody])))
        yield Made(file, "video", f"decoy cover {number}", "decoy", number % 2 == 1)


def generate(media: Path, folder: Path) -> list[Made]:
    """Make the whole set below an empty folder."""
    files = sorted(each for each in media.rglob("*") if each.is_file() and not each.name.startswith("."))
    photos = own_names([each for each in files if each.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")])
    films = own_names([each for each in files if each.suffix.lower() in (".mp4", ".mkv", ".mov", ".webm")])
    sounds = (".ogg", ".mp3", ".flac", ".m4a", ".wav", ".opus")
    music = own_names([each for each in files if each.suffix.lower() in sounds])
    folder.mkdir(parents=True, exist_ok=True)
    made = [
        *_photos(folder, photos),
        *_decoy_photos(folder, photos, films),
        *_films(folder, films),
        *_decoy_films(folder),
        *_music(folder, music),
    ]
    return [replace(each, source=KNOWN_SAME.get(each.source, each.source)) for each in made]
