"""Which of the groups that formed by themselves are shown: without what the person keeps, hides or removed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.kind import Kind
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.workflows.feed import Feed
from media_assistant.workflows.likeness.fused_vectors import FusedVectors
from media_assistant.workflows.order.grouping import Groups


def write(edit: Callable[[], LibraryChanges]) -> Future[LibraryChanges]:
    done: Future[LibraryChanges] = Future()
    done.set_result(edit())
    return done


def nothing() -> FusedVectors:
    raise AssertionError("nothing is formed here")


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    library = Library.open(find_paths().library)
    library.add_items([NewItem(Kind.PHOTO, f"/m/{n}", f"photo {n}", 1, 1, f"{n:032x}") for n in range(40)])
    yield library
    library.close()


@pytest.fixture
def groups(library: Library) -> Iterator[Groups]:
    """Of the items 1 to 10 (number 1), 11 to 20 (2) and 21 to 30 (3)."""
    feed = Feed()
    groups = Groups(library, find_paths(), nothing, write, feed)
    members = {number: list(range(10 * number - 9, 10 * number + 1)) for number in (1, 2, 3)}
    plain = [{"number": number, "members": items, "telling": []} for number, items in members.items()]
    groups._file.parent.mkdir(parents=True, exist_ok=True)
    groups._file.write_text(json.dumps({"format": 2, "state": [], "formed": 3, "groups": plain}))
    yield groups
    groups.close()
    feed.close()


def shown(groups: Groups) -> list[int]:
    return [group.number for group in groups.known()]


def test_what_a_collection_mostly_holds_is_not_shown_again(library: Library, groups: Groups) -> None:
    assert shown(groups) == [1, 2, 3]
    half, _ = library.create_collection("half of what is in either", item_ids=range(1, 6))
    library.create_collection("most of it, one twice", item_ids=[*range(11, 18), 11])
    library.create_collection("all of it and as much again", item_ids=range(21, 41))
    library.create_collection("a search", "beach")
    assert shown(groups) == [1, 3]
    library.add_to_collection(half, [6])
    assert shown(groups) == [3]
    library.remove_items([6])
    assert shown(groups) == [3], "five of nine"
    library.remove_items(list(range(31, 41)))
    assert shown(groups) == []


@pytest.mark.parametrize("seed", range(5))
def test_what_is_shown_does_not_hang_on_how_it_is_counted(library: Library, groups: Groups, seed: int) -> None:
    """As many sets, compared one by one, say the same."""
    random = np.random.default_rng(seed)
    for number in range(30):
        items = random.choice(np.arange(1, 31), int(random.integers(1, 14)), replace=False) + int(random.integers(0, 4))
        library.create_collection(f"collection {number}", item_ids=[int(item) for item in items])
    held = [set(library.collection_items(each.id)) for each in library.collections()]
    expected = [
        number
        for number in (1, 2, 3)
        for members in [set(range(10 * number - 9, 10 * number + 1))]
        if not any(2 * len(items & members) > len(items | members) for items in held)
    ]
    assert shown(groups) == expected
