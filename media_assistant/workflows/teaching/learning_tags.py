"""Learning a tag from its examples, and judging the library by what was learnt: plain functions over a library."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from media_assistant.items.span import WHOLE
from media_assistant.items.tag import TagState
from media_assistant.items.teaching import FEW, Question, TaughtExample, TaughtMoment
from media_assistant.workflows.teaching.answers import Answer, plain_answers
from media_assistant.workflows.teaching.taught_things import (
    Known,
    Place,
    Vectors,
    candidates,
    moments_of,
    read_examples,
    read_things,
    sense_at,
)

if TYPE_CHECKING:
    from media_assistant.learning.ground import Ground
    from media_assistant.learning.heads import Head
    from media_assistant.learning.tag_heads import Learnt, Part
    from media_assistant.learning.things import Floats
    from media_assistant.library.library import Library

LEAST = 0.2
"""A chance below this is not worth a word."""
SURE = 0.5
_MOMENTS = 12
"""Moments of an item that are told, the surest first."""
_ASKED = 300
_KEPT_ITEMS = 5000
_MOST_SAID = 200
_TENTHS = 10.0
_EIGHTY = 1.28
"""Standard deviations on either side that hold four of five."""


def answer_lesson(pieces: Sequence[bytes]) -> bytes:
    """What a worker process makes of a lesson; the pieces that it came in are put together."""
    from media_assistant.learning.tag_heads import answer

    return answer(b"".join(pieces))


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """The examples by sense, those of which nothing is known, and in which spaces how many wanted ones are seen."""

    parts: dict[str, Part]
    unknown: tuple[int, ...]
    seen: dict[str, int]
    is_contradictory: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What is proposed, and what is best asked about."""

    moments: list[TaughtMoment] = field(default_factory=list)
    chances: dict[int, float] = field(default_factory=dict)
    """The best chance of each item."""
    questions: list[Question] = field(default_factory=list)


def read_training_set(
    library: Library, known: Known, concept_id: str, examples: Sequence[TaughtExample]
) -> TrainingSet:
    """Read the examples."""
    import numpy as np

    from media_assistant.learning.fitting import is_contradictory
    from media_assistant.learning.tag_heads import Part

    is_wanted = np.array([not each.is_counter for each in examples], bool)
    parts: dict[str, Part] = {}
    seen: dict[str, int] = {}
    has_any = np.zeros(len(examples), bool)
    torn = False
    for sense in known.spaces:
        things = read_examples(library, known, sense, examples, concept_id)
        of = things.known()
        has_any |= of
        for space, rows in things.rows.items():
            seen[space] = len(set(rows[is_wanted[rows]].tolist()))
        if (of & is_wanted).any():
            parts[sense] = Part(things, is_wanted, known.grounds[sense], known.totals[sense])
            torn |= is_contradictory(things, is_wanted)
    unknown = tuple(each.item_id for each, has in zip(examples, has_any, strict=True) if not has)
    return TrainingSet(parts, unknown, {space: count for space, count in sorted(seen.items()) if count}, torn)


def judge_library(
    library: Library,
    known: Known,
    heads: Mapping[str, Head],
    concept_id: str,
    examples: Sequence[TaughtExample],
    made: Mapping[str, Ground] | None = None,
) -> Found:
    """What the heads propose in all of the library, and what to ask about; before grounds that were `made` already."""
    from media_assistant.learning.ground import Ground

    places: dict[str, tuple[Sequence[Place], Vectors]] = {}
    grounds = {}
    for sense, head in heads.items():
        if sense in known.spaces:
            grounds[sense] = (made or {}).get(sense) or Ground(known.grounds[sense], known.totals[sense], head.labels)
            places[sense] = candidates(library, head, grounds[sense], known.spaces[sense])
    return _judge(library, known, heads, concept_id, examples, places, grounds)


def judge_items(
    library: Library,
    known: Known,
    heads: Mapping[str, Head],
    concept_id: str,
    examples: Sequence[TaughtExample],
    item_ids: Collection[int],
) -> Found:
    """What the heads propose of these items."""
    from media_assistant.learning.ground import Ground

    senses = [sense for sense in heads if sense in known.spaces]
    places = {sense: moments_of(library, known.spaces[sense], item_ids) for sense in senses}
    grounds = {sense: Ground(known.grounds[sense], known.totals[sense], heads[sense].labels) for sense in senses}
    return _judge(library, known, heads, concept_id, examples, places, grounds)


