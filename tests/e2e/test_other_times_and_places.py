"""Clocks that jump, other time zones, other locales, two programs at once: what is there stays right."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from media_assistant.assistant import Assistant
from media_assistant.library.backup import list_backups
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from tests.e2e.odd_files import ODD_NAMES, photo, song
from tests.e2e.test_bad_places import ask

pytestmark = [pytest.mark.timeout(300), pytest.mark.skipif(sys.platform == "win32", reason="zones and locales of Unix")]

CLOCKS = ("library.database", "library.backup", "library.putting_back", "media.capture")
DAY, TEN_YEARS = timedelta(days=1), timedelta(days=3653)
Jump = Callable[[timedelta], None]


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Jump:
    """Sets the clock of the wall further or back; the one that only counts on is the system's own."""
    shift = timedelta()

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + shift

    for name in CLOCKS:
        monkeypatch.setattr(f"media_assistant.{name}.datetime", Shifted)

    def by(further: timedelta) -> None:
        nonlocal shift
        shift += further

    return by


def opened(**options: Any) -> Assistant:
    return Assistant.open(find_paths(), Settings(language="en"), is_foreground=True, **options)


@pytest.mark.parametrize(
    ("further", "is_between_starts"),
    [(-DAY, True), (TEN_YEARS, False)],
    ids=["a day back between two starts", "ten years further during work"],
)
def test_a_clock_that_jumps_spoils_nothing(
    tmp_path: Path, jump: Jump, further: timedelta, is_between_starts: bool
) -> None:
    assistant = opened()
    (first,) = assistant.import_paths([song(tmp_path / "first.wav", 1)]).result(60).added
    assistant.add_tag([first], "one").result(30)
    if is_between_starts:
        assistant.close()
        jump(further)
        assistant = opened()
    else:
        begun = assistant.import_paths([song(tmp_path / "during.wav", 2)])
        jump(further)
        assert len(begun.result(60).added) == 1
    try:
        (second,) = assistant.import_paths([song(tmp_path / "second.wav", 3)]).result(60).added
        assistant.when_idle().result(120)
        progress = assistant.progress()
        assert progress.failed == 0 and not assistant.library.job_counts().waiting
        assert progress.left_s is None or 0 <= progress.left_s < 3600
        assistant.add_tag([second], "two").result(30)
        # Steps are taken back in the order in which they were done, whatever their times say.
        assistant.undo().result(30)
        assert [[tag.concept.en for tag in assistant.library.details(each).tags] for each in (first, second)] == [
            ["one"],
            [],
        ]
        assistant.undo().result(30)
    finally:
        assistant.close()
    jump(-2 * further)
    assistant = opened(works=False)
    try:
        assistant.redo().result(30)
        assert [tag.concept.en for tag in assistant.library.details(first).tags] == ["one"]
    finally:
        assistant.close()


def test_there_is_a_backup_a_day_whatever_the_clock_did(tmp_path: Path, jump: Jump) -> None:
    assistant = opened(works=False)
    file = assistant.paths.library
    try:
        number = itertools.count(1)

        def another_day(further: timedelta) -> int:
            """How many there are, after something changed and the day's was asked for."""
            jump(further)
            length_s = next(number)
            assistant.import_paths([song(tmp_path / f"{length_s}.wav", length_s)]).result(60)
            assistant.backups.make_daily().result(60)
            return len(list_backups(file))

        assert another_day(timedelta()) == 1
        assert another_day(timedelta(hours=1)) == 1
        assert another_day(-DAY - timedelta(hours=2)) == 2, "set back: the one of tomorrow does not stand for today's"
        assert another_day(TEN_YEARS) == 3
        assert another_day(-TEN_YEARS + DAY * 3) == 4, "set right again"
        assert another_day(timedelta(minutes=1)) == 4
        assert another_day(DAY) == 5
        days = [datetime.strptime(each.name[8:16], "%Y%m%d").replace(tzinfo=UTC) for each in list_backups(file)]
        assert len(days) == len(set(days))
    finally:
        assistant.close()


