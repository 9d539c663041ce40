"""The five scenes of the sample film and the sample photo, drawn with Pillow. Used by `make_samples.py` only."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SCALE = 2
"""Drawn at twice the size and shrunk: Pillow draws no soft edges of its own."""

Colour = tuple[int, int, int]

_LATIN = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
_HAN = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"


def gradient(width: int, height: int, *stops: tuple[float, Colour]) -> Image.Image:
    """From top to bottom through colours at fractions of the height."""
    at = np.linspace(0, 1, height)
    places = [stop[0] for stop in stops]
    column = np.stack([np.interp(at, places, [stop[1][c] for stop in stops]) for c in range(3)], axis=1)
    return Image.fromarray(np.repeat(column[:, None, :], width, axis=1).astype(np.uint8))


def glow(picture: Image.Image, x: float, y: float, radius: float, colour: Colour, strength: float) -> Image.Image:
    """Add a soft light around a point."""
    pixels = np.asarray(picture, np.float32)
    rows, columns = np.mgrid[0 : picture.height, 0 : picture.width]
    light = strength * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * radius**2))
    lit = pixels + (np.array(colour, np.float32) - pixels) * light[..., None].clip(0, 1)
    return Image.fromarray(lit.clip(0, 255).astype(np.uint8))


def title(picture: Image.Image, english: str, chinese: str, height: int, *, is_high: bool = False) -> None:
    """Two lines in a left corner, white with a soft shadow. `height` is that of the finished picture."""
    size = height // 11 * SCALE
    left, bottom = size // 2, size * 3 if is_high else picture.height - size // 2
    shadow = Image.new("L", picture.size, 0)
    lines = (
        (ImageFont.truetype(_LATIN, size), english, bottom - int(size * 2.6)),
        (ImageFont.truetype(_HAN, size), chinese, bottom - int(size * 1.4)),
    )
    for font, text, top in lines:
        ImageDraw.Draw(shadow).text((left + 3, top + 3), text, 210, font=font, stroke_width=5)
    picture.paste((8, 12, 24), mask=shadow.filter(ImageFilter.GaussianBlur(6)))
    for font, text, top in lines:
        ImageDraw.Draw(picture).text((left, top), text, (255, 255, 255), font=font)


def lighthouse(width: int, height: int, t: float) -> Image.Image:
    """A lighthouse on a headland at dusk; its beam turns and the waves run."""
    w, h = width * SCALE, height * SCALE
    picture = gradient(w, h, (0, (58, 76, 128)), (0.35, (214, 138, 122)), (0.55, (255, 206, 142)), (1, (255, 206, 142)))
    picture = glow(picture, w * 0.3, h * 0.52, h * 0.16, (255, 244, 200), 0.9)
    horizon = int(h * 0.55)
    picture.paste(
        gradient(w, h - horizon, (0, (190, 140, 130)), (0.25, (62, 96, 140)), (1, (18, 40, 84))), (0, horizon)
    )
    draw = ImageDraw.Draw(picture, "RGBA")
    for row in range(16):
        depth = (row + 1) / 16
        y = horizon + depth**1.4 * (h - horizon)
        shift = t * 60 * SCALE * depth + row * 97
        points = [
            (x, y + math.sin((x + shift) / (26 * SCALE * (0.4 + depth))) * 4 * SCALE * depth)
            for x in range(0, w + 16, 16)
        ]
        draw.line(points, (255, 226, 190, int(50 + 60 * depth)), width=max(2, int(3 * depth * SCALE)))
    rock = [(w * 0.58, h), (w * 0.62, h * 0.66), (w * 0.7, h * 0.56), (w * 0.84, h * 0.54), (w, h * 0.6), (w, h)]
    draw.polygon(rock, (38, 36, 52))
    x, foot, top = w * 0.77, h * 0.56, h * 0.2
    beam = math.sin(t * 0.9) * 0.35
    for wide, light in ((0.11, 46), (0.05, 60)):
        far = [(x - w, top + w * math.tan(beam + turn)) for turn in (-wide, wide)]
        draw.polygon([(x, top), *far], (255, 246, 200, light))
    for band in range(6):
        a, b = band / 6, (band + 1) / 6
        narrow = [h * (0.034 + 0.018 * part) for part in (a, b)]
        ya, yb = top + (foot - top) * a, top + (foot - top) * b
        colour = (236, 232, 226) if band % 2 else (196, 58, 52)
        draw.polygon([(x - narrow[0], ya), (x + narrow[0], ya), (x + narrow[1], yb), (x - narrow[1], yb)], colour)
    draw.rectangle((x - h * 0.05, top - h * 0.01, x + h * 0.05, top + h * 0.006), (40, 40, 52))
    draw.rectangle((x - h * 0.026, top - h * 0.065, x + h * 0.026, top - h * 0.01), (255, 244, 190))
    draw.polygon(
        [(x - h * 0.038, top - h * 0.065), (x + h * 0.038, top - h * 0.065), (x, top - h * 0.115)], (150, 40, 40)
    )
    return picture


def moonlight(width: int, height: int, t: float) -> Image.Image:
    """A full moon over dark hills; stars twinkle."""
    w, h = width * SCALE, height * SCALE
    picture = gradient(w, h, (0, (5, 8, 32)), (0.7, (22, 34, 84)), (1, (48, 66, 124)))
    x, y, radius = w * (0.66 + 0.006 * t), h * (0.34 - 0.008 * t), h * 0.15
    picture = glow(picture, x, y, radius * 2.0, (150, 170, 220), 0.55)
    draw = ImageDraw.Draw(picture, "RGBA")
    chance = random.Random(7)
    for _ in range(170):
        sx, sy, size, phase = (
            chance.random() * w,
            chance.random() ** 1.3 * h * 0.8,
            chance.random(),
            chance.random() * 7,
        )
        light = int(255 * (0.35 + 0.65 * size) * (0.75 + 0.25 * math.sin(t * 3 + phase)))
        r = SCALE * (0.7 + 1.3 * size)
        draw.ellipse((sx - r, sy - r, sx + r, sy + r), (255, 250, 232, light))
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), (246, 240, 214))
    for dx, dy, r in (
        (-0.3, -0.25, 0.24),
        (0.3, 0.1, 0.17),
        (-0.1, 0.42, 0.2),
        (0.38, -0.42, 0.11),
        (-0.52, 0.22, 0.1),
    ):
        cx, cy, cr = x + dx * radius, y + dy * radius, r * radius
        draw.ellipse((cx - cr, cy - cr, cx + cr, cy + cr), (220, 212, 186))
    for base, swing, colour in ((0.74, 0.05, (16, 24, 58)), (0.84, 0.06, (8, 12, 32))):
        ridge = [
            (px, h * (base + swing * math.sin(px / w * 5 + base * 40) + swing * 0.4 * math.sin(px / w * 13 + base * 9)))
            for px in range(0, w + 16, 16)
        ]
        draw.polygon([(0, h), *ridge, (w, h)], colour)
    return picture


def forest(width: int, height: int, t: float) -> Image.Image:
    """Rows of firs in the mist; the nearer ones pass by faster."""
    w, h = width * SCALE, height * SCALE
    picture = gradient(w, h, (0, (222, 238, 214)), (0.5, (178, 214, 178)), (1, (96, 148, 104)))
    picture = glow(picture, w * 0.25, h * 0.2, h * 0.22, (255, 252, 220), 0.9)
    draw = ImageDraw.Draw(picture, "RGBA")
    layers = ((0.62, 0.34, (136, 182, 142), 6), (0.76, 0.46, (82, 136, 94), 14), (0.93, 0.66, (34, 82, 52), 30))
    for layer, (base, tall, colour, speed) in enumerate(layers):
        chance = random.Random(layer)
        step = w * 0.075 * (1 + layer * 0.5)
        for tree in range(-1, int(w * 1.3 / step)):
            x = tree * step + (chance.random() - 0.5) * step * 0.7 - t * speed * SCALE
            size = h * tall * (0.75 + 0.35 * chance.random())
            foot = h * base
            draw.rectangle(
                (x - size * 0.02, foot - size * 0.1, x + size * 0.02, h), tuple(int(c * 0.6) for c in colour)
            )
            for part in range(4):
                y, half = foot - size * (0.1 + 0.2 * part), size * (0.2 - 0.04 * part)
                draw.polygon([(x - half, y), (x + half, y), (x, y - size * 0.32)], colour)
        draw.rectangle((0, h * base, w, h), colour)
    return picture


def city(width: int, height: int, t: float) -> Image.Image:
    """A skyline after sunset; windows glow, cars pass."""
    w, h = width * SCALE, height * SCALE
    picture = gradient(w, h, (0, (32, 18, 70)), (0.45, (150, 62, 122)), (0.75, (250, 150, 110)), (1, (250, 150, 110)))
    draw = ImageDraw.Draw(picture, "RGBA")
    for layer, (low, high, colour) in enumerate(((0.35, 0.55, (84, 44, 96)), (0.25, 0.62, (30, 20, 52)))):
        chance = random.Random(20 + layer)
        x = -20.0
        while x < w:
            wide, tall = w * (0.05 + 0.05 * chance.random()), h * (low + (high - low) * chance.random())
            top = h * 0.86 - tall
            draw.rectangle((x, top, x + wide, h), colour)
            if layer:
                for wy in range(int(top + h * 0.03), int(h * 0.8), int(h * 0.045)):
                    for wx in range(int(x + w * 0.008), int(x + wide - w * 0.01), int(w * 0.016)):
                        lit = chance.random()
                        if lit < 0.5:
                            dim = 1 if lit > 0.02 or math.sin(t * 2 + wx) > 0 else 0.4
                            draw.rectangle((wx, wy, wx + w * 0.008, wy + h * 0.022), (255, 214, 130, int(225 * dim)))
            x += wide + w * 0.004
    draw.rectangle((0, h * 0.88, w, h), (22, 18, 32))
    for car in range(12):
        for lane, direction, colour in ((0.905, 1, (255, 240, 200)), (0.95, -1, (255, 60, 60))):
            x = (car * w / 12 + direction * t * w * 0.09 + lane * 700) % (w * 1.1) - w * 0.05
            draw.ellipse((x, h * lane, x + h * 0.022, h * lane + h * 0.018), colour)
    return picture


def balloon(width: int, height: int, t: float) -> Image.Image:
    """A hot-air balloon rises over mountains and a lake."""
    w, h = width * SCALE, height * SCALE
    picture = gradient(w, h, (0, (84, 160, 226)), (0.6, (208, 234, 250)), (1, (208, 234, 250)))
    draw = ImageDraw.Draw(picture, "RGBA")
    for cx, cy, size in ((0.18, 0.2, 0.09), (0.55, 0.12, 0.07), (0.9, 0.27, 0.1)):
        for dx, dy, part in ((-1, 0.1, 0.7), (0, -0.25, 1), (1, 0.15, 0.65)):
            x, y, r = w * (cx + 0.008 * t) + dx * h * size * 0.8, h * cy + dy * h * size, h * size * part
            draw.ellipse((x - r, y - r * 0.6, x + r, y + r * 0.6), (255, 255, 255, 235))
    shore = h * 0.72
    for peak, top, half in ((0.12, 0.42, 0.26), (0.42, 0.36, 0.28), (0.72, 0.44, 0.24), (0.98, 0.38, 0.26)):
        x, y = w * peak, h * top
        draw.polygon([(x - w * half, shore), (x, y), (x + w * half, shore)], (92, 112, 148))
        snow = 0.3
        left, right = x - w * half * snow, x + w * half * snow
        line = y + (shore - y) * snow
        draw.polygon(
            [(left, line), (x, y), (right, line), (x + w * 0.02, line - h * 0.03), (x - w * 0.015, line + h * 0.02)],
            (246, 248, 252),
        )
    picture.paste(gradient(w, h - int(shore), (0, (120, 176, 206)), (1, (30, 96, 140))), (0, int(shore)))
    draw = ImageDraw.Draw(picture, "RGBA")
    draw.rectangle((0, shore - h * 0.015, w, shore + h * 0.008), (70, 120, 84))
    for row in range(7):
        y = shore + h * (0.04 + 0.035 * row)
        for x in range(0, w, int(w * 0.11)):
            start = (x + row * 83 + t * 12 * SCALE) % w
            draw.line((start, y, start + w * 0.05, y), (255, 255, 255, 70), width=SCALE)
    x, y, r = w * (0.62 + 0.01 * t), h * (0.34 - 0.025 * t), h * 0.15
    for stripe in range(7):
        colour = ((226, 70, 60), (250, 190, 70))[stripe % 2]
        edge = [r * math.cos(math.pi * part / 7) for part in (stripe, stripe + 1)]
        points = []
        for step in range(25):
            angle = -math.pi / 2 + math.pi * step / 24
            points.append((x - edge[0] * math.cos(angle), y + r * math.sin(angle) * (1.0 if angle < 0 else 1.25)))
        for step in range(24, -1, -1):
            angle = -math.pi / 2 + math.pi * step / 24
            points.append((x - edge[1] * math.cos(angle), y + r * math.sin(angle) * (1.0 if angle < 0 else 1.25)))
        draw.polygon(points, colour)
    draw.line((x - r * 0.14, y + r * 1.2, x - r * 0.12, y + r * 1.5), (80, 60, 40), width=SCALE)
    draw.line((x + r * 0.14, y + r * 1.2, x + r * 0.12, y + r * 1.5), (80, 60, 40), width=SCALE)
    draw.rectangle((x - r * 0.16, y + r * 1.5, x + r * 0.16, y + r * 1.72), (120, 80, 46))
    return picture


def finished(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Shrunk to its size."""
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def write_photo(file: Path) -> dict[str, object]:
    """The balloon as a photo with a date, a time zone and a place; returns what is true of it."""
    width, height = 1440, 960
    picture = finished(balloon(width, height, 1.5), width, height)
    exif = Image.Exif()
    exif[0x010E] = "Balloon over the lake"
    exif[0x0112] = 1
    details = exif.get_ifd(0x8769)
    details[0x9003] = "2024:06:15 18:45:10"
    details[0x9011] = "+02:00"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (46.0, 41.0, 24.0)
    place[3], place[4] = "E", (7.0, 43.0, 48.0)
    place[6] = 640.0
    picture.save(file, quality=86, exif=exif, optimize=True)
    return {
        "width": width,
        "height": height,
        "captured": "2024-06-15T18:45:10",
        "offset_minutes": 120,
        "latitude": 46.69,
        "longitude": 7.73,
        "altitude_m": 640.0,
    }
