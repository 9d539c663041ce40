"""One thing in the library: one content, at one or many places on disk."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from media_assistant.items.kind import Kind
from media_assistant.items.sentence import NOTHING, Sentence


class DateSource(StrEnum):
    """Where a capture time comes from; shown with it, for a file's own time is a weak witness."""

    EXIF = "exif"
    CONTAINER = "container"
    NAME = "name"
    FILE = "file"


class Captured(NamedTuple):
    """When something was made. `at` is ISO 8601 local time (`2025-07-12T14:03:09`, or the day alone where no more is known);
    `offset_minutes` is its zone if known.
    """

    at: str
    offset_minutes: int | None
    source: DateSource


class Place(NamedTuple):
    """WGS 84 degrees; metres above sea level."""

    latitude: float
    longitude: float
    altitude_m: float | None = None


class FileTags(NamedTuple):
    """What the file says of itself; empty strings where it says nothing."""

    title: str = ""
    artist: str = ""
    album: str = ""
    date: str = ""
    genre: str = ""
    comment: str = ""
    track: int | None = None


class ChapterMark(NamedTuple):
    """Where a chapter begins, as the file says; `title` may be empty."""

    start_ms: int
    title: str = ""


_NO_TAGS = FileTags()


class Facts(NamedTuple):
    """What a probe learned about a file without understanding it. Zero or empty where it does not apply."""

    duration_ms: int = 0
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0
    channels: int = 0
    sample_rate_hz: int = 0
    pages: int = 0
    codecs: tuple[str, ...] = ()
    tags: FileTags = _NO_TAGS
    captured: Captured | None = None
    place: Place | None = None
    subtitle_languages: tuple[str, ...] = ()
    chapters: tuple[ChapterMark, ...] = ()


def facts_to_plain(facts: Facts) -> dict[str, Any]:
    """A JSON object of what is known; what is empty is left out."""
    plain: dict[str, Any] = facts._asdict()
    plain["tags"] = {name: value for name, value in facts.tags._asdict().items() if value not in ("", None)}
    for name in ("captured", "place"):
        plain[name] = plain[name] and plain[name]._asdict()
    plain["chapters"] = [mark._asdict() for mark in facts.chapters]
    return {name: value for name, value in plain.items() if value}


def facts_from_plain(found: Mapping[str, Any]) -> Facts:
    """The inverse, after JSON; what a later version of this program added is passed over."""
    plain = {name: value for name, value in found.items() if name in Facts._fields}
    for name in ("codecs", "subtitle_languages"):
        plain[name] = tuple(plain.get(name, ()))
    plain["chapters"] = tuple(ChapterMark(**_known(ChapterMark._fields, mark)) for mark in plain.get("chapters", ()))
    plain["tags"] = FileTags(**_known(FileTags._fields, plain.get("tags", {})))
    if captured := plain.get("captured"):
        plain["captured"] = Captured(captured["at"], captured["offset_minutes"], DateSource(captured["source"]))
    if place := plain.get("place"):
        plain["place"] = _place(Place(**_known(Place._fields, place)))
    return Facts(**plain)


def _place(place: Place) -> Place:
    """Without a height that has no end: Python writes it as a word that other readers of JSON do not take."""
    height = place.altitude_m
    is_finite = not isinstance(height, float) or math.isfinite(height)
    return place if is_finite else place._replace(altitude_m=None)


def _known(fields: Collection[str], found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name in fields}


class ItemState(StrEnum):
    """What the grid shows on an item. Derived from its jobs, never stored.

    `NEW`: nobody has looked at it yet; `WAITING`: it was looked at, and more is to be understood; `IN_WORK`: right now.
    """

    NEW = "new"
    WAITING = "waiting"
    IN_WORK = "in_work"
    READY = "ready"
    FAILED = "failed"


class Item(NamedTuple):
    """A row of the library. `path` is its best present location, or the last known one when `is_missing`."""

    id: int
    kind: Kind
    path: str
    title: str
    size_bytes: int
    added_at: str
    facts: Facts
    state: ItemState = ItemState.NEW
    is_missing: bool = False
    is_offline: bool = False
    """Missing because the whole drive or folder is away; then `is_missing` is true as well."""
    copies: tuple[str, ...] = ()
    error: Sentence = NOTHING
    """What went wrong with it last, or was odd but survived, if anything."""
