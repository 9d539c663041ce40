"""Files come in by their content: again, moved, copied, changed, broken. Real files, a real library."""

from __future__ import annotations

import os
import shutil
import sys
import wave
from concurrent.futures import Future
from pathlib import Path

import pytest

from media_assistant.items.answers import ImportReport
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.items.kind import Kind
from media_assistant.library.library import Library
from media_assistant.media.identity import quick_hash
from media_assistant.workflows.intake.bringing_in import bring_in
from media_assistant.workflows.intake.importing import ImportProgress, find_item, import_paths
from tests.library.making import chunk
from tests.workflows.engine import open_assistant


@pytest.fixture
def library(tmp_path: Path) -> Library:
    opened = Library.open(tmp_path / "library.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "media"
    made.mkdir()
    return made


class Planned:
    """Which items were planned, call by call."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []

    def __call__(self, item_ids: object) -> None:
        self.calls.append(list(item_ids))  # type: ignore[call-overload]

    @property
    def ids(self) -> list[int]:
        return [item_id for call in self.calls for item_id in call]


def bring(library: Library, *paths: Path, planned: Planned | None = None) -> ImportReport:
    told: list[LibraryChanges] = []
    report = import_paths(library, paths, plan=planned, tell=told.append)
    if report.added:
        assert set(report.added) <= {item_id for changes in told for item_id in changes.added}
    return report


def test_every_kind_comes_in_once(library: Library, samples: Path) -> None:
    planned = Planned()
    report = bring(library, samples, planned=planned)
    kinds = {item.kind for item in library.items(report.added)}
    assert kinds == set(Kind)
    assert not report.failed
    assert sorted(planned.ids) == sorted(report.added)

    again = bring(library, samples, planned=planned)
    assert (again.added, again.known, again.moved) == ((), len(report.added), 0)


def test_the_same_file_named_twice_in_one_drop(library: Library, samples: Path) -> None:
    photo = samples / "balloon.jpg"
    report = bring(library, photo, samples, photo)
    assert sum(1 for item in library.items(report.added) if item.kind is Kind.PHOTO) == 1


def test_a_moved_and_renamed_file_keeps_everything(library: Library, samples: Path, folder: Path) -> None:
    first = folder / "a.txt"
    shutil.copy(samples / "night-sky.txt", first)
    (item_id,) = bring(library, first).added
    second = folder / "deep" / "夜空 🌌.txt"
    second.parent.mkdir()
    first.rename(second)

    report = bring(library, folder)
    assert (report.added, report.moved) == ((), 1)
    item = library.item(item_id)
    assert item is not None
    assert (item.path, item.is_missing, item.copies) == (str(second), False, ())


def test_an_exact_copy_is_known_as_a_copy(library: Library, samples: Path, folder: Path) -> None:
    first, second = folder / "a.txt", folder / "b.txt"
    shutil.copy(samples / "night-sky.txt", first)
    shutil.copy(samples / "night-sky.txt", second)
    report = bring(library, folder)
    assert (len(report.added), report.known) == (1, 1)
    item = library.item(report.added[0])
    assert item is not None
    assert {item.path, *item.copies} == {str(first), str(second)}

    third = folder / "c.txt"
    shutil.copy(first, third)
    assert bring(library, folder).known == 3


def recording(file: Path, event_at: int) -> Path:
    """Silence with noise at this byte alone: all such files have one quick hash."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound = bytearray(2 * 16_000 * 30)
        sound[event_at : event_at + 20_000] = os.urandom(20_000)
        out.writeframes(bytes(sound))
    return file


def test_files_that_agree_at_head_middle_and_tail_alone_are_two(library: Library, folder: Path) -> None:
    one, other, late = (
        recording(folder / name, at)
        for name, at in (("one.wav", 150_000), ("other.wav", 200_000), ("late.wav", 250_000))
    )
    assert quick_hash(one) == quick_hash(other) == quick_hash(late)
    shutil.copy(one, folder / "copy.wav")
    report = bring(library, one, other, folder / "copy.wav")
    assert (len(report.added), report.known) == (2, 1), "in one batch"
    first, second = report.added
    assert len(library.locations(first)) == 2
    again = bring(library, late)
    assert len(again.added) == 1, "and later"
    moved = folder / "moved.wav"
    other.rename(moved)
    found = bring(library, moved)
    assert (found.moved, find_item(library, str(moved)).id) == (1, second)
    os.utime(one)
    assert bring(library, folder).known == 4


@pytest.mark.parametrize("order", ["as they were", "the other way round", "with a copy before"])
def test_such_files_stay_two_where_their_folder_is_moved(library: Library, folder: Path, order: str) -> None:
    names = ("one.wav", "other.wav")
    files = [recording(folder / "here" / name, 150_000 + 50_000 * number) for number, name in enumerate(names)]
    ids = bring(library, *files).added
    (folder / "here").rename(folder / "there")
    moved = [folder / "there" / name for name in names]
    met = list(reversed(moved)) if order == "the other way round" else moved
    copy = [Path(shutil.copy(moved[1], folder / "there" / "copy.wav"))] if order == "with a copy before" else []
    report = bring(library, *copy, *met)
    assert (report.added, report.moved) == ((), 2)
    places = [[place.path for place in library.locations(item_id)] for item_id in ids]
    assert places == [[str(moved[0])], [str(file) for file in (moved[1], *copy)]]


def test_such_files_stay_two_where_they_are_called_otherwise_too(library: Library, folder: Path) -> None:
    files = [recording(folder / name, at) for name, at in (("one.wav", 150_000), ("other.wav", 200_000))]
    ids = bring(library, *files).added
    files[0].rename(folder / "a.wav")
    files[1].rename(folder / "b.wav")
    third = recording(folder / "c.wav", 250_000)
    report = bring(library, folder)
    assert (len(report.added), report.moved) == (1, 2)
    assert [[place.path for place in library.locations(item_id)] for item_id in (*ids, *report.added)] == [
        [str(folder / "a.wav")],
        [str(folder / "b.wav")],
        [str(third)],
    ]


def test_what_was_taken_out_does_not_swallow_a_file_that_agrees_at_those_places(library: Library, folder: Path) -> None:
    one, other = recording(folder / "one.wav", 150_000), recording(folder / "other.wav", 200_000)
    (item_id,) = bring(library, one).added
    library.remove_items([item_id])

    def look(*paths: Path) -> ImportReport:
        return import_paths(library, paths, plan=None, tell=lambda _changes: None, brings_back=False)

    (new,) = look(folder).added
    assert new != item_id and [place.path for place in library.locations(new)] == [str(other)]
    library.remove_items([new])
    assert look(folder).added == (), "neither comes in by itself again"
    assert bring(library, other).added == (new,)
    assert bring(library, one).added == (item_id,)
    library.remove_items([item_id])
    one.rename(folder / "moved.wav")
    assert look(folder).added == (), "nor under another name"


def test_a_changed_file_is_the_item_changed_and_planned_again(library: Library, folder: Path) -> None:
    file = folder / "note.txt"
    file.write_text("The tide comes in at five. " * 20)
    (item_id,) = bring(library, file).added
    file.write_text("The tide goes out at eleven. " * 20)

    planned = Planned()
    report = bring(library, file, planned=planned)
    assert report.added == ()
    assert planned.ids == [item_id]
    known = library.find_by_path(file)
    assert known is not None
    assert known.size_bytes == file.stat().st_size


def test_what_was_found_in_a_changed_file_goes_where_nobody_is_asked_to_look_into_it(
    library: Library, folder: Path
) -> None:
    file, other = folder / "note.txt", folder / "other.txt"
    for each in (file, other):
        each.write_text(f"The tide comes in at five, says the {each.stem}. " * 20)
    ids = bring(library, file, other).added
    for item_id in ids:
        library.save_findings(item_id, "words", 1, "", "", chunk(0), is_first_chunk=True)
        library.finish_analysis(item_id, "words", 1)
        library.add_tag([item_id], Concept("own:mine", "mine"))
    found = library.moments(ids[1])
    file.write_text("The tide goes out at eleven. " * 20)
    told: list[LibraryChanges] = []
    import_paths(library, [folder], plan=Planned(), tell=told.append)
    assert library.moments(ids[0]), "whoever is asked to replaces it"
    file.write_text("No word of the tide. " * 20)
    import_paths(library, [folder], plan=None, tell=told.append)
    assert library.moments(ids[0]) == [] and ids[0] in told[-1].moments
    assert [tag.concept.en for tag in library.details(ids[0]).tags] == ["mine"]
    assert library.moments(ids[1]) == found


def test_a_changed_copy_becomes_an_item_of_its_own(library: Library, folder: Path) -> None:
    first, second = folder / "a.txt", folder / "b.txt"
    first.write_text("The tide comes in at five. " * 20)
    shutil.copy(first, second)
    bring(library, folder)
    second.write_text("Something else is written here now. " * 20)
    planned = Planned()
    bring(library, folder, planned=planned)
    ours, theirs = find_item(library, str(first)), find_item(library, str(second))
    assert ours is not None
    assert theirs is not None
    assert ours.id != theirs.id
    assert planned.ids == [ours.id, theirs.id]


def test_two_files_that_changed_places(library: Library, folder: Path) -> None:
    first, second = folder / "a.txt", folder / "b.txt"
    first.write_text("The first of the two. " * 20)
    second.write_text("The second one, longer than the other. " * 20)
    one, two = bring(library, folder).added
    first.rename(folder / "x")
    second.rename(first)
    (folder / "x").rename(second)
    report = bring(library, folder)
    assert report.added == ()
    assert [find_item(library, str(path)).id for path in (first, second)] == [two, one]  # type: ignore[union-attr]
    assert library.item(one).copies == ()  # type: ignore[union-attr]


def test_a_removed_item_comes_back_when_it_is_dropped_again(library: Library, samples: Path) -> None:
    (item_id,) = bring(library, samples / "balloon.jpg").added
    library.remove_items([item_id])
    assert library.item(item_id) is None
    assert bring(library, samples / "balloon.jpg").added == (item_id,)


def test_a_removed_item_that_comes_from_elsewhere_lies_there(library: Library, samples: Path, folder: Path) -> None:
    first = Path(shutil.copy(samples / "balloon.jpg", folder / "first.jpg"))
    (item_id,) = bring(library, first).added
    library.remove_items([item_id])
    second = first.rename(folder / "second.jpg")
    assert bring(library, second).added == (item_id,)
    item = library.item(item_id)
    assert item is not None
    assert (item.path, item.copies, item.is_missing) == (str(second), (), False)


def test_bad_files_are_lines_of_the_report_and_stop_nothing(library: Library, samples: Path, folder: Path) -> None:
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "program.bin").write_bytes(bytes(range(256)) * 40)
    shutil.copy(samples / "balloon.jpg", folder / "photo.mp3")
    (folder / ".hidden").write_text("hidden")
    report = bring(library, folder, folder / "not there.mp4")
    assert [library.item(item_id).kind for item_id in report.added] == [Kind.PHOTO]  # type: ignore[union-attr]
    failed = {Path(path).name: reason.code for path, reason in report.failed}
    assert failed == {"empty.mp4": "error.media.empty", "not there.mp4": "error.media.vanished"}
    assert {Path(path).name for path, _ in report.ignored} == {"program.bin", ".hidden"}


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_said(library: Library, folder: Path) -> None:
    file = folder / "secret.txt"
    file.write_text("nobody may read this")
    file.chmod(0)
    assert [reason.code for _, reason in bring(library, file).failed] == ["error.media.unreadable"]


