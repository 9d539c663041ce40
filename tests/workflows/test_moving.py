"""Files that move: by the thousand, while the program is closed or open, and with the whole drive; nothing is lost by it."""

from __future__ import annotations

import ntpath
import os
import random
import shutil
from collections import Counter
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from media_assistant.items.concept import Concept
from media_assistant.items.moment import Layer
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.items.transcript import Rewrite, retype
from media_assistant.items.whereabouts import Loss, Reason
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.workflows.intake import losing, relinking, standing
from media_assistant.workflows.intake.importing import import_paths
from media_assistant.workflows.intake.looking import check_known, look_through
from media_assistant.workflows.intake.watching import Pace
from tests.library.making import chunk, open_new
from tests.workflows.engine import open_assistant, wait_for
from tests.workflows.test_folders import Watched

MANY = 1000
KEPT = Concept("own:kept", "kept")
FOLDERS = ("", "2024", "2024/海边 🏖", "2025", "2025/deep/deeper", "Été")
NAMES = (
    "IMG_{}.txt",
    "照片 {}.txt",
    "🎬 clip {}.txt",
    "a much longer name than it had before, number {}.txt",
    "Ünïcode {}.TXT",
)
BOUND_S = 60.0
PACE = Pace(settle=0.3, step=0.05, reach=0.2, sweep=600)


