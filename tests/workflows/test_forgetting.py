"""What is forgotten is gone to the last byte: from the library, from its copies, from logs and caches."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from media_assistant.assistant import Assistant
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.happening import Ending, Forgetting, Forgotten, Happening, Verb
from media_assistant.items.sentence import Sentence
from media_assistant.items.slate import Liking, Outcome, Proposal, Slate
from media_assistant.items.span import TimeSpan
from media_assistant.library import backup, forgetting, happening_store, secrecy
from media_assistant.library.library import Library
from media_assistant.library.putting_back import put_back
from media_assistant.paths import Paths, find_paths
from media_assistant.settings import Settings
from media_assistant.workflows.keeping.backing_up import LARGE
from media_assistant.workflows.understanding.previews import write_preview
from tests.library.making import new_item
from tests.workflows.recommend_library import fill, suggestions_of

PLACE_MS = 0x5A6B7C8D
TRACES = {
    "search": "zqx sought 海边".encode(),
    "detail": b"zqx detail",
    "policy": b"zqx policy",
    "context": b"zqx context",
    "state": b"zqx state",
    "until": b"2031-07-08T09:10:11",
    "place": PLACE_MS.to_bytes(4, "big"),
    "said": b"say_of_liking",
    "log": b"zqx log",
    "peaks": b"zqx peaks",
}


@pytest.fixture
def paths(home: Path) -> Paths:
    return find_paths()


@pytest.fixture
def assistant(paths: Paths) -> Iterator[Assistant]:
    opened = Assistant.open(paths, Settings(), works=False)
    opened.library.add_items([new_item(number) for number in range(40)])
    yield opened
    opened.close()


def remaining(folder: Path, *names: str) -> set[str]:
    """Which traces any file still holds."""
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    return {name for name in names or TRACES if any(TRACES[name] in held for held in files)}


def keep_learnt(library: Library, state: bytes) -> None:
    """As earlier versions did."""
    with library._database.transaction() as connection, secrecy.overwriting(connection):
        connection.execute("INSERT OR REPLACE INTO learnt VALUES ('bandit', '{}', ?)", (state,))


def live(assistant: Assistant, count: int = 700) -> None:
    """Weeks of use: rows enough for tables of many pages, with changes in their middle."""
    library = assistant.library
    state = TRACES["state"] * 500
    with library._database.transaction():
        for number in range(count):
            item_id = number % 40 + 1
            library.note_happening(
                Happening(Verb.SEARCHED, detail={"words": TRACES["search"].decode(), "found": number})
            )
            slate_id = library.note_slate(
                Slate(
                    TRACES["policy"].decode(),
                    tuple(
                        Proposal("new", place, (item_id + place) % 40 + 1, 0.5, 0, TRACES["context"])
                        for place in range(3)
                    ),
                )
            )
            library.note_happening(
                Happening(
                    Verb.PLAYED,
                    item_id,
                    TimeSpan(0, number),
                    number,
                    Ending.FINISHED,
                    slate_id=slate_id,
                    detail={"note": TRACES["detail"].decode()},
                )
            )
            if number % 7 == 0:
                library.note_outcome(slate_id, (item_id + 1) % 40 + 1, Outcome.FINISHED)
                keep_learnt(library, state[: 20 * number])
            library.keep_position(item_id, PLACE_MS)
            if number % 5 == 0:
                library.say_of_liking([item_id], Liking.NOT_NOW, f"{TRACES['until'].decode()}.{number:06}+00:00")
            if number % 20 == 0:
                library.undo()
            if number % 40 == 0:
                library.redo()
    library.rate([1, 2], 5)


def copies(assistant: Assistant, paths: Paths) -> Path:
    """A backup, a restore point, a damaged library that can be read and one that cannot, logs, a measured sound."""
    library = assistant.library
    library.backup()
    with closing(sqlite3.connect(library.file)) as source:
        backup.make_backup(source, library.file, "restore")
    folder = backup.backup_folder(library.file)
    for ending in ("", "-wal"):
        shutil.copy(f"{library.file}{ending}", folder / f"damaged-20260101-000000-000000.sqlite{ending}")
    (folder / "damaged-20260102-000000-000000.sqlite").write_bytes(TRACES["search"] * 1000)
    paths.logs.mkdir(parents=True, exist_ok=True)
    for name in ("media-assistant.log", "media-assistant.log.1", "player.log", "report-1.txt"):
        (paths.logs / name).write_bytes(TRACES["log"])
    write_preview(paths.previews, 3, "peaks", TRACES["peaks"])
    write_preview(paths.previews, 3, "thumbnail", b"small picture")
    return folder


def test_when_everything_is_forgotten_no_byte_of_it_remains(assistant: Assistant, paths: Paths, home: Path) -> None:
    live(assistant)
    folder = copies(assistant, paths)
    assert remaining(home) == set(TRACES), "else this test would prove nothing"
    held = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    gone = assistant.past.forget(Forgetting()).result(60)
    assert (gone.happenings, gone.slates, gone.positions, gone.left) == (1400, 700, 40, ())
    assert remaining(home) == set(), "while the program goes on"
    library = assistant.library
    assert library.happenings() == [] and library.slates_since() == []
    assert not any(library.details(each).left_off_ms for each in (1, 2, 3))
    assert library.likings() == [] and not library.is_forgetting
    # What the person said otherwise stands, can be undone, and no step gets a number twice.
    assert library.ratings([1, 2]) == {1: 5, 2: 5} and library.find_problems() == []
    assert library.undo().step and library.ratings([1]) == {}
    assert not library.undo() and (paths.previews / "3" / "thumbnail").exists()
    last = library.rate([1], 3).step
    with library._database.read() as connection:
        assert connection.execute("SELECT max(id) FROM journal").fetchone()[0] > last > 0
    # The copies are whole, of their age, and can be restored.
    assert sorted(file.name for file in folder.iterdir()) == sorted(
        file.name for file in held if "20260102" not in file.name and not file.name.endswith(("-wal", "-shm"))
    )
    for file in folder.iterdir():
        assert not backup.check(file) and file.stat().st_mtime_ns == held[file]
    library.note_happening(Happening(Verb.OPENED, 1))
    assert library.happenings()[0].session == 1, "all begins anew"
    assistant.close()
    assert remaining(home) == set()


def test_an_hour_and_a_file_are_forgotten_alone(
    assistant: Assistant, paths: Paths, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = assistant.library
    told = ["2026-05-01T10:00:00+00:00"]
    monkeypatch.setattr(happening_store, "now", lambda: told[-1])
    early = library.note_slate(Slate("ucb", (Proposal("new", 0, 1, 0.5), Proposal("new", 1, 2, 0.5))))
    library.note_happening(Happening(Verb.PLAYED, 1, TimeSpan(0, 9), 9, slate_id=early))
    library.note_happening(Happening(Verb.PLAYED, 3, TimeSpan(0, 9), 90 * 60_000))  # until half past eleven
    told.append("2026-05-01T11:10:00+00:00")
    library.note_happening(Happening(Verb.SEARCHED, detail={"words": TRACES["search"].decode()}))
    library.note_outcome(early, 2, Outcome.OPENED)
    late = library.note_slate(Slate(TRACES["policy"].decode(), (Proposal("new", 0, 2, 0.5),)))
    told.append("2026-05-01T08:00:00+00:00")  # the clock was set back
    library.note_happening(Happening(Verb.PLAYED, 2, slate_id=late, detail={"note": TRACES["detail"].decode()}))
    keep_learnt(library, TRACES["state"])
    library.say_of_liking([2], Liking.NEVER)
    copies(assistant, paths)
    for name in ("worker.log", "worker-query.log", "worker-peaks.log.2"):
        (paths.logs / name).write_bytes(TRACES["log"])
    stuck = paths.logs / "worker-1.log"
    stuck.mkdir()
    # A report for which there was no room among the logs, and a letter of the person's that is called alike.
    monkeypatch.setattr(tempfile, "tempdir", str(home))
    (home / "media-assistant-report-1.txt").write_bytes(TRACES["log"])
    (home / "report-1.txt").write_bytes(b"Dear Ada")
    gone = assistant.past.forget(Forgetting(since="2026-05-01T11:00:00+00:00")).result(60)
    assert (gone.happenings, gone.slates) == (3, 1)
    assert [(each.item_id, each.slate_id) for each in library.happenings()] == [(1, early)]
    (slate,) = library.slates_since()
    assert [each.outcome for each in slate.proposals] == [Outcome.NONE, Outcome.NONE]
    assert [each.word for each in library.likings()] == [Liking.NEVER], "a word of the person stays"
    # A damaged library that cannot be read is not thrown away for an hour, but named.
    assert [Path(file).name for file in gone.left] == ["damaged-20260102-000000-000000.sqlite", stuck.name]
    Path(gone.left[0]).unlink()
    stuck.rmdir()
    assert remaining(home, "search", "policy", "detail", "state", "log") == set()
    assert (paths.logs / "media-assistant.log").exists() and (home / "report-1.txt").exists()

    library.note_happening(Happening(Verb.PLAYED, 2, detail={"note": TRACES["detail"].decode()}))
    library.keep_position(2, PLACE_MS)
    library.keep_position(1, 5000)
    library.backup()
    write_preview(paths.previews, 2, "peaks", TRACES["peaks"])
    assert remaining(home, "detail", "place", "peaks") == {"detail", "place", "peaks"}
    gone = assistant.past.forget(Forgetting(item_ids=(2,))).result(60)
    assert gone == Forgotten(1, 0, 1, 0)
    assert remaining(home, "detail", "place", "peaks") == set()
    assert [library.details(each).left_off_ms for each in (1, 2)] == [5000, 0] and list(library.uses()) == [1]
    assert [each.item_id for each in library.slates_since()[0].proposals] == [1]
    assert library.find_problems() == []


def test_a_program_that_was_cut_off_goes_on_forgetting(assistant: Assistant, paths: Paths, home: Path) -> None:
    live(assistant, 20)
    assistant.library.backup()
    assistant.library.forget(Forgetting())
    paths.logs.mkdir(parents=True)
    (paths.logs / "worker.log").write_bytes(TRACES["log"])
    assert remaining(home, "place", "log") == {"place", "log"}, "in the backup and the log"
    assistant.close()
    again = Assistant.open(paths, Settings(), works=False)
    again.past.go_on()
    again.backups.submit(bool).result(60)
    assert remaining(home, "place", "said", "log") == set() and not again.library.is_forgetting
    again.close()


def test_half_a_copy_of_a_killed_program_is_forgotten_too(assistant: Assistant, home: Path) -> None:
    live(assistant, 20)
    folder = backup.backup_folder(assistant.library.file)
    folder.mkdir(exist_ok=True)
    shutil.copy(assistant.library.file, folder / "restore-point-20260102-000000-000000.partial")
    shutil.copy(f"{assistant.library.file}-wal", folder / "library-20260102-000000-000000.partial-journal")
    assert assistant.past.forget(Forgetting()).result(60).left == ()
    assert remaining(home, "search", "place", "detail", "policy") == set() and not list(folder.glob("*.partial*"))


def test_what_is_forgotten_while_a_large_edit_runs_is_in_no_backup_of_the_state_before(
    assistant: Assistant, home: Path
) -> None:
    library = assistant.library
    ids, _ = library.add_items([new_item(number) for number in range(100, 100 + LARGE)])
    library.keep_position(1, PLACE_MS)
    is_held, may_go_on = threading.Event(), threading.Event()

    def change() -> LibraryChanges:
        is_held.set()
        may_go_on.wait(30)
        return library.remove_items(ids)

    edit = assistant._write(change)
    assert is_held.wait(30)
    forgetting_it = assistant.past.forget(Forgetting())
    may_go_on.set()
    assert edit.result(30).removed
    assert forgetting_it.result(60).left == ()
    assistant.backups.submit(bool).result(60)
    assert [each.why for each in library.backups()] == ["change"]
    assert remaining(home, "place") == set()


def test_what_is_forgotten_while_the_copies_are_seen_to_is_gone_from_them_too(
    assistant: Assistant, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = assistant.library
    library.keep_position(1, PLACE_MS)
    library.keep_position(2, PLACE_MS)
    library.backup()
    seen_to = forgetting.forget_in_copies
    meanwhile = [Forgetting(item_ids=(2,)), Forgetting(item_ids=(1,))]

    def slowly(file: Path, what: Forgetting, contents: str) -> tuple[str, ...]:
        while meanwhile:
            library.forget(meanwhile.pop())
        return seen_to(file, what, contents)

    monkeypatch.setattr(forgetting, "forget_in_copies", slowly)
    library.forget(Forgetting(item_ids=(1,)))
    library.finish_forgetting()
    assert library.is_forgetting and remaining(home, "place") == {"place"}, "in the copies of the second"
    assert library.finish_forgetting() == ()
    assert remaining(home, "place") == set() and not library.is_forgetting


def test_a_reader_in_the_way_is_told_of(assistant: Assistant, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live(assistant, 20)
    writer = assistant.library._database._writer
    assert writer is not None
    writer.execute("PRAGMA busy_timeout = 50")
    held = assistant.library.hold()
    gone = assistant.past.forget(Forgetting()).result(60)
    assert [Path(file).name for file in gone.left] == [assistant.library.file.name + "-wal"]
    held.release()
    assistant.close()
    assert remaining(home, "search", "place") == set(), "gone with the program's end"


def test_a_restore_keeps_what_was_done_and_brings_nothing_forgotten_back(assistant: Assistant, home: Path) -> None:
    library = assistant.library
    slate_id = library.note_slate(Slate("ucb", (Proposal("new", 0, 1, 0.5),)))
    library.note_happening(Happening(Verb.PLAYED, 1, TimeSpan(0, 9), slate_id=slate_id))
    made = library.backup()
    library.note_happening(Happening(Verb.SEARCHED, detail={"words": TRACES["search"].decode()}))
    happened, proposed = library.happenings(), library.slates_since()
    assistant.close()
    point = put_back(made, library.file).restore_point
    assert point is not None and TRACES["search"] not in point.file.read_bytes()
    with closing(sqlite3.connect(point.file)) as connection:
        assert all(connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,) for table in secrecy.PRIVATE)
    for file in (None, point.file):
        if file is not None:
            put_back(file, library.file)
        again = type(library).open(library.file)
        assert (again.happenings(), again.slates_since()) == (happened, proposed)
        assert again.find_problems() == []
        again.close()


def test_what_for_you_has_learnt_is_undone_by_forgetting_everything(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "l.sqlite")
    topics = fill(library, 160)
    suggestions = suggestions_of(library)
    suggestions.draw = lambda: 7
    at = datetime.now(UTC)
    suggestions.now = lambda: at

    def page() -> list[tuple[str, list[tuple[int, Sentence]]]]:
        return [(row.name, [(each.item.id, each.says) for each in row.offers]) for row in suggestions.make_page().rows]

    fresh = page()
    liked = [item_id for item_id, topic in topics.items() if topic == topics[1]][:5]
    for item_id in liked:
        library.note_happening(Happening(Verb.PLAYED, item_id, TimeSpan(0, 60_000), 60_000, Ending.FINISHED))
    library.keep_position(liked[0], 30_000)
    library.say_of_liking(liked, Liking.LIKE)
    library.say_of_liking([fresh[0][1][0][0]], Liking.NEVER)
    assert page() != fresh
    library.forget(Forgetting())
    assert page() == fresh, "as on the first day"
    library.finding.close()
    library.close()
