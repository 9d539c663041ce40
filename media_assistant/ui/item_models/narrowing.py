"""How the sidebar and the sense chips narrow a search."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from media_assistant.items.answers import Hit
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Sense


def narrow(text: str, *, kind: Kind | None, tag_name: str) -> str:
    """The query for `text` within the place that the sidebar shows, in the search box's own language."""
    parts = [text]
    if kind is not None:
        parts.append(f"kind:{kind.value}")
    if tag_name:
        plain = tag_name.replace('"', " ")
        parts.append(f'tag:"{plain}"')
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
