"""Collections and folders: what they hold and in what order. That every edit can be taken back is in test_edits."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from media_assistant.library.library import Library
from tests.library.making import new_item, open_new

FILES = ("/films/2024/a.mp4", "/films/2024/b.mp4", "/films/c.mp4", "/music/d.mp3", "/music/live/e.mp3", "/f.txt")


def filled(folder: Path) -> tuple[Library, list[int]]:
    """Six items in folders, a collection, a saved search, two roots."""
    library = open_new(folder)
    ids, _ = library.add_items([new_item(number, path=path) for number, path in enumerate(FILES)])
    library.create_collection("By the sea 海边", item_ids=[ids[3], ids[0]])
    library.create_collection("Long films", "kind:video longer:10m")
    library.add_root("/films")
    library.add_root("/music", is_watched=True)
    with library._database.transaction() as connection:  # what was set up is not to be undone
        connection.execute("UPDATE journal SET state = 'dropped'")
    return library, ids


def test_a_collection_keeps_a_persons_order(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    a, b, c, d, e, f = ids
    made, changes = library.create_collection("Mine", item_ids=[c, a, 999])
    assert changes.collections and changes.journal and not changes.changed
    assert library.collection(made).count == 2  # type: ignore[union-attr]
    library.add_to_collection(made, [b, a, d, e])
    assert list(library.collection_items(made)) == [c, a, b, d, e]
    library.move_in_collection(made, [e, b], c)
    assert list(library.collection_items(made)) == [b, e, c, a, d], "they keep the order that they had"
    library.move_in_collection(made, [b], None)
    assert list(library.collection_items(made)) == [e, c, a, d, b]
    library.remove_from_collection(made, [c, f])
    library.remove_items([a])
    assert list(library.collection_items(made)) == [e, d, b], "what left the library is not shown"
    assert library.undo().added == (a,)
    assert list(library.collection_items(made)) == [e, a, d, b], "and comes back to its place"
    assert sorted(library.item_ids(collection=made)) == sorted([e, a, d, b])
    assert not library.move_in_collection(made, [e], a), "it stands there already"
    saved, _ = library.create_collection("Photos", "kind:photo")
    assert library.collection(saved).count is None  # type: ignore[union-attr]
    assert not library.add_to_collection(saved, [a]), "a saved search holds what it finds"
    library.close()


def test_folders_and_roots(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    assert [(root.path, root.is_watched, root.count) for root in library.roots()] == [
        ("/films", False, 3),
        ("/music", True, 2),
    ]
    assert [(f.name, f.path, f.count, f.has_folders) for f in library.folders("/")] == [
        ("films", "/films", 3, True),
        ("music", "/music", 2, True),
    ]
    assert [(f.name, f.count, f.has_folders) for f in library.folders("/films")] == [("2024", 2, False)]
    assert sorted(library.item_ids(folder="/films/2024")) == ids[:2]
    assert not library.add_root("/films/2024"), "it lies in a root already"
    assert library.remove_root("/films", with_items=False).folders
    assert len(library.item_ids()) == 6
    assert library.undo().folders
    library.add_location(ids[0], "/elsewhere/a.mp4", 1000, 7)
    changes = library.remove_root("/films", with_items=True)
    assert changes.removed == (ids[1], ids[2]), "what lies elsewhere too stays"
    assert [root.path for root in library.roots()] == ["/music"]
    library.undo()
    assert [root.count for root in library.roots()] == [3, 2]
    assert library.mark_missing_below("/music").changed == (ids[3], ids[4])
    assert len(library.item_ids()) == 6
    library.close()


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text exist on Linux alone")
def test_a_root_whose_name_is_no_text(tmp_path: Path) -> None:
    library, _ = filled(tmp_path)
    path = os.fsdecode(b"/caf\xe9")
    library.add_root(path)
    library.watch_root(path, is_watched=True)
    library.remove_root(path, with_items=True)
    library.undo()
    assert (path, True) in library.root_paths()
    library.close()
