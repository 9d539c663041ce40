"""Folders are looked after: real files come, move, change and go while the program runs, was closed, or lost the drive."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from media_assistant.assistant import Assistant
from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.item import Item
from media_assistant.workflows.intake import looking
from media_assistant.workflows.intake.watching import Pace, _Ears
from tests.workflows.engine import open_assistant, wait_for

QUICK = Pace(settle=0.1, step=0.02, reach=0.15, sweep=0.3)


def test_macos_may_tell_a_folder_in_other_letters_than_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk of macOS gives `é` as `e` with an accent; what lies in the folder keeps the letters of the disk."""
    named = tmp_path / unicodedata.normalize("NFC", "Été")
    inner = named / unicodedata.normalize("NFC", "Noël")
    inner.mkdir(parents=True)
    disks = unicodedata.normalize("NFD", "/Noël/Été.mp4")
    told = unicodedata.normalize("NFD", str(named)) + disks
    roots = [str(tmp_path), str(named), str(inner)]
    assert looking.below(told, str(named)) is None and looking._root_of(told, roots) == str(tmp_path)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert looking.below(told, str(named)) == disks and looking.below(str(named), str(named)) == ""
    assert looking.below(told + "x", str(named)) == disks + "x"
    assert looking.below(unicodedata.normalize("NFD", str(named)) + "x", str(named)) is None
    assert looking.below("/é", "/") == "/é"
    assert looking._root_of(told, roots) == str(inner) and not looking._is_left_alone(told, roots)
    ears = _Ears([str(named)])
    try:
        assert ears._named(told) == str(named) + disks
        assert ears._named(str(tmp_path / "x")) == str(tmp_path / "x")
    finally:
        ears.close()


class Watched:
    """An assistant that looks after folders at a test's pace; waits for news, not for the clock."""

    def __init__(self, *, pace: Pace = QUICK, timeout_s: float = 20) -> None:
        self._timeout_s = timeout_s
        self.assistant: Assistant = open_assistant(works=False)
        self._news = threading.Condition()
        self.told: list[LibraryChanges] = []
        self.assistant.subscribe(self._hear)
        self.assistant.folders.pace = pace
        self.assistant.folders.start()

    def _hear(self, changes: LibraryChanges) -> None:
        with self._news:
            self.told.append(changes)
            self._news.notify_all()

    def until(self, is_so: Callable[[], object]) -> None:
        """Asked again at each piece of news."""
        with self._news:
            assert self._news.wait_for(is_so, timeout=self._timeout_s), "it never came true"

    def bring(self, *paths: Path, is_watched: bool = True) -> None:
        self.assistant.import_paths(paths).result()
        if is_watched:
            for path in paths:
                self.assistant.folders.watch(str(path), is_watched=True).result()

    def item_at(self, path: Path) -> Item | None:
        known = self.assistant.library.find_by_path(path)
        return self.assistant.library.item(known.item_id) if known else None

    @property
    def count(self) -> int:
        return len(self.assistant.library.item_ids())


Open = Callable[..., Watched]


@pytest.fixture
def watching() -> Iterator[Open]:
    opened: list[Watched] = []

    def open_it(**options: Pace) -> Watched:
        opened.append(Watched(**options))
        return opened[-1]

    yield open_it
    for each in opened:
        each.assistant.close()


@pytest.fixture
def folder(tmp_path: Path, samples: Path) -> Path:
    made = tmp_path / "my media"
    made.mkdir()
    shutil.copy(samples / "balloon.jpg", made / "balloon.jpg")
    shutil.copy(samples / "night-sky.txt", made / "night.txt")
    return made


