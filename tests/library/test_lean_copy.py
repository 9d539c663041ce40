"""What a backup holds, and the library that comes of it: nothing lost that cannot be made again, nothing redone in vain."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from media_assistant.errors import UserFixable
from media_assistant.items.findings import Fingerprint, Vector
from media_assistant.items.happening import Happening, Verb
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.library import backup, lean_copy
from media_assistant.library.checking import find_problems
from media_assistant.library.export.export_records import DECLARED, FOUND
from media_assistant.library.library import JobRow, Library
from media_assistant.library.putting_back import put_back
from media_assistant.library.schema import migrations
from tests.library.make_filled import DATA
from tests.library.making import DOG, OWN, SEA, chunk, label, line, new_item, open_new, overwrite, restored


def everything(file: Path) -> dict[str, list[Any]]:
    """Every row of every table but those of SQLite's own and of the text index, which is asked for what it holds."""
    found: dict[str, list[Any]] = {}
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for _, name, kind, *_ in connection.execute("PRAGMA main.table_list").fetchall():
            if (kind == "table" and not name.startswith("sqlite_schema")) or kind == "virtual":
                rows = connection.execute(f"SELECT {'rowid, ' * (kind == 'virtual')}* FROM {name}").fetchall()
                found[name] = sorted(rows, key=repr)
    return found


def shape(file: Path) -> set[tuple[str, str, str]]:
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE name <> 'sqlite_stat1'").fetchall()
        marks = [connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("application_id", "user_version")]
        return {*rows, ("marks", "", repr(marks))}


def full(folder: Path, count: int = 12) -> Library:
    """Items with findings of every kind, edits, some removed, one in the middle of its analysis."""
    library = open_new(folder)
    ids, _ = library.add_items([new_item(number) for number in range(count)])
    library.enqueue([JobRow(item_id, name, 1) for item_id in ids for name in ("sights", "speech")])
    for item_id in ids:
        for analyser, number in (("sights", 0), ("speech", 1)):
            found = [*chunk(number), label(SEA, 0.4, TimeSpan(0, 10)), Vector("other", WHOLE, bytes(range(8)))]
            library.save_findings(item_id, analyser, 1, "net", "r1", found, is_first_chunk=True)
            if (item_id, analyser) != (3, "speech"):
                library.finish_analysis(item_id, analyser, 1, "net", "r1")
    library.decide_tag(ids[:5], DOG, TagState.ACCEPTED)
    library.add_tag(ids[5:], OWN)
    library.remove_items(ids[:2])
    library.undo()
    library.remove_items(ids[4:6])
    return library


def test_a_backup_holds_what_is_exported_and_nothing_that_can_be_made_again(tmp_path: Path) -> None:
    library = full(tmp_path)
    made = library.backup()
    library.close()
    with closing(sqlite3.connect(made)) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        kinds = {row[0] for row in connection.execute("SELECT type FROM sqlite_schema WHERE sql IS NOT NULL")}
    exported = {record.table for record in (*DECLARED, *FOUND)}
    assert names == exported | {"migrations", "sqlite_sequence", *lean_copy.OF_BACKUP}
    assert kinds == {"table"}, "no index, no view"
    kept, whole = everything(made), everything(library.file)
    for table in exported | {"migrations", "sqlite_sequence"}:
        assert kept[table] == whole[table] and (whole[table] or table not in ("moments", "runs", "decisions")), table


def test_promise_4_a_restored_library_is_the_same_to_the_last_vector(tmp_path: Path) -> None:
    """Where the library that is replaced still has the vectors, there is nothing to do again."""
    library = full(tmp_path)
    library.close()
    shutil.copy(library.file, tmp_path / "before.sqlite")
    library = Library.open(library.file)
    made = library.backup()
    library.remove_items(list(library.item_ids()))
    library.undo()
    library.undo()
    library.add_items([new_item(200)])
    library.close()
    put_back(made, library.file)
    before, after = everything(tmp_path / "before.sqlite"), everything(library.file)
    assert set(before) - {"sqlite_stat1"} == set(after) - {"sqlite_stat1"}
    assert shape(tmp_path / "before.sqlite") == shape(library.file)
    for table, rows in before.items():
        if table in ("vectors", "vectors_aside", "fingerprints"):  # by other ids
            assert sorted(row[1:] for row in after[table]) == sorted(row[1:] for row in rows) and rows, table
        elif table not in ("sqlite_sequence", "sqlite_stat1"):
            assert after[table] == rows, table
    with closing(sqlite3.connect(library.file)) as connection:
        assert find_problems(connection) == []


