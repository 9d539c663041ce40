"""Why something is offered: one sentence, of the strongest evidence, and true by how it was computed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from media_assistant.items.answers import Suggestion
from media_assistant.items.clock import clock
from media_assistant.items.concept import Concept
from media_assistant.items.item import Item
from media_assistant.items.sentence import Parameter, Sentence
from media_assistant.workflows.for_you.own_past import OwnPast
from media_assistant.workflows.for_you.recommending import Chosen
from media_assistant.workflows.for_you.shelves import KINDS, LibraryShelf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LATELY = 32
"""The last things that counts are of."""
_TAG_LEAST, _KIND_LEAST = 3, 5
"""So many of these have to share a tag or a kind before that is a reason."""
_RARE = 0.02
"""Of all names: a word that more have is no reason."""
_NAMED = 0.15
"""What a nat of a rare word that two names share is worth beside what tags say."""
_LIKENESS = 4.0
"""Nats that a cosine of 1 is worth beside what tags say."""


class Reasons:
    """Says why for the items of one page. `rows` are the person's past on the shelf, the oldest first."""

    def __init__(self, held: LibraryShelf, past: OwnPast, rows: np.ndarray, concepts: Mapping[str, Concept]) -> None:
        self._held, self._past, self._concepts = held, past, concepts
        self._lately = rows[-LATELY:]
        traits = held.shelf.traits
        self._counts = traits[self._lately].sum(0) if len(rows) else np.zeros(traits.shape[1], np.float32)
        self._names = [(self._rare_words(at), at) for at in self._lately.tolist()]
        self._kind_counts = np.bincount(held.kinds) if len(held.kinds) else np.zeros(len(KINDS), np.int64)

    def named(self, rows: Iterable[int]) -> set[int]:
        """The items that a sentence on one of these rows may speak of because of their names."""
        return {found[1] for row in rows if (found := self._best_name(row)) is not None}

    def say(
        self, row: str, chosen: Chosen, item: Item, *, positions: Mapping[int, int], titles: Mapping[int, str],
        alike: Mapping[int, Suggestion],
    ) -> tuple[Sentence, int]:  # fmt: skip
        """The sentence for an item in a row, and the id of the item that it speaks of (0: none)."""
        name = row.split(".", maxsplit=1)[0]
        because = int(self._held.ids[chosen.because]) if chosen.because >= 0 else 0
        if name == "continue":
            return Sentence("for_you.why.left_off", {"time": clock(positions[item.id])}), 0
        if name == "because" and item.id in alike:
            return alike[item.id].reasons[0].says, because
        if name == "forgotten":
            return self._forgotten(item.id), 0
        if name == "newest":
            return Sentence("for_you.why.came", {"date": self._added(chosen.at)}), 0
        if name == "sample":
            count = int(self._kind_counts[self._held.kinds[chosen.at]])
            return Sentence(f"for_you.why.one_of.{item.kind.value}", {"count": count}), 0
        if name == "different" and len(self._lately):
            return Sentence("for_you.why.unlike", {"count": len(self._lately)}), 0
        return self._strongest(chosen, item, because, titles)

    def _strongest(self, chosen: Chosen, item: Item, because: int, titles: Mapping[int, str]) -> tuple[Sentence, int]:
        found: list[tuple[float, Sentence, int]] = []
        if because and because in titles:
            units = self._held.shelf.units
            worth = _LIKENESS * float(units[chosen.at] @ units[chosen.because])
            found.append((worth, Sentence("for_you.why.like", {"title": titles[because]}), because))
        if (named := self._best_name(chosen.at)) is not None:
            worth, of = named
            if of in titles:
                found.append((worth, Sentence("for_you.why.named", {"title": titles[of]}), of))
        tag = self._best_tag(chosen.at)
        if tag is not None:
            worth, concept, count = tag
            said: dict[str, Parameter] = {
                "name": concept.en,
                "name_zh": concept.name("zh"),
                "count": count,
                "of": len(self._lately),
            }
            found.append((worth, Sentence("for_you.why.tag", said), 0))
        kind = int(self._held.kinds[chosen.at])
        count = int(self._counts[kind]) if len(self._counts) else 0
        if count >= _KIND_LEAST:
            says = Sentence(f"for_you.why.kind.{item.kind.value}", {"count": count, "of": len(self._lately)})
            found.append((0.1, says, 0))
        if not found:
            return Sentence("for_you.why.not_yet", {"date": self._added(chosen.at)}), 0
        _, says, of = max(found, key=lambda each: each[0])
        return says, of

    def _best_name(self, row: int) -> tuple[float, int] | None:
        """(worth, item): the one of what was chosen lately that shares the rarest words of its name with a row."""
        told = self._held.shelf.told
        own = self._rare_words(row)
        both = [(own & words, at) for words, at in self._names if own & words]
        if told is None or not both:
            return None
        nats, at = max((-float(np.log(told.shares[list(words)]).sum()), at) for words, at in both)
        return _NAMED * nats, int(self._held.ids[at])

    def _rare_words(self, row: int) -> frozenset[int]:
        told = self._held.shelf.told
        if told is None:
            return frozenset()
        words = told.words[told.starts[row] : told.starts[row + 1]]
        return frozenset(words[told.shares[words] <= _RARE].tolist())

    def _best_tag(self, row: int) -> tuple[float, Concept, int] | None:
        """The tag of the item that most sets apart what was chosen lately; None if none does."""
        traits, shares = self._held.shelf.traits[row], self._held.shelf.shares
        many = len(KINDS)
        counts = self._counts[many:]
        ratio = np.log(np.maximum(counts, 1e-9) / max(1, len(self._lately)) / shares[many:])
        ratio[(traits[many:] == 0) | (counts < _TAG_LEAST)] = -np.inf
        if not len(ratio) or ratio.max() <= 0:
            return None
        best = int(ratio.argmax())
        concept = self._concepts.get(self._held.concepts[best])
        return None if concept is None else (float(ratio[best]), concept, int(counts[best]))

    def _forgotten(self, item_id: int) -> Sentence:
        use = self._past.uses[item_id]
        date = use.at[:10]
        if use.finished:
            return Sentence("for_you.why.finished", {"count": use.finished, "date": date})
        return Sentence("for_you.why.liked", {"date": date})

    def _added(self, row: int) -> str:
        from datetime import UTC, datetime

        at = float(self._held.added_days[row])
        return "" if math.isnan(at) else datetime.fromtimestamp(at * 86400, UTC).date().isoformat()
