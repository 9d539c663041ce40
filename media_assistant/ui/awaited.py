"""What a part of the window waits for: several readers answer, and the answer to an older question may come last."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

Told = ParamSpec("Told")


class Awaited:
    """Answers are waited for until they are dropped, mostly because something else is asked.

        self._awaited.drop()
        bridge.read(question, self._awaited.only(self._take), owner=self)

    Used on the main thread; only what `whether_dropped` gives may be called on any.
    """

    def __init__(self) -> None:
        self._dropped = 0

    def drop(self) -> None:
        """Nobody waits any more for what was asked until now."""
        self._dropped += 1

    def whether_dropped(self) -> Callable[[], bool]:
        """What is asked now: is it waited for no more? To be called whenever that matters."""
        before = self._dropped
        return lambda: before != self._dropped

    def only(self, take: Callable[Told, object]) -> Callable[Told, None]:
        """`take` for an answer to what is asked now: it does nothing once that was dropped."""
        is_dropped = self.whether_dropped()

        def take_if_awaited(*told: Told.args, **named: Told.kwargs) -> None:
            if not is_dropped():
                take(*told, **named)

        return take_if_awaited