def test_a_file_on_another_spelling_of_its_drive_is_not_a_renamed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where `d:` and `D:` are one drive, and a drive lies in no list."""
    names = {"D:\\films": ["New.mp4"], "d:\\films": ["New.mp4"], "D:\\": ["films"], "d:\\": ["films"]}
    rules = SimpleNamespace(
        split=ntpath.split, abspath=ntpath.abspath, dirname=ntpath.dirname, samefile=lambda _one, _other: True
    )
    monkeypatch.setattr(standing, "os", SimpleNamespace(path=rules, listdir=names.__getitem__))
    assert not standing.is_renamed_to("d:\\films\\New.mp4", "D:\\films\\New.mp4")
    assert not standing.is_renamed_to("d:\\", "D:\\")
    assert not standing.is_renamed_to("\\\\NAS\\films\\", "\\\\nas\\films\\")
    assert standing.is_renamed_to("D:\\films\\new.mp4", "D:\\films\\New.mp4")
    assert standing.is_renamed_to("D:\\Films\\New.mp4", "D:\\films\\New.mp4")
    assert not standing.is_renamed_to("D:\\films\\New.mp4", "D:\\films\\New.mp4")


class Home:
    """Two watched folders full of texts, all of them understood, many with words of the person's."""

    def __init__(self, home: Path, count: int = MANY) -> None:
        self.random = random.Random(count)
        self.roots = [home / "one", home / "two 二"]
        self.texts: list[bytes] = []
        for number in range(count):
            # One in twenty is a copy of another; some have size and time in common, and only their content differs.
            same = number % 20 == 19
            text = self.texts[-1] if same else f"This is text number {number:04}, and no other.".encode()
            path = self.roots[number % 2] / self.random.choice(FOLDERS) / f"text {number:04}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
            if number % 3 == 0:
                os.utime(path, ns=(10**18, 10**18))
            self.texts.append(text)

    def fill(self) -> None:
        """Bring all of it in, as one day, and say something of it on another."""
        assistant = open_assistant(works=False)
        library = assistant.library
        assistant.import_paths(self.roots).result()
        for root in self.roots:
            assistant.folders.watch(str(root), is_watched=True).result()
        ids = list(library.item_ids())
        with library._database.transaction():
            for job in library.jobs(limit=1_000_000):
                found = [] if job.analyser == "preview" else chunk(0)
                library.save_findings(job.item_id, job.analyser, 1000, "net", "r1", found, is_first_chunk=True)
                library.finish_analysis(job.item_id, job.analyser, 1000, "net", "r1")
        with library._database.transaction():
            for number, item_id in enumerate(ids):
                speak(library, item_id, number)
        library.create_collection("Mine 我的", item_ids=ids[:50])
        for item_id in sorted(ids)[::10]:
            picture = assistant._previews / str(item_id) / "thumbnail"
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_bytes(f"a picture of {item_id}".encode())
        assistant.close()

    def move(self) -> None:
        """Every file somewhere else or called something else: swapped with others, shifted by one, in another case, in
        another folder or root, by names of every kind; a few stay.
        """
        files = sorted(path for root in self.roots for path in root.rglob("*") if path.is_file())
        self.random.shuffle(files)
        tenth = len(files) // 10
        stay, swap, shift, case, rest = (
            files[:tenth],
            files[tenth : 2 * tenth // 2 * 2],
            files[2 * tenth : 3 * tenth],
            files[3 * tenth : 4 * tenth],
            files[4 * tenth :],
        )
        targets: dict[Path, Path] = {path: path for path in stay}
        for one, other in zip(swap[::2], swap[1::2], strict=False):
            targets[one], targets[other] = other, one
        targets |= dict(zip(shift, [*shift[1:], shift[0]], strict=True))
        targets |= {path: path.with_name(path.name.swapcase()) for path in case}
        for number, path in enumerate(rest):
            name = self.random.choice(NAMES).format(number)
            targets[path] = self.random.choice(self.roots) / self.random.choice((*FOLDERS, "new 新")) / name
        aside = self.roots[0].parent / "aside"
        aside.mkdir()
        moving = {path: target for path, target in targets.items() if path != target}
        for number, path in enumerate(moving):
            path.rename(aside / str(number))
        for number, target in enumerate(moving.values()):
            target.parent.mkdir(parents=True, exist_ok=True)
            (aside / str(number)).rename(target)
        aside.rmdir()

    def files(self) -> Counter[bytes]:
        return Counter(path.read_bytes() for root in self.roots for path in root.rglob("*") if path.is_file())


def speak(library: Library, item_id: int, number: int) -> None:
    """A word of the person's on this item, of another kind each time."""
    match number % 5:
        case 0:
            library.decide_tag([item_id], KEPT, TagState.ACCEPTED)
        case 1:
            said = library.moments(item_id, Layer.LINE)[0]
            library.rewrite_lines([Rewrite(item_id, (said,), (retype(said, f"corrected {number}"),))], "edit_line")
        case 2:
            library.keep_position(item_id, 1000 + number)
        case 3:
            library.mark(item_id, TimeSpan(number, number), "here 这里")


def all_kept(library: Library) -> dict[int, Any]:
    """What is known of every item, but for where its file lies and what that is called."""
    kept: dict[int, Any] = {}
    with library._database.read() as connection:
        for item in library.items(library.item_ids()):
            details = library.details(item.id)
            kept[item.id] = (
                details.tags,
                details.lines,
                details.labels,
                details.marks,
                details.left_off_ms,
                details.analyses,
                connection.execute('SELECT id, "values" FROM vectors WHERE item_id = ?', (item.id,)).fetchall(),
                connection.execute(
                    "SELECT id, is_stale, is_complete FROM runs WHERE item_id = ?", (item.id,)
                ).fetchall(),
            )
    kept[0] = list(library.collection_items(1))
    return kept


def assert_all_is_where_it_lies(library: Library, home: Home) -> None:
    """Each item's places are the files that hold its content, no more and no less."""
    found: Counter[bytes] = Counter()
    for item in library.items(library.item_ids()):
        assert not item.is_missing
        texts = {Path(path).read_bytes() for path in (item.path, *item.copies)}
        assert len(texts) == 1, item
        found[texts.pop()] += 1 + len(item.copies)
    assert found == home.files()
    assert all(not place.is_missing for place in library.locations())


def is_settled(library: Library, home: Home) -> bool:
    """Whether the library has every file where it lies now, and nothing else."""
    places = library.locations()
    if any(place.is_missing for place in places):
        return False
    files = {str(path) for root in home.roots for path in root.rglob("*") if path.is_file()}
    return {place.path for place in places} == files


def state_of(library: Library) -> tuple[dict[int, Any], object]:
    return all_kept(library), library.job_counts()


def assert_nothing_was_lost(watch: Watched, home: Home, before: tuple[dict[int, Any], object]) -> None:
    library = watch.assistant.library
    assert_all_is_where_it_lies(library, home)
    assert state_of(library) == before
    assert not library.job_counts().waiting, "nothing is analysed again"
    for item_id in sorted(before[0])[1::10]:
        picture = watch.assistant.preview(item_id, "thumbnail")
        assert picture is not None and picture.read_text() == f"a picture of {item_id}"


def test_promise_8_a_thousand_files_moved_and_renamed_while_closed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.fill()
    with closing(Library.open(find_paths().library)) as library:
        before = state_of(library)
    home.move()
    watch = Watched(pace=PACE, timeout_s=BOUND_S)
    try:
        watch.until(lambda: is_settled(watch.assistant.library, home))
        assert_nothing_was_lost(watch, home, before)
    finally:
        watch.assistant.close()


def test_promise_8_a_thousand_files_moved_and_renamed_while_open(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.fill()
    watch = Watched(pace=PACE, timeout_s=BOUND_S)
    try:
        watch.assistant.folders.look_again(str(home.roots[0])).result()
        before = state_of(watch.assistant.library)
        home.move()
        watch.until(lambda: is_settled(watch.assistant.library, home))
        assert_nothing_was_lost(watch, home, before)
    finally:
        watch.assistant.close()


# Promise 8: replaced, and a drive that is called something else


def brought(folder: Path, count: int, place: Path | None = None) -> tuple[Library, list[int]]:
    """A library of a folder's texts, each said something of; at a place of its own, or beside them."""
    for number in range(count):
        path = folder / f"{'abc'[number % 3]}" / f"text {number:03}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"This is text number {number}, and no other. " * 3)
    library = open_new(place or folder.parent)
    library.add_root(str(folder))
    ids = list(import_paths(library, [folder], plan=None, tell=lambda _: None).added)
    library.decide_tag(ids, KEPT, TagState.ACCEPTED)
    return library, ids


def missing(library: Library, ids: list[int]) -> tuple[int, int]:
    """How many are missing for certain, and how many only away."""
    items = library.items(ids)
    assert len(items) == len(ids), "nothing was removed"
    away = sum(item.is_offline for item in items)
    return sum(item.is_missing for item in items) - away, away


def test_promise_8_a_better_copy_keeps_the_persons_words_and_is_understood_anew(home: Path, samples: Path) -> None:
    folder = home / "media"
    folder.mkdir()
    shutil.copy(samples / "night-sky.txt", folder)
    assistant = open_assistant()
    assistant.import_paths([folder]).result()
    wait_for(lambda: not assistant.library.job_counts().waiting + assistant.library.job_counts().running)
    library = assistant.library
    (text,) = [
        item for item in library.items(library.item_ids()) if item.path.endswith(".txt") and "night" in item.path
    ]
    library.decide_tag([text.id], KEPT, TagState.ACCEPTED)
    library.keep_position(text.id, 4321)
    library.mark(text.id, TimeSpan(5, 5), "here")
    runs = {run.analyser: run.checkpoint_ms for run in library.runs([text.id])}
    labels = {each.concept.id for each in library.details(text.id).labels if each.concept}
    Path(text.path).write_text("A castle on a hill, and a dragon that guards the castle and its gold. " * 40)
    assistant.import_paths([folder]).result()
    wait_for(lambda: not assistant.library.job_counts().waiting + assistant.library.job_counts().running)
    details = library.details(text.id)
    assert [tag.concept for tag in details.tags if tag.state is TagState.ACCEPTED] == [KEPT]
    assert (details.left_off_ms, [mark.text for mark in details.marks]) == (4321, ["here"])
    assert {run.analyser for run in library.runs([text.id]) if not run.is_stale and run.is_complete} == set(runs)
    assert {each.concept.id for each in details.labels if each.concept} != labels, "new findings"
    assert len(library.item_ids()) == len(list(folder.iterdir()))
    assistant.close()


def test_promise_8_a_drive_of_another_name_is_found_again_with_its_folder(tmp_path: Path) -> None:
    library, ids = brought(tmp_path / "drive d" / "media", 12, tmp_path)
    library.watch_root(str(tmp_path / "drive d" / "media"), is_watched=True)
    shutil.move(tmp_path / "drive d", tmp_path / "drive e")
    relinking.check_files(library, ids)
    assert missing(library, ids) == (0, 12)
    proposal = relinking.look_in_folder(library, tmp_path / "drive e")
    assert {found.reason for found in proposal.found} == {Reason.CONTENT}
    assert proposal.moved == ((str(tmp_path / "drive d" / "media"), str(tmp_path / "drive e" / "media")),)
    library.relink(proposal.found, proposal.moved)
    assert missing(library, ids) == (0, 0)
    assert library.root_paths() == [(str(tmp_path / "drive e" / "media"), True)]
    library.undo()
    assert missing(library, ids) == (0, 12)
    assert library.root_paths() == [(str(tmp_path / "drive d" / "media"), True)]
    library.close()


def test_promise_8_what_has_only_the_name_is_proposed_with_the_reason(tmp_path: Path) -> None:
    library, ids = brought(tmp_path / "media", 3)
    files = [Path(item.path) for item in library.items(ids)]
    (tmp_path / "new").mkdir()
    shutil.move(files[0], tmp_path / "new" / "renamed.txt")
    (tmp_path / "new" / files[1].name.upper()).write_bytes(b"x" * files[1].stat().st_size)
    (tmp_path / "new" / files[2].name).write_text("A better copy. " * 50)
    for file in files[1:]:
        file.unlink()
    relinking.check_files(library, ids)
    proposal = relinking.look_in_folder(library, tmp_path / "new")
    assert [(found.item_id, found.reason) for found in proposal.found] == [(ids[0], Reason.CONTENT)]
    assert {found.item_id: found.reason for found in proposal.likely} == {
        ids[1]: Reason.NAME_AND_SIZE,
        ids[2]: Reason.NAME,
    }
    library.close()


# Promise 7


def test_promise_7_a_drive_that_is_not_connected_takes_nothing_with_it(tmp_path: Path) -> None:
    library, ids = brought(tmp_path / "media", 40)
    steps = len(library.journal())
    shutil.move(tmp_path / "media", tmp_path / "unplugged")
    look_through(library, str(tmp_path / "media"), plan=None, tell=lambda _: None)
    assert missing(library, ids) == (0, 40)
    assert losing.losses(library) == [], "a folder that is away is no question: it comes back"
    shutil.move(tmp_path / "unplugged", tmp_path / "media")
    look_through(library, str(tmp_path / "media"), plan=None, tell=lambda _: None)
    assert missing(library, ids) == (0, 0)
    assert len(library.journal()) == steps
    library.close()


@pytest.mark.parametrize("count", [3, 40])
def test_promise_7_an_empty_folder_where_the_drive_was_asks_first(tmp_path: Path, count: int) -> None:
    library, ids = brought(tmp_path / "media", count)
    root = str(tmp_path / "media")
    shutil.move(root, tmp_path / "unplugged")
    (tmp_path / "media").mkdir()
    look_through(library, root, plan=None, tell=lambda _: None)
    look_through(library, root, plan=None, tell=lambda _: None)
    assert missing(library, ids) == (0, count)
    assert losing.losses(library) == [Loss(root, count, count)]
    assert [tag.concept for tag in library.details(ids[0]).tags] == [KEPT]
    (tmp_path / "media").rmdir()
    shutil.move(tmp_path / "unplugged", root)
    check_known(library, root, tell=lambda _: None)
    assert missing(library, ids) == (0, 0)
    assert not losing.losses(library)
    library.close()


def test_promise_7_half_of_a_folder_gone_asks_first_and_takes_the_persons_word(tmp_path: Path) -> None:
    library, ids = brought(tmp_path / "media", 60)
    root = str(tmp_path / "media")
    files = [Path(item.path) for item in library.items(ids)]
    for file in files[:30]:
        file.unlink()
    relinking.check_files(library, ids[:8])
    assert missing(library, ids) == (0, 30), "all of the folder is looked at where some of it is gone"
    assert losing.losses(library) == [Loss(root, 30, 60)]
    look_through(library, root, plan=None, tell=lambda _: None)
    relinking.check_files(library, ids[:6])
    assert missing(library, ids) == (0, 30), "it does not answer itself"
    library.close()
    library = Library.open(library.file)
    assert losing.losses(library) == [Loss(root, 30, 60)], "nor by a restart"

    assert len(library.accept_loss(root).changed) == 30
    assert missing(library, ids) == (30, 0)
    assert not losing.losses(library)
    look_through(library, root, plan=None, tell=lambda _: None)
    assert missing(library, ids) == (30, 0), "asked once"
    library.undo()
    assert losing.losses(library) == [Loss(root, 30, 60)]

    assert library.remove_items(library.away_items(root)).removed
    assert len(library.item_ids()) == 30
    library.undo()
    assert missing(library, ids) == (0, 30)
    assert [tag.concept for tag in library.details(ids[0]).tags] == [KEPT]
    library.close()


def test_promise_7_a_few_files_that_are_gone_are_missing_without_a_question(tmp_path: Path) -> None:
    library, ids = brought(tmp_path / "media", 60)
    for item in library.items(ids[:5]):
        Path(item.path).unlink()
    look_through(library, str(tmp_path / "media"), plan=None, tell=lambda _: None)
    assert missing(library, ids) == (5, 0)
    assert not losing.losses(library)
    library.close()


def test_promise_7_a_folder_emptied_while_it_is_watched_asks_first(tmp_path: Path) -> None:
    folder = tmp_path / "media"
    for number in range(60):
        (folder / "deep").mkdir(parents=True, exist_ok=True)
        (folder / "deep" / f"{number}.txt").write_text(f"This is text number {number}. " * 3)
    watch = Watched(pace=PACE)
    try:
        watch.bring(folder)
        watch.assistant.folders.look_again(str(folder)).result()
        library, ids = watch.assistant.library, list(watch.assistant.library.item_ids())
        shutil.move(folder / "deep", tmp_path / "gone")
        watch.until(lambda: losing.losses(library) == [Loss(str(folder), 60, 60)])
        assert missing(library, ids) == (0, 60)
        shutil.move(tmp_path / "gone", folder / "deep")
        watch.until(lambda: missing(library, ids) == (0, 0))
        folder.rename(tmp_path / "unplugged")
        folder.mkdir()
        watch.until(lambda: losing.losses(library) == [Loss(str(folder), 60, 60)])
        folder.rmdir()
        (tmp_path / "unplugged").rename(folder)
        watch.until(lambda: missing(library, ids) == (0, 0))
    finally:
        watch.assistant.close()