def _judge(
    library: Library,
    known: Known,
    heads: Mapping[str, Head],
    concept_id: str,
    examples: Sequence[TaughtExample],
    places: Mapping[str, tuple[Sequence[Place], Vectors]],
    grounds: Mapping[str, Ground],
) -> Found:
    from media_assistant.learning.heads import judge

    decided = library.decided_on(concept_id)
    refused = {(each.item_id, each.span) for each in examples if each.is_counter}
    best: dict[int, float] = {}
    by_item: dict[int, list[tuple[float, str, Place]]] = {}
    doubts: list[tuple[Question, Floats]] = []
    for sense, (of, vectors) in places.items():
        if not of:
            continue
        head, spaces, ground = heads[sense], known.spaces[sense], grounds[sense]
        things = read_things(library, spaces, of, known.above, concept_id, vectors)
        judged = judge(head, ground, things)
        chances = judged.chances.tolist()
        told: dict[int, int] = {}
        for at, (place, chance) in enumerate(zip(of, chances, strict=True)):
            item_id = place[0]
            if place in refused:
                continue  # nor asked about again: another moment of it may be
            if item_id not in decided and chance > chances[told.setdefault(item_id, at)]:
                told[item_id] = at
            if chance >= LEAST and (item_id, WHOLE) not in refused:
                by_item.setdefault(item_id, []).append((chance, sense, place))
                best[item_id] = max(best.get(item_id, 0.0), chance)
        order = sorted((at for item_id, at in told.items() if item_id not in decided), key=lambda at: -chances[at])
        rows = order[:_ASKED]
        if rows:
            doubts += [(Question(*of[at], chances[at]), judged.features[at]) for at in rows]
    moments = []
    for item_id, each in by_item.items():
        each.sort(key=lambda row: -row[0])
        for chance, sense, place in each[:_MOMENTS]:
            noticed = sense_at(library, sense, known.spaces[sense], place)
            moments.append(TaughtMoment(item_id, place[1], noticed, round(chance, 4)))
    likes = sum(not each.is_counter for each in examples)
    return Found(moments, {item: chance for item, chance in best.items() if item not in decided}, _order(doubts, likes))


def _order(doubts: Sequence[tuple[Question, Floats]], likes: int) -> list[Question]:
    """What to ask first. Senses are asked about in turn, for their features do not compare."""
    import numpy as np

    from media_assistant.learning.asking import choose

    widths: dict[int, list[tuple[Question, Floats]]] = {}
    for doubt in doubts:
        widths.setdefault(len(doubt[1]), []).append(doubt)
    turns = []
    for group in widths.values():
        chances = np.array([question.chance for question, _ in group], np.float32)
        chosen = choose(chances, np.stack([features for _, features in group]), 24, likes)
        turns.append([group[at][0] for at in chosen.tolist()])
    found: dict[int, Question] = {}
    for number in range(max((len(turn) for turn in turns), default=0)):
        for turn in turns:
            if number < len(turn):
                found.setdefault(turn[number].item_id, turn[number])
    return list(found.values())


# What is to be said of it


def heed_answers(heads: Mapping[str, Head], answers: Sequence[Answer]) -> dict[str, Head]:
    """Heads whose chances are put right by what a person said of earlier proposals."""
    import numpy as np

    from media_assistant.learning.fitting import fit_line

    if not answers:
        return dict(heads)
    chances = np.clip(np.array([each.chance for each in answers], np.float64), 0.01, 0.99)
    right = np.array([each.is_right for each in answers], np.float64)
    slope, middle = fit_line(np.log(chances / (1 - chances)), right, 1.0, 0.0, 1.5)
    return {
        sense: replace(head, slope=head.slope * slope, middle=head.middle + middle / head.slope)
        for sense, head in heads.items()
    }


def make_report(
    learnt: Learnt,
    training_set: TrainingSet,
    found: Found,
    examples: Sequence[TaughtExample],
    answers: Sequence[Answer],
    lowest: float,
) -> dict[str, Any]:
    """All that is to be said of a version, plain."""
    likes = sum(not each.is_counter for each in examples)
    quality = [each for each in learnt.quality.values() if not math.isnan(each)]
    report = {
        "seen": training_set.seen,
        "unknown": list(training_set.unknown)[:50],
        "forms": learnt.forms,
        "quality": round(max(quality), 3) if quality else None,
        "took_s": round(learnt.took_s, 3),
        **plain_answers(answers),
        "advice": advice(training_set, examples),
        "ways": told_ways(learnt),
    }
    return report | expectation(found.chances, lowest, len(examples), likes, answers)


