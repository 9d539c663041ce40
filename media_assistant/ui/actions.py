"""The person's verbs. Each starts something and returns at once; what came of it is said in passing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6 import QtGui

from media_assistant.errors import UserFixable
from media_assistant.ui.outside import open_outside

if TYPE_CHECKING:
    from concurrent.futures import Future

    from PySide6.QtCore import QObject

    from media_assistant.items.answers import ImportReport
    from media_assistant.items.changes import LibraryChanges
    from media_assistant.items.concept import Concept
    from media_assistant.items.history import Step
    from media_assistant.items.item import Item
    from media_assistant.items.tag import TagState
    from media_assistant.ui.desk import Desk
    from media_assistant.workflows.intake.importing import ImportProgress


def import_paths(
    desk: Desk,
    *,
    paths: Sequence[Path],
    owner: QObject,
    progress: Callable[[ImportProgress | None], None],
    arrived: Callable[[], None] = lambda: None,
) -> None:
    """Bring files, folders and playlists in. `progress` hears on the main thread how far it is, from the beginning on, and
    None at the end; `arrived` is called when they are there.
    """
    from media_assistant.workflows.intake.importing import ImportProgress

    if not paths:
        return

    def done(report: ImportReport) -> None:
        progress(None)
        tell_import(desk, report=report, owner=owner)
        arrived()

    def failed(fault: BaseException) -> None:
        progress(None)
        show_fault(desk, fault=fault)

    progress(ImportProgress(0, 0, ""))
    future = desk.assistant.import_paths(paths, progress=desk.bridge.on_main(progress))
    desk.bridge.when_done(future, done, owner=owner, failed=failed)


def try_samples(desk: Desk, *, owner: QObject) -> None:
    """Import what the program brings along."""
    desk.bridge.when_done(
        desk.assistant.try_samples(), lambda report: tell_import(desk, report=report, owner=owner), owner=owner
    )


def tell_import(desk: Desk, *, report: ImportReport, owner: QObject) -> None:
    """What became of a drop: one line, and the first fault in words."""
    takes_back = undoing(desk, owner=owner, step=report.step)
    if report.is_stopped and report.added:
        desk.tell("ui.import.stopped", count=len(report.added), undo=takes_back)
    elif report.is_stopped:
        desk.tell("ui.import.stopped_at_once")
    elif report.failed:
        path, reason = report.failed[0]
        name = Path(path).name
        sentence = desk.words.sentence(reason)
        if len(report.failed) == 1:
            desk.notices.warn(desk.words.say("ui.import.one_failed", name=name, why=sentence))
        else:
            rest = len(report.failed) - 1
            desk.notices.warn(desk.words.say("ui.import.some_failed", count=rest, name=name, why=sentence))
    elif report.added:
        desk.tell("ui.import.added", count=len(report.added), undo=takes_back)
    elif report.moved:
        desk.tell("ui.import.moved", count=report.moved)
    elif report.known:
        desk.tell("ui.import.known", count=report.known)
    else:
        desk.tell("ui.import.nothing")


def remove_items(desk: Desk, *, item_ids: Sequence[int], owner: QObject) -> None:
    """Out of the library, never off the disk; can be undone."""
    count = len(item_ids)
    if not count:
        return
    future = desk.assistant.remove_items(tuple(item_ids))
    desk.bridge.when_done(
        future,
        lambda changes: desk.tell("ui.removed", count=count, undo=undoing(desk, owner=owner, step=changes.step)),
        owner=owner,
    )


def decide_tag(
    desk: Desk, *, item_ids: Sequence[int], concept: Concept, state: TagState | None, owner: QObject
) -> None:
    """Accept or refuse a proposed tag, or take the decision back."""
    from media_assistant.items.tag import TagState

    name = desk.words.concept(concept)
    code = {TagState.ACCEPTED: "ui.tag.accepted", TagState.REJECTED: "ui.tag.refused"}.get(
        state or TagState.SUGGESTED, "ui.tag.undecided"
    )
    future = desk.assistant.decide_tag(tuple(item_ids), concept, state)
    desk.bridge.when_done(
        future,
        lambda changes: desk.tell(code, name=name, undo=undoing(desk, owner=owner, step=changes.step)),
        owner=owner,
    )


def add_tag(desk: Desk, *, item_ids: Sequence[int], name: str, owner: QObject) -> None:
    """A tag of the person's own."""
    wanted = " ".join(name.split())
    if wanted and item_ids:
        future = desk.assistant.add_tag(tuple(item_ids), wanted)
        desk.bridge.when_done(
            future,
            lambda changes: desk.tell("ui.tag.added", name=wanted, undo=undoing(desk, owner=owner, step=changes.step)),
            owner=owner,
        )