@pytest.mark.parametrize(
    "name", ["emoji 🎈.txt", "new\nline.txt", "‮right to left‬.txt", "ة" * 120 + ".txt", " spaces .txt", "-dash.txt"]
)
def test_odd_names(library: Library, folder: Path, name: str) -> None:
    file = folder / name
    file.write_text("The tide comes in at five. " * 20)
    (item_id,) = bring(library, folder).added
    found = find_item(library, str(file))
    assert found is not None
    assert (found.id, found.path) == (item_id, str(file))
    assert bring(library, folder).known == 1


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text exist on Linux alone")
def test_a_name_that_is_no_text(library: Library, folder: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (folder / name).write_text("The tide comes in at five. " * 20)
    (item_id,) = bring(library, folder).added
    assert library.item(item_id).path == str(folder / name)  # type: ignore[union-attr]
    assert bring(library, folder).known == 1


def test_a_loop_of_links_and_a_playlist(library: Library, samples: Path, folder: Path) -> None:
    shutil.copy(samples / "bright-morning.flac", folder / "song.flac")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "list.m3u8").write_text("#EXTM3U\nsong.flac\n../media/song.flac\nmissing.mp3\n", "utf-8")
    report = bring(library, folder)
    assert len(report.added) == 1
    assert [Path(path).name for path, _ in report.failed] == ["missing.mp3"]


