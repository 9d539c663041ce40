"""Findings: replaced run by run, saved chunk by chunk, and never lost or doubled by a kill."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from media_assistant.items.concept import Concept
from media_assistant.items.findings import Checkpoint, Finding
from media_assistant.items.moment import Layer, Sense
from media_assistant.items.naming import ConceptNames
from media_assistant.items.query_tree import Has
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.items.transcript import Rewrite, retype
from media_assistant.library import concept_names, finding_store, text_index
from media_assistant.library.library import Library
from tests.library.making import DOG, OWN, SEA, checkpoint, chunk, label, line, new_item, open_new, steps_of


def words_found(library: Library, text: str) -> list[int]:
    with library._database.read() as connection:
        return [match.item_id for match in text_index.match(connection, text_index.expression(text))]


def vector_count(library: Library) -> int:
    with library._database.read() as connection:
        return int(connection.execute("SELECT count(*) FROM vectors").fetchone()[0])


def test_findings_come_back_as_they_went_in(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1)])
    changes = library.save_findings(item_id, "sights", 3, "net", "r1", chunk(0), is_first_chunk=True)
    assert changes.moments == (item_id,)
    library.finish_analysis(item_id, "sights", 3, "net", "r1", 1.5)
    details = library.details(item_id)
    said, seen = chunk(0)[:2]
    assert [(m.span, m.text, m.words, m.language) for m in details.lines] == [
        (said.span, said.text, said.words, "en")  # type: ignore[union-attr]
    ]
    assert [(m.concept, m.box, m.score) for m in details.labels] == [
        (seen.concept, seen.box, seen.score)  # type: ignore[union-attr]
    ]
    assert details.labels[0].source.model == "net"
    assert details.traits == {"trait_0": [1.5, 0.0]}
    (tag,) = details.tags
    assert (tag.concept, tag.state, tag.score, tag.evidence) == (DOG, TagState.SUGGESTED, 0.5, details.labels)
    assert [concept for concept, _ in library.tag_counts()] == [DOG]
    assert list(library.item_ids(tag="dog")) == [item_id]
    library.close()


def test_a_new_run_replaces_the_old_one_and_no_other(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1)])
    library.save_findings(item_id, "sights", 1, "a", "", [*chunk(0), label(SEA, 0.9, WHOLE)], is_first_chunk=True)
    library.save_findings(item_id, "sounds", 1, "b", "", [label(SEA, 0.4, WHOLE)], is_first_chunk=True)
    library.finish_analysis(item_id, "sights", 1)
    library.save_findings(item_id, "sights", 2, "a", "", [line(0, 5, "other words")], is_first_chunk=True)
    assert not words_found(library, "sentence")
    assert words_found(library, "other") == [item_id]
    assert vector_count(library) == 0
    (tag,) = library.details(item_id).tags
    assert (tag.concept, tag.score, tag.source.analyser) == (SEA, 0.4, "sounds")
    assert library.details(item_id).traits == {}
    library.close()


def test_a_run_that_finds_nothing_clears_what_stood(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1)])
    library.save_findings(item_id, "sights", 1, "", "", chunk(0), is_first_chunk=True)
    library.finish_analysis(item_id, "sights", 1)
    library.finish_analysis(item_id, "sights", 2)
    run = library.run(item_id, "sights")
    assert run is not None and (run.version, run.is_complete) == (2, True)
    assert not library.moments(item_id) and not words_found(library, "sentence") and not library.details(item_id).tags
    library.close()


def test_an_interrupted_run_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1)])
    library.save_findings(item_id, "speech", 1, "", "", chunk(0), is_first_chunk=True)
    library.save_findings(item_id, "speech", 1, "", "", chunk(1))
    assert checkpoint(library, item_id, "speech") == 2000 and not checkpoint(library, item_id, "shots")
    library.checkpoint(item_id, "speech", 3000)
    assert checkpoint(library, item_id, "speech") == 3000
    library.finish_analysis(item_id, "speech", 1)
    assert checkpoint(library, item_id, "speech") == 0
    assert len(library.details(item_id).lines) == 2
    library.close()


def test_findings_for_an_item_that_left_are_dropped(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1)])
    library.remove_items([item_id])
    assert not library.save_findings(item_id, "speech", 1, "", "", chunk(0), is_first_chunk=True)
    assert not library.save_findings(77, "speech", 1, "", "", chunk(0), is_first_chunk=True)
    assert not library.finish_analysis(item_id, "speech", 1)
    library.close()


def test_half_a_chunk_is_none(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1)])
    library.save_findings(item_id, "speech", 1, "", "", chunk(0), is_first_chunk=True)
    broken: list[Finding] = [*chunk(1)[:-1], label(DOG, "no number", WHOLE), Checkpoint(9)]  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="could not convert"):
        library.save_findings(item_id, "speech", 1, "", "", broken)
    assert checkpoint(library, item_id, "speech") == 1000
    assert len(library.moments(item_id)) == 2
    library.close()


def test_odd_text_is_kept(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1)])
    texts = ["nul \0 in it", "lone \udcff surrogate", "看小狗 🐕", "x" * 100_000]
    found: list[Finding] = [line(n, n + 1, text) for n, text in enumerate(texts)]
    library.save_findings(item_id, "speech", 1, "", "", found, is_first_chunk=True)
    kept = [moment.text for moment in library.details(item_id).lines]
    assert kept[2:] == texts[2:] and "\ufffd" in kept[1]
    assert words_found(library, "小狗") == [item_id]
    library.close()


_WRITER = """
import sys
from pathlib import Path
from tests.library.making import checkpoint, chunk
from media_assistant.library.library import Library
library = Library.open(Path(sys.argv[1]))
library.requeue_running()
item_id = int(sys.argv[2])
start = checkpoint(library, item_id, "speech") // 1000
for number in range(start, int(sys.argv[3])):
    sys.stdin.readline()  # never far ahead of whoever reads
    library.save_findings(item_id, "speech", 1, "m", "r", chunk(number), None, number == 0)
    print(number, flush=True)
