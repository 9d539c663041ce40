"""What speaks for the items of a library while a query is answered: words, names and labels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from media_assistant.items import ranking
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
_BY_ORDER = 0.05
"""How much less the last line of many says than the first: those that say it shortest, or newest, come first."""


@dataclass(slots=True)
class Witnesses:
    """Flat, for a common word has thousands; what is shown is looked up in the end."""

    units: list[dict[int, float]] = field(default_factory=list)
    """For each unit, the probability by item that it answers."""
    weights: list[float] = field(default_factory=list)
    named: dict[int, float] = field(default_factory=dict)
    """Items whose own name holds all words."""
    lines: dict[int, tuple[int, float]] = field(default_factory=dict)
    """By moment id: item and probability."""
    labels: list[tuple[int, str, Sense | None, float]] = field(default_factory=list)
    """(item, concept, how it is to have been noticed, how well its name fits)."""
    meaning: dict[int, list[float]] = field(default_factory=dict)
    """By item, a probability for each space."""
    places: list[tuple[int, Span, float, str]] = field(default_factory=list)
    """Where vectors fit: (item, span, probability, space)."""
    is_cut: bool = False
    """Whether there were more words or labels than were heard."""

    def hear(self, lines: Collection[tuple[int, int]], probability: float, answers: dict[int, float]) -> None:
        """Take down lines, (moment, item) each and best first, and what they say of their items."""
        best, count = probability, len(lines)
        for place, (moment_id, item_id) in enumerate(lines):
            probability = best * (1 - _BY_ORDER * place / count)
            if probability > answers.get(item_id, 0.0):
                answers[item_id] = probability
            known = self.lines.get(moment_id)
            if known is None or known[1] < probability:
                self.lines[moment_id] = item_id, probability

    def take_over(self, others: Witnesses) -> None:
        """Show the places of these witnesses too; what they say of the query as a whole is their own affair."""
        for moment_id, (item_id, probability) in others.lines.items():
            if moment_id not in self.lines or self.lines[moment_id][1] < probability:
                self.lines[moment_id] = item_id, probability
        self.labels += others.labels
        self.places += others.places
        self.is_cut = self.is_cut or others.is_cut

    def hear_labels(self, labels: Iterable[tuple[int, str, float]], fits: Mapping[str, float]) -> None:
        """Take down labels, (item, concept, score) each, whose names mean the whole query as well as `fits` says."""
        for item_id, concept_id, score in labels:
            fit = fits[concept_id]
            self.labels.append((item_id, concept_id, None, fit))
            probability = score * fit
            for answers in self.units:
                if probability > answers.get(item_id, 0.0):
                    answers[item_id] = probability

    def scores(self, allowed: ItemSet | None) -> dict[int, float]:
        """How surely each item answers the words."""
        import numpy as np

        total = sum(self.weights) or 1.0
        heard: list[Collection[int]] = [*self.units, self.named, self.meaning]
        room = 1 + max(item_id for each in [[0], *heard] for item_id in each)
        weighed, share, is_heard = np.zeros(room), np.zeros(room), np.zeros(room, np.bool_)
        for weight, answers in zip(self.weights, self.units, strict=True):
            ids, probabilities = _arrays(answers, answers.values())
            weighed[ids] += weight * probabilities
            share[ids] += weight
            is_heard[ids] = True
        # As in ranking.covered: half of the query answered is worth a quarter.
        scores = weighed * share / (total * total)
        ids, probabilities = _arrays(self.named, self.named.values())
        scores[ids] = np.maximum(scores[ids], probabilities)
        is_heard[ids] = True
        # Where something has it by name, what is only like it is like something near it: a dog, not its bark.
        surest = float(scores.max())
        doubt = (_ASIDE if len(self.units) > 1 else _ASIDE_OF_ONE) * surest
        ids, near = _arrays(self.meaning, map(ranking.mostly_best, self.meaning.values()))
        words = scores[ids]
        lacks = 1 - words / surest if surest else 0.0
        scores[ids] = 1 - (1 - np.clip(words, 0, 1)) * (1 - np.clip(near * (1 - doubt * lacks), 0, 1))
        is_heard[ids] = True
        found = np.flatnonzero(is_heard)
        if allowed is not None:
            found = found[allowed.among(found)]
        return dict(zip(found.tolist(), scores[found].tolist(), strict=True))


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
        answers: dict[int, float] = {}
        labels = reading.result() if reading else []
        if len(labels) >= first:
            cut_short.append(index)
        _take(labels, unit, witnesses, answers)
        is_cut = _hear_text(store, unit, witnesses, answers, first, is_half_typed=is_half_typed and unit.is_last)
        if is_cut or len(labels) >= first:
            enough = max(_ENOUGH, most // 8)
            is_whole = _hear_behind(store, unit, witnesses, answers, allowed, first, enough)
            witnesses.is_cut = witnesses.is_cut or not is_whole
        witnesses.units.append(answers)
        witnesses.weights.append(0.3 + ranking.rarity(len(answers), total))
    if len(units) > 1:
        # The surest thousands of a common label need not hold the few that also have the rare one: ask for those.
        for index in cut_short:
            others = {i for place, answers in enumerate(witnesses.units) if place != index for i in answers}
            missing = sorted(others - witnesses.units[index].keys())[: 2 * first]
            found = store.labelled_among(missing, units[index].concepts)
            _take(found, units[index], witnesses, witnesses.units[index])


def _take(
    labels: Iterable[tuple[int, str, float]], unit: Unit, witnesses: Witnesses, answers: dict[int, float]
) -> None:
    for item_id, concept_id, score in labels:
        fit = unit.concepts[concept_id]
        keep(answers, item_id, score * fit)
        witnesses.labels.append((item_id, concept_id, None, fit))


def _hear_text(
    store: FindingStore,
    unit: Unit,
    witnesses: Witnesses,
    answers: dict[int, float],
    first: int,
    *,
    is_half_typed: bool,
) -> bool:
    """Gives whether there were more than are heard."""
    lines = store.lines(unit.text, is_phrase=True, limit=first)
    witnesses.hear(lines, EXACT, answers)
    named = store.by_name(unit.text, is_phrase=True, limit=first)
    for item_id in named:
        keep(answers, item_id, NAMED)
    if is_half_typed and len(answers) < first:
        begun = BEGUN_BESIDE if answers else BEGUN
        if len(lines) < first:  # Else those that only begin so would hardly be among as many.
            witnesses.hear(store.lines(unit.text, is_phrase=True, is_prefix=True, limit=first), begun, answers)
        for item_id in store.by_name(unit.text, is_phrase=True, is_prefix=True, limit=first):
            keep(answers, item_id, begun)
    if not answers:
        witnesses.hear(store.lines_with_part(unit.text, limit=first), PARTLY, answers)
    return max(len(lines), len(named)) >= first


def _hear_behind(
    store: FindingStore,
    unit: Unit,
    witnesses: Witnesses,
    answers: dict[int, float],
    allowed: ItemSet | None,
    first: int,
    enough: int,
) -> bool:
    """The newest lines of a common word may be of anything but the few items behind a filter: where less than `enough` of
    those were heard, all are. That reads every line of the word. Gives whether it was done.
    """
    if allowed is None:
        return False
    missing = allowed - answers.keys()
    if len(allowed) - len(missing) >= min(enough, len(allowed)):
        return False
    if unit.concepts:
        having = store.having(unit.concepts) & missing
        _take(store.labelled_among(having, unit.concepts), unit, witnesses, answers)
    witnesses.hear(store.lines_among(unit.text, missing, first), EXACT, answers)
    for item_id in store.named(unit.text) & missing:
        keep(answers, item_id, NAMED)
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
    if len(units) < 2:
        return
    first = first_witnesses(store, allowed, most)
    for moment_id, item_id in store.lines(words, limit=first, is_ordered=False):
        witnesses.lines[moment_id] = item_id, TOGETHER
        for answers in witnesses.units:
            keep(answers, item_id, TOGETHER)
    for item_id in store.by_name(words, limit=first):
        witnesses.named[item_id] = NAMED
