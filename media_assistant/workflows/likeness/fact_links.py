"""Likeness by facts: the same day, place, artist or album. Where to look is cheap; what is true is seen with the items."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_assistant.items.item import DateSource, Facts, Item, Place
from media_assistant.items.query_tree import ByArtist, OnAlbum
from media_assistant.items.ranking import rarity
from media_assistant.workflows.likeness.links import LEAST, Link

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.workflows.likeness.portraits import Portrait

SAME_PLACE_M = 200
_MOST_OF_ARTIST = 300
_DAY, _OTHERS = 0.35, 0.5
"""Of a fact's rarity: where half of the library is of one place or one artist, that says nothing."""
_MOST_OF_DAY, _MOST_OF_PLACE, _MOST_BY_ARTIST, _MOST_ON_ALBUM = 1.2, 1.2, 1.0, 0.8


@dataclass(frozen=True, slots=True)
class FactsWorth:
    """What each fact of an example is worth, in nats, 0 for one that it lacks; and the items that may be `sharing` one."""

    sharing: frozenset[int] = frozenset()
    day: float = 0.0
    place: float = 0.0
    artist: float = 0.0
    album: float = 0.0


def facts_worth(store: FindingStore, portrait: Portrait) -> FactsWorth:
    """Each fact by how few share it."""
    facts = portrait.facts
    day, artist, album = day_of(facts), facts.tags.artist, facts.tags.album
    on_day = store.likeness.captured_on(day) if day else []
    near = store.likeness.captured_near(facts.place, SAME_PLACE_M) if facts.place is not None else []
    by_artist = store.fitting(ByArtist(artist)) if artist else ()
    on_album = store.fitting(OnAlbum(album)) & by_artist if artist and album else ()
    total = store.count()

    def worth(sharing: Collection[int], share: float, most: float) -> float:
        return min(most, share * rarity(len(sharing), total)) if sharing else 0.0

    return FactsWorth(
        frozenset(
            (*on_day, *near, *store.newest(by_artist, _MOST_OF_ARTIST), *store.newest(on_album, _MOST_OF_ARTIST))
        ),
        worth(on_day, _DAY, _MOST_OF_DAY),
        worth(near, _OTHERS, _MOST_OF_PLACE),
        worth(by_artist, _OTHERS, _MOST_BY_ARTIST),
        worth(on_album, _OTHERS, _MOST_ON_ALBUM),
    )


def fact_links(portrait: Portrait, item: Item, worth: FactsWorth) -> list[Link]:
    """What the example and an item share by their facts."""
    found: list[Link] = []
    day = day_of(portrait.facts)
    if day and day == day_of(item.facts):
        found.append(Link(worth.day, "day", "reason.same_day", {"day": day}))
    if portrait.facts.place is not None and item.facts.place is not None:
        metres = distance_m(portrait.facts.place, item.facts.place)
        if metres <= SAME_PLACE_M:
            rounded = max(10, math.ceil(metres / 10) * 10)
            found.append(Link(worth.place, "place", "reason.same_place", {"metres": rounded}))
    ours, theirs = portrait.facts.tags, item.facts.tags
    if ours.artist and ours.artist.casefold() == theirs.artist.casefold():
        found.append(Link(worth.artist, "artist", "reason.same_artist", {"artist": theirs.artist}))
        if ours.album and ours.album.casefold() == theirs.album.casefold():
            found.append(Link(worth.album, "album", "reason.same_album", {"album": theirs.album}))
    return [link for link in found if link.nats >= LEAST]


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
