"""Backups that nobody has to think of: one a day, and one of the state before every large change.

The rule for large changes stands here alone: a step of the person's that touched `LARGE` items or more (many removed, a
tag merged or put on, words replaced in the whole library, or such a step undone) leaves a backup of the library as it
was just before, unless the last one is younger than `APART_S`. Nobody waits for it: the state is held when the step
begins, and copied after it. A program that ends in the meantime ends when the copy is made; every other copy is broken
off then.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.jobs.threads import make_pool
from media_assistant.library import backup
from media_assistant.library.backup import Backup, Why, is_due
from media_assistant.library.lean_copy import Progress, Rest
from media_assistant.library.upkeep import Held

if TYPE_CHECKING:
    from media_assistant.library.library import Library
    from media_assistant.workflows.keeping.checking import Checked, LibraryCheck

log = logging.getLogger(__name__)

LARGE = 100
APART_S = 600.0
DAY_S = 24 * 3600.0
_FIRST_S, _AGAIN_S = 60.0, 1800.0
"""After the start and while nothing was brought in yet, and from then on: whether a day has passed is asked so often."""
_REST_S = 0.01

Listener = Callable[[UserFixable | None], None]
T = TypeVar("T")


class BackingUp:
    """Held by the assistant. Copies are made on a thread of their own, one at a time."""

    def __init__(
        self,
        library: Library,
        previews: Path,
        publish: Callable[[LibraryChanges], None],
        *,
        is_foreground: bool = False,
    ) -> None:
        """`publish` is told what a repair changed. With `is_foreground` closing waits for everything that is still to be
        copied, as a command does that ends with its work; a window only for states before large changes.
        """
        self._is_foreground = is_foreground
        self._library = library
        self._previews = previews
        self._publish = publish
        self._pool = make_pool(1, "engine-backups")
        self._stop = threading.Event()
        self._clock: threading.Thread | None = None
        self._is_empty = False
        self._held: set[Held] = set()
        self._can_be_dropped: set[Future[Any]] = set()
        self._keeping: set[Future[Backup]] = set()
        self.share_kept = (0, 1)
        """How far the state that is copied now, before a large change, is: done and all."""
        self._listeners: list[Listener] = []
        self.fault: UserFixable | None = None
        """Why the last backup could not be made; None if it was."""

    def start(self, first_s: float = _FIRST_S) -> None:
        """Make one a day from now on."""
        self._clock = threading.Thread(target=self._watch, args=(first_s,), name="engine-backup-clock", daemon=True)
        self._clock.start()

    def drop(self) -> None:
        """Whoever asked for what is being copied or looked at waits for it no more: closing does not either."""
        self._stop.set()

    def close(self) -> None:
        """Stop what is being copied, but for states before large changes; nothing is kept half."""
        if self._is_foreground:
            self._pool.shutdown(wait=True)
        self._stop.set()
        for future in tuple(self._can_be_dropped):
            future.cancel()
        self._pool.shutdown(wait=True)
        if self._clock is not None:
            self._clock.join()
        for held in tuple(self._held):
            self._release(held)

    def keeping(self) -> tuple[Future[Backup], ...]:
        """States before large changes that are still to be copied: whoever closes the program waits for them."""
        return tuple(self._keeping)

    def on_made(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` on the engine's thread after each backup, with the fault if it failed. Returns the end of it."""
        self._listeners.append(listener)

        def leave() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return leave

    def make(self, progress: Progress | None = None) -> Future[Backup]:
        """A backup now, because the person wants one."""
        return self.submit(lambda: self._copy(self._hold_or_tell(), "asked", progress=progress))

    def make_daily(self) -> Future[Backup | None]:
        """A backup, if none was made in the last day and there is something new to keep."""

        def work() -> Backup | None:
            made = [each for each in self._made() if not each.is_restore_point]
            if self._library.is_read_only or not is_due(made, backup.now(), DAY_S):
                return None
            held = self._hold_or_tell()
            self._is_empty = held.is_empty
            if held.is_empty or (made and not held.is_unlike(made[0])):
                held.release()
                return None
            return self._copy(held, "daily", rest=self._rest)

        return self.submit(work)

    def _made(self) -> list[Backup]:
        """None where their folder cannot be read: making one says why, and no step of the person's fails of it."""
        try:
            return self._library.backups()
        except OSError as error:
            log.warning("backups cannot be listed: %s", error)
            return []

    def around(self, edit: Callable[[], LibraryChanges]) -> LibraryChanges:
        """Carry out a step of the person's, with a backup of the state before if it turns out to be a large change."""
        held = self._hold()
        if held is None:
            return edit()
        try:
            changes = edit()
        except BaseException:
            self._release(held)
            raise
        touched = len({*changes.removed, *changes.added, *changes.changed, *changes.moments})
        if touched < LARGE or not is_due(self._made(), backup.now(), APART_S):
            self._release(held)
            return changes
        try:
            keeping = self._pool.submit(self._keep, held)
        except RuntimeError:  # the program is closing
            self._release(held)
        else:
            self._keeping.add(keeping)
            keeping.add_done_callback(self._keeping.discard)
        return changes

    def _keep(self, held: Held) -> Backup:
        def tell(done: int, total: int) -> None:
            self.share_kept = (done, total)

        return self._copy(held, "change", rest=self._rest, should_stop=bool, progress=tell)

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Something that takes its turn with the copies; closing breaks it off."""
        future = self._pool.submit(work)
        self._can_be_dropped.add(future)
        future.add_done_callback(self._can_be_dropped.discard)
        return future

    def _rest(self) -> None:
        """Nobody waits for it, unless the program is closing."""
        self._stop.wait(_REST_S)

    def _hold(self) -> Held | None:
        """None where no state can be held; the step itself will say what is wrong."""
        if self._library.is_read_only:
            return None
        try:
            held = self._library.hold()
        except UserFixable:
            return None
        self._held.add(held)
        return held

    def _hold_or_tell(self) -> Held:
        """For a copy that is made now: a state that cannot be held is no backup either."""
        with self._telling():
            return self._library.hold()

    def _release(self, held: Held) -> None:
        self._held.discard(held)
        held.release()

    def _copy(
        self,
        held: Held,
        why: Why,
        *,
        progress: Progress | None = None,
        rest: Rest = bool,
        should_stop: Callable[[], bool] | None = None,
    ) -> Backup:
        """On the thread of the backups."""
        try:
            with self._telling():
                made = held.back_up(why, should_stop=should_stop or self._stop.is_set, progress=progress, rest=rest)
        finally:
            self._release(held)
        self._tell(None)
        return made

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except UserFixable as fault:
            log.warning("no backup: %s", fault)
            self._tell(fault)
            raise

    def _tell(self, fault: UserFixable | None) -> None:
        self.fault = fault
        for listener in tuple(self._listeners):
            listener(fault)

    def _watch(self, first_s: float) -> None:
        wait_s = first_s
        while not self._stop.wait(wait_s):
            with suppress(RuntimeError):  # the program is closing
                self._hear_out(self.make_daily())
            # What comes into an empty library has no backup at all: that is not left for half an hour.
            wait_s = first_s if self._is_empty else _AGAIN_S

    def _hear_out(self, asked: Future[Backup | None]) -> None:
        """Nobody else asks what became of it. The world's faults were told already."""
        wait([asked])
        fault = None if asked.cancelled() else asked.exception()
        if fault is not None and not isinstance(fault, UserFixable | Cancelled):
            log.error("no daily backup", exc_info=fault)

    # Checking takes its turn with the copies: both read the whole file.

    def look(self) -> Future[Checked]:
        """Whether everything in the library fits together; nothing is changed."""
        return self.submit(lambda: self._check().look(self._stop.is_set))

    def repair(self) -> Future[Checked]:
        """Look, and after a backup make again what can be. What is left is in the answer. A damaged file is left alone:
        writing to it could cost more. Where only what can be made again is damaged, `Checked.backup` holds all the rest,
        and whoever asked has to close the library and restore it (`Checked.needs_rewriting`).
        """

        def work() -> Checked:
            check = self._check()
            found = check.look(self._stop.is_set)
            if found.is_damaged or not found.can_be_repaired:
                return found
            kept = self._copy(self._library.hold(), "change")
            if found.needs_rewriting:
                return replace(found, backup=kept)
            return check.repair(found, kept, self._stop.is_set)

        return self.submit(work)

    def _check(self) -> LibraryCheck:
        from media_assistant.workflows.keeping.checking import LibraryCheck

        return LibraryCheck(self._library, self._previews, self._publish)
