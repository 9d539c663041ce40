"""What a person did with their library, as suggestions read it: what they chose and liked, and what they said of items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from media_assistant.items.happening import Ending, Met, Use
from media_assistant.items.slate import Liking

if TYPE_CHECKING:
    from media_assistant.library.library import Library

MOST = 4000
"""The last items opened or played that are read: what is older says little."""

_LIKED: Mapping[str, float] = {Ending.FINISHED: 1.6, Ending.LEFT: 1.0, Ending.SKIPPED: 0.1}
GOOD_STARS = 4


@dataclass(frozen=True, slots=True)
class OwnPast:
    """`chosen`: (item, how much it was liked, 0..2), the oldest first, each item once, at its last time."""

    chosen: tuple[tuple[int, float], ...]
    uses: Mapping[int, Use]
    sessions: Mapping[int, Sequence[int]]
    """The items that were opened or played in each, in their order, each once; what was skipped is not among them."""
    liked: frozenset[int]
    """What the person said to like, or gave four stars and more."""
    withheld: frozenset[int]
    """What they never want, or not now."""
    not_because: frozenset[int]
    last_id: int = 0
    endings: Mapping[tuple[int, int], Ending] = field(default_factory=dict)
    """By (session, item) how it ended at best."""
    chosen_from: Mapping[tuple[int, int], Ending] = field(default_factory=dict)
    """By (slate, item) how what was chosen from it ended at best."""
    said: frozenset[tuple[int, str]] = frozenset()
    """All words of the person on items, those too whose time is over."""
    met: Sequence[Met] = ()
    """What all but the words was made of."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of the person."""
        return not self.chosen and not self.liked


def read_past(library: Library, at: datetime | None = None, before: OwnPast | None = None) -> OwnPast:
    """All of it as it stands now. Words whose time is over no longer count. What was read `before` is not made again where
    nothing happened since.
    """
    now = (at or datetime.now(UTC)).isoformat()
    said: dict[Liking, set[int]] = {word: set() for word in Liking}
    likings = library.likings()
    for one in likings:
        if not one.until or one.until > now:
            said[one.word].add(one.item_id)
    happened = library.met(MOST)
    stars = library.ratings(list({each.item_id for each in happened}))
    liked = said[Liking.LIKE] | {item_id for item_id, given in stars.items() if given >= GOOD_STARS}
    bad = {item_id for item_id, given in stars.items() if given <= 2} | said[Liking.NEVER]
    chosen: dict[int, float] = {}
    for each in happened:
        if each.item_id in said[Liking.NOT_BECAUSE]:
            continue
        earlier = chosen.pop(each.item_id, 0.0)
        worth = 2.0 if each.item_id in liked else 0.0 if each.item_id in bad else max(earlier, _LIKED[each.ending])
        chosen[each.item_id] = worth
    for item_id in sorted(liked - chosen.keys() - said[Liking.NOT_BECAUSE]):
        chosen[item_id] = 2.0
    if before is None or before.met != happened:
        before = replace(
            _EMPTY,
            uses=library.uses(sorted({each.item_id for each in happened})),
            sessions=_sessions(happened),
            last_id=max((each.id for each in happened), default=0),
            endings=_endings(happened, [each.session for each in happened]),
            chosen_from=_endings(happened, [each.slate_id for each in happened]),
            met=happened,
        )
    return replace(
        before,
        chosen=tuple(chosen.items()),
        liked=frozenset(liked),
        withheld=frozenset(said[Liking.NEVER] | said[Liking.NOT_NOW]),
        not_because=frozenset(said[Liking.NOT_BECAUSE]),
        said=frozenset((one.item_id, str(one.word)) for one in likings),
    )


_EMPTY = OwnPast((), {}, {}, frozenset(), frozenset(), frozenset())


def _sessions(happened: Sequence[Met]) -> dict[int, list[int]]:
    found: dict[int, dict[int, None]] = {}
    for each in happened:
        if each.ending != Ending.SKIPPED:
            found.setdefault(each.session, {})[each.item_id] = None
    return {session: list(items) for session, items in found.items()}


_BETTER: Mapping[str, int] = {Ending.SKIPPED: 0, Ending.LEFT: 1, Ending.FINISHED: 2}


def _endings(happened: Sequence[Met], of: Sequence[int]) -> dict[tuple[int, int], Ending]:
    found: dict[tuple[int, int], str] = {}
    for each, number in zip(happened, of, strict=True):
        key = (number, each.item_id)
        if number and (key not in found or _BETTER[each.ending] > _BETTER[found[key]]):
            found[key] = each.ending
    return {key: _ENDINGS[ending] for key, ending in found.items()}


_ENDINGS: Mapping[str, Ending] = {ending.value: ending for ending in Ending}
