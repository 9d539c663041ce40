"""Words of scripts that write vowels and tones as marks are found as a whole, and nothing else instead of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from media_assistant.items.concept import Concept
from media_assistant.library.library import Library
from media_assistant.workflows.search.searching import search
from media_assistant.workflows.tags.tagging import add as add_tag
from tests.workflows.finding import add, find, label, line


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "l.sqlite")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("query", "says", "says_another"),
    [
        pytest.param("पानी", "वहाँ पानी बह रहा है", "पान की दुकान", id="Hindi"),
        pytest.param("हिन्दी गीत", "यह हिन्दी का एक गीत है", "हद न द गत", id="Hindi, two words"),
        pytest.param("ที่นี่", "แมวอยู่ที่นี่", "ทราย นก", id="Thai"),
        pytest.param("ရေပူ", "ဒီမှာ ရေပူ ရှိတယ်", "ရ ပ", id="Burmese"),
        pytest.param("ទឹក", "នៅទីនេះមានទឹក", "ទ ក", id="Khmer"),
        pytest.param("தமிழ்", "நான் தமிழ் பேசுகிறேன்", "தம ழ", id="Tamil"),
    ],
)
def test_marks_belong_to_their_word(library: Library, query: str, says: str, says_another: str) -> None:
    right, other, named = add(library, "right"), add(library, "other"), add(library, f"1_{query.replace(' ', '_')}.mp4")
    find(library, right, line(says), analyser="speech")
    find(library, other, line(says_another), analyser="speech")
    for asked in (query, f"said:({query})", f"({query}) -kind:photo"):
        hits = search(library, None, asked, is_half_typed=False).hits
        assert {hit.item.id for hit in hits} == ({right} if asked.startswith("said") else {right, named})
    (shown,) = (hit for hit in search(library, None, query).hits if hit.item.id == right)
    assert [moment.text for moment in shown.moments] == [says]


def test_a_tag_with_marks_is_named_by_all_of_its_name(library: Library) -> None:
    water, betel = Concept("own:water", "पानी", "पानी"), Concept("own:betel", "पान", "पान")
    wet, chewed = add(library, "wet"), add(library, "chewed")
    find(library, wet, label(water))
    find(library, chewed, label(betel))
    for query in ("पानी", "tag:पानी"):
        assert [hit.item.id for hit in search(library, None, query, is_half_typed=False).hits] == [wet]
    assert [hit.item.id for hit in search(library, None, "tag:पान").hits] == [chewed]


def test_a_tag_whose_name_has_no_letters_is_found(library: Library) -> None:
    dogs, stars = add(library, "dogs"), add(library, "stars")
    add_tag(library, [dogs], "🐶")
    add_tag(library, [stars], "★ ★")
    assert [hit.item.id for hit in search(library, None, "tag:🐶").hits] == [dogs]
    assert [hit.item.id for hit in search(library, None, 'tag:"★ ★"').hits] == [stars]
    assert [hit.item.id for hit in search(library, None, "🐶").hits] == [dogs]
    assert [hit.item.id for hit in search(library, None, "-tag:🐶").hits] == [stars]
    assert search(library, None, "!!!").hits == ()


def test_letters_that_touch_a_script_without_spaces_stay_together(library: Library) -> None:
    item, other = add(library, "right"), add(library, "other")
    find(library, item, line("手机在Café里"), analyser="speech")
    find(library, other, line("手机在caf里"), analyser="speech")
    (hit,) = search(library, None, "Café手机", is_half_typed=False).hits
    assert hit.item.id == item
    assert hit.score > 0.7
