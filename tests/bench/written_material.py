"""Pictures, films and texts with known words in them, drawn the same every time: many fonts, sizes, colours and places.

English and Chinese; the grounds are plain, striped, or photos of the material. Every word stands in one file only, so
that looking for it has one right answer. `make_written` gives lines as in an `index.jsonl`: `written` is a list of
`[start_s, end_s, words]` in films, of words in pictures and texts; `ground` is the number of the photo that a picture is written on.
"""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

ENGLISH = [
    "Harbour Office",
    "Lost and Found",
    "Platform Nine",
    "Bakery",
    "Mind the Gap",
    "Lighthouse Keeper",
    "Annual Report",
    "Orchard Lane",
    "Wet Paint",
    "Ticket Window",
    "Invoice 4471",
    "Emergency Exit",
    "Fresh Oysters",
    "Velvet Curtain",
    "Second Floor",
    "Departures",
    "Quarry Road",
    "No Smoking",
    "Blue Lagoon Cafe",
    "Pharmacy",
    "Thursday Market",
    "Winter Sale",
    "Chapter Seventeen",
    "Glass Factory",
    "Museum of Clocks",
    "Copper Kettle",
    "Night Ferry",
    "Swimming Forbidden",
    "Golden Pheasant",
    "Registration",
]
CHINESE = [
    "安全出口",
    "售票处",
    "港务局",
    "年度报告",
    "请勿吸烟",
    "果园小路",
    "夜航渡轮",
    "玻璃工厂",
    "钟表博物馆",
    "冬季特卖",
    "第三站台",
    "面包店",
    "失物招领",
    "新鲜牡蛎",
    "药房",
    "二楼会议室",
    "禁止游泳",
    "灯塔看守人",
    "星期四集市",
    "铜壶茶馆",
]
TITLES = (
    ("The Long Crossing", "海上归途", "Directed by Nobody"),
    ("Granite and Thyme", "石头与百里香", "Filmed in Autumn"),
    ("A Parliament of Owls", "猫头鹰的议会", "Music by Candlelight"),
    ("Letters to Umbria", "寄往远方的信", "Copyright Reserved"),
)
PASSAGES = (
    (
        "The meeting moved the quorum to Tuesday. A trowel and a bucket stood behind the greenhouse, and the tenant of the "
        "upper flat paid his deposit in coins."
    ),
    (
        "Our ferry crossed the fjord before breakfast. The purser told us about the shipwreck of the Amaranth and about the "
        "diver who found its anchor."
    ),
    "The tailor measured both sleeves twice. A thimble rolled under the wardrobe, and the buttonholes were finished by hand.",
    "Replace the gasket whenever the boiler is opened. Tighten the flange crosswise and note the pressure in the logbook.",
    "木匠把榫头刨平,再用胶水粘牢。学徒在一旁磨凿子,师傅说漆要等到雨停了再上。",
    "骆驼队在绿洲停了两天。向导用星盘辨认方向,商人把丝绸换成了盐和香料。",
)
FONTS = ("/usr/share/fonts", "/System/Library/Fonts", "C:/Windows/Fonts")
_HAN_FONTS = ("NotoSansCJK", "NotoSerifCJK", "PingFang", "msyh", "simsun", "DroidSansFallback")
_LATIN_FONTS = (
    "DejaVu",
    "NimbusSans",
    "NimbusRoman",
    "P052",
    "C059",
    "URWBookman",
    "URWGothic",
    "NimbusMono",
    "Arial",
    "Georgia",
)
_ODD = ("Math", "Symbol", "Dingbat", "D050000L", "ExtraLight")


