"""The map of a library: the door for the window. Lays it out, keeps it, and keeps it as it was when items come and go."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_assistant.errors import Cancelled
from media_assistant.items.changes import LibraryChanges
from media_assistant.jobs.threads import make_pool
from media_assistant.library.library import Library
from media_assistant.paths import Paths
from media_assistant.workflows.feed import Feed

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from media_assistant.learning.plane import Plane
    from media_assistant.library.layout_file import Layout
    from media_assistant.library.outline_store import Outline

log = logging.getLogger(__name__)

_STILL_FITS = 0.7
"""The share of what it told when it was laid out that a layout has to tell still, or it is put right."""
_MOSTLY_NEW = 0.5
"""The share of items that were put beside others, from which on all are laid out together again."""


@dataclass(frozen=True, slots=True)
class LibraryMap:
    """`plane` holds where the items lie; `kinds` and `days` `[n]` are theirs (places in `shelves.KINDS`; days since 1970,
    NaN where not known). `left_s` is how long laying out goes on still, None if it is done or was stopped.
    """

    plane: Plane
    kinds: npt.NDArray[np.uint8]
    days: npt.NDArray[np.float64]
    without: int = 0
    """Items of which there is nothing to compare them by: they are not on it."""
    done: float = 1.0
    left_s: float | None = None
    is_rough: bool = False
    """Whether it shows the coarse order alone."""


class Mapping:
    """Held by the assistant. Works on a thread of its own; `tell` is called there with each better map."""

    def __init__(self, library: Library, paths: Paths, feed: Feed) -> None:
        self._library = library
        self._paths = paths
        self._work = make_pool(1, "engine-map")
        self._should_stop = threading.Event()
        self._is_closing = threading.Event()
        self._held: tuple[tuple[int, ...], LibraryMap] | None = None
        feed.subscribe(self._changed)

    def close(self) -> None:
        """What is being laid out is given up."""
        self._is_closing.set()
        self._should_stop.set()
        self._work.shutdown(wait=True, cancel_futures=True)

    def make(self, tell: Callable[[LibraryMap], None], *, is_anew: bool = False) -> Future[LibraryMap]:
        """The map as it is now; `is_anew` lays all of it out again, from where it lies. Raises Cancelled if it was stopped,
        UserFixable("workflows.not_laid_out").
        """
        return self._work.submit(self._make, tell, is_anew=is_anew)

    def stop(self) -> None:
        """Leave it as it is now."""
        self._should_stop.set()

    def _changed(self, changes: LibraryChanges) -> None:
        if changes.removed:
            with suppress(RuntimeError):  # the assistant is closing
                self._work.submit(self._forget, changes.removed)

    def _forget(self, item_ids: tuple[int, ...]) -> None:
        """Nothing is kept of an item that is no longer in the library."""
        import numpy as np

        from media_assistant.library.layout_file import load_layout

        kept = load_layout(self._paths.layouts)
        gone = np.array(item_ids, np.int64)
        if kept is not None and np.isin(gone, kept.ids).any():
            self._keep(kept.without(gone))

    def _make(self, tell: Callable[[LibraryMap], None], *, is_anew: bool) -> LibraryMap:
        import numpy as np

        from media_assistant.learning.layout import FEWEST, goes_with, plane, reduced
        from media_assistant.library.layout_file import Layout, load_layout
        from media_assistant.workflows.likeness.fused_vectors import read_fused

        self._should_stop.clear()
        state = self._library.changed_at()
        if self._held is not None and self._held[0] == state and not is_anew:
            return self._held[1]
        outline = self._library.outline()
        fused = read_fused(self._library, outline)
        points = reduced(fused.units)
        shown = _Shown(outline, fused.ids, len(fused.without))
        kept = load_layout(self._paths.layouts)
        start, share = None, 0.0
        if kept is not None and len(points):
            start, share = _brought_up(kept, fused.ids, points)
        # Where items lie may say nothing of what they are like: after another network looked, or in another library's file.
        fits = start is not None and kept is not None and goes_with(points, start) >= _STILL_FITS * kept.fit
        is_warm = fits and share > 1 - _MOSTLY_NEW
        # Few were laid out when the library was small: that says little of what came since.
        if is_warm and not is_anew and start is not None and kept and len(points) * _MOSTLY_NEW <= kept.laid:
            self._keep(Layout(fused.ids, start, kept.laid, kept.fit))
            return self._settled(state, shown.at(start))
        if start is None or not is_warm:
            start = plane(points)
        if len(points) < FEWEST:
            return self._settled(state, shown.at(start))
        tell(shown.at(start, 0.0, is_rough=not is_warm))
        laid = self._refine(points, start, is_warm=is_warm, tell=tell, shown=shown)
        self._keep(Layout(fused.ids, laid, len(laid), goes_with(points, laid)))
        return self._settled(state, shown.at(np.ascontiguousarray(laid)))

    def _refine(
        self,
        points: npt.NDArray[np.float32],
        start: npt.NDArray[np.float32],
        *,
        is_warm: bool,
        tell: Callable[[LibraryMap], None],
        shown: _Shown,
    ) -> npt.NDArray[np.float32]:
        from media_assistant.workflows.order.laying_out import layouts_of_worker

        began, now, is_rough = time.monotonic(), start, not is_warm
        answers = layouts_of_worker(self._paths, points, start, is_warm=is_warm, should_stop=self._should_stop.is_set)
        with closing(answers):
            for done, laid in answers:
                if self._should_stop.is_set():
                    raise Cancelled
                if laid is not None:
                    now, is_rough = laid, False
                took_s = time.monotonic() - began
                left_s = took_s * (1 - done) / done if done > 0.03 else None
                tell(shown.at(now, done, left_s, is_rough=is_rough))
        return now

    def _settled(self, state: tuple[int, ...], found: LibraryMap) -> LibraryMap:
        self._held = state, found
        return found

    def _keep(self, layout: Layout) -> None:
        from media_assistant.library.layout_file import keep_layout

        if self._library.is_read_only:
            return
        try:
            keep_layout(self._paths.layouts, layout)
        except OSError:
            log.warning("the map is not kept; it is laid out again at the next start", exc_info=True)


class _Shown:
    """What is the same of a map however its items lie."""

    def __init__(self, outline: Outline, ids: npt.NDArray[np.int64], without: int) -> None:
        import numpy as np

        from media_assistant.workflows.for_you.shelves import KINDS, days

        place = {kind.value: at for at, kind in enumerate(KINDS)}
        rows = np.searchsorted(np.array(outline.ids, np.int64), ids).tolist()
        self._ids, self._without = ids, without
        self._kinds = np.array([place[outline.kinds[row]] for row in rows], np.uint8)
        self._days = np.array([days(outline.captured_at[row] or outline.added_at[row]) for row in rows], np.float64)

    def at(
        self,
        spots: npt.NDArray[np.float32],
        done: float = 1.0,
        left_s: float | None = None,
        *,
        is_rough: bool = False,
    ) -> LibraryMap:
        from media_assistant.learning.plane import Plane

        return LibraryMap(Plane(self._ids, spots), self._kinds, self._days, self._without, done, left_s, is_rough)


def _brought_up(
    kept: Layout, ids: npt.NDArray[np.int64], points: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.float32] | None, float]:
    """The layout for these items: those that were there stay, the others are put beside what they are like. And the share
    of those that were there.
    """
    import numpy as np

    from media_assistant.learning.layout import placed

    there = np.isin(ids, kept.ids)
    if there.sum() < 2:
        return None, 0.0
    spots = np.empty((len(ids), 2), np.float32)
    spots[there] = kept.spots[np.searchsorted(kept.ids, ids[there])]
    if not there.all():
        beside = placed(points[~there], points[there], spots[there], ids[~there])
        assert beside is not None
        spots[~there] = beside
    return spots, float(there.mean())
