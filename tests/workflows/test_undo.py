"""Every edit of a person can be taken back, by the verbs that window and command line use, and no model overwrites one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_assistant.assistant import Assistant
from media_assistant.errors import UserFixable
from media_assistant.items.findings import Finding
from media_assistant.items.moment import Layer
from media_assistant.items.replacing import Wanted
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.paths import Paths
from media_assistant.settings import Settings
from tests.library.making import DOG, FACTS, OWN, SEA, label, line
from tests.library.test_lines import edits as line_edits
from tests.library.test_lines import wish

CONCEPTS = (DOG, SEA, OWN)
HERE = ("one.txt", "two 二.txt", "three.txt", "lost.txt")
NEW = ("new 🎬.txt", "newer.txt", "again.txt")
DECLARED = {
    "items": "id, kind, title, size_bytes, quick_hash, added_at, removed_at, facts, sort_name, duration_ms, captured_at",
    "locations": "item_id, path, shown, size_bytes, modified_ns, missing_since, is_offline",
    "decisions": "*",
    "own_concepts": "*",
    "quiet_models": "*",
    "collections": "*",
    "collection_items": "*",
    "roots": "*",
    "spoken_names": "*",
    "own_stretches": "*",
    "positions": "*",
    "ratings": "*",
    "pair_words": "*",
    "likings": "*",
    "taught_tags": "*",
    "moments": "item_id, span_kind, span_a, span_b, span_c, sense, layer, text, score, language, words, origin",
}
"""What a person said and brought in: every column but the numbers of rows, which only rise."""


def declared(assistant: Assistant, *, of: set[int]) -> bytes:
    """Those tables as bytes; what was brought in since and taken out again is kept aside, and not told of here."""
    lines = [f"hidden groups {assistant.library.refused_groups()!r}"]
    with assistant.library._database.read() as connection:
        aside = {row[0] for row in connection.execute("SELECT id FROM items WHERE removed_at <> ''")} - of
        for table, columns in DECLARED.items():
            where = " WHERE run_id IS NULL" if table == "moments" else ""
            found = connection.execute(f"SELECT {columns} FROM {table}{where}")
            names = [column[0] for column in found.description]
            own = next((at for at, name in enumerate(names) if name == ("id" if table == "items" else "item_id")), None)
            rows = [row for row in found if own is None or row[own] not in aside]
            lines += sorted(f"{table} {row!r}" for row in rows)
    return "\n".join(lines).encode()


class Home:
    """A person's folders with a library in use, and the assistant on it. Files of a name hold the same each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths = Paths(*(folder / name for name in ("data", "cache", "config", "logs")), folder / "l.sqlite")
        for place, names in (("here", HERE), ("new", NEW)):
            (folder / place).mkdir()
            for name in names:
                (folder / place / name).write_text(f"What {name} says, in words of its own.\n" * 3, "utf-8")
        (folder / "list.m3u8").write_text("here/one.txt\nnew/newer.txt\nhere/one.txt\n", "utf-8")
        self.open()
        self.assistant.import_paths([folder / "here"], analyse=False).result()
        self.ids = sorted(self.library.item_ids())
        for item_id in self.ids:
            heard: list[Finding] = [line(0, 1000, "first line"), line(1000, 2000, "second line")]
            self.library.save_findings(item_id, "speech", 1, "", "", heard, is_first_chunk=True)
            seen: list[Finding] = [label(DOG, 0.8, WHOLE), label(SEA, 0.5, WHOLE)]
            self.library.save_findings(item_id, "sights", 1, "net", "", seen, is_first_chunk=True)
        (folder / "elsewhere").mkdir()
        os.rename(folder / "here" / "lost.txt", folder / "elsewhere" / "found.txt")
        lost = next(item for item in self.library.items(self.ids) if item.title == "lost")
        self.lost = lost.id
        self.library.mark_missing([lost.path])
        with self.library._database.transaction() as connection:
            connection.execute("UPDATE journal SET state = 'dropped'")

    def open(self) -> None:
        self.assistant = Assistant.open(self.paths, Settings(), works=False)
        self.library = self.assistant.library

    def restart(self) -> None:
        self.assistant.close()
        self.open()


@contextmanager
def at_home() -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        try:
            yield home
        finally:
            home.assistant.close()


