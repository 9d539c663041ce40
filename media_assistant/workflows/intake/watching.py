"""Looks after the library's folders while the program runs: by the system's own news of changes, without asking all the time.

The system tells of changes through `watchfiles` (inotify, FSEvents, ReadDirectoryChangesW). Where it cannot (a network
drive, too many folders), a folder is looked through every few minutes instead. Whether folders can be reached at all
is asked every few seconds, for no system tells that of a drive that was pulled.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.folder import Root
from media_assistant.library.drives import is_on_network
from media_assistant.library.library import Library
from media_assistant.paths import absolute
from media_assistant.workflows.feed import Feed
from media_assistant.workflows.intake import looking
from media_assistant.workflows.intake.importing import Plan

log = logging.getLogger(__name__)

Run = Callable[[Callable[[], None]], "Future[None]"]
"""Puts work in line with the imports, which must not meet it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. A file counts as whole once nothing happened to it for `settle`."""

    settle: float = 2.0
    step: float = 0.25
    reach: float = 5.0
    sweep: float = 600.0


@dataclass(frozen=True, slots=True)
class RootState:
    """A folder that the library looks after, and whether it can be reached now."""

    root: Root
    is_here: bool


class Folders:
    """The person's verbs on folders, and the thread that looks after them.

    `is_here` of a folder is as it was when it was last asked for; the first time, the disk is asked.
    """

    def __init__(
        self,
        library: Library,
        write: Callable[[Callable[[], LibraryChanges]], Future[LibraryChanges]],
        run: Run,
        plan: Plan,
        feed: Feed,
    ) -> None:
        self._library = library
        self._write = write
        self._run = run
        self._plan = plan
        self._tell = feed.publish
        self._reach: dict[str, tuple[bool, bool, int]] = {}
        self._pending: dict[str, float] = {}
        self._ears = _Ears(())
        self._stop = _Stop()
        self._thread: threading.Thread | None = None
        self.pace = Pace()
        feed.subscribe(self._hear)

    # What a person asks for

    def states(self) -> list[RootState]:
        """All of them. Reads the library, and may ask a disk: call it on a thread that may hang."""
        return [
            RootState(root, self._reach[root.path][0] if root.path in self._reach else looking.is_here(root.path))
            for root in self._library.roots()
        ]

    def add(self, folder: str) -> Future[LibraryChanges]:
        """Look after a folder from now on. Raises UserFixable("workflows.folder_missing")."""

        def edit() -> LibraryChanges:
            if not looking.is_here(folder):
                raise UserFixable("workflows.folder_missing", folder=folder)
            return self._library.add_root(absolute(folder))

        return self._write(edit)

    def watch(self, folder: str, *, is_watched: bool) -> Future[LibraryChanges]:
        """Look it through by itself, now and whenever something changes; or no longer."""
        return self._write(lambda: self._library.watch_root(folder, is_watched=is_watched))

    def remove(self, folder: str, *, with_items: bool) -> Future[LibraryChanges]:
        """Off the list, and `with_items` what lies nowhere else out of the library. No file is touched."""
        return self._write(lambda: self._library.remove_root(folder, with_items=with_items))

    def look_again(self, folder: str) -> Future[None]:
        """Look it through once, now. Raises UserFixable("workflows.folder_missing")."""

        def look() -> None:
            self._look_through(folder)
            if not looking.is_here(folder):
                raise UserFixable("workflows.folder_missing", folder=folder)

        return self._run(look)

    # Looking after them

    def start(self) -> None:
        """Look after them from now on, on a thread of its own."""
        self._thread = threading.Thread(target=self._work, name="engine-watch", daemon=True)
        self._thread.start()

    def _hear(self, changes: LibraryChanges) -> None:
        """On the feed's thread: the list of folders may be another one."""
        if changes.folders:
            self._stop.renew()

    def close(self) -> None:
        """Look after them no longer. A disk that does not answer is not waited for."""
        self._stop.close()
        if self._thread is not None:
            self._thread.join(2.0)

    def _work(self) -> None:
        while not self._stop.is_closed:
            self._stop.begin()
            try:
                self._look_after(self._library.root_paths())
            except CancelledError:
                break  # the program is closing
            except Exception:  # whatever it was, the folders are not left alone for the rest of the day
                # All of them count as new, so that what this look has left out is made up for.
                self._reach = {}
                if not self._stop.is_closed:
                    log.exception("folders could not be looked after; tried again in a while")
                    self._stop.wait(self.pace.sweep)
        self._ears.close()

    def _look_after(self, roots: list[tuple[str, bool]]) -> None:
        """Until the list of folders changes, or one of them goes or comes."""
        found = {path: looking.reach(path) for path, _ in roots}
        is_other = {path for path, reach in found.items() if self._reach.get(path) != reach}
        is_known = set(self._reach)
        self._reach = found
        watched = [path for path, is_watched in roots if is_watched and found[path][0]]
        if watched != self._ears.folders or is_other & set(watched):
            self._ears.close()
            self._ears = _Ears(watched)
            # Once listening has begun, so that nothing falls between the two.
            is_other |= set(watched)
        for path, is_watched in roots:
            if path in is_other:
                self._greet(path, is_watched=is_watched, is_changed=path in is_known)
        if is_other:
            self._tell(LibraryChanges(folders=True))
        if not roots:
            self._stop.wait(None)
        else:
            self._listen([path for path, _ in roots])

    def _listen(self, roots: list[str]) -> None:
        next_reach = time.monotonic() + self.pace.reach
        next_sweep = time.monotonic() + self.pace.sweep
        while not self._stop.is_set():
            pause = 2 * self.pace.step if self._ears.hears else max(0.05, next_reach - time.monotonic())
            heard = self._ears.listen(pause, self.pace.step, self._stop)
            now = time.monotonic()
            self._pending |= dict.fromkeys(heard, now)
            settled = tuple(path for path, at in self._pending.items() if now - at >= self.pace.settle)
            if settled:
                for path in settled:
                    del self._pending[path]
                self._do(partial(self._look_at, settled))
            if now >= next_sweep:
                next_sweep = now + self.pace.sweep
                for path in self._ears.deaf:
                    self._do(partial(self._look_through, path))
            if now >= next_reach:
                next_reach = now + self.pace.reach
                if any(looking.reach(path) != self._reach[path] for path in roots):
                    return

    def _greet(self, path: str, *, is_watched: bool, is_changed: bool) -> None:
        is_here, has_entries, _ = self._reach[path]
        if not is_here:
            self._do(lambda: self._tell(self._library.mark_missing_below(path)))
        elif is_watched:
            self._do(lambda: self._look_through(path))
        elif is_changed or not has_entries or self._library.has_missing_below(path):
            self._do(lambda: looking.check_known(self._library, path, tell=self._tell, should_stop=self._is_closed))

    def _do(self, work: Callable[[], None]) -> None:
        """In line with the imports. A fault of the world's is logged, and the next change tries again."""
        if self._stop.is_closed:
            return
        try:
            self._run(work).result()
        except UserFixable as fault:
            log.warning("a folder was not looked through: %s", fault)

    def _look_at(self, paths: tuple[str, ...]) -> None:
        looking.look_at(self._library, paths, plan=self._plan, tell=self._tell, should_stop=self._is_closed)

    def _look_through(self, path: str) -> None:
        looking.look_through(self._library, path, plan=self._plan, tell=self._tell, should_stop=self._is_closed)

    def _is_closed(self) -> bool:
        return self._stop.is_closed


