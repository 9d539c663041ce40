"""What a person did is noted in its order, by sessions, whatever the clock says; nothing of it is in copies."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from media_assistant.items.happening import Ending, Happening, Verb, ending_of
from media_assistant.items.slate import Liking, Outcome, Proposal, Slate
from media_assistant.items.span import TimeSpan
from media_assistant.library import happening_store
from media_assistant.library.library import Library
from tests.library.making import new_item, open_new


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the library takes for now; the last one holds."""
    told = ["2026-05-01T10:00:00+00:00"]
    monkeypatch.setattr(happening_store, "now", lambda: told[-1])
    return told


def filled(folder: Path) -> tuple[Library, list[int]]:
    library = open_new(folder)
    return library, library.add_items([new_item(number) for number in range(3)])[0]


def played(item_id: int, end_ms: int, ending: Ending = Ending.LEFT) -> Happening:
    return Happening(Verb.PLAYED, item_id, TimeSpan(0, end_ms), end_ms, ending)


def test_what_happened_is_read_back_by_session_and_item(tmp_path: Path, clock: list[str]) -> None:
    library, (first, second, third) = filled(tmp_path)
    library.note_happening(Happening(Verb.SEARCHED, detail={"words": "sea 海", "found": 2}))
    assert library.note_happening(played(first, 60_000, Ending.FINISHED)).past
    clock.append("2026-05-01T10:20:00+00:00")
    library.note_happening(played(first, 4_000))
    library.note_happening(Happening(Verb.OPENED, second, lasted_ms=3_600_000))
    clock.append("2026-05-01T11:40:00+00:00")  # 20 minutes after the hour in which that was looked at
    library.note_happening(played(third, 900, Ending.SKIPPED))
    clock.append("2026-05-01T13:00:00+00:00")
    library.note_happening(played(second, 50_000))
    found = library.happenings()
    assert [(each.verb.value, each.item_id, each.session, each.is_again) for each in found] == [
        ("played", second, 2, False),
        ("played", third, 1, False),
        ("opened", second, 1, False),
        ("played", first, 1, True),
        ("played", first, 1, False),
        ("searched", 0, 1, False),
    ]
    assert found[-1].detail == {"words": "sea 海", "found": 2} and found[0].span == TimeSpan(0, 50_000)
    assert library.happenings(before=found[1].id, limit=1) == [found[2]]
    assert library.happenings(verbs=[Verb.SEARCHED]) == [found[-1]]
    assert library.happenings(item_ids=[third]) == [found[1]]
    use = library.uses()[first]
    assert (use.count, use.finished, use.skipped, use.lasted_ms, use.at) == (2, 1, 0, 64_000, clock[1])
    assert library.uses([second, third]) == {key: value for key, value in library.uses().items() if key != first}
    met = library.met(9)
    assert [(each.item_id, each.session) for each in met] == [
        (first, 1),
        (first, 1),
        (second, 1),
        (third, 1),
        (second, 2),
    ]
    assert [each.ending for each in met] == [each.ending for each in found[-2::-1]] and library.met(2) == met[-2:]
    library.remove_items([first])
    assert first not in library.uses() and [each.item_id for each in library.met(9)] == [second, third, second]
    assert not library.note_happening(played(first, 1))
    library.undo()
    assert library.uses()[first] == use, "it comes back with what was done with it"
    library.close()


def test_a_clock_set_back_changes_no_order(tmp_path: Path, clock: list[str]) -> None:
    library, (first, second, _) = filled(tmp_path)
    library.note_happening(played(first, 1))
    for at, session in (
        ("2026-05-01T09:45:00+00:00", 1),
        ("2020-01-01T00:00:00+00:00", 2),
        ("2020-01-01T00:01:00+00:00", 2),
    ):
        clock.append(at)
        library.note_happening(played(second, 1))
        assert library.happenings(limit=1)[0].session == session
    assert [each.at for each in reversed(library.happenings())] == clock
    library.close()


def test_what_was_liked_and_opened_then_was_liked(tmp_path: Path) -> None:
    library, (first, second, third) = filled(tmp_path)
    proposals = tuple(Proposal("new", at, each, 0.5) for at, each in enumerate((first, second, third)))
    number = library.note_slate(Slate("ucb 1", proposals))
    library.say_of_liking([first], Liking.LIKE)
    library.note_outcome(number, first, Outcome.LIKED)
    library.note_outcome(number, first, Outcome.OPENED)
    library.note_happening(played(first, 9))
    changes = library.say_of_liking([second], Liking.NEVER)
    library.note_outcome(number, second, Outcome.NEVER)
    library.take_back(changes.step)
    library.note_outcome(number, second, Outcome.OPENED)
    library.note_outcome(number, third, Outcome.OPENED)
    (slate,) = library.slates_since()
    # A word that was taken back is none.
    assert [each.outcome.value for each in slate.proposals] == ["liked", "opened", "opened"]
    assert library.happenings()[0].slate_id == number, "it was opened from there all the same"
    library.close()