an_item = st.integers(0, 3)
some_items = st.lists(an_item, min_size=1, max_size=3, unique=True)
a_concept = st.sampled_from(CONCEPTS)
a_collection = st.integers(1, 3)
of_tags = st.one_of(
    st.tuples(st.just("decide"), some_items, a_concept, st.sampled_from([*TagState, None])),
    st.tuples(st.just("tag"), some_items, st.sampled_from(["dog", "Grandmother 祖母"])),
    st.tuples(st.just("untag"), some_items, st.sampled_from(["dog", "Grandmother 祖母"])),
    st.tuples(st.just("new tag"), st.sampled_from(["harbour 港", "dog"]), st.sampled_from(["", "sea"])),
    st.tuples(st.just("rename tag"), a_concept, st.sampled_from(["hound", "dog", "海"])),
    st.tuples(st.just("aliases"), a_concept, st.lists(st.sampled_from(["pup", "wolf"]), unique=True)),
    st.tuples(st.just("under"), a_concept, st.sampled_from(["", "sea", "dog"])),
    st.tuples(st.just("threshold"), a_concept, st.sampled_from([0.0, 0.7, 0.9])),
    st.tuples(st.just("merge"), a_concept, a_concept),
    st.tuples(st.just("delete tag"), a_concept),
    st.tuples(st.just("quiet"), st.sampled_from(["net", "other"]), st.booleans()),
    st.tuples(st.just("hide group"), some_items),
    st.tuples(st.just("accept all"), st.sampled_from(["", "dog"]), st.sampled_from([0.0, 0.75])),
)
of_words = st.one_of(
    st.tuples(st.just("mark"), an_item, st.integers(0, 3), st.sampled_from(["a note", "", None])),
    st.tuples(st.just("line"), an_item, line_edits),
    st.tuples(st.just("replace"), st.sampled_from(["first", "second"]), st.sampled_from(["X", ""])),
    st.tuples(st.just("rate"), some_items, st.sampled_from([0, 3, 5, None])),
)
of_files = st.one_of(
    st.tuples(st.just("import"), st.sampled_from(["new", "new/newer.txt", "list.m3u8", "here"])),
    st.tuples(st.just("remove"), some_items),
    st.tuples(st.just("relink")),
    st.tuples(st.just("use instead"), st.sampled_from(["new/again.txt", "elsewhere/found.txt"])),
    st.tuples(st.just("watch"), st.booleans()),
    st.tuples(st.just("forget folder"), st.booleans()),
)
of_collections = st.one_of(
    st.tuples(st.just("collect"), st.sampled_from(["One", "二"]), some_items),
    st.tuples(st.just("save search"), st.sampled_from(["kind:photo", "dog"])),
    st.tuples(st.just("rename"), a_collection, st.sampled_from(["One", "Another name"])),
    st.tuples(st.just("search for"), a_collection, st.sampled_from(["kind:photo", "dog"])),
    st.tuples(st.just("delete"), a_collection),
    st.tuples(st.just("gather"), a_collection, some_items),
    st.tuples(st.just("take"), a_collection, some_items),
    st.tuples(st.just("move"), a_collection, some_items, st.one_of(st.none(), an_item)),
)
edits = st.one_of(of_tags, of_words, of_files, of_collections)
turns = st.one_of(
    st.tuples(st.just("undo")),
    st.tuples(st.just("redo")),
    st.tuples(st.just("take back"), st.integers(0, 6)),
    st.tuples(st.just("undo to"), st.integers(0, 3)),
    st.tuples(st.just("redo to"), st.integers(0, 3)),
    st.tuples(st.just("restart")),
)
findings = st.one_of(
    st.tuples(st.just("see"), an_item, a_concept, st.sampled_from([0.4, 0.95]), st.sampled_from(["net", "other"])),
    st.tuples(st.just("hear"), an_item, st.sampled_from([0, 300, 1500])),
)


def carry_out(home: Home, step: tuple[Any, ...]) -> None:
    """One step of a story. What is refused in words changes nothing, and is as good a step as any."""
    try:
        future = by_tags(home, step)
        if isinstance(future, Future):
            future.result()
    except UserFixable:
        pass


