"""What a person said of what was proposed by a taught tag: by this its chances are put right, and told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from media_assistant.items.tag import TagState
from media_assistant.items.teaching import TaughtExample
from media_assistant.library.library import Library

_KEPT = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """How sure a proposal was when it was answered, and whether it was right. In versions that were learnt before the
    items were noted `item_id` is 0.
    """

    chance: float
    is_right: bool
    item_id: int = 0


def read_answers(report: Mapping[str, Any]) -> list[Answer]:
    """The answers that a version knows, the newest last."""
    return [Answer(float(chance), bool(right), *item) for chance, right, *item in report.get("answers", ())]


def plain_answers(answers: Sequence[Answer]) -> dict[str, Any]:
    """For the report of a version; of many the newest."""
    return {"answers": [[round(each.chance, 3), each.is_right, each.item_id] for each in answers[-_KEPT:]]}


def answers_now(
    library: Library,
    concept_id: str,
    held: Sequence[Answer],
    older: Sequence[TaughtExample],
    examples: Sequence[TaughtExample],
) -> list[Answer]:
    """Those `held` by the version that learnt of the `older` examples, as the person's word stands now: what was taken back
    taught nothing, and who changed their mind meant it. Then what was said since of what that version proposed.
    """
    before = library.taught_chances(concept_id)
    known = {each.item_id for each in older} | {each.item_id for each in held}
    fresh = dict.fromkeys(each.item_id for each in examples if each.item_id in before and each.item_id not in known)
    answers = [*held, *(Answer(before[item_id], is_right=True, item_id=item_id) for item_id in fresh)]
    said = library.said_on(concept_id, [each.item_id for each in answers])
    return [
        replace(each, is_right=said[each.item_id] is TagState.ACCEPTED) if each.item_id else each
        for each in answers
        if each.item_id in said or not each.item_id
    ]
