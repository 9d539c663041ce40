"""How the sidebar and the sense chips narrow a search, and how its answers are ordered."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from typing import Any

from media_assistant.items.answers import Hit
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Sense
from media_assistant.items.order import Order
from media_assistant.items.query import Or, Then, While, parse, write, write_field
from media_assistant.items.query_tokens import is_quoting
from media_assistant.items.sorting import sort_key
from media_assistant.ui.places import Place


def narrow(text: str, place: Place) -> str:
    """The query for `text` within the place that the sidebar shows, in the search box's own language."""
    if not text:
        return place.query
    parts: list[str] = []
    if place.kind is not None:
        parts.append(write_field("kind", place.kind.value))
    if place.tag_name:
        parts.append(write_field("tag", place.tag_name))
    if place.collection:
        parts.append(write_field("collection", place.name))
    if place.folder:
        parts.append(write_field("in", place.folder))
    return " ".join((_whole(text), *parts)) if parts else text


def _whole(text: str) -> str:
    """A query that means the same whatever stands behind it: a choice is in brackets, and what is left open is closed."""
    query = parse(text)
    body = write(query.nodes) if query.faults or is_quoting(text) else text
    return f"({body})" if any(isinstance(node, Or | Then | While) for node in query.nodes) else body


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


def sort_hits(hits: Sequence[Hit], order: Order) -> list[Hit]:
    """The answers of a search in an order of the person's; in their own one, best first, for `best`."""
    if order.sort not in _KEYS:
        return list(hits)
    key = _KEYS[order.sort]
    return sorted(hits, key=lambda hit: (key(hit.item), hit.item.id), reverse=order.is_descending)


_KINDS = list(Kind)
_KEYS: dict[str, Callable[[Item], Any]] = {
    "added": lambda item: item.added_at,
    "name": lambda item: sort_key(item.title),
    "captured": lambda item: item.facts.captured.at if item.facts.captured else "",
    "duration": lambda item: item.facts.duration_ms,
    "size": lambda item: item.size_bytes,
    "kind": lambda item: _KINDS.index(item.kind),
    "folder": lambda item: sort_key(os.path.dirname(item.path)),
}
