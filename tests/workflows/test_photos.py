"""Photos that a worker decodes for the window, in real files and with a real worker."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media_assistant.media.photo import Photo
from media_assistant.workflows.playback.photos import Photos

HEIC = Path(__file__).parents[1] / "data" / "drawn.heic"


@pytest.fixture
def photos(tmp_path: Path) -> Iterator[Photos]:
    made = Photos(tmp_path / "logs")
    yield made
    made.close()


def test_pixels_are_those_of_our_own_reader(photos: Photos, tmp_path: Path) -> None:
    file = Path(shutil.copy(HEIC, tmp_path / "IMG_0001.HEIC"))
    own = Photo(file, [])
    found = photos.decode(file, 6000)
    assert found is not None and (found.width, found.height) == (own.width, own.height)
    pixels = np.frombuffer(found.rgb, np.uint8).reshape(found.height, found.width, 3)
    assert np.array_equal(pixels, own.rgb(own.width, own.height))


def test_a_large_one_comes_in_pieces_upright_and_no_larger_than_asked_for(photos: Photos, tmp_path: Path) -> None:
    drawn = Image.new("RGB", (2400, 1800), "navy")
    drawn.paste("orange", (0, 0, 2400, 900))
    turned = Image.Exif()
    turned[0x0112] = 6  # to be turned clockwise: what is above comes to the right
    drawn.save(tmp_path / "turned.avif", exif=turned)
    for side, size in ((6000, (1800, 2400)), (1200, (900, 1200))):
        found = photos.decode(tmp_path / "turned.avif", side)
        assert found is not None and (found.width, found.height) == size
        pixels = np.frombuffer(found.rgb, np.uint8).reshape(found.height, found.width, 3)
        left, right = pixels[:, : size[0] // 3].mean((0, 1)), pixels[:, -size[0] // 3 :].mean((0, 1))
        assert right[0] > 240 and right[2] < 20 and left[0] < 20 and left[2] > 110


def test_what_is_no_photo_stands_in_the_way_of_none(photos: Photos, tmp_path: Path) -> None:
    (tmp_path / "broken.heic").write_bytes(HEIC.read_bytes()[:200])
    assert photos.decode(tmp_path / "broken.heic", 6000) is None
    assert photos.decode(tmp_path / "nowhere.heic", 6000) is None
    assert photos.decode(HEIC, 6000, lambda: False) is None
    assert photos.decode(HEIC, 6000) is not None
    photos.close()
    assert photos.decode(HEIC, 6000) is None
