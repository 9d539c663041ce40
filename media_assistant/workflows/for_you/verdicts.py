"""How well suggestions did, honestly: counted, and weighed by the chances with which they were shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from media_assistant.items.for_you import Range, Share, Verdict
from media_assistant.items.slate import Outcome, Slate
from media_assistant.learning.off_policy import Estimate, Judgement, judge, mean_of
from media_assistant.workflows.for_you.shelves import KINDS, LibraryShelf
from media_assistant.workflows.for_you.taste import WIDTH, Facts, context_of, outcome_of, shows

LAST = 10
GOOD = (Outcome.FINISHED, Outcome.LIKED)
OPENED = (Outcome.OPENED, Outcome.PLAYED, Outcome.FINISHED, Outcome.LIKED, Outcome.SKIPPED)
BROUGHT = (Outcome.OPENED, Outcome.PLAYED, Outcome.FINISHED, Outcome.LIKED)
ABOUT_CHOICE = 4
"""What stands in a proposal's context behind what was known of it: how many it was taken from, what was expected of these
on the average and of the best, and whether it was the best."""
_FEWEST = 5
"""Proposals that have to be opened before anything is reckoned: intervals of less would look sure and be wrong."""
_UNKNOWN = Range(float("nan"), float("nan"), float("nan"))


def verdict(slates: Sequence[Slate], facts: Facts) -> Verdict:
    """Of all that was shown by this way of choosing, or by the one before it, which drew its lots alike."""
    became = [
        (outcome_of(each, slate, facts), each, slate) for slate in slates if shows(slate) for each in slate.proposals
    ]
    opened = [outcome for outcome, _, _ in became if outcome in OPENED][-LAST:]
    liked = sum(outcome in GOOD for outcome in opened)
    rows = []
    for outcome, each, slate in became:
        context = context_of(each, slate)
        if context is not None and len(context) == WIDTH + ABOUT_CHOICE:
            rows.append((float(outcome in BROUGHT), each.propensity, each.expected, *context[WIDTH:], slate.id))
    if sum(row[0] for row in rows) < _FEWEST:
        nothing = (_UNKNOWN, _UNKNOWN, _UNKNOWN)
        return Verdict(len(opened), liked, len(became), _UNKNOWN, nothing, nothing, 0.0)
    reward, propensity, expected, left, average, best, is_best, slate_ids = np.array(rows, np.float64).T
    groups = slate_ids.astype(np.int64)
    by_lot = judge(reward, propensity, 1 / np.maximum(left, 1), expected, average, groups)
    by_best = judge(reward, propensity, is_best, expected, best, groups)
    us = mean_of(reward, groups)
    return Verdict(
        len(opened), liked, len(became), _range(us), _ranges(by_lot), _ranges(by_best), round(by_lot.effective, 1)
    )


def _range(estimate: Estimate) -> Range:
    return Range(estimate.value, estimate.low, estimate.high)


def _ranges(found: Judgement) -> tuple[Range, Range, Range]:
    return _range(found.ips), _range(found.snips), _range(found.doubly_robust)


def exposure(held: LibraryShelf, shown: Mapping[int, int], today: float, most_folders: int = 6) -> list[Share]:
    """How often items of each kind, age and folder were suggested, beside how many there are. `shown` is by item."""
    rows = held.rows(list(shown))
    times = np.zeros(len(held.ids))
    np.add.at(times, rows[rows >= 0], np.array(list(shown.values()), float)[rows >= 0])
    found = []
    for at, kind in enumerate(KINDS):
        mask = held.kinds == at
        if mask.any():
            found.append(Share("kind", kind.value, int(mask.sum()), int(times[mask].sum())))
    for name, since, until in (("month", 0, 31), ("year", 31, 366), ("older", 366, 1e9)):
        age = today - held.added_days
        mask = (age >= since) & (age < until) if since else age < until
        if mask.any():
            found.append(Share("age", name, int(mask.sum()), int(times[mask].sum())))
    folders = Counter(held.folders)
    by_folder: Counter[str] = Counter()
    for row in np.flatnonzero(times):
        by_folder[held.folders[row]] += int(times[row])
    found += [Share("folder", name, count, by_folder[name]) for name, count in folders.most_common(most_folders)]
    return found
