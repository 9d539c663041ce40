"""What a lane needs of whoever it works for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from media_assistant.items.changes import LibraryChanges
from media_assistant.library.library import Library
from media_assistant.settings import Settings
from media_assistant.workflows.understanding.pace import Pace


class Foreman(Protocol):
    """What a lane needs of the queue that it works for. All of it may be used from any thread."""

    library: Library
    previews: Path
    pace: Pace
    tell: Callable[[LibraryChanges], None]

    @property
    def settings(self) -> Settings:
        """As they are now."""
        ...

    def models_config(self) -> dict[str, Any]:
        """What a worker must know of the models."""
        ...

    @property
    def in_sight(self) -> Sequence[int]:
        """Items that a person looks at."""
        ...

    def must_stop(self) -> bool:
        """Whether work in progress is to be put back."""
        ...

    def plan(self, item_ids: Sequence[int] | None) -> int:
        """Queue what these items lack."""
        ...

    def count(self, *, done: int = 0, failed: int = 0) -> None:
        """Something is finished, or at least got on."""
        ...