def test_what_is_another_content_or_another_model_now_gets_its_vectors_anew(tmp_path: Path) -> None:
    library = full(tmp_path)
    made = library.backup()
    for item_id, revision in ((8, "r2"), (9, "r1")):
        library.save_findings(item_id, "sights", 1, "net", revision, chunk(7), is_first_chunk=True)
        if item_id == 8:
            library.finish_analysis(item_id, "sights", 1, "net", revision)
    library.replace_content(10, new_item(77, path="/media/clip 9.mp4"))
    library.close()
    put_back(made, library.file)
    opened = Library.open(library.file)
    lacking = {(run.item_id, run.analyser) for run in opened.runs() if run.lacks_vectors}
    assert lacking == {(8, "sights"), (9, "sights"), (10, "sights"), (10, "speech")}
    assert not any(run.is_stale for run in opened.runs())
    waiting = {(row.item_id, row.analyser) for row in opened.jobs(["waiting"])}
    assert waiting == {*lacking, (3, "speech")}, "their jobs were done; now they wait"
    # What is made anew is the vectors alone.
    moments, traits = opened.moments(8), opened.details(8).traits
    opened.save_vectors(8, "sights", [*chunk(4), Vector("space", WHOLE, bytes(16))])
    assert (opened.moments(8), opened.details(8).traits) == (moments, traits)
    assert not next(run for run in opened.runs([8]) if run.analyser == "sights").lacks_vectors
    assert opened.finding.vectors.count("space") == 2 * 10 - 4 + 2
    opened.save_vectors(8, "sights", [Vector("space", WHOLE, bytes(16))])
    assert opened.finding.vectors.count("space") == 2 * 10 - 4 + 2, "late ones are not added twice"
    opened.use_instead({9: new_item(88, path="/media/another 8.mp4")})
    assert all(run.is_stale for run in opened.runs([9]))
    opened.undo()
    lacking = {run.analyser: run.lacks_vectors for run in opened.runs([9]) if not run.is_stale}
    assert lacking["sights"] and len(lacking) == 2, "what was lacking is lacking still"
    opened.close()