def make_written(folder: Path, grounds: list[Path], seed: int = 3) -> list[dict[str, Any]]:
    """Fill `folder`; gives the labels. `grounds` are pictures to write on; without any the grounds are drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(seed)
    latin, han = _fonts(_LATIN_FONTS), _fonts(_HAN_FONTS)
    rows: list[dict[str, Any]] = []
    for number, words in enumerate([*ENGLISH, *(CHINESE if han else ())]):
        file = folder / f"sign {number:02}.{draw.choice(['jpg', 'png'])}"
        size = draw.choice([(640, 480), (1280, 720), (900, 1200)])
        ground = draw.randrange(len(grounds)) if grounds and draw.random() < 0.3 else None
        picture = _ground(draw, grounds, size, ground)
        _write(picture, words, draw, latin if words.isascii() else han)
        picture.save(file)
        rows.append({"file": file.name, "kind": "photo", "written": [words], "ground": ground})
    for number, titles in enumerate(TITLES):
        file = folder / f"film {number}.mp4"
        shown: list[tuple[float, float, str]] = []
        for place, words in enumerate(titles):
            if words.isascii() or han:
                shown.append((2.0 + 6 * place, 5.0 + 6 * place, words))
        ground = _film(file, shown, draw, grounds, latin, han)
        written = [list(each) for each in shown]
        rows.append({"file": file.name, "kind": "video", "written": written, "ground": ground})
    for number, text in enumerate(PASSAGES):
        file = folder / f"passage {number}.txt"
        file.write_text(text + "\n", "utf-8")
        rows.append({"file": file.name, "kind": "text", "written": [text]})
    return rows


def _fonts(wanted: tuple[str, ...]) -> list[str]:
    return [
        str(file)
        for root in FONTS
        for file in sorted(Path(root).rglob("*"))
        if file.suffix.lower() in {".ttf", ".otf", ".ttc"}
        and file.name.startswith(wanted)
        and not any(part in file.name for part in _ODD)
    ]


def _ground(draw: random.Random, grounds: list[Path], size: tuple[int, int], ground: int | None) -> Image.Image:
    if ground is not None:
        with Image.open(grounds[ground]) as picture:
            return picture.convert("RGB").resize(size)
    top, bottom = ([draw.randrange(256) for _ in range(3)] for _ in range(2))
    if draw.random() < 0.5:
        bottom = top
    ramp = np.linspace(0, 1, size[1])[:, None, None]
    rows = np.asarray(top) * (1 - ramp) + np.asarray(bottom) * ramp
    return Image.fromarray(np.broadcast_to(rows, (size[1], size[0], 3)).astype(np.uint8))


def _write(picture: Image.Image, words: str, draw: random.Random, fonts: list[str]) -> None:
    """Letters of 5 to 12 % of the picture's height, anywhere in it, in what is far from the ground's brightness."""
    height = round(picture.height * draw.uniform(0.05, 0.12))
    font = ImageFont.truetype(draw.choice(fonts), height) if fonts else ImageFont.load_default(height)
    pen = ImageDraw.Draw(picture)
    left, top, right, bottom = pen.textbbox((0, 0), words, font=font)
    while right - left > picture.width * 0.94 and height > 14:
        height = round(height * 0.9)
        font = font.font_variant(size=height) if isinstance(font, ImageFont.FreeTypeFont) else font
        left, top, right, bottom = pen.textbbox((0, 0), words, font=font)
    x = draw.uniform(0.02, max(0.03, 0.97 - (right - left) / picture.width)) * picture.width
    y = draw.uniform(0.04, max(0.05, 0.94 - (bottom - top) / picture.height)) * picture.height
    box = tuple(round(part) for part in (x + left, y + top, x + right, y + bottom))
    under = np.asarray(picture.crop(box)).mean()
    ink = (245, 240, 220) if under < 128 else (20, 24, 40)
    outline = (0, 0, 0) if under < 128 else (255, 255, 255)
    pen.text((x, y), words, font=font, fill=ink, stroke_width=max(1, height // 24), stroke_fill=outline)


def _film(
    file: Path,
    shown: list[tuple[float, float, str]],
    draw: random.Random,
    grounds: list[Path],
    latin: list[str],
    han: list[str],
) -> int | None:
    """Gives the ground."""
    length_s = (shown[-1][1] if shown else 0) + 2
    ground = draw.randrange(len(grounds)) if grounds else None
    plain = _ground(draw, grounds, (960, 540), ground)
    titled = []
    for start_s, end_s, words in shown:
        picture = plain.copy()
        _write(picture, words, draw, latin if words.isascii() else han)
        titled.append((start_s, end_s, picture))
    with av.open(str(file), "w") as out:
        stream = out.add_stream("libx264", rate=12, options={"preset": "veryfast", "crf": "22"})
        stream.width, stream.height, stream.pix_fmt = 960, 540, "yuv420p"
        for number in range(round(length_s * 12)):
            at_s = number / 12
            picture = next((each for start_s, end_s, each in titled if start_s <= at_s < end_s), plain)
            frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = number, Fraction(1, 12)
            for packet in stream.encode(frame):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    return ground
