"""What a network of one's own would learn from: the items that a person tagged, and some that carry none of the tags."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from media_assistant.errors import UserFixable
from media_assistant.items.concept import Concept
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.items.training import OTHER
from media_assistant.library.library import Library

LEAST_ITEMS = 5
"""Items of each tag without which nothing is learned that could be measured: some to learn from, some held back."""
MOST_ITEMS = 1000
"""Of each tag: more make the training longer and hardly better."""
PER_FILM = 6
"""Pictures of a film."""
SEEN = (Kind.PHOTO, Kind.VIDEO)
"""What a network that sees can learn from."""


@dataclass(frozen=True, slots=True)
class LabelledItem:
    """One item to learn from. `label` is the place of its tag, the last one being "none of these"."""

    item: Item
    label: int
    at_ms: tuple[int, ...] = ()
    """Where in a film to look; empty for a photo, and where its course is learned from."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """What there is to learn from. `labels` are concepts' ids, OTHER last."""

    labels: tuple[str, ...]
    concepts: tuple[Concept, ...]
    items: tuple[LabelledItem, ...]
    torn: int = 0
    """Items left out because they carry two of the tags: a picture of both is no example of one."""

    def count(self, label: int) -> int:
        """Items of one label."""
        return sum(one.label == label for one in self.items)


def gather_dataset(
    library: Library, concepts: Sequence[Concept], seed: int = 1, among: Collection[int] | None = None
) -> Dataset:
    """From the items that the person (no model) said carry one of the tags, as far as they are there to be read.

    `among` are the items that can be learned from; None: photos and films, by their pictures.

    Raises UserFixable("training.too_few", "training.no_others").
    """
    ids = [int(item_id) for kind in SEEN for item_id in library.item_ids(kind)] if among is None else sorted(among)
    carriers = [set(library.with_tag(ids, concept.id, TagState.ACCEPTED)) for concept in concepts]
    torn = {
        item
        for place, carried in enumerate(carriers)
        for item in carried
        for other in carriers[:place]
        if item in other
    }
    chosen: list[tuple[int, int]] = []
    for label, carried in enumerate(carriers):
        sure = draw(carried - torn, seed)[:MOST_ITEMS]
        if len(sure) < LEAST_ITEMS:
            raise UserFixable("training.too_few", label=concepts[label].en, count=len(sure))
        chosen += [(item_id, label) for item_id in sure]
    # Whatever might carry one of the tags, by a model's word or a tag below it, is no example of its absence.
    doubtful = set().union(*carriers, *(set(map(int, library.item_ids(tag=concept.id))) for concept in concepts))
    others = draw(set(ids) - doubtful, seed)[
        : max(sum(1 for _, own in chosen if own == label) for label in range(len(concepts)))
    ]
    if len(others) < LEAST_ITEMS:
        raise UserFixable("training.no_others", count=len(others))
    chosen += [(item_id, len(concepts)) for item_id in others]
    items = {item.id: item for item in library.items([item_id for item_id, _ in chosen])}
    labelled = tuple(
        LabelledItem(items[item_id], label, _times(library, items[item_id]) if among is None else ())
        for item_id, label in chosen
        if item_id in items and items[item_id].path
    )
    return Dataset((*(concept.id for concept in concepts), OTHER), tuple(concepts), labelled, len(torn))


def draw(item_ids: Iterable[int], seed: int) -> list[int]:
    """In an order that is random and the same each time."""
    import hashlib

    return sorted(item_ids, key=lambda item: hashlib.blake2b(f"{seed}/{item}".encode(), digest_size=8).digest())


def _times(library: Library, item: Item) -> tuple[int, ...]:
    """The middles of a few shots from all over a film."""
    if item.kind is not Kind.VIDEO:
        return ()
    shots = [moment.span for moment in library.moments(item.id, Layer.SHOT) if isinstance(moment.span, TimeSpan)]
    whole = [TimeSpan(0, max(item.facts.duration_ms, 1))]
    spans = shots or whole
    if len(spans) < PER_FILM:
        # A long shot shows more than one thing.
        edges = range(PER_FILM + 1)
        length = max(item.facts.duration_ms, 1)
        spans = [TimeSpan(length * i // PER_FILM, max(length * (i + 1) // PER_FILM, 1)) for i in edges[:-1]]
    step = len(spans) / PER_FILM
    taken = [spans[int(step * (i + 0.5))] for i in range(PER_FILM)]
    return tuple(sorted({(span.start_ms + span.end_ms) // 2 for span in taken}))
