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
from media_assistant.items.moment import Layer
from media_assistant.items.slate import Liking
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.items.teaching import TaughtExample
from media_assistant.items.transcript import Rewrite
from media_assistant.items.whereabouts import Found
from media_assistant.library import text_index
from media_assistant.library.library import JobRow, Library
from tests.library.making import DOG, OWN, SEA, label, line, new_item, open_new
from tests.library.test_lines import edits as line_edits
from tests.library.test_lines import wish

CONCEPTS = (DOG, SEA, OWN)
SPANS = (TimeSpan(0, 1000), TimeSpan(1000, 2000), TimeSpan(400, 1600))
FOLDERS = ("/media", "/near")


def filled(folder: Path) -> tuple[Library, list[int]]:
    """Three items with words, labels and a queue, two folders that are looked after, nothing in the journal."""
    library = open_new(folder)
    ids, _ = library.add_items([new_item(number) for number in range(3)])
    library.enqueue([JobRow(item_id, name, 1) for item_id in ids for name in ("speech", "sights")])
    for item_id in ids:
        heard: list[Finding] = [line(0, 1000, "first line"), line(1000, 2000, "second line")]
        library.save_findings(item_id, "speech", 1, "", "", heard, is_first_chunk=True)
        seen: list[Finding] = [label(DOG, 0.8, WHOLE), label(SEA, 0.5, WHOLE)]
        library.save_findings(item_id, "sights", 1, "net", "", seen, is_first_chunk=True)
    for number, path in enumerate(FOLDERS):
        library.add_root(path, is_watched=bool(number))
    return library, ids


def declared(library: Library) -> dict[str, Any]:
    """The tables that a person's word stands in, whole; row ids aside, which only rise."""
    tables = (
        "decisions",
        "own_concepts",
        "quiet_models",
        "collections",
        "collection_items",
        "roots",
        "spoken_names",
        "ratings",
        "pair_words",
        "likings",
        "taught_tags",
    )
    columns = {
        **dict.fromkeys((*tables, "own_stretches", "items", "positions"), "*"),
        "locations": "item_id, path, shown, size_bytes, modified_ns, missing_since, is_offline",
        "moments": "item_id, span_kind, span_a, span_b, span_c, sense, layer, text, score, language, words, origin",
    }
    with library._database.read() as connection:
        return {
            table: sorted(
                connection.execute(
                    f"SELECT {wanted} FROM {table}" + (" WHERE run_id IS NULL" if table == "moments" else "")
                ).fetchall(),
                key=repr,
            )
            for table, wanted in columns.items()
        } | {"hidden groups": library.refused_groups()}


