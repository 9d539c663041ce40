"""The map: kept beside the library, as it was when items come and go, made anew when it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media_assistant.errors import Cancelled
from media_assistant.items.kind import Kind
from media_assistant.library.layout_file import Layout, keep_layout, load_layout
from media_assistant.library.library import Library
from media_assistant.paths import Paths, find_paths
from media_assistant.workflows.feed import Feed
from media_assistant.workflows.order.mapping import LibraryMap, Mapping
from tests.workflows.finding import add, find, vector
from tests.workflows.recommend_library import fill


@pytest.fixture
def paths(home: Path) -> Paths:
    return find_paths()


@pytest.fixture
def library(paths: Paths) -> Iterator[Library]:
    opened = Library.open(paths.library)
    yield opened
    opened.finding.close()
    opened.close()


def spots_of(found: LibraryMap) -> dict[int, tuple[float, float]]:
    return {
        item_id: (x, y) for item_id, (x, y) in zip(found.plane.ids.tolist(), found.plane.spots.tolist(), strict=True)
    }


def test_it_is_laid_out_by_a_worker_kept_and_stays_as_it_was(library: Library, paths: Paths) -> None:
    topics = fill(library, 160)
    feed = Feed()
    mapping = Mapping(library, paths, feed)
    told: list[LibraryMap] = []
    found = mapping.make(told.append).result(60)
    assert told[0].is_rough and not found.is_rough and found.done == 1 and len(found.plane) == 160
    assert found.kinds.tolist() == [at % 4 for at in range(160)] and not np.isnan(found.days).any()
    mapping.close()

    before = spots_of(found)
    new = add(library, "comes later", Kind.VIDEO)
    like = next(item_id for item_id in topics if library.items([item_id])[0].kind is Kind.VIDEO)
    ((_span, unit),) = library.finding.vectors.of_item("looks", like)
    find(library, new, vector("looks", unit))
    bare = add(library, "of which nothing is known", Kind.TEXT)
    later = Mapping(library, paths, feed)
    again = later.make(told.append).result(60)
    after = spots_of(again)
    assert all(after[item_id] == pytest.approx(spot) for item_id, spot in before.items()), "nothing moved"
    assert bare not in after and again.without == 1
    assert np.hypot(*np.subtract(after[new], after[like])) < 0.2 * again.plane.spots.std(), "beside what it is like"

    changes = library.remove_items([like])
    feed.publish(changes)
    later._work.submit(bool).result()
    feed.close()
    later._work.submit(bool).result()
    kept = load_layout(paths.layouts)
    assert kept is not None and like not in kept.ids and new in kept.ids
    later.close()


def test_a_foreign_file_is_made_anew_and_a_stopped_one_is_not_kept(library: Library, paths: Paths) -> None:
    topics = fill(library, 80)
    # As of another library with the same ids: where items lie says nothing of what they are like.
    spots = np.random.default_rng(3).standard_normal((80, 2)).astype(np.float32)
    keep_layout(paths.layouts, Layout(np.array(sorted(topics)), spots, 80, 0.9))
    told: list[LibraryMap] = []
    mapping = Mapping(library, paths, Feed())
    with pytest.raises(Cancelled):
        mapping.make(lambda found: (told.append(found), mapping.stop())).result(60)
    mapping.close()
    assert told[0].is_rough and not np.allclose(told[0].plane.spots, spots), "it is laid out anew"
    file = paths.layouts / "layout"
    assert np.array_equal(load_layout(paths.layouts).spots, spots), "what was stopped is not kept"
    file.write_bytes(file.read_bytes()[:-3])
    assert load_layout(paths.layouts) is None


def test_few_items_need_no_worker_and_none_is_no_fault(library: Library, paths: Paths) -> None:
    mapping = Mapping(library, paths, Feed())
    assert len(mapping.make(lambda _found: None).result(20).plane) == 0
    one = add(library, "one", Kind.PHOTO)
    find(library, one, vector("looks", np.ones(8)))
    assert mapping.make(lambda _found: None).result(20).plane.ids.tolist() == [one]
    mapping.close()