def test_what_happens_in_a_watched_folder(watching: Open, folder: Path, samples: Path) -> None:
    watch = watching()
    watch.bring(folder)
    assert [(state.root.path, state.root.count, state.is_here) for state in watch.assistant.folders.states()] == [
        (str(folder), 2, True)
    ]
    night = watch.item_at(folder / "night.txt")
    assert night is not None

    shutil.copytree(samples, folder / "new", ignore=lambda _top, names: [n for n in names if n != "journey.mp4"])
    watch.until(lambda: watch.item_at(folder / "new" / "journey.mp4"))

    (folder / "new" / "night.txt").write_bytes((folder / "night.txt").read_bytes())
    (folder / "night.txt").unlink()
    watch.until(lambda: (moved := watch.item_at(folder / "new" / "night.txt")) and moved.id == night.id)
    (folder / "new").rename(folder / "renamed 改名")
    watch.until(lambda: (moved := watch.item_at(folder / "renamed 改名" / "night.txt")) and moved.id == night.id)
    watch.until(
        lambda: not any(item.is_missing for item in watch.assistant.library.items(watch.assistant.library.item_ids()))
    )
    assert watch.count == 3

    text = folder / "renamed 改名" / "night.txt"
    runs = len(watch.assistant.jobs())
    text.write_text("Something else is written here now. " * 20)
    watch.until(lambda: watch.assistant.library.find_by_path(text).size_bytes == text.stat().st_size)  # type: ignore[union-attr]
    assert watch.item_at(text).id == night.id  # type: ignore[union-attr]
    assert len(watch.assistant.jobs()) >= runs

    (folder / "balloon.jpg").unlink()
    watch.until(lambda: watch.item_at(folder / "balloon.jpg").is_missing)  # type: ignore[union-attr]
    assert watch.count == 3, "only marked"


def test_what_a_walk_passes_over_is_not_taken_in_by_news_of_it(watching: Open, folder: Path, samples: Path) -> None:
    watch = watching()
    watch.bring(folder)
    (folder / ".hidden").mkdir()
    shutil.copy(samples / "lighthouse.md", folder / ".hidden" / "note.md")
    # In this order: without its film it would be a text of its own.
    shutil.copy(samples / "journey.mp4", folder / "journey.mp4")
    (folder / "journey.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nThe harbour.\n")
    watch.until(lambda: watch.item_at(folder / "journey.mp4"))
    shutil.copy(samples / "bright-morning.flac", folder / "last.flac")
    watch.until(lambda: watch.item_at(folder / "last.flac"))
    assert watch.item_at(folder / ".hidden" / "note.md") is None
    assert watch.item_at(folder / "journey.srt") is None, "it is read with the film"


def test_what_happened_while_the_program_was_closed(watching: Open, folder: Path, samples: Path) -> None:
    first = watching()
    first.bring(folder)
    night = first.item_at(folder / "night.txt")
    first.assistant.close()
    (folder / "deep").mkdir()
    (folder / "night.txt").rename(folder / "deep" / "renamed.txt")
    shutil.copy(samples / "bright-morning.flac", folder / "song.flac")
    second = watching()
    second.until(lambda: second.item_at(folder / "song.flac") and second.item_at(folder / "deep" / "renamed.txt"))
    assert second.item_at(folder / "deep" / "renamed.txt").id == night.id  # type: ignore[union-attr]
    assert second.count == 3


def test_a_drive_that_goes_and_comes_back(watching: Open, folder: Path, tmp_path: Path, samples: Path) -> None:
    watch = watching()
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(samples / "bright-morning.flac", other / "song.flac")
    watch.bring(folder)
    watch.bring(other, is_watched=False)
    library = watch.assistant.library
    for root in (folder, other):
        root.rename(root.with_name(root.name + " unplugged"))
    watch.until(lambda: all(item.is_missing for item in library.items(library.item_ids())))
    watch.until(lambda: not any(state.is_here for state in watch.assistant.folders.states()))
    assert watch.count == 3, "nothing is removed"
    with pytest.raises(UserFixable, match="folder_missing"):
        watch.assistant.folders.look_again(str(folder)).result()
    shutil.copy(samples / "balloon.jpg", folder.with_name(folder.name + " unplugged") / "again.jpg")
    for root in (folder, other):
        root.with_name(root.name + " unplugged").rename(root)
    watch.until(lambda: not any(item.is_missing for item in library.items(library.item_ids())))
    watch.until(lambda: (item := watch.item_at(folder / "balloon.jpg")) and item.copies)
    assert all(state.is_here for state in watch.assistant.folders.states())
    shutil.copy(samples / "night-sky.txt", other / "not watched.txt")
    shutil.copy(samples / "journey.mp4", folder / "heard again.mp4")
    watch.until(lambda: watch.item_at(folder / "heard again.mp4"))
    assert watch.item_at(other / "not watched.txt") is None


