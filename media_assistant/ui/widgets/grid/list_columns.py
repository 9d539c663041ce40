"""The columns of the list: what stands in them, how wide, and what they are sorted by.

To add one: a line in COLUMNS, its name as `ui.column.<name>` in both languages, and its text in `column_text`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from media_assistant.items.answers import Hit
from media_assistant.items.clock import clock
from media_assistant.items.item import Item
from media_assistant.ui.item_models.terms import Marker
from media_assistant.ui.widgets.grid.painter import state_line
from media_assistant.ui.words import Words


@dataclass(frozen=True, slots=True)
class Column:
    """`sort` is one of `items.order.SORTS`, or empty. `rank` says which ones give way first where there is no room: high ones."""

    name: str
    sort: str
    width: int
    rank: int
    is_right: bool = False


COLUMNS = (
    Column("name", "name", 260, 0),
    Column("kind", "kind", 78, 5),
    Column("length", "duration", 74, 1, is_right=True),
    Column("date", "captured", 124, 2),
    Column("size", "size", 82, 4, is_right=True),
    Column("folder", "folder", 190, 6),
    Column("added", "added", 124, 7),
    Column("state", "", 150, 3),
)
LEAST_NAME = 180


def column_text(words: Words, column: str, item: Item, hit: Hit | None, marker: Marker | None = None) -> str:
    """What stands in a cell; the first column has the title."""
    facts = item.facts
    match column:
        case "name":
            return item.title
        case "kind":
            return words.kind(item.kind)
        case "length":
            if facts.duration_ms:
                return clock(max(1000, facts.duration_ms))
            return words.say("ui.pages", count=facts.pages) if facts.pages else ""
        case "date":
            return words.date(facts.captured.at) if facts.captured else ""
        case "size":
            return words.size(item.size_bytes)
        case "folder":
            return os.path.dirname(item.path)
        case "added":
            return words.date(item.added_at)
        case "state":
            return state_line(words, item, hit, marker)[0]
    raise KeyError(column)


def fitting(wanted: list[Column], widths: dict[str, int], width: int) -> list[Column]:
    """Those of the columns that have room beside a readable name."""
    room = width - LEAST_NAME
    kept = {"name"}
    for column in sorted(wanted, key=lambda column: column.rank):
        if column.name != "name" and room >= widths.get(column.name, column.width):
            room -= widths.get(column.name, column.width)
            kept.add(column.name)
    return [column for column in wanted if column.name in kept]
