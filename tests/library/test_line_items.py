"""Whose the lines are that hold words: an array in memory says it, and keeps up with whatever is written."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from media_assistant.items.findings import Checkpoint
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.library import line_items, text_index
from media_assistant.library.item_set import ItemSet
from tests.library.making import new_item, open_new

WORDS = ["lighthouse", "dog", "sea", "home"]


@pytest.mark.parametrize("small", [20_000, 0])
def test_lines_are_whose_the_index_says_while_files_are_worked_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(line_items, "_SMALL", small)
    monkeypatch.setattr(line_items, "_AT_ONCE", 3)
    library = open_new(tmp_path)
    library.add_items([new_item(number) for number in range(8)])
    draw = random.Random(3)

    def write(count: int) -> None:
        for _ in range(count):
            item_id, at = draw.randint(1, 8), draw.randint(0, 900)
            words = " ".join(draw.choices(WORDS, k=2))
            line = Moment(TimeSpan(at, at + 1), draw.choice((Sense.SAID, Sense.WRITTEN)), Layer.LINE, text=words)
            analyser = draw.choice(("speech", "writing"))
            is_first = draw.random() < 0.2
            library.save_findings(item_id, analyser, 1, "", "", [line, Checkpoint(at)], is_first_chunk=is_first)

    def compare() -> None:
        connection = library._database.reader()
        for word in WORDS:
            for senses in ((), (Sense.SAID,)):
                wanted = text_index.expression(word)
                matches = text_index.match(connection, wanted, senses=senses)
                expected = [(each.moment_id, each.item_id) for each in matches]
                assert library.finding.lines(word, senses=senses) == expected
                assert library.finding.saying(word, senses=senses) == {item_id for _, item_id in expected}

    write(60)
    compare()
    if reading := library.finding.line_items._reading:
        reading.join()
    compare()
    write(30)
    compare()
    library.remove_items([2, 5])
    write(5)
    compare()
    library.finding.close()
    library.close()


def test_sets_of_items_are_sets() -> None:
    ours, theirs = ItemSet.of([1, 5, 900]), ItemSet.of([5, 6])
    assert ours & theirs == {5} == theirs & {5, 7}
    assert ours | theirs == {1, 5, 6, 900} == theirs | {1, 900}
    assert ours - theirs == {1, 900} and theirs - ours == {6}
    assert ours - theirs.mask.nonzero()[0] == {1, 900}
    assert 900 in ours and 901 not in ours and -1 not in ours and len(ours) == 3 and list(ours) == [1, 5, 900]
    assert ItemSet.of(()) == set() and not ItemSet.of(()) & ours and (ItemSet.of(()) | theirs) == theirs
    assert ours.among(ours.ids()).all() and not ItemSet.of(()).among(ours.ids()).any()
