"""A backup takes the library's place: whole at every moment, with a way back, and never by a file that is none."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from media_assistant.errors import UserFixable
from media_assistant.items.happening import Forgetting
from media_assistant.items.tag import TagState
from media_assistant.library import backup
from media_assistant.library.library import Library
from media_assistant.library.putting_back import put_back
from media_assistant.library.schema import migrations
from tests.library.make_filled import DATA
from tests.library.making import DOG, OWN, chunk, new_item, open_new

DECLARED = ("items", "locations", "decisions", "moments", "collections", "collection_items", "own_concepts", "journal")


def declared(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything that a person said or brought in, row by row."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in DECLARED}


def count(file: Path) -> int:
    library = Library.open(file)
    try:
        return len(library.item_ids())
    finally:
        library.close()


def make_two_states(folder: Path) -> tuple[Path, Path]:
    """A library that went on after its backup; gives its file and the backup's."""
    library = open_new(folder)
    ids, _ = library.add_items([new_item(number) for number in range(30)])
    for item_id in ids:
        library.save_findings(item_id, "sights", 1, "net", "r1", [*chunk(0), *chunk(1)], is_first_chunk=True)
    library.decide_tag(ids[:10], DOG, TagState.ACCEPTED)
    made = library.backup()
    library.add_items([new_item(number) for number in range(100, 110)])
    library.remove_items(ids[:5])
    library.add_tag(ids[5:], OWN)
    library.close()
    return library.file, made


def test_promise_4_a_restore_and_the_way_back_from_it(tmp_path: Path) -> None:
    file, made = make_two_states(tmp_path)
    later, earlier = declared(file), declared(made)
    assert later != earlier
    done = put_back(made, file)
    assert declared(file) == earlier
    assert done.restore_point is not None and done.restore_point.is_restore_point
    assert backup.list_restore_points(file) == [done.restore_point.file]
    assert backup.list_backups(file) == [made], "it is kept apart from the daily ones"
    library = Library.open(file)
    assert len(library.item_ids()) == 30
    # A new item gets an id that the other life of the library never gave: small pictures are kept by them.
    (new,), _ = library.add_items([new_item(500)])
    assert new == 41
    library.undo()
    library.close()
    back = put_back(done.restore_point.file, file)
    assert declared(file) == later
    assert back.restore_point is not None
    assert len(backup.list_restore_points(file)) == 2
    assert sorted(each.name for each in tmp_path.iterdir()) == [file.name, backup.backup_folder(file).name]


def test_restore_points_are_few_and_the_one_in_use_is_spared(tmp_path: Path) -> None:
    file, made = make_two_states(tmp_path)
    first = put_back(made, file).restore_point
    assert first is not None
    for _ in range(backup.KEPT_RESTORE_POINTS - 1):
        put_back(made, file)
    put_back(first.file, file)
    assert count(file) == 35
    assert first.file in backup.list_restore_points(file)
    assert len(backup.list_restore_points(file)) <= backup.KEPT_RESTORE_POINTS + 1


def test_an_older_backup_is_brought_up_to_date_when_it_is_opened(tmp_path: Path) -> None:
    file, _ = make_two_states(tmp_path)
    put_back(DATA / "library-v1.sqlite", file)
    library = Library.open(file)
    assert library.items(library.item_ids())[0].title == "clip 0"
    library.close()


