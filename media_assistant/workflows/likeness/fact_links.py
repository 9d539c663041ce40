"""Likeness by facts: the same day, place, artist or album. Where to look is cheap; what is true is seen with the items."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from media_assistant.items.item import DateSource, Facts, Item, Place
from media_assistant.items.ranking import rarity
from media_assistant.workflows.likeness.links import LEAST, Link

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.workflows.likeness.portraits import Portrait

SAME_PLACE_M = 200
_MOST_OF_ARTIST = 300


def sharing_facts(store: FindingStore, portrait: Portrait) -> set[int]:
    """The items that may share a fact with the example."""
    found: set[int] = set()
    if day := day_of(portrait.facts):
        found.update(store.likeness.captured_on(day))
    if portrait.facts.place is not None:
        found.update(store.likeness.captured_near(portrait.facts.place, SAME_PLACE_M))
    if artist := portrait.facts.tags.artist:
        found.update(store.by_name(artist, is_phrase=True, limit=_MOST_OF_ARTIST))
    return found


def day_weight(store: FindingStore, portrait: Portrait) -> float:
    """What the example's day is worth: little where half of the library was made on it."""
    day = day_of(portrait.facts)
    return min(1.2, 0.35 * rarity(len(store.likeness.captured_on(day)), store.count())) if day else 0.0


def fact_links(portrait: Portrait, item: Item, day_nats: float) -> list[Link]:
    """What the example and an item share by their facts. `day_nats` is what their day is worth."""
    found: list[Link] = []
    day = day_of(portrait.facts)
    if day and day == day_of(item.facts) and day_nats >= LEAST:
        found.append(Link(day_nats, "day", "reason.same_day", {"day": day}))
    if portrait.facts.place is not None and item.facts.place is not None:
        metres = distance_m(portrait.facts.place, item.facts.place)
        if metres <= SAME_PLACE_M:
            rounded = max(10, math.ceil(metres / 10) * 10)
            found.append(Link(1.2, "place", "reason.same_place", {"metres": rounded}))
    ours, theirs = portrait.facts.tags, item.facts.tags
    if ours.artist and ours.artist.casefold() == theirs.artist.casefold():
        found.append(Link(1.0, "artist", "reason.same_artist", {"artist": theirs.artist}))
        if ours.album and ours.album.casefold() == theirs.album.casefold():
            found.append(Link(0.8, "album", "reason.same_album", {"album": theirs.album}))
    return found


def day_of(facts: Facts) -> str:
    """The day something was made, if a witness better than the file's own time says so."""
    captured = facts.captured
    return captured.at[:10] if captured is not None and captured.source is not DateSource.FILE else ""


def distance_m(one: Place, other: Place) -> float:
    """Great-circle distance by the haversine formula, on a sphere of 6,371 km."""
    a, b = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(across / 2) ** 2
    return 2 * 6_371_000 * math.asin(min(1.0, math.sqrt(h)))