def test_slates_are_logged_with_what_became_of_them(tmp_path: Path) -> None:
    library, (first, second, third) = filled(tmp_path)
    proposals = (Proposal("new", 0, first, 0.5, 0.25, b"\0\0\x80?"), Proposal("new", 1, second, 0.125))
    number = library.note_slate(Slate("ucb 1", (*proposals, Proposal("new", 2, 999, 1.0)), {"familiar": 0.5}))
    library.note_happening(Happening(Verb.PLAYED, first, TimeSpan(0, 9), slate_id=number))
    assert library.happenings()[0].slate_id == number
    assert library.note_outcome(number, first, Outcome.OPENED)
    for item_id in (first, second):
        library.note_happening(Happening(Verb.PLAYED, item_id, TimeSpan(0, 9)))
    assert [each.slate_id for each in library.happenings()] == [0, number, number], "as one that was opened from there"
    assert library.note_outcome(number, first, Outcome.FINISHED)
    assert not library.note_outcome(number, third, Outcome.OPENED) and not library.note_outcome(
        77, first, Outcome.NEVER
    )
    (slate,) = library.slates_since()
    assert (slate.policy, slate.settings, slate.session) == ("ucb 1", {"familiar": 0.5}, 1)
    assert [(each.item_id, each.outcome.value) for each in slate.proposals] == [(first, "finished"), (second, "")]
    assert slate.proposals[0].context == b"\0\0\x80?" and slate.proposals[0].expected == 0.25
    assert library.slates_since(number) == []
    library.say_of_liking([first, second], Liking.LIKE)
    library.say_of_liking([first], Liking.NOT_NOW, "2030-01-01T00:00:00+00:00")
    assert [(each.item_id, each.word.value, each.until) for each in library.likings()] == [
        (first, "like", ""),
        (first, "not_now", "2030-01-01T00:00:00+00:00"),
        (second, "like", ""),
    ]
    library.close()


def test_nothing_is_noted_while_recording_is_paused_or_the_library_is_read(tmp_path: Path) -> None:
    library, (first, *_) = filled(tmp_path)
    assert library.is_recording and library.set_recording(is_recording=False).past
    assert not library.note_happening(played(first, 5)) and not library.note_slate(
        Slate("x", (Proposal("", 0, first, 1),))
    )
    assert library.happenings() == [] and not library.is_recording
    library.set_recording(is_recording=True)
    library.note_happening(played(first, 5))
    library.close()
    reading = Library.open(library.file, read_only=True)
    assert not reading.is_recording and len(reading.happenings()) == 1
    reading.close()


def test_no_backup_holds_what_was_done_and_none_is_made_for_it(tmp_path: Path) -> None:
    library, (first, *_) = filled(tmp_path)
    library.backup()
    library.note_happening(played(first, 5))
    library.note_slate(Slate("x", (Proposal("", 0, first, 1),)))
    held = library.hold()
    assert not held.is_unlike(library.backups()[0])
    held.release()
    made = library.backup()
    library.close()
    with closing(sqlite3.connect(made)) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
        assert not names & {"happenings", "slates", "shown", "learnt"} and "likings" in names
        assert not connection.execute("SELECT 1 FROM sqlite_sequence WHERE name IN ('happenings', 'slates')").fetchall()


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "played_ms", "duration_ms", "ending"),
    [
        (0, 200_000, 200_000, 210_000, Ending.FINISHED),
        (0, 200_000, 9_000, 210_000, Ending.SKIPPED),  # jumped to the end
        (150_000, 210_000, 60_000, 210_000, Ending.FINISHED),  # went on from where it was left off
        (0, 9_000, 9_000, 210_000, Ending.SKIPPED),
        (0, 100_000, 100_000, 210_000, Ending.LEFT),
        (0, 3_900, 3_900, 4_000, Ending.FINISHED),
        (0, 1_000, 1_000, 4_000, Ending.LEFT),
        (0, 60_000, 60_000, 0, Ending.LEFT),
        (0, 1_000, 1_000, 0, Ending.SKIPPED),
    ],
)
def test_how_playing_ends(start_ms: int, end_ms: int, played_ms: int, duration_ms: int, ending: Ending) -> None:
    assert ending_of(start_ms, end_ms, played_ms, duration_ms) is ending
