"""The moments that a search found in one item, in their order, and which of them is looked at."""

from __future__ import annotations

from media_assistant.items.answers import Hit
from media_assistant.items.moment import Moment
from media_assistant.items.span import TextSpan, TimeSpan


class MomentWalk:
    """Goes round: after the last comes the first. `at` is -1 before any was looked at."""

    def __init__(self, hit: Hit | None = None, query: str = "") -> None:
        self.query = query
        self.moments: tuple[Moment, ...] = tuple(sorted(hit.moments, key=place_of)) if hit else ()
        self.best = hit.moments[0] if hit and hit.moments else None
        self.at = -1

    def step(self, direction: int, now_ms: int) -> Moment | None:
        """The next or previous one; the first step goes on from the time that is shown. None where nothing was found."""
        if not self.moments:
            return None
        if self.at < 0:
            after = [at for at, each in enumerate(self.moments) if place_of(each) > (0, now_ms)]
            self.at = (after[0] if after else 0) if direction > 0 else (after[0] - 1 if after else -1)
            self.at %= len(self.moments)
        else:
            self.at = (self.at + direction) % len(self.moments)
        return self.moments[self.at]

    def find(self, moment: Moment) -> None:
        """Now this one is looked at, if it is among them."""
        self.at = next((at for at, each in enumerate(self.moments) if each.span == moment.span), self.at)

    def find_at(self, ms: int) -> None:
        """The one that begins at this time is looked at, if there is one."""
        self.at = next((at for at, each in enumerate(self.moments) if start_of(each) == ms), self.at)


def place_of(moment: Moment) -> tuple[int, int]:
    """Where a moment is in its item, for sorting: page and character, or nought and ms."""
    match moment.span:
        case TimeSpan(start_ms, _):
            return (0, start_ms)
        case TextSpan(page, start, _):
            return (page, start)
        case _:
            return (0, 0)


def start_of(moment: Moment) -> int:
    """When a moment begins, in ms; -1 for one that is nowhere in time."""
    return moment.span.start_ms if isinstance(moment.span, TimeSpan) else -1
