"""What speaks for the items of a library while a query is answered: words, names and labels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from media_assistant.items import ranking
from media_assistant.items.folding import fold
from media_assistant.items.moment import Sense
from media_assistant.items.naming import Unit
from media_assistant.items.span import Span
from media_assistant.workflows.search.label_meaning import label_meaning

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.item_set import Ints, ItemSet

    Floats = NDArray[np.float64]

EXACT = 0.9
"""A line that holds the words; what is said of something is not always about it."""
TOGETHER = 0.97
"""A line that holds all words of the query."""
NAMED = 0.85
"""A file's name or title that holds the words."""
BEGUN = 0.6
"""A line or a name where the last word is only begun."""
BEGUN_BESIDE = 0.3
"""The same, where something holds the word as it stands: it is probably whole."""
PARTLY = 0.3
"""A line that holds a good part of a run without spaces that stands nowhere as a whole."""

_FIRST = 600
"""Witnesses of one kind that are heard for one unit: more than a window shows. Each is a page of the file to read, which
costs more than finding it. More are asked for behind a narrow filter."""
_ENOUGH = 60
"""Items heard behind a filter that fill a window, until somebody wants more."""
_ASIDE, _ASIDE_OF_ONE = 0.7, 0.5
"""What a likeness loses for an item that lacks all of what another one surely has by name: by several words, by one."""
ALL = -1
"""Instead of a unit: what answers the words as a whole."""
_BY_ORDER = 0.05
"""How much less the last line of many says than the first: those that say it shortest, or newest, come first."""


@dataclass(slots=True)
class UnitWitnesses:
    """What speaks for one unit, a word of the query or a name of several."""

    answers: dict[int, float] = field(default_factory=dict)
    """By item, the probability that it answers."""
    weight: float = 1.0
    recognised: dict[int, float] = field(default_factory=dict)
    """By item, the same of what a network recognised. What is certain comes from none: a person's tag is not among it."""
    lines: dict[int, float] = field(default_factory=dict)
    """By moment id, how surely a line answers."""
    everywhere: dict[int, float] = field(default_factory=dict)
    """By item, how surely its name or a person's tag answers: in all its places alike."""

    def label(self, item_id: int, score: float, fit: float) -> None:
        """Take down a label of that score whose name fits so well."""
        keep(self.answers, item_id, score * fit)
        keep(self.recognised if score < 1 else self.everywhere, item_id, score * fit)

    def name(self, item_ids: Iterable[int], probability: float) -> None:
        """Take down items whose name holds it."""
        for item_id in item_ids:
            keep(self.answers, item_id, probability)
            keep(self.everywhere, item_id, probability)


