"""What is queued, and when planning ends early."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from media_assistant.items.kind import Kind
from media_assistant.items.transcript import Rewrite, retype
from media_assistant.library.library import JobRow, Library, NewItem
from media_assistant.settings import Settings
from media_assistant.workflows.understanding.planning import plan_jobs
from tests.library.making import chunk, new_item, steps_of


def test_a_program_that_ends_does_not_plan_to_the_end_and_plans_the_rest_at_the_next_start(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library.sqlite")
    library.add_items([NewItem(Kind.PHOTO, f"/nowhere/{at}", str(at), 1, at, f"{at:032x}") for at in range(4100)])
    asked = iter((False, True))
    _, planned = plan_jobs(library, lambda _task: "", Settings(), None, should_stop=lambda: next(asked))
    assert len({row.item_id for row in library.jobs(("waiting",), limit=100_000)}) == 2000
    _, later = plan_jobs(library, lambda _task: "", Settings(), None)
    assert planned < later
    assert {row.item_id for row in library.jobs(("waiting",), limit=100_000)} == set(library.item_ids())
    # What a person asked for again is not lacking afterwards: nothing would find it at the next start.
    _, again = plan_jobs(library, lambda _task: "", Settings(), None, redo=True, should_stop=lambda: True)
    assert again == later
    library.close()


def test_what_was_given_up_stays_so_and_only_that_of_these_items_is_asked_for(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library.sqlite")
    ids, _ = library.add_items(
        [NewItem(Kind.PHOTO, f"/nowhere/{at}", str(at), 1, at, f"{at:032x}") for at in range(1500)]
    )
    _, planned = plan_jobs(library, lambda _task: "", Settings(), None)
    library.cancel_jobs()
    assert library.job_counts().cancelled == planned

    def plan_one() -> None:
        assert plan_jobs(library, lambda _task: "", Settings(), ids[:1])[1] == 0

    assert steps_of(library, plan_one) < 20
    assert plan_jobs(library, lambda _task: "", Settings(), None)[1] == 0
    library.close()


PICTURES = "image-text-embedding"


def seen_again(folder: Path, best: str, arrived: Collection[str] | None, chosen: str = "") -> set[str]:
    """Whose looks are queued again, of photos that these models saw."""
    library = Library.open(folder / "library.sqlite")
    models = ("old", "better", "classes")
    ids, _ = library.add_items([NewItem(Kind.PHOTO, f"/nowhere/{one}", one, 1, 1, f"{one:>32}") for one in models])
    for item_id, model in zip(ids, models, strict=True):
        library.finish_analysis(item_id, "sights", 1, model)
    settings = Settings(chosen_models={PICTURES: chosen} if chosen else {})
    plan_jobs(library, lambda task: best if task == PICTURES else "", settings, None, arrived=arrived)
    queued = {row.item_id for row in library.jobs(("waiting",)) if row.analyser == "sights"}
    library.close()
    return {model for item_id, model in zip(ids, models, strict=True) if item_id in queued}


@pytest.mark.parametrize(
    ("best", "arrived", "again"),
    [
        ("better", {PICTURES}, {"old", "classes"}),
        ("better", {"music-tagging"}, set()),
        ("better", None, set()),
        ("old", {PICTURES}, {"better", "classes"}),
        ("", {PICTURES}, set()),
    ],
)
def test_pictures_are_seen_again_when_a_better_network_comes_and_only_by_it(
    tmp_path: Path, best: str, arrived: Collection[str] | None, again: set[str]
) -> None:
    assert seen_again(tmp_path, best, arrived) == again


def test_what_stands_in_for_a_chosen_model_that_is_gone_does_not_see_its_own_again(tmp_path: Path) -> None:
    assert seen_again(tmp_path, "old", None, chosen="gone") == {"better", "classes"}


def test_what_nobody_looks_for_in_the_new_file_does_not_stay_from_the_old_one(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library.sqlite")
    film = new_item(1, path="/nowhere/film")
    (item_id,), _ = library.add_items([film])
    looked = ("shots", "writing", "sights", "words", "pictures", "music")
    for analyser in looked:
        library.save_findings(item_id, analyser, 9, "", "", chunk(0), is_first_chunk=True)
        library.finish_analysis(item_id, analyser, 9)
    line = library.details(item_id).lines[0]
    library.rewrite_lines([Rewrite(item_id, (line,), (retype(line, "what I wrote"),))], "edit_line")
    settings = Settings(switched_off=("writing",))
    plan_jobs(library, lambda _task: "", settings, [item_id])
    assert {run.analyser for run in library.runs()} == set(looked), "the file is the same"
    library.replace_content(item_id, new_item(2, path="/nowhere/film"))
    library.enqueue([JobRow(item_id, "music", 1)])
    library.cancel_jobs([item_id], ["music"])
    changes, _ = plan_jobs(library, lambda _task: "", settings, [item_id])
    assert {run.analyser for run in library.runs()} == {"shots", "pictures"}, "these are replaced when they are done"
    assert changes.moments == (item_id,)
    assert "what I wrote" in [line.text for line in library.details(item_id).lines]
    library.close()
