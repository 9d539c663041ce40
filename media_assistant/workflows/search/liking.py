"""What `like:` means in a query: an item of the library, or a file outside of it, and the items like those."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import TYPE_CHECKING

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.answers import Suggestion
from media_assistant.items.sentence import Sentence, sentence_of
from media_assistant.workflows.intake.importing import find_item
from media_assistant.workflows.likeness.suggesting import similar

if TYPE_CHECKING:
    from media_assistant.library.item_set import ItemSet
    from media_assistant.library.library import Library
    from media_assistant.workflows.likeness.portraits import Portrait

MOST_LIKE = 200
"""Items like another one that a query takes: as many as a search shows."""

_SAME_NAMES = 4
_KEPT = 8
_SAID = 60
_SLICE_S = 0.1
"""How long a question that nobody waits for any more may keep its thread."""


class OutsideExamples:
    """Files outside the library that queries name, looked at once each and remembered for a while.

    `read` looks at one; it takes seconds, so it runs on a thread of its own, which ends by itself. `read_by` says with what:
    what was read with something else counts no more.
    """

    def __init__(self, read: Callable[[Path], Portrait], read_by: Callable[[], Hashable] = lambda: None) -> None:
        self._read = read
        self._read_by = read_by
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int, int, Hashable], Future[Portrait]] = {}

    def get(self, path: Path, patience_s: float | None, should_stop: Callable[[], bool] = bool) -> Portrait | None:
        """The file as an example; None where that takes longer than `patience_s`. It is read to its end, also where nobody
        waits for it any more: they may ask again. Raises UserFixable, OSError, and Cancelled soon after `should_stop`.
        """
        found = path.stat()
        key = (str(path), found.st_size, found.st_mtime_ns, self._read_by())
        with self._lock:
            future = self._known.get(key)
            if future is None:
                while len(self._known) >= _KEPT:
                    self._known.pop(next(iter(self._known)))
                future = self._known[key] = Future()
                threading.Thread(target=self._look, args=(path, future), name="query-example", daemon=True).start()
        until = None if patience_s is None else time.monotonic() + patience_s
        while not wait([future], _SLICE_S if until is None else min(_SLICE_S, max(0.0, until - time.monotonic()))).done:
            if should_stop():
                raise Cancelled
            if until is not None and time.monotonic() >= until:
                return None
        if future.exception() is not None:
            # Said once. What it was, such as a full disk, may be over when somebody asks again.
            with self._lock:
                if self._known.get(key) is future:
                    del self._known[key]
        return future.result()

    def _look(self, path: Path, future: Future[Portrait]) -> None:
        try:
            future.set_result(self._read(path))
        except BaseException as fault:  # noqa: BLE001 - a thread's border: raised again where the example is awaited
            future.set_exception(fault)


def find_like(
    library: Library,
    wanted: str,
    outside: OutsideExamples | None,
    patience_s: float | None,
    should_stop: Callable[[], bool] = bool,
    among: ItemSet | None = None,
) -> tuple[Sequence[Suggestion], Sentence | None]:
    """The items, of these (None: all), like the one that is meant, and what is to be said of that: there is none, or it is
    still being looked at.

    An item is meant by the path of its file, by its title or by its file's name, or by its id; several of one name are each
    an example. What is no item's is a file outside.
    """
    # An id is seen nowhere in the window: whoever writes 1979 means what is called so.
    examples: list[int | Portrait] = []
    if wanted.isdecimal():
        examples += library.finding.titled(wanted, _SAME_NAMES)
    try:
        item = find_item(library, os.path.expanduser(wanted)) if not examples else None
    except (UnicodeError, ValueError, OSError):
        item = None  # no file can have such a name
    if not examples:
        examples += [item.id] if item is not None else library.finding.titled(wanted, _SAME_NAMES)
    said = Sentence("query.no_such_example", {"value": wanted[:_SAID]})
    if not examples and outside is not None:
        path = Path(os.path.expanduser(wanted))
        try:
            if path.is_absolute() and path.is_file():
                looked_at = outside.get(path, patience_s, should_stop)
                if looked_at is None:
                    return (), Sentence("query.example_is_read", {"value": path.name[:_SAID]})
                examples = [looked_at]
        except UserFixable as fault:
            return (), sentence_of(fault)
        except (OSError, ValueError):
            return (), said
    if not examples:
        return (), said
    own = {example for example in examples if isinstance(example, int)}
    best: dict[int, Suggestion] = {}
    for example in examples:
        for suggestion in similar(library, example, MOST_LIKE, among=among):
            known = best.get(suggestion.item.id)
            if suggestion.item.id not in own and (known is None or known.score < suggestion.score):
                best[suggestion.item.id] = suggestion
    return sorted(best.values(), key=lambda each: (-each.score, each.item.id)), None
