"""Writing drawn here, found and read by the networks in the program."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from media_assistant.inference.ocr import Ocr, Picture


@pytest.fixture(scope="module")
def ocr() -> Iterator[Ocr]:
    network = Ocr(threads=2)
    yield network
    network.free()


def drawn(size: tuple[int, int], *lines: tuple[str, int, tuple[int, int]], seed: int = 1) -> Picture:
    """White words with a dark rim over a ground of coloured shapes."""
    draw = np.random.default_rng(seed)
    picture = Image.new("RGB", size, (90, 110, 100))
    pen = ImageDraw.Draw(picture)
    for _ in range(40):
        corners = draw.integers(0, max(size), 6).tolist()
        pen.polygon(list(zip(corners[::2], corners[1::2], strict=True)), tuple(draw.integers(40, 150, 3).tolist()))
    for text, pixels, place in lines:
        font = ImageFont.load_default(pixels)
        pen.text(place, text, (255, 255, 250), font, stroke_width=max(1, pixels // 16), stroke_fill=(10, 10, 10))
    return np.asarray(picture)


@pytest.mark.parametrize(("size", "pixels"), [((1600, 1000), 48), ((1600, 1000), 160), ((480, 320), 18)])
def test_a_line_is_read_and_its_place_is_right(ocr: Ocr, size: tuple[int, int], pixels: int) -> None:
    place = (size[0] // 8, size[1] // 2)
    (line,) = ocr.read(drawn(size, ("Sunday market", pixels, place)))
    assert line.text.replace(" ", "") == "Sundaymarket"
    assert line.box.left == pytest.approx(place[0] / size[0], abs=0.03)
    assert 0.8 * pixels < line.box.height * size[1] < 2.2 * pixels


def test_small_writing_beside_large_is_found_by_a_second_look(ocr: Ocr) -> None:
    picture = drawn((1600, 1000), ("HARBOUR", 150, (120, 200)), ("Tickets at the next window", 20, (120, 600)))
    texts = [line.text.replace(" ", "") for line in ocr.read(picture)]
    assert texts == ["HARBOUR", "Ticketsatthenextwindow"]


def test_without_writing_the_reader_is_not_even_opened() -> None:
    ocr = Ocr(threads=1)
    rows, columns = np.mgrid[0:400, 0:640] / 640
    hills = np.stack([rows, columns, 0.5 + 0.4 * np.sin(9 * rows + 4 * columns)], axis=2)
    assert ocr.read((255 * hills).astype(np.uint8)) == []
    assert ocr.read(np.zeros((4, 400, 3), np.uint8)) == []
    assert ocr._engine.text_rec is None
