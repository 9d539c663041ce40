"""Names of groups in a real library: words beside tags, counted in all of it, in the person's language, and kept."""

from pathlib import Path

import pytest

from media_assistant.items.span import TimeSpan
from media_assistant.library.library import Library
from media_assistant.workflows.order.group_names import Plain, answer_words, name_groups
from tests.workflows.finding import BEACH, add, find, label, line

WALKS = ("the lighthouse keeper climbs the stairs", "a keeper of the lighthouse", "lighthouses warn the ships")
OTHERS = ("the market sells cheese", "she plays the violin at night", "rain fell on the garden", "an engine was mended")

BALLOONS = ("a balloon over the fields", "the red balloon landed", "wind carried our balloon")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Items 1..8: talks about lighthouses at a beach; 9..40: about all kinds of things, four of these at a beach too."""
    library = Library.open(tmp_path / "library.sqlite")
    for number in range(40):
        item_id = add(library, f"录音{number}" if number % 2 else f"take {number}")
        said = WALKS[number % 3] if number < 8 else OTHERS[number % 4]
        lines = [line(f"{said} {at}", TimeSpan(1000 * at, 1000 * at + 900)) for at in range(30)]
        find(library, item_id, *lines, analyser="speech")
        if number < 6 or number % 10 == 9:
            find(library, item_id, label(BEACH))
    yield library
    library.finding.close()
    library.close()


def named(library: Library, before: dict[int, list[Plain]] | None = None) -> list[Plain]:
    return name_groups(library, {7: range(1, 9)}, before or {}, lambda data: answer_words([data]))[7]


def test_words_stand_beside_tags_with_how_often_they_are_said_in_all(library: Library) -> None:
    name = {plain["en"]: plain for plain in named(library)}
    assert set(name) >= {"lighthouse", "beach"} and not {"take", "录音"} & set(name)
    lighthouse = name["lighthouse"]
    assert lighthouse["is_word"] and lighthouse["zh"] == "灯塔", "the vocabulary knows the word in both languages"
    assert (lighthouse["inside"], lighthouse["everywhere"]) == (8, 8)
    assert not name["beach"]["is_word"] and (name["beach"]["inside"], name["beach"]["everywhere"]) == (6, 10)


def test_a_name_is_the_same_when_an_item_comes_and_another_when_the_words_do(library: Library) -> None:
    first = named(library)
    item_id = add(library, "take 40")
    find(library, item_id, line(OTHERS[0], TimeSpan(0, 900)), analyser="speech")
    again = named(library, {7: first})
    assert [plain["id"] for plain in again] == [plain["id"] for plain in first]
    for number in range(1, 9):
        find(library, number, line(BALLOONS[number % 3], TimeSpan(0, 900)), analyser="speech")
    assert "balloon" in [plain["en"] for plain in named(library, {7: first})]


def test_a_little_of_each_item_is_read_from_all_of_it(library: Library) -> None:
    lines = [line(f"part {at} " + "word " * 200, TimeSpan(1000 * at, 1000 * at + 900)) for at in range(500)]
    item_id = add(library, "long")
    find(library, item_id, *lines, analyser="speech")
    removed = add(library, "gone")
    library.remove_items([removed])
    (read,) = library.finding.likeness.excerpts([item_id, removed, 999])
    assert read.title == "long" and len(read.lines) == 12 and sum(map(len, read.lines)) <= 1200
    starts = [int(each.split()[1]) for each in read.lines]
    assert starts == sorted(starts) and starts[0] < 50 and starts[-1] > 400
    assert all(each.endswith("word") for each in read.lines), "no word is cut in two"
