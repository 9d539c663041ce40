"""Bring many witnesses to one order: how sure we are, where the list ends, and which moments stand for an item.

Every witness (a word that stands in a line, a label, a vector) says a probability that what was asked for is there.
For one word of a query the surest of lines, names and labels counts; the words are then covered together. What vectors
say of the query as a whole is joined to that as if independent (noisy-or); several vectors mostly repeat each other, so
only the best counts in full.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from media_assistant.items.moment import Layer, Moment
from media_assistant.items.span import WHOLE, Span, TextSpan, TimeSpan

LEAST = 0.3
"""Below this probability an item does not answer a query."""

LEAST_OF_BEST = 0.5
"""Below this part of the best item's probability the gap is too wide: it answered something else."""

_HALF = 4.9
"""The strength (standard deviations above both backgrounds) at which a vector's word is as good as not. At 3.5, which
one random vector in four thousand reaches, it is worth 0.19, and LEAST at 4.13, which one in fifty thousand does."""


def meaning_probability(strength: float) -> float:
    """What a vector's strength is worth; 0.95 at most, for a network's likeness alone is never certain."""
    return 0.95 / (1 + math.exp(min(50.0, _HALF - strength))) if strength == strength else 0.0  # noqa: PLR0124 - NaN


_NAMES_HALF = 8.5
"""As `_HALF`, for the names of labels: they are as short as queries, so that what is only near stands out further."""


LEAST_OF_NAME = 0.5
"""Names that mean it less surely than this mean something near it."""


def name_probability(strength: float) -> float:
    """What it is worth that a label's name means what was asked, from the strength of its vector."""
    return 1 / (1 + math.exp(min(50.0, _NAMES_HALF - strength))) if strength == strength else 0.0  # noqa: PLR0124 - NaN


UNSURE = 0.5
"""What is left of a vector's word where only one of several networks knows the words that were asked for."""

_DISAGREE, _AGREE = 0.1, 0.45
_LEAST_TRUST = 0.35


def trust(agreement: float) -> float:
    """What is left of the vectors' word when networks agree so far (a correlation) about what the query is near to."""
    share = min(max((agreement - _DISAGREE) / (_AGREE - _DISAGREE), 0.0), 1.0) if agreement == agreement else 0.0  # noqa: PLR0124
    return _LEAST_TRUST + (1 - _LEAST_TRUST) * share


def either(probabilities: Iterable[float]) -> float:
    """Independent witnesses: the probability that not all of them are wrong."""
    return 1 - math.prod(1 - min(max(p, 0.0), 1.0) for p in probabilities)


def mostly_best(probabilities: Sequence[float]) -> float:
    """Witnesses of one kind: the best in full, the others for a tenth."""
    if len(probabilities) == 1:
        return 1 - (1 - min(max(probabilities[0], 0.0), 1.0))
    ordered = sorted(probabilities, reverse=True)
    return either([*ordered[:1], *(0.1 * p for p in ordered[1:4])])


def covered(parts: Sequence[tuple[float, float]]) -> float:
    """How well the parts of a query are answered together, from (weight, probability) of each.

    The square makes half an answer a quarter: shown when nothing better is there, gone when it is.
    """
    whole = sum(weight for weight, _ in parts)
    if whole <= 0:
        return 0.0
    share = sum(weight for weight, p in parts if p > 0) / whole
    return share * sum(weight * p for weight, p in parts) / whole


def rarity(matching: int, total: int) -> float:
    """Weight of a word or label that `matching` of `total` items have: from about 0 for all of them, growing as it is rare."""
    return math.log1p((total - matching + 0.5) / (matching + 0.5)) if total else 1.0


def cut(scores: Sequence[float]) -> int:
    """How many of the scores (best first) answer: where relevance ends, the list ends.

    The scores are probabilities already measured against the background (`library.vectors.strengths`, `trust`), so that one
    edge serves every query: at least LEAST, and no wider a gap to the best than LEAST_OF_BEST. Both were set on half of
    the classes of the labelled media (tests/bench/bench_search.py, `dev`) and then told for the other half (`held`):
    three quarters of what is shown is labelled so, nine tenths of what is labelled so is shown, and of queries for what
    is not there, five of six find nothing.
    """
    if not scores:
        return 0
    least = edge(scores[0])
    return sum(1 for score in scores if score >= least)


