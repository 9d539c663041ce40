"""Odd files, all dropped at once: each says one clear sentence in both languages, everything else goes on, nothing is lost."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_assistant.assistant import Assistant
from media_assistant.items.answers import ImportReport
from media_assistant.items.item import Item, ItemState
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Sentence
from media_assistant.items.tag import TagState
from tests.e2e.odd_files import GBK_TEXT, ODD_NAMES, odd_files, photo
from tests.e2e.understanding import fingerprints, open_assistant, plainly

pytestmark = [pytest.mark.timeout(300), pytest.mark.skipif(sys.platform == "win32", reason="pipes, links, odd names")]

PATIENCE_S = 240


@dataclasses.dataclass(frozen=True)
class Dropped:
    """What became of the folder of odd files."""

    assistant: Assistant
    files: dict[str, Path]
    report: ImportReport
    before: dict[str, str]
    after: dict[str, str]

    def item(self, what: str) -> Item:
        """The item of an odd file."""
        place = self.assistant.library.find_by_path(self.files[what])
        assert place is not None, f"{what} did not come in"
        item = self.assistant.library.item(place.item_id)
        assert item is not None
        return item

    def at_the_door(self, what: str) -> str:
        """What was said of a file that stayed outside."""
        told = dict((*self.report.failed, *self.report.ignored))
        return plainly(told[str(self.files[what])])


@pytest.fixture(scope="module")
def dropped(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dropped]:
    folder = tmp_path_factory.mktemp("odd")
    files = odd_files(folder / "files", samples)
    before = fingerprints(folder / "files")
    assistant = open_assistant(folder / "home")
    try:
        report = assistant.import_paths([folder / "files"]).result(timeout=60)
        assistant.when_idle().result(timeout=PATIENCE_S)
        yield Dropped(assistant, files, report, before, fingerprints(folder / "files"))
    finally:
        assistant.close()


def test_originals_are_as_they_were(dropped: Dropped) -> None:
    assert dropped.before == dropped.after
    assert len(dropped.before) > 30


def test_the_queue_ran_empty_and_only_bad_files_failed(dropped: Dropped) -> None:
    counts = dropped.assistant.library.job_counts()
    assert (counts.waiting, counts.running) == (0, 0)
    failed = {item.path for item in items_of(dropped.assistant) if item.state is ItemState.FAILED}
    named = {what for what, file in dropped.files.items() if str(file) in failed}
    assert named == {"pdf cut", "no streams", "sound of no samples", "bomb", "locked pdf"}
    for analysis in dropped.assistant.jobs(("failed",)):
        plainly(analysis.error)
        assert analysis.attempts == 1, "a bad file is not tried three times"
        assert analysis.error.code not in ("error.jobs.bug", "error.jobs.crashed", "error.analysis.fault")


def items_of(assistant: Assistant) -> list[Item]:
    return list(assistant.library.items([int(each) for each in assistant.library.item_ids()]))


@pytest.mark.parametrize(
    ("what", "says"),
    [
        *((f"0 bytes {suffix}", "empty") for suffix in ("mp4", "mp3", "jpg", "pdf", "txt", "docx")),
        ("program called mp4", "Not a video"),
        ("pipe", "Neither a file"),
        ("socket", "Neither a file"),
        ("device", "Neither a file"),
        ("dead link", "not there"),
        ("link to itself", "could not be read"),
    ],
)
def test_what_stays_outside_is_told_at_the_door(dropped: Dropped, what: str, says: str) -> None:
    assert says in dropped.at_the_door(what)


@pytest.mark.parametrize(
    ("what", "kind", "says"),
    [
        ("pdf cut", Kind.TEXT, "damaged"),
        ("locked pdf", Kind.TEXT, "password"),
        ("no streams", Kind.VIDEO, "neither picture nor sound"),
        ("sound of no samples", Kind.MUSIC, "nothing in it"),
        ("bomb", Kind.PHOTO, "900 million pixels"),
        ("video cut in its data", Kind.VIDEO, "breaks off"),
        ("photo cut", Kind.PHOTO, "breaks off"),
    ],
)
def test_a_bad_file_says_what_is_wrong_on_its_item(dropped: Dropped, what: str, kind: Kind, says: str) -> None:
    item = dropped.item(what)
    assert item.kind is kind
    assert says in plainly(item.error)


def test_what_a_broken_file_still_holds_is_understood(dropped: Dropped) -> None:
    for what in ("video cut in its data", "video cut in its middle"):
        item = dropped.item(what)
        assert item.state is ItemState.READY
        assert plainly(item.error)
        assert dropped.assistant.library.details(item.id).shots
    for what in ("video cut in its data", "video cut in its middle", "photo cut"):
        assert dropped.assistant.preview(dropped.item(what).id, "thumbnail") is not None


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("photo called mp4", Kind.PHOTO),
        ("film called txt", Kind.VIDEO),
        ("text called mp3", Kind.TEXT),
        ("sound without length", Kind.MUSIC),
        ("one frame", Kind.VIDEO),
        ("8k photo", Kind.PHOTO),
        ("50 MB line", Kind.TEXT),
        ("broken utf-8", Kind.TEXT),
        ("gbk", Kind.TEXT),
        *((f"name: {what}", Kind.PHOTO) for what in ODD_NAMES),
    ],
)
def test_what_is_only_odd_is_understood(dropped: Dropped, what: str, kind: Kind) -> None:
    item = dropped.item(what)
    assert (item.kind, item.state) == (kind, ItemState.READY)
    assert not item.error
    assert item.path == str(dropped.files[what]), "the name came back as it was, byte for byte"


def test_lengths_and_sizes_of_odd_files(dropped: Dropped) -> None:
    assert abs(dropped.item("sound without length").facts.duration_ms - 2000) < 50
    facts = dropped.item("8k photo").facts
    assert (facts.width, facts.height) == (7680, 4320)
    assert len(dropped.assistant.library.details(dropped.item("one frame").id).shots) == 1


def test_odd_texts_are_found_by_their_words(dropped: Dropped) -> None:
    for what, query in (("gbk", "小和尚"), ("broken utf-8", "on it goes"), ("50 MB line", "word and another")):
        hits = dropped.assistant.search(f'"{query}"').result(timeout=60).hits
        assert dropped.item(what).id in [hit.item.id for hit in hits], what
    assert GBK_TEXT[:6] in dropped.assistant.library.details(dropped.item("gbk").id).lines[0].text


def test_nothing_is_doubled_when_it_is_dropped_again(dropped: Dropped) -> None:
    library = dropped.assistant.library
    before = sorted(int(each) for each in library.item_ids())
    again = dropped.assistant.import_paths([dropped.files["fine"].parent]).result(timeout=60)
    dropped.assistant.when_idle().result(timeout=PATIENCE_S)
    assert (again.added, again.moved, again.known) == ((), 0, len(before))
    assert sorted(int(each) for each in library.item_ids()) == before
    assert [path for path, _ in again.failed] == [path for path, _ in dropped.report.failed]
    with sqlite3.connect(dropped.assistant.paths.library) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    opened = open_assistant(tmp_path / "home")
    try:
        yield opened
    finally:
        opened.close()


def test_a_file_that_goes_before_its_turn(assistant: Assistant, tmp_path: Path) -> None:
    photos = [photo(tmp_path / f"{number}.jpg", number) for number in range(3)]
    assistant.pause().result(timeout=30)
    ids = assistant.import_paths(photos).result(timeout=30).added
    photos[1].rename(tmp_path / "elsewhere")
    assistant.resume().result(timeout=30)
    assistant.when_idle().result(timeout=PATIENCE_S)
    gone, *rest = (assistant.library.item(each) for each in (ids[1], ids[0], ids[2]))
    assert gone is not None
    assert gone.is_missing
    assert "not there any more" in plainly(gone.error)
    assert all(item is not None and item.state is ItemState.READY for item in rest)
    # It comes back, and all is well without a word from the person.
    (tmp_path / "elsewhere").rename(photos[1])
    assistant.import_paths(photos).result(timeout=30)
    assistant.when_idle().result(timeout=PATIENCE_S)
    back = assistant.library.item(ids[1])
    assert back is not None
    assert (back.state, back.is_missing, bool(back.error)) == (ItemState.READY, False, False)


def test_moved_replaced_and_copied(assistant: Assistant, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    photos = [photo(folder / f"{number}.jpg", number) for number in range(4)]
    ids = assistant.import_paths([folder]).result(timeout=30).added
    assistant.when_idle().result(timeout=PATIENCE_S)
    assistant.add_tag(list(ids), "mine").result(timeout=30)
    done = [assistant.library.details(each).analyses for each in ids]

    (folder / "deep 深").mkdir()
    photos[0].rename(folder / "deep 深" / "renamed 改名.jpg")
    photos[1].rename(folder / "1 renamed.jpg")
    shutil.copy(photos[2], folder / "copy.jpg")
    report = assistant.import_paths([folder]).result(timeout=30)
    assistant.when_idle().result(timeout=PATIENCE_S)
    assert (report.added, report.moved) == ((), 2)
    assert [assistant.library.details(each).analyses for each in ids] == done, "something was analysed again"
    original = assistant.library.item(ids[2])
    assert original is not None
    assert original.copies == (str(folder / "copy.jpg"),)

    colours = assistant.library.details(ids[3]).traits["perceptual_hash"]
    photo(photos[3], 77)
    os.utime(photos[3], ns=(1, 1))
    report = assistant.import_paths([folder]).result(timeout=30)
    assistant.when_idle().result(timeout=PATIENCE_S)
    assert report.added == ()
    details = assistant.library.details(ids[3])
    assert details.traits["perceptual_hash"] != colours, "the new content was not looked at"
    assert [tag.concept.en for tag in details.tags if tag.state is TagState.ACCEPTED] == ["mine"]
    assert len(items_of(assistant)) == 4


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user")
def test_promise_10_a_file_that_may_not_be_read() -> None:
    """Root reads everything, so another user asks."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        folder.chmod(0o777)
        photo(folder / "secret.jpg", 1).chmod(0o000)
        photo(folder / "open.jpg", 2)
        (folder / "closed").mkdir()
        photo(folder / "closed" / "in.jpg", 3)
        (folder / "closed").chmod(0o000)
        ask = (
            "import os, sys\n"
            "from pathlib import Path\n"
            "from media_assistant.media.sniff import sniff\n"
            "from media_assistant.media.walk import walk, Ignored\n"
            "from media_assistant.errors import UserFixable\n"
            "sniff(Path(sys.argv[1]) / 'open.jpg')  # what is imported late must be there already\n"
            "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
            "for met in walk([Path(sys.argv[1])]):\n"
            "    try:\n"
            "        said = met.reason.code if isinstance(met, Ignored) else sniff(met.path).kind.value\n"
            "    except UserFixable as fault: said = 'error.' + fault.code\n"
            "    print(met.path.name, said)\n"
        )
        program = [sys.executable, "-c", ask, str(folder)]
        done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
        assert dict(line.split(" ") for line in done.stdout.splitlines()) == {
            "open.jpg": "photo",
            "secret.jpg": "error.media.unreadable",
            "closed": "error.media.unreadable",
        }, done.stderr
        plainly(Sentence("error.media.unreadable"))
        (folder / "closed").chmod(0o700)