def by_tags(home: Home, step: tuple[Any, ...]) -> Any:
    tags = home.assistant.tags
    match step:
        case ("new tag", name, parent):
            return tags.create(name, parent_id=parent)
        case ("rename tag", concept, name):
            return tags.rename(concept.id, name, "en")
        case ("aliases", concept, names):
            return tags.set_aliases(concept.id, names)
        case ("under", concept, parent):
            return tags.put_under(concept.id, parent)
        case ("threshold", concept, score):
            return tags.set_lowest_score(concept.id, score)
        case ("merge", source, target):
            return tags.merge(source.id, target.id)
        case ("delete tag", concept):
            return tags.delete(concept.id)
        case ("quiet", model, is_quiet):
            return tags.set_model_quiet(model, is_quiet=is_quiet)
        case ("hide group", numbers):
            return home.assistant._write(lambda: home.library.refuse_group([home.ids[n] for n in numbers], "a group"))
        case ("accept all", concept_id, score):
            return tags.accept_all(concept_id, score)
    return by_collections(home, step)


def by_collections(home: Home, step: tuple[Any, ...]) -> Any:
    collections, ids = home.assistant.collections, home.ids
    match step:
        case ("collect", name, numbers):
            return collections.create(name, [ids[n] for n in numbers])
        case ("save search", query):
            return collections.save_search(query, query)
        case ("rename", collection, name):
            return collections.rename(collection, name)
        case ("search for", collection, query):
            return collections.change_search(collection, query)
        case ("delete", collection):
            return collections.delete(collection)
        case ("gather", collection, numbers):
            return collections.add(collection, [ids[n] for n in numbers])
        case ("take", collection, numbers):
            return collections.remove(collection, [ids[n] for n in numbers])
        case ("move", collection, numbers, before):
            return collections.move(collection, [ids[n] for n in numbers], None if before is None else ids[before])
    return by_person(home, step)


def by_person(home: Home, step: tuple[Any, ...]) -> Any:
    assistant, library, ids = home.assistant, home.library, home.ids
    match step:
        case ("decide", numbers, concept, state):
            return assistant.decide_tag([ids[n] for n in numbers], concept, state)
        case ("tag", numbers, name):
            return assistant.add_tag([ids[n] for n in numbers], name)
        case ("untag", numbers, name):
            return assistant.remove_tag([ids[n] for n in numbers], name)
        case ("mark", number, second, note):
            return assistant._write(lambda: library.mark(ids[number], TimeSpan(second * 500, second * 500 + 700), note))
        case ("rate", numbers, stars):
            return assistant.rate([ids[n] for n in numbers], stars)
        case ("line", _, ("names", names)):
            return assistant.transcripts.set_names(names)
        case ("line", number, wanted):
            out, put = wish(library.moments(ids[number], Layer.LINE), wanted)
            return assistant.transcripts.rewrite(ids[number], out, put)
        case ("replace", text, replacement):
            return assistant.transcripts.replace(Wanted(text), replacement)
        case ("see" | "hear", *_):
            return happen(home, step)
    return by_files(home, step)


def by_files(home: Home, step: tuple[Any, ...]) -> Any:
    assistant, here = home.assistant, str(home.folder / "here")
    match step:
        case ("import", place):
            return assistant.import_paths([home.folder / place], analyse=False)
        case ("remove", numbers):
            return assistant.remove_items([home.ids[n] for n in numbers])
        case ("relink",):
            found = assistant.relinking.look_in_folder(home.folder / "elsewhere").result().found
            return assistant.relinking.relink(found)
        case ("use instead", place):
            return assistant.relinking.use_instead(home.lost, home.folder / place)
        case ("watch", is_watched):
            return assistant.folders.watch(here, is_watched=is_watched)
        case ("forget folder", with_items):
            return assistant.folders.remove(here, with_items=with_items)
    return turn(home, step)


def turn(home: Home, step: tuple[Any, ...]) -> Any:
    assistant = home.assistant
    entries = home.library.journal(50)
    match step:
        case ("undo",):
            return assistant.undo()
        case ("redo",):
            return assistant.redo()
        case ("take back", number):
            standing = [each.group_id for each in entries if not each.is_undone]
            return assistant.take_back(standing[number]) if number < len(standing) else None
        case ("undo to", number):
            standing = [each.group_id for each in entries if not each.is_undone]
            return assistant.undo_to(standing[number]) if number < len(standing) else None
        case ("redo to", number):
            undone = [each.group_id for each in reversed(entries) if each.is_undone]
            return assistant.redo_to(undone[number]) if number < len(undone) else None
        case ("restart",):
            return home.restart()
    raise AssertionError(step)


