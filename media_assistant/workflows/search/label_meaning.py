"""Labels that mean what was asked, though they are called otherwise: `person sneeze` finds *sneeze*, `sea waves` *waves, surf*.

The names of all labels that the library has are put into the same spaces as the query, once, beside the search. How
well a name fits is how strongly its vector answers the query (`library.vectors.strengths`), in the mean of all spaces: one
network alone is easily wrong about two words.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items import ranking
from media_assistant.items.probes import NONSENSE, PROBES
from media_assistant.jobs.threads import make_pool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.vectors.strengths import Ground

    Floats = NDArray[np.float32]
    Embed = Callable[[Sequence[str]], Mapping[str, Floats]]

_AT_ONCE = 32
"""Names in one request: a query that comes meanwhile waits for no more than these."""
_LOOK_AGAIN_S = 30.0
"""Labels that came since then are found by their names alone."""
_UNKNOWN = 0.97
"""A query that is as near as this to letters without sense is one to the network: it knows none of its words."""
_FEW = 24
_MOST = 12


class LabelMeaning:
    """The names of one library's labels in every space that takes words. Safe to ask from several threads.

    It is kept for as long as its `store`, so it must not hold that.
    """

    def __init__(self, store: FindingStore) -> None:
        self._store = ref(store)
        self.threads = make_pool(2, "query-meaning")
        """For whatever is asked of the networks beside a search."""
        self.beside = make_pool(1, "query-labels")
        """For reading labels beside words: SQLite keeps a core busy with either."""
        self._lock = threading.Lock()
        self._loading: threading.Thread | None = None
        self._is_closing = threading.Event()
        self._looked_s = float("-inf")
        self._names: list[tuple[str, str]] = []
        """(concept id, name) of all labels when they were last learned, in these spaces:"""
        self._spaces: set[str] = set()
        self._rows: dict[str, dict[str, Floats]] = {}
        """By space and name."""
        self._packed: dict[str, tuple[list[str], Floats, Ground]] = {}
        """By space: concept ids, the vectors of their names, and what those are like where nothing fits."""
        self._common: dict[str, Floats] = {}
        """By space, the vectors of the names that every network knows, in the same order."""
        self._nonsense: dict[str, Floats] = {}

    def refresh(self, embed: Embed, *, waits: bool) -> None:
        """Learn the names that are new, beside the caller; the first time it may wait for them."""
        with self._lock:
            is_old = time.monotonic() - self._looked_s > _LOOK_AGAIN_S
            if is_old and self._loading is None and not self._is_closing.is_set():
                self._loading = threading.Thread(target=self._load, args=(embed,), name="label-meaning", daemon=True)
                self._loading.start()
            loading = self._loading
        if waits and loading is not None and not self._packed:
            loading.join()

    def known(self, vectors: Mapping[str, Floats]) -> dict[str, Floats]:
        """Of a query's vectors those of networks that know a word of it."""
        import numpy as np

        answer: dict[str, Floats] = {}
        for space, rows in vectors.items():
            row = rows[0]
            nonsense = self._nonsense.get(space)
            if np.linalg.norm(row) > 0.5 and (nonsense is None or float((nonsense @ row).max(initial=-1)) < _UNKNOWN):
                answer[space] = row
        return answer

    def fits(self, vectors: Mapping[str, Floats]) -> dict[str, float]:
        """By concept, how well its name fits the query whose vectors these are; the best alone."""
        import numpy as np

        asked = [space for space in vectors if space in self._packed]
        if not asked:
            return {}
        known = self.known(vectors)
        total: dict[str, float] = {}
        for space in asked:
            # A network that knows no word of the query says that nothing is meant.
            if space not in known:
                continue
            ids, matrix, ground = self._packed[space]
            cosines = matrix @ known[space]
            first = np.argsort(-cosines)[: 4 * _MOST]
            strengths = ground.strengths(known[space], matrix[first], cosines[first], is_example=False)
            best: dict[str, float] = {}
            for place, strength in zip(first, strengths, strict=True):
                fit = ranking.name_probability(float(strength))
                best[ids[place]] = max(best.get(ids[place], 0.0), fit)
            for concept_id, fit in best.items():
                total[concept_id] = total.get(concept_id, 0.0) + fit / len(asked)
        ordered = sorted(total, key=lambda concept_id: -total[concept_id])[:_MOST]
        return {concept_id: total[concept_id] for concept_id in ordered if total[concept_id] >= ranking.LEAST_OF_NAME}

    def close(self) -> None:
        """End the threads: what has begun is waited for, and nothing more is asked."""
        with self._lock:
            self._is_closing.set()
            loading = self._loading
        if loading is not None:
            loading.join()
        for pool in (self.threads, self.beside):
            pool.shutdown(wait=True, cancel_futures=True)

    @property
    def compares(self) -> bool:
        """Whether there are several networks, so that what one knows is more than its own word."""
        return len(self._common) > 1

    def trust(self, vectors: Mapping[str, Floats]) -> float:
        """How far to believe what vectors say of a query, 0..1: networks that know its words agree about which labels
        they are near to; of letters without sense each makes something else. 1 where there is one network alone.

        Measured on 34 class names and 107 queries for what is not there: the profiles of two networks over 600 names
        correlate by 0.66 for the names (a tenth below 0.3), by 0.2 for what is no word or not in the library.
        """
        import numpy as np

        common = self._common
        if len(common) < 2:
            return 1.0
        known = self.known({space: rows for space, rows in vectors.items() if space in common})
        profiles = [common[space] @ row for space, row in known.items()]
        if len(profiles) < 2:
            return ranking.UNSURE
        # Two of one make are always of one mind, so the least agreement counts.
        agreed = ranking.trust(float(np.corrcoef(np.stack(profiles)).min()))
        return agreed if len(known) == len(common) else min(agreed, ranking.UNSURE)

    def _load(self, embed: Embed) -> None:
        def ask(texts: Sequence[str]) -> Mapping[str, Floats]:
            if self._is_closing.is_set():
                raise Cancelled
            return embed(texts)

        try:
            if (store := self._store()) is not None:
                self._learn(store, ask)
        except (UserFixable, Cancelled):
            pass  # the query itself says what keeps the networks from answering
        finally:
            with self._lock:
                self._looked_s = time.monotonic()
                self._loading = None

    def _learn(self, store: FindingStore, embed: Embed) -> None:
        import numpy as np

        from media_assistant.analysis.vocabulary import all_concepts
        from media_assistant.library.vectors.strengths import Ground

        probes = embed(PROBES)
        self._nonsense = {space: rows[np.linalg.norm(rows, axis=1) > 0.5] for space, rows in embed(NONSENSE).items()}
        concepts = store.names(tuple(all_concepts())).concepts
        names: list[tuple[str, str]] = []
        for concept_id in store.label_ids():
            if concept := concepts.get(concept_id):
                names += [(concept_id, name) for name in dict.fromkeys((concept.en, concept.zh)) if name]
        # Another network may have come since, whose space has no names yet.
        spaces = set(probes)
        if names == self._names and spaces == self._spaces:
            return
        fresh = [
            name
            for name in dict.fromkeys(name for _, name in names)
            if any(name not in self._rows.get(space, {}) for space in spaces)
        ]
        for start in range(0, len(fresh), _AT_ONCE):
            part = fresh[start : start + _AT_ONCE]
            for space, rows in embed(part).items():
                self._rows.setdefault(space, {}).update(zip(part, rows, strict=True))
        packed = {}
        for space in spaces:
            kept = self._rows.get(space, {})
            there = [each for each in names if each[1] in kept and np.linalg.norm(kept[each[1]]) > 0.5]
            if len(there) >= _FEW:
                matrix = np.stack([kept[name] for _, name in there])
                order = {concept_id: place for place, (concept_id, _) in enumerate(there)}
                ground = Ground(matrix, np.array([order[concept_id] for concept_id, _ in there], np.int64))
                ground.hear_probes(probes[space])
                packed[space] = [concept_id for concept_id, _ in there], matrix, ground
        known = [
            name
            for name in dict.fromkeys(name for _, name in names)
            if all(
                name in self._rows.get(space, {}) and np.linalg.norm(self._rows[space][name]) > 0.5 for space in spaces
            )
        ]
        enough = len(known) >= _FEW
        self._common = {space: np.stack([self._rows[space][name] for name in known]) for space in spaces if enough}
        self._names, self._spaces = names, spaces
        self._packed = packed


_OF_STORES: WeakKeyDictionary[FindingStore, LabelMeaning] = WeakKeyDictionary()
_OF_STORES_LOCK = threading.Lock()


def label_meaning(store: FindingStore) -> LabelMeaning:
    """The one of this library, until its store is closed."""
    with _OF_STORES_LOCK:
        found = _OF_STORES.get(store)
        if found is None:
            found = _OF_STORES[store] = LabelMeaning(store)
            store.before_closing.append(partial(_close, ref(store)))
        return found


def _close(known: ref[FindingStore]) -> None:
    store = known()
    with _OF_STORES_LOCK:
        found = _OF_STORES.pop(store, None) if store is not None else None
    if found is not None:
        found.close()