def test_days_stay_what_they_were_in_another_time_zone(tmp_path: Path, zone: Callable[[str], None]) -> None:
    """By the camera's own clock, by the name, by the file's time: brought in at home, looked at elsewhere."""
    files = tmp_path / "files"
    files.mkdir()
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2024:05:01 23:30:00"
    Image.new("RGB", (64, 64), "red").save(files / "camera.jpg", exif=exif)
    photo(files / "IMG_20240501_233000.jpg", 1)
    late = photo(files / "plain.jpg", 2)
    os.utime(
        late, ns=(0, int(datetime(2024, 5, 1, 16, 30, tzinfo=UTC).timestamp() * 1e9))
    )  # half past midnight in Shanghai
    answers = []
    for number, name in enumerate(("Asia/Shanghai", "America/Los_Angeles", "UTC", "Pacific/Kiritimati")):
        zone(name)
        assistant = opened()
        try:
            if not number:
                assistant.import_paths([files]).result(60)
                assistant.when_idle().result(120)
            library = assistant.library
            items = library.items(library.item_ids())
            days = {item.title: item.facts.captured.at for item in items if item.facts.captured}
            asked = ("since:2024-05-02", "before:2024-05-02", "since:2024-05-01")
            found = {
                query: sorted(hit.item.title for hit in assistant.search(query).result(60).hits) for query in asked
            }
            answers.append((days, found))
        finally:
            assistant.close()
    days, found = answers[0]
    assert [days[title][:10] for title in ("camera", "IMG_20240501_233000", "plain")] == [
        "2024-05-01", "2024-05-01", "2024-05-02"
    ]  # fmt: skip
    assert found["since:2024-05-02"] == ["plain"]
    assert all(other == answers[0] for other in answers[1:])


def test_names_and_answers_are_the_same_in_every_locale(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for number, name in enumerate((*ODD_NAMES.values(), "İSTANBUL ışık.jpg")):
        photo(files / name, number)
    old = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    locales = [old, *({"LC_ALL": name} for name in ("tr_TR.UTF-8", "de_DE.UTF-8", "zh_CN.GBK"))]
    assert len(ask("import", files, "--no-analyse", environment=old)["added"]) == len(ODD_NAMES) + 1
    listed = ask("list", environment={"LC_ALL": "C.UTF-8"})["items"]
    shown = {os.fsencode(Path(item["path"]).name) for item in listed}
    assert shown >= {name for name in os.listdir(os.fsencode(files)) if b"\xff" not in name}
    for environment in locales:
        assert ask("list", environment=environment)["items"] == listed
        (found,) = ask("list", "istanbul", environment=environment)["items"]
        assert found["title"].startswith("İSTANBUL")
        assert ask("import", files, "--no-analyse", environment=environment)["known"] == len(listed)


def test_a_window_and_a_command_on_one_library(tmp_path: Path, home: Path) -> None:
    """Whoever came first writes; the other is told so in one sentence, and may look."""
    assistant = opened()
    try:
        (item_id,) = assistant.import_paths([song(tmp_path / "song.wav", 1)]).result(60).added
        for words in (("tag", "add", str(item_id), "x"), ("import", tmp_path), ("jobs", "retry")):
            assert ask(*words, status=1)["error"]["code"] == "jobs.library_in_use"
        assert ask("jobs", "pause")["paused"] and assistant.progress().is_paused, "one switch for both"
        assert not ask("jobs", "resume")["paused"] and not assistant.progress().is_paused
        assert [item["title"] for item in ask("list")["items"]] == ["song"]
        assistant.add_tag([item_id], "still mine").result(30)
    finally:
        assistant.close()
    assert [tag["name"] for tag in ask("show", item_id)["tags"]] == ["still mine"]
