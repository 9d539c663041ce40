"""The person's verbs on collections, saved searches, folders and playlists. Each returns at once; what came of it is said in passing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.collection import Collection
from media_assistant.ui.actions import undoing
from media_assistant.ui.desk import Desk
from media_assistant.ui.places import Place

_MOST_FOUND = 100_000
_LONGEST_NAME = 200
"""Bytes: under what disks hold, with room for an ending."""


def _told(desk: Desk, owner: QWidget, code: str, **parameters: str | int) -> Callable[[LibraryChanges], None]:
    """Say it with an Undo, if anything changed."""

    def tell(changes: LibraryChanges) -> None:
        if changes:
            desk.tell(code, undo=undoing(desk, owner=owner, step=changes.step), **parameters)

    return tell


def create_collection(
    desk: Desk, *, item_ids: Sequence[int], owner: QWidget, name: str = "", is_new_name: bool = False
) -> None:
    """A new one; without a name it is called something, and the sidebar offers to rename it. `is_new_name`: one that is
    taken gets a number.
    """
    wanted = name or desk.words.say("ui.collection.new_name")
    future = desk.assistant.collections.create(wanted, item_ids, is_new_name=is_new_name or not name)
    desk.bridge.when_done(future, _told(desk, owner, "ui.collection.created", name=wanted), owner=owner)


def save_search(desk: Desk, *, query: str, owner: QWidget) -> None:
    """Keep what is asked for, under its own words."""
    future = desk.assistant.collections.save_search(query, query)
    desk.bridge.when_done(future, _told(desk, owner, "ui.collection.saved", name=query[:60]), owner=owner)


def change_search(desk: Desk, *, place: Place, query: str, owner: QWidget) -> None:
    """A saved search looks for this from now on."""
    future = desk.assistant.collections.change_search(place.collection, query)
    desk.bridge.when_done(future, _told(desk, owner, "ui.collection.updated", name=place.name), owner=owner)


def rename_collection(desk: Desk, *, place: Place, name: str, owner: QWidget) -> None:
    """Call it something else."""
    wanted = " ".join(name.split())
    if wanted and wanted != place.name:
        future = desk.assistant.collections.rename(place.collection, wanted)
        desk.bridge.when_done(future, _told(desk, owner, "ui.collection.renamed", name=wanted), owner=owner)


def delete_collection(desk: Desk, *, place: Place, owner: QWidget) -> None:
    """Its items stay."""
    future = desk.assistant.collections.delete(place.collection)
    desk.bridge.when_done(future, _told(desk, owner, "ui.collection.deleted", name=place.name), owner=owner)


def add_to_collection(desk: Desk, *, place: Place, item_ids: Sequence[int], owner: QWidget) -> None:
    """To its end."""

    def done(changes: LibraryChanges) -> None:
        if changes:
            _told(desk, owner, "ui.collection.added", name=place.name)(changes)
        else:
            desk.tell("ui.collection.known", name=place.name)

    if place.query:
        desk.tell("ui.collection.holds")
    elif item_ids:
        desk.bridge.when_done(desk.assistant.collections.add(place.collection, item_ids), done, owner=owner)


def take_out(desk: Desk, *, place: Place, item_ids: Sequence[int], owner: QWidget) -> None:
    """Out of the collection, not out of the library."""
    future = desk.assistant.collections.remove(place.collection, item_ids)
    tell = _told(desk, owner, "ui.collection.taken", name=place.name, count=len(item_ids))
    desk.bridge.when_done(future, tell, owner=owner)


def move(desk: Desk, *, place: Place, item_ids: Sequence[int], before: int | None, owner: QWidget) -> None:
    """To another place in the collection's order."""
    future = desk.assistant.collections.move(place.collection, item_ids, before)
    desk.bridge.when_done(future, _told(desk, owner, "ui.collection.moved", count=len(item_ids)), owner=owner)


def tag_items(desk: Desk, *, name: str, item_ids: Sequence[int], owner: QWidget) -> None:
    """Items were let go on a tag."""
    future = desk.assistant.add_tag(tuple(item_ids), name)
    desk.bridge.when_done(future, _told(desk, owner, "ui.tagged", name=name, count=len(item_ids)), owner=owner)


