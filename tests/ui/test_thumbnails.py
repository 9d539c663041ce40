"""Small pictures: cut to size whatever way they lie in their file, and none begun while screens fly by."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from media_assistant.items.kind import Kind
from media_assistant.ui.item_models.storyboards import TILES, Storyboards
from media_assistant.ui.item_models.thumbnails import MOST_CUTS, Cut, Thumbnails, cover_top, cut_to_size


def _picture(file: Path, size: tuple[int, int], orientation: int = 1) -> Path:
    """Red above, blue below, as it lies in the file."""
    made = Image.new("RGB", size, "red")
    made.paste("blue", (0, size[1] // 2, size[0], size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    made.save(file, "JPEG", exif=exif, quality=95)
    return file


@pytest.mark.parametrize("size", [(400, 400), (40, 40)])
def test_a_picture_fills_its_place_with_round_upper_corners(
    qapp: object, tmp_path: Path, size: tuple[int, int]
) -> None:
    made = cut_to_size(_picture(tmp_path / "a", size), Cut(100, 50, 8, 0.0))
    assert made.size() == QSize(100, 50)
    assert (made.pixelColor(0, 0).alpha(), made.pixelColor(0, 49).alpha()) == (0, 255)
    assert QColor(made.pixelColor(50, 20)).red() > 200  # nothing is cut above, so that the blue half begins at the end
    assert made.pixelColor(50, 49).red() > 60


def test_a_page_is_shown_from_its_beginning_and_a_wave_in_its_middle() -> None:
    assert [cover_top(kind) for kind in (Kind.TEXT, Kind.MUSIC)] == [0.0, 0.5]
    assert 0 < cover_top(Kind.PHOTO) == cover_top(Kind.VIDEO) == cover_top(None) < 0.5


def test_a_turned_picture_is_cut_as_it_is_seen(qapp: object, tmp_path: Path) -> None:
    made = cut_to_size(_picture(tmp_path / "a", (400, 200), orientation=6), Cut(100, 200, 0, 0.5))
    assert made.size() == QSize(100, 200)
    # Turned to the right, what was above is at the right.
    assert made.pixelColor(90, 100).red() > 200
    assert made.pixelColor(10, 100).blue() > 200


def test_no_picture_is_begun_while_screens_fly_by(qtbot: QtBot, tmp_path: Path) -> None:
    file = _picture(tmp_path / "a", (40, 40))
    asked: list[int] = []

    def find(item_id: int, _name: str) -> Path:
        asked.append(item_id)
        return file

    thumbnails = Thumbnails(find)
    thumbnails.fly()
    with qtbot.waitSignal(thumbnails.arrived):
        assert thumbnails.picture(1, QSize(20, 20), 1.0, top=0.25) is None
        thumbnails._send()
        assert not asked
    assert asked == [1]
    thumbnails.close()


def test_at_rest_each_item_keeps_the_size_that_was_shown_last(qtbot: QtBot, tmp_path: Path) -> None:
    file = _picture(tmp_path / "a", (40, 40))
    thumbnails = Thumbnails(lambda _item_id, _name: file)
    for item_id, widths in ((1, (10, 12, 11)), (2, (30,))):
        for width in widths:
            with qtbot.waitSignal(thumbnails.arrived):
                thumbnails.picture(item_id, QSize(width, 10), 1.0, top=0.25)
    assert thumbnails.picture(1, QSize(12, 10), 1.0, top=0.25) is not None
    assert thumbnails._resting.isActive()
    thumbnails._resting.start(0)
    qtbot.waitUntil(lambda: len(thumbnails._pictures) == 2)
    assert {(item_id, cut.width) for item_id, cut in thumbnails._pictures} == {(1, 12), (2, 30)}
    assert thumbnails._bytes == 10 * (12 + 30) * 4
    thumbnails.close()


def test_of_an_item_the_sizes_used_last_are_kept_and_none_when_it_has_gone(qtbot: QtBot, tmp_path: Path) -> None:
    file = _picture(tmp_path / "a", (40, 40))
    thumbnails = Thumbnails(lambda _item_id, _name: file)
    sizes = [QSize(10 + more, 10) for more in range(MOST_CUTS + 1)]
    for size in sizes:
        with qtbot.waitSignal(thumbnails.arrived):
            thumbnails.picture(1, size, 1.0, top=0.25)
        found = thumbnails.picture(1, sizes[0], 1.0, top=0.25)
        assert found is not None and found.size() == sizes[0], "what is used stays"
    kept = [cut.width for _, cut in thumbnails._pictures]
    assert sorted(kept) == [10, *range(12, 11 + MOST_CUTS)]
    assert thumbnails._bytes == sum(10 * width * 4 for width in kept)
    thumbnails.drop((1, 2))
    assert (thumbnails._pictures, thumbnails._bytes, thumbnails._cuts) == ({}, 0, {})
    thumbnails.fly()
    thumbnails.picture(1, sizes[0], 1.0, top=0.25)
    thumbnails.drop((1,))
    assert not thumbnails.is_busy
    thumbnails.close()


def test_of_an_item_that_has_left_nothing_stays_though_it_was_being_made(qtbot: QtBot, tmp_path: Path) -> None:
    file, begun, goes_on = _picture(tmp_path / "a", (40, 40)), threading.Event(), threading.Event()

    def find(_item_id: int, _name: str) -> Path:
        begun.set()
        goes_on.wait(20)
        return file

    thumbnails = Thumbnails(find)
    with qtbot.waitSignal(thumbnails.arrived):
        thumbnails.picture(1, QSize(20, 20), 1.0, top=0.25)
        qtbot.waitUntil(begun.is_set)
        thumbnails.drop((1,))
        goes_on.set()
    with qtbot.waitSignal(thumbnails.arrived):
        thumbnails.picture(2, QSize(20, 20), 1.0, top=0.25)
    assert thumbnails._resting.isActive()
    thumbnails._resting.start(0)
    qtbot.waitUntil(lambda: {item_id for item_id, _ in thumbnails._pictures} == {2})
    assert thumbnails._bytes == 20 * 20 * 4
    # One that an undo brings back is shown again.
    with qtbot.waitSignal(thumbnails.arrived):
        thumbnails.picture(1, QSize(20, 20), 1.0, top=0.25)
    assert thumbnails.picture(1, QSize(20, 20), 1.0, top=0.25) is not None
    thumbnails.close()


def test_a_strip_that_was_not_there_yet_is_looked_for_again(qtbot: QtBot, tmp_path: Path) -> None:
    file, asked = tmp_path / "strip", []

    def find(item_id: int, _name: str) -> Path | None:
        asked.append(item_id)
        return file if file.exists() else None

    strips = Storyboards(find)
    for _ in range(2):
        with qtbot.waitSignal(strips._read):
            assert strips.frame(1, 0.5) is None
            strips.forget((1, 2))  # and one that is on its way comes too late to be kept
    with qtbot.waitSignal(strips._read):
        assert strips.frame(1, 0.5) is None
    assert strips.frame(1, 0.5) is None
    assert asked == [1, 1, 1], "as long as it is not made nobody looks for it at every move of the mouse"
    _picture(file, (TILES * 4, 4))
    strips.forget((1,))
    with qtbot.waitSignal(strips.arrived):
        assert strips.frame(1, 0.5) is None
    found = strips.frame(1, 0.5)
    assert found is not None and found[1].x() == TILES * 4 // 2
    strips.close()