def edge(best: float) -> float:
    """The score from which an item answers, where `best` is the highest."""
    return max(LEAST, LEAST_OF_BEST * best)


def surest_first(scores: Mapping[int, float], above: float) -> list[int]:
    """The items with scores above that, best first, equals in the order of their ids."""
    rising = sorted(item_id for item_id, score in scores.items() if score > above)
    rising.sort(key=scores.__getitem__, reverse=True)
    return rising


def overlap(one: Span, other: Span) -> float:
    """The shared part of the shorter span, 0..1; a whole item overlaps only with a whole item."""
    match one, other:
        case TimeSpan(a, b), TimeSpan(c, d):
            shared, shorter = min(b, d) - max(a, c), min(b - a, d - c)
        case TextSpan(page, a, b), TextSpan(other_page, c, d):
            shared, shorter = min(b, d) - max(a, c) if page == other_page else 0, min(b - a, d - c)
        case _:
            return float(one == other)
    if shorter <= 0:
        return float(shared >= 0)
    return max(0.0, shared / shorter)


_FEW_MS = 10_000
_FEW_TIMES = 4
"""A span so much longer than another is no place as precise, unless both are short."""


def join_moments(moments: Iterable[Moment], limit: int = 8) -> tuple[Moment, ...]:
    """One moment for each place, best first: overlapping ones become the strongest, more certain by the others' word. Where
    relevance ends, they end.

    Words keep before labels and labels before bare stretches at equal strength, for they say more.
    """
    order = {Layer.MARK: -1, Layer.LINE: 0, Layer.LABEL: 1, Layer.SHOT: 2}
    kept: list[Moment] = []
    for moment in sorted(moments, key=lambda m: (-round(m.score, 2), order[m.layer], _start(m.span), m.id)):
        for i, strongest in enumerate(kept):
            if _is_one_place(strongest.span, moment.span) and not _is_other_name(strongest, moment):
                if (strongest.sense, strongest.layer) != (moment.sense, moment.layer):
                    kept[i] = replace(strongest, score=either((strongest.score, 0.5 * moment.score)))
                break
        else:
            kept.append(moment)
            if len(kept) >= 4 * limit:
                break
    kept.sort(key=lambda m: (-m.score, _start(m.span), m.id))
    return tuple(moment for moment in kept[:limit] if moment.score >= LEAST_OF_BEST * kept[0].score)


def _is_one_place(one: Span, other: Span) -> bool:
    """Whether two spans overlap and neither is a precise place in a long one: applause is not where the music begins."""
    if overlap(one, other) <= 0.5:
        return False
    if not isinstance(one, TimeSpan) or not isinstance(other, TimeSpan):
        return True
    shorter, longer = sorted((one.end_ms - one.start_ms, other.end_ms - other.start_ms))
    return longer <= max(_FEW_MS, _FEW_TIMES * shorter)


def _is_other_name(one: Moment, other: Moment) -> bool:
    """Whether both name something in the whole of an item, and not the same: each is worth showing."""
    return (
        one.span == WHOLE
        and one.concept is not None
        and other.concept is not None
        and one.concept.id != other.concept.id
    )


def _start(span: Span) -> tuple[int, int]:
    match span:
        case TimeSpan(start_ms):
            return 0, start_ms
        case TextSpan(page, start):
            return page, start
        case _:
            return -1, 0


def spread_out(ordered: Sequence[int], alike: Mapping[int, int], together: int = 3) -> list[int]:
    """The same items in an order in which no more than `together` of those that are alike stand before what is not.

    `alike` gives by item the first one that it is nearly the same as. The others of a crowd come after everybody's
    first ones, `together` of each crowd at a time.
    """
    turns: dict[int, list[int]] = {}
    counted: dict[int, int] = {}
    for item_id in ordered:
        head = alike.get(item_id, item_id)
        counted[head] = counted.get(head, 0) + 1
        turns.setdefault((counted[head] - 1) // together, []).append(item_id)
    return [item_id for turn in sorted(turns) for item_id in turns[turn]]


_DOUBTED = 0.2


def line_trust(score: float) -> float:
    """What is left of a line's word if whoever read or heard it was so sure of it (0..1). Recognisers are least sure where
    there was nothing to recognise; but of short lines they are never sure, so that most of it stays.
    """
    return 1 - _DOUBTED * (1 - min(max(score, 0.0), 1.0))
