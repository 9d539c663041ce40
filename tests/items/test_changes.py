"""What several writes changed, told as one."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from media_assistant.items.changes import LibraryChanges
from media_assistant.workflows.feed import Feed


def full(number: int) -> LibraryChanges:
    """Every field has something to say."""
    filled: dict[str, Any] = {}
    for field in fields(LibraryChanges):
        is_ids, is_flag = isinstance(field.default, tuple), isinstance(field.default, bool)
        filled[field.name] = (number, 9) if is_ids else True if is_flag else number
    return LibraryChanges(**filled)


def test_several_are_one_whoever_joins_them_and_nothing_is_lost() -> None:
    feed, told = Feed(), list[LibraryChanges]()
    feed.subscribe(told.append)
    first, second = full(1), full(2)
    both = first | second
    for part in (first, second):
        feed.publish(part)
    feed.close()
    assert told == [both] == [LibraryChanges.union((first, second))]
    assert (both.step, both.steps, both.jobs) == (2, 3, True)
    for field in fields(LibraryChanges):
        if isinstance(field.default, tuple):
            assert getattr(both, field.name) == (1, 9, 2), field.name
    nothing = LibraryChanges()
    assert LibraryChanges.union(()) == nothing == nothing | nothing
    assert first | nothing == first == nothing | first
