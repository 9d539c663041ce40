"""One step of many taken back alone: when that is possible, what stands in its way, and that it is a step like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_assistant.errors import UserFixable
from media_assistant.items.concept import OwnWords
from media_assistant.items.findings import Finding
from media_assistant.items.history import Page, Step, Understood, Who
from media_assistant.items.moment import Layer
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.items.transcript import Rewrite, retype
from media_assistant.library.library import Library, OpenStep
from tests.library.making import DOG, OWN, SEA, line, new_item, open_new


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = open_new(tmp_path)
    ids, _ = made.add_items([new_item(number) for number in range(3)])
    heard: list[Finding] = [line(1000 * n, 1000 * n + 1000, f"sentence {n}") for n in range(4)]
    made.save_findings(ids[0], "speech", 1, "net", "", heard, is_first_chunk=True)
    return made


def correct(library: Library, number: int, text: str) -> int:
    said = next(
        each for each in library.moments(1, Layer.LINE) if each.span == TimeSpan(1000 * number, 1000 * number + 1000)
    )
    return library.rewrite_lines([Rewrite(1, (said,), (retype(said, text),))], "edit_line").step


def shown(library: Library) -> list[str]:
    return [each.text for each in library.details(1).lines]


def test_a_line_is_taken_back_between_others(library: Library) -> None:
    first, second, third = (correct(library, number, f"corrected {number}") for number in range(3))
    again = correct(library, 1, "corrected 1 again")
    with pytest.raises(UserFixable) as fault:
        library.take_back(second)
    assert (fault.value.code, fault.value.parameters["step"]) == ("library.step_built_on", again)
    assert library.what_stands_on(second) == library.step(again)
    assert library.what_stands_on(first) is None, "the lines beside it are others"
    assert library.take_back(first).moments == (1,)
    assert shown(library) == ["sentence 0", "corrected 1 again", "corrected 2", "sentence 3"]
    with pytest.raises(UserFixable, match="step_taken_back"):
        library.take_back(first)
    assert library.step(first).taken_back_by == library.journal()[0].group_id  # type: ignore[union-attr]
    library.undo()
    assert shown(library)[0] == "corrected 0"
    assert library.step(first).taken_back_by == 0  # type: ignore[union-attr]
    library.take_back(again)
    library.take_back(second)
    assert shown(library) == ["corrected 0", "sentence 1", "corrected 2", "sentence 3"], (
        "what was taken back is in no way"
    )
    while library.undo():
        pass
    assert shown(library) == [f"sentence {n}" for n in range(4)]
    library.close()
    del third


def test_what_builds_on_what(library: Library) -> None:
    tagged = library.add_tag([1, 2], DOG).step
    other = library.add_tag([1, 3], SEA).step
    made, changes = library.create_collection("Mine", item_ids=[1, 2, 3])
    renamed = library.rename_collection(made, "Ours").step
    moved = library.move_in_collection(made, [3], 1).step
    named = library.set_names(["Ann"]).step
    hidden = library.refuse_group([1, 2], "dog").step
    assert library.refuse_group([2, 3], "sea").step and not library.refuse_group([1, 2], "dog")
    steps = tagged, other, renamed, moved, named, hidden
    assert [library.what_stands_on(step) for step in steps] == [None] * 6
    assert library.step(hidden).subject == "dog"  # type: ignore[union-attr]
    assert library.what_stands_on(changes.step).number == renamed  # type: ignore[union-attr]
    refused = library.decide_tag([2], DOG, TagState.REJECTED).step
    assert library.what_stands_on(tagged).number == refused  # type: ignore[union-attr]
    gone = library.remove_items([3]).step
    assert library.what_stands_on(other).number == gone  # type: ignore[union-attr]
    library.take_back(renamed)
    assert library.collection(made).name == "Mine"  # type: ignore[union-attr]
    assert list(library.collection_items(made)) == [1, 2], "the order stands, and what left is not shown"
    library.undo_to(refused)
    assert list(library.collection_items(made)) == [3, 1, 2]
    assert library.collection(made).name == "Ours"  # type: ignore[union-attr]
    library.redo_to(gone)
    assert library.item(3) is None
    with pytest.raises(UserFixable, match="step_gone"):
        library.take_back(999)
    library.close()


def test_what_was_said_of_a_tag_waits_for_the_merge_that_came_after_it(library: Library) -> None:
    library.add_tag([1, 2], OWN)
    library.add_tag([3], SEA)
    off = library.remove_tag([1], OWN).step
    renamed = library.change_tags("rename_tag", {SEA.id: OwnWords(en="ocean")}).step
    assert library.what_stands_on(off) is None
    merged = library.merge_tags(OWN.id, SEA.id).step
    assert library.what_stands_on(off) == library.step(merged), "it says nothing of item 1"
    assert library.what_stands_on(renamed) == library.step(merged)
    with pytest.raises(UserFixable, match="step_built_on"):
        library.take_back(off)
    assert {concept.id: count for concept, count in library.tag_counts()} == {SEA.id: 2}
    library.add_tag([1], SEA)
    library.take_back(merged)
    library.take_back(off)
    assert {concept.id: count for concept, count in library.tag_counts()} == {OWN.id: 2, SEA.id: 2}
    library.close()


def test_a_word_on_a_tag_that_is_gone_hinders_no_list(library: Library) -> None:
    """As an older version wrote it, when it took a step back alone that came before a merge."""
    library.add_tag([1, 2], OWN)
    library.add_tag([3], SEA)
    library.merge_tags(OWN.id, SEA.id)
    with library._database.transaction() as connection:
        connection.execute("INSERT INTO decisions (item_id, concept_id, state) VALUES (1, ?, 'accepted')", (OWN.id,))
    assert [(concept.id, count) for concept, count in library.tag_counts()] == [(SEA.id, 3)]
    assert [(concept.id, *counts) for concept, *counts in library.tag_states([1, 2, 3])] == [(SEA.id, 3, 0)]
    assert [entry.concept.id for entry in library.tag_census()] == [SEA.id]
    library.close()


def test_what_is_brought_in_is_one_step_with_all_that_came_of_it(library: Library) -> None:
    step = OpenStep("import")
    library.add_root("/media/new", into=step)
    first, changes = library.add_items([new_item(10), new_item(11)], step)
    library.add_tag([1], OWN)
    second, _ = library.add_items([new_item(12)], step)
    library.create_collection("List", item_ids=[*first, *first], into=step)
    assert changes.journal and changes.step == step.step
    found = library.step(step.step)
    assert found is not None and (found.verb, found.item_count, found.item_ids[:2]) == ("import", 3, tuple(first))
    assert [entry.verb for entry in library.journal()] == ["add_tag", "import"]
    library.take_back(step.step)
    assert library.items([*first, *second]) == [] and not library.root_paths() and not library.collections()
    library.undo()
    assert len(library.items([*first, *second])) == 3
    assert list(library.collection_items(library.collections()[0].id)) == [*first, *first]
    library.undo_to(step.step)
    late, _ = library.add_items([new_item(13)], step)
    assert (late, step.is_over) == ([], True), "nothing more comes in once it was undone"
    assert len(library.item_ids()) == 3
    library.close()


def test_history_page_by_page_with_what_models_finished(library: Library) -> None:
    for number in range(25):
        library.mark(1, TimeSpan(number, number), f"mark {number}")
        if number % 5 == 0:
            library.finish_analysis(2, f"analyser {number}", 1, "net" if number else "", "r")
    page, entries = Page(Who.EVERYBODY, size=7), []
    while not page.is_last:
        page = library.history(page)
        entries += page.entries
    assert [e.number for e in entries if isinstance(e, Step)] == list(range(25, 0, -1))
    assert [e.analyser for e in entries if isinstance(e, Understood)] == [f"analyser {n}" for n in (20, 15, 10, 5, 0)]
    assert [each.at for each in entries] == sorted((each.at for each in entries), reverse=True)
    assert {e.model for e in entries if isinstance(e, Understood)} == {"net", ""}
    assert len(library.history(Page(Who.PERSON, "clip 0")).entries) == 25
    assert library.history(Page(Who.PERSON, "100%_!")).entries == ()
    assert len(library.history(Page(Who.MODELS, "clip 1")).entries) == 5
    library.close()
