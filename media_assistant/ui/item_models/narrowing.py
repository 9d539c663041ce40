"""How the sidebar and the sense chips narrow a search."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from media_assistant.items.answers import Hit
from media_assistant.items.moment import Sense
from media_assistant.items.query import write_field
from media_assistant.ui.places import Place


def narrow(text: str, place: Place) -> str:
    """The query for `text` within the place that the sidebar shows, in the search box's own language."""
    if not text:
        return place.query
    parts = [text]
    if place.kind is not None:
        parts.append(write_field("kind", place.kind.value))
    if place.tag_name:
        parts.append(write_field("tag", place.tag_name))
    if place.collection:
        parts.append(write_field("collection", place.name))
    if place.folder:
        parts.append(write_field("in", place.folder))
    return " ".join(parts)


def only_senses(hits: Sequence[Hit], senses: frozenset[Sense]) -> list[Hit]:
    """Hits with the moments of these senses alone; a hit that had moments and keeps none is left out."""
    if senses == frozenset(Sense):
        return list(hits)
    kept = []
    for hit in hits:
        moments = tuple(moment for moment in hit.moments if moment.sense in senses)
        if moments:
            kept.append(dataclasses.replace(hit, moments=moments))
    return kept


def order_of(sort: str) -> bool:
    """Whether a sorting starts from its large end: names from A, everything else from the newest, longest, largest."""
    return sort != "name"