def test_of_contents_that_agree_at_head_middle_and_tail_each_gets_its_own_back(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    one = new_item(1)
    ids, _ = library.add_items([one, replace(one, path="/media/other.mp4")])
    library.set_recording(is_recording=True)
    for item_id in ids:
        findings = [Vector("space", WHOLE, bytes([item_id] * 16)), Fingerprint("a-form", 0, bytes([item_id] * 4))]
        library.save_findings(item_id, "sights", 1, "net", "r1", findings, is_first_chunk=True)
        library.finish_analysis(item_id, "sights", 1, "net", "r1")
        library.note_happening(Happening(Verb.PLAYED, item_id))
    made = library.backup()
    library.close()
    put_back(made, library.file)
    with closing(sqlite3.connect(library.file)) as connection:
        vectors = connection.execute('SELECT item_id, substr("values", 1, 1) FROM vectors ORDER BY item_id').fetchall()
        marks = connection.execute("SELECT item_id, substr(marks, 1, 1) FROM fingerprints ORDER BY item_id").fetchall()
        played = connection.execute("SELECT item_id FROM happenings ORDER BY id").fetchall()
    assert vectors == marks == [(item_id, bytes([item_id])) for item_id in ids]
    assert [row[0] for row in played] == ids


def test_a_backup_alone_gives_the_library_with_its_vectors_to_be_made(tmp_path: Path) -> None:
    library = full(tmp_path)
    made = library.backup()
    library.close()
    opened = restored(made, tmp_path)
    assert opened.finding.vectors.spaces() == {}
    runs = opened.runs()
    assert runs and all(run.lacks_vectors and not run.is_stale for run in runs)
    interrupted = [(run.item_id, run.analyser, run.checkpoint_ms) for run in runs if not run.is_complete]
    assert interrupted == [(3, "speech", 2000)], "it goes on where it was"
    assert opened.find_problems() == []
    opened.close()


def test_promise_4_whole_backups_of_earlier_versions_are_restored_as_well(tmp_path: Path) -> None:
    """They were copies of the file, page by page."""
    library = full(tmp_path)
    library.close()
    folder = backup.backup_folder(library.file)
    folder.mkdir()
    old = folder / "library-20260102-030405-000006-daily.sqlite"
    shutil.copy(library.file, old)
    library = Library.open(library.file)
    library.remove_items(list(library.item_ids()))
    assert [(each.file, sum(each.counts.values())) for each in library.backups(with_counts=True)] == [(old, 10)]
    library.close()
    put_back(old, library.file)
    assert everything(library.file) == everything(old)


@pytest.mark.parametrize("version", range(1, migrations.SCHEMA_VERSION + 1))
def test_promise_6_a_backup_of_every_earlier_schema_gives_a_library_of_today(version: int, tmp_path: Path) -> None:
    """As before a migration: what is copied is the old schema."""
    file = tmp_path / "l.sqlite"
    shutil.copy(DATA / f"library-v{version}.sqlite", file)
    with closing(sqlite3.connect(file, isolation_level=None)) as source:
        made = backup.make_backup(source, file, "version")
    with closing(sqlite3.connect(made)) as connection:
        assert (migrations.version_of(connection), lean_copy.is_lean(connection)) == (version, True)
    opened = restored(made, tmp_path)
    upgraded = Library.open(file)
    assert [opened.details(item_id) for item_id in opened.item_ids()] == [
        upgraded.details(item_id) for item_id in upgraded.item_ids()
    ]
    assert opened.journal() == upgraded.journal()
    assert opened.find_problems() == []
    for each in (opened, upgraded):
        each.close()
    assert {row for row in shape(opened.file) if row[0] != "marks"} == {
        row for row in shape(upgraded.file) if row[0] != "marks"
    }


def test_damaged_vectors_do_not_stand_in_the_way_of_a_backup(tmp_path: Path) -> None:
    library = full(tmp_path)
    library.close()
    for table in ("vectors", "vectors_by_run", "suggested_tags", "moment_text_data"):
        damaged = tmp_path / table / "l.sqlite"
        damaged.parent.mkdir()
        shutil.copy(library.file, damaged)
        overwrite(damaged, table)
        assert backup.check(damaged), table
        opened = Library.open(damaged)
        made = opened.backup()
        opened.close()
        again = restored(made, damaged.parent)
        assert len(again.item_ids()) == 10 and again.find_problems() == []
        again.close()


def test_a_backup_of_what_is_damaged_is_none(tmp_path: Path) -> None:
    library = full(tmp_path)
    library.close()
    for table in ("items", "moments", "journal", "locations"):
        damaged = tmp_path / table / "l.sqlite"
        damaged.parent.mkdir()
        shutil.copy(library.file, damaged)
        overwrite(damaged, table)
        opened = Library.open(damaged)
        with pytest.raises(UserFixable) as caught:
            opened.backup()
        assert caught.value.code == "library.damaged"
        assert not list(backup.backup_folder(damaged).iterdir())
        opened.close()


def test_lines_are_found_and_tags_proposed_after_a_restore(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1)])
    library.save_findings(item_id, "speech", 1, "net", "r1", [line(0, 900, "a lighthouse 灯塔")], is_first_chunk=True)
    library.save_findings(item_id, "sights", 1, "net", "r1", [label(SEA, 0.8, TimeSpan(0, 9))], is_first_chunk=True)
    made = library.backup()
    library.close()
    opened = restored(made, tmp_path)
    for words in ("lighthouse", "灯塔"):
        assert opened.finding.saying(words) == {item_id}
    assert [tag.concept.id for tag in opened.details(item_id).tags] == [SEA.id]
    opened.close()
