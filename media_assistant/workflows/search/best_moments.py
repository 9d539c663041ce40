"""Which moments of an item are shown as its answer to a query."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from media_assistant.items import ranking
from media_assistant.items.answers import MOST_MOMENTS
from media_assistant.items.item import Item
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import Span, TextSpan, TimeSpan, Whole
from media_assistant.workflows.search.placed_moments import moments_of_places
from media_assistant.workflows.search.witnesses import ALL, UnitWitnesses, Witnesses, keep

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.workflows.search.answering import Answering

_LOOKED_AT, _LOOKED_AT_IN_ALL = 3 * MOST_MOMENTS, 12_000
"""Moments of an item that are looked at, and where several words are to meet so many of all items: the surest ones of a word
need not be where it meets the others.
"""
_MORE_OF_SEVERAL = 4
_SOON_MS = 10_000
"""Who is taken to a place is still there then."""
_APART = 0.7
"""What is left of several words of which no place of an item has all."""

Heard = tuple[Moment, dict[int, float]]
"""A moment, and how surely it answers each unit, or ALL."""


class Chosen(NamedTuple):
    """By item its moments, and what is left of its answer where lines that their recogniser was not sure of speak for it."""

    moments: Mapping[int, tuple[Moment, ...]]
    trusts: Mapping[int, float]


def choose_moments(
    store: FindingStore, items: Sequence[Item], answering: Answering, senses: frozenset[Sense]
) -> Chosen:
    """What speaks for each item, in these senses. An item that answers by its moments, and by none in these senses, is left
    out; one that answers by its name or by a filter stays.
    """
    of_all = _moments_of(store, items, answering, None)
    if senses >= frozenset(Sense):
        return of_all
    chosen = _moments_of(store, items, answering, senses).moments
    kept = {item.id: chosen[item.id] for item in items if chosen[item.id] or not of_all.moments[item.id]}
    return Chosen(kept, of_all.trusts)


def _moments_of(
    store: FindingStore, items: Sequence[Item], answering: Answering, senses: frozenset[Sense] | None
) -> Chosen:
    """Moments that stand to each other as the query says stand alone, and so do those that an item shares with an example."""
    gathered, trusts = gather_moments(store, items, answering.witness(), senses)
    shown = dict(gathered)
    for item in items:
        if (suggestion := answering.likes.get(item.id)) is not None:
            theirs = [moment for reason in suggestion.reasons for moment in _in(senses, reason.theirs)]
            shown[item.id] = (*theirs, *shown[item.id])[:MOST_MOMENTS]
    placed = moments_of_places(store, answering.times.placed(item.id for item in items))
    return Chosen(shown | {item_id: _in(senses, moments) for item_id, moments in placed.items()}, trusts)


def _in(senses: Collection[Sense] | None, moments: Sequence[Moment]) -> tuple[Moment, ...]:
    return tuple(moment for moment in moments if senses is None or moment.sense in senses)


def _noticed(sense: Sense | None, senses: frozenset[Sense] | None) -> Collection[Sense | None]:
    """How a label is noticed that counts in this sense, or in any, where these are chosen."""
    if senses is None:
        return (sense,)
    return senses if sense is None else senses & {sense}


def gather_moments(
    store: FindingStore, items: Sequence[Item], witnesses: Witnesses, senses: frozenset[Sense] | None = None
) -> Chosen:
    """The best moments of each item that is shown, overlapping ones joined; with `senses` the best of those.

    In which sense a line or a place is tells only the moment itself, so with `senses` all of them are looked up.
    """
    gathered: dict[int, list[Moment]] = {item.id: [] for item in items}
    trusts: dict[int, float] = {}
    for run in witnesses.runs():
        heard: dict[int, list[Heard]] = {item.id: [] for item in items}
        _hear_lines(store, run, heard, senses)
        _hear_labels(store, run, heard, senses)
        _hear_places(store, run, heard, senses)
        for item_id, found in heard.items():
            trusted = [(moment, _trusted(moment, answers)) for moment, answers in found]
            gathered[item_id] += _scored(run, item_id, trusted)
            is_doubted = any(one is not other for (_, one), (_, other) in zip(found, trusted, strict=True))
            keep(trusts, item_id, _trust(run, item_id, found, trusted) if is_doubted or not found else 1.0)
    joined = {item_id: ranking.join_moments(moments, MOST_MOMENTS) for item_id, moments in gathered.items()}
    return Chosen(joined, trusts)


def _trusted(moment: Moment, answers: dict[int, float]) -> dict[int, float]:
    if moment.layer is not Layer.LINE or moment.score >= 1:
        return answers
    trust = ranking.line_trust(moment.score)
    return {unit: trust * probability for unit, probability in answers.items()}


def _trust(run: Witnesses, item_id: int, found: Sequence[Heard], trusted: Sequence[Heard]) -> float:
    """What is left of the word of all that speaks for an item, weighed by what each unit says of it; 0 if nothing does."""
    before = after = 0.0
    for at in _units_of(run):
        unit = run.units[max(at, 0)] if run.units else UnitWitnesses()
        known = unit.everywhere.get(item_id, 0.0)
        before += unit.weight * max(known, *(_best_of(answers, at) for _, answers in found), 0.0)
        after += unit.weight * max(known, *(_best_of(answers, at) for _, answers in trusted), 0.0)
    return after / before if before else 0.0


def _best_of(answers: Mapping[int, float], unit: int) -> float:
    """What a moment says of a unit; what it says of all words it says of each."""
    return max(answers.values()) if unit == ALL else max(answers.get(unit, 0.0), answers.get(ALL, 0.0))


def _units_of(run: Witnesses) -> Sequence[int]:
    """Of one word, or of what is exact, each witness answers all."""
    return range(len(run.units)) if len(run.units) > 1 else (ALL,)


def _looked_at(run: Witnesses, items: int) -> int:
    """How many moments of one of so many items are looked at for each unit."""
    more = min(_MORE_OF_SEVERAL, _LOOKED_AT_IN_ALL // (_LOOKED_AT * max(1, items)))
    return _LOOKED_AT * max(1, more if len(run.units) > 1 else 1)


def _hear_lines(
    store: FindingStore, run: Witnesses, heard: dict[int, list[Heard]], senses: frozenset[Sense] | None
) -> None:
    first = None if senses else _looked_at(run, len(heard))
    best: dict[int, dict[int, float]] = {}
    for unit in _units_of(run):
        lines: dict[int, list[tuple[float, int]]] = {}
        for moment_id in run.lines if unit == ALL else run.units[unit].lines:
            item_id, probability = run.lines[moment_id]
            if item_id in heard:
                probability = probability if unit == ALL else run.units[unit].lines[moment_id]
                lines.setdefault(item_id, []).append((-probability, moment_id))
        for found in lines.values():
            for probability, moment_id in sorted(found)[:first]:
                best.setdefault(moment_id, {})[unit] = -probability
    for moment in _in(senses, store.moments(best)):
        heard[moment.item_id].append((moment, best[moment.id]))


def _hear_labels(
    store: FindingStore, run: Witnesses, heard: dict[int, list[Heard]], senses: frozenset[Sense] | None
) -> None:
    fits: dict[int, dict[int, dict[tuple[str, Sense | None], float]]] = {}
    for item_id, concept_id, sense, fit, unit in run.labels:
        if item_id in heard:
            known = fits.setdefault(unit, {}).setdefault(item_id, {})
            for noticed in _noticed(sense, senses):
                known[concept_id, noticed] = max(known.get((concept_id, noticed), 0.0), fit)
    by_id: dict[int, Heard] = {}
    for unit, wanted in fits.items():
        for moment in store.label_moments(wanted, limit=_looked_at(run, len(heard))):
            named = moment.concept.id if moment.concept else ""
            fit = max(wanted[moment.item_id].get((named, sense), 0.0) for sense in (None, moment.sense))
            by_id.setdefault(moment.id, (moment, {}))[1][unit] = moment.score * fit
    for moment, answers in by_id.values():
        heard[moment.item_id].append((moment, answers))


def _hear_places(
    store: FindingStore, run: Witnesses, heard: dict[int, list[Heard]], senses: frozenset[Sense] | None
) -> None:
    places: list[tuple[int, Span, float, str]] = []
    counted: dict[int, int] = {}
    for place in sorted((place for place in run.places if place[0] in heard), key=lambda place: -place[2]):
        counted[place[0]] = counted.get(place[0], 0) + 1
        if senses or counted[place[0]] <= MOST_MOMENTS:
            places.append(place)
    standing = store.moments_at([(item_id, span, space) for item_id, span, _, space in places])
    for item_id, span, probability, space in places:
        there = standing.get((item_id, span, space))
        if there is not None and (senses is None or there.sense in senses):
            heard[item_id].append((there, {ALL: probability}))


def _scored(run: Witnesses, item_id: int, found: Sequence[Heard]) -> list[Moment]:
    """Each moment with how surely its place answers: of several words as well as those are covered that meet there."""
    if len(run.units) < 2:
        return [replace(moment, score=max(answers.values())) for moment, answers in found]
    by_unit = [
        sorted(
            ((answers[at], moment.span) for moment, answers in found if at in answers), key=itemgetter(0), reverse=True
        )
        for at in range(len(run.units))
    ]
    scored: list[Moment] = []
    for moment, own in found:
        parts: list[tuple[float, float]] = []
        for at, unit in enumerate(run.units):
            known = max(own.get(at, 0.0), unit.everywhere.get(item_id, 0.0))
            if at not in own:
                met = (p for p, span in by_unit[at] if p <= known or is_beside(moment.span, span))
                known = max(known, next(met, 0.0))
            parts.append((unit.weight, known))
        scored.append(replace(moment, score=max(ranking.covered(parts), own.get(ALL, 0.0))))
    return scored


def is_beside(place: Span, other: Span) -> bool:
    """Whether who goes to a place meets the other one there: soon after it begins, or on the same page."""
    match place, other:
        case TimeSpan(start_ms), TimeSpan(begin_ms, end_ms):
            return begin_ms <= start_ms + _SOON_MS and end_ms >= start_ms - _SOON_MS
        case TextSpan(page), TextSpan(other_page):
            return page == other_page
        case _:
            return isinstance(other, Whole)


def lessen(
    scores: dict[int, float],
    moments: Mapping[int, Sequence[Moment]],
    trusts: Mapping[int, float],
    answering: Answering,
    *,
    is_whole: bool,
) -> None:
    """Make less of items for which lines speak that their recogniser was not sure of, and of those in which several words
    stand far apart: in a recording of hours any two are somewhere. That is known where the moments of all senses are.
    """
    for item_id, trust in trusts.items():
        if item_id in scores and item_id not in answering.likes:
            scores[item_id] *= trust
    runs = [run for each in answering.witnesses for run in each.runs()]
    if is_whole and any(len(run.units) > 1 for run in runs):
        for item_id, found in moments.items():
            if found and item_id in scores and found[0].score < _APART * scores[item_id]:
                scores[item_id] *= _APART
