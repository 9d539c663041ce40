"""Reasons over small libraries that nobody thought of: whatever is in them, no reason is false."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assistant.errors import UserFixable
from media_assistant.items.concept import Concept
from media_assistant.items.examples import Example, Examples
from media_assistant.items.findings import Finding, Trait
from media_assistant.items.item import Captured, DateSource, Facts, FileTags, Place
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense, Source
from media_assistant.items.span import WHOLE, Span, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.library.library import Library
from media_assistant.workflows.likeness.suggesting import similar
from tests.reason_check import Checker
from tests.workflows.finding import ANIMAL, BEACH, CAT, DOG, add, find, label, line, vector

MINE = Concept("own:favourites", "favourites")
SPANS = st.one_of(
    st.just(WHOLE),
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda at: TimeSpan(1000 * at[0], 1000 * sum(at))),
)
LINES = st.sampled_from(
    [
        "The tide comes in at noon.",
        "潮水在中午涨起来，灯塔亮了。",
        "Tides and lighthouses, said the keeper.",
        "Nobody heard the nightingale.",
        "six",
        "🐚 shells; 'OR' \"NEAR\" -- DROP",
    ]
)
DAYS = st.builds(
    Captured,
    st.sampled_from(["2024-05-17T10:00:00", "2024-05-17", "2023-01-01T00:00:00"]),
    st.none(),
    st.sampled_from(DateSource),
)
PLACES = st.builds(
    Place, st.sampled_from([46.69, 46.6905, -89.9999, 0.0]), st.sampled_from([7.73, 7.7302, 179.9999, -179.9999])
)
TAGS = st.builds(
    FileTags,
    artist=st.sampled_from(["", "The Tide", "the tide", "李娜"]),
    album=st.sampled_from(["", "High", "high"]),
)
FACTS = st.builds(
    Facts,
    duration_ms=st.just(90_000),
    frame_rate=st.just(25.0),
    captured=st.none() | DAYS,
    place=st.none() | PLACES,
    tags=TAGS,
)
KNOWN = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(Kind),
        "facts": FACTS,
        "labels": st.lists(
            st.tuples(st.sampled_from([DOG, CAT, BEACH, ANIMAL]), SPANS, st.sampled_from(Sense)), min_size=1, max_size=3
        ),
        "lines": st.lists(
            st.tuples(LINES, SPANS, st.sampled_from([Sense.SAID, Sense.WRITTEN])), min_size=1, max_size=2
        ),
        "looks": st.lists(st.tuples(st.integers(0, 4), SPANS), max_size=3),
        "signs": st.lists(st.tuples(st.integers(0, 2), SPANS), max_size=1),
        "tempo": st.none() | st.sampled_from([120.0, 121.0, 90.0]),
        "key": st.none() | st.sampled_from(["A minor", "C major"]),
        "refuses": st.booleans(),
        "says": st.booleans(),
        "removed": st.sampled_from([False] * 7 + [True]),
    }
)
MOMENTS = st.tuples(
    st.integers(0, 9), st.one_of(st.just(WHOLE), st.just(TimeSpan(5_000, 5_000)), st.just(TimeSpan(0, 30_000)))
)


_told: set[str] = set()
"""Every code that was checked."""


def test_no_reason_is_false_and_many_kinds_are_given() -> None:
    _no_reason_is_false()
    assert len(_told) >= 5, _told


@settings(max_examples=40, derandomize=True)
@given(
    st.lists(KNOWN, min_size=6, max_size=10),
    st.lists(MOMENTS, min_size=1, max_size=3),
    st.lists(MOMENTS, max_size=2),
)
def _no_reason_is_false(
    known: list[dict[str, object]], plus: list[tuple[int, Span]], minus: list[tuple[int, Span]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(Path(folder) / "l.sqlite")
        try:
            for number in range(24):  # so that what two share is rare
                add(library, f"other {number}")
            ids = [_fill(library, number, one) for number, one in enumerate(known)]
            examples = Examples(
                *(tuple(Example(ids[at % len(ids)], span=span) for at, span in side) for side in (plus, minus))
            )
            try:
                suggestions = similar(library, examples)
            except UserFixable:
                # Nothing is known of the moment, or the item was removed: said, and no suggestion made of it.
                return
            with closing(sqlite3.connect(Path(folder) / "l.sqlite")) as connection:
                checker = Checker(connection)
                assert checker.wrong(suggestions, examples.all, wanted=len(plus)) == []
                _told.update(checker.seen)
        finally:
            library.close()


def _fill(library: Library, number: int, known: dict) -> int:  # type: ignore[type-arg]
    item_id = add(library, f"i{number}", known["kind"], known["facts"])
    sights: list[Finding] = [label(concept, span, 0.8, sense) for concept, span, sense in known["labels"]]
    sights += [vector("looks", _point(at, 32), span) for at, span in known["looks"]]
    find(library, item_id, *sights)
    find(library, item_id, *(line(text, span, sense) for text, span, sense in known["lines"]), analyser="speech")
    find(
        library,
        item_id,
        *(vector("perceptual-hash", np.sign(_point(at, 64)) / 8, span) for at, span in known["signs"]),
        analyser="pictures",
    )
    traits = [Trait(name, known[key]) for name, key in (("tempo_bpm", "tempo"), ("key", "key")) if known[key]]
    find(
        library,
        item_id,
        *traits,
        Moment(WHOLE, Sense.HEARD, Layer.LABEL, ANIMAL, score=0.6, source=Source("music")),
        analyser="music",
    )
    if known["refuses"]:
        library.decide_tag([item_id], DOG, TagState.REJECTED)
    if known["says"]:
        library.decide_tag([item_id], MINE, TagState.ACCEPTED)
    if known["removed"]:
        library.remove_items([item_id])
    return item_id


def _point(at: int, width: int) -> np.ndarray:
    return np.random.default_rng(at).standard_normal(width)
