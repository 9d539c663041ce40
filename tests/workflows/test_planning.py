"""What is queued, and when planning ends early."""

from __future__ import annotations

from pathlib import Path

from media_assistant.items.kind import Kind
from media_assistant.library.library import Library, NewItem
from media_assistant.settings import Settings
from media_assistant.workflows.understanding.planning import plan_jobs


def test_a_program_that_ends_does_not_plan_to_the_end_and_plans_the_rest_at_the_next_start(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library.sqlite")
    library.add_items([NewItem(Kind.PHOTO, f"/nowhere/{at}", str(at), 1, at, f"{at:032x}") for at in range(4100)])
    asked = iter((False, True))
    _, planned = plan_jobs(library, lambda _task: False, Settings(), None, should_stop=lambda: next(asked))
    assert len({row.item_id for row in library.jobs(("waiting",), limit=100_000)}) == 2000
    _, later = plan_jobs(library, lambda _task: False, Settings(), None)
    assert planned < later
    assert {row.item_id for row in library.jobs(("waiting",), limit=100_000)} == set(library.item_ids())
    # What a person asked for again is not lacking afterwards: nothing would find it at the next start.
    _, again = plan_jobs(library, lambda _task: False, Settings(), None, redo=True, should_stop=lambda: True)
    assert again == later
    library.close()
