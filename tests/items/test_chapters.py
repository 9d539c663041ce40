"""Chapters: the file's own where it has some, else stretches that differ in what was noticed."""

from __future__ import annotations

from media_assistant.items.answers import Details
from media_assistant.items.chapters import chapters_of
from media_assistant.items.concept import Concept
from media_assistant.items.item import ChapterMark, Facts, Item, facts_from_plain, facts_to_plain
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan

BEACH, CITY, CAR = Concept("beach", "beach", "海滩"), Concept("city", "city"), Concept("car", "car")
MINUTE = 60_000


def details(facts: Facts, *moments: Moment) -> Details:
    item = Item(1, Kind.VIDEO, "/film.mp4", "film", 1, "", facts)
    layers = {layer: tuple(each for each in moments if each.layer is layer) for layer in Layer}
    return Details(item, (), layers[Layer.SHOT], layers[Layer.LABEL], layers[Layer.LINE], {}, ())


def label(concept: Concept, start_ms: int, end_ms: int) -> Moment:
    return Moment(TimeSpan(start_ms, end_ms), Sense.SEEN, Layer.LABEL, concept, score=0.8)


def line(start_ms: int, text: str) -> Moment:
    return Moment(TimeSpan(start_ms, start_ms + 3000), Sense.SAID, Layer.LINE, text=text)


def test_the_files_own_chapters_come_first() -> None:
    marks = (ChapterMark(0, "Departure"), ChapterMark(90_000, ""))
    facts = Facts(duration_ms=3 * MINUTE, chapters=marks)
    assert facts_from_plain(facts_to_plain(facts)) == facts
    found = chapters_of(details(facts, label(BEACH, 0, MINUTE), label(CITY, MINUTE, 3 * MINUTE)))
    assert [(each.start_ms, each.end_ms, each.title, each.is_from_file) for each in found] == [
        (0, 90_000, "Departure", True),
        (90_000, 3 * MINUTE, "", True),
    ]


def test_a_chapter_begins_where_the_subject_changes() -> None:
    """Two minutes at the sea, three in the city; a car is in both and names neither."""
    shots = [Moment(TimeSpan(at, at + 10_000), Sense.SEEN, Layer.SHOT) for at in range(0, 5 * MINUTE, 10_000)]
    seen = [label(BEACH if at < 2 * MINUTE else CITY, at, at + 10_000) for at in range(0, 5 * MINUTE, 10_000)]
    both = [label(CAR, at, at + 10_000) for at in range(0, 5 * MINUTE, 30_000)]
    said = [
        line(at, "waves rolling over sand" if at < 2 * MINUTE else "trams crossing avenues downtown")
        for at in range(0, 5 * MINUTE, 20_000)
    ]
    found = chapters_of(details(Facts(duration_ms=5 * MINUTE), *shots, *seen, *both, *said))
    assert [each.start_ms for each in found] == [0, 2 * MINUTE]
    assert [each.concepts[0].id for each in found] == ["beach", "city"]
    assert found[1].title == "trams crossing avenues downtown"
    assert found[-1].end_ms == 5 * MINUTE


def test_nothing_divides_what_is_short_or_the_same_throughout() -> None:
    assert chapters_of(details(Facts(duration_ms=30_000), label(BEACH, 0, 10_000), label(CITY, 20_000, 30_000))) == ()
    same = [label(BEACH, at, at + 10_000) for at in range(0, 5 * MINUTE, 10_000)]
    shots = [Moment(each.span, Sense.SEEN, Layer.SHOT) for each in same]
    assert chapters_of(details(Facts(duration_ms=5 * MINUTE), *same, *shots)) == ()
    assert chapters_of(details(Facts())) == ()
