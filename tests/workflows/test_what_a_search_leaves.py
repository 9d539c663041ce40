"""What a search keeps for the next one goes with the library that it is about."""

from __future__ import annotations

import errno
import gc
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.span import TimeSpan
from media_assistant.library.library import Library
from media_assistant.workflows.likeness.portraits import Portrait, portrait_from
from media_assistant.workflows.search.label_meaning import label_meaning
from media_assistant.workflows.search.liking import OutsideExamples
from media_assistant.workflows.search.searching import search
from tests.workflows.finding import CAT, DOG, add, find, label, vector

AXES = np.eye(64, dtype=np.float32)


def embed(texts: Sequence[str]) -> Mapping[str, np.ndarray]:
    return {"space": np.stack([AXES[sum(map(ord, text)) % 64] for text in texts])}


def searched(file: Path) -> Library:
    """A library of which a search knows all that it can."""
    library = Library.open(file)
    for number in range(30):
        item = add(library, f"film{number}")
        find(library, item, label(DOG, TimeSpan(0, 900)), label(CAT), vector("space", AXES[number], TimeSpan(0, 900)))
    assert search(library, embed, "dog cat").hits
    return library


THREADS_OF_OTHERS: set[threading.Thread] = set()


@pytest.fixture(autouse=True)
def of_others() -> None:
    """Another test's library, which nobody has closed yet, may live on in this process with its threads."""
    gc.collect()
    THREADS_OF_OTHERS.clear()
    THREADS_OF_OTHERS.update(threading.enumerate())


def own_threads() -> set[str]:
    mine = set(threading.enumerate()) - THREADS_OF_OTHERS
    return {each.name for each in mine if each.name.startswith(("query-", "label-meaning"))}


def is_let_go(of: weakref.ref[Any]) -> bool:
    """Soon: a pool's thread lets go of its last work a moment after that has answered."""
    until = time.monotonic() + 20
    while gc.collect() >= 0 and of() is not None and time.monotonic() < until:
        time.sleep(0.01)
    return of() is None


def test_what_is_known_of_the_labels_goes_when_the_library_is_closed(tmp_path: Path) -> None:
    library = searched(tmp_path / "l.sqlite")
    store, known = weakref.ref(library.finding), weakref.ref(label_meaning(library.finding))
    assert own_threads()
    library.finding.close()
    assert own_threads() == set()
    library.close()
    del library
    assert is_let_go(store)
    assert is_let_go(known)


def test_a_library_that_nobody_closes_is_not_held_by_what_is_known_of_it(tmp_path: Path) -> None:
    library = searched(tmp_path / "l.sqlite")
    store = weakref.ref(library.finding)
    library.close()
    del library
    assert is_let_go(store)
    until = time.monotonic() + 20
    while own_threads() and time.monotonic() < until:
        time.sleep(0.01)
    assert own_threads() == set()


def test_closing_does_not_wait_for_the_names_of_all_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, may_answer = threading.Event(), threading.Event()
    batches: list[int] = []

    def slow(texts: Sequence[str]) -> Mapping[str, np.ndarray]:
        if threading.current_thread().name == "label-meaning":
            batches.append(len(texts))
            asked.set()
            assert may_answer.wait(30)
        return embed(texts)

    monkeypatch.setattr("media_assistant.workflows.search.label_meaning._AT_ONCE", 1)
    library = Library.open(tmp_path / "l.sqlite")
    item = add(library, "film")
    find(library, item, label(DOG), label(CAT), vector("space", AXES[0]))
    search(library, slow, "dog", patience_s=0.01)
    assert asked.wait(30)
    is_closing = label_meaning(library.finding)._is_closing
    closing = threading.Thread(target=library.finding.close)
    closing.start()
    assert is_closing.wait(30)
    may_answer.set()
    closing.join(30)
    assert not closing.is_alive()
    assert own_threads() == set()
    assert len(batches) == 1, "what is under way is answered, and nothing more is asked"
    library.close()


def test_what_kept_a_file_outside_from_being_looked_at_is_not_said_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "a cat.jpg"
    file.write_bytes(b"a picture")
    is_full = True
    looked: list[Path] = []

    def look(path: Path) -> Portrait:
        looked.append(path)
        if is_full:
            raise OSError(errno.ENOSPC, "full")
        return portrait_from(Kind.PHOTO, Facts(), [label(CAT)])

    outside = OutsideExamples(look)
    with pytest.raises(OSError, match="full"):
        outside.get(file, None)
    is_full = False
    found = outside.get(file, None)
    assert found is not None
    assert outside.get(file, None) is found
    assert len(looked) == 2
