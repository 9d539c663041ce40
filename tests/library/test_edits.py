"""The journal: every edit can be taken back, across restarts, and no model overwrites a person."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_assistant.errors import Bug
from media_assistant.items.concept import NEVER, Concept, OwnWords
from media_assistant.items.findings import Finding
from media_assistant.items.moment import Sense
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.items.whereabouts import Found
from media_assistant.library import text_index
from media_assistant.library.library import JobRow, Library
from tests.library.making import DOG, OWN, SEA, label, line, new_item, open_new

CONCEPTS = (DOG, SEA, OWN)
SPANS = (TimeSpan(0, 1000), TimeSpan(1000, 2000), TimeSpan(400, 1600))


def filled(folder: Path) -> tuple[Library, list[int]]:
    """Three items with words, labels and a queue."""
    library = open_new(folder)
    ids, _ = library.add_items([new_item(number) for number in range(3)])
    library.enqueue([JobRow(item_id, name, 1) for item_id in ids for name in ("speech", "sights")])
    for item_id in ids:
        heard: list[Finding] = [line(0, 1000, "first line"), line(1000, 2000, "second line")]
        library.save_findings(item_id, "speech", 1, "", "", heard, is_first_chunk=True)
        seen: list[Finding] = [label(DOG, 0.8, WHOLE), label(SEA, 0.5, WHOLE)]
        library.save_findings(item_id, "sights", 1, "net", "", seen, is_first_chunk=True)
    return library, ids


def all_that_is_known(library: Library) -> dict[str, Any]:
    """What a person sees and finds, and the rows behind it; row ids aside, which only rise."""
    with library._database.read() as connection:
        rows = {
            "own words": connection.execute("SELECT * FROM own_concepts ORDER BY 1").fetchall(),
            "quiet": connection.execute("SELECT * FROM quiet_models").fetchall(),
            "decisions": connection.execute("SELECT * FROM decisions ORDER BY 1, 2").fetchall(),
            "tags": connection.execute("SELECT * FROM tags ORDER BY 1, 2").fetchall(),
            "moments": connection.execute(
                "SELECT item_id, span_a, span_b, sense, layer, text, is_covered FROM moments ORDER BY 1, 2, 3, 5, 6"
            ).fetchall(),
            "vectors": connection.execute('SELECT item_id, space, "values" FROM vectors ORDER BY 1').fetchall(),
            "runs": connection.execute("SELECT item_id, analyser, is_stale FROM runs ORDER BY 1, 2").fetchall(),
            "jobs": connection.execute("SELECT item_id, analyser, state, rank FROM jobs ORDER BY 1, 2").fetchall(),
        }
        for word in ("first", "second", "new", "mark", "祖母", "狗", "clip"):
            wanted = text_index.expression(word)
            rows[f"lines of {word}"] = sorted(match.item_id for match in text_index.match(connection, wanted))
            rows[f"items of {word}"] = sorted(item for item, _ in text_index.match_items(connection, wanted))
    return rows | {
        "items": library.items(library.item_ids()),
        "counts": library.tag_counts(),
        "census": library.tag_census(),
        "waiting": library.proposals(),
        "sea": list(library.item_ids(tag="sea")),
    }


some_items = st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True)
edits = st.one_of(
    st.tuples(st.just("decide"), some_items, st.sampled_from(CONCEPTS), st.sampled_from([*TagState, None])),
    st.tuples(st.just("add"), some_items, st.sampled_from(CONCEPTS)),
    st.tuples(st.just("remove_tag"), some_items, st.sampled_from(CONCEPTS)),
    st.tuples(
        st.just("line"), st.integers(0, 2), st.sampled_from(SPANS), st.sampled_from(["new words", "", "first", None])
    ),
    st.tuples(st.just("mark"), st.integers(0, 2), st.sampled_from(SPANS), st.sampled_from(["new note", "", None])),
    st.tuples(st.just("remove"), some_items),
    st.tuples(
        st.just("say"),
        st.sampled_from(CONCEPTS),
        st.builds(
            OwnWords,
            en=st.sampled_from([None, "new name"]),
            aliases=st.sampled_from([None, ("other",)]),
            parents=st.sampled_from([None, (), ("sea",)]),
            colour=st.sampled_from(["", "red"]),
            lowest_score=st.sampled_from([0.0, 0.7, 0.9, NEVER]),
        ),
    ),
    st.tuples(st.just("merge"), st.sampled_from(CONCEPTS), st.sampled_from(CONCEPTS)),
    st.tuples(st.just("delete"), st.sampled_from(CONCEPTS)),
    st.tuples(st.just("quiet"), st.sampled_from(["net", "other"]), st.booleans()),
    st.tuples(st.just("accept all"), st.sampled_from(["", "dog"]), st.sampled_from([0.0, 0.75])),
    st.tuples(st.just("relink"), some_items, st.sampled_from(["near", "far 远"])),
    st.tuples(st.just("use instead"), st.integers(0, 2), st.sampled_from(["near", "far 远"])),
)


def do(library: Library, ids: list[int], edit: tuple[Any, ...]) -> None:
    match edit:
        case ("decide", numbers, concept, state):
            library.decide_tag([ids[n] for n in numbers], concept, state)
        case ("add", numbers, concept):
            library.add_tag([ids[n] for n in numbers], concept)
        case ("remove_tag", numbers, concept):
            library.remove_tag([ids[n] for n in numbers], concept)
        case ("line", number, span, text):
            library.edit_line(ids[number], span, Sense.SAID, text)
        case ("mark", number, span, note):
            library.mark(ids[number], span, note)
        case ("remove", numbers):
            library.remove_items([ids[n] for n in numbers])
        case ("say", concept, words):
            library.change_tags("rename_tag", {concept.id: words}, [concept])
        case ("merge", source, target):
            library.merge_tags(source.id, target.id)
        case ("delete", concept):
            library.delete_tag(concept.id)
        case ("quiet", model, is_quiet):
            library.set_model_quiet(model, is_quiet=is_quiet)
        case ("accept all", concept_id, lowest):
            library.decide_proposals(concept_id, lowest, TagState.ACCEPTED)
        case ("relink", numbers, folder):
            library.relink([Found(ids[n], f"/{folder}/{n}.mp4", 1000 + n, 1) for n in numbers])
        case ("use instead", number, folder):
            library.use_instead(ids[number], new_item(50 + number, path=f"/{folder}/new {number}.mp4"))
        case _:
            raise AssertionError(edit)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(edits, max_size=12), st.integers(0, 12))
def test_undo_all_is_the_start_and_redo_all_is_the_end(done: list[tuple[Any, ...]], restart_at: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library, ids = filled(Path(folder))
        states = [all_that_is_known(library)]
        for edit in done:
            before = len(library.journal(1000))
            do(library, ids, edit)
            if len(library.journal(1000)) > before:
                states.append(all_that_is_known(library))
            else:
                assert all_that_is_known(library) == states[-1]
        for number, expected in enumerate(reversed(states[:-1])):
            if number == restart_at:
                library.close()
                library = Library.open(library.file)
            assert library.undo().journal
            assert all_that_is_known(library) == expected
        assert not library.undo()
        for expected in states[1:]:
            assert library.redo().journal
            assert all_that_is_known(library) == expected
        assert not library.redo()
        library.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("person"), st.sampled_from(CONCEPTS), st.sampled_from([*TagState, None])),
            st.tuples(st.just("model"), st.sampled_from(CONCEPTS), st.floats(0, 1), st.booleans()),
        ),
        max_size=25,
    )
)
def test_no_model_overwrites_a_person(story: list[tuple[Any, ...]]) -> None:
    """Whatever models find, in whatever order: what the person said last of a concept is what holds."""
    with tempfile.TemporaryDirectory() as folder:
        library = open_new(Path(folder))
        (item_id,), _ = library.add_items([new_item(1)])
        said: dict[str, TagState] = {}
        for number, step in enumerate(story):
            concept: Concept = step[1]
            if step[0] == "person":
                library.decide_tag([item_id], concept, step[2])
                if step[2] in (TagState.ACCEPTED, TagState.REJECTED):
                    said[concept.id] = step[2]
                else:
                    said.pop(concept.id, None)
            else:
                found: list[Finding] = [label(concept, step[2], WHOLE)]
                library.save_findings(item_id, "sights", number, "", "", found, None, step[3])
            held = {tag.concept.id: tag.state for tag in library.details(item_id).tags}
            assert {key: state for key, state in held.items() if state is not TagState.SUGGESTED} == said
        library.close()


def test_steps_are_whole_and_named(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    library.add_tag(ids, OWN)
    library.remove_items(ids[:2])
    newest, older = library.journal()
    assert (newest.verb, newest.item_ids, older.verb, older.item_ids) == (
        "remove_items",
        tuple(ids[:2]),
        "add_tag",
        tuple(ids),
    )
    changes = library.undo()
    assert changes.added == tuple(reversed(ids[:2])) and changes.journal
    assert library.journal()[0].is_undone
    library.decide_tag([ids[0]], DOG, TagState.REJECTED)
    assert not library.redo(), "a new edit ends what could be done again"
    assert [entry.verb for entry in library.journal()] == ["reject_tag", "add_tag"]
    library.close()


def test_what_is_brought_in_again_keeps_everything(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    library.add_tag([ids[0]], OWN)
    before = all_that_is_known(library)
    library.remove_items(ids)
    assert not library.find_by_hash("h0") and library.find_by_path("/media/clip 0.mp4") is None
    again, _ = library.add_items([new_item(number) for number in range(3)])
    assert again == ids
    assert all_that_is_known(library) == before
    library.undo()
    library.undo()
    assert {concept.id for concept, _ in library.tag_counts()} == {"dog", "sea"}, "the tag is undone, the items stay"
    assert len(library.item_ids()) == 3
    library.close()


def test_an_edit_and_its_journal_row_are_one(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    with library._database.transaction() as connection:
        connection.execute("DROP TABLE journal")
    before = library.details(ids[0])
    with pytest.raises(Bug, match="journal"):
        library.add_tag([ids[0]], OWN)
    assert library.details(ids[0]) == before
    library.close()


def test_a_mark_is_a_moment_that_is_found_and_hides_nothing(tmp_path: Path) -> None:
    library, (item_id, *_) = filled(tmp_path)
    library.mark(item_id, TimeSpan(400, 1600), "")
    library.mark(item_id, TimeSpan(700, 700), "the lighthouse 灯塔")
    assert [(mark.span, mark.text, mark.source.analyser) for mark in library.details(item_id).marks] == [
        (TimeSpan(400, 1600), "", "person"),
        (TimeSpan(700, 700), "the lighthouse 灯塔", "person"),
    ]
    assert [each.text for each in library.details(item_id).lines] == ["first line", "second line"]
    for words, count in (("lighthouse", 1), ("灯塔", 1), ("marks", 2), ("标记", 2)):
        assert len(library.finding.lines(words)) == count, words
    library.remove_items([item_id])
    assert not library.finding.lines("lighthouse") and not library.finding.lines("标记")
    library.undo()
    assert len(library.finding.lines("标记")) == 2
    library.mark(item_id, TimeSpan(700, 700), None)
    assert not library.finding.lines("lighthouse")
    library.undo()
    assert len(library.finding.lines("lighthouse")) == 1
    assert [entry.verb for entry in library.journal()] == ["unmark", "mark", "mark"]
    library.close()


def test_where_an_item_was_left_off_is_kept_aside_from_the_journal(tmp_path: Path) -> None:
    library, (item_id, other, _) = filled(tmp_path)
    library.keep_position(item_id, 42_000)
    library.keep_position(item_id, 43_000)
    library.keep_position(987_654, 1000)
    assert library.details(item_id).left_off_ms == 43_000
    assert library.positions([item_id, other]) == {item_id: 43_000}
    assert not library.journal()
    library.keep_position(item_id, 0)
    assert library.details(item_id).left_off_ms == 0
    library.close()