def test_a_stop_keeps_what_came_in(library: Library, folder: Path) -> None:
    for number in range(60):
        (folder / f"{number:03d}.txt").write_text(f"Note {number}. " * 30)
    seen: list[ImportProgress] = []
    report = import_paths(
        library, [folder], plan=None, tell=lambda _: None, progress=seen.append, should_stop=lambda: bool(seen)
    )
    assert 0 < len(report.added) < 60
    assert report.is_stopped
    assert len(library.item_ids()) == len(report.added) == seen[-1].added
    rest = bring(library, folder)
    assert (len(rest.added), rest.is_stopped) == (60 - len(report.added), False)


def test_what_was_stopped_stays_so_when_something_else_comes_in(home: Path, folder: Path, tmp_path: Path) -> None:
    for number in range(60):
        (folder / f"{number:03d}.txt").write_text(f"Note {number}. " * 30)
    other = tmp_path / "other.txt"
    other.write_text("Something else. " * 30)
    assistant = open_assistant(works=False)
    after: list[Future[ImportReport]] = []

    def change_mind(_progress: ImportProgress) -> None:
        if not after:
            assistant.cancel_import()
            after.append(assistant.import_paths([other], analyse=False))

    stopped = assistant.import_paths([folder], analyse=False, progress=change_mind).result(60)
    assert stopped.is_stopped
    assert len(stopped.added) < 60
    rest = after[0].result(60)
    assert (len(rest.added), rest.is_stopped) == (1, False)
    assistant.close()


