"""The courses of a library's films and sounds: what a network of a person's own learns from, and is asked about later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from media_assistant.analysis import registry
from media_assistant.items.kind import Kind
from media_assistant.items.training import Matter
from media_assistant.library.library import Library

if TYPE_CHECKING:
    from media_assistant.learning.course import Course

COURSES = {Matter.SEEN: "sights", Matter.HEARD: "sounds"}
"""The analyser whose vectors tell each course."""
IN_TIME = (Kind.VIDEO, Kind.MUSIC)


def wanted_courses(library: Library, item_id: int, analysers: Sequence[str]) -> tuple[bytes, ...]:
    """What a worker is given for these analysers: the item's vectors in their order, space by space, if one wants them."""
    if not any(registry.spec_of(name).wants_courses for name in analysers):
        return ()
    from media_assistant.learning.course import course_of, to_bytes

    told = library.finding.vectors.timed_spaces([item_id])
    spaces = dict.fromkeys(space for _, space, analyser in told if analyser in COURSES.values())
    courses = (course_of(space, library.finding.vectors.of_item(space, item_id)) for space in spaces)
    return tuple(to_bytes(course) for course in courses if course is not None)


def course_space(library: Library, matter: Matter, item_ids: Collection[int]) -> tuple[str, set[int]]:
    """The space in which most of these items have a course of this sort, and those that have; ("", none) where none does."""
    told = [
        (item, space)
        for item, space, analyser in library.finding.vectors.timed_spaces(item_ids)
        if analyser == COURSES[matter]
    ]
    if not told:
        return "", set()
    (space, _), *_ = Counter(space for _, space in told).most_common(1)
    return space, {item for item, its in told if its == space}


def courses_of(library: Library, space: str, item_ids: Sequence[int]) -> dict[int, Course]:
    """The courses of these items in a space; items that have none are left out."""
    from media_assistant.learning.course import course_of

    found: dict[int, Course] = {}
    for item_id in item_ids:
        # One at a time: an item is brought to few steps before the next one's many are read.
        if (course := course_of(space, library.finding.vectors.of_item(space, item_id))) is not None:
            found[item_id] = course
    return found
