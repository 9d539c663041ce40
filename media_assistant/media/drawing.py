"""Pictures of what has none: a page of text, a sound."""

from __future__ import annotations

import sys
import unicodedata
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_ENDING_SIGNS, _BEGINNING_SIGNS = tuple("，。、；：？！）》〉」』】〕”’…—,.;:?!)]}%"), tuple("（《〈「『【〔“‘([{")
_PAPER, _INK, _HEADING_INK = (250, 249, 246), (58, 58, 62), (24, 24, 28)
_NIGHT, _WAVE, _WAVE_SOFT = (32, 36, 48), (126, 168, 255), (72, 92, 140)
# Fonts that hold Chinese as well as Latin letters, by system, best first.
_FONTS = {
    "linux": (
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
        "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
        "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
        "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    ),
    "darwin": (
        "/System/Library/Fonts/PingFang.ttc",
        "/System/Library/Fonts/Hiragino Sans GB.ttc",
        "/System/Library/Fonts/STHeiti Light.ttc",
        "/Library/Fonts/Arial Unicode.ttf",
        "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    ),
    "win32": ("C:/Windows/Fonts/msyh.ttc", "C:/Windows/Fonts/simsun.ttc", "C:/Windows/Fonts/arial.ttf"),
}


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font with Chinese if the system has one; else Pillow's own Latin one."""
    for file in _FONTS.get(sys.platform, ()):
        if Path(file).is_file():
            try:
                return ImageFont.truetype(file, size)
            except OSError:
                continue
    return ImageFont.load_default(size)


def draw_page(title: str, text: str, long_side: int) -> Image.Image:
    """The first lines of a text on a sheet of paper, three wide to four high, under its title."""
    first, _, rest = text.lstrip().partition("\n")
    if title and first.strip("# \t\r") == title:
        # As a heading it stands above already.
        text = rest.lstrip("\r\n")
    height, width = long_side, long_side * 3 // 4
    page = Image.new("RGB", (width, height), _PAPER)
    pen = ImageDraw.Draw(page)
    margin, size = max(6, width // 12), max(9, long_side // (26 if len(text) > 300 else 18))
    y = float(margin)
    if title:
        heading = _font(size * 4 // 3)
        for line in wrap_text(_shown(title[:400]), width - 2 * margin, heading)[:3]:
            pen.text((margin, y), line, _HEADING_INK, heading)
            y += size * 1.9
        y += size * 0.6
    font = _font(size)
    for paragraph in text.split("\n"):
        if y > height - margin - size:
            break
        lines = wrap_text(_shown(paragraph[:400]), width - 2 * margin, font)
        for line in lines:
            if y > height - margin - size:
                break
            pen.text((margin, y), line, _INK, font)
            y += size * 1.5
        if not lines:
            y += size * 0.7
    return page


def _shown(text: str) -> str:
    """Without what no font shows and what would move the pen about."""
    return "".join(
        " " if character == "\t" else character
        for character in text
        if character == "\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )


def wrap_text(text: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    """Lines of at most `width` pixels: cut at spaces, and where none is in reach, as in Chinese, between any two signs that
    may be parted.
    """
    lines: list[str] = []
    text = " ".join(text.split())
    while text and len(lines) < 60:
        low, high = 1, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if font.getlength(text[:middle]) <= width:
                low = middle
            else:
                high = middle - 1
        cut = low
        if cut < len(text) and (space := text.rfind(" ", 0, cut + 1)) > cut // 2:
            cut = space
        else:
            cut = _between_signs(text, cut)
        lines.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return lines


def _between_signs(text: str, cut: int) -> int:
    """A little earlier where a line would begin with a sign that ends something, or end with one that begins something
    (after JIS X 4051, which Chinese typesetting follows too).
    """
    for earlier in range(cut, max(0, cut - 4), -1):
        if text[earlier : earlier + 1] not in _ENDING_SIGNS and text[earlier - 1] not in _BEGINNING_SIGNS:
            return earlier
    return cut


def draw_sound_card(peaks: NDArray[np.float32], long_side: int) -> Image.Image:
    """A waveform as a square picture, for sound without a cover."""
    card = Image.new("RGB", (long_side, long_side), _NIGHT)
    pen = ImageDraw.Draw(card)
    count = max(len(peaks), 1)
    inner = long_side * 0.84
    step = inner / count
    for number, peak in enumerate(peaks):
        x = (long_side - inner) / 2 + (number + 0.5) * step
        half = max(0.01, float(peak)) * long_side * 0.32
        colour = tuple(round(a + (b - a) * float(peak)) for a, b in zip(_WAVE_SOFT, _WAVE, strict=True))
        thick = max(0.5, step * 0.32)
        pen.rounded_rectangle(
            (x - thick, long_side / 2 - half, x + thick, long_side / 2 + half), radius=thick, fill=colour
        )
    return card


def draw_waveform(peaks: NDArray[np.float32], width: int, height: int) -> NDArray[np.uint8]:
    """`[height, width, 4]` RGBA: bars of the peaks around the middle line, transparent elsewhere."""
    columns = peaks[np.minimum(np.arange(width) * len(peaks) // width, len(peaks) - 1)]
    half = np.maximum(columns * (height / 2 - 1), 0.5)
    distance = np.abs(np.arange(height) - (height - 1) / 2)[:, None]
    is_gap = np.arange(width) % 3 == 2
    alpha = np.where((distance <= half[None, :]) & ~is_gap[None, :], 255, 0).astype(np.uint8)
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[..., :3] = _WAVE
    pixels[..., 3] = alpha
    return pixels