def said_examples(library: Library, concept_id: str) -> tuple[TaughtExample, ...]:
    """What the person has said carries a tag, and what does not, as examples; of very many the first."""
    ids = library.item_ids()
    said = {
        state: library.with_tag(ids, concept_id, state)[:_MOST_SAID] for state in (TagState.ACCEPTED, TagState.REJECTED)
    }
    return tuple(
        TaughtExample(item_id, is_counter=state is TagState.REJECTED)
        for state, each in said.items()
        for item_id in each
    )


def told_ways(learnt: Learnt) -> dict[str, Any]:
    """What each form did, in the sense of the most examples and of these where it did best; {} where nothing was tried."""
    if not learnt.trials:
        return {}

    def worth(sense: str) -> tuple[int, float]:
        quality = learnt.quality[sense]
        return max(each.count for each in learnt.trials[sense]), 0.0 if math.isnan(quality) else quality

    sense = max(learnt.trials, key=worth)
    tried = [
        {
            "form": each.form,
            "precision": None if math.isnan(each.precision) else round(each.precision, 3),
            "error": 0.0 if math.isnan(each.error) else round(each.error, 3),
            "count": each.count,
            "took_ms": max(1, round(1000 * each.took_s)),
            "is_kept": each.form == learnt.forms[sense],
        }
        for each in learnt.trials[sense]
    ]
    return {"sense": sense, "tried": tried}


def expectation(
    chances: Mapping[int, float], lowest: float, count: int, likes: int, answers: Sequence[Answer]
) -> dict[str, Any]:
    """What is to be expected of the proposals from `lowest` on, in tenths: what the head itself says, drawn towards what
    the person found of earlier ones, with the range in which four of five such figures lie.
    """
    shown = {item: chance for item, chance in chances.items() if chance >= max(lowest, LEAST)}
    looked_at = [each.is_right for each in answers if each.chance >= max(lowest, LEAST)]
    said = sum(shown.values()) / len(shown) if shown else 0.0
    # Four times what the head says, what was found, and once the toss of a coin: nothing is certain.
    right = (4 * said + sum(looked_at) + 0.5) / (5 + len(looked_at)) if shown else 0.0
    spread = _EIGHTY * math.sqrt(max(right * (1 - right), 0.04) / (count + len(looked_at) + 1))
    best = sorted(shown, key=lambda item: (-shown[item], item))
    return {
        "proposals": len(shown),
        "right": round(_TENTHS * right, 1),
        "low": round(_TENTHS * max(0.0, right - spread), 1),
        "high": round(_TENTHS * min(1.0, right + spread), 1),
        "looked_at": len(looked_at),
        "kept": sum(looked_at),
        "is_guess": likes < FEW and len(looked_at) < FEW,
        "items": best[:_KEPT_ITEMS],
    }


def advice(training_set: TrainingSet, examples: Sequence[TaughtExample]) -> str:
    """The code of what would help most now."""
    likes = sum(not each.is_counter for each in examples)
    if not training_set.parts:
        return "teach.advice.unseen"
    if training_set.is_contradictory:
        return "teach.advice.contradictory"
    if training_set.unknown:
        return "teach.advice.some_unseen"
    if likes < FEW:
        return "teach.advice.more"
    if likes == len(examples):
        return "teach.advice.counter"
    return ""


def likest(
    library: Library, known: Known, concept_id: str, examples: Sequence[TaughtExample], question: Place
) -> list[TaughtExample]:
    """The wanted examples that an item (or a moment) is most like, up to three: why it is proposed."""
    import numpy as np

    from media_assistant.learning.ground import Ground

    wanted = [each for each in examples if not each.is_counter][:200]
    best: dict[int, float] = {}
    for sense, spaces in known.spaces.items():
        if len(known.grounds[sense]) < 2 or not wanted:
            continue
        ground = Ground(known.grounds[sense], known.totals[sense])
        here = read_things(library, spaces, [question], known.above, concept_id)
        theirs = read_examples(library, known, sense, wanted, concept_id)
        if here.known().any():
            alike = ground.of(theirs) @ ground.of(here)[0]
            for at in np.flatnonzero(theirs.known()).tolist():
                best[at] = max(best.get(at, -math.inf), float(alike[at]))
    order = sorted((at for at in best if best[at] > 0), key=lambda at: -best[at])
    return [wanted[at] for at in order if wanted[at].item_id != question[0]][:3]


def compare(newer: Mapping[str, Any], older: Mapping[str, Any]) -> tuple[list[int], list[int]]:
    """(came, went): the items that one version proposes and the other does not."""
    ours, theirs = newer.get("items", []), older.get("items", [])
    return [each for each in ours if each not in set(theirs)], [each for each in theirs if each not in set(ours)]