def happen(home: Home, step: tuple[Any, ...]) -> None:
    """What a model finds meanwhile."""
    match step:
        case ("see", number, concept, score, model):
            seen: list[Finding] = [label(concept, score, WHOLE)]
            home.library.save_findings(home.ids[number], "sights", 2, model, "", seen, is_first_chunk=True)
        case ("hear", number, start_ms):
            heard: list[Finding] = [line(start_ms, start_ms + 900, "first again"), line(2500, 3000, "second again")]
            home.library.save_findings(home.ids[number], "speech", 2, "better", "", heard, is_first_chunk=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(edits, edits, turns, findings), max_size=16), st.integers(0, 16))
def test_promise_9_random_edits_undone_leave_the_declared_tables_byte_for_byte(
    story: list[tuple[Any, ...]], restart_at: int
) -> None:
    """Edits of every kind, undone and done again in between, steps taken back alone, restarts, models at work: in the end
    all of it undone is the start, and done again it is the end.
    """
    with at_home() as home:
        known = set(home.ids)
        before = declared(home.assistant, of=known)
        for step in story:
            carry_out(home, step)
        after = declared(home.assistant, of=known)
        home.library.tag_counts()
        with home.library._database.read() as connection:
            gone = "SELECT concept_id FROM own_concepts WHERE merged_into IS NOT NULL"
            asked = f"SELECT count(*) FROM decisions WHERE concept_id IN ({gone})"
            assert connection.execute(asked).fetchone() == (0,), "nothing is said of a tag that became another one"
        standing = sum(not each.is_undone for each in home.library.journal(1000))
        undone = 0
        while home.assistant.undo().result():
            undone += 1
            if undone == restart_at:
                home.restart()
        assert undone == standing
        assert declared(home.assistant, of=known) == before
        for _ in range(standing):
            assert home.assistant.redo().result().journal
        assert declared(home.assistant, of=known) == after


def said_of(home: Home) -> dict[str, Any]:
    """What stands in the person's name, as everybody reads it: tags said yes or no to, own lines, marks, names, folders."""
    library = home.library
    found: dict[str, Any] = {"names": library.spoken_names(), "quiet": library.quiet_models()}
    for item in library.items(home.ids):
        details = library.details(item.id)
        own = [each for each in details.lines if each.source.analyser == "person"]
        found[f"tags of {item.id}"] = {
            tag.concept: tag.state for tag in details.tags if tag.state is not TagState.SUGGESTED
        }
        found[f"lines of {item.id}"] = sorted((each.span, each.text, each.words, each.language) for each in own)
        found[f"marks of {item.id}"] = [(each.span, each.text) for each in details.marks]
        found[f"title of {item.id}"] = item.title
    return found


analyses = st.one_of(
    findings,
    st.tuples(st.just("finish"), an_item, st.sampled_from(["sights", "speech"])),
    st.tuples(st.just("probe"), an_item),
    st.tuples(st.just("fail"), an_item, st.sampled_from(["sights", "speech"])),
)


def analyse(home: Home, step: tuple[Any, ...]) -> None:
    """What comes out of a worker: findings, their end, what a probe learned, or a failure."""
    match step:
        case ("finish", number, analyser):
            home.library.finish_analysis(home.ids[number], analyser, 3, "newest", "r9")
        case ("probe", number):
            home.library.set_facts(home.ids[number], FACTS)
        case ("fail", number, analyser):
            home.library.fail_analysis(home.ids[number], analyser, Sentence("error.media.damaged", {"name": "x"}))
        case _:
            happen(home, step)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(of_tags, of_words, turns, analyses, analyses), max_size=20))
def test_promise_14_whatever_models_find_a_persons_word_stands(story: list[tuple[Any, ...]]) -> None:
    """A person's edits and what models find, in any order and across restarts: no model's run changes what is declared,
    nor what anybody reads in the person's name; and no found line stands where the person has the word.
    """
    models = {"see", "hear", "finish", "probe", "fail"}
    with at_home() as home:
        known = set(home.ids)
        for step in story:
            if step[0] not in models:
                carry_out(home, step)
                continue
            before, said = persons_tables(home, known), said_of(home)
            analyse(home, step)
            assert persons_tables(home, known) == before
            assert said_of(home) == said
        for item_id in home.ids:
            refused = {t.concept.id for t in home.library.details(item_id).tags if t.state is TagState.REJECTED}
            waiting = {p.concept.id for p in home.library.proposals() if p.item_id == item_id}
            assert not refused & waiting


def persons_tables(home: Home, known: set[int]) -> bytes:
    """`declared` without the items' own rows, whose facts a probe may learn."""
    lines = declared(home.assistant, of=known).splitlines()
    return b"\n".join(each for each in lines if not each.startswith(b"items "))