@dataclass(slots=True)
class Witnesses:
    """Flat, for a common word has thousands; what is shown is looked up in the end."""

    units: list[UnitWitnesses] = field(default_factory=list)
    named: dict[int, float] = field(default_factory=dict)
    """Items whose own name holds all words."""
    lines: dict[int, tuple[int, float]] = field(default_factory=dict)
    """By moment id: item and probability."""
    labels: list[tuple[int, str, Sense | None, float, int]] = field(default_factory=list)
    """(item, concept, how it is to have been noticed, how well its name fits, the unit or ALL)."""
    meaning: dict[int, list[float]] = field(default_factory=dict)
    """By item, a probability for each space."""
    places: list[tuple[int, Span, float, str]] = field(default_factory=list)
    """Where vectors fit: (item, span, probability, space)."""
    is_cut: bool = False
    """Whether there were more words or labels than were heard."""
    others: list[Witnesses] = field(default_factory=list)
    """Of other words than these, whose places are shown too."""

    def hear(
        self,
        lines: Collection[tuple[int, int]],
        probability: float,
        answers: dict[int, float],
        of_unit: dict[int, float] | None = None,
    ) -> None:
        """Take down lines, (moment, item) each and best first, and what they say of their items, and of a unit."""
        best, count = probability, len(lines)
        for place, (moment_id, item_id) in enumerate(lines):
            probability = best * (1 - _BY_ORDER * place / count)
            if probability > answers.get(item_id, 0.0):
                answers[item_id] = probability
            if of_unit is not None and probability > of_unit.get(moment_id, 0.0):
                of_unit[moment_id] = probability
            known = self.lines.get(moment_id)
            if known is None or known[1] < probability:
                self.lines[moment_id] = item_id, probability

    def take_over(self, others: Witnesses) -> None:
        """Show the places of these witnesses too; what they say of the query as a whole is their own affair."""
        self.others.append(others)
        self.is_cut = self.is_cut or others.is_cut

    def runs(self) -> Iterator[Witnesses]:
        """These and the others, each with words of its own."""
        yield self
        for each in self.others:
            yield from each.runs()

    def hear_labels(self, labels: Iterable[tuple[int, str, float]], fits: Mapping[str, float]) -> None:
        """Take down labels, (item, concept, score) each, whose names mean the whole query as well as `fits` says."""
        for item_id, concept_id, score in labels:
            fit = fits[concept_id]
            self.labels.append((item_id, concept_id, None, fit, ALL))
            for unit in self.units:
                unit.label(item_id, score, fit)

    def scores(self, allowed: ItemSet | None) -> dict[int, float]:
        """How surely each item answers the words."""
        import numpy as np

        answers = [unit.answers for unit in self.units]
        heard: list[Collection[int]] = [*answers, self.named, self.meaning]
        room = 1 + max(item_id for each in [[0], *heard] for item_id in each)
        scores = self._covered(answers, room)
        ids, probabilities = _arrays(self.named, self.named.values())
        scores[ids] = np.maximum(scores[ids], probabilities)
        # Where a network recognised it, which it does by a class of that name, what is only like it is like something near
        # it: a dog, not its bark. What one line says or a person tagged tells nothing of other items.
        recognised = self._covered([unit.recognised for unit in self.units], room)
        if allowed is not None:
            recognised = recognised * allowed.among(np.arange(room))
        surest = float(recognised.max())
        doubt = (_ASIDE if len(self.units) > 1 else _ASIDE_OF_ONE) * surest
        ids, near = _arrays(self.meaning, map(ranking.mostly_best, self.meaning.values()))
        words = np.clip(scores[ids], 0, 1)
        lacks = np.clip(1 - words / surest, 0, 1) if surest else 0.0
        scores[ids] = 1 - (1 - words) * (1 - np.clip(near * (1 - doubt * lacks), 0, 1))
        found = np.unique(np.concatenate([np.fromiter(each, np.int64, len(each)) for each in heard]))
        if allowed is not None:
            found = found[allowed.among(found)]
        return dict(zip(found.tolist(), scores[found].tolist(), strict=True))

    def _covered(self, units: Sequence[Mapping[int, float]], room: int) -> Floats:
        """As `ranking.covered`, for every item: half of the query answered is worth a quarter."""
        import numpy as np

        total = sum(unit.weight for unit in self.units) or 1.0
        weighed, share = np.zeros(room), np.zeros(room)
        for unit, answers in zip(self.units, units, strict=True):
            ids, probabilities = _arrays(answers, answers.values())
            weighed[ids] += unit.weight * probabilities
            share[ids] += unit.weight
        return weighed * share / (total * total)


def _arrays(ids: Collection[int], values: Iterable[float]) -> tuple[Ints, Floats]:
    import numpy as np

    return np.fromiter(ids, np.int64, len(ids)), np.fromiter(values, np.float64, len(ids))


def keep(answers: dict[int, float], item_id: int, probability: float) -> None:
    """The surest word counts."""
    if probability > answers.get(item_id, 0.0):
        answers[item_id] = probability


def first_witnesses(store: FindingStore, allowed: ItemSet | None, most: int = 0) -> int:
    """How many witnesses to hear where `most` items are shown: a filter that leaves a tenth of the library lets a tenth of
    them pass. That holds for what a window shows; for who wants more, as many are heard as are wanted.
    """
    share = store.count() / len(allowed) if allowed else 1.0
    return max(most, int(_FIRST * min(25.0, max(1.0, share))))


# Words and names