def test_a_file_that_was_away_is_there_again(library: Library, folder: Path) -> None:
    file = folder / "note.txt"
    file.write_text("The tide comes in at five. " * 20)
    (item_id,) = bring(library, file).added
    library.mark_missing([file])
    assert library.item(item_id).is_missing  # type: ignore[union-attr]
    assert bring(library, file).known == 1
    assert not library.item(item_id).is_missing  # type: ignore[union-attr]


def test_originals_stay_as_they_are(library: Library, samples: Path, folder: Path) -> None:
    for file in samples.iterdir():
        if file.is_file():
            shutil.copy2(file, folder)
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}
    bring(library, folder)
    assert {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()} == before


def test_what_is_undone_while_it_comes_in_stays_out_and_the_rest_does_not_come(library: Library, folder: Path) -> None:
    for number in range(100):
        (folder / f"text {number:03}.txt").write_text(f"This is text number {number}, and no other.")
    (folder / "all.m3u8").write_text("text 000.txt\n")
    undone: list[LibraryChanges] = []

    def interrupt(_progress: object) -> None:
        if not undone:
            undone.append(library.undo())

    report = bring_in(library, [folder, folder / "all.m3u8"], None, lambda _changes: None, interrupt)
    assert undone[0].removed == report.added
    assert 0 < len(report.added) < 100
    assert not library.item_ids() and not library.root_paths() and not library.collections()
    library.redo()
    assert sorted(library.item_ids()) == sorted(report.added)


def test_what_is_taken_back_alone_while_it_comes_in_ends_too(library: Library, folder: Path) -> None:
    for number in range(100):
        (folder / f"text {number:03}.txt").write_text(f"This is text number {number}, and no other.")
    taken: list[LibraryChanges] = []

    def interrupt(_progress: object) -> None:
        if not taken:
            (step,) = (entry.group_id for entry in library.journal())
            library.create_collection("Something else")
            taken.append(library.take_back(step))

    report = bring_in(library, [folder], None, lambda _changes: None, interrupt)
    assert 0 < len(report.added) < 100
    assert not library.item_ids() and not library.root_paths()
    # Taken back alone that is no more: then the step holds again, and is undone whole.
    library.undo()
    assert sorted(library.item_ids()) == sorted(report.added)
