"""Lost files: noticed, told from offline ones, found again by content, undone."""

from __future__ import annotations

import hashlib
import os
import shutil
import wave
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.items.sentence import NOTHING, Sentence
from media_assistant.items.tag import TagState
from media_assistant.items.whereabouts import Found, Match
from media_assistant.library.library import JobRow, Library
from media_assistant.workflows.intake import relinking
from media_assistant.workflows.intake.importing import import_paths
from tests.library.making import chunk, open_new
from tests.workflows.engine import open_assistant

SEASIDE = Concept("own:seaside", "seaside")


def texts(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name in names:
        (folder / name).write_text(f"What {name} says, in words of its own.\n" * 3, "utf-8")
        made.append(folder / name)
    return made


def filled(tmp_path: Path, *names: str) -> tuple[Library, list[int]]:
    library = open_new(tmp_path)
    report = import_paths(library, texts(tmp_path / "here", *names), plan=None, tell=lambda _changes: None)
    return library, list(report.added)


def is_missing(library: Library, item_id: int) -> tuple[bool, bool]:
    item = library.item(item_id)
    assert item is not None
    return item.is_missing, item.is_offline


@pytest.mark.parametrize("way", ["looked at", "relinked"])
def test_what_is_back_is_tried_again_where_its_absence_was_the_fault(tmp_path: Path, way: str) -> None:
    library, (item_id,) = filled(tmp_path, "a.txt")
    faults = {
        "facts": Sentence("error.media.vanished"),
        "preview": Sentence("error.media.read_failed", {"why": "system.EIO"}),
        "words": Sentence("error.media.unreadable"),
        "meaning": Sentence("error.media.damaged"),
        "speech": Sentence("error.jobs.silent"),
        "keywords": NOTHING,
    }
    library.enqueue([JobRow(item_id, name, 0) for name in faults])
    library.cancel_jobs([item_id], ["keywords"])
    lease = library.lease_jobs()
    assert lease is not None
    for name in lease.analysers:
        library.fail_analysis(item_id, name, faults[name], is_final=True)
    here, there = tmp_path / "here" / "a.txt", tmp_path / "a.txt"
    shutil.move(here, there)
    relinking.check_files(library, [item_id])
    if way == "looked at":
        shutil.move(there, here)
        relinking.check_files(library, [item_id])
    else:
        found = Found(item_id, str(there), there.stat().st_size, there.stat().st_mtime_ns)
        relinking.Relinking(library, done_at_once, lambda _ids: None, lambda _changes: None).relink([found])
    assert {row.analyser: row.state for row in library.jobs()} == {
        "facts": "waiting",
        "preview": "waiting",
        "words": "waiting",
        "meaning": "failed",
        "speech": "waiting",
        "keywords": "cancelled",
    }
    library.close()


def done_at_once(edit: Callable[[], LibraryChanges]) -> Future[LibraryChanges]:
    done: Future[LibraryChanges] = Future()
    done.set_result(edit())
    return done


def test_what_is_gone_is_marked_and_what_is_back_is_not(tmp_path: Path) -> None:
    library, ids = filled(tmp_path, "a.txt", "b.txt")
    assert not relinking.check_files(library, ids)
    shutil.move(tmp_path / "here" / "a.txt", tmp_path / "a.txt")
    assert relinking.check_files(library, ids).changed == (ids[0],)
    assert is_missing(library, ids[0]) == (True, False)
    assert is_missing(library, ids[1]) == (False, False)
    assert not relinking.check_files(library, ids)
    (tmp_path / "here" / "a.txt").write_text("another file of that name")
    assert not relinking.check_files(library, ids)
    shutil.move(tmp_path / "a.txt", tmp_path / "here" / "a.txt")
    assert relinking.check_files(library, ids).changed == (ids[0],)
    assert is_missing(library, ids[0]) == (False, False)
    library.close()


def test_a_folder_that_is_away_is_offline_and_comes_back(tmp_path: Path) -> None:
    library, ids = filled(tmp_path, "a.txt", "b.txt")
    library.add_root(str(tmp_path / "here"))
    shutil.move(tmp_path / "here", tmp_path / "unplugged")
    assert set(relinking.check_files(library, ids).changed) == set(ids)
    assert [is_missing(library, each) for each in ids] == [(True, True)] * 2
    shutil.move(tmp_path / "unplugged", tmp_path / "here")
    os.unlink(tmp_path / "here" / "b.txt")
    relinking.check_files(library, ids)
    assert [is_missing(library, each) for each in ids] == [(False, False), (True, False)]
    library.close()


def test_the_watch_of_folders_tells_offline_from_missing(tmp_path: Path) -> None:
    from media_assistant.workflows.intake import looking

    library, ids = filled(tmp_path, "a.txt", "b.txt")
    here = tmp_path / "here"
    library.add_root(str(here))
    shutil.move(here, tmp_path / "unplugged")
    looking.look_through(library, str(here), plan=None, tell=lambda _changes: None)
    assert [is_missing(library, each) for each in ids] == [(True, True)] * 2
    shutil.move(tmp_path / "unplugged", here)
    os.unlink(here / "b.txt")
    looking.look_through(library, str(here), plan=None, tell=lambda _changes: None)
    assert [is_missing(library, each) for each in ids] == [(False, False), (True, False)]
    library.close()


@pytest.mark.skipif(os.sep != "/", reason="mount points are named by letters here")
@pytest.mark.parametrize(
    ("path", "drive"),
    [
        ("/Volumes/Film/a/b.mp4", "/Volumes/Film"),
        ("/media/ann/Stick/b.mp4", "/media/ann/Stick"),
        ("/run/media/ann/Stick/b.mp4", "/run/media/ann/Stick"),
        ("/mnt/nas/b.mp4", "/mnt/nas"),
        ("/mnt/b.mp4", ""),
        ("/home/ann/media/b.mp4", ""),
    ],
)
def test_drives_are_known_by_where_they_appear(path: str, drive: str) -> None:
    assert relinking._drive_of(path) == drive


def test_the_same_file_is_known_and_everything_kept_after_undo_too(tmp_path: Path) -> None:
    library, ids = filled(tmp_path, "a.txt", "b.txt")
    library.decide_tag(ids[:1], SEASIDE, TagState.ACCEPTED)
    moved = tmp_path / "elsewhere" / "renamed.txt"
    moved.parent.mkdir()
    shutil.move(tmp_path / "here" / "a.txt", moved)
    relinking.check_files(library, ids)
    assert relinking.locate(library, ids[0], moved).match is Match.SAME
    assert relinking.locate(library, ids[0], texts(tmp_path, "c.txt")[0]).match is Match.OTHER
    taken = relinking.locate(library, ids[0], tmp_path / "here" / "b.txt")
    assert (taken.match, taken.owner) == (Match.TAKEN, ids[1])
    with pytest.raises(UserFixable):
        relinking.locate(library, ids[0], library.file)
    proposal = relinking.look_in_folder(library, tmp_path / "elsewhere")
    assert (proposal.looked_for, [each.path for each in proposal.found]) == (1, [str(moved)])
    before = library.items(ids)
    assert library.relink(proposal.found).changed == (ids[0],)
    item = library.item(ids[0])
    assert item is not None and (item.path, item.is_missing, item.copies) == (str(moved), False, ())
    assert [tag.concept for tag in library.details(ids[0]).tags] == [SEASIDE]
    library.close()
    library = Library.open(library.file)
    assert library.undo().changed == (ids[0],)
    assert library.items(ids) == before
    assert library.redo().changed == (ids[0],)
    assert library.item(ids[0]) == item
    library.close()


def test_a_folder_is_looked_through_for_everything_that_is_lost(tmp_path: Path) -> None:
    names = [f"{number}.txt" for number in range(15)]
    library, ids = filled(tmp_path, *names)
    far = tmp_path / "far" / "deep"
    far.mkdir(parents=True)
    for number in range(12):
        shutil.move(tmp_path / "here" / f"{number}.txt", far / f"other name {number}.txt")
    for number in range(12, 15):
        os.unlink(tmp_path / "here" / f"{number}.txt")
    (far / "same size.txt").write_bytes(b"x" * (far / "other name 3.txt").stat().st_size)
    before = {file: hashlib.sha256(file.read_bytes()).digest() for file in far.iterdir()}
    relinking.check_files(library, ids)
    met: list[int] = []
    proposal = relinking.look_in_folder(library, tmp_path / "far", progress=met.append)
    assert (proposal.looked_for, {each.item_id for each in proposal.found}) == (15, set(ids[:12]))
    assert met
    library.relink(proposal.found)
    assert [item.is_missing for item in library.items(ids)] == [False] * 12 + [True] * 3
    assert len(library.journal()) == 1
    library.undo()
    assert all(item.is_missing for item in library.items(ids))
    assert {file: hashlib.sha256(file.read_bytes()).digest() for file in far.iterdir()} == before
    library.close()


def test_a_file_stands_for_one_lost_item_the_one_whose_folder_is_called_alike(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    names = ("rome/day 1/cover.txt", "oslo/day 1/cover.txt", "oslo/day 2/cover.txt", "solo.txt")
    ids = []
    for name in names:
        (tmp_path / "here" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "here" / name).write_text(f"What {name} says.\n" * 3, "utf-8")
        report = import_paths(library, [tmp_path / "here" / name], plan=None, tell=lambda _changes: None)
        ids += report.added
    shutil.rmtree(tmp_path / "here")
    relinking.check_files(library, ids)
    better = tmp_path / "better"
    for name in ("oslo/day 2/cover.txt", "oslo/Day 1/Cover.txt", "deep/solo.txt"):
        (better / name).parent.mkdir(parents=True, exist_ok=True)
        (better / name).write_text(f"What {name} says, in many more words than before.\n" * 5, "utf-8")
    proposal = relinking.look_in_folder(library, better)
    assert not proposal.found
    assert {each.item_id: os.path.relpath(each.path, better) for each in proposal.likely} == {
        ids[1]: "oslo/Day 1/Cover.txt",
        ids[2]: "oslo/day 2/cover.txt",
        ids[3]: "deep/solo.txt",
    }
    library.close()


def test_nothing_is_used_for_two_lost_items_and_a_second_look_changes_nothing(tmp_path: Path) -> None:
    assistant = open_assistant(works=False)
    library = assistant.library
    here = texts(tmp_path / "here", "a.txt", "b.txt", "c.txt")
    ids = list(assistant.import_paths(here, analyse=False).result(30).added)
    for file in here:
        file.unlink()
    relinking.check_files(library, ids)
    one, same = texts(tmp_path / "new", "one.txt", "same.txt")
    same.write_bytes(one.read_bytes())
    found = [Found(item_id, str(file), 1, 1) for item_id, file in zip(ids, (one, one, same), strict=True)]
    assert assistant.relinking.use_all_instead(found).result(30).changed == (ids[0],)
    assert [item.is_missing for item in library.items(ids)] == [False, True, True]
    # As older versions did it: both stand for it now.
    library.use_instead({ids[1]: relinking._look(one)})
    held = [item.is_missing for item in library.items(ids)]
    for _ in range(3):
        assert not relinking.check_files(library, ids)
    assert [item.is_missing for item in library.items(ids)] == held == [False, True, True]
    assistant.close()


def test_another_file_in_its_place_keeps_the_words_and_undo_brings_the_findings_back(tmp_path: Path) -> None:
    library, ids = filled(tmp_path, "a.txt")
    item_id = ids[0]
    library.decide_tag(ids, SEASIDE, TagState.ACCEPTED)
    library.save_findings(item_id, "words", 1, "", "", chunk(0), is_first_chunk=True)
    library.finish_analysis(item_id, "words", 1)
    os.unlink(tmp_path / "here" / "a.txt")
    relinking.check_files(library, ids)
    before = library.item(item_id)
    other = texts(tmp_path / "other", "better.txt")[0]
    changes = library.use_instead({item_id: relinking._look(other)})
    assert changes.changed == (item_id,)
    item = library.item(item_id)
    assert item is not None and (item.title, item.path, item.is_missing) == ("better", str(other), False)
    assert any(tag.concept == SEASIDE for tag in library.details(item_id).tags)
    run = library.run(item_id, "words")
    assert run is not None and run.is_stale
    library.undo()
    assert library.item(item_id) == before
    run = library.run(item_id, "words")
    assert run is not None and not run.is_stale
    library.redo()
    library.save_findings(item_id, "words", 1, "", "", chunk(1), is_first_chunk=True)
    library.finish_analysis(item_id, "words", 1)
    library.undo()
    run = library.run(item_id, "words")
    assert run is not None and run.is_stale, "what was found in the other file is not true of this one"
    library.close()


def test_another_file_used_by_mistake_is_taken_back_with_what_nobody_here_would_find_again(tmp_path: Path) -> None:
    assistant = open_assistant(works=False)
    library = assistant.library
    (lost,) = texts(tmp_path / "here", "a.txt")
    (item_id,) = assistant.import_paths([lost], analyse=False).result(30).added
    # By a model that is gone, and by what was taught: neither is planned.
    for number, analyser in enumerate(("sights", "taught")):
        library.save_findings(item_id, analyser, 1, "a model", "", chunk(number), is_first_chunk=True)
        library.finish_analysis(item_id, analyser, 1, "a model")
    lost.unlink()
    relinking.check_files(library, [item_id])
    found, runs = library.moments(item_id), library.runs([item_id])
    (other,) = texts(tmp_path / "other", "better.txt")
    for _ in range(2):
        assistant.relinking.use_instead(item_id, other).result(30)
        assert all(run.is_stale for run in library.runs([item_id]))
        assistant.undo().result(30)
        assert library.moments(item_id) == found and library.runs([item_id]) == runs
    assistant.redo().result(30)
    assistant.undo().result(30)
    assert library.moments(item_id) == found and library.runs([item_id]) == runs
    assistant.redo().result(30)
    assistant._queue.plan(None)
    assert library.moments(item_id) == [] and library.runs([item_id]) == [], "as at the next start"
    assistant.close()


def silence_with(file: Path, mark: bytes) -> Path:
    """A sound that differs from others of its kind by this mark alone, where no quick hash looks."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
        out.writeframes(bytes(150_000) + mark + bytes(800_000))
    return file


def test_sounds_that_agree_at_head_middle_and_tail_are_found_each_for_itself(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    one, other = (silence_with(tmp_path / "here" / f"{name}.wav", name.encode()) for name in ("one", "two"))
    ids = import_paths(library, [one, other], plan=None, tell=lambda _changes: None).added
    assert len({place.quick_hash for place in library.locations()}) == 1
    there = tmp_path / "there"
    there.mkdir()
    one.rename(there / "z.wav")
    asked = relinking.Relinking(library, done_at_once, lambda *_, **__: None, lambda _changes: None)
    relinking.check_files(library, ids)
    located = relinking.locate(library, ids[0], other)
    assert (located.match, located.owner) == (Match.TAKEN, ids[1]), "another item's, which still lies there"
    assert relinking.locate(library, ids[0], there / "z.wav").match is Match.SAME
    with pytest.raises(UserFixable, match="file_taken"):
        asked.use_instead(ids[0], other)
    new = silence_with(tmp_path / "new.wav", b"six")
    assert asked.use_instead(ids[0], new).result().changed == (ids[0],), "a third, that is nobody's"
    library.undo()

    other.rename(there / "two.wav")
    shutil.copy(there / "two.wav", there / "another two.wav")
    relinking.check_files(library, ids)
    (there / "z.wav").rename(there / "one.wav")
    found = relinking.look_in_folder(library, there).found
    assert {each.item_id: Path(each.path).name for each in found} == {ids[0]: "one.wav", ids[1]: "two.wav"}
    library.close()
