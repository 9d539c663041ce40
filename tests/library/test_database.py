"""The file: opened, locked, damaged, newer, full, read-only; each fault in plain words and nothing lost."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
import time
from contextlib import closing
from pathlib import Path, PureWindowsPath

import psutil
import pytest

from media_assistant.errors import Bug, MediaAssistantError, UserFixable
from media_assistant.jobs.limits import give_back_memory
from media_assistant.library import backup, readers
from media_assistant.library.database import APPLICATION_ID, Database
from media_assistant.library.file_uri import file_uri
from media_assistant.library.library import Library
from media_assistant.library.schema import migrations
from tests.library.making import new_item, open_new


def code_of(caught: pytest.ExceptionInfo[UserFixable]) -> str:
    return caught.value.code


def test_pragmas(tmp_path: Path) -> None:
    database = Database(tmp_path / "l.sqlite")
    with database.transaction() as connection:
        for pragma, value in (
            ("journal_mode", "wal"),
            ("foreign_keys", 1),
            ("application_id", APPLICATION_ID),
            ("user_version", migrations.SCHEMA_VERSION),
        ):
            assert connection.execute(f"PRAGMA {pragma}").fetchone()[0] == value
        tables = connection.execute("SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0").fetchall()
    database.close()
    assert all(name.startswith(("sqlite_", "moment_text", "item_text")) for (name,) in tables)


def test_files_on_a_share_of_windows_are_named_as_sqlite_takes_them(tmp_path: Path) -> None:
    share = PureWindowsPath(r"\\server\films\my library #1.sqlite")
    assert file_uri(share, "mode=ro") == "file:////server/films/my%20library%20%231.sqlite?mode=ro"
    assert file_uri(PureWindowsPath(r"C:\a%b.sqlite")) == "file:///C:/a%25b.sqlite"
    assert file_uri(tmp_path / "海.sqlite") == (tmp_path / "海.sqlite").as_uri()


@pytest.mark.skipif(sys.platform == "win32", reason="two slashes are as good as one")
def test_the_name_of_a_share_is_opened(tmp_path: Path) -> None:
    """Here its server is but the first folder of the path."""
    library = open_new(tmp_path)
    library.close()
    share = PureWindowsPath("\\" + str(library.file).replace("/", "\\"))
    with pytest.raises(sqlite3.OperationalError, match="authority"):
        sqlite3.connect(share.as_uri(), uri=True)
    with closing(sqlite3.connect(file_uri(share, "mode=ro"), uri=True)) as connection:
        assert connection.execute("SELECT count(*) FROM items").fetchone() == (0,)


def test_a_transaction_is_all_or_nothing_and_nests(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    with pytest.raises(RuntimeError), library._database.transaction():
        library.add_items([new_item(1)])
        raise RuntimeError
    assert not library.item_ids()
    with library._database.transaction():
        library.add_items([new_item(1)])
        library.add_items([new_item(2)])
    assert len(library.item_ids()) == 2
    library.close()


def test_many_threads_write_and_read(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    faults: list[MediaAssistantError | AssertionError] = []

    def work(first: int) -> None:
        try:
            for number in range(first, first + 25):
                ids, _ = library.add_items([new_item(number)])
                assert library.items(ids)[0].id == ids[0]
                library.counts()
        except (MediaAssistantError, AssertionError) as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(100 * index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert len(library.item_ids()) == 100
    last = threading.Thread(target=library.counts)
    last.start()
    last.join()
    assert len(library._database._readers) == 2, "connections of ended threads are closed"
    library.close()


@pytest.mark.skipif(sqlite3.threadsafety != 3, reason="SQLite does not take turns by itself here")
def test_pages_that_nobody_asks_for_are_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thread's connection may hold 16 MB. Idle ones hold next to nothing, and know everything when they are asked."""
    monkeypatch.setattr(readers, "IDLE_S", 0.2)
    may_begin, give_back = threading.Event(), readers.Readers.give_back
    monkeypatch.setattr(readers.Readers, "give_back", lambda self: may_begin.is_set() and give_back(self))
    library = Library.open(tmp_path / "l.sqlite")
    with library._database.transaction() as connection:
        connection.execute("CREATE TABLE filled (value BLOB NOT NULL)")
        connection.executemany("INSERT INTO filled VALUES (?)", ((os.urandom(3000),) for _ in range(3000)))
    had_read, may_end = threading.Barrier(5), threading.Event()
    sums: list[int] = []

    def read() -> None:
        for _ in range(2):
            sums.append(library._database.reader().execute("SELECT sum(length(value)) FROM filled").fetchone()[0])
            had_read.wait()
            may_end.wait(30)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    had_read.wait()
    give_back_memory()
    full = psutil.Process().memory_info().rss
    may_begin.set()
    deadline = time.monotonic() + 20
    while (rss := psutil.Process().memory_info().rss) > full - 30_000_000 and time.monotonic() < deadline:
        time.sleep(0.1)
        give_back_memory()
    may_end.set()
    had_read.wait()
    for thread in threads:
        thread.join()
    assert full - rss >= 30_000_000, f"of four times 12 MB {(full - rss) / 1e6:.0f} MB were given back"
    assert sums == [9_000_000] * 8
    library.close()
    keeper = library._database._readers._keeper
    assert keeper is not None and not keeper.is_alive()


