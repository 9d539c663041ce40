"""What speaks for the items of a library while a query is answered: words, names and labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from media_assistant.items import ranking
from media_assistant.items.naming import Unit
from media_assistant.items.span import Span

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore

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
    labels: list[tuple[int, str, float]] = field(default_factory=list)
    """(item, concept, how well its name fits)."""
    meaning: dict[int, list[float]] = field(default_factory=dict)
    """By item, a probability for each space."""
    places: list[tuple[int, Span, float, str]] = field(default_factory=list)
    """Where vectors fit: (item, span, probability, space)."""

    def hear(self, lines: Iterable[tuple[int, int]], probability: float, answers: dict[int, float]) -> None:
        """Take down lines, (moment, item) each and best first, and what they say of their items."""
        best, lines = probability, list(lines)
        for place, (moment_id, item_id) in enumerate(lines):
            probability = best * (1 - _BY_ORDER * place / len(lines))
            keep(answers, item_id, probability)
            if moment_id not in self.lines or self.lines[moment_id][1] < probability:
                self.lines[moment_id] = item_id, probability

    def take_over(self, others: Witnesses) -> None:
        """Show the places of these witnesses too; what they say of the query as a whole is their own affair."""
        for moment_id, (item_id, probability) in others.lines.items():
            if moment_id not in self.lines or self.lines[moment_id][1] < probability:
                self.lines[moment_id] = item_id, probability
        self.labels += others.labels
        self.places += others.places

    def hear_labels(self, labels: Iterable[tuple[int, str, float]], fits: Mapping[str, float]) -> None:
        """Take down labels, (item, concept, score) each, whose names mean the whole query as well as `fits` says."""
        for item_id, concept_id, score in labels:
            fit = fits[concept_id]
            self.labels.append((item_id, concept_id, fit))
            for answers in self.units:
                keep(answers, item_id, score * fit)

    def scores(self, allowed: set[int] | None) -> dict[int, float]:
        """How surely each item answers the words."""
        total = sum(self.weights) or 1.0
        weighed: dict[int, float] = {}
        share: dict[int, float] = {}
        for weight, answers in zip(self.weights, self.units, strict=True):
            for item_id, probability in answers.items():
                weighed[item_id] = weighed.get(item_id, 0.0) + weight * probability
                share[item_id] = share.get(item_id, 0.0) + weight
        # As in ranking.covered: half of the query answered is worth a quarter.
        scores = {item_id: weighed[item_id] * share[item_id] / (total * total) for item_id in weighed}
        for item_id, probability in self.named.items():
            keep(scores, item_id, probability)
        # Where something has it by name, what is only like it is like something near it: a dog, not its bark.
        surest = max(scores.values(), default=0.0)
        doubt = (_ASIDE if len(self.units) > 1 else _ASIDE_OF_ONE) * surest
        for item_id, probabilities in self.meaning.items():
            words = scores.get(item_id, 0.0)
            lacks = 1 - words / surest if surest else 0.0
            scores[item_id] = ranking.either((words, ranking.mostly_best(probabilities) * (1 - doubt * lacks)))
        return scores if allowed is None else {i: score for i, score in scores.items() if i in allowed}


def keep(answers: dict[int, float], item_id: int, probability: float) -> None:
    """The surest word counts."""
    if probability > answers.get(item_id, 0.0):
        answers[item_id] = probability


def first_witnesses(store: FindingStore, allowed: set[int] | None) -> int:
    """How many witnesses to hear: a filter that leaves a tenth of the library lets a tenth of them pass."""
    if not allowed:
        return _FIRST
    return int(_FIRST * min(25.0, max(1.0, store.count() / len(allowed))))


# Words and names


def hear_units(
    store: FindingStore, units: Sequence[Unit], witnesses: Witnesses, allowed: set[int] | None, *, is_half_typed: bool
) -> None:
    """Look for each unit on its own, and weigh it by its rarity."""
    total = store.count()
    first = first_witnesses(store, allowed)
    cut_short: list[int] = []
    for index, unit in enumerate(units):
        answers: dict[int, float] = {}
        labels = store.labelled(unit.concepts, (), first) if unit.concepts else []
        if len(labels) >= first:
            cut_short.append(index)
        _take(labels, unit, witnesses, answers)
        _hear_text(store, unit, witnesses, answers, first, is_half_typed=is_half_typed and unit.is_last)
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
        witnesses.labels.append((item_id, concept_id, fit))


def _hear_text(
    store: FindingStore,
    unit: Unit,
    witnesses: Witnesses,
    answers: dict[int, float],
    first: int,
    *,
    is_half_typed: bool,
) -> None:
    witnesses.hear(store.lines(unit.text, is_phrase=True, limit=first), EXACT, answers)
    for item_id in store.by_name(unit.text, is_phrase=True, limit=first):
        keep(answers, item_id, NAMED)
    if is_half_typed and len(answers) < first:
        begun = BEGUN_BESIDE if answers else BEGUN
        witnesses.hear(store.lines(unit.text, is_phrase=True, is_prefix=True, limit=first), begun, answers)
        for item_id in store.by_name(unit.text, is_phrase=True, is_prefix=True, limit=first):
            keep(answers, item_id, begun)
    if not answers:
        witnesses.hear(store.lines_with_part(unit.text, limit=first), PARTLY, answers)


def hear_whole(
    store: FindingStore, words: str, units: Sequence[Unit], witnesses: Witnesses, allowed: set[int] | None
) -> None:
    """Lines and names that hold all the words together say more than those that hold one each."""
    if len(units) < 2:
        return
    first = first_witnesses(store, allowed)
    for moment_id, item_id in store.lines(words, limit=first):
        witnesses.lines[moment_id] = item_id, TOGETHER
        for answers in witnesses.units:
            keep(answers, item_id, TOGETHER)
    for item_id in store.by_name(words, limit=first):
        witnesses.named[item_id] = NAMED
