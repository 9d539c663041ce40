"""What stays while libraries come and go: the door for other starts, the change from one library to another, the end.

Nothing heavy is imported here, for the first window waits for it.
"""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from media_assistant.library.drives import is_on_network
from media_assistant.paths import Paths, find_paths
from media_assistant.settings import Settings, broken_file
from media_assistant.ui.startup.first_sight import FirstSight
from media_assistant.ui.startup.opening import Opening
from media_assistant.ui.startup.single import Door, Wish, hand_over

if TYPE_CHECKING:
    from media_assistant.assistant import Assistant
    from media_assistant.library.putting_back import PutBack
    from media_assistant.ui.curtain import Curtain
    from media_assistant.ui.main_window import MainWindow
    from media_assistant.ui.startup.gate import Gate
    from media_assistant.ui.startup.running import Running

MOST_RECENT = 8


class Shell(QObject):
    """One per program. `opening` is what the person looks at; another one may be on its way.

    Signals: `_restored_so_far(int, int)` is emitted on the thread that restores, and handled on the main one.
    """

    _restored_so_far = Signal(int, int)

    def __init__(self, application: QApplication, paths: Paths, settings: Settings) -> None:
        super().__init__()
        self._application = application
        self._settings = settings
        self._door = Door(paths)
        self._door.wished.connect(self.take)
        self._is_closed = False
        self._has_asked = False
        self._is_heard = False
        self._arrived_last: Opening | None = None
        self._wishes: list[Wish] = []
        self._coming: Opening | None = None
        self._next: Path | None = None
        """The library that is gone to when the one that comes is there, or was not to be opened."""
        self._ends: dict[Path, threading.Thread] = {}
        self._restored: PutBack | BaseException | None = None
        self.gate: Gate | None = None
        self.curtain: Curtain | None = None
        self.opening = self._prepare(paths)

    def start(self, wish: Wish) -> None:
        """Show the window; the rest comes by itself."""
        self._wishes.append(wish)
        self.opening.sight.window.show()

    def close(self) -> None:
        """The end: the window, the engine, the door."""
        self._is_closed = True
        self._door.close()
        for opening in (self._coming, self.opening):
            if opening is not None:
                opening.close()
        for thread in self._ends.values():
            thread.join()

    def end(self) -> None:
        """Somebody other than the person wants the program to end: the window goes as if it was closed, and from the tray
        too.
        """
        self.window.quit()
        if not self.window.isVisible():
            self._application.quit()

    def tell_replaced(self) -> None:
        """Another version of the program has been installed over this one."""
        running = self.opening.running
        if running is not None:
            running.desk.notices.warn(running.desk.words.say("ui.replaced"))

    @property
    def window(self) -> MainWindow:
        """The window that the person looks at."""
        return self.opening.sight.window

    @property
    def is_whole(self) -> bool:
        """Whether the window that the person looks at has its library and all its panels."""
        return self._arrived_last is self.opening

    def take(self, wish: Wish) -> None:
        """Another start, or the person, wants these files or that library in this window."""
        window = self.window
        if window.isMinimized():
            window.showNormal()
        window.show()
        window.raise_()
        window.activateWindow()
        if wish.paths:
            self._wishes.append(wish)
        if wish.library is not None:
            self.switch(wish.library)
        self._grant()

    # ── from one library to another ───────────────────────────────────────────────────────────────────────────────

    def switch(self, library: Path) -> None:
        """Another library in the place of this one. The old one stays until the new one is there, or for good if it
        cannot be opened; its engine ends on a thread. While one is on its way, the one that was wanted last comes next.
        """
        if self._coming is not None or (not self.is_whole and self.gate is None):
            self._next = library
            return
        if library == self.opening.paths.library:
            return
        running = self.opening.running
        if running is None:
            self._replace(self._prepare(find_paths(library)))
            self.window.show()
            return
        running.desk.tell("ui.libraries.opening", name=library.stem)
        running.window.keep_layout()
        self._settings = running.assistant.settings
        self._coming = self._prepare(find_paths(library))

    def _prepare(self, paths: Paths, *, is_read_only: bool = False, sight: FirstSight | None = None) -> Opening:
        sight = sight or FirstSight(self._application, paths, self._settings)
        end = self._ends.get(paths.library)
        opening = Opening(
            sight, paths, self._settings, is_read_only=is_read_only, after=end, may_begin=self._is_the_only_one
        )
        opening.finished.connect(lambda: self._arrived(opening))
        opening.failed.connect(lambda fault: self._failed(opening, fault))
        return opening

    def _is_the_only_one(self) -> bool:
        """Open the door for other starts, before any library is taken. Where another start has opened it since this one looked,
        that one takes what is wished for, and this one ends.
        """
        if self._is_closed:
            return False
        if self._has_asked:
            return True
        self._has_asked = True
        self._is_heard = self._door.open()
        return not self._leaves_it_to_another()

    def _leaves_it_to_another(self) -> bool:
        """Where another window hears what is wished for, and this one does not: hand it over, and end."""
        if self._is_heard or not self._wishes or not all(hand_over(self.opening.paths, wish) for wish in self._wishes):
            return False
        self._wishes = []
        self.end()
        return True

    def _arrived(self, opening: Opening) -> None:
        running = opening.running
        if running is None:
            return
        self._lift_curtain()
        if opening is self._coming:
            old = self.opening.sight.window
            if not old.isMaximized() and not old.isFullScreen():
                opening.sight.window.setGeometry(old.geometry())
            self._coming = None
            self._replace(opening)
            # What was chosen in the old window while this one was on its way, and its layout.
            running.assistant.set_settings(self._settings)
            opening.sight.window.show()
            opening.sight.window.activateWindow()
        self._arrived_last = opening
        unread = broken_file(running.assistant.paths.config / "settings.json")  # before others are saved in its place
        self._remember(running.assistant)
        if running.assistant.library.is_read_only:
            running.desk.tell("ui.libraries.read_only")
        elif is_on_network(running.assistant.paths.library):
            running.desk.tell("ui.libraries.on_network")
        self._tell_restored(running)
        if unread is not None:
            running.desk.notices.warn(running.desk.words.say("ui.settings_unread", file=str(unread)))
        running.window.library_wanted.connect(self.switch)
        running.window.restore_wanted.connect(self.restore)
        running.window.sidebar.brand.library_wanted.connect(self.switch)
        self._go_on()

    def _replace(self, opening: Opening) -> None:
        """Let the old window go at once and its engine on a thread."""
        old, self.opening = self.opening, opening
        self._leave_gate()
        assistant = old.leave()
        if assistant is not None:
            self._settings = assistant.settings
            end = threading.Thread(target=assistant.close, name="closing")
            self._ends[old.paths.library] = end
            end.start()

    # ── a backup in the place of this library ─────────────────────────────────────────────────────────────────────

    def restore(self, backup: Path) -> None:
        """Look at the backup while the window lives on; if it is good, put it into the library's place and open that."""
        from media_assistant.workflows.keeping.restoring import examine

        running = self.opening.running
        if running is None or self._coming is not None or self._is_restoring:
            return
        running.desk.tell("ui.backups.looking")
        running.desk.bridge.read_disk(lambda: examine(backup), lambda _found: self._put_back(backup), owner=self)

    @property
    def _is_restoring(self) -> bool:
        end = self._ends.get(self.opening.paths.library)
        return end is not None and end.name == "restoring" and end.is_alive()

    def _put_back(self, backup: Path) -> None:
        """A new window opens the library as soon as the backup is in its place; the old one goes at once. What could
        not be restored leaves the library as it was, and the new window says why.
        """
        old, paths = self.opening, self.opening.paths
        if self._coming is not None or self._is_restoring:
            return
        assistant = old.running.assistant if old.running is not None else None
        if old.running is not None:
            old.running.window.keep_layout()
            self._settings = old.running.assistant.settings
        end = threading.Thread(target=self._restore_on_thread, args=(assistant, paths, backup), name="restoring")
        self._ends[paths.library] = end
        self.opening = self._prepare(paths)
        before, after = old.sight.window, self.opening.sight.window
        after.setGeometry(before.geometry())
        if before.isMaximized():
            after.showMaximized()
        else:
            after.show()
        self._draw_curtain()
        self._leave_gate()
        old.leave()
        end.start()

    def _draw_curtain(self) -> None:
        from media_assistant.ui.curtain import Curtain

        sight = self.opening.sight
        sight.look.dress()
        self.curtain = Curtain(sight.window, sight.words, "ui.backups.restoring", "ui.backups.restoring_tip")
        self._restored_so_far.connect(self.curtain.show_progress)

    def _lift_curtain(self) -> None:
        if self.curtain is not None:
            self.curtain.lift()
            self.curtain = None

    def _restore_on_thread(self, assistant: Assistant | None, paths: Paths, backup: Path) -> None:
        from media_assistant.workflows.keeping.restoring import restore_backup

        try:
            if assistant is not None:
                assistant.close()
            self._restored = restore_backup(paths, backup, self._restored_so_far.emit)
        except Exception as fault:  # noqa: BLE001 - the thread's border: whatever it is, the window has to say it
            self._restored = fault

    def _tell_restored(self, running: Running) -> None:
        answer, self._restored = self._restored, None
        desk = running.desk
        if isinstance(answer, BaseException):
            desk.notices.warn(desk.words.fault(answer))
        elif answer is not None:
            point = answer.restore_point
            undo = partial(self.restore, point.file) if point is not None and not answer.is_damaged else None
            what = "restored_damaged" if answer.is_damaged else "restored" if point is not None else "restored_new"
            desk.tell(f"ui.backups.{what}", undo=undo, when=desk.words.at(answer.backup.made_at))

    def _remember(self, assistant: Assistant) -> None:
        """Among the libraries opened before, the latest first."""
        settings = assistant.settings
        this = str(assistant.paths.library)
        recent = (this, *(each for each in settings.recent_libraries if each != this))[:MOST_RECENT]
        if recent != settings.recent_libraries:
            assistant.set_settings(settings._replace(recent_libraries=recent))
        self._settings = assistant.settings

    # ── what cannot be opened ─────────────────────────────────────────────────────────────────────────────────────

    def _failed(self, opening: Opening, fault: BaseException) -> None:
        if opening is self._coming:
            self._coming = None
            opening.close()
            self._go_on(fault)
            return
        if getattr(fault, "code", "") == "jobs.library_in_use" and self._leaves_it_to_another():
            return
        from media_assistant.ui.startup.gate import MOST_BACKUPS, Gate, has_lost_its_file
        from media_assistant.workflows.keeping.restoring import recent_backups

        sight, paths = opening.sight, opening.paths
        sight.look.dress()
        self._lift_curtain()
        self._leave_gate()
        recent = self._settings.recent_libraries
        answer, self._restored = self._restored, None
        gate = Gate(
            sight.window,
            sight.words,
            paths.library,
            fault,
            recent,
            has_file=opening.has_file,
            backups=recent_backups(paths.library, MOST_BACKUPS) if has_lost_its_file(fault) else (),
            unrestored=answer if isinstance(answer, BaseException) else None,
        )
        gate.again.connect(lambda: self._again(is_read_only=False))
        gate.read_only.connect(lambda: self._again(is_read_only=True))
        gate.other.connect(lambda: self._ask_for(sight.window, sight.words.say("ui.libraries.another"), is_new=False))
        gate.new.connect(lambda: self._ask_for(sight.window, sight.words.say("ui.libraries.new"), is_new=True))
        gate.chosen.connect(self.switch)
        gate.restore.connect(self._put_back)
        gate.file.connect(lambda: self._choose_backup(sight.window, sight.words.say("ui.backups.from_file_title")))
        self.gate = gate
        library, self._next = self._next, None
        if library is not None:
            self.switch(library)

    def _again(self, *, is_read_only: bool) -> None:
        """Once more, in the same window."""
        before = self.opening
        self._leave_gate()
        self.opening = self._prepare(before.paths, is_read_only=is_read_only, sight=before.sight)

    def _ask_for(self, window: MainWindow, title: str, *, is_new: bool) -> None:
        from media_assistant.ui.libraries import ask_for_library

        ask_for_library(window, title, self.opening.paths.library.parent, self.switch, is_new=is_new)

    def _choose_backup(self, window: MainWindow, title: str) -> None:
        from media_assistant.ui.libraries import ask_for_backup

        ask_for_backup(window, title, self.opening.paths.backups, self._put_back)

    def _leave_gate(self) -> None:
        if self.gate is not None:
            self.gate.hide()
            self.gate.deleteLater()
            self.gate = None

    def _go_on(self, fault: BaseException | None = None) -> None:
        """Whatever was wanted while a library came, which is here now or could not be opened."""
        library, self._next = self._next, None
        if library is not None:
            self.switch(library)
        self._grant(fault)

    def _grant(self, fault: BaseException | None = None) -> None:
        """Open what is wished for, as soon as there is a library to take it: the one that was named, or with no name any.
        Files for one that is neither here nor on its way are let go, and that is said, with the fault if there is one.
        """
        running = self.opening.running
        if running is None or not self.is_whole:
            return
        here, words = self.opening.paths.library, running.desk.words
        awaited = {self._next, self._coming.paths.library if self._coming is not None else None} - {None}
        wishes, self._wishes = self._wishes, [wish for wish in self._wishes if wish.library in awaited]
        files: dict[Path, list[Path]] = {}
        for wish in wishes:
            if wish.library not in awaited:
                files.setdefault(wish.library or here, []).extend(wish.paths)
        if paths := files.pop(here, []):
            running.window.open_paths(paths)
        said = [words.fault(fault)] if fault is not None else []
        for library, lost in files.items():
            if lost:
                what: dict[str, str | int] = {"count": len(lost), "file": lost[0].name, "name": library.stem}
                said.append(words.say("ui.libraries.not_for_this", **what))
        if said:
            running.desk.notices.warn(words.say("ui.sentence_separator").join(said))