def test_another_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE mine (x)")
    before = file.read_bytes()
    for read_only in (False, True):
        with pytest.raises(UserFixable) as caught:
            Library.open(file, read_only=read_only)
        assert code_of(caught) == "library.not_a_library"
    assert file.read_bytes() == before


@pytest.mark.parametrize("content", [b"this is no database at all, but a text. " * 40, b"\x89PNG\r\n" + bytes(4000)])
def test_another_file_is_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    with pytest.raises(UserFixable) as caught:
        Library.open(file)
    assert code_of(caught) == "library.not_a_library"
    assert file.read_bytes() == content


def test_a_newer_library_is_refused_untouched(tmp_path: Path) -> None:
    open_new(tmp_path).close()
    file = next(tmp_path.glob("*.sqlite"))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute(f"PRAGMA user_version = {migrations.SCHEMA_VERSION + 1}")
    before = file.read_bytes()
    for read_only in (False, True):
        with pytest.raises(UserFixable) as caught:
            Library.open(file, read_only=read_only)
        assert code_of(caught) == "library.newer"
    assert file.read_bytes() == before


def test_damage_is_told(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    library.add_items([new_item(number) for number in range(500)])
    library.close()
    file = library.file
    raw = bytearray(file.read_bytes())
    for at in range(8192, len(raw), 4096):
        raw[at : at + 200] = b"\xff" * 200
    file.write_bytes(raw)
    with pytest.raises(UserFixable) as caught:
        damaged = Library.open(file)
        try:
            damaged.item_ids()
            damaged.items(range(1, 500))
            damaged.tag_counts()
        finally:
            damaged.close()
    assert code_of(caught) == "library.damaged"
    assert backup.check(file)


def test_read_only(tmp_path: Path) -> None:
    with pytest.raises(UserFixable) as caught:
        Library.open(tmp_path / "none.sqlite", read_only=True)
    assert code_of(caught) == "library.absent"
    assert not list(tmp_path.iterdir())
    writer = open_new(tmp_path)
    writer.add_items([new_item(1)])
    reader = Library.open(writer.file, read_only=True)
    assert len(reader.item_ids()) == 1
    writer.add_items([new_item(2)])
    assert len(reader.item_ids()) == 2
    with pytest.raises(UserFixable) as caught:
        reader.add_items([new_item(3)])
    assert code_of(caught) == "library.opened_read_only"
    reader.close()
    writer.close()
    with pytest.raises(UserFixable) as caught:
        writer.item_ids()
    assert code_of(caught) == "library.closed"


def test_a_full_disk_loses_nothing_that_was_saved(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    library.add_items([new_item(number) for number in range(20)])
    with library._database.transaction() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    # SQLite's own limit gives the same fault as a disk without room.
    assert library._database._writer is not None
    library._database._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(UserFixable) as caught:
        library.add_items([new_item(number) for number in range(100, 2000)])
    assert code_of(caught) == "library.disk_full"
    assert len(library.item_ids()) == 20
    library._database._writer.execute(f"PRAGMA max_page_count = {pages + 10_000}")
    library.add_items([new_item(21)])
    assert len(library.item_ids()) == 21
    library.close()


def test_a_lock_is_told(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    assert library._database._writer is not None
    library._database._writer.execute("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(library.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UserFixable) as caught:
            library.add_items([new_item(1)])
        assert code_of(caught) == "library.locked"
        other.execute("ROLLBACK")
    library.add_items([new_item(1)])
    library.close()


def test_a_place_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for wrong in (tmp_path / "file" / "l.sqlite", tmp_path):
        with pytest.raises(UserFixable) as caught:
            Library.open(wrong)
        assert code_of(caught) == "library.cannot_open"


def test_our_own_fault_is_a_bug(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    with pytest.raises(Bug), library._database.transaction() as connection:
        connection.execute("SELECT 1 FROM nowhere")
    library.close()


def test_backup_is_whole_and_few_are_kept(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    library.add_items([new_item(1)])
    made = [library.backup() for _ in range(backup.KEPT + 2)]
    assert backup.list_backups(library.file) == made[2:]
    assert not backup.check(made[-1])
    library.close()
    for read_only in (False, True):
        with pytest.raises(UserFixable) as caught:
            Library.open(made[-1], read_only=read_only)
        assert code_of(caught) == "library.is_backup", "nobody works in a backup by mistake"
    assert {file.suffix for file in backup.backup_folder(library.file).iterdir()} == {".sqlite"}


def test_a_backup_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    backup.backup_folder(library.file).write_text("in the way")
    with pytest.raises(UserFixable) as caught:
        library.backup()
    assert code_of(caught) == "library.backup_failed"
    library.close()
