"""Lists in the order that a person expects, and in groups."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assistant.items.item import Captured, DateSource, Facts, FileTags
from media_assistant.items.kind import Kind
from media_assistant.items.order import GROUPS, SORTS, Group, Order
from media_assistant.items.sorting import sort_key
from media_assistant.library.database import APPLICATION_ID
from media_assistant.library.library import Library, NewItem
from media_assistant.library.schema import migrations
from tests.library.making import new_item, open_new


def test_names_come_by_pinyin_without_accents_and_by_number() -> None:
    names = [
        "张三",
        "李四",
        "王五",
        "阿明",
        "鑫鑫",
        "婷婷",
        "zebra",
        "Über",
        "uhu",
        "apple",
        "IMG_10",
        "IMG_9",
        "Éclair",
        "陳",
    ]
    assert sorted(names, key=sort_key) == [
        "apple", "Éclair", "IMG_9", "IMG_10", "Über", "uhu", "zebra", "阿明", "陳", "李四", "婷婷", "王五", "鑫鑫", "张三",
    ]  # fmt: skip


@given(st.text(max_size=30))
def test_any_name_has_a_key_that_can_be_stored(name: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        key = sort_key(name.encode("utf-16", "replace").decode("utf-16"))
        assert connection.execute("SELECT ?", (key,)).fetchone() == (key,)


def filled(folder: Path) -> Library:
    library = open_new(folder)

    def item(number: int, kind: Kind, path: str, day: str, album: str) -> NewItem:
        captured = Captured(day, None, DateSource.EXIF) if day else None
        facts = Facts(duration_ms=number * 1000, tags=FileTags(album=album), captured=captured)
        return replace(new_item(number, path=path, kind=kind, facts=facts), title=Path(path).stem)

    library.add_items(
        [
            item(0, Kind.PHOTO, "/m/b/one.jpg", "2024-05-01T10:00:00", ""),
            item(1, Kind.PHOTO, "/m/a/two.jpg", "2024-05-02", ""),
            item(2, Kind.MUSIC, "/m/b/three.mp3", "", "张"),
            item(3, Kind.MUSIC, "/m/b/four.mp3", "", "Zoo"),
            item(4, Kind.VIDEO, "/m/a/five.mp4", "2024-05-01T09:00:00", ""),
            item(5, Kind.MUSIC, "/m/a/six.mp3", "", "李"),
        ]
    )
    return library


@pytest.mark.parametrize(
    ("order", "groups", "titles"),
    [
        (
            Order("name", False, "day"),
            [("2024-05-02", 1), ("2024-05-01", 2), ("", 3)],
            ["two", "five", "one", "four", "six", "three"],
        ),
        (
            Order("captured", False, "day"),
            [("2024-05-01", 2), ("2024-05-02", 1), ("", 3)],
            ["five", "one", "two", "three", "four", "six"],
        ),
        (
            Order("size", True, "kind"),
            [("video", 1), ("music", 3), ("photo", 2)],
            ["five", "six", "four", "three", "two", "one"],
        ),
        (
            Order("name", False, "album"),
            [("Zoo", 1), ("李", 1), ("张", 1), ("", 3)],
            ["four", "six", "three", "five", "one", "two"],
        ),
        (
            Order("duration", True, "folder"),
            [("/m/a/", 3), ("/m/b/", 3)],
            ["six", "five", "two", "four", "three", "one"],
        ),
    ],
)
def test_groups_hold_what_belongs_together_in_order(
    tmp_path: Path, order: Order, groups: list[tuple[str, int]], titles: list[str]
) -> None:
    library = filled(tmp_path)
    found = library.ordered(order)
    assert list(found.groups) == [Group(*group) for group in groups]
    assert [item.title for item in library.items(found.ids)] == titles
    library.close()


def test_every_order_lists_everything_once(tmp_path: Path) -> None:
    library = filled(tmp_path)
    everything = set(library.item_ids())
    for sort in SORTS:
        for group in GROUPS:
            for is_descending in (False, True):
                found = library.ordered(Order(sort, is_descending, group))
                assert len(found.ids) == 6
                assert set(found.ids) == everything
                assert sum(part.size for part in found.groups) == (6 if group else 0)
                assert all(part.count for part in found.groups)
    narrowed = library.ordered(Order("name", False, "kind"), kind=Kind.MUSIC)
    assert list(narrowed.groups) == [Group("music", 3)]
    library.close()


def test_an_older_library_is_sorted_by_pinyin_too(tmp_path: Path) -> None:
    file = tmp_path / "l.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        migrations.MIGRATIONS[0].apply(connection)
        for number, title in enumerate(["张", "李", "apple"]):
            connection.execute(
                "INSERT INTO items VALUES (?, 'photo', ?, 1, ?, '', '', '{}', ?, 0, '')",
                (number + 1, title, "h", title),
            )
        connection.execute("PRAGMA user_version = 1")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.commit()
    library = Library.open(file)
    assert [item.title for item in library.items(library.item_ids(sort="name"))] == ["apple", "李", "张"]
    library.close()