def hear_units(
    store: FindingStore,
    units: Sequence[Unit],
    witnesses: Witnesses,
    allowed: ItemSet | None,
    *,
    is_half_typed: bool,
    most: int = 0,
) -> None:
    """Look for each unit on its own, and weigh it by its rarity."""
    total = store.count()
    first = first_witnesses(store, allowed, most)
    cut_short: list[int] = []
    beside = label_meaning(store).beside
    labelled = [beside.submit(store.labelled, unit.concepts, (), first) if unit.concepts else None for unit in units]
    for index, (unit, reading) in enumerate(zip(units, labelled, strict=True)):
        witnesses.units.append(UnitWitnesses())
        labels = reading.result() if reading else []
        if len(labels) >= first:
            cut_short.append(index)
        _take(labels, unit, witnesses, index)
        is_cut = _hear_text(store, unit, witnesses, index, first, is_half_typed=is_half_typed and unit.is_last)
        if is_cut or len(labels) >= first:
            enough = max(_ENOUGH, most // 8)
            is_whole = _hear_behind(store, unit, witnesses, index, allowed, first, enough)
            witnesses.is_cut = witnesses.is_cut or not is_whole
        witnesses.units[index].weight = 0.3 + ranking.rarity(len(witnesses.units[index].answers), total)
    if len(units) > 1:
        # The surest thousands of a common label need not hold the few that also have the rare one: ask for those.
        for index in cut_short:
            others = {i for place, each in enumerate(witnesses.units) if place != index for i in each.answers}
            missing = sorted(others - witnesses.units[index].answers.keys())[: 2 * first]
            found = store.labelled_among(missing, units[index].concepts)
            _take(found, units[index], witnesses, index)


def _take(labels: Iterable[tuple[int, str, float]], unit: Unit, witnesses: Witnesses, index: int) -> None:
    for item_id, concept_id, score in labels:
        fit = unit.concepts[concept_id]
        witnesses.units[index].label(item_id, score, fit)
        witnesses.labels.append((item_id, concept_id, None, fit, index))


def _hear_text(
    store: FindingStore,
    unit: Unit,
    witnesses: Witnesses,
    index: int,
    first: int,
    *,
    is_half_typed: bool,
) -> bool:
    """Gives whether there were more than are heard."""
    known = witnesses.units[index]
    answers, said = known.answers, known.lines
    lines = store.lines(unit.text, is_phrase=True, limit=first)
    witnesses.hear(lines, EXACT, answers, said)
    named = store.by_name(unit.text, is_phrase=True, limit=first)
    known.name(named, NAMED)
    if is_half_typed and len(answers) < first:
        begun = BEGUN_BESIDE if answers else BEGUN
        if len(lines) < first:  # Else those that only begin so would hardly be among as many.
            witnesses.hear(store.lines(unit.text, is_phrase=True, is_prefix=True, limit=first), begun, answers, said)
        known.name(store.by_name(unit.text, is_phrase=True, is_prefix=True, limit=first), begun)
    if not answers:
        witnesses.hear(store.lines_with_part(unit.text, limit=first), PARTLY, answers, said)
    return max(len(lines), len(named)) >= first


def _hear_behind(
    store: FindingStore,
    unit: Unit,
    witnesses: Witnesses,
    index: int,
    allowed: ItemSet | None,
    first: int,
    enough: int,
) -> bool:
    """The newest lines of a common word may be of anything but the few items behind a filter, or all of one long recording:
    where less than `enough` items were heard, all are. That reads every line of the word. Gives whether it was done.
    """
    if allowed is None:
        allowed = store.living()
    known = witnesses.units[index]
    answers = known.answers
    missing = allowed - answers.keys()
    if len(allowed) - len(missing) >= min(enough, len(allowed)):
        return False
    if unit.concepts:
        having = store.having(unit.concepts) & missing
        _take(store.labelled_among(having, unit.concepts), unit, witnesses, index)
    witnesses.hear(store.lines_among(unit.text, missing, first), EXACT, answers, known.lines)
    known.name(store.named(unit.text) & missing, NAMED)
    return True


def hear_whole(
    store: FindingStore,
    words: str,
    units: Sequence[Unit],
    witnesses: Witnesses,
    allowed: ItemSet | None,
    most: int = 0,
) -> None:
    """Lines and names that hold all the words together say more than those that hold one each."""
    # Of `the dog` the dog alone is asked for, but a line with both is meant before others.
    left_out = len("".join(fold(words).split())) - sum(len("".join(unit.text.split())) for unit in units)
    if len(units) < 2 and left_out <= 0:
        return
    first = first_witnesses(store, allowed, most)
    for moment_id, item_id in store.lines(words, limit=first, is_ordered=False):
        witnesses.lines[moment_id] = item_id, TOGETHER
        for unit in witnesses.units:
            keep(unit.answers, item_id, TOGETHER)
            unit.lines[moment_id] = TOGETHER
    for item_id in store.by_name(words, limit=first):
        witnesses.named[item_id] = NAMED
