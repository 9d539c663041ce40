"""How a list of items is ordered and grouped."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

SORTS = ("added", "name", "captured", "duration", "size", "kind", "folder")
GROUPS = ("", "day", "kind", "album", "folder")


class Order(NamedTuple):
    """`sort` is one of SORTS, `group` one of GROUPS (empty: not grouped)."""

    sort: str = "added"
    is_descending: bool = True
    group: str = ""


class Group(NamedTuple):
    """Items that belong together. `key` is an ISO date, a kind, an album's name or a folder's path; empty where the
    item has none.
    """

    key: str
    size: int


class Ordered(NamedTuple):
    """Ids in order; with groups, those of the first group come first, and so on."""

    ids: array[int]
    groups: Sequence[Group] = ()
