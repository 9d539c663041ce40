"""The meaning of a query: its vectors, fetched beside the search by words, and what is near them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from media_assistant.errors import UserFixable
from media_assistant.items import ranking
from media_assistant.items.probes import PROBES
from media_assistant.items.sentence import Sentence
from media_assistant.workflows.label_meaning import label_meaning

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from media_assistant.library.finding_store import FindingStore
    from media_assistant.workflows.witnesses import Witnesses

    Embed = Callable[[Sequence[str]], Mapping[str, NDArray[np.float32]]]

_NEIGHBOURS = 600
_LEAST = 0.02


class Meaning:
    """A query's vectors, on their way. The thread ends by itself; an answer that comes too late is simply not heard."""

    def __init__(self, embed: Embed, store: FindingStore, words: str, *, waits: bool) -> None:
        self._embed = embed
        self._store = store
        self._words = words
        self._waits = waits
        self._labels = label_meaning(store)
        self._is_here = threading.Event()
        self.trust = 0.0
        """How surely the networks know the words, once they were heard."""
        self._vectors: Mapping[str, NDArray[np.float32]] = {}
        self._fault: UserFixable | None = None
        self._bug: BaseException | None = None
        threading.Thread(target=self._ask, name="query-meaning", daemon=True).start()

    def _ask(self) -> None:
        try:
            vectors = self._embed([self._words])
            held = self._store.vectors
            if any(space in vectors and not held.has_probes(space) for space in held.spaces()):
                for space, probes in self._embed(PROBES).items():
                    held.set_probes(space, probes)
            self._labels.refresh(self._embed, waits=self._waits)
            self._vectors = vectors
        except UserFixable as fault:
            self._fault = fault
        except BaseException as bug:  # noqa: BLE001 - a thread's border: raised again where the answer is awaited
            self._bug = bug
        finally:
            self._is_here.set()

    def hear(self, witnesses: Witnesses, allowed: set[int] | None, patience_s: float | None) -> list[Sentence]:
        """Take down what is near the query in every space; gives what kept it from that."""
        if not self._is_here.wait(patience_s):
            return [Sentence("search.meaning_starting")]
        if self._bug is not None:
            raise self._bug
        if self._fault is not None:
            return [Sentence(f"error.{self._fault.code}", dict(self._fault.parameters))]
        known = self._labels.known(self._vectors)
        trust = self.trust = self._labels.trust(self._vectors)
        if fits := {concept: fit * trust for concept, fit in self._labels.fits(self._vectors).items()}:
            witnesses.hear_labels(self._store.labelled(fits), fits)
        for space, row in known.items():
            best: dict[int, list[float]] = {}
            for near in self._store.vectors.nearest(space, row, _NEIGHBOURS, items=allowed):
                probability = trust * ranking.meaning_probability(near.strength)
                if probability >= _LEAST:
                    best.setdefault(near.item_id, []).append(probability)
                    witnesses.places.append((near.item_id, near.span, probability, space))
            for item_id, probabilities in best.items():
                witnesses.meaning.setdefault(item_id, []).append(ranking.mostly_best(probabilities))
        return []


def start_meaning(embed: Embed | None, store: FindingStore, words: str, *, waits: bool = True) -> Meaning | None:
    """Ask for the query's vectors; None where there is no network or nothing to compare with. `waits` also for what is
    learned once of the library's labels.
    """
    return Meaning(embed, store, words, waits=waits) if embed is not None and store.vectors.spaces() else None
