"""How many analyses ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """`done` and `failed` since the queue last began with something, the others since the program did."""

    done: int = 0
    failed: int = 0
    done_in_all: int = 0
    failed_in_all: int = 0

    def add(self, *, done: int, failed: int) -> None:
        """So many more."""
        self.done += done
        self.failed += failed
        self.done_in_all += done
        self.failed_in_all += failed

    def begin(self) -> None:
        """What comes now is something else."""
        self.done = self.failed = 0