def test_pictures_of_other_contents_are_made_again(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    library.add_items([new_item(1), new_item(2), new_item(3)])
    for item_id in (1, 2, 3):
        library.finish_analysis(item_id, "preview", 1)
    made = library.backup()
    library.replace_content(2, new_item(77, path="/media/clip 2.mp4"))
    library.close()
    done = put_back(made, library.file, has_preview=lambda item_id: item_id != 3)
    assert done.changed == (2,)
    opened = Library.open(library.file)
    assert {run.item_id: run.is_stale for run in opened.runs()} == {1: False, 2: True, 3: True}
    opened.close()


def refuses(chosen: Path, file: Path) -> str:
    before, names = file.read_bytes(), sorted(file.parent.rglob("*"))
    with pytest.raises(UserFixable) as caught:
        put_back(chosen, file)
    assert file.read_bytes() == before
    assert sorted(file.parent.rglob("*")) == names
    return caught.value.code


def test_what_is_no_good_backup_is_refused_and_nothing_is_changed(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    file, made = make_two_states(tmp_path / "here")
    put_back(made, file)  # one file, without a -wal
    wrong = tmp_path / "wrong.sqlite"
    assert refuses(wrong, file) == "library.no_backup"
    assert refuses(tmp_path, file) == "library.no_backup"
    wrong.write_bytes(b"Dear Ada, this is a letter. " * 400)
    assert refuses(wrong, file) == "library.backup_not_ours"
    wrong.write_bytes(b"")
    assert refuses(wrong, file) == "library.backup_not_ours"
    wrong.unlink()
    with closing(sqlite3.connect(wrong)) as other:
        other.execute("CREATE TABLE recipes (name)")
    assert refuses(wrong, file) == "library.backup_not_ours"
    shutil.copy(made, wrong)
    with closing(sqlite3.connect(wrong)) as newer:
        newer.execute(f"PRAGMA user_version = {migrations.SCHEMA_VERSION + 1}")
    assert refuses(wrong, file) == "library.backup_newer"
    raw = bytearray(made.read_bytes())
    for at in range(3 * 4096, len(raw), 5 * 4096):
        raw[at : at + 300] = b"\xff" * 300
    wrong.write_bytes(raw)
    assert refuses(wrong, file) == "library.backup_damaged"
    wrong.write_bytes(made.read_bytes()[: len(raw) // 2])
    assert refuses(wrong, file) == "library.backup_damaged"
    assert refuses(file, file) == "library.backup_is_library"


def test_a_library_that_others_read_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media_assistant.library.putting_back._BUSY_S", 0.05)
    file, made = make_two_states(tmp_path)
    reader = Library.open(file, read_only=True)
    reader.item_ids()
    later = declared(file)
    with pytest.raises(UserFixable) as caught:
        put_back(made, file)
    assert caught.value.code == "library.locked"
    reader.close()
    assert declared(file) == later
    put_back(made, file)
    assert declared(file) != later


def test_a_damaged_library_is_replaced_and_its_files_are_kept(tmp_path: Path) -> None:
    file, made = make_two_states(tmp_path)
    earlier = declared(made)
    for broken in (b"\x00" * 5000, file.read_bytes()[:4096] + b"\xff" * 200_000):
        file.write_bytes(broken)
        done = put_back(made, file)
        assert done.is_damaged and done.restore_point is not None
        assert done.restore_point.file.read_bytes() == broken
        assert declared(file) == earlier
        assert count(file) == 30


def test_nothing_else_is_replaced_by_a_library(tmp_path: Path) -> None:
    _, made = make_two_states(tmp_path)
    letter, other = tmp_path / "letter.txt", tmp_path / "recipes.sqlite"
    letter.write_text("Dear Ada")
    with closing(sqlite3.connect(other)) as recipes:
        recipes.execute("CREATE TABLE recipes (name)")
    for file in (letter, other):
        before, names = file.read_bytes(), sorted(tmp_path.rglob("*"))
        with pytest.raises(UserFixable) as caught:
            put_back(made, file)
        assert caught.value.code == "library.not_a_library"
        assert (file.read_bytes(), sorted(tmp_path.rglob("*"))) == (before, names)


def test_ids_are_not_given_twice_though_the_backup_is_empty(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    empty = library.backup()
    library.add_items([new_item(number) for number in range(5)])
    library.close()
    put_back(empty, library.file)
    opened = Library.open(library.file)
    assert opened.add_items([new_item(9)])[0] == [6]
    opened.close()


@pytest.mark.parametrize("is_recording", [True, False])
def test_whether_anything_is_noted_is_what_the_person_said_last(tmp_path: Path, is_recording: bool) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1)])
    library.set_recording(not is_recording)
    if is_recording:
        library.forget(Forgetting(item_ids=(item_id,)))
    made = library.backup()
    library.set_recording(is_recording)
    if is_recording:
        library.finish_forgetting()
    else:
        library.forget(Forgetting(item_ids=(item_id,)))
    library.close()
    put_back(made, library.file)
    library = Library.open(library.file)
    assert (library.is_recording, library.is_forgetting) == (is_recording, not is_recording)
    library.close()


def test_a_library_that_is_gone_comes_back(tmp_path: Path) -> None:
    file, made = make_two_states(tmp_path)
    file.unlink()
    done = put_back(made, file)
    assert done.restore_point is None
    assert declared(file) == declared(made)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
@pytest.mark.parametrize("part", [0.1, 0.6, 1.4])
def test_promise_10_a_disk_that_fills_up_while_restoring(tmp_path: Path, part: float) -> None:
    """First there is no room for the restore point, then none for the backup beside the library."""
    file, _ = make_two_states(tmp_path)
    library = Library.open(file)
    library.add_items([new_item(number) for number in range(1000, 3000)])
    large = library.backup()
    library.close()
    put_back(backup.list_backups(file)[0], file)
    before, names = declared(file), {each.name for each in tmp_path.rglob("*")}
    code = (
        "import resource, signal, sys; from pathlib import Path; from media_assistant.errors import UserFixable;"
        "from media_assistant.library.putting_back import put_back;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "limit = int(sys.argv[3]); resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "try:\n    put_back(Path(sys.argv[1]), Path(sys.argv[2]))\nexcept UserFixable as fault:\n    print(fault.code)"
    )
    limit = str(int(file.stat().st_size * part))
    assert large.stat().st_size > 1.5 * file.stat().st_size
    command = [sys.executable, "-c", code, str(large), str(file), limit]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("library.backup_disk_full", "library.backup_failed"), done.stdout
    assert declared(file) == before
    left = {each.name for each in tmp_path.rglob("*")} - names
    assert all(name.startswith("restore-point-") for name in left), left
    assert not list(tmp_path.rglob("*.partial*")) and not list(tmp_path.rglob("*.restoring*"))


KILLED = """
import os, signal, sys
from pathlib import Path
from media_assistant.library.putting_back import put_back
at, seen = int(sys.argv[3]), 0
watched = {"open", "sqlite3.connect", "os.rename", "os.remove", "os.mkdir", "os.listdir", "os.scandir", "os.truncate"}
def watch(event, _arguments):
    global seen
    if event in watched:
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
put_back(Path(sys.argv[1]), Path(sys.argv[2]))
print(seen)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_promise_4_killed_while_restoring_the_old_or_the_new_library_is_whole(tmp_path: Path) -> None:
    """Before any of the calls with which it touches the disk; the seed says which of them are tried."""

    def restore(folder: Path, at: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", KILLED, str(made), str(folder / file.name), str(at)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    (tmp_path / "start").mkdir()
    file, made = make_two_states(tmp_path / "start")
    later, earlier = declared(file), declared(made)
    shutil.copytree(tmp_path / "start", tmp_path / "whole")
    calls = int(restore(tmp_path / "whole", 0).stdout)
    assert declared(tmp_path / "whole" / file.name) == earlier
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}, {calls} calls")
    tried = sorted({*random.Random(seed).sample(range(1, calls + 1), min(calls, 12)), calls})
    ends = set()
    for at in tried:
        folder = tmp_path / f"killed {at}"
        shutil.copytree(tmp_path / "start", folder)
        assert restore(folder, at).returncode == -9, at
        here = declared(folder / file.name)
        assert here in (later, earlier), at
        ends.add(here == earlier)
        # It opens, and what was left lying about does not stand in the way of the next one.
        Library.open(folder / file.name).close()
        assert not list(folder.glob("*.restoring*")), at
        put_back(made, folder / file.name)
        assert declared(folder / file.name) == earlier, at
    assert ends == {True, False}