def all_that_is_known(library: Library) -> dict[str, Any]:
    """What a person sees and finds, and the rows behind it."""
    with library._database.read() as connection:
        rows = {
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
            rows[f"items of {word}"] = sorted(item for item in text_index.match_items(connection, wanted))
    return rows | {
        "declared": declared(library),
        "items": library.items(library.item_ids()),
        "counts": library.tag_counts(),
        "census": library.tag_census(),
        "waiting": library.proposals(),
        "sea": list(library.item_ids(tag="sea")),
        "collections": [(each, *library.collection_items(each.id)) for each in library.collections()],
        "folders": library.roots(),
    }


an_item = st.integers(0, 2)
some_items = st.lists(an_item, min_size=1, max_size=3, unique=True)
a_concept = st.sampled_from(CONCEPTS)
a_collection = st.integers(1, 3)
some_examples = st.lists(st.tuples(an_item, st.sampled_from([WHOLE, *SPANS]), st.booleans()), min_size=1, max_size=3)
of_tags = st.one_of(
    st.tuples(st.just("decide"), some_items, a_concept, st.sampled_from([*TagState, None])),
    st.tuples(st.just("add"), some_items, a_concept),
    st.tuples(st.just("remove_tag"), some_items, a_concept),
    st.tuples(
        st.just("say"),
        a_concept,
        st.builds(
            OwnWords,
            en=st.sampled_from([None, "new name"]),
            aliases=st.sampled_from([None, ("other",)]),
            parents=st.sampled_from([None, (), ("sea",)]),
            colour=st.sampled_from(["", "red"]),
            lowest_score=st.sampled_from([0.0, 0.7, 0.9, NEVER]),
        ),
    ),
    st.tuples(st.just("merge"), a_concept, a_concept),
    st.tuples(st.just("delete tag"), a_concept),
    st.tuples(st.just("quiet"), st.sampled_from(["net", "other"]), st.booleans()),
    st.tuples(st.just("hide group"), some_items),
    st.tuples(st.just("teach"), a_concept, some_examples),
    st.tuples(st.just("forget examples"), a_concept, some_examples),
    st.tuples(st.just("forget teaching"), a_concept),
    st.tuples(st.just("accept all"), st.sampled_from(["", "dog"]), st.sampled_from([0.0, 0.75])),
)
of_words = st.one_of(
    st.tuples(st.just("mark"), an_item, st.sampled_from(SPANS), st.sampled_from(["new note", "", None])),
    st.tuples(st.just("line"), an_item, line_edits),
    st.tuples(st.just("rate"), some_items, st.sampled_from([0, 3, 5, None])),
    st.tuples(
        st.just("liking"),
        some_items,
        st.sampled_from([*Liking]),
        st.sampled_from(["", "2030-01-01T00:00:00+00:00", None]),
    ),
    st.tuples(st.just("part"), some_items),
    st.tuples(st.just("keep"), an_item, some_items),
)
of_files = st.one_of(
    st.tuples(st.just("remove"), some_items),
    st.tuples(st.just("relink"), some_items, st.sampled_from(["near", "far 远"])),
    st.tuples(st.just("use instead"), an_item, st.sampled_from(["near", "far 远"])),
    st.tuples(st.just("watch"), st.sampled_from([*FOLDERS, "/none"]), st.booleans()),
    st.tuples(st.just("unroot"), st.sampled_from(FOLDERS), st.booleans()),
)
of_collections = st.one_of(
    st.tuples(st.just("create"), st.sampled_from(["One", "二"]), st.sampled_from(["", "kind:photo"]), some_items),
    st.tuples(st.just("rename"), a_collection, st.sampled_from(["One", "Another name"])),
    st.tuples(st.just("search"), a_collection, st.sampled_from(["kind:photo", "dog"])),
    st.tuples(st.just("delete"), a_collection),
    st.tuples(st.just("gather"), a_collection, some_items),
    st.tuples(st.just("take"), a_collection, some_items),
    st.tuples(st.just("move"), a_collection, some_items, st.one_of(st.none(), an_item)),
)
edits = st.one_of(of_tags, of_words, of_files, of_collections)
findings = st.one_of(
    st.tuples(st.just("see"), an_item, a_concept, st.sampled_from([0.4, 0.95]), st.sampled_from(["net", "other"])),
    st.tuples(st.just("hear"), an_item, st.sampled_from([0, 300, 1500])),
)


def do(library: Library, ids: list[int], edit: tuple[Any, ...]) -> None:
    match edit:
        case ("decide", numbers, concept, state):
            library.decide_tag([ids[n] for n in numbers], concept, state)
        case ("add", numbers, concept):
            library.add_tag([ids[n] for n in numbers], concept)
        case ("remove_tag", numbers, concept):
            library.remove_tag([ids[n] for n in numbers], concept)
        case ("say", concept, words):
            library.change_tags("rename_tag", {concept.id: words}, [concept])
        case ("merge", source, target):
            library.merge_tags(source.id, target.id)
        case ("delete tag", concept):
            library.delete_tag(concept.id)
        case ("quiet", model, is_quiet):
            library.set_model_quiet(model, is_quiet=is_quiet)
        case ("hide group", numbers):
            library.refuse_group([ids[n] for n in numbers], "a group")
        case ("accept all", concept_id, lowest):
            library.decide_proposals(concept_id, lowest, TagState.ACCEPTED)
        case ("teach", concept, examples):
            library.teach(concept, [TaughtExample(ids[n], span, is_counter) for n, span, is_counter in examples])
        case ("forget examples", concept, examples):
            library.forget_examples(concept.id, [TaughtExample(ids[n], span) for n, span, _ in examples])
        case ("forget teaching", concept):
            library.forget_teaching(concept.id)
        case _:
            do_more(library, ids, edit)


def do_more(library: Library, ids: list[int], edit: tuple[Any, ...]) -> None:
    match edit:
        case ("mark", number, span, note):
            library.mark(ids[number], span, note)
        case ("rate", numbers, stars):
            library.rate([ids[n] for n in numbers], stars)
        case ("liking", numbers, word, until):
            library.say_of_liking([ids[n] for n in numbers], word, until)
        case ("part", numbers):
            library.part_items([ids[n] for n in numbers])
        case ("keep", number, numbers):
            library.keep_item(ids[number], [ids[n] for n in numbers])
        case ("line", _, ("names", names)):
            library.set_names(names)
        case ("line", number, wanted):
            out, put = wish(library.moments(ids[number], Layer.LINE), wanted)
            library.rewrite_lines([Rewrite(ids[number], tuple(out), tuple(put))], "edit_line")
        case ("remove", numbers):
            library.remove_items([ids[n] for n in numbers])
        case ("relink", numbers, folder):
            library.relink([Found(ids[n], f"/{folder}/{n}.mp4", 1000 + n, 1) for n in numbers])
        case ("use instead", number, folder):
            library.use_instead({ids[number]: new_item(50 + number, path=f"/{folder}/new {number}.mp4")})
        case ("watch", path, is_watched):
            library.watch_root(path, is_watched=is_watched)
        case ("unroot", path, with_items):
            library.remove_root(path, with_items=with_items)
        case _:
            gather(library, ids, edit)


def gather(library: Library, ids: list[int], edit: tuple[Any, ...]) -> None:
    match edit:
        case ("create", name, query, numbers):
            library.create_collection(name, query, [] if query else [ids[n] for n in numbers])
        case ("rename", collection, name):
            library.rename_collection(collection, name)
        case ("search", collection, query):
            library.change_search(collection, query)
        case ("delete", collection):
            library.delete_collection(collection)
        case ("gather", collection, numbers):
            library.add_to_collection(collection, [ids[n] for n in numbers])
        case ("take", collection, numbers):
            library.remove_from_collection(collection, [ids[n] for n in numbers])
        case ("move", collection, numbers, before):
            library.move_in_collection(collection, [ids[n] for n in numbers], None if before is None else ids[before])
        case _:
            raise AssertionError(edit)


def happen(library: Library, ids: list[int], event: tuple[Any, ...]) -> None:
    """What a model finds meanwhile."""
    match event:
        case ("see", number, concept, score, model):
            seen: list[Finding] = [label(concept, score, WHOLE)]
            library.save_findings(ids[number], "sights", 2, model, "", seen, is_first_chunk=True)
        case ("hear", number, start_ms):
            heard: list[Finding] = [line(start_ms, start_ms + 900, "first again"), line(2500, 3000, "second again")]
            library.save_findings(ids[number], "speech", 2, "better", "", heard, is_first_chunk=True)
        case _:
            raise AssertionError(event)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(edits, max_size=14), st.integers(0, 14))
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
                assert all_that_is_known(library) == states[-1], edit
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
@given(st.lists(st.one_of(edits, edits, findings), max_size=16), st.integers(0, 16))
def test_what_models_find_meanwhile_stands_in_no_undos_way(story: list[tuple[Any, ...]], restart_at: int) -> None:
    """Runs of models between the edits, and between the undos: what a person declared goes back step by step all the same."""
    with tempfile.TemporaryDirectory() as folder:
        library, ids = filled(Path(folder))
        states = [declared(library)]
        events = [step for step in story if step[0] in ("see", "hear")]
        for step in story:
            steps = len(library.journal(1000))
            if step[0] in ("see", "hear"):
                happen(library, ids, step)
                assert declared(library) == states[-1], "no model says anything in a person's name"
            else:
                do(library, ids, step)
                if len(library.journal(1000)) > steps:
                    states.append(declared(library))
        for number, expected in enumerate(reversed(states[:-1])):
            if number == restart_at:
                library.close()
                library = Library.open(library.file)
            if events:
                happen(library, ids, events[number % len(events)])
            assert library.undo().journal
            assert declared(library) == expected
        for expected in states[1:]:
            assert library.redo().journal
            assert declared(library) == expected
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
    assert library.details(other).left_off_ms == 0
    assert not library.journal()
    library.keep_position(item_id, 0)
    assert library.details(item_id).left_off_ms == 0
    library.close()
