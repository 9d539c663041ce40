"""Every schema that was ever released still opens with all that is in it; a step that fails leaves the file as it was."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from media_assistant.errors import Bug
from media_assistant.items.item import ItemState
from media_assistant.items.sorting import sort_key
from media_assistant.items.tag import TagState
from media_assistant.library import backup, text_index
from media_assistant.library.library import Library
from media_assistant.library.schema import migrations
from media_assistant.library.schema.migrations import MIGRATIONS, SCHEMA_VERSION, Migration
from tests.library.make_filled import DATA
from tests.library.making import DOG, FACTS, OWN, checkpoint, restored


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
def test_promise_6_every_past_version_filled_with_data_upgrades(version: int, tmp_path: Path) -> None:
    file = tmp_path / "l.sqlite"
    shutil.copy(DATA / f"library-v{version}.sqlite", file)
    with closing(sqlite3.connect(file)) as connection:
        assert migrations.version_of(connection) == version
        tables = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%' AND name NOT LIKE '%\\_text\\_%' ESCAPE '\\'"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        ).fetchall()
        for (name,) in tables:
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0], f"{name} is empty"
    library = Library.open(file)
    first, second, last = library.items(library.item_ids())
    assert (first.facts, first.copies, last.is_missing, last.state) == (
        FACTS,
        ("/media/copy 中文.mp4",),
        True,
        ItemState.FAILED,
    )
    details = library.details(first.id)
    assert {(tag.concept.id, tag.state) for tag in details.tags} == {
        (DOG.id, TagState.ACCEPTED),
        (OWN.id, TagState.ACCEPTED),
    }
    assert [moment.text for moment in details.lines] == ["corrected 更正", "sentence 1"]
    assert {tag.concept.id: tag.state for tag in library.details(second.id).tags}[DOG.id] is TagState.REJECTED
    assert checkpoint(library, first.id, "sights") == 2000
    for _ in library.journal():
        if not library.journal()[-1].is_undone:
            assert library.undo()
    assert all(entry.is_undone for entry in library.journal())
    assert len(library.item_ids()) == 4
    assert not backup.check(library.backup())
    library.close()


def test_names_of_the_first_version_are_sorted_anew(tmp_path: Path) -> None:
    file = tmp_path / "l.sqlite"
    shutil.copy(DATA / "library-v1.sqlite", file)
    titles = ("张 2", "Über 10", "阿 1")
    with closing(sqlite3.connect(file)) as connection:
        for item_id, title in enumerate(titles, 1):
            # As the first version wrote it: folded, numbers by size.
            connection.execute(
                "UPDATE items SET title = ?, sort_name = ? WHERE id = ?", (title, title.lower(), item_id)
            )
        connection.execute("UPDATE items SET removed_at = ''")
        before = connection.execute("SELECT sort_name FROM items WHERE id = 4").fetchone()
        connection.commit()
    library = Library.open(file)
    assert [library.items([item_id])[0].title for item_id in library.item_ids(sort="name")] == [
        "clip 3",
        "Über 10",
        "阿 1",
        "张 2",
    ]
    with library._database.read() as connection:
        keys = dict(connection.execute("SELECT title, sort_name FROM items").fetchall())
    assert keys == {title: sort_key(title) for title in keys} and keys["clip 3"] == before[0]
    library.close()


def test_lines_of_the_fifth_version_are_found_as_people_type_them(tmp_path: Path) -> None:
    file = tmp_path / "l.sqlite"
    shutil.copy(DATA / "library-v5.sqlite", file)
    with closing(sqlite3.connect(file)) as connection:
        # As the fifth version wrote it: folded, with its accents.
        connection.execute("UPDATE moment_text SET said = 'η αθήνα στο φως' WHERE said LIKE '%sentence%'")
        connection.execute("UPDATE item_text SET words = 'شَمْسٌ clip' WHERE rowid = 1")
        connection.commit()
    with closing(Library.open(file)) as library, library._database.transaction() as connection:
        assert text_index.match(connection, text_index.expression("ΑΘΗΝΑ φως"))
        assert text_index.match(connection, text_index.expression("Αθήνα"), senses=["said"])
        assert list(text_index.match_items(connection, text_index.expression("شمس"))) == [1]
        assert not text_index.match(connection, text_index.expression("αθήνα"), senses=["written"])
        assert text_index.is_sound(connection)


def test_promise_4_a_step_commits_with_its_record_after_a_checked_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "l.sqlite"
    shutil.copy(DATA / f"library-v{SCHEMA_VERSION}.sqlite", file)

    def good(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE items ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'")

    def bad(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE journal")
        connection.execute("SELECT 1 FROM nowhere")

    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, Migration("good", good), Migration("bad", bad)))
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", SCHEMA_VERSION + 2)
    with pytest.raises(Bug, match="nowhere"):
        Library.open(file)
    with closing(sqlite3.connect(file)) as connection:
        assert migrations.version_of(connection) == SCHEMA_VERSION + 1
        assert connection.execute("SELECT max(version) FROM migrations").fetchone()[0] == SCHEMA_VERSION + 1
        assert connection.execute("SELECT colour FROM items").fetchone()[0] == "red"
        assert connection.execute("SELECT count(*) FROM journal").fetchone()[0]
    (kept,) = backup.list_backups(file)
    with closing(sqlite3.connect(kept)) as connection:
        assert migrations.version_of(connection) == SCHEMA_VERSION
    monkeypatch.undo()
    before = restored(kept, tmp_path)
    assert len(before.item_ids()) == 3
    before.close()


def test_promise_4_a_first_step_that_fails_leaves_the_old_library_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "l.sqlite"
    shutil.copy(DATA / f"library-v{SCHEMA_VERSION}.sqlite", file)

    def bad(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE journal")
        connection.execute("SELECT 1 FROM nowhere")

    with monkeypatch.context() as later:
        later.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, Migration("bad", bad)))
        later.setattr(migrations, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
        with pytest.raises(Bug, match="nowhere"):
            Library.open(file)
    (kept,) = backup.list_backups(file)
    library = Library.open(file)
    before = restored(kept, tmp_path)
    assert library.journal() and library.journal() == before.journal()
    for each in (library, before):
        assert each.find_problems() == [] and len(each.item_ids()) == 3
        each.close()
