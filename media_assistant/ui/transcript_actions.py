"""The person's verbs on whole transcripts: files out and in, and listening again. What came of it is said in passing."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.span import TimeSpan
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk

if TYPE_CHECKING:
    from media_assistant.items.item import Item
    from media_assistant.workflows.transcripts.saving_transcripts import Saved

FORMATS = ("srt", "vtt", "txt", "lrc", "json")
READ = "*.srt *.vtt *.ass *.ssa *.lrc *.txt *.json"


def can_read(path: Path) -> bool:
    """Whether it may hold a transcript, by its ending."""
    return f"*{path.suffix.lower()}" in READ.split()


def free_name(path: Path, to: str) -> Path:
    """The name beside the file that is proposed for its transcript: one that nothing has, whoever wrote it."""
    names = chain((f".{to}",), (f".{number}.{to}" for number in count(2)))
    return next(free for free in map(path.with_suffix, names) if not os.path.lexists(free))


def choose_export(desk: Desk, *, item: Item, to: str, language: str, owner: QWidget) -> None:
    """Ask where, then write."""
    dialog = QFileDialog(owner, desk.words.say("ui.export.title"), str(free_name(Path(item.path), to)))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(to)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(
        lambda file: export(desk, item_id=item.id, to=to, target=Path(file), language=language, owner=owner)
    )
    dialog.open()


def export(desk: Desk, *, item_id: int, to: str, target: Path, language: str = "", owner: QObject) -> None:
    """Write a transcript to a file that the person named."""
    future = desk.assistant.transcripts.save_as(item_id, to, target, language)
    desk.bridge.when_done(future, lambda path: desk.tell("ui.export.done", path=str(path)), owner=owner)


def save(
    desk: Desk, *, item_ids: Sequence[int], to: str, folder: Path | None = None, language: str = "", owner: QObject
) -> None:
    """Write transcripts beside their files or into a folder; never over a file that we did not write."""
    future = desk.assistant.transcripts.save(item_ids, to, folder=folder, language=language)
    desk.bridge.when_done(future, lambda saved: tell_saved(desk, saved=saved), owner=owner)


def tell_saved(desk: Desk, *, saved: Saved) -> None:
    """What was written, what had nothing to write, and the first that could not be."""
    if saved.failed:
        title, why = saved.failed[0]
        desk.notices.warn(
            desk.words.say("ui.lines.save_failed", count=len(saved.failed), name=title, why=desk.words.sentence(why))
        )
    elif len(saved.written) == 1 and not saved.silent:
        desk.tell("ui.export.done", path=str(saved.written[0]))
    elif saved.written:
        desk.tell("ui.lines.saved", count=len(saved.written))
    else:
        desk.tell("ui.lines.nothing_to_save")


def choose_import(desk: Desk, *, item_id: int, owner: QWidget) -> None:
    """Ask for a file, then read it."""
    words = desk.words
    dialog = QFileDialog(owner, words.say("ui.lines.import_title"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(f"{words.say('ui.lines.import_kinds')} ({READ})")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda file: read_file(desk, item_id=item_id, file=Path(file), owner=owner))
    dialog.open()


def read_file(desk: Desk, *, item_id: int, file: Path, owner: QObject) -> None:
    """A transcript file becomes the item's; undo brings back what was there."""
    desk.bridge.when_done(
        desk.assistant.transcripts.read_file(item_id, file),
        lambda changes: desk.tell(
            "ui.lines.imported", name=file.name, undo=actions.undoing(desk, owner=owner, step=changes.step)
        ),
        owner=owner,
    )


def listen_again(
    desk: Desk,
    *,
    item_id: int,
    stretch: TimeSpan | None,
    track: str,
    language: str,
    model: str,
    show_state: Callable[..., None],
    owner: QObject,
) -> None:
    """Recognise a stretch anew. `show_state(text, is_busy=…)` hears how far it is."""
    words = desk.words

    def progress(done_ms: int, all_ms: int) -> None:
        percent = words.number(min(100, 100 * done_ms // max(1, all_ms)))
        show_state(words.say("ui.lines.listen.working", percent=percent), is_busy=True)

    def done(changes: LibraryChanges) -> None:
        show_state("")
        if changes:
            desk.tell("ui.lines.listen.done", undo=actions.undoing(desk, owner=owner, step=changes.step))
        else:
            desk.tell("ui.lines.listen.same")

    def failed(fault: BaseException) -> None:
        show_state(words.fault(fault))

    progress(0, 1)
    future = desk.assistant.transcripts.listen_again(
        item_id, stretch, track=track, language=language, model=model, progress=desk.bridge.on_main(progress)
    )
    desk.bridge.when_done(future, done, owner=owner, failed=failed, cancelled=lambda: show_state(""))


def add_batch(menu: QMenu, desk: Desk, item_ids: Sequence[int], owner: QWidget) -> None:
    """What can be done with the transcripts of several items at once, as a part of their menu."""
    words, chosen = desk.words, tuple(item_ids)
    part = menu.addMenu(words.say("ui.lines.batch.title"))

    def transcribe() -> None:
        future = desk.assistant.analyse(chosen, ("subtitles", "speech"))

        def begin(count: int) -> None:
            if count:
                desk.bridge.when_done(desk.assistant.understand_first(chosen), lambda _none: None, owner=owner)
                desk.tell("ui.lines.batch.started", count=len(chosen))
            else:
                desk.tell("ui.lines.batch.nothing")

        desk.bridge.when_done(future, begin, owner=owner)

    part.addAction(words.say("ui.lines.batch.now")).triggered.connect(transcribe)
    beside = part.addMenu(words.say("ui.lines.beside"))
    into = part.addMenu(words.say("ui.lines.batch.into"))
    for to in FORMATS:
        name = words.say(f"ui.export.{to}")
        beside.addAction(name).triggered.connect(
            lambda _checked=False, to=to: save(desk, item_ids=chosen, to=to, owner=owner)
        )
        into.addAction(name + "…").triggered.connect(
            lambda _checked=False, to=to: _choose_folder(desk, chosen, to, owner)
        )


def _choose_folder(desk: Desk, item_ids: Sequence[int], to: str, owner: QWidget) -> None:
    dialog = QFileDialog(owner, desk.words.say("ui.lines.batch.folder"))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda folder: save(desk, item_ids=item_ids, to=to, folder=Path(folder), owner=owner))
    dialog.open()
