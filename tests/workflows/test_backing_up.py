"""Backups that nobody has to think of: daily where something changed, before large changes, never in the way of closing."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from media_assistant.assistant import Assistant
from media_assistant.errors import UserFixable
from media_assistant.items.concept import Concept
from media_assistant.library import backup, lean_copy
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.workflows.keeping import backing_up
from media_assistant.workflows.keeping.restoring import restore_backup
from media_assistant.workflows.understanding.previews import write_preview
from tests.library.making import new_item, overwrite, restored
from tests.workflows.engine import BRISK, make_media, open_assistant, wait_for


@pytest.fixture
def assistant(home: Path) -> Assistant:
    opened = open_assistant(works=False)
    yield opened
    opened.close()


def age(file: Path, days: float) -> Path:
    """As if it had been made so long ago."""
    made_at = datetime.now(UTC) - timedelta(days=days)
    return file.rename(file.with_name(f"library-{made_at.strftime('%Y%m%d-%H%M%S-%f')}-daily.sqlite"))


def test_one_a_day_and_only_when_something_changed(assistant: Assistant) -> None:
    library, backups = assistant.library, assistant.backups
    assert backups.make_daily().result(60) is None, "there is nothing to keep yet"
    library.add_items([new_item(1)])
    first = backups.make_daily().result(60)
    assert first is not None and first.why == "daily"
    library.add_items([new_item(2)])
    assert backups.make_daily().result(60) is None, "one was made today"
    age(first.file, 1.01)
    second = backups.make_daily().result(60)
    assert second is not None
    age(second.file, 1.001)
    assert backups.make_daily().result(60) is None, "nothing changed since"
    library.add_items([new_item(3)])
    assert backups.make_daily().result(60) is not None
    assert len(library.backups()) == 3


def test_promise_4_a_clock_that_jumps_neither_stops_the_daily_backups_nor_floods_them(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, daily = assistant.library, assistant.backups.make_daily
    clock = [datetime(2026, 3, 15, 12, tzinfo=UTC)]
    monkeypatch.setattr(backup, "now", lambda: clock[0])

    def work_for(days: int) -> int:
        """How many backups are made while the window stays open and asks every half hour."""
        made = 0
        for _ in range(days * 3):
            library.set_names([str(clock[0])])
            library.add_items([new_item(len(library.item_ids()) + 1)])
            made += sum(daily().result(60) is not None for _ in range(2))
            clock[0] += timedelta(hours=8)
        return made

    assert work_for(2) == 2
    right = clock[0]
    for wrong in (datetime(2099, 1, 1, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC), right - timedelta(days=400)):
        clock[0] = wrong
        assert work_for(9) == 9, "the clock is wrong, and the days go by all the same"
        clock[0] = right
        assert work_for(2) in (2, 3)
        right = clock[0]
    made = [each.made_at for each in library.backups()]
    this_year = [at for at in made if at.year == 2026]
    assert max(this_year) >= right - timedelta(days=1), "those of a wrong clock push no new one out"
    assert min(this_year).strftime("%m%d") <= "0316", "nor the last of an earlier week"
    assert sum(at.year == 2099 for at in made) <= 9, "and they are thinned themselves"


def test_the_day_is_watched_by_itself(assistant: Assistant) -> None:
    assistant.backups.start(first_s=0.02)
    wait_for(lambda: assistant.backups._is_empty)  # there was nothing to keep when it first looked
    assistant.library.add_items([new_item(1)])
    wait_for(lambda: len(assistant.library.backups()) == 1)


@pytest.mark.parametrize("is_asked_for", [False, True], ids=["daily", "asked for"])
@pytest.mark.parametrize(("page", "code"), [("items_by_content", "library.damaged"), ("", "library.not_a_library")])
def test_a_backup_that_cannot_even_be_begun_is_told(
    assistant: Assistant, page: str, code: str, is_asked_for: bool
) -> None:
    library, backups = assistant.library, assistant.backups
    library.add_items([new_item(1)])
    assert library._database.empty_wal()
    if page:
        overwrite(library.file, page)
    else:
        with library.file.open("rb+") as file:
            file.write(b"\xa5" * 4096)
    told: list[UserFixable | None] = []
    backups.on_made(told.append)
    if is_asked_for:
        assert isinstance(backups.make().exception(60), UserFixable)
    else:
        backups.start(first_s=0.02)
        wait_for(lambda: told)
    assert backups.fault is told[0] is not None
    assert told[0].code == code


def test_a_file_whose_name_is_no_date_is_no_backup_and_stands_in_nobody_s_way(assistant: Assistant) -> None:
    library = assistant.library
    ids, _ = library.add_items([new_item(number) for number in range(backing_up.LARGE)])
    folder = backup.backup_folder(library.file)
    folder.mkdir()
    strange = folder / "library-20261399-256199-000000-daily.sqlite"
    strange.write_bytes(b"")
    assistant.remove_items(ids).result(60)
    wait_for(library.backups)
    assert [each.why for each in library.backups()] == ["change"]
    assert strange.exists() and backup.describe(strange).why == ""


def test_a_large_change_leaves_the_state_before_it(assistant: Assistant) -> None:
    library = assistant.library
    ids, _ = library.add_items([new_item(number) for number in range(backing_up.LARGE + 20)])
    assistant.remove_items(ids[:20]).result(60)
    assert not library.backups(), "a small change leaves none"
    assistant.remove_items(ids[20:]).result(60)
    assert not len(library.item_ids())
    wait_for(library.backups)
    (made,) = library.backups(with_counts=True)
    assert (made.why, sum(made.counts.values())) == ("change", backing_up.LARGE)
    assistant.undo().result(60)
    assistant.add_tag(ids[20:], "sea").result(60)
    assistant.backups.make().result(60)  # whatever was waiting has been made by then
    assert [each.why for each in library.backups()] == ["asked", "change"], "not one for each of many in a row"


def test_merging_tags_and_replacing_everywhere_are_large_changes(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backing_up, "LARGE", 3)
    monkeypatch.setattr(backing_up, "APART_S", 0.0)
    library = assistant.library
    ids, _ = library.add_items([new_item(number) for number in range(3)])
    library.add_tag(ids, Concept("own:sea", "sea"))
    library.add_tag(ids[:1], Concept("own:ocean", "ocean"))
    assistant.tags.merge("own:sea", "own:ocean").result(60)
    wait_for(lambda: len(library.backups()) == 1)
    before = restored(library.backups()[0].file, tmp_path)
    assert {concept.id: count for concept, count in before.tag_counts()} == {"own:sea": 3, "own:ocean": 1}
    before.close()


def go_on_when_cancelled(waiting: Future[Any], go_on: threading.Event) -> None:
    """The copy that is under way hangs until closing has let go of the next one."""
    threading.Thread(target=lambda: (wait_for(waiting.cancelled), go_on.set()), daemon=True).start()


def test_closing_waits_for_no_copy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_assistant(works=False)
    opened.library.add_items([new_item(number) for number in range(200)])
    asked, go_on = threading.Event(), threading.Event()
    plain = lean_copy.write

    def slow(source: object, target: Path, **options: object) -> None:
        asked.set()
        go_on.wait(60)
        plain(source, target, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(lean_copy, "write", slow)
    copying, waiting = opened.backups.make_daily(), opened.backups.make()
    assert asked.wait(60)
    go_on_when_cancelled(waiting, go_on)
    began = time.monotonic()
    opened.close()
    assert time.monotonic() - began < 20
    assert copying.done() and waiting.cancelled()
    assert not list(backup.backup_folder(find_paths().library).iterdir())


def test_closing_waits_for_the_state_before_a_large_change(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_assistant(works=False)
    ids, _ = opened.library.add_items([new_item(number) for number in range(backing_up.LARGE)])
    asked, go_on = threading.Event(), threading.Event()
    plain = lean_copy.write

    def slow(source: object, target: Path, **options: object) -> None:
        asked.set()
        go_on.wait(60)
        plain(source, target, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(lean_copy, "write", slow)
    opened.remove_items(ids).result(60)
    assert asked.wait(60)
    assert len(opened.backups.keeping()) == 1
    waiting = opened.backups.make()
    go_on_when_cancelled(waiting, go_on)
    opened.close()
    assert waiting.cancelled() and not opened.backups.keeping()
    (made,) = backup.list_backups(find_paths().library)
    assert backup.describe(made).why == "change"
    assert sum(backup.read_counts(made).values()) == backing_up.LARGE


def test_a_command_ends_when_its_backup_is_made(home: Path) -> None:
    opened = open_assistant(works=False, is_foreground=True)
    ids, _ = opened.library.add_items([new_item(number) for number in range(backing_up.LARGE)])
    opened.remove_items(ids).result(60)
    opened.close()
    assert [backup.describe(file).why for file in backup.list_backups(find_paths().library)] == ["change"]


def test_promise_10_why_there_is_no_backup_is_told_and_work_goes_on(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[UserFixable | None] = []
    assistant.backups.on_made(told.append)
    ids, _ = assistant.library.add_items([new_item(number) for number in range(backing_up.LARGE)])
    monkeypatch.setattr(backup, "_SPARE_BYTES", 1 << 60)
    assistant.remove_items(ids).result(60)
    wait_for(lambda: told)
    assert told[0] is not None and told[0].code == "library.backup_disk_full"
    assert assistant.backups.fault is told[0]
    monkeypatch.undo()
    assistant.backups.make().result(60)
    assert told[1:] == [None] and assistant.backups.fault is None


def test_a_library_for_looking_is_left_alone(home: Path) -> None:
    paths = find_paths()
    made = Library.open(paths.library)
    made.add_items([new_item(1)])
    made.close()
    looking = open_assistant(is_read_only=True)
    assert looking.backups.make_daily().result(60) is None
    assert looking.backups.look().result(60).is_whole
    looking.close()
    assert not paths.backups.exists()


def test_small_pictures_without_an_item_are_found_and_deleted(assistant: Assistant) -> None:
    previews = assistant.paths.previews
    assistant.library.add_items([new_item(1), new_item(2)])
    assistant.remove_items([2]).result(60)
    for item_id in (1, 2, 77):
        write_preview(previews, item_id, "thumbnail", b"x")
    found = assistant.backups.look().result(60)
    assert found.found == (("strays", 1, True),)
    done = assistant.backups.repair().result(60)
    assert done.is_whole and done.repaired == (("strays", 1),) and done.backup is not None
    assert sorted(os.listdir(previews)) == ["1", "2"], "a removed item may come back"


def test_what_needs_a_repair_can_be_backed_up_before_it(home: Path) -> None:
    paths = find_paths()
    library = Library.open(paths.library)
    library.add_items([new_item(1), new_item(2)])
    library.close()
    with closing(sqlite3.connect(paths.library)) as connection:
        connection.execute("INSERT INTO jobs (item_id, analyser, stage, rank) VALUES (77, 'speech', 2, 0)")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, '(path)', '(shown)') WHERE name = 'locations_by_path'"
        )
        connection.commit()
    opened = open_assistant(works=False)
    assert {code for code, _, _ in opened.backups.look().result(60).found} == {"indexes", "orphans"}
    done = opened.backups.repair().result(60)
    assert done.is_whole and done.backup is not None
    assert len(opened.library.backups()) == 1
    opened.close()


def test_promise_4_pictures_follow_the_restored_library(home: Path) -> None:
    paths = find_paths()
    library = Library.open(paths.library)
    library.add_items([new_item(1), new_item(2)])
    for item_id in (1, 2):
        library.finish_analysis(item_id, "preview", 1)
        write_preview(paths.previews, item_id, "thumbnail", b"old")
    made = library.backup()
    library.replace_content(2, new_item(9, path="/media/clip 2.mp4"))
    library.add_items([new_item(3)])
    write_preview(paths.previews, 3, "thumbnail", b"new")
    library.close()
    done = restore_backup(paths, made)
    assert done.changed == (2,)
    assert sorted(os.listdir(paths.previews)) == ["1", "3"], "what a way back would show again stays"
    opened = Library.open(paths.library)
    assert [run.item_id for run in opened.runs() if run.is_stale] == [2]
    opened.close()


@pytest.mark.timeout(900)
def test_promise_4_after_a_restore_only_vectors_are_made_again(
    home: Path, material: Path, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens a second time to what was written down: here a person would see it, for the lines were changed."""
    monkeypatch.setenv("MEDIA_ASSISTANT_MODELS", str(material / "models"))
    media = make_media(samples, tmp_path / "media")
    for spare in ("waves 0.ogg", "lighthouse 0.md", "灯塔与大海 0.txt"):
        (media / spare).unlink()
    before = open_assistant(settings=BRISK, is_foreground=True)
    before.import_paths([media]).result(120)
    assert not before.when_idle().result(300).failed
    made = before.library.backup()
    before.close()
    file = tmp_path / "again" / "library.sqlite"
    restore_backup(find_paths(file), made)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM vectors").fetchone() == (0,)
        connection.execute("UPDATE moments SET text = 'told: ' || text WHERE layer = 'line'")
        connection.commit()
        found_before = connection.execute("SELECT * FROM moments ORDER BY id").fetchall()
        traits = connection.execute("SELECT * FROM traits ORDER BY run_id, name").fetchall()
    after = open_assistant(find_paths(file), BRISK, is_foreground=True)
    after.analyse()
    assert not after.when_idle().result(300).failed
    assert not any(run.lacks_vectors or run.is_stale for run in after.library.runs())
    after.close()
    with closing(sqlite3.connect(file)) as connection, closing(sqlite3.connect(before.library.file)) as whole:
        assert connection.execute("SELECT * FROM moments ORDER BY id").fetchall() == found_before
        assert connection.execute("SELECT * FROM traits ORDER BY run_id, name").fetchall() == traits
        asked = 'SELECT run_id, space, span_kind, span_a, span_b, span_c, length("values") FROM vectors ORDER BY 1, 2, 3, 4, 5'
        known = whole.execute(asked).fetchall()
        assert connection.execute(asked).fetchall() == known
        analysers = {row[0] for row in whole.execute("SELECT analyser FROM runs JOIN vectors ON run_id = runs.id")}
    assert {"sights", "pictures", "sounds", "music", "words", "speech"} <= analysers, "or this proves less than it says"