library.finish_analysis(item_id, "speech", 1, "m", "r")
library.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="uses SIGKILL")
def test_kill_9_neither_loses_nor_doubles_a_chunk(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    draw = random.Random(seed)
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1)])
    library.close()
    total, confirmed, rounds = 600, -1, 0
    root = Path(__file__).resolve().parents[2]
    while True:
        command = [sys.executable, "-c", _WRITER, str(library.file), str(item_id), str(total)]
        writer = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root, text=True, bufsize=1
        )
        assert writer.stdin is not None and writer.stdout is not None
        writer.stdin.write("\n" * 20)
        kill_after = draw.randrange(1, 120)
        for number, said in enumerate(writer.stdout):
            confirmed = int(said)
            with suppress(BrokenPipeError):
                writer.stdin.write("\n")
            if rounds < 6 and number >= kill_after:
                time.sleep(draw.random() * 0.003)
                writer.send_signal(signal.SIGKILL)
                break
        confirmed = max([confirmed, *map(int, writer.stdout.read().split())])
        status = writer.wait()
        writer.stdout.close()
        with suppress(BrokenPipeError):
            writer.stdin.close()
        rounds += 1
        after = Library.open(library.file)
        lines = [moment.text for moment in after.moments(item_id, Layer.LINE)]
        assert lines == [f"sentence {n}" for n in range(len(lines))], "none is missing, none is there twice"
        assert len(lines) >= confirmed + 1, "what was confirmed is kept"
        run = after.run(item_id, "speech")
        assert run is not None and run.checkpoint_ms == 1000 * len(lines) and vector_count(after) == len(lines)
        assert len(words_found(after, "sentence")) == len(lines)
        after.close()
        if status == 0:
            break
    assert rounds >= 3 and len(lines) == total


