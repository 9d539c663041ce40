"""Every reason of every suggestion over the labelled media, told anew from the tables alone."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from media_assistant.items.examples import Example, Examples, like_item
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import TimeSpan
from media_assistant.workflows.suggesting import similar
from tests.bench.similar_quality import TARGETS, measure
from tests.e2e.understanding import Understood
from tests.reason_check import Checker

# The first test may wait for the whole library to be understood.
pytestmark = pytest.mark.timeout(1200)


@pytest.fixture
def checker(understood: Understood) -> Iterator[Checker]:
    with closing(sqlite3.connect(understood.assistant.paths.library)) as connection:
        yield Checker(connection)


def test_every_reason_of_every_item_is_true(understood: Understood, checker: Checker) -> None:
    library = understood.assistant.library
    for item_id in map(int, library.item_ids()):
        examples = like_item(item_id)
        assert checker.wrong(similar(library, examples, 8), examples.all, wanted=1) == []
    spoken = {"alike_seen", "little_seen", "alike_heard", "little_heard", "alike_said", "alike_written"}
    shared = {"both_seen", "both_heard", "shared_words", "same_content"}
    assert checker.seen >= {f"reason.{name}" for name in spoken | shared}


def test_reasons_of_moments_and_of_several_examples_are_true(understood: Understood, checker: Checker) -> None:
    library = understood.assistant.library
    films = [item.id for item in library.items(list(library.item_ids())) if item.kind is Kind.VIDEO]
    photos = [item.id for item in library.items(list(library.item_ids())) if item.kind is Kind.PHOTO]
    found = 0
    for at, film in enumerate(films):
        moment = Example(film, span=TimeSpan(5_000, 5_000))
        stretch = Example(film, span=TimeSpan(2_000, 6_000))
        for examples in (
            Examples((moment,)),
            Examples((stretch,), (Example(photos[at]),)),
            Examples((moment, Example(photos[3 * at]), Example(photos[3 * at + 1])), (Example(photos[-1 - at]),)),
        ):
            suggestions = similar(library, examples, 10)
            found += len(suggestions)
            assert checker.wrong(suggestions, examples.all, wanted=len(examples.plus)) == []
    assert found > 60


def test_a_false_reason_is_found_out(understood: Understood, checker: Checker) -> None:
    library = understood.assistant.library
    label = understood.of_kind("photo")[0]
    examples = like_item(understood.ids[label["file"]])
    first, *_, last = similar(library, examples, 40)
    swapped = replace(last, reasons=first.reasons)
    assert checker.wrong([swapped], examples.all, wanted=1)
    boasting = replace(last.reasons[0], says=Sentence("reason.same_content"))
    assert checker.wrong([replace(last, reasons=(boasting,))], examples.all, wanted=1)
    assert checker.wrong([replace(first, reasons=())], examples.all, wanted=1)


def test_a_file_outside_is_like_its_own_copy_in_the_library(understood: Understood, tmp_path: Path) -> None:
    label = understood.of_kind("photo")[5]
    known = understood.assistant.library.item(understood.ids[label["file"]])
    assert known is not None
    outside = Path(shutil.copy(known.path, tmp_path / "从外面来.jpg"))
    ways: list[tuple[Path, int, int]] = []
    find = understood.assistant.similarity.find
    answer = find(outside, 5, progress=lambda *way: ways.append(way)).result(timeout=120)
    assert answer[0].item.id == known.id
    assert "reason.same_content" in {reason.says.code for reason in answer[0].reasons}
    told = len(ways)
    both = Examples((Example(path=outside),), (Example(known.id),))
    assert known.id not in {
        one.item.id for one in find(both, 5, progress=lambda *way: ways.append(way)).result(timeout=120)
    }
    assert len(ways) == told, "it was understood a second time"
    # A path of the library's own is its item, which nobody has to understand again.
    assert find(Path(known.path), 5).result(timeout=60) == find(known.id, 5).result(timeout=60)


def test_similar_items_are_as_good_as_promised_and_never_below_the_bare_embedding(understood: Understood) -> None:
    found = {one.kind: one for one in measure(understood.assistant.library, understood.labels, understood.ids)}
    assert found.keys() >= TARGETS.keys()
    for one in found.values():
        assert one.ours >= one.bare - 1e-9, one.plain()
        assert one.ours >= TARGETS.get(one.kind, 0.0), one.plain()
