"""A library of another mix than the labelled media: long films, long recordings, large photos, books. Made from the same
ingredients, or from the program's samples, and the same every time.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

RATE = 16_000
FILMS, FILM_S, SIDE = 2, 75, (1280, 720)
RECORDINGS, RECORDING_S = 3, 240
PHOTOS, PHOTO_SIDE = 24, (4000, 3000)
BOOKS, BOOK_CHARACTERS = 6, 60_000


def make_mixed_library(folder: Path, ingredients: Path) -> Path:
    """Fill `folder` with films, recordings, photos and texts; gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(11)
    photos = sorted(file for file in ingredients.rglob("*") if file.suffix == ".jpg")
    sounds = sorted(file for file in ingredients.rglob("*") if file.suffix in {".wav", ".ogg", ".flac"})
    texts = sorted(file for file in ingredients.rglob("*") if file.suffix in {".txt", ".md"})
    pictures = [np.asarray(Image.open(file).convert("RGB")) for file in photos[:40]]
    speech = [_decode(file) for file in sounds if file.parent.name in {"digits", "speech", "samples"}]
    others = [_decode(file) for file in sounds if file.parent.name not in {"digits", "speech"}]
    for number in range(FILMS):
        _film(folder / f"film {number}.mp4", pictures, _joined(speech, FILM_S, random, 1.5), random)
    for number in range(RECORDINGS):
        parts, pause_s = (others, 0.3) if number == 0 else (speech, 0.4 + 2.0 * number)
        _recording(folder / f"recording {number}.flac", _joined(parts, RECORDING_S, random, pause_s))
    for number in range(PHOTOS):
        picture = Image.fromarray(pictures[number % len(pictures)]).resize(PHOTO_SIDE, Image.Resampling.BILINEAR)
        picture.rotate(number % 4).save(folder / f"photo {number}.jpg", quality=90)
    words = " ".join(file.read_text("utf-8", "replace") for file in texts).split()
    for number in range(BOOKS):
        chosen = random.permutation(words * (1 + BOOK_CHARACTERS // max(1, len(" ".join(words)))))
        lines = [" ".join(chosen[start : start + 40]) for start in range(0, len(chosen), 40)]
        (folder / f"book {number}.txt").write_text("\n\n".join(lines)[:BOOK_CHARACTERS], "utf-8")
    return folder


def _decode(file: Path) -> np.ndarray:
    with av.open(str(file)) as container:
        resampler = av.AudioResampler("fltp", "mono", RATE)
        blocks = [part.to_ndarray()[0] for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate(blocks).astype(np.float32)


def _joined(parts: list[np.ndarray], seconds: float, random: np.random.Generator, pause_s: float) -> np.ndarray:
    found: list[np.ndarray] = []
    length = 0
    while length < seconds * RATE:
        found += [parts[int(random.integers(len(parts)))], np.zeros(int(pause_s * RATE), np.float32)]
        length += len(found[-2]) + len(found[-1])
    return np.concatenate(found)[: int(seconds * RATE)]


def _recording(file: Path, sound: np.ndarray) -> None:
    with av.open(str(file), "w") as out:
        stream = out.add_stream("flac", rate=RATE, layout="mono")
        _write_sound(out, stream, sound)


def _film(file: Path, pictures: list[np.ndarray], sound: np.ndarray, random: np.random.Generator) -> None:
    """Pans over still pictures, a cut every few seconds, speech beneath."""
    width, height = SIDE
    with av.open(str(file), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "24"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = out.add_stream("aac", rate=RATE, layout="mono")
        left, number = 0, 0
        while number < FILM_S * 25:
            if left == 0:
                left = int(random.integers(40, 150))
                wide = Image.fromarray(pictures[int(random.integers(len(pictures)))]).resize(
                    (width + 200, height + 120)
                )
                still = np.asarray(wide)
            x, y = (left * 2) % 200, left % 120
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(still[y : y + height, x : x + width]), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            for packet in video.encode(frame):
                out.mux(packet)
            left, number = left - 1, number + 1
        for packet in video.encode(None):
            out.mux(packet)
        _write_sound(out, audio, sound)


def _write_sound(out: av.container.OutputContainer, stream: av.AudioStream, sound: np.ndarray) -> None:
    samples = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    for start in range(0, len(samples), 4096):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + 4096], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        for packet in stream.encode(frame):
            out.mux(packet)
    for packet in stream.encode(None):
        out.mux(packet)