def test_a_persons_line_stands_in_place_of_what_was_heard(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1)])
    heard: list[Finding] = [line(0, 1000, "helo wurld"), line(1000, 2000, "second")]
    library.save_findings(item_id, "speech", 1, "", "", heard, is_first_chunk=True)
    first = library.details(item_id).lines[0]
    library.rewrite_lines([Rewrite(item_id, (first,), (retype(first, "hello world"),))], "edit_line")

    def lines() -> list[str]:
        return [moment.text for moment in library.details(item_id).lines]

    assert lines() == ["hello world", "second"]
    assert words_found(library, "world") == [item_id] and not words_found(library, "wurld")
    # A better recogniser cuts the sentences elsewhere.
    again: list[Finding] = [line(40, 960, "hallo word"), line(960, 2000, "the second")]
    library.save_findings(item_id, "speech", 2, "", "", again, is_first_chunk=True)
    assert lines() == ["hello world", "the second"]
    library.rewrite_lines([Rewrite(item_id, library.details(item_id).lines[1:], ())], "delete_lines")
    assert lines() == ["hello world"] and not words_found(library, "second")
    library.undo()
    library.undo()
    assert lines() == ["hallo word", "the second"]
    assert words_found(library, "hallo") == [item_id]
    library.close()


def test_a_search_while_texts_are_read_takes_their_new_words_in_and_no_name_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1)])

    def read(number: int) -> Concept:
        word = Concept(f"word:tide {number}", f"Tide {number}")
        library.save_findings(item_id, "words", 1, "", "", [label(word, 0.5, WHOLE)], is_first_chunk=not number)
        return word

    read(0)
    loaded: list[int] = []

    def load_names(connection: sqlite3.Connection, vocabulary: Sequence[Concept]) -> ConceptNames:
        loaded.append(len(vocabulary))
        return concept_names.load_names(connection, vocabulary)

    monkeypatch.setattr(finding_store, "load_names", load_names)
    names = library.finding.names([SEA])
    word = read(1)
    assert library.finding.names([SEA]).named("tide 1") == {word.id: 1.0}
    assert not names.named("tide 1")
    assert library.finding.names().named("tide 0").keys() == {"word:tide 0"}, "asked without the vocabulary as well"
    word = read(2)
    assert library.finding.names([SEA]).named("Tide 2") == library.finding.names().named("Tide 2") == {word.id: 1.0}
    assert loaded == [1, 0]
    # What a person says of tags is there at once, also of such a word.
    library.add_tag([item_id], OWN)
    library.merge_tags("word:tide 2", OWN.id)
    names = library.finding.names([SEA])
    assert names.named("tide 2").keys() == names.named("祖母").keys() == {OWN.id}
    read(3)
    assert library.finding.names([SEA]).named("tide 2").keys() == {OWN.id}
    library.close()


def test_what_items_have_is_found_without_reading_all_moments_and_labels_without_all_items(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    ids, _ = library.add_items([new_item(number) for number in range(6)])
    labels = [label(DOG, 0.5, TimeSpan(at, at + 1)) for at in range(4000)]
    library.save_findings(ids[0], "sights", 1, "", "", labels, is_first_chunk=True)
    library.save_findings(ids[1], "speech", 1, "", "", [line(0, 1, "said")], is_first_chunk=True)
    written = replace(line(0, 1, "written"), sense=Sense.WRITTEN)
    library.save_findings(ids[2], "writing", 1, "", "", [written], is_first_chunk=True)
    library.save_findings(ids[3], "subtitles", 1, "", "", [line(0, 1, "subtitle")], is_first_chunk=True)
    library.mark(ids[4], TimeSpan(3, 3), "")
    heard = library.moments(ids[3], Layer.LINE)[0]
    library.rewrite_lines([Rewrite(ids[3], (heard,), ())], "delete_line")
    expected = {"transcript": {ids[1]}, "text": {ids[2]}, "subtitles": {ids[3]}, "marks": {ids[4]}}
    for what, items in expected.items():
        assert library.finding.fitting(Has(what)) == items, what
        library.save_findings(ids[5], "shots", 1, "", "", [], is_first_chunk=True)  # or it would know the answer still
        assert steps_of(library, lambda what=what: library.finding.fitting(Has(what))) < 10, what
    library.remove_items(ids[2:5])
    assert not any(library.finding.fitting(Has(what)) for what in ("text", "subtitles", "marks"))
    library.add_items([new_item(number) for number in range(10, 1200)])
    assert steps_of(library, lambda: library.finding.labelled(["dog"])) < 10
    assert [row[0] for row in library.finding.labelled(["dog"])] == [ids[0]]
    library.remove_items(ids[:1])
    assert not library.finding.labelled(["dog"])
    library.close()
