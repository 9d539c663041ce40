"""Photos: upright, first frame, decoded no larger than asked for, and never a bomb."""

from __future__ import annotations

import errno
import re
import struct
import threading
import warnings
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from media_assistant.errors import UserFixable
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.media.faults import check_file, reading
from media_assistant.media.source import Document, Frame, Sound

_MAX_PIXELS = 256 * 1024 * 1024
# Several of Pillow's readers take the whole file into memory first.
_MAX_MEGABYTES = 1000
# Pillow tries all that it knows, whatever a file is called, and hands some of that to other programs (EPS to Ghostscript).
_FORMATS = ("JPEG", "PNG", "GIF", "TIFF", "JPEG2000", "PSD", "WEBP", "BMP", "PPM", "HEIF", "AVIF")
# JPEG is scaled while it is decoded: an eighth each way is a sixty-fourth of the memory.
_MAX_JPEG_PIXELS = 2 * 1024 * 1024 * 1024
# What Pillow and the libraries below it raise for a damaged file.
PILLOW_FAULTS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    TypeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    AssertionError,
)
_ORIENTATION = 0x0112
# ITU-T T.81, B.1.1.3: within the picture's data no byte of 255 stands before any of these.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SCAN, _END, _WITHOUT_LENGTH = b"\xff\xda", b"\xff\xd9", (b"\xff\xd8", b"\xff\x01")
# Nobody writes so many, and each is a step of ours.
_MOST_SCANS, _MOST_SEGMENTS = 100, 20_000
_READ_FOR_SCANS = 64 * 1024 * 1024
_TURNED = (5, 6, 7, 8)
_UPRIGHT_BY = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_broken_files = threading.Lock()


@lru_cache(maxsize=1)
def _prepare_pillow() -> None:
    """Teach Pillow HEIC; its own limit for bombs gives way to ours, which knows what scaled decoding costs."""
    import pi_heif

    pi_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None