def test_what_a_person_took_out_stays_out(watching: Open, folder: Path) -> None:
    watch = watching()
    watch.bring(folder)
    balloon = watch.item_at(folder / "balloon.jpg")
    watch.assistant.remove_items([balloon.id]).result()  # type: ignore[union-attr]
    watch.assistant.folders.look_again(str(folder)).result()
    (folder / "balloon.jpg").rename(folder / "balloon renamed.jpg")
    watch.assistant.folders.look_again(str(folder)).result()
    assert watch.count == 1
    watch.assistant.import_paths([folder / "balloon renamed.jpg"]).result()
    assert watch.count == 2, "a person who brings it in again means it"


def test_a_folder_taken_off_the_list_is_left_alone_and_undo_brings_it_back(watching: Open, folder: Path) -> None:
    watch = watching()
    watch.bring(folder)
    watch.assistant.folders.remove(str(folder), with_items=True).result()
    assert watch.count == 0
    assert watch.assistant.folders.states() == []
    (folder / "unseen.txt").write_text("Nobody looks here any more. " * 20)
    watch.assistant.undo().result()
    assert watch.count >= 2
    watch.until(lambda: watch.item_at(folder / "unseen.txt"))
    assert sorted(path.name for path in folder.iterdir()) == ["balloon.jpg", "night.txt", "unseen.txt"]


def test_where_the_system_tells_nothing_folders_are_looked_through(
    watching: Open, folder: Path, monkeypatch: pytest.MonkeyPatch, samples: Path
) -> None:
    monkeypatch.setattr("media_assistant.workflows.intake.watching.is_on_network", lambda _folder: True)
    watch = watching()
    watch.bring(folder)
    shutil.copy(samples / "bright-morning.flac", folder / "song.flac")
    watch.until(lambda: watch.item_at(folder / "song.flac"))


def test_news_that_break_off_are_asked_for_no_more_and_folders_are_looked_through(
    watching: Open, folder: Path, samples: Path
) -> None:
    watch = watching()
    watch.bring(folder)
    folders = watch.assistant.folders
    wait_for(lambda: folders._ears.hears)
    plain = folders._ears._notify

    class Broken:
        """As the watcher is when the system tells it no more."""

        def watch(self, *_how: object) -> object:
            raise RuntimeError("error in underlying watcher")

        def close(self) -> None:
            plain.close()

    folders._ears._notify = Broken()
    wait_for(lambda: folders._ears.deaf == [str(folder)])
    shutil.copy(samples / "bright-morning.flac", folder / "song.flac")
    watch.until(lambda: watch.item_at(folder / "song.flac"))


def test_no_fault_ends_looking_after_folders(
    watching: Open, folder: Path, monkeypatch: pytest.MonkeyPatch, samples: Path
) -> None:
    from media_assistant.workflows.intake import looking

    plain, faults = looking.reach, [ValueError("nobody thought of it")]

    def reach(path: str) -> tuple[bool, bool, int]:
        if faults:
            raise faults.pop()
        return plain(path)

    monkeypatch.setattr(looking, "reach", reach)
    watch = watching()
    watch.bring(folder)
    wait_for(lambda: not faults)
    shutil.copy(samples / "bright-morning.flac", folder / "song.flac")
    watch.until(lambda: watch.item_at(folder / "song.flac"))


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_folder_behind_a_link(watching: Open, folder: Path, tmp_path: Path, samples: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder, target_is_directory=True)
    watch = watching()
    watch.bring(link)
    shutil.copy(samples / "bright-morning.flac", folder / "song.flac")
    watch.until(lambda: watch.item_at(link / "song.flac"))
    assert watch.count == 3
    assert all(not item.copies for item in watch.assistant.library.items(watch.assistant.library.item_ids()))
