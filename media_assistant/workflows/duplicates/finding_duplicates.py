"""Compare what was not compared yet with all that is in the library, in rounds of some thousand items.

What a round found can be saved before the next one begins, so a comparison that was ended goes on where it was. In the
program a worker does it (`comparing`): nothing of it is in the window's process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from media_assistant.items.duplicates import LikelyPair
from media_assistant.items.kind import Kind
from media_assistant.library.library import Library

Progress = Callable[[int, int], None]

_TOLD = 16
"""Pairs that are compared between two words on how far it is."""


@dataclass(frozen=True, slots=True)
class Round:
    """Items that were compared, with the last fingerprint of each, and what was found of them."""

    compared: dict[int, int]
    pairs: list[LikelyPair]


def compare_rounds(
    library: Library,
    folder: Path | None,
    *,
    progress: Progress = lambda _done, _all: None,
    should_stop: Callable[[], bool] = bool,
) -> Iterator[Round]:
    """Rounds to be saved as they come; nothing of a round that was stopped. In `folder` it keeps what the next comparison
    looks through.
    """
    wanted = library.uncompared()
    if not wanted or should_stop():
        return
    # numpy and OpenCV are for whoever has something to compare.
    from media_assistant.analysis.likely_pairs import Sights, compare, find_reasons
    from media_assistant.workflows.duplicates.compared_prints import Near, Shelf

    kinds = library.kinds(wanted)
    known: dict[Kind, dict[int, int]] = {}
    for item_id, last, kind in library.compared():
        known.setdefault(kind, {})[item_id] = last
    done = 0
    for kind in dict.fromkeys(kinds.values()):
        shelf = Shelf(library, folder, kind, known.get(kind, {}), should_stop)
        for asked in shelf.rounds([item_id for item_id in wanted if kinds[item_id] is kind]):
            seen = Sights.of(asked)
            reasons = find_reasons(asked, seen, shelf.sights(), shelf.sounds(), should_stop)
            pairs: list[LikelyPair] = []
            near = Near(library, asked)
            wanted_pairs = sorted(reasons)
            for number, (one, other) in enumerate(wanted_pairs):
                if should_stop():
                    return
                if not number % _TOLD:
                    near.read(wanted_pairs[number : number + _TOLD])
                    progress(done + len(asked) * number // len(wanted_pairs), len(wanted))
                first, second, why = near.of(one), near.of(other), reasons[one, other]
                pair = compare(first, second, why.hints, why.offsets) if first and second else None
                if pair is not None:
                    pairs.append(pair)
            if should_stop():
                return
            compared = {each.item_id: wanted[each.item_id] for each in asked}
            shelf.keep(asked, seen, compared)
            done += len(asked)
            progress(done, len(wanted))
            yield Round(compared, pairs)