def open_image(path: Path) -> Image.Image:
    """The lazily decoded first picture of `path`, not turned yet. The caller closes it.

    Raises UserFixable: `media.photo_damaged`, `media.photo_too_large`, `media.photo_file_too_large`, and what `check_file` raises.
    """
    _prepare_pillow()
    megabytes = check_file(path).st_size // 1_000_000
    if megabytes > _MAX_MEGABYTES:
        raise UserFixable("media.photo_file_too_large", megabytes=megabytes)
    with reading(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata that nobody can do anything about
        try:
            image = Image.open(path, formats=_FORMATS)
        except OSError as error:
            if error.errno not in (None, errno.EINVAL):  # a damaged file sends its reader to places before its start
                raise
            raise UserFixable("media.photo_damaged") from error
        except PILLOW_FAULTS as error:
            raise UserFixable("media.photo_damaged") from error
    pixels = image.width * image.height
    if pixels > (_MAX_JPEG_PIXELS if image.format in ("JPEG", "MPO") else _MAX_PIXELS):
        image.close()
        raise UserFixable("media.photo_too_large", megapixels=round(pixels / 1e6))
    return image


def orientation_of(image: Image.Image) -> int:
    """How far `image` is from upright, as EXIF counts: 1..8; 1 where none or nonsense is given."""
    if image.format == "TIFF":
        return 1  # Pillow turns these itself
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = image.getexif().get(_ORIENTATION, 1)
        except PILLOW_FAULTS:
            return 1
    return found if found in range(1, 9) else 1


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Width and height as shown."""
    return (image.height, image.width) if orientation_of(image) in _TURNED else image.size


def load_upright(image: Image.Image, width: int, height: int) -> tuple[Image.Image, bool]:
    """Decode at no less than `width` × `height` (of the upright picture), RGB; and whether the file broke off.

    JPEG is decoded at 1/2, 1/4 or 1/8 where that is enough. Transparency is shown on white.
    """
    orientation = orientation_of(image)
    check_scans(image)
    if image.format in ("JPEG", "MPO"):
        image.draft("RGB", (height, width) if orientation in _TURNED else (width, height))
    is_truncated = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image.load()
        except PILLOW_FAULTS as error:
            is_truncated = True
            _load_broken(image, error)
        except MemoryError as error:
            raise UserFixable("media.photo_too_large", megapixels=round(image.width * image.height / 1e6)) from error
        flat = _as_rgb(image)
    turn = _UPRIGHT_BY.get(orientation)
    return (flat.transpose(turn) if turn is not None else flat), is_truncated


def check_scans(image: Image.Image) -> None:
    """Refuse a progressive JPEG of more passes over the whole picture than any program writes: a file of a few kilobytes
    can ask for minutes of work.
    """
    if isinstance(image, ImageFile.ImageFile) and image.info.get("progressive") and image.fp is not None:
        here = image.fp.tell()
        image.fp.seek(0)
        scans = _count_scans(image.fp.read(_READ_FOR_SCANS))
        image.fp.seek(here)
        if scans > _MOST_SCANS:
            raise UserFixable("media.photo_damaged")


def _count_scans(data: bytes) -> int:
    """The scans of the first picture in `data`. Behind its end a phone may have put a film, in which anything stands; and
    what stands in a segment, such as a small picture in EXIF, is stepped over.
    """
    scans = at = 0
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None or found[0] == _END:
            return scans
        scans += found[0] == _SCAN
        at = found.end()
        if found[0] not in _WITHOUT_LENGTH:
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
    return _MOST_SCANS + 1


def _load_broken(image: Image.Image, why: Exception) -> None:
    """What is there of a file that breaks off; the rest stays grey."""
    with _broken_files:
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            image.load()
        except (*PILLOW_FAULTS, MemoryError) as error:
            raise UserFixable("media.photo_damaged") from error
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False
    if not image.getbbox() and image.mode == "RGB":
        raise UserFixable("media.photo_damaged") from why


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    if image.mode.startswith(("I", "F")):
        return _from_deep(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layered = image.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB")
    return image.convert("RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float greys by their real range, which Pillow would cut off at 255."""
    values = np.asarray(image, np.float32)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = (0.0, 65535.0) if image.mode.startswith("I;16") else (float(values.min()), float(values.max()))
    scaled = ((values - low) * (255.0 / max(high - low, 1e-9))).clip(0, 255).astype(np.uint8)
    return Image.fromarray(scaled).convert("RGB")


class Photo:
    """A `Frame` over a photo. Decoded at the smallest scale that serves what was asked so far."""

    index = 0
    at_ms = 0
    end_ms = 0

    def __init__(self, path: Path, problems: list[str]) -> None:
        self._path = path
        self._problems = problems
        with open_image(path) as image:
            self.width, self.height = upright_size(image)
        self._loaded: Image.Image | None = None
        self._made: dict[tuple[int, int, str], NDArray[np.uint8]] = {}
        self._lock = threading.Lock()

    def rgb(self, width: int, height: int) -> NDArray[np.uint8]:
        """`[height, width, 3]`. Shared between callers: do not write into it."""
        return self._convert(width, height, "RGB")

    def grey(self, width: int, height: int) -> NDArray[np.uint8]:
        """`[height, width]` luma. Shared between callers: do not write into it."""
        return self._convert(width, height, "L")

    def image(self, width: int, height: int) -> Image.Image:
        """Upright RGB, at least this large if the photo is, and mostly not much larger."""
        with self._lock:
            return self._load(width, height)

    def _convert(self, width: int, height: int, mode: str) -> NDArray[np.uint8]:
        with self._lock:
            made = self._made.get((width, height, mode))
            if made is None:
                picture = self._load(width, height)
                is_smaller = picture.width >= width and picture.height >= height
                scaled = picture.resize(
                    (width, height), Image.Resampling.BOX if is_smaller else Image.Resampling.BILINEAR
                )
                made = np.array(scaled.convert(mode) if scaled.mode != mode else scaled, np.uint8)
                made.setflags(write=False)
                self._made[width, height, mode] = made
            return made

    def _load(self, width: int, height: int) -> Image.Image:
        width, height = min(width, self.width), min(height, self.height)
        loaded = self._loaded
        if loaded is None or ((loaded.width < width or loaded.height < height) and loaded.width < self.width):
            with open_image(self._path) as image:
                loaded, is_truncated = load_upright(image, width, height)
            if loaded.width * loaded.height > _MAX_PIXELS:
                raise UserFixable("media.photo_too_large", megapixels=round(self.width * self.height / 1e6))
            if is_truncated and "media.truncated" not in self._problems:
                self._problems.append("media.truncated")
            self._loaded = loaded
        return loaded


class PhotoSource:
    """A `MediaSource` over a photo. `look` finds its facts when they are asked for."""

    kind = Kind.PHOTO

    def __init__(self, path: Path, look: Callable[[], Facts]) -> None:
        self.path = path
        self._look = look
        self.problems: list[str] = []
        self.photo = Photo(path, self.problems)

    @cached_property
    def facts(self) -> Facts:
        """What a probe says; looked up once."""
        return self._look()

    def play(self, *, frames: bool, sound: bool, start_ms: int = 0) -> Iterator[Frame | Sound]:  # noqa: ARG002
        """The photo itself, once."""
        if frames:
            yield self.photo

    def frame_at(self, at_ms: int) -> Frame | None:  # noqa: ARG002
        """The photo, at any time."""
        return self.photo

    def document(self) -> Document:
        """Photos have no pages."""
        return Document(())

    def close(self) -> None:
        """Nothing stays open."""
