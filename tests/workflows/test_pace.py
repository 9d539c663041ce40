"""The guess at the time left: by what is worked on and how much of it, not by the number of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.library.library import JobRow
from media_assistant.workflows.understanding.pace import Pace
from tests.library.making import new_item, open_new

PREVIEW, UNDERSTAND, TRANSCRIBE = 0, 1, 2


def test_a_long_film_counts_more_than_many_photos() -> None:
    pace = Pace()
    assert pace.left_s({(UNDERSTAND, "video"): 60.0}, 1) is None
    for _ in range(5):
        pace.learn((UNDERSTAND, "video"), 30.0, 60.0)
        pace.learn((UNDERSTAND, "photo"), 0.2, 1.0)
    assert pace.left_s({(UNDERSTAND, "video"): 3600.0, (UNDERSTAND, "photo"): 100.0}, 1) == pytest.approx(1820.0)
    assert pace.left_s({(UNDERSTAND, "video"): 3600.0}, 3) == pytest.approx(600.0)
    # Never seen: as its stage with another kind; else as everything on average.
    pace.learn((TRANSCRIBE, "video"), 120.0, 60.0)
    assert pace.left_s({(TRANSCRIBE, "music"): 30.0}, 1) == pytest.approx(60.0)
    one = Pace()
    one.learn((UNDERSTAND, "video"), 10.0, 100.0)
    assert one.left_s({(PREVIEW, "text"): 50.0}, 1) == pytest.approx(5.0)


def test_it_follows_a_computer_that_slows_down() -> None:
    pace = Pace()
    for _ in range(50):
        pace.learn((UNDERSTAND, "video"), 10.0, 100.0)
    for _ in range(20):
        pace.learn((UNDERSTAND, "video"), 20.0, 100.0)
    left = pace.left_s({(UNDERSTAND, "video"): 100.0}, 1)
    assert left is not None
    assert 18.5 < left < 20.0


def test_the_library_knows_what_waits_and_what_the_last_ones_cost(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    ids, _ = library.add_items([new_item(number) for number in range(4)])
    library.set_facts(ids[0], Facts(duration_ms=90_000), kind=Kind.VIDEO)
    library.set_facts(ids[1], Facts(duration_ms=30_000), kind=Kind.VIDEO)
    library.set_facts(ids[2], Facts(), kind=Kind.PHOTO)
    library.set_facts(ids[3], Facts(), kind=Kind.PHOTO)
    library.enqueue([JobRow(item_id, name, UNDERSTAND) for item_id in ids for name in ("sights", "shots")])
    assert library.waiting_units() == {(UNDERSTAND, "video"): 120.0, (UNDERSTAND, "photo"): 2.0}
    assert library.recent_costs() == {}
    lease = library.lease_jobs()
    assert lease is not None
    for name in lease.analysers:
        library.finish_analysis(lease.item_id, name, 1, took_s=4.5)
    assert library.recent_costs() == {(UNDERSTAND, "video"): (9.0, 90.0)}
    library.close()
