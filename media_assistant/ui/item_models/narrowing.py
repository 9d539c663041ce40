"""How the place that the sidebar shows narrows a search, and how its answers are ordered."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from media_assistant.items.answers import Hit
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.order import Order
from media_assistant.items.query import Or, Then, While, parse, write, write_field
from media_assistant.items.query_tokens import is_quoting
from media_assistant.items.sorting import sort_key
from media_assistant.ui.places import Place
from media_assistant.ui.words import Words


def narrow(text: str, place: Place, *, is_kept: bool = False) -> str:
    """The query for `text` within the place that the sidebar shows, in the search box's own language. One that `is_kept`
    names a group as a person does, for numbers may be given anew.
    """
    if not text:
        return place.query
    parts: list[str] = []
    if place.kind is not None:
        parts.append(write_field("kind", place.kind.value))
    if place.tag_name:
        parts.append(write_field("tag", place.tag_name))
    if place.collection:
        parts.append(write_field("collection", place.name))
    if place.group:
        parts.append(write_field("group", (is_kept and place.sign) or str(place.group)))
    if place.folder:
        parts.append(write_field("in", place.folder))
    return " ".join((_whole(text), *parts)) if parts else text


def scope_of(words: Words, place: Place) -> str:
    """What the place is called in which a search looks; nothing where it looks everywhere."""
    if place.kind is not None:
        return words.say(f"ui.kind.many.{place.kind.value}")
    if place.folder:
        return os.path.basename(place.folder.rstrip(os.sep)) or place.folder
    return place.name or place.tag_name


def _whole(text: str) -> str:
    """A query that means the same whatever stands behind it: a choice is in brackets, and what is left open is closed."""
    query = parse(text)
    body = write(query.nodes) if query.faults or is_quoting(text) else text
    return f"({body})" if any(isinstance(node, Or | Then | While) for node in query.nodes) else body


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