STEP_IS_GONE = ("library.step_gone", "library.step_taken_back")
"""What is said of a step that was undone already."""


def undo(desk: Desk, *, owner: QObject, step: int | None = None, instead: Callable[[], None] | None = None) -> None:
    """Take the last edit back, or this very step whatever came after it, and say which it was. The step 0 is that of an
    edit that changed nothing, and nothing is taken back. `instead` is done where this very step was undone already.
    """
    if step == 0:
        desk.tell("ui.nothing_to_undo")
        return
    future = desk.assistant.undo() if step is None else desk.assistant.take_back(step)
    _say_step(desk, future, "undone", owner=owner, step=step or 0, instead=instead)


def undoing(desk: Desk, *, step: int, owner: QObject) -> Callable[[], None] | None:
    """What the Undo beside a notice does: take this very step back. None, and no Undo, where nothing was changed."""
    return (lambda: undo(desk, owner=owner, step=step)) if step else None


def redo(desk: Desk, *, owner: QObject) -> None:
    """Do the last undone edit again, and say which it was."""
    _say_step(desk, desk.assistant.redo(), "redone", owner=owner)


def _say_step(
    desk: Desk,
    future: Future[LibraryChanges],
    done: str,
    *,
    owner: QObject,
    step: int = 0,
    instead: Callable[[], None] | None = None,
) -> None:
    from media_assistant.ui import history_words

    library = desk.assistant.library

    def say(turned: Step | None) -> None:
        if turned is None:
            desk.tell(f"ui.{done}")
        else:
            desk.tell(f"ui.history.{done}_step", what=history_words.what(desk.words, turned))

    def read(changes: LibraryChanges) -> None:
        if changes:
            desk.bridge.read(lambda: library.step(step or changes.step), say, owner=owner)
        else:
            desk.tell("ui.nothing_to_undo" if done == "undone" else "ui.nothing_to_redo")

    def failed(fault: BaseException) -> None:
        if instead is not None and isinstance(fault, UserFixable) and fault.code in STEP_IS_GONE:
            instead()
        else:
            show_fault(desk, fault=fault)

    desk.bridge.when_done(future, read, owner=owner, failed=failed)


def show_in_folder(item: Item) -> None:
    """Open the folder that a file lies in, in the system's file manager."""
    open_outside(Path(item.path).parent)


def open_with_system(desk: Desk, *, item: Item) -> None:
    """Open a file with the program that the system has for it. One that is not named as what it is may be a program to the
    system, and is shown where it lies.
    """
    from media_assistant.media.endings import is_named_as

    if is_named_as(item.path, item.kind):
        open_outside(item.path)
    else:
        show_in_folder(item)
        desk.tell("ui.menu.other_name", name=Path(item.path).name)


def copy_text(desk: Desk, *, text: str) -> None:
    """Onto the clipboard."""
    QtGui.QGuiApplication.clipboard().setText(text)
    desk.tell("ui.copied")


def show_fault(desk: Desk, *, fault: BaseException) -> None:
    """Something went wrong: in words, in passing."""
    desk.notices.warn(desk.words.fault(fault))


def choose_keys(desk: Desk, *, name: str, keys: tuple[str, ...], owner: QObject) -> None:
    """Other keys for a verb, from now on."""
    desk.keys.choose(name, keys)
    keep_settings(desk, owner=owner, keys=desk.keys.kept())


def reset_keys(desk: Desk, *, owner: QObject, name: str = "") -> None:
    """The keys that the program came with, for one verb or all."""
    desk.keys.reset(name)
    keep_settings(desk, owner=owner, keys=desk.keys.kept())


def keep_settings(desk: Desk, *, owner: QObject, **changed: object) -> None:
    """Change some settings; they hold at once."""
    settings = desk.assistant.settings._replace(**changed)  # type: ignore[arg-type]
    if settings != desk.assistant.settings:
        desk.bridge.when_done(desk.assistant.set_settings(settings), lambda _none: None, owner=owner)
        desk.events.settings_changed.emit()
