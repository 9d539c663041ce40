"""A tag that very many items carry is taught in bounded time and memory, of some of them, and that is said."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media_assistant.assistant import Assistant
from media_assistant.items.findings import Vector
from media_assistant.items.kind import Kind
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.items.teaching import TaughtExample
from media_assistant.learning.fitting import is_contradictory
from media_assistant.learning.things import Things
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.library.taught_store import MOST_EXAMPLES
from media_assistant.paths import Paths
from media_assistant.sentences import LANGUAGES, say
from media_assistant.settings import Settings
from media_assistant.workflows.teaching.taught_things import read_examples, read_known
from tests.bench.many_members import MANY, PROPOSED, make_many

ITEMS, EVERY = 4800, 40


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    file = tmp_path / "many.sqlite"
    make_many(file, ITEMS, EVERY)
    folders = [tmp_path / name for name in ("data", "cache", "config", "logs")]
    one = Assistant.open(Paths(*folders, file), Settings(), works=False)
    yield one
    one.close()


def test_of_very_many_examples_some_are_drawn_evenly_and_it_is_said(assistant: Assistant) -> None:
    library, teaching = assistant.library, assistant.teaching
    ids = list(map(int, library.item_ids()))
    assert library.said_of(MANY.id) == {TagState.ACCEPTED: ITEMS - ITEMS // EVERY, TagState.REJECTED: ITEMS // EVERY}
    before = library.taught_examples(MANY.id)
    wanted = [each.item_id for each in before if not each.is_counter]
    assert len(wanted) == MOST_EXAMPLES and wanted == sorted(wanted, reverse=True)
    # Of each tenth of the library about as many, and of the few that were refused all.
    tenths = np.bincount(np.digitize(wanted, np.quantile(ids, np.linspace(0, 1, 11)[1:-1])), minlength=10)
    assert tenths.min() > 0.8 * tenths.max()
    assert sum(each.is_counter for each in before) == ITEMS // EVERY
    # A correction is learnt of, and hardly another example goes for it.
    teaching.teach(MANY, [TaughtExample(wanted[9], is_counter=True)]).result()
    after = library.taught_examples(MANY.id)
    assert TaughtExample(wanted[9], is_counter=True) in after and len(set(before) ^ set(after)) <= 3
    lesson = teaching.lesson(MANY.id)
    assert len(lesson.versions) == 1 and set(lesson.versions[0].examples) == set(after)
    (said,) = lesson.sampled
    assert said.parameters == {"used": MOST_EXAMPLES, "all": ITEMS - ITEMS // EVERY - 1}
    assert all(str(MOST_EXAMPLES) in say(language, said.code, **said.parameters) for language in LANGUAGES)
    few = [each.item_id for each in before if each.is_counter][:3]
    teaching.teach("few", list(map(TaughtExample, few))).result()
    assert teaching.lesson("own:few").sampled == ()


def test_what_a_model_proposes_everywhere_stays_while_it_is_taught(assistant: Assistant) -> None:
    library, teaching = assistant.library, assistant.teaching
    ids = list(map(int, library.item_ids()))
    assert library.count_proposals(PROPOSED.id) == ITEMS
    teaching.teach(PROPOSED, [*map(TaughtExample, ids[:3]), TaughtExample(ids[3], is_counter=True)]).result()
    chances = library.taught_chances(PROPOSED.id)
    assert chances and library.count_proposals(PROPOSED.id) == ITEMS - 4
    # Where the head is surer than the model its score is the one that is shown, and the model's again when it is forgotten.
    shown = dict(library.tag_scores(PROPOSED.id))
    surer = [item for item, chance in chances.items() if chance > 0.9 and item not in ids[:4]]
    assert all(shown[item] == pytest.approx(chances[item]) for item in surer)
    teaching.forget(PROPOSED.id).result()
    assert library.count_proposals(PROPOSED.id) == ITEMS - 4
    assert {round(score, 3) for _, score in library.tag_scores(PROPOSED.id)} == {0.9}


def test_of_very_many_long_films_some_moments_are_read(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "films.sqlite")
    rng = np.random.default_rng(3)
    new = [NewItem(Kind.VIDEO, f"/m/{n}.mp4", f"film {n}", n, 1, f"f{n}") for n in range(60)]
    ids, _ = library.add_items(new)
    for item_id in ids:
        units = rng.standard_normal((300, 16)).astype("<f4")
        spans = [TimeSpan(1000 * at, 1000 * at + 1000) for at in range(300)]
        vectors = [Vector("looks-1", span, unit.tobytes()) for span, unit in zip(spans, units, strict=True)]
        library.save_findings(item_id, "sights", 1, "net", "1", vectors, is_first_chunk=True)
    known = read_known(library)
    examples = [TaughtExample(item_id) for item_id in ids]
    things = read_examples(library, known, "seen", examples, "own:x")
    counts = np.bincount(things.rows["looks-1"])
    assert counts.tolist() == [200] * 60, "12,000 in all"
    few = read_examples(library, known, "seen", examples[:20], "own:x")
    assert np.bincount(few.rows["looks-1"]).tolist() == [300] * 20, "of few all"
    # A moment that was meant is never the one that is left out.
    moment = [TaughtExample(item_id, TimeSpan(7000, 8000)) for item_id in ids]
    meant = read_examples(library, known, "seen", moment, "own:x")
    assert np.bincount(meant.rows["looks-1"]).tolist() == [1] * 60
    library.finding.close()
    library.close()


def test_very_many_examples_are_compared_in_bounded_memory() -> None:
    rng = np.random.default_rng(5)
    units = rng.standard_normal((8000, 8)).astype(np.float32)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    is_wanted = np.arange(8000) % 2 == 0
    units[6001] = units[4000]
    things = Things(np.arange(8000), {"looks": np.arange(8000)}, {"looks": units}, [{}] * 8000)
    tracemalloc.start()
    assert is_contradictory(things, is_wanted)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20_000_000, "all products at once would be 64 MB"
