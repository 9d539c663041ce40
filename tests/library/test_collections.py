"""Collections and folders: every edit is one step of undo, and undoing all of them is the start, byte for byte."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def declared(library: Library) -> dict[str, Any]:
    """The tables that a person's word on collections, folders and items stands in, whole."""
    with library._database.read() as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("collections", "collection_items", "roots", "items", "locations")
        }


some_items = st.lists(st.integers(0, 5), min_size=1, max_size=6, unique=True)
a_collection = st.integers(1, 4)
edits = st.one_of(
    st.tuples(st.just("create"), st.sampled_from(["One", "二"]), st.sampled_from(["", "kind:photo"]), some_items),
    st.tuples(st.just("rename"), a_collection, st.sampled_from(["One", "Another name"])),
    st.tuples(st.just("search"), st.just(2), st.sampled_from(["kind:photo", "dog"])),
    st.tuples(st.just("delete"), a_collection),
    st.tuples(st.just("add"), a_collection, some_items),
    st.tuples(st.just("take"), a_collection, some_items),
    st.tuples(st.just("move"), a_collection, some_items, st.one_of(st.none(), st.integers(0, 5))),
    st.tuples(st.just("watch"), st.sampled_from(["/films", "/music", "/none"]), st.booleans()),
    st.tuples(st.just("unroot"), st.sampled_from(["/films", "/music"]), st.booleans()),
    st.tuples(st.just("remove"), some_items),
)


def do(library: Library, ids: list[int], edit: tuple[Any, ...]) -> None:
    match edit:
        case ("create", name, query, numbers):
            library.create_collection(name, query, [] if query else [ids[n] for n in numbers])
        case ("rename", collection, name):
            library.rename_collection(collection, name)
        case ("search", collection, query):
            library.change_search(collection, query)
        case ("delete", collection):
            library.delete_collection(collection)
        case ("add", collection, numbers):
            library.add_to_collection(collection, [ids[n] for n in numbers])
        case ("take", collection, numbers):
            library.remove_from_collection(collection, [ids[n] for n in numbers])
        case ("move", collection, numbers, before):
            library.move_in_collection(collection, [ids[n] for n in numbers], None if before is None else ids[before])
        case ("watch", path, is_watched):
            library.watch_root(path, is_watched=is_watched)
        case ("unroot", path, with_items):
            library.remove_root(path, with_items=with_items)
        case ("remove", numbers):
            library.remove_items([ids[n] for n in numbers])
        case _:
            raise AssertionError(edit)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(edits, max_size=14), st.integers(0, 14))
def test_undo_all_is_the_start_and_redo_all_is_the_end(done: list[tuple[Any, ...]], restart_at: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library, ids = filled(Path(folder))
        states = [declared(library)]
        for edit in done:
            before = len(library.journal(1000))
            do(library, ids, edit)
            if len(library.journal(1000)) > before:
                states.append(declared(library))
            else:
                assert declared(library) == states[-1], edit
        for number, expected in enumerate(reversed(states[:-1])):
            if number == restart_at:
                library.close()
                library = Library.open(library.file)
            assert library.undo().journal
            assert declared(library) == expected
        assert not library.undo()
        for expected in states[1:]:
            assert library.redo().journal
            assert declared(library) == expected
        library.close()


def test_a_collection_keeps_a_persons_order(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    a, b, c, d, e, f = ids
    made, changes = library.create_collection("Mine", item_ids=[c, a, c, 999])
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
