"""What does not fit together is found, each kind by its name, and what follows from the rest is made again."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from media_assistant import sentences
from media_assistant.items.tag import TagState
from media_assistant.library import checking
from media_assistant.library.library import Library
from tests.library.make_filled import DATA
from tests.library.making import DOG, chunk, new_item, open_new, overwrite


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = open_new(tmp_path)
    ids, _ = made.add_items([new_item(number) for number in range(6)])
    for item_id in ids:
        made.save_findings(item_id, "sights", 1, "net", "r1", [*chunk(0), *chunk(1)], is_first_chunk=True)
    made.decide_tag(ids[:2], DOG, TagState.ACCEPTED)
    made.remove_items(ids[4:])
    return made


def spoil(library: Library, *statements: str) -> None:
    """As a fault of ours or of the disk would."""
    file = library.file
    library.close()
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def rows(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything but what SQLite notes of its own tables when it is closed."""
    with closing(sqlite3.connect(file)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%'"
        )
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names.fetchall()}


def codes(library: Library) -> dict[str, int]:
    return {problem.code: problem.count for problem in library.find_problems()}


def test_every_library_that_we_make_is_whole(library: Library, tmp_path: Path) -> None:
    assert codes(library) == {}
    library.undo()
    library.mark(1, chunk(0)[0].span, "here")
    assert codes(library) == {}
    library.close()
    shutil.copy(DATA / "library-v1.sqlite", tmp_path / "old.sqlite")
    old = Library.open(tmp_path / "old.sqlite")
    assert codes(old) == {}
    old.close()


@pytest.mark.parametrize(
    ("code", "count", "statements"),
    [
        ("text_index", 1, ["DELETE FROM moment_text WHERE rowid = (SELECT min(rowid) FROM moment_text)"]),
        ("text_index", 1, ["DELETE FROM item_text WHERE rowid = 1"]),
        ("text_index", 1, ["INSERT INTO moment_text (rowid, item_id, said) VALUES (99999, 1, 'ghost')"]),
        ("text_index", 1, ["DELETE FROM moment_text_data WHERE id > 10"]),
        ("orphans", 6, ["DELETE FROM runs WHERE id = 1"]),
        ("orphans", 1, ["INSERT INTO shown (slate_id, \"row\", place, item_id, propensity) VALUES (77, 'new', 0, 1, 0.5)"]),
        ("vectors", 2, ["UPDATE vectors SET item_id = 5 WHERE item_id = 1"]),
        ("jobs", 1, ["INSERT INTO jobs (item_id, analyser, stage, rank) VALUES (5, 'speech', 2, 0)"]),
        ("suggestions", 1, ["INSERT INTO suggested_tags SELECT 5, concept_id, run_id, score FROM suggested_tags LIMIT 1"]),
        ("names", 6, ["UPDATE items SET sort_name = 'x'"]),
        ("facts", 1, ["UPDATE items SET facts = '{\"width\": 640, \"place\": {\"latitude\": 4.5, \"longitude\": 8.5, \"altitude_m\": Infinity}}' WHERE id = 2"]),
        ("facts", 1, ["UPDATE items SET facts = '{\"width\": 640, ' WHERE id = 3"]),
        ("indexes", 1, ["PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET sql = replace(sql, 'journal_by_state ON journal (state, group_id)', 'journal_by_state ON journal (verb, group_id)') WHERE name = 'journal_by_state'"]),
    ],
)  # fmt: skip
def test_what_follows_from_the_rest_is_found_and_made_again(
    library: Library, code: str, count: int, statements: list[str]
) -> None:
    spoil(library, *statements)
    file = library.file
    before = rows(file)
    opened = Library.open(file)
    found = codes(opened)
    assert found.get(code, 0) >= count, found
    reading = Library.open(file, read_only=True)
    if statements != ["DELETE FROM moment_text_data WHERE id > 10"]:
        assert codes(reading) == found, "also without the right to write"
    reading.close()
    opened.close()
    assert rows(file) == before, "a look changes nothing"
    opened = Library.open(file)
    while problems := opened.find_problems():
        assert all(problem.can_be_repaired for problem in problems)
        opened.repair(problems)
    assert {tag.concept.id for tag in opened.details(2).tags} == {DOG.id}
    assert opened.undo(), "the journal goes on"
    opened.close()


def test_what_a_person_said_is_told_and_left_as_it_is(library: Library) -> None:
    spoil(
        library,
        "INSERT INTO decisions (item_id, concept_id, state) VALUES (777, 'dog', 'accepted')",
        'UPDATE journal SET edit = \'{"do": "dance"}\' WHERE id = 1',
    )
    opened = Library.open(library.file)
    problems = opened.find_problems()
    assert {(problem.code, problem.count, problem.can_be_repaired) for problem in problems} == {
        ("orphan_words", 1, False),
        ("journal", 1, False),
    }
    assert not opened.repair(problems)
    assert codes(opened) == {"orphan_words": 1, "journal": 1}
    opened.close()


def test_damage_is_told_as_such(library: Library) -> None:
    library.close()
    overwrite(library.file, "traits")
    opened = Library.open(library.file)
    problems = opened.find_problems()
    assert problems[0].code == "damaged" and not problems[0].can_be_repaired
    opened.close()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_problem_has_its_words(language: str) -> None:
    mended = set(checking._REPAIRS)
    for code in mended | {"damaged", "orphan_words", "journal", "strays"}:
        assert sentences.say(language, f"library.problem.{code}", count=3, n="3")
        assert sentences.say(language, f"library.repair.{code}")