class _Stop:
    """Ends waiting when the folders change, and everything when the program closes."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.closed = threading.Event()

    @property
    def is_closed(self) -> bool:
        return self.closed.is_set()

    def begin(self) -> None:
        self._event.clear()
        if self.is_closed:
            self._event.set()

    def renew(self) -> None:
        self._event.set()

    def close(self) -> None:
        self.closed.set()
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float | None) -> None:
        self._event.wait(seconds)


class _Ears:
    """The system's news of some folders. `deaf` are those of which it tells nothing."""

    def __init__(self, folders: Iterable[str]) -> None:
        self.folders = list(folders)
        self.deaf: list[str] = []
        self._real: list[tuple[str, str]] = []
        self._notify: Any = None
        heard = []
        for folder in self.folders:
            if is_on_network(Path(folder)):
                self.deaf.append(folder)
            else:
                heard.append(folder)
                real = os.path.realpath(folder)
                if real != folder or sys.platform == "darwin":  # which may tell the same name in other letters
                    self._real.append((real, folder))
        if heard:
            try:
                from watchfiles._rust_notify import RustNotify

                self._notify = RustNotify(heard, False, False, 0, True, True)  # noqa: FBT003 - it takes no names
            except (OSError, RuntimeError) as error:
                log.warning("the system tells nothing of changes in %d folders: %s", len(heard), error)
                self.deaf += heard

    @property
    def hears(self) -> bool:
        """Whether there is anything to listen to."""
        return self._notify is not None

    def close(self) -> None:
        """Listen no longer."""
        if self._notify is not None:
            self._notify.close()
            self._notify = None

    def listen(self, seconds: float, step: float, stop: _Stop) -> list[str]:
        """The paths at which something happened, after at most about `seconds`; none once the program closes."""
        if self._notify is None:
            stop.wait(seconds)
            return []
        step_ms = max(1, round(step * 1000))
        # What it heard it forgets when it is stopped: only the end of everything stops it.
        try:
            heard = self._notify.watch(4 * step_ms, step_ms, max(1, round(seconds * 1000)), stop.closed)
        except (OSError, RuntimeError) as error:
            log.warning("the system tells no more of changes in %d folders: %s", len(self.folders), error)
            self.close()
            self.deaf = list(self.folders)
            return []
        return sorted({self._named(path) for _, path in heard}) if isinstance(heard, set) else []

    def _named(self, path: str) -> str:
        """The path as the library has it, where the folder is reached by a link."""
        for real, folder in self._real:
            if (rest := looking.below(path, real)) is not None:
                return looking.put_below(folder, rest)
        return path
