"""What a person makes of suggestions: a bandit over what was known of each when it was shown, taught by what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from media_assistant.items.happening import Ending
from media_assistant.items.slate import Liking, Outcome, Proposal, Slate
from media_assistant.learning.bandit import Ridge
from media_assistant.learning.own_past import DEFAULT_WEIGHTS, EVIDENCE

if TYPE_CHECKING:
    import numpy.typing as npt

POLICY = "for-you/2"
_BEFORE, _LACKED = "for-you/1", 3
"""How pages were made that did not know yet the last three kinds of evidence."""
WIDTH = len(EVIDENCE) + 7
"""A constant, the evidence, what was played together with the last things, whether it is new to the person, and its kind."""
_SCALE = 3.0
"""Nats of evidence that count as 1: contexts are about as large as their constant."""
_PRIOR = 0.1
"""What a reward rises with a nat of evidence, before anything is known."""
_OF_NAMES = {"next_by_name": 0.2, "words": 0.08, "begins_alike": 0.15, "beside_any": 0.1}
"""Less than measured on films: what files are called may mean little in a library, until it is learnt."""
_SURE = 6.0
BOLDNESS = 0.05

REWARDS = {
    Outcome.NONE: 0.0,
    Outcome.OPENED: 0.5,
    Outcome.PLAYED: 0.7,
    Outcome.FINISHED: 1.0,
    Outcome.LIKED: 1.0,
    Outcome.SKIPPED: -0.2,
    Outcome.NOT_NOW: -0.4,
    Outcome.NOT_BECAUSE: -0.2,
    Outcome.NEVER: -1.0,
}
_UNSEEN = 0.15
"""How much it counts that nothing was done with a proposal, at the first place; further back it counts less, for it may
not have been looked at."""
_FOUND = {Ending.FINISHED: Outcome.FINISHED, Ending.LEFT: Outcome.PLAYED, Ending.SKIPPED: Outcome.SKIPPED}

_WORDS = {
    Outcome.LIKED: Liking.LIKE,
    Outcome.NOT_NOW: Liking.NOT_NOW,
    Outcome.NOT_BECAUSE: Liking.NOT_BECAUSE,
    Outcome.NEVER: Liking.NEVER,
}


class Extra(NamedTuple):
    """What a context holds behind the evidence and its constant."""

    together: npt.NDArray[np.float32]
    is_new: npt.NDArray[np.float32]
    kinds: npt.NDArray[np.int8]


def contexts(evidence: npt.NDArray[np.float32], extra: Extra) -> npt.NDArray[np.float32]:
    """`[n, WIDTH]` of evidence `[n, len(EVIDENCE)]`."""
    made = np.zeros((len(evidence), WIDTH), np.float32)
    made[:, 0] = 1
    many = len(EVIDENCE)
    np.clip(evidence / np.float32(_SCALE), -3, 3, out=made[:, 1 : 1 + many])
    made[:, 1 + many] = np.clip(extra.together, 0, 3)
    made[:, 2 + many] = extra.is_new
    made[np.arange(len(evidence)), 3 + many + extra.kinds] = 1
    return made


def fresh() -> Ridge:
    """As it is before anything was shown: the weights that were measured over many people."""
    prior = np.zeros(WIDTH)
    prior[0] = 0.1
    weights = np.array(DEFAULT_WEIGHTS)
    for name, weight in _OF_NAMES.items():
        weights[EVIDENCE.index(name)] = weight
    prior[1 : 1 + len(EVIDENCE)] = weights * _PRIOR * _SCALE
    prior[1 + len(EVIDENCE)] = 0.1
    return Ridge(WIDTH, _SURE, prior)


class Facts(NamedTuple):
    """By what is known what became of proposals: how things ended, as in `OwnPast`, and the words that stand of items."""

    endings: Mapping[tuple[int, int], Ending]
    chosen_from: Mapping[tuple[int, int], Ending]
    said: frozenset[tuple[int, str]]


def outcome_of(proposal: Proposal, slate: Slate, facts: Facts) -> Outcome:
    """What became of it: what was noted, or how it ended when it was opened from there.

    What was played in the same session, but not opened from the page, says nothing of the page. A word that the person has taken back since was never said.
    """
    outcome = proposal.outcome
    if outcome in _WORDS and (proposal.item_id, str(_WORDS[outcome])) not in facts.said:
        outcome = Outcome.NONE
    item_id = proposal.item_id
    ending = facts.chosen_from.get((slate.id, item_id))
    if ending is None and outcome in (Outcome.OPENED, Outcome.PLAYED):
        ending = facts.endings.get((slate.session, item_id))
    if outcome in (Outcome.NONE, Outcome.OPENED, Outcome.PLAYED) and ending is not None:
        return _FOUND[ending]
    return outcome


def shows(slate: Slate) -> bool:
    """Whether this way of choosing made a page, or the one before it."""
    return slate.policy in (POLICY, _BEFORE)


def context_of(proposal: Proposal, slate: Slate) -> npt.NDArray[np.float32] | None:
    """What was known of a proposal when it was shown `[WIDTH]`, and behind it what it was chosen from; None where no lots
    were drawn. What older pages did not know yet is nought.
    """
    context = np.frombuffer(proposal.context, np.float32)
    if slate.policy == _BEFORE and len(context) >= WIDTH - _LACKED:
        context = np.insert(context, np.full(_LACKED, 1 + len(EVIDENCE) - _LACKED), 0.0)
    elif slate.policy != POLICY:
        return None
    return context if len(context) >= WIDTH else None


def teach(ridge: Ridge, slates: Sequence[Slate], facts: Facts) -> None:
    """Let the bandit hear what became of everything that these slates showed. Rows that draw no lots teach nothing."""
    contexts, rewards, weights = [], [], []
    for slate in slates:
        for each in slate.proposals:
            context = context_of(each, slate)
            if context is None:
                continue
            outcome = outcome_of(each, slate, facts)
            contexts.append(context[:WIDTH])
            rewards.append(REWARDS[outcome])
            weights.append(1.0 if outcome else _UNSEEN / (1 + each.place))
    if contexts:
        ridge.hear_all(np.array(contexts, np.float64), np.array(rewards), np.array(weights))