def save_playlist(desk: Desk, *, title: str, item_ids: Sequence[int], owner: QWidget) -> None:
    """Ask where, and write an m3u8 list there. The dialog asks before it names a file that is there already."""
    words = desk.words
    dialog = QFileDialog(owner, words.say("ui.playlist.title"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(words.say("ui.playlist.kind"))
    dialog.setDefaultSuffix("m3u8")
    dialog.selectFile(proposed_name(title))
    dialog.fileSelected.connect(
        lambda file: write_playlist(desk, title=title, item_ids=item_ids, target=Path(file), owner=owner)
    )
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def proposed_name(title: str) -> str:
    """Of a long title the head is enough. A disk counts bytes, of which a Chinese character has three."""
    plain = "".join("_" if letter in '/\\:*?"<>|' else letter for letter in title)
    return plain.encode("utf-8", "ignore")[:_LONGEST_NAME].decode("utf-8", "ignore") + ".m3u8"


def write_playlist(desk: Desk, *, title: str, item_ids: Sequence[int], target: Path, owner: QWidget) -> None:
    """Write it to a file that the person named."""
    future = desk.assistant.collections.save_playlist(title, item_ids, target, may_replace=True)
    desk.bridge.when_done(future, lambda file: desk.tell("ui.playlist.done", path=str(file)), owner=owner)


def save_place_as_playlist(desk: Desk, *, place: Place, owner: QWidget) -> None:
    """All of a collection or a saved search, in its order."""
    read_place(
        desk,
        place=place,
        take=lambda ids: save_playlist(desk, title=place.name, item_ids=ids, owner=owner),
        owner=owner,
    )


def read_place(
    desk: Desk,
    *,
    place: Place,
    take: Callable[[list[int]], None],
    owner: QWidget,
    failed: Callable[[BaseException], None] | None = None,
) -> None:
    """Give all items of a collection, a saved search, a group or a tag, in its order, on the main thread."""
    library, groups = desk.assistant.library, desk.assistant.groups

    def read() -> list[int]:
        if place.collection:
            return list(library.collection_items(place.collection))
        return list(groups.members(place.group) if place.group else library.item_ids(tag=place.tag))

    if place.query:
        future = desk.assistant.search(place.query, _MOST_FOUND, is_half_typed=False)
        desk.bridge.when_done(
            future, lambda answer: take([hit.item.id for hit in answer.hits]), owner=owner, failed=failed
        )
    else:
        desk.bridge.read(read, take, owner=owner, failed=failed)


def add_to_menu(
    desk: Desk, menu: QMenu, *, chosen: Sequence[int], place: Place, known: Sequence[Collection], owner: QWidget
) -> None:
    """What can be done with chosen items and collections, for their context menu."""
    words = desk.words
    into = menu.addMenu(words.say("ui.collection.add_to"))
    new = into.addAction(words.say("ui.collection.new"))
    new.triggered.connect(lambda: create_collection(desk, item_ids=chosen, owner=owner))
    gathered = [each for each in known if not each.is_search]

    def fill() -> None:
        """Once it is opened: there may be thousands of them, and most menus are opened for something else."""
        into.aboutToShow.disconnect(fill)
        into.addSeparator()
        for each in gathered:
            action = into.addAction(each.name.replace("&", "&&"))
            target = Place(collection=each.id, name=each.name)
            action.triggered.connect(
                lambda _checked=False, target=target: add_to_collection(
                    desk, place=target, item_ids=chosen, owner=owner
                )
            )

    if gathered:
        into.aboutToShow.connect(fill)
    if place.has_own_order:
        out = menu.addAction(words.say("ui.collection.take_out"))
        out.triggered.connect(lambda: take_out(desk, place=place, item_ids=chosen, owner=owner))
    export = menu.addAction(words.say("ui.playlist.export"))
    title = place.name or words.say("ui.playlist.chosen")
    export.triggered.connect(lambda: save_playlist(desk, title=title, item_ids=chosen, owner=owner))
    menu.addSeparator()


# Folders


def watch_folder(desk: Desk, *, path: str, is_watched: bool, owner: QWidget) -> None:
    """Look it through by itself, or no longer."""
    code = "ui.folders.watch_on" if is_watched else "ui.folders.watch_off"
    future = desk.assistant.folders.watch(path, is_watched=is_watched)
    desk.bridge.when_done(future, _told(desk, owner, code, name=folder_name(path)), owner=owner)


def look_through(desk: Desk, *, path: str, owner: QWidget) -> None:
    """Once, now."""
    name = folder_name(path)
    desk.tell("ui.folders.looking", name=name)
    future = desk.assistant.folders.look_again(path)
    desk.bridge.when_done(future, lambda _none: desk.tell("ui.folders.looked", name=name), owner=owner)


def remove_folder(desk: Desk, *, path: str, with_items: bool, owner: QWidget) -> None:
    """Off the list; no file is touched."""
    future = desk.assistant.folders.remove(path, with_items=with_items)
    desk.bridge.when_done(future, _told(desk, owner, "ui.folders.removed", name=folder_name(path)), owner=owner)


def folder_name(path: str) -> str:
    """Its last part, as people call it; a drive's whole path."""
    return (Path(path).name or path).encode("utf-8", "replace").decode()
