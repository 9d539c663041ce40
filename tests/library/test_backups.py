"""Backups: what is kept of many, what was held at a moment, and a disk without room."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.kind import Kind
from media_assistant.library import backup
from media_assistant.library.backup import Backup, choose_kept, is_due
from media_assistant.library.library import Library
from tests.library.making import chunk, new_item, open_new, restored

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)


def test_the_newest_seven_days_and_weeks_are_kept() -> None:
    daily = [NOON - timedelta(days=number) for number in range(100)]
    kept = choose_kept(daily, NOON)
    assert set(daily[:7]) <= kept
    # Beyond the seven days: the last one of each of the last eight weeks, the present one among them.
    assert len(kept) == 14
    assert {at.isocalendar()[:2] for at in kept} == {at.isocalendar()[:2] for at in daily[:50]}
    assert all(at.isoweekday() == 7 for at in kept - set(daily[:7]))


def test_many_on_one_day_push_no_other_day_out() -> None:
    days = [NOON - timedelta(days=number) for number in range(1, 7)]
    busy = [NOON + timedelta(minutes=number) for number in range(40)]
    kept = choose_kept(days + busy, NOON + timedelta(hours=1))
    assert set(days) <= kept
    assert set(busy[-7:]) <= kept
    assert len(kept) == 13


def test_what_a_wrong_clock_made_does_not_stop_the_daily_ones() -> None:
    def made(ago: timedelta) -> Backup:
        return Backup(Path("x"), NOON - ago, 0)

    day = 24 * 3600
    assert is_due([], NOON, day)
    assert is_due([made(timedelta(days=1))], NOON, day)
    assert not is_due([made(timedelta(hours=23)), made(timedelta(days=9))], NOON, day)
    assert is_due([made(-timedelta(days=400))], NOON, day)


def test_a_held_moment_is_what_is_copied(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    library.add_items([new_item(number) for number in range(50)])
    held = library.hold()
    writes = threading.Thread(target=lambda: [library.add_items([new_item(number)]) for number in range(100, 160)])
    writes.start()
    library.remove_items(range(1, 41))
    made = held.back_up("change")
    writes.join()
    held.release()
    library.add_items([new_item(999)])
    (described,) = library.backups(with_counts=True)
    assert (described.file, described.why, described.counts) == (made.file, "change", {Kind.VIDEO: 50})
    assert described.size_bytes == made.file.stat().st_size
    copied = restored(made.file, tmp_path)
    assert len(copied.item_ids()) == 50
    copied.close()
    now = library.hold()
    assert now.is_unlike(made)
    now.release()
    library.close()


def test_a_copy_can_be_stopped_and_leaves_nothing(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    ids, _ = library.add_items([new_item(number) for number in range(300)])
    for item_id in ids:
        library.save_findings(item_id, "sights", 1, "net", "r1", [*chunk(0)] * 40)
    asked = 0

    def stop_at_the_second() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1

    with pytest.raises(Cancelled):
        library.backup(should_stop=stop_at_the_second)
    assert list(backup.backup_folder(library.file).iterdir()) == []
    steps: list[tuple[int, int]] = []
    assert not backup.check(library.backup(progress=lambda done, pages: steps.append((done, pages))))
    assert len(steps) > 1 and steps[-1][0] == steps[-1][1]
    library.close()


def test_promise_10_no_room_for_a_backup_is_one_sentence_and_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = open_new(tmp_path)
    library.add_items([new_item(number) for number in range(500)])
    before = library.file.read_bytes()

    def fails_with(make: Callable[[], object]) -> str:
        with pytest.raises(UserFixable) as caught:
            make()
        assert not list(backup.backup_folder(library.file).iterdir())
        return caught.value.code

    with monkeypatch.context() as patch:
        patch.setattr(backup, "_SPARE_BYTES", 1 << 60)
        assert fails_with(library.backup) == "library.backup_disk_full"
    assert library.file.read_bytes() == before
    library.close()


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
@pytest.mark.parametrize("part", [0.02, 0.5, 0.97])
def test_promise_10_a_disk_that_fills_up_while_a_backup_is_made(tmp_path: Path, part: float) -> None:
    library = open_new(tmp_path)
    library.add_items([new_item(number) for number in range(2000)])
    whole = library.backup()
    limit = int(whole.stat().st_size * part)
    whole.unlink()
    library.close()
    code = (
        "import resource, signal, sys; from pathlib import Path; from media_assistant.library.library import Library;"
        "from media_assistant.errors import UserFixable;"
        "library = Library.open(Path(sys.argv[1]));"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "limit = int(sys.argv[2]); resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "try:\n    library.backup()\nexcept UserFixable as fault:\n    print(fault.code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(library.file), str(limit)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() in ("library.backup_disk_full", "library.backup_failed"), done.stdout
    assert list(backup.backup_folder(library.file).iterdir()) == []
    opened = Library.open(library.file)
    assert len(opened.item_ids()) == 2000
    opened.close()


def test_what_a_killed_backup_left_is_cleared_away_later(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    folder = backup.backup_folder(library.file)
    folder.mkdir()
    old, young = folder / "library-20200101-000000-000000.partial", folder / "library-20990101-000000-000000.partial"
    old.write_bytes(b"half")
    young.write_bytes(b"in work")
    os.utime(old, (0, 0))
    strange = folder / "library-my own copy.sqlite"
    strange.write_bytes(b"mine")
    for _ in range(backup.KEPT + 1):
        library.backup()
    assert not old.exists() and young.exists()
    assert strange.exists(), "what others put there is not ours to delete"
    assert strange not in backup.list_backups(library.file)
    library.close()


def test_somebody_else_may_clear_old_backups_away_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = open_new(tmp_path)
    old = library.backup()
    plain = backup.list_backups

    def list_what_then_goes(file: Path) -> list[Path]:
        listed = plain(file)
        old.unlink()
        return listed

    with monkeypatch.context() as other:
        other.setattr(backup, "list_backups", list_what_then_goes)
        made = library.backup()
    assert backup.list_backups(library.file) == [made]
    library.close()


def test_what_a_killed_restore_or_rebuild_left_goes_when_the_library_is_opened_for_writing(tmp_path: Path) -> None:
    file = open_new(tmp_path).file
    left = [
        file.with_name(file.name + mark + ending)
        for mark in (".restoring", ".rebuilding")
        for ending in ("", "-wal", "-shm", "-journal")
    ]
    for each in left:
        each.write_bytes(b"half")
    Library.open(file, read_only=True).close()
    assert all(each.exists() for each in left), "whoever only reads has no claim"
    Library.open(file).close()
    assert not any(each.exists() for each in left)


def test_an_untouched_library_looks_the_same(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    library.add_items([new_item(1)])
    made = backup.describe(library.backup())
    library.close()
    library = Library.open(library.file)
    held = library.hold()
    assert not held.is_unlike(made)
    held.release()
    library.undo()
    library.remove_items([1])
    library.undo()
    held = library.hold()
    assert held.is_unlike(made), "a step and its way back are both in the journal"
    held.release()
    library.close()
