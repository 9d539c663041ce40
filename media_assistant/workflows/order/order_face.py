"""The part of the assistant that is about order nobody made by hand: mixes, paths, and groups that form by themselves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from media_assistant.items.changes import LibraryChanges
from media_assistant.library.library import Library
from media_assistant.paths import Paths
from media_assistant.workflows.feed import Feed
from media_assistant.workflows.order.grouping import Groups
from media_assistant.workflows.order.mixing import Mixes


class OrderFace:
    """A part of `Assistant`."""

    mixes: Mixes
    groups: Groups

    def _open_order(
        self,
        library: Library,
        paths: Paths,
        write: Callable[[Callable[[], LibraryChanges]], Future[LibraryChanges]],
        ask: Callable[..., Future[Any]],
        feed: Feed,
    ) -> None:
        self.mixes = Mixes(library, ask)
        self.groups = Groups(library, paths, self.mixes.fused, write, feed)

    def _start_order(self) -> None:
        self.groups.start()

    def _close_order(self) -> None:
        self.groups.close()
