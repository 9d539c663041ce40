"""The meaning of a query: its vectors, fetched beside the search by words, and what is near them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items import ranking
from media_assistant.items.probes import PROBES
from media_assistant.items.sentence import Sentence, sentence_of
from media_assistant.workflows.search.label_meaning import label_meaning

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.item_set import ItemSet
    from media_assistant.library.vectors.vector_store import Neighbour
    from media_assistant.workflows.search.witnesses import Witnesses

    Floats = NDArray[np.float32]
    Embed = Callable[[Sequence[str]], Mapping[str, Floats]]

_SLICE_S = 0.1
"""How long a question that nobody waits for any more may keep its thread."""
_NEIGHBOURS = 600
_MOST_NEIGHBOURS = 10_000
_ENOUGH = 60
"""Items that fill a window. A film of hours has more vectors than are heard at first, and would be all that is found."""
_LEAST = 0.04


class Meaning:
    """A query's vectors, on their way. What comes too late is simply not heard."""

    def __init__(
        self,
        embed: Embed,
        store: FindingStore,
        words: str,
        *,
        waits: bool,
        is_narrowed: bool,
        most: int = 0,
        should_stop: Callable[[], bool] = bool,
    ) -> None:
        self._embed = embed
        self._most = most
        self._is_cut = False
        """Whether more is near, in some space, than was looked at."""
        self._should_stop = should_stop
        self._store = store
        self._words = words
        self._waits = waits
        self._is_narrowed = is_narrowed
        self._labels = label_meaning(store)
        self._lock = threading.Lock()
        self._is_here = threading.Event()
        self._is_understood = threading.Event()
        """What labels mean the words is known, before what is near them."""
        self._is_given_up = False
        self.trust = 0.0
        """How far to believe the networks, once they were heard."""
        self.known = 0.0
        """How surely the words are words, by several networks' agreement; 0 where only one says so."""
        self._known: Mapping[str, Floats] = {}
        self._fits: dict[str, float] = {}
        self._near: dict[str, list[Neighbour]] = {}
        self._among: tuple[ItemSet, Future[dict[str, list[Neighbour]]]] | None = None
        """What is near among some items, and which."""
        self._fault: UserFixable | None = None
        self._bug: BaseException | None = None
        # Threads that stay: each has a connection to the library whose pages it knows.
        self._labels.threads.submit(self._ask)

    def _ask(self) -> None:
        try:
            if self._is_given_up:
                return
            vectors = self._embed([self._words])
            held = self._store.vectors
            spaces = held.spaces()
            if any(space in vectors and not held.has_probes(space) for space in spaces):
                for space, probes in self._embed(PROBES).items():
                    held.set_probes(space, probes)
            self._labels.refresh(self._embed, waits=self._waits)
            self._known = self._labels.known(vectors)
            self.trust = self._labels.trust(vectors)
            self.known = self.trust if self._labels.compares else 0.0
            self._fits = self._labels.fits(vectors)
            self._is_understood.set()
            if not self._is_narrowed and not self._is_given_up:
                # Beside the search for words: what takes longer is the time of both.
                self._near = {space: self._nearest(space, None) for space in self._known if space in spaces}
        except UserFixable as fault:
            self._fault = fault
        except BaseException as bug:  # noqa: BLE001 - a thread's border: raised again where the answer is awaited
            self._bug = bug
        finally:
            self._is_understood.set()
            with self._lock:
                self._is_here.set()
                wanted = self._among
            if wanted is not None:
                self._look(*wanted)

    def look_among(self, allowed: ItemSet | None) -> None:
        """Begin to look for what is near among these items, beside the search for words; None: that is done anyway."""
        if allowed is None:
            return
        among: Future[dict[str, list[Neighbour]]] = Future()
        with self._lock:
            self._among = allowed, among
            # Else whoever asks for the vectors does it then: no thread waits for another one.
            if self._is_here.is_set():
                self._labels.threads.submit(self._look, allowed, among)

    def _look(self, allowed: ItemSet, among: Future[dict[str, list[Neighbour]]]) -> None:
        try:
            is_asked = not self._is_given_up and self._bug is None and self._fault is None
            among.set_result({space: self._nearest(space, allowed) for space in self._known} if is_asked else {})
        except BaseException as bug:  # noqa: BLE001 - a thread's border: raised again where the answer is awaited
            among.set_exception(bug)

    def _nearest(self, space: str, allowed: ItemSet | None) -> list[Neighbour]:
        """Where few items take all places, others are looked for behind them."""
        most = min(max(_NEIGHBOURS, self._most), _MOST_NEIGHBOURS)
        while True:
            near = self._store.vectors.nearest(space, self._known[space], most, items=allowed)
            is_all = len(near) < most or self._probability(near[-1]) < ranking.LEAST
            if is_all or most >= _MOST_NEIGHBOURS or len({each.item_id for each in near}) >= _ENOUGH:
                self._is_cut = self._is_cut or not is_all
                return near
            most = min(4 * most, _MOST_NEIGHBOURS)

    def _probability(self, near: Neighbour) -> float:
        return self.trust * ranking.meaning_probability(near.strength)

    def _wait(self, has_come: Callable[[float], object], until: float | None) -> bool:
        """In slices: networks may take half a minute to start, and by then somebody has asked something else."""
        left_s = _SLICE_S if until is None else max(0.0, until - time.monotonic())
        while not has_come(min(_SLICE_S, left_s)):
            if self._should_stop():
                self._is_given_up = True
                raise Cancelled
            if left_s == 0:
                return False
            left_s = _SLICE_S if until is None else max(0.0, until - time.monotonic())
        return True

    def hear(self, witnesses: Witnesses, allowed: ItemSet | None, patience_s: float | None) -> list[Sentence]:
        """Take down what is near the query in every space; gives what kept it from that. Raises Cancelled."""
        until = None if patience_s is None else time.monotonic() + patience_s
        labels: Sequence[tuple[int, str, float]] = ()
        if self._wait(self._is_understood.wait, until) and self._fits:
            labels = self._store.labelled(self._fits)
        if not self._wait(self._is_here.wait, until):
            self._is_given_up = True
            return [Sentence("search.meaning_starting")]
        if self._bug is not None:
            raise self._bug
        if self._fault is not None:
            return [sentence_of(self._fault)]
        witnesses.hear_labels(labels, {concept_id: fit * self.trust for concept_id, fit in self._fits.items()})
        known = self._near if allowed is None else {}
        if self._among is not None and self._among[0] is allowed:
            among = self._among[1]
            self._wait(lambda slice_s: wait([among], slice_s).done, None)
            known = among.result()
        for space in self._known:
            near = known[space] if space in known else self._nearest(space, allowed)
            best: dict[int, list[float]] = {}
            for each in near:
                probability = self._probability(each)
                if probability >= _LEAST:
                    best.setdefault(each.item_id, []).append(probability)
                    witnesses.places.append((each.item_id, each.span, probability, space))
            for item_id, probabilities in best.items():
                witnesses.meaning.setdefault(item_id, []).append(ranking.mostly_best(probabilities))
        witnesses.is_cut = witnesses.is_cut or self._is_cut
        return []


def start_meaning(
    embed: Embed | None,
    store: FindingStore,
    words: str,
    *,
    waits: bool = True,
    is_narrowed: bool = False,
    most: int = 0,
    should_stop: Callable[[], bool] = bool,
) -> Meaning | None:
    """Ask for the query's vectors; None where there is no network or nothing to compare with. `waits` also for what is
    learned once of the library's labels; `is_narrowed` leaves the vectors alone until the items among which are known.
    `most` items are to be shown. Who hears it is Cancelled soon after `should_stop`.
    """
    if embed is None or not store.vectors.spaces():
        return None
    return Meaning(embed, store, words, waits=waits, is_narrowed=is_narrowed, most=most, should_stop=should_stop)
